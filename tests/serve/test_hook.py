"""The receive hook on repositories that no honest git makes: it ends soon, says why, and a later push is graded."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.grading.material import Material
from autograder.serve import catchup, hook
from tests.grading_e2e.command import wait_until
from tests.grading_e2e.small_course import UNIT, notebook
from tests.serve.remote import Remote, Student
from tests.serve.test_down import alive
from tests.serve.trees import FILE, FOLDER, commit_tree, endless, put, tree

Join = Callable[..., Student]
NAME = f"{UNIT}.ipynb".encode()


def hurried(remote: Remote) -> Remote:
    """Return the server with a hook that waits a moment for git."""
    path = remote.server.hooks / "post-receive"
    text = path.read_text()
    assert "GIT_SECONDS = 20.0" in text
    path.write_text(text.replace("GIT_SECONDS = 20.0", "GIT_SECONDS = 0.3"))
    return remote


@pytest.fixture
def hasty(new_remote: Callable[[], Remote]) -> Remote:
    """A server without a daemon, whose hook waits a moment for git."""
    return hurried(new_remote())


def test_folders_without_end_are_given_up(hasty: Remote, join: Join, material: Material) -> None:
    """A small tree of 10^12 empty folders ends the hook in time; it is not tried again, and the next push counts."""
    student = join(hasty)
    bad = commit_tree(student, tree(student, [(FOLDER, b"bomb", endless(student)), (FILE, NAME, put(student, notebook(material)))]))
    started = time.monotonic()
    said = student.push()
    assert "its folders are not listed within 0.3 s" in said
    assert time.monotonic() - started < 30
    assert hasty.queued(student.name) == []
    assert (hasty.server.repository(student.name) / hook.REFUSED).read_text().strip() == bad
    commit_tree(student, tree(student, [(FILE, NAME, put(student, notebook(material)))]))
    assert "queued: the grade will follow" in student.push("--force", "main")
    assert len(hasty.queued(student.name)) == 1


def test_start_passes_over_what_was_given_up(hasty: Remote, join: Join, material: Material) -> None:
    """When the daemon starts, the hook runs for a commit that nobody tried, and not for one that was given up."""
    given_up, untried = join(hasty), join(hasty)
    path = hasty.server.hooks / "post-receive"
    for student in (given_up, untried):
        commit_tree(student, tree(student, [(FOLDER, b"bomb", endless(student)), (FILE, NAME, put(student, notebook(material)))]))
        path.chmod(0o755 if student is given_up else 0o644)
        student.push()
    trace = hasty.root / "trace"
    path.write_text(f'#!/bin/sh\necho "$AUTOGRADER_STUDENT" >> {trace}\n')
    path.chmod(0o755)
    asyncio.run(catchup.catch_up(hasty.server, "main"))
    assert trace.read_text().split() == [untried.name]


def test_hook_that_takes_too_long_at_the_start_is_ended_with_all_it_began(hasty: Remote, join: Join, material: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hook that does not end is killed together with the processes that it waits for."""
    student = join(hasty)
    path = hasty.server.hooks / "post-receive"
    path.chmod(0o644)
    student.commit(notebook(material))
    student.push()
    trace = hasty.root / "trace"
    path.write_text(f"#!/bin/sh\nsleep 1000 &\necho $! > {trace}\nwait\n")
    path.chmod(0o755)
    monkeypatch.setattr(catchup, "_SECONDS", 0.5)
    asyncio.run(catchup.catch_up(hasty.server, "main"))
    assert wait_until(lambda: not alive(int(trace.read_text())))


def test_hooks_of_two_pushes_note_their_commits_at_once(tmp_path: Path) -> None:
    """Several hooks that finish at one moment leave one whole marker and nothing else."""
    marker = tmp_path / hook.MARKER
    commits = [f"{n:040x}" for n in range(8)]

    def mark_often(commit: str) -> None:
        for _ in range(60):
            hook._mark(marker, commit)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(mark_often, commits))
    assert marker.read_text().strip() in commits
    assert [p.name for p in tmp_path.iterdir()] == [hook.MARKER]
