"""Tests of why a test failed, as data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from autograder.records import Difference
from autograder.testing.failures import TestFailure, array_difference, comparisons_off, fail, shape_difference, show


def test_fail_carries_a_sentence_and_two_values() -> None:
    """The failure shows both values, or none when none were given; a result of None is shown too."""
    with pytest.raises(TestFailure) as caught:
        fail("Wrong.", "loss", 1.5, 2)
    assert caught.value.message == str(caught.value) == "Wrong."
    assert caught.value.difference == Difference("loss", "1.5", "2")
    with pytest.raises(TestFailure) as caught:
        fail("Wrong.")
    assert caught.value.difference is None
    with comparisons_off():
        fail("Not now.")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"), (1e-20, "1e-20"), (True, "True"), (np.False_, "False"), (np.int8(3), "3"), (np.float32(0.5), "0.5"), (None, "None"), ("a", "'a'"),
        (np.array([1.0, 2.0]), "[1., 2.]"), (np.zeros((3, 4)), "array of shape (3, 4), dtype float64"), (np.zeros(100), "array of shape (100,), dtype float64"),
    ],
)  # fmt: skip
def test_values_are_shown_in_a_line(value: Any, text: str) -> None:
    """Numbers have eight digits, small vectors their entries, larger arrays shape and dtype."""
    assert show(value) == text


def test_long_texts_are_cut() -> None:
    """A text over the limit ends in an ellipsis."""
    assert show("x" * 1000, 10) == "'" + "x" * 8 + "…"
    assert len(show(["y"] * 1000)) == 300


def test_nan_is_the_worst_entry() -> None:
    """An entry that is NaN outranks any finite difference and has no relative error."""
    d = array_difference("x", np.array([1.0, np.nan, 9.0]), np.array([1.0, 2.0, 3.0]))
    assert d.index == (1,)
    assert d.relative_error is None
    assert d.got_values == (1.0, None, 9.0)


def test_scalars_have_no_index() -> None:
    """A number differs without a place and without a shape."""
    d = array_difference("x", np.array(3.0), np.array(2.0))
    assert (d.index, d.got_shape, d.got, d.expected) == (None, None, "3", "2")
    assert d.relative_error == pytest.approx(1 / 3)


def test_pictures_are_for_small_planes() -> None:
    """Arrays of one or two axes and at most 400 entries bring their values along."""
    assert array_difference("x", np.zeros((20, 20)), np.ones((20, 20))).got_values == (0.0,) * 400
    assert array_difference("x", np.zeros((20, 21)), np.ones((20, 21))).got_values is None
    assert array_difference("x", np.zeros((2, 2, 2)), np.ones((2, 2, 2))).got_values is None
    assert array_difference("x", np.zeros(3, complex), np.ones(3)).got_values is None


def test_shapes_differ() -> None:
    """A difference of shapes holds both shapes and no values."""
    d = shape_difference("x", np.zeros((2, 1)), np.zeros(2))
    assert (d.got_shape, d.expected_shape, d.index, d.got_values) == ((2, 1), (2,), None, None)
    assert "(2, 1)" in d.got


@given(pair=hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3).flatmap(
    lambda shape: hnp.arrays(np.float64, shape).flatmap(lambda a: hnp.arrays(np.float64, shape).map(lambda b: (a, b)))))  # fmt: skip
def test_any_two_arrays_have_a_difference(pair: tuple[np.ndarray, np.ndarray]) -> None:
    """Whatever the numbers, the place is inside the array and the relative error is a finite number or None."""
    d = array_difference("x", *pair)
    if pair[0].size and pair[0].ndim:
        assert d.index is not None
        assert all(0 <= i < n for i, n in zip(d.index, pair[0].shape, strict=True))
    assert d.relative_error is None or np.isfinite(d.relative_error)
