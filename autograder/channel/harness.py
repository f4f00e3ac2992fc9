"""What the harness does with a student, and tests do not: load cells, record, fetch scripts, bound the time."""

from __future__ import annotations

from collections.abc import Callable

from autograder.channel.client import Student, exchange, seconds_left
from autograder.channel.events import Event
from autograder.channel.script import Script, ScriptedTransport
from autograder.channel.transport import Op, StudentTimeout
from autograder.errors import ProtocolError


def load_cell(student: Student, label: str, source: str, seconds: float) -> None:
    """Run one cell in the student's namespace; raises StudentError, StudentTimeout, StudentDied or ProtocolError."""
    usual, student._seconds = student._seconds, seconds
    student._loaded[label[:60]] = source.splitlines()  # never parsed on this side
    try:
        exchange(student, Op.LOAD, (label, source), 1)
    finally:
        student._seconds = usual


def cell_names(student: Student, source: str) -> dict[str, tuple[str, ...]]:
    """Return the dotted names that each definition of a cell mentions, found beside the student; raises as :func:`load_cell`."""
    (found,) = exchange(student, Op.ANALYSE, (source,), 1)
    if type(found) is not dict or not all(type(d) is str and type(names) is list for d, names in found.items()):
        raise ProtocolError("names are not lists by definition")
    if not all(type(n) is str for names in found.values() for n in names):
        raise ProtocolError("names are not text")
    return {definition: tuple(names) for definition, names in found.items()}


def mutated(student: Student) -> tuple[str, ...]:
    """Return the names of the arguments that the last call changed (as the student's side reports)."""
    return student._mutated


def mutated_arguments(student: Student) -> tuple[str, ...]:
    """Return what the arguments that the last call changed are called, such as ``x`` or ``argument 2``; none that was not passed is named."""
    return tuple(name for position, name in enumerate(student._arguments) if str(position) in student._mutated)


def start_recording(student: Student) -> None:
    """Record every interaction from now on."""
    student._events = []


def stop_recording(student: Student) -> list[Event]:
    """Return what was recorded and stop."""
    events, student._events = student._events or [], None
    return events


def prefetch(student: Student, script: Script) -> None:
    """Fetch the replies of a test's script, where the transport can."""
    if isinstance(student._transport, ScriptedTransport):
        try:
            student._transport.prefetch(script, seconds_left(student))
        except StudentTimeout:  # no time is left: the test's first call says so
            student._transport.prefetch(Script(), 0.0)


def replies_digest(student: Student) -> bytes | None:
    """Return a digest of the replies to the script, or None when there are none."""
    return student._transport.digest if isinstance(student._transport, ScriptedTransport) else None


def stayed_in_script(student: Student) -> bool:
    """Tell whether everything since the script was fetched was answered by it."""
    return isinstance(student._transport, ScriptedTransport) and student._transport.stayed


def begin_example(student: Student, index: int | None) -> None:
    """Say which example of the script runs next; None for another one."""
    if student._events is not None:
        student._events = []
    if isinstance(student._transport, ScriptedTransport):
        student._transport.begin(index)


def leave_script(student: Student) -> None:
    """Say that the example is over: what comes next is no part of the script."""
    if isinstance(student._transport, ScriptedTransport):
        student._transport.begin(None)


def limit_total(student: Student, left: Callable[[], float]) -> None:
    """Bound every request by ``left()`` seconds as well."""
    student._left = left
