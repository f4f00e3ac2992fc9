"""A real Dask cluster on this machine: a scheduler and workers, each a process of its own with a checkout of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from autograder.course import Course

SECONDS = 60.0  # for a process to start on a busy machine
_OPTIONS = ("--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--host", "127.0.0.1", "--port", "0")


class Machines:
    """Starts and kills; everything ends with :meth:`close`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._start("scheduler", {}, *_OPTIONS)
        self.address = self._said("scheduler", "Scheduler at:")

    def worker(self, name: str, course: Course, environment: dict[str, str] | None = None) -> None:
        """Start a worker of one thread in a checkout of the course."""
        more = {"AUTOGRADER_COURSE": str(course.root)} | (environment or {})
        self._start("worker", more, self.address, "--no-dashboard", "--dashboard-address", "127.0.0.1:0", "--no-nanny", "--host", "127.0.0.1", "--nthreads", "1", "--name", name, log=name)

    def process(self, name: str) -> subprocess.Popen[bytes]:
        """Return a worker's process."""
        return self._processes[name]

    def address_of(self, name: str) -> str:
        """Return the address of a worker, once the scheduler knows it."""
        self._said(name, "Registered to:")
        return self._said(name, "Start worker at:")

    def _start(self, kind: str, environment: dict[str, str], *arguments: str, log: str = "") -> None:
        kept = {key: value for key, value in os.environ.items() if not key.startswith(("AUTOGRADER_", "DASK_", "PYTEST"))}
        with open(self._folder / f"{log or kind}.log", "wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", kind, *arguments],
                cwd=self._folder,
                env=kept | {"PYTHONPATH": str(Path(__file__).parents[2])} | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes[log or kind] = process

    def _said(self, log: str, words: str) -> str:
        """Return what stands behind some words in a log, once it is there."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            for line in (self._folder / f"{log}.log").read_text("utf-8", "replace").splitlines():
                if words in line:
                    return line.split(words)[1].split()[0]
            time.sleep(0.1)
        raise TimeoutError(f"{log}: {(self._folder / f'{log}.log').read_text('utf-8', 'replace')}")

    def close(self) -> None:
        """End all processes."""
        for process in reversed(self._processes.values()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@contextlib.contextmanager
def machines(folder: Path) -> Iterator[Machines]:
    """Give a cluster without workers."""
    made = Machines(folder)
    try:
        yield made
    finally:
        made.close()


def descendants(pid: int) -> set[int]:
    """Return the processes below a process."""
    children: dict[int, set[int]] = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            children.setdefault(int(fields[1]), set()).add(int(status.parent.name))
    found, waiting = set(), [pid]
    while waiting:
        new = children.get(waiting.pop(), set()) - found
        found |= new
        waiting.extend(new)
    return found
