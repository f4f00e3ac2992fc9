"""Courses with the project's nbgrader configuration, and programs of this environment run in them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.assembly import build_assignment
from autograder.course import COURSE_VARIABLE, SECRET_VARIABLE, Course
from autograder.grading.material import Material
from tests.conftest import TINY, write_tiny_course
from tests.nbgrader.people import Person

PROJECT = Path(__file__).parents[2]
PATIENCE = 300.0  # seconds until a command is given up; says nothing about how long it should take

Command = Callable[..., str]


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


def write_real_course(root: Path, unit: str) -> Material:
    """Write a course with one of the project's units, its built assignment and the project's own nbgrader configuration."""
    for folder in (f"solutions/{unit}", "solutions/_data", f"tests/units/{unit}"):
        shutil.copytree(PROJECT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    (root / ".autograder").mkdir()
    (root / ".autograder" / "secret").write_text("a class of forty\n")
    material = Material(Course(root.resolve()), unit)
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
