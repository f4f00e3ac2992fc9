"""Hidden tests of minibatches: a partition of every epoch with pairs kept, from the given generator alone."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_unchanged, exercise, fail, seeds

from ..visible.cases import relayout

SIZES = st.tuples(st.integers(1, 17), st.sampled_from([1, 2, 3, 5, 8, 20]))


def order_of(batches):
    """Return the labels of an epoch in order."""
    return [int(label) for _, yb in batches for label in yb]


def checked_sizes(batches, N, batch_size):
    """Fail unless the batches have the sizes of a partition."""
    sizes = [batch_size] * (N // batch_size) + ([N % batch_size] if N % batch_size else [])
    got = [len(yb) for _, yb in batches]
    if got != sizes:
        fail(f"The batches have the sizes {got}, expected {sizes}.", "sizes", got, sizes)


@exercise("minibatches", weight=2)
@given(size=SIZES, seed=seeds())
def test_partition(student, size, seed):
    """An epoch is a partition: full batches, then the rest; every example exactly once; also when N is smaller than a batch."""
    N, batch_size = size
    batches = student.take_batches(np.arange(3.0 * N).reshape(N, 3), np.arange(N), batch_size, seed)
    checked_sizes(batches, N, batch_size)
    assert_array_equal(np.sort(np.concatenate([yb for _, yb in batches])), np.arange(N), "all labels of an epoch, sorted")
    rows = np.concatenate([Xb for Xb, _ in batches])
    assert_array_equal(rows[np.argsort(rows[:, 0])], np.arange(3.0 * N).reshape(N, 3), "all examples of an epoch, sorted")


@exercise("minibatches", weight=2)
@given(size=SIZES, seed=seeds())
def test_pairs(student, size, seed):
    """Each example comes with its own label."""
    N, batch_size = size
    X = Draw(seed).permutation(N, 2)
    for Xb, yb in student.take_batches(X, np.arange(N), batch_size, seed):
        assert_array_equal(Xb, X[yb], "the examples of a batch")


@exercise("minibatches")
@given(seed=seeds(), batch_size=st.sampled_from([1, 3, 7]))
def test_image_batches(student, seed, batch_size):
    """Images keep their shape and dtype, also in a batch of one, and so do labels of shape (N, C)."""
    draw = Draw(seed)
    X = draw.integers(0, 16, 7, 3, 2).astype(np.uint8)
    y = np.stack([np.arange(7), draw.labels(7, 3)], axis=1)
    batches = student.take_batches(X, y, batch_size, seed)
    checked_sizes(batches, 7, batch_size)
    for Xb, yb in batches:
        if not isinstance(yb, np.ndarray) or yb.ndim != 2 or yb.shape[1] != 2:
            fail("A batch of labels has lost an axis.", "yb", getattr(yb, "shape", type(yb).__name__), "(B, 2)")
        assert_array_equal(Xb, X[yb[:, 0]], "the images of a batch")
        if Xb.dtype != np.uint8:
            fail("The images of a batch have another dtype than X.", "dtype", str(Xb.dtype), "uint8")
        assert_array_equal(yb, y[yb[:, 0]], "the labels of a batch")


@exercise("minibatches")
@given(seed=seeds())
def test_shuffled(student, seed):
    """The examples of one batch come from anywhere in the data, not from one stretch of it."""
    batches = student.take_batches(np.zeros((48, 1)), np.arange(48), 8, seed)
    checked_sizes(batches, 48, 8)
    stretches = [sorted(int(i) for i in yb) for _, yb in batches]
    if any(labels == list(range(labels[0], labels[0] + 8)) for labels in stretches):
        fail(
            "A batch holds eight neighbours of the data set: shuffle the examples, not the batches.",
            "labels of the first batch",
            stretches[0],
        )


@exercise("minibatches")
@given(seed=seeds())
def test_new_order_every_epoch(student, seed):
    """The second epoch has another order than the first, with the same examples."""
    epochs = student.take_epochs(np.zeros((40, 1)), np.arange(40), 10, seed, 3)
    orders = [order_of(epoch) for epoch in epochs]
    for order in orders:
        if sorted(order) != list(range(40)):
            fail("An epoch does not hold every example exactly once.", "labels", sorted(order))
    if orders[0] == orders[1] or orders[1] == orders[2]:
        fail("Two epochs have the same order: draw it anew from rng in each call.")


@exercise("minibatches")
@given(seed=seeds())
def test_rng_decides(student, seed):
    """The order comes from rng alone: the same seed gives the same batches, another seed gives others."""
    X, y = np.zeros((40, 1)), np.arange(40)
    first, second, other = (order_of(student.take_batches(X, y, 10, s)) for s in (seed, seed, seed + 1))
    if first != second:
        fail("Two generators with the same seed gave different batches: take all randomness from rng.")
    if first == other:
        fail("Two generators with different seeds gave the same batches: take the order from rng.")


@exercise("minibatches")
@given(size=SIZES, seed=seeds(), layout=st.sampled_from(["plain", "fortran", "strided"]))
def test_leaves_data_alone(student, size, seed, layout):
    """X and y stay in their order, however they lie in memory, and the pairs are right."""
    N, batch_size = size
    X = relayout(Draw(seed).permutation(N, 3), layout) if layout != "plain" else Draw(seed).permutation(N, 3)
    batches = student.take_batches(X, np.arange(N), batch_size, seed)
    assert_unchanged(student)
    checked_sizes(batches, N, batch_size)
    for Xb, yb in batches:
        assert_array_equal(Xb, X[yb], "the examples of a batch")
