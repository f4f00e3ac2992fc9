"""Runs a student's notebook in a process of its own, so that what its code prints never reaches the log by itself.

This is no sandbox: on a student's own machine or runner their code may do what they may do.  It keeps a workflow command that
the code prints from being obeyed, keeps the runner's command files out of the environment, and outlives a crash.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import IO

import msgspec

from autograder.checking import NotebookReport
from autograder.errors import UsageError

SECONDS = 900.0
_MAX_OUTPUT = 64_000
_MAX_REPORT = 50_000_000
_RUNNER = ("GITHUB_", "RUNNER_", "ACTIONS_", "INPUT_", "CI_")


class Isolated(msgspec.Struct, frozen=True):
    """A notebook's report, or the reason why there is none, and what its code printed (cut)."""

    report: NotebookReport | None
    reason: str
    output: str


def check_isolated(notebook: Path, exercise: str | None = None, *, seconds: float = SECONDS) -> Isolated:
    """Run the visible checks of a notebook in a child process.

    Args:
        notebook: the file, in its assignment's folder.
        exercise: only this one.
        seconds: after this the child and its group are ended.

    Raises:
        UsageError: the file or its checks are not there, or the exercise does not exist.
    """
    environment = {k: v for k, v in os.environ.items() if not k.startswith(_RUNNER)}
    with tempfile.TemporaryDirectory(prefix="autograder-check-") as folder:
        result = Path(folder) / "report.json"
        command = [sys.executable, "-P", "-m", "autograder.ci.child", str(notebook), str(result), exercise or ""]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=os.name == "posix",
        )
        assert process.stdout is not None
        output = bytearray()
        reader = threading.Thread(target=_read, args=(process.stdout, output), daemon=True)
        reader.start()
        reason = ""
        try:
            code = process.wait(seconds)
            reason = "" if code == 0 else f"the notebook's code ended the process that checks it ({_ended(code)})"
        except subprocess.TimeoutExpired:
            reason = f"the notebook and its checks did not finish within {seconds:g} s"
        finally:
            _end(process)
        reader.join(2.0)
        if not reader.is_alive():
            process.stdout.close()
        said = bytes(output).decode("utf-8", "replace")
        return Isolated(None, reason, said) if reason else _report(result, said)


def _report(result: Path, said: str) -> Isolated:
    try:
        data = result.read_bytes()
        found = msgspec.json.decode(data, type=NotebookReport | str) if len(data) <= _MAX_REPORT else ""
    except (OSError, msgspec.DecodeError) as error:
        return Isolated(None, f"the checks left no report ({type(error).__name__})", said)
    if isinstance(found, str):
        raise UsageError(found or "the checks left a report that is too large")
    return Isolated(found, "", said)


def _read(stream: IO[bytes], kept: bytearray) -> None:
    """Keep the beginning of a stream and drop the rest, so that neither the pipe nor memory fills up."""
    while chunk := stream.read1(1 << 16) if hasattr(stream, "read1") else stream.read(1 << 16):
        kept += chunk[: max(0, _MAX_OUTPUT - len(kept))]


def _ended(code: int) -> str:
    return f"exit {code}" if code > 0 else f"signal {-code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the child and whatever it started in its group."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    elif process.poll() is None:
        process.kill()
    process.wait()
