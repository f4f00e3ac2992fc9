"""Tests of frames, the socket's end and the plain call."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.channel import transport
from autograder.channel.client import Student
from autograder.channel.codec import encode
from autograder.channel.events import StudentError
from autograder.channel.harness import load_cell
from autograder.channel.server import serve
from autograder.channel.transport import AlarmRang, Frames, LocalTransport, Op, Reply, SocketTransport, StudentDied, StudentTimeout, alarm
from autograder.errors import ProtocolError

from .worlds import forked, local, refuse

HEADER = struct.Struct("<IHBBI")
MAGIC = 0x4E32


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected sockets."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def header(length: int = 0, magic: int = MAGIC, op: int = Op.RESULT, flags: int = 0, number: int = 1) -> bytes:
    """Return a frame's header."""
    return HEADER.pack(length, magic, op, flags, number)


@pytest.mark.parametrize("size", [0, 1, 1000, 1 << 16, 1 << 18])
def test_frames_arrive_whole(pair: tuple[socket.socket, socket.socket], size: int) -> None:
    """Op, number and body of a frame arrive, whatever its size."""
    ours, theirs = map(Frames, pair)
    body = os.urandom(size)
    sender = threading.Thread(target=lambda: [ours.send(Op.CALL, 7, body), ours.send(Op.FREE, 8, b"x")])
    sender.start()
    assert theirs.receive() == (Op.CALL, 7, body)
    assert theirs.receive() == (Op.FREE, 8, b"x")
    sender.join()


def test_a_frame_may_arrive_in_pieces(pair: tuple[socket.socket, socket.socket]) -> None:
    """A frame that trickles in is put together."""
    ours, theirs = pair
    data = header(5, number=3) + b"hello"
    sender = threading.Thread(target=lambda: [ours.send(data[i : i + 1]) for i in range(len(data))])
    sender.start()
    assert Frames(theirs).receive() == (Op.RESULT, 3, b"hello")
    sender.join()


@pytest.mark.parametrize(
    "data", [header(magic=1), header(flags=1), header(op=max(Op) + 1), header(op=255), header(length=transport.MAX_FRAME + 1), header(length=2**32 - 1), b"\0" * HEADER.size]
)
def test_bad_headers_are_refused(pair: tuple[socket.socket, socket.socket], data: bytes) -> None:
    """Another magic number, flags, an unknown kind and a length over the limit are refused before any body is read."""
    pair[0].sendall(data)
    with pytest.raises(ProtocolError, match="header"):
        Frames(pair[1]).receive()


def test_an_end_that_closes_has_died(pair: tuple[socket.socket, socket.socket]) -> None:
    """A socket that closes, also in the middle of a frame, is StudentDied."""
    pair[0].sendall(header(10) + b"abc")
    pair[0].close()
    with pytest.raises(StudentDied):
        Frames(pair[1]).receive()
    with pytest.raises(StudentDied):
        Frames(pair[1]).send(Op.CALL, 1, b"x" * 100)


@pytest.mark.parametrize("sent", [b"", header(10), header(10) + b"abc", header()[:5]])
def test_an_end_that_stalls_runs_out_of_time(pair: tuple[socket.socket, socket.socket], sent: bytes) -> None:
    """Nothing, half a header and half a body: the deadline ends the wait."""
    pair[0].sendall(sent)
    frames = Frames(pair[1])
    frames.deadline = time.monotonic() + 0.05
    with pytest.raises(StudentTimeout):
        frames.receive()


def test_a_message_over_the_limit_is_not_sent(pair: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch) -> None:
    """A body over the limit is refused on the sender's side."""
    monkeypatch.setattr(transport, "MAX_FRAME", 10)
    with pytest.raises(ProtocolError, match="limit 10"):
        Frames(pair[0]).send(Op.CALL, 1, b"x" * 11)


