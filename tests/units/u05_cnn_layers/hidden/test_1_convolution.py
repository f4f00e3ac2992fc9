"""Hidden tests of sizes, padding and convolution: the reference's numbers on shapes in which nothing can be confused."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_equal_int, assert_same, assert_unchanged, dims, exercise, seeds

from ..visible.cases import PAD_AND_WRITE, Geometry, assert_all_same, conv_case, geometries, relayout

NAMES = ("dx", "dw", "db")
LAYOUTS = st.sampled_from(["fortran", "strided"])
REMAINDERS = (6, 2, 3, 0), (8, 3, 2, 1), (10, 3, 4, 0)  # W, F, S, P: a third, a half and three quarters of a stride are left over


@exercise("conv_out_size", weight=2)
@given(S=st.integers(1, 5), F=st.integers(1, 9), places=st.integers(1, 40))
def test_size_without_rest(student, S, F, places):
    """Where the stride divides the way, (W − F)/S + 1 places fit."""
    assert_equal_int(student.conv_out_size(F + S * (places - 1), F, S, 0), places, "size")


@exercise("conv_out_size", weight=2)
@given(W=st.integers(6, 60), F=st.integers(1, 6), S=st.integers(2, 5), P=st.integers(0, 4))
def test_size_with_rest(student, reference, W, F, S, P):
    """Where the stride does not divide the way, the size is rounded down, to an int."""
    for sizes in (W, F, S, P), *REMAINDERS:
        names = ", ".join(f"{name} = {value}" for name, value in zip("WFSP", sizes, strict=True))
        assert_equal_int(student.conv_out_size(*sizes), reference.conv_out_size(*sizes), f"size for {names}")


@exercise("conv_out_size")
@given(F=st.integers(1, 7), S=st.integers(2, 4), P=st.integers(0, 3))
def test_size_of_one_place(student, F, S, P):
    """A filter as large as the padded input has exactly one place, whatever the stride."""
    W = max(F - 2 * P, 1)
    assert_equal_int(student.conv_out_size(W, W + 2 * P, S, P), 1, "size")


@exercise("zero_pad", weight=3)
@given(seed=seeds(), shape=dims("N C H W"), pad=st.integers(1, 3))
def test_pad(student, reference, seed, shape, pad):
    """Zeros on all four sides of each image, and nowhere else."""
    x = Draw(seed).away_from_zero(*shape)
    padded = student.zero_pad(x, pad)
    assert_unchanged(student)
    assert_close(padded, reference.zero_pad(x, pad), "padded")


@exercise("zero_pad")
@given(seed=seeds(), shape=dims("N C H W"))
def test_pad_nothing(student, seed, shape):
    """With pad = 0 the image is as it was."""
    x = Draw(seed).away_from_zero(*shape)
    assert_close(student.zero_pad(x, 0), x, "padded")


@exercise("zero_pad")
@given(seed=seeds(), shape=dims("N C H W"))
def test_pad_is_a_new_array(student, seed, shape):
    """The result is a new array, also with pad = 0: writing into it leaves x as it was."""
    x = Draw(seed).away_from_zero(*shape)
    for pad in (0, 1):
        padded, after = PAD_AND_WRITE(student, x, pad)
        assert_same(padded, padded, "padded")
        assert_close(after, x, f"x after writing into the result for pad = {pad}")


def forward(source, g: Geometry, x, w, b):
    """Return the output of a convolution."""
    return source.conv_forward_naive(x, w, b, g.conv_param)[0]


@exercise("conv_forward_naive", weight=3)
@given(seed=seeds(), g=geometries())
def test_conv_out(student, reference, seed, g):
    """The output is right for any stride and padding, images and filters that are not square, several images, channels and filters."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    assert_close(forward(student, g, x, w, b), forward(reference, g, x, w, b), "out")


@exercise("conv_forward_naive", weight=2)
@given(seed=seeds(), g=geometries(padded=False))
def test_conv_without_padding(student, reference, seed, g):
    """With pad = 0 the output is right, also where the last rows or columns are never reached."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    assert_close(forward(student, g, x, w, b), forward(reference, g, x, w, b), "out")


@exercise("conv_forward_naive")
@given(seed=seeds(), stride=st.integers(1, 2))
def test_conv_same_size(student, reference, seed, stride):
    """Ten 5×5 filters with padding 2 on 3 channels, as in the lecture, on a smaller image."""
    g = Geometry(1, 3, 8, 7, 10, 5, 5, stride, 2)
    x, w, b, _ = conv_case(seed, g)
    assert_close(forward(student, g, x, w, b), forward(reference, g, x, w, b), "out")


@exercise("conv_forward_naive")
@given(seed=seeds(), g=geometries(), layout=LAYOUTS)
def test_conv_leaves_inputs(student, seed, g, layout):
    """x, w and b are left alone, and their memory layout does not matter."""
    g = Geometry(*g)
    x, w, b, _ = conv_case(seed, g)
    plain = forward(student, g, x, w, b)
    out = forward(student, g, relayout(x, layout), relayout(w, layout), b)
    assert_unchanged(student)
    assert_same(out, plain, f"out of {layout} arrays")


def gradients(source, g: Geometry, x, w, b, dout):
    """Return dx, dw, db."""
    _, cache = source.conv_forward_naive(x, w, b, g.conv_param)
    return source.conv_backward_naive(dout, cache)


@exercise("conv_backward_naive", weight=3)
@given(seed=seeds(), g=geometries())
def test_conv_dx(student, reference, seed, g):
    """dx adds up what comes back from every window that a pixel is in, and is cut to the shape of x."""
    g = Geometry(*g)
    case = conv_case(seed, g)
    assert_close(gradients(student, g, *case)[0], gradients(reference, g, *case)[0], "dx")


@exercise("conv_backward_naive", weight=3)
@given(seed=seeds(), g=geometries())
def test_conv_dw(student, reference, seed, g):
    """dw adds up window times gradient over all places and images."""
    g = Geometry(*g)
    case = conv_case(seed, g)
    assert_close(gradients(student, g, *case)[1], gradients(reference, g, *case)[1], "dw")


@exercise("conv_backward_naive", weight=2)
@given(seed=seeds(), g=geometries())
def test_conv_db(student, reference, seed, g):
    """db adds up the gradient of all places and images, per filter."""
    g = Geometry(*g)
    case = conv_case(seed, g)
    assert_close(gradients(student, g, *case)[2], gradients(reference, g, *case)[2], "db")


@exercise("conv_backward_naive", weight=2)
@given(seed=seeds(), g=geometries(padded=False))
def test_conv_gradients_without_padding(student, reference, seed, g):
    """With pad = 0 all gradients have their full shape; pixels that no window reaches get 0."""
    g = Geometry(*g)
    case = conv_case(seed, g)
    for name, got, expected in zip(NAMES, gradients(student, g, *case), gradients(reference, g, *case), strict=True):
        assert_close(got, expected, name)


@exercise("conv_backward_naive")
@given(seed=seeds(), g=geometries(), layout=LAYOUTS)
def test_conv_backward_changes_nothing(student, seed, g, layout):
    """Neither dout nor the cache is changed: a second call gives the same gradients, whatever the memory layout."""
    g = Geometry(*g)
    x, w, b, dout = conv_case(seed, g)
    plain = gradients(student, g, x, w, b, dout)
    _, cache = student.conv_forward_naive(relayout(x, layout), relayout(w, layout), b, g.conv_param)
    student.conv_backward_naive(relayout(dout, layout), cache)
    assert_unchanged(student)
    assert_all_same(student.conv_backward_naive(dout, cache), plain, NAMES)
