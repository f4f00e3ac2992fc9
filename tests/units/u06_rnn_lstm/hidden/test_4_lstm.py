"""Hidden tests of the LSTM and the GRU."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_same, assert_unchanged, comparing, dims, exercise, fail, seeds

from ..visible.cases import relayout, sequence_case, step_case
from .compare import (
    LSTM_STEP,
    SEQUENCE,
    assert_all_close,
    assert_all_same,
    assert_shape,
    assert_shapes,
    lstm_gradients,
    sequence_gradients,
    without_zeros,
)

NARROW = st.sampled_from([(1, 3, 2), (4, 1, 3), (3, 2, 1), (1, 1, 1)])
LAYOUT = st.sampled_from(["fortran", "strided"])


def lstm_case(seed, shape):
    """Return the six inputs of a step and the gradients of both states."""
    x, prev_h, Wx, Wh, b, dnext_h = step_case(seed, shape, 4)
    draw = Draw(seed + 1)
    return (x, prev_h, draw.normal(*dnext_h.shape), Wx, Wh, b), dnext_h, draw.normal(*dnext_h.shape)


# ------------------------------------------------------------------ one step
@exercise("lstm_step_forward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_next_c(student, reference, seed, shape):
    """The new cell state is f∘c + i∘g, with the gates in the order i, f, o, g."""
    inputs, _, _ = lstm_case(seed, shape)
    _, next_c, _ = student.lstm_step_forward(*inputs)
    assert_unchanged(student)
    assert_close(next_c, reference.lstm_step_forward(*inputs)[1], "next_c")


@exercise("lstm_step_forward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_next_h(student, reference, seed, shape):
    """The new hidden state is o∘tanh(c), with the new cell state."""
    inputs, _, _ = lstm_case(seed, shape)
    assert_close(student.lstm_step_forward(*inputs)[0], reference.lstm_step_forward(*inputs)[0], "next_h")


@exercise("lstm_step_forward")
@given(seed=seeds(), shape=NARROW)
def test_lstm_narrow(student, seed, shape):
    """A batch of one and widths of one keep both axes."""
    inputs, dnext_h, dnext_c = lstm_case(seed, shape)
    next_h, next_c, _ = student.lstm_step_forward(*inputs)
    assert_shape(next_h, dnext_h.shape, "next_h")
    assert_shape(next_c, dnext_c.shape, "next_c")


@exercise("lstm_step_forward")
@given(seed=seeds(), shape=dims("N D H"), size=st.sampled_from([900.0, -900.0]))
def test_lstm_saturates(student, seed, shape, size):
    """Gates that are fully open or shut (sums of ±900) give finite numbers."""
    x, h, c, Wx, Wh, b = lstm_case(seed, shape)[0]
    next_h, next_c, _ = student.lstm_step_forward(x, h, c, Wx, Wh, b + size)
    assert_close(next_c, np.zeros(c.shape), "next_c", atol=np.inf)
    assert_close(next_h, np.zeros(h.shape), "next_h", atol=np.inf)
    if size > 0:  # otherwise both states are 0
        assert_shape(next_c, c.shape, "next_c")


def compare_lstm(student, reference, case, *only):
    """Compare gradients of one step with the reference's."""
    assert_all_close(lstm_gradients(student, *case), lstm_gradients(reference, *case), LSTM_STEP, only)