@given(data=st.binary(max_size=40))
def test_any_bytes_are_a_frame_or_an_error(data: bytes) -> None:
    """Whatever arrives gives a frame, ProtocolError or StudentDied."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(data)
        ours.close()
        frames = Frames(theirs)
        with pytest.raises((ProtocolError, StudentDied)):
            _ = [frames.receive() for _ in range(10)]


# ---------------------------------------------------------------------- the client's end
Answer = Callable[[Frames, int, bytes], Any]


def asked(answer: Answer, *, seconds: float = 2.0, on_callback: Any = refuse) -> Reply:
    """Send one request to an end that answers as told; return what the client makes of it."""
    ours, theirs = socket.socketpair()

    def serve_one() -> None:
        frames = Frames(theirs)
        _, number, body = frames.receive()
        answer(frames, number, body)
        theirs.close()

    thread = threading.Thread(target=serve_one)
    thread.start()
    try:
        with ours:
            return SocketTransport(ours).roundtrip(Op.CALL, b"question", on_callback, seconds)
    finally:
        thread.join()


def test_a_reply_with_its_number_is_taken() -> None:
    """The reply to the request that is open is returned."""
    assert asked(lambda f, n, b: f.send(Op.RESULT, n, b + b"!")) == (Op.RESULT, b"question!")


@pytest.mark.parametrize("off", [1, -1, 1000])
def test_a_reply_to_another_request_is_refused(off: int) -> None:
    """A forged or repeated reply with another number, also as a callback, is a protocol error."""
    with pytest.raises(ProtocolError, match="another request"):
        asked(lambda f, n, b: f.send(Op.RESULT, (n + off) & 0xFFFFFFFF, b""))
    with pytest.raises(ProtocolError, match="another request"):
        asked(lambda f, n, b: f.send(Op.CALLBACK, (n + off) & 0xFFFFFFFF, b""))


def test_a_reply_sent_beforehand_does_not_count_for_the_next_request(pair: tuple[socket.socket, socket.socket]) -> None:
    """Two replies to one request: the second is refused when the next request is made."""
    ours, theirs = pair
    client, forger = SocketTransport(ours), Frames(theirs)
    forger.send(Op.RESULT, 1, b"right")
    forger.send(Op.RESULT, 1, b"forged")
    assert client.roundtrip(Op.CALL, b"", refuse, 1.0) == (Op.RESULT, b"right")
    with pytest.raises(ProtocolError, match="another request"):
        client.roundtrip(Op.CALL, b"", refuse, 1.0)


def test_callbacks_are_answered_with_the_requests_number() -> None:
    """A callback is answered before the reply is awaited, and the answer carries the number."""
    seen = []

    def answer(frames: Frames, number: int, _: bytes) -> None:
        frames.send(Op.CALLBACK, number, b"ask")
        seen.append((number, frames.receive()))
        frames.send(Op.RESULT, number, b"done")

    assert asked(answer, on_callback=lambda q: (Op.RESULT, q + b"ed")) == (Op.RESULT, b"done")
    ((number, echoed),) = seen
    assert echoed == (Op.RESULT, number, b"asked")


def test_callbacks_do_not_prolong_a_request() -> None:
    """A student who keeps calling back runs out of the request's time."""

    def answer(frames: Frames, number: int, _: bytes) -> None:
        try:
            while True:
                frames.send(Op.CALLBACK, number, b"")
                frames.receive()
        except StudentDied:
            return

    with pytest.raises(StudentTimeout):
        asked(answer, seconds=0.2, on_callback=lambda q: (time.sleep(0.01), (Op.RESULT, b""))[1])


def test_letting_go_waits_for_no_reply(pair: tuple[socket.socket, socket.socket]) -> None:
    """FREE is sent and not answered."""
    client = SocketTransport(pair[0])
    assert client.roundtrip(Op.FREE, b"ids", refuse, 0.1) == (Op.RESULT, b"")
    assert Frames(pair[1]).receive()[::2] == (Op.FREE, b"ids")


