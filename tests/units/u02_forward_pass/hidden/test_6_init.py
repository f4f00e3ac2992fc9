"""Hidden tests of the starting weights: statistics, shape, repeatability, independence."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import assert_close, dims, exercise, fail, seeds

from ..visible.cases import assert_double, check_spread

SIZES = st.sampled_from([(300, 60), (60, 300), (150, 150), (1, 20000), (20000, 1), (30, 700)])
NAMES = ("he_init", "xavier_init")


@exercise("he_init", weight=3, examples=8)
@given(seed=seeds(), size=SIZES)
def test_he_variance(student, seed, size):
    """he_init has mean 0 and variance 2 / fan_in, whatever fan_out is."""
    fan_in, fan_out = size
    check_spread(student.he_init(student.make_rng(seed), fan_in, fan_out), size, 2 / fan_in, "he_init(rng, fan_in, fan_out)")


@exercise("he_init", weight=3, examples=8)
@given(seed=seeds(), size=SIZES)
def test_xavier_variance(student, seed, size):
    """xavier_init has mean 0 and variance 2 / (fan_in + fan_out)."""
    fan_in, fan_out = size
    check_spread(
        student.xavier_init(student.make_rng(seed), fan_in, fan_out), size, 2 / (fan_in + fan_out), "xavier_init(rng, fan_in, fan_out)"
    )


@exercise("he_init")
@given(seed=seeds(), size=dims("fan_in fan_out"))
def test_init_shape(student, seed, size):
    """The weights are floating-point numbers of shape (fan_in, fan_out), and not all 0."""
    for name in NAMES:
        W = getattr(student, name)(student.make_rng(seed), *size)
        assert_close(W, np.zeros(size), name, atol=20.0)
        assert_double(W, name)
        if not np.any(W):
            fail(f"{name} gives zeros only.", name)


@exercise("he_init", examples=8)
@given(seed=seeds())
def test_init_generator(student, seed):
    """The same seed gives the same numbers, another seed others, and a second draw from one generator others again."""
    for name in NAMES:
        init, rng = getattr(student, name), student.make_rng(seed)
        first, second = init(rng, 4, 3), init(rng, 4, 3)
        assert_close(init(student.make_rng(seed), 4, 3), np.asarray(first), f"{name} with the same seed")
        if np.array_equal(first, init(student.make_rng(seed + 1), 4, 3)):
            fail(f"{name} gives the same weights for two different seeds: draw from rng.", name)
        if np.array_equal(first, second):
            fail(f"{name} gives the same weights twice from one generator: draw from rng, do not make a new one.", name)


@exercise("he_init", examples=8)
@given(seed=seeds())
def test_init_independent(student, seed):
    """Every weight is a draw of its own: no row or column repeats another."""
    for name in NAMES:
        W = np.asarray(getattr(student, name)(student.make_rng(seed), 40, 30))
        if len(np.unique(W)) < 1000:
            fail(f"{name} gives only {len(np.unique(W))} different numbers in 1200 weights.", name, len(np.unique(W)), 1200)
