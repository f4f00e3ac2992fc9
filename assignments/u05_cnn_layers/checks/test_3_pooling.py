"""Visible checks of max pooling."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import assert_close, assert_gradient, assert_unchanged, exercise, numeric_gradient, seeds

from .cases import LECTURE_POOL, SMALL, Geometry, pool_case

TWO = {"pool_height": 2, "pool_width": 2, "stride": 2}


@exercise("max_pool_forward_naive")
def test_lecture_pool(student):
    """Pooling 1 1 2 4 / 5 6 7 8 / 3 2 1 0 / 1 2 3 4 by 2×2 with stride 2 gives 6 8 / 3 4."""
    out, _ = student.max_pool_forward_naive(LECTURE_POOL[None, None], TWO)
    assert_close(out, np.array([[[[6.0, 8.0], [3.0, 4.0]]]]), "out")


@exercise("max_pool_forward_naive")
def test_pool_of_negatives(student):
    """The maximum of negative numbers is negative: −4 −3 / −2 −1 gives −1."""
    out, _ = student.max_pool_forward_naive(np.array([[[[-4.0, -3.0], [-2.0, -1.0]]]]), TWO)
    assert_close(out, np.array([[[[-1.0]]]]), "out")


@exercise("max_pool_forward_naive")
def test_pool_rising(student):
    """Where numbers rise to the right and downwards, each window's maximum is its last corner; stride and window may differ."""
    x = (10.0 * np.arange(5)[:, None] + np.arange(7)[None])[None, None]
    out, _ = student.max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 3, "stride": 1})
    assert_unchanged(student)
    assert_close(out, x[:, :, 1:, 2:], "out for stride 1")
    out, _ = student.max_pool_forward_naive(x, {"pool_height": 2, "pool_width": 3, "stride": 3})
    assert_close(out, x[:, :, 1::3, 2::3][:, :, :, :2], "out for stride 3")


@exercise("max_pool_forward_naive", examples=6)
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_pool_dx(student, seed, g):
    """dx agrees with central differences, also where windows overlap."""
    g = Geometry(*g)
    g = g._replace(pad=0, H=g.H + 2, W=g.W + 1)
    x, dout = pool_case(seed, g)
    _, cache = student.max_pool_forward_naive(x, g.pool_param)
    dx = student.max_pool_backward_naive(dout, cache)
    assert_unchanged(student)
    assert_gradient(dx, numeric_gradient(student.max_pool_forward_naive, [x, g.pool_param], wrt=0, dout=dout, h=1e-4), "dx")


@exercise("max_pool_forward_naive")
def test_pool_ties(student):
    """In a window of four equal numbers the first one gets the whole gradient."""
    _, cache = student.max_pool_forward_naive(np.full((1, 1, 2, 2), 3.0), TWO)
    dx = student.max_pool_backward_naive(np.full((1, 1, 1, 1), 5.0), cache)
    assert_close(dx, np.array([[[[5.0, 0.0], [0.0, 0.0]]]]), "dx")
