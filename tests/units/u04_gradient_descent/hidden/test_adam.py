"""Hidden tests of adam."""

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


@exercise("adam", weight=3, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_steps(student, reference, seed, shape):
    """Six Adam steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.adam, reference.adam, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon"))


@exercise("adam", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adam_defaults(student, reference, seed, shape, scale):
    """The defaults are a learning rate of 0.001, β1 = 0.9, β2 = 0.999 and an epsilon of 1e-8."""
    check_defaults(student.adam, reference.adam, seed, shape, scale)


@exercise("adam", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_memory(student, reference, seed, shape):
    """config['m'] and config['v'] are the uncorrected averages, and config['t'] counts the steps."""
    check_memory(student.adam, reference.adam, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon"), ("m", "v", "t"))


@exercise("adam", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_resumes(student, reference, seed, shape):
    """A config from the middle of a training, with m, v and t, is carried on."""
    draw = Draw(seed + 1)
    memory = {"m": draw.normal(*shape), "v": draw.normal(*shape) ** 2, "t": draw.integers(1, 30)}
    check_resumes(student.adam, reference.adam, seed, shape, {**settings(seed, "learning_rate", "beta1", "beta2", "epsilon"), **memory})


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adam, reference.adam, seed, shape)


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_zero_gradient(student, reference, seed, shape):
    """A gradient of zero in the first step gives no 0/0."""
    check_zero_gradient(student.adam, reference.adam, seed, shape)


@exercise("adam", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.adam, reference.adam, seed, shape)


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_adam_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.adam, reference.adam, seed, shape, layout)
