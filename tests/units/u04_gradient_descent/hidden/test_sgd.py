"""Hidden tests of sgd."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import dims, exercise, seeds

from .optimizers import check_defaults, check_steps, check_unchanged, settings

LAYOUT = st.sampled_from(["fortran", "strided"])
DEFAULTS = {"learning_rate": 1e-2}


@exercise("sgd", weight=4, examples=12)
@given(seed=seeds(), shape=dims("N D"))
def test_sgd_steps(student, reference, seed, shape):
    """Six steps on two tensors agree with w − η·dw, with the learning rate in config."""
    check_steps(student.sgd, reference.sgd, seed, shape, settings(seed, "learning_rate"))


@exercise("sgd", weight=2, examples=8)
@given(seed=seeds(), shape=dims("N D"), scale=st.sampled_from([1.0, 100.0]))
def test_sgd_defaults(student, seed, shape, scale):
    """The default learning rate is 0.01: without a config a step is what it is with that setting."""
    check_defaults(student.sgd, seed, shape, scale, DEFAULTS)


@exercise("sgd", examples=12)
@given(seed=seeds(), shape=dims("N D"), layout=LAYOUT)
def test_sgd_leaves_inputs_alone(student, seed, shape, layout):
    """w and dw stay as they were, and the answer does not depend on how they lie in memory: each call gives the same new array."""
    check_unchanged(student, student.sgd, seed, shape, layout)
