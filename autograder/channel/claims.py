"""What the student's side says about a call: arguments changed in place, lines that were run.

These are claims of a process that the student may have corrupted: good enough where lying takes more than solving.
"""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from autograder.channel.codec import as_array


def snapshot(value: Any, depth: int = 0) -> Any:
    """Return a copy of the arrays in a plain value, or None when it holds none."""
    if type(value) is np.ndarray:
        return value.copy()
    if _is_tensor(value):
        return as_array(value).copy()
    if depth < 3 and isinstance(value, dict):
        return {k: snapshot(v, depth + 1) for k, v in value.items()} or None
    if depth < 3 and type(value) in (list, tuple) and len(value) <= 1000:
        return [snapshot(v, depth + 1) for v in value] or None
    return None


def changed_since(old: Any, new: Any) -> bool:
    """Tell whether a value differs from its snapshot, to the byte."""
    if isinstance(old, dict) is not isinstance(new, dict) or isinstance(old, list) is not isinstance(new, (list, tuple)):
        return True
    if type(old) is np.ndarray:
        new = as_array(new) if _is_tensor(new) else new
        return type(new) is not np.ndarray or old.shape != new.shape or old.dtype != new.dtype or old.tobytes() != new.tobytes()
    if type(old) is dict:
        return list(old) != list(new) or any(v is not None and changed_since(v, new[k]) for k, v in old.items())
    return len(old) != len(new) or any(o is not None and changed_since(o, n) for o, n in zip(old, new, strict=True))


def _is_tensor(value: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and type(value) in (torch.Tensor, torch.nn.Parameter) and value.layout is torch.strided


def steps(function: Callable[..., Any], args: tuple[Any, ...], without: Iterable[Any] = ()) -> int:
    """Return how many lines of Python run while a function is called: its own, and those of all it calls.

    A comprehension, a generator, ``map`` over a Python function and ``np.vectorize`` run one for each entry; an operation on whole
    arrays runs as many for large arrays as for small ones.

    Args:
        function, args: what is called.
        without: functions whose lines, and those of what they call, are not counted.
    """
    skipped = {f.__code__ for f in without if isinstance(f, types.FunctionType)}
    count = inside = 0

    def entered(frame: types.FrameType, _: str, __: Any) -> Callable[..., Any] | None:
        nonlocal count, inside
        if frame.f_code in skipped:
            inside += 1
            return left
        if inside:
            return None
        count += 1
        return line

    def line(_: types.FrameType, event: str, __: Any) -> Callable[..., Any]:
        nonlocal count
        count += event == "line"
        return line

    def left(_: types.FrameType, event: str, __: Any) -> Callable[..., Any]:
        nonlocal inside
        inside -= event == "return"
        return left

    before, collecting = sys.gettrace(), gc.isenabled()
    gc.disable()  # what others have the garbage collector call, Hypothesis for one, would be counted too
    sys.settrace(entered)
    try:
        function(*args)
    finally:
        sys.settrace(before)
        if collecting:
            gc.enable()
    return count
