"""What is asked of every optimizer: right steps and memory, and, of these steps, defaults, separate memories, inputs left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.testing import Draw, assert_close, assert_shape, assert_unchanged

from ..visible.cases import Config, assert_moved, assert_same, entry, relayout, step, walk

Update = Callable[..., Any]


def settings(seed: int, *names: str) -> dict[str, Any]:
    """Return random settings by name; epsilon is 1e-2, so that its place shows."""
    draw = Draw(seed + 17)
    ranges = {
        "learning_rate": (0.05, 0.5),
        "momentum": (0.55, 0.95),
        "decay_rate": (0.6, 0.95),
        "beta1": (0.55, 0.75),
        "beta2": (0.8, 0.98),
        "weight_decay": (0.1, 0.9),
    }
    return {name: 1e-2 if name == "epsilon" else draw.uniform(low=ranges[name][0], high=ranges[name][1]) for name in names}


# ---------------------------------------------------------------------- compared with the reference
def compare(student: Update, reference: Update, starts: list[np.ndarray], gradients: list[list[np.ndarray]], configs: list[Config]) -> None:
    """Compare the weights after each step."""
    got, _ = walk(student, starts, gradients, configs)
    expected, _ = walk(reference, starts, gradients, configs)
    for t, (row, right) in enumerate(zip(got, expected, strict=True), start=1):
        for i, (w, want) in enumerate(zip(row, right, strict=True)):
            assert_close(w, want, f"next_w of step {t}" + (f" of tensor {i + 1}" if len(row) > 1 else ""))


def check_steps(student: Update, reference: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any]) -> None:
    """Six steps on two tensors of different shapes, each with its own config; the second tensor has a first gradient of zero."""
    draw = Draw(seed)
    starts = [draw.away_from_zero(*shape), draw.away_from_zero(shape[-1] + 1)]
    gradients = [[draw.away_from_zero(*w.shape) for w in starts] for _ in range(6)]
    gradients[0][1][0] = 0.0
    compare(student, reference, starts, gradients, [dict(config), dict(config)])


def check_memory(
    student: Update, reference: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any], keys: tuple[str, ...]
) -> None:
    """The memory in the returned config after four steps."""
    draw = Draw(seed)
    gradients = [[draw.away_from_zero(*shape)] for _ in range(4)]
    start = [draw.normal(*shape)]
    _, (got,) = walk(student, start, gradients, [dict(config)])
    _, (expected,) = walk(reference, start, gradients, [dict(config)])
    for key in keys:
        assert_close(entry(got, key), expected[key], f"config[{key!r}]")


# ---------------------------------------------------------------------- compared with the student's own steps
def own_steps(student: Update, start: np.ndarray, gradients: list[np.ndarray], config: Config) -> list[np.ndarray]:
    """Return the weights after each step; the last gradient has moved them."""
    path, _ = walk(student, [start], [[dw] for dw in gradients], [config])
    weights = [row[0] for row in path]
    for t, w in enumerate(weights, start=1):
        assert_shape(w, start.shape, f"next_w of step {t}")
    assert_moved(weights[-1], weights[-2] if len(weights) > 1 else start, f"next_w of step {len(weights)}")
    return weights


def compare_own(got: list[np.ndarray], first: list[np.ndarray], what: str) -> None:
    """Compare the weights after each step with those of another walk of the student's."""
    for t, (w, before) in enumerate(zip(got, first, strict=True), start=1):
        assert_same(w, before, f"next_w of step {t} {what}")


def check_defaults(student: Update, seed: int, shape: tuple[int, ...], scale: float, defaults: dict[str, Any]) -> None:
    """Two steps without settings, or without one of them, are those with the defaults; small gradients show epsilon."""
    draw = Draw(seed)
    start, gradients = scale * draw.away_from_zero(*shape), [scale * draw.away_from_zero(*shape) for _ in range(2)]
    explicit = own_steps(student, start, gradients, dict(defaults))
    compare_own(own_steps(student, start, gradients, None), explicit, "without a config")
    for name in defaults:
        others = {key: value for key, value in defaults.items() if key != name}
        compare_own(own_steps(student, start, gradients, others), explicit, f"with {name!r} left out")


def check_separate(student: Update, seed: int, shape: tuple[int, ...]) -> None:
    """Three steps on two tensors side by side, both started without a config, are those on each alone: nothing leaks."""
    draw = Draw(seed)
    starts = [draw.normal(*shape), draw.normal(*shape)]
    gradients = [[draw.away_from_zero(*shape), draw.away_from_zero(*shape)] for _ in range(3)]
    path, _ = walk(student, starts, gradients, [None, None])
    for i, start in enumerate(starts):
        alone = own_steps(student, start, [row[i] for row in gradients], None)
        compare_own([row[i] for row in path], alone, f"of tensor {i + 1}, beside the same tensor alone")


def check_resumes(student: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any], keys: tuple[str, ...]) -> None:
    """A step goes on from settings and memory alone, copied into a new dict, and not as from a fresh start."""
    draw = Draw(seed)
    w, gradients = draw.normal(*shape), [draw.away_from_zero(*shape) for _ in range(3)]
    w, after = step(student, w, gradients[0], dict(config), "step 1")
    w, after = step(student, w, gradients[1], after, "step 2")
    saved = {**config, **{key: entry(after, key) for key in keys}}
    saved = {key: value.copy() if isinstance(value, np.ndarray) else value for key, value in saved.items()}
    onward, _ = step(student, w, gradients[2], after, "step 3")
    resumed, _ = step(student, w, gradients[2], saved, "step 3 from a copy")
    assert_same(resumed, onward, "next_w of step 3, from a copy of the config")
    fresh, _ = step(student, w, gradients[2], dict(config), "a first step")
    assert_moved(onward, fresh, "next_w of step 3, beside that of a first step,")


def check_unchanged(student: Any, update: Update, seed: int, shape: tuple[int, ...], layout: str) -> None:
    """A step leaves w and dw alone, however they lie in memory, and gives the same each time."""
    draw = Draw(seed)
    w, dw = draw.normal(*shape), draw.away_from_zero(*shape)
    first, _ = step(update, w, dw, None, "the step")
    assert_unchanged(student)
    assert_shape(first, shape, "next_w")
    assert_moved(first, w, "next_w")
    again, _ = step(update, relayout(w, layout), relayout(dw, layout), None, "a second step from the same w")
    assert_unchanged(student)
    assert_same(again, first, "next_w of a second step from the same w")


def check_zero_gradient(student: Update, seed: int, shape: tuple[int, ...]) -> None:
    """A first gradient of zero gives no 0/0, and the next gradient moves w."""
    draw = Draw(seed)
    own_steps(student, draw.normal(*shape), [np.zeros(shape), draw.away_from_zero(*shape)], None)


# ---------------------------------------------------------------------- put together from the student's own functions
def decayed(adam: Update) -> Update:
    """Return AdamW made of a student's adam, which has to move a weight that has a gradient."""

    def update(w: np.ndarray, dw: np.ndarray, config: Config = None) -> tuple[np.ndarray, dict[str, Any]]:
        merged = {"learning_rate": 1e-3, "weight_decay": 1e-2, **(config or {})}
        next_w, after = step(adam, w, dw, merged, "the Adam step")
        if np.any(dw):
            assert_moved(next_w, w, "next_w of adam")
        return next_w - merged["learning_rate"] * merged["weight_decay"] * w, {**merged, **after}

    return update
