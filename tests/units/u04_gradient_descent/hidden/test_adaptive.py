"""Hidden tests of adagrad and rmsprop."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, dims, exercise, seeds

from .optimizers import (
    check_defaults,
    check_layout,
    check_memory,
    check_resumes,
    check_separate,
    check_steps,
    check_unchanged,
    check_zero_gradient,
    settings,
)


@exercise("adagrad", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_steps(student, reference, seed, shape):
    """Six Adagrad steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.adagrad, reference.adagrad, seed, shape, settings(seed, "learning_rate", "epsilon"))


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adagrad_defaults(student, reference, seed, shape, scale):
    """The defaults are a learning rate of 0.01 and an epsilon of 1e-8."""
    check_defaults(student.adagrad, reference.adagrad, seed, shape, scale)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_cache(student, reference, seed, shape):
    """config['cache'] is the sum of all squared gradients so far."""
    check_memory(student.adagrad, reference.adagrad, seed, shape, settings(seed, "learning_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_resumes(student, reference, seed, shape):
    """A cache that is already in config is used."""
    config = {**settings(seed, "learning_rate", "epsilon"), "cache": Draw(seed + 1).normal(*shape) ** 2}
    check_resumes(student.adagrad, reference.adagrad, seed, shape, config)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share a cache."""
    check_separate(student.adagrad, reference.adagrad, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_zero_gradient(student, reference, seed, shape):
    """A gradient of zero in the first step gives no 0/0."""
    check_zero_gradient(student.adagrad, reference.adagrad, seed, shape)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adagrad_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.adagrad, reference.adagrad, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_adagrad_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.adagrad, reference.adagrad, seed, shape, layout)


@exercise("adagrad", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_steps(student, reference, seed, shape):
    """Six RMSProp steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.rmsprop, reference.rmsprop, seed, shape, settings(seed, "learning_rate", "decay_rate", "epsilon"))


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_rmsprop_defaults(student, reference, seed, shape, scale):
    """The defaults are a learning rate of 0.01, a decay rate of 0.99 and an epsilon of 1e-8."""
    check_defaults(student.rmsprop, reference.rmsprop, seed, shape, scale)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_cache(student, reference, seed, shape):
    """config['cache'] is the moving average of the squared gradients."""
    check_memory(student.rmsprop, reference.rmsprop, seed, shape, settings(seed, "learning_rate", "decay_rate", "epsilon"), ("cache",))


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_resumes(student, reference, seed, shape):
    """A cache that is already in config is used."""
    config = {**settings(seed, "learning_rate", "decay_rate", "epsilon"), "cache": Draw(seed + 1).normal(*shape) ** 2}
    check_resumes(student.rmsprop, reference.rmsprop, seed, shape, config)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share a cache."""
    check_separate(student.rmsprop, reference.rmsprop, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_zero_gradient(student, reference, seed, shape):
    """A gradient of zero in the first step gives no 0/0."""
    check_zero_gradient(student.rmsprop, reference.rmsprop, seed, shape)


@exercise("adagrad", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_rmsprop_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.rmsprop, reference.rmsprop, seed, shape)


@exercise("adagrad", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_rmsprop_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.rmsprop, reference.rmsprop, seed, shape, layout)
