"""Fixtures of the end-to-end tests: a known secret's course, no course or secret of the machine."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import COURSE_VARIABLE, SECRET_VARIABLE, Course
from autograder.grading.material import Material
from autograder.sandbox import available_levels
from tests.grading_e2e.small_course import UNIT, write_course


@pytest.fixture(scope="session", autouse=True)
def _own_course_only() -> Iterator[None]:
    """Keep the environment from naming a course or a secret."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(COURSE_VARIABLE, raising=False)
        patch.delenv(SECRET_VARIABLE, raising=False)
        yield


@pytest.fixture(scope="session")
def needs_sandbox() -> None:
    """Skip, with the reasons, on a machine that confines nothing."""
    reasons = available_levels()
    if reasons["ns"] and reasons["ll"]:
        pytest.skip(f"no sandbox works here: ns: {reasons['ns']}; ll: {reasons['ll']}")


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that every user of the machine may read, so that only the sandbox can keep a submission from it."""
    with tempfile.TemporaryDirectory(prefix="course-") as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder


@pytest.fixture(scope="session")
def course(open_folder: Path) -> Course:
    """The small course; its files are readable by everybody, also the secret."""
    course = write_course(open_folder / "course")
    for path in course.root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return course


@pytest.fixture(scope="session")
def material(course: Course) -> Material:
    """The small unit as the grader knows it."""
    return Material(course, UNIT)
