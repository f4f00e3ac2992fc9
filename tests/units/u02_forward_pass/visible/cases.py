"""Inputs that visible and hidden tests share."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.testing import Draw, assert_close, comparing, fail
from autograder.testing import assert_same as agree

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


def assert_double(got: Any, name: str) -> None:
    """Fail if an array holds floats of less than 64 bits."""
    kind = getattr(got, "dtype", None)
    if comparing() and kind in (np.dtype(np.float32), np.dtype(np.float16)):
        fail(f"{name} holds {kind} numbers, expected float64: on the way they were cut to fewer digits.", name, str(kind), "float64")


def assert_same(again: Any, first: Any, name: str, *, dtype: bool = True) -> None:
    """As of ``autograder.testing``; nor may an answer be one number throughout."""
    agree(again, first, name, dtype=dtype)
    if comparing() and np.size(first) > 1 and np.ptp(first) == 0:
        fail(f"{name} is the same number throughout.", name, first, "the answer to numbers that differ")


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
    layers = []
    for i, M in enumerate(widths[1:]):
        layers.append((draw.normal(widths[i], M, scale=float(np.sqrt(2 / widths[i]))), draw.normal(M, scale=0.5)))
    return layers, draw.normal(N, widths[0])


def xor_outputs(student: Any, *, strict: bool = True) -> np.ndarray:
    """Return ŷ of the student's 2-2-1 network of sigmoid perceptrons at the four points of XOR_INPUTS; fails on wrong shapes.

    Args:
        student: whose weights they are.
        strict: whether b2 must be a number; otherwise an array of one number will do, which does the network no harm.
    """
    W1, b1, w2, b2 = weights = student.xor_weights()
    for name, value, shape in zip(("W1", "b1", "w2", "b2"), weights, ((2, 2), (2,), (2,), ()), strict=True):
        if np.shape(value) != shape and (strict or name != "b2" or np.size(value) != 1):
            fail(f"{name} has shape {np.shape(value)}, expected {shape or 'a number'}.", name, np.shape(value), shape or "a number")
    with np.errstate(over="ignore", invalid="ignore"):
        hidden = 1 / (1 + np.exp(-(XOR_INPUTS @ np.asarray(W1) + np.asarray(b1))))
        return np.asarray(1 / (1 + np.exp(-(hidden @ np.asarray(w2) + np.reshape(b2, ())))))


def check_corners(y_hat: np.ndarray, target: float) -> None:
    """Fail unless ŷ is above 0.9, or below 0.1, at the points whose XOR is ``target``, and not the same at all four."""
    if not np.ptp(y_hat) > 0.1:
        fail("ŷ is nearly the same at all four points: the network does not look at its inputs.", "ŷ", y_hat, XOR_TARGETS)
    wanted = np.isclose(XOR_TARGETS, target)
    for point, value in zip(XOR_INPUTS[wanted], y_hat[wanted], strict=True):
        if not (value > 0.9 if target else value < 0.1):
            side = "above 0.9" if target else "below 0.1"
            fail(f"At ({point[0]:g}, {point[1]:g}) ŷ is {value:.3f}, it should be {side}.", "ŷ", y_hat, XOR_TARGETS)


def check_spread(W: Any, shape: tuple[int, int], variance: float, name: str) -> None:
    """Fail unless W has this shape, a mean near 0 and nearly this variance."""
    assert_close(W, np.zeros(shape), name, atol=1e6)  # type, shape and finiteness; the values come next
    assert_close(float(np.mean(W)), 0.0, f"mean of {name}", atol=6 * float(np.sqrt(variance / W.size)))
    assert_close(float(np.var(W)), variance, f"variance of {name}", rtol=0.06)
