"""Tests of comparing two gradings: whose score changed, in which test, and why."""

from __future__ import annotations

import json
import re
import tracemalloc
from pathlib import Path
from typing import Any

import msgspec
import pytest

from autograder.grading.journal import Journal, stored_records
from autograder.records import ExerciseRecord, SubmissionRecord
from autograder.records import TestRecord as Outcome
from autograder.report.compare import RENDERERS, compare, to_json, to_markdown, to_text


def test_record(name: str = "test_dw", outcome: str = "passed", weight: float = 1.0, message: str = "") -> Outcome:
    """Return a test's outcome."""
    return Outcome(name, "It holds.", outcome, weight, message=message)  # type: ignore[arg-type]


test_record.__test__ = False  # type: ignore[attr-defined]


def record(student: str = "ada", points: float = 10.0, tests: tuple[Outcome, ...] = (test_record(),), **more: Any) -> SubmissionRecord:
    """Return a record of one exercise."""
    exercises = (ExerciseRecord("affine", "Affine", points, 10.0, tests),)
    base = {"unit": "u", "student": student, "path": "p", "sha256": "s", "status": "graded", "score": points, "max_score": 10.0, "exercises": exercises, "tests_sha256": "t", "grader_version": "1"}
    return SubmissionRecord(**{**base, **more})


def test_equal_gradings_have_no_changes() -> None:
    """Times and messages do not count; outcomes, weights, scores and status do."""
    again = msgspec.structs.replace(record(), seconds=9.0, started_at="later", tests_sha256="other")
    assert compare([record()], [again]).changes == ()
    assert compare([record()], [again]).same == 1


def test_a_mended_test_is_the_cause() -> None:
    """A test that failed and now passes is named with what it said, the points before and after, and that the tests were changed."""
    old = record(points=0.0, tests=(test_record(outcome="failed", message="dw has the wrong sign."),))
    (change,) = compare([old], [record(tests_sha256="t2")]).changes
    assert (change.student, change.before, change.after, change.difference) == ("ada", 0.0, 10.0, 10.0)
    assert change.causes == ("the unit's tests, reference or limits were changed",)
    assert [(e.exercise, e.before, e.after) for e in change.exercises] == [("affine", 0.0, 10.0)]
    (test,) = change.tests
    assert (test.before, test.after, test.message) == ("failed", "passed", "dw has the wrong sign.")
    assert test.sentence() == "test_dw failed and now passed"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ((test_record(),), (test_record(), test_record("test_db", "failed")), "test_db is new and failed"),
        ((test_record(), test_record("test_db", "failed")), (test_record(),), "test_db failed and is gone"),
        ((test_record(weight=1.0),), (test_record(weight=2.0),), "test_dw passed as before; it counts 2 instead of 1"),
        ((test_record(),), (test_record(outcome="not_run"),), "test_dw passed and now did not run"),
    ],
)
def test_each_kind_of_change_is_worded(old: tuple[Outcome, ...], new: tuple[Outcome, ...], sentence: str) -> None:
    """New, removed, reweighted and not run tests are told apart, also when the score stays."""
    (change,) = compare([record(tests=old)], [record(tests=new)]).changes
    assert [t.sentence() for t in change.tests] == [sentence]


@pytest.mark.parametrize(
    ("more", "cause"),
    [
        ({"sha256": "s2"}, "the notebook is another one"),
        ({"tests_sha256": "t2"}, "tests, reference or limits were changed"),
        ({"seed_fingerprint": "f"}, "the course's secret"),
        ({"grader_version": "2"}, "the grader is 2 instead of 1"),
        ({"sandbox": "ll"}, "the sandbox is ll"),
        ({}, "nothing that decides a grade differs"),
    ],
)
def test_the_causes_are_what_differs(more: dict[str, str], cause: str) -> None:
    """Each thing that decides a grade is a cause when it differs; when none does, the test is named unsteady."""
    (change,) = compare([record()], [record(points=5.0, **more)]).changes
    assert len(change.causes) == 1
    assert cause in change.causes[0]


