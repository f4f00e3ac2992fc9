"""Hidden tests of adam."""

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
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}


@exercise("adam", weight=5, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_steps(student, reference, seed, shape):
    """Six Adam steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.adam, reference.adam, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon"))


@exercise("adam", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adam_defaults(student, seed, shape, scale):
    """The defaults are a learning rate of 0.001, β1 = 0.9, β2 = 0.999 and an epsilon of 1e-8: what is left out of config has its default."""
    check_defaults(student.adam, seed, shape, scale, DEFAULTS)


@exercise("adam", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_memory(student, reference, seed, shape):
    """config['m'] and config['v'] are the uncorrected averages, and config['t'] counts the steps."""
    check_memory(student.adam, reference.adam, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon"), ("m", "v", "t"))


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_resumes(student, seed, shape):
    """A config of settings, m, v and t, and nothing else, is carried on."""
    check_resumes(student.adam, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon"), ("m", "v", "t"))


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_separate(student, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adam, seed, shape)


@exercise("adam", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adam_zero_gradient(student, seed, shape):
    """A gradient of zero in the first step gives no 0/0, and the next gradient moves w."""
    check_zero_gradient(student.adam, seed, shape)


@exercise("adam", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_adam_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.adam, seed, shape, layout)
