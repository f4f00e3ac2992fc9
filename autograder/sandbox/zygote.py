"""The parent's end of a zygote: starts it, has it fork confined children, and takes the kernel's account of each."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

from autograder.errors import SandboxError
from autograder.sandbox import wire
from autograder.sandbox.model import Bounds, Death, Level, Order, Profile

if TYPE_CHECKING:
    from autograder.unit import Limits

SERVE = "autograder.channel.server:serve"
START_SECONDS, ANSWER_SECONDS, CLOSE_SECONDS = 120.0, 30.0, 5.0
# One thread, because a process with threads cannot fork; few malloc arenas, because each reserves address space.
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "OBJC_DISABLE_INITIALIZE_FORK_SAFETY": "YES",
}
_BOOTSTRAP = "import sys; sys.path.append(sys.argv[2]); from autograder.sandbox.zygote_main import main; main(int(sys.argv[1]))"


class Zygote:
    """A warm interpreter that holds no secret and has at most one confined child at a time."""

    def __init__(self, level: Level, profile: Profile, limits: Limits, *, slot: int = 0, serve: str = SERVE) -> None:
        """Start the interpreter and wait until it has imported the profile.

        Args:
            level: how to confine children.
            profile: what they may import and read.
            limits: what one child may use.
            slot: number of this zygote among those that run at the same time.
            serve: ``module:function`` that a child calls with its socket.

        Raises:
            SandboxError: the level does not work here, or the profile cannot be imported; says why.
        """
        if not hasattr(os, "fork"):
            raise SandboxError(f"sandbox={level}: this system cannot fork processes; grade on Linux, macOS or in WSL")
        self.level: Level = level
        self._live = False
        self._folder, cwd = _working_folder(level, profile.data)
        self._control, theirs = socket.socketpair()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  (closed by close)
        with theirs:
            command = [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", _BOOTSTRAP, str(theirs.fileno()), project_folder()]
            self._process = subprocess.Popen(
                command,
                pass_fds=(theirs.fileno(),),
                env=ENVIRONMENT,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                start_new_session=True,
            )
        try:
            self.facts = self._ask(dataclasses.asdict(_order(level, profile, limits, slot, serve, cwd)), None, START_SECONDS)
        except BaseException:
            self.close()
            raise

    @property
    def pid(self) -> int:
        """Process id of the zygote."""
        return self._process.pid

    def spawn(self) -> socket.socket:
        """Fork a confined child and return the stream socket it serves.

        Raises:
            SandboxError: the zygote is gone, the child could not be confined, or the last one was not reaped.
        """
        if self._live:
            raise SandboxError(f"sandbox={self.level}: the last child is still there; reap it first")
        ours, theirs = socket.socketpair()
        self._live = True
        try:
            with theirs:
                self._ask({"do": "spawn"}, theirs.fileno(), ANSWER_SECONDS)
        except BaseException:
            ours.close()
            with contextlib.suppress(SandboxError):
                self.reap()
            raise
        return ours

    def reap(self) -> Death:
        """Kill what is left of the child and return the kernel's account of it.

        Raises:
            SandboxError: there is no child, or the zygote is gone.
        """
        if not self._live:
            raise SandboxError(f"sandbox={self.level}: there is no child to reap")
        self._live = False
        return Death(**self._ask({"do": "reap"}, None, ANSWER_SECONDS))

    def close(self) -> None:
        """End the zygote and its child; may be called again."""
        self._live = False
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_RDWR)  # closing alone is no end where a fork of this process holds the socket too
        self._control.close()
        try:
            self._process.wait(CLOSE_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        self._errors.close()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def __enter__(self) -> Self:
        """Return the zygote itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close it."""
        self.close()

    def _ask(self, message: dict[str, Any], fd: int | None, seconds: float) -> dict[str, Any]:
        try:
            self._control.settimeout(seconds)
            wire.send(self._control, message, fd)
            answer, _ = wire.receive(self._control)
        except (EOFError, OSError) as error:
            raise SandboxError(f"sandbox={self.level}: the zygote is gone ({self._last_words() or error!r})") from error
        if "error" in answer:
            raise SandboxError(f"sandbox={self.level}: {answer['error']}")
        return answer

    def _last_words(self) -> str:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        if self._errors.closed:
            return "closed"
        self._errors.seek(0)
        lines = self._errors.read(1 << 16).decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:300] if lines else f"exit status {self._process.returncode}"


def _order(level: Level, profile: Profile, limits: Limits, slot: int, serve: str, cwd: str) -> Order:
    bounds = Bounds(**{f.name: getattr(limits, f.name) for f in dataclasses.fields(Bounds)})
    return Order(
        level=level,
        slot=slot,
        packages=profile.packages,
        data=str(profile.data.resolve()) if profile.data else "",
        preload=profile.preload,
        sites=tuple(p for p in sys.path if Path(p).name in ("site-packages", "dist-packages") and Path(p).is_dir()),
        project=project_folder(),
        serve=serve,
        cwd=cwd,
        # The signal comes when the *thread* that made the zygote ends, so it is only of use to the main thread.
        die_with_parent=threading.current_thread() is threading.main_thread(),
        bounds=bounds,
    )


def project_folder() -> str:
    """Return the folder that holds the ``autograder`` package."""
    return str(Path(__file__).resolve().parents[2])


def _working_folder(level: Level, data: Path | None) -> tuple[str | None, str]:
    """Return the temporary folder to remove later, if one is needed, and the folder in which ``./data`` is found."""
    if data is None or level == "ns":
        return None, "/"
    if data.name == "data":
        return None, str(data.resolve().parent)
    folder = tempfile.mkdtemp(prefix="autograder-sandbox-")
    Path(folder).chmod(0o755)  # the child is another user
    (Path(folder) / "data").symlink_to(data.resolve())
    return folder, folder
