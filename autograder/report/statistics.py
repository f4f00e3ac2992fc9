"""A class in numbers: pure functions from records to what tables and charts show."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.feedback.safe import one_line
from autograder.records import ExerciseRecord, SubmissionRecord, TestRecord


@dataclass(frozen=True)
class ExerciseStats:
    """One exercise over all graded submissions; ``full`` and ``none`` count those with all and with no points."""

    id: str
    title: str
    max_points: float
    mean: float
    full: int
    none: int
    count: int


@dataclass(frozen=True)
class TestStats:
    """One test over all graded submissions."""

    exercise: str
    name: str
    description: str
    passed: int
    failed: int
    not_run: int

    @property
    def rate(self) -> float:
        """Share of submissions that pass; a test that did not run is not passed."""
        return self.passed / max(1, self.passed + self.failed + self.not_run)


@dataclass(frozen=True)
class MisconceptionStats:
    """One misconception, the exercise it belongs to, and how many students it was found with."""

    exercise: str
    id: str
    hint: str
    count: int


@dataclass(frozen=True)
class ClassStats:
    """Everything a class page or a terminal summary counts.  Shares and scores are of graded submissions only."""

    graded: int
    ungradable: int
    shares: tuple[float, ...]
    mean: float
    median: float
    max_score: float
    exercises: tuple[ExerciseStats, ...]
    tests: tuple[TestStats, ...]
    misconceptions: tuple[MisconceptionStats, ...]


def latest(records: Iterable[SubmissionRecord]) -> list[SubmissionRecord]:
    """Return the last record of each student and unit, sorted by student's name, then unit."""
    last = {(record.unit, record.student): record for record in records}
    return sorted(last.values(), key=lambda r: (r.student.casefold(), r.student, r.unit))


def share(points: float, max_points: float) -> float:
    """Return ``points / max_points`` within 0..1; 0 when nothing can be earned."""
    return min(1.0, points / max_points) if max_points > 0 else 0.0


def histogram(shares: Sequence[float], bins: int = 10) -> list[int]:
    """Return how many shares fall into each of ``bins`` equal intervals; 1.0 belongs to the last."""
    counts = Counter(min(bins - 1, int(s * bins + 1e-9)) for s in shares)
    return [counts[i] for i in range(bins)]


def class_stats(records: Sequence[SubmissionRecord]) -> ClassStats:
    """Return the numbers of a class.

    Args:
        records: one per student, of one unit (see :func:`latest`).
    """
    graded = [r for r in records if r.status == "graded"]
    scores = [r.score for r in graded]
    return ClassStats(
        graded=len(graded),
        ungradable=len(records) - len(graded),
        shares=tuple(share(r.score, r.max_score) for r in graded),
        mean=statistics.fmean(scores) if scores else 0.0,
        median=statistics.median(scores) if scores else 0.0,
        max_score=max((r.max_score for r in records), default=0.0),
        exercises=_exercises(graded),
        tests=_tests(graded),
        misconceptions=_misconceptions(graded),
    )


def _exercises(graded: Sequence[SubmissionRecord]) -> tuple[ExerciseStats, ...]:
    groups: dict[str, list[ExerciseRecord]] = {}
    for record in graded:
        for exercise in record.exercises:
            groups.setdefault(exercise.id, []).append(exercise)
    return tuple(
        ExerciseStats(
            id=id_,
            title=group[0].title,
            max_points=group[0].max_points,
            mean=statistics.fmean(e.points for e in group),
            full=sum(e.points >= e.max_points - 1e-9 for e in group),
            none=sum(e.points <= 1e-9 for e in group),
            count=len(group),
        )
        for id_, group in groups.items()
    )


def _tests(graded: Sequence[SubmissionRecord]) -> tuple[TestStats, ...]:
    """Return all tests, the hardest first; ties keep the order of the unit."""
    groups: dict[tuple[str, str], list[TestRecord]] = {}
    for record in graded:
        for exercise in record.exercises:
            for test in exercise.tests:
                groups.setdefault((exercise.id, test.name), []).append(test)
    out = []
    for (exercise_id, name), group in groups.items():
        outcomes = Counter(t.outcome for t in group)
        out.append(TestStats(exercise_id, name, group[0].description, outcomes["passed"], outcomes["failed"], outcomes["not_run"]))
    return tuple(sorted(out, key=lambda t: t.rate))


def _misconceptions(graded: Sequence[SubmissionRecord]) -> tuple[MisconceptionStats, ...]:
    """Return the misconceptions found, the commonest first; each student counts once for each.

    A mistake in one exercise is recognised again in those that use its function: it belongs to the first of them.
    """
    students: dict[str, set[str]] = {}
    first: dict[str, tuple[int, str, str]] = {}  # position of the exercise, its id, the hint
    for record in graded:
        for position, exercise in enumerate(record.exercises):
            for test in exercise.tests:
                if test.misconception and test.outcome == "failed":
                    students.setdefault(test.misconception, set()).add(record.student)
                    here = (position, exercise.id, test.hint)
                    first[test.misconception] = min(first.get(test.misconception, here), here)
    ranked = sorted(students, key=lambda id_: (-len(students[id_]), first[id_][0], id_))
    return tuple(MisconceptionStats(first[id_][1], id_, first[id_][2], len(students[id_])) for id_ in ranked)


_FACTS = (
    ("Sandbox level", "sandbox"),
    ("Grader version", "grader_version"),
    ("Seed fingerprint", "seed_fingerprint"),
    ("Tests", "tests_sha256"),
)


def _values(records: Sequence[SubmissionRecord], field: str) -> Counter[str]:
    return Counter(one_line(getattr(r, field), 64) for r in records if getattr(r, field))


def run_facts(records: Sequence[SubmissionRecord]) -> list[tuple[str, str]]:
    """Return what the records say about the run, as (label, value) pairs."""
    facts = []
    for label, field in _FACTS:
        found = _values(records, field).most_common(6)
        if found:
            facts.append((label, found[0][0] if len(found) == 1 else ", ".join(f"{value} ({count})" for value, count in found)))
    graded = [r for r in records if r.status == "graded"]
    if graded:
        cpu = [r.cpu_seconds for r in graded]
        wall = [r.seconds for r in graded]
        facts.append(("CPU seconds per submission", f"{sum(cpu) / len(cpu):.2f} on average, {max(cpu):.2f} at most"))
        facts.append(("Wall seconds per submission", f"{sum(wall) / len(wall):.2f} on average, {max(wall):.2f} at most"))
    return facts


def mixed_facts(records: Sequence[SubmissionRecord]) -> str:
    """Return which facts differ between graded records, as words, or nothing."""
    graded = [r for r in records if r.status == "graded"]
    return ", ".join(label.lower() for label, field in _FACTS if len(_values(graded, field)) > 1)
