"""Visible checks of the two-layer network, predictions and the statistics over depth."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_array_equal, assert_close, assert_unchanged, dims, exercise, seeds

from .cases import network


@exercise("two_layer_forward")
def test_two_layer_absolute_value(student):
    """Hidden units max(x, 0) and max(−x, 0), added up with weights −1: the scores are −|x| + 0.5."""
    params = {"W1": np.array([[1.0, -1.0]]), "b1": np.zeros(2), "W2": np.array([[-1.0], [-1.0]]), "b2": np.array([0.5])}
    scores = student.two_layer_forward(params, np.array([[3.0], [-2.0], [0.0]]))
    assert_close(scores, np.array([[-2.5], [-1.5], [0.5]]), "scores")


@exercise("two_layer_forward")
def test_two_layer_3_4_2(student):
    """The 3-4-2 network with weights of 1 and a hidden bias of −1, by hand; params and X are left as they were."""
    params = {"W1": np.ones((3, 4)), "b1": np.full(4, -1.0), "W2": np.array([[1.0, -1.0]] * 4), "b2": np.array([0.0, 2.0])}
    scores = student.two_layer_forward(params, np.array([[1.0, 1.0, 1.0], [0.2, 0.1, 0.3]]))
    assert_close(scores, np.array([[8.0, -6.0], [0.0, 2.0]]), "scores")
    assert_unchanged(student)


@exercise("two_layer_forward")
@given(seed=seeds(), shape=dims("N D H C"))
def test_two_layer_silent(student, seed, shape):
    """When no hidden unit switches on, every row of the scores is b2."""
    params, X = network(seed, shape)
    params["b1"] = params["b1"] - 1000
    assert_close(student.two_layer_forward(params, X), np.tile(params["b2"], (shape[0], 1)), "scores")


@exercise("predict")
def test_predict_known(student):
    """The largest score of each row wins; among equals the smallest class number."""
    scores = np.array([[0.1, 0.9, 0.3], [-5.0, -7.0, -6.0], [2.0, 2.0, 1.0], [0.0, 4.0, 4.0]])
    assert_array_equal(student.predict(scores), np.array([1, 0, 0, 1]), "predict(scores)")


@exercise("predict")
def test_accuracy_known(student):
    """Two of three right is 2/3, three of five 0.6; a batch of one is 0 or 1."""
    scores = np.array([[0.1, 0.9, 0.3], [-5.0, -7.0, -6.0], [2.0, 5.0, 1.0], [0.0, 4.0, 9.0], [1.0, 2.0, 3.0]])
    assert_close(student.accuracy(scores[:3], np.array([1, 0, 0])), 2 / 3, "accuracy")
    assert_close(student.accuracy(scores, np.array([1, 0, 0, 2, 0])), 0.6, "accuracy")
    assert_close(student.accuracy(scores[:1], np.array([1])), 1.0, "accuracy")


@exercise("activation_stats")
def test_stats_by_hand(student):
    """X = (1, −1) through the identity gives (1, 0), then through 2·identity + 1 (3, 1), then through 2 − identity (0, 1)."""
    layers = [(np.eye(2), np.zeros(2)), (2 * np.eye(2), np.ones(2)), (-np.eye(2), np.full(2, 2.0))]
    means, stds = student.activation_stats(layers, np.array([[1.0, -1.0]]))
    assert_unchanged(student)
    assert_close(means, np.array([0.5, 2.0, 0.5]), "means")
    assert_close(stds, np.array([0.5, 1.0, 0.5]), "stds")


@exercise("activation_stats")
@given(seed=seeds(), shape=dims("N D L", hi=5))
def test_stats_halving(student, seed, shape):
    """Layers that halve positive activations halve mean and standard deviation each time; both results have shape (L,)."""
    N, D, L = shape
    X = np.abs(Draw(seed).normal(N, D))
    means, stds = student.activation_stats([(np.eye(D) / 2, np.zeros(D))] * L, X)
    factors = 0.5 ** np.arange(1, L + 1)
    assert_close(means, X.mean() * factors, "means")
    assert_close(stds, np.sqrt(np.mean((X - X.mean()) ** 2)) * factors, "stds")
