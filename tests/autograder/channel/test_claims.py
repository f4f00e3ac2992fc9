"""Tests of what the student's side says about a call: changed arguments, loops."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.channel.claims import changed_since, has_loop, snapshot

A = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "change"),
    [
        (A, lambda v: v.__setitem__(0, 9.0)), (A, lambda v: v.__setitem__(0, np.nan)), ([A], lambda v: v[0].__setitem__(1, 3.0)), ({"w": A}, lambda v: v["w"].__setitem__(1, 3.0)),
        ((A, [A + 1]), lambda v: v[1][0].__setitem__(0, 0.0)), ({"a": {"b": {"c": A}}}, lambda v: v["a"]["b"]["c"].__setitem__(0, 0.0)), ([A], lambda v: v.append(A)), ([A], lambda v: v.clear()),
        ({"w": A}, lambda v: v.update(b=1)), ({"w": A}, lambda v: v.pop("w")), ({"w": A}, lambda v: v.update(w=None)), ({"w": A}, lambda v: v.update(w=A.astype(int))), ([A], lambda v: v.__setitem__(0, 3)),
        ({"a": {"b": A}}, lambda v: v.update(a=3)), ([[A]], lambda v: v.__setitem__(0, 4)), ([[A]], lambda v: v.__setitem__(0, {"x": A})), ({"a": [A]}, lambda v: v.update(a={"b": A})), (A, lambda v: v.resize((1,), refcheck=False)),
        ([1, 2], lambda v: v.append(3)), ({"k": 1}, lambda v: v.update(j=2)),
    ],
)  # fmt: skip
def test_a_change_is_seen(value: Any, change: Any) -> None:
    """Entries, dtypes and shapes of arrays, and the make-up of containers around them, down to three levels."""
    import copy

    mine = copy.deepcopy(value)
    old = snapshot(mine)
    assert old is not None
    assert not changed_since(old, mine)
    change(mine)
    assert changed_since(old, mine)


@pytest.mark.parametrize("value", [3, 1.5, "text", None, (), [], {}, object(), len])
def test_what_holds_no_array_has_no_snapshot(value: Any) -> None:
    """Numbers, texts, objects and empty containers are not looked at."""
    assert snapshot(value) is None


def test_equal_bits_are_no_change() -> None:
    """NaN stays NaN, and writing the same value is no change; minus zero for zero is one."""
    x = np.array([np.nan, 0.0])
    old = snapshot(x)
    x[0] = np.nan
    assert not changed_since(old, x)
    x[1] = -0.0
    assert changed_since(old, x)


def test_a_snapshot_is_a_copy() -> None:
    """Changing the value leaves the snapshot; containers that contain themselves end."""
    x: list[Any] = [A.copy()]
    x.append(x)
    old = snapshot(x)
    x[0][0] = 5.0
    assert old[0][0] == 1.0


# ---------------------------------------------------------------------- loops
def named(source: str) -> bool:
    """Tell whether the function f of a source has a loop."""
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    return has_loop(namespace["f"], set())


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    for v in x: pass", "def f(x):\n    while x: x = 0", "def f(x): return [v for v in x]", "def f(x): return {v for v in x}", "def f(x): return sum(v for v in x)",
        "def f(x): return {v: 1 for v in x}", "def g(x):\n    for v in x: pass\ndef f(x): return g(x)", "def f(x):\n    def h():\n        for v in x: pass\n    return h()",
        "f = np.vectorize(lambda v: v)", "f = lambda x: [v for v in x]",
        "def a(x): return b(x)\ndef b(x): return c(x)\ndef c(x):\n    while True: pass\nf = a",
    ],
)  # fmt: skip
def test_loops_are_found(source: str) -> None:
    """For, while, comprehensions, generators, helpers of the same notebook, inner functions and np.vectorize are loops."""
    assert named(source)


@pytest.mark.parametrize(
    "source",
    ["def f(x): return x @ x", "def f(x):\n    if x: return 1\n    return 2", "def f(x):\n    try: return x\n    finally: pass", "f = np.sum", "f = 3", "def f(x): return g(x)\ndef g(x): return f(x)", "def f(x):\n    with open(x): return 1", "def f(x): return np.einsum('i->', x)"],
)
def test_whole_array_code_has_no_loop(source: str) -> None:
    """Branches, calls of NumPy, recursion and what is no function have no loop."""
    assert not named(source)


def test_a_tensor_that_was_changed_in_place_is_noticed() -> None:
    """Tensors are compared by their values before and after, as arrays are."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.ones(3)
    before = snapshot([x])
    assert not changed_since(before, [x])
    x += 1
    assert changed_since(before, [x])
