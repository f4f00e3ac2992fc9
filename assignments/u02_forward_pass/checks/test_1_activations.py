"""Visible checks of the activations: values at points known by hand, and identities."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

POINTS = np.array([0.0, np.log(2), -np.log(2), np.log(3), -np.log(3)])
LARGE = np.array([-1000.0, 1000.0])


@exercise("sigmoid")
def test_sigmoid_known(student):
    """sigmoid is 1/2 at 0, 2/3 and 1/3 at ±log 2, 3/4 and 1/4 at ±log 3; at −6 it is about 0.0025."""
    assert_close(student.sigmoid(POINTS), np.array([1 / 2, 2 / 3, 1 / 3, 3 / 4, 1 / 4]), "sigmoid(x)")
    assert_close(student.sigmoid(np.array([-6.0])), np.array([0.0024726231566]), "sigmoid(x)")


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=4))
def test_sigmoid_mirror(student, seed, shape):
    """sigmoid keeps the shape of x, and sigmoid(x) + sigmoid(−x) = 1."""
    x = Draw(seed).normal(*shape, scale=2.0)
    assert_close(student.sigmoid(x) + student.sigmoid(-x), np.ones(shape), "sigmoid(x) + sigmoid(-x)")


@exercise("sigmoid")
def test_tanh_known(student):
    """tanh is 0 at 0, ±3/5 at ±log 2 and ±4/5 at ±log 3."""
    assert_close(student.tanh(POINTS), np.array([0, 3 / 5, -3 / 5, 4 / 5, -4 / 5]), "tanh(x)")


@exercise("sigmoid")
def test_softplus_known(student):
    """softplus is log 2 at 0, log 3 and log 3/2 at ±log 2, log 4 and log 4/3 at ±log 3."""
    assert_close(student.softplus(POINTS), np.log([2, 3, 3 / 2, 4, 4 / 3]), "softplus(x)")


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=4))
def test_swish_mirror(student, seed, shape):
    """swish keeps the shape of x, and swish(x) − swish(−x) = x."""
    x = Draw(seed).normal(*shape, scale=2.0)
    assert_close(student.swish(x) - student.swish(-x), x, "swish(x) - swish(-x)")
    assert_close(student.swish(POINTS), POINTS * np.array([1 / 2, 2 / 3, 1 / 3, 3 / 4, 1 / 4]), "swish(x)")


@exercise("sigmoid")
def test_smooth_large(student):
    """At −1000 and 1000 there is no nan: sigmoid is 0 and 1, tanh −1 and 1, softplus and swish 0 and 1000."""
    assert_close(student.sigmoid(LARGE), np.array([0.0, 1.0]), "sigmoid(x)")
    assert_close(student.tanh(LARGE), np.array([-1.0, 1.0]), "tanh(x)")
    assert_close(student.softplus(LARGE), np.array([0.0, 1000.0]), "softplus(x)")
    assert_close(student.swish(LARGE), np.array([0.0, 1000.0]), "swish(x)")


@exercise("sigmoid")
def test_smooth_integers(student):
    """Integers may come in, and floats come out: at −1, 0, 2 sigmoid is 0.27, 0.5, 0.88, tanh −0.76, 0, 0.96, and so on."""
    x = np.array([-1, 0, 2])
    s = 1 / (1 + np.exp(-x.astype(float)))
    for name, expected in (("sigmoid", s), ("tanh", np.tanh(x)), ("softplus", np.log(1 + np.exp(x))), ("swish", x * s)):
        assert_close(getattr(student, name)(x), expected, f"{name}(x)")
        assert_unchanged(student)


@exercise("relu")
def test_relu_known(student):
    """relu turns −2, −0.5, 0, 3 into 0, 0, 0, 3 and leaves x as it was."""
    got = student.relu(np.array([[-2.0, -0.5], [0.0, 3.0]]))
    assert_close(got, np.array([[0.0, 0.0], [0.0, 3.0]]), "relu(x)")
    assert_unchanged(student)


@exercise("relu")
def test_leaky_relu_known(student):
    """leaky_relu with alpha 0.1 turns −2, −0.5, 0, 3 into −0.2, −0.05, 0, 3."""
    got = student.leaky_relu(np.array([[-2.0, -0.5], [0.0, 3.0]]), 0.1)
    assert_close(got, np.array([[-0.2, -0.05], [0.0, 3.0]]), "leaky_relu(x, 0.1)")
    assert_unchanged(student)


@exercise("relu")
def test_pieces_integers(student):
    """Integers are not cut to whole numbers: leaky_relu(−3, 0.1) is −0.3, elu(−3, 0.5) is 0.5·(e⁻³ − 1), and relu(−3) is 0."""
    x = np.array([-3, 0, 2])
    assert_close(student.relu(x), np.array([0.0, 0.0, 2.0]), "relu(x)", dtype=False)
    assert_close(student.leaky_relu(x, 0.1), np.array([-0.3, 0.0, 2.0]), "leaky_relu(x, 0.1)")
    assert_close(student.elu(x, 0.5), np.array([0.5 * (np.exp(-3) - 1), 0.0, 2.0]), "elu(x, 0.5)")


@exercise("relu")
def test_elu_known(student):
    """elu with alpha 2 is −1 at −log 2, −4/3 at −log 3, nearly −2 at −1000, and x itself at 0, 3 and 1000."""
    x = np.array([-np.log(2), -np.log(3), -1000.0, 0.0, 3.0])
    assert_close(student.elu(x, 2.0), np.array([-1.0, -4 / 3, -2.0, 0.0, 3.0]), "elu(x, 2)")
    assert_close(student.elu(np.array([1000.0]), 2.0), np.array([1000.0]), "elu(x, 2)")


@exercise("relu")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_maxout_absolute_value(student, seed, shape):
    """maxout of the two pieces x and −x, without a bias, is |x|."""
    N, D = shape
    x = Draw(seed).normal(N, D)
    assert_close(student.maxout(x, np.stack([np.eye(D), -np.eye(D)]), np.zeros((2, D))), np.abs(x), "maxout(x, W, b)")


@exercise("relu")
def test_maxout_by_hand(student):
    """Three examples, two inputs, one unit, three pieces: x₁ + 1/2, x₂ − 1 and −x₁ − x₂ − 2; the largest piece may be negative."""
    W = np.array([[[1.0], [0.0]], [[0.0], [1.0]], [[-1.0], [-1.0]]])
    b = np.array([[0.5], [-1.0], [-2.0]])
    assert_close(student.maxout(np.array([[1.0, 3.0], [-1.0, -2.0], [-1.0, 0.0]]), W, b), np.array([[2.0], [1.0], [-0.5]]), "maxout(x, W, b)")
