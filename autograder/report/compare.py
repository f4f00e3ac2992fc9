"""Two gradings of the same class side by side: whose score changed, in which test, and why; pure functions of records."""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from itertools import groupby
from typing import Literal

import msgspec

from autograder.feedback.safe import one_line
from autograder.feedback.text import number
from autograder.records import ExerciseRecord, Outcome, SubmissionRecord, TestRecord
from autograder.report.export import markdown
from autograder.report.statistics import latest
from autograder.stored import Stored

Presence = Outcome | Literal["absent"]
_EPSILON = 1e-9
_WORDS = {"passed": "passed", "failed": "failed", "not_run": "did not run", "absent": "did not exist"}


class TestChange(msgspec.Struct, frozen=True):
    """A test that counts otherwise than before.

    Args:
        exercise, test: which.
        before, after: outcomes; ``absent`` where there was no such test.
        weight_before, weight_after: what it counted; 0 where it was absent.
        message: what it said when it failed, the newer of the two.
    """

    exercise: str
    test: str
    before: Presence
    after: Presence
    weight_before: float
    weight_after: float
    message: str

    def sentence(self) -> str:
        """Return the change in words."""
        if self.before == "absent":
            return f"{self.test} is new and {_WORDS[self.after]}"
        if self.after == "absent":
            return f"{self.test} {_WORDS[self.before]} and is gone"
        if self.before == self.after:
            return (
                f"{self.test} {_WORDS[self.after]} as before; it counts {number(self.weight_after)} instead of {number(self.weight_before)}"
            )
        return f"{self.test} {_WORDS[self.before]} and now {_WORDS[self.after]}"


class ExerciseChange(msgspec.Struct, frozen=True):
    """Points of one exercise before and after; None where it did not exist."""

    exercise: str
    before: float | None
    after: float | None


class Change(msgspec.Struct, frozen=True):
    """One student's unit that came out otherwise.

    Args:
        student, unit: whose.
        before, after: scores; None when there was no grade.
        status_before, status_after: ``graded``, ``ungradable`` or ``absent``.
        causes: what differs between the two gradings, in words.
        exercises: those whose points differ.
        tests: those that count otherwise.
    """

    student: str
    unit: str
    before: float | None
    after: float | None
    status_before: str
    status_after: str
    causes: tuple[str, ...]
    exercises: tuple[ExerciseChange, ...]
    tests: tuple[TestChange, ...]

    @property
    def difference(self) -> float:
        """Points gained; a missing grade counts as 0."""
        return (self.after or 0.0) - (self.before or 0.0)


class Comparison(msgspec.Struct, frozen=True):
    """All changes, and how many submissions came out as before."""

    changes: tuple[Change, ...]
    same: int


def compare(old: Collection[SubmissionRecord], new: Collection[SubmissionRecord]) -> Comparison:
    """Return what differs between two gradings, by unit and student.

    A submission whose score, status and every test's outcome and weight are the same is none of the changes.

    Args:
        old, new: the last record of a student and unit counts; those on disk stay there but for two at a time.
    """
    found = [_change(*pair) for pair in _pairs(old, new)]
    changes = tuple(change for change in found if change is not None)
    return Comparison(changes, len(found) - len(changes))


def _pairs(old: Collection[SubmissionRecord], new: Collection[SubmissionRecord]) -> Iterator[tuple[SubmissionRecord | None, SubmissionRecord | None]]:
    """Yield each student's records of a unit from both gradings."""
    merged = heapq.merge(*(_sided(records, side) for side, records in enumerate((old, new))), key=lambda item: item[:3])
    for _, both in groupby(merged, key=lambda item: item[:2]):
        sides = {side: record for _, _, side, record in both}
        yield sides.get(0), sides.get(1)


def _sided(records: Collection[SubmissionRecord], side: int) -> Iterator[tuple[str, str, int, SubmissionRecord]]:
    rows = records.by_unit() if isinstance(records, Stored) else sorted(latest(records), key=lambda r: (r.unit, r.student))
    return ((r.unit, r.student, side, r) for r in rows)


def _change(old: SubmissionRecord | None, new: SubmissionRecord | None) -> Change | None:
    known = new or old
    assert known is not None
    exercises, tests = _exercises(old, new), _tests(old, new)
    before, after = _score(old), _score(new)
    states = (old.status if old else "absent", new.status if new else "absent")
    moved = before is None or after is None or abs(after - before) > _EPSILON
    if not exercises and not tests and states[0] == states[1] and not (moved and before is not after):
        return None
    return Change(known.student, known.unit, before, after, *states, _causes(old, new), exercises, tests)


def _score(record: SubmissionRecord | None) -> float | None:
    return record.score if record is not None and record.status == "graded" else None


def _exercises(old: SubmissionRecord | None, new: SubmissionRecord | None) -> tuple[ExerciseChange, ...]:
    first, second = _by_id(old), _by_id(new)
    found = []
    for id_ in dict.fromkeys((*first, *second)):
        before, after = (side[id_].points if id_ in side else None for side in (first, second))
        if before is None or after is None or abs(before - after) > _EPSILON:
            found.append(ExerciseChange(id_, before, after))
    return tuple(found)


def _by_id(record: SubmissionRecord | None) -> dict[str, ExerciseRecord]:
    return {e.id: e for e in record.exercises} if record is not None else {}


