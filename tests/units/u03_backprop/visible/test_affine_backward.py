"""Visible checks of affine_backward: central differences on the affine_forward of the notebook."""

from autograder.testing import assert_gradient, dims, exercise, numeric_gradient, seeds
from hypothesis import given

from .cases import affine_case


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_dx(student, seed, shape):
    """dx agrees with central differences: how the loss changes when one entry of x moves."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    dx, _, _ = student.affine_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.affine_forward, [x, w, b], wrt=0, dout=dout), "dx")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_dw(student, seed, shape):
    """dw agrees with central differences and has the shape of w."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    _, dw, _ = student.affine_backward(dout, cache)
    assert_gradient(dw, numeric_gradient(student.affine_forward, [x, w, b], wrt=1, dout=dout), "dw")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_db(student, seed, shape):
    """db agrees with central differences and has the shape of b, (M,)."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    _, _, db = student.affine_backward(dout, cache)
    assert_gradient(db, numeric_gradient(student.affine_forward, [x, w, b], wrt=2, dout=dout), "db")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", hi=4))
def test_image_batch(student, seed, shape):
    """For a batch of images x (N, d1, d2), dx comes back in the shape of the images."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    dx, dw, _ = student.affine_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.affine_forward, [x, w, b], wrt=0, dout=dout), "dx")
    assert_gradient(dw, numeric_gradient(student.affine_forward, [x, w, b], wrt=1, dout=dout), "dw")
