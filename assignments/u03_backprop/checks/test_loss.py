"""Visible checks of softmax_loss and two_layer_loss: values known by hand and central differences on the student's own loss."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_gradient, assert_unchanged, dims, exercise, numeric_gradient, seeds

from .cases import loss_and_grads, network_case, numeric_param_gradient


@exercise("softmax_loss")
@given(N=st.integers(1, 5), C=st.integers(2, 10), small=st.sampled_from([0.0, 3.0, -7.0]))
def test_softmax_of_equal_scores(student, N, C, small):
    """Equal scores, also ±1000, give every class the same probability, so neither the labels nor the size of the batch changes the loss."""
    for score in (small, 1000.0, -1000.0):
        loss, _ = student.softmax_loss(np.full((N, C), score), np.arange(N) % C)
        assert_close(loss, float(np.log(C)), f"loss for scores of {score:g}")


@exercise("softmax_loss")
def test_softmax_of_lecture_scores(student):
    """The scores (1.1, 0.4, −8.2, −0.9, 3.7) have the probabilities (0.07, 0.03, 0.00, 0.01, 0.89)."""
    scores = np.array([[1.1, 0.4, -8.2, -0.9, 3.7]])
    loss, dx = student.softmax_loss(scores, np.array([4]))
    assert_close(loss, 0.11, "loss for the right class 4, −log 0.89", atol=0.01)
    assert_close(dx, np.array([[0.07, 0.03, 0.00, 0.01, 0.89 - 1.0]]), "dx", atol=0.006)


@exercise("softmax_loss")
@given(seed=seeds(), shape=dims("N C"))
def test_softmax_dx(student, seed, shape):
    """dx agrees with central differences on your own loss, and the scores are left as they were."""
    draw = Draw(seed)
    x, y = draw.normal(*shape), draw.labels(*shape)
    _, dx = student.softmax_loss(x, y)
    assert_unchanged(student)
    assert_gradient(dx, numeric_gradient(student.softmax_loss, [x, y], wrt=0), "dx")


@exercise("softmax_loss")
def test_softmax_of_large_scores(student):
    """Scores of ±1000 give finite numbers: with (1000, −1000) the loss is 0 for class 0 and 2000 for class 1, on average 1000."""
    loss, dx = student.softmax_loss(np.array([[1000.0, -1000.0], [1000.0, -1000.0]]), np.array([0, 1]))
    assert_close(loss, 1000.0, "loss")
    assert_close(dx, np.array([[0.0, 0.0], [0.5, -0.5]]), "dx", atol=1e-9)


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C"))
def test_network_scores(student, seed, shape):
    """Without labels you get the scores: affine, ReLU, affine."""
    params, X, _ = network_case(seed, shape)
    hidden, _ = student.affine_forward(X, params["W1"], params["b1"])
    active, _ = student.relu_forward(hidden)
    scores, _ = student.affine_forward(active, params["W2"], params["b2"])
    assert_close(student.two_layer_loss(params, X, None, 0.0), scores, "scores")


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C"), reg=st.sampled_from([0.0, 0.1, 2.0]))
def test_network_regularisation_by_hand(student, seed, shape, reg):
    """With W2 = 0 and b2 = 0 all scores are 0: the loss is log C plus 0.5 · reg · (sum of the squares of W1)."""
    params, X, y = network_case(seed, shape)
    params["W2"], params["b2"] = np.zeros_like(params["W2"]), np.zeros_like(params["b2"])
    loss, _ = loss_and_grads(student.two_layer_loss(params, X, y, reg))
    assert_close(loss, float(np.log(shape[3]) + 0.5 * reg * np.sum(params["W1"] ** 2)), "loss")


@exercise("two_layer_loss", examples=6)
@given(seed=seeds(), shape=dims("N D H C", hi=5), reg=st.sampled_from([0.0, 0.3]), name=st.sampled_from(["W1", "b1", "W2", "b2"]))
def test_network_gradients(student, seed, shape, reg, name):
    """The gradient of each parameter agrees with central differences on your own loss."""
    params, X, y = network_case(seed, shape)
    _, grads = loss_and_grads(student.two_layer_loss(params, X, y, reg))
    assert_unchanged(student)
    assert_gradient(grads[name], numeric_param_gradient(student, params, name, X, y, reg), f'grads["{name}"]')
