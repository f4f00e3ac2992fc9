"""Hidden tests of adagrad and rmsprop."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, exercise, seeds

from .optimizers import (
    check_defaults,
    check_memory,
    check_resumes,
    check_separate,
    check_steps,
    check_unchanged,
    check_zero_gradient,
    settings,
)

LAYOUT = st.sampled_from(["fortran", "strided"])
ADAGRAD_DEFAULTS = {"learning_rate": 1e-2, "epsilon": 1e-8}
RMSPROP_DEFAULTS = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8}


@exercise("adagrad", weight=4, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_steps(student, reference, seed, shape):
    """Six Adagrad steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.adagrad, reference.adagrad, seed, shape, settings(seed, "learning_rate", "epsilon"))


@exercise("adagrad", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adagrad_defaults(student, seed, shape, scale):
    """The defaults are a learning rate of 0.01 and an epsilon of 1e-8: what is left out of config has its default."""
    check_defaults(student.adagrad, seed, shape, scale, ADAGRAD_DEFAULTS)


@exercise("adagrad", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_cache(student, reference, seed, shape):
    """config['cache'] is the sum of all squared gradients so far."""
    check_memory(student.adagrad, reference.adagrad, seed, shape, settings(seed, "learning_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_resumes(student, seed, shape):
    """A config of settings and a cache, and nothing else, is carried on."""
    check_resumes(student.adagrad, seed, shape, settings(seed, "learning_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_separate(student, seed, shape):
    """Two tensors that both start without a config do not share a cache."""
    check_separate(student.adagrad, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_zero_gradient(student, seed, shape):
    """A gradient of zero in the first step gives no 0/0, and the next gradient moves w."""
    check_zero_gradient(student.adagrad, seed, shape)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_adagrad_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.adagrad, seed, shape, layout)


@exercise("adagrad", weight=4, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_steps(student, reference, seed, shape):
    """Six RMSProp steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.rmsprop, reference.rmsprop, seed, shape, settings(seed, "learning_rate", "decay_rate", "epsilon"))


@exercise("adagrad", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_rmsprop_defaults(student, seed, shape, scale):
    """The defaults are a learning rate of 0.01, a decay rate of 0.99 and an epsilon of 1e-8: what is left out of config has its default."""
    check_defaults(student.rmsprop, seed, shape, scale, RMSPROP_DEFAULTS)


@exercise("adagrad", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_cache(student, reference, seed, shape):
    """config['cache'] is the moving average of the squared gradients."""
    check_memory(student.rmsprop, reference.rmsprop, seed, shape, settings(seed, "learning_rate", "decay_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_resumes(student, seed, shape):
    """A config of settings and a cache, and nothing else, is carried on."""
    check_resumes(student.rmsprop, seed, shape, settings(seed, "learning_rate", "decay_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_separate(student, seed, shape):
    """Two tensors that both start without a config do not share a cache."""
    check_separate(student.rmsprop, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_zero_gradient(student, seed, shape):
    """A gradient of zero in the first step gives no 0/0, and the next gradient moves w."""
    check_zero_gradient(student.rmsprop, seed, shape)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_rmsprop_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.rmsprop, seed, shape, layout)
