"""Hidden tests of log_softmax, softmax and one_hot."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_double, assert_same, relayout

BOTH = ("log_softmax", "softmax")
# In every example: far apart, with one of several classes far above, all large, all far below the rest, and all equal
EXTREME = np.array([[1000.0, -1000.0, -1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 1000.0, 999.0, 0.0], [1000.0] * 5, [-1000.0] * 5, [0.0] * 5])


@exercise("log_softmax", weight=3)
@given(seed=seeds(), shape=dims("N C"))
def test_log_softmax_values(student, reference, seed, shape):
    """log_softmax(x) is each score minus the logarithm of the sum of the exponentials of its row."""
    for sizes in (shape, (3, 3)):
        x = Draw(seed).normal(*sizes, scale=3.0)
        got = student.log_softmax(x)
        assert_close(got, reference.log_softmax(x), "log_softmax(x)", atol=1e-7)
        assert_double(got, "log_softmax(x)")


@exercise("log_softmax", weight=3)
@given(seed=seeds(), shape=dims("N C"))
def test_softmax_values(student, reference, seed, shape):
    """softmax(x) turns each row into probabilities that sum to 1."""
    for sizes in (shape, (3, 3)):
        x = Draw(seed).normal(*sizes, scale=3.0)
        got = student.softmax(x)
        assert_close(got, reference.softmax(x), "softmax(x)")
        assert_double(got, "softmax(x)")


@exercise("log_softmax", weight=2)
@given(seed=seeds())
def test_log_softmax_large(student, reference, seed):
    """log_softmax is finite and right when the scores of one row lie between −1000 and 1000."""
    for x in (Draw(seed).uniform(3, 5, low=-1000, high=1000), EXTREME[:3]):
        assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_softmax_large(student, reference, seed):
    """softmax is finite and right when all scores of a row are near 1000, near −1000, or some are and some are not."""
    draw = Draw(seed)
    for x in (draw.normal(4, 3) + 1000 * draw.rng.choice([-1.0, 1.0]), EXTREME[:3]):
        assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds())
def test_rows_far_apart(student, reference, seed):
    """A row near −1000 keeps its own probabilities beside a row near 1000."""
    for x in (Draw(seed).normal(3, 4) + np.array([[1000.0], [0.0], [-1000.0]]), EXTREME):
        assert_close(student.log_softmax(x), reference.log_softmax(x), "log_softmax(x)")
        assert_close(student.softmax(x), reference.softmax(x), "softmax(x)")


@exercise("log_softmax")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (4, 1), (1, 1), (3, 3), (1, 2)]))
def test_softmax_shapes(student, seed, shape):
    """The shape of the scores stays, also for a batch of one or a single class, and each row is that of its example alone."""
    x = Draw(seed).normal(*shape, scale=2.0)
    for name in BOTH:
        function = getattr(student, name)
        got = function(x)
        assert_shape(got, shape, f"{name}(x)")
        alone = np.concatenate([function(row[None]) for row in x])
        assert_shape(alone, shape, f"{name}(x), row by row")
        assert_close(got, alone, f"{name}(x), beside the rows alone", atol=1e-7)


@exercise("log_softmax")
@given(seed=seeds())
def test_softmax_integers(student, seed):
    """Integer scores give the same floating-point results as the same scores as floats."""
    x = Draw(seed).integers(-3, 4, 3, 4)
    x[0, :3] = 3, -3, 1
    for name in BOTH:
        function = getattr(student, name)
        assert_same(function(x), function(x.astype(float)), f"{name}(x) of integers")


@exercise("log_softmax")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_softmax_inputs(student, seed, layout):
    """The memory layout of the scores does not matter, and they are left as they were: a second call gives the same."""
    x = Draw(seed).normal(4, 3, scale=2.0)
    x[0] = 2.0, -1.0, 0.5
    for name in BOTH:
        function = getattr(student, name)
        first = function(x)
        assert_unchanged(student)
        assert_same(function(relayout(x, layout)), first, f"{name}(x)")
        assert_same(function(x), first, f"{name}(x) of a second call")


@exercise("log_softmax", weight=3)
@given(seed=seeds(), shape=dims("N C"))
def test_one_hot_values(student, reference, seed, shape):
    """Row n of one_hot(y, C) has a 1 at y[n] and zeros elsewhere; float64, shape (N, C), y is left as it was."""
    N, C = shape
    for labels, classes in ((Draw(seed).labels(N, C), C), (np.array([2, 0, 3, 0]), 4)):
        assert_array_equal(student.one_hot(labels, classes), reference.one_hot(labels, classes), "one_hot(y, C)")
        assert_unchanged(student)


@exercise("log_softmax")
@given(seed=seeds(), shape=st.sampled_from([(4, 7), (1, 5), (3, 1), (2, 9)]), dtype=st.sampled_from(["uint8", "int32", "int64"]))
def test_one_hot_missing_classes(student, reference, seed, shape, dtype):
    """There are C columns even if the last classes do not occur in y, for any integer type of labels."""
    N, C = shape
    y = Draw(seed).labels(N, max(1, C - 2)).astype(dtype)
    for labels, classes in ((y, C), (np.array([1, 0], dtype=dtype), 4)):
        assert_array_equal(student.one_hot(labels, classes), reference.one_hot(labels, classes), "one_hot(y, C)")
