"""nbgrader's known traps, each once, with ``nbgrader autograde`` and the bulk command on the same class."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from autograder.demo.notebooks import Draft
from autograder.grading.material import Material
from tests.conftest import TINY
from tests.nbgrader.books import contents, scores
from tests.nbgrader.courses import command, write_course
from tests.nbgrader.people import FULL

HELPER = "def transposed(x):\n    return x.T\n"
REST = "def linear_backward(dout, cache):\n    x, w = cache\n    return dout @ transposed(w), transposed(x) @ dout\n"
HELD = 9.0  # seconds that another program holds the gradebook; SQLite by itself waits 5


def split(draft: Draft, *, with_metadata: bool) -> None:
    """Split a solution cell in two, as JupyterLab does: the second half has a new id and, or not, the same metadata."""
    cell = draft.cell("linear_backward")
    cell["source"] = HELPER
    second = draft.insert(draft.position("linear_backward") + 1, REST, "0a1b2c3d")
    second["metadata"] = json.loads(json.dumps(cell["metadata"])) if with_metadata else {}


def change_points(draft: Draft) -> None:
    """Raise every cell's points."""
    for cell in draft.cells:
        if "points" in cell["metadata"].get("nbgrader", {}):
            cell["metadata"]["nbgrader"]["points"] = 500


def lose_ids(draft: Draft) -> None:
    """Lose the grade ids and nothing else."""
    for cell in draft.cells:
        cell["metadata"].get("nbgrader", {}).pop("grade_id", None)


def other_kernel(draft: Draft) -> None:
    """Name a kernel that no machine has."""
    draft.metadata["kernelspec"] = {"name": "dl-course-2023", "display_name": "Deep learning", "language": "python"}


def old_schema(draft: Draft) -> None:
    """Claim nbgrader's first schema in one cell and one that does not exist yet in another."""
    draft.cell("check-scale")["metadata"]["nbgrader"]["schema_version"] = 1
    draft.cell("check-linear_backward")["metadata"]["nbgrader"]["schema_version"] = 99


TRAPS: dict[str, Callable[[Draft], None]] = {
    "split, metadata in both": lambda draft: split(draft, with_metadata=True),
    "split, metadata in one": lambda draft: split(draft, with_metadata=False),
    "points changed": change_points,
    "grade ids lost": lose_ids,
    "another kernel": other_kernel,
    "other schemas": old_schema,
}
NAMES = {"renamed": "My Homework (final).ipynb", "case changed": "U99_Tiny.ipynb"}


class Traps(msgspec.Struct, frozen=True):
    """The course after both ways of grading; ``log`` is nbgrader's."""

    root: Path
    log: str


@pytest.fixture(scope="module")
def traps(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Traps:
    """A student per trap with right answers, one with two notebooks of wrong names, and another program that holds the gradebook for a while."""
    root = tmp_path_factory.mktemp("traps") / "course"
    material: Material = write_course(root)
    run = command(root)
    run("nbgrader", "generate_assignment", TINY)
    shutil.copy(root / "gradebook.db", root / "bulk.db")
    for student, data, name in handed_in(material):
        folder = root / "submitted" / student / TINY
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    run("autograder", "grade", TINY, "submitted", "--gradebook", f"sqlite:///{root / 'bulk.db'}")
    shutil.rmtree(root / "autograded")
    log = run("nbgrader", "autograde", TINY, ok=False)  # two names: an error for that student, and only for that one
    return Traps(root, log)


def handed_in(material: Material) -> list[tuple[str, bytes, str]]:
    """Return student, bytes and file name of each notebook."""
    right = Draft(material).data()
    found = [(student, right, name) for student, name in NAMES.items()]
    found += [("two names", right, "a.ipynb"), ("two names", Draft(material, material.stub).data(), "b.ipynb")]
    for student, spoil in TRAPS.items():
        draft = Draft(material)
        spoil(draft)
        found.append((student, draft.data(), f"{TINY}.ipynb"))
    return found


@pytest.mark.parametrize("student", [*TRAPS, *NAMES])
def test_a_trap_costs_no_points(traps: Traps, student: str) -> None:
    """Right answers have all points whatever happened to the notebook, whichever command graded."""
    assert scores(traps.root / "gradebook.db", student) == FULL
    assert scores(traps.root / "bulk.db", student) == FULL


def test_a_renamed_notebook_stays_where_it_is(traps: Traps) -> None:
    """The student's own file is kept; the copy that was graded has the released name."""
    folder = traps.root / "submitted" / "renamed" / TINY
    assert {path.name for path in folder.iterdir()} == {NAMES["renamed"], f"{TINY}.ipynb"}
    assert f"graded as {TINY}.ipynb" in traps.log


def test_two_wrong_names_are_said(traps: Traps) -> None:
    """Which of two notebooks counts is not guessed: the log names both, there is no score, and nobody else is stopped."""
    assert f"none of a.ipynb and b.ipynb is called {TINY}.ipynb" in traps.log
    grades = {row[0] for row in contents(traps.root / "gradebook.db")["grades"] if row[2] is not None}
    assert grades == {*TRAPS, *NAMES}
    assert {row[2] for row in contents(traps.root / "bulk.db")["grades"] if row[0] == "two names"} == {None}


def test_alembic_need_not_be_on_path(traps: Traps) -> None:
    """The commands of these tests run with a PATH that has no alembic, and a new gradebook is made all the same."""
    import os

    if shutil.which("alembic", path=os.defpath):
        pytest.skip("alembic is installed for the whole machine here")
    (traps.root / "fresh").mkdir()
    command(traps.root)("nbgrader", "db", "student", "add", "ana", f"--CourseDirectory.db_url=sqlite:///{traps.root / 'fresh' / 'gradebook.db'}")
    assert contents(traps.root / "fresh" / "gradebook.db")["students"] == [("ana",)]


def test_a_held_gradebook_costs_time_and_no_grades(traps: Traps) -> None:
    """While another program holds the SQLite gradebook longer than SQLite waits, ``nbgrader autograde`` waits and then grades."""
    path, log = traps.root / "gradebook.db", traps.root / "held.log"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("begin exclusive")
        release = threading.Thread(target=let_go_when_waited_for, args=(other, log))
        release.start()
        command(traps.root)("nbgrader", "autograde", TINY, "--student", "renamed", "--force", f"--NbGrader.logfile={log}")
        release.join()
    assert scores(path, "renamed") == FULL


def let_go_when_waited_for(other: sqlite3.Connection, log: Path) -> None:
    """End another program's transaction some seconds after nbgrader has come to its own first one."""
    for _ in range(600):
        if log.is_file() and "Creating/updating student" in log.read_text("utf-8"):
            break
        time.sleep(0.1)
    time.sleep(HELD)
    other.execute("rollback")
