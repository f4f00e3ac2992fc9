"""Fixtures of the publishing tests: a course whose assignments are built, and git with an identity of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.assembly import build_assignment
from autograder.course import Course
from autograder.grading.material import Material
from tests.conftest import TINY, write_tiny_course

LONG = "unpublished_gradient = dout @ w.T - 0.0 * np.sum(x) # tells the whole solution"


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Git commits in somebody's name and reads no configuration of the person running the test."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "Ada")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "ada@example.org")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")


@pytest.fixture
def built_course(tmp_path: Path) -> Course:
    """The tiny course with a longer solution and its assignment built."""
    root = tmp_path / "course"
    root.mkdir()
    course = write_tiny_course(root)
    reference = course.solutions(TINY) / f"{TINY}.py"
    text = reference.read_text("utf-8").replace("    dx = dout @ w.T\n", f"    {LONG}\n    dx = dout @ w.T\n")
    reference.write_text(text, encoding="utf-8")
    data = course.solutions(TINY) / "data"
    data.mkdir()
    (data / "growth.npz").write_bytes(b"numbers")
    build_assignment(Material(course, TINY))
    return course
