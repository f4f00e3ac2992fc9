"""Hidden tests of the three losses."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import assert_same
from .parts import assert_right

TWO = np.array([[2.0, -1.0], [0.5, 1.0]])


def compare_cross_entropy(student, reference, scores, y):
    """Compare the loss with the reference's, or with the mean of the student's own log-probabilities."""

    def own():
        log_p = student.log_softmax(scores)
        if scores.shape[1] > 1 and np.ptp(log_p) == 0:
            raise ValueError("a log_softmax that does nothing is no part to build on")
        return -np.mean(log_p[np.arange(len(y)), y])

    assert_right(student.cross_entropy(scores, y), reference.cross_entropy(scores, y), own, "loss", atol=1e-7)


def compare_column(loss, column, y):
    """Compare the loss of a column with that of the same numbers as a vector; other numbers have another loss."""
    assert_same(loss(column, y), loss(column[:, 0], y), "loss of a column")
    assert_depends(loss(np.array([0.9, 0.2]), np.array([1.0, 0.0])), loss(np.array([0.2, 0.9]), np.array([1.0, 0.0])), "loss")


@exercise("mse_loss", weight=4)
@given(seed=seeds(), N=st.integers(1, 7))
def test_mse_values(student, reference, seed, N):
    """mse_loss is the mean of the squared differences over the batch."""
    draw = Draw(seed)
    for n in (N, 4):
        pred, y = draw.normal(n, scale=3.0), draw.normal(n)
        assert_close(student.mse_loss(pred, y), reference.mse_loss(pred, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(2, 7))
def test_mse_column(student, seed, N):
    """Predictions of shape (N, 1) mean the same as predictions of shape (N,)."""
    draw = Draw(seed)
    compare_column(student.mse_loss, np.arange(1.0, N + 1)[:, None] + draw.uniform(N, 1, low=0, high=0.5), draw.normal(N))


@exercise("mse_loss", weight=4)
@given(seed=seeds(), N=st.integers(1, 7))
def test_bce_values(student, reference, seed, N):
    """binary_cross_entropy is −log p where y = 1 and −log(1 − p) where y = 0, averaged over the batch."""
    draw = Draw(seed)
    for y in (draw.mask(N).astype(float), np.array([1.0, 0.0, 1.0])):
        p = draw.uniform(len(y), low=0.02, high=0.98)
        assert_close(student.binary_cross_entropy(p, y), reference.binary_cross_entropy(p, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(1, 7))
def test_bce_soft_targets(student, reference, seed, N):
    """Targets between 0 and 1 weigh the two logarithms."""
    draw = Draw(seed)
    p, y = draw.uniform(N, low=0.02, high=0.98), draw.uniform(N, low=0.1, high=0.9)
    assert_close(student.binary_cross_entropy(p, y), reference.binary_cross_entropy(p, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(2, 7))
def test_bce_column(student, seed, N):
    """Probabilities of shape (N, 1) mean the same as probabilities of shape (N,)."""
    draw = Draw(seed)
    p = (np.arange(N)[:, None] + draw.uniform(N, 1, low=0.1, high=0.9)) / N
    compare_column(student.binary_cross_entropy, p, np.arange(N) % 2 * 1.0)


@exercise("mse_loss")
@given(seed=seeds(), power=st.integers(6, 40), y=st.sampled_from([0.0, 1.0]))
def test_bce_tiny(student, reference, seed, power, y):
    """A tiny p such as 1e-30 is left as it is: with y = 1 it costs 69.08."""
    draw = Draw(seed)
    for tiny in (10.0**-power, 1e-30):
        p, targets = np.array([tiny, draw.uniform(low=0.2, high=0.8)]), np.array([1.0, y])
        assert_close(student.binary_cross_entropy(p, targets), reference.binary_cross_entropy(p, targets), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(1, 5))
def test_bce_certain(student, seed, N):
    """p of exactly 0 or 1 costs 0 when right and 100 when wrong, also as integers; 1e-60 costs 100 too."""
    draw = Draw(seed)
    p, y = np.append(draw.integers(0, 2, N), [0, 1, 0, 1]), np.append(draw.integers(0, 2, N), [0, 1, 1, 0])
    assert_close(student.binary_cross_entropy(p.astype(float), y.astype(float)), 100.0 * float(np.mean(p != y)), "loss")
    assert_close(student.binary_cross_entropy(p, y), 100.0 * float(np.mean(p != y)), "loss")
    assert_close(student.binary_cross_entropy(np.array([1e-60, 0.5]), np.array([1.0, 1.0])), 50 + float(np.log(2)) / 2, "loss")


@exercise("mse_loss", weight=4)
@given(seed=seeds(), shape=dims("N C"))
def test_cross_entropy_values(student, reference, seed, shape):
    """cross_entropy is the mean over the batch of −log softmax(scores) at the label."""
    draw = Draw(seed)
    for N, C in (shape, (3, 3), (4, 2)):
        scores, y = draw.normal(N, C, scale=2.0), draw.labels(N, C)
        compare_cross_entropy(student, reference, scores, y)


@exercise("mse_loss")
@given(seed=seeds())
def test_cross_entropy_large(student, reference, seed):
    """Scores up to ±1000 give the right finite loss, also when rows lie far apart."""
    draw = Draw(seed)
    scores, y = draw.uniform(4, 3, low=-1000, high=1000), draw.labels(4, 3)
    scores[0] = scores[0] / 1000 - 1000
    compare_cross_entropy(student, reference, scores, y)
    compare_cross_entropy(student, reference, np.array([[1000.0, -1000.0, -1000.0], [-1000.0, -1001.0, -1000.0]]), np.array([1, 0]))


@exercise("mse_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (3, 1), (1, 1), (3, 3)]), dtype=st.sampled_from(["uint8", "int32", "int64"]))
def test_cross_entropy_shapes(student, seed, shape, dtype):
    """The loss is one number, also for a batch of one, 0 for a single class, and the same for any integer type of labels."""
    N, C = shape
    draw = Draw(seed)
    loss = student.cross_entropy(draw.normal(N, C, scale=2.0), draw.labels(N, C).astype(dtype))
    assert_shape(loss, (), "loss")
    if C == 1:
        assert_close(loss, 0.0, "loss of a single class", atol=1e-7)
    scores, y = draw.normal(3, 4, scale=2.0), np.array([3, 0, 2])
    assert_same(student.cross_entropy(scores, y.astype(dtype)), student.cross_entropy(scores, y), f"loss for labels of type {dtype}")
    assert_depends(student.cross_entropy(TWO, np.array([0, 1])), student.cross_entropy(TWO, np.array([1, 0])), "loss")


@exercise("mse_loss")
@given(seed=seeds())
def test_losses_inputs(student, seed):
    """Integers cost what the same numbers as floats cost, and predictions, probabilities, scores and targets are left as they were."""
    draw = Draw(seed)
    pred, p, scores = draw.integers(-4, 5, 6), draw.uniform(6, low=0.1, high=0.9), draw.integers(-3, 4, 6, 4)
    pred[:2], scores[0, :2], y = [3, -4], [3, -3], draw.labels(6, 4)
    for name, first, second in (
        ("mse_loss", pred, np.array([0, 1, -1, 2, 0, 3])),
        ("binary_cross_entropy", p, draw.integers(0, 2, 6)),
        ("cross_entropy", scores, y),
    ):
        loss = getattr(student, name)
        floats = (first.astype(float), second if name == "cross_entropy" else second.astype(float))
        got = loss(*floats)
        assert_unchanged(student)
        assert_same(loss(first, second), got, f"{name}(…) of integers")
        assert_unchanged(student)
        assert_same(loss(*floats), got, f"{name}(…) of a second call")
    assert_depends(student.mse_loss(np.zeros(2), np.ones(2)), student.mse_loss(np.zeros(2), np.full(2, 3.0)), "mse_loss(…)")
