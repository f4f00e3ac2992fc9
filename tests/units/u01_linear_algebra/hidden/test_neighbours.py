"""Hidden tests of predict_labels: votes counted one by one, and both kinds of ties."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_unchanged, comparing, dims, exercise, seeds

from ..visible.cases import LAYOUTS, relayout


def two_classes(draw, n):
    """Return labels of which an odd number never ties, in which both occur when n > 1."""
    return draw.rng.permutation(np.where(np.arange(n) % 2, 4, 1))


def odd(k):
    """Return the largest odd number up to k."""
    return k - 1 + k % 2


def assert_same_labels(again, first, count):
    """Fail unless two answers are the same integer array of shape (count,); neither need be right."""
    if comparing():
        assert_array_equal(first, first if np.shape(first) == (count,) else np.zeros(count, np.int64), "predict_labels(dists, y_train, k)")
        assert_array_equal(again, np.asarray(first).astype(np.int64), "predict_labels(dists, y_train, k)")


def vote(dists, y_train, k):
    """Return the predicted labels by sorting pairs (distance, index) and counting with a dictionary."""
    labels = []
    for row in dists:
        nearest = sorted(range(len(row)), key=lambda j: (row[j], j))[:k]
        counts = {}
        for j in nearest:
            counts[int(y_train[j])] = counts.get(int(y_train[j]), 0) + 1
        labels.append(min(counts, key=lambda label: (-counts[label], label)))
    return np.array(labels)


@exercise("predict_labels", weight=3)
@given(seed=seeds(), shape=dims("T N", hi=9), k=st.integers(1, 9))
def test_majority(student, seed, shape, k):
    """Each test example gets the majority label of its k nearest training examples; here no two labels have equally many votes."""
    draw = Draw(seed)
    k = odd(min(k, shape[1]))
    dists, y = draw.permutation(*shape) + 2.0, two_classes(draw, shape[1])
    assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), n=st.integers(3, 8))
def test_square_table(student, seed, n):
    """With as many test as training examples, neighbours are still looked for along the rows."""
    draw = Draw(seed)
    dists = draw.permutation(n, n) + 2.0
    for k, y in ((1, draw.permutation(n).argsort()), (3, two_classes(draw, n))):
        assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels", weight=2)
@given(seed=seeds(), T=st.integers(1, 4), k=st.sampled_from([2, 4]))
def test_equal_votes(student, seed, T, k):
    """With equally many votes the smallest label wins, wherever its voters stand in the order of distance."""
    draw = Draw(seed)
    dists, y = draw.permutation(T, k) + 2.0, np.repeat([7, 4], k // 2)
    assert_array_equal(student.predict_labels(dists, y, k), np.full(T, 4), "predict_labels(dists, y_train, k)")


@exercise("predict_labels", weight=2)
@given(seed=seeds(), k=st.sampled_from([1, 3, 9]))
def test_equal_distances(student, seed, k):
    """Of equal distances the training example with the smaller index is nearer, also among a hundred."""
    draw = Draw(seed)
    dists, y = draw.integers(1, 4, 3, 100).astype(float), two_classes(draw, 100)
    assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), T=st.integers(1, 7), N=st.sampled_from([1, 3, 5, 7]))
def test_all_neighbours(student, seed, T, N):
    """With k equal to the number of training examples, the most frequent label wins everywhere."""
    draw = Draw(seed)
    dists, y = draw.permutation(T, N) + 2.0, two_classes(draw, N)
    assert_array_equal(student.predict_labels(dists, y, N), vote(dists, y, N), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), n=st.integers(1, 6))
def test_one_test_example(student, seed, n):
    """A single test example gives an array of shape (1,), with the label that it gets among others."""
    draw = Draw(seed)
    dists, y = draw.permutation(2, n) + 2.0, draw.labels(n, 4)
    for k in (1, min(3, n)):
        both, one = student.predict_labels(dists, y, k), student.predict_labels(dists[:1], y, k)
        assert_same_labels(both, both, 2)
        assert_same_labels(one, both[:1], 1)


@exercise("predict_labels")
@given(seed=seeds(), T=st.integers(1, 7), N=st.integers(2, 7), label=st.sampled_from([6, 200]))
def test_any_labels(student, seed, T, N, label):
    """Labels need not be 0, 1, 2, …: a set with 3 and 200 only, also as uint8, works, and so does a single class."""
    draw = Draw(seed)
    dists, k = draw.permutation(T, N) + 2.0, odd(N)
    for y in (np.where(two_classes(draw, N) == 1, 3, label), np.full(N, label)):
        expected = vote(dists, y, k)
        assert_array_equal(student.predict_labels(dists, y.astype(np.uint8), k), expected, "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), shape=dims("T N", lo=2, hi=7), layout=st.sampled_from(LAYOUTS))
def test_vote_leaves_inputs_alone(student, seed, shape, layout):
    """The distances and labels are not sorted in place, and the labels do not depend on how the distances lie in memory."""
    draw = Draw(seed)
    dists, y = draw.permutation(*shape) + 2.0, draw.labels(shape[1], 3)
    plain = student.predict_labels(dists, y, 2)
    assert_unchanged(student)
    got = student.predict_labels(relayout(dists, layout), y, 2)
    assert_unchanged(student)
    assert_same_labels(got, plain, shape[0])
