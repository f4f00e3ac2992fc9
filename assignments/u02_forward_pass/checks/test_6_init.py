"""Visible checks of the starting weights, by statistics over many entries."""

import numpy as np

from autograder.testing import assert_close, exercise, fail

from .cases import check_spread


@exercise("he_init")
def test_he_statistics(student):
    """he_init(rng, 200, 100) has shape (200, 100), mean 0 and variance 2/200."""
    check_spread(student.he_init(student.make_rng(0), 200, 100), (200, 100), 2 / 200, "he_init(rng, 200, 100)")


@exercise("he_init")
def test_xavier_statistics(student):
    """xavier_init(rng, 200, 100) has shape (200, 100), mean 0 and variance 2/300."""
    check_spread(student.xavier_init(student.make_rng(0), 200, 100), (200, 100), 2 / 300, "xavier_init(rng, 200, 100)")


@exercise("he_init")
def test_init_repeatable(student):
    """Generators with the same seed give the same weights; another seed gives others."""
    for name in ("he_init", "xavier_init"):
        init = getattr(student, name)
        first, again, other = (init(student.make_rng(seed), 3, 5) for seed in (1, 1, 2))
        assert_close(again, np.asarray(first), f"{name} with the same seed")
        if np.array_equal(first, other):
            fail(f"{name} gives the same weights for two different seeds.", name)
