"""Inputs and small loops that visible and hidden tests share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.testing import Draw, Function, assert_close, comparing, fail
from autograder.testing import assert_same as agree

Config = dict[str, Any] | None


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in another memory layout: ``"fortran"`` or ``"strided"``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), dtype=array.dtype)
    wide[..., ::2] = array
    return wide[..., ::2]


def assert_same(again: Any, first: Any, name: str) -> None:
    """As of ``autograder.testing``; both may be 0 throughout, where a step ends or a mask falls."""
    agree(again, first, name, may_vanish=True)


def assert_moved(after: Any, before: Any, name: str) -> None:
    """Fail if nothing has changed."""
    if comparing() and np.array_equal(after, before):
        fail(f"{name} is what it was before: nothing has moved.", name, after, "other numbers")


def bowl(seed: int, D: int) -> tuple[Function, Function, np.ndarray, np.ndarray]:
    """Return f(p) = ½·Σ c·(p − q)², its gradient, c (D,) and q (D,)."""
    draw = Draw(seed)
    c, q = draw.uniform(D, low=0.5, high=3.0), draw.normal(D)
    cs, qs = f"np.array({c.tolist()})", f"np.array({q.tolist()})"
    return Function(f"lambda p: float(np.sum({cs} * (p - {qs}) ** 2) / 2)"), Function(f"lambda p: {cs} * (p - {qs})"), c, q


def step(update: Callable[..., Any], w: np.ndarray, dw: np.ndarray, config: Config, when: str) -> tuple[np.ndarray, dict[str, Any]]:
    """Call an optimizer once; what comes back has the right types and shapes.

    Args:
        update: the student's or the reference's function; without a config it is called with two arguments.
        w, dw: arrays of one shape.
        config: what the last call returned, or None.
        when: such as ``"step 3"``, for the message.
    """
    next_w, after = update(w, dw) if config is None else update(w, dw, config)
    if not isinstance(next_w, np.ndarray) or next_w.shape != w.shape:
        assert_close(next_w, w, f"next_w of {when}")
    if not isinstance(after, dict):
        fail(f"The second value of {when} should be the config, a dict; it is a {type(after).__name__}.", "config")
    return next_w, after


def walk(
    update: Callable[..., Any], starts: Sequence[np.ndarray], gradients: Sequence[Sequence[np.ndarray]], configs: Sequence[Config]
) -> tuple[list[list[np.ndarray]], list[dict[str, Any]]]:
    """Run an optimizer on several tensors side by side, each with its own config.

    Args:
        update: the student's or the reference's function.
        starts: one array per tensor.
        gradients: for each step, one gradient per tensor.
        configs: one per tensor.

    Returns:
        The weights after each step, and the last configs.
    """
    weights, states = list(starts), list(configs)
    path = []
    for t, row in enumerate(gradients, start=1):
        for i, dw in enumerate(row):
            weights[i], states[i] = step(update, weights[i], dw, states[i], f"step {t}")
        path.append(list(weights))
    return path, [state or {} for state in states]


def entry(config: dict[str, Any], key: str) -> Any:
    """Return what a config holds under a key, or fail with a sentence."""
    if key not in config:
        fail(f"The returned config has no {key!r}; it has {sorted(map(str, config))}.", "config")
    return config[key]
