"""Hidden tests of max pooling."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_same, assert_unchanged, exercise, seeds

from ..visible.cases import Geometry, geometries, pool_case, relayout

POOL = geometries(padded=False)


def pooled(source, g, x):
    """Return the output of pooling."""
    return source.max_pool_forward_naive(x, g.pool_param)[0]


def gradient(source, g, x, dout):
    """Return dx of pooling."""
    _, cache = source.max_pool_forward_naive(x, g.pool_param)
    return source.max_pool_backward_naive(dout, cache)


@exercise("max_pool_forward_naive", weight=3)
@given(seed=seeds(), g=POOL)
def test_pool_out(student, reference, seed, g):
    """The output holds the maximum of each window, for windows that are not square and any stride."""
    g = Geometry(*g)
    x, _ = pool_case(seed, g)
    out = pooled(student, g, x)
    assert_unchanged(student)
    assert_close(out, pooled(reference, g, x), "out")


@exercise("max_pool_forward_naive")
@given(seed=seeds(), g=POOL)
def test_pool_all_negative(student, reference, seed, g):
    """Maxima of negative numbers are right."""
    g = Geometry(*g)
    x = pool_case(seed, g)[0] - 5.0
    assert_close(pooled(student, g, x), pooled(reference, g, x), "out")


@exercise("max_pool_forward_naive", weight=3)
@given(seed=seeds(), g=POOL)
def test_pool_dx(student, reference, seed, g):
    """Each window's gradient goes to its maximum, however small its lead; all else gets 0."""
    g = Geometry(*g)
    x, dout = pool_case(seed, g)
    for case in (x, dout), (1.0 + 1e-7 * x, dout):
        assert_close(gradient(student, g, *case), gradient(reference, g, *case), "dx")


@exercise("max_pool_forward_naive", weight=2)
@given(seed=seeds(), size=st.sampled_from([(4, 5), (5, 4)]), stride=st.integers(1, 2))
def test_pool_overlap(student, reference, seed, size, stride):
    """Where windows overlap, an entry that wins several times gets the sum of their gradients."""
    draw = Draw(seed)
    x = draw.permutation(2, 3, *size)
    x[:, :, 2, 2] = 9.0
    param = {"pool_height": 3, "pool_width": 3, "stride": stride}
    out, cache = student.max_pool_forward_naive(x, param)
    right, right_cache = reference.max_pool_forward_naive(x, param)
    assert_close(out, right, "out")
    dout = draw.away_from_zero(*right.shape)
    assert_close(student.max_pool_backward_naive(dout, cache), reference.max_pool_backward_naive(dout, right_cache), "dx")


@exercise("max_pool_forward_naive", weight=2)
@given(seed=seeds(), g=POOL, values=st.sampled_from([1, 2]))
def test_pool_ties(student, reference, seed, g, values):
    """Of equal maxima the first in row-major order gets the whole gradient."""
    draw, square = Draw(seed), Geometry(1, 1, 2, 2, 1, 2, 2, 1, 0)
    x, dout = np.array([[[[0.0, 1.0], [1.0, 1.0]]]]), draw.away_from_zero(1, 1, 1, 1)  # the first is (0, 1); going down the columns, (1, 0)
    assert_close(gradient(student, square, x, dout), gradient(reference, square, x, dout), "dx")
    g = Geometry(*g)
    x = draw.integers(0, values, g.N, g.C, g.H, g.W).astype(float)
    dout = draw.away_from_zero(g.N, g.C, *g.out)
    assert_close(gradient(student, g, x, dout), gradient(reference, g, x, dout), "dx")


@exercise("max_pool_forward_naive")
@given(seed=seeds(), g=POOL, layout=st.sampled_from(["fortran", "strided"]))
def test_pool_changes_nothing(student, seed, g, layout):
    """Neither dout nor the cache is changed: a second call gives the same gradient, whatever the memory layout."""
    g = Geometry(*g)
    x, dout = pool_case(seed, g)
    plain = gradient(student, g, x, dout)
    _, cache = student.max_pool_forward_naive(relayout(x, layout), g.pool_param)
    student.max_pool_backward_naive(relayout(dout, layout), cache)
    assert_unchanged(student)
    assert_same(student.max_pool_backward_naive(dout, cache), plain, "dx of the second call")


@exercise("max_pool_forward_naive")
@given(seed=seeds())
def test_pool_whole_image(student, seed):
    """A window as large as the image leaves one number per channel, and its gradient goes to one pixel."""
    draw = Draw(seed)
    x = draw.permutation(2, 3, 3, 2)
    out, cache = student.max_pool_forward_naive(x, {"pool_height": 3, "pool_width": 2, "stride": 2})
    assert_close(out, x.max(axis=(2, 3), keepdims=True), "out")
    dout = draw.away_from_zero(2, 3, 1, 1)
    assert_close(student.max_pool_backward_naive(dout, cache), np.where(x == x.max(axis=(2, 3), keepdims=True), dout, 0.0), "dx")
