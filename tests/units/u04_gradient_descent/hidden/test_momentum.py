"""Hidden tests of sgd_momentum."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, dims, exercise, seeds

from .optimizers import check_defaults, check_layout, check_memory, check_resumes, check_separate, check_steps, check_unchanged, settings


@exercise("sgd_momentum", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_steps(student, reference, seed, shape):
    """Six steps on two tensors agree, each tensor with its own velocity."""
    check_steps(student.sgd_momentum, reference.sgd_momentum, seed, shape, settings(seed, "learning_rate", "momentum"))


@exercise("sgd_momentum", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 100.0]))
def test_momentum_defaults(student, reference, seed, shape, scale):
    """The defaults are a learning rate of 0.01 and a momentum of 0.9."""
    check_defaults(student.sgd_momentum, reference.sgd_momentum, seed, shape, scale)


@exercise("sgd_momentum", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_velocity(student, reference, seed, shape):
    """config['velocity'] is the step itself, μ·v − η·dw, with the learning rate inside."""
    check_memory(student.sgd_momentum, reference.sgd_momentum, seed, shape, settings(seed, "learning_rate", "momentum"), ("velocity",))


@exercise("sgd_momentum", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_resumes(student, reference, seed, shape):
    """A velocity that is already in config is used."""
    config = {**settings(seed, "learning_rate", "momentum"), "velocity": Draw(seed + 1).normal(*shape)}
    check_resumes(student.sgd_momentum, reference.sgd_momentum, seed, shape, config)


@exercise("sgd_momentum", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not share a velocity."""
    check_separate(student.sgd_momentum, reference.sgd_momentum, seed, shape)


@exercise("sgd_momentum", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_momentum_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.sgd_momentum, reference.sgd_momentum, seed, shape)


@exercise("sgd_momentum", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_momentum_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.sgd_momentum, reference.sgd_momentum, seed, shape, layout)
