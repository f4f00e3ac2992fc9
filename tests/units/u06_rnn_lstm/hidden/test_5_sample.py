"""Hidden tests of sample: steps whose next token is known, frequencies, and where the randomness comes from."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Function, assert_array_equal, assert_close, comparing, exercise, fail, seeds

CHAIN = "lambda token, state: (-80.0 * np.abs(np.arange({V}) - (token * {a} + state) % {V}), (state + token) % {V})"


def chain(V, a, state, token, length):
    """Return the tokens of the step CHAIN, where each is certain."""
    tokens = []
    for _ in range(length):
        token, state = (token * a + state) % V, (state + token) % V
        tokens.append(token)
    return np.array(tokens, dtype=np.int64)


@exercise("sample", weight=2)
@given(seed=seeds(), V=st.sampled_from([5, 7, 11]), length=st.integers(1, 9), temperature=st.sampled_from([0, 0.7, 1.0]))
def test_sample_feeds_back(student, seed, V, length, temperature):
    """Each token drawn is the next one fed, together with the state that came with it; the first fed is start."""
    draw = Draw(seed)
    a, state, start = draw.integers(1, V), draw.integers(0, V), draw.integers(0, V)
    tokens = student.sample(Function(CHAIN.format(V=V, a=a)), state, start, length, temperature, student.make_rng(seed))
    assert_array_equal(tokens, chain(V, a, state, start, length), "tokens")


@exercise("sample", weight=2, examples=5)
@given(seed=seeds(), temperature=st.sampled_from([0.4, 1.0, 2.5]))
def test_sample_frequencies(student, seed, temperature):
    """Tokens come as often as the softmax of the scores divided by the temperature says."""
    count = 3000
    step = Function("lambda token, state: (np.log(np.array([1.0, 3.0, 0.5, 2.0])), state)")
    tokens = student.sample(step, 0, 0, count, temperature, student.make_rng(seed))
    weights = np.array([1.0, 3.0, 0.5, 2.0]) ** (1 / temperature)
    if np.shape(tokens) != (count,):
        fail("sample should return one array of shape (length,).", "tokens", np.shape(tokens), (count,))
    shares = np.array([np.mean(np.asarray(tokens) == v) for v in range(4)])
    assert_close(shares, weights / weights.sum(), "the share of each token", atol=0.05)


@exercise("sample")
@given(seed=seeds(), V=st.integers(2, 6), temperature=st.sampled_from([0.5, 1.0]))
def test_sample_large_scores(student, seed, V, temperature):
    """Scores near 2000 do not overflow: the token with the largest is drawn, for it leads by far."""
    right = Draw(seed).integers(0, V)
    step = Function(f"lambda token, state: (np.where(np.arange({V}) == {right}, 2100.0, 2000.0), state)")
    tokens = student.sample(step, 0, 0, 4, temperature, student.make_rng(seed))
    assert_array_equal(tokens, np.full(4, right), "tokens")


@exercise("sample")
@given(seed=seeds(), V=st.integers(2, 6))
def test_sample_greedy(student, seed, V):
    """At temperature 0 the largest score wins, however small its lead."""
    right = Draw(seed).integers(0, V)
    step = Function(f"lambda token, state: (np.where(np.arange({V}) == {right}, 0.001, 0.0), state)")
    tokens = student.sample(step, 0, 0, 8, 0, student.make_rng(seed))
    assert_array_equal(tokens, np.full(8, right), "tokens")


@exercise("sample", examples=4)
@given(seed=seeds(), temperature=st.sampled_from([0.5, 2.0]))
def test_sample_leaves_the_scores(student, seed, temperature):
    """The scores belong to the network: one that returns its own array every time gives the text of one that returns copies."""
    scores = np.log(np.array([1.0, 2.0]))
    own, copies = (Function(f"lambda token, state: ({given}, state)") for given in ("state", "state * 1.0"))
    tokens, expected = (student.sample(step, scores, 0, 400, temperature, student.make_rng(seed)) for step in (own, copies))
    if comparing() and len(np.unique(np.asarray(expected))) != 2:
        fail("Of two tokens, one twice as likely as the other, only one came in 400 draws.", "tokens", np.unique(np.asarray(expected)), np.array([0, 1]))
    assert_array_equal(tokens, np.asarray(expected), "tokens")


@exercise("sample", examples=4)
@given(seed=seeds())
def test_sample_uses_the_generator(student, seed):
    """Two generators with the same seed give the same text, another seed another one."""
    step = Function("lambda token, state: (np.zeros(10), state)")
    first, second, other = (student.sample(step, 0, 0, 40, 1.0, student.make_rng(s)) for s in (seed, seed, seed + 1))
    assert_array_equal(second, np.asarray(first), "tokens of the second call with the same seed")
    if np.array_equal(np.asarray(first), np.asarray(other)):
        fail("Generators with different seeds gave the same 40 tokens: draw from the generator that is passed in.")
