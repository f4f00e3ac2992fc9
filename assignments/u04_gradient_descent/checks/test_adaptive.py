"""Visible checks of adagrad, rmsprop and adadelta: round numbers by hand, and what a constant gradient does."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from .cases import entry, step, walk


@exercise("adagrad")
def test_adagrad_by_hand(student):
    """Gradients 3 and then 4 give a cache of 9 and then 25; with η = 1 and ε = 1 the steps are 3/4 and 4/6."""
    gradients = [[np.array([3.0])], [np.array([4.0])]]
    path, (config,) = walk(student.adagrad, [np.array([2.0])], gradients, [{"learning_rate": 1.0, "epsilon": 1.0}])
    assert_close(path[0][0], np.array([1.25]), "next_w of step 1")
    assert_close(path[1][0], np.array([1.25 - 4 / 6]), "next_w of step 2")
    assert_close(entry(config, "cache"), np.array([25.0]), "config['cache']")


@exercise("adagrad")
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_constant_gradient(student, seed, shape):
    """Under a constant gradient step t has the length η/√t, whatever the gradient's size; the default η is 0.01."""
    draw = Draw(seed)
    w, g = draw.normal(*shape), 100 * draw.away_from_zero(*shape)
    path, _ = walk(student.adagrad, [w], [[g]] * 4, [None])
    assert_close(path[-1][0], w - 0.01 * np.sign(g) * sum(1 / np.sqrt(t) for t in range(1, 5)), "next_w of step 4", rtol=1e-6)


@exercise("adagrad")
def test_adaptive_zero_gradient(student):
    """A gradient of zero moves nothing and gives no 0/0, in adagrad and in rmsprop; w and dw stay as they were."""
    for update in (student.adagrad, student.rmsprop):
        w = np.array([2.0, -1.0])
        next_w, _ = step(update, w, np.zeros(2), None, "the step")
        assert_close(next_w, w, "next_w")
        step(update, w, np.ones(2), None, "the step")
        assert_unchanged(student)


@exercise("adagrad")
def test_adaptive_default_epsilon(student):
    """The default ε is 1e-8, which shows where gradients are as small: with dw = 1e-8 Adagrad's first step is 0.01/2, RMSProp's 0.01/1.1."""
    for update, length in ((student.adagrad, 0.005), (student.rmsprop, 0.01 / 1.1)):
        next_w, _ = step(update, np.zeros(1), np.array([1e-8]), None, "the step")
        assert_close(next_w, np.array([-length]), "next_w")


@exercise("adagrad")
def test_rmsprop_by_hand(student):
    """With ρ = 0.75 gradients 2 and then 6 give a cache of 1 and then 9.75; with η = 1 and ε = 1 the first step is 2/2."""
    gradients = [[np.array([2.0])], [np.array([6.0])]]
    settings = {"learning_rate": 1.0, "epsilon": 1.0, "decay_rate": 0.75}
    path, (config,) = walk(student.rmsprop, [np.array([5.0])], gradients, [settings])
    assert_close(path[0][0], np.array([4.0]), "next_w of step 1")
    assert_close(path[1][0], np.array([4.0 - 6 / (1 + np.sqrt(9.75))]), "next_w of step 2")
    assert_close(entry(config, "cache"), np.array([9.75]), "config['cache']")


@exercise("adagrad")
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_first_step(student, seed, shape):
    """With the defaults the first step has the length 0.01/√0.01 = 0.1, whatever the gradient's size; w and dw stay as they were."""
    draw = Draw(seed)
    w, g = draw.normal(*shape), 100 * draw.away_from_zero(*shape)
    next_w, _ = step(student.rmsprop, w, g, None, "the step")
    assert_unchanged(student)
    assert_close(next_w, w - 0.1 * np.sign(g), "next_w", rtol=1e-6)


@exercise("adadelta")
def test_adadelta_by_hand(student):
    """With ρ = 0.75, ε = 0.5625 and gradient 2: cache 1, first step −(0.75/1.25)·2 = −1.2, delta 0.36."""
    next_w, config = step(student.adadelta, np.array([3.0]), np.array([2.0]), {"decay_rate": 0.75, "epsilon": 0.5625}, "the step")
    assert_close(next_w, np.array([1.8]), "next_w")
    assert_close(entry(config, "cache"), np.array([1.0]), "config['cache']")
    assert_close(entry(config, "delta"), np.array([0.36]), "config['delta']")


@exercise("adadelta")
def test_adadelta_second_step(student):
    """A second step with gradient 0 moves nothing, but both averages fade: with ρ = 0.75 a cache of 4 becomes 3 and a delta of 2 becomes 1.5."""
    config = {"decay_rate": 0.75, "epsilon": 0.5, "cache": np.array([4.0]), "delta": np.array([2.0])}
    next_w, config = step(student.adadelta, np.array([3.0]), np.array([0.0]), config, "the step")
    assert_close(next_w, np.array([3.0]), "next_w")
    assert_close(entry(config, "cache"), np.array([3.0]), "config['cache']")
    assert_close(entry(config, "delta"), np.array([1.5]), "config['delta']")


@exercise("adadelta")
def test_adadelta_defaults(student):
    """Without a config ρ is 0.99 and ε is 1e-6: the gradient 1 gives a cache of 0.01 and a first step of −√1e-6/√(0.01 + 1e-6); w and dw stay as they were."""
    next_w, config = step(student.adadelta, np.zeros(1), np.ones(1), None, "the step")
    assert_unchanged(student)
    assert_close(next_w, np.array([-1e-3 / np.sqrt(0.010001)]), "next_w")
    assert_close(entry(config, "cache"), np.array([0.01]), "config['cache']")
