"""Functions that tests pass to students by their source."""

from __future__ import annotations

import ast
import functools
import sys
import textwrap
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


class Function:
    """A function that a test passes to the student by its source: it runs beside the student's code, and a failing example can be pasted.

    The student may read it, so it must not hold the solution.  A plain callable stays on the test's side and is called back instead.

    Args:
        source: one expression, such as ``"lambda x: x ** 2"``; ``np`` is known.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._function = function_from(source, {})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self._function(*args, **kwargs)

    def __deepcopy__(self, memo: Any) -> Function:
        return self


class Program:
    """The text of one ``def`` that runs beside the student's functions, which it calls by their plain names.

    Args:
        source: the ``def``, indented as a whole or not; ``np``, and where torch is installed ``torch``, ``nn`` and ``F``, are known.

    Attributes:
        name: of the function it defines.
        params: names of the function's parameters.
    """

    def __init__(self, source: str) -> None:
        self.source = textwrap.dedent(source).strip() + "\n"
        body = ast.parse(self.source).body
        if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
            raise ValueError("a driver is the text of exactly one def")
        self.name = body[0].name
        self.params = tuple(a.arg for a in body[0].args.args)

    def __deepcopy__(self, memo: Any) -> Program:
        return self

    def beside(self, namespace: Mapping[str, Any]) -> Callable[..., Any]:
        """Return the function, with the names of ``namespace`` as its globals."""
        return function_from(self.source, namespace)


def function_from(source: str, namespace: Mapping[str, Any]) -> Callable[..., Any]:
    """Return the function that a test's text stands for.

    Args:
        source: one expression, or one ``def``.
        namespace: names that a ``def`` may use.
    """
    code, name = _compiled(source)
    function: Callable[..., Any]
    if name is None:
        function = eval(code, {"np": np})  # noqa: S307 - text of a test, never of a student
    else:
        names = {**_libraries(), **namespace}
        exec(code, names)  # noqa: S102 - the same
        function = names[name]
    return function


@functools.lru_cache(maxsize=512)
def _compiled(source: str) -> tuple[types.CodeType, str | None]:
    if not source.startswith("def "):
        return compile(source, "<test>", "eval"), None
    tree = ast.parse(source)
    return compile(tree, "<test>", "exec"), getattr(tree.body[0], "name", None)


def _libraries() -> dict[str, Any]:
    torch = sys.modules.get("torch")
    return {"np": np} if torch is None else {"np": np, "torch": torch, "nn": torch.nn, "F": torch.nn.functional}
