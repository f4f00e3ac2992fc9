"""Visible checks of minibatches: every example once, with its own label."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import assert_array_equal, assert_unchanged, exercise, fail


@exercise("minibatches")
def test_number_of_batches(student):
    """An epoch has as many batches as are needed to use every example once."""
    X = np.arange(600.0).reshape(600, 1)
    batches = student.take_batches(X, np.arange(600), 40, 0)
    if len(batches) != 15:
        fail(f"You made {len(batches)} batches, expected 15.", "number of batches", len(batches), 15)
    assert_array_equal(np.array([len(Xb) for Xb, _ in batches]), np.full(15, 40), "sizes of the batches")


@exercise("minibatches")
@given(N=st.integers(1, 12), batch_size=st.integers(1, 5))
def test_every_example_once(student, N, batch_size):
    """Every example turns up exactly once in an epoch, also those of a short last batch, and keeps its own label; X and y keep their order."""
    X, y = np.arange(2.0 * N).reshape(N, 2), np.arange(N) + 100
    batches = student.take_batches(X, y, batch_size, 1)
    assert_unchanged(student)
    rows = np.concatenate([Xb for Xb, _ in batches])
    labels = np.concatenate([yb for _, yb in batches])
    assert_array_equal(np.sort(labels), y, "all labels of an epoch, sorted")
    assert_array_equal(rows, X[labels - 100], "the examples that belong to the labels")


@exercise("minibatches")
def test_images_stay_images(student):
    """Images of shape (3, 2) come in batches of shape (B, 3, 2) with their dtype, also in a batch of one."""
    X = np.arange(42, dtype=np.uint8).reshape(7, 3, 2)
    for batch_size in (1, 3):
        for Xb, yb in student.take_batches(X, np.arange(7), batch_size, 0):
            assert_array_equal(Xb, X[yb], "the images of a batch")
            if Xb.dtype != np.uint8:
                fail("The images of a batch have another dtype than X.", "dtype", str(Xb.dtype), "uint8")


@exercise("minibatches")
def test_shuffled_examples(student):
    """The examples themselves are shuffled: a batch of eight does not hold eight neighbours of the data."""
    for Xb, _ in student.take_batches(np.arange(48.0)[:, None], np.arange(48), 8, 5):
        if np.all(np.diff(np.sort(Xb[:, 0])) == 1):
            fail("A batch holds neighbours of the data set only: shuffle the examples, not the batches.", "examples of a batch", Xb[:, 0])


@exercise("minibatches")
def test_random_order(student):
    """The order is random, and the next epoch has another one."""
    X, y = np.zeros((40, 1)), np.arange(40)
    first, second = ([int(i) for _, yb in epoch for i in yb] for epoch in student.take_epochs(X, y, 8, 2, 2))
    if first == sorted(first):
        fail("The batches come in the order of the data: shuffle first.")
    if first == second:
        fail("Two epochs have the same order: draw it anew from rng in each call.")
