"""Hidden tests of the affine and the ReLU layer."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, affine_case, assert_double, assert_same, relayout


def affine(student, x, w, b):
    """Return out."""
    out, _ = student.affine_forward(x, w, b)
    return out


@exercise("affine_forward", weight=5)
@given(seed=seeds(), shape=dims("N D M"))
def test_affine_values(student, reference, seed, shape):
    """out is x·w + b, of shape (N, M)."""
    for case in (affine_case(seed, shape), affine_case(seed, (3, 3, 3))):
        out = affine(student, *case)
        assert_close(out, affine(reference, *case), "out")
        assert_double(out, "out")


@exercise("affine_forward", weight=3)
@given(seed=seeds(), shape=dims("N d1 d2 d3 M", hi=5))
def test_affine_images(student, seed, shape):
    """Each example with several axes, (d1, d2, d3), gives what the row of its numbers gives, the last axis fastest."""
    for x, w, b in (affine_case(seed, shape), affine_case(seed, (3, 2, 3, 2))):
        rows = [np.ravel(affine(student, example.reshape(1, -1), w, b)) for example in x]
        assert_same(np.ravel(affine(student, x, w, b)), np.concatenate(rows), "out, row by row")


@exercise("affine_forward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 5), (1, 1, 1), (1, 2, 3, 4), (3, 3, 3), (2, 1, 1, 2)]))
def test_affine_shapes(student, seed, shape):
    """A batch of one, layers of width one, and equal sizes give shape (N, M)."""
    assert_shape(affine(student, *affine_case(seed, shape)), (shape[0], shape[-1]), "out")


@exercise("affine_forward")
@given(seed=seeds())
def test_affine_integers(student, seed):
    """Integer pixels (uint8) give the same floating-point scores as the same pixels as floats."""
    draw = Draw(seed)
    x, w, b = draw.integers(0, 17, 3, 2, 2).astype(np.uint8), draw.normal(4, 5), draw.away_from_zero(5)
    x[0, 0] = 16, 1
    assert_same(affine(student, x, w, b), affine(student, x.astype(float), w, b), "out of integers")


@exercise("affine_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_affine_layout(student, seed, layout):
    """The answer does not depend on how x and w lie in memory (Fortran order, every second entry, read-only)."""
    x, w, b = affine_case(seed, (4, 2, 3, 5))
    first = affine(student, x, w, b)
    for kind in (layout, "fortran"):
        assert_same(affine(student, relayout(x, kind), relayout(w, kind), b), first, "out")


@exercise("affine_forward")
@given(seed=seeds(), shape=dims("N d1 d2 M", lo=2, hi=5))
def test_affine_inputs(student, seed, shape):
    """x, w and b are left as they were, shape included: a second call gives the same."""
    x, w, b = affine_case(seed, shape)
    first = affine(student, x, w, b)
    assert_unchanged(student)
    assert_same(affine(student, x, w, b), first, "out of a second call")


@exercise("relu_forward", weight=4)
@given(seed=seeds(), shape=dims("A B C", hi=5))
def test_relu_forward_values(student, reference, seed, shape):
    """out is x where x is positive and 0 elsewhere, in the shape of x."""
    for x in (Draw(seed).normal(*shape, scale=2.0), np.array([[-1000.0, -1.0, -0.0, 0.0], [0.5, 1.0, 7.0, 1000.0]]), np.array([[-3.0, -0.5, 0.0]])):
        out, _ = student.relu_forward(x)
        assert_close(out, reference.relu_forward(x)[0], "out")


@exercise("relu_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_relu_forward_inputs(student, seed, layout):
    """x is left as it was, for the backward pass needs its signs, and its memory layout does not matter: each call gives the same."""
    x = Draw(seed).away_from_zero(4, 3)
    x[0, :2] = 2.0, -2.0
    first, _ = student.relu_forward(x)
    assert_unchanged(student)
    for again in (relayout(x, layout), x):
        out, _ = student.relu_forward(again)
        assert_same(out, first, "out of a second call")
