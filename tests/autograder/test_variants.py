"""Tests of known-wrong and known-right variants of a solution cell."""

from __future__ import annotations

import pytest

from autograder.authoring.variants import Alternative, Misconception, Variant
from autograder.errors import AuthorError

CELL = "def f(x):\n    y = x + 1\n    return y\n"


def test_edits_are_made_in_order() -> None:
    """Each old text is replaced by the new one; a later edit sees the earlier ones."""
    made = Variant(id="v", exercise="f", edits=(("x + 1", "x - 1"), ("x - 1\n    return y", "x - 2\n    return -y")))
    assert made.apply(CELL, unit="u") == "def f(x):\n    y = x - 2\n    return -y\n"


def test_a_source_is_the_whole_cell() -> None:
    """With a source, the reference's cell does not matter; blank lines around it go."""
    assert Variant(id="v", exercise="f", source="\n\ndef f(x): pass\n\n").apply(CELL, unit="u") == "def f(x): pass\n"


@pytest.mark.parametrize(
    ("variant", "words"),
    [
        (Variant(id="v", exercise="f"), "give either edits or source"),
        (Variant(id="v", exercise="f", edits=(("x", "y"),), source="s"), "give either edits or source"),
        (Variant(id="v", exercise="f", edits=(("z", "w"),)), "edit='z' occurs 0 times, expected once"),
        (Variant(id="v", exercise="f", edits=(("y", "w"),)), "edit='y' occurs 2 times, expected once"),
    ],
)
def test_what_does_not_fit_is_an_author_error(variant: Variant, words: str) -> None:
    """Both or nothing given, and texts that are absent or ambiguous, are refused with unit, exercise and variant."""
    with pytest.raises(AuthorError) as caught:
        variant.apply(CELL, unit="u9")
    assert words in str(caught.value)
    assert str(caught.value).startswith("unit=u9 cell=f: variant=v")


def test_a_misconception_has_a_hint_and_an_alternative_a_note() -> None:
    """The two kinds cannot be made without the sentence that explains them."""
    assert Misconception(id="m", exercise="f", source="s", hint="h").hint == "h"
    assert Alternative(id="a", exercise="f", source="s", note="n").note == "n"
    with pytest.raises(TypeError):
        Misconception(id="m", exercise="f", source="s")  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Alternative(id="m", exercise="f", source="s")  # type: ignore[call-arg]
