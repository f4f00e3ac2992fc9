"""What is asked of every optimizer: defaults, several steps, separate memories, inputs left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.testing import Draw, assert_close, assert_unchanged

from ..visible.cases import Config, entry, relayout, step, walk

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


def compare(student: Update, reference: Update, starts: list[np.ndarray], gradients: list[list[np.ndarray]], configs: list[Config]) -> None:
    """Compare the weights after each step."""
    got, _ = walk(student, starts, gradients, configs)
    expected, _ = walk(reference, starts, gradients, configs)
    for t, (row, right) in enumerate(zip(got, expected, strict=True), start=1):
        for i, (w, want) in enumerate(zip(row, right, strict=True)):
            assert_close(w, want, f"next_w of step {t}" + (f" of tensor {i + 1}" if len(row) > 1 else ""))


def check_defaults(student: Update, reference: Update, seed: int, shape: tuple[int, ...], scale: float) -> None:
    """Two steps without settings, with gradients of a given scale: small ones show epsilon."""
    draw = Draw(seed)
    gradients = [[scale * draw.away_from_zero(*shape)] for _ in range(2)]
    compare(student, reference, [scale * draw.normal(*shape)], gradients, [None])


def check_steps(student: Update, reference: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any]) -> None:
    """Six steps on two tensors of different shapes, each with its own config."""
    draw = Draw(seed)
    starts = [draw.normal(*shape), draw.normal(shape[-1])]
    gradients = [[draw.normal(*w.shape) for w in starts] for _ in range(6)]
    compare(student, reference, starts, gradients, [dict(config), dict(config)])


def check_separate(student: Update, reference: Update, seed: int, shape: tuple[int, ...]) -> None:
    """Three steps on two tensors of one shape, both started without a config: nothing may leak from one to the other."""
    draw = Draw(seed)
    starts = [draw.normal(*shape), draw.normal(*shape)]
    gradients = [[draw.normal(*shape), draw.normal(*shape)] for _ in range(3)]
    compare(student, reference, starts, gradients, [None, None])


def check_memory(
    student: Update, reference: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any], keys: tuple[str, ...]
) -> None:
    """The memory in the returned config after four steps."""
    draw = Draw(seed)
    gradients = [[draw.normal(*shape)] for _ in range(4)]
    start = [draw.normal(*shape)]
    _, (got,) = walk(student, start, gradients, [dict(config)])
    _, (expected,) = walk(reference, start, gradients, [dict(config)])
    for key in keys:
        assert_close(entry(got, key), expected[key], f"config[{key!r}]")


def check_resumes(student: Update, reference: Update, seed: int, shape: tuple[int, ...], config: dict[str, Any]) -> None:
    """A step that goes on from a config in the middle of a training."""
    draw = Draw(seed)
    w, dw = draw.normal(*shape), draw.normal(*shape)
    got, _ = step(student, w, dw, dict(config), "the step")
    expected, _ = step(reference, w, dw, dict(config), "the step")
    assert_close(got, expected, "next_w")


def check_layout(student: Update, reference: Update, seed: int, shape: tuple[int, ...], layout: str) -> None:
    """Two steps on arrays in another memory layout."""
    draw = Draw(seed)
    gradients = [[relayout(draw.normal(*shape), layout)] for _ in range(2)]
    compare(student, reference, [relayout(draw.normal(*shape), layout)], gradients, [None])


def check_unchanged(student: Any, update: Update, reference: Update, seed: int, shape: tuple[int, ...]) -> None:
    """The first step leaves w and dw alone and is right."""
    draw = Draw(seed)
    w, dw = draw.normal(*shape), draw.normal(*shape)
    got, _ = step(update, w, dw, None, "the step")
    assert_unchanged(student)
    assert_close(got, step(reference, w, dw, None, "the step")[0], "next_w")


def check_zero_gradient(update: Update, reference: Update, seed: int, shape: tuple[int, ...]) -> None:
    """A first gradient of zero moves nothing (0/0 does not happen), and the next one moves w as usual."""
    draw = Draw(seed)
    gradients = [[np.zeros(shape)], [draw.normal(*shape)]]
    compare(update, reference, [draw.normal(*shape)], gradients, [None])
