"""What a test sees as ``student``: functions, classes and variables of the student's notebook, wherever they run."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

from autograder.channel.codec import CallbackRef, HandleRef, Reference, SourceRef, decode, encode
from autograder.channel.events import Event, Frame, StudentError, WrongReturn
from autograder.channel.functions import Function, Program
from autograder.channel.handles import LIVE_HANDLES
from autograder.channel.server import Server
from autograder.channel.transport import LocalTransport, Op, Reply, StudentTimeout, Transport
from autograder.errors import ProtocolError
from autograder.unit import Signature

_MAX_CALLBACKS, _MAX_CALLBACK_DEPTH, _FREE_BATCH = 100_000, 8, 1000


class Student:
    """The student's namespace, reached through a transport.

    Args:
        transport: a socket to a confined child, or a plain call.
        signatures: names of arguments and returned values, from ``unit.toml``.
        call_seconds: wall limit of one request.
    """

    def __init__(self, transport: Transport, signatures: Mapping[str, Signature], call_seconds: float = 5.0) -> None:
        self._transport, self._signatures, self._seconds = transport, signatures, call_seconds
        self._callbacks: list[Callable[..., Any]] = []
        self._dead: list[int] = []
        self._depth = 0
        self._mutated: tuple[str, ...] = ()
        self._arguments: tuple[str, ...] = ()  # what those of the last call are called
        self._events: list[Event] | None = None
        self._left: Callable[[], float] | None = None
        self._loaded: dict[str, list[str]] = {}  # lines of the cells that were sent, by label

    @classmethod
    def local(cls, namespace: dict[str, Any], signatures: Mapping[str, Signature], call_seconds: float = 5.0) -> Student:
        """Return a student whose functions are those of ``namespace``, called in this process."""
        return cls(LocalTransport(Server(namespace).dispatch), signatures, call_seconds)

    def __getattr__(self, name: str) -> StudentFunction:
        if name.startswith("_"):
            raise AttributeError(name)
        return StudentFunction(self, name)

    def value(self, name: str) -> Any:
        """Return the value of the student's variable ``name``."""
        return _request(self, "value", name, Op.VALUE, name)


class StudentFunction:
    """A function or class of the student, by name."""

    __slots__ = ("_student", "name")

    def __init__(self, student: Student, name: str) -> None:
        self._student, self.name = student, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; arrays go over as private copies."""
        return _call(self._student, self.name, args, kwargs)

    def map(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call it once per tuple of arguments, in one round trip."""
        signature = self._student._signatures.get(self.name)
        keep = _keep(signature)
        results = _request(self._student, "map", self.name, Op.MAP, self.name, list(calls), keep, args=tuple(calls))
        if type(results) is not list or len(results) != len(calls):
            raise ProtocolError("a batch came back with another length")
        return [_checked(signature, result) for result in results]

    def loops(self, few: tuple[Any, ...], many: tuple[Any, ...], further: int, *, without: tuple[str, ...] = ()) -> bool:
        """Tell whether the function goes round in Python once for each entry (as the student's side reports).

        Args:
            few, many: arguments of two calls; the second have ``further`` more entries along each axis that must not be gone through.
            further: so many more lines of Python, or above, are a loop.
            without: names of functions of the notebook that may loop.
        """
        result: bool | Exception = False
        try:
            (counts,) = exchange(self._student, Op.STEPS, (self.name, [few, many], without), 1)
            if type(counts) is not list or len(counts) != 2 or not all(type(c) is int for c in counts):
                raise ProtocolError("steps are not two numbers")
            result = bool(counts[1] - counts[0] >= further)
            return result
        except Exception as error:
            result = error
            raise
        finally:
            if self._student._events is not None and self._student._depth == 0:
                self._student._events.append(Event("loop", self.name, (), {}, result))


class Handle:
    """An object of the student that tests do not look into: a cache, a model, an object of the student's class."""

    __slots__ = ("_id", "_kind", "_student")

    def __init__(self, student: Student, id_: int, kind: str) -> None:
        object.__setattr__(self, "_student", student)
        object.__setattr__(self, "_id", id_)
        object.__setattr__(self, "_kind", kind)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = _request(self._student, "get", name, Op.GET, self, name)
        return Method(self, name) if isinstance(found, Handle) and found._kind in _METHODS else found

    def __setattr__(self, name: str, value: Any) -> None:
        _request(self._student, "set", name, Op.SET, self, name, value)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's object."""
        return _record_call(self._student, "method", "__call__", self, (self, *args), kwargs, args)

    def __deepcopy__(self, memo: Any) -> Handle:
        return self

    def __repr__(self) -> str:
        return f"<an object of type {self._kind}>"

    def __del__(self) -> None:
        if self._id >= LIVE_HANDLES:  # those of a script are dropped with it, and their numbers used again by the next
            self._student._dead.append(self._id)


