"""How many results of an exercise a student sees."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from autograder.records import ExerciseRecord, SubmissionRecord
from autograder.records import TestRecord as Outcome
from autograder.serve.attempts import Standing, after, limits, shown_at
from autograder.unit import Attempts, unit_from_data

HOUR = 3600.0
RULE = Attempts(2, 1.0)


def record(message: str = "wrong", points: float = 0.0, seconds: float = 0.0) -> SubmissionRecord:
    """Return a record of one exercise ``e``."""
    test = Outcome("test_e", "E works.", "passed" if points else "failed", 1.0, message, seconds=seconds)
    return SubmissionRecord("u", "s", "", "0", "graded", points, 10.0, exercises=(ExerciseRecord("e", "E", points, 10.0, (test,)),))


@given(st.lists(st.floats(0, 5 * HOUR), max_size=30), st.integers(1, 4))
def test_no_window_holds_more_than_the_limit(moments: list[float], number: int) -> None:
    """However pushes are timed, at most ``number`` results are shown in any window, in their order, and none before it is ready."""
    rule, times = Attempts(number, 1.0), list[float]()
    for now in sorted(moments):
        times.append(shown_at(times[-number:], rule, now))
        assert times[-1] >= now
    assert times == sorted(times)
    for early, late in zip(times, times[number:], strict=False):
        assert late - early >= HOUR - 1e-6


def test_first_results_are_shown_at_once() -> None:
    """Below the limit nothing waits."""
    assert shown_at((), RULE, 7.0) == 7.0
    assert shown_at((7.0,), RULE, 8.0) == 8.0
    assert shown_at((7.0, 8.0), RULE, 9.0) == 7.0 + HOUR


def test_result_counts_when_cell_or_outcome_changes() -> None:
    """A changed cell is an attempt, and so is another outcome of the same cell; the same again is none, however long it took."""
    one = after(Standing(), record(), {"e": "1"}, {"e": RULE}, 10.0)
    assert one.shown_at == {"e": (10.0,)}
    assert after(one, record(seconds=3.0), {"e": "1"}, {"e": RULE}, 20.0).shown_at == {"e": (10.0,)}
    assert after(one, record(), {"e": "2"}, {"e": RULE}, 20.0).shown_at == {"e": (10.0, 20.0)}
    assert after(one, record("other"), {"e": "1"}, {"e": RULE}, 20.0).shown_at == {"e": (10.0, 20.0)}


def test_third_result_is_withheld() -> None:
    """A result over the limit is shown when the first leaves the window."""
    standing = Standing()
    for number in range(3):
        standing = after(standing, record(), {"e": str(number)}, {"e": RULE}, 10.0 * number)
    assert standing.withheld(25.0) == {"e": HOUR}
    assert standing.withheld(HOUR + 1) == {}


def test_untouched_exercise_and_unreadable_notebook_cost_nothing() -> None:
    """What is not begun is no attempt; an ungradable notebook changes nothing, so it cannot reset the comparison either."""
    fresh = after(Standing(), record("Not written yet."), {"e": "0"}, {"e": RULE}, 1.0)
    assert fresh.shown_at == {}
    one = after(fresh, record(), {"e": "1"}, {"e": RULE}, 2.0)
    broken = after(one, SubmissionRecord("u", "s", "", "0", "ungradable", 0.0, 10.0), {}, {"e": RULE}, 3.0)
    assert broken == one


def test_exercise_without_a_rule_is_never_withheld() -> None:
    """Without a limit no time is kept."""
    assert after(Standing(), record(), {"e": "1"}, {}, 1.0).shown_at == {}


def unit_data() -> dict[str, Any]:
    """Return a unit with one exercise and one question."""
    exercise = {"id": "e", "title": "E", "points": 90, "minutes": 1, "difficulty": 1, "functions": ["e(x) -> y"]}
    question = {"id": "q", "title": "Q", "points": 10, "kind": "number", "answer": 1.0, "explanation": "One."}
    return {"title": "U", "summary": "S", "exercise": [exercise], "question": [question]}


def test_server_default_holds_where_the_unit_says_nothing() -> None:
    """The server's limit is that of every exercise and question of a unit without its own."""
    unit = unit_from_data("u", unit_data())
    assert limits(unit, None) == {}
    assert limits(unit, RULE) == {"e": RULE, "q": RULE}
