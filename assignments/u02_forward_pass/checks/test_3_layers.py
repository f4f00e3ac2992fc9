"""Visible checks of the affine and the ReLU layer."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds


@exercise("affine_forward")
def test_affine_slide(student):
    """The layer of the slide turns (1, 3, 2) into (15, 24, 29), here as a batch of one with the matrix transposed."""
    w = np.array([[2.0, 4.0, 2.0], [1.0, 3.0, 7.0], [0.0, 7.0, 3.0]]).T
    out, _ = student.affine_forward(np.array([[1.0, 3.0, 2.0]]), w, np.array([-3.0, 0.0, 2.0]))
    assert_close(out, np.array([[15.0, 24.0, 29.0]]), "out")


@exercise("affine_forward")
def test_affine_flatten_order(student):
    """Two images of 2×3 pixels numbered row by row, and an identity matrix: out is the pixels in their order, plus b."""
    b = np.array([0.5, 0.0, 0.0, 0.0, 0.0, -0.5])
    out, _ = student.affine_forward(np.arange(12.0).reshape(2, 2, 3), np.eye(6), b)
    assert_close(out, np.array([[0.5, 1, 2, 3, 4, 4.5], [6.5, 7, 8, 9, 10, 10.5]]), "out")
    assert_unchanged(student)


@exercise("affine_forward")
def test_affine_pixels(student):
    """The integer pixels 1 and 2 with the weights 0.25 and 0.5 and the bias 0.1 give 1.35: nothing is cut to whole numbers."""
    out, _ = student.affine_forward(np.array([[1, 2]], dtype=np.uint8), np.array([[0.25], [0.5]]), np.array([0.1]))
    assert_close(out, np.array([[1.35]]), "out")


@exercise("affine_forward")
@given(seed=seeds(), shape=dims("N d1 d2 d3 M", hi=5))
def test_affine_average(student, seed, shape):
    """With w = 1/D everywhere, each output is the mean of the example plus b; out has shape (N, M)."""
    N, *axes, M = shape
    draw, D = Draw(seed), int(np.prod(axes))
    x, b = draw.normal(N, *axes), draw.normal(M)
    out, _ = student.affine_forward(x, np.full((D, M), 1 / D), b)
    assert_close(out, np.array([[example.mean() + shift for shift in b] for example in x]), "out")


@exercise("relu_forward")
def test_relu_forward_known(student):
    """Negative entries become 0, the shape stays, and x is left as it was."""
    out, _ = student.relu_forward(np.array([[[-2.0, 0.5, 0.0]], [[3.0, -0.1, 7.0]]]))
    assert_close(out, np.array([[[0.0, 0.5, 0.0]], [[3.0, 0.0, 7.0]]]), "out")
    assert_unchanged(student)
