"""Visible checks of sgd and sgd_momentum: steps by hand and the closed form for a constant gradient."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from .cases import entry, step, walk


@exercise("sgd")
def test_sgd_by_hand(student):
    """w = (1, −2) with gradient (10, 5) and learning rate 0.1 goes to (0, −2.5)."""
    next_w, config = step(student.sgd, np.array([1.0, -2.0]), np.array([10.0, 5.0]), {"learning_rate": 0.1}, "the step")
    assert_close(next_w, np.array([0.0, -2.5]), "next_w")
    assert_close(entry(config, "learning_rate"), 0.1, "config['learning_rate']")


@exercise("sgd")
def test_sgd_default(student):
    """Without a config the learning rate is 0.01, and w itself stays as it was."""
    next_w, _ = step(student.sgd, np.array([[1.0], [2.0]]), np.array([[100.0], [-50.0]]), None, "the step")
    assert_unchanged(student)
    assert_close(next_w, np.array([[0.0], [2.5]]), "next_w")


@exercise("sgd_momentum")
def test_momentum_by_hand(student):
    """With μ = 0.5, η = 0.1 and gradients 10, 10, −10 the velocities are −1, −1.5, 0.25 and w goes 4, 3, 1.5, 1.75."""
    gradients = [[np.array([g])] for g in (10.0, 10.0, -10.0)]
    path, (config,) = walk(student.sgd_momentum, [np.array([4.0])], gradients, [{"learning_rate": 0.1, "momentum": 0.5}])
    for t, expected in enumerate((3.0, 1.5, 1.75)):
        assert_close(path[t][0], np.array([expected]), f"next_w of step {t + 1}")
    assert_close(entry(config, "velocity"), np.array([0.25]), "config['velocity']")


@exercise("sgd_momentum")
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_constant_gradient(student, seed, shape):
    """Under a constant gradient g the velocity after t steps is −η·g·(1 − μᵗ)/(1 − μ); the defaults are η = 0.01 and μ = 0.9."""
    draw = Draw(seed)
    w, g = draw.normal(*shape), draw.normal(*shape)
    path, (config,) = walk(student.sgd_momentum, [w], [[g]] * 5, [None])
    assert_close(entry(config, "velocity"), -0.01 * g * (1 - 0.9**5) / 0.1, "config['velocity']")
    assert_close(path[-1][0], w - 0.1 * g * sum(1 - 0.9**t for t in range(1, 6)), "next_w of step 5")


@exercise("sgd_momentum")
def test_momentum_missing_settings(student):
    """What is left out of config has its default: with η = 0.1 alone μ is 0.9, with μ = 0.5 alone η is 0.01."""
    gradients = [[np.array([10.0])]] * 2
    for settings, expected in (({"learning_rate": 0.1}, -2.9), ({"momentum": 0.5}, -0.25)):
        path, _ = walk(student.sgd_momentum, [np.zeros(1)], gradients, [settings])
        assert_close(path[-1][0], np.array([expected]), f"next_w of step 2 with {settings}")


@exercise("sgd_momentum")
def test_momentum_two_tensors(student):
    """Each tensor has its own velocity, and w stays as it was: with gradients 100 and −100, two tensors in turn go 0, −1, −2.9 and 0, 1, 2.9."""
    step(student.sgd_momentum, np.array([0.0]), np.array([100.0]), None, "the step")
    assert_unchanged(student)
    gradients = [[np.array([100.0]), np.array([-100.0])]] * 2
    path, _ = walk(student.sgd_momentum, [np.zeros(1), np.zeros(1)], gradients, [None, None])
    for t, length in enumerate((1.0, 2.9)):
        assert_close(path[t][0], np.array([-length]), f"next_w of step {t + 1} of tensor 1")
        assert_close(path[t][1], np.array([length]), f"next_w of step {t + 1} of tensor 2")
