"""Grades as the files that learning platforms' gradebooks import: a row per student, a column per unit."""

from __future__ import annotations

from collections.abc import Collection

from autograder.records import SubmissionRecord
from autograder.report.safe import csv_line
from autograder.report.statistics import newest, outline


def to_canvas(records: Collection[SubmissionRecord]) -> str:
    """Return a file for Canvas's *Grades → Import*.

    Canvas wants ``Student``, ``ID`` and ``Section`` in front, finds a student by ID, then by login, then by name, and takes the row
    *Points Possible* for the assignments' own.  A column whose title is no assignment's becomes a new assignment, after asking.
    Students' folders are taken for their logins.
    """
    grades, most = _table(records)
    units = list(most)
    lines = [csv_line(["Student", "ID", "SIS Login ID", "Section", *units])]
    lines.append(csv_line(["Points Possible", "", "", "", *(_points(most[unit]) for unit in units)]))
    lines += [csv_line([student, "", student, "", *(row.get(unit, "") for unit in units)]) for student, row in grades.items()]
    return "".join(lines)


def to_moodle(records: Collection[SubmissionRecord]) -> str:
    """Return a file for Moodle's *Grades → Import → CSV file*.

    One maps ``Username`` to the user's username and each other column to its grade item; the headings are those of Moodle's own export.
    """
    grades, most = _table(records)
    lines = [csv_line(["Username", *(f"Assignment: {unit} (Real)" for unit in most)])]
    lines += [csv_line([student, *(row.get(unit, "") for unit in most)]) for student, row in grades.items()]
    return "".join(lines)


def _table(records: Collection[SubmissionRecord]) -> tuple[dict[str, dict[str, str]], dict[str, float]]:
    """Return points by student and unit, and each unit's most; what could not be graded is empty, not zero."""
    rows = [outline(record) for record in newest(records)]
    grades: dict[str, dict[str, str]] = {}
    most = dict.fromkeys(sorted({r.unit for r in rows}), 0.0)
    for record in rows:
        grades.setdefault(record.student, {})[record.unit] = _points(record.score) if record.status == "graded" else ""
        most[record.unit] = max(most[record.unit], record.max_score)
    return grades, most


def _points(value: float) -> str:
    return f"{value:.10g}"
