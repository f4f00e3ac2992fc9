"""Visible checks of standardizing, distances, the vote of neighbours and undoing a broadcast."""

import math
import statistics

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_unchanged, dims, exercise, seeds

from .cases import spread_columns

BROADCASTS = [((3, 1), (5, 3, 4)), ((4,), (2, 4)), ((), (2, 3)), ((1, 3), (2, 3)), ((2, 1, 3), (2, 4, 3)), ((2, 3), (2, 3)), ((1,), (3, 2))]


@exercise("standardize")
def test_small_example(student):
    """The columns (1, 3) and (10, 30) have means 2 and 20, deviations 1 and 10, and both become (−1, 1)."""
    Z, mu, sd = student.standardize(np.array([[1.0, 10.0], [3.0, 30.0]]), 0.0)
    assert_close(mu, np.array([2.0, 20.0]), "mu")
    assert_close(sd, np.array([1.0, 10.0]), "sd")
    assert_close(Z, np.array([[-1.0, -1.0], [1.0, 1.0]]), "Z")


@exercise("standardize")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=7))
def test_mean_and_deviation(student, seed, shape):
    """mu and sd are the mean and the standard deviation (with 1/N) of each column, and with eps = 0, Z·sd + mu is X again."""
    X = spread_columns(Draw(seed), *shape)
    Z, mu, sd = student.standardize(X, 0.0)
    assert_unchanged(student)
    assert_close(mu, np.array([statistics.fmean(column) for column in X.T.tolist()]), "mu", atol=1e-9)
    assert_close(sd, np.array([statistics.pstdev(column) for column in X.T.tolist()]), "sd", atol=1e-9)
    assert_close(Z, np.zeros(shape), "Z", atol=np.inf)
    assert_close(Z * sd + mu, X, "Z * sd + mu")


@exercise("standardize")
def test_eps_is_added(student):
    """With eps = 3 the column (1, 3) becomes ∓1 / (1 + 3); the returned sd is 1, without eps."""
    Z, _, sd = student.standardize(np.array([[1.0], [3.0]]), 3.0)
    assert_close(sd, np.array([1.0]), "sd")
    assert_close(Z, np.array([[-0.25], [0.25]]), "Z")


@exercise("standardize")
def test_constant_column(student):
    """A column of equal numbers becomes zeros, not NaN."""
    Z, _, sd = student.standardize(np.array([[5.0, 1.0], [5.0, 3.0]]), 1e-8)
    assert_close(sd, np.array([0.0, 1.0]), "sd", atol=1e-12)
    assert_close(Z, np.array([[0.0, -1.0], [0.0, 1.0]]), "Z", atol=1e-7)


@exercise("compute_distances_two_loops")
def test_three_four_five(student):
    """The distance from (0, 0) to (3, 4) is 5, to (0, 1) it is 1, and the same holds in units of a ten-millionth."""
    X, Y = np.array([[0.0, 0.0]]), np.array([[3.0, 4.0], [0.0, 1.0]])
    for unit in (1.0, 1e-7):
        expected = unit * np.array([[5.0, 1.0]])
        assert_close(student.compute_distances_two_loops(unit * X, unit * Y), expected, "compute_distances_two_loops(X, Y)")
        assert_close(student.compute_distances_no_loops(unit * X, unit * Y), expected, "compute_distances_no_loops(X, Y)")


@exercise("compute_distances_two_loops")
@given(seed=seeds(), shape=dims("N M D"))
def test_every_pair(student, seed, shape):
    """Entry (i, j) is the distance of X[i] to Y[j], as math.dist gives it, in both functions."""
    N, M, D = shape
    draw = Draw(seed)
    X, Y = draw.normal(N, D), draw.normal(M, D)
    expected = np.array([[math.dist(x, y) for y in Y] for x in X])
    assert_close(student.compute_distances_two_loops(X, Y), expected, "compute_distances_two_loops(X, Y)", atol=1e-6)
    assert_close(student.compute_distances_no_loops(X, Y), expected, "compute_distances_no_loops(X, Y)", atol=1e-6)


@exercise("compute_distances_two_loops")
@given(seed=seeds())
def test_rows_to_themselves(student, seed):
    """The distance of a row to itself is 0 and never NaN, also after rounding."""
    X = Draw(seed).normal(20, 5, scale=3.0)
    distances = student.compute_distances_no_loops(X, X)
    assert_close(distances, np.array([[math.dist(x, y) for y in X] for x in X]), "compute_distances_no_loops(X, X)", atol=1e-5)


