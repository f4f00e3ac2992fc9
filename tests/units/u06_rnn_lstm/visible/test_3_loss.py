"""Visible checks of the temporal softmax loss and of clipping."""

import numpy as np
from hypothesis import given

from autograder.testing import assert_close, assert_gradient, assert_unchanged, dims, exercise, numeric_gradient, seeds

from .cases import check_grads, grads_case, loss_case


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V"))
def test_loss_of_equal_scores(student, seed, shape):
    """Equal scores cost log V at each of the T steps, whatever N is."""
    N, T, V = shape
    _, y, _ = loss_case(seed, shape)
    loss, _ = student.temporal_softmax_loss(np.zeros(shape), y, np.ones((N, T), dtype=bool))
    assert_close(loss, float(T * np.log(V)), "loss", atol=1e-9)


@exercise("temporal_softmax_loss")
def test_loss_counts_steps_of_the_mask(student):
    """Two sequences, of which 3 and 1 steps count, with equal scores for V = 2: the loss is (3 + 1) · log 2 / 2."""
    mask = np.array([[True, True, True], [True, False, False]])
    loss, _ = student.temporal_softmax_loss(np.zeros((2, 3, 2)), np.zeros((2, 3), dtype=np.int64), mask)
    assert_close(loss, float(2 * np.log(2)), "loss")


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V", lo=2, hi=5))
def test_loss_gradient(student, seed, shape):
    """dx agrees with central differences on your own loss, and is 0 where the mask is False."""
    x, y, mask = loss_case(seed, shape)
    _, dx = student.temporal_softmax_loss(x, y, mask)
    assert_unchanged(student)
    assert_gradient(dx, numeric_gradient(student.temporal_softmax_loss, [x, y, mask], wrt=0), "dx")


@exercise("temporal_softmax_loss")
def test_loss_of_large_scores(student):
    """Scores of ±1000 give finite numbers: with (1000, −1000) the loss is 0 for token 0 and 2000 for token 1, with two of −1000 it is log 2."""
    x = np.array([[[1000.0, -1000.0], [1000.0, -1000.0], [-1000.0, -1000.0]]])
    loss, dx = student.temporal_softmax_loss(x, np.array([[0, 1, 0]]), np.ones((1, 3), dtype=bool))
    assert_close(loss, float(2000.0 + np.log(2)), "loss")
    assert_close(dx, np.array([[[0.0, 0.0], [1.0, -1.0], [-0.5, 0.5]]]), "dx", atol=1e-9)


@exercise("clip_grad_norm")
def test_clip_by_hand(student):
    """a = (2, 1) and b = (2) have norm 3 together; with max_norm = 1.5 everything is halved."""
    clipped, norm = student.clip_grad_norm({"a": np.array([2.0, 1.0]), "b": np.array([2.0])}, 1.5)
    assert_close(norm, 3.0, "norm")
    check_grads(clipped, {"a": np.array([1.0, 0.5]), "b": np.array([1.0])})


@exercise("clip_grad_norm")
@given(seed=seeds())
def test_clip_leaves_short_gradients(student, seed):
    """Gradients whose norm is below the limit come back as they are, and grads is not changed."""
    grads = grads_case(seed)
    clipped, _ = student.clip_grad_norm(grads, 1000.0)
    assert_unchanged(student)
    check_grads(clipped, grads)


@exercise("clip_grad_norm")
def test_clip_zero(student):
    """Gradients that are 0 stay 0: nothing is divided by the norm 0."""
    clipped, norm = student.clip_grad_norm({"a": np.zeros(2)}, 1.0)
    assert_close(norm, 0.0, "norm")
    check_grads(clipped, {"a": np.zeros(2)})
