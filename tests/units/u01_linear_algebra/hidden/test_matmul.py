"""Hidden tests of matmul_loops and matmul_broadcast: NumPy's A @ B as oracle; types, layouts and side effects on their own."""

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

BOTH = ("matmul_loops", "matmul_broadcast")


@exercise("matmul_loops", weight=5)
@given(seed=seeds(), shape=dims("N K M"))
def test_loops(student, seed, shape):
    """matmul_loops(A, B) is the matrix product, (N, K) times (K, M) gives (N, M)."""
    draw = Draw(seed)
    A, B = draw.normal(*shape[:2]), draw.normal(*shape[1:])
    assert_close(student.matmul_loops(A, B), A @ B, "matmul_loops(A, B)", atol=1e-9)


@exercise("matmul_loops", weight=5)
@given(seed=seeds(), shape=dims("N K M"))
def test_broadcast(student, seed, shape):
    """matmul_broadcast(A, B) is the matrix product, (N, K) times (K, M) gives (N, M)."""
    draw = Draw(seed)
    A, B = draw.normal(*shape[:2]), draw.normal(*shape[1:])
    assert_close(student.matmul_broadcast(A, B), A @ B, "matmul_broadcast(A, B)", atol=1e-9)


@exercise("matmul_loops", weight=2)
@given(seed=seeds(), n=st.integers(2, 5))
def test_square_matrices(student, seed, n):
    """For square matrices no transpose, swapped order or entry-by-entry product slips through: row 0 belongs to row 0 of A."""
    draw = Draw(seed)
    A, B = draw.away_from_zero(n, n), draw.away_from_zero(n, n)
    for name in BOTH:
        whole = getattr(student, name)(A, B)
        assert_shape(whole, (n, n), f"{name}(A, B)")
        assert_same(whole[:1], getattr(student, name)(A[:1], B), f"the first row of {name}(A, B)")
        assert_depends(whole, getattr(student, name)(2.0 * A, B), f"{name}(A, B)")
        assert_same(whole[:, :1], getattr(student, name)(A, B[:, :1]), f"the first column of {name}(A, B)")


@exercise("matmul_loops")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2), (3, 1, 2), (2, 3, 1), (1, 1, 4), (1, 3, 1), (4, 1, 1), (1, 1, 1)]))
def test_sizes_of_one(student, seed, shape):
    """Axes of size 1 stay in the result: (1, K) times (K, 1) has shape (1, 1)."""
    N, K, M = shape
    draw = Draw(seed)
    A, B = draw.normal(N, K), draw.normal(K, M)
    for name in BOTH:
        assert_shape(getattr(student, name)(A, B), (N, M), f"{name}(A, B)")


@exercise("matmul_loops")
@given(seed=seeds(), shape=dims("N K M"))
def test_matmul_of_whole_numbers(student, seed, shape):
    """Whole numbers, also uint8 pixels, give what the same numbers give in float64: nothing is cut off, nothing overflows."""
    draw = Draw(seed)
    whole, fractions = draw.integers(1, 6, *shape[:2]), np.abs(draw.away_from_zero(*shape[1:])) + 0.005
    left, right = pixels(draw, *shape[:2]), pixels(draw, *shape[1:])
    for name in BOTH:
        for A, B in ((whole, fractions), (left, right)):
            plain = getattr(student, name)(A.astype(float), B.astype(float))
            assert_same(getattr(student, name)(A, B), plain, f"{name}(A, B)")
            assert_depends(plain, getattr(student, name)(2.0 * A, B.astype(float)), f"{name}(A, B)")


@exercise("matmul_loops")
@given(seed=seeds(), shape=dims("N K M", lo=2), layout=st.sampled_from(LAYOUTS))
def test_matmul_leaves_inputs_alone(student, seed, shape, layout):
    """A and B keep their values, and the product does not depend on how they lie in memory."""
    draw = Draw(seed)
    A, B = draw.away_from_zero(*shape[:2]), draw.away_from_zero(*shape[1:])
    for name in BOTH:
        plain = getattr(student, name)(A, B)
        assert_unchanged(student)
        got = getattr(student, name)(relayout(A, layout), relayout(B, layout))
        assert_unchanged(student)
        assert_same(got, plain, f"{name}(A, B)")
        assert_depends(plain, getattr(student, name)(2.0 * A, B), f"{name}(A, B)")


@exercise("matmul_loops")
def test_broadcast_is_not_a_loop(student):
    """matmul_broadcast of 40×40 matrices is right, without a Python loop."""
    A, B = np.random.default_rng(0).normal(size=(2, 40, 40))
    assert_close(student.matmul_broadcast(A, B), A @ B, "matmul_broadcast(A, B)", atol=1e-9)
    assert_no_loop(student.matmul_broadcast, (A[:4, :4], B[:4, :4]), (A, B), 36)