@exercise("compute_distances_two_loops")
def test_pixels_apart(student):
    """Pixels of type uint8 are converted before they are subtracted: from (10, 250) to (20, 250) it is 10."""
    X, Y = np.array([[10, 250]], dtype=np.uint8), np.array([[20, 250], [10, 249]], dtype=np.uint8)
    assert_close(student.compute_distances_two_loops(X, Y), np.array([[10.0, 1.0]]), "compute_distances_two_loops(X, Y)")
    assert_close(student.compute_distances_no_loops(X, Y), np.array([[10.0, 1.0]]), "compute_distances_no_loops(X, Y)", atol=1e-6)


@exercise("predict_labels")
def test_votes(student):
    """The nearest three of the first row carry the labels 2, 7, 7; those of the second 2, 2, 7."""
    dists = np.array([[0.2, 0.3, 0.15, 0.9], [0.9, 0.3, 0.1, 0.2]])
    assert_array_equal(student.predict_labels(dists, np.array([7, 7, 2, 2]), 3), np.array([7, 2]), "predict_labels(dists, y_train, 3)")


@exercise("predict_labels")
def test_one_neighbour(student):
    """With k = 1 the answer is the label of the smallest distance in each row."""
    dists = np.array([[3.0, 1.0, 2.0], [0.5, 4.0, 1.0], [2.0, 3.0, 1.0]])
    assert_array_equal(student.predict_labels(dists, np.array([4, 0, 9]), 1), np.array([0, 4, 9]), "predict_labels(dists, y_train, 1)")


@exercise("predict_labels")
def test_tied_votes(student):
    """When several labels have equally many votes, the smallest label wins, even if the others are nearer."""
    dists = np.array([[0.19, 0.2, 0.21, 0.4, 0.5, 0.6, 0.7, 0.8]])
    y_train = np.array([5, 6, 6, 5, 8, 8, 3, 3])
    assert_array_equal(student.predict_labels(dists, y_train, 8), np.array([3]), "predict_labels(dists, y_train, 8)")


@exercise("predict_labels")
def test_tied_distances(student):
    """Of equal distances the one with the smaller index counts as nearer."""
    dists = np.array([[2.0, 1.0, 1.0, 1.0, 1.0]])
    assert_array_equal(student.predict_labels(dists, np.array([0, 5, 3, 3, 8]), 1), np.array([5]), "predict_labels(dists, y_train, 1)")


@exercise("unbroadcast")
def test_two_examples(student):
    """A (2, 3) gradient is summed over the rows for a (3,) array, over the columns for (2, 1), over both for (1, 1)."""
    grad = np.array([[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]])
    assert_close(student.unbroadcast(grad, (3,)), np.array([11.0, 22.0, 33.0]), "unbroadcast(grad, (3,))")
    assert_close(student.unbroadcast(grad, (2, 1)), np.array([[6.0], [60.0]]), "unbroadcast(grad, (2, 1))")
    assert_close(student.unbroadcast(grad, (1, 1)), np.array([[66.0]]), "unbroadcast(grad, (1, 1))")


@exercise("unbroadcast")
@given(seed=seeds(), shapes=st.sampled_from(BROADCASTS))
def test_counts_copies(student, seed, shapes):
    """For a grad of ones, every entry is the number of copies that broadcasting made, and the shape is the one asked for."""
    shape, big = shapes
    scale = abs(Draw(seed).normal()) + 1.0
    copies = scale * math.prod(big) / math.prod(shape)
    assert_close(student.unbroadcast(np.full(big, scale), shape), np.full(shape, copies) if shape else copies, "unbroadcast(grad, shape)")


@exercise("unbroadcast")
@given(seed=seeds(), shapes=st.sampled_from(BROADCASTS))
def test_chain_rule(student, seed, shapes):
    """Moving x by t changes sum(grad · broadcast x) by sum(unbroadcast(grad) · t): the definition of a gradient."""
    shape, big = shapes
    draw = Draw(seed)
    grad = draw.normal(*big)
    got = student.unbroadcast(grad, shape)
    assert_close(got, np.zeros(shape) if shape else 0.0, "unbroadcast(grad, shape)", atol=np.inf)
    for _ in range(4):
        t = np.asarray(draw.normal(*shape))
        assert_close(float(np.sum(got * t)), float(np.sum(grad * t)), "sum(unbroadcast(grad, shape) · t)", atol=1e-9)
