"""Inputs and small helpers that visible and hidden tests share; nothing here solves an exercise."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.testing import Draw, assert_close, fail

LETTERS = "q!zé ba\nxT-"  # in no order


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in another memory layout: ``"fortran"`` or ``"strided"``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
    wide[..., ::2] = array
    return wide[..., ::2]


def text_case(seed: int, size: int, length: int) -> tuple[str, str, np.ndarray]:
    """Return a vocabulary of ``size`` characters in no order, a text of ``length`` of them and their positions."""
    rng = Draw(seed).rng
    vocab = "".join(LETTERS[int(i)] for i in rng.permutation(len(LETTERS))[:size])
    ids = rng.integers(0, size, length, dtype=np.int64)
    return vocab, "".join(vocab[int(i)] for i in ids), ids


def step_case(seed: int, shape: tuple[int, int, int], gates: int = 1) -> tuple[np.ndarray, ...]:
    """Return x, prev_h, Wx, Wh, b and the gradient of next_h for a step of shape (N, D, H); ``gates`` blocks side by side."""
    draw = Draw(seed)
    N, D, H = shape
    Wx, Wh = draw.normal(D, gates * H, scale=0.7), draw.normal(H, gates * H, scale=0.7)
    return draw.normal(N, D), draw.normal(N, H, scale=0.8), Wx, Wh, draw.normal(gates * H, scale=0.5), draw.normal(N, H)


def sequence_case(seed: int, shape: tuple[int, int, int, int], gates: int = 1) -> tuple[np.ndarray, ...]:
    """Return x, h0, Wx, Wh, b and the gradients of all states for a sequence of shape (N, T, D, H)."""
    draw = Draw(seed)
    N, T, D, H = shape
    Wx, Wh = draw.normal(D, gates * H, scale=0.7), draw.normal(H, gates * H, scale=0.7)
    return draw.normal(N, T, D), draw.normal(N, H, scale=0.8), Wx, Wh, draw.normal(gates * H, scale=0.5), draw.normal(N, T, H)


def loss_case(seed: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return scores, answers and a mask of shape (N, T, V) in which some steps count and, where there is room, some do not."""
    draw = Draw(seed)
    N, T, V = shape
    mask = draw.mask(N, T, p=0.6)
    mask.flat[0] = True
    if mask.size > 1:
        mask.flat[-1] = False
    return draw.normal(N, T, V), draw.labels(N * T, V).reshape(N, T), mask


def grads_case(seed: int) -> dict[str, np.ndarray]:
    """Return gradients of three parameters of different shapes and sizes; their norm is far from 0."""
    draw = Draw(seed)
    return {"Wx": draw.away_from_zero(3, 2), "b": 3.0 * draw.away_from_zero(4), "We": 0.3 * draw.away_from_zero(2, 1, 3)}


def check_grads(got: Any, expected: dict[str, np.ndarray], *, rtol: float | None = None) -> None:
    """Fail unless ``got`` is a dict with the names and arrays of ``expected``."""
    if not isinstance(got, dict) or sorted(map(str, got)) != sorted(expected):
        told = sorted(map(str, got)) if isinstance(got, dict) else type(got).__name__
        fail("clipped should be a dict with the same names as grads.", "clipped", told, sorted(expected))
    for name, array in expected.items():
        assert_close(got[name], array, f"clipped[{name!r}]", rtol=rtol)
