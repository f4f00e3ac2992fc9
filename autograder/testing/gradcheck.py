"""Numerical gradients of a student's own forward functions, by central differences in one batched call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from autograder.channel.client import StudentFunction
from autograder.testing.compare import assert_close
from autograder.testing.failures import fail

MAX_ENTRIES = 400


def numeric_gradient(
    f: StudentFunction | Any,
    args: Sequence[Any],
    wrt: int,
    dout: np.ndarray | float | None = None,
    output: int | None = 0,
    h: float = 1e-5,
) -> np.ndarray:
    """Return ∂ sum(f(*args)·dout) / ∂ args[wrt] by central differences, (f(x+h) − f(x−h)) / 2h.

    Args:
        f: the student's function (batched into one round trip), or any callable.
        args: its positional arguments; ``args[wrt]`` is a float64 array of at most 400 entries.
        wrt: position of the argument to differentiate.
        dout: upstream gradient, of the output's shape; None for a scalar output.
        output: position of the differentiated value in the returned tuple; None when one value is returned.
        h: step.

    Returns:
        An array of the shape of ``args[wrt]``, float64.
    """
    x = np.asarray(args[wrt], dtype=float)
    if x.size > MAX_ENTRIES:
        raise ValueError(f"args[{wrt}] has {x.size} entries, expected at most {MAX_ENTRIES}")
    calls = []
    for i in range(x.size):
        for step in (h, -h):
            moved = x.copy()
            moved.flat[i] += step
            calls.append((*args[:wrt], moved, *args[wrt + 1 :]))
    results = f.map(calls) if isinstance(f, StudentFunction) else [f(*call) for call in calls]
    values = [_weighted(result if output is None else result[output], dout, f) for result in results]
    pairs = np.array(values, dtype=float).reshape(-1, 2)
    gradient: np.ndarray = ((pairs[:, 0] - pairs[:, 1]) / (2 * h)).reshape(x.shape)
    return gradient


def _weighted(value: Any, dout: np.ndarray | float | None, f: Any) -> float:
    name = getattr(f, "name", "the function")
    if dout is None:
        if np.ndim(value) or not isinstance(value, (int, float, np.generic, np.ndarray)):
            fail(f"{name} should return a number here.", name, value, "a number")
        return float(value)
    if not isinstance(value, (np.ndarray, float, np.generic, int)) or np.shape(value) != np.shape(dout):
        assert_close(value, np.zeros(np.shape(dout)), f"the output of {name}")
    return float(np.sum(value * np.asarray(dout)))
