"""A server's folder: where its parts lie, and what its ``serve.toml`` says."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.atomic import write_atomic
from autograder.course import Course
from autograder.errors import UsageError
from autograder.serve import hook
from autograder.submissions.names import slug
from autograder.submissions.notebook import MAX_BYTES
from autograder.unit import Attempts

_BRANCH = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,100}$"
_PYTHONS = ("/usr/bin/python3", "/usr/local/bin/python3")
_HEADER = """\
# A push server of autograder.  'autograder serve run' reads this when it starts.
"""


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``serve.toml`` says.

    Args:
        course: folder of the course.
        units: whose notebooks are graded.
        branch: the only branch that is graded.
        wait_seconds: how long ``git push`` waits for a grade.
        max_waiting: notebooks of one student that may wait at a time.
        retry_seconds: until a notebook is tried again after the grader's machine or the unit failed.
        max_push_mb, max_repository_mb: what one push may bring, and a repository may hold.
        attempts: limit per student and exercise, for units that name none of their own.
    """

    course: str
    units: tuple[str, ...]
    branch: Annotated[str, msgspec.Meta(pattern=_BRANCH)] = "main"
    wait_seconds: Annotated[float, msgspec.Meta(gt=0)] = 120.0
    max_waiting: Annotated[int, msgspec.Meta(ge=1)] = 20
    retry_seconds: Annotated[float, msgspec.Meta(gt=0)] = 30.0
    max_push_mb: Annotated[int, msgspec.Meta(ge=1)] = 64
    max_repository_mb: Annotated[int, msgspec.Meta(ge=1)] = 500
    attempts: Attempts | None = None


class Server(msgspec.Struct, frozen=True):
    """A server's folder.

    Args:
        root: absolute path.
    """

    root: Path

    @classmethod
    def at(cls, folder: Path) -> Server:
        """Return the server in a folder; raises ``UsageError`` when there is none."""
        server = cls(folder.absolute())
        if not server.config.is_file():
            raise UsageError(f"folder={str(folder)!r}: no push server here; make one with: autograder serve init {folder}")
        return server

    @property
    def config(self) -> Path:
        """The file of its settings."""
        return self.root / "serve.toml"

    @property
    def hooks(self) -> Path:
        """Folder of the receive hook, readable by those who push."""
        return self.root / "hooks"

    @property
    def results(self) -> Path:
        """Folder of the records; the grader's alone."""
        return self.root / "results"

    @property
    def socket(self) -> Path:
        """The grader's socket."""
        return self.root / "run" / "serve.sock"

    def spool(self, student: str) -> Path:
        """Return the folder of a student's queue."""
        return self.root / "spool" / student

    def repository(self, student: str) -> Path:
        """Return a student's repository."""
        return self.root / "repos" / f"{student}.git"

    def students(self) -> list[str]:
        """Return the names of all students."""
        return sorted(entry.name for entry in os.scandir(self.root / "spool") if entry.is_dir(follow_symlinks=False))

    def settings(self) -> Settings:
        """Return the validated settings; raises ``UsageError``."""
        try:
            return msgspec.convert(tomllib.loads(self.config.read_text(encoding="utf-8")), Settings)
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
            raise UsageError(f"{self.config}: {error}") from error


def check_student(name: str) -> str:
    """Return a student's name; raises ``UsageError`` when it is not safe as a folder's name."""
    if slug(name) != name or name.endswith(".git"):
        raise UsageError(f"student={name!r}: expected small letters, digits, '_', '-' and inner dots, such as 'ada.lovelace'")
    return name


def init(folder: Path, course: Course, units: list[str], *, branch: str = "main", attempts: Attempts | None = None) -> Server:
    """Make a server's folder.

    Args:
        folder: new or empty.
        course: where the units lie.
        units: whose notebooks are graded.
        branch: the branch that is graded.
        attempts: limit for units that name none.

    Raises:
        UsageError: the folder is in use, or a unit or the branch's name is wrong.
    """
    if sys.platform != "linux":
        raise UsageError("autograder serve runs on Linux; elsewhere use a Linux machine or container as the remote")
    if folder.exists() and any(folder.iterdir()):
        raise UsageError(f"folder={str(folder)!r} is not empty; name a new one")
    if not re.fullmatch(_BRANCH, branch):
        raise UsageError(f"branch={branch!r} is no name of a branch")
    for unit in units:
        course.unit(unit)
    server = Server(folder.absolute())
    for path, mode in ((server.root, 0o711), (server.root / "repos", 0o711), (server.root / "spool", 0o711), (server.socket.parent, 0o755), (server.hooks, 0o755), (server.results, 0o700)):
        path.mkdir(parents=path == server.root, exist_ok=True)
        path.chmod(mode)
    limit = f"attempts = {{ number = {attempts.number}, hours = {attempts.hours:g} }}\n" if attempts else ""
    names = ", ".join(f'"{unit}"' for unit in units)
    course_text = str(course.root).replace("\\", "\\\\").replace('"', '\\"')
    server.config.write_text(f'{_HEADER}course = "{course_text}"\nunits = [{names}]\nbranch = "{branch}"\n{limit}', encoding="utf-8")
    server.config.chmod(0o600)
    publish(server, server.settings(), course)
    return server


def publish(server: Server, settings: Settings, course: Course) -> None:
    """Write the hook and what it has to know; nothing in it is secret."""
    known = {
        "units": {unit: _blank(course.assignment(unit) / f"{unit}.ipynb") for unit in settings.units},
        "branch": settings.branch,
        "wait_seconds": settings.wait_seconds,
        "max_waiting": settings.max_waiting,
        "max_bytes": MAX_BYTES,
        "max_push_mb": settings.max_push_mb,
        "max_repository_mb": settings.max_repository_mb,
    }
    source = Path(hook.__file__).read_text(encoding="utf-8")
    write_atomic(server.hooks / "post-receive", f"#!{_python()} -IS\n{source}", 0o755)
    write_atomic(server.hooks / "serve.json", msgspec.json.format(msgspec.json.encode(known), indent=1))


def _blank(path: Path) -> str:
    """Return git's id of the untouched notebook, which is not graded."""
    try:
        data = path.read_bytes()
    except OSError:
        return ""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _python() -> str:
    """Return a Python that every user of the machine may run: the system's, or else this one."""
    for name in _PYTHONS:
        recent = [name, "-IS", "-c", "import sys; sys.exit(sys.version_info < (3, 9))"]
        if Path(name).exists() and subprocess.run(recent, check=False, capture_output=True).returncode == 0:
            return name
    return sys.executable
