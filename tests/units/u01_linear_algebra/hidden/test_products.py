"""Hidden tests of inner_product, matvec_columns and matvec_rows: NumPy's own products as oracle, and what must not happen on the way."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, pixels, relayout

BOTH = ("matvec_columns", "matvec_rows")


@exercise("inner_product", weight=2)
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
    """Vectors of uint8 pixels are converted before they are multiplied, so that nothing overflows."""
    draw = Draw(seed)
    u, v = pixels(draw, n), pixels(draw, n)
    assert_close(student.inner_product(u, v), float(u.astype(float) @ v.astype(float)), "inner_product(u, v)")


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(1, 8))
def test_whole_numbers_and_fractions(student, seed, n):
    """A vector of whole numbers and a vector of fractions give a fraction, in either order."""
    draw = Draw(seed)
    u, v = draw.integers(-5, 6, n), draw.normal(n)
    assert_close(student.inner_product(u, v), float(u @ v), "inner_product(u, v)", atol=1e-9)
    assert_close(student.inner_product(v, u), float(u @ v), "inner_product(v, u)", atol=1e-9)


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(2, 8), layout=st.sampled_from(LAYOUTS))
def test_inner_product_leaves_inputs_alone(student, seed, n, layout):
    """Neither vector is changed, whatever its memory layout, and the value is right."""
    draw = Draw(seed)
    u, v = draw.normal(n, scale=100.0), draw.normal(n)
    got = student.inner_product(relayout(u, layout), v)
    assert_unchanged(student)
    assert_close(got, float(u @ v), "inner_product(u, v)", atol=1e-7)


@exercise("matvec_columns", weight=2)
@given(seed=seeds(), shape=dims("M N"))
def test_columns(student, seed, shape):
    """matvec_columns(A, x) is A·x, of shape (M,)."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    assert_close(student.matvec_columns(A, x), A @ x, "matvec_columns(A, x)", atol=1e-9)


@exercise("matvec_columns", weight=2)
@given(seed=seeds(), shape=dims("M N"))
def test_rows(student, seed, shape):
    """matvec_rows(A, x) is A·x, of shape (M,)."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    assert_close(student.matvec_rows(A, x), A @ x, "matvec_rows(A, x)", atol=1e-9)


@exercise("matvec_columns", weight=2)
@given(seed=seeds(), n=st.integers(2, 6))
def test_square_matrix(student, seed, n):
    """A square matrix is not confused with its transpose, in either function."""
    draw = Draw(seed)
    A, x = draw.normal(n, n), draw.normal(n)
    for name in BOTH:
        assert_close(getattr(student, name)(A, x), A @ x, f"{name}(A, x)", atol=1e-9)


@exercise("matvec_columns")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (1, 1), (3, 1), (1, 2)]))
def test_one_row_or_column(student, seed, shape):
    """A matrix of one row gives an array of shape (1,), not a bare number; a matrix of one column works too."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    for name in BOTH:
        assert_close(getattr(student, name)(A, x), A @ x, f"{name}(A, x)", atol=1e-9)


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N", lo=2))
def test_whole_numbers_and_pixels(student, seed, shape):
    """Matrices of whole numbers, also uint8, times any x give float64 results without cutting off or overflowing."""
    draw = Draw(seed)
    whole, grey, x = draw.integers(-5, 6, *shape), pixels(draw, *shape), draw.normal(shape[1])
    few = draw.integers(2, 9, shape[1]).astype(np.uint8)
    for name in BOTH:
        assert_close(getattr(student, name)(whole, x), whole @ x, f"{name}(A, x)", atol=1e-9)
        assert_close(getattr(student, name)(grey, few), grey.astype(float) @ few.astype(float), f"{name}(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N", lo=2), layout=st.sampled_from(LAYOUTS))
def test_matvec_leaves_inputs_alone(student, seed, shape, layout):
    """A and x keep their values in every memory layout; a view of A is not a place to add up in."""
    draw = Draw(seed)
    A, x = draw.normal(*shape), draw.normal(shape[1])
    for name in BOTH:
        got = getattr(student, name)(relayout(A, layout), relayout(x, layout))
        assert_unchanged(student)
        assert_close(got, A @ x, f"{name}(A, x)", atol=1e-9)
