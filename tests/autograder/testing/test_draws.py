"""Tests of what unit tests draw."""

from __future__ import annotations

import copy
from collections import Counter

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from autograder.testing import Draw, Function, dims, seeds

SEEDS = st.integers(0, 2**31 - 1)


@given(sizes=dims("N D M", lo=2, hi=5))
def test_sizes_differ_and_stay_in_their_range(sizes: tuple[int, ...]) -> None:
    """One size per name, pairwise distinct, between lo and hi."""
    assert len(set(sizes)) == len(sizes) == 3
    assert all(2 <= n <= 5 for n in sizes)


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_size_of_one_comes_at_every_place(place: int) -> None:
    """Each axis can have size one, and each can be larger."""
    assert find(dims("a b c"), lambda s: s[place] == 1)[place] == 1
    assert find(dims("a b c"), lambda s: s[place] > 1)[place] > 1


def test_ones_come_often_and_not_always() -> None:
    """Among many draws a fair share has a one and a fair share has none."""
    seen: Counter[bool] = Counter()

    @settings(max_examples=200)
    @given(sizes=dims("N D"))
    def collect(sizes: tuple[int, ...]) -> None:
        seen[1 in sizes] += 1

    collect()
    assert min(seen[True], seen[False]) >= 20


def test_sizes_may_be_equal_when_asked() -> None:
    """With distinct=False two axes can have the same size."""
    a, b = find(dims("N D", distinct=False), lambda s: s[0] == s[1])
    assert a == b


def test_too_few_sizes_for_distinct_axes_is_an_error() -> None:
    """A range with fewer sizes than axes is refused with its numbers."""
    with pytest.raises(ValueError, match="lo=1 hi=2"):
        find(dims("a b c", hi=2), lambda s: True)
    assert find(dims("a b c", hi=2, distinct=False), lambda s: True)


@given(seed=seeds())
def test_seeds_are_seeds(seed: int) -> None:
    """Every seed makes a generator."""
    assert 0 <= seed < 2**31
    assert Draw(seed).normal(2).shape == (2,)


@given(seed=SEEDS)
def test_a_seed_gives_the_same_arrays(seed: int) -> None:
    """Two draws from one seed are equal in every method, in order; another seed differs."""
    def take(s: int) -> list[object]:
        d = Draw(s)
        return [d.normal(3), d.uniform(3), d.away_from_zero(3), d.permutation(4), d.labels(3, 5), d.integers(0, 9, 3), d.mask(3), d.normal(), d.integers(0, 9)]

    assert repr(take(seed)) == repr(take(seed))
    assert repr(take(seed)) != repr(take(seed + 1))


@given(seed=SEEDS)
def test_floats_have_two_decimals(seed: int) -> None:
    """Normal, uniform and kink-free numbers are rounded, so that they can be pasted."""
    draw = Draw(seed)
    for a in (draw.normal(3, 4), draw.uniform(3, 4, low=-3.0, high=2.0), draw.away_from_zero(3, 4)):
        assert a.dtype == np.float64
        assert a.shape == (3, 4)
        assert np.array_equal(a, np.round(a, 2))


@given(seed=SEEDS)
def test_without_a_shape_a_number_comes(seed: int) -> None:
    """No shape gives a Python float or int; a shape of (1,) an array."""
    draw = Draw(seed)
    assert [type(v) for v in (draw.normal(), draw.uniform(), draw.away_from_zero(), draw.integers(0, 5))] == [float, float, float, int]
    assert draw.normal(1).shape == (1,)


@given(seed=SEEDS, margin=st.sampled_from([0.05, 0.1, 0.5]))
def test_away_from_zero_is_away_from_zero(seed: int, margin: float) -> None:
    """Magnitudes are at least the margin, and both signs occur."""
    a = Draw(seed).away_from_zero(50, margin=margin)
    assert np.abs(a).min() >= margin - 1e-12
    assert {-1.0, 1.0} == set(np.sign(a))


@given(seed=SEEDS, shape=st.sampled_from([(), (1,), (7,), (3, 4), (2, 3, 4), (30, 20)]))
def test_permutation_has_distinct_numbers(seed: int, shape: tuple[int, ...]) -> None:
    """No two entries are equal, so that a maximum is unique and a sort has one answer; the mean is about zero."""
    a = Draw(seed).permutation(*shape)
    assert a.shape == shape
    assert a.dtype == np.float64
    assert len(np.unique(a)) == a.size
    assert a.size < 2 or np.min(np.diff(np.sort(a.ravel()))) > 0.005
    assert abs(a.mean()) < 0.01


@given(seed=SEEDS)
def test_integers_labels_and_masks(seed: int) -> None:
    """Labels and integers are int64 in their range, masks are boolean."""
    draw = Draw(seed)
    labels, whole, mask = draw.labels(40, 3), draw.integers(-2, 2, 5, 6), draw.mask(40, p=0.5)
    assert labels.dtype == whole.dtype == np.int64
    assert set(labels) == {0, 1, 2}
    assert whole.shape == (5, 6)
    assert -2 <= whole.min() <= whole.max() < 2
    assert mask.dtype == np.bool_
    assert 0 < mask.sum() < 40
    assert not draw.mask(10, p=0.0).any()
    assert draw.mask(10, p=1.0).all()


@given(seed=SEEDS)
def test_scale_and_bounds_are_kept(seed: int) -> None:
    """``scale`` multiplies, ``low`` and ``high`` bound."""
    assert np.allclose(Draw(seed).normal(5, scale=3.0), 3.0 * Draw(seed).normal(5))
    a = Draw(seed).uniform(100, low=2.0, high=3.0)
    assert 2.0 <= a.min() <= a.max() <= 3.0


def test_a_function_knows_its_source() -> None:
    """A function for the student can be called, knows np, keeps its text and is its own copy."""
    f = Function("lambda x: np.sin(x) ** 2")
    assert f(0.5) == np.sin(0.5) ** 2
    assert f.source == "lambda x: np.sin(x) ** 2"
    assert copy.deepcopy([f])[0] is f
