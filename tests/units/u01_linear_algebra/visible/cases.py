"""Inputs that visible and hidden tests share."""

from __future__ import annotations

import numpy as np

from autograder.testing import Draw, fail

LAYOUTS = ("fortran", "strided", "readonly")
MATRIX = np.array([[2.0, 4.0, 2.0], [1.0, 3.0, 7.0], [0.0, 7.0, 3.0]])
VECTOR = np.array([1.0, 3.0, 2.0])
TWO_COLUMNS = np.array([[1.0, 9.0], [3.0, 0.0], [2.0, 4.0]])


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return the same values in another memory layout: ``fortran``, ``strided`` (every second entry) or ``readonly``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    if layout == "readonly":
        copy = array.copy()
        copy.flags.writeable = False
        return copy
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def assert_float64(name: str, *results: object) -> None:
    """Fail unless all results are float64: the unit's rule, whatever the type of the input."""
    for result in results:
        if isinstance(result, (np.ndarray, np.generic)) and result.dtype != np.float64:
            fail(f"{name} has dtype {result.dtype}, expected float64: convert the input first.", name, str(result.dtype), "float64")


def pixels(draw: Draw, *shape: int) -> np.ndarray:
    """Return pixel values from 0 to 255, uint8, large enough that products and sums do not fit into uint8."""
    return draw.integers(60, 256, *shape).astype(np.uint8)


def spread_columns(draw: Draw, N: int, D: int, *, offset: float = 3.0) -> np.ndarray:
    """Return data (N, D) whose columns differ clearly in mean and deviation; no column is constant, as draws have two decimals."""
    drift = 0.255 * np.arange(N)[:, None]
    return (draw.normal(N, D) + drift) * np.linspace(0.5, 3.0, D) + np.linspace(-offset, offset, D)


def clear_directions(draw: Draw, N: int, D: int) -> np.ndarray:
    """Return data (N, D), N > D, whose variances along its principal directions are exactly 16, 8, 4, … and whose mean is not zero."""
    noise = draw.rng.normal(size=(N, D))
    scores, _ = np.linalg.qr(noise - noise.mean(axis=0))
    turn, _ = np.linalg.qr(draw.rng.normal(size=(D, D)))
    deviations = np.sqrt(16.0 / 2.0 ** np.arange(D))
    return scores * np.sqrt(N) * deviations @ turn.T + draw.normal(D, scale=5.0)


def symmetric(draw: Draw, eigenvalues: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return a symmetric matrix with these eigenvalues, and the eigenvectors as columns in the same order."""
    turn, _ = np.linalg.qr(draw.rng.normal(size=(len(eigenvalues), len(eigenvalues))))
    A = turn * np.array(eigenvalues) @ turn.T
    return (A + A.T) / 2, turn
