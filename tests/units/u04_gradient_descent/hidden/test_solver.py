"""Hidden tests of Solver: a linear model, a rule with memory, and the bookkeeping around them."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_shape, dims, exercise, fail, seeds

from ..visible.cases import assert_moved


def linear_loss(params, X, y):
    """Return ½·mean((X·w + b − y)²) and its gradients, in another order than the parameters."""
    r = X @ params["w"] + params["b"] - y
    return float(0.5 * np.mean(r**2)), {"b": np.array([r.mean()]), "w": X.T @ r / len(y)}


def heavy_update(w, dw, config):
    """Take a momentum step with a rate that falls with the number of calls."""
    config = {"learning_rate": 0.1, "count": 0, "velocity": np.zeros(w.shape), **(config or {})}
    config["count"] += 1
    config["velocity"] = 0.8 * config["velocity"] - config["learning_rate"] / config["count"] * dw
    return w + config["velocity"], config


def problem(seed, N, D):
    """Return first parameters and a function that gives three batches, the last one short, others in every epoch."""
    draw = Draw(seed)
    X, y = draw.normal(N, D), draw.normal(N)
    params = {"w": draw.normal(D), "b": draw.normal(1)}
    B = -(-N // 3)

    def epochs():
        count = 0

        def batches():
            nonlocal count
            count += 1
            Xr, yr = np.roll(X, count, axis=0), np.roll(y, count)
            return [(Xr[i : i + B], yr[i : i + B]) for i in range(0, N, B)]

        return batches

    return params, epochs


def both(student, reference, seed, shape, config, epochs, val_loss=None):
    """Return (history, params) of the student and of the reference on one problem."""
    params, batches = problem(seed, *shape)
    got = student.train_solver(params, linear_loss, heavy_update, config, batches(), epochs, val_loss)
    expected = reference.train_solver(params, linear_loss, heavy_update, config, batches(), epochs, val_loss)
    if not isinstance(got[0], dict) or not {"loss", "val_loss"} <= set(got[0]):
        fail("train should return a dict with the keys 'loss' and 'val_loss'.", "history", got[0])
    if not isinstance(got[1], dict) or set(got[1]) != set(params):
        fail("After train, self.params should be a dict with the names of the parameters.", "params", got[1])
    return got, expected


def compare_params(got, expected):
    """Compare all parameters."""
    for name, right in expected.items():
        assert_close(got[name], right, f"params[{name!r}]")


@exercise("Solver", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8), epochs=st.integers(1, 3))
def test_losses(student, reference, seed, shape, epochs):
    """history['loss'] holds the loss of every batch of every epoch, before the update of that batch."""
    got, expected = both(student, reference, seed, shape, {"learning_rate": 0.2}, epochs)
    assert_close(got[0]["loss"], np.array(expected[0]["loss"]), "history['loss']", allow_list=True)
    assert_close(np.array(len(got[0]["val_loss"])), 0, "number of validation losses")


@exercise("Solver", weight=3)
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8), epochs=st.integers(1, 3))
def test_trained_parameters(student, reference, seed, shape, epochs):
    """Without validation self.params ends as the parameters after the last batch, each updated with its own gradient."""
    got, expected = both(student, reference, seed, shape, {"learning_rate": 0.2}, epochs)
    compare_params(got[1], expected[1])


@exercise("Solver", weight=2)
@given(seed=seeds(), D=st.integers(2, 6))
def test_one_memory_per_parameter(student, reference, seed, D):
    """Each parameter's memory is its own, also for parameters of one shape, and lasts from epoch to epoch."""
    draw = Draw(seed)
    targets = {"first": draw.normal(D), "second": draw.normal(D), "third": draw.normal(D)}

    def loss(params, X, y):
        return 0.0, {name: params[name] - target for name, target in targets.items()}

    params = {name: draw.normal(D) for name in targets}
    args = (params, loss, heavy_update, {"learning_rate": 0.3}, lambda: [(np.zeros((1, 1)), np.zeros(1))] * 2, 2)
    _, got = student.train_solver(*args)
    compare_params(got, reference.train_solver(*args)[1])


def own_params(student, seed, shape, config, epochs, val_loss=None):
    """Return history and parameters of the student's training, which has moved all parameters."""
    params, batches = problem(seed, *shape)
    history, trained = student.train_solver(params, linear_loss, heavy_update, config, batches(), epochs, val_loss)
    for name, w in params.items():
        assert_shape(trained[name], w.shape, f"params[{name!r}]")
        assert_moved(trained[name], w, f"params[{name!r}]")
    return history, trained


@exercise("Solver")
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8))
def test_no_config(student, seed, shape):
    """config=None, or an empty one, leaves all settings to the optimizer's defaults: training is what it is with the default given."""
    _, expected = own_params(student, seed, shape, {"learning_rate": 0.1}, 2)
    for config in (None, {}):
        compare_params(own_params(student, seed, shape, config, 2)[1], expected)


@exercise("Solver", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8), best=st.integers(1, 4))
def test_best_epoch(student, seed, shape, best):
    """With validation, self.params are those of the epoch with the lowest validation loss, not the last ones."""
    _, middle = own_params(student, seed, shape, {"learning_rate": 0.2}, best)
    seen = []

    def distance(p):
        seen.append(float(sum(np.abs(p[name] - w).sum() for name, w in middle.items())))
        return seen[-1]

    history, got = own_params(student, seed, shape, {"learning_rate": 0.2}, 4, distance)
    assert_close(np.array(len(seen)), 4, "number of calls of val_loss")
    assert_close(history["val_loss"], np.array(seen), "history['val_loss']", allow_list=True, atol=1e-9)
    compare_params(got, middle)
    if best != 4:
        assert_moved(got["w"], own_params(student, seed, shape, {"learning_rate": 0.2}, 4)[1]["w"], "params['w'], beside that of the last epoch,")


@exercise("Solver")
@given(seed=seeds(), shape=dims("N D", lo=3, hi=8))
def test_first_of_equal_epochs(student, seed, shape):
    """If several epochs have the same lowest validation loss, the first of them is kept."""
    _, first = own_params(student, seed, shape, {"learning_rate": 0.2}, 1)
    history, got = own_params(student, seed, shape, {"learning_rate": 0.2}, 3, lambda p: 1.0)
    assert_close(history["val_loss"], np.ones(3), "history['val_loss']", allow_list=True)
    compare_params(got, first)
