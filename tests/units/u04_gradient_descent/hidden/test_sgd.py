"""Hidden tests of sgd."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, exercise, seeds

from .optimizers import check_defaults, check_layout, check_separate, check_steps, check_unchanged, settings


@exercise("sgd", weight=2, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_sgd_steps(student, reference, seed, shape):
    """Six steps on two tensors agree with w − η·dw, with the learning rate in config."""
    check_steps(student.sgd, reference.sgd, seed, shape, settings(seed, "learning_rate"))


@exercise("sgd", examples=12)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 100.0]))
def test_sgd_defaults(student, reference, seed, shape, scale):
    """Without a config the learning rate is 0.01."""
    check_defaults(student.sgd, reference.sgd, seed, shape, scale)


@exercise("sgd", examples=8)
@given(seed=seeds(), shape=dims("N D"))
def test_sgd_separate(student, reference, seed, shape):
    """Two tensors that both start without a config do not influence each other."""
    check_separate(student.sgd, reference.sgd, seed, shape)


@exercise("sgd", examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_sgd_leaves_inputs_alone(student, reference, seed, shape):
    """w and dw stay as they were: the new weights are a new array."""
    check_unchanged(student, student.sgd, reference.sgd, seed, shape)


@exercise("sgd", examples=8)
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_sgd_layout(student, reference, seed, shape, layout):
    """The answer does not depend on how w and dw lie in memory."""
    check_layout(student.sgd, reference.sgd, seed, shape, layout)
