"""Hidden tests of the activations: the reference on any shape, large entries, integers, layouts, and untouched inputs."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, maxout_case, relayout

LARGE = (-1000.0, -800.0, -710.0, -100.0, -40.0, -1.0, 0.0, 1.0, 40.0, 100.0, 710.0, 800.0, 1000.0)
SMOOTH = ("sigmoid", "tanh", "softplus", "swish")


def large(seed):
    """Return a (3, 4) array with entries of every size up to ±1000."""
    return Draw(seed).rng.choice(LARGE, (3, 4))


def compare(student, reference, name, x):
    """Compare one activation of x with the reference's."""
    assert_close(getattr(student, name)(x), getattr(reference, name)(x), f"{name}(x)")


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_sigmoid_values(student, reference, seed, shape):
    """sigmoid(x) is 1 / (1 + e⁻ˣ), in the shape of x."""
    compare(student, reference, "sigmoid", Draw(seed).normal(*shape, scale=3.0))


@exercise("sigmoid")
@given(seed=seeds())
def test_sigmoid_large(student, reference, seed):
    """sigmoid stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "sigmoid", large(seed))


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_tanh_values(student, reference, seed, shape):
    """tanh(x) is (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ), in the shape of x."""
    compare(student, reference, "tanh", Draw(seed).normal(*shape))


@exercise("sigmoid")
@given(seed=seeds())
def test_tanh_large(student, reference, seed):
    """tanh stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "tanh", large(seed))


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_softplus_values(student, reference, seed, shape):
    """softplus(x) is log(1 + eˣ), in the shape of x."""
    compare(student, reference, "softplus", Draw(seed).normal(*shape, scale=2.0))


@exercise("sigmoid")
@given(seed=seeds())
def test_softplus_large(student, reference, seed):
    """softplus stays right, and never infinite, for entries up to ±1000."""
    compare(student, reference, "softplus", large(seed))


@exercise("sigmoid")
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_swish_values(student, reference, seed, shape):
    """swish(x) is x·sigmoid(x), in the shape of x."""
    compare(student, reference, "swish", Draw(seed).normal(*shape, scale=2.0))


@exercise("sigmoid")
@given(seed=seeds())
def test_swish_large(student, reference, seed):
    """swish stays right, and never nan, for entries up to ±1000."""
    compare(student, reference, "swish", large(seed))


@exercise("sigmoid")
@given(seed=seeds(), name=st.sampled_from(SMOOTH))
def test_smooth_integers(student, reference, seed, name):
    """Integer input gives floating-point results, not rounded ones."""
    compare(student, reference, name, Draw(seed).integers(-4, 5, 2, 5))


@exercise("sigmoid")
@given(seed=seeds(), name=st.sampled_from(SMOOTH), layout=st.sampled_from(LAYOUTS))
def test_smooth_inputs(student, reference, seed, name, layout):
    """The memory layout of x does not matter, and x is left as it was."""
    x = Draw(seed).normal(3, 4, scale=2.0)
    compare(student, reference, name, relayout(x, layout))
    compare(student, reference, name, x)
    assert_unchanged(student)


@exercise("relu")
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_relu_values(student, reference, seed, shape):
    """relu(x) is the larger of x and 0, in the shape of x."""
    compare(student, reference, "relu", Draw(seed).normal(*shape, scale=2.0))


@exercise("relu")
@given(seed=seeds(), shape=dims("A B C", hi=5), alpha=st.sampled_from([0.0, 0.01, 0.2, 0.5, 0.9]))
def test_leaky_relu_values(student, reference, seed, shape, alpha):
    """leaky_relu(x, alpha) is x on the right and alpha·x on the left, for any alpha."""
    x = Draw(seed).normal(*shape, scale=2.0)
    assert_close(student.leaky_relu(x, alpha), reference.leaky_relu(x, alpha), "leaky_relu(x, alpha)")


@exercise("relu")
@given(seed=seeds(), shape=dims("A B C", hi=5), alpha=st.sampled_from([0.3, 0.5, 1.0, 1.7, 3.0]))
def test_elu_values(student, reference, seed, shape, alpha):
    """elu(x, alpha) is x on the right and alpha·(eˣ − 1) on the left, for any alpha."""
    x = Draw(seed).normal(*shape, scale=2.0)
    assert_close(student.elu(x, alpha), reference.elu(x, alpha), "elu(x, alpha)")


@exercise("relu")
@given(seed=seeds(), alpha=st.sampled_from([0.5, 1.0, 2.0]))
def test_elu_large(student, reference, seed, alpha):
    """elu stays right, and never nan, for entries up to ±1000."""
    x = large(seed)
    assert_close(student.elu(x, alpha), reference.elu(x, alpha), "elu(x, alpha)")


@exercise("relu", weight=2)
@given(seed=seeds(), shape=dims("N D M K", hi=5))
def test_maxout_values(student, reference, seed, shape):
    """maxout returns, for each example and unit, the largest of the K values x·W_k + b_k; shape (N, M)."""
    x, W, b = maxout_case(seed, shape)
    assert_close(student.maxout(x, W, b), reference.maxout(x, W, b), "maxout(x, W, b)")


@exercise("relu")
@given(
    seed=seeds(), shape=st.sampled_from([(1, 3, 2, 4), (3, 2, 1, 2), (2, 3, 4, 1), (3, 1, 2, 3), (1, 1, 1, 1), (2, 2, 2, 2), (3, 4, 3, 3)])
)
def test_maxout_shapes(student, reference, seed, shape):
    """A batch of one, one unit, one piece, and equal sizes keep their axes apart."""
    x, W, b = maxout_case(seed, shape)
    assert_close(student.maxout(x, W, b), reference.maxout(x, W, b), "maxout(x, W, b)")


@exercise("relu")
@given(seed=seeds(), alpha=st.sampled_from([0.1, 0.35]))
def test_pieces_integers(student, reference, seed, alpha):
    """Integer input is not cut to whole numbers on the left side."""
    x = Draw(seed).integers(-4, 5, 3, 4)
    assert_close(student.relu(x), reference.relu(x), "relu(x)", dtype=False)
    assert_close(student.leaky_relu(x, alpha), reference.leaky_relu(x, alpha), "leaky_relu(x, alpha)")
    assert_close(student.elu(x, alpha), reference.elu(x, alpha), "elu(x, alpha)")


@exercise("relu")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_pieces_inputs(student, reference, seed, layout):
    """The memory layout of x does not matter, and x, W and b are left as they were."""
    x, W, b = maxout_case(seed, (3, 4, 2, 5))
    for name, args in (("relu", ()), ("leaky_relu", (0.1,)), ("elu", (1.5,)), ("maxout", (W, b))):
        expected = getattr(reference, name)(x, *args)
        assert_close(getattr(student, name)(x, *args), expected, name)
        assert_unchanged(student)
        assert_close(getattr(student, name)(relayout(x, layout), *args), expected, name)
