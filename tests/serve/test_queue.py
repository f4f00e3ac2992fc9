"""The queue on disk."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.serve import queue
from autograder.serve.students import add
from autograder.serve.turns import Job
from tests.serve.remote import Remote


@pytest.fixture
def remote(new_remote: Callable[[], Remote]) -> Remote:
    """A server with one student, without a daemon."""
    remote = new_remote()
    add(remote.server, "ada")
    return remote


def put(remote: Remote, number: int, text: str = "x") -> Path:
    """Write a queued file."""
    path = remote.server.spool("ada") / f"{number:032x}.job"
    path.write_text(text)
    return path


def test_jobs_come_in_the_order_of_receipt(remote: Remote) -> None:
    """The order is that of the kernel's times, whatever a file's owner sets."""
    for number in (3, 1, 2):
        os.utime(put(remote, number), (number, number))
        time.sleep(0.02)
    assert [int(job.id, 16) for job in queue.waiting(remote.server, "ada")] == [3, 1, 2]


def test_a_job_that_was_changed_later_was_received_later(remote: Remote) -> None:
    """Who queues a file before the deadline and fills it after it has handed in after it."""
    path = put(remote, 1)
    (job,) = queue.waiting(remote.server, "ada")
    time.sleep(0.02)
    path.write_text("another answer")
    os.utime(path, (1, 1))
    assert queue.received(remote.server, job).received > job.received
    path.unlink()
    assert queue.received(remote.server, job) == job


def test_what_is_no_job_is_left_out(remote: Remote) -> None:
    """Other names, folders, links and pipes are no jobs, and neither is anything of a student who is not there."""
    spool = remote.server.spool("ada")
    (spool / "notes.job").touch()
    (spool / f"{1:032x}.part").touch()
    (spool / f"{2:032x}.job").mkdir()
    (spool / f"{3:032x}.job").symlink_to("/etc/passwd")
    os.mkfifo(spool / f"{4:032x}.job")
    put(remote, 5)
    assert [int(job.id, 16) for job in queue.waiting(remote.server, "ada")] == [5]
    assert queue.waiting(remote.server, "nobody") == []


def test_removing_is_for_one_file(remote: Remote) -> None:
    """A job is taken away once; again, or where a folder lies, is no failure."""
    put(remote, 1)
    for _ in range(2):
        queue.remove(remote.server, Job("ada", f"{1:032x}", 0.0))
    (remote.server.spool("ada") / f"{2:032x}.job").mkdir()
    queue.remove(remote.server, Job("ada", f"{2:032x}", 0.0))
    assert [p.name for p in remote.queued("ada")] == [f"{2:032x}.job"]


def test_leftovers_are_removed_after_a_while(remote: Remote) -> None:
    """What a killed hook left is removed, and what one is writing now is not."""
    part = remote.server.spool("ada") / ".x.part"
    part.touch()
    queue.tidy(remote.server, "ada", time.time())
    assert part.exists()
    queue.tidy(remote.server, "ada", time.time() + 7200)
    assert not part.exists()
