"""Hidden tests of sgd_momentum."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, exercise, seeds

from .optimizers import check_defaults, check_memory, check_resumes, check_separate, check_steps, check_unchanged, settings

LAYOUT = st.sampled_from(["fortran", "strided"])
DEFAULTS = {"learning_rate": 1e-2, "momentum": 0.9}


@exercise("sgd_momentum", weight=4, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_steps(student, reference, seed, shape):
    """Six steps on two tensors agree, each tensor with its own velocity."""
    check_steps(student.sgd_momentum, reference.sgd_momentum, seed, shape, settings(seed, "learning_rate", "momentum"))


@exercise("sgd_momentum", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 100.0]))
def test_momentum_defaults(student, seed, shape, scale):
    """The defaults are a learning rate of 0.01 and a momentum of 0.9: what is left out of config has its default."""
    check_defaults(student.sgd_momentum, seed, shape, scale, DEFAULTS)


@exercise("sgd_momentum", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_velocity(student, reference, seed, shape):
    """config['velocity'] is the step itself, μ·v − η·dw, with the learning rate inside."""
    check_memory(student.sgd_momentum, reference.sgd_momentum, seed, shape, settings(seed, "learning_rate", "momentum"), ("velocity",))


@exercise("sgd_momentum", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_resumes(student, seed, shape):
    """A config of settings and a velocity, and nothing else, is carried on."""
    check_resumes(student.sgd_momentum, seed, shape, settings(seed, "learning_rate", "momentum"), ("velocity",))


@exercise("sgd_momentum", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_separate(student, seed, shape):
    """Two tensors that both start without a config do not share a velocity."""
    check_separate(student.sgd_momentum, seed, shape)


@exercise("sgd_momentum", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_momentum_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.sgd_momentum, seed, shape, layout)
