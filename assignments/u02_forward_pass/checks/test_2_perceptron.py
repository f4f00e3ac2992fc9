"""Visible checks of the perceptron and of XOR with a hidden layer."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, exercise, fail, seeds

from .cases import XOR_TARGETS, check_corners, xor_outputs

W, B = np.array([3.0, -2.0]), 1.0


@exercise("perceptron")
def test_perceptron_point(student):
    """The perceptron 1 + 3x₁ − 2x₂ at (−1, 2) gives σ(−6) ≈ 0.002, as a batch of one of shape (1,), and leaves x and w as they were."""
    assert_close(student.perceptron(np.array([[-1.0, 2.0]]), W, B), np.array([0.0024726231566]), "y_hat")
    assert_unchanged(student)
    assert_close(student.perceptron(np.array([[-1, 2]]), W, B), np.array([0.0024726231566]), "y_hat of integers")


@exercise("perceptron")
def test_perceptron_large(student):
    """Far from the line, where the sum is −1000 and 1000, it gives 0 and 1, not nan."""
    assert_close(student.perceptron(np.array([[0.0, 500.5], [333.0, 0.0]]), W, B), np.array([0.0, 1.0]), "y_hat")


@exercise("perceptron")
@given(seed=seeds())
def test_perceptron_line(student, seed):
    """On the line 1 + 3x₁ − 2x₂ = 0 it gives 1/2, and on a parallel line, where the sum is log 3, 3/4."""
    x1 = Draw(seed).normal(5)
    on_line = np.stack([x1, (1 + 3 * x1) / 2], axis=1)
    beside = np.stack([x1, (1 + 3 * x1 - np.log(3)) / 2], axis=1)
    assert_close(student.perceptron(on_line, W, B), np.full(5, 0.5), "y_hat")
    assert_close(student.perceptron(beside, W, B), np.full(5, 0.75), "y_hat")


@exercise("xor_weights")
def test_xor_shapes(student):
    """W1 is (2, 2), b1 and w2 are (2,), b2 is a number, and ŷ lies on the right side of 1/2 in at least three of four points."""
    y_hat = xor_outputs(student)
    right = int(np.sum((y_hat > 0.5) == (XOR_TARGETS > 0.5)))
    if right < 3:
        fail(f"Only {right} of the four points are right.", "ŷ", y_hat, XOR_TARGETS)


@exercise("xor_weights", weight=2)
def test_xor_values(student):
    """ŷ is above 0.9 at (1, 0) and (0, 1), and below 0.1 at (0, 0) and (1, 1)."""
    y_hat = xor_outputs(student, strict=False)
    check_corners(y_hat, 1.0)
    check_corners(y_hat, 0.0)
