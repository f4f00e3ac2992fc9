"""Tests of inline questions."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import AuthorError
from autograder.questions import Verdict, answered, hint_for, is_right, open_verdict, seal, sealed_question, unseal, verdict, wrong_answer
from autograder.records import NOT_ANSWERED, TestRecord
from autograder.unit import Question

CHOICE = Question("why", "Why", 1, "choice", "b", "Because.", choices=("a", "b", "c"), hints={"a": "Look again."})
NUMBER = Question("size", "Size", 1, "number", 2.5, "Two and a half.", tolerance=0.1, hints={"5": "Halve it.", "-2.5": "Mind the sign."})


class Hostile:
    """An object whose every conversion fails."""

    def __float__(self) -> float:
        """Fail."""
        raise RuntimeError

    @property
    def shape(self) -> Any:
        """Fail."""
        raise RuntimeError


@pytest.mark.parametrize("value", ["b", " B ", np.str_("b")])
def test_right_choice(value: object) -> None:
    """A choice is compared without case and surrounding blanks."""
    assert is_right(CHOICE, value)
    assert verdict(sealed_question(CHOICE, "u"), value) == Verdict(True, explanation="Because.")


@pytest.mark.parametrize("value", [2.5, np.float32(2.5), np.array(2.5), 2.59, 2.41, 2.45])
def test_right_number(value: object) -> None:
    """A number within the tolerance is right, whatever its type and wherever the grid's edges are."""
    assert is_right(NUMBER, value)
    assert verdict(sealed_question(NUMBER, "u"), value).explanation == "Two and a half."


@pytest.mark.parametrize("value", [None, "", "2.5", True, np.True_, math.nan, math.inf, 1e308, [2.5], np.array([2.5]), 2.61, 10**400, 2.5j, Hostile()])
def test_anything_else_is_wrong(value: object) -> None:
    """Values of wrong type, size or shape are wrong answers and never an error."""
    for question in (NUMBER, CHOICE):
        assert not is_right(question, value)
        assert verdict(sealed_question(question, "u"), value) == Verdict(False)
        assert hint_for(question, value) == ""


def test_wrong_answers_get_their_hint() -> None:
    """A wrong answer with a hint unlocks that hint and not the explanation."""
    assert verdict(sealed_question(CHOICE, "u"), "A") == Verdict(False, hint="Look again.")
    assert verdict(sealed_question(CHOICE, "u"), "c") == Verdict(False)
    assert verdict(sealed_question(NUMBER, "u"), 5) == Verdict(False, hint="Halve it.")
    assert hint_for(NUMBER, -2.5) == "Mind the sign."


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e3), st.floats(-3, 3))
def test_sealed_and_open_judgement_agree(answer: float, tolerance: float, offset: float) -> None:
    """What a student's folder says about a number is what the grade says."""
    question = Question("q", "Q", 1, "number", answer, "E", tolerance=tolerance)
    value = answer + offset * tolerance
    assert verdict(sealed_question(question, "u"), value).right == is_right(question, value)


@given(st.text(), st.text(), st.text(max_size=10))
def test_sealing_is_undone_with_the_answer_only(text: str, answer: str, salt: str) -> None:
    """The right answer gives the text back; another gives something else unless the text is too short to tell."""
    encodable = text.encode("utf-8", "replace").decode()
    sealed = seal(encodable, answer.encode("utf-8", "replace").decode(), salt.encode("utf-8", "replace").decode())
    assert unseal(sealed, answer.encode("utf-8", "replace").decode(), salt.encode("utf-8", "replace").decode()) == encodable


def test_wrong_key_gives_rubbish() -> None:
    """A wrong answer does not open an explanation."""
    assert unseal(seal("a long explanation", "b", "s"), "a", "s") != "a long explanation"


def test_file_entry_gives_nothing_away() -> None:
    """Neither answers nor texts can be read in the stored entry, which is plain JSON and the same every time."""
    for question in (CHOICE, NUMBER):
        text = json.dumps(sealed_question(question, "u"))
        assert text == json.dumps(sealed_question(question, "u"))
        for secret in ("Because", "Look", "Halve", "2.5", '"b"', "half"):
            assert secret not in text


def test_equal_answers_hash_differently_in_different_questions() -> None:
    """The salt depends on unit and question."""
    assert sealed_question(CHOICE, "u")["answer"] != sealed_question(CHOICE, "v")["answer"]


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (Question("q", "Q", 1, "choice", "b", "E", choices=("a", "b"), hints={"z": "?"}), "no choice"),
        (Question("q", "Q", 1, "choice", "b", "E", choices=("a", "b"), hints={"B": "?"}), "right answer"),
        (Question("q", "Q", 1, "number", 2.0, "E", hints={"two": "?"}), "not a number"),
        (Question("q", "Q", 1, "number", 2.0, "E", hints={"2": "?"}), "right answer"),
    ],
)
def test_impossible_hints_are_author_errors(question: Question, message: str) -> None:
    """A hint for no choice, no number or the right answer is refused when the unit is built."""
    with pytest.raises(AuthorError, match=message):
        sealed_question(question, "u")


def test_a_number_given_as_text_is_told_apart() -> None:
    """A text for a number question is told to be a number; other wrong answers are quoted, cut at 60 characters."""
    assert "Give a number, not text" in wrong_answer("number", "2.3")
    assert wrong_answer("number", 2.5) == "Your answer 2.5 is not right."
    assert wrong_answer("choice", "b") == "Your answer 'b' is not right."
    assert len(wrong_answer("choice", "x" * 500)) < 100


@pytest.mark.parametrize("question", [CHOICE, NUMBER], ids=lambda q: q.id)
@pytest.mark.parametrize("value", ["b", "a", "c", 2.5, 5, -2.5, 7, [1]])
def test_the_grader_says_what_the_notebook_says(question: Question, value: object) -> None:
    """With the answer at hand a verdict is the same as from the sealed file, explanation and hint included."""
    assert open_verdict(question, value) == verdict(sealed_question(question, "u"), value)


@pytest.mark.parametrize(
    ("value", "outcome", "message", "hint"),
    [
        ("b", "passed", "Because.", ""),
        ("a", "failed", "Your answer 'a' is not right.", "Look again."),
        (None, "failed", NOT_ANSWERED, ""),
        (..., "failed", NOT_ANSWERED, ""),
    ],
)
def test_a_question_has_one_test(value: object, outcome: str, message: str, hint: str) -> None:
    """Its record says what was asked and what is said of the answer; where nothing is assigned, no verdict is asked for."""

    def tell(value: object) -> Verdict:
        assert value not in (None, ...)
        return open_verdict(CHOICE, value)

    record = answered("why", "Why", "choice", value, tell)
    assert record == TestRecord("test_why", "The answer to “Why”.", outcome, 1.0, message=message, hint=hint)
