"""Visible checks of eval_numerical_gradient_array and rel_error: derivatives that are known by hand."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, Function, assert_close, assert_gradient, assert_unchanged, dims, exercise, seeds


@exercise("eval_numerical_gradient_array")
def test_numeric_on_the_first_graph(student):
    """For |4 − (w·x + b)| with x = 2, w = 3, b = 1 the gradient with respect to w is 2."""
    f = Function("lambda w: np.abs(4.0 - (w * 2.0 + 1.0))")
    assert_gradient(student.eval_numerical_gradient_array(f, np.array([3.0]), np.array([1.0])), np.array([2.0]), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=4))
def test_numeric_of_sine(student, seed, shape):
    """The gradient of df · sin(x) is df · cos(x), entry by entry."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(*shape)
    assert_gradient(student.eval_numerical_gradient_array(Function("lambda x: np.sin(x)"), x, df), df * np.cos(x), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=4))
def test_numeric_moves_one_entry_at_a_time(student, seed, shape):
    """When f adds up columns and squares, (N, D) → (D,), every entry of a column gets 2 · df · (sum of its column)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(shape[1])
    got = student.eval_numerical_gradient_array(Function("lambda x: x.sum(axis=0) ** 2"), x, df)
    assert_gradient(got, np.tile(2 * df * x.sum(axis=0), (shape[0], 1)), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=4))
def test_numeric_is_central(student, seed, shape):
    """With the large step h = 0.1 a central difference of x³ gives exactly df · (3x² + h²), and of x⁵ df · (5x⁴ + 10x²h² + h⁴)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(*shape)
    third, fifth = (student.eval_numerical_gradient_array(Function(f), x, df, 0.1) for f in ("lambda x: x ** 3", "lambda x: x ** 5"))
    assert_close(third, df * (3 * x**2 + 0.01), "grad of x³", rtol=1e-6)
    assert_close(fifth, df * (5 * x**4 + 0.1 * x**2 + 1e-4), "grad of x⁵", rtol=1e-6)


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=4))
def test_numeric_restores_x(student, seed, shape):
    """x holds the same numbers afterwards, and the gradient of df · x² is 2 · df · x."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(*shape)
    got = student.eval_numerical_gradient_array(Function("lambda x: x ** 2"), x, df)
    assert_gradient(got, 2 * df * x, "grad")
    assert_unchanged(student)


@exercise("rel_error")
def test_rel_error_by_hand(student):
    """Between (1, 2) and (1, 3) the worst entry is |2 − 3| / (2 + 3) = 0.2."""
    assert_close(student.rel_error(np.array([1.0, 2.0]), np.array([1.0, 3.0])), 0.2, "error")


@exercise("rel_error")
def test_rel_error_beside_large_entries(student):
    """Between (1, 1000) and (3, 1000) the error is |1 − 3| / (1 + 3) = 0.5: the large entries, which agree, do not hide it."""
    assert_close(student.rel_error(np.array([1.0, 1000.0]), np.array([3.0, 1000.0])), 0.5, "error")


@exercise("rel_error")
def test_rel_error_of_signs(student):
    """Opposite signs, such as 2 and −2, have the error 1, whichever comes first."""
    for x, y in ((2.0, -2.0), (-2.0, 2.0)):
        assert_close(student.rel_error(np.array([[x]]), np.array([[y]])), 1.0, "error")


@exercise("rel_error")
def test_rel_error_of_zeros(student):
    """Two zeros have the error 0, not NaN."""
    assert_close(student.rel_error(np.array([0.0, 3.0]), np.array([0.0, 1.0])), 0.5, "error")
    assert_close(student.rel_error(np.zeros((2, 3)), np.zeros((2, 3))), 0.0, "error")
