"""A term's cycle with a class of forty of a real unit, with nbgrader's own commands.

Generate, release, fetch, fill in, submit, collect, autograde, comment, generate and release feedback, export, fetch the feedback.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from autograder.grading.material import Material
from tests.nbgrader.books import contents
from tests.nbgrader.classroom import UNIT, Member, fill_in, members
from tests.nbgrader.courses import Command, command, write_real_course

STUDENTS = Path(__file__).with_name("students.py")
TENTH = """

import sys

sys.path.insert(0, str(_root))
c.AssignLatePenalties.plugin_class = "late.OneTenth"
c.Exchange.root = str(_root.parent / "exchange")
"""
LATE = '''
"""The course's late policy."""

from nbgrader.plugins import LateSubmissionPlugin


class OneTenth(LateSubmissionPlugin):
    """Takes a tenth of the score, however late."""

    def late_submission_penalty(self, student_id, score, total_seconds_late):
        """Return the points to take off."""
        return score / 10
'''
REMARK = "A clear derivation: keep the shapes beside the formulas."


class Cycle(msgspec.Struct, frozen=True):
    """What is left after the last step.

    Args:
        root: the instructor's folder.
        homes: a folder per student.
        material: the unit.
        members: the class, by student.
        praised: the student who got a manual score, extra credit and a comment.
        log: output of ``nbgrader autograde``.
    """

    root: Path
    homes: Path
    material: Material
    members: dict[str, Member]
    praised: str
    log: str

    def book(self) -> dict[str, dict[str, Any]]:
        """Return each student's rows of the gradebook: grades by cell, penalty, time, comments by cell."""
        found = contents(self.root / "gradebook.db")
        book: dict[str, dict[str, Any]] = {who: {"at": at, "penalty": penalty, "grades": {}, "comments": {}} for who, at, penalty in found["submissions"]}
        for who, name, auto, manual, extra, flag in found["grades"]:
            book[who]["grades"][name] = (auto, manual, extra, flag)
        for who, name, auto, manual in found["comments"]:
            book[who]["comments"][name] = (auto, manual)
        return book


def student_side(run: Command, action: str, homes: Path, students: list[str]) -> None:
    """Let students fetch, submit, or fetch their feedback."""
    run("python", STUDENTS, action, UNIT, homes, *students)


def praise(run: Command, student: str, comment: str) -> None:
    """Give one student five points by hand for the first exercise, two of extra credit, and a comment, with nbgrader's API."""
    script = """
import sys
from nbgrader.api import Gradebook
unit, student, cell, comment = sys.argv[1:]
with Gradebook("sqlite:///gradebook.db", "default_course") as book:
    grade = book.find_grade("check-" + cell, unit, unit, student)
    grade.manual_score, grade.extra_credit, grade.needs_manual_grade = 5.0, 2.0, False
    book.find_comment(cell, unit, unit, student).manual_comment = comment
    book.db.commit()
"""
    run("python", "-c", script, UNIT, student, "affine_backward", comment)


def run_cycle(folder: Path) -> Cycle:
    """Do every step once, in a folder."""
    root, homes, exchange = folder / "course", folder / "homes", folder / "exchange"
    material, run = write_real_course(root, UNIT), command(root)
    exchange.mkdir(mode=0o777)
    exchange.chmod(0o777)
    (root / "late.py").write_text(LATE)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(TENTH)
    group = members(material)
    in_time, late = [m for m in group if not m.late], [m for m in group if m.late]

    run("nbgrader", "generate_assignment", UNIT)
    run("nbgrader", "release_assignment", UNIT)
    student_side(run, "fetch_assignment", homes, [m.student for m in group])
    twice = [m.student for m in in_time if m.expectation == "full"][:2]
    student_side(run, "submit", homes, twice)  # too early: as it was fetched
    for member in group:
        fill_in(homes / member.student / UNIT / f"{UNIT}.ipynb", member)
    student_side(run, "submit", homes, [m.student for m in in_time])
    run("nbgrader", "db", "assignment", "add", UNIT, "--duedate", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f UTC"))
    student_side(run, "submit", homes, [m.student for m in late])
    run("nbgrader", "collect", UNIT)
    shutil.copy(root / "gradebook.db", folder / "collected.db")
    log = run("nbgrader", "autograde", UNIT)
    shutil.copy(root / "gradebook.db", folder / "autograded.db")
    praised = next(m.student for m in group if m.expectation == "full" and not m.late)
    praise(run, praised, REMARK)
    run("nbgrader", "generate_feedback", UNIT)
    run("nbgrader", "release_feedback", UNIT)
    run("nbgrader", "export")
    student_side(run, "fetch_feedback", homes, [m.student for m in group])
    return Cycle(root, homes, material, {m.student: m for m in group}, praised, log)
