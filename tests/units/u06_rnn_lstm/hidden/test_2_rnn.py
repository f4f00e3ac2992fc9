"""Hidden tests of the recurrent network: the reference's states and gradients, step by step and over sequences."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import assert_close, assert_same, assert_unchanged, dims, exercise, seeds

from ..visible.cases import relayout, sequence_case, step_case
from .compare import (
    RNN_STEP,
    SEQUENCE,
    assert_all_close,
    assert_all_same,
    assert_shape,
    assert_shapes,
    sequence_gradients,
    step_gradients,
    without_zeros,
)

NARROW = st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 1), (1, 2, 1)])
LAYOUT = st.sampled_from(["fortran", "strided"])


# ------------------------------------------------------------------ one step
@exercise("rnn_step_forward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_step_next_h(student, reference, seed, shape):
    """The new state is tanh(x·Wx + h·Wh + b), of shape (N, H)."""
    *inputs, _ = step_case(seed, shape)
    next_h, _ = student.rnn_step_forward(*inputs)
    assert_unchanged(student)
    assert_close(next_h, reference.rnn_step_forward(*inputs)[0], "next_h", rtol=1e-10)


@exercise("rnn_step_forward")
@given(seed=seeds(), shape=NARROW)
def test_step_narrow(student, seed, shape):
    """A batch of one and widths of one keep both axes."""
    *inputs, b, dnext_h = step_case(seed, shape)
    assert_shape(student.rnn_step_forward(*inputs, b + 5.0)[0], dnext_h.shape, "next_h")


@exercise("rnn_step_forward")
@given(seed=seeds(), shape=dims("N D H"), size=st.sampled_from([-800.0, 800.0]))
def test_step_saturates(student, seed, shape, size):
    """Huge sums give states of ±1, not infinity or NaN."""
    x, h, Wx, Wh, b, _ = step_case(seed, shape)
    next_h, _ = student.rnn_step_forward(x, h, Wx, Wh, b * 0 + size)
    assert_close(next_h, np.full(h.shape, np.sign(size)), "next_h")


def compare_step(student, reference, seed, shape, *only):
    """Compare gradients of one step with the reference's."""
    *inputs, dnext_h = step_case(seed, shape)
    assert_all_close(step_gradients(student, inputs, dnext_h), step_gradients(reference, inputs, dnext_h), RNN_STEP, only)


