"""Visible checks of log_softmax, softmax and one_hot."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds


@exercise("log_softmax")
def test_softmax_slide(student):
    """softmax(1.1, 0.4, −8.2, −0.9, 3.7) is (0.07, 0.03, 0.00, 0.01, 0.89) to two decimals."""
    p = student.softmax(np.array([[1.1, 0.4, -8.2, -0.9, 3.7]]))
    assert_close(p, np.array([[0.07, 0.03, 0.00, 0.01, 0.89]]), "softmax(x)", rtol=0, atol=0.005)


@exercise("log_softmax")
def test_softmax_by_hand(student):
    """The scores log 1, log 2, log 5 have the probabilities 1/8, 2/8, 5/8; equal scores share equally; the scores are left as they were."""
    x = np.array([[0.0, np.log(2), np.log(5)], [7.0, 7.0, 7.0]])
    p = np.array([[1 / 8, 2 / 8, 5 / 8], [1 / 3, 1 / 3, 1 / 3]])
    assert_close(student.softmax(x), p, "softmax(x)")
    assert_unchanged(student)
    assert_close(student.log_softmax(x), np.log(p), "log_softmax(x)")
    assert_unchanged(student)


@exercise("log_softmax")
@given(seed=seeds(), shape=dims("N C"))
def test_softmax_rows(student, seed, shape):
    """Each row of softmax sums to 1, and the ratio of two entries is exp of the difference of their scores."""
    x = Draw(seed).normal(*shape, scale=2.0)
    p = student.softmax(x)
    assert_close(p, p[:, :1] * np.exp(x - x[:, :1]), "softmax(x)")
    assert_close(np.sum(p, axis=1), np.ones(shape[0]), "row sums of softmax(x)")


@exercise("log_softmax")
@given(seed=seeds(), shape=dims("N C"))
def test_log_softmax_shift(student, seed, shape):
    """Another constant added to each row changes nothing, and log_softmax is the scores minus one number for each row."""
    draw = Draw(seed)
    x = draw.normal(*shape)
    got, moved = student.log_softmax(x), student.log_softmax(x + draw.normal(shape[0], 1, scale=5.0))
    assert_close(moved - got, np.zeros(shape), "log_softmax(x + c) - log_softmax(x)", atol=1e-9)
    assert_close(got, x + (got[:, :1] - x[:, :1]), "log_softmax(x)", atol=1e-9)
    assert_close(np.sum(np.exp(got), axis=1), np.ones(shape[0]), "row sums of exp(log_softmax(x))")


@exercise("log_softmax")
def test_softmax_large(student):
    """Scores of ±1000 give no nan and no infinity, also in a row far below the others."""
    x = np.array([[1000.0, 0.0, -1000.0], [-1000.0, 0.0, 1000.0], [0.0, 0.0, 0.0], [-1000.0, -1000.0, -1000.0]])
    third = np.full(3, 1 / 3)
    log_p = np.array([[0.0, -1000.0, -2000.0], [-2000.0, -1000.0, 0.0], np.log(third), np.log(third)])
    assert_close(student.log_softmax(x), log_p, "log_softmax(x)", atol=1e-7)
    assert_close(student.softmax(x), np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], third, third]), "softmax(x)")


@exercise("log_softmax")
def test_one_hot_known(student):
    """The labels 2, 0, 1 of four classes are three rows of four numbers (float64) with a 1 at the label."""
    rows = student.one_hot(np.array([2, 0, 1]), 4)
    assert_close(rows, np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0]]), "one_hot(y, C)")
