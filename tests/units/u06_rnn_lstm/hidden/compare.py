"""Comparisons that the hidden tests of several layers share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.testing import assert_close, assert_same, comparing, fail

RNN_STEP = ("dx", "dprev_h", "dWx", "dWh", "db")
LSTM_STEP = ("dx", "dprev_h", "dprev_c", "dWx", "dWh", "db")
SEQUENCE = ("dx", "dh0", "dWx", "dWh", "db")


def step_gradients(source: Any, inputs: Sequence[Any], dnext_h: np.ndarray) -> Any:
    """Return the gradients of one recurrent step."""
    return source.rnn_step_backward(dnext_h, source.rnn_step_forward(*inputs)[1])


def lstm_gradients(source: Any, inputs: Sequence[Any], dnext_h: np.ndarray, dnext_c: np.ndarray) -> Any:
    """Return the gradients of one LSTM step."""
    return source.lstm_step_backward(dnext_h, dnext_c, source.lstm_step_forward(*inputs)[2])


def sequence_gradients(source: Any, kind: str, inputs: Sequence[Any], dh: np.ndarray) -> Any:
    """Return the gradients of a sequence; ``kind`` is ``rnn`` or ``lstm``."""
    return getattr(source, f"{kind}_backward")(dh, getattr(source, f"{kind}_forward")(*inputs)[1])


def assert_all_close(got: Sequence[Any], expected: Sequence[Any], names: Sequence[str], only: Sequence[str] = ()) -> None:
    """Compare gradients one by one; the first wrong one is reported.

    Args:
        got, expected: the gradients.
        names: what they are called.
        only: compare these names; all by default.
    """
    for name, value, right in zip(names, got, expected, strict=True):
        if not only or name in only:
            assert_close(value, np.asarray(right), name)


def assert_shape(got: Any, shape: Sequence[int], name: str) -> None:
    """Fail unless the answer is a finite floating point array of this shape, not 0 throughout; its numbers do not matter."""
    assert_close(got, np.zeros(tuple(shape)), name, atol=np.inf)
    if comparing() and not np.any(np.asarray(got)):
        fail(f"{name} is 0 throughout.", name, got, "other numbers than 0")


def without_zeros(arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
    """Return the arrays with ½ wherever they hold 0: in small arrays a whole gradient would be 0 with them."""
    return [np.where(array == 0, 0.5, array) for array in arrays]


def assert_shapes(got: Sequence[Any], like: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Fail unless each gradient has the shape of what it belongs to."""
    for name, value, array in zip(names, got, like, strict=True):
        assert_shape(value, array.shape, name)


def assert_all_same(again: Sequence[Any], first: Sequence[Any], names: Sequence[str]) -> None:
    """Fail unless two calls gave the same gradients; none of them need be right."""
    for name, second, one in zip(names, again, first, strict=True):
        assert_same(second, one, f"{name} of the second call")
