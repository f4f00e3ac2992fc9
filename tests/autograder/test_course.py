"""Tests of where a course's files are, and of its secret."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import UsageError

TINY = "u99_tiny"


def test_a_course_is_found_from_anywhere_in_it(tiny_course: Course, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """From its root, from below, from the working folder and from the environment; elsewhere the message says what is missing."""
    for start in (tiny_course.root, tiny_course.solutions(TINY), tiny_course.root / "tests" / "units"):
        assert Course.find(start) == tiny_course
    monkeypatch.chdir(tiny_course.tests(TINY))
    assert Course.find() == tiny_course
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="no course here"):
        Course.find()
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tiny_course.root))
    assert Course.find() == tiny_course


def test_the_folders_of_a_unit(tiny_course: Course) -> None:
    """A unit carries one name in all folders; folders without unit.toml are no units."""
    (tiny_course.root / "solutions" / "_data").mkdir(exist_ok=True)
    assert tiny_course.units() == (TINY,)
    assert tiny_course.unit(TINY).title == "Tiny"
    assert {tiny_course.solutions(TINY).name, tiny_course.assignment(TINY).name, tiny_course.tests(TINY).name} == {TINY}
    with pytest.raises(UsageError, match=r"unit='\.\./x' does not exist; this course has u99_tiny"):
        tiny_course.unit("../x")


def test_a_secret_is_made_once_and_private(tmp_path: Path) -> None:
    """The first use makes a long random secret that only its owner can read; every later use reads it."""
    course = Course(tmp_path)
    secret = course.secret()
    assert len(secret) == 64
    assert course.secret() == secret
    assert stat.S_IMODE((course.private / "secret").stat().st_mode) == 0o600
    assert stat.S_IMODE(course.private.stat().st_mode) == 0o700
    other = tmp_path / "other"
    other.mkdir()
    assert Course(other).secret() != secret


def test_the_environments_secret_wins(own_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in the environment is used, without its surrounding blanks, and nothing is written."""
    monkeypatch.setenv("AUTOGRADER_SECRET", " from the environment\n")
    before = sorted(own_course.private.iterdir())
    assert own_course.secret() == b"from the environment"
    assert sorted(own_course.private.iterdir()) == before


def test_a_stored_secret_is_read_without_its_newline(tiny_course: Course) -> None:
    """The file's text counts, not its line ending."""
    assert tiny_course.secret() == b"6f1d0c55"
