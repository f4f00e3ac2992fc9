"""Scores as pure functions of test outcomes and weights."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.records import ExerciseRecord, TestRecord

_DIGITS = 4


def exercise_record(id_: str, title: str, max_points: float, tests: Sequence[TestRecord]) -> ExerciseRecord:
    """Return an exercise's record; a test that failed or was not run earns nothing.

    Args:
        id_, title: of the exercise.
        max_points: what all tests together are worth.
        tests: outcomes with their weights.
    """
    whole = sum(t.weight for t in tests)
    earned = sum(t.weight for t in tests if t.outcome == "passed")
    points = round(max_points * earned / whole, _DIGITS) if whole else 0.0
    return ExerciseRecord(id_, title, points, max_points, tuple(tests))


def total(exercises: Sequence[ExerciseRecord]) -> float:
    """Return the sum of points."""
    return round(sum(e.points for e in exercises), _DIGITS)
