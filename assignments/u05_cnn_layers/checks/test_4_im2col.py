"""Visible checks of im2col, of the convolution made of it, and of col2im."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, exercise, fail, seeds

from .cases import LECTURE_FILTER, LECTURE_IMAGE, SMALL, Geometry, assert_one_product, conv_case


@exercise("im2col")
def test_windows_of_three_by_three(student):
    """The four 2×2 windows of 1 2 3 / 4 5 6 / 7 8 9 become the rows 1 2 4 5, 2 3 5 6, 4 5 7 8 and 5 6 8 9."""
    cols = student.im2col(np.arange(1.0, 10.0).reshape(1, 1, 3, 3), 2, 2, 1, 0)
    assert_close(cols, np.array([[1.0, 2, 4, 5], [2, 3, 5, 6], [4, 5, 7, 8], [5, 6, 8, 9]]), "cols")


@exercise("im2col")
def test_one_window_per_image(student):
    """When the window is the whole image, row n is image n flattened: channel by channel, row by row."""
    x = np.arange(48.0).reshape(2, 3, 2, 4)
    assert_close(student.im2col(x, 2, 4, 1, 0), x.reshape(2, 24), "cols")


@exercise("im2col")
@given(g=st.sampled_from(SMALL))
def test_im2col_shape_and_padding(student, g):
    """There is a row per image and place and a column per entry of a window; entries in the padding are 0."""
    g = Geometry(*g)
    cols = student.im2col(np.ones((g.N, g.C, g.H, g.W)), g.HH, g.WW, g.stride, g.pad)
    OH, OW = g.out
    if np.shape(cols) != (g.N * OH * OW, g.C * g.HH * g.WW):
        assert_close(cols, np.zeros((g.N * OH * OW, g.C * g.HH * g.WW)), "cols")
    covered = [
        sum(1 for p in range(g.HH) for q in range(g.WW) if 0 <= i * g.stride + p - g.pad < g.H and 0 <= j * g.stride + q - g.pad < g.W)
        for i in range(OH)
        for j in range(OW)
    ]
    assert_close(np.asarray(cols).sum(axis=1), np.array(covered * g.N, dtype=float) * g.C, "row sums of cols, for x of ones")


@exercise("im2col")
def test_im2col_lecture_image(student):
    """The convolution by matrix product gives the lecture's numbers too: 2, 6, −4, 5 in the first row."""
    out, _ = student.conv_forward_im2col(LECTURE_IMAGE[None, None], LECTURE_FILTER[None, None], np.zeros(1), {"stride": 1, "pad": 0})
    if np.shape(out) != (1, 1, 4, 4):
        assert_close(out, np.zeros((1, 1, 4, 4)), "out")
    assert_close(out[0, 0, 0], np.array([2.0, 6.0, -4.0, 5.0]), "first row of out")


@exercise("im2col")
@given(seed=seeds(), stride=st.integers(1, 2))
def test_im2col_one_by_one(student, seed, stride):
    """A 1×1 filter mixes the channels of one pixel, for several images and filters; conv_forward_im2col goes through none of them one by one."""
    draw = Draw(seed)
    x, w, b = draw.normal(2, 3, 4, 5), draw.normal(4, 3, 1, 1), draw.normal(4)
    out, _ = student.conv_forward_im2col(x, w, b, {"stride": stride, "pad": 0})
    assert_unchanged(student)
    mixed = np.einsum("nchw,fc->nfhw", x, w[:, :, 0, 0]) + b[:, None, None]
    assert_close(out, mixed[:, :, ::stride, ::stride], "out")
    assert_one_product(student)


@exercise("col2im")
def test_col2im_counts(student):
    """Rows of ones count the windows that each pixel is in: 1 2 1 / 2 4 2 / 1 2 1 for 2×2 windows in a 3×3 image."""
    x = student.col2im(np.ones((4, 4)), (1, 1, 3, 3), 2, 2, 1, 0)
    assert_close(x, np.array([[[[1.0, 2.0, 1.0], [2.0, 4.0, 2.0], [1.0, 2.0, 1.0]]]]), "x")


@exercise("col2im")
@given(seed=seeds(), g=st.sampled_from(SMALL))
def test_col2im_is_the_adjoint(student, seed, g):
    """For all x and all g the sums of im2col(x)·g and of x·col2im(g) are equal."""
    g = Geometry(*g)
    x, _, _, _ = conv_case(seed, g)
    OH, OW = g.out
    rows = Draw(seed + 1).normal(g.N * OH * OW, g.C * g.HH * g.WW)
    cols = student.im2col(x, g.HH, g.WW, g.stride, g.pad)
    back = student.col2im(rows, x.shape, g.HH, g.WW, g.stride, g.pad)
    assert_unchanged(student)
    if np.shape(back) != x.shape:
        assert_close(back, x, "x")
    if np.shape(cols) != rows.shape:
        fail("im2col does not have the right shape yet.", "cols", np.shape(cols), rows.shape)
    assert_close(float(np.sum(x * back)), float(np.sum(cols * rows)), "the sum of x · col2im(g)", atol=1e-9)
