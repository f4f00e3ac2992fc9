"""Fixtures: a small course, a running server, students."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.assembly import build_assignment
from autograder.course import Course
from autograder.grading.material import Material
from autograder.serve.config import init
from autograder.serve.students import add
from tests.grading_e2e.conftest import needs_sandbox  # noqa: F401 - a fixture
from tests.grading_e2e.small_course import UNIT, write_course
from tests.serve.remote import Remote, Student

_numbers = itertools.count()


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may enter."""
    with tempfile.TemporaryDirectory(prefix="serve-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def course(open_folder: Path) -> Course:
    """The small course, with its assignment; only its owner can read it."""
    course = write_course(open_folder / "course")
    build_assignment(Material(course, UNIT))
    course.root.chmod(0o700)
    return course


@pytest.fixture(scope="session")
def material(course: Course) -> Material:
    """The small unit as the grader knows it."""
    return Material(course, UNIT)


@pytest.fixture
def new_remote(open_folder: Path, course: Course) -> Iterator[Callable[[], Remote]]:
    """A function that makes a server; its daemon is stopped at the end of the test."""
    made: list[Remote] = []

    def make() -> Remote:
        root = open_folder / f"server{next(_numbers)}"
        init(root, course, [UNIT])
        made.append(Remote(root, course.root))
        return made[-1]

    yield make
    for remote in made:
        remote.stop()


@pytest.fixture(scope="module")
def remote(open_folder: Path, course: Course, needs_sandbox: None) -> Iterator[Remote]:  # noqa: F811 - a fixture
    """A running server for the tests of a module."""
    root = open_folder / f"server{next(_numbers)}"
    init(root, course, [UNIT])
    remote = Remote(root, course.root)
    try:
        remote.start("--jobs", "1")
        yield remote
    finally:
        remote.stop()


@pytest.fixture
def join(open_folder: Path) -> Callable[..., Student]:
    """A function that adds a student to a server and returns their clone."""

    def join(remote: Remote, user: int | None = None) -> Student:
        name = f"student{next(_numbers)}"
        add(remote.server, name, user=None if user is None else str(user))
        return Student(remote, name, open_folder, user)

    return join
