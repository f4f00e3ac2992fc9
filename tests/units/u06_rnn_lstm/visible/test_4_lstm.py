"""Visible checks of the LSTM and the GRU: gates that are wide open or shut, and central differences on the student's own forward functions."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_gradient, assert_unchanged, dims, exercise, numeric_gradient, seeds

from .cases import sequence_case, step_case

OPEN, SHUT = 60.0, -60.0


def gate_bias(H: int, *values: float) -> np.ndarray:
    """Return a bias that is constant on each block of H entries."""
    return np.repeat(np.array(values), H)


@exercise("lstm_step_forward")
def test_lstm_by_hand(student):
    """With all weights 0 the gates are ½ and the candidate 0, so c = 2 becomes 1 and h becomes ½·tanh(1) = 0.3808."""
    zeros = np.zeros((1, 1))
    h, c, _ = student.lstm_step_forward(zeros, zeros, np.array([[2.0]]), np.zeros((1, 4)), np.zeros((1, 4)), np.zeros(4))
    assert_close(c, np.array([[1.0]]), "next_c")
    assert_close(h, np.array([[0.38079708]]), "next_h")


@exercise("lstm_step_forward")
@given(seed=seeds(), N=st.integers(1, 3), H=st.integers(1, 4))
def test_lstm_keeps_its_memory(student, seed, N, H):
    """With i shut, f and o open, the cell state passes unchanged and the hidden state is tanh of it, whatever the candidate is."""
    draw = Draw(seed)
    x, h, c, bias = draw.normal(N, 2), draw.normal(N, H), draw.normal(N, H), gate_bias(H, SHUT, OPEN, OPEN, 1.0)
    next_h, next_c, _ = student.lstm_step_forward(x, h, c, np.zeros((2, 4 * H)), np.zeros((H, 4 * H)), bias)
    assert_close(next_c, c, "next_c")
    assert_close(next_h, np.tanh(c), "next_h")


@exercise("lstm_step_forward")
@given(seed=seeds(), shape=dims("N D H", hi=5))
def test_lstm_writes_its_candidate(student, seed, shape):
    """With f shut, i and o open, the new cell state is the candidate: tanh of the last H columns of z."""
    N, _, H = shape
    x, h, Wx, Wh, _, _ = step_case(seed, shape, 4)
    Wx[:, : 3 * H], Wh[:, : 3 * H] = 0.0, 0.0
    _, next_c, _ = student.lstm_step_forward(x, h, np.ones((N, H)), Wx, Wh, gate_bias(H, OPEN, SHUT, OPEN, 0.0))
    assert_close(next_c, np.tanh((x @ Wx + h @ Wh)[:, 3 * H :]), "next_c")


def numeric_lstm_step(student, inputs, wrt, dnext_h, dnext_c):
    """Return the central difference of both states of the student's own step."""
    through_h = numeric_gradient(student.lstm_step_forward, inputs, wrt=wrt, dout=dnext_h, output=0)
    return through_h + numeric_gradient(student.lstm_step_forward, inputs, wrt=wrt, dout=dnext_c, output=1)


@exercise("lstm_step_backward", examples=5)
@given(seed=seeds(), shape=dims("N D H", hi=4))
def test_lstm_step_gradients(student, seed, shape):
    """All six gradients agree with central differences on your own step, with gradients arriving at both states."""
    x, prev_h, Wx, Wh, b, dnext_h = step_case(seed, shape, 4)
    draw = Draw(seed + 1)
    inputs, dnext_c = [x, prev_h, draw.normal(*dnext_h.shape), Wx, Wh, b], draw.normal(*dnext_h.shape)
    cache = student.lstm_step_forward(*inputs)[2]
    grads = student.lstm_step_backward(dnext_h, dnext_c, cache)
    assert_unchanged(student)
    for wrt, (name, got) in enumerate(zip(("dx", "dprev_h", "dprev_c", "dWx", "dWh", "db"), grads, strict=True)):
        assert_gradient(got, numeric_lstm_step(student, inputs, wrt, dnext_h, dnext_c), name)


