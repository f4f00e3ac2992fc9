"""Visible checks of convolution: numbers known by hand, and central differences on the student's own forward pass."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import (
    Draw,
    assert_array_equal,
    assert_close,
    assert_equal_int,
    assert_gradient,
    assert_unchanged,
    exercise,
    numeric_gradient,
    seeds,
)

from .cases import LECTURE_FILTER, LECTURE_IMAGE, SMALL, Geometry, assert_all_same, conv_case

PLAIN = {"stride": 1, "pad": 0}


@exercise("conv_out_size")
def test_lecture_sizes(student):
    """A 5-wide filter on 32 pixels with padding 2 leaves 32; a 3-wide one on 6 pixels leaves 4."""
    assert_equal_int(student.conv_out_size(32, 5, 1, 2), 32, "size for W = 32, F = 5, S = 1, P = 2")
    assert_equal_int(student.conv_out_size(6, 3, 1, 0), 4, "size for W = 6, F = 3, S = 1, P = 0")


@exercise("conv_out_size")
@given(W=st.integers(5, 40), F=st.integers(1, 5), S=st.integers(1, 4), P=st.integers(0, 3))
def test_places_counted(student, W, F, S, P):
    """The size is the number of places that you count when you slide the filter."""
    places = len(range(-P, W + P - F + 1, S))
    assert_equal_int(student.conv_out_size(W, F, S, P), places, f"size for W = {W}, F = {F}, S = {S}, P = {P}")


@exercise("zero_pad")
def test_pad_by_hand(student):
    """One pixel with the value 7 becomes the centre of a 3×3 image for pad = 1."""
    x = np.full((1, 1, 1, 1), 7.0)
    assert_close(student.zero_pad(x, 1), np.array([[[[0.0, 0.0, 0.0], [0.0, 7.0, 0.0], [0.0, 0.0, 0.0]]]]), "padded")


@exercise("zero_pad")
@given(seed=seeds(), pad=st.integers(0, 3))
def test_pad_frame(student, seed, pad):
    """Rows and columns grow by 2·pad, the image is in the middle and nothing else is there; images and channels stay."""
    x = Draw(seed).away_from_zero(2, 3, 4, 5)
    padded = student.zero_pad(x, pad)
    assert_unchanged(student)
    assert_close(padded, np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)]), "padded")


@exercise("conv_forward_naive")
def test_lecture_image(student):
    """The 6×6 image and the filter 1 0 −1 of the lecture: the first row of outputs begins with 2 and 6."""
    out, _ = student.conv_forward_naive(LECTURE_IMAGE[None, None], LECTURE_FILTER[None, None], np.zeros(1), PLAIN)
    assert_array_equal(np.array(np.shape(out)), np.array([1, 1, 4, 4]), "shape of out")
    assert_close(out[0, 0, 0], np.array([2.0, 6.0, -4.0, 5.0]), "first row of out")


@exercise("conv_forward_naive")
@given(seed=seeds())
def test_filter_is_not_flipped(student, seed):
    """A single bright pixel under the filter's top left entry gives that entry: the filter is not flipped."""
    w = Draw(seed).away_from_zero(1, 1, 2, 3)
    x = np.zeros((1, 1, 2, 3))
    x[0, 0, 0, 0] = 1.0
    out, _ = student.conv_forward_naive(x, w, np.zeros(1), PLAIN)
    assert_close(out, w[:, :, :1, :1], "out")


@exercise("conv_forward_naive")
@given(g=st.sampled_from(SMALL))
def test_ones(student, g):
    """Where image and filter are all ones, each output away from the border is the number of entries in a window, and the bias is added."""
    g = Geometry(*g)
    inner = g._replace(pad=0, H=g.H + 3, W=g.W + 4)
    b = np.arange(1.0, g.F + 1.0)
    out, _ = student.conv_forward_naive(np.ones((g.N, g.C, inner.H, inner.W)), np.ones((g.F, g.C, g.HH, g.WW)), b, inner.conv_param)
    full = np.full((g.N, g.F, *inner.out), float(g.C * g.HH * g.WW))
    assert_close(out, full + b[:, None, None], "out")


@exercise("conv_forward_naive")
def test_padding_counts(student):
    """A 3×3 filter of ones on a 3×4 image of ones with pad 1 counts the pixels it covers: 4 at corners, 6 at sides, 9 inside."""
    out, _ = student.conv_forward_naive(np.ones((1, 1, 3, 4)), np.ones((1, 1, 3, 3)), np.zeros(1), {"stride": 1, "pad": 1})
    assert_close(out, np.array([[[[4.0, 6.0, 6.0, 4.0], [6.0, 9.0, 9.0, 6.0], [4.0, 6.0, 6.0, 4.0]]]]), "out")


@exercise("conv_forward_naive")
@given(seed=seeds(), stride=st.integers(1, 3))
def test_one_by_one(student, seed, stride):
    """A 1×1 filter mixes the channels of one pixel; with a stride it visits every second or third pixel."""
    draw = Draw(seed)
    x, w, b = draw.normal(2, 3, 4, 5), draw.normal(2, 3, 1, 1), draw.normal(2)
    out, _ = student.conv_forward_naive(x, w, b, {"stride": stride, "pad": 0})
    assert_unchanged(student)
    mixed = np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b[:, None, None]
    assert_close(out, mixed[:, :, ::stride, ::stride], "out")


def gradient_check(student, seed: int, g: Geometry, wrt: int) -> None:
    """Compare one gradient of the convolution with central differences."""
    x, w, b, dout = conv_case(seed, g)
    _, cache = student.conv_forward_naive(x, w, b, g.conv_param)
    grads = student.conv_backward_naive(dout, cache)
    numeric = numeric_gradient(student.conv_forward_naive, [x, w, b, g.conv_param], wrt=wrt, dout=dout)
    assert_gradient(grads[wrt], numeric, ("dx", "dw", "db")[wrt])


@exercise("conv_backward_naive", examples=5)
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_conv_dx(student, seed, g):
    """dx agrees with central differences and has the shape of x."""
    g = Geometry(*g)
    gradient_check(student, seed, g, 0)


@exercise("conv_backward_naive", examples=5)
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_conv_dw(student, seed, g):
    """dw agrees with central differences and has the shape of w."""
    g = Geometry(*g)
    gradient_check(student, seed, g, 1)


@exercise("conv_backward_naive", examples=5)
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_conv_db(student, seed, g):
    """db agrees with central differences and has the shape of b."""
    g = Geometry(*g)
    gradient_check(student, seed, g, 2)


@exercise("conv_backward_naive")
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_conv_backward_twice(student, seed, g):
    """The backward pass changes neither dout nor the cache: a second call gives the same gradients."""
    g = Geometry(*g)
    x, w, b, dout = conv_case(seed, g)
    _, cache = student.conv_forward_naive(x, w, b, g.conv_param)
    first = student.conv_backward_naive(dout, cache)
    assert_unchanged(student)
    assert_all_same(student.conv_backward_naive(dout, cache), first, ("dx", "dw", "db"))