# ---------------------------------------------------------------------- a real child
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@needs_fork
@pytest.mark.parametrize("end", ["import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "import os; os.close(3); os.closerange(3, 64)"])
def test_a_child_that_ends_has_died(end: str) -> None:
    """A process that exits, is killed or closes its socket during a call is StudentDied for this call and the next."""
    with forked(serve) as (sock, _):
        student = Student(SocketTransport(sock), {})
        load_cell(student, "c", f"def f():\n    {end}", 5.0)
        for _ in range(2):
            with pytest.raises(StudentDied):
                student.f()


@needs_fork
def test_a_child_that_writes_to_its_socket_gains_nothing() -> None:
    """Student code that finds the socket and writes a forged reply, or rubbish, gets a protocol error, never a result."""
    forged = HEADER.pack(len(encode(1.0, ())), MAGIC, Op.RESULT, 0, 77) + encode(1.0, ())
    for data in (forged, b"rubbish" * 10):
        with forked(serve) as (sock, _):
            student = Student(SocketTransport(sock), {})
            load_cell(student, "c", f"import os, stat\ndef f():\n    for fd in range(3, 64):\n        try:\n            if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, {data!r})\n        except OSError: pass\n    return 2.0", 5.0)  # fmt: skip
            with pytest.raises(ProtocolError):
                student.f()


@needs_fork
def test_a_result_too_large_to_send_is_an_error_of_the_student(monkeypatch: pytest.MonkeyPatch) -> None:
    """A result over the frame's limit comes back as an exception, and the next call works."""
    monkeypatch.setattr(transport, "MAX_FRAME", 5000)
    with forked(serve) as (sock, _):
        student = Student(SocketTransport(sock), {})
        load_cell(student, "c", "import numpy as np\ndef f(n): return np.zeros(n)", 5.0)
        with pytest.raises(StudentError, match="cannot cross"):
            student.f(1000)
        assert student.f(10).shape == (10,)


@needs_fork
def test_a_message_from_an_attacker_ends_the_child_only() -> None:
    """A broken frame ends the child's loop."""
    with forked(serve) as (sock, _):
        sock.sendall(b"\xff" * 100)
        sock.settimeout(5.0)
        with contextlib.suppress(ConnectionResetError):
            assert sock.recv(1) == b""


# ---------------------------------------------------------------------- the plain call
def test_the_alarm_rings_and_is_put_away() -> None:
    """A body that runs too long raises StudentTimeout; afterwards the former handler and no timer are left."""
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(StudentTimeout), alarm(0.05):
        _ = [None for _ in iter(int, 1)]
    with alarm(5.0):
        pass
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_except_exception_does_not_swallow_the_alarm() -> None:
    """A student's ``except Exception`` around an endless loop does not keep it alive."""
    student = local("def f():\n    while True:\n        try:\n            while True: pass\n        except Exception: pass", seconds=0.1)
    with pytest.raises(StudentTimeout):
        student.f()
    assert not issubclass(AlarmRang, Exception)


def test_without_the_main_thread_there_is_no_alarm() -> None:
    """In another thread a call works, unbounded."""
    got: list[Any] = []
    student = local("def f(): return 1")
    thread = threading.Thread(target=lambda: got.append(student.f()))
    thread.start()
    thread.join()
    assert got == [1]


def test_numpy_warnings_of_the_student_are_silent() -> None:
    """Division by zero in the student's code warns nobody, and NumPy's settings are as before."""
    before = np.geterr()
    student = local("import numpy as np\ndef f(): return np.ones(2) / np.zeros(2)")
    assert np.isinf(student.f()).all()
    assert np.geterr() == before


def test_a_nested_request_has_the_outer_alarm() -> None:
    """While a request is open, another one is dispatched within it and does not put the alarm away."""
    timers = []

    def dispatch(op: Op, body: bytes, ask: Any) -> Reply:
        timers.append(signal.getitimer(signal.ITIMER_REAL)[0] > 0)
        if op is Op.CALL:
            inner.roundtrip(Op.GET, b"", refuse, 1.0)
            timers.append(signal.getitimer(signal.ITIMER_REAL)[0] > 0)
        return Op.RESULT, b""

    inner = LocalTransport(dispatch)
    inner.roundtrip(Op.CALL, b"", refuse, 5.0)
    assert timers == [True, True, True]
