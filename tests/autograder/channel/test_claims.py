"""Tests of what the student's side says about a call: changed arguments, loops."""

from __future__ import annotations

import gc
import sys
from typing import Any

import numpy as np
import pytest

from autograder.channel.claims import changed_since, snapshot, steps

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
def growth(source: str, *without: str) -> int:
    """Return how many more lines the function f of a source runs on 30 entries than on 10."""
    namespace: dict[str, Any] = {"np": np}
    exec(source, namespace)
    skipped = [namespace[name] for name in without]
    return steps(namespace["f"], (np.arange(30.0),), skipped) - steps(namespace["f"], (np.arange(10.0),), skipped)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n    for v in x: pass", "def f(x):\n    i = len(x)\n    while i: i -= 1", "def f(x): return [v for v in x]", "def f(x): return {v for v in x}",
        "def f(x): return sum(v for v in x)", "def f(x): return {v: 1 for v in x}", "def g(x):\n    for v in x: pass\ndef f(x): return g(x)",
        "def f(x):\n    def h():\n        for v in x: pass\n    return h()", "f = np.vectorize(lambda v: v)", "f = lambda x: [v for v in x]",
        "def f(x): return list(map(lambda v: 2 * v, x))", "def f(x): return np.apply_along_axis(lambda r: r, 1, x[:, None])", "def f(x): return f(x[1:]) if len(x) else 0",
        "def f(x): return np.fromiter((v for v in x), float)", "class C:\n    def __call__(self, x): return [v for v in x]\nf = C()",
    ],
)  # fmt: skip
def test_loops_are_counted(source: str) -> None:
    """For, while, comprehensions, generators, helpers, inner functions, map, recursion and NumPy's disguised loops run a line for each entry."""
    assert growth(source) >= 20


@pytest.mark.parametrize(
    "source",
    [
        "def f(x): return x @ x", "def f(x):\n    a, b = [np.asarray(v) for v in (x, x)]\n    return a @ b", "f = np.sum", "def f(x): return np.einsum('i->', x)",
        "def f(x):\n    for axis in range(x.ndim): x = x.sum(axis)\n    return x", "def f(x):\n    with np.errstate(all='ignore'): return np.linalg.norm(x)",
        "def f(x): return np.where(x > 1, x, 0).mean(axis=0)",
    ],
)  # fmt: skip
def test_whole_array_code_runs_the_same_lines(source: str) -> None:
    """Operations on whole arrays, and loops over two arguments or over the axes, run as many lines for many entries as for few."""
    assert growth(source) == 0


def test_functions_that_may_loop_are_left_out() -> None:
    """A named function's lines, and those of what it calls, are not counted; calling it once for each entry is."""
    cut = "def helper(v): return [w for w in v]\ndef cut(x):\n    try: return [helper(x) for v in x]\n    finally: pass\n"
    assert growth(cut + "def f(x): return cut(x)", "cut") == 0
    assert growth(cut + "def f(x):\n    try: cut(None)\n    except TypeError: return [v for v in x]", "cut") >= 20
    assert growth(cut + "def f(x): return [cut(x[:1]) for v in x]", "cut") >= 20


def test_the_garbage_collector_is_not_counted() -> None:
    """What others hang on the garbage collector runs before or after, not among the lines of the call; it is on again afterwards."""
    seen: list[str] = []

    def callback(phase: str, _: Any) -> None:
        seen.append(phase)
        seen.append(phase)

    def nested(x: np.ndarray) -> list[list[float]]:
        return [[v] for v in x]

    few = steps(nested, (np.arange(2.0),))
    threshold = gc.get_threshold()
    gc.callbacks.append(callback)
    gc.set_threshold(1)
    try:
        many = steps(nested, (np.arange(20.0),))
        assert gc.isenabled()
    finally:
        gc.callbacks.remove(callback)
        gc.set_threshold(*threshold)
    assert seen
    assert many - few == 18


def test_counting_leaves_a_debugger_alone() -> None:
    """The trace function that was set before is set afterwards, also when the call raises."""

    def debugger(*_: Any) -> None:
        return None

    before = sys.gettrace()
    sys.settrace(debugger)
    try:
        steps(np.sum, (A,))
        with pytest.raises(ZeroDivisionError):
            steps(lambda x: 1 / 0, (A,))
        assert sys.gettrace() is debugger
    finally:
        sys.settrace(before)


def test_a_tensor_that_was_changed_in_place_is_noticed() -> None:
    """Tensors are compared by their values before and after, as arrays are."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    x = torch.ones(3)
    before = snapshot([x])
    assert not changed_since(before, [x])
    x += 1
    assert changed_since(before, [x])