_METHODS = ("method", "function", "builtin_function_or_method", "partial", "method-wrapper")


class Method:
    """A bound method of a handle."""

    __slots__ = ("_name", "_owner")

    def __init__(self, owner: Handle, name: str) -> None:
        self._owner, self._name = owner, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the method."""
        return _record_call(self._owner._student, "method", self._name, (self._owner, self._name), (self._owner, *args), kwargs, args)


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def apply(self: Handle, *args: Any) -> Any:
        operands = (*args, self) if reflected else (self, *args)
        return _record_call(self._student, "operator", name, f"op:{name}", operands, {}, operands)

    return apply


for _name in ("add", "sub", "mul", "truediv", "matmul", "pow", "mod"):
    setattr(Handle, f"__{_name}__", _operator(_name))
    setattr(Handle, f"__r{_name}__", _operator(_name, reflected=True))
for _name in ("neg", "pos", "abs", "lt", "le", "gt", "ge", "getitem", "setitem", "len", "float", "int", "bool"):
    setattr(Handle, f"__{_name}__", _operator(_name))


def same_object(first: object, second: object) -> bool:
    """Tell whether two handles stand for one object of the student; plain values crossed as copies and are only themselves."""
    if not isinstance(first, Handle) or not isinstance(second, Handle):
        return first is second
    return bool(_request(first._student, "operator", "is", Op.SAME, first, second, record=False))


# ---------------------------------------------------------------------- requests
def _keep(signature: Signature | None) -> tuple[int, ...]:
    if signature is None or not signature.opaque:
        return ()
    return signature.opaque if len(signature.returns) > 1 else (-1,)


def _checked(signature: Signature | None, result: Any) -> Any:
    """Return the result as a tuple of the signature's length, or raise WrongReturn."""
    if signature is None or len(signature.returns) < 2:
        return result
    names = ", ".join(signature.returns)
    if type(result) not in (tuple, list):
        raise WrongReturn(f"{signature.name} must return {len(signature.returns)} values ({names}); it returned {_describe(result)}")
    if len(result) != len(signature.returns):
        raise WrongReturn(f"{signature.name} must return {len(signature.returns)} values ({names}); it returned {len(result)}")
    return tuple(result)


def _describe(value: Any) -> str:
    if value is None:
        return "None (is the return statement missing?)"
    shape = getattr(value, "shape", None)
    return f"one {type(value).__name__}" + (f" of shape {shape}" if shape is not None else "")


