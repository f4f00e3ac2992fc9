"""Hidden tests of the activations: the reference on any shape, large entries, integers, layouts, and untouched inputs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_double, assert_same, maxout_case, relayout

LARGE = (-1000.0, -800.0, -745.0, -710.0, -100.0, -40.0, -1.0, 0.0, 1.0, 40.0, 100.0, 710.0, 800.0, 1000.0)
MIDDLE = np.array([-12.0, -8.0, -5.0, -1e-3, -0.0, 0.0, 1e-3, 5.0, 8.0, 12.0])
SMOOTH = ("sigmoid", "tanh", "softplus", "swish")


def large(seed):
    """Return entries of every size up to ±1000, all of LARGE in another order, as a (2, 7) array."""
    return Draw(seed).rng.permutation(LARGE).reshape(2, 7)


def compare(student, reference, name, *xs, args=()):
    """Compare one activation of each x with the reference's."""
    for x in xs:
        got, expected, what = getattr(student, name)(x, *args), getattr(reference, name)(x, *args), f"{name}(x)" if not args else f"{name}(x, alpha)"
        assert_close(got, expected, what)
        assert_double(got, what)


@exercise("sigmoid", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_sigmoid_values(student, reference, seed, shape):
    """sigmoid(x) is 1 / (1 + e⁻ˣ), in the shape of x."""
    compare(student, reference, "sigmoid", Draw(seed).normal(*shape, scale=3.0), MIDDLE)


@exercise("sigmoid", weight=2)
@given(seed=seeds())
def test_sigmoid_large(student, reference, seed):
    """sigmoid stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "sigmoid", large(seed))


@exercise("sigmoid", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_tanh_values(student, reference, seed, shape):
    """tanh(x) is (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), in the shape of x."""
    compare(student, reference, "tanh", Draw(seed).normal(*shape), MIDDLE)


@exercise("sigmoid", weight=2)
@given(seed=seeds())
def test_tanh_large(student, reference, seed):
    """tanh stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "tanh", large(seed))


