"""Visible checks of gradient_descent: steps by hand and the closed form in a bowl."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, Function, assert_close, dims, exercise, seeds

from .cases import bowl


@exercise("gradient_descent")
def test_square_by_hand(student):
    """From w = 3 with η = 0.1 on w², the first points are 3, 2.4, 1.92 and the values 9, 5.76, 3.6864."""
    path, values = student.gradient_descent(Function("lambda w: float(w[0] ** 2)"), Function("lambda w: 2 * w"), np.array([3.0]), 0.1, 2)
    assert_close(path, np.array([[3.0], [2.4], [1.92]]), "path")
    assert_close(values, np.array([9.0, 5.76, 3.6864]), "values")


@exercise("gradient_descent")
def test_integer_start(student):
    """A start given as integers, such as np.array([4, -2]), gives a path of floats."""
    path, values = student.gradient_descent(Function("lambda p: float(p @ p)"), Function("lambda p: 2 * p"), np.array([4, -2]), 0.125, 2)
    assert_close(path, np.array([[4.0, -2.0], [3.0, -1.5], [2.25, -1.125]]), "path")
    assert_close(values, np.array([20.0, 11.25, 6.328125]), "values")


@exercise("gradient_descent")
@given(seed=seeds(), shape=dims("D steps"))
def test_bowl_closed_form(student, seed, shape):
    """In a bowl ½·c·(p − q)² every step multiplies p − q by 1 − η·c, entry by entry."""
    D, steps = shape
    f, df, c, q = bowl(seed, D)
    x0 = Draw(seed + 1).normal(D)
    path, values = student.gradient_descent(f, df, x0, 0.2, steps)
    expected = q + (x0 - q) * (1 - 0.2 * c) ** np.arange(steps + 1)[:, None]
    assert_close(path, expected, "path")
    assert_close(values, (c * (expected - q) ** 2).sum(axis=1) / 2, "values")
