"""Visible checks of the recurrent network: known numbers, and central differences on the student's own forward functions."""

import numpy as np
from hypothesis import given

from autograder.testing import assert_close, assert_gradient, assert_unchanged, dims, exercise, numeric_gradient, seeds

from .cases import sequence_case, step_case


@exercise("rnn_step_forward")
def test_step_by_hand(student):
    """With x = 1, h = 3, Wx = 2, Wh = −1 and b = 1 the sum is 0, so the new state is tanh(0) = 0; with b = 2 it is tanh(1) = 0.7616."""
    x, h, Wx, Wh = np.array([[1.0]]), np.array([[3.0]]), np.array([[2.0]]), np.array([[-1.0]])
    next_h, _ = student.rnn_step_forward(x, h, Wx, Wh, np.array([1.0]))
    assert_close(next_h, np.array([[0.0]]), "next_h", atol=1e-9)
    next_h, _ = student.rnn_step_forward(x, h, Wx, Wh, np.array([2.0]))
    assert_close(next_h, np.array([[0.76159416]]), "next_h")


@exercise("rnn_step_forward")
@given(seed=seeds(), shape=dims("N D H"))
def test_step_small_numbers(student, seed, shape):
    """Where everything is tiny, tanh changes nothing: the new state is x·Wx + h·Wh + b."""
    x, h, Wx, Wh, b, _ = step_case(seed, shape)
    next_h, _ = student.rnn_step_forward(1e-5 * x, 1e-5 * h, Wx, Wh, 1e-5 * b)
    assert_close(next_h, 1e-5 * (x @ Wx + h @ Wh + b), "next_h", rtol=1e-6)


@exercise("rnn_step_backward")
@given(seed=seeds(), shape=dims("N D H", hi=5))
def test_step_gradients(student, seed, shape):
    """All five gradients agree with central differences on your own step."""
    *inputs, dnext_h = step_case(seed, shape)
    _, cache = student.rnn_step_forward(*inputs)
    grads = student.rnn_step_backward(dnext_h, cache)
    assert_unchanged(student)
    for wrt, (name, got) in enumerate(zip(("dx", "dprev_h", "dWx", "dWh", "db"), grads, strict=True)):
        assert_gradient(got, numeric_gradient(student.rnn_step_forward, inputs, wrt=wrt, dout=dnext_h), name)


@exercise("rnn_step_backward")
def test_step_gradient_at_zero(student):
    """At a = 0 tanh has slope 1, so the gradient reaches b as it came: x = 1, h = 3, Wx = 2, Wh = −1, b = 1."""
    _, cache = student.rnn_step_forward(np.array([[1.0]]), np.array([[3.0]]), np.array([[2.0]]), np.array([[-1.0]]), np.array([1.0]))
    dx, dprev_h, dWx, dWh, db = student.rnn_step_backward(np.array([[5.0]]), cache)
    for name, got, value in (("dx", dx, 10.0), ("dprev_h", dprev_h, -5.0), ("dWx", dWx, 5.0), ("dWh", dWh, 15.0)):
        assert_close(got, np.array([[value]]), name)
    assert_close(db, np.array([5.0]), "db")


@exercise("rnn_forward")
@given(seed=seeds(), shape=dims("N T D H", hi=5))
def test_sequence_is_a_chain_of_steps(student, seed, shape):
    """h[:, t] is what your own step makes of x[:, t] and the state before it; the first state before is h0."""
    x, state, Wx, Wh, b, _ = sequence_case(seed, shape)
    h, _ = student.rnn_forward(x, state, Wx, Wh, b)
    expected = []
    for t in range(shape[1]):
        state, _ = student.rnn_step_forward(x[:, t], state, Wx, Wh, b)
        expected.append(np.asarray(state))
    assert_close(h, np.stack(expected, axis=1), "h")


@exercise("rnn_forward")
def test_counting_network(student):
    """With Wx = 0, Wh = 1 and a tiny b, each step adds b: from h0 = 0.5·10⁻⁴ the states are 1.5, 2.5, 3.5 times 10⁻⁴."""
    zeros, one = np.zeros((1, 3, 2)), np.array([[1.0]])
    h, _ = student.rnn_forward(zeros, np.array([[0.5e-4]]), np.zeros((2, 1)), one, np.array([1e-4]))
    assert_close(h, np.array([[[1.5e-4], [2.5e-4], [3.5e-4]]]), "h", rtol=1e-6)


@exercise("rnn_backward", examples=4)
@given(seed=seeds(), shape=dims("N T D H", hi=4))
def test_sequence_gradients(student, seed, shape):
    """All five gradients agree with central differences on your own rnn_forward, and dh is left as it was."""
    *inputs, dh = sequence_case(seed, shape)
    _, cache = student.rnn_forward(*inputs)
    grads = student.rnn_backward(dh, cache)
    assert_unchanged(student)
    for wrt, (name, got) in enumerate(zip(("dx", "dh0", "dWx", "dWh", "db"), grads, strict=True)):
        assert_gradient(got, numeric_gradient(student.rnn_forward, inputs, wrt=wrt, dout=dh), name)


@exercise("rnn_backward")
def test_gradient_from_the_last_step(student):
    """With Wh = 2 and tanh nearly linear, a gradient of 1 at the last of four states is 2⁴ = 16 at h0."""
    zeros = np.zeros((1, 4, 1))
    _, cache = student.rnn_forward(zeros, np.zeros((1, 1)), np.array([[1.0]]), np.array([[2.0]]), np.zeros(1))
    dx, dh0, _, _, db = student.rnn_backward(np.array([[[0.0], [0.0], [0.0], [1.0]]]), cache)
    assert_close(dh0, np.array([[16.0]]), "dh0")
    assert_close(dx, np.array([[[8.0], [4.0], [2.0], [1.0]]]), "dx")
    assert_close(db, np.array([15.0]), "db = 8 + 4 + 2 + 1")
