"""Visible checks of affine_backward, relu_backward and sigmoid_backward: central differences on the forward functions of the notebook."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_gradient, assert_unchanged, dims, exercise, numeric_gradient, seeds

from .cases import affine_case


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_dx(student, seed, shape):
    """dx agrees with central differences: how the loss changes when one entry of x moves."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    dx, _, _ = student.affine_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.affine_forward, [x, w, b], wrt=0, dout=dout), "dx")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_dw(student, seed, shape):
    """dw agrees with central differences and has the shape of w."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    _, dw, _ = student.affine_backward(dout, cache)
    assert_gradient(dw, numeric_gradient(student.affine_forward, [x, w, b], wrt=1, dout=dout), "dw")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_db(student, seed, shape):
    """db agrees with central differences and has the shape of b, (M,)."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    _, _, db = student.affine_backward(dout, cache)
    assert_gradient(db, numeric_gradient(student.affine_forward, [x, w, b], wrt=2, dout=dout), "db")


@exercise("affine_backward")
@given(seed=seeds(), shape=dims("N d1 d2 M", hi=4))
def test_affine_images(student, seed, shape):
    """For a batch of images x (N, d1, d2), dx comes back in the shape of the images."""
    x, w, b, dout = affine_case(seed, shape)
    _, cache = student.affine_forward(x, w, b)
    dx, dw, _ = student.affine_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.affine_forward, [x, w, b], wrt=0, dout=dout), "dx")
    assert_gradient(dw, numeric_gradient(student.affine_forward, [x, w, b], wrt=1, dout=dout), "dw")


@exercise("relu_backward")
@given(seed=seeds(), shape=dims("N D"))
def test_relu_dx(student, seed, shape):
    """The gradient of ReLU agrees with central differences, and dout is left as it was."""
    draw = Draw(seed)
    x, dout = draw.away_from_zero(*shape), draw.normal(*shape)
    _, cache = student.relu_forward(x)
    dx = student.relu_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.relu_forward, [x], wrt=0, dout=dout), "dx")
    assert_unchanged(student)


@exercise("relu_backward")
def test_relu_at_zero(student):
    """Where x is exactly 0, ReLU sends nothing back."""
    _, cache = student.relu_forward(np.array([[-1.0, 0.0, 2.0]]))
    assert_close(student.relu_backward(np.array([[5.0, 6.0, -7.0]]), cache), np.array([[0.0, 0.0, -7.0]]), "dx")


@exercise("relu_backward")
@given(seed=seeds(), shape=dims("N D"))
def test_sigmoid_dx(student, seed, shape):
    """The gradient of sigmoid agrees with central differences, and dout is left as it was."""
    draw = Draw(seed)
    x, dout = draw.normal(*shape, scale=2.0), draw.normal(*shape)
    _, cache = student.sigmoid_forward(x)
    dx = student.sigmoid_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.sigmoid_forward, [x], wrt=0, dout=dout), "dx")
    assert_unchanged(student)


@exercise("relu_backward")
def test_sigmoid_slope_at_zero(student):
    """At x = 0 the slope of sigmoid is σ(1 − σ) = ½ · ½ = ¼."""
    _, cache = student.sigmoid_forward(np.zeros((1, 2)))
    assert_close(student.sigmoid_backward(np.array([[1.0, -8.0]]), cache), np.array([[0.25, -2.0]]), "dx")
