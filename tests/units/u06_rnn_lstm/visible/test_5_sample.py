"""Visible checks of sample: steps whose next token is known, and frequencies."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Function, assert_array_equal, assert_close, exercise, seeds

CHAIN = "lambda token, state: (-60.0 * np.abs(np.arange({V}) - (token + 2) % {V}), state)"


@exercise("sample")
@given(seed=seeds(), V=st.sampled_from([3, 5, 7]), temperature=st.sampled_from([0, 0.5, 1.0]))
def test_sample_feeds_back(student, seed, V, temperature):
    """Where the token after k is surely k + 2 (around the end: modulo V), the tokens drawn after 0 are 2, 4, 6, …"""
    step = Function(CHAIN.format(V=V))
    tokens = student.sample(step, np.zeros(2), 0, 5, temperature, student.make_rng(seed))
    assert_array_equal(tokens, np.array([(2 * k) % V for k in range(1, 6)]), "tokens")


@exercise("sample")
@given(seed=seeds())
def test_sample_carries_the_state(student, seed):
    """The state that a step returns enters the next one: here it counts the steps and decides the token."""
    step = Function("lambda token, state: (np.where(np.arange(5) == (state[0] + 3 * state[1]) % 5, 60.0, 0.0), (state[0] + 1, state[1]))")
    tokens = student.sample(step, (1, 2), 0, 4, 1.0, student.make_rng(seed))
    assert_array_equal(tokens, np.array([2, 3, 4, 0]), "tokens")


@exercise("sample", examples=3)
@given(seed=seeds(), temperature=st.sampled_from([0.5, 1.0, 2.0]))
def test_sample_frequencies(student, seed, temperature):
    """With scores log 1 and log 4, token 1 is drawn 4^(1/τ) times as often as token 0: 16, 4 or 2 times for τ = ½, 1 or 2."""
    step = Function("lambda token, state: (np.log(np.array([1.0, 4.0])), state)")
    tokens = student.sample(step, 0, 0, 4000, temperature, student.make_rng(seed))
    share = 4 ** (1 / temperature) / (1 + 4 ** (1 / temperature))
    assert_close(float(np.mean(np.asarray(tokens) == 1)), share, "the share of token 1 among 4000", atol=0.045)
