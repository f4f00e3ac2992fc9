"""One class through nbgrader's own commands and through ours: the same gradebook, and nobody gets what they did not earn."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.grading.material import Material
from tests.conftest import TINY
from tests.nbgrader.books import contents, scores
from tests.nbgrader.courses import Command, command, hand_in
from tests.nbgrader.people import Person

Contents = dict[str, list[tuple[Any, ...]]]
ATTACKERS = ("fay", "gus", "hal", "kim", "lou")
DUE = "2030-01-01 00:00:00.000000"


class Graded(msgspec.Struct):
    """The class graded both ways.

    Args:
        root: the course's folder.
        run: runs a command there.
        stock, bulk: gradebooks of ``nbgrader autograde`` and of ``autograder grade --gradebook``.
        notebooks: what ``nbgrader autograde`` left in ``autograded/``, by student.
        log: its output.
    """

    root: Path
    run: Command
    stock: Path
    bulk: Path
    notebooks: dict[str, Any]
    log: str


def autograded(root: Path) -> dict[str, Any]:
    """Return the graded notebooks by student."""
    return {path.parent.parent.name: json.loads(path.read_text("utf-8")) for path in (root / "autograded").glob(f"*/{TINY}/{TINY}.ipynb")}


@pytest.fixture(scope="session")
def graded(needs_sandbox: None, nb_material: Material, persons: dict[str, Person]) -> Graded:
    """The class, generated, handed in, and graded both ways into copies of the same gradebook."""
    root = nb_material.course.root
    run, stock, bulk = command(root), root / "gradebook.db", root / "bulk.db"
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    run("nbgrader", "generate_assignment", TINY)
    with closing(sqlite3.connect(stock)) as book, book:
        book.execute("update assignment set duedate = ?", (DUE,))
    shutil.copy(stock, bulk)
    hand_in(root / "submitted", persons)
    log = run("nbgrader", "autograde", TINY)
    notebooks = autograded(root)
    run("autograder", "grade", TINY, "submitted", "--out", "grades", "--gradebook", f"sqlite:///{bulk}")
    return Graded(root, run, stock, bulk, notebooks, log)


def test_the_release_is_what_the_build_made(graded: Graded) -> None:
    """``nbgrader generate_assignment`` releases the built assignment, byte for byte, and nothing else."""
    built, released = graded.root / "assignments" / TINY, graded.root / "release" / TINY
    files = {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file()}
    assert files == {path.relative_to(released): path.read_bytes() for path in released.rglob("*") if path.is_file()}
    assert Path(f"{TINY}.ipynb") in files


def test_points_agree_with_the_unit(graded: Graded, nb_material: Material) -> None:
    """The gradebook has one grade cell per exercise and question, with the unit's points."""
    points = {f"check-{item.id}": item.points for item in (*nb_material.unit.exercises, *nb_material.unit.questions)}
    assert {name: score for name, score, _ in contents(graded.stock)["points"]} == points


def test_everybody_gets_what_they_earned(graded: Graded, persons: dict[str, Person]) -> None:
    """Right work that was damaged on the way has all its points, attacks have none, and one bad file stops nobody."""
    for student, person in persons.items():
        expected = person.points or (None, None, None)
        assert scores(graded.stock, student) == pytest.approx(expected), f"nbgrader autograde: {student}"
        assert scores(graded.bulk, student) == pytest.approx(expected), f"autograder grade: {student}"


def test_both_ways_leave_the_same_gradebook(graded: Graded) -> None:
    """Scores, flags, comments, times and penalties are equal, cell by cell."""
    assert contents(graded.stock) == contents(graded.bulk)


def test_both_ways_leave_the_same_graded_notebooks(graded: Graded) -> None:
    """What the formgrader shows does not depend on the command that graded."""
    ours = autograded(graded.root)
    assert ours.keys() == graded.notebooks.keys()
    for student, notebook in graded.notebooks.items():
        for mine, theirs in zip(ours[student]["cells"], notebook["cells"], strict=True):
            for key in ("id", "cell_type", "outputs"):
                assert _joined(mine.get(key)) == _joined(theirs.get(key)), (student, key)
            assert _joined(mine["source"]) == _joined(theirs["source"]), student


