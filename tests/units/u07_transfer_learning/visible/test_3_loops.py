"""Visible checks of train_epoch, evaluate, extract_features and linear_probe, where the answer can be worked out by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, exercise, seeds

from .models import (
    EVALUATE,
    EVALUATE_COPY,
    FEATURES,
    FEATURES_FLAT,
    PROBE,
    TRAIN,
    TRAIN_LINEAR,
    check_equal,
    check_number,
    images_of,
    softmax_regression,
)


def some_batches(seed, sizes, D=3, C=4):
    """Return batches of x (n, D) and labels."""
    draw = Draw(seed)
    return [(draw.normal(n, D), draw.labels(n, C)) for n in sizes]


@exercise("train_epoch", examples=4)
@given(seed=seeds(), sizes=st.sampled_from([(5,), (4, 4, 1)]))
def test_steps_by_hand(student, seed, sizes):
    """Each batch is one step of gradient descent with fresh gradients; the loss is the mean over all examples."""
    batches, weight = some_batches(seed, sizes), Draw(seed + 1).normal(4, 3)
    losses, new_weight, new_bias = TRAIN_LINEAR(student, weight, batches, 0.5, 2)
    right, right_weight, right_bias = softmax_regression(weight, np.zeros(4), batches, 0.5)
    _, right_weight, right_bias = softmax_regression(right_weight, right_bias, batches, 0.5)
    assert_close(new_weight, right_weight, "the weight after two epochs", rtol=1e-6)
    assert_close(new_bias, right_bias, "the bias after two epochs", rtol=1e-6)
    assert_close(losses[0], right, "the loss", rtol=1e-6)
    check_number(losses[0], "the loss")


@exercise("train_epoch", examples=2)
@given(seed=st.integers(0, 10**6))
def test_frozen_block_stays(student, seed):
    """The running statistics of a frozen block stay as they are during an epoch, and those of the next block move."""
    batches = images_of(seed, (4, 3), 3)
    after = TRAIN(student, seed, batches, 0.1, 0.0, 1, 1, "train")["state"]
    before = TRAIN(student, seed, batches[:1], 0.0, 0.0, 1, 3, "eval")["state"]
    assert_close(after["body.0.1.running_mean"], before["body.0.1.running_mean"], "running mean of the frozen block")
    moved = bool(np.abs(after["body.1.1.running_mean"] - before["body.1.1.running_mean"]).max() > 0)
    check_equal(moved, True, "moved", "The running mean of a block that is not frozen should move.")


@exercise("train_epoch")
def test_accuracy_by_hand(student):
    """Right are 2 of 3 in the first batch and 1 of 1 in the second: 3 of 4."""
    eye = np.eye(3)
    accuracy = EVALUATE_COPY(student, [(eye, np.array([0, 1, 0])), (eye[:1], np.array([0]))])
    assert_close(accuracy, 0.75, "the accuracy")
    check_number(accuracy, "the accuracy")


@exercise("train_epoch", examples=2)
@given(seed=st.integers(0, 10**6))
def test_evaluation_is_quiet(student, seed):
    """evaluate runs in eval mode and without gradients, and changes nothing in the model."""
    for start in ("eval", "train"):
        got = EVALUATE(student, seed, images_of(seed, (4, 2), 3), start)
        check_equal(
            [call[0] for call in got["calls"]], [0, 0], "training mode", "The model was called in training mode, or not once per batch."
        )
        check_equal(
            [call[1] for call in got["calls"]], [0, 0], "gradients recorded", "Gradients were recorded: use `with torch.no_grad():`."
        )
        check_equal(got["same"], True, "model unchanged", "evaluate changed the model (its parameters or running statistics).")


@exercise("extract_features", examples=3)
@given(seed=seeds())
def test_features_in_order(student, seed):
    """With a body that only flattens, the features are the images of all batches in order, and the labels go with them."""
    batches = some_batches(seed, (4, 4, 2))
    features, labels = FEATURES_FLAT(student, batches)
    assert_close(features, np.concatenate([x for x, _ in batches]), "features")
    assert_array_equal(labels, np.concatenate([y for _, y in batches]), "labels")


@exercise("extract_features", examples=2)
@given(seed=st.integers(0, 10**6))
def test_extraction_is_quiet(student, seed):
    """The body runs in eval mode and without gradients; the features carry no graph and the model stays as it was."""
    for start in ("eval", "train"):
        got = FEATURES(student, seed, images_of(seed, (3, 2), 3), start)
        check_equal(
            [call[0] for call in got["calls"]], [0, 0], "training mode", "The body was called in training mode, or not once per batch."
        )
        check_equal(
            [call[1] for call in got["calls"]], [0, 0], "gradients recorded", "Gradients were recorded: use `with torch.no_grad():`."
        )
        check_equal(got["graph"], False, "requires_grad", "The features still carry a graph.")
        check_equal(got["same"], True, "model unchanged", "extract_features changed the model (running statistics, or its head).")
        assert_array_equal(np.array(got["features"].shape), np.array([5, 4]), "shape of the features")


@exercise("linear_probe", examples=3)
@given(seed=seeds(), steps=st.sampled_from([1, 3]))
def test_probe_by_hand(student, seed, steps):
    """The layer is the one that full-batch gradient descent from zero reaches."""
    ((features, labels),) = some_batches(seed, (6,))
    got = PROBE(student, features, labels, 4, steps, 0.5)
    check_equal(got["kind"], "Linear", "kind", "linear_probe should return an nn.Linear.")
    weight, bias = np.zeros((4, 3)), np.zeros(4)
    for _ in range(steps):
        p = np.exp(features @ weight.T + bias)
        p = p / p.sum(axis=1, keepdims=True)
        p[np.arange(6), labels] -= 1.0
        weight, bias = weight - 0.5 * p.T @ features / 6, bias - 0.5 * p.mean(axis=0)
    assert_close(got["weight"], weight, f"weight after {steps} steps", rtol=1e-6)
    assert_close(got["bias"], bias, f"bias after {steps} steps", rtol=1e-6, atol=1e-9)
