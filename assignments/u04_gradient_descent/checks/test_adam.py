"""Visible checks of adam and adamw: constant gradients, and two steps by hand."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_equal_int, assert_unchanged, dims, exercise, seeds

from .cases import entry, step, walk


@exercise("adam")
@given(seed=seeds(), shape=dims("N D"))
def test_adam_constant_gradient(student, seed, shape):
    """Under a constant gradient g the corrected averages are g and g², so every step is η·g/(|g| + ε)."""
    draw = Draw(seed)
    w, g = draw.normal(*shape), draw.normal(*shape)
    path, _ = walk(student.adam, [w], [[g]] * 5, [{"learning_rate": 0.1, "epsilon": 1e-2}])
    for t in range(5):
        assert_close(path[t][0], w - 0.1 * (t + 1) * g / (np.abs(g) + 1e-2), f"next_w of step {t + 1}")


@exercise("adam")
def test_adam_by_hand(student):
    """With β1 = 0.5, β2 = 0.75, η = 1, ε = 0 and gradients 1 and −1: m is 0.5 and −0.25, v is 0.25 and 0.4375, and the steps are −1 and +1/3."""
    settings = {"learning_rate": 1.0, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0}
    path, (config,) = walk(student.adam, [np.array([2.0])], [[np.array([1.0])], [np.array([-1.0])]], [settings])
    assert_close(path[0][0], np.array([1.0]), "next_w of step 1")
    assert_close(path[1][0], np.array([1.0 + 1 / 3]), "next_w of step 2")
    assert_close(entry(config, "m"), np.array([-0.25]), "config['m']")
    assert_close(entry(config, "v"), np.array([0.4375]), "config['v']")
    assert_equal_int(entry(config, "t"), 2, "config['t']")


@exercise("adam")
@given(seed=seeds(), shape=dims("N D"))
def test_adam_defaults(student, seed, shape):
    """Without a config the defaults of the docstring hold; w and dw stay as they were."""
    draw = Draw(seed)
    w, g = draw.normal(*shape), 100 * draw.away_from_zero(*shape)
    next_w, _ = step(student.adam, w, g, None, "the step")
    assert_unchanged(student)
    assert_close(next_w, w - 0.001 * np.sign(g), "next_w", rtol=1e-6)


@exercise("adam")
def test_adam_default_betas(student):
    """The defaults are β1 = 0.9, β2 = 0.999 and ε = 1e-8: after the gradient 1, m is 0.1 and v 0.001; with dw = 1e-8 the first step is 0.001/2."""
    _, config = step(student.adam, np.zeros(1), np.ones(1), None, "the step")
    assert_close(entry(config, "m"), np.array([0.1]), "config['m']")
    assert_close(entry(config, "v"), np.array([0.001]), "config['v']")
    next_w, _ = step(student.adam, np.zeros(1), np.array([1e-8]), None, "the step")
    assert_close(next_w, np.array([-0.0005]), "next_w for a gradient of 1e-8")
    next_w, _ = step(student.adam, np.ones(1), np.zeros(1), None, "the step")
    assert_close(next_w, np.ones(1), "next_w for a gradient of 0")


@exercise("adam")
def test_adam_two_tensors(student):
    """Each tensor has its own m, v and t: two tensors in turn, with gradients 1 and −1, both make steps of 0.001."""
    gradients = [[np.ones(1), -np.ones(1)]] * 3
    path, configs = walk(student.adam, [np.zeros(1), np.zeros(1)], gradients, [None, None])
    for t, (first, second) in enumerate(path, start=1):
        assert_close(first, np.array([-0.001 * t]), f"next_w of step {t} of tensor 1", rtol=1e-6)
        assert_close(second, np.array([0.001 * t]), f"next_w of step {t} of tensor 2", rtol=1e-6)
    for config in configs:
        assert_equal_int(entry(config, "t"), 3, "config['t']")


@exercise("adamw")
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_only_decay(student, seed, shape):
    """With a gradient of zero a step only multiplies w by 1 − η·λ."""
    w = Draw(seed).normal(*shape)
    path, _ = walk(student.adamw, [w], [[np.zeros(shape)]] * 3, [{"learning_rate": 0.5, "weight_decay": 0.1}])
    assert_close(path[-1][0], w * 0.95**3, "next_w of step 3")


@exercise("adamw")
def test_adamw_first_step(student):
    """With η = 0.1, λ = 0.25, ε = 0: w = 2 with gradient 7 loses 0.1 to Adam and 0.1·0.25·2 to the decay, 1.85 is left."""
    next_w, _ = step(
        student.adamw, np.array([2.0]), np.array([7.0]), {"learning_rate": 0.1, "weight_decay": 0.25, "epsilon": 0.0}, "the step"
    )
    assert_close(next_w, np.array([1.85]), "next_w")


@exercise("adamw")
def test_adamw_defaults(student):
    """The defaults are η = 0.001 and λ = 0.01: w = 1000 with gradient 1 loses 0.001 to Adam and 0.001·0.01·1000 to the decay; w and dw stay as they were."""
    next_w, _ = step(student.adamw, np.array([1000.0]), np.array([1.0]), None, "the step")
    assert_unchanged(student)
    assert_close(next_w, np.array([1000.0 - 0.011]), "next_w", rtol=1e-10)


@exercise("adamw")
def test_adamw_second_step(student):
    """m, v and t are kept: with β1 = 0.5, β2 = 0.75, η = 1, ε = 0, λ = 0.25 and gradients 1 and −1, w goes 2, 1/2, 17/24, and t is 2."""
    settings = {"learning_rate": 1.0, "beta1": 0.5, "beta2": 0.75, "epsilon": 0.0, "weight_decay": 0.25}
    path, (config,) = walk(student.adamw, [np.array([2.0])], [[np.array([1.0])], [np.array([-1.0])]], [settings])
    assert_close(path[0][0], np.array([0.5]), "next_w of step 1")
    assert_close(path[1][0], np.array([17 / 24]), "next_w of step 2")
    assert_equal_int(entry(config, "t"), 2, "config['t']")
