"""Reads a SQLite gradebook without nbgrader, so that what is compared is what is stored."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_SUBMISSION = "join submitted_notebook n on n.id = x.notebook_id join submitted_assignment s on s.id = n.assignment_id join base_cell b on b.id = x.cell_id"
QUERIES = {
    "grades": f"select s.student_id, b.name, x.auto_score, x.manual_score, x.extra_credit, x.needs_manual_grade from grade x {_SUBMISSION}",
    "comments": f"select s.student_id, b.name, x.auto_comment, x.manual_comment from comment x {_SUBMISSION}",
    "submissions": "select s.student_id, s.timestamp, n.late_submission_penalty from submitted_assignment s join submitted_notebook n on n.assignment_id = s.id",
    "source": "select name, cell_type, locked, checksum, source from source_cell",
    "points": "select b.name, g.max_score, g.cell_type from grade_cells g join base_cell b on b.id = g.id",
    "students": "select id from student",
}


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything in a gradebook that a command decides, without the random ids."""
    with closing(sqlite3.connect(path)) as book:
        return {name: sorted(book.execute(query).fetchall(), key=repr) for name, query in QUERIES.items()}


def scores(path: Path, student: str) -> tuple[float | None, ...]:
    """Return a student's automatic scores in the unit's order."""
    order = ("check-scale", "check-linear_backward", "check-why_transpose")
    found = {name: score for who, name, score, *_ in contents(path)["grades"] if who == student}
    assert set(found) == set(order)
    return tuple(found[name] for name in order)
