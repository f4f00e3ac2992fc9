"""The command line as a process of its own, and the processes that a run leaves behind."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from autograder.course import COURSE_VARIABLE

PROJECT = Path(__file__).parents[2]
PATIENCE = 120.0  # seconds until a test gives up; says nothing about how long anything should take


def start(*arguments: str | Path, course: Path, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Start ``autograder`` in a process group of its own, which hears Ctrl-C also where a script in the background runs the tests."""
    environment = {**os.environ, COURSE_VARIABLE: str(course), "PYTHONPATH": str(PROJECT), "COLUMNS": "120", "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "autograder", *map(str, arguments)],
        cwd=cwd or course,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        process_group=0,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - the tests start it before any thread
    )


def run(*arguments: str | Path, course: Path, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run ``autograder`` to its end."""
    process = start(*arguments, course=course, cwd=cwd)
    output, errors = process.communicate(timeout=PATIENCE)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def wait_until(condition: Callable[[], bool]) -> bool:
    """Tell whether a condition comes true before patience ends."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def children(of: int | None = None) -> set[int]:
    """Return the processes that have not ended and whose parent is ``of``, by default this process."""
    found, wanted = set(), of or os.getpid()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, IndexError):
                state, parent = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:2]
                if int(parent) == wanted and state != "Z":
                    found.add(int(entry.name))
    return found
