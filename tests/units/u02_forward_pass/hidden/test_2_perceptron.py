"""Hidden tests of the perceptron and of XOR with a hidden layer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, XOR_TARGETS, assert_same, check_corners, relayout, xor_outputs
from .parts import assert_right


def perceptron_case(seed, N, D):
    """Return x, w, b."""
    draw = Draw(seed)
    return draw.normal(N, D), draw.normal(D), draw.away_from_zero()


def compare(student, reference, x, w, b, *, varied=False):
    """Compare ŷ with the reference's, or with the student's own sigmoid of the right sums."""
    got, right = student.perceptron(x, w, b), reference.perceptron(x, w, b)
    assert_right(got, right, lambda: student.sigmoid(x @ w + b), "y_hat", varied=varied)


@exercise("perceptron", weight=4)
@given(seed=seeds(), shape=dims("N D"))
def test_perceptron_values(student, reference, seed, shape):
    """ŷ is σ(w · x + b) for every row of x, of shape (N,)."""
    compare(student, reference, *perceptron_case(seed, *shape))
    compare(student, reference, *perceptron_case(seed, 5, 3), varied=True)


@exercise("perceptron")
@given(seed=seeds())
def test_perceptron_large(student, reference, seed):
    """Sums of ±1000 give 1 and 0, never nan."""
    w, b = Draw(seed).away_from_zero(2), 0.5
    compare(student, reference, np.array([1000.0, -1000.0, 1.0])[:, None] * np.sign(w), w * 20, b, varied=True)


@exercise("perceptron")
@given(seed=seeds(), shape=st.sampled_from([(1, 3), (4, 1), (1, 1), (3, 3)]))
def test_perceptron_shapes(student, seed, shape):
    """A batch of one example, a single input, and as many examples as inputs give shape (N,), each row the answer to its example alone."""
    x, w, b = perceptron_case(seed, *shape)
    got = student.perceptron(x, w, b)
    assert_shape(got, shape[:1], "y_hat")
    assert_close(got, np.concatenate([student.perceptron(row[None], w, b) for row in x]), "y_hat, beside the rows alone")


@exercise("perceptron")
@given(seed=seeds())
def test_perceptron_integers(student, seed):
    """Integer inputs, weights and bias give the same floating-point results as the same numbers as floats."""
    draw = Draw(seed)
    x, w, b = draw.integers(-2, 3, 4, 3), np.array([1, -1, 2]), draw.integers(-1, 2)
    x[:2] = [[1, 0, 0], [0, 2, 0]]
    assert_same(student.perceptron(x, w, b), student.perceptron(x.astype(float), w.astype(float), float(b)), "y_hat of integers")


@exercise("perceptron")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_perceptron_inputs(student, seed, layout):
    """The memory layout of x does not matter, and x and w are left as they were: a second call gives the same."""
    x, w, b = perceptron_case(seed, 5, 3)
    first = student.perceptron(x, w, b)
    assert_unchanged(student)
    assert_same(student.perceptron(relayout(x, layout), w, b), first, "y_hat")
    assert_same(student.perceptron(x, w, b), first, "y_hat of a second call")


@exercise("xor_weights")
def test_xor_zero_corners(student):
    """ŷ is below 0.1 at (0, 0) and at (1, 1), and not the same at all four points."""
    check_corners(xor_outputs(student, strict=False), 0.0)


@exercise("xor_weights")
def test_xor_one_corners(student):
    """ŷ is above 0.9 at (1, 0) and at (0, 1), and not the same at all four points."""
    check_corners(xor_outputs(student, strict=False), 1.0)


@exercise("xor_weights")
def test_xor_network(student):
    """Four weights of the right shapes make a network that computes XOR at all four points together."""
    assert_close(xor_outputs(student), XOR_TARGETS, "ŷ", rtol=0, atol=0.1)
