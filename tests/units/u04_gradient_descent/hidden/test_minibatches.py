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


@exercise("minibatches", weight=3)
@given(size=SIZES, seed=seeds())
def test_partition(student, size, seed):
    """An epoch is a partition: full batches, then the rest; every example exactly once; also when N is smaller than a batch."""
    for N, batch_size in (size, (6, 3), (7, 3), (2, 5), (3, 1)):
        batches = student.take_batches(np.arange(3.0 * N).reshape(N, 3), np.arange(N), batch_size, seed)
        checked_sizes(batches, N, batch_size)
        assert_array_equal(np.sort(np.concatenate([yb for _, yb in batches])), np.arange(N), "all labels of an epoch, sorted")
        rows = np.concatenate([Xb for Xb, _ in batches])
        assert_array_equal(rows[np.argsort(rows[:, 0])], np.arange(3.0 * N).reshape(N, 3), "all examples of an epoch, sorted")


def some(batches):
    """Return the batches, or fail when there are none."""
    if not len(batches):
        fail("There is no batch.")
    return batches


@exercise("minibatches", weight=3)
@given(size=SIZES, seed=seeds())
def test_pairs(student, size, seed):
    """Each example comes with its own label."""
    for N, batch_size in (size, (12, 5)):
        X = Draw(seed).permutation(N, 2)
        for Xb, yb in some(student.take_batches(X, np.arange(N), batch_size, seed)):
            assert_array_equal(Xb, X[yb], "the examples of a batch")


@exercise("minibatches")
@given(seed=seeds(), batch_size=st.sampled_from([1, 3, 7]))
def test_image_batches(student, seed, batch_size):
    """Images keep their shape and dtype, also in a batch of one, and so do labels of shape (N, C)."""
    draw = Draw(seed)
    X = draw.integers(0, 16, 7, 3, 2).astype(np.uint8)
    y = np.stack([np.arange(7), draw.labels(7, 3)], axis=1)
    for Xb, yb in some(student.take_batches(X, y, batch_size, seed)):
        if not isinstance(yb, np.ndarray) or yb.ndim != 2 or yb.shape[1] != 2:
            fail("A batch of labels has lost an axis.", "yb", getattr(yb, "shape", type(yb).__name__), "(B, 2)")
        if not isinstance(Xb, np.ndarray) or Xb.shape != (len(yb), 3, 2):
            fail("A batch of images has another shape.", "Xb", getattr(Xb, "shape", type(Xb).__name__), f"({len(yb)}, 3, 2)")
        if Xb.dtype != np.uint8:
            fail("The images of a batch have another dtype than X.", "dtype", str(Xb.dtype), "uint8")


@exercise("minibatches", weight=2)
@given(seed=seeds())
def test_shuffled(student, seed):
    """The examples of one batch come from anywhere in the data, not from one stretch of it."""
    batches = some(student.take_batches(np.arange(48.0)[:, None], np.arange(48), 8, seed))
    stretches = [sorted(int(i) for i in Xb[:, 0]) for Xb, _ in batches]
    if any(np.all(np.diff(labels) == 1) for labels in stretches):
        fail(
            "A batch holds neighbours of the data set only: shuffle the examples, not the batches.",
            "examples of the first batch",
            stretches[0],
        )


@exercise("minibatches", weight=2)
@given(seed=seeds())
def test_new_order_every_epoch(student, seed):
    """The second epoch has another order than the first."""
    epochs = student.take_epochs(np.zeros((40, 1)), np.arange(40), 10, seed, 3)
    orders = [order_of(epoch) for epoch in epochs]
    if orders[0] == orders[1] or orders[1] == orders[2]:
        fail("Two epochs have the same order: draw it anew from rng in each call.")


@exercise("minibatches", weight=2)
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
    """X and y stay in their order, however they lie in memory, and the same seed gives the same batches again."""
    for N, batch_size in (size, (12, 5)):
        plain = Draw(seed).permutation(N, 3)
        first = some(student.take_batches(plain, np.arange(N), batch_size, seed))
        assert_unchanged(student)
        again = some(student.take_batches(relayout(plain, layout) if layout != "plain" else plain, np.arange(N), batch_size, seed))
        assert_unchanged(student)
        for name, i in (("examples", 0), ("labels", 1)):
            was, now = (np.concatenate([np.asarray(batch[i]) for batch in batches]) for batches in (first, again))
            assert_array_equal(now, was, f"all {name} of an epoch")
