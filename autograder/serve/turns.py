"""Whose notebook is graded next: students take turns, each with one notebook at a time, in the order they pushed."""

from __future__ import annotations

from collections import deque

import msgspec


class Job(msgspec.Struct, frozen=True):
    """A queued notebook: its student, id and when the server received it, in seconds since the epoch."""

    student: str
    id: str
    received: float


class Turns:
    """A round-robin queue over students."""

    def __init__(self) -> None:
        self._waiting: dict[str, deque[Job]] = {}  # by student, in the order of turns
        self._busy: set[str] = set()

    def __len__(self) -> int:
        """Return how many wait."""
        return sum(map(len, self._waiting.values()))

    def add(self, job: Job) -> None:
        """Put a job behind the same student's others."""
        self._waiting.setdefault(job.student, deque()).append(job)

    def back(self, job: Job) -> None:
        """Put a job that was taken before the same student's others again; they keep their order."""
        self._busy.discard(job.student)
        self._waiting.setdefault(job.student, deque()).appendleft(job)

    def take(self) -> Job | None:
        """Return the next job of the student whose turn it is; None when all who wait have one running."""
        for student in self._waiting:
            if student not in self._busy:
                queue = self._waiting.pop(student)
                job = queue.popleft()
                if queue:
                    self._waiting[student] = queue  # behind all others
                self._busy.add(student)
                return job
        return None

    def done(self, job: Job) -> None:
        """Say that a job that was taken is over."""
        self._busy.discard(job.student)

    def ahead(self, student: str, id_: str) -> int | None:
        """Return how many jobs are taken before one of a student that waits; None when it does not wait."""
        turn = next((turn for turn, job in enumerate(self._waiting.get(student, ())) if job.id == id_), None)
        if turn is None:
            return None
        place = list(self._waiting).index(student)
        others = ((position, len(queue)) for position, (name, queue) in enumerate(self._waiting.items()) if name != student)
        return turn + sum(min(size, turn + 1 if position < place else turn) for position, size in others)
