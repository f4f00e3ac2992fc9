"""The attacks that give full marks in stock nbgrader: they succeed there, and get what they deserve with our steps."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.demo.notebooks import Draft
from autograder.grading.material import Material
from tests.nbgrader import stock
from tests.nbgrader.books import contents
from tests.nbgrader.courses import command, write_course

HONEST = {"honest": stock.RIGHT, "careless": stock.GARBAGE, "victim": stock.RIGHT}


def hand_in(root: Path, release: bytes) -> None:
    """Put everybody's notebook into ``submitted/``; nbgrader grades them by name, the victim last."""
    files = {student: stock.answered(release, answers) for student, answers in HONEST.items()}
    files |= {attack.student: stock.answered(release, stock.GARBAGE, attack) for attack in stock.ATTACKS}
    for student, data in files.items():
        folder = root / "submitted" / student / stock.UNIT
        folder.mkdir(parents=True)
        (folder / f"{stock.UNIT}.ipynb").write_bytes(data)


def totals(root: Path) -> dict[str, float]:
    """Return what ``nbgrader export`` says each student has."""
    with (root / "grades.csv").open(newline="", encoding="utf-8") as file:
        return {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def stock_scores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, float]:
    """The class graded by nbgrader as it comes, in kernels."""
    root = tmp_path_factory.mktemp("stock") / "course"
    stock.write_stock_course(root)
    run = command(root)
    run("nbgrader", "generate_assignment", stock.UNIT)
    hand_in(root, (root / "release" / stock.UNIT / f"{stock.UNIT}.ipynb").read_bytes())
    run("nbgrader", "autograde", stock.UNIT)
    run("nbgrader", "export")
    return totals(root)


@pytest.fixture(scope="module")
def our_course(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same class and attacks in our course of the same exercises."""
    root = tmp_path_factory.mktemp("ours") / "course"
    material: Material = write_course(root)
    run = command(root)
    run("nbgrader", "generate_assignment", stock.UNIT)
    hand_in(root, Draft(material, material.stub).data())
    run("nbgrader", "autograde", stock.UNIT)
    run("nbgrader", "export")
    return root


def test_the_stock_course_tells_right_from_wrong(stock_scores: dict[str, float]) -> None:
    """Without an attack its hidden tests do their work: 90 of 90 points for right answers, none for garbage."""
    assert (stock_scores["honest"], stock_scores["careless"]) == (90, 0)


@pytest.mark.parametrize("student", stock.FULL_IN_STOCK)
def test_attacks_give_full_marks_in_stock(stock_scores: dict[str, float], student: str) -> None:
    """Garbage answers and one trick earn all 90 points."""
    assert stock_scores[student] == pytest.approx(90)


def test_edited_checks_are_put_back_in_stock(stock_scores: dict[str, float]) -> None:
    """Rewriting locked cells is what stock nbgrader does notice; their text has to be emptied while it runs, as one of the attacks does."""
    assert stock_scores["editor"] == 0


def test_a_neighbour_is_spoilt_in_stock(stock_scores: dict[str, float]) -> None:
    """A student who is graded earlier makes a right submission worthless."""
    assert stock_scores["victim"] == 0


@pytest.mark.parametrize("student", [attack.student for attack in stock.ATTACKS])
def test_attacks_earn_nothing_here(our_course: Path, student: str) -> None:
    """The same notebooks have what their garbage is worth, and no extra credit."""
    assert totals(our_course)[student] == 0
    assert all(extra is None for who, _, _, _, extra, _ in contents(our_course / "gradebook.db")["grades"] if who == student)


def test_everybody_else_keeps_their_points(our_course: Path) -> None:
    """Who is graded after the attackers has all points of the exercises, and an unchanged submission."""
    assert (totals(our_course)["honest"], totals(our_course)["victim"]) == (90, 90)
    handed = our_course / "submitted" / "victim" / stock.UNIT / f"{stock.UNIT}.ipynb"
    assert b"spoilt" not in handed.read_bytes()
