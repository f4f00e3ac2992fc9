"""A class in numbers: pure functions from records to what tables and charts show."""

from __future__ import annotations

import dataclasses
import statistics
import sys
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from msgspec import structs

from autograder.feedback.safe import one_line
from autograder.records import ExerciseRecord, SubmissionRecord
from autograder.stored import Stored


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


def newest(records: Collection[SubmissionRecord]) -> Collection[SubmissionRecord]:
    """Return what :func:`latest` does, without taking records that are on disk into memory."""
    return records.by_name() if isinstance(records, Stored) else latest(records)


def outline(record: SubmissionRecord) -> SubmissionRecord:
    """Return a record without its tests and messages: what lists of a class need of it, in little memory."""
    exercises = (structs.replace(e, id=sys.intern(e.id), title=sys.intern(e.title), tests=()) for e in record.exercises)
    facts = {name: sys.intern(getattr(record, name)) for _, name in _FACTS}
    return structs.replace(record, unit=sys.intern(record.unit), sha256="", started_at="", messages=(), exercises=tuple(exercises), **facts)


def share(points: float, max_points: float) -> float:
    """Return ``points / max_points`` within 0..1; 0 when nothing can be earned."""
    return min(1.0, points / max_points) if max_points > 0 else 0.0


def histogram(shares: Sequence[float], bins: int = 10) -> list[int]:
    """Return how many shares fall into each of ``bins`` equal intervals; 1.0 belongs to the last."""
    counts = Counter(min(bins - 1, int(s * bins + 1e-9)) for s in shares)
    return [counts[i] for i in range(bins)]


def class_stats(records: Iterable[SubmissionRecord]) -> ClassStats:
    """Return the numbers of a class.

    Args:
        records: one per student, of one unit (see :func:`latest`); gone through once.
    """
    tally = Tally()
    for record in records:
        tally.add(record)
    return tally.stats()


class Tally:
    """Counts a class one record after the other, without keeping them."""

    def __init__(self) -> None:
        self._ungradable = 0
        self._max_score = 0.0
        self._scores, self._shares = array("d"), array("d")
        self._exercises: dict[str, _Exercise] = {}
        self._tests: dict[tuple[str, str], _Test] = {}
        self._students: dict[str, set[str]] = {}  # by misconception
        self._first: dict[str, tuple[int, str, str]] = {}  # by misconception: position of the exercise, its id, the hint

    def add(self, record: SubmissionRecord) -> None:
        """Count a record."""
        self._max_score = max(self._max_score, record.max_score)
        if record.status != "graded":
            self._ungradable += 1
            return
        self._scores.append(record.score)
        self._shares.append(share(record.score, record.max_score))
        for position, exercise in enumerate(record.exercises):
            if exercise.id not in self._exercises:
                self._exercises[exercise.id] = _Exercise(exercise.title, exercise.max_points)
            self._exercises[exercise.id].add(exercise)
            self._add_tests(position, exercise, record.student)

    def _add_tests(self, position: int, exercise: ExerciseRecord, student: str) -> None:
        for test in exercise.tests:
            if (exercise.id, test.name) not in self._tests:
                self._tests[exercise.id, test.name] = _Test(test.description)
            self._tests[exercise.id, test.name].outcomes[test.outcome] += 1
            if test.misconception and test.outcome == "failed":
                self._students.setdefault(test.misconception, set()).add(student)
                here = (position, exercise.id, test.hint)
                self._first[test.misconception] = min(self._first.get(test.misconception, here), here)

    def stats(self) -> ClassStats:
        """Return the numbers of all records so far."""
        return ClassStats(
            graded=len(self._scores),
            ungradable=self._ungradable,
            shares=tuple(self._shares),
            mean=statistics.fmean(self._scores) if self._scores else 0.0,
            median=statistics.median(self._scores) if self._scores else 0.0,
            max_score=self._max_score,
            exercises=tuple(item.stats(id_) for id_, item in self._exercises.items()),
            tests=self._hardest_first(),
            misconceptions=self._commonest_first(),
        )

    def _hardest_first(self) -> tuple[TestStats, ...]:
        """Return all tests, the hardest first; ties keep the order of the unit."""
        found = (
            TestStats(exercise, name, test.description, test.outcomes["passed"], test.outcomes["failed"], test.outcomes["not_run"])
            for (exercise, name), test in self._tests.items()
        )
        return tuple(sorted(found, key=lambda t: t.rate))

    def _commonest_first(self) -> tuple[MisconceptionStats, ...]:
        """Return the misconceptions found, the commonest first; each student counts once for each.

        A mistake in one exercise is recognised again in those that use its function: it belongs to the first of them.
        """
        students, first = self._students, self._first
        ranked = sorted(students, key=lambda id_: (-len(students[id_]), first[id_][0], id_))
        return tuple(MisconceptionStats(first[id_][1], id_, first[id_][2], len(students[id_])) for id_ in ranked)


@dataclass
class _Exercise:
    title: str
    max_points: float
    points: array[float] = dataclasses.field(default_factory=lambda: array("d"))
    full: int = 0
    none: int = 0

    def add(self, exercise: ExerciseRecord) -> None:
        self.points.append(exercise.points)
        self.full += exercise.points >= exercise.max_points - 1e-9
        self.none += exercise.points <= 1e-9

    def stats(self, id_: str) -> ExerciseStats:
        return ExerciseStats(id_, self.title, self.max_points, statistics.fmean(self.points), self.full, self.none, len(self.points))


@dataclass
class _Test:
    description: str
    outcomes: Counter[str] = dataclasses.field(default_factory=Counter)


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
