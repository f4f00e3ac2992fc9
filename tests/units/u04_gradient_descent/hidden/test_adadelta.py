"""Hidden tests of adadelta."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, exercise, seeds

from .optimizers import check_defaults, check_memory, check_resumes, check_separate, check_steps, check_unchanged, settings

LAYOUT = st.sampled_from(["fortran", "strided"])
DEFAULTS = {"decay_rate": 0.99, "epsilon": 1e-6}


@exercise("adadelta", weight=4, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_steps(student, reference, seed, shape):
    """Six steps on two tensors agree, with epsilon 1e-2 inside both roots."""
    check_steps(student.adadelta, reference.adadelta, seed, shape, settings(seed, "decay_rate", "epsilon"))


@exercise("adadelta", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 1e-3]))
def test_adadelta_defaults(student, seed, shape, scale):
    """The defaults are a decay rate of 0.99 and an epsilon of 1e-6: what is left out of config has its default."""
    check_defaults(student.adadelta, seed, shape, scale, DEFAULTS)


@exercise("adadelta", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_memory(student, reference, seed, shape):
    """config['cache'] averages the squared gradients and config['delta'] the squared steps."""
    check_memory(student.adadelta, reference.adadelta, seed, shape, settings(seed, "decay_rate", "epsilon"), ("cache", "delta"))


@exercise("adadelta", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_resumes(student, seed, shape):
    """A config of settings, a cache and a delta, and nothing else, is carried on."""
    check_resumes(student.adadelta, seed, shape, settings(seed, "decay_rate", "epsilon"), ("cache", "delta"))


@exercise("adadelta", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_adadelta_separate(student, seed, shape):
    """Two tensors that both start without a config do not share their memory."""
    check_separate(student.adadelta, seed, shape)


@exercise("adadelta", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_adadelta_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.adadelta, seed, shape, layout)
