"""``nbgrader zip_collect`` of a learning platform's download with odd names, graded."""

from __future__ import annotations

import zipfile
from pathlib import Path

import msgspec
import pytest

from autograder.demo.notebooks import Draft
from tests.conftest import TINY
from tests.nbgrader.books import contents
from tests.nbgrader.courses import command, write_course

MOODLE = {
    "María José Núñez_4711_assignsubmission_file_/my final version.ipynb": ("María José Núñez", True),
    "O'Brien Conor_4712_assignsubmission_file_/u99_tiny.ipynb": ("O'Brien Conor", True),
    "李 伟_4713_assignsubmission_file_/u99_tiny (2).ipynb": ("李 伟", False),
    "Lee [A] Sam_4714_assignsubmission_file_/__MACOSX/._u99_tiny.ipynb": ("", False),
    "Lee [A] Sam_4714_assignsubmission_file_/u99_tiny.ipynb": ("Lee [A] Sam", True),
    "Twin Two_4715_assignsubmission_file_/first.ipynb": ("", True),
    "Twin Two_4715_assignsubmission_file_/second.ipynb": ("", False),
    "Nobody Nil_4716_assignsubmission_onlinetext_/onlinetext.html": ("", False),
}
CANVAS = {"garciamateo_LATE_88121_9001_u99_tiny-1.ipynb": ("garciamateo", True), "weili_88122_9002_Untitled.ipynb": ("weili", False)}


class Collected(msgspec.Struct, frozen=True):
    """What came of it: the course's folder and what ``zip_collect`` said."""

    root: Path
    log: str


@pytest.fixture(scope="module")
def collected(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Collected:
    """A Moodle zip with a folder per student and two loose files from Canvas, collected and graded."""
    root = tmp_path_factory.mktemp("download") / "course"
    material, run = write_course(root), command(root)
    right, wrong = Draft(material).data(), Draft(material, material.stub).data()
    archive = root / "downloaded" / TINY / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "CS-101-Assignment 3-4242.zip", "w") as download:
        for name, (_, good) in MOODLE.items():
            download.writestr(name, right if good else wrong)
    for name, (_, good) in CANVAS.items():
        (archive / name).write_bytes(right if good else wrong)
    run("nbgrader", "generate_assignment", TINY)
    log = run("nbgrader", "zip_collect", TINY)
    run("nbgrader", "autograde", TINY)
    return Collected(root, log)


def test_students_have_their_own_names(collected: Collected) -> None:
    """Everybody with one notebook is collected under the name the platform gave, whatever the file is called; nobody else is."""
    from autograder.gradebook.bulk import student_id

    names = {student_id(name) for name, _ in (*MOODLE.values(), *CANVAS.values()) if name}
    assert {path.name for path in (collected.root / "submitted").iterdir()} == names
    assert {path.name for path in (collected.root / "submitted").glob(f"*/{TINY}/*")} == {f"{TINY}.ipynb"}


def test_two_different_notebooks_are_left_to_a_person(collected: Collected) -> None:
    """Of a student with two notebooks none is taken, and the log says which two they are."""
    assert "Not collected: Twin Two" in collected.log
    assert "first.ipynb" in collected.log
    assert "second.ipynb" in collected.log


def test_what_was_collected_is_graded(collected: Collected) -> None:
    """Right work has all points and untouched work none, under each odd name."""
    from autograder.gradebook.bulk import student_id

    totals: dict[str, float] = {}
    for who, _, auto, *_ in contents(collected.root / "gradebook.db")["grades"]:
        totals[who] = totals.get(who, 0) + auto
    assert totals == {student_id(name): 100.0 if good else 0.0 for name, good in (*MOODLE.values(), *CANVAS.values()) if name}


def test_the_bulk_command_finds_the_same_students(collected: Collected) -> None:
    """``autograder grade`` on the platform's zip itself names the same students with the same scores."""
    run = command(collected.root)
    run("autograder", "grade", TINY, f"downloaded/{TINY}/archive/CS-101-Assignment 3-4242.zip", "--out", "bulk", "--gradebook", "sqlite:///bulk.db")
    ours = {(who, cell): auto for who, cell, auto, *_ in contents(collected.root / "bulk.db")["grades"] if who != "Twin Two"}
    theirs = {(who, cell): auto for who, cell, auto, *_ in contents(collected.root / "gradebook.db")["grades"]}
    assert len(ours) == 4 * 3
    assert ours.items() <= theirs.items()
