"""Hidden tests of the perceptron and of XOR with a hidden layer."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, XOR_TARGETS, check_corners, relayout, xor_outputs


def perceptron_case(seed, N, D):
    """Return x, w, b."""
    draw = Draw(seed)
    return draw.normal(N, D), draw.normal(D), draw.normal()


@exercise("perceptron", weight=2)
@given(seed=seeds(), shape=dims("N D"))
def test_perceptron_values(student, reference, seed, shape):
    """ŷ is σ(w · x + b) for every row of x, of shape (N,)."""
    x, w, b = perceptron_case(seed, *shape)
    assert_close(student.perceptron(x, w, b), reference.perceptron(x, w, b), "y_hat")


@exercise("perceptron")
@given(seed=seeds(), shape=st.sampled_from([(1, 3), (4, 1), (1, 1), (3, 3)]))
def test_perceptron_shapes(student, reference, seed, shape):
    """A batch of one example, a single input, and as many examples as inputs give shape (N,)."""
    x, w, b = perceptron_case(seed, *shape)
    assert_close(student.perceptron(x, w, b), reference.perceptron(x, w, b), "y_hat")


@exercise("perceptron")
@given(seed=seeds())
def test_perceptron_integers(student, reference, seed):
    """Integer inputs, weights and bias give probabilities, not whole numbers."""
    draw = Draw(seed)
    x, w, b = draw.integers(-2, 3, 4, 3), draw.integers(-1, 2, 3), draw.integers(-1, 2)
    assert_close(student.perceptron(x, w, b), reference.perceptron(x, w, b), "y_hat")


@exercise("perceptron")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_perceptron_inputs(student, reference, seed, layout):
    """The memory layout of x does not matter, and x and w are left as they were."""
    x, w, b = perceptron_case(seed, 5, 3)
    expected = reference.perceptron(x, w, b)
    assert_close(student.perceptron(x, w, b), expected, "y_hat")
    assert_unchanged(student)
    assert_close(student.perceptron(relayout(x, layout), w, b), expected, "y_hat")


@exercise("xor_weights")
def test_xor_zero_corners(student):
    """ŷ is below 0.1 at (0, 0) and at (1, 1)."""
    check_corners(xor_outputs(student), 0.0)


@exercise("xor_weights")
def test_xor_one_corners(student):
    """ŷ is above 0.9 at (1, 0) and at (0, 1)."""
    check_corners(xor_outputs(student), 1.0)


@exercise("xor_weights", weight=2)
def test_xor_network(student):
    """The network of the four weights computes XOR at all four points together."""
    assert_close(xor_outputs(student), XOR_TARGETS, "ŷ", rtol=0, atol=0.1)