def _call(student: Student, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    signature = student._signatures.get(name)
    return _record_call(student, "call", name, name, args, kwargs, args, signature)


def run_program(student: Student, program: Program, args: tuple[Any, ...]) -> Any:
    """Run a program of the test beside the student's functions and return its result."""
    return _record_call(student, "program", program.name, program, (program, *args), {}, args)


def _record_call(
    student: Student,
    kind: Literal["call", "method", "operator", "program"],
    name: str,
    target: Any,
    shown: tuple[Any, ...],
    kwargs: dict[str, Any],
    args: tuple[Any, ...],
    signature: Signature | None = None,
) -> Any:
    before: tuple[tuple[Any, ...], dict[str, Any]] = _copy(student, (shown, kwargs))
    student._mutated, student._arguments = (), _called(signature, len(args), kwargs)
    result: Any = None
    try:
        result, mutated = exchange(student, Op.CALL, (target, args, kwargs, _keep(signature)), 2)
        if type(mutated) is not tuple or not all(type(m) is str for m in mutated):
            raise ProtocolError("a reply names no arguments")
        student._mutated = mutated
        result = _checked(signature, result)
    except Exception as error:
        result = error
        raise
    finally:
        if student._events is not None and student._depth == 0:
            student._events.append(Event(kind, name, before[0], before[1], _copy(student, result), student._mutated))
    return result


def _called(signature: Signature | None, count: int, kwargs: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of positional arguments where the signature knows them, else ``argument 2``, then those of keywords."""
    known = [p.split("=")[0].strip() for p in signature.params] if signature is not None else []
    names = [known[i] if i < len(known) and known[i].isidentifier() else f"argument {i + 1}" for i in range(count)]
    return (*names, *kwargs)


def _request(
    student: Student,
    kind: Literal["operator", "get", "set", "value", "map"],
    name: str,
    op: Op,
    *values: Any,
    args: tuple[Any, ...] | None = None,
    record: bool = True,
) -> Any:
    result: Any = None
    try:
        (result,) = exchange(student, op, values, 1)
    except Exception as error:
        result = error
        raise
    finally:
        if record and student._events is not None and student._depth == 0:
            shown = args if args is not None else tuple(v for v in values if v is not name)
            student._events.append(Event(kind, name, _copy(student, shown), {}, _copy(student, result)))
    return result


def _copy(student: Student, value: Any) -> Any:
    if student._events is None or isinstance(value, BaseException):
        return value
    return copy.deepcopy(value)


def exchange(student: Student, op: Op, values: tuple[Any, ...], count: int) -> tuple[Any, ...]:
    """Send one request and return the decoded values of its reply."""
    if len(student._dead) > _FREE_BATCH and student._depth == 0:
        dead, student._dead = student._dead, []
        student._transport.roundtrip(Op.FREE, encode(dead), _refuse, student._seconds)
    request = _Request(student)
    try:
        reply, body = student._transport.roundtrip(op, encode(*values, opaque=request.opaque), request.on_callback, seconds_left(student))
        if reply is Op.ERROR:
            raise _student_error(student, body)
        if reply is not Op.RESULT:
            raise ProtocolError("an unexpected frame")
        return decode(body, count, request.resolve)
    finally:
        if student._depth == 0:
            del student._callbacks[request.first :]


class _Request:
    """What one request may refer to, and its callbacks."""

    __slots__ = ("calls", "first", "student")

    def __init__(self, student: Student) -> None:
        self.student, self.first, self.calls = student, len(student._callbacks), 0

    def opaque(self, value: Any) -> Reference:
        if isinstance(value, Handle):
            return HandleRef(value._id)
        if isinstance(value, (Function, Program)):
            return SourceRef(value.source)
        if callable(value):
            self.student._callbacks.append(value)
            return CallbackRef(len(self.student._callbacks) - 1)
        raise ProtocolError(f"a test passed a {type(value).__name__}, which cannot cross")

    def resolve(self, ref: Reference) -> Any:
        if isinstance(ref, HandleRef):
            return Handle(self.student, ref.id, ref.kind if ref.kind.isprintable() else "?")
        if isinstance(ref, SourceRef):
            raise ProtocolError("source text from the student's side")
        if ref.id >= len(self.student._callbacks):
            raise ProtocolError("a callback that does not exist")
        return self.student._callbacks[ref.id]

    def on_callback(self, question: bytes) -> Reply:
        student = self.student
        self.calls += 1
        if self.calls > _MAX_CALLBACKS or student._depth > _MAX_CALLBACK_DEPTH:
            raise ProtocolError("too many callbacks")
        id_, args, kwargs = decode(question, 3, self.resolve)
        if type(id_) is not int or not 0 <= id_ < len(student._callbacks) or type(args) is not tuple or type(kwargs) is not dict:
            raise ProtocolError("a malformed callback")
        student._depth += 1
        try:
            return Op.RESULT, encode(student._callbacks[id_](*args, **kwargs), opaque=self.opaque)
        except (ProtocolError, StudentTimeout):
            raise
        except Exception:
            return Op.ERROR, b""  # nothing of the test's side crosses
        finally:
            student._depth -= 1


def seconds_left(student: Student) -> float:
    """Return the wall seconds that the next request may take; raises ``StudentTimeout`` when there are none."""
    left = student._left() if student._left is not None else student._seconds
    if left <= 0:
        raise StudentTimeout
    return min(student._seconds, left)


def _refuse(_: bytes) -> Reply:
    raise ProtocolError("no call is in progress")


def _student_error(student: Student, body: bytes) -> StudentError:
    """Return the exception that the student's side tells of, its lines from the cells as they were sent.

    A traceback is a claim: a frame of a cell that was not sent, or beyond its end, is left out.
    """
    name, bases, text, frames = decode(body, 4)
    if type(name) is not str or type(bases) is not list or type(text) is not str or type(frames) is not list:
        raise ProtocolError("a malformed exception")
    lines = []
    for frame in frames[:20]:
        if type(frame) is not tuple or [type(x) for x in frame] != [str, int, str, str]:
            raise ProtocolError("a malformed traceback")
        label, line, function, claimed = frame
        if not student._loaded:  # the notebook's own process
            lines.append(Frame(label, line, function, claimed))
        elif 0 < line <= len(source := student._loaded.get(label, ())):
            lines.append(Frame(label, line, function, source[line - 1].strip()[:200]))
    return StudentError(name[:60], tuple(str(b)[:60] for b in bases[:20]), text[:2000], tuple(lines))
