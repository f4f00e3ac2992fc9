"""Students for tests: code in this process, or served over a socket by a forked child."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

from autograder.channel.client import Student
from autograder.channel.harness import load_cell
from autograder.channel.server import Server, serve
from autograder.channel.transport import LocalTransport, Op, Reply, SocketTransport
from autograder.errors import ProtocolError
from autograder.unit import Signature

Make = Callable[..., Student]


def signatures(*texts: str) -> dict[str, Signature]:
    """Return signatures by name."""
    return {s.name: s for s in map(Signature.parse, texts)}


def load(student: Student, source: str, label: str = "cell 3 (f)") -> Student:
    """Run a cell and return the student."""
    load_cell(student, label, textwrap.dedent(source), 5.0)
    return student


def local(source: str = "", *texts: str, seconds: float = 5.0) -> Student:
    """Return a student in this process."""
    server = Server({"__name__": "__main__"})
    return load(Student(LocalTransport(server.dispatch), signatures(*texts), seconds), source)


def refuse(_: bytes) -> Reply:
    """Refuse a callback."""
    raise ProtocolError("no callback is expected")


@contextlib.contextmanager
def forked(target: Callable[[socket.socket], Any]) -> Iterator[tuple[socket.socket, int]]:
    """Run ``target`` with one end of a socket in a forked child; gives the other end and the child's id."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            target(theirs)
        finally:
            os._exit(0)
    theirs.close()
    try:
        yield ours, pid
    finally:
        ours.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


@contextlib.contextmanager
def served() -> Iterator[Make]:
    """Give a function like :func:`local` whose students live in forked children."""
    with contextlib.ExitStack() as stack:

        def make(source: str = "", *texts: str, seconds: float = 5.0) -> Student:
            sock, _ = stack.enter_context(forked(serve))
            return load(Student(SocketTransport(sock), signatures(*texts), seconds), source)

        yield make


def request(server: Server, op: Op, body: bytes) -> Reply:
    """Send one request to a server."""
    return server.dispatch(op, body, refuse)
