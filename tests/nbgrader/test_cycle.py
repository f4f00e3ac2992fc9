"""Tests of a whole cycle with a class of forty of a real unit: from generate to the feedback that students fetch, and the export."""

from __future__ import annotations

import csv
import json

import pytest

from tests.nbgrader.classroom import SIZE, UNIT
from tests.nbgrader.cycle import REMARK, Cycle


def test_the_class_is_one(cycle: Cycle) -> None:
    """Forty students hand in right, wrong, unfinished, damaged and hostile work, five of them late, and all forty are graded."""
    kinds = {m.expectation for m in cycle.members.values()}
    assert (len(cycle.members), kinds) == (SIZE, {"full", "less", "zero", "ungradable"})
    assert sum(m.late for m in cycle.members.values()) == 5
    assert sorted(cycle.book()) == sorted(cycle.members)
    assert "There was an error" not in cycle.log


def test_what_students_fetch_is_what_the_build_made(cycle: Cycle) -> None:
    """Data and checks arrive through the exchange byte for byte."""
    built = cycle.root / "assignments" / UNIT
    files = {path.relative_to(built): path.read_bytes() for path in built.rglob("*") if path.is_file() and path.suffix != ".ipynb"}
    assert files
    home = cycle.homes / cycle.praised / UNIT
    assert {name: (home / name).read_bytes() for name in files} == files


def test_everybody_has_the_points_earned(cycle: Cycle) -> None:
    """Right work has all points, however it was damaged on the way; one mistake costs its own exercise; an untouched or hostile notebook has none."""
    points = {f"check-{item.id}": item.points for item in (*cycle.material.unit.exercises, *cycle.material.unit.questions)}
    for student, row in cycle.book().items():
        member = cycle.members[student]
        auto = {name: score for name, (score, *_) in row["grades"].items()}
        assert auto.keys() == points.keys()
        if member.expectation == "ungradable":
            assert set(auto.values()) == {None}
            continue
        lost = {name for name, score in auto.items() if score < points[name]}
        total = sum(auto.values())
        if member.expectation == "full":
            assert (total, lost) == (100, set()), member.kind
        elif member.expectation == "zero":
            assert total == 0, member.kind
        else:
            assert 0 < total < 100, member.kind
            assert not member.wrong or f"check-{member.wrong}" in lost, member.kind


def test_only_late_work_has_a_penalty(cycle: Cycle) -> None:
    """The course's own late policy takes a tenth of the late students' points, and nothing of the others'."""
    for student, row in cycle.book().items():
        total = sum(score or 0 for score, *_ in row["grades"].values())
        expected = total / 10 if cycle.members[student].late else None
        assert row["penalty"] == (pytest.approx(expected) if expected is not None else None), student
    assert sum(row["penalty"] is not None and row["penalty"] > 0 for row in cycle.book().values()) >= 3


def test_the_newest_submission_counts(cycle: Cycle) -> None:
    """Whoever submitted twice is graded on the second notebook."""
    inbound = cycle.root.parent / "exchange" / "default_course" / "inbound"
    handed = [path.name.split("+")[0] for path in inbound.iterdir()]
    twice = sorted({name for name in handed if handed.count(name) == 2})
    assert len(twice) == 2
    for student in twice:
        assert sum(score for score, *_ in cycle.book()[student]["grades"].values()) == 100


def test_each_student_fetches_feedback_of_their_own(cycle: Cycle) -> None:
    """The page in a student's folder names the mistake, shows the person's comment, and is nobody else's."""
    for student, member in cycle.members.items():
        pages = list((cycle.homes / student / UNIT / "feedback").rglob("*.html"))
        assert len(pages) == 1, student
        page = pages[0].read_text("utf-8")
        assert (REMARK in page) is (student == cycle.praised)
        assert "from my own kernel" not in page
        if member.hint:
            assert visible_words(member.hint) <= visible_words(page), member.kind
        if member.expectation == "ungradable":
            assert "could not be graded: the file ends in the middle" in page


def visible_words(text: str) -> set[str]:
    """Return the plain words of a text or page, which no renderer changes."""
    return {word for word in text.replace("&#39;", "'").replace("<", " ").replace(">", " ").split() if word.isalpha()}


def test_the_export_is_what_the_gradebook_says(cycle: Cycle) -> None:
    """``nbgrader export`` has a row per student: a person's score instead of the automatic one, extra credit added, penalties taken off."""
    with (cycle.root / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {row["student_id"]: row for row in csv.DictReader(file)}
    assert rows.keys() == cycle.members.keys()
    for student, row in cycle.book().items():
        points = sum((auto if manual is None else manual) or 0 for auto, manual, *_ in row["grades"].values())
        expected = points + sum(extra or 0 for _, _, extra, _ in row["grades"].values()) - (row["penalty"] or 0)
        assert float(rows[student]["score"]) == pytest.approx(expected), student
        assert float(rows[student]["max_score"]) == 100
    by_hand = next(e.points for e in cycle.material.unit.exercises if e.id == "affine_backward")
    assert float(rows[cycle.praised]["score"]) == pytest.approx(100 - by_hand + 5 + 2)


def test_graded_notebooks_hold_no_hidden_test(cycle: Cycle) -> None:
    """No file that students get, and none that was graded, holds a line of a hidden test."""
    lines = {line.strip() for path in cycle.material.course.tests(UNIT).glob("hidden/test_*.py") for line in path.read_text("utf-8").splitlines()}
    secret = {line for line in lines if "reference." in line and len(line) > 60}
    assert len(secret) > 5
    for path in [*(cycle.root / "release").rglob("*"), *(cycle.root / "autograded").rglob("*.ipynb"), *cycle.homes.rglob("*.html")]:
        text = path.read_text("utf-8", "replace") if path.is_file() else ""
        text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"]) if path.suffix == ".ipynb" and text else text
        assert not [line for line in secret if line in text], path
