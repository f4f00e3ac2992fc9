"""Visible checks of the three losses, all by hand."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, dims, exercise, seeds


@exercise("mse_loss")
def test_mse_known(student):
    """Predictions 1, 2, 4 for targets 0, 2, 1 have the errors 1, 0, 3, so the loss is 10/3; the same for a column."""
    pred, y = np.array([1.0, 2.0, 4.0]), np.array([0.0, 2.0, 1.0])
    assert_close(student.mse_loss(pred, y), 10 / 3, "loss")
    assert_close(student.mse_loss(pred.reshape(3, 1), y), 10 / 3, "loss for pred of shape (3, 1)")


@exercise("mse_loss")
def test_bce_known(student):
    """p = 1/2 costs log 2 whatever happens; p = 1/4 costs log 4 when y = 1 and log 4/3 when y = 0, half of each when y = 1/2; the same for a column."""
    assert_close(student.binary_cross_entropy(np.array([0.5, 0.5]), np.array([1.0, 0.0])), float(np.log(2)), "loss")
    assert_close(student.binary_cross_entropy(np.array([0.25]), np.array([1.0])), float(np.log(4)), "loss")
    assert_close(student.binary_cross_entropy(np.array([0.25]), np.array([0.5])), float(np.log(4 * 4 / 3)) / 2, "loss for y = 1/2")
    assert_close(student.binary_cross_entropy(np.array([[0.25], [0.5]]), np.array([1.0, 0.0])), float(np.log(4 * 2)) / 2, "loss of a column")


@exercise("mse_loss")
def test_bce_certain(student):
    """A certain and right answer costs 0, a certain and wrong one 100; so does p = 1e-60, while 1e-30 costs 69.08, as it is."""
    assert_close(student.binary_cross_entropy(np.array([0.0, 1.0]), np.array([0.0, 1.0])), 0.0, "loss", atol=1e-9)
    assert_close(student.binary_cross_entropy(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 1.0])), 100.0, "loss")
    assert_close(student.binary_cross_entropy(np.array([1e-60]), np.array([1.0])), 100.0, "loss of p = 1e-60")
    assert_close(student.binary_cross_entropy(np.array([1e-30]), np.array([1.0])), 30 * float(np.log(10)), "loss of p = 1e-30")


@exercise("mse_loss")
@given(seed=seeds(), shape=dims("N C"))
def test_cross_entropy_equal_scores(student, seed, shape):
    """Equal scores give every class the same probability, so the cross-entropy is the same whatever the labels are."""
    N, C = shape
    draw = Draw(seed)
    loss = student.cross_entropy(np.full((N, C), draw.normal()), draw.labels(N, C))
    assert_close(loss, float(np.log(C)), "loss", atol=1e-9)


@exercise("mse_loss")
def test_cross_entropy_known(student):
    """The scores log 1, log 2, log 5 mean 1/8, 2/8, 5/8, and 0, 0, 0 mean thirds; with labels 0 and 2 the loss is the mean of log 8 and log 3."""
    loss = student.cross_entropy(np.array([[0.0, np.log(2), np.log(5)], [0.0, 0.0, 0.0]]), np.array([0, 2]))
    assert_close(loss, float(np.log(8) + np.log(3)) / 2, "loss")


@exercise("mse_loss")
def test_cross_entropy_large(student):
    """The scores 1000, −1000 and 0 cost 0 when the label is 0, and 2000 when it is 1."""
    scores = np.array([[1000.0, -1000.0, 0.0]])
    assert_close(student.cross_entropy(scores, np.array([0])), 0.0, "loss", atol=1e-9)
    assert_close(student.cross_entropy(scores, np.array([1])), 2000.0, "loss")
