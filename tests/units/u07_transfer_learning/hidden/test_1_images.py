"""Hidden tests of channel_stats, normalize, normalize_splits and select_classes."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, dims, exercise, seeds

from ..visible.models import NORMALIZE, SELECT, SPLITS, assert_shape, tensor

SIZES = dims("N C H W", hi=5)
SQUARE = st.sampled_from([(3, 3, 3, 3), (1, 2, 2, 2), (4, 4, 1, 4)])


def shifted(seed, shape):
    """Return images whose channels and images differ in mean and spread."""
    draw = Draw(seed)
    image, channel = draw.uniform(shape[0], 1, 1, 1, low=0.5, high=3.0), draw.uniform(1, shape[1], 1, 1, low=-3.0, high=3.0)
    return np.round(draw.normal(*shape) * image + channel + image, 3)


def both(student, reference, name, *arrays):
    """Return what the student's and the reference's function give."""
    return getattr(student, name)(*map(tensor, arrays)), getattr(reference, name)(*map(tensor, arrays))


@exercise("channel_stats", weight=2, examples=6)
@given(seed=seeds(), shape=SIZES)
def test_means(student, reference, seed, shape):
    """The mean of a channel is taken over all images and all places, and has shape (C,)."""
    (mean, _), (expected, _) = both(student, reference, "channel_stats", shifted(seed, shape))
    assert_close(mean, expected, "mean", atol=1e-10)


@exercise("channel_stats", weight=2, examples=6)
@given(seed=seeds(), shape=SIZES)
def test_deviations(student, reference, seed, shape):
    """The deviation of a channel is the root of the mean squared difference from the mean, divided by N·H·W."""
    (_, std), (_, expected) = both(student, reference, "channel_stats", shifted(seed, shape))
    assert_close(std, expected, "std", atol=1e-8)


@exercise("channel_stats", weight=2, examples=6)
@given(seed=seeds(), shape=st.one_of(SIZES, SQUARE))
def test_normalised(student, reference, seed, shape):
    """Each channel is normalised with its own two numbers, whatever the shape of the images."""
    draw = Draw(seed)
    arrays = shifted(seed, shape), draw.normal(shape[1]), draw.uniform(shape[1], low=0.5, high=2.0)
    (got, _), (expected, _) = NORMALIZE(student, *arrays), NORMALIZE(reference, *arrays)
    assert_close(got, expected, "the normalised images", atol=1e-10)


@exercise("channel_stats", weight=3, examples=6)
@given(seed=seeds(), shape=dims("N M C H W", lo=2, hi=6))
def test_split_statistics(student, reference, seed, shape):
    """Both splits are normalised with the statistics of the training split, each of them once."""
    N, M, *rest = shape
    train, val = shifted(seed, (N, *rest)), 2.0 * shifted(seed + 1, (M, *rest)) + 1.0
    got, expected = SPLITS(student, train, val), SPLITS(reference, train, val)
    assert_close(got[0], expected[0], "train", atol=1e-8)
    assert_close(got[1], expected[1], "val", atol=1e-8)


@exercise("channel_stats", examples=3)
@given(seed=seeds(), shape=dims("N M C H W", lo=2, hi=6))
def test_images_are_left_alone(student, seed, shape):
    """normalize and normalize_splits return new images and leave those that they are given alone."""
    N, M, *rest = shape
    train, val, draw = shifted(seed, (N, *rest)), shifted(seed + 1, (M, *rest)), Draw(seed)
    out, images = NORMALIZE(student, train, draw.normal(rest[0]), draw.uniform(rest[0], low=0.5, high=2.0))
    first, second, *after = SPLITS(student, train, val)
    for name, got, shape_of in (("the normalised images", out, train), ("train", first, train), ("val", second, val)):
        assert_shape(got, shape_of.shape, name)
    for name, got, kept in (("images", images, train), ("train", after[0], train), ("val", after[1], val)):
        assert_array_equal(got, kept, f"{name} after the call")


@exercise("channel_stats", examples=3)
@given(seed=seeds(), shape=dims("N C H W", lo=2, hi=5))
def test_single_precision(student, seed, shape):
    """Images in float32 stay in float32."""
    images = shifted(seed, shape).astype(np.float32)
    got = student.normalize_splits(tensor(images), tensor(images[:1]))
    for name, part, kept in zip(("train", "val"), got, (images, images[:1]), strict=True):
        assert_shape(part.numpy(), kept.shape, name)
    assert_array_equal(np.array([part.numpy().dtype == np.float32 for part in got]), np.array([True, True]), "float32 stays float32")


def some_classes(seed, count=9, highest=9):
    """Return images, labels and classes in a random order, most of them present."""
    draw = Draw(seed)
    labels = draw.labels(count, highest)
    classes = [int(c) for c in draw.rng.permutation(np.unique(labels))[: draw.integers(1, 5)]]
    return draw.normal(count, 2, 2, 1), labels, classes


@exercise("select_classes", weight=2, examples=6)
@given(seed=seeds())
def test_images_of_classes(student, reference, seed):
    """The images of the wanted classes come back, in the order in which they stand among all images."""
    images, labels, classes = some_classes(seed)
    got, expected = SELECT(student, images, labels, classes), SELECT(reference, images, labels, classes)
    assert_close(got[0], expected[0], "images")


@exercise("select_classes", weight=3, examples=6)
@given(seed=seeds())
def test_new_labels(student, reference, seed):
    """The new label of an image is the place of its class in classes, in whatever order these are given."""
    images, labels, classes = some_classes(seed)
    got, expected = SELECT(student, images, labels, classes), SELECT(reference, images, labels, classes)
    assert_array_equal(got[1], expected[1], "labels")


@exercise("select_classes", weight=2, examples=4)
@given(seed=seeds(), classes=st.sampled_from([[1, 0], [2, 0, 1], [1, 2, 3, 0], [3, 1, 0, 2]]))
def test_overlapping_labels(student, reference, seed, classes):
    """Old and new labels may overlap: a label that was just written is not taken for an old one."""
    labels = np.concatenate([np.arange(4), Draw(seed).labels(6, 4)])
    images = Draw(seed).normal(10, 1, 1, 2)
    got, expected = SELECT(student, images, labels, classes), SELECT(reference, images, labels, classes)
    assert_array_equal(got[1], expected[1], "labels")
    assert_close(got[0], expected[0], "images")


@exercise("select_classes", examples=3)
@given(seed=seeds(), classes=st.sampled_from([[1, 0], [2, 0, 1], [3, 1, 0, 2]]))
def test_selection_changes_nothing(student, seed, classes):
    """The images and the old labels are left alone."""
    labels = np.concatenate([np.arange(4), Draw(seed).labels(6, 4)])
    images = Draw(seed).normal(10, 1, 1, 2)
    found, _, *after = SELECT(student, images, labels, classes)
    assert_shape(found, (int(np.isin(labels, classes).sum()), 1, 1, 2), "images")
    assert_array_equal(after[0], images, "images after the call")
    assert_array_equal(after[1], labels, "the old labels after the call")


@exercise("select_classes", examples=3)
@given(seed=seeds())
def test_absent_class(student, reference, seed):
    """A class without any image keeps its place in classes, and a single image keeps all its axes."""
    labels = np.array([4, 7, 5, 4])[: 3 + seed % 2]
    images = Draw(seed).normal(len(labels), 3, 1, 2)
    got, expected = SELECT(student, images, labels, [6, 9, 7]), SELECT(reference, images, labels, [6, 9, 7])
    assert_close(got[0], expected[0], "images")
    assert_array_equal(got[1], expected[1], "labels")
