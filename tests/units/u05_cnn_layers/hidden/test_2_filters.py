"""Hidden tests of the hand-made filters: what each answers to any picture of its kind."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise, fail, seeds

from ..visible.filters import answer, sign_of

EDGES = st.sampled_from([0, 1])
NAMES = ("vertical", "horizontal")


def wanted(w, f, picture, sign, what):
    """Fail unless filter ``f`` answers with the sign."""
    got = sign_of(answer(w, f, picture))
    if got != sign:
        fail(f"Filter {f} on {what}:", "answer", got, sign)


@exercise("edge_filters", weight=2)
@given(seed=seeds(), f=EDGES)
def test_edges_answer(student, seed, f):
    """Filters 0 and 1 answer to edges of their own direction, with the sign of the brighter side, wherever in the window the edge is."""
    w = student.edge_filters()
    draw = Draw(seed)
    low, high = sorted(draw.uniform(2, low=-3.0, high=3.0) + np.array([0.0, 0.01]))
    for bright in (1, 2):
        profile = np.array([high] * bright + [low] * (3 - bright))
        picture = np.tile(profile, (3, 1))
        picture = picture if f == 0 else picture.T
        wanted(w, f, picture, "positive", f"a {NAMES[f]} edge")
        wanted(w, f, picture[::-1, ::-1], "negative", f"a {NAMES[f]} edge, bright on the other side")


@exercise("edge_filters", weight=2)
@given(seed=seeds(), f=EDGES)
def test_edges_are_silent(student, seed, f):
    """Filters 0 and 1 are silent on flat areas and on everything that changes in the other direction only."""
    w = student.edge_filters()
    profile = Draw(seed).normal(3)
    stripes = np.tile(profile[:, None], (1, 3)) if f == 0 else np.tile(profile, (3, 1))
    wanted(w, f, np.full((3, 3), 7.0), "zero", "a flat area")
    wanted(w, f, stripes, "zero", "a picture that changes in the other direction only")


@exercise("edge_filters")
@given(seed=seeds())
def test_blur_is_the_mean(student, seed):
    """Filter 2 is the mean of the window."""
    picture = Draw(seed).normal(3, 3)
    assert_close(answer(student.edge_filters(), 2, picture), float(picture.mean()), "answer of filter 2", atol=1e-9)


@exercise("edge_filters", weight=2)
@given(seed=seeds())
def test_spots(student, seed):
    """Filter 3 answers to bright spots, is silent on flat areas, and turning the picture does not change its answer."""
    w = student.edge_filters()
    level = Draw(seed).uniform(low=-3.0, high=3.0)
    spot = np.full((3, 3), level)
    wanted(w, 3, spot, "zero", "a flat area")
    spot[1, 1] += 2.0
    wanted(w, 3, spot, "positive", "a bright spot")
    picture = Draw(seed + 1).normal(3, 3)
    first = answer(w, 3, picture)
    for quarter in (1, 2, 3):
        assert_close(answer(w, 3, np.rot90(picture, quarter)), first, "answer of filter 3 to the turned picture", atol=1e-9)