@exercise("lstm_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_dx(student, reference, seed, shape):
    """dx is dz·Wxᵀ, where dz holds the gradients before the four squashing functions."""
    compare_lstm(student, reference, lstm_case(seed, shape), "dx")


@exercise("lstm_step_backward")
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_dprev_h(student, reference, seed, shape):
    """dprev_h is dz·Whᵀ."""
    compare_lstm(student, reference, lstm_case(seed, shape), "dprev_h")


@exercise("lstm_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_dprev_c(student, reference, seed, shape):
    """dprev_c is f times everything that arrives at the new cell state: directly and through the hidden state."""
    compare_lstm(student, reference, lstm_case(seed, shape), "dprev_c")


@exercise("lstm_step_backward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_weights(student, reference, seed, shape):
    """dWx, dWh and db keep the order i, f, o, g and add up over the batch."""
    compare_lstm(student, reference, lstm_case(seed, shape), "dWx", "dWh", "db")


@exercise("lstm_step_backward")
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_only_dnext_h(student, reference, seed, shape):
    """With nothing from the cell state of the future, the gradient still reaches the cell state, through tanh."""
    inputs, dnext_h, dnext_c = lstm_case(seed, shape)
    compare_lstm(student, reference, (inputs, dnext_h, np.zeros_like(dnext_c)))


@exercise("lstm_step_backward")
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_only_dnext_c(student, reference, seed, shape):
    """With nothing from the hidden state, the gradient of the cell state reaches f, i and g, and not o."""
    inputs, dnext_h, dnext_c = lstm_case(seed, shape)
    compare_lstm(student, reference, (inputs, np.zeros_like(dnext_h), dnext_c))


@exercise("lstm_step_backward")
@given(seed=seeds(), shape=NARROW)
def test_lstm_narrow_gradients(student, seed, shape):
    """A batch of one and widths of one: every gradient keeps the shape of what it belongs to."""
    inputs, dnext_h, dnext_c = lstm_case(seed, shape)
    *inputs, dnext_h, dnext_c = without_zeros([*inputs, dnext_h, dnext_c])
    assert_shapes(lstm_gradients(student, inputs, dnext_h, dnext_c), inputs, LSTM_STEP)


@exercise("lstm_step_backward")
@given(seed=seeds(), shape=dims("N D H", lo=2), layout=LAYOUT)
def test_lstm_step_changes_nothing(student, seed, shape, layout):
    """dnext_h, dnext_c and the cache are left alone: a second call gives the same gradients, whatever the memory layout."""
    inputs, dnext_h, dnext_c = lstm_case(seed, shape)
    plain = lstm_gradients(student, inputs, dnext_h, dnext_c)
    cache = student.lstm_step_forward(*[relayout(a, layout) if a.ndim == 2 else a for a in inputs])[2]
    student.lstm_step_backward(relayout(dnext_h, layout), relayout(dnext_c, layout), cache)
    assert_unchanged(student)
    assert_all_same(student.lstm_step_backward(dnext_h, dnext_c, cache), plain, LSTM_STEP)


# ------------------------------------------------------------------ a sequence
@exercise("lstm_forward", weight=2)
@given(seed=seeds(), shape=dims("N T D H"))
def test_lstm_states(student, reference, seed, shape):
    """h holds the hidden states after every step, shape (N, T, H); hidden state and cell state enter the next step."""
    *inputs, _ = sequence_case(seed, shape, 4)
    h, _ = student.lstm_forward(*inputs)
    assert_unchanged(student)
    assert_close(h, reference.lstm_forward(*inputs)[0], "h")


@exercise("lstm_forward")
@given(seed=seeds(), shape=dims("N D H"))
def test_lstm_of_one_step(student, seed, shape):
    """A sequence of one step is one step of yours from h0 and a cell state of zeros."""
    N, D, H = shape
    x, h0, *weights, _ = sequence_case(seed, (N, 1, D, H), 4)
    step, _, _ = student.lstm_step_forward(x[:, 0], h0, np.zeros_like(h0), *weights)
    assert_shape(step, (N, H), "next_h of your step")
    assert_same(student.lstm_forward(x, h0, *weights)[0], np.asarray(step)[:, None], "h")


@exercise("lstm_forward")
@given(seed=seeds(), shape=dims("N T D H", lo=2))
def test_lstm_depends_on_h0(student, seed, shape):
    """h0 changes the first state and, through it, the later ones."""
    N, T, _, H = shape
    x, h0, *weights, _ = sequence_case(seed, shape, 4)
    first, _ = student.lstm_forward(x, h0, *weights)
    second, _ = student.lstm_forward(x, h0 + 1.0, *weights)
    for h in (first, second):
        assert_shape(h, (N, T, H), "h")
    if comparing() and not np.all(np.any(np.asarray(first) != np.asarray(second), axis=(0, 2))):
        fail("With another h0 the states of some steps are the same.")


def compare_sequence(student, reference, case, *only):
    """Compare gradients of a sequence with the reference's."""
    *inputs, dh = case
    assert_all_close(sequence_gradients(student, "lstm", inputs, dh), sequence_gradients(reference, "lstm", inputs, dh), SEQUENCE, only)


@exercise("lstm_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H", lo=2))
def test_lstm_sequence_dx(student, reference, seed, shape):
    """dx[:, t] collects what reaches step t from above and, along both states, from all later steps."""
    compare_sequence(student, reference, sequence_case(seed, shape, 4), "dx")


@exercise("lstm_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H"))
def test_lstm_sequence_dh0(student, reference, seed, shape):
    """dh0 is the gradient of the hidden state that comes out of the first step, also of a long sequence and where gradients are large."""
    *inputs, dh = sequence_case(seed, (2, 12, 3, 4), 4)
    for case in ((*inputs, dh), (*inputs, 1000.0 * dh), sequence_case(seed, shape, 4)):
        compare_sequence(student, reference, case, "dh0")


@exercise("lstm_backward", weight=2)
@given(seed=seeds(), shape=dims("N T D H", lo=2))
def test_lstm_sequence_weights(student, reference, seed, shape):
    """dWx, dWh and db add up over all steps."""
    compare_sequence(student, reference, sequence_case(seed, shape, 4), "dWx", "dWh", "db")


@exercise("lstm_backward")
@given(seed=seeds(), shape=dims("N T D H", lo=2), place=st.sampled_from([0, -1]))
def test_lstm_sequence_single_gradient(student, reference, seed, shape, place):
    """A gradient that enters at one step only, the first or the last, reaches all steps before it and none after it."""
    *inputs, dh = sequence_case(seed, shape, 4)
    only = np.zeros_like(dh)
    only[:, place] = dh[:, place]
    compare_sequence(student, reference, (*inputs, only))


@exercise("lstm_backward")
@given(seed=seeds(), shape=dims("N T D H", lo=2), layout=LAYOUT)
def test_lstm_sequence_changes_nothing(student, seed, shape, layout):
    """dh and the cache are left alone: a second call gives the same gradients, whatever the memory layout."""
    x, h0, Wx, Wh, b, dh = sequence_case(seed, shape, 4)
    plain = sequence_gradients(student, "lstm", (x, h0, Wx, Wh, b), dh)
    _, cache = student.lstm_forward(relayout(x, layout), h0, Wx, relayout(Wh, layout), b)
    student.lstm_backward(relayout(dh, layout), cache)
    assert_unchanged(student)
    assert_all_same(student.lstm_backward(dh, cache), plain, SEQUENCE)


# ------------------------------------------------------------------ GRU
@exercise("gru_step_forward", weight=2)
@given(seed=seeds(), shape=dims("N D H"))
def test_gru_next_h(student, reference, seed, shape):
    """The new state mixes the old one and the candidate; the reset gate acts before the product."""
    *inputs, _ = step_case(seed, shape, 3)
    next_h = student.gru_step_forward(*inputs)
    assert_unchanged(student)
    assert_close(next_h, reference.gru_step_forward(*inputs), "next_h")


@exercise("gru_step_forward")
@given(seed=seeds(), shape=NARROW, size=st.sampled_from([0.0, 900.0, -900.0]))
def test_gru_narrow_and_saturated(student, seed, shape, size):
    """A batch of one and widths of one keep both axes, and gates that are fully open or shut give finite numbers."""
    x, h, Wx, Wh, b, _ = step_case(seed, shape, 3)
    assert_shape(student.gru_step_forward(x, h, Wx, Wh, b + size), h.shape, "next_h")
