"""What a recorded run says: its numbers as a fingerprint, and itself as code that a student can paste."""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from autograder.channel.client import Handle
from autograder.channel.codec import as_array
from autograder.channel.events import Event, StudentError
from autograder.channel.functions import Function, Program
from autograder.unit import Signature

_RTOL = 1e-6
_MAX_DIGESTED = 1_000_000


class Fingerprint(msgspec.Struct, frozen=True):
    """The results of a recorded run: a hash of everything discrete, and two projections of each array or number.

    Args:
        structure: hash of the verdict and of names, types, shapes, texts and exceptions, in order.
        values: float32; per array its weighted sum and the sum of its magnitudes.
    """

    structure: bytes
    values: Any


def numbers(events: Sequence[Event], fails: bool = False) -> Fingerprint:
    """Return the fingerprint of a recorded run.

    Args:
        events: as recorded.
        fails: the verdict.  A mistake that passes an example does not explain why somebody fails it, however near the numbers are.
    """
    words = [f"fails {fails}"]
    values: list[float] = []
    for event in events:
        words.append(f"{event.kind} {event.name} {event.mutated}")
        _digest(event.result, words, values)
    with np.errstate(over="ignore"):
        return Fingerprint(hashlib.sha256("\n".join(words).encode("utf-8", "replace")).digest()[:8], np.array(values, dtype=np.float32))


def _digest(value: Any, words: list[str], values: list[float]) -> None:
    if isinstance(value, StudentError):
        words.append(f"raises {value.bases[0] if value.bases else value.name}")
    elif isinstance(value, BaseException):
        words.append(f"stopped by {type(value).__name__}: {value}")
    elif isinstance(value, Handle):
        words.append("handle")
    elif (torch := sys.modules.get("torch")) is not None and isinstance(value, torch.Tensor):
        words.append("tensor")
        _digest_array(as_array(value), words, values)
    elif isinstance(value, np.ndarray) or (isinstance(value, (int, float, np.generic)) and not isinstance(value, bool)):
        _digest_array(np.asarray(value), words, values)
    elif isinstance(value, (list, tuple)):
        words.append(f"items {len(value)}")
        for item in value:
            _digest(item, words, values)
    elif isinstance(value, dict):
        words.append(f"dict {len(value)}")
        for key, item in sorted(value.items(), key=lambda kv: repr(kv[0])):
            words.append(repr(key)[:80])
            _digest(item, words, values)
    else:
        words.append(repr(value)[:200])


def _digest_array(a: np.ndarray, words: list[str], values: list[float]) -> None:
    if a.dtype.kind == "c":
        a = np.stack([a.real, a.imag])
    kind = "i" if a.dtype.kind in "iu" else a.dtype.kind
    if a.dtype.kind == "O":  # an integer beyond 64 bits
        words.append(repr(a[()])[:200])
        return
    if a.size > _MAX_DIGESTED:
        words.append(f"array {a.shape} {kind}, too large to compare")
        return
    if kind not in "bif":
        words.append(f"array {a.shape} {a.dtype}")
        return
    flat = a.astype(float).ravel()
    finite = np.isfinite(flat)
    words.append(f"array {a.shape} {kind} {int(flat.size - finite.sum())}")
    if flat.size and not finite.any():
        values += [math.nan, math.nan]
        return
    flat = np.where(finite, flat, 0.0)
    values += [float(flat @ np.cos(1.0 + 1.7 * np.arange(flat.size))), float(np.abs(flat).sum())]


def same_numbers(first: Fingerprint, second: Fingerprint) -> bool:
    """Tell whether two runs gave the same results up to rounding."""
    if first.structure != second.structure or first.values.shape != second.values.shape:
        return False
    mine, theirs = first.values.astype(float).reshape(-1, 2), second.values.astype(float).reshape(-1, 2)
    scale = np.maximum(mine[:, 1:], theirs[:, 1:])
    with np.errstate(invalid="ignore"):
        return bool(np.all((mine == theirs) | np.isnan(mine) & np.isnan(theirs) | (np.abs(mine - theirs) <= _RTOL * scale + 1e-12)))


# ---------------------------------------------------------------------- code to paste
_SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "truediv": "/",
    "matmul": "@",
    "pow": "**",
    "mod": "%",
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
}
_MAX_ENTRIES = 120


def code(events: Sequence[Event], signatures: Mapping[str, Signature]) -> str:
    """Return Python that repeats a recorded run in the student's notebook.

    Args:
        events: as recorded; results name the variables.
        signatures: give the names of arguments and returned values.
    """
    writer = _Writer(signatures)
    calls = [e for e in events if e.kind not in ("map", "loop")]  # nearby calls of a numerical gradient, and counted ones, say nothing new
    for event in calls or events:
        writer.event(event)
    return "\n".join(writer.lines)


