"""Visible checks of channel_stats, normalize, normalize_splits and select_classes."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_array_equal, assert_close, dims, exercise, seeds

from .models import SELECT, tensor


@exercise("channel_stats", examples=5)
@given(seed=seeds(), shape=dims("N C H W", hi=5))
def test_statistics_of_channels(student, seed, shape):
    """mean and std of each channel are those of all its pixels, listed one after the other."""
    images = Draw(seed).normal(*shape)
    mean, std = student.channel_stats(tensor(images))
    pixels = [np.array([images[n, c, h, w] for n, h, w in np.ndindex(shape[0], *shape[2:])]) for c in range(shape[1])]
    assert_close(mean, tensor(np.array([p.mean() for p in pixels])), "mean", atol=1e-10)
    assert_close(std, tensor(np.array([p.std() for p in pixels])), "std", atol=1e-8)


@exercise("channel_stats")
def test_two_channels_by_hand(student):
    """With mean (1, 5) and std (2, 10) the pixels 3 and 25 of two channels become 1 and 2."""
    images = np.array([[[[3.0, 1.0]], [[25.0, -5.0]]]])
    got = student.normalize(tensor(images), tensor(np.array([1.0, 5.0])), tensor(np.array([2.0, 10.0])))
    assert_close(got, tensor(np.array([[[[1.0, 0.0]], [[2.0, -1.0]]]])), "the normalised images")


@exercise("channel_stats")
def test_validation_by_hand(student):
    """Training pixels 1 and 3 (mean 2, std 1) become −1 and 1; the validation pixels 2 and 6 become 0 and 4."""
    train, val = np.array([1.0, 3.0]).reshape(1, 1, 1, 2), np.array([2.0, 6.0]).reshape(1, 1, 1, 2)
    got = student.normalize_splits(tensor(train), tensor(val))
    assert_close(got[0], tensor(np.array([-1.0, 1.0]).reshape(1, 1, 1, 2)), "train")
    assert_close(got[1], tensor(np.array([0.0, 4.0]).reshape(1, 1, 1, 2)), "val", atol=1e-12)


@exercise("select_classes")
def test_three_of_five(student):
    """Out of the labels 3 1 4 1 0, the classes [4, 1] give images 1, 2, 3 with the labels 1 0 1."""
    images = np.arange(5.0).reshape(5, 1, 1, 1)
    got, labels, _, _ = SELECT(student, images, np.array([3, 1, 4, 1, 0]), [4, 1])
    assert_close(got, images[1:4], "images")
    assert_array_equal(labels, np.array([1, 0, 1]), "labels")


@exercise("select_classes")
def test_swapped_classes(student):
    """With classes [1, 0] the labels 0 1 1 0 become 1 0 0 1."""
    images = np.arange(4.0).reshape(4, 1, 1, 1)
    got, labels, _, old = SELECT(student, images, np.array([0, 1, 1, 0]), [1, 0])
    assert_close(got, images, "images")
    assert_array_equal(labels, np.array([1, 0, 0, 1]), "labels")
    assert_array_equal(old, np.array([0, 1, 1, 0]), "the old labels after the call")
