"""Visible checks of inner products and matrix products: the lecture's numbers, unit vectors, angles and NumPy's own product."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from .cases import MATRIX, TWO_COLUMNS, VECTOR


@exercise("inner_product")
def test_lecture_example(student):
    """(2, 7, 3) · (1, 3, 6) is 41."""
    assert_close(student.inner_product(np.array([2.0, 7.0, 3.0]), np.array([1.0, 3.0, 6.0])), 41.0, "inner_product(u, v)")


@exercise("inner_product")
@given(seed=seeds(), n=st.integers(1, 6))
def test_unit_vector_picks_an_entry(student, seed, n):
    """The inner product with a vector that is 1 at one place and 0 elsewhere is the entry at that place."""
    u = Draw(seed).away_from_zero(n)
    for i, unit in enumerate(np.eye(n)):
        assert_close(student.inner_product(u, unit), float(u[i]), "inner_product(u, unit)")


@exercise("inner_product")
@given(length=st.integers(1, 5), degrees=st.sampled_from([0, 30, 90, 120, 180]))
def test_angle(student, length, degrees):
    """u · v is ‖u‖·‖v‖·cos θ: positive, zero or negative with the angle between the two."""
    angle = np.radians(degrees)
    u, v = np.array([0.0, length]), 2 * np.array([np.sin(angle), np.cos(angle)])
    assert_close(student.inner_product(u, v), float(2 * length * np.cos(angle)), "inner_product(u, v)", atol=1e-9)


@exercise("inner_product")
def test_pixels(student):
    """Pixels of type uint8 are converted before they are multiplied: (200, 100) · (2, 3) is 700."""
    u, v = np.array([200, 100], dtype=np.uint8), np.array([2, 3], dtype=np.uint8)
    assert_close(student.inner_product(u, v), 700.0, "inner_product(u, v)")


@exercise("inner_product")
def test_sixteen_digits(student):
    """(20000001, 20000000) · (1, −1) is 1: float64 keeps sixteen digits, where float32 keeps seven."""
    assert_close(student.inner_product(np.array([20_000_001.0, 20_000_000.0]), np.array([1.0, -1.0])), 1.0, "inner_product(u, v)")


@exercise("inner_product")
def test_whole_numbers_and_fractions(student):
    """(1, 2) · (0.5, 0.25) is 1, also when the first vector holds whole numbers."""
    assert_close(student.inner_product(np.array([1, 2]), np.array([0.5, 0.25])), 1.0, "inner_product(u, v)")


@exercise("matvec_columns")
def test_lecture_example_both_ways(student):
    """The lecture's matrix times (1, 3, 2) is (18, 24, 27), by columns and by rows."""
    expected = np.array([18.0, 24.0, 27.0])
    assert_close(student.matvec_columns(MATRIX, VECTOR), expected, "matvec_columns(A, x)")
    assert_close(student.matvec_rows(MATRIX, VECTOR), expected, "matvec_rows(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N"))
def test_unit_vector_picks_a_column(student, seed, shape):
    """A times 2 at place j and 0 elsewhere is twice column j; A has shape (M, N), the result (M,)."""
    A = Draw(seed).normal(*shape)
    for j in range(shape[1]):
        x = 2.0 * np.eye(shape[1])[j]
        assert_close(student.matvec_columns(A, x), 2 * A[:, j], "matvec_columns(A, x)")
        assert_close(student.matvec_rows(A, x), 2 * A[:, j], "matvec_rows(A, x)")


@exercise("matvec_columns")
@given(seed=seeds(), shape=dims("M N"))
def test_leaves_matrix_alone(student, seed, shape):
    """Neither function changes A or x; a matrix of ones adds up the entries of x."""
    A, x = np.ones(shape), Draw(seed).normal(shape[1])
    for name in ("matvec_columns", "matvec_rows"):
        assert_close(getattr(student, name)(A, x), np.full(shape[0], x.sum()), f"{name}(A, x)", atol=1e-9)
        assert_unchanged(student)


@exercise("matvec_columns")
def test_whole_numbers_times_fractions(student):
    """A matrix of whole numbers times fractions gives fractions: nothing is cut off."""
    A, x = np.array([[1, 2], [3, 4], [5, 6]]), np.array([0.5, 0.25])
    assert_close(student.matvec_columns(A, x), np.array([1.0, 2.5, 4.0]), "matvec_columns(A, x)")
    assert_close(student.matvec_rows(A, x), np.array([1.0, 2.5, 4.0]), "matvec_rows(A, x)")


@exercise("matmul_loops")
def test_lecture_product(student):
    """The lecture's 3×3 times 3×2 example is [[18, 26], [24, 37], [27, 12]]."""
    expected = np.array([[18.0, 26.0], [24.0, 37.0], [27.0, 12.0]])
    assert_close(student.matmul_loops(MATRIX, TWO_COLUMNS), expected, "matmul_loops(A, B)")
    assert_close(student.matmul_broadcast(MATRIX, TWO_COLUMNS), expected, "matmul_broadcast(A, B)")


@exercise("matmul_loops")
@given(seed=seeds())
def test_three_by_eight_times_eight_by_one(student, seed):
    """A 3×8 matrix times an 8×1 matrix has shape (3, 1)."""
    draw = Draw(seed)
    A, B = draw.normal(3, 8), draw.normal(8, 1)
    assert_close(student.matmul_loops(A, B), A @ B, "matmul_loops(A, B)")
    assert_close(student.matmul_broadcast(A, B), A @ B, "matmul_broadcast(A, B)")


@exercise("matmul_loops")
@given(seed=seeds(), shape=dims("N K M"))
def test_loops_agree_with_numpy(student, seed, shape):
    """matmul_loops gives what NumPy's A @ B gives, for every shape (N, K) times (K, M)."""
    draw = Draw(seed)
    A, B = draw.normal(*shape[:2]), draw.normal(*shape[1:])
    assert_close(student.matmul_loops(A, B), A @ B, "matmul_loops(A, B)")


@exercise("matmul_loops")
@given(seed=seeds(), shape=dims("N K M"))
def test_broadcast_agrees_with_numpy(student, seed, shape):
    """matmul_broadcast gives what NumPy's A @ B gives, for every shape (N, K) times (K, M)."""
    draw = Draw(seed)
    A, B = draw.normal(*shape[:2]), draw.normal(*shape[1:])
    assert_close(student.matmul_broadcast(A, B), A @ B, "matmul_broadcast(A, B)")
