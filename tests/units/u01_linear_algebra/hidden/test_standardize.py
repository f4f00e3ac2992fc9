"""Hidden tests of standardize: each returned value, eps, constant columns, large means, and what must stay as it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_float64, pixels, relayout, spread_columns


@exercise("standardize", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7))
def test_standardized_values(student, reference, seed, shape):
    """Z is (X − mu) / (sd + eps), column by column."""
    X = spread_columns(Draw(seed), *shape)
    assert_close(student.standardize(X, 1e-8)[0], reference.standardize(X, 1e-8)[0], "Z", atol=1e-6)


@exercise("standardize", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), eps=st.sampled_from([0.0, 0.5]))
def test_mean_and_deviation(student, seed, shape, eps):
    """mu and sd have shape (D,) and hold each column's mean and standard deviation with 1/N; eps is not in sd."""
    X = spread_columns(Draw(seed), *shape)
    _, mu, sd = student.standardize(X, eps)
    assert_close(mu, np.mean(X, axis=0), "mu", atol=1e-9)
    assert_close(sd, np.std(X, axis=0), "sd", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), eps=st.sampled_from([0.25, 2.0]))
def test_eps_is_added_to_the_deviation(student, seed, shape, eps):
    """eps is added to the standard deviation, not under the root and not twice; a large eps shows it."""
    X = spread_columns(Draw(seed), *shape)
    expected = (X - X.mean(axis=0)) / (X.std(axis=0) + eps)
    assert_close(student.standardize(X, eps)[0], expected, "Z", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), n=st.integers(2, 6))
def test_square_data(student, seed, n):
    """With as many examples as features, rows are not confused with columns."""
    X = spread_columns(Draw(seed), n, n)
    Z, mu, sd = student.standardize(X, 0.1)
    assert_close(mu, np.mean(X, axis=0), "mu", atol=1e-9)
    assert_close(Z, (X - X.mean(axis=0)) / (X.std(axis=0) + 0.1), "Z", atol=1e-9)
    assert_close(sd, np.std(X, axis=0), "sd", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7))
def test_constant_columns(student, seed, shape):
    """A constant column becomes zeros, not NaN, next to columns that vary."""
    X = spread_columns(Draw(seed), *shape)
    X[:, 0] = 4.0
    Z, mu, sd = student.standardize(X, 1e-3)
    assert_close(sd, np.std(X, axis=0), "sd", atol=1e-9)
    assert_close(mu, np.mean(X, axis=0), "mu", atol=1e-9)
    assert_close(Z, (X - X.mean(axis=0)) / (X.std(axis=0) + 1e-3), "Z", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), D=st.integers(1, 5))
def test_one_example(student, seed, D):
    """For a single example, Z has shape (1, D) and is zero, sd is zero, and mu is the example."""
    X = Draw(seed).normal(1, D) + 2.0
    Z, mu, sd = student.standardize(X, 1e-3)
    assert_close(Z, np.zeros((1, D)), "Z", atol=1e-9)
    assert_close(sd, np.zeros(D), "sd", atol=1e-9)
    assert_close(mu, X[0], "mu", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=3, hi=7))
def test_standardize_whole_numbers(student, seed, shape):
    """Whole numbers, uint8 pixels and float32 numbers are converted to float64 first: nothing is cut off and nothing overflows."""
    draw = Draw(seed)
    for X in (draw.integers(-9, 10, *shape), pixels(draw, *shape), draw.normal(*shape).astype(np.float32)):
        right = X.astype(float)
        Z, mu, sd = student.standardize(X, 0.5)
        assert_float64("the result", Z, mu, sd)
        assert_close(mu, right.mean(axis=0), "mu", atol=1e-9)
        assert_close(sd, right.std(axis=0), "sd", atol=1e-9)
        assert_close(Z, (right - right.mean(axis=0)) / (right.std(axis=0) + 0.5), "Z", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=4, hi=8))
def test_large_mean(student, seed, shape):
    """Columns with mean ten million and deviation about one keep six digits of their deviation."""
    X = np.round(Draw(seed).permutation(*shape) * 2, 1) + np.linspace(1e7, 2e7, shape[1])
    Z, _, sd = student.standardize(X, 0.0)
    assert_close(sd, np.std(X, axis=0), "sd", rtol=1e-6)
    assert_close(Z, (X - X.mean(axis=0)) / X.std(axis=0), "Z", rtol=1e-5)


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), layout=st.sampled_from(LAYOUTS))
def test_standardize_leaves_data_alone(student, seed, shape, layout):
    """X keeps its values in every memory layout, and Z is right."""
    X = spread_columns(Draw(seed), *shape)
    Z, _, _ = student.standardize(relayout(X, layout), 0.5)
    assert_unchanged(student)
    assert_close(Z, (X - X.mean(axis=0)) / (X.std(axis=0) + 0.5), "Z", atol=1e-9)
