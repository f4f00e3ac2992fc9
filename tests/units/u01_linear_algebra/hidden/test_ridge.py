"""Hidden tests of ridge_fit: the reference's answer, a free bias, unusual sizes, and digits kept when columns are nearly equal."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, fail, seeds

from ..visible.cases import LAYOUTS, assert_float64, relayout, spread_columns


def check(student, reference, X, y, lam):
    """Compare w and b with the reference's."""
    w, b = student.ridge_fit(X, y, lam)
    right_w, right_b = reference.ridge_fit(X, y, lam)
    scale = float(np.max(np.abs(right_w))) + 1e-3
    assert_close(w, right_w, "w", rtol=1e-7, atol=1e-7 * scale)
    assert_close(b, float(right_b), "b", rtol=1e-7, atol=1e-7 * float(np.max(np.abs(y)) + 1.0))


def check_same(student, X, y, right_X, right_y, lam):
    """Compare w and b with what the student's function gives for the same numbers in float64 and C order."""
    w, b = student.ridge_fit(X, y, lam)
    assert_unchanged(student)
    right_w, right_b = student.ridge_fit(right_X, right_y, lam)
    assert_float64("the result", w, b)
    assert_same(w, right_w, "w", rtol=1e-8)
    assert_depends(right_w, student.ridge_fit(right_X, 2.0 * right_y, lam)[0], "w")
    assert_shape(b, (), "b")
    assert_close(b, float(right_b), "b", rtol=1e-8, atol=1e-8 * float(np.max(np.abs(right_y)) + 1.0))


@exercise("ridge_fit", weight=4)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=8), lam=st.sampled_from([0.1, 1.0, 10.0]))
def test_weights_and_bias(student, reference, seed, shape, lam):
    """w solves (X̃ᵀX̃ + lam·I) w = X̃ᵀỹ for centred data, and b is ȳ − x̄·w."""
    draw = Draw(seed)
    check(student, reference, spread_columns(draw, *shape), draw.normal(shape[0]) + 4.0, lam)


@exercise("ridge_fit", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), lam=st.sampled_from([1.0, 20.0]))
def test_shifted_targets(student, seed, shape, lam):
    """Adding 100 to every target adds 100 to b and leaves w alone: the bias is not penalised."""
    draw = Draw(seed)
    X, y = spread_columns(draw, *shape), draw.normal(shape[0])
    w, b = student.ridge_fit(X, y, lam)
    moved_w, moved_b = student.ridge_fit(X, y + 100.0, lam)
    assert_close(w, np.zeros(shape[1]), "w", atol=np.inf)
    assert_close(moved_w, w, "w after adding 100 to y", atol=1e-8)
    assert_close(moved_b, float(b) + 100.0, "b after adding 100 to y", atol=1e-7)
    assert_close(float(np.sum(X @ w + b - y)), 0.0, "sum of the residuals", atol=1e-7)


@exercise("ridge_fit")
@given(seed=seeds(), shape=st.sampled_from([(1, 1), (1, 3), (5, 1), (2, 6), (3, 3)]))
def test_few_examples_or_features(student, seed, shape):
    """One example, one feature, more features than examples, or as many, all have an answer when lam > 0: w of shape (D,), b one number."""
    draw = Draw(seed)
    w, b = student.ridge_fit(draw.normal(*shape) + 1.0, draw.normal(shape[0]) + 2.0, 0.5)
    assert_shape(w, shape[1:], "w")
    assert_shape(b, (), "b")


@exercise("ridge_fit")
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8))
def test_whole_numbers_in(student, seed, shape):
    """Whole numbers, uint8 and float32 data and targets give what the same numbers give in float64; the mean is not cut off."""
    draw = Draw(seed)
    X, y = draw.integers(0, 9, *shape), draw.integers(0, 9, shape[0])
    X[0], X[1], y[0], y[1] = 2, 7, 1, 8
    row = np.arange(shape[0])
    few, targets = (draw.normal(*shape) + row[:, None]).astype(np.float32), (draw.normal(shape[0]) + row).astype(np.float32)
    for data, aims in ((X, y), (X.astype(np.uint8), y.astype(np.uint8)), (few, targets)):
        check_same(student, data, aims, data.astype(float), aims.astype(float), 0.5)


@exercise("ridge_fit")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), lam=st.sampled_from([1e-3, 1e4]))
def test_tiny_and_huge_price(student, reference, seed, shape, lam):
    """A huge lam shrinks w towards 0 by the right amount, a tiny one hardly at all."""
    draw = Draw(seed)
    N = shape[0] + shape[1]
    check(student, reference, spread_columns(draw, N, shape[1]), draw.normal(N) + 4.0, lam)


@exercise("ridge_fit")
@given(seed=seeds(), D=st.integers(4, 7))
def test_nearly_equal_columns(student, seed, D):
    """With nearly equal columns w still satisfies its equations to ten digits, as solving gives it and inverting does not."""
    draw = Draw(seed)
    X = draw.normal(40, 1) + 1e-4 * draw.normal(40, D)
    y = X @ draw.away_from_zero(D, margin=1.0) + 3.0
    w, _ = student.ridge_fit(X, y, 1e-10)
    assert_close(w, np.zeros(D), "w", atol=np.inf)
    Xc, yc = (a.astype(np.longdouble) - a.astype(np.longdouble).mean(axis=0) for a in (X, y))
    matrix = Xc.T @ Xc + np.longdouble(1e-10) * np.eye(D)
    error = float(np.linalg.norm((matrix @ w - Xc.T @ yc).astype(float)) / np.linalg.norm(matrix.astype(float)))
    if error > 1e-10 * (1.0 + float(np.linalg.norm(w))):
        fail(
            f"w does not satisfy (X̃ᵀX̃ + lam·I) w = X̃ᵀỹ: the relative error is {error:.1e}, a solver leaves less than 1e-10.",
            "w",
            w,
            "a solution",
        )


@exercise("ridge_fit")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), layout=st.sampled_from(LAYOUTS))
def test_ridge_leaves_data_alone(student, seed, shape, layout):
    """X and y keep their values, and w and b do not depend on how these lie in memory."""
    draw = Draw(seed)
    X, y = spread_columns(draw, *shape), draw.normal(shape[0]) + 2.0 * np.arange(shape[0])
    check_same(student, relayout(X, layout), relayout(y, layout), X, y, 0.7)
