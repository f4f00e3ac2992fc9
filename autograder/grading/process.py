"""A grading process of its own, as a push server and a machine of a cluster have: keeps a warm grader per unit and answers one task at a time over its standard streams."""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import sys
from collections import defaultdict
from pathlib import Path
from typing import IO

from autograder.authoring.build import render_reference
from autograder.course import Course
from autograder.errors import AutograderError, SandboxError, Ungradable
from autograder.feedback.safe import one_line
from autograder.grading.journal import Key, current
from autograder.grading.material import Material
from autograder.grading.messages import Answer, Orders, Task, receive, send
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord
from autograder.submissions.collect import Submission
from autograder.submissions.read import read_submission
from autograder.testing.examples import fingerprint

SLOW_SECONDS = 5.0  # a unit that took longer last time has its changed exercises graded first
FIRST_SLOT = 256  # of the machine's sandboxes; 'autograder grade' counts from 0
_WARM_UPS = 3  # on a machine that is just starting much, the first calls may run out of their time
_MEMORY = 16 << 30  # bytes of address space; a zygote with torch maps several GB


class Desk:
    """Grades what it is given, with the graders it has made so far."""

    def __init__(self, orders: Orders) -> None:
        self._orders, self._course = orders, Course(Path(orders.course))
        self._graders: dict[str, Grader] = {}

    def answer(self, task: Task, out: IO[bytes]) -> Answer:
        """Return the answer to a task; a part goes out before it."""
        try:
            stale = task.unit in self._graders and self._course.tests_sha256(task.unit) != self._graders[task.unit].material.tests_sha256
            if stale:
                return Answer("stale")
            grader = self._grader(task.unit)
            return self._graded(grader, task, out)
        except (AutograderError, OSError) as error:
            return Answer("failed", text=one_line(f"{type(error).__name__}: {error}", 500))
        except Exception as error:  # one notebook's surprise must not cost the others anything
            return Answer("surprise", text=one_line(f"{type(error).__name__}: {error}", 500))

    def _grader(self, unit: str) -> Grader:
        if unit not in self._graders:
            material = Material(self._course, unit)
            slot = FIRST_SLOT + self._orders.number * len(self._orders.units) + self._orders.units.index(unit)
            grader = Grader(material, self._orders.level, slot)
            submission = Submission("warm-up", None, render_reference(material.notebook, material.unit, {}).encode())
            for _ in range(_WARM_UPS):
                warm = grader.grade(submission)
                if warm.score == warm.max_score:
                    break
            else:  # whatever is wrong with the unit or the sandbox, students must not pay for it
                grader.close()
                raise SandboxError(f"unit={unit}: its own reference earns {warm.score:g} of {warm.max_score:g} points here; run: autograder selfcheck {unit}")
            self._graders[unit] = grader
        return self._graders[unit]

    def _graded(self, grader: Grader, task: Task, out: IO[bytes]) -> Answer:
        if task.warm:
            return Answer("warm")
        material, submission = grader.material, Submission(task.student, None, task.data, task.problem)
        earlier, cells = task.earlier, cell_hashes(task.data, material)
        if earlier is not None and task.data is not None and _same(earlier.record, hashlib.sha256(task.data).hexdigest(), material):
            return Answer("record", earlier.record, cells)
        if earlier is not None and earlier.record.seconds > SLOW_SECONDS:
            changed = {id_ for id_, digest in cells.items() if earlier.cells.get(id_) != digest}
            if 0 < len(changed) < len(cells):
                send(out, Answer("part", grader.grade(submission, changed), cells))
        return Answer("record", grader.grade(submission), cells)

    def close(self) -> None:
        """End all sandboxes."""
        for grader in self._graders.values():
            grader.close()


def _same(record: SubmissionRecord, sha256: str, material: Material) -> bool:
    """Tell whether a record is what grading these bytes now would give."""
    key = Key(*(getattr(record, name) for name in Key.__struct_fields__))
    return current(key, sha256=sha256, tests_sha256=material.tests_sha256, seed_fingerprint=fingerprint(material.course.secret()))


def cell_hashes(data: bytes | None, material: Material) -> dict[str, str]:
    """Return a hash of each exercise's and question's cells, cells added to it included; empty for what cannot be read."""
    sources: defaultdict[str, list[str]] = defaultdict(list)
    try:
        for cell in read_submission(data or b"", material.notebook).cells:
            if cell.exercise and cell.kind != "setup":
                sources[cell.exercise].append(cell.source)
    except Ungradable:
        return {}
    return {id_: hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:16] for id_, texts in sources.items()}


def serve(read: IO[bytes], write: IO[bytes]) -> None:
    """Answer tasks until the stream ends."""
    desk = Desk(receive(read, Orders))
    try:
        while True:
            answer = desk.answer(receive(read, Task), write)
            send(write, answer)
            if answer.kind == "stale":
                return
    except EOFError:
        return
    finally:
        desk.close()


def attach() -> None:
    """Let this process end with the one that started it, and bound its memory: comparing what a student returned must not take the machine's."""
    if sys.platform != "linux":
        return
    from autograder.sandbox import linux

    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard), hard))


def main() -> None:
    """Run as a grading process: whatever a library prints goes to standard error."""
    attach()
    answers = os.dup(1)
    os.dup2(2, 1)
    try:
        with open(answers, "wb") as write:
            serve(sys.stdin.buffer, write)
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


if __name__ == "__main__":
    main()
