"""Hidden tests of affine_backward: the reference's gradients, and what a backward function must not do."""

from autograder.testing import assert_close, assert_unchanged, dims, exercise, seeds
from hypothesis import given, strategies as st

from ..visible.cases import affine_case, relayout

NAMES = ("dx", "dw", "db")


def expected_gradients(reference, x, w, b, dout):
    """Return the reference's dx, dw, db."""
    _, cache = reference.affine_forward(x, w, b)
    return reference.affine_backward(dout, cache)


@exercise("affine_backward", weight=2)
@given(seed=seeds(), shape=dims("N D M"))
def test_dx(student, reference, seed, shape):
    """dx is dout·wᵀ, of shape (N, D)."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    assert_close(got[0], expected_gradients(reference, x, w, b, dout)[0], "dx")


@exercise("affine_backward", weight=2)
@given(seed=seeds(), shape=dims("N D M"))
def test_dw(student, reference, seed, shape):
    """dw is xᵀ·dout, of shape (D, M)."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    assert_close(got[1], expected_gradients(reference, x, w, b, dout)[1], "dw")


@exercise("affine_backward", weight=2)
@given(seed=seeds(), shape=dims("N D M"))
def test_db(student, reference, seed, shape):
    """db adds up the rows of dout and has shape (M,)."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    assert_close(got[2], expected_gradients(reference, x, w, b, dout)[2], "db")


@exercise("affine_backward", weight=2)
@given(seed=seeds(), shape=dims("N d1 d2 d3 M", hi=5))
def test_many_axes(student, reference, seed, shape):
    """Inputs with several axes, (N, d1, d2, d3), get a dx of the same shape and a dw for the flattened examples."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    for name, value, right in zip(NAMES, got, expected_gradients(reference, x, w, b, dout), strict=True):
        assert_close(value, right, name)


@exercise("affine_backward")
@given(seed=seeds(), width=st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 5), (1, 1, 1)]))
def test_batch_or_width_of_one(student, reference, seed, width):
    """A batch of one example and layers of width one keep all their axes."""
    x, w, b, dout = affine_case(seed, width)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    for name, value, right in zip(NAMES, got, expected_gradients(reference, x, w, b, dout), strict=True):
        assert_close(value, right, name)


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", hi=5), layout=st.sampled_from(["fortran", "strided"]))
def test_memory_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how x and dout lie in memory (Fortran order, every second entry of a larger array)."""
    x, w, b, dout = affine_case(seed, shape)
    x, dout = relayout(x, layout), relayout(dout, layout)
    _, cache = student.affine_forward(x, w, b)
    got = student.affine_backward(dout, cache)
    for name, value, right in zip(NAMES, got, expected_gradients(reference, x, w, b, dout), strict=True):
        assert_close(value, right, name)


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", hi=5))
def test_leaves_inputs_and_cache_alone(student, reference, seed, shape):
    """The backward pass changes neither dout nor the cache: a second call gives the same gradients."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    student.affine_backward(dout, cache)
    assert_unchanged(student)
    got = student.affine_backward(dout, cache)
    for name, value, right in zip(NAMES, got, expected_gradients(reference, x, w, b, dout), strict=True):
        assert_close(value, right, name)
