"""Hidden tests of the three losses."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds


@exercise("mse_loss", weight=2)
@given(seed=seeds(), N=st.integers(1, 7))
def test_mse_values(student, reference, seed, N):
    """mse_loss is the mean of the squared differences over the batch."""
    draw = Draw(seed)
    pred, y = draw.normal(N, scale=3.0), draw.normal(N)
    assert_close(student.mse_loss(pred, y), reference.mse_loss(pred, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(1, 7))
def test_mse_column(student, reference, seed, N):
    """Predictions of shape (N, 1) mean the same as predictions of shape (N,)."""
    draw = Draw(seed)
    pred, y = draw.normal(N, 1, scale=3.0), draw.normal(N)
    assert_close(student.mse_loss(pred, y), reference.mse_loss(pred, y), "loss")


@exercise("mse_loss", weight=2)
@given(seed=seeds(), N=st.integers(1, 7))
def test_bce_values(student, reference, seed, N):
    """binary_cross_entropy is −log p where y = 1 and −log(1 − p) where y = 0, averaged over the batch."""
    draw = Draw(seed)
    p, y = draw.uniform(N, low=0.02, high=0.98), draw.mask(N).astype(float)
    assert_close(student.binary_cross_entropy(p, y), reference.binary_cross_entropy(p, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(1, 7))
def test_bce_soft_targets(student, reference, seed, N):
    """Targets between 0 and 1 weigh the two logarithms."""
    draw = Draw(seed)
    p, y = draw.uniform(N, low=0.02, high=0.98), draw.uniform(N, low=0, high=1)
    assert_close(student.binary_cross_entropy(p, y), reference.binary_cross_entropy(p, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(2, 7))
def test_bce_column(student, reference, seed, N):
    """Probabilities of shape (N, 1) mean the same as probabilities of shape (N,)."""
    draw = Draw(seed)
    p, y = draw.uniform(N, 1, low=0.02, high=0.98), draw.mask(N).astype(float)
    assert_close(student.binary_cross_entropy(p, y), reference.binary_cross_entropy(p, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), power=st.integers(6, 40), y=st.sampled_from([0.0, 1.0]))
def test_bce_tiny(student, reference, seed, power, y):
    """A tiny p such as 1e-30 is left as it is: with y = 1 it costs 69.08."""
    draw = Draw(seed)
    p, targets = np.array([10.0**-power, draw.uniform(low=0.2, high=0.8)]), np.array([1.0, y])
    assert_close(student.binary_cross_entropy(p, targets), reference.binary_cross_entropy(p, targets), "loss")


@exercise("mse_loss")
@given(seed=seeds(), N=st.integers(1, 5))
def test_bce_certain(student, reference, seed, N):
    """p of exactly 0 or 1 costs 0 when right and 100 when wrong, also as integers; 1e-60 costs 100 too."""
    draw = Draw(seed)
    p, y = draw.integers(0, 2, N), draw.integers(0, 2, N)
    y[0] = 1 - p[0]
    assert_close(student.binary_cross_entropy(p.astype(float), y.astype(float)), 100.0 * float(np.mean(p != y)), "loss")
    assert_close(student.binary_cross_entropy(p, y), 100.0 * float(np.mean(p != y)), "loss")
    assert_close(student.binary_cross_entropy(np.array([1e-60, 0.5]), np.array([1.0, 1.0])), 50 + float(np.log(2)) / 2, "loss")


@exercise("mse_loss", weight=2)
@given(seed=seeds(), shape=dims("N C"))
def test_cross_entropy_values(student, reference, seed, shape):
    """cross_entropy is the mean over the batch of −log softmax(scores) at the label."""
    N, C = shape
    draw = Draw(seed)
    scores, y = draw.normal(N, C, scale=2.0), draw.labels(N, C)
    assert_close(student.cross_entropy(scores, y), reference.cross_entropy(scores, y), "loss", atol=1e-9)


@exercise("mse_loss")
@given(seed=seeds())
def test_cross_entropy_large(student, reference, seed):
    """Scores up to ±1000 give the right finite loss, also when rows lie far apart."""
    draw = Draw(seed)
    scores, y = draw.uniform(4, 3, low=-1000, high=1000), draw.labels(4, 3)
    scores[0] = scores[0] / 1000 - 1000
    assert_close(student.cross_entropy(scores, y), reference.cross_entropy(scores, y), "loss")


@exercise("mse_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (3, 1), (1, 1), (3, 3)]), dtype=st.sampled_from(["uint8", "int32", "int64"]))
def test_cross_entropy_shapes(student, reference, seed, shape, dtype):
    """A batch of one, a single class, as many classes as examples, and any integer type of labels are right."""
    N, C = shape
    draw = Draw(seed)
    scores, y = draw.normal(N, C, scale=2.0), draw.labels(N, C).astype(dtype)
    assert_close(student.cross_entropy(scores, y), reference.cross_entropy(scores, y), "loss", atol=1e-9)


@exercise("mse_loss")
@given(seed=seeds())
def test_losses_inputs(student, reference, seed):
    """Integers are not cut, and predictions, probabilities, scores and targets are left as they were."""
    draw = Draw(seed)
    pred, p, scores = draw.integers(-4, 5, 6), draw.uniform(6, low=0.1, high=0.9), draw.integers(-3, 4, 6, 4)
    for name, first, second in (
        ("mse_loss", pred, draw.integers(-4, 5, 6)),
        ("mse_loss", pred.astype(float), draw.normal(6)),
        ("binary_cross_entropy", p, draw.integers(0, 2, 6)),
        ("cross_entropy", scores, draw.labels(6, 4)),
        ("cross_entropy", scores.astype(float), draw.labels(6, 4)),
    ):
        assert_close(getattr(student, name)(first, second), getattr(reference, name)(first, second), f"{name}(…)")
        assert_unchanged(student)
