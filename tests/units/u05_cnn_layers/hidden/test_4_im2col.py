"""Hidden tests of im2col, of the convolution made of it, and of col2im."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Driver, assert_close, assert_same, assert_unchanged, exercise, seeds

from ..visible.cases import Geometry, assert_one_product, conv_case, geometries, relayout

LAYOUTS = st.sampled_from(["fortran", "strided"])
WIDE_BORDER = Geometry(N=1, C=2, H=4, W=3, F=3, HH=3, WW=2, stride=1, pad=2)  # more of it than there are images

# The convolution while conv_forward_naive cannot be called.
WITHOUT_NAIVE = Driver("""
    def without_naive(x, w, b, conv_param):
        def refuse(*args, **kwargs):
            raise RuntimeError("conv_forward_im2col calls conv_forward_naive; use im2col and a matrix product")

        names = conv_forward_im2col.__globals__
        kept = names.get("conv_forward_naive")
        names["conv_forward_naive"] = refuse
        try:
            return conv_forward_im2col(x, w, b, conv_param)[0]
        finally:
            names["conv_forward_naive"] = kept
""")


def columns(source, g, x):
    """Return the windows as rows."""
    return source.im2col(x, g.HH, g.WW, g.stride, g.pad)


@exercise("im2col", weight=3)
@given(seed=seeds(), g=geometries())
def test_im2col(student, reference, seed, g):
    """Rows are ordered by image, row and column of the place; columns by channel, row and column in the window."""
    g = Geometry(*g)
    x, _, _, _ = conv_case(seed, g)
    cols = columns(student, g, x)
    assert_unchanged(student)
    assert_close(cols, columns(reference, g, x), "cols")


@exercise("im2col", weight=3)
@given(seed=seeds(), g=geometries())
def test_conv_im2col_out(student, reference, seed, g):
    """The output of the matrix product is that of the loops, with the axes N, F, OH, OW."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    assert_close(student.conv_forward_im2col(x, w, b, g.conv_param)[0], reference.conv_forward_naive(x, w, b, g.conv_param)[0], "out")


@exercise("im2col")
@given(seed=seeds(), g=geometries(), layout=LAYOUTS)
def test_conv_im2col_leaves_inputs(student, seed, g, layout):
    """x, w and b are left alone, and their memory layout does not matter."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    plain, _ = student.conv_forward_im2col(x, w, b, g.conv_param)
    out, _ = student.conv_forward_im2col(relayout(x, layout), relayout(w, layout), b, g.conv_param)
    assert_unchanged(student)
    assert_same(out, plain, f"out of {layout} arrays")


@exercise("im2col", weight=2)
@given(seed=seeds(), g=geometries())
def test_conv_im2col_is_no_loop(student, reference, seed, g):
    """conv_forward_im2col goes through neither images nor places nor filters one by one, and does not call the one with loops."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    out = WITHOUT_NAIVE(student, x, w, b, g.conv_param)
    assert_close(out, reference.conv_forward_naive(x, w, b, g.conv_param)[0], "out")
    assert_one_product(student)


def rows_for(seed, g):
    """Return random rows, one for each window."""
    OH, OW = g.out
    return Draw(seed).normal(g.N * OH * OW, g.C * g.HH * g.WW)


@exercise("col2im", weight=3)
@given(seed=seeds(), g=geometries())
def test_col2im(student, reference, seed, g):
    """Each pixel gets the sum over all windows that it is in."""
    for case in Geometry(*g), WIDE_BORDER:
        rows, shape = rows_for(seed, case), (case.N, case.C, case.H, case.W)
        got = student.col2im(rows, shape, case.HH, case.WW, case.stride, case.pad)
        assert_close(got, reference.col2im(rows, shape, case.HH, case.WW, case.stride, case.pad), "x")


@exercise("col2im", weight=2)
@given(seed=seeds(), g=geometries(padded=False))
def test_col2im_without_padding(student, reference, seed, g):
    """With pad = 0 nothing is cut off; pixels that no window reaches are 0."""
    g = Geometry(*g)
    rows, shape = rows_for(seed, g), (g.N, g.C, g.H, g.W)
    got = student.col2im(rows, shape, g.HH, g.WW, g.stride, g.pad)
    assert_close(got, reference.col2im(rows, shape, g.HH, g.WW, g.stride, g.pad), "x")


@exercise("col2im")
@given(seed=seeds(), g=geometries(), layout=LAYOUTS)
def test_col2im_leaves_rows(student, seed, g, layout):
    """The rows are left alone, and their memory layout does not matter."""
    g = Geometry(*g)
    rows, shape = rows_for(seed, g), (g.N, g.C, g.H, g.W)
    plain = student.col2im(rows, shape, g.HH, g.WW, g.stride, g.pad)
    got = student.col2im(relayout(rows, layout), shape, g.HH, g.WW, g.stride, g.pad)
    assert_unchanged(student)
    assert_same(got, plain, f"x of {layout} rows", may_vanish=g.pad > 0)  # where the windows see padding alone
