"""Tests of grading a class: what is kept, what is graded again, what is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.journal import read_records
from autograder.grading.run import Plan, default_jobs, grade, titles
from autograder.records import SubmissionRecord

TINY = "u99_tiny"
Notebook = Callable[..., bytes]
pytestmark = pytest.mark.usefixtures("forking")


@pytest.fixture
def submitted(tmp_path: Path, tiny_notebook: Notebook) -> Path:
    """A folder with a right and a wrong submission."""
    folder = tmp_path / "submitted"
    write(folder, "ada", tiny_notebook())
    write(folder, "bob", tiny_notebook({"scale": "def scale(x, k): return k + x"}))
    return folder


def write(folder: Path, student: str, data: bytes) -> None:
    """Hand in a notebook."""
    path = folder / student / TINY / f"{TINY}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def run(course: Course, folder: Path, out: Path, **more: Any) -> tuple[Plan, list[str], tuple[SubmissionRecord, ...]]:
    """Grade; return the plan, the students graded now, and all records."""
    plans: list[Plan] = []
    graded: list[str] = []
    done = grade(course, TINY, [folder], out, jobs=1, sandbox="none", on_plan=plans.append, on_record=lambda r: graded.append(r.student), **more)
    assert done.report.is_file()
    return plans[0], graded, tuple(done.records)


def test_a_class_is_graded(tiny_course: Course, submitted: Path, tmp_path: Path) -> None:
    """Each submission is planned, told, recorded and reported."""
    plan, graded, records = run(tiny_course, submitted, tmp_path / "out")
    assert (len(plan.fresh), plan.kept, plan.level, plan.jobs) == (2, 0, "none", 1)
    assert sorted(graded) == ["ada", "bob"]
    assert [(r.student, r.score) for r in records] == [("ada", 100.0), ("bob", 60.0)]
    assert read_records(tmp_path / "out") == list(records)
    assert {"results.jsonl", "grades.csv", "report.html"} <= {p.name for p in (tmp_path / "out").iterdir()}


def test_what_is_current_is_kept(tiny_course: Course, submitted: Path, tmp_path: Path, tiny_notebook: Notebook) -> None:
    """A second run grades only what is new or changed; with resume=False everything is graded again."""
    run(tiny_course, submitted, tmp_path / "out")
    plan, graded, records = run(tiny_course, submitted, tmp_path / "out")
    assert (len(plan.fresh), plan.kept, graded, len(records)) == (0, 2, [], 2)
    write(submitted, "bob", tiny_notebook())
    write(submitted, "cyd", tiny_notebook(stub=True))
    plan, graded, records = run(tiny_course, submitted, tmp_path / "out")
    assert sorted(graded) == ["bob", "cyd"]
    assert plan.kept == 1
    assert [(r.student, r.score) for r in records] == [("ada", 100.0), ("bob", 100.0), ("cyd", 0.0)]
    assert sorted(run(tiny_course, submitted, tmp_path / "out", resume=False)[1]) == ["ada", "bob", "cyd"]


def test_other_tests_or_another_secret_grade_again(own_course: Course, submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Changing what decides grades makes every record stale."""
    run(own_course, submitted, tmp_path / "out")
    path = own_course.tests(TINY) / "hidden" / "test_tiny.py"
    path.write_text(path.read_text() + "\n")
    assert len(run(own_course, submitted, tmp_path / "out")[1]) == 2
    monkeypatch.setenv("AUTOGRADER_SECRET", "another")
    assert len(run(own_course, submitted, tmp_path / "out")[1]) == 2
    assert run(own_course, submitted, tmp_path / "out")[1] == []


def test_a_run_that_is_stopped_is_resumed(tiny_course: Course, submitted: Path, tmp_path: Path) -> None:
    """What was recorded before the stop is kept, the rest is graded by the next run."""
    first: list[str] = []

    def stop(record: SubmissionRecord) -> None:
        first.append(record.student)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        grade(tiny_course, TINY, [submitted], tmp_path / "out", jobs=1, sandbox="none", on_record=stop)
    assert [r.student for r in read_records(tmp_path / "out")] == first
    plan, graded, records = run(tiny_course, submitted, tmp_path / "out")
    assert plan.kept == 1
    assert sorted([*first, *graded]) == ["ada", "bob"]
    assert len(records) == 2


def test_records_of_a_student_who_left_stay(tiny_course: Course, submitted: Path, tmp_path: Path, tiny_notebook: Notebook) -> None:
    """Grading some submissions keeps the records of others in the folder."""
    run(tiny_course, submitted, tmp_path / "out")
    other = tmp_path / "late"
    write(other, "cyd", tiny_notebook(stub=True))
    assert [r.student for r in run(tiny_course, other, tmp_path / "out")[2]] == ["ada", "bob", "cyd"]


def test_wrong_use_writes_nothing(tiny_course: Course, submitted: Path, tmp_path: Path) -> None:
    """An unknown unit or a path without submissions is refused before the folder is made."""
    for unit, folder in (("u98", submitted), (TINY, tmp_path / "absent")):
        with pytest.raises(UsageError):
            grade(tiny_course, unit, [folder], tmp_path / "out", sandbox="none")
    assert not (tmp_path / "out").exists()


def test_no_more_workers_than_submissions(tiny_course: Course, submitted: Path, tmp_path: Path) -> None:
    """The number of workers is at least one and at most the number of submissions; by default one per core."""
    plans: list[Plan] = []
    for jobs in (7, None):
        grade(tiny_course, TINY, [submitted], tmp_path / f"out{jobs}", jobs=jobs, sandbox="none", on_plan=plans.append)
    assert [p.jobs for p in plans] == [2, min(2, default_jobs())]
    assert default_jobs() >= 1


def test_titles_are_of_the_units(tiny_course: Course) -> None:
    """A unit that the course no longer has keeps its name."""
    records = [SubmissionRecord(unit, "ada", "", "", "graded", 0.0, 100.0) for unit in (TINY, "u00_gone")]
    assert titles(tiny_course, records) == {TINY: "Tiny", "u00_gone": "u00_gone"}
