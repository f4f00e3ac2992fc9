"""One submission's confined child: its cells loaded, replaced when it dies, within the submission's limits."""

from __future__ import annotations

import socket
import time
from collections.abc import Sequence

from autograder.channel.client import Student
from autograder.channel.events import StudentError
from autograder.channel.harness import cell_names, limit_total, load_cell
from autograder.channel.script import ScriptedTransport
from autograder.channel.transport import OnCallback, Op, Reply, SocketTransport, StudentDied, StudentTimeout
from autograder.errors import ProtocolError
from autograder.sandbox import Death, Zygote
from autograder.submissions.read import StudentCell
from autograder.unit import Unit

_CHILDREN_PER_EXERCISE = 3  # one that loops costs two: its script, then the call that is blamed


class _Watched:
    """A transport that remembers whether the other end can still be used."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket, self._inner, self.broken = sock, SocketTransport(sock), False

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        if self.broken:
            raise StudentDied
        try:
            return self._inner.roundtrip(op, body, on_callback, seconds)
        except (StudentTimeout, StudentDied, ProtocolError):
            self.broken = True
            raise

    def close(self) -> None:
        self._socket.close()


class Session:
    """Runs a submission's cells in a confined child and keeps a usable child at hand.

    Args:
        zygote: where children come from.
        unit: names, limits.
        cells: in the order they run.

    Attributes:
        problems: by cell id, why a cell did not run to its end.
        names: by cell id, the dotted names that each definition of the cell mentions; of exercises with forbidden operations.
        cpu_seconds: of all children so far.
    """

    def __init__(self, zygote: Zygote, unit: Unit, cells: Sequence[StudentCell]) -> None:
        self._zygote, self._unit, self._cells = zygote, unit, cells
        self._end = time.monotonic() + unit.limits.submission_seconds
        self._transport: _Watched | None = None
        self._student: Student | None = None
        self._children = 0
        self._skipped: set[str] = set()
        self.problems: dict[str, str] = {}
        self.names: dict[str, dict[str, tuple[str, ...]]] = {}
        self.cpu_seconds = 0.0
        self.max_rss_kb = 0
        self.deaths: list[Death] = []

    def left(self) -> float:
        """Return the seconds of wall time that remain."""
        return self._end - time.monotonic()

    def student(self) -> Student | None:
        """Return a student whose process lives and has loaded its cells; None when the budget is used up."""
        while self._transport is None or self._transport.broken:
            self.close()
            if self.left() <= 0 or self._children > _CHILDREN_PER_EXERCISE * len(self._unit.exercises) + 4:
                return None
            self._start()
        return self._student if self.left() > 0 else None

    def _start(self) -> None:
        self._children += 1
        self._transport = _Watched(self._zygote.spawn())
        self._student = Student(ScriptedTransport(self._transport), self._unit.signatures, self._unit.limits.call_seconds)
        limit_total(self._student, self.left)
        self._analyse(self._student)
        if self._transport.broken:
            return
        for cell in self._cells:
            if cell.id not in self._skipped and not self._load(self._student, cell):
                return

    def _analyse(self, student: Student) -> None:
        """Collect what the cells of exercises with forbidden operations mention, before any of the student's code has run."""
        asked = {exercise.id for exercise in self._unit.exercises if exercise.forbidden}
        for cell in self._cells:
            if cell.exercise not in asked or cell.id in self._skipped or cell.id in self.names:
                continue
            try:
                self.names[cell.id] = cell_names(student, cell.source)
            except StudentError as error:
                self.names[cell.id] = {}  # it does not parse; loading it says why
                if error.is_a(OverflowError):
                    self._skip(cell, "mentions too many names to be looked through")
            except (StudentTimeout, StudentDied, ProtocolError):
                self._skip(cell, "cannot be parsed by Python")
                self.names[cell.id] = {}
                return

    def _load(self, student: Student, cell: StudentCell) -> bool:
        """Run one cell; False when the process did not survive it."""
        try:
            load_cell(student, cell.label, cell.source, self._unit.limits.cell_seconds)
        except StudentError as error:
            self.problems[cell.id] = _sentence(error)
        except StudentTimeout:
            self._skip(cell, f"did not finish within {self._unit.limits.cell_seconds:g} s")
        except StudentDied:
            self._skip(cell, "ended the process (exit, crash, or too much memory)")
        except ProtocolError as error:
            self._skip(cell, f"broke the grader's protocol ({error})")
        return cell.id not in self._skipped

    def _skip(self, cell: StudentCell, reason: str) -> None:
        self._skipped.add(cell.id)
        self.problems[cell.id] = reason

    def close(self) -> None:
        """Kill the child, if there is one, and take its account."""
        if self._transport is None:
            return
        self._transport.close()
        self._transport = self._student = None
        death = self._zygote.reap()
        self.deaths.append(death)
        self.cpu_seconds += death.cpu_seconds
        self.max_rss_kb = max(self.max_rss_kb, death.max_rss_kb)


def _sentence(error: StudentError) -> str:
    where = f" in line {error.frames[-1].line}: {error.frames[-1].text}" if error.frames else ""
    text = error.text.split(" (<cell")[0]
    return f"stops with {error.name}" + (f": {text}" if text else "") + where
