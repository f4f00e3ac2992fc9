"""What the student's side says about a call: arguments changed in place, loops in a function.

These are claims of a process that the student may have corrupted: good enough where lying takes more than solving.
"""

from __future__ import annotations

import dis
import sys
import types
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


def has_loop(function: Any, seen: set[int]) -> bool:
    """Tell whether a function, or one of the same notebook that it names, goes round in a loop or a comprehension.

    Args:
        function: anything; what is no Python function has no loop, but ``np.vectorize`` is one.
        seen: ids of functions looked at already.
    """
    if isinstance(function, np.vectorize):
        return True
    if not isinstance(function, types.FunctionType) or id(function) in seen:
        return False
    seen.add(id(function))
    names, loops = set[str](), False
    codes = [function.__code__]
    while codes:
        code = codes.pop()
        names.update(code.co_names)
        loops = loops or any("FOR_ITER" in i.opname or "JUMP_BACKWARD" in i.opname for i in dis.get_instructions(code))
        codes += [c for c in code.co_consts if isinstance(c, types.CodeType)]
    here = function.__globals__
    return loops or any(has_loop(here.get(n), seen) for n in names if getattr(here.get(n), "__globals__", None) is here)
