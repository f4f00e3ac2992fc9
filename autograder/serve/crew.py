"""A server's grading processes: started, spoken to, and replaced when they die."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Callable

import msgspec

from autograder.grading.messages import Answer, Orders, Task, length, pack

PATIENCE = 1800.0  # seconds for one task; a unit's own limits end it much earlier
_MAX_ANSWER = 64 << 20


class WorkerDied(Exception):
    """A grading process ended, or said nothing for too long."""


class Worker:
    """One grading process, started when it is first needed.

    Args:
        orders: what it is told first.
        ready: called with a unit when it has become ready for that.
    """

    def __init__(self, orders: Orders, ready: Callable[[str], None]) -> None:
        self.orders, self._ready = orders, ready
        self.warm: set[str] = set()
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id, when it runs."""
        return self._process.pid if self._process is not None else None

    async def ask(self, task: Task) -> AsyncIterator[Answer]:
        """Yield the answers to a task; the last one is no ``part``.

        Raises:
            WorkerDied: it ended; the next task gets a new one.
        """
        try:
            if self._process is None:
                await self._start()
            assert self._process is not None
            assert self._process.stdin is not None
            self._process.stdin.write(pack(task))
            await self._process.stdin.drain()
            async with asyncio.timeout(PATIENCE):
                while True:
                    answer = await self._receive()
                    if answer.kind in ("record", "warm") and task.unit not in self.warm:
                        self.warm.add(task.unit)
                        self._ready(task.unit)
                    yield answer
                    if answer.kind != "part":
                        break
        except (OSError, EOFError, TimeoutError, msgspec.MsgspecError) as error:
            await self.stop()
            raise WorkerDied(str(error)) from error
        if answer.kind == "stale":
            await self.stop()

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", "-m", "autograder.grading.process", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}, start_new_session=True
        )  # fmt: skip
        assert self._process.stdin is not None
        self._process.stdin.write(pack(self.orders))

    async def _receive(self) -> Answer:
        assert self._process is not None
        assert self._process.stdout is not None
        size = length(await self._process.stdout.readexactly(4))
        if size > _MAX_ANSWER:
            raise EOFError(f"an answer of {size} bytes")
        return msgspec.msgpack.decode(await self._process.stdout.readexactly(size), type=Answer)

    async def stop(self) -> None:
        """End the process; its sandboxes end with it."""
        process, self._process = self._process, None
        self.warm.clear()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
