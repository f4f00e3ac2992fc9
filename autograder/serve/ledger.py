"""The records of all pushes: one line each in the journal's file, on disk before the student is told, and never twice."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from autograder.grading.journal import Journal, lines
from autograder.records import Status, SubmissionRecord
from autograder.serve.attempts import Standing


class PushRecord(SubmissionRecord, frozen=True):
    """One line of a server's ``results.jsonl``: a submission's record and where it came from.

    Args:
        job: the queue's id.
        commit, ref: what was pushed.
        received_at: when the server received it, in seconds since the epoch; deadlines go by this.
        standing: what the student's next push is compared with.
    """

    job: str = ""
    commit: str = ""
    ref: str = ""
    received_at: float = 0.0
    standing: Standing = Standing()


class _Place(msgspec.Struct, frozen=True):
    unit: str
    student: str
    status: Status = "graded"
    job: str = ""


class Ledger:
    """All push records, held by one server at a time.

    Args:
        folder: the server's ``results``; ``autograder report`` and ``export`` read it as any grading run's.

    Raises:
        UsageError: another server holds it, or it cannot be written.
        GraderError: a line is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._journal = Journal(folder)
        self._latest: dict[tuple[str, str], int] = {}  # where the latest line of a student and unit begins
        self._graded: dict[tuple[str, str], int] = {}  # the same of those that were graded
        self._jobs: dict[str, str] = {}  # the student of each job
        self._end = 0
        try:
            for line, place in lines(self._journal.path, _Place):
                self._note(place, len(line) + 1)
        except BaseException:
            self._journal.close()
            raise

    def _note(self, place: _Place, length: int) -> None:
        self._latest[place.student, place.unit] = self._end
        if place.status == "graded":
            self._graded[place.student, place.unit] = self._end
        self._jobs[place.job] = place.student
        self._end += length

    def holds(self, student: str, job: str) -> bool:
        """Tell whether a job of a student is recorded."""
        return self._jobs.get(job) == student

    def __len__(self) -> int:
        """Return how many jobs are recorded."""
        return len(self._jobs)

    def append(self, record: PushRecord) -> None:
        """Write a record and wait until it is on the disk; raises ``GraderError``."""
        self._journal.append(record)
        end = self._journal.path.stat().st_size
        self._note(_Place(record.unit, record.student, record.status, record.job), end - self._end)

    def latest(self, student: str, unit: str) -> PushRecord | None:
        """Return a student's latest record of a unit."""
        return self._read(self._latest.get((student, unit)))

    def counted(self, student: str, unit: str) -> PushRecord | None:
        """Return the record of a unit that counts for a student: the latest that was graded, or else the latest."""
        return self._read(self._graded.get((student, unit), self._latest.get((student, unit))))

    def _read(self, start: int | None) -> PushRecord | None:
        if start is None:
            return None
        with self._journal.path.open("rb") as file:
            file.seek(start)
            return msgspec.json.decode(file.readline(), type=PushRecord)

    def close(self) -> None:
        """Release the folder."""
        self._journal.close()

    def __enter__(self) -> Self:
        """Return the ledger."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release the folder."""
        self.close()