def test_grades_that_come_and_go() -> None:
    """A new student, a missing one, and a submission that was or became ungradable are changes with a word each."""
    broken = record("bob", status="ungradable", score=0.0, reason="the file is empty", exercises=())
    found = {c.student: c for c in compare([record("old"), broken, record("eve")], [record("new"), record("bob"), msgspec.structs.replace(broken, student="eve")]).changes}
    assert found["old"].causes == ("not graded again",)
    assert found["new"].causes == ("graded for the first time",)
    assert found["bob"].causes == ("it could not be graded before: the file is empty",)
    assert found["eve"].causes == ("it cannot be graded now: the file is empty",)
    assert (found["bob"].before, found["bob"].after) == (None, 10.0)
    assert found["bob"].tests == ()
    assert compare([broken], [broken]).same == 1


def test_a_zero_is_no_missing_grade() -> None:
    """A score of 0 that stays is no change; an ungradable file that becomes a 0 is one."""
    zero = record(points=0.0)
    assert compare([zero], [zero]).changes == ()
    broken = record(status="ungradable", score=0.0, exercises=())
    assert len(compare([broken], [zero]).changes) == 1


def test_the_text_leads_with_losses() -> None:
    """Counts first, then the largest loss, and how many students each test's change met."""
    old = [record(s) for s in ("ada", "bob")] + [record("eve", points=0.0, tests=(test_record(outcome="failed"),))]
    lost = (test_record(outcome="failed", message="x"),)
    new = [record("ada", points=4.0, tests=lost, tests_sha256="t2"), record("bob", points=2.0, tests=lost, tests_sha256="t2"), record("eve", tests_sha256="t2")]
    text = to_text(compare(old, new))
    assert text.startswith("1 scores rose, 2 fell, 0 changed without moving the score, 0 are as before.")
    assert text.index("bob: 10 → 2 (-8)") < text.index("ada: 10 → 4 (-6)") < text.index("eve: 0 → 10 (+10)")
    assert "2 × affine: test_dw passed and now failed" in text


def test_a_students_text_is_inert() -> None:
    """A message that a student shaped stays in its cell, and every form encodes."""
    evil = "x | y\n::error::z <script>\n```\x1b[31m \ud800"
    comparison = compare([record("a|b\n# c")], [record("a|b\n# c", points=0.0, tests=(test_record(outcome="failed", message=evil),))])
    markdown = to_markdown(comparison)
    assert not [line for line in markdown.split("\n") if line.startswith(("::", "# c", "```"))]
    assert not re.search(r"(?<!\\)[<`]", markdown)
    for render in RENDERERS.values():
        assert render(comparison).encode("utf-8")
    assert "\x1b" not in to_text(comparison)
    assert json.loads(to_json(comparison))["changes"][0]["tests"][0]["after"] == "failed"


def test_students_are_paired_whatever_the_order() -> None:
    """Records come in any order and number; of one student's and unit's, the last counts."""
    old = [record("bob"), record("ada", unit="v"), record("eve"), record("ada", points=1.0), record("ada")]
    new = [record("ada", points=3.0), record("ada", unit="v"), record("bob"), record("cyd")]
    found = compare(old, new)
    assert [(c.unit, c.student, c.status_before, c.status_after) for c in found.changes] == [
        ("u", "ada", "graded", "graded"),
        ("u", "cyd", "absent", "graded"),
        ("u", "eve", "graded", "absent"),
    ]
    assert (found.changes[0].before, found.changes[0].after, found.same) == (10.0, 3.0, 2)


def test_a_comparison_takes_the_memory_of_what_changed(tmp_path: Path) -> None:
    """Records on disk are compared two at a time: two folders of four megabytes take less than two, and give the same as one in memory."""
    long = (test_record(message="x" * 20_000),)
    for name, points in (("old", 10.0), ("new", 5.0)):
        with Journal(tmp_path / name) as journal:
            for i in range(200):
                journal.append(record(f"s{i:03}", points if i % 100 == 0 else 10.0, tests=long))
    tracemalloc.start()
    found = compare(stored_records(tmp_path / "old"), stored_records(tmp_path / "new"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000
    assert [c.student for c in found.changes] == ["s000", "s100"]
    assert found == compare(list(stored_records(tmp_path / "old")), list(stored_records(tmp_path / "new")))
