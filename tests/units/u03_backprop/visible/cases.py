"""Inputs that visible and hidden tests share."""

from __future__ import annotations

import numpy as np
from autograder.testing import Draw


def affine_case(seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x, w, b, dout for an affine layer of shape (N, d1, …, dk, M)."""
    draw = Draw(seed)
    *lead, M = shape
    D = int(np.prod(lead[1:]))
    return draw.normal(*lead), draw.normal(D, M), draw.normal(M), draw.normal(lead[0], M)


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in another memory layout: ``"fortran"`` or ``"strided"``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
    wide[..., ::2] = array
    return wide[..., ::2]
