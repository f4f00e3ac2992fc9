"""The queue on disk: which jobs lie in the students' folders, and how one is taken away."""

from __future__ import annotations

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from itertools import islice

from autograder.serve.config import Server
from autograder.serve.turns import Job

_NAME = re.compile(r"([0-9a-f]{32})\.job")
_AT_ONCE = 1000  # of one student's files looked at; the rest comes when these are graded
_STALE = 3600.0  # seconds after which a file that a hook did not finish is removed


def waiting(server: Server, student: str) -> list[Job]:
    """Return a student's queued jobs in the order the server received them; what is no job is left out."""
    return sorted(_jobs(server, student), key=lambda job: (job.received, job.id))


def _jobs(server: Server, student: str) -> Iterator[Job]:
    try:
        with os.scandir(server.spool(student)) as entries:
            for entry in islice(entries, _AT_ONCE):
                match = _NAME.fullmatch(entry.name)
                with contextlib.suppress(OSError):
                    status = entry.stat(follow_symlinks=False)
                    if match and stat.S_ISREG(status.st_mode):
                        yield Job(student, match[1], status.st_ctime)  # the kernel's time of the rename, which its owner cannot set
    except OSError:  # the student was removed
        return


def received(server: Server, job: Job) -> Job:
    """Return the job with the time of its file's last change, which its owner may have made after it was queued."""
    with contextlib.suppress(OSError):
        return Job(job.student, job.id, max(job.received, (server.spool(job.student) / f"{job.id}.job").lstat().st_ctime))
    return job


def remove(server: Server, job: Job) -> None:
    """Take a job out of the queue; one that is gone already is no failure."""
    with contextlib.suppress(OSError):
        (server.spool(job.student) / f"{job.id}.job").unlink()


def tidy(server: Server, student: str, now: float) -> None:
    """Remove what hooks that were killed left behind."""
    with contextlib.suppress(OSError), os.scandir(server.spool(student)) as entries:
        for entry in islice(entries, _AT_ONCE):
            with contextlib.suppress(OSError):
                if entry.name.endswith(".part") and entry.stat(follow_symlinks=False).st_ctime < now - _STALE:
                    os.unlink(entry.path)  # noqa: PTH108 - a string as scandir gives it
