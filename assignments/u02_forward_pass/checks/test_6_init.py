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
    """xavier_init(rng, 300, 100) has shape (300, 100), mean 0 and variance 2/400."""
    check_spread(student.xavier_init(student.make_rng(0), 300, 100), (300, 100), 2 / 400, "xavier_init(rng, 300, 100)")


@exercise("he_init")
def test_init_repeatable(student):
    """Generators with the same seed give the same weights; another seed gives others."""
    for name in ("he_init", "xavier_init"):
        init = getattr(student, name)
        first, again, other = (init(student.make_rng(seed), 3, 5) for seed in (1, 1, 2))
        assert_close(again, np.asarray(first), f"{name} with the same seed")
        if np.array_equal(first, other):
            fail(f"{name} gives the same weights for two different seeds.", name)


@exercise("he_init")
def test_init_entries(student):
    """Each of the 60 weights is a number of its own: no unit starts like another."""
    for name in ("he_init", "xavier_init"):
        different = len(np.unique(getattr(student, name)(student.make_rng(3), 12, 5)))
        if different < 60:
            fail(f"{name} gives only {different} different numbers in 60 weights.", name, different, 60)
