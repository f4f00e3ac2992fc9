"""A surprise with one notebook does not stop the server."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from autograder.grading.material import Material
from autograder.sandbox import choose_level
from autograder.serve import daemon as module
from autograder.serve import say
from autograder.serve.daemon import Daemon
from tests.grading_e2e.small_course import notebook
from tests.serve.remote import Remote, Student

pytestmark = pytest.mark.usefixtures("needs_sandbox")


def test_grade_that_cannot_be_shown_or_read_stops_nobody(
    new_remote: Callable[[], Remote], join: Callable[..., Student], material: Material, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When reading a job or showing its grade fails in a way nobody thought of, the student is told, the next one is graded, and nothing is lost."""
    remote = new_remote()
    unlucky, unread, lucky = join(remote), join(remote), join(remote)
    settings = remote.server.config
    settings.write_text(settings.read_text() + "retry_seconds = 0.5\n")
    shown, read = say.result, module.read_job
    failures = [RuntimeError("nobody thought of this")]

    def result(record: Any, *arguments: Any, **keywords: Any) -> list[str]:
        if record.student == unlucky.name:
            raise RuntimeError("nobody thought of this")
        return shown(record, *arguments, **keywords)

    def read_job(path: Any) -> Any:
        if unread.name in path.parts and failures:
            raise failures.pop()
        return read(path)

    monkeypatch.setattr(say, "result", result)
    monkeypatch.setattr(module, "read_job", read_job)
    said: dict[str, str] = {}
    log: list[str] = []

    async def scenario() -> None:
        started = asyncio.Event()
        serving = asyncio.create_task(Daemon(remote.server, level=choose_level(None), jobs=1, log=log.append).run(started.set))
        await started.wait()
        for student in (unlucky, unread, lucky):
            student.commit(notebook(material))
            said[student.name] = await asyncio.to_thread(student.push)
        while not remote.records(unread.name):
            await asyncio.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)
        await serving

    asyncio.run(scenario())
    assert "is graded and recorded, but cannot be shown" in said[unlucky.name]
    assert "the grade will follow" in said[unread.name]
    assert "100 of 100 points" in said[lucky.name]
    assert sorted((r.student, r.score) for r in remote.records()) == sorted((s.name, 100.0) for s in (unlucky, unread, lucky))
    assert any("nobody thought of this" in line for line in log)
