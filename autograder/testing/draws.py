"""What tests draw: Hypothesis draws a seed and distinct sizes, a seeded generator makes the arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st


def seeds() -> st.SearchStrategy[int]:
    """Return a strategy of seeds for :class:`Draw`."""
    return st.integers(0, 2**31 - 1)


@st.composite
def dims(draw: st.DrawFn, names: str, lo: int = 1, hi: int = 6, *, distinct: bool = True) -> tuple[int, ...]:
    """Return a strategy of sizes, one for each name in ``names``; pairwise distinct, so that no two axes can be confused.

    Args:
        draw: given by Hypothesis.
        names: such as ``"N D M"``; only their number matters.
        lo, hi: smallest and largest size; a size of ``lo`` is drawn often.
        distinct: whether the sizes differ pairwise.
    """
    count = len(names.split())
    if distinct and hi - lo + 1 < count:
        raise ValueError(f"lo={lo} hi={hi} has too few sizes for names={names!r}")
    forced = draw(st.integers(-2, count - 1))  # two times in count + 2, no size is forced
    sizes: list[int] = []
    for i in range(count):
        if i == forced and not (distinct and lo in sizes):
            sizes.append(lo)
            continue
        allowed = [n for n in range(lo, hi + 1) if not (distinct and n in sizes)]
        sizes.append(draw(st.sampled_from(allowed)))
    return tuple(sizes)


class Draw:
    """Arrays from a seed.  Floats are rounded to two decimals, so that an example can be pasted; no shape gives a float.

    Args:
        seed: any non-negative integer.
    """

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, *shape: int, scale: float = 1.0) -> Any:
        """Return normal numbers of standard deviation ``scale``, float64."""
        return _plain(np.round(self.rng.normal(0.0, 1.0, shape), 2) * scale, shape)

    def uniform(self, *shape: int, low: float = -1.0, high: float = 1.0) -> Any:
        """Return uniform numbers in [low, high], float64."""
        return _plain(np.round(self.rng.uniform(low, high, shape), 2), shape)

    def away_from_zero(self, *shape: int, margin: float = 0.1) -> Any:
        """Return numbers of either sign with magnitude at least ``margin``, float64: no kink is near."""
        magnitude = np.maximum(np.round(np.abs(self.rng.normal(0.0, 1.0, shape)), 2), 0.0) + margin
        return _plain(np.round(magnitude, 2) * self.rng.choice([-1.0, 1.0], shape), shape)

    def permutation(self, *shape: int) -> np.ndarray:
        """Return the distinct numbers 0 … n−1, centred and scaled to about ±1.5, in random order, float64."""
        count = int(np.prod(shape))
        values = (np.arange(count) - (count - 1) / 2) * max(0.01, round(3.0 / max(count, 1), 2))
        return self.rng.permutation(np.round(values, 3)).reshape(shape)

    def labels(self, count: int, classes: int) -> np.ndarray:
        """Return ``count`` class labels in 0 … classes−1, int64."""
        return self.rng.integers(0, classes, count, dtype=np.int64)

    def integers(self, low: int, high: int, *shape: int) -> Any:
        """Return integers in [low, high), int64."""
        values = self.rng.integers(low, high, shape, dtype=np.int64)
        return values if shape else int(values)

    def mask(self, *shape: int, p: float = 0.5) -> np.ndarray:
        """Return booleans that are True with probability ``p``."""
        return self.rng.random(shape) < p


def _plain(values: Any, shape: tuple[int, ...]) -> Any:
    return np.asarray(values, dtype=float) if shape else float(values)
