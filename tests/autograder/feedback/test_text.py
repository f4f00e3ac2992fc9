"""An exercise as plain text."""

from __future__ import annotations

import random

import pytest

from autograder.feedback.html import render_exercise_html
from autograder.feedback.text import (
    count_sentence,
    facts,
    hints,
    number,
    render_exercise_text,
    render_overview_text,
    told,
    unrun,
    verdict,
)
from autograder.records import Difference, ExerciseRecord
from tests.autograder.report import samples


def exercise(*tests: object, points: float = 0.0) -> ExerciseRecord:
    """Return an exercise of 20 points with these tests."""
    return ExerciseRecord(id="relu", title="The rectifier", points=points, max_points=20.0, tests=tests)  # type: ignore[arg-type]


def test_every_test_has_a_line() -> None:
    """Passed, failed and not run tests are marked differently, each with its sentence."""
    text = render_exercise_text(
        exercise(samples.tested("a", "One."), samples.tested("b", "Two.", "failed"), samples.tested("c", "Three.", "not_run"))
    )
    assert "✓ One." in text
    assert "✗ Two." in text
    assert "– Three." in text
    assert "0 of 20 points" in text
    assert "1 of 3 tests passed, 1 did not run." in text


def test_a_failure_says_where_and_why() -> None:
    """Message, index, numbers, error, hint and example follow the sentence."""
    text = render_exercise_text(samples.exercises(random.Random(1), 3)[1])
    for part in (
        "db: values differ",
        "db[1]",
        "0.3625",
        "1.45",
        "relative error  0.75",
        "0.25 times",
        "N times too small",
        "\n          dx, dw, db = affine_backward",
    ):
        assert part in text


def test_examples_are_not_wrapped() -> None:
    """Code to paste keeps its lines, however long."""
    code = "x = np.array([" + "1.25, " * 60 + "])"
    assert code in render_exercise_text(exercise(samples.tested("a", "One.", "failed", example=code)), width=60)


def test_a_hint_is_given_once() -> None:
    """A second test with the same hint refers to the first; another hint is given in full."""
    tests = [samples.tested(str(i), "s", "failed", hint=h) for i, h in enumerate(("Sum here.", "Sum here.", "", "Transpose.", "Sum here."))]
    assert hints(exercise(*tests)) == ["Sum here.", "the same as above.", "", "Transpose.", "the same as above."]
    assert render_exercise_text(exercise(*tests)).count("Sum here.") == 1


@pytest.mark.parametrize("width", [40, 72, 100])
def test_sentences_wrap(width: int) -> None:
    """Nothing but code and unbreakable words is wider than asked."""
    test = samples.tested("a", "word " * 60, "failed", message="word " * 80, hint="word " * 80, difference=samples.averaged_bias())
    assert max(map(len, render_exercise_text(exercise(test), width=width).splitlines())) <= width


def test_traceback_lines_stay_apart() -> None:
    """A message of several lines keeps its lines and their indents."""
    text = render_exercise_text(
        exercise(samples.tested("a", "One.", "failed", message="ValueError in cell 3\n    y = x @ w\n        ~^~~"))
    )
    assert "\n          y = x @ w\n              ~^~~\n" in text


def test_an_untouched_exercise_is_brief() -> None:
    """Nothing written yet is said once, below the list of what is tested."""
    waiting = [samples.tested(str(i), f"Sentence {i}.", "failed", message="Not written yet.") for i in range(3)]
    text = render_exercise_text(exercise(*waiting))
    assert (text.count("Not written yet."), text.count("○ Sentence"), text.count("✗")) == (1, 3, 0)
    mixed = render_exercise_text(exercise(*waiting, samples.tested("x", "Four.")))
    assert (mixed.count("Not written yet."), "1 of 4 tests passed." in mixed) == (3, True)


