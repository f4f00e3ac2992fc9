"""Hidden tests of inner_product, matvec_columns and matvec_rows: NumPy's products as oracle; types, layouts, side effects on their own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, pixels, relayout

BOTH = ("matvec_columns", "matvec_rows")


@exercise("inner_product", weight=6)
@given(seed=seeds(), n=st.integers(1, 8))
def test_value(student, seed, n):
    """The inner product is the sum of u_i·v_i over all entries, one number, computed in float64: 20000001 − 20000000 is 1."""
    draw = Draw(seed)
    u, v = draw.normal(n), draw.normal(n)
    assert_close(student.inner_product(u, v), float(u @ v), "inner_product(u, v)", atol=1e-9)
    large = np.array([20_000_001.0, -20_000_000.0])
    assert_close(student.inner_product(large, np.ones(2)), 1.0, "inner_product of large numbers that nearly cancel")


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(1, 8))
def test_inner_product_of_pixels(student, seed, n):
    """Vectors of uint8 pixels are converted before they are multiplied: they give what the same numbers give in float64."""
    draw = Draw(seed)
    u, v = pixels(draw, n), pixels(draw, n)
    plain = student.inner_product(u.astype(float), v.astype(float))
    assert_same(student.inner_product(u, v), plain, "inner_product(u, v)")
    assert_depends(plain, student.inner_product(2.0 * u, v.astype(float)), "inner_product(u, v)")


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(1, 8))
def test_whole_numbers_and_fractions(student, seed, n):
    """A vector of whole numbers and a vector of fractions give what they give in float64, in either order: nothing is cut off."""
    draw = Draw(seed)
    u, v = draw.integers(1, 6, n), np.abs(draw.away_from_zero(n)) + 0.005
    for first, second in ((u, v), (v, u)):
        plain = student.inner_product(first.astype(float), second.astype(float))
        assert_same(student.inner_product(first, second), plain, "inner_product(u, v)")
        assert_depends(plain, student.inner_product(2.0 * first, second.astype(float)), "inner_product(u, v)")


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(2, 8), layout=st.sampled_from(LAYOUTS))
def test_inner_product_leaves_inputs_alone(student, seed, n, layout):
    """Neither vector is changed, and the value does not depend on how they lie in memory."""
    draw = Draw(seed)
    u, v = np.abs(draw.away_from_zero(n)) * 100.0, np.abs(draw.away_from_zero(n))
    plain = student.inner_product(u, v)
    assert_unchanged(student)
    assert_same(student.inner_product(relayout(u, layout), v), plain, "inner_product(u, v)")
    assert_unchanged(student)
    assert_depends(plain, student.inner_product(2.0 * u, v), "inner_product(u, v)")


@exercise("matvec_columns", weight=5)
@given(seed=seeds(), shape=dims("M N"))
def test_columns(student, seed, shape):
    """matvec_columns(A, x) is A·x, of shape (M,)."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    assert_close(student.matvec_columns(A, x), A @ x, "matvec_columns(A, x)", atol=1e-9)


@exercise("matvec_columns", weight=5)
@given(seed=seeds(), shape=dims("M N"))
def test_rows(student, seed, shape):
    """matvec_rows(A, x) is A·x, of shape (M,)."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    assert_close(student.matvec_rows(A, x), A @ x, "matvec_rows(A, x)", atol=1e-9)


@exercise("matvec_columns", weight=2)
@given(seed=seeds(), n=st.integers(2, 6))
def test_square_matrix(student, seed, n):
    """A square matrix is not confused with its transpose, in either function: the first entry belongs to the first row alone."""
    draw = Draw(seed)
    A, x = draw.away_from_zero(n, n), draw.away_from_zero(n)
    A[0] = np.abs(A[0]) * np.sign(x)
    for name in BOTH:
        whole, row = getattr(student, name)(A, x), getattr(student, name)(A[:1], x)
        assert_shape(whole, (n,), f"{name}(A, x)")
        assert_same(whole[:1], row, f"the first entry of {name}(A, x)")
        assert_depends(row, getattr(student, name)(2.0 * A[:1], x), f"{name}(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (1, 1), (3, 1), (1, 2)]))
def test_one_row_or_column(student, seed, shape):
    """A matrix of one row gives an array of shape (1,), not a bare number; a matrix of one column works too."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    for name in BOTH:
        assert_shape(getattr(student, name)(A, x), shape[:1], f"{name}(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N", lo=2))
def test_whole_numbers_and_pixels(student, seed, shape):
    """Matrices of whole numbers, also uint8, give what the same numbers give in float64: nothing is cut off, nothing overflows."""
    draw = Draw(seed)
    whole, grey, x = draw.integers(1, 6, *shape), pixels(draw, *shape), np.abs(draw.away_from_zero(shape[1])) + 0.005
    few = draw.integers(2, 9, shape[1]).astype(np.uint8)
    for name in BOTH:
        for A, times in ((whole, x), (grey, few)):
            plain = getattr(student, name)(A.astype(float), times.astype(float))
            assert_same(getattr(student, name)(A, times), plain, f"{name}(A, x)")
            assert_depends(plain, getattr(student, name)(2.0 * A, times.astype(float)), f"{name}(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N", lo=2), layout=st.sampled_from(LAYOUTS))
def test_matvec_leaves_inputs_alone(student, seed, shape, layout):
    """A and x keep their values, and the result does not depend on how they lie in memory; a view of A is not a place to add up in."""
    draw = Draw(seed)
    A, x = draw.away_from_zero(*shape), draw.away_from_zero(shape[1])
    for name in BOTH:
        plain = getattr(student, name)(A, x)
        assert_unchanged(student)
        got = getattr(student, name)(relayout(A, layout), relayout(x, layout))
        assert_unchanged(student)
        assert_same(got, plain, f"{name}(A, x)")
        assert_depends(plain, getattr(student, name)(2.0 * A, x), f"{name}(A, x)")
