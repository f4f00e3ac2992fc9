"""Visible checks of dropout: statistics and consistency of the mask, never one specific mask."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_unchanged, dims, exercise, fail, seeds


@exercise("dropout_forward")
@given(seed=seeds(), shape=dims("N D", hi=8), p=st.sampled_from([0.25, 0.5, 0.8]))
def test_dropped_or_scaled(student, seed, shape, p):
    """In train mode every entry is either 0 or x/p, and backward sends dout/p through exactly the entries that were kept."""
    draw = Draw(seed)
    x, dout = draw.away_from_zero(*shape), draw.normal(*shape)
    out, cache = student.dropout_forward(x, {"p": p, "mode": "train", "seed": seed})
    if not isinstance(out, np.ndarray) or out.shape != x.shape:
        assert_close(out, x, "out")
    kept = out != 0
    assert_close(out, np.where(kept, x / p, 0.0), "out")
    assert_close(student.dropout_backward(dout, cache), np.where(kept, dout / p, 0.0), "dx")


@exercise("dropout_forward")
@given(p=st.sampled_from([0.2, 0.5, 0.9]))
def test_share_that_is_kept(student, p):
    """Of 10 000 entries about the share p is kept, and dividing by p while training leaves the mean at about 1."""
    out, _ = student.dropout_forward(np.ones((100, 100)), {"p": p, "mode": "train", "seed": 3})
    assert_close(np.mean(np.asarray(out) != 0), p, "share of entries that are kept", rtol=0, atol=0.03)
    assert_close(np.mean(out), 1.0, "mean of the output", rtol=0, atol=0.15)


@exercise("dropout_forward")
@given(seed=seeds(), shape=dims("N D"))
def test_test_mode(student, seed, shape):
    """In test mode nothing happens: out is x, and dx is dout."""
    draw = Draw(seed)
    x, dout = draw.normal(*shape), draw.normal(*shape)
    out, cache = student.dropout_forward(x, {"p": 0.3, "mode": "test", "seed": seed})
    assert_close(out, x, "out")
    assert_close(student.dropout_backward(dout, cache), dout, "dx")


@exercise("dropout_forward")
def test_two_layers_at_once(student):
    """Each backward call uses the mask of its own forward call, and x stays as it was."""
    x = np.ones((6, 9))
    calls = [student.dropout_forward(x, {"p": 0.5, "mode": "train", "seed": seed}) for seed in (1, 2)]
    assert_unchanged(student)
    for out, cache in calls:
        assert_close(student.dropout_backward(np.ones((6, 9)), cache), np.where(np.asarray(out) != 0, 2.0, 0.0), "dx")


@exercise("dropout_forward")
def test_fresh_masks(student):
    """Each call draws a new mask; calls with the same seed draw the same one, with another seed another one."""
    x = np.ones((20, 30))
    if student.masks_differ(np.ones((60, 60)), 0.5) is not True:
        fail("Two calls without a seed dropped exactly the same entries.")
    zero = [student.dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 0})[0] for _ in range(2)]
    assert_array_equal(zero[1], zero[0], "out of a second call with seed 0")
    seeded = [student.dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 7})[0] for _ in range(2)]
    assert_array_equal(seeded[1], seeded[0], "out of a second call with the same seed")
    if np.array_equal(student.dropout_forward(x, {"p": 0.5, "mode": "train", "seed": 8})[0], seeded[0]):
        fail("Two different seeds dropped exactly the same entries.")
