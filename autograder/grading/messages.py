"""What a grading process and its owner, a push server or a machine of a cluster, say to each other: frozen messages in MessagePack, each with its length before it."""

from __future__ import annotations

import struct
from typing import IO, Literal, TypeVar

import msgspec

from autograder.records import SubmissionRecord
from autograder.sandbox.model import Level

_SIZE = struct.Struct("!I")
M = TypeVar("M", bound=msgspec.Struct)


class Orders(msgspec.Struct, frozen=True):
    """What a grading process is told first: the course's folder, the units in the order of their slots, level and the process's number."""

    course: str
    units: tuple[str, ...]
    level: Level
    number: int


class Earlier(msgspec.Struct, frozen=True):
    """What is known of a student's last push of the unit: its record, and the hashes of its exercises' cells."""

    record: SubmissionRecord
    cells: dict[str, str]


class Task(msgspec.Struct, frozen=True):
    """A notebook to grade, or with ``warm`` a unit to get ready for."""

    unit: str
    student: str = ""
    data: bytes | None = None
    problem: str = ""
    earlier: Earlier | None = None
    warm: bool = False


class Answer(msgspec.Struct, frozen=True):
    """What a grading process says.

    Args:
        kind: ``record`` (the grade), ``part`` (the changed exercises' grade, the rest follows), ``warm`` (ready for the unit), ``stale``
            (the unit's tests have changed; nothing is graded, start another process), ``failed`` (the machine or the unit fails; ``text``
            says why) or ``surprise`` (grading this notebook failed).
        record: of ``record`` and ``part``.
        cells: hash of each exercise's cells.
    """

    kind: Literal["record", "part", "warm", "stale", "failed", "surprise"]
    record: SubmissionRecord | None = None
    cells: dict[str, str] = {}
    text: str = ""


def pack(message: msgspec.Struct) -> bytes:
    """Return a message with its length before it."""
    data = msgspec.msgpack.encode(message)
    return _SIZE.pack(len(data)) + data


def length(head: bytes) -> int:
    """Return the length that a message's first four bytes give."""
    return int(_SIZE.unpack(head)[0])


def send(stream: IO[bytes], message: msgspec.Struct) -> None:
    """Write a message and flush it; raises ``OSError`` when the other end is gone."""
    stream.write(pack(message))
    stream.flush()


def receive(stream: IO[bytes], kind: type[M]) -> M:
    """Return the next message of a stream that is read in full.

    Raises:
        EOFError: the stream ended before the message did.
        msgspec.MsgspecError: it is no message of this kind.
    """
    return msgspec.msgpack.decode(_exactly(stream, length(_exactly(stream, _SIZE.size))), type=kind)


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise EOFError(f"{len(data)} of {count} bytes")
    return data
