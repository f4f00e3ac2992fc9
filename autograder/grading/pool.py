"""The coordinator: hands submissions to worker processes and gets a record for each, whatever happens to a worker."""

from __future__ import annotations

import contextlib
import hashlib
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import msgspec

from autograder import __version__, records
from autograder.errors import GraderError, SandboxError
from autograder.feedback.safe import one_line
from autograder.grading.material import Material
from autograder.grading.process import attach
from autograder.grading.worker import Grader, shown_path
from autograder.records import ATTEMPTS, GIVEN_UP, SubmissionRecord
from autograder.sandbox import Level
from autograder.submissions.collect import Submission

__all__ = ["ATTEMPTS", "Task", "given_up", "grade_all"]


class Task(msgspec.Struct):
    """A submission, its bytes once they are handed out, and how often a worker died on it."""

    submission: Submission
    deaths: int = 0


class _Worker:
    """A forked process that grades what it is sent.

    The hidden tests are loaded before the fork and shared by all workers; each worker starts a zygote by exec, which
    inherits nothing of that.
    """

    def __init__(self, material: Material, level: Level, slot: int, others: Sequence[Connection]) -> None:
        context = multiprocessing.get_context("fork")
        ours, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_work, args=(material, level, slot, theirs, (ours, *others)), daemon=True)
        self.process.start()
        theirs.close()
        self.pipe: Connection = ours
        self.slot = slot
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        """Send a submission."""
        task.submission = task.submission.loaded()  # what is hashed, graded and, after a death, graded again is read once
        self.task = task
        with contextlib.suppress(OSError):  # a worker that died meanwhile is noticed where its answer is awaited
            self.pipe.send(task.submission)

    def stop(self) -> None:
        """End the process and its zygote."""
        self.pipe.close()
        self.process.join(5)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def grade_all(material: Material, submissions: Sequence[Submission], level: Level, jobs: int) -> Iterator[SubmissionRecord]:
    """Yield a record for every submission, in the order they are done.

    A worker gets its next submission only after the consumer has taken the record of the last one, so that a consumer
    that writes each record to disk loses nothing.  A submission is read when it is handed to a worker, and forgotten with its
    record: memory does not grow with the class.

    Args:
        material: the unit; hidden tests are loaded here, once, before workers are forked.
        submissions: what to grade.
        level: sandbox level.
        jobs: number of worker processes.

    Raises:
        GraderError: workers die without a submission in hand.
    """
    _ = material.hidden.cases, material.tests_sha256, material.seed_fingerprint
    waiting = deque(Task(s) for s in submissions)
    count = len(waiting)
    workers: list[_Worker] = []
    for slot in range(min(jobs, len(waiting))):
        workers.append(_Worker(material, level, slot, [w.pipe for w in workers]))
    idle_deaths = 0
    try:
        for worker in workers:
            if waiting:
                worker.give(waiting.popleft())
        while any(w.task is not None for w in workers):
            busy = {w.pipe: w for w in workers if w.task is not None}
            ready = wait(list(busy))
            for pipe in [pipe for pipe in busy if pipe in ready]:
                worker = busy[pipe]
                task, answer = worker.task, _receive(worker)
                assert task is not None
                worker.task = None
                if isinstance(answer, SubmissionRecord):
                    yield answer
                elif isinstance(answer, str):
                    raise GraderError(answer)
                else:
                    task.deaths += 1
                    idle_deaths += 1
                    if idle_deaths > 2 * count + 4:
                        raise GraderError("workers keep dying; run 'autograder doctor'")
                    worker.stop()
                    others = [w.pipe for w in workers if w is not worker]
                    workers[workers.index(worker)] = worker = _Worker(material, level, worker.slot, others)
                    if task.deaths < ATTEMPTS:
                        waiting.appendleft(task)
                    else:
                        yield given_up(material, task.submission, level)
                if waiting:
                    worker.give(waiting.popleft())
    finally:
        for worker in workers:
            worker.stop()


def _receive(worker: _Worker) -> SubmissionRecord | str | None:
    """Return a record, the text of a machine failure, or None when the worker died."""
    try:
        answer: Any = worker.pipe.recv_bytes()
    except (EOFError, OSError):
        return None
    if answer.startswith(b"!"):
        return str(answer[1:].decode())
    if answer.startswith(b"?"):
        print(f"internal error: {one_line(answer[1:].decode(), 300)}", file=sys.stderr)
        return None
    return records.decode(answer)


def given_up(material: Material, submission: Submission, level: Level) -> SubmissionRecord:
    """Return the record of a submission on which grading processes died, or with which machines were lost."""
    return SubmissionRecord(
        unit=material.name, student=submission.student, path=shown_path(submission.path), status="ungradable", score=0.0, max_score=material.unit.max_points,
        sha256=hashlib.sha256(submission.data or b"").hexdigest(), sandbox=level, grader_version=__version__, tests_sha256=material.tests_sha256,
        seed_fingerprint=material.seed_fingerprint, reason=GIVEN_UP,
    )  # fmt: skip


def _work(material: Material, level: Level, slot: int, pipe: Connection, coordinators: Sequence[Connection]) -> None:
    """Serve submissions until the pipe closes; runs in the worker process."""
    for inherited in coordinators:  # an end that stays open here would keep its worker from seeing that the run is over
        inherited.close()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the coordinator's to handle
    attach()
    grader = Grader(material, level, slot)
    try:
        while True:
            submission: Submission = pipe.recv()
            try:
                answer = records.encode(grader.grade(submission))
            except SandboxError as error:
                answer = f"{'?' if grader.started else '!'}{error}".encode()
            except Exception as error:  # one submission's surprise must not cost the others anything
                answer = f"?{type(error).__name__}: {error}".encode("utf-8", "replace")
            pipe.send_bytes(answer)
    except (EOFError, OSError):
        pass
    finally:
        grader.close()
        os._exit(0)
