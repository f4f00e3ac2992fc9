"""Run one test on replayed examples: outcome, message, where it differs, the smallest failing example as code."""

from __future__ import annotations

import builtins
import re
from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from autograder.channel.client import Student
from autograder.channel.codec import encode
from autograder.channel.events import Event, Frame, StudentError, WrongReturn
from autograder.channel.harness import begin_example, leave_script, start_recording, stop_recording
from autograder.channel.script import LeftScript
from autograder.channel.transport import StudentDied, StudentTimeout
from autograder.errors import ProtocolError
from autograder.records import NOT_WRITTEN, Difference
from autograder.testing.cases import Case
from autograder.testing.examples import Example, shrink
from autograder.testing.failures import TestFailure
from autograder.testing.order import one_of_several, other_order
from autograder.testing.trace import Fingerprint, code, numbers

_UNKNOWN = re.compile(r"name '(\w{1,100})' is not defined")
_DECIMAL = re.compile(r"-?\d+\.\d*(?:e[+-]?\d+)?|-?\d{5,}", re.IGNORECASE)
Kind = Literal["wrong", "raised", "unwritten", "undefined", "timeout", "died", "protocol"]


class Failure(msgspec.Struct, frozen=True):
    """Why a test failed on one example.

    Args:
        kind: ``wrong`` answer, student code ``raised``, is ``unwritten`` or ``undefined``, ran into a ``timeout``, its process ``died`` or broke the ``protocol``.
        message: a sentence for the student.
        example: what was drawn.
        discreet: the message without what an exception's text may tell of the example; empty when they are the same.
        unknown: the name that was not defined, when that is the reason.
        expected: what the comparison that failed wanted, when it was one.
    """

    kind: Kind
    message: str
    example: Example
    index: int | None
    difference: Difference | None = None
    frames: tuple[Frame, ...] = ()
    discreet: str = ""
    unknown: str = ""
    expected: Any = None

    @property
    def ends_process(self) -> bool:
        """Tell whether the student's process cannot be used any more."""
        return self.kind in ("timeout", "died", "protocol")


def attempt(case: Case, student: Student, reference: Any, example: Example, index: int | None) -> Failure | None:
    """Run a test on one example; None when it passed.

    Args:
        case: the test.
        student: the code under test.
        reference: for tests that want it.
        example: what was drawn.
        index: the example's position among the replayed ones; None for another example.
    """
    begin_example(student, index)
    try:
        return _attempt(case, student, reference, example, index)
    except LeftScript:
        begin_example(student, None)
        return _attempt(case, student, reference, example, index)
    finally:
        leave_script(student)


def _attempt(case: Case, student: Student, reference: Any, example: Example, index: int | None) -> Failure | None:
    arguments: dict[str, Any] = dict(example)
    if case.wants_reference:
        arguments["reference"] = reference
    try:
        case.function(student=student, **arguments)
    except TestFailure as error:
        return Failure("wrong", error.message, example, index, error.difference, expected=error.expected)
    except WrongReturn as error:
        return Failure("wrong", f"{error}.", example, index)
    except StudentError as error:
        return _raised(error, example, index)
    except StudentTimeout:
        return Failure("timeout", "Your code ran out of time: is there a loop that does not end?", example, index)
    except StudentDied:
        return Failure(
            "died", "Your code ended its process (exit, crash, or too much memory) instead of returning a value.", example, index
        )
    except ProtocolError as error:
        return Failure("protocol", f"What your code returned cannot be read: {error}.", example, index)
    except Exception as error:
        return _unexpected(error, example, index)
    return None


def _raised(error: StudentError, example: Example, index: int | None) -> Failure:
    if error.is_a(NotImplementedError):
        return Failure("unwritten", NOT_WRITTEN, example, index)
    found = _UNKNOWN.match(error.text) if error.is_a(NameError) else None
    unknown = found[1] if found else ""
    if error.is_a(NameError) and not error.frames:
        return Failure("undefined", f"{error.text[:1].upper()}{error.text[1:]} in your notebook.", example, index, unknown=unknown)
    where = f" ({place(error.frames[-1])})" if error.frames else ""
    if error.is_a(MemoryError):
        return Failure("raised", f"Your code needs more memory than it may have{where}.", example, index, frames=error.frames)
    said = f"{error.name}: {error.text}" if error.text else error.name
    kept = f"Your code raised {_without_inputs(error)}{where}"
    return Failure("raised", f"Your code raised {said}{where}", example, index, frames=error.frames, discreet=kept, unknown=unknown)


