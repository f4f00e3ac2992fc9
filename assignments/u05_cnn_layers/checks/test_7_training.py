"""Visible checks of train_epoch and evaluate, on a linear model whose gradient descent is known by hand."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, exercise, fail, seeds

from .models import EVALUATE, TRAIN, check_loss, softmax_regression


def some_batches(seed, sizes, D=3, C=4):
    """Return batches of the given sizes."""
    draw = Draw(seed)
    return [(draw.normal(n, D), draw.labels(n, C)) for n in sizes]


@exercise("train_epoch", examples=4)
@given(seed=seeds())
def test_one_step(student, seed):
    """One batch is one step of gradient descent on the mean cross-entropy; the loss is the one before the step."""
    batches, weight = some_batches(seed, (5,)), Draw(seed + 1).normal(4, 3)
    got = TRAIN(student, weight, batches, 0.5, 0.0, 1, "train")
    loss, new_weight, new_bias = softmax_regression(weight, batches, 0.5)
    check_loss(got["losses"][0], loss)
    assert_close(got["state"]["1.weight"], new_weight, "the weight after one step", rtol=1e-6)
    assert_close(got["state"]["1.bias"], new_bias, "the bias after one step", rtol=1e-6)


@exercise("train_epoch", examples=4)
@given(seed=seeds())
def test_several_batches(student, seed):
    """Each batch is a step of its own with fresh gradients, and the loss is the mean over all examples."""
    batches, weight = some_batches(seed, (4, 4, 1)), Draw(seed + 1).normal(4, 3)
    got = TRAIN(student, weight, batches, 0.5, 0.0, 2, "train")
    _, new_weight, _ = softmax_regression(weight, batches * 2, 0.5)
    assert_close(got["state"]["1.weight"], new_weight, "the weight after two epochs of three batches", rtol=1e-6)
    check_loss(got["losses"][0], softmax_regression(weight, batches, 0.5)[0])


@exercise("train_epoch")
def test_training_mode(student):
    """train_epoch switches the model to training mode."""
    got = TRAIN(student, np.ones((4, 3)), some_batches(1, (3, 2)), 0.1, 0.0, 1, "eval")
    if not all(call[0] for call in got["calls"]):
        fail("The model was called in evaluation mode: train_epoch should switch it to training mode.")
    check_loss(got["losses"][0], softmax_regression(np.ones((4, 3)), some_batches(1, (3, 2)), 0.1)[0])


@exercise("train_epoch")
def test_accuracy_by_hand(student):
    """With scores that copy x, 4 of 5 examples are right: 2 of 3 in the first batch, 2 of 2 in the second."""
    eye = np.eye(3)
    batches = [(eye, np.array([0, 1, 1])), (eye[:2], np.array([0, 1]))]
    got = EVALUATE(student, eye, batches, "eval")
    assert_close(got["accuracy"], 0.8, "accuracy")


@exercise("train_epoch")
def test_evaluation_mode(student):
    """evaluate switches to evaluation mode and records no gradients."""
    eye = np.eye(3)
    got = EVALUATE(student, eye, [(eye, np.array([0, 1, 2]))], "train")
    assert_close(got["accuracy"], 1.0, "accuracy")
    if any(call[0] for call in got["calls"]):
        fail("The model was called in training mode: evaluate should switch it to evaluation mode.")
    if any(call[1] for call in got["calls"]):
        fail("Gradients were recorded during evaluate: use `with torch.no_grad():`.")
