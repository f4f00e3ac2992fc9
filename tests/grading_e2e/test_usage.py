"""Mistakes of use on the command line: one clear message, exit code 2, no traceback."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.grading.journal import Journal
from autograder.grading.material import Material
from tests.grading_e2e.command import run
from tests.grading_e2e.small_course import UNIT, hand_in, notebook


@pytest.fixture
def place(course: Course, material: Material, tmp_path: Path) -> Path:
    """A folder with a course that may be spoilt and one submission."""
    shutil.copytree(course.root, tmp_path / "course")
    hand_in(tmp_path / "submitted", {"ana": notebook(material)})
    return tmp_path


def spoil(place: Path, file: str, old: str, new: str) -> None:
    """Change a file of the course; the old text occurs in it."""
    path = place / "course" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def grading(place: Path, unit: str = UNIT, folder: str = "submitted", *more: str) -> tuple[int, str]:
    """Grade and return the exit code and what was said on stderr."""
    done = run("grade", unit, place / folder, "--out", place / "grades", *more, course=place / "course")
    assert "Traceback" not in done.stderr + done.stdout
    return done.returncode, done.stderr


TOML, REFERENCE = f"solutions/{UNIT}/unit.toml", f"solutions/{UNIT}/{UNIT}.py"
TESTS = f"tests/units/{UNIT}/hidden/test_small.py"
SPOILT: dict[str, tuple[str, str, str, tuple[str, ...]]] = {
    "wrong key": (TOML, "minutes = 1", "minuets = 1", (UNIT, "unit.toml", "minuets")),
    "no TOML": (TOML, "[[exercise]]", "[[exercise", (UNIT, "unit.toml", "line")),
    "points": (TOML, "points = 40", "points = 41", (UNIT, "101", "100")),
    "unclosed marker": (REFERENCE, "    ### END SOLUTION\n", "", (UNIT, "double", "line=")),
    "stray marker": (REFERENCE, "    ### BEGIN SOLUTION\n", "", (UNIT, "double", "line=")),
    "nested marker": (REFERENCE, "    ### BEGIN SOLUTION\n", "    ### BEGIN SOLUTION\n    ### BEGIN SOLUTION\n", (UNIT, "double", "line=")),
    "cell without an exercise": (REFERENCE, 'exercise="moments"', 'exercise="moment"', (UNIT, "moment", "line=")),
    "test that cannot be imported": (TESTS, "import numpy as np", "import nunpy as np", (UNIT, "hidden", "nunpy")),
    "test without an exercise": (TESTS, '@exercise("moments")', '@exercise("moment")', (UNIT, "test_moments", "moment")),
    "reference that fails": (REFERENCE, "import numpy as np", "import numpy as np\n\nnp.nothing", (UNIT, "setup", "nothing")),
}


@pytest.mark.parametrize("case", SPOILT)
def test_unit_that_contradicts_itself_is_named(place: Path, case: str) -> None:
    """A mistake in a unit's files is told with the unit, the place and what is wrong."""
    file, old, new, said = SPOILT[case]
    spoil(place, file, old, new)
    code, errors = grading(place)
    assert code == 2, errors
    assert errors.startswith("error: "), errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert all(word in errors for word in said), errors


def _nothing(_: Path) -> None:
    return


USES: dict[str, tuple[str, str, Callable[[Path], object], tuple[str, ...]]] = {
    "unknown unit": ("u91_other", "submitted", _nothing, ("u91_other", UNIT)),
    "missing folder": (UNIT, "submited", _nothing, ("submited", "no such file or folder")),
    "empty folder": (UNIT, "empty", lambda p: (p / "empty").mkdir(), ("empty", "no submission", UNIT)),
    "file of another kind": (UNIT, "grades.pdf", lambda p: (p / "grades.pdf").write_bytes(b"%PDF"), ("grades.pdf", ".pdf")),
    "output folder is a file": (UNIT, "submitted", lambda p: (p / "grades").write_text("x"), ("grades", "--out")),
}


@pytest.mark.usefixtures("needs_sandbox")
@pytest.mark.parametrize("case", USES)
def test_wrong_use_is_told(place: Path, case: str) -> None:
    """What was named wrongly is repeated, with what was expected."""
    unit, folder, prepare, said = USES[case]
    prepare(place)
    code, errors = grading(place, unit, folder)
    assert code == 2, errors
    assert errors.startswith("error: "), errors
    assert len(errors.strip().splitlines()) == 1, errors
    assert all(word in errors for word in said), errors


def test_second_grader_in_one_folder_is_refused(needs_sandbox: None, place: Path) -> None:
    """While a grader writes into a folder, another one is turned away and changes nothing."""
    with Journal(place / "grades"):
        code, errors = grading(place)
    assert code == 2
    assert "another grader" in errors
    assert "--out" in errors
    assert (place / "grades" / "results.jsonl").read_bytes() == b""


@pytest.mark.parametrize("option", [("--jobs", "0"), ("--sandbox", "docker"), ("--no-such-option",)])
def test_wrong_options_are_refused(place: Path, option: tuple[str, ...]) -> None:
    """An option that does not exist, or a value that it does not take, is refused by name."""
    code, errors = grading(place, UNIT, "submitted", *option)
    assert code == 2
    assert option[0] in errors


def test_folder_outside_of_a_course_is_told(place: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Outside of a course the message says what a course's folder holds."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    done = run("grade", UNIT, place / "submitted", course=elsewhere)
    assert done.returncode == 2
    assert "solutions/" in done.stderr
    assert "Traceback" not in done.stderr


def test_report_of_an_empty_folder_is_refused(place: Path) -> None:
    """A report needs records; the message says whose folder is meant."""
    done = run("report", place / "submitted", course=place / "course")
    assert done.returncode == 2
    assert "results.jsonl" in done.stderr
    assert "Traceback" not in done.stderr
