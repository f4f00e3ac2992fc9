"""Visible checks of CharLSTM and train_step: what must hold for any weights."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Driver, assert_close, dims, exercise, fail, seeds

from .probes import PARAMETERS, STREAM, check_cut, stream_case

PIECES = Driver('''
def in_pieces(V, D, H, x, cut):
    """Run a model on all of x, on its first row alone, and in two pieces with the state carried over."""
    torch.manual_seed(0)
    model, x = CharLSTM(V, D, H).double(), torch.from_numpy(x)
    with torch.no_grad():
        whole, (h, c) = model(x)
        alone, _ = model(x[:1])
        first, hidden = model(x[:, :cut])
        second, _ = model(x[:, cut:], hidden)
    return [a.numpy() for a in (whole, h, c, alone, first, second)]
''')


@exercise("CharLSTM", examples=3)
@given(shape=dims("V D H", lo=2))
def test_model_parameters(student, shape):
    """The module has an embedding (V, D), an LSTM from D to H with biases and a linear layer from H to V, under the names asked for."""
    V, D, H = shape
    expected = [
        ("embedding.weight", (V, D)), ("head.bias", (V,)), ("head.weight", (V, H)), ("lstm.bias_hh_l0", (4 * H,)),
        ("lstm.bias_ih_l0", (4 * H,)), ("lstm.weight_hh_l0", (4 * H, H)), ("lstm.weight_ih_l0", (4 * H, D)),
    ]  # fmt: skip
    got, total = PARAMETERS(student, V, D, H)
    if [(name, tuple(size)) for name, size in got] != expected:
        fail("The parameters' names and shapes are not those asked for.", "parameters", got, expected)
    assert_close(total, float(sum(np.prod(size) for _, size in expected)), "the number of weights")


@exercise("CharLSTM", examples=4)
@given(seed=seeds(), shape=dims("N T D H V", lo=2, hi=7))
def test_model_shapes_and_rows(student, seed, shape):
    """Logits are (N, T, V), states (1, N, H), and each sequence is read for itself: the first row alone gives the same logits."""
    N, T, D, H, V = shape
    x = np.random.default_rng(seed).integers(0, V, (N, T))
    whole, h, c, alone, _, _ = PIECES(student, V, D, H, x, 1)
    for name, array, size in (("logits", whole, (N, T, V)), ("h", h, (1, N, H)), ("c", c, (1, N, H))):
        if np.shape(array) != size:
            fail(f"{name} has shape {np.shape(array)}, expected {size}.", name, np.shape(array), size)
    assert_close(alone, np.asarray(whole)[:1], "logits of the first row alone")


@exercise("CharLSTM", examples=4)
@given(seed=seeds(), shape=dims("N T D H V", lo=2, hi=7))
def test_model_in_two_pieces(student, seed, shape):
    """Reading a text in two pieces, with the state handed over, gives the logits of reading it whole."""
    N, T, D, H, V = shape
    x = np.random.default_rng(seed).integers(0, V, (N, T))
    whole, _, _, _, first, second = PIECES(student, V, D, H, x, 1)
    assert_close(np.concatenate([first, second], axis=1), np.asarray(whole), "logits in two pieces")


@exercise("train_step", examples=3)
@given(seed=seeds(), V=st.integers(2, 6))
def test_step_first_loss(student, seed, V):
    """With logits of 0 the loss is log V, the mean over all positions, as a plain number; and the weights move."""
    weights, xs, ys = stream_case(seed, (3, 4, 5, V))
    weights["C"][:] = 0.0
    losses, _, after, facts = STREAM(student, weights, xs, ys, 0.1, 100.0, 0.0)
    if not facts["loss_is_float"]:
        fail("loss should be a plain number (loss.item()), not a tensor.")
    assert_close(losses[0], float(np.log(V)), "loss")
    if np.array_equal(after["C"], weights["C"]):
        fail("The weights have not changed: did the optimizer step?")


@exercise("train_step", examples=3)
@given(seed=seeds())
def test_step_carries_the_state(student, seed):
    """The state that a piece leaves is the one the next piece starts from."""
    _, states, _, facts = STREAM(student, *stream_case(seed, (3, 4, 5, 6)), 0.1, 100.0, 0.0)
    assert_close(np.asarray(facts["started_from"])[1:], np.asarray(states)[:-1], "the states that later pieces start from")


@exercise("train_step", examples=3)
@given(seed=seeds())
def test_step_cuts_the_graph(student, seed):
    """The returned state has no graph, neither h nor c."""
    weights, xs, ys = stream_case(seed, (3, 4, 5, 6))
    _, _, _, facts = STREAM(student, weights, xs[:1], ys[:1], 0.1, 100.0, 0.0)
    check_cut(facts)


@exercise("train_step", examples=3)
@given(seed=seeds(), limit=st.sampled_from([0.05, 0.01]))
def test_step_clips(student, seed, limit):
    """With plain gradient descent at rate 1 and a small max_norm, one step moves all weights together by max_norm."""
    weights, xs, ys = stream_case(seed, (3, 4, 5, 6))
    _, _, after, _ = STREAM(student, weights, xs[:1], ys[:1], 1.0, limit, 0.0)
    moved = np.sqrt(sum(np.sum((np.asarray(after[name]) - weights[name]) ** 2) for name in weights))
    assert_close(float(moved), limit, "the length of the step", rtol=1e-3)
