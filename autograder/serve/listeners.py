"""The grader's socket: who asks is known by the kernel, and hears only of what is theirs."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
from collections import Counter, defaultdict
from typing import Annotated, Literal, Protocol

import msgspec

from autograder.serve.config import Server

MAX_REQUEST = 65_536
MAX_LISTENERS = 64  # connections of one student at a time
PATIENCE = 10.0  # seconds to send a request, or to take an answer
_BACKLOG = 1024
_PLACE_SECONDS = 2.0  # between looks at the place in the queue
_CREDENTIALS = struct.Struct("3i")


class Request(msgspec.Struct, frozen=True):
    """What a hook or a command asks."""

    do: Literal["watch", "grades", "status"]
    student: Annotated[str, msgspec.Meta(max_length=100)] = ""
    jobs: Annotated[tuple[Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{32}$")], ...], msgspec.Meta(max_length=100)] = ()


class Office(Protocol):
    """What answers."""

    def notice(self, student: str) -> None:
        """Take up what lies in a student's folder."""

    def watch(self, student: str, id_: str, listener: Listener) -> None:
        """Let a listener hear what is known of a job by now."""

    def ahead(self, student: str, id_: str) -> int | None:
        """Return how many are graded before a student's job that waits."""

    def grades(self, student: str) -> list[str]:
        """Return the lines that tell a student's latest grades."""

    def status(self) -> list[str]:
        """Return the lines that tell how the server is."""


class Listener:
    """One connection that follows some jobs."""

    def __init__(self, jobs: tuple[str, ...]) -> None:
        self.open = set(jobs)
        self.news: asyncio.Queue[list[str]] = asyncio.Queue()

    def hear(self, id_: str, lines: list[str], *, end: bool = False) -> None:
        """Take lines about a job; with ``end`` they are the last."""
        if id_ in self.open:
            if end:
                self.open.discard(id_)
            self.news.put_nowait(lines)


class Listeners:
    """All connections to a server's socket.

    Args:
        server: its folder.
        office: what answers.
    """

    def __init__(self, server: Server, office: Office) -> None:
        self._server, self._office = server, office
        self._by_job: defaultdict[tuple[str, str], set[Listener]] = defaultdict(set)
        self._count: Counter[int] = Counter()

    def tell(self, student: str, id_: str, lines: list[str], *, end: bool = False) -> None:
        """Give lines to those who follow a student's job."""
        for listener in self._by_job.get((student, id_), ()):
            listener.hear(id_, lines, end=end)

    async def serve(self, listening: socket.socket) -> None:
        """Answer at a socket until cancelled."""
        server = await asyncio.start_unix_server(self._connected, sock=listening, limit=MAX_REQUEST, backlog=_BACKLOG)
        async with server:
            await server.serve_forever()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        user = peer(writer)
        self._count[user] += 1
        try:
            with contextlib.suppress(OSError, TimeoutError, ValueError, msgspec.MsgspecError, asyncio.IncompleteReadError):
                if self._crowded(user):
                    await _say(writer, ["Too many of your pushes listen already. The grade will follow."], end=True)
                    return
                line = await asyncio.wait_for(reader.readline(), PATIENCE)
                await self._answer(msgspec.json.decode(line, type=Request), user, writer)
        finally:
            self._count[user] -= 1
            writer.close()

    def _crowded(self, user: int) -> bool:
        """Tell whether a user holds more connections than the students whose queues are theirs may."""
        if user in (0, os.geteuid()) or self._count[user] <= MAX_LISTENERS:
            return False
        owned = sum(self._server.spool(student).lstat().st_uid == user for student in self._server.students())
        return self._count[user] > MAX_LISTENERS * owned

    async def _answer(self, request: Request, user: int, writer: asyncio.StreamWriter) -> None:
        if not self._may(request, user):
            await _say(writer, ["This is not yours to ask."], end=True)
        elif request.do == "status":
            await _say(writer, self._office.status(), end=True)
        elif request.do == "grades":
            await _say(writer, self._office.grades(request.student), end=True)
        else:
            await self._follow(request, writer)

    def _may(self, request: Request, user: int) -> bool:
        """Tell whether a user may ask: the owner of the student's queue for the student, the grader for everything."""
        if user in (0, os.geteuid()):
            return request.do == "status" or request.student in self._server.students()
        if request.do == "status" or request.student not in self._server.students():
            return False
        return self._server.spool(request.student).lstat().st_uid == user

    async def _follow(self, request: Request, writer: asyncio.StreamWriter) -> None:
        listener = Listener(request.jobs)
        for id_ in request.jobs:
            self._by_job[request.student, id_].add(listener)
        try:
            self._office.notice(request.student)
            for id_ in request.jobs:
                self._office.watch(request.student, id_, listener)
            told = 0
            while listener.open or not listener.news.empty():
                try:
                    await _say(writer, await asyncio.wait_for(listener.news.get(), _PLACE_SECONDS))
                except TimeoutError:
                    ahead = min((place for id_ in listener.open if (place := self._office.ahead(request.student, id_)) is not None), default=0)
                    await _say(writer, [f"queued; {ahead} before it"] if ahead and ahead != told else [])
                    told = ahead
            await _say(writer, [], end=True)
        finally:
            for id_ in request.jobs:
                key = request.student, id_
                self._by_job[key].discard(listener)
                if not self._by_job[key]:
                    del self._by_job[key]


async def _say(writer: asyncio.StreamWriter, lines: list[str], *, end: bool = False) -> None:
    answers = [{"say": line} for line in lines] + ([{"end": True}] if end else [])
    writer.write(b"".join(msgspec.json.encode(answer) + b"\n" for answer in answers))
    await asyncio.wait_for(writer.drain(), PATIENCE)


def peer(writer: asyncio.StreamWriter) -> int:
    """Return the user at the other end, as the kernel knows it."""
    connection = writer.get_extra_info("socket")
    _, user, _ = _CREDENTIALS.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return int(user)


def bind(server: Server) -> socket.socket:
    """Return the socket that hooks connect to; what a dead daemon left is replaced."""
    directory = os.open(server.socket.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        with contextlib.suppress(FileNotFoundError):
            server.socket.unlink()
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(f"/proc/self/fd/{directory}/{server.socket.name}")  # the address of a socket is short, a folder's path is not
        server.socket.chmod(0o666)  # who connects is known by the kernel
        listening.listen(_BACKLOG)
        return listening
    finally:
        os.close(directory)
