"""Visible checks of ridge regression, PCA and power iteration: what defines each result, not how it is found."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, fail, numeric_gradient, seeds

from .cases import clear_directions, spread_columns, symmetric


@exercise("ridge_fit")
def test_line(student):
    """With almost no price on w, the points (0, 1), (1, 3), (2, 5) give the line 2x + 1."""
    w, b = student.ridge_fit(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]), 1e-9)
    assert_close(w, np.array([2.0]), "w")
    assert_close(b, 1.0, "b")


@exercise("ridge_fit")
@given(seed=seeds(), shape=dims("N D", hi=7), lam=st.sampled_from([0.1, 1.0, 5.0]))
def test_no_step_lowers_the_loss(student, seed, shape, lam):
    """At the answer the derivative of sum((X w + b − y)²) + lam·sum(w²) is zero in every weight and in b."""
    draw = Draw(seed)
    X, y = spread_columns(draw, *shape), draw.normal(shape[0]) + 4.0

    def loss(w, b):
        return float(np.sum((X @ w + b - y) ** 2) + lam * np.sum(w**2))

    w, b = student.ridge_fit(X, y, lam)
    assert_unchanged(student)
    assert_close(w, np.zeros(shape[1]), "w", atol=1e6)
    assert_close(b, 0.0, "b", atol=1e6)
    slopes = {
        "w": numeric_gradient(loss, [w, float(b)], wrt=0, output=None),
        "b": numeric_gradient(loss, [w, float(b)], wrt=1, output=None),
    }
    for name, slope in slopes.items():
        steepest = float(np.max(np.abs(slope)))
        if steepest > 1e-6 * (1.0 + np.sum(y**2)):
            fail(
                f"The loss still changes when {name} moves: its derivative is {steepest:.3g}, expected 0.",
                f"d loss / d {name}",
                steepest,
                0.0,
            )


@exercise("ridge_fit")
def test_bias_is_free(student):
    """A very high price makes w zero, and b the mean of y."""
    w, b = student.ridge_fit(np.array([[1.0], [2.0], [4.0]]), np.array([10.0, 20.0, 60.0]), 1e12)
    assert_close(w, np.array([0.0]), "w", atol=1e-6)
    assert_close(b, 30.0, "b", rtol=1e-6)


@exercise("pca")
def test_points_on_a_line(student):
    """Points on the line through (5, 1) with direction (3, 4) vary along (0.6, 0.8) only, up to sign."""
    W, var = student.pca(np.array([5.0, 1.0]) + np.array([[-1.0], [0.0], [1.0]]) * [3.0, 4.0], 1)
    assert_close(W, np.zeros((2, 1)), "W", atol=np.inf)
    assert_close(W @ W.T, np.array([[0.36, 0.48], [0.48, 0.64]]), "W @ W.T", atol=1e-7)
    assert_close(W, np.array([[0.6], [0.8]]) * np.sign(W[0, 0]), "W")
    assert_close(var, np.array([50.0 / 3.0]), "var")


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 5), k=st.integers(1, 5))
def test_variances_known(student, seed, D, k):
    """For data made to vary by 16, 8, 4, … along perpendicular directions, var holds the first k of these numbers."""
    k = min(k, D)
    _, var = student.pca(clear_directions(Draw(seed), 3 * D, D), k)
    assert_unchanged(student)
    assert_close(var, 16.0 / 2.0 ** np.arange(k), "var")


@exercise("pca")
@given(seed=seeds(), D=st.integers(2, 5), k=st.integers(1, 5))
def test_directions(student, seed, D, k):
    """The columns of W have length 1, are perpendicular, and the data vary by 16, 8, 4, … along them."""
    k = min(k, D)
    X = clear_directions(Draw(seed), 3 * D, D)
    W, _ = student.pca(X, k)
    assert_close(W, np.zeros((D, k)), "W", atol=np.inf)
    assert_close(W.T @ W, np.eye(k), "W.T @ W", atol=1e-7)
    scores = (X - X.sum(axis=0) / len(X)) @ W
    assert_close((scores**2).sum(axis=0) / len(X), 16.0 / 2.0 ** np.arange(k), "variance of the data along W")


@exercise("power_iteration")
def test_two_by_two(student):
    """[[2, 1], [1, 2]] has the largest eigenvalue 3 with eigenvector (1, 1)/√2, up to sign."""
    value, vector = student.power_iteration(np.array([[2.0, 1.0], [1.0, 2.0]]), 60, student.make_rng(0))
    assert_close(value, 3.0, "eigenvalue")
    assert_close(vector, np.zeros(2), "eigenvector", atol=np.inf)
    assert_close(vector, np.full(2, np.sqrt(0.5)) * np.sign(vector[0]), "eigenvector", rtol=1e-6)


@exercise("power_iteration")
@given(seed=seeds(), values=st.sampled_from([(4.0, 1.0, 0.5), (-3.0, 1.0), (2.0,), (5.0, -2.0, 1.0, 0.0)]))
def test_eigenvector(student, seed, values):
    """A·v is eigenvalue·v for the eigenvalue of largest absolute value, which may be negative; v has length 1."""
    A, _ = symmetric(Draw(seed), values)
    value, vector = student.power_iteration(A, 100, student.make_rng(seed))
    assert_unchanged(student)
    assert_close(value, values[0], "eigenvalue")
    assert_close(vector, np.zeros(len(values)), "eigenvector", atol=np.inf)
    assert_close(float(np.sum(vector**2)), 1.0, "squared length of the eigenvector")
    assert_close(A @ vector, values[0] * vector, "A @ eigenvector", atol=1e-6)


@exercise("power_iteration")
def test_steps_from_the_start(student):
    """With iters = 0 the start comes back, whatever the matrix; one step along diag(1, ½) halves the second entry beside the first."""
    A, other = np.array([[1.0, 0.0], [0.0, 0.5]]), np.array([[2.0, 1.0], [1.0, 2.0]])
    (_, start), (_, same), (_, end) = (student.power_iteration(M, n, student.make_rng(3)) for M, n in ((A, 0), (other, 0), (A, 1)))
    for vector in (start, same, end):
        assert_close(vector, np.zeros(2), "eigenvector", atol=np.inf)
    assert_close(same, start, "the start for another matrix")
    assert_close(float(end[1] * start[0]), float(0.5 * start[1] * end[0]), "second entry over first, times the start's first", rtol=1e-6)


@exercise("power_iteration")
def test_no_overflow(student):
    """A thousand multiplications by a large matrix do not overflow."""
    value, vector = student.power_iteration(np.array([[1000.0, 0.0], [0.0, 1.0]]), 1000, student.make_rng(1))
    assert_close(value, 1000.0, "eigenvalue")
    assert_close(np.abs(vector), np.array([1.0, 0.0]), "absolute value of the eigenvector", atol=1e-9)
