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
    """With validation the parameters of the best epoch are kept: w is 3, 10, 21, 36 after the epochs, their losses are 4, 1, 6, 5, so w ends as 10."""
    losses = {3.0: 4.0, 10.0: 1.0, 21.0: 6.0, 36.0: 5.0}
    params = {"w": np.zeros(1)}
    history, trained = student.train_solver(
        params, toy_loss, counting_update, None, two_batches, 4, lambda p: losses.get(float(p["w"][0]), 9.0)
    )
    assert_close(history["val_loss"], np.array([4.0, 1.0, 6.0, 5.0]), "history['val_loss']", allow_list=True)
    assert_close(trained["w"], np.array([10.0]), "params['w']")
