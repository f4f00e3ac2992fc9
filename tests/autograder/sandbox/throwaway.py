"""Run a function in a forked process and bring its answer back; what it does to that process is gone with it."""

from __future__ import annotations

import os
from collections.abc import Callable


def run(action: Callable[[], object]) -> str:
    """Return the text of what ``action`` returned, or the name and text of the error it raised."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            answer = str(action())
        except BaseException as error:  # the answer, whatever it is
            answer = f"{type(error).__name__}: {error}"
        try:
            os.write(writing, answer.encode("utf-8", "replace"))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        answer = pipe.read().decode()
    os.waitpid(pid, 0)
    return answer
