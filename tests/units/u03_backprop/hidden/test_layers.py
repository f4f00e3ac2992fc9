"""Hidden tests of affine_backward, relu_backward and sigmoid_backward: the reference's gradients, and what backward must not do."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import affine_case, relayout


def affine_gradients(source, x, w, b, dout):
    """Return dx, dw, db of a student or the reference."""
    _, cache = source.affine_forward(x, w, b)
    return source.affine_backward(dout, cache)


def same_all(got, first):
    """Compare the student's gradients with the student's own of another call."""
    for name, again, before in zip(("dx", "dw", "db"), got, first, strict=True):
        assert_same(again, before, name)


@exercise("affine_backward", weight=4)
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_dx(student, reference, seed, shape):
    """dx is dout·wᵀ, of shape (N, D)."""
    case = affine_case(seed, shape)
    assert_close(affine_gradients(student, *case)[0], affine_gradients(reference, *case)[0], "dx")


@exercise("affine_backward", weight=4)
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_dw(student, reference, seed, shape):
    """dw is xᵀ·dout, of shape (D, M)."""
    case = affine_case(seed, shape)
    assert_close(affine_gradients(student, *case)[1], affine_gradients(reference, *case)[1], "dw")


@exercise("affine_backward", weight=4)
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_db(student, reference, seed, shape):
    """db adds up the rows of dout and has shape (M,)."""
    case = affine_case(seed, shape)
    assert_close(affine_gradients(student, *case)[2], affine_gradients(reference, *case)[2], "db")


@exercise("affine_backward", weight=3)
@given(seed=seeds(), shape=dims("N d1 d2 d3 M", hi=5))
def test_affine_many_axes(student, reference, seed, shape):
    """Inputs with several axes, (N, d1, d2, d3), get a dx of the same shape and a dw for the flattened examples."""
    case = affine_case(seed, shape)
    for name, got, expected in zip(("dx", "dw"), affine_gradients(student, *case), affine_gradients(reference, *case), strict=False):
        assert_close(got, expected, name)


@exercise("affine_backward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 5), (1, 1, 1), (1, 2, 3, 4)]))
def test_affine_batch_or_width_of_one(student, seed, shape):
    """For a batch of one example and layers of width one, each gradient has all the axes of what it belongs to."""
    x, w, b, dout = affine_case(seed, shape)
    for name, got, what in zip(("dx", "dw", "db"), affine_gradients(student, x, w, b, dout), (x, w, b), strict=True):
        assert_shape(got, what.shape, name)


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", lo=2, hi=5), layout=st.sampled_from(["fortran", "strided"]))
def test_affine_memory_layout(student, seed, shape, layout):
    """The answer does not depend on how the arrays lie in memory (Fortran order, every second entry of a larger array)."""
    x, w, b, dout = affine_case(seed, shape)
    got = affine_gradients(student, relayout(x, layout), relayout(w, layout), b, relayout(dout, layout))
    plain = affine_gradients(student, x, w, b, dout)
    same_all(got, plain)
    assert_depends(plain[1], affine_gradients(student, x, w, b, 2.0 * dout)[1], "dw")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", lo=2, hi=5))
def test_affine_changes_nothing(student, seed, shape):
    """The backward pass changes neither dout nor the cache: a second call gives the same gradients."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    first = student.affine_backward(dout, cache)
    assert_unchanged(student)
    same_all(student.affine_backward(dout, cache), first)
    assert_depends(first[1], student.affine_backward(2.0 * dout, cache)[1], "dw")


def elementwise(source, name, x, dout):
    """Return dx of ``relu`` or ``sigmoid``."""
    _, cache = getattr(source, f"{name}_forward")(x)
    return getattr(source, f"{name}_backward")(dout, cache)


@exercise("relu_backward", weight=3)
@given(seed=seeds(), shape=dims("N D"))
def test_relu_dx(student, reference, seed, shape):
    """A gradient of either sign passes where x > 0, however small x is, and stops where x < 0."""
    draw = Draw(seed)
    x, dout = draw.away_from_zero(*shape), draw.away_from_zero(*shape)
    x[-1, -1] = 1e-12
    assert_close(elementwise(student, "relu", x, dout), elementwise(reference, "relu", x, dout), "dx")


@exercise("relu_backward")
@given(seed=seeds(), shape=dims("N D", lo=2))
def test_relu_at_zero(student, seed, shape):
    """Where x is exactly 0 (or −0.0) the gradient is 0."""
    draw = Draw(seed)
    x = draw.away_from_zero(*shape) * draw.mask(*shape)
    x[0, 0], x[0, 1], x[-1, -1] = 0.0, -0.0, 1.0
    dx = elementwise(student, "relu", x, draw.away_from_zero(*shape))
    assert_shape(dx, shape, "dx")
    assert_close(dx[x == 0], np.zeros(np.count_nonzero(x == 0)), "dx where x is 0")


@exercise("relu_backward", weight=3)
@given(seed=seeds(), shape=dims("N D"))
def test_sigmoid_dx(student, reference, seed, shape):
    """dx is dout · σ · (1 − σ), computed from the stored output."""
    draw = Draw(seed)
    x, dout = draw.normal(*shape, scale=2.0), draw.away_from_zero(*shape)
    assert_close(elementwise(student, "sigmoid", x, dout), elementwise(reference, "sigmoid", x, dout), "dx")


@exercise("relu_backward")
@given(seed=seeds(), shape=dims("a b c", hi=4), name=st.sampled_from(["relu", "sigmoid"]), layout=st.sampled_from(["fortran", "strided"]))
def test_elementwise_any_shape(student, seed, shape, name, layout):
    """Arrays with three axes come back with their shape and the same numbers, however they lie in memory."""
    draw = Draw(seed)
    x, dout = draw.away_from_zero(*shape), draw.away_from_zero(*shape)
    x[0, 0, 0] = abs(x[0, 0, 0])
    plain = elementwise(student, name, x, dout)
    assert_shape(plain, shape, "dx")
    assert_same(elementwise(student, name, relayout(x, layout), relayout(dout, layout)), plain, "dx")
    assert_depends(plain, elementwise(student, name, x + 1.0, 2.0 * dout), "dx")


@exercise("relu_backward", weight=2)
@given(seed=seeds(), shape=dims("N D", lo=2), name=st.sampled_from(["relu", "sigmoid"]))
def test_elementwise_changes_nothing(student, seed, shape, name):
    """dout and the cache are left alone: the gradient of another branch may need them, and a second call gives the same dx."""
    draw = Draw(seed)
    x, dout = draw.away_from_zero(*shape), draw.away_from_zero(*shape)
    x[0, 0], x[-1, -1] = -1.0, 1.0
    _, cache = getattr(student, f"{name}_forward")(x)
    backward = getattr(student, f"{name}_backward")
    first = backward(dout, cache)
    assert_unchanged(student)
    assert_same(backward(dout, cache), first, "dx of the second call")
    assert_depends(first, elementwise(student, name, x + 1.0, 2.0 * dout), "dx")


@exercise("relu_backward")
@given(seed=seeds(), name=st.sampled_from(["relu", "sigmoid"]))
def test_elementwise_single_entry(student, seed, name):
    """One example with one feature stays an array of shape (1, 1)."""
    x, dout = np.array([[abs(Draw(seed).away_from_zero())]]), np.array([[-3.0]])
    assert_shape(elementwise(student, name, x, dout), (1, 1), "dx")
