"""A push server in a folder that every user may enter, students' clones of its repositories, and who they run as."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from autograder.course import COURSE_VARIABLE
from autograder.grading.journal import NAME, lines
from autograder.serve.config import Server
from autograder.serve.ledger import PushRecord
from tests.grading_e2e.command import PATIENCE, PROJECT, wait_until
from tests.grading_e2e.small_course import UNIT

NOTEBOOK = f"assignments/{UNIT}/{UNIT}.ipynb"
IDENTITY = ("-c", "user.name=Student", "-c", "user.email=student@example.org", "-c", "protocol.file.allow=always")


class Remote:
    """A server and the processes that a test starts for it.

    Args:
        root: its folder.
        course: folder of the course.
        user: who runs its commands, by default the user of the tests.
    """

    def __init__(self, root: Path, course: Path, user: int | None = None) -> None:
        self.root, self.course, self.user = root, course, user
        self.log = root.with_name(f"{root.name}.log")
        self.server = Server(root)
        self._daemon: subprocess.Popen[bytes] | None = None

    def command(self, *arguments: str | Path) -> list[str]:
        """Return the command line of ``autograder`` for the server's user."""
        inner = ["-m", "autograder", *map(str, arguments)]
        return [sys.executable, *(inner if self.user is None else ["-m", "tests.serve.as_user", str(self.user), *inner])]

    def environment(self) -> dict[str, str]:
        """Return the environment of the server's commands."""
        return {**os.environ, COURSE_VARIABLE: str(self.course), "PYTHONPATH": str(PROJECT), "NO_COLOR": "1", "COLUMNS": "120"}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run ``autograder serve …`` to its end."""
        return subprocess.run(
            self.command("serve", *arguments), env=self.environment(), check=False, text=True, capture_output=True, timeout=PATIENCE, cwd=self.root.parent
        )

    def start(self, *options: str, warm: bool = True) -> int:
        """Start the daemon, wait until it answers, and with ``warm`` until a worker is ready; return its process id."""
        size = len(self.said())
        with self.log.open("ab") as log:
            self._daemon = subprocess.Popen(
                self.command("serve", "run", self.root, *options), env=self.environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.root.parent
            )
        wanted = "is ready for" if warm else "serving "
        wait_until(lambda: wanted in self.said()[size:] or self._daemon is None or self._daemon.poll() is not None)
        assert wanted in self.said()[size:], self.said()
        return self._daemon.pid

    def said(self) -> str:
        """Return what the daemon has printed."""
        return self.log.read_text(encoding="utf-8") if self.log.exists() else ""

    def stop(self, *, kill: bool = False) -> None:
        """End the daemon."""
        if self._daemon is not None:
            with contextlib.suppress(ProcessLookupError):
                (self._daemon.kill if kill else self._daemon.terminate)()
            self._daemon.wait(PATIENCE)
            self._daemon = None

    def records(self, student: str | None = None) -> list[PushRecord]:
        """Return all lines of the results, or those of a student."""
        found = [record for _, record in lines(self.server.results / NAME, PushRecord)]
        return [record for record in found if student in (None, record.student)]

    def queued(self, student: str) -> list[Path]:
        """Return the files of a student's queue."""
        return sorted(self.server.spool(student).iterdir())


class Student:
    """A student's clone.

    Args:
        remote: the server.
        name: also the repository's.
        folder: where the clone is made.
        user: who pushes on this machine, by default the user of the tests.
        address: of the repository, by default its path.
    """

    def __init__(self, remote: Remote, name: str, folder: Path, user: int | None = None, address: str | None = None) -> None:
        self.remote, self.name, self.user = remote, name, user
        self.environment: dict[str, str] = {}
        self.clone = folder / name
        self.clone.mkdir()
        if user is not None:
            os.chown(self.clone, user, user)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("remote", "add", "grade", address or str(remote.server.repository(name)))

    def git(self, *arguments: str, check: bool = True, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
        """Run git in the clone as the student; return what it printed."""
        environment = {**os.environ, "HOME": str(self.clone), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", **self.environment}
        if self.user is not None:
            environment = {k: v for k, v in environment.items() if not k.startswith(("PYTHON", "VIRTUAL"))}
        done = subprocess.run(
            ["git", *IDENTITY, *arguments], cwd=self.clone, env=environment, input=given, capture_output=True, check=False, timeout=PATIENCE,
            user=self.user, group=self.user, extra_groups=None if self.user is None else [],
        )  # fmt: skip
        text = done.stdout.decode() + "\n".join(line.rstrip() for line in done.stderr.decode().splitlines())
        assert not check or done.returncode == 0, text
        return subprocess.CompletedProcess(done.args, done.returncode, text)

    def write(self, data: bytes, path: str = NOTEBOOK) -> None:
        """Write a file of the clone."""
        target = self.clone / path
        for folder in reversed([p for p in target.parents if p.is_relative_to(self.clone) and not p.exists()]):
            folder.mkdir()
            self._own(folder)
        target.write_bytes(data)
        self._own(target)

    def _own(self, path: Path) -> None:
        if self.user is not None:
            os.chown(path, self.user, self.user)

    def commit(self, data: bytes | None = None, message: str = "work") -> str:
        """Commit everything, with a notebook when ``data`` is given; return the commit's id."""
        if data is not None:
            self.write(data)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").stdout.strip()

    def push(self, *arguments: str, check: bool = True) -> str:
        """Push and return what the student reads."""
        return self.git("push", "grade", *(arguments or ("main",)), check=check).stdout

    def record(self) -> PushRecord:
        """Return the student's last record."""
        return self.remote.records(self.name)[-1]
