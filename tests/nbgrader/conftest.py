"""A tiny course with nbgrader's configuration, a class, and nbgrader's commands as processes."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from autograder.assembly import build_assignment
from autograder.course import COURSE_VARIABLE, SECRET_VARIABLE, Course
from autograder.grading.material import Material
from autograder.sandbox import available_levels
from tests.conftest import TINY, write_tiny_course
from tests.nbgrader.people import Person, people

PROJECT = Path(__file__).parents[2]
PATIENCE = 300.0  # seconds until a command is given up; says nothing about how long it should take
HERE = Path(__file__).parent
NEED_NBGRADER = ("test_class.py", "test_book.py")

Command = Callable[..., str]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs nbgrader, with the reason, where it is not installed."""
    if importlib.util.find_spec("nbgrader") is not None:
        return
    for item in items:
        if item.path.parent == HERE and item.path.name in NEED_NBGRADER:
            item.add_marker(pytest.mark.skip(reason="nbgrader is not installed: pip install nbgrader"))


@pytest.fixture(scope="session")
def needs_sandbox() -> None:
    """Skip, with the reasons, on a machine that confines nothing."""
    reasons = available_levels()
    if reasons["ns"] and reasons["ll"]:
        pytest.skip(f"no sandbox works here: ns: {reasons['ns']}; ll: {reasons['ll']}")


def command(course: Path) -> Command:
    """Return a function that runs a program of this environment in the course's folder and returns its whole output."""

    def run(program: str, *arguments: str | Path, ok: bool = True) -> str:
        scripts = {"nbgrader": [str(Path(sys.executable).parent / "nbgrader")], "autograder": [sys.executable, "-m", "autograder"], "python": [sys.executable]}
        environment = {k: v for k, v in os.environ.items() if k not in (COURSE_VARIABLE, SECRET_VARIABLE)}
        environment |= {"PYTHONPATH": str(PROJECT), "PATH": os.defpath, "NO_COLOR": "1", "COLUMNS": "150", "JUPYTER_CONFIG_DIR": str(course / ".jupyter"), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(
            [*scripts[program], *map(str, arguments)], cwd=course, env=environment, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert (done.returncode == 0) is ok, done.stdout[-6000:]
        return done.stdout

    return run


def write_course(root: Path) -> Material:
    """Write the tiny course, its built assignment and the project's own nbgrader configuration."""
    root.mkdir(parents=True, exist_ok=True)
    course: Course = write_tiny_course(root)
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    material = Material(course, TINY)
    build_assignment(material)
    return material


def hand_in(folder: Path, persons: Mapping[str, Person]) -> None:
    """Write submissions as nbgrader's tree."""
    for student, person in persons.items():
        own = folder / student / TINY
        own.mkdir(parents=True, exist_ok=True)
        (own / f"{TINY}.ipynb").write_bytes(person.notebook)
        if person.timestamp:
            (own / "timestamp.txt").write_text(person.timestamp)
            (own / "submission_secret.txt").write_text("of the exchange")


@pytest.fixture(scope="session")
def nb_material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The tiny unit in a course folder with nbgrader's configuration; the folder is shared by the tests of the class."""
    return write_course(tmp_path_factory.mktemp("nbgrader") / "course")


@pytest.fixture(scope="session")
def persons(nb_material: Material) -> dict[str, Person]:
    """The class."""
    return people(nb_material, str(nb_material.course.root))