def test_the_exchanges_files_come_along(graded: Graded) -> None:
    """``nbgrader release_feedback`` finds what it needs beside a notebook that the bulk command graded."""
    own = graded.root / "autograded" / "jon" / TINY
    assert {path.name: path.read_text() for path in own.glob("*.txt")} == {"timestamp.txt": "2030-01-02 01:00:00 UTC", "submission_secret.txt": "of the exchange"}


def _joined(value: Any) -> Any:
    """Return text that nbformat split into lines as one string."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    if isinstance(value, list):
        return [_joined(item) for item in value]
    return {k: _joined(v) for k, v in value.items()} if isinstance(value, dict) else value


def test_a_notebook_that_cannot_be_read_waits_for_a_person(graded: Graded) -> None:
    """It has no automatic score, is marked for manual grading, and its comments say why."""
    book = contents(graded.stock)
    assert [row[2:] for row in book["grades"] if row[0] == "ida"] == [(None, None, None, 1)] * 3
    comments = [row[2] for row in book["comments"] if row[0] == "ida"]
    assert len(comments) == 3
    assert all(text.startswith("This submission could not be graded: the file ends") for text in comments)


def test_untouched_cells_have_no_response(graded: Graded) -> None:
    """nbgrader's comment for an untouched cell is there for who left it, and for nobody else."""
    comments = contents(graded.stock)["comments"]
    assert {row[0] for row in comments if row[2] == "No response."} == {"cho"}


def test_late_work_has_its_penalty(graded: Graded) -> None:
    """The course's own late policy is applied to the time that nbgrader's exchange noted."""
    assert [row for row in contents(graded.bulk)["submissions"] if row[0] == "jon"] == [("jon", "2030-01-02 01:00:00.000000", 100.0)]


def test_attacks_leave_no_trace(graded: Graded, persons: dict[str, Person]) -> None:
    """Nobody has extra credit, nobody's folder was written to, and the gradebook knows nobody who is not in the class."""
    book = contents(graded.stock)
    assert all(row[4] is None for row in book["grades"])
    assert {row[0] for row in book["students"]} == set(persons)
    assert not list(graded.root.rglob("OWNED"))
    assert (graded.root / "submitted" / "ana" / TINY / f"{TINY}.ipynb").read_bytes() == persons["ana"].notebook


def test_scores_are_read_from_outputs_that_are_ours(graded: Graded) -> None:
    """Each grade cell is there once and has one stdout stream and one number, no more than its points; other cells have nothing."""
    for student, notebook in graded.notebooks.items():
        seen = []
        for cell in notebook["cells"]:
            claims = cell["metadata"].get("nbgrader", {})
            kinds = [output.get("name", output["output_type"]) for output in cell.get("outputs", [])]
            if claims.get("grade"):
                seen.append(claims["grade_id"])
                assert kinds == ["stdout", "execute_result"], student
                assert 0 <= float("".join(cell["outputs"][1]["data"]["text/plain"])) <= claims["points"] <= 50
            else:
                assert kinds in ([], ["stdout"]), student
                assert not kinds or cell["id"] == "autograder-notice"
        assert sorted(seen) == ["check-linear_backward", "check-scale", "check-why_transpose"], student


@pytest.fixture(scope="session")
def regraded(graded: Graded) -> Graded:
    """The class after a person's manual work on ben, graded again both ways."""
    for path in (graded.stock, graded.bulk):
        with closing(sqlite3.connect(path)) as book, book:
            own = "notebook_id in (select n.id from submitted_notebook n join submitted_assignment s on s.id = n.assignment_id where s.student_id = 'ben')"
            book.execute(f"update grade set manual_score = 45, extra_credit = 3 where {own} and cell_id in (select id from base_cell where name = 'check-linear_backward')")
            book.execute(f"update comment set manual_comment = 'Nearly there!' where {own} and cell_id in (select id from base_cell where name = 'linear_backward')")
    graded.run("nbgrader", "autograde", TINY, "--student", "ben", "--force")
    graded.run("autograder", "grade", TINY, f"submitted/ben/{TINY}/{TINY}.ipynb", "--out", "grades", "--no-resume", "--gradebook", f"sqlite:///{graded.bulk}")
    return graded


