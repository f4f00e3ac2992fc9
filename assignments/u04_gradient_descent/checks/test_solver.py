"""Visible checks of Solver: a toy loss and a toy update rule that count what happens."""

import numpy as np

from autograder.testing import assert_close, exercise, fail


def toy_loss(params, X, y):
    """Return the sum of the batch, and gradients that are never used."""
    return float(X.sum()), {name: np.zeros(w.shape) for name, w in params.items()}


def counting_update(w, dw, config):
    """Add 1, then 2, then 3, …: the number of the call, which is remembered in config."""
    count = (config or {}).get("count", 0) + 1
    return w + count, {**(config or {}), "count": count}


def two_batches():
    """Return two batches whose sums are 3 and 5."""
    return [(np.array([[1.0, 2.0]]), np.array([0])), (np.array([[5.0, 0.0]]), np.array([1]))]


@exercise("Solver")
def test_history(student):
    """Three epochs of two batches leave six losses in the history, in order; without validation there are no validation losses."""
    history, _ = student.train_solver({"w": np.zeros(2)}, toy_loss, counting_update, None, two_batches, 3)
    if not isinstance(history, dict) or not {"loss", "val_loss"} <= set(history):
        fail("train should return a dict with the keys 'loss' and 'val_loss'.", "history", history)
    assert_close(history["loss"], np.array([3.0, 5.0] * 3), "history['loss']", allow_list=True)
    assert_close(np.array(len(history["val_loss"])), 0, "number of validation losses")


@exercise("Solver")
def test_own_config_for_each_parameter(student):
    """Each parameter has a config of its own: the toy rule adds 1, 2, 3, 4 in four steps, so every parameter gains 10."""
    params = {"W": np.zeros((2, 3)), "b": np.ones(3), "c": np.full((1, 2), 5.0)}
    _, trained = student.train_solver(params, toy_loss, counting_update, {"learning_rate": 0.1}, two_batches, 2)
    for name, w in params.items():
        assert_close(trained[name], w + 10.0, f"params[{name!r}]")


@exercise("Solver")
def test_keeps_the_best_epoch(student):
    """With validation the parameters of the best epoch, the first of equals, are kept: w is 3, 10, 21, 36, 55 after the epochs, their losses are 2, 1, 5, 1, 3, so w ends as 10."""
    losses = {3.0: 2.0, 10.0: 1.0, 21.0: 5.0, 36.0: 1.0, 55.0: 3.0}
    params = {"w": np.zeros(1)}
    history, trained = student.train_solver(
        params, toy_loss, counting_update, None, two_batches, 5, lambda p: losses.get(float(p["w"][0]), 9.0)
    )
    assert_close(history["val_loss"], np.array([2.0, 1.0, 5.0, 1.0, 3.0]), "history['val_loss']", allow_list=True)
    assert_close(trained["w"], np.array([10.0]), "params['w']")


def slope_loss(params, X, y):
    """Return a loss, and gradients in another order than the parameters; each depends on the other parameter."""
    return float(params["a"][0] + X.sum()), {"b": 2.0 * params["a"], "a": params["b"] + 1.0}


def plain_update(w, dw, config):
    """Return w − learning_rate·dw."""
    rate = (config or {}).get("learning_rate", 0.1)
    return w - rate * dw, {"learning_rate": rate}


@exercise("Solver")
def test_gradients_and_settings(student):
    """One backward pass gives all gradients: with a = 1, b = 3, ∂a = b + 1, ∂b = 2a and η = 0.5 a batch makes a −1 and b 2, the next a −2.5 and b 3."""
    params = {"a": np.array([1.0]), "b": np.array([3.0])}
    history, trained = student.train_solver(params, slope_loss, plain_update, {"learning_rate": 0.5}, two_batches, 1)
    assert_close(trained["a"], np.array([-2.5]), "params['a']")
    assert_close(trained["b"], np.array([3.0]), "params['b']")
    assert_close(history["loss"], np.array([4.0, 4.0]), "history['loss']", allow_list=True)


@exercise("Solver")
def test_new_batches_every_epoch(student):
    """batches() is called once per epoch, so that each epoch may have others: here 1, 2 and 3 come one after another."""
    calls = []

    def batches():
        calls.append(1)
        return [(np.full((1, 1), float(len(calls))), np.array([0]))]

    history, _ = student.train_solver({"w": np.zeros(1)}, toy_loss, counting_update, None, batches, 3)
    assert_close(history["loss"], np.array([1.0, 2.0, 3.0]), "history['loss']", allow_list=True)
    assert_close(np.array(len(calls)), 3, "number of calls of batches")