@exercise("lstm_step_backward")
def test_lstm_gradient_along_the_cell_state(student):
    """With f open and o shut, a gradient that arrives at c leaves at the c before as it came, and none of it reaches h."""
    zeros, bias = np.zeros((1, 2)), gate_bias(2, SHUT, OPEN, SHUT, 0.0)
    cache = student.lstm_step_forward(zeros, zeros, np.array([[0.3, -0.4]]), np.zeros((2, 8)), np.zeros((2, 8)), bias)[2]
    _, dprev_h, dprev_c, _, _, _ = student.lstm_step_backward(np.array([[9.0, 9.0]]), np.array([[5.0, -7.0]]), cache)
    assert_close(dprev_c, np.array([[5.0, -7.0]]), "dprev_c")
    assert_close(dprev_h, zeros, "dprev_h", atol=1e-9)


@exercise("lstm_forward")
@given(seed=seeds(), shape=dims("N T D H", hi=5))
def test_lstm_is_a_chain_of_steps(student, seed, shape):
    """h[:, t] comes from your own step; both states are carried, starting from h0 and a cell state of zeros."""
    x, h, Wx, Wh, b, _ = sequence_case(seed, shape, 4)
    states, _ = student.lstm_forward(x, h, Wx, Wh, b)
    c, expected = np.zeros_like(h), []
    for t in range(shape[1]):
        h, c, _ = student.lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        expected.append(np.asarray(h))
    assert_close(states, np.stack(expected, axis=1), "h")


@exercise("lstm_forward")
def test_lstm_counts(student):
    """With all gates open and the candidate 1, the cell state counts the steps: h is tanh(1), tanh(2), tanh(3)."""
    bias = gate_bias(1, OPEN, OPEN, OPEN, OPEN)
    h, _ = student.lstm_forward(np.zeros((1, 3, 2)), np.array([[0.5]]), np.zeros((2, 4)), np.zeros((1, 4)), bias)
    assert_close(h, np.tanh([[[1.0], [2.0], [3.0]]]), "h")


@exercise("lstm_backward", examples=3)
@given(seed=seeds(), shape=dims("N T D H", hi=4))
def test_lstm_sequence_gradients(student, seed, shape):
    """All five gradients agree with central differences on your own lstm_forward, and dh is left as it was."""
    *inputs, dh = sequence_case(seed, shape, 4)
    _, cache = student.lstm_forward(*inputs)
    grads = student.lstm_backward(dh, cache)
    assert_unchanged(student)
    for wrt, (name, got) in enumerate(zip(("dx", "dh0", "dWx", "dWh", "db"), grads, strict=True)):
        assert_gradient(got, numeric_gradient(student.lstm_forward, inputs, wrt=wrt, dout=dh), name)


@exercise("gru_step_forward")
@given(seed=seeds(), shape=dims("N D H", hi=5))
def test_gru_keeps_its_state(student, seed, shape):
    """With z open the state passes unchanged, whatever is read."""
    x, h, Wx, Wh, _, _ = step_case(seed, shape, 3)
    H = shape[2]
    Wx[:, H : 2 * H], Wh[:, H : 2 * H] = 0.0, 0.0
    assert_close(student.gru_step_forward(x, h, Wx, Wh, gate_bias(H, 0.0, OPEN, 0.3)), h, "next_h")


@exercise("gru_step_forward")
def test_gru_by_hand(student):
    """With r shut and z = ½, h = 0.5 and candidate tanh(1) = 0.7616 (it sees only x = 1) meet halfway: 0.6308."""
    Wx, Wh, b = np.array([[0.0, 0.0, 1.0]]), np.array([[0.0, 0.0, 9.0]]), np.array([SHUT, 0.0, 0.0])
    assert_close(student.gru_step_forward(np.array([[1.0]]), np.array([[0.5]]), Wx, Wh, b), np.array([[0.63079708]]), "next_h")


@exercise("gru_step_forward")
def test_gru_resets_before_the_product(student):
    """The reset gate acts on each entry of the state before the product with Wh: here it lets only the second entry in."""
    Wx, Wh, h = np.zeros((1, 6)), np.zeros((2, 6)), np.array([[0.5, 0.25]])
    Wh[:, 4:] = [[1.0, 2.0], [3.0, 4.0]]
    bias = np.array([SHUT, OPEN, SHUT, SHUT, 0.0, 0.0])
    assert_close(student.gru_step_forward(np.zeros((1, 1)), h, Wx, Wh, bias), np.tanh([[0.75, 1.0]]), "next_h")
