"""What a wrong answer as a whole looks like."""

from __future__ import annotations

import pytest

from autograder.feedback.observe import entry, observations, shape
from autograder.records import Difference
from tests.autograder.report import samples

RIGHT = [0.5, -1.25, 2.0, 0.75]


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        ([v / 4 for v in RIGHT], "Every entry is 0.25 times the expected one."),
        ([-v for v in RIGHT], "Every entry has the right size and the opposite sign."),
        ([v + 1.5 for v in RIGHT], "Every entry is 1.5 too large."),
        ([v - 0.5 for v in RIGHT], "Every entry is 0.5 too small."),
        ([0.0] * 4, "Every entry is zero."),
        (RIGHT[::-1], "The right values in another order."),
        ([9.0, *RIGHT[1:]], "1 of 4 entries differs."),
        ([9.0, 8.0, *RIGHT[2:]], "2 of 4 entries differ."),
        ([9.0, 8.0, 3.0, -4.0], "Every entry differs."),
        ([v * 1.00002 for v in RIGHT], "Every entry is off by the same 0.002 %."),
        ([v * 0.9996 for v in RIGHT], "Every entry is off by the same 0.04 %."),
        ([v * -1.0001 for v in RIGHT], "Every entry has nearly the right size and the opposite sign."),
        ([v * 1.01 for v in RIGHT], "Every entry is 1.01 times the expected one."),
        ([float("nan"), *RIGHT[1:]], "1 of 4 entries is NaN or infinite."),
        ([float("inf")] * 4, "Every entry is NaN or infinite."),
    ],
)
def test_patterns(got: list[float], sentence: str) -> None:
    """A simple relation between the two arrays is named, otherwise how many entries differ."""
    assert observations(samples.difference("a", got, RIGHT, (4,))) == (sentence,)


def test_no_pattern_is_claimed_by_accident() -> None:
    """Equal arrays, all-zero expectations, huge numbers and missing values give no relation."""
    assert observations(samples.difference("a", RIGHT, RIGHT, (4,))) == ()
    assert observations(samples.difference("a", [1.0, 1.0], [0.0, 0.0], (2,))) == ("Every entry differs.",)
    assert observations(samples.difference("a", [1e308, -1e308], [-1e308, 1e308], (2,)))[0].endswith("opposite sign.")
    assert observations(Difference(name="a", got="1", expected="2")) == ()


@pytest.mark.parametrize(
    ("got", "expected", "sentence"),
    [
        ((3, 4), (4, 3), "The axes are the other way round."),
        ((2, 3, 4), (2, 4, 3), "The axes are in another order."),
        ((5,), (5, 1), "Only axes of length 1 differ."),
        ((), (3,), "It has no axes, expected 1."),
        ((3, 2), (3,), "It has 2 axes, expected 1."),
    ],
)
def test_shapes(got: tuple[int, ...], expected: tuple[int, ...], sentence: str) -> None:
    """What relates two shapes is named."""
    assert observations(samples.wrong_shape(got, expected)) == (sentence,)


def test_names_are_written_as_in_python() -> None:
    """Entries and shapes read as code."""
    assert entry(Difference(name="dw", index=(2, 0))) == "dw[2, 0]"
    assert entry(Difference(name="loss")) == "loss"
    assert entry(Difference(name="dx of the second call", index=(0, 1))) == "dx of the second call, entry [0, 1]"
    assert (shape(()), shape((3,)), shape((3, 4))) == ("()", "(3,)", "(3, 4)")
