"""The same attackers through ``nbgrader autograde`` with our step: one command over the class, judged by nbgrader's gradebook."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from autograder.assembly import build_assignment
from autograder.grading.material import Material
from autograder.sandbox import Level
from tests.attacks.course import UNITS
from tests.attacks.machine import place
from tests.attacks.rows import Result, Row
from tests.attacks.world import World
from tests.grading_e2e.command import PROJECT
from tests.grading_e2e.small_course import notebook
from tests.nbgrader.courses import command

UNIT = UNITS["small"]
_BATCH = 5  # attackers in one run of the command
_QUERY = (
    "select s.student_id, b.name, g.auto_score, g.extra_credit, g.needs_manual_grade from grade g join submitted_notebook n on n.id = g.notebook_id "
    "join submitted_assignment s on s.id = n.assignment_id join base_cell b on b.id = g.cell_id"
)


def selection(rows: Sequence[Row], level: Level) -> list[Row]:
    """Return the rows for nbgrader, which takes seconds for each: all forged notebooks, and of the cells, which the same grader runs, every twelfth.

    Files that nbgrader would not collect are left out.  At other levels than ``ns`` every twenty-fourth cell will do: the reader is the same.
    """
    suited = [row for row in rows if row.unit == "small" and row.place is None and not row.slow]
    cells = [row for row in suited if row.notebook is None]
    chosen = cells[::12] if level == "ns" else cells[::24]
    return [row for row in suited if row in chosen or (row.notebook is not None and level == "ns")]


def attack_nbgrader(rows: Sequence[Row], level: Level) -> list[Result]:
    """Return what came of each row in nbgrader's gradebook."""
    where = f"nbgrader {level}"
    with place("nbgrader-") as folder:
        world = World(folder, "root")
        try:
            root, material = world.course.root, world.materials["small"]
            _prepare(root, material, level)
            run = command(root)
            run("nbgrader", "generate_assignment", UNIT)
            honest = notebook(material)
            before = world.digests()
            for number, row in enumerate(rows):
                for student, data in ((f"a{number:03}", world.submission(row, os.getpid())), (f"a{number:03}honest", honest)):
                    path = root / "submitted" / student / UNIT / f"{UNIT}.ipynb"
                    path.parent.mkdir(parents=True)
                    path.write_bytes(data)
                if number % _BATCH == _BATCH - 1 or row is rows[-1]:
                    run("nbgrader", "autograde", UNIT)  # those that are new
            found = _grades(root / "gradebook.db", material)
            after = world.digests()
            changed = {p for p, digest in before.items() if after.get(p) != digest and not p.endswith("gradebook.db")}
        finally:
            world.close()
    general = [f"changed: {sorted(changed)[:3]}"] if changed else []
    return [_result(row, number, where, found, general) for number, row in enumerate(rows)]


def _prepare(root: Path, material: Material, level: Level) -> None:
    shutil.copy(PROJECT / "nbgrader_config.py", root)
    with (root / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\nc.GradeInSandbox.sandbox = {level!r}\n")
    build_assignment(material)


def _grades(book: Path, material: Material) -> dict[str, float | None]:
    """Return by student the sum that nbgrader will show; None when a score is missing and a person has to look."""
    found: dict[str, list[float | None]] = {}
    with closing(sqlite3.connect(book)) as gradebook:
        for student, _, score, extra, _ in gradebook.execute(_QUERY):
            found.setdefault(student, []).append(None if score is None else score + (extra or 0.0))
    return {s: None if None in scores or len(scores) != len(material.unit.ids) else sum(v or 0.0 for v in scores) for s, scores in found.items()}


def _result(row: Row, number: int, where: str, found: dict[str, float | None], general: Sequence[str]) -> Result:
    wrong, student = list(general), f"a{number:03}"
    if student not in found:
        wrong.append("it has no grades")
    elif found[student] != row.points:
        wrong.append(f"got through: {found[student]} points instead of {row.points}")
    if found.get(f"{student}honest") != 100.0:
        wrong.append(f"the next submission has {found.get(f'{student}honest')} points instead of 100")
    points = "no score, for a person to look at" if row.points is None else f"{row.points:g} points in the gradebook"
    return Result(row=row.id, where=where, held=not wrong, how="; ".join(wrong) or points)
