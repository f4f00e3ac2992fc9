"""After a crash: queues what was pushed while the hook was cut off before it could queue it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from autograder.serve.config import Server
from autograder.serve.hook import MARKER, REFUSED
from autograder.serve.students import SAFE

_SECONDS = 60.0


async def catch_up(server: Server, branch: str) -> None:
    """Run the hook for each repository whose branch is ahead of what was queued last.

    Only repositories of the grader's own account are looked at: nothing is run, and no configuration read, in one that a student's
    account can write to.
    """
    for student in server.students():
        repository = server.repository(student)
        try:
            if repository.lstat().st_uid != os.geteuid():
                continue
            tip = (repository / "refs" / "heads" / branch).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            continue
        if tip in (_noted(repository / MARKER), _noted(repository / REFUSED)):
            continue
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        process = await asyncio.create_subprocess_exec(
            str(server.hooks / "post-receive"), "catch-up", tip,
            cwd=repository, env={**kept, **SAFE, "GIT_DIR": str(repository), "AUTOGRADER_STUDENT": student},
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            await asyncio.wait_for(process.wait(), _SECONDS)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the hook, and the git that it waits for
            await process.wait()


def _noted(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
