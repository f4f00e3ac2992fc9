"""Hidden tests of the two distance functions: one pair at a time by math.dist as oracle."""

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import (
    Draw,
    assert_close,
    assert_depends,
    assert_no_loop,
    assert_same,
    assert_shape,
    assert_unchanged,
    dims,
    exercise,
    seeds,
)

from ..visible.cases import LAYOUTS, pixels, relayout

BOTH = ("compute_distances_two_loops", "compute_distances_no_loops")


def pairwise(X, Y):
    """Return the distances of all pairs, one by one."""
    return np.array([[math.dist(x, y) for y in Y.astype(float)] for x in X.astype(float)])


@exercise("compute_distances_two_loops", weight=5)
@given(seed=seeds(), shape=dims("N M D"))
def test_two_loops(student, seed, shape):
    """compute_distances_two_loops(X, Y)[i, j] is the distance from X[i] to Y[j]."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = draw.normal(N, D), draw.normal(M, D) + 5.0
    assert_close(student.compute_distances_two_loops(X, Y), pairwise(X, Y), "compute_distances_two_loops(X, Y)", rtol=1e-9, atol=1e-9)


@exercise("compute_distances_two_loops", weight=5)
@given(seed=seeds(), shape=dims("N M D"))
def test_no_loops(student, seed, shape):
    """compute_distances_no_loops(X, Y)[i, j] is the distance from X[i] to Y[j], also where all distances are a ten-millionth."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = draw.normal(N, D), draw.normal(M, D) + 1.0
    for scale in (1.0, 1e-7):
        got = student.compute_distances_no_loops(X * scale, Y * scale)
        assert_close(got, pairwise(X * scale, Y * scale), "compute_distances_no_loops(X, Y)", atol=1e-6 * scale)


@exercise("compute_distances_two_loops", weight=2)
@given(seed=seeds(), n=st.integers(2, 5), D=st.integers(1, 4))
def test_as_many_rows(student, seed, n, D):
    """With as many rows in X as in Y, the table is not transposed and no norm is added to the wrong side: row 0 belongs to X[0] alone."""
    draw = Draw(seed)
    X, Y = draw.away_from_zero(n, D), draw.away_from_zero(n, D) * 3.0
    for name in BOTH:
        whole = getattr(student, name)(X, Y)
        assert_shape(whole, (n, n), f"{name}(X, Y)")
        assert_same(whole[:1], getattr(student, name)(X[:1], Y), f"the first row of {name}(X, Y)", atol=1e-6)
        assert_depends(whole, getattr(student, name)(2.0 * X, 2.0 * Y), f"{name}(X, Y)")
        assert_same(whole[:, :1], getattr(student, name)(X, Y[:1]), f"the first column of {name}(X, Y)", atol=1e-6)


@exercise("compute_distances_two_loops", weight=2)
@given(seed=seeds(), D=st.sampled_from([3, 5, 8]))
def test_equal_rows(student, seed, D):
    """Equal rows are at distance 0: rounding just below zero must not become NaN under the root."""
    X = Draw(seed).normal(24, D, scale=7.3)
    for name in BOTH:
        got = getattr(student, name)(X, X)
        assert_shape(got, (24, 24), f"{name}(X, X)")
        assert_close(np.diag(got), np.zeros(24), f"the distances of rows to themselves in {name}(X, X)", atol=1e-5)


@exercise("compute_distances_two_loops")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2), (3, 1, 2), (1, 1, 4), (2, 3, 1), (1, 1, 1)]))
def test_single_rows(student, seed, shape):
    """A single row in X or in Y, or a single feature, keeps the result at shape (N, M)."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = draw.normal(N, D), draw.normal(M, D) + 3.0
    for name in BOTH:
        assert_shape(getattr(student, name)(X, Y), (N, M), f"{name}(X, Y)")


@exercise("compute_distances_two_loops")
@given(seed=seeds(), shape=dims("N M D"))
def test_distances_of_pixels(student, seed, shape):
    """Rows of uint8 pixels give what the same numbers give in float64: 10 − 20 is −10, not 246."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = pixels(draw, N, D), pixels(draw, M, D)
    X[0, 0], Y[0, 0] = 60, 61  # not all rows are equal, and a difference is negative
    for name in BOTH:
        plain = getattr(student, name)(X.astype(float), Y.astype(float))
        assert_same(getattr(student, name)(X, Y), plain, f"{name}(X, Y)", atol=1e-4)
        assert_depends(plain, getattr(student, name)(2.0 * X, 2.0 * Y), f"{name}(X, Y)")


@exercise("compute_distances_two_loops")
@given(seed=seeds(), shape=dims("N M D"), layout=st.sampled_from(LAYOUTS))
def test_distances_leave_data_alone(student, seed, shape, layout):
    """X and Y keep their values, and the distances do not depend on how they lie in memory."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = draw.normal(N, D), draw.normal(M, D) + 1.005
    for name in BOTH:
        plain = getattr(student, name)(X, Y)
        assert_unchanged(student)
        got = getattr(student, name)(relayout(X, layout), relayout(Y, layout))
        assert_unchanged(student)
        assert_same(got, plain, f"{name}(X, Y)", atol=1e-6)
        assert_depends(plain, getattr(student, name)(2.0 * X, 2.0 * Y), f"{name}(X, Y)")


@exercise("compute_distances_two_loops")
def test_no_loops_is_not_a_loop(student):
    """compute_distances_no_loops for 100 by 100 rows is right, without a Python loop."""
    X, Y = np.random.default_rng(0).normal(size=(2, 100, 3))
    assert_close(student.compute_distances_no_loops(X, Y), pairwise(X, Y), "compute_distances_no_loops(X, Y)", atol=1e-6)
    assert_no_loop(student.compute_distances_no_loops, (X[:4], Y[:4]), (X, Y), 96)
