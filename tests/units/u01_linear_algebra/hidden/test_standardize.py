"""Hidden tests of standardize: each returned value, eps, constant columns, large means, and what must stay as it was."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_float64, pixels, relayout, spread_columns


@exercise("standardize", weight=4)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7))
def test_standardized_values(student, reference, seed, shape):
    """Z is (X − mu) / (sd + eps), column by column."""
    X = spread_columns(Draw(seed), *shape)
    assert_close(student.standardize(X, 1e-8)[0], reference.standardize(X, 1e-8)[0], "Z", atol=1e-6)


@exercise("standardize", weight=4)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), eps=st.sampled_from([0.0, 0.5]))
def test_mean_and_deviation(student, seed, shape, eps):
    """mu and sd have shape (D,) and hold each column's mean and standard deviation with 1/N; eps is not in sd."""
    X = spread_columns(Draw(seed), *shape)
    _, mu, sd = student.standardize(X, eps)
    assert_close(mu, np.mean(X, axis=0), "mu", atol=1e-9)
    assert_close(sd, np.std(X, axis=0), "sd", atol=1e-9)


@exercise("standardize", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), eps=st.sampled_from([0.25, 2.0]))
def test_eps_is_added_to_the_deviation(student, seed, shape, eps):
    """eps is added to the standard deviation, not under the root and not twice; a large eps shows it."""
    X = spread_columns(Draw(seed), *shape)
    expected = (X - X.mean(axis=0)) / (X.std(axis=0) + eps)
    assert_close(student.standardize(X, eps)[0], expected, "Z", atol=1e-9)


@exercise("standardize")
@given(seed=seeds(), n=st.integers(2, 6))
def test_square_data(student, seed, n):
    """With as many examples as features, rows are not confused with columns: the first column alone gives the same numbers."""
    X = spread_columns(Draw(seed), n, n)
    Z, mu, sd = student.standardize(X, 0.1)
    first, mean, deviation = student.standardize(X[:, :1], 0.1)
    assert_shape(Z, (n, n), "Z")
    assert_same(Z[:, :1], first, "the first column of Z")
    for name, whole, one in (("mu", mu, mean), ("sd", sd, deviation)):
        assert_shape(whole, (n,), name)
        assert_same(whole[:1], one, f"the first entry of {name}")


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7))
def test_constant_columns(student, seed, shape):
    """A constant column becomes zeros, not NaN, and its sd is 0; the columns next to it do not notice."""
    X = spread_columns(Draw(seed), *shape)
    X[:, 0] = 4.0
    Z, _, sd = student.standardize(X, 1e-3)
    rest, _, _ = student.standardize(X[:, 1:], 1e-3)
    assert_shape(Z, shape, "Z")
    assert_close(Z[:, 0], np.zeros(shape[0]), "the constant column of Z", atol=1e-9)
    assert_same(Z[:, 1:], rest, "the other columns of Z")
    assert_shape(sd, shape[1:], "sd")
    assert_close(float(sd[0]), 0.0, "sd of the constant column", atol=1e-9)


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
    """Whole numbers, uint8 pixels and float32 numbers give what the same numbers give in float64: nothing is cut off, nothing overflows."""
    draw = Draw(seed)
    whole, grey = draw.integers(1, 10, *shape), pixels(draw, *shape)
    whole[0], whole[1], grey[0], grey[1] = 1, 12, 60, 61  # no column is constant
    for X in (whole, grey, spread_columns(draw, *shape).astype(np.float32)):
        results = student.standardize(X, 0.5)
        assert_float64("the result", *results)
        plain = student.standardize(X.astype(float), 0.5)
        for name, got, right in zip(("Z", "mu", "sd"), results, plain, strict=True):
            assert_same(got, right, name)
        assert_depends(plain[2], student.standardize(2.0 * X, 0.5)[2], "sd")


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=4, hi=8))
def test_large_mean(student, seed, shape):
    """Moving columns with deviation about one to a mean of ten million leaves Z and six digits of sd as they were."""
    X = np.round(Draw(seed).permutation(*shape) * 2, 1)
    Z, _, sd = student.standardize(X, 0.0)
    far, _, deviation = student.standardize(X + np.linspace(1e7, 2e7, shape[1]), 0.0)
    assert_same(deviation, sd, "sd", rtol=1e-6)
    assert_same(far, Z, "Z", rtol=1e-5)
    assert_depends(sd, student.standardize(2.0 * X, 0.0)[2], "sd")


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7), layout=st.sampled_from(LAYOUTS))
def test_standardize_leaves_data_alone(student, seed, shape, layout):
    """X keeps its values, and Z does not depend on how X lies in memory."""
    X = spread_columns(Draw(seed), *shape)
    plain, _, deviation = student.standardize(X, 0.5)
    assert_unchanged(student)
    Z, _, _ = student.standardize(relayout(X, layout), 0.5)
    assert_unchanged(student)
    assert_same(Z, plain, "Z")
    assert_depends(deviation, student.standardize(2.0 * X, 0.5)[2], "sd")