def test_why_nothing_ran_is_said_once() -> None:
    """When no test ran for one reason, it stands once, below the list; with two reasons each test has its own."""
    why = "Run the cells above first."
    waiting = [samples.tested(str(i), f"Sentence {i}.", "not_run", message=why) for i in range(3)]
    text = render_exercise_text(exercise(*waiting))
    assert (text.count(why), text.count("– Sentence"), "None of the 3 tests ran." in text) == (1, 3, True)
    mixed = exercise(*waiting, samples.tested("x", "Four.", "not_run", message="Another."))
    assert render_exercise_text(mixed).count(why) == 3
    assert render_exercise_text(exercise(*waiting, samples.tested("x", "Four."))).count(why) == 3
    assert render_exercise_html(exercise(*waiting)).count(why) == 1
    assert unrun(exercise()) == ""
    hostile = unrun(exercise(samples.tested("a", "One.", "not_run", message="\x1b[31m<b>\n" + "x" * 9000)))
    assert "\x1b" not in hostile
    assert len(hostile) < 500


def test_exercises_and_questions_are_counted_apart() -> None:
    """Questions are no exercises; what was left out is said."""
    right, wrong = exercise(samples.tested("a", "One.")), exercise(samples.tested("a", "One.", "failed"))
    assert count_sentence([]) == "0 of 0 exercises pass their visible checks"
    assert count_sentence([(right, False, False)]) == "1 of 1 exercise passes its visible checks"
    assert count_sentence([(right, True, False)]) == "1 of 1 question passes its visible checks"
    many = [(right, False, False), (wrong, False, False), (wrong, False, True), (wrong, True, False), (right, True, False)]
    assert count_sentence(many) == "1 of 3 exercises and 1 of 2 questions pass their visible checks; 1 exercise not run"


def test_an_overview_has_a_line_for_each_exercise() -> None:
    """Mark, id and what happened; then the closing sentences."""
    some = [("passed", ""), ("failed", ""), ("failed", "Not written yet."), ("not_run", "It needs more.")]
    text = render_overview_text([exercise(samples.tested("a", "One.", o, message=m)) for o, m in some], "1 of 4.")
    lines = [line.strip() for line in text.splitlines()]
    assert lines == ["✓ relu: The test passes.", "✗ relu: The test does not pass yet.", "○ relu: Not written yet.", "– relu: The test did not run.", "", "1 of 4."]


def test_a_message_does_not_end_in_a_colon() -> None:
    """What was got and expected follow a message that announces them; other messages stay as they are."""
    answer = Difference("answer", "negative\n" + "x" * 3000, "positive")
    told_of = told(samples.tested("a", "One.", "failed", message="Filter 0 on a vertical edge:", difference=answer))
    assert told_of.startswith("Filter 0 on a vertical edge: got negative xxx")
    assert told_of.endswith(", expected positive")
    assert len(told_of) < 400
    assert told(samples.tested("a", "One.", "failed", message="It is wrong.", difference=answer)) == "It is wrong."
    assert told(samples.tested("a", "One.", "failed", message="So:")) == "So:"


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_hostile_text_is_printable(text: str) -> None:
    """Terminals get printable characters and newlines only."""
    for part in samples.hostile(text).exercises:
        shown = render_exercise_text(part)
        shown.encode("utf-8")
        assert all(c == "\n" or c.isprintable() for c in shown)


def test_shapes_replace_values_when_they_differ() -> None:
    """Two shapes are named as such, with what relates them."""
    rows = dict(facts(samples.wrong_shape()))
    assert (rows["where"], rows["got"], rows["expected"]) == ("dw.shape", "(3, 4)", "(4, 3)")
    assert rows["note"] == "The axes are the other way round."


@pytest.mark.parametrize(
    ("outcomes", "sentence"),
    [
        ([], "No test belongs to this exercise."),
        (["passed"], "The test passes."),
        (["passed", "passed"], "All 2 tests pass."),
        (["not_run"], "The test did not run."),
        (["not_run", "not_run"], "None of the 2 tests ran."),
        (["failed"], "The test does not pass yet."),
        (["failed", "failed"], "0 of 2 tests passed."),
        (["passed", "failed", "not_run"], "1 of 3 tests passed, 1 did not run."),
    ],
)
def test_verdict_counts(outcomes: list[str], sentence: str) -> None:
    """The verdict counts, and never calls a test that did not run passed."""
    assert verdict(exercise(*(samples.tested(str(i), "s", o) for i, o in enumerate(outcomes)))) == sentence


@pytest.mark.parametrize(("value", "shown"), [(20.0, "20"), (12.5, "12.5"), (3.3333, "3.33"), (0.0, "0"), (100.0, "100")])
def test_points_have_no_needless_digits(value: float, shown: str) -> None:
    """Points are written as people write them."""
    assert number(value) == shown
