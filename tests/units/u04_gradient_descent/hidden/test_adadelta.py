"""Hidden tests of adadelta."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, dims, exercise, seeds

from .optimizers import check_defaults, check_memory, check_resumes, check_separate, check_steps, check_unchanged, settings


@exercise("adadelta", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_steps(student, reference, seed, shape):
    """Six steps on two tensors agree, with epsilon 1e-2 inside both roots."""
    check_steps(student.adadelta, reference.adadelta, seed, shape, settings(seed, "decay_rate", "epsilon"))


@exercise("adadelta", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-3]))
def test_adadelta_defaults(student, reference, seed, shape, scale):
    """The defaults are a decay rate of 0.99 and an epsilon of 1e-6."""
    check_defaults(student.adadelta, reference.adadelta, seed, shape, scale)


@exercise("adadelta", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_memory(student, reference, seed, shape):
    """config['cache'] averages the squared gradients and config['delta'] the squared steps."""
    check_memory(student.adadelta, reference.adadelta, seed, shape, settings(seed, "decay_rate", "epsilon"), ("cache", "delta"))


@exercise("adadelta", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_resumes(student, reference, seed, shape):
    """A cache and a delta that are already in config are used."""
    draw = Draw(seed + 1)
    config = {**settings(seed, "decay_rate", "epsilon"), "cache": draw.normal(*shape) ** 2, "delta": draw.normal(*shape) ** 2}
    check_resumes(student.adadelta, reference.adadelta, seed, shape, config)


@exercise("adadelta", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adadelta, reference.adadelta, seed, shape)


@exercise("adadelta", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.adadelta, reference.adadelta, seed, shape)
