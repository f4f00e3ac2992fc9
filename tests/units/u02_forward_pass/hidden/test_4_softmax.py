"""Hidden tests of log_softmax, softmax and one_hot."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, relayout


@exercise("log_softmax", weight=2)
@given(seed=seeds(), shape=dims("N C"))
def test_log_softmax_values(student, reference, seed, shape):
    """log_softmax(x) is each score minus the logarithm of the sum of the exponentials of its row."""
    x = Draw(seed).normal(*shape, scale=3.0)
    assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)", atol=1e-9)


@exercise("log_softmax", weight=2)
@given(seed=seeds(), shape=dims("N C"))
def test_softmax_values(student, reference, seed, shape):
    """softmax(x) turns each row into probabilities that sum to 1."""
    x = Draw(seed).normal(*shape, scale=3.0)
    assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_log_softmax_large(student, reference, seed):
    """log_softmax is finite and right when the scores of one row lie between −1000 and 1000."""
    x = Draw(seed).uniform(3, 5, low=-1000, high=1000)
    assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_softmax_large(student, reference, seed):
    """softmax is finite and right when all scores of a row are near 1000 or near −1000."""
    draw = Draw(seed)
    x = draw.normal(4, 3) + np.round(draw.rng.choice([-1000.0, 1000.0])) * np.ones((4, 1))
    assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_rows_far_apart(student, reference, seed):
    """A row near −1000 keeps its own probabilities beside a row near 1000."""
    x = Draw(seed).normal(3, 4) + np.array([[1000.0], [0.0], [-1000.0]])
    assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)")
    assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (4, 1), (1, 1), (3, 3), (1, 2)]))
def test_softmax_shapes(student, reference, seed, shape):
    """A batch of one, a single class, and as many classes as examples keep their axes apart."""
    x = Draw(seed).normal(*shape, scale=2.0)
    assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)", atol=1e-9)
    assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_softmax_integers(student, reference, seed):
    """Integer scores give floating-point results."""
    x = Draw(seed).integers(-3, 4, 3, 4)
    assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)")
    assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_softmax_inputs(student, reference, seed, layout):
    """The memory layout of the scores does not matter, and they are left as they were."""
    x = Draw(seed).normal(4, 3, scale=2.0)
    for name in ("log_softmax", "softmax"):
        expected = getattr(reference, name)(x)
        assert_close(getattr(student, name)(x), expected, f"{name}(x)")
        assert_unchanged(student)
        assert_close(getattr(student, name)(relayout(x, layout)), expected, f"{name}(x)")


@exercise("log_softmax", weight=2)
@given(seed=seeds(), shape=dims("N C"))
def test_one_hot_values(student, reference, seed, shape):
    """Row n of one_hot(y, C) has a 1 at y[n] and zeros elsewhere; float64, shape (N, C), y is left as it was."""
    N, C = shape
    y = Draw(seed).labels(N, C)
    assert_array_equal(student.one_hot(y, C), reference.one_hot(y, C), "one_hot(y, C)")
    assert_unchanged(student)


@exercise("log_softmax")
@given(seed=seeds(), shape=st.sampled_from([(4, 7), (1, 5), (3, 1), (2, 9)]), dtype=st.sampled_from(["uint8", "int32", "int64"]))
def test_one_hot_missing_classes(student, reference, seed, shape, dtype):
    """There are C columns even if the last classes do not occur in y, for any integer type of labels."""
    N, C = shape
    y = Draw(seed).labels(N, max(1, C - 2)).astype(dtype)
    assert_array_equal(student.one_hot(y, C), reference.one_hot(y, C), "one_hot(y, C)")
