"""Hidden tests of pca: known variances and directions, either sign, and the shapes at their limits."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_float64, clear_directions, relayout


def check(X, k, W):
    """Compare with the eigenvectors of the covariance matrix; the sign of each column is free, variances must be clearly different."""
    _, vectors = np.linalg.eigh(np.cov(X.T, ddof=0).reshape(X.shape[1], -1))
    compare(W, vectors[:, ::-1][:, :k])


def compare(W, vectors):
    """Compare directions up to the sign of each column."""
    assert_shape(W, vectors.shape, "W")
    signs = np.sign(np.sum(W * vectors, axis=0))
    assert_close(W, vectors * np.where(signs == 0, 1.0, signs), "W (up to the sign of each column)", atol=1e-6)


def check_same(student, X, right, k):
    """Compare with what the student's function gives for other data with the same directions and variances, right or not."""
    W, var = student.pca(X, k)
    assert_unchanged(student)
    right_W, right_var = student.pca(right, k)
    assert_shape(right_W, (right.shape[1], k), "W")
    compare(W, right_W)
    assert_same(var, right_var, "var", rtol=1e-7)
    assert_depends(right_var, student.pca(2.0 * right, k)[1], "var")
    return W, var


@exercise("pca", weight=4)
@given(seed=seeds(), shape=dims("N D k", lo=1, hi=6))
def test_variances(student, seed, shape):
    """var holds the k largest variances, with 1/N, in decreasing order."""
    D, k = shape[0] + 1, min(shape[2], shape[0] + 1)
    _, var = student.pca(clear_directions(Draw(seed), D + 1 + shape[1], D), k)
    assert_close(var, 16.0 / 2.0 ** np.arange(k), "var")


@exercise("pca", weight=4)
@given(seed=seeds(), D=st.integers(2, 6), k=st.integers(1, 6), extra=st.integers(1, 6))
def test_each_direction(student, seed, D, k, extra):
    """Column i of W is the direction of the i-th largest variance, with length 1 and either sign; W has shape (D, k)."""
    k = min(k, D)
    X = clear_directions(Draw(seed), D + extra, D)
    check(X, k, student.pca(X, k)[0])


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 5), shift=st.sampled_from([50.0, -300.0]))
def test_far_from_zero(student, seed, D, shift):
    """Moving all data far from zero changes neither directions nor variances: the mean is subtracted first."""
    X = clear_directions(Draw(seed), 2 * D + 1, D)
    check_same(student, X + shift, X - X.mean(axis=0), D - 1)


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 5))
def test_columns_on_different_scales(student, seed, D):
    """Columns are not divided by their deviation: a feature on a larger scale has the larger variance."""
    X = clear_directions(Draw(seed), 3 * D, D) * 4.0 ** np.arange(D)
    check(X, 1, student.pca(X, 1)[0])


@exercise("pca")
@given(seed=seeds(), D=st.integers(3, 7), N=st.integers(2, 3))
def test_more_features_than_examples(student, seed, D, N):
    """With fewer examples than features, k up to N directions exist; the last variance is 0 and W still has perpendicular columns."""
    D = max(D, N + 1)
    X = np.diag(np.arange(D, 0.0, -1.0))[:N] + Draw(seed).normal(D)
    W, var = student.pca(X, N)
    assert_shape(W, (D, N), "W")
    values = np.linalg.eigvalsh((X - X.mean(axis=0)) @ (X - X.mean(axis=0)).T / N)[::-1]
    assert_shape(var, (N,), "var")
    assert_close(float(var[-1]), 0.0, "the last variance", atol=1e-6)
    assert_close(W.T @ W, np.eye(N), "W.T @ W", atol=1e-7)
    scores = (X - X.mean(axis=0)) @ W
    assert_close((scores**2).mean(axis=0), values, "variance of the data along W", atol=1e-9)


@exercise("pca")
@given(seed=seeds(), shape=st.sampled_from([(1, 1), (1, 4), (6, 1)]))
def test_one_example_or_feature(student, seed, shape):
    """A single example has variance 0; a single feature has W = ±1 and its own variance."""
    X = Draw(seed).normal(*shape) + 3.0
    W, var = student.pca(X, 1)
    assert_shape(W, (shape[1], 1), "W")
    assert_close(float(np.sum(W**2)), 1.0, "squared length of the direction")
    assert_close(var, np.array([np.var(X) if shape[1] == 1 else 0.0]), "var", atol=1e-9)


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 4))
def test_pca_of_whole_numbers(student, seed, D):
    """Whole numbers, uint8 pixels and float32 numbers give what the same numbers give in float64; the mean is not cut off."""
    X = np.round(clear_directions(Draw(seed), 3 * D, D) * 4.0)
    X = X - X.min()
    for dtype in (np.int64, np.uint8, np.float32):
        assert_float64("the result", *check_same(student, X.astype(dtype), X, 1))


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 5), layout=st.sampled_from(LAYOUTS))
def test_pca_leaves_data_alone(student, seed, D, layout):
    """X keeps its values, and the directions and variances do not depend on how it lies in memory."""
    X = clear_directions(Draw(seed), 2 * D + 1, D)
    check_same(student, relayout(X, layout), X, D)