@exercise("sigmoid", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_softplus_values(student, reference, seed, shape):
    """softplus(x) is log(1 + eˣ), in the shape of x."""
    compare(student, reference, "softplus", Draw(seed).normal(*shape, scale=2.0), MIDDLE)


@exercise("sigmoid", weight=2)
@given(seed=seeds())
def test_softplus_large(student, reference, seed):
    """softplus stays right, and never infinite, for entries up to ±1000."""
    compare(student, reference, "softplus", large(seed))


@exercise("sigmoid", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_swish_values(student, reference, seed, shape):
    """swish(x) is x·sigmoid(x), in the shape of x."""
    compare(student, reference, "swish", Draw(seed).normal(*shape, scale=2.0), MIDDLE)


@exercise("sigmoid", weight=2)
@given(seed=seeds())
def test_swish_large(student, reference, seed):
    """swish stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "swish", large(seed))


@exercise("sigmoid")
@given(seed=seeds())
def test_smooth_integers(student, seed):
    """Integers give the same floating-point results as the same numbers as floats."""
    x = Draw(seed).integers(-4, 5, 2, 5)
    x[0, :3] = 3, -2, 0
    for name in SMOOTH:
        function = getattr(student, name)
        assert_same(function(x), function(x.astype(float)), f"{name}(x) of integers")


@exercise("sigmoid")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_smooth_inputs(student, seed, layout):
    """The memory layout of x does not matter, and x is left as it was: a second call gives the same."""
    x = Draw(seed).away_from_zero(3, 4)
    x[0, :2] = 2.0, -2.0
    for name in SMOOTH:
        function = getattr(student, name)
        first = function(x)
        assert_unchanged(student)
        assert_same(function(relayout(x, layout)), first, f"{name}(x)")
        assert_same(function(x), first, f"{name}(x) of a second call")


@exercise("relu", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_relu_values(student, reference, seed, shape):
    """relu(x) is the larger of x and 0, in the shape of x."""
    compare(student, reference, "relu", Draw(seed).normal(*shape, scale=2.0), MIDDLE, MIDDLE[:6], large(seed))


@exercise("relu", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5), alpha=st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.9]))
def test_leaky_relu_values(student, reference, seed, shape, alpha):
    """leaky_relu(x, alpha) is x on the right and alpha·x on the left, for any alpha."""
    compare(student, reference, "leaky_relu", Draw(seed).normal(*shape, scale=2.0), MIDDLE, args=(alpha,))


@exercise("relu", weight=3)
@given(seed=seeds(), shape=dims("A B C", hi=5), alpha=st.sampled_from([0.3, 0.5, 1.0, 1.7, 3.0]))
def test_elu_values(student, reference, seed, shape, alpha):
    """elu(x, alpha) is x on the right and alpha·(eˣ − 1) on the left, for any alpha."""
    compare(student, reference, "elu", Draw(seed).normal(*shape, scale=2.0), MIDDLE, args=(alpha,))


@exercise("relu")
@given(seed=seeds(), alpha=st.sampled_from([0.5, 1.0, 2.0]))
def test_elu_large(student, reference, seed, alpha):
    """elu stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "elu", large(seed), args=(alpha,))


@exercise("relu", weight=4)
@given(seed=seeds(), shape=dims("N D M K", hi=5))
def test_maxout_values(student, reference, seed, shape):
    """maxout returns, for each example and unit, the largest of the K values x·W_k + b_k; shape (N, M)."""
    for case in (maxout_case(seed, shape), maxout_case(seed, (3, 4, 2, 3))):
        assert_close(student.maxout(*case), reference.maxout(*case), "maxout(x, W, b)")


@exercise("relu")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2, 4), (3, 2, 1, 2), (2, 3, 4, 1), (3, 1, 2, 3), (1, 1, 1, 1), (2, 2, 2, 2), (3, 4, 3, 3)]))
def test_maxout_shapes(student, seed, shape):
    """The result has shape (N, M), also for a batch of one, one unit or one piece, and each row is that of its example alone."""
    x, W, b = maxout_case(seed, shape)
    got = student.maxout(x, W, b)
    assert_shape(got, (shape[0], shape[2]), "maxout(x, W, b)")
    alone = np.concatenate([student.maxout(row[None], W, b) for row in x])
    assert_shape(alone, got.shape, "maxout(x, W, b), row by row")
    assert_close(got, alone, "maxout(x, W, b), beside the rows alone")


@exercise("relu")
@given(seed=seeds(), alpha=st.sampled_from([0.1, 0.35]))
def test_pieces_integers(student, seed, alpha):
    """Integers give the same results as the same numbers as floats: nothing is cut to whole numbers."""
    x = Draw(seed).integers(-4, 5, 3, 4)
    x[0, :3] = 3, -3, 0
    assert_same(student.relu(x), student.relu(x.astype(float)), "relu(x) of integers", dtype=False)
    for name in ("leaky_relu", "elu"):
        function = getattr(student, name)
        assert_same(function(x, alpha), function(x.astype(float), alpha), f"{name}(x, alpha) of integers")


@exercise("relu")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_pieces_inputs(student, seed, layout):
    """The memory layout of x does not matter, and x, W and b are left as they were: a second call gives the same."""
    _, W, b = maxout_case(seed, (3, 4, 2, 5))
    x = Draw(seed).away_from_zero(3, 4)
    x[0, :2] = 2.0, -2.0
    for name, args in (("relu", ()), ("leaky_relu", (0.1,)), ("elu", (1.5,)), ("maxout", (W, b))):
        function = getattr(student, name)
        first = function(x, *args)
        assert_unchanged(student)
        assert_same(function(relayout(x, layout), *args), first, name)
        assert_same(function(x, *args), first, f"{name} of a second call")
