"""Execute requests beside the student's code.

In a confined child the student can corrupt everything here; the client does not rely on any of it.  The same class serves
the notebook's own functions in-process, so that a test means the same in both places.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import linecache
import operator
import socket
import time
import traceback
import types
from collections.abc import Callable
from typing import Any

from autograder.channel import stand_ins
from autograder.channel.claims import changed_since, snapshot, steps
from autograder.channel.codec import HandleRef, Reference, SourceRef, decode, encode
from autograder.channel.functions import function_from
from autograder.channel.handles import LIVE_HANDLES, MAX_HANDLES, first_handle
from autograder.channel.names import names_by_definition, without_magics
from autograder.channel.transport import AlarmRang, Frames, OnCallback, Op, Reply, StudentDied
from autograder.errors import ProtocolError

_MAX_FRAMES, _MAX_MESSAGE = 12, 2000
OPERATORS: dict[str, Callable[..., Any]] = {
    name: getattr(operator, name)
    for name in (
        "add",
        "sub",
        "mul",
        "truediv",
        "matmul",
        "pow",
        "mod",
        "neg",
        "pos",
        "lt",
        "le",
        "gt",
        "ge",
        "eq",
        "ne",
        "getitem",
        "setitem",
    )
} | {"len": len, "float": float, "abs": abs, "bool": bool, "iter": list, "int": int}


class CallbackFailed(Exception):
    """Raised in the student's code when the test's own function failed; carries no text of the test."""


class Server:
    """Serve calls on one namespace.

    Args:
        namespace: the globals in which the student's cells run, or the notebook's own globals.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace
        self._objects: dict[int, Any] = {}
        self._next = LIVE_HANDLES
        self._sources: dict[str, list[str]] = {}
        self._ask: OnCallback = _no_callbacks
        self._actions: dict[Op, Callable[[bytes], bytes]] = {
            Op.CALL: self._call,
            Op.MAP: self._map,
            Op.GET: self._get,
            Op.SET: self._set,
            Op.SAME: self._same,
            Op.VALUE: self._value,
            Op.LOAD: self._load,
            Op.ANALYSE: self._analyse,
            Op.FREE: self._free,
            Op.SCRIPT: self._script,
            Op.STEPS: self._steps,
        }

    def dispatch(self, op: Op, body: bytes, ask: OnCallback) -> Reply:
        """Execute one request; ``ask`` carries a callback to the test and returns its reply."""
        outer, self._ask = self._ask, ask
        try:
            return Op.RESULT, self._actions[op](body)
        except (AlarmRang, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit of the student's code included
            return Op.ERROR, self._error(error)
        finally:
            self._ask = outer

    # ------------------------------------------------------------------ references
    def _keep(self, value: Any) -> HandleRef:
        self._objects[self._next] = value
        self._next += 1
        return HandleRef(self._next - 1, type(value).__name__)

    def _resolve(self, ref: Reference) -> Any:
        if isinstance(ref, HandleRef):
            return self._objects[ref.id]
        if isinstance(ref, SourceRef):
            return function_from(ref.text, self.namespace)
        return Callback(self, ref.id)

    def encode(self, *values: Any) -> bytes:
        """Encode values; what is not plain stays here and crosses as a handle."""
        return encode(*values, opaque=self._keep)

    def decode(self, body: bytes, count: int) -> tuple[Any, ...]:
        """Decode values; handles become the objects they stand for."""
        return decode(body, count, self._resolve)

    def call_back(self, id_: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call the test's function number ``id_``."""
        op, body = self._ask(self.encode(id_, args, kwargs))
        if op is Op.ERROR:
            raise CallbackFailed("the function that was passed in failed on this argument")
        return self.decode(body, 1)[0]

    # ------------------------------------------------------------------ actions
    def _call(self, body: bytes) -> bytes:
        target, args, kwargs, keep = self.decode(body, 4)
        return self.encode(*self._run(target, args, kwargs, keep))

    def _map(self, body: bytes) -> bytes:
        target, calls, keep = self.decode(body, 3)
        return self.encode([self._run(target, args, {}, keep)[0] for args in calls])

    def _run(self, target: Any, args: tuple[Any, ...], kwargs: dict[str, Any], keep: tuple[int, ...]) -> tuple[Any, tuple[str, ...]]:
        function = self._target(target)
        before = [snapshot(a) for a in (*args, *kwargs.values())]
        result = function(*args, **kwargs)
        after = (*args, *kwargs.values())
        changed = tuple(
            str(i) for i, (old, new) in enumerate(zip(before, after, strict=True)) if old is not None and changed_since(old, new)
        )
        return self._seal(result, keep), changed

    def _seal(self, result: Any, keep: tuple[int, ...]) -> Any:
        """Replace the values that tests must not look into by handles; -1 means the result as a whole."""
        if -1 in keep:
            return self._keep(result)
        if keep and isinstance(result, (tuple, list)):
            return tuple(self._keep(v) if i in keep else v for i, v in enumerate(result))
        return result

    def _target(self, target: Any) -> Any:
        """Return what a request names: an operator, a function of the notebook, an attribute of a handle, or the value itself."""
        if type(target) is str:
            if target.startswith("op:"):
                return OPERATORS[target[3:]]
            if target not in self.namespace:
                raise NameError(f"name {target!r} is not defined")
            return self.namespace[target]
        if type(target) is tuple:
            return getattr(target[0], target[1])
        return target

    def _get(self, body: bytes) -> bytes:
        owner, name = self.decode(body, 2)
        return self.encode(getattr(owner, name))

    def _set(self, body: bytes) -> bytes:
        owner, name, value = self.decode(body, 3)
        setattr(owner, name, value)
        return self.encode(None)

    def _same(self, body: bytes) -> bytes:
        first, second = self.decode(body, 2)
        return self.encode(first is second)

    def _value(self, body: bytes) -> bytes:
        (name,) = self.decode(body, 1)
        if name not in self.namespace:
            raise NameError(f"name {name!r} is not defined")
        return self.encode(self.namespace[name])

    def _load(self, body: bytes) -> bytes:
        label, source = self.decode(body, 2)
        self._sources[label] = lines = without_magics(source).splitlines()
        linecache.cache[f"<cell {label}>"] = len(source), None, [f"{line}\n" for line in lines], f"<cell {label}>"  # for tracebacks
        exec(_compiled(label, source), self.namespace)  # noqa: S102 - running the student's cell is the job
        return self.encode(None)

    def _analyse(self, body: bytes) -> bytes:
        (source,) = self.decode(body, 1)
        return self.encode(names_by_definition(without_magics(source)))

    def _steps(self, body: bytes) -> bytes:
        target, calls, without = self.decode(body, 3)
        skipped = [self.namespace.get(name) for name in without]
        first_call = self.decode(body, 3)[1][0]
        self._target(target)(*first_call)  # an import in the function, or a table filled once, must not hide a loop behind it
        return self.encode([steps(self._target(target), args, skipped) for args in calls])

    def _free(self, body: bytes) -> bytes:
        for id_ in self.decode(body, 1)[0]:
            self._objects.pop(id_, None)
        return self.encode(None)

    def number_handles(self, example: int, position: int) -> None:
        """Number the next handles by example and request."""
        self._next = first_handle(example, position)

    def _script(self, body: bytes) -> bytes:
        """Execute requests in order until the time is up; answer with the replies so far."""
        places, requests, seconds = self.decode(body, 3)
        for id_ in [i for i in self._objects if i < LIVE_HANDLES]:
            del self._objects[id_]
        end, live, replies = time.monotonic() + seconds, self._next, []
        try:
            for (example, position, op), request in zip(places.tolist(), requests, strict=True):
                self.number_handles(example, position)
                replies.append(self.dispatch(Op(op), request, _no_callbacks))
                if self._next > first_handle(example, position) + MAX_HANDLES:
                    replies.pop()
                    break
                if time.monotonic() > end:
                    break
        finally:
            self._next = live
        return encode(bytes(op for op, _ in replies), [reply for _, reply in replies])

    # ------------------------------------------------------------------ errors
    def _error(self, error: BaseException) -> bytes:
        bases = [c.__name__ for c in type(error).__mro__ if c.__module__ == "builtins" and c is not object]
        try:
            message = str(error)[:_MAX_MESSAGE]
        except Exception:
            message = "<this exception cannot be printed>"
        return encode(type(error).__name__[:60], bases[:20], message, self._student_frames(error))

    def _student_frames(self, error: BaseException) -> list[tuple[str, int, str, str]]:
        frames = []
        for frame in traceback.extract_tb(error.__traceback__):
            if (label := _cell_label(frame.filename)) is None:
                continue
            lines = self._sources.get(label, [])
            line = lines[frame.lineno - 1] if frame.lineno and 0 < frame.lineno <= len(lines) else frame.line or ""
            frames.append((label[:60], frame.lineno or 0, frame.name[:60], line.strip()[:200]))
        if isinstance(error, SyntaxError) and error.filename and (label := _cell_label(error.filename)) is not None:
            frames.append((label[:60], error.lineno or 0, "<module>", (error.text or "").strip()[:200]))
        return frames[-_MAX_FRAMES:]


@functools.lru_cache(maxsize=512)  # a trusted process loads the reference's cells again for each variant
def _compiled(label: str, source: str) -> types.CodeType:
    return compile(without_magics(source), f"<cell {label}>", "exec")


class Callback:
    """The student's side of a function that belongs to the test."""

    __slots__ = ("_id", "_server")

    def __init__(self, server: Server, id_: int) -> None:
        self._server, self._id = server, id_

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the test's function over the channel."""
        return self._server.call_back(self._id, args, kwargs)


def _no_callbacks(_: bytes) -> Reply:
    raise ProtocolError("no call is in progress")


def _cell_label(filename: str) -> str | None:
    """Return the cell a frame belongs to, or None when it is not the student's code."""
    if filename.startswith("<cell ") and filename.endswith(">"):
        return filename[6:-1]
    if "ipykernel_" in filename or filename.startswith("<ipython-input"):
        return "notebook"
    return None


# ---------------------------------------------------------------------- the loop of a confined child
def serve(sock: socket.socket) -> None:
    """Serve requests on a socket until it closes; a broken frame ends the process."""
    stand_ins.install()
    namespace: dict[str, Any] = {"__name__": "__main__", "__builtins__": builtins}
    frames, server = Frames(sock), Server(namespace)
    with contextlib.suppress(StudentDied):  # the other end closed
        while True:
            op, number, body = frames.receive()
            _answer(frames, server, op, number, body)


def _answer(frames: Frames, server: Server, op: Op, number: int, body: bytes) -> None:
    def ask(question: bytes) -> Reply:
        frames.send(Op.CALLBACK, number, question)
        while True:
            reply, nested, answer = frames.receive()
            if reply in (Op.RESULT, Op.ERROR):
                return reply, answer
            _answer(frames, server, reply, nested, answer)

    reply, answer = server.dispatch(op, body, ask)
    if op is not Op.FREE:
        try:
            frames.send(reply, number, answer)
        except ProtocolError as error:
            frames.send(Op.ERROR, number, encode("ValueError", ["ValueError"], str(error), []))
