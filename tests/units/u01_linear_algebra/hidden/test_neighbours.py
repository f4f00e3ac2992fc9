"""Hidden tests of predict_labels: votes counted one by one, and both kinds of ties."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, relayout


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


@exercise("predict_labels", weight=2)
@given(seed=seeds(), shape=dims("T N", hi=9), k=st.integers(1, 9))
def test_majority(student, seed, shape, k):
    """Each test example gets the majority label of its k nearest training examples."""
    draw = Draw(seed)
    k = min(k, shape[1])
    dists, y = draw.permutation(*shape) + 2.0, draw.labels(shape[1], 3)
    assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), n=st.integers(3, 8))
def test_square_table(student, seed, n):
    """With as many test as training examples, neighbours are still looked for along the rows."""
    draw = Draw(seed)
    dists, y = draw.permutation(n, n) + 2.0, draw.permutation(n).argsort()
    for k in (1, 3):
        assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels", weight=2)
@given(seed=seeds(), T=st.integers(1, 4), k=st.sampled_from([2, 4]))
def test_equal_votes(student, seed, T, k):
    """With equally many votes the smallest label wins, wherever its voters stand in the order of distance."""
    draw = Draw(seed)
    dists, y = draw.permutation(T, k) + 2.0, np.repeat([7, 4], k // 2)
    assert_array_equal(student.predict_labels(dists, y, k), np.full(T, 4), "predict_labels(dists, y_train, k)")


@exercise("predict_labels", weight=2)
@given(seed=seeds(), k=st.sampled_from([1, 3, 10]))
def test_equal_distances(student, seed, k):
    """Of equal distances the training example with the smaller index is nearer, also among a hundred."""
    draw = Draw(seed)
    dists, y = draw.integers(1, 4, 3, 100).astype(float), draw.labels(100, 5)
    assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), shape=dims("T N", hi=7))
def test_all_neighbours(student, seed, shape):
    """With k equal to the number of training examples, the most frequent label wins everywhere."""
    draw = Draw(seed)
    dists, y = draw.permutation(*shape) + 2.0, draw.labels(shape[1], 3)
    assert_array_equal(student.predict_labels(dists, y, shape[1]), vote(dists, y, shape[1]), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), n=st.integers(1, 6))
def test_one_test_example(student, seed, n):
    """A single test example gives an array of shape (1,)."""
    draw = Draw(seed)
    dists, y = draw.permutation(1, n) + 2.0, draw.labels(n, 4)
    for k in (1, min(3, n)):
        assert_array_equal(student.predict_labels(dists, y, k), vote(dists, y, k), "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), shape=dims("T N", hi=7), label=st.sampled_from([6, 200]))
def test_any_labels(student, seed, shape, label):
    """Labels need not be 0, 1, 2, …: a set with 3 and 200 only, also as uint8, works, and so does a single class."""
    draw = Draw(seed)
    dists = draw.permutation(*shape) + 2.0
    k = max(1, shape[1] - 1)
    for y in (np.where(draw.mask(shape[1]), 3, label), np.full(shape[1], label)):
        expected = vote(dists, y, k)
        assert_array_equal(student.predict_labels(dists, y.astype(np.uint8), k), expected, "predict_labels(dists, y_train, k)")


@exercise("predict_labels")
@given(seed=seeds(), shape=dims("T N", lo=2, hi=7), layout=st.sampled_from(LAYOUTS))
def test_vote_leaves_inputs_alone(student, seed, shape, layout):
    """The distances and labels are not sorted in place; any memory layout works."""
    draw = Draw(seed)
    dists, y = draw.permutation(*shape) + 2.0, draw.labels(shape[1], 3)
    got = student.predict_labels(relayout(dists, layout), y, 2)
    assert_unchanged(student)
    assert_array_equal(got, vote(dists, y, 2), "predict_labels(dists, y_train, k)")