class _Writer:
    def __init__(self, signatures: Mapping[str, Signature]) -> None:
        self.signatures, self.lines = signatures, list[str]()
        self._handles: dict[int, str] = {}
        self._arrays: list[tuple[np.ndarray, str]] = []
        self._used: set[str] = set(signatures)  # a variable must not hide a function

    def event(self, e: Event) -> None:
        args = [self._argument(e, i, v) for i, v in enumerate(e.args)]
        if e.args and isinstance(e.args[0], Handle) and args[0] == "...":
            return  # an object that no line before has named
        kwargs = [f"{k}={self._text(v)}" for k, v in e.kwargs.items()]
        if e.kind == "program":
            self._program(e, args)
        elif e.kind == "call":
            self._assign(e, f"{e.name}({', '.join(args + kwargs)})")
        elif e.kind == "method":
            name = "" if e.name == "__call__" else f".{e.name}"
            self._assign(e, f"{args[0]}{name}({', '.join(args[1:] + kwargs)})")
        elif e.kind == "operator" and e.name == "setitem":
            self.lines.append(f"{args[0]}[{args[1]}] = {args[2]}")
        elif e.kind == "operator":
            self._assign(e, self._operation(e.name, args))
        elif e.kind == "get":
            self._get(e, args)
        elif e.kind == "set":
            self.lines.append(f"{args[0]}.{e.name} = {args[-1]}")
        elif e.kind == "value":
            self.lines.append(f"print({e.name})")
        elif e.kind == "map" and e.args:
            self.lines.append(f"# {e.name} was called {len(e.args)} times on nearby inputs, such as")
            first = [self._text(v) for v in e.args[0]]
            self.lines.append(f"{e.name}({', '.join(first)})")

    def _program(self, e: Event, args: list[str]) -> None:
        program = e.args[0]
        if program.name not in self._used:
            self._used.add(program.name)
            self.lines[:0] = [*program.source.splitlines(), ""]
        self._assign(e, f"{program.name}({', '.join(args[1:])})")

    def _get(self, e: Event, args: list[str]) -> None:
        text = f"{args[0]}.{e.name}"
        if _holds_handles(e.result):
            self._remember(text, e.result)
        else:
            self.lines.append(f"print({text})")

    def _operation(self, name: str, args: list[str]) -> str:
        if name in _SYMBOLS:
            return f" {_SYMBOLS[name]} ".join(f"({a})" if a.startswith("-") else a for a in args)
        if name == "getitem":
            return f"{args[0]}[{args[1]}]"
        if name in ("neg", "pos"):
            return f"{'-' if name == 'neg' else '+'}{args[0]}"
        return f"{name}({', '.join(args)})"

    def _assign(self, e: Event, call: str) -> None:
        signature = self.signatures.get(e.name) if e.kind == "call" else None
        if isinstance(e.result, BaseException) or e.result is None:
            self.lines.append(call)
        elif (
            signature is not None and len(signature.returns) > 1 and isinstance(e.result, tuple) and len(e.result) == len(signature.returns)
        ):
            names = [self._fresh(n) for n in signature.returns]
            self.lines.append(f"{', '.join(names)} = {call}")
            for name, value in zip(names, e.result, strict=True):
                self._remember(name, value)
        else:
            stem = (
                signature.returns[0] if signature is not None and signature.returns else "a" if isinstance(e.result, Handle) else "result"
            )
            name = self._fresh(stem)
            self.lines.append(f"{name} = {call}")
            self._remember(name, e.result)

    def _remember(self, name: str, value: Any) -> None:
        if isinstance(value, Handle):
            self._handles[value._id] = name
        elif isinstance(value, np.ndarray):
            self._arrays.append((value, name))
        elif isinstance(value, (list, tuple)):
            for i, item in enumerate(value):
                self._remember(f"{name}[{i}]", item)
        elif isinstance(value, dict):
            for key, item in value.items():
                self._remember(f"{name}[{key!r}]", item)

    def _argument(self, e: Event, position: int, value: Any) -> str:
        if not isinstance(value, np.ndarray) or value.ndim == 0:
            return self._text(value)
        stem = self._parameter(e, position)
        for known, name in self._arrays:
            if (
                known.shape == value.shape
                and known.dtype == value.dtype
                and np.array_equal(known, value, equal_nan=value.dtype.kind == "f")
            ):
                return name
        name = self._fresh(stem)
        note = "  # too large to print: any array of this shape" if value.size > _MAX_ENTRIES else ""
        self.lines.append(f"{name} = {_literal(value)}{note}")
        self._arrays.append((value, name))
        return name

    def _parameter(self, e: Event, position: int) -> str:
        if e.kind == "program":
            params: Sequence[str] = ("program", *e.args[0].params)
        else:
            signature = self.signatures.get(e.name) if e.kind == "call" else None
            params = signature.params if signature is not None else ()
        return params[position].split("=")[0].strip("* ") if position < len(params) else "x"

    def _text(self, value: Any) -> str:
        if isinstance(value, Handle):
            return self._handles.get(value._id, "...")
        if isinstance(value, np.ndarray):
            return _literal(value)
        if isinstance(value, (Function, Program)):
            return value.source
        if isinstance(value, tuple):
            return f"({', '.join(self._text(v) for v in value)}{',' if len(value) == 1 else ''})"
        if isinstance(value, list):
            return f"[{', '.join(self._text(v) for v in value)}]"
        if isinstance(value, dict):
            return "{" + ", ".join(f"{k!r}: {self._text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, np.generic):
            return repr(value.item())
        if isinstance(value, float) and not math.isfinite(value):
            return f"float({str(value)!r})"
        if hasattr(value, "name") and callable(value):
            return str(value.name)
        return "..." if callable(value) else repr(value)

    def _fresh(self, stem: str) -> str:
        name, n = stem, 1
        while name in self._used:
            n += 1
            name = f"{stem}{n}"
        self._used.add(name)
        return name


def _holds_handles(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(map(_holds_handles, value))
    return isinstance(value, Handle)


def _literal(a: np.ndarray) -> str:
    if a.size > _MAX_ENTRIES or a.size == 0:
        return f"np.zeros({a.shape}, dtype={a.dtype.name!r})"
    text = repr(a.tolist()).replace("nan", "np.nan").replace("inf", "np.inf")
    suffix = "" if a.dtype in (np.float64, np.int64, np.bool_) else f", dtype=np.{a.dtype.name}"
    order = ', order="F"' if a.ndim > 1 and a.flags.f_contiguous and not a.flags.c_contiguous else ""
    return f"np.array({text}{suffix}{order})"
