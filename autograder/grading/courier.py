"""What runs on a machine of a cluster: says what the machine would grade with, and carries notebooks to grading processes beside it.

A Dask worker only carries.  Hidden tests, the secret and the sandbox belong to a process of their own per thread, the same that
grades pushes, so that nothing a notebook does reaches Dask, and a worker that dies takes its grading processes along.
"""

from __future__ import annotations

import contextlib
import os
import platform
import socket
import subprocess
import sys
import threading
from importlib import metadata
from typing import Literal

import msgspec

from autograder import __version__
from autograder.course import SECRET_VARIABLE, Course
from autograder.errors import AutograderError, GraderError
from autograder.feedback.safe import one_line
from autograder.grading.messages import Answer, Orders, Task, receive, send
from autograder.records import SubmissionRecord
from autograder.runtimes import PACKAGES, require
from autograder.sandbox import Level, choose_level
from autograder.testing.examples import fingerprint

IDLE_SECONDS = 300.0  # after which a grading process that nobody needs ends
_FIRST_NUMBER, _NUMBERS = 1000, 2000  # of grading processes; a push server and 'autograder grade' have lower ones


class Standing(msgspec.Struct, frozen=True):
    """What decides the grades that a machine gives.

    Args:
        grader_version, tests_sha256, seed_fingerprint: as in records.
        packages: versions of the interpreter and of what students' code and tests run on.
        level: the sandbox level there.
        problem: why the machine cannot grade; then the rest may be empty.
    """

    grader_version: str = __version__
    tests_sha256: str = ""
    seed_fingerprint: str = ""
    packages: dict[str, str] = {}
    level: Level | None = None
    problem: str = ""

    def differs(self, other: Standing) -> str:
        """Return in words how ``other`` would grade otherwise than this; empty when it would not."""
        for name, title, advice in _COMPARED:
            ours, theirs = getattr(self, name), getattr(other, name)
            if ours != theirs:
                return f"it has {title} {theirs or 'none'}, this machine has {ours}; {advice}"
        for package, version in self.packages.items():
            if other.packages.get(package) != version:
                return f"it has {package} {other.packages.get(package, 'none')}, this machine has {version}; install the locked versions on both"
        return ""


_COMPARED = (
    ("grader_version", "version", "install the same autograder on both"),
    ("tests_sha256", "tests with hash", "bring both checkouts of the course to the same commit"),
    ("seed_fingerprint", "a secret with fingerprint", f"copy .autograder/secret there, or set {SECRET_VARIABLE} where its workers start"),
)


class Order(msgspec.Struct, frozen=True):
    """A notebook to be graded on another machine; neither tests nor secret travel with it."""

    unit: str
    level: Level
    student: str
    data: bytes | None
    problem: str = ""


class Outcome(msgspec.Struct, frozen=True):
    """What became of an order.

    Args:
        kind: ``record`` (graded), ``died`` (the grading process ended or failed on this notebook) or ``failed`` (the machine cannot grade).
        record: of ``record``.
        text: what happened otherwise.
    """

    kind: Literal["record", "died", "failed"]
    record: SubmissionRecord | None = None
    text: str = ""


def standing(course: Course, unit: str) -> Standing:
    """Return what decides grades here, without the sandbox level."""
    runtimes = course.unit(unit).runtimes
    names = dict.fromkeys(("hypothesis", *(package for runtime in runtimes for package in PACKAGES[runtime])))
    packages = {name: metadata.version(name).partition("+")[0] for name in names}
    return Standing(
        tests_sha256=course.tests_sha256(unit),
        seed_fingerprint=fingerprint(course.secret()),
        packages={"python": ".".join(platform.python_version_tuple()[:2]), **packages},
    )


def describe(unit: str, wanted: Level | None) -> bytes:
    """Return this machine's encoded :class:`Standing`, asked for by the coordinator."""
    try:
        if sys.platform != "linux":
            raise GraderError(f"it runs {platform.system()}; machines of a cluster run Linux")
        course = Course.find()
        require(course.unit(unit))
        if not os.environ.get(SECRET_VARIABLE) and not (course.private / "secret").is_file():
            raise GraderError(f"it has no secret; copy .autograder/secret there, or set {SECRET_VARIABLE} where its workers start")
        found = msgspec.structs.replace(standing(course, unit), level=choose_level(wanted))
    except (AutograderError, OSError, metadata.PackageNotFoundError) as error:
        found = Standing(problem=one_line(f"{error}", 500))
    return msgspec.msgpack.encode(found)


def carry(order: bytes) -> bytes:
    """Return the encoded :class:`Outcome` of an encoded :class:`Order`: what the coordinator submits."""
    return msgspec.msgpack.encode(_nodes.grade(msgspec.msgpack.decode(order, type=Order)))


class _Node:
    """A grading process of this machine, for one unit and level."""

    def __init__(self, unit: str, level: Level) -> None:
        self.kind = unit, level
        number, self._number = _free_number()
        command = [sys.executable, "-P", "-m", "autograder.grading.process"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        send(self._in, Orders(str(Course.find().root), (unit,), level, number))

    def ask(self, task: Task) -> Answer:
        """Return the answer to a task; raises ``EOFError`` or ``OSError`` when the process ended."""
        send(self._in, task)
        try:
            return receive(self._out, Answer)
        except EOFError as error:
            raise EOFError(f"the grading process ended with {self._process.wait()}") from error

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        for stream in (self._in, self._out):
            with contextlib.suppress(OSError):
                stream.close()
        self._number.close()


def _free_number() -> tuple[int, socket.socket]:
    """Return a number that no other grading process of this machine has, and what holds it until it is closed or its owner dies."""
    for number in range(_FIRST_NUMBER, _FIRST_NUMBER + _NUMBERS):
        holder = socket.socket(socket.AF_UNIX)
        try:
            holder.bind(f"\0autograder-node-{number}")  # a name that no file has
        except OSError:
            holder.close()
        else:
            return number, holder
    raise GraderError(f"{_NUMBERS} grading processes run on this machine; end some")


class _Nodes:
    """The grading processes of this Dask worker: as many as it has threads at work, kept warm for a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._free: dict[_Node, threading.Timer] = {}

    def grade(self, order: Order) -> Outcome:
        """Return what became of an order."""
        try:
            node = self._take((order.unit, order.level))
        except (AutograderError, OSError) as error:
            return Outcome("failed", text=one_line(f"{error}", 500))
        try:
            answer = node.ask(Task(order.unit, order.student, order.data, order.problem))
        except (EOFError, OSError, msgspec.MsgspecError) as error:
            node.close()
            return Outcome("died", text=one_line(f"{error}", 500))
        if answer.kind == "record":
            self._put_back(node)
            return Outcome("record", answer.record)
        node.close()
        text = "its tests have changed since it began" if answer.kind == "stale" else answer.text
        return Outcome("died" if answer.kind == "surprise" else "failed", text=text)

    def _take(self, kind: tuple[str, Level]) -> _Node:
        with self._lock:
            node = next((node for node in self._free if node.kind == kind), None)
            if node is not None:
                self._free.pop(node).cancel()
                return node
        return _Node(*kind)

    def _put_back(self, node: _Node) -> None:
        timer = threading.Timer(IDLE_SECONDS, self._expire, (node,))
        timer.daemon = True
        with self._lock:
            self._free[node] = timer
        timer.start()

    def _expire(self, node: _Node) -> None:
        with self._lock:
            if self._free.pop(node, None) is None:
                return
        node.close()


_nodes = _Nodes()
