"""Tests of scores as pure functions."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import records
from autograder.grading.score import exercise_record, total


def made(outcome: str, weight: float = 1.0) -> records.TestRecord:
    """Return a test's record."""
    return records.TestRecord("t", "T.", outcome, weight)  # type: ignore[arg-type]




@pytest.mark.parametrize(
    ("tests", "points"),
    [
        ([("passed", 1)], 12), ([("failed", 1)], 0), ([("not_run", 1)], 0), ([], 0), ([("passed", 1), ("failed", 1)], 6), ([("passed", 3), ("failed", 1)], 9),
        ([("passed", 1), ("not_run", 3)], 3), ([("passed", 0), ("failed", 1)], 0), ([("passed", 0)], 0), ([("passed", 1), ("passed", 1), ("failed", 1)], 8),
    ],
)  # fmt: skip
def test_points_are_the_weighted_share_of_passed_tests(tests: list[tuple[str, float]], points: float) -> None:
    """A test earns its weight when it passed; failed and not run earn nothing."""
    record = exercise_record("f", "F", 12.0, [made(*t) for t in tests])
    assert record.points == points
    assert (record.id, record.title, record.max_points, len(record.tests)) == ("f", "F", 12.0, len(tests))


@given(weights=st.lists(st.floats(0.1, 10), min_size=1, max_size=7), points=st.floats(0.1, 100))
def test_all_passed_is_exactly_full(weights: list[float], points: float) -> None:
    """Passing everything gives the full points up to the fourth decimal, failing everything exactly none."""
    assert exercise_record("f", "F", points, [made("passed", w) for w in weights]).points == round(points, 4)
    assert exercise_record("f", "F", points, [made("failed", w) for w in weights]).points == 0


@given(outcomes=st.lists(st.tuples(st.sampled_from(["passed", "failed", "not_run"]), st.floats(0.1, 10)), min_size=1, max_size=7))
def test_passing_more_never_earns_less(outcomes: list[tuple[str, float]]) -> None:
    """Turning a test from failed to passed does not lower the points, and points stay within bounds."""
    points = exercise_record("f", "F", 10.0, [made(*o) for o in outcomes]).points
    better = exercise_record("f", "F", 10.0, [made("passed", outcomes[0][1]), *[made(*o) for o in outcomes[1:]]]).points
    assert 0 <= points <= better <= 10


def test_thirds_add_up() -> None:
    """Points are rounded to four decimals, and so is their sum."""
    third = exercise_record("f", "F", 10.0, [made("passed"), made("failed"), made("failed")])
    assert third.points == 3.3333
    assert total([third, third, third]) == 9.9999
    assert total([]) == 0
    assert total([exercise_record("f", "F", 0.1, [made("passed")])] * 3) == 0.3
