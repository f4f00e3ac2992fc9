"""What a run may leave behind on the machine: processes, mounts, temporary files; and commands run where that is seen."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from autograder.course import COURSE_VARIABLE
from autograder.sandbox import linux
from autograder.sandbox.users import FIRST_USER
from tests.autograder.sandbox.inside import switch_user
from tests.grading_e2e.command import children, wait_until

ORDINARY_USER = 12345
SET_CHILD_SUBREAPER = 36
USERS = {"root": 0, "user": ORDINARY_USER}


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Adopt orphaned descendants while the body runs, so that they can be seen."""
    linux.prctl(SET_CHILD_SUBREAPER, 1)
    try:
        yield
    finally:
        linux.prctl(SET_CHILD_SUBREAPER, 0)


class Traces:
    """What is there before a run; ``left`` says what the run added and did not take away.

    Args:
        temporary: the run's own folder for temporary files.
    """

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._children, self._mounts, self._shared = children(), _mounts(temporary.parent), _of_students()

    def left(self) -> list[str]:
        """Return what is left; processes that are about to end are waited for."""
        found = []
        if not wait_until(lambda: not children() - self._children):
            found.append(f"processes {sorted(children() - self._children)}")
        if mounts := _mounts(self._temporary.parent) - self._mounts:
            found.append(f"mounts {sorted(mounts)}")
        if names := _names(str(self._temporary)):
            found.append(f"temporary files {sorted(names)}")
        if names := _of_students() - self._shared:
            found.append(f"shared memory {sorted(names)}")
        return found

    def reap(self) -> None:
        """Kill what is left and collect the dead, so that the next run starts clean."""
        for pid in children() - self._children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _mounts(folder: Path) -> set[str]:
    """Return the mounts below a folder, and those that only the sandbox gives such names; others on the machine may mount, too."""
    rows = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    return {row for row in rows if row.split()[0] in ("root", "hidden", "tmp") or row.split()[1].startswith(f"{folder}/")}


def _names(folder: str) -> set[str]:
    return {path.name for path in Path(folder).iterdir()} if Path(folder).is_dir() else set()


def _of_students() -> set[str]:
    """Return what users that only this grader has as children keep in shared memory; others on the machine may work there."""
    found = set()
    for path in Path("/dev/shm").iterdir() if Path("/dev/shm").is_dir() else ():
        with contextlib.suppress(FileNotFoundError):
            if path.lstat().st_uid in (ORDINARY_USER, *range(FIRST_USER, FIRST_USER + 64)):
                found.add(path.name)
    return found


def users() -> tuple[str, ...]:
    """Return as whom this process can grade: root and an ordinary user, or only who runs it."""
    return ("root", "user") if os.getuid() == 0 else ("user",)


class Command:
    """The command ``autograder`` in a process of its own, forked from this one, which has imported it already.

    It waits for :meth:`go`, so that its number is known before the submissions are written.

    Args:
        arguments: of the command.
        course: the course's folder.
        temporary: the command's folder for temporary files.
        user: as whom it runs.
        before: called in the process first.
    """

    def __init__(self, arguments: Sequence[str | Path], *, course: Path, temporary: Path, user: str = "root", before: Callable[[], object] = lambda: None) -> None:
        import autograder.grading.run  # noqa: F401 - warm before the fork
        from autograder.cli import main

        self._code: int | None = None
        self._said, self._errors = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - closed by finish
        waiting, self._go = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(waiting)
            return
        code = 70
        try:
            os.close(self._go)
            os.setpgid(0, 0)
            os.read(waiting, 1)
            os.close(waiting)
            self._become(course, temporary, user)
            before()
            sys.argv = ["autograder", *map(str, arguments)]
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0 if end.code is None else 1
        except BaseException:
            import traceback

            traceback.print_exc()
            code = 1
        finally:
            with contextlib.suppress(Exception):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)

    def _become(self, course: Path, temporary: Path, user: str) -> None:
        from rich.console import Console

        from autograder import cli

        for signal_ in (signal.SIGINT, signal.SIGALRM, signal.SIGTERM):
            signal.signal(signal_, signal.SIG_DFL if signal_ != signal.SIGINT else signal.default_int_handler)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(self._said.fileno(), 1)
        os.dup2(self._errors.fileno(), 2)
        sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
        sys.stderr = os.fdopen(2, "w", encoding="utf-8", closefd=False)
        cli.console = Console(highlight=False, file=sys.stdout, width=120)
        cli.errors = Console(stderr=True, highlight=False, width=120)
        os.environ |= {COURSE_VARIABLE: str(course), "TMPDIR": str(temporary), "HOME": str(temporary), "COURSE_PASSWORD": "CANARY of the environment"}
        tempfile.tempdir = str(temporary)
        if os.getuid() == 0 and USERS[user]:
            switch_user(USERS[user])
        os.chdir(course)

    def go(self) -> None:
        """Let it start."""
        os.write(self._go, b"\n")
        os.close(self._go)

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal, or None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def finish(self, seconds: float) -> tuple[int, str, str]:
        """Return exit code and both outputs at its end; kills its group when it takes longer than that, and says so."""
        end, late = time.monotonic() + seconds, ""
        while self.poll() is None:
            if time.monotonic() > end:
                os.killpg(self.pid, signal.SIGKILL)
                late, end = f"\nstill running after {seconds:g} s", time.monotonic() + 60
            time.sleep(0.003)
        outputs = []
        for file in (self._said, self._errors):
            file.seek(0)
            outputs.append(file.read().decode("utf-8", "replace"))
            file.close()
        assert self._code is not None
        return self._code, outputs[0], outputs[1] + late


def own(folder: Path, user: str) -> None:
    """Give a folder and all in it to a user; links are not followed."""
    if os.getuid() != 0 or not USERS[user]:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, USERS[user], USERS[user], follow_symlinks=False)


@contextlib.contextmanager
def place(prefix: str = "attacks-") -> Iterator[Path]:
    """Make a folder that every user may enter."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
