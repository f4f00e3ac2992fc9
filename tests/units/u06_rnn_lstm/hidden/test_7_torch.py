"""Hidden tests of CharLSTM and train_step: the same weights, the same numbers as the reference's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Driver, assert_close, dims, exercise, fail, seeds

from ..visible.probes import PARAMETERS, STREAM, check_cut, stream_case
from .compare import assert_shape

RUN = Driver('''
def run(weights, sizes, x, state, upstream):
    """Return logits and states of a model with the given weights, and with upstream gradients also all gradients."""
    model = CharLSTM(*sizes).double()
    with torch.no_grad():
        for name, value in weights.items():
            model.get_parameter(name).copy_(torch.tensor(value))
    start = None if state is None else tuple(torch.tensor(s, requires_grad=True) for s in state)
    model(torch.tensor(x))  # what was read before must not matter
    logits, (h, c) = model(torch.tensor(x)) if start is None else model(torch.tensor(x), start)
    out = [a.detach().numpy().copy() for a in (logits, h, c)]
    if upstream is None:
        return out, {}, []
    (torch.sum(logits * torch.tensor(upstream[0])) + torch.sum(h * torch.tensor(upstream[1])) + torch.sum(c * torch.tensor(upstream[2]))).backward()
    grads = {name: np.zeros(p.shape) if p.grad is None else p.grad.numpy().copy() for name, p in model.named_parameters()}
    back = [] if start is None else [np.zeros(s.shape) if s.grad is None else s.grad.numpy().copy() for s in start]
    return out, grads, back
''')


def model_case(seed, shape):
    """Return weights by name, the constructor's sizes, tokens, a state and upstream gradients for shape (N, T, D, H, V)."""
    draw = Draw(seed)
    N, T, D, H, V = shape
    weights = {
        "embedding.weight": draw.normal(V, D),
        "lstm.weight_ih_l0": draw.normal(4 * H, D, scale=0.7),
        "lstm.weight_hh_l0": draw.normal(4 * H, H, scale=0.7),
        "lstm.bias_ih_l0": draw.normal(4 * H, scale=0.5),
        "lstm.bias_hh_l0": draw.normal(4 * H, scale=0.5),
        "head.weight": draw.normal(V, H),
        "head.bias": draw.normal(V),
    }
    state = [draw.normal(1, N, H), draw.normal(1, N, H)]
    return weights, (V, D, H), draw.integers(0, V, N, T), state, [draw.normal(N, T, V), draw.normal(1, N, H), draw.normal(1, N, H)]


@exercise("CharLSTM", examples=3)
@given(shape=dims("V D H", lo=2, hi=9))
def test_model_parameters(student, reference, shape):
    """The parameters have the names and shapes asked for: one LSTM layer with biases, nothing more."""
    got, expected = PARAMETERS(student, *shape), PARAMETERS(reference, *shape)
    if [(name, tuple(size)) for name, size in got[0]] != [(name, tuple(size)) for name, size in expected[0]]:
        fail("The parameters' names and shapes are not those asked for.", "parameters", got[0], expected[0])
    assert_close(got[1], expected[1], "the number of weights")


@exercise("CharLSTM", weight=2, examples=4)
@given(seed=seeds(), shape=dims("N T D H V", lo=2, hi=7))
def test_model_from_zeros(student, reference, seed, shape):
    """Without a state the model starts from zeros, whatever it has read before; logits are raw scores of every position, states those after the last step."""
    weights, sizes, x, _, _ = model_case(seed, shape)
    got, expected = RUN(student, weights, sizes, x, None, None)[0], RUN(reference, weights, sizes, x, None, None)[0]
    for name, value, right in zip(("logits", "h", "c"), got, expected, strict=True):
        assert_close(value, np.asarray(right), name)


@exercise("CharLSTM", weight=2, examples=4)
@given(seed=seeds(), shape=dims("N T D H V", lo=1, hi=6))
def test_model_from_a_state(student, reference, seed, shape):
    """With a state the model goes on from it, both from h and from c."""
    weights, sizes, x, state, _ = model_case(seed, shape)
    got, expected = RUN(student, weights, sizes, x, state, None)[0], RUN(reference, weights, sizes, x, state, None)[0]
    for name, value, right in zip(("logits", "h", "c"), got, expected, strict=True):
        assert_close(value, np.asarray(right), name)


@exercise("CharLSTM", examples=3)
@given(seed=seeds(), shape=dims("N T D H V", lo=2, hi=7))
def test_model_gradients(student, reference, seed, shape):
    """Gradients reach every weight and the given state: nothing is cut inside the module."""
    weights, sizes, x, state, upstream = model_case(seed, shape)
    _, grads, back = RUN(student, weights, sizes, x, state, upstream)
    _, right_grads, right_back = RUN(reference, weights, sizes, x, state, upstream)
    for name, right in zip(("h", "c"), zip(back, right_back, strict=True), strict=True):
        assert_close(right[0], np.asarray(right[1]), f"the gradient of the given {name}")
    for name in weights:
        assert_close(grads.get(name), np.asarray(right_grads[name]), f"the gradient of {name}")


def compare_stream(student, reference, case, lr, max_norm, stale=0.0):
    """Compare losses, states and weights of three steps with the reference's."""
    got, expected = STREAM(student, *case, lr, max_norm, stale), STREAM(reference, *case, lr, max_norm, stale)
    assert_close(np.array(got[0]), np.array(expected[0]), "the losses of all steps", rtol=1e-5)
    assert_close(got[1], np.asarray(expected[1]), "the states after each piece", rtol=1e-5)
    for name in expected[2]:
        assert_close(got[2][name], np.asarray(expected[2][name]), f"weights {name} after the last step", rtol=1e-5)


@exercise("train_step", weight=2, examples=3)
@given(seed=seeds(), shape=dims("N T H V", lo=2))
def test_step_stream(student, reference, seed, shape):
    """On three pieces in a row, losses, carried states and weights are right; gradients stay within their piece."""
    compare_stream(student, reference, stream_case(seed, shape), 0.2, 1000.0)


@exercise("train_step", weight=2, examples=3)
@given(seed=seeds(), shape=dims("N T H V", lo=2), limit=st.sampled_from([0.3, 0.02]))
def test_step_clipping(student, reference, seed, shape, limit):
    """Gradients are clipped to max_norm by one factor for all parameters, after backward and before the optimizer's step."""
    compare_stream(student, reference, stream_case(seed, shape), 0.5, limit)


@exercise("train_step", examples=3)
@given(seed=seeds(), shape=dims("N T H V", lo=2), stale=st.sampled_from([3.0, -1.0]))
def test_step_forgets_old_gradients(student, reference, seed, shape, stale):
    """Gradients that are there from before do not enter the step."""
    compare_stream(student, reference, stream_case(seed, shape), 0.2, 1000.0, stale)


@exercise("train_step", examples=3)
@given(seed=seeds(), shape=st.sampled_from([(1, 4, 3, 5), (3, 1, 2, 4), (1, 1, 2, 3)]))
def test_step_returns_plain_values(student, seed, shape):
    """The loss is a Python float and both states are cut from their graph, also for one sequence or pieces of one letter."""
    weights, xs, ys = stream_case(seed, shape)
    losses, states, _, facts = STREAM(student, weights, xs[:1], ys[:1], 0.2, 1000.0, 0.0)
    assert_shape(np.array(losses), (1,), "the losses")
    assert_shape(states, (1, 1, shape[0], shape[2]), "the states")
    if not facts["loss_is_float"]:
        fail("loss should be a plain number (loss.item()), not a tensor.")
    check_cut(facts)
