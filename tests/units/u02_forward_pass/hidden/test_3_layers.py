"""Hidden tests of the affine and the ReLU layer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, affine_case, relayout


def compare_affine(student, reference, x, w, b):
    """Compare out with the reference's."""
    out, _ = student.affine_forward(x, w, b)
    expected, _ = reference.affine_forward(x, w, b)
    assert_close(out, expected, "out")


@exercise("affine_forward", weight=2)
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_values(student, reference, seed, shape):
    """out is x·w + b, of shape (N, M)."""
    compare_affine(student, reference, *affine_case(seed, shape))


@exercise("affine_forward", weight=2)
@given(seed=seeds(), shape=dims("N d1 d2 d3 M", hi=5))
def test_affine_images(student, reference, seed, shape):
    """Examples with several axes, (N, d1, d2, d3), are flattened row by row."""
    compare_affine(student, reference, *affine_case(seed, shape))


@exercise("affine_forward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 5), (1, 1, 1), (1, 2, 3, 4), (3, 3, 3), (2, 1, 1, 2)]))
def test_affine_shapes(student, reference, seed, shape):
    """A batch of one, layers of width one, and equal sizes keep their axes apart."""
    compare_affine(student, reference, *affine_case(seed, shape))


@exercise("affine_forward")
@given(seed=seeds())
def test_affine_integers(student, reference, seed):
    """Integer pixels (uint8) with floating-point weights and biases give floating-point scores."""
    draw = Draw(seed)
    x = draw.integers(0, 17, 3, 2, 2).astype(np.uint8)
    compare_affine(student, reference, x, draw.normal(4, 5), draw.normal(5))


@exercise("affine_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_affine_layout(student, reference, seed, layout):
    """The answer does not depend on how x and w lie in memory (Fortran order, every second entry, read-only)."""
    x, w, b = affine_case(seed, (4, 2, 3, 5))
    compare_affine(student, reference, relayout(x, layout), relayout(w, layout), b)


@exercise("affine_forward")
@given(seed=seeds(), shape=dims("N d1 d2 M", hi=5))
def test_affine_inputs(student, reference, seed, shape):
    """x, w and b are left as they were, shape included."""
    compare_affine(student, reference, *affine_case(seed, shape))
    assert_unchanged(student)


@exercise("relu_forward", weight=2)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_relu_forward_values(student, reference, seed, shape):
    """out is x where x is positive and 0 elsewhere, in the shape of x."""
    x = Draw(seed).normal(*shape, scale=2.0)
    out, _ = student.relu_forward(x)
    assert_close(out, reference.relu_forward(x)[0], "out")


@exercise("relu_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_relu_forward_inputs(student, reference, seed, layout):
    """x is left as it was, for the backward pass needs its signs; its memory layout does not matter."""
    x = Draw(seed).away_from_zero(4, 3)
    expected = reference.relu_forward(x)[0]
    out, _ = student.relu_forward(x)
    assert_close(out, expected, "out")
    assert_unchanged(student)
    out, _ = student.relu_forward(relayout(x, layout))
    assert_close(out, expected, "out")