def _without_inputs(error: StudentError) -> str:
    """Return an exception's built-in type, with its text only where Python or NumPy wrote it, short and without decimal numbers."""
    kind = next((name for name in (error.name, *error.bases) if isinstance(getattr(builtins, name, None), type)), "an exception")
    last = error.frames[-1].text.lstrip() if error.frames else "raise"
    if last.startswith(("raise", "assert")) or not error.text or kind != error.name:
        return kind
    return f"{kind}: {_DECIMAL.sub('…', error.text.splitlines()[0])[:120]}"


def place(frame: Frame) -> str:
    """Return where a line of the student's code is, and the line itself."""
    if frame.cell == "notebook":
        return f"line {frame.line} of the cell: {frame.text}"
    cell = frame.cell if frame.cell.startswith("cell") or not frame.cell.isdigit() else f"cell {frame.cell}"
    return f"{cell}, line {frame.line}: {frame.text}"


def _unexpected(error: Exception, example: Example, index: int | None) -> Failure:
    """Tell an answer of a shape the test could not even compute with from a broken test.

    A test's own arithmetic on a student's value (adding a string, indexing a number) fails here; the reference passes
    the same lines, which ``selfcheck`` proves, so the student's value is the cause.
    """
    text = f"{type(error).__name__}: {error}"[:300]
    return Failure("wrong", f"The check could not compute with what your code returned ({text}).", example, index)


def first_failure(case: Case, student: Student, reference: Any, examples: Sequence[Example]) -> Failure | None:
    """Replay the examples and return the first failure."""
    for index, example in enumerate(examples):
        failure = attempt(case, student, reference, example, index)
        if failure is not None:
            return failure
    return None


def recorded(case: Case, student: Student, reference: Any, example: Example, index: int | None) -> tuple[Failure | None, list[Event]]:
    """Run a test on one example and return what happened with every interaction."""
    start_recording(student)
    try:
        failure = attempt(case, student, reference, example, index)
    finally:
        events = stop_recording(student)
    return failure, events


def smallest(case: Case, student: Student, reference: Any, failure: Failure, seed: int, *, attempts: int, seconds: float) -> Failure:
    """Return the failure on the smallest example that still fails in the same way.

    Args:
        case: the failed test.
        student, reference: as for :func:`attempt`.
        failure: the first failure.
        seed: what the examples were generated with.
        attempts, seconds: bounds on shrinking.
    """
    if failure.kind not in ("wrong", "raised"):
        return failure
    found: dict[bytes, Failure] = {}

    def fails(example: Example) -> bool:
        result = attempt(case, student, reference, example, None)
        if result is None or result.kind != failure.kind:
            if result is not None and result.ends_process:
                raise StudentDied
            return False
        found[encode(example)] = result
        return True

    best = shrink(case, seed, failure.example, fails, attempts=attempts, seconds=seconds)
    return found.get(encode(best), failure)


def with_order(case: Case, student: Student, reference: Any, failure: Failure) -> Failure:
    """Return the failure, told of the order when the student's function returned the right values in another one."""
    if failure.expected is None or failure.difference is None or not one_of_several(student._signatures, failure.difference.name):
        return failure
    _, events = recorded(case, student, reference, failure.example, failure.index)
    sentence = other_order(events, student._signatures, failure.difference.name, failure.expected)
    return msgspec.structs.replace(failure, message=f"{failure.message} {sentence}") if sentence else failure


def fingerprints(case: Case, student: Student, reference: Any, examples: Sequence[Example]) -> list[Fingerprint]:
    """Return the numbers of the student's code on each example."""
    runs = (recorded(case, student, reference, example, index) for index, example in enumerate(examples))
    return [numbers(events, failure is not None) for failure, events in runs]


def example_code(case: Case, student: Student, reference: Any, failure: Failure) -> str:
    """Return the failing example as code to paste."""
    _, events = recorded(case, student, reference, failure.example, failure.index)
    return code(events, student._signatures)
