"""Hidden tests of adamw."""

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


@exercise("adamw", weight=3, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_steps(student, reference, seed, shape):
    """Six AdamW steps on two tensors agree, with epsilon 1e-2 outside the root."""
    check_steps(student.adamw, reference.adamw, seed, shape, settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"))


@exercise("adamw", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-7]))
def test_adamw_defaults(student, reference, seed, shape, scale):
    """The defaults are those of Adam and a weight decay of 0.01."""
    check_defaults(student.adamw, reference.adamw, seed, shape, scale)


@exercise("adamw", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_memory(student, reference, seed, shape):
    """The memory is Adam's, of the gradient alone: the decay does not enter m and v."""
    check_memory(
        student.adamw,
        reference.adamw,
        seed,
        shape,
        settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"),
        ("m", "v", "t"),
    )


@exercise("adamw", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_resumes(student, reference, seed, shape):
    """A config from the middle of a training, with m, v and t, is carried on."""
    draw = Draw(seed + 1)
    memory = {"m": draw.normal(*shape), "v": draw.normal(*shape) ** 2, "t": draw.integers(1, 30)}
    check_resumes(
        student.adamw,
        reference.adamw,
        seed,
        shape,
        {**settings(seed, "learning_rate", "beta1", "beta2", "epsilon", "weight_decay"), **memory},
    )


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adamw, reference.adamw, seed, shape)


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_zero_gradient(student, reference, seed, shape):
    """A gradient of zero in the first step gives no 0/0."""
    check_zero_gradient(student.adamw, reference.adamw, seed, shape)


@exercise("adamw", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adamw_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.adamw, reference.adamw, seed, shape)


@exercise("adamw", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_adamw_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.adamw, reference.adamw, seed, shape, layout)
