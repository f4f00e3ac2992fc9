"""What comes back from a student's code besides values: exceptions with their lines, and recorded interactions."""

from __future__ import annotations

import builtins
from typing import Any, Literal

import msgspec


class Frame(msgspec.Struct, frozen=True):
    """One line of the student's own traceback."""

    cell: str
    line: int
    function: str
    text: str


class StudentError(Exception):
    """The student's code raised; ``name`` is the exception's type, ``bases`` its built-in bases, nearest first."""

    def __init__(self, name: str, bases: tuple[str, ...], text: str, frames: tuple[Frame, ...]) -> None:
        super().__init__(f"{name}: {text}")
        self.name, self.bases, self.text, self.frames = name, bases, text, frames

    def is_a(self, kind: type[BaseException]) -> bool:
        """Tell whether the exception is of the built-in type ``kind``."""
        found = (getattr(builtins, base, None) for base in self.bases)
        return any(isinstance(base, type) and issubclass(base, kind) for base in found)


class WrongReturn(Exception):
    """A function returned another number of values than its signature says."""


class Event(msgspec.Struct, frozen=True):
    """One recorded interaction with the student's code.

    Args:
        kind: ``call`` a function by name, ``program`` of the test run beside the student's functions, ``method`` of a handle, ``operator`` (name as in ``operator``), ``get``, ``set``, ``value``, ``map``, or whether a function goes round in a ``loop``.
        result: what came back, or the exception.
    """

    kind: Literal["call", "program", "method", "operator", "get", "set", "value", "map", "loop"]
    name: str
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    mutated: tuple[str, ...] = ()
