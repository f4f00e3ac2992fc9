"""Why a test failed, as data that a renderer can show."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from autograder.records import Difference

_MAX_PICTURE = 400
_off = False  # while a test is rehearsed, nothing fails


@contextlib.contextmanager
def comparisons_off() -> Iterator[None]:
    """Let every comparison pass, while a test is rehearsed on numbers that are wrong on purpose."""
    global _off  # noqa: PLW0603 - one switch for one thread
    _off = True
    try:
        yield
    finally:
        _off = False


def comparing() -> bool:
    """Tell whether comparisons count."""
    return not _off


class TestFailure(AssertionError):
    """A student's answer is wrong; ``message`` is a sentence for the student, ``difference`` says where, ``expected`` is what would be right."""

    __test__ = False

    def __init__(self, message: str, difference: Difference | None = None, expected: Any = None) -> None:
        super().__init__(message)
        self.message, self.difference, self.expected = message, difference, expected


def fail(message: str, name: str = "", got: Any = None, expected: Any = None) -> None:
    """Fail the running test.

    Args:
        message: one sentence for the student.
        name: what was compared.
        got, expected: the two values, shown next to each other when given.

    Raises:
        TestFailure: always.
    """
    if _off:
        return
    difference = None
    if name or got is not None or expected is not None:
        difference = Difference(name=name or "answer", got=_words(got), expected=_words(expected))
    raise TestFailure(message, difference)


def _words(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(("a ", "an ", "array", "shape", "float", "int")) else show(value)


def show(value: Any, limit: int = 300) -> str:
    """Return a short text of a plain value, such as ``array of shape (3, 4)`` or ``0.25``."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, precision=5, threshold=20, separator=", ") if value.size <= 20 else ""
        return text if text and "\n" not in text else f"array of shape {value.shape}, dtype {value.dtype}"
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (float, np.floating)):
        return f"{float(value) + 0.0:.8g}"  # no minus before a zero
    if isinstance(value, np.generic):
        return str(value.item())
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def array_difference(name: str, got: np.ndarray, expected: np.ndarray) -> Difference:
    """Return where two arrays of one shape differ most, relative to the floor of their comparison.

    Args:
        name: what was compared.
        got, expected: arrays of equal shape, any numeric dtype.
    """
    g, e = np.asarray(got), np.asarray(expected)
    with np.errstate(all="ignore"):
        distance = np.abs(g.astype(complex) - e.astype(complex)) if g.size else np.zeros(g.shape)
    distance = np.where(np.isnan(distance), np.inf, distance)
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(distance)), g.shape)) if g.size else ()
    scale = float(np.max(np.abs(np.nan_to_num(e)), initial=0.0))
    worst = float(distance[index]) if g.size else 0.0
    got_at, expected_at = (g[index], e[index]) if g.size else (0.0, 0.0)
    denominator = max(abs(complex(got_at)), abs(complex(expected_at)), 1e-12 * max(scale, 1e-300))
    relative = worst / denominator if np.isfinite(worst) and denominator > 0 else None
    small = g.ndim in (1, 2) and 0 < g.size <= _MAX_PICTURE and g.dtype.kind in "biuf" and e.dtype.kind in "biuf"
    return Difference(
        name=name,
        got=show(got_at),
        expected=show(expected_at),
        index=index if g.ndim else None,
        relative_error=relative,
        got_shape=g.shape if g.ndim else None,
        expected_shape=e.shape if e.ndim else None,
        got_values=_plain(g) if small else None,
        expected_values=_plain(e) if small else None,
    )


def shape_difference(name: str, got: np.ndarray, expected: np.ndarray) -> Difference:
    """Return a difference that consists of two shapes."""
    return Difference(name=name, got=f"shape {got.shape}", expected=f"shape {expected.shape}", got_shape=got.shape, expected_shape=expected.shape)


def _plain(a: np.ndarray) -> tuple[float | None, ...]:
    return tuple(float(x) if np.isfinite(x) else None for x in a.ravel())
