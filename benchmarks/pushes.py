"""How long students wait who push at the same time: from ``git push`` to the score, with real git and the whole server."""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from autograder.course import COURSE_VARIABLE
from autograder.grading.journal import NAME, lines
from autograder.grading.material import Material
from autograder.serve.config import Server, init
from autograder.serve.ledger import PushRecord
from autograder.serve.students import add
from benchmarks.submissions import mixed_class

STUDENTS = 30
_READY = 300.0
_IDENTITY = ("-c", "user.name=Student", "-c", "user.email=student@example.org", "-c", "protocol.file.allow=always")


class Pushes(msgspec.Struct, frozen=True):
    """What a run gave.

    Args:
        seconds: of each push, from its start until the score is printed and git is back.
        alone: seconds of one push while nobody else pushes.
        lost: commits without a record, or with more than one.
    """

    seconds: tuple[float, ...]
    alone: float
    lost: int

    def sentence(self) -> str:
        """Return the figures as one line."""
        worst, median = max(self.seconds), statistics.median(self.seconds)
        return f"{len(self.seconds)} pushes at once: score after {median:.1f} s (median), {worst:.1f} s (worst); one alone {self.alone:.1f} s; {self.lost} lost or doubled"


def measure(material: Material, level: str, *, students: int = STUDENTS, jobs: int = 2) -> Pushes:
    """Return how long students wait who push half right and half wrong notebooks at once.

    Args:
        material: the unit.
        level: sandbox level.
        students: how many push.
        jobs: workers of the server.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        server = init(folder / "server", material.course, [material.name])
        clones = [_clone(server, folder, f"student{number:02}") for number in range(students)]
        with _running(server, material, level, jobs):
            first, *rest = mixed_class(material, 2 * students)[: students + 1]
            for clone, submission in zip(clones, rest, strict=True):
                _commit(clone, material.name, submission.data or b"")
            with ThreadPoolExecutor(students) as pool:
                seconds = list(pool.map(_push, clones))
            _commit(clones[0], material.name, first.data or b"")
            alone = _push(clones[0])
        return Pushes(tuple(seconds), alone, _lost(server, clones, students + 1))


@contextlib.contextmanager
def _running(server: Server, material: Material, level: str, jobs: int) -> Iterator[None]:
    """Run the server's daemon; the block starts when every worker is ready."""
    path, end = server.root.with_suffix(".log"), time.monotonic() + _READY
    command = [sys.executable, "-m", "autograder", "serve", "run", str(server.root), "--jobs", str(jobs), "--sandbox", level]
    with path.open("wb") as log:
        daemon = subprocess.Popen(
            command, env={**os.environ, COURSE_VARIABLE: str(material.course.root)}, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
    try:
        while path.read_bytes().count(b"is ready for") < jobs:
            if daemon.poll() is not None or time.monotonic() > end:
                raise RuntimeError(path.read_text(encoding="utf-8"))
            time.sleep(0.1)
        yield
    finally:
        daemon.terminate()
        daemon.wait()


def _clone(server: Server, folder: Path, student: str) -> Path:
    clone = folder / student
    _git(folder, "init", "--quiet", "--initial-branch=main", str(clone))
    _git(clone, "remote", "add", "grade", str(add(server, student)))
    return clone


def _commit(clone: Path, unit: str, data: bytes) -> None:
    path = clone / "assignments" / unit / f"{unit}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    _git(clone, "add", ".")
    _git(clone, "commit", "--quiet", "--message=work")


def _push(clone: Path) -> float:
    started = time.monotonic()
    said = _git(clone, "push", "grade", "main")
    if " points" not in said:
        raise RuntimeError(said)
    return time.monotonic() - started


def _git(where: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *_IDENTITY, *arguments], cwd=where, check=True, capture_output=True, text=True)
    return done.stdout + done.stderr


def _lost(server: Server, clones: list[Path], expected: int) -> int:
    recorded = [record.commit for _, record in lines(server.results / NAME, PushRecord)]
    pushed = {commit for clone in clones for commit in _git(clone, "log", "--format=%H").split()}
    return len(pushed - set(recorded)) + len(recorded) - len(set(recorded)) + max(0, expected - len(pushed))
