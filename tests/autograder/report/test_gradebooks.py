"""Files for learning platforms' gradebooks."""

from __future__ import annotations

import csv
import io

import msgspec
import pytest

from autograder.records import SubmissionRecord
from autograder.report.export import export_files
from autograder.report.gradebooks import to_canvas, to_moodle
from tests.autograder.report import samples


def two_units() -> list[SubmissionRecord]:
    """A class with a second unit that one student did not hand in."""
    first = samples.small_class()
    return [*first, *(msgspec.structs.replace(r, unit="u99_more", max_score=50.0) for r in first[1:])]


def table(text: str) -> list[dict[str, str]]:
    """Return a CSV text as a list of rows."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_canvas_finds_its_columns() -> None:
    """The first columns are those that Canvas looks for, and the row below the header holds each unit's points."""
    header, points, *_ = to_canvas(two_units()).splitlines()
    unit = samples.small_class()[0].unit
    assert header == f"Student,ID,SIS Login ID,Section,{unit},u99_more"
    assert points.split(",") == ["Points Possible", "", "", "", f"{samples.small_class()[0].max_score:g}", "50"]


@pytest.mark.parametrize("write", [to_canvas, to_moodle])
def test_each_student_is_one_row(write: object) -> None:
    """Scores are the recorded ones; what could not be graded, or was not handed in, is empty and not zero."""
    assert callable(write)
    records = two_units()
    found = {row.get("Username") or row["SIS Login ID"]: row for row in table(write(records)) if row.get("Student") != "Points Possible"}
    assert sorted(found) == sorted({r.student for r in records})
    for record in records:
        cell = next(value for name, value in found[record.student].items() if record.unit in name)
        assert cell == ("" if record.status != "graded" else f"{record.score:.10g}")
    assert found[records[0].student][next(name for name in found[records[0].student] if "u99_more" in name)] == ""


def test_moodle_headings_are_its_exports() -> None:
    """A username first, then the headings that Moodle's own export has."""
    unit = samples.small_class()[0].unit
    assert list(table(to_moodle(two_units()))[0]) == ["Username", f"Assignment: {unit} (Real)", "Assignment: u99_more (Real)"]


@pytest.mark.parametrize("write", [to_canvas, to_moodle])
def test_odd_names_start_no_formula(write: object) -> None:
    """Whatever a student is called, each is one row, and no cell is a formula."""
    assert callable(write)
    records = samples.hostile_class()
    found = [row for row in table(write(records)) if row.get("Student") != "Points Possible"]
    assert len(found) == len({r.student for r in records})
    assert not [cell for row in found for cell in row.values() if cell[:1] in tuple("=+@\t\r\n")]


def test_both_are_formats_of_the_export() -> None:
    """``autograder export`` writes them by these names."""
    assert set(export_files(samples.small_class(), "canvas")) == {"canvas.csv"}
    assert set(export_files(samples.small_class(), "moodle")) == {"moodle.csv"}
