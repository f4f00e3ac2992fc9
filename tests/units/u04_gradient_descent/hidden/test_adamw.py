"""Hidden tests of adamw."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, either, exercise, seeds

from .optimizers import (
    check_defaults,
    check_memory,
    check_resumes,
    check_separate,
    check_steps,
    check_unchanged,
    check_zero_gradient,
    decayed,
    settings,
)

LAYOUT = st.sampled_from(["fortran", "strided"])
DEFAULTS = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 1e-2}


@exercise("adamw", weight=5, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_steps(student, reference, seed, shape):
    """Six AdamW steps on two tensors agree, with epsilon 1e-2 outside the root."""
    def check(right):
        check_steps(student.adamw, right, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"))

    either(lambda: check(reference.adamw), lambda: check(decayed(student.adam)))


@exercise("adamw", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adamw_defaults(student, seed, shape, scale):
    """The defaults are those of Adam and a weight decay of 0.01: what is left out of config has its default."""
    check_defaults(student.adamw, seed, shape, scale, DEFAULTS)


@exercise("adamw", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_memory(student, reference, seed, shape):
    """The memory is Adam's, of the gradient alone: the decay does not enter m and v."""
    def check(right):
        check_memory(student.adamw, right, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"), ("m", "v", "t"))

    either(lambda: check(reference.adamw), lambda: check(decayed(student.adam)))


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_resumes(student, seed, shape):
    """A config of settings, m, v and t, and nothing else, is carried on."""
    check_resumes(student.adamw, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"), ("m", "v", "t"))


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_separate(student, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adamw, seed, shape)


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_zero_gradient(student, seed, shape):
    """A gradient of zero in the first step gives no 0/0, and the next gradient moves w."""
    check_zero_gradient(student.adamw, seed, shape)


@exercise("adamw", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_adamw_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.adamw, seed, shape, layout)