def test_regrading_keeps_what_a_person_did(regraded: Graded) -> None:
    """Manual score, extra credit and comment stay; the cell is marked to be looked at again; both ways agree."""
    book = contents(regraded.stock)
    assert [row for row in book["grades"] if row[:2] == ("ben", "check-linear_backward")] == [("ben", "check-linear_backward", 25.0, 45.0, 3.0, 1)]
    assert [row[3] for row in book["comments"] if row[:2] == ("ben", "linear_backward")] == ["Nearly there!"]
    assert book == contents(regraded.bulk)


def test_records_of_an_earlier_run_are_written_too(regraded: Graded) -> None:
    """A run that has nothing left to grade fills a gradebook that is new, the unit included."""
    late = regraded.root / "late.db"
    said = regraded.run("autograder", "grade", TINY, "submitted", "--out", "grades", "--gradebook", f"sqlite:///{late}")
    new, old = contents(late), contents(regraded.bulk)
    assert [row[:3] for row in new["grades"]] == [row[:3] for row in old["grades"]]
    assert new["source"] == old["source"]
    assert [row[:3] for row in new["comments"]] == [row[:3] for row in old["comments"]]
    assert "CANARY" not in said


def test_feedback_is_readable_and_nothing_runs_in_it(regraded: Graded, persons: dict[str, Person]) -> None:
    """``nbgrader generate_feedback`` shows hints, examples and comments; hidden tests and students' scripts stay out."""
    regraded.run("nbgrader", "generate_feedback", TINY)
    pages = {student: (regraded.root / "feedback" / student / TINY / f"{TINY}.html").read_text("utf-8") for student in persons}
    assert "Your dw is N times too small." in pages["ben"]
    assert "Nearly there!" in pages["ben"]
    assert "could not be graded: the file ends" in pages["ida"]
    bodies = {student: page.partition("<body")[2] for student, page in pages.items()}
    for student, body in bodies.items():
        for word in ("assert_close", "Traceback", "ansi-red"):
            assert word not in body, f"{student}: {word}"
    assert re.findall(r"<script[^>]*>[^<]*mine|<[^>]*\son\w+\s*=|href=\"javascript:", bodies["dia"]) == []
    assert "My notes" in pages["dia"]


def test_export_has_the_scores(regraded: Graded, persons: dict[str, Person]) -> None:
    """``nbgrader export`` writes the sums: automatic scores, a person's, and penalties taken off."""
    regraded.run("nbgrader", "export")
    with (regraded.root / "grades.csv").open(newline="") as file:
        rows = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    expected = {student: sum(person.points or ()) for student, person in persons.items()}
    assert rows == pytest.approx(expected | {"ben": 40 + 45 + 3 + 10, "jon": 0})


def test_the_formgraders_button_gives_the_same_grade(regraded: Graded) -> None:
    """What the button *Autograde* calls leaves the gradebook as the command did."""
    before = contents(regraded.stock)
    said = regraded.run("python", Path(__file__).with_name("button.py"), TINY, "ben")
    assert json.loads(said.splitlines()[-1])["success"] is True
    assert contents(regraded.stock) == before


def test_a_unit_that_changed_is_refused(regraded: Graded) -> None:
    """When the gradebook has another version of the unit, both ways say what to run, and change no grade."""
    toml = regraded.root / "solutions" / TINY / "unit.toml"
    before, text = contents(regraded.stock), toml.read_text("utf-8")
    toml.write_text(text.replace("points = 40", "points = 30").replace("points = 50", "points = 60"), encoding="utf-8")
    try:
        advice = f"nbgrader generate_assignment {TINY} --force"
        assert advice in regraded.run("nbgrader", "autograde", TINY, "--student", "ana", "--force", ok=False)
        said = regraded.run("autograder", "grade", TINY, "submitted", "--out", "other", "--gradebook", f"sqlite:///{regraded.bulk}", ok=False)
        assert advice in said
        assert "Traceback" not in said
    finally:
        toml.write_text(text, encoding="utf-8")
    assert contents(regraded.stock) == before == contents(regraded.bulk)