def _tests(old: SubmissionRecord | None, new: SubmissionRecord | None) -> tuple[TestChange, ...]:
    if old is None or new is None or "ungradable" in (old.status, new.status):
        return ()
    first, second = ({(e.id, t.name): t for e in r.exercises for t in e.tests} for r in (old, new))
    found = []
    for exercise, name in dict.fromkeys((*first, *second)):
        before, after = first.get((exercise, name)), second.get((exercise, name))
        if before is None or after is None or (before.outcome, before.weight) != (after.outcome, after.weight):
            found.append(_test(exercise, name, before, after))
    return tuple(found)


def _test(exercise: str, name: str, before: TestRecord | None, after: TestRecord | None) -> TestChange:
    message = next((t.message for t in (after, before) if t is not None and t.message and t.outcome != "passed"), "")
    return TestChange(
        exercise,
        name,
        before.outcome if before else "absent",
        after.outcome if after else "absent",
        before.weight if before else 0.0,
        after.weight if after else 0.0,
        message,
    )


def _causes(old: SubmissionRecord | None, new: SubmissionRecord | None) -> tuple[str, ...]:
    if old is None or new is None:
        return ("graded for the first time" if old is None else "not graded again",)
    causes = []
    if old.sha256 != new.sha256:
        causes.append("the notebook is another one")
    if old.tests_sha256 != new.tests_sha256:
        causes.append("the unit's tests, reference or limits were changed")
    if old.seed_fingerprint != new.seed_fingerprint:
        causes.append("the course's secret, and with it the examples, are others")
    if old.grader_version != new.grader_version:
        causes.append(f"the grader is {one_line(new.grader_version, 40)} instead of {one_line(old.grader_version, 40)}")
    if old.sandbox != new.sandbox:
        causes.append(f"the sandbox is {one_line(new.sandbox, 20)} instead of {one_line(old.sandbox, 20)}")
    if old.status != new.status:
        causes.append(
            f"it could not be graded before: {one_line(old.reason)}"
            if old.status == "ungradable"
            else f"it cannot be graded now: {one_line(new.reason)}"
        )
    return tuple(causes) or ("nothing that decides a grade differs: the test gives both outcomes, or a limit was met",)


def to_text(comparison: Comparison) -> str:
    """Return the changes as plain text, the largest loss first within a unit."""
    lines = [f"{_counted(comparison)}", ""]
    for change in _ordered(comparison):
        lines.append(f"{one_line(change.unit, 60)}  {one_line(change.student, 80)}: {_scores(change)}")
        lines += [f"    why: {cause}" for cause in change.causes]
        for exercise in change.exercises:
            lines.append(f"    {one_line(exercise.exercise, 60)}: {_points(exercise.before)} → {_points(exercise.after)} points")
        for test in change.tests:
            said = f" ({one_line(test.message, 160)})" if test.message else ""
            lines.append(f"      {one_line(test.exercise, 60)}: {one_line(test.sentence(), 200)}{said}")
        lines.append("")
    lines += [*(f"{count} × {exercise}: {words}" for (exercise, words), count in _common(comparison)), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def to_markdown(comparison: Comparison) -> str:
    """Return the changes as tables: who, by how much and why; then which tests."""
    lines = ["## Grades before and after", "", _counted(comparison), ""]
    if comparison.changes:
        lines += ["| Student | Unit | Before | After | Difference | Why |", "| --- | --- | ---: | ---: | ---: | --- |"]
    for c in _ordered(comparison):
        cells = (
            markdown(one_line(c.student, 80)),
            markdown(c.unit),
            _points(c.before),
            _points(c.after),
            f"{c.difference:+.4g}",
            "; ".join(map(markdown, c.causes)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    tests = [(c, t) for c in _ordered(comparison) for t in c.tests]
    if tests:
        lines += ["", "| Student | Exercise | Test | What it said |", "| --- | --- | --- | --- |"]
        lines += [
            f"| {markdown(one_line(c.student, 80))} | {markdown(t.exercise)} | {markdown(t.sentence())} | {markdown(one_line(t.message, 200))} |"
            for c, t in tests
        ]
    return "\n".join(lines) + "\n"


def to_json(comparison: Comparison) -> str:
    """Return the changes as JSON."""
    return json.dumps(msgspec.to_builtins(comparison), ensure_ascii=True, indent=1) + "\n"


RENDERERS: dict[str, Callable[[Comparison], str]] = {"text": to_text, "markdown": to_markdown, "json": to_json}


def _ordered(comparison: Comparison) -> list[Change]:
    return sorted(comparison.changes, key=lambda c: (c.unit, c.difference, c.student))


def _counted(comparison: Comparison) -> str:
    up = sum(c.difference > _EPSILON for c in comparison.changes)
    down = sum(c.difference < -_EPSILON for c in comparison.changes)
    return f"{up} scores rose, {down} fell, {len(comparison.changes) - up - down} changed without moving the score, {comparison.same} are as before."


def _scores(change: Change) -> str:
    return f"{_points(change.before)} → {_points(change.after)} ({change.difference:+.4g})"


def _points(value: float | None) -> str:
    return "–" if value is None else number(value)


def _common(comparison: Comparison) -> list[tuple[tuple[str, str], int]]:
    counted = Counter((one_line(t.exercise, 60), one_line(t.sentence(), 200)) for c in comparison.changes for t in c.tests)
    return counted.most_common(20)
