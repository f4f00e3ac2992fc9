"""Tests of central differences against known derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.channel.harness import start_recording, stop_recording
from autograder.testing import Draw, assert_gradient, numeric_gradient
from autograder.testing.failures import TestFailure

from .students import student_of

FORWARD = """
    import numpy as np
    def affine(x, w, b): return x @ w + b, (x, w)
    def squares(x): return float((x ** 2).sum())
    def sine(x): return np.sin(x)
    def zero_d(x): return np.array((x ** 3).sum())
    def column(x): return x[:, None]
    def text(x): return "loss"
    def both(x): return {"a": 1}, x.sum()
"""
TEXT = "affine(x, w, b) -> out, cache"


@given(seed=st.integers(0, 1000))
def test_known_derivatives(seed: int) -> None:
    """The gradients of a linear layer, with an upstream gradient, agree with their formulas for each argument."""
    draw = Draw(seed)
    x, w, b, dout = draw.normal(2, 3), draw.normal(3, 4), draw.normal(4), draw.normal(2, 4)
    student = student_of(FORWARD, TEXT)
    for wrt, right in ((0, dout @ w.T), (1, x.T @ dout), (2, dout.sum(axis=0))):
        got = numeric_gradient(student.affine, [x, w, b], wrt=wrt, dout=dout)
        assert got.shape == right.shape
        assert_gradient(right, got, "gradient")


@pytest.mark.parametrize(("name", "dout", "right"), [("squares", None, lambda x: 2 * x), ("zero_d", None, lambda x: 3 * x**2), ("sine", np.full(3, 2.0), lambda x: 2 * np.cos(x))])
def test_single_returns(name: str, dout: Any, right: Any) -> None:
    """``output=None`` differentiates a function that returns one value: a number, a 0-d array, or an array with an upstream gradient."""
    x = np.array([0.3, -1.2, 2.0])
    assert_gradient(right(x), numeric_gradient(getattr(student_of(FORWARD), name), [x], wrt=0, dout=dout, output=None), "dx")


def test_another_output_is_picked() -> None:
    """``output`` is the position of the differentiated value."""
    got = numeric_gradient(student_of(FORWARD, "both(x) -> a, total").both, [np.ones(3)], wrt=0, output=1)
    assert np.allclose(got, 1)


def test_any_callable_will_do() -> None:
    """A function of the test's own, of any dimension, can be differentiated."""
    assert np.allclose(numeric_gradient(lambda x, k: k * float(x.sum()), [np.ones((2, 1, 2)), 3.0], wrt=0, output=None), 3 * np.ones((2, 1, 2)))
    assert numeric_gradient(lambda x: float(x**2), [3.0], wrt=0, output=None) == pytest.approx(6.0)


def test_one_round_trip() -> None:
    """All shifted inputs go over in one batch, and the argument itself is not changed."""
    student, x = student_of(FORWARD), np.ones((2, 3))
    start_recording(student)
    numeric_gradient(student.squares, [x], wrt=0, output=None)
    (event,) = stop_recording(student)
    assert event.kind == "map"
    assert len(event.args) == 12
    assert np.array_equal(x, np.ones((2, 3)))


def test_a_forward_of_the_wrong_shape_is_told() -> None:
    """An output that does not fit the upstream gradient, or is no number where one is wanted, fails with the function's name."""
    student = student_of(FORWARD)
    for name, dout in (("column", np.ones(3)), ("text", None), ("sine", None), ("text", np.ones(3))):
        with pytest.raises(TestFailure, match=name):
            numeric_gradient(getattr(student, name), [np.ones(3)], wrt=0, dout=dout, output=None)


def test_too_many_entries_are_an_author_mistake() -> None:
    """A large argument is refused: it would cost two calls per entry."""
    with pytest.raises(ValueError, match="401 entries"):
        numeric_gradient(lambda x: 0.0, [np.ones(401)], wrt=0, output=None)
    assert numeric_gradient(lambda x: 0.0, [np.ones(0)], wrt=0, output=None).shape == (0,)
