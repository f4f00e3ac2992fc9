"""Inputs that visible and hidden tests share."""

from __future__ import annotations

import numpy as np
from autograder.testing import Draw

LAYOUTS = ("fortran", "strided", "readonly")
XOR_INPUTS = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
XOR_TARGETS = np.array([0.0, 1.0, 1.0, 0.0])


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values: in Fortran order, as every second entry of a larger array, or read-only."""
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "readonly":
        locked = array.copy()
        locked.flags.writeable = False
        return locked
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), dtype=array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def affine_case(seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, w, b for an affine layer of shape (N, d1, …, dk, M)."""
    draw = Draw(seed)
    *lead, M = shape
    return draw.normal(*lead), draw.normal(int(np.prod(lead[1:])), M), draw.normal(M)


def maxout_case(seed: int, shape: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, W, b for a maxout layer of shape (N, D, M, K)."""
    draw = Draw(seed)
    N, D, M, K = shape
    return draw.normal(N, D), draw.normal(K, D, M), draw.normal(K, M)


def network(seed: int, shape: tuple[int, int, int, int]) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return params and X of a two-layer network of shape (N, D, H, C)."""
    draw = Draw(seed)
    N, D, H, C = shape
    params = {"W1": draw.normal(D, H), "b1": draw.normal(H), "W2": draw.normal(H, C), "b2": draw.normal(C)}
    return params, draw.normal(N, D)


def stack(seed: int, N: int, widths: tuple[int, ...]) -> tuple[list[tuple[np.ndarray, np.ndarray]], np.ndarray]:
    """Return the (W, b) pairs of layers with these widths, the input's first, and X of N rows; the signal keeps its size."""
    draw = Draw(seed)
    layers = [(draw.normal(D, M, scale=float(np.sqrt(2 / D))), draw.normal(M, scale=0.5)) for D, M in zip(widths, widths[1:], strict=False)]
    return layers, draw.normal(N, widths[0])


def run_xor(W1: np.ndarray, b1: np.ndarray, w2: np.ndarray, b2: float) -> np.ndarray:
    """Return ŷ of the 2-2-1 network of sigmoid perceptrons at the four points of XOR_INPUTS."""
    with np.errstate(over="ignore"):
        hidden = 1 / (1 + np.exp(-(XOR_INPUTS @ W1 + b1)))
        return np.asarray(1 / (1 + np.exp(-(hidden @ w2 + b2))))
