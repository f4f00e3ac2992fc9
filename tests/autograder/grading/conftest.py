"""Graders and sessions without a sandbox."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from autograder.grading.material import Material
from autograder.grading.session import Session
from autograder.grading.worker import Grader
from autograder.submissions.collect import Submission
from autograder.submissions.read import StudentCell

from .zygotes import ForkingZygote

if not hasattr(os, "fork"):
    collect_ignore_glob = ["test_session.py", "test_worker.py", "test_pool.py", "test_process.py", "test_run.py"]

MakeSession = Callable[..., Session]


@pytest.fixture
def zygote() -> ForkingZygote:
    """A zygote whose children are forks of this process."""
    return ForkingZygote()


@pytest.fixture
def session(tiny: Material, zygote: ForkingZygote) -> Iterator[MakeSession]:
    """A function that makes a session of cells given as (id, source)."""
    made: list[Session] = []

    def make(*cells: tuple[str, str], unit: object = None) -> Session:
        parts = tuple(StudentCell(id_, "exercise", id_, source, f"cell {n} ({id_})") for n, (id_, source) in enumerate(cells, 1))
        made.append(Session(zygote, unit or tiny.unit, parts))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for one in made:
        one.close()
    assert not zygote.live


@pytest.fixture
def forking(monkeypatch: pytest.MonkeyPatch) -> ForkingZygote:
    """Make every Grader, also one in a forked worker, use a forking zygote; returns this process's."""
    zygote = ForkingZygote()
    monkeypatch.setattr(Grader, "zygote", lambda self, runtime: zygote)
    return zygote


@pytest.fixture
def submit(tiny_notebook: Callable[..., bytes]) -> Callable[..., Submission]:
    """A function that returns a submission: the reference's answers with some cells replaced, or given bytes."""

    def make(replace: dict[str, str] | None = None, *, student: str = "ada", data: bytes | None = None, **more: object) -> Submission:
        return Submission(student, None, tiny_notebook(replace, **more) if data is None else data)

    return make
