"""A server's folder and its settings."""

from __future__ import annotations

import hashlib
import json
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import UsageError
from autograder.serve.config import Server, init
from autograder.unit import Attempts
from tests.grading_e2e.small_course import UNIT
from tests.serve.remote import Remote


def mode(path: Path) -> int:
    """Return a file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_is_closed_where_it_must_be(course: Course, tmp_path: Path) -> None:
    """Results and settings are the grader's alone; names of students cannot be listed; the hook can be run and not written by others."""
    server = init(tmp_path / "s", course, [UNIT])
    assert [mode(p) for p in (server.results, server.config)] == [0o700, 0o600]
    assert [mode(p) for p in (server.root, server.root / "repos", server.root / "spool")] == [0o711] * 3
    assert [mode(p) for p in (server.hooks, server.hooks / "post-receive", server.hooks / "serve.json")] == [0o755, 0o755, 0o644]


def test_settings_are_what_init_was_told(course: Course, tmp_path: Path) -> None:
    """Units, branch and the limit of attempts stand in ``serve.toml``, and hooks know what they must, and no secret."""
    server = init(tmp_path / "s", course, [UNIT], branch="hand-in", attempts=Attempts(5, 12.0))
    settings = Server.at(tmp_path / "s").settings()
    assert (settings.units, settings.branch, settings.attempts) == ((UNIT,), "hand-in", Attempts(5, 12.0))
    known = json.loads((server.hooks / "serve.json").read_text())
    blank = (course.assignment(UNIT) / f"{UNIT}.ipynb").read_bytes()
    assert known["units"] == {UNIT: hashlib.sha1(b"blob %d\0" % len(blank) + blank).hexdigest()}
    assert str(course.root) not in json.dumps(known)


@pytest.mark.parametrize(
    ("text", "problem"),
    [("branch = 3", "branch"), ("unknown = 1", "unknown"), ("attempts = { number = 0 }", "number"), ("wait_seconds = -1", "wait_seconds"), ("= x", "serve.toml"),
     ('branch = "../x"', "branch")],
)  # fmt: skip
def test_wrong_settings_are_refused(course: Course, tmp_path: Path, text: str, problem: str) -> None:
    """An unknown key, a wrong type, a value out of range and bad TOML are named."""
    server = init(tmp_path / "s", course, [UNIT])
    lines = [line for line in server.config.read_text().splitlines() if not line.startswith("branch")]
    server.config.write_text("\n".join([*lines, text]))
    with pytest.raises(UsageError, match=problem):
        server.settings()


def test_init_refuses_what_cannot_be(course: Course, tmp_path: Path) -> None:
    """A folder in use, an unknown unit and a bad name of a branch are refused; so is a command on a folder without a server."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    with pytest.raises(UsageError, match="not empty"):
        init(tmp_path / "full", course, [UNIT])
    with pytest.raises(UsageError, match="does not exist"):
        init(tmp_path / "a", course, ["u77_none"])
    with pytest.raises(UsageError, match="branch"):
        init(tmp_path / "b", course, [UNIT], branch="-x")
    with pytest.raises(UsageError, match="no push server here"):
        Server.at(tmp_path)


def test_hook_runs_with_the_standard_library_alone(new_remote: Callable[[], Remote]) -> None:
    """The installed hook starts without this project or any package; without a grader it says so and does not fail."""
    remote = new_remote()
    hook = remote.server.hooks / "post-receive"
    assert hook.read_text().splitlines()[0].endswith("python3 -IS")
    done = subprocess.run([hook, "grades", "ada"], check=False, capture_output=True, text=True, cwd="/", env={})
    assert done.returncode == 0
    assert "cannot be reached" in done.stdout
    assert done.stderr == ""
