"""Move one request to the student's side and its reply back: over a socket, or by a plain call in one process."""

from __future__ import annotations

import contextlib
import enum
import io
import select
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Protocol

import numpy as np

from autograder.channel.codec import MAX_BYTES
from autograder.errors import ProtocolError

_HEADER = struct.Struct("<IHBBI")  # length, magic, op, flags, request number
_MAGIC = 0x4E32
MAX_FRAME = MAX_BYTES + (1 << 16)


class Op(enum.IntEnum):
    """What a frame is."""

    CALL = 0
    MAP = 1
    GET = 2
    SET = 3
    SAME = 4
    VALUE = 5
    LOAD = 6
    ANALYSE = 7
    FREE = 8
    RESULT = 9
    ERROR = 10
    CALLBACK = 11
    SCRIPT = 12
    STEPS = 13


class StudentTimeout(Exception):
    """The student's code did not answer in time."""


class StudentDied(Exception):
    """The student's process ended before it answered."""


Reply = tuple[Op, bytes]
OnCallback = Callable[[bytes], Reply]


class Transport(Protocol):
    """One end of the channel as the client uses it."""

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Send a request, answer callbacks, return the reply; raises StudentTimeout, StudentDied, ProtocolError."""
        ...


class Frames:
    """Frames on a socket, with a size limit and a deadline (``time.monotonic`` seconds, or None)."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self.deadline: float | None = None
        self._poll = select.poll()
        self._poll.register(sock.fileno(), select.POLLIN)

    def send(self, op: Op, number: int, body: bytes) -> None:
        """Send one frame."""
        if len(body) > MAX_FRAME:
            raise ProtocolError(f"a message of {len(body)} bytes cannot cross, limit {MAX_FRAME}")
        header = _HEADER.pack(len(body), _MAGIC, op, 0, number)
        try:
            if len(body) < 1 << 16:
                self.socket.sendall(header + body)
            else:
                self.socket.sendall(header)
                self.socket.sendall(body)
        except TimeoutError as error:
            raise StudentTimeout from error
        except OSError as error:
            raise StudentDied from error

    def receive(self) -> tuple[Op, int, bytes]:
        """Return op, request number and body of the next frame."""
        length, magic, op, flags, number = _HEADER.unpack(self._read(_HEADER.size))
        if magic != _MAGIC or flags or length > MAX_FRAME or op > max(Op):
            raise ProtocolError("bad frame header")
        return Op(op), number, self._read(length) if length else b""

    def _read(self, count: int) -> bytes:
        buffer = bytearray()
        while len(buffer) < count:  # grows with what arrives, not with what a header claims
            self._wait()
            try:
                chunk = self.socket.recv(min(count - len(buffer), 1 << 20))
            except OSError as error:
                raise StudentDied from error
            if not chunk:
                raise StudentDied
            if len(chunk) == count:
                return chunk
            buffer += chunk
        return bytes(buffer)

    def _wait(self) -> None:
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0 or not self._poll.poll(left * 1000):
                raise StudentTimeout


class SocketTransport:
    """The client's end of a socket to a confined child."""

    def __init__(self, sock: socket.socket) -> None:
        self._frames, self._number, self._depth = Frames(sock), 0, 0
        sock.settimeout(30.0)

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Send a request and return its reply; ``seconds`` bounds the outermost request with all its callbacks."""
        if self._depth == 0:
            self._frames.deadline = time.monotonic() + seconds
        self._number = (self._number + 1) & 0xFFFFFFFF
        number = self._number
        self._frames.send(op, number, body)
        if op is Op.FREE:
            return Op.RESULT, b""
        self._depth += 1
        try:
            while True:
                answer, echoed, data = self._frames.receive()
                if echoed != number:
                    raise ProtocolError("a reply to another request")
                if answer is not Op.CALLBACK:
                    return answer, data
                self._frames.send(*_renumber(on_callback(data), number))
        finally:
            self._depth -= 1


def _renumber(reply: Reply, number: int) -> tuple[Op, int, bytes]:
    return reply[0], number, reply[1]


Dispatch = Callable[[Op, bytes, OnCallback], Reply]


class LocalTransport:
    """The same requests by a plain call, for the student's own machine and for trusted variants.

    Prints of the student's code are swallowed; where signals can be had (main thread, POSIX) an alarm ends a call that runs too long.
    """

    def __init__(self, dispatch: Dispatch) -> None:
        self._dispatch, self._depth = dispatch, 0

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Execute the request here; raises StudentTimeout when the alarm rang."""
        if self._depth:
            return self._dispatch(op, body, on_callback)
        self._depth += 1
        try:
            with contextlib.redirect_stdout(_Sink()), np.errstate(all="ignore"), alarm(seconds):
                return self._dispatch(op, body, on_callback)
        finally:
            self._depth -= 1


class _Sink(io.TextIOBase):
    """A text stream that forgets."""

    def write(self, text: str, /) -> int:
        return len(text)


class AlarmRang(BaseException):
    """Raised inside the student's code by the alarm; not an Exception, so that ``except Exception`` does not swallow it."""


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise StudentTimeout when the body runs longer than ``seconds``; without signals, do nothing."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise AlarmRang

    previous: Any = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except AlarmRang:
        raise StudentTimeout from None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