@exercise("rnn_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_step_dx(student, reference, seed, shape):
    """dx is da·Wxᵀ with da = dnext_h ∘ (1 − next_h²)."""
    compare_step(student, reference, seed, shape, "dx")


@exercise("rnn_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_step_dprev_h(student, reference, seed, shape):
    """dprev_h is da·Whᵀ."""
    compare_step(student, reference, seed, shape, "dprev_h")


@exercise("rnn_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_step_weights(student, reference, seed, shape):
    """dWx is xᵀ·da and dWh is the state before, transposed, times da."""
    compare_step(student, reference, seed, shape, "dWx", "dWh")


@exercise("rnn_step_backward")
@given(seed=seeds(), shape=dims("N D H"))
def test_step_db(student, reference, seed, shape):
    """db adds up the rows of da."""
    compare_step(student, reference, seed, shape, "db")


@exercise("rnn_step_backward")
@given(seed=seeds(), shape=NARROW)
def test_step_narrow_gradients(student, seed, shape):
    """A batch of one and widths of one: every gradient keeps the shape of what it belongs to."""
    *inputs, dnext_h = without_zeros(step_case(seed, shape))
    assert_shapes(step_gradients(student, inputs, dnext_h), inputs, RNN_STEP)


@exercise("rnn_step_backward")
@given(seed=seeds(), shape=dims("N D H", lo=2), layout=LAYOUT)
def test_step_changes_nothing(student, seed, shape, layout):
    """dnext_h and the cache are left alone: a second call gives the same gradients, whatever the memory layout."""
    x, h, Wx, Wh, b, dnext_h = step_case(seed, shape)
    plain = step_gradients(student, (x, h, Wx, Wh, b), dnext_h)
    _, cache = student.rnn_step_forward(relayout(x, layout), relayout(h, layout), relayout(Wx, layout), Wh, b)
    student.rnn_step_backward(relayout(dnext_h, layout), cache)
    assert_unchanged(student)
    assert_all_same(student.rnn_step_backward(dnext_h, cache), plain, RNN_STEP)


# ------------------------------------------------------------------ a sequence
@exercise("rnn_forward", weight=2)
@given(seed=seeds(), shape=dims("N T D H"))
def test_sequence_states(student, reference, seed, shape):
    """h holds the states after every step, shape (N, T, H); the state of one step enters the next."""
    *inputs, _ = sequence_case(seed, shape)
    h, _ = student.rnn_forward(*inputs)
    assert_unchanged(student)
    assert_close(h, reference.rnn_forward(*inputs)[0], "h")


@exercise("rnn_forward")
@given(seed=seeds(), shape=dims("N D H"))
def test_sequence_of_one_step(student, seed, shape):
    """A sequence of one step is one step of yours from h0."""
    N, D, H = shape
    x, h0, *weights, _ = sequence_case(seed, (N, 1, D, H))
    step, _ = student.rnn_step_forward(x[:, 0], h0, *weights)
    assert_shape(step, (N, H), "next_h of your step")
    assert_same(student.rnn_forward(x, h0, *weights)[0], np.asarray(step)[:, None], "h")


@exercise("rnn_forward")
@given(seed=seeds(), shape=dims("N T D H", lo=2))
def test_sequence_in_two_parts(student, seed, shape):
    """A sequence may be run in two parts: the last state of the first part is the h0 of the second."""
    x, h0, Wx, Wh, b, _ = sequence_case(seed, shape)
    whole, _ = student.rnn_forward(x, h0, Wx, Wh, b)
    first, _ = student.rnn_forward(x[:, :1], h0, Wx, Wh, b)
    second, _ = student.rnn_forward(x[:, 1:], np.asarray(first)[:, -1], Wx, Wh, b)
    assert_shape(whole, (*x.shape[:2], h0.shape[1]), "h")
    assert_same(first, np.asarray(whole)[:, :1], "h of the first part")
    assert_same(second, np.asarray(whole)[:, 1:], "h of the second part")


def compare_sequence(student, reference, kind, case, *only):
    """Compare gradients of a sequence with the reference's."""
    *inputs, dh = case
    assert_all_close(sequence_gradients(student, kind, inputs, dh), sequence_gradients(reference, kind, inputs, dh), SEQUENCE, only)


@exercise("rnn_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H"))
def test_sequence_dx(student, reference, seed, shape):
    """dx[:, t] collects what reaches step t from above and from all later steps."""
    compare_sequence(student, reference, "rnn", sequence_case(seed, shape), "dx")


@exercise("rnn_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H"))
def test_sequence_dh0(student, reference, seed, shape):
    """dh0 is what comes out of the first step, also of a long sequence and where gradients are large."""
    *inputs, dh = sequence_case(seed, (2, 12, 3, 4))
    for case in ((*inputs, dh), (*inputs, 1000.0 * dh), sequence_case(seed, shape)):
        compare_sequence(student, reference, "rnn", case, "dh0")


@exercise("rnn_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H", lo=2))
def test_sequence_weights(student, reference, seed, shape):
    """dWx, dWh and db add up over all steps."""
    compare_sequence(student, reference, "rnn", sequence_case(seed, shape), "dWx", "dWh", "db")


@exercise("rnn_backward")
@given(seed=seeds(), shape=dims("N T D H", lo=2), place=st.sampled_from([0, -1]))
def test_sequence_single_gradient(student, reference, seed, shape, place):
    """A gradient that enters at one step only, the first or the last, reaches all steps before it and none after it."""
    *inputs, dh = sequence_case(seed, shape)
    only = np.zeros_like(dh)
    only[:, place] = dh[:, place]
    compare_sequence(student, reference, "rnn", (*inputs, only))


@exercise("rnn_backward")
@given(seed=seeds(), shape=st.sampled_from([(1, 1, 2, 3), (1, 3, 1, 2), (2, 3, 4, 1), (1, 1, 1, 1)]))
def test_sequence_narrow_gradients(student, seed, shape):
    """One sequence, one step and widths of one keep all axes."""
    *inputs, dh = without_zeros(sequence_case(seed, shape))
    assert_shapes(sequence_gradients(student, "rnn", inputs, dh), inputs, SEQUENCE)


@exercise("rnn_backward")
@given(seed=seeds(), shape=dims("N T D H", lo=2), layout=LAYOUT)
def test_sequence_changes_nothing(student, seed, shape, layout):
    """dh and the cache are left alone: a second call gives the same gradients, whatever the memory layout."""
    x, h0, Wx, Wh, b, dh = sequence_case(seed, shape)
    plain = sequence_gradients(student, "rnn", (x, h0, Wx, Wh, b), dh)
    _, cache = student.rnn_forward(relayout(x, layout), h0, Wx, relayout(Wh, layout), b)
    student.rnn_backward(relayout(dh, layout), cache)
    assert_unchanged(student)
    assert_all_same(student.rnn_backward(dh, cache), plain, SEQUENCE)
