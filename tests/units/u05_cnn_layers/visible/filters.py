"""What a filter answers on a picture of its own size."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.testing import assert_close, comparing

BRIGHT_LEFT = np.array([[1.0, 0.5, 0.0]] * 3)


def answer(w: Any, f: int, picture: np.ndarray) -> float:
    """Return the sum of filter ``f`` times the picture, entry by entry."""
    if not comparing():
        return 0.0
    if not isinstance(w, np.ndarray) or w.shape != (4, 1, 3, 3):
        assert_close(w, np.zeros((4, 1, 3, 3)), "w")
    return float(np.sum(w[f, 0] * picture))


def sign_of(number: float) -> str:
    """Return ``"positive"``, ``"negative"`` or ``"zero"`` (up to rounding)."""
    if abs(number) < 1e-9:
        return "zero"
    return "positive" if number > 0 else "negative"
