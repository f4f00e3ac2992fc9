"""Hidden tests of the two repaired gradients."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import relayout


def tanh_case(seed, shape):
    """Return x, w, b, dout with pre-activations of ordinary size."""
    draw, (N, D, M) = Draw(seed), shape
    return draw.away_from_zero(N, D), draw.away_from_zero(D, M, margin=0.3), draw.normal(M), draw.away_from_zero(N, M)


def gate_case(seed, shape):
    """Return x, u, dout with gates that are not at their start."""
    draw, (N, D) = Draw(seed), shape
    return draw.away_from_zero(N, D, margin=0.3), draw.away_from_zero(D, margin=0.3), draw.away_from_zero(N, D)


def gradients(source, layer, *args):
    """Return what the backward function of a layer gives; the last of ``args`` is dout."""
    _, cache = getattr(source, f"{layer}_forward")(*args[:-1])
    return getattr(source, f"{layer}_backward")(args[-1], cache)


def compare(student, reference, layer, args, names):
    """Compare all gradients of a layer with the reference's."""
    for name, got, expected in zip(names, gradients(student, layer, *args), gradients(reference, layer, *args), strict=True):
        assert_close(got, expected, name)


@exercise("tanh_layer_backward", weight=2)
@given(seed=seeds(), shape=dims("N D M"))
def test_tanh_layer(student, reference, seed, shape):
    """The tanh layer's dx, dw and db are right at inputs where tanh is far from the identity."""
    compare(student, reference, "tanh_layer", tanh_case(seed, shape), ("dx", "dw", "db"))


@exercise("tanh_layer_backward", weight=2)
@given(seed=seeds(), shape=dims("N D"))
def test_gated_residual(student, reference, seed, shape):
    """The gated residual's dx has all three paths from x, and du sums over the batch."""
    compare(student, reference, "gated_residual", gate_case(seed, shape), ("dx", "du"))


@exercise("tanh_layer_backward")
@given(seed=seeds(), shape=dims("N D M", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_tanh_layer_changes_nothing(student, reference, seed, shape, layout):
    """The tanh layer's backward pass leaves dout and the cache alone: also a second call gives the right gradients."""
    x, w, b, dout = tanh_case(seed, shape)
    _, cache = student.tanh_layer_forward(relayout(x, layout), w, b)
    student.tanh_layer_backward(dout, cache)
    assert_unchanged(student)
    again = student.tanh_layer_backward(dout, cache)
    for name, got, expected in zip(("dx", "dw", "db"), again, gradients(reference, "tanh_layer", x, w, b, dout), strict=True):
        assert_close(got, expected, name)


@exercise("tanh_layer_backward")
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_gated_residual_changes_nothing(student, reference, seed, shape, layout):
    """The gated residual's backward pass leaves dout and the cache alone: also a second call gives the right gradients."""
    x, u, dout = gate_case(seed, shape)
    _, cache = student.gated_residual_forward(relayout(x, layout), u)
    student.gated_residual_backward(dout, cache)
    assert_unchanged(student)
    again = student.gated_residual_backward(dout, cache)
    for name, got, expected in zip(("dx", "du"), again, gradients(reference, "gated_residual", x, u, dout), strict=True):
        assert_close(got, expected, name)


@exercise("tanh_layer_backward")
@given(seed=seeds(), size=st.sampled_from([2.0, 3.0]))
def test_repairs_on_one_example(student, reference, seed, size):
    """For one example with one feature and one unit every gradient is right and keeps its shape."""
    draw = Draw(seed)
    x, w, dout = np.array([[size]]), np.array([[abs(draw.away_from_zero(margin=0.3))]]), np.array([[draw.away_from_zero()]])
    compare(student, reference, "tanh_layer", (x, w, np.zeros(1), dout), ("dx", "dw", "db"))
    compare(student, reference, "gated_residual", (x, w[0], dout), ("dx", "du"))
