"""Hidden tests of power_iteration: known eigenvalues, either sign, how many steps are made, and matrices that trap a short cut."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_shape, assert_unchanged, comparing, exercise, fail, seeds

from ..visible.cases import LAYOUTS, relayout, symmetric

SPECTRA = [(3.0, 1.0, 0.5, 0.0), (5.0, -2.0), (1.5,), (2.0, 1.0, 1.0), (4.0, 2.0, -1.0, 0.5, 0.1)]


def check(A, value, vector, eigenvalue, direction):
    """Compare value and vector with a known eigenpair; the vector's sign is free."""
    assert_close(value, eigenvalue, "eigenvalue", atol=1e-7)
    assert_shape(vector, (len(A),), "eigenvector")
    sign = 1.0 if float(np.sum(vector * direction)) >= 0 else -1.0
    assert_close(vector, direction * sign, "eigenvector (up to sign)", atol=1e-6)


@exercise("power_iteration", weight=2)
@given(seed=seeds(), spectrum=st.sampled_from(SPECTRA))
def test_largest_eigenvalue(student, seed, spectrum):
    """After many steps the eigenvalue of largest absolute value and its eigenvector of length 1 come out."""
    A, vectors = symmetric(Draw(seed), spectrum)
    check(A, *student.power_iteration(A, 120, student.make_rng(seed)), spectrum[0], vectors[:, 0])


@exercise("power_iteration", weight=2)
@given(seed=seeds(), spectrum=st.sampled_from([(-3.0, 1.0), (-2.0, 1.0, 0.5), (-1.0,), (-5.0, 2.0, -1.0, 0.0)]))
def test_negative_eigenvalue(student, seed, spectrum):
    """When the largest absolute value belongs to a negative eigenvalue, the eigenvalue comes out negative."""
    A, vectors = symmetric(Draw(seed), spectrum)
    for iters in (120, 121):
        check(A, *student.power_iteration(A, iters, student.make_rng(seed)), spectrum[0], vectors[:, 0])


@exercise("power_iteration")
@given(seed=seeds(), iters=st.integers(0, 4))
def test_value_belongs_to_vector(student, seed, iters):
    """Also before it has converged, the eigenvalue is v·(A v) for the returned v, and v has length 1."""
    A, _ = symmetric(Draw(seed), (3.0, -2.5, 2.0, 1.0))
    value, vector = student.power_iteration(A, iters, student.make_rng(seed))
    assert_shape(vector, (4,), "eigenvector")
    assert_close(float(np.sum(vector**2)), 1.0, "squared length of the eigenvector")
    assert_close(value, float(vector @ A @ vector), "eigenvalue", atol=1e-9)


@exercise("power_iteration", weight=2)
@given(seed=seeds(), ratio=st.sampled_from([0.5, -0.8, 0.9]), iters=st.integers(1, 6))
def test_number_of_steps(student, seed, ratio, iters):
    """For diag(1, r) each step multiplies the second entry, relative to the first, by r; iters steps do so iters times."""
    A = np.diag([1.0, ratio])
    value, start = student.power_iteration(A, 0, student.make_rng(seed))
    _, end = student.power_iteration(A, iters, student.make_rng(seed))
    for vector in (start, end):
        assert_shape(vector, (2,), "eigenvector")
    assert_close(value, float(start @ A @ start), "eigenvalue", atol=1e-9)
    if comparing() and not np.all(np.abs(start) > 1e-12):
        fail("With iters = 0 an eigenvector comes back, not a random start.", "the start", start, "a vector that no step has changed")
    got, expected = float(end[1] * start[0]), float(start[1] * ratio**iters * end[0])
    assert_close(got, expected, "second entry over first, times the start's first", rtol=1e-6, atol=1e-12)


@exercise("power_iteration", weight=2)
@given(seed=seeds(), D=st.integers(2, 5))
def test_no_steps(student, seed, D):
    """With iters = 0 the start vector itself comes back: another seed gives another one, another matrix does not."""
    draw = Draw(seed)
    first, second = (symmetric(draw, tuple(range(D, 0, -1)))[0] for _ in range(2))
    calls = ((first, seed), (second, seed), (first, seed + 1))
    start, same, other = (student.power_iteration(A, 0, student.make_rng(number))[1] for A, number in calls)
    for vector in (start, same, other):
        assert_shape(vector, (D,), "eigenvector")
    assert_close(same, start, "the start for another matrix")
    if comparing() and abs(abs(float(np.sum(start * other))) - float(np.sum(start**2))) < 1e-9:
        fail("Two seeds give the same start: draw it with rng.", "the start with another seed", other, "another vector")


@exercise("power_iteration")
@given(seed=seeds(), D=st.integers(2, 5))
def test_start_is_random(student, seed, D):
    """The eigenvector may be perpendicular to (1, …, 1) and to the axes: a random start finds it all the same in twenty steps."""
    q = np.arange(D) - (D - 1) / 2
    q = q / np.linalg.norm(q)
    A = 4.0 * np.outer(q, q) + np.ones((D, D)) / D
    check(A, *student.power_iteration(A, 20, student.make_rng(seed)), 4.0, q)
    A = np.diag(np.where(np.arange(D) == D - 1, 4.0, 1.0))
    check(A, *student.power_iteration(A, 20, student.make_rng(seed)), 4.0, np.eye(D)[D - 1])


@exercise("power_iteration")
@given(seed=seeds(), scale=st.sampled_from([1e4, 1e-4]))
def test_neither_overflow_nor_underflow(student, seed, scale):
    """Five hundred steps with eigenvalues of ten thousand, or of a ten-thousandth, stay finite."""
    A, vectors = symmetric(Draw(seed), (scale, 0.5 * scale, -0.1 * scale))
    value, vector = student.power_iteration(A, 500, student.make_rng(seed))
    check(A, value / scale, vector, 1.0, vectors[:, 0])


@exercise("power_iteration")
@given(seed=seeds(), D=st.integers(1, 4))
def test_zero_matrix(student, seed, D):
    """For the zero matrix the eigenvalue is 0 and the vector still has length 1: no division by zero."""
    value, vector = student.power_iteration(np.zeros((D, D)), 5, student.make_rng(seed))
    assert_shape(vector, (D,), "eigenvector")
    assert_close(float(np.sum(vector**2)), 1.0, "squared length of the eigenvector")
    assert_close(value, 0.0, "eigenvalue", atol=1e-12)


@exercise("power_iteration")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_power_leaves_matrix_alone(student, seed, layout):
    """A keeps its values, and neither its number type nor how it lies in memory changes the result."""
    A = np.array([[2, 1, 0], [1, 2, 0], [0, 0, -1]])
    value, vector = student.power_iteration(relayout(A, layout), 60, student.make_rng(seed))
    assert_unchanged(student)
    plain, direction = student.power_iteration(A.astype(float), 60, student.make_rng(seed))
    assert_shape(plain, (), "eigenvalue")
    assert_shape(direction, (3,), "eigenvector")
    check(A, value, vector, float(plain), direction)
