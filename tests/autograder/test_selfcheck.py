"""Tests of the measure of a unit's tests: each thing that can be wrong is found, and a good unit is green."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder import selfcheck as module
from autograder.checkall import selfcheck_units
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.material import Material
from autograder.selfcheck import selfcheck, timeless

TINY = "u99_tiny"
FIRST_HIDDEN = 'assert_close(student.scale(x, k), reference.scale(x, k), "y")'
MISCONCEPTIONS, ALTERNATIVES = f"solutions/{TINY}/misconceptions.py", f"solutions/{TINY}/alternatives.py"
HIDDEN, VISIBLE = f"tests/units/{TINY}/hidden/test_tiny.py", f"tests/units/{TINY}/visible/test_tiny.py"


def test_the_tiny_unit_is_green_through_the_sandbox_too(tiny: Material) -> None:
    """A good unit has no finding in this process or through a sandbox, and its things are counted."""
    result = selfcheck(tiny, sandbox="none")
    assert result.findings == ()
    assert result.sentence() == "u99_tiny: 2 exercises, 1 questions, 3 visible and 4 hidden tests, 4 misconceptions, 4 alternatives: green"


@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        (MISCONCEPTIONS, '("k * x", "k + x")', '("k * x", "x * k")', "misconception scale_adds passes every hidden test"),
        (MISCONCEPTIONS, '("k * x", "k + x")', '("not there", "k + x")', "variant scale_adds"),
        (MISCONCEPTIONS, '("k * x", "k + x")', '("k * x", "k * k * x")', "misconception scale_squares is named scale_adds"),
        (MISCONCEPTIONS, 'exercise="linear_backward", hint="Your d', 'exercise="scale", hint="Your d', "linear_backward has no misconception"),
        (ALTERNATIVES, 'edits=(("k * x", "x * k"),)', 'edits=(("k * x", "x * k + 1"),)', "alternative scale_swapped fails the hidden test test_scale"),
        (ALTERNATIVES, 'Alternative(id="dot", exercise="linear_backward", note="np.dot", edits=(("x.T @ dout", "np.dot(x.T, dout)"),)),', "", "linear_backward has 1 alternatives, expected at least 2"),
        (HIDDEN, FIRST_HIDDEN, "student.value('why_transpose')", "test_scale is a hidden test that the untouched stub passes"),
        (HIDDEN, FIRST_HIDDEN, FIRST_HIDDEN + '\n    assert_close(student.scale(x, k), 0 * x, "y")', "reference fails the hidden test test_scale"),
        (VISIBLE, "x + x + x", "x + x", "reference fails the visible test test_scale_by_three"),
        (VISIBLE, '@exercise("linear_backward", examples=4)', '@exercise("scale", examples=4)', "linear_backward has no visible test"),
        (HIDDEN, '@exercise("linear_backward", examples=5)', '@exercise("scale", examples=5)', "linear_backward has no hidden test"),
        (HIDDEN, 'linear_backward(dout, cache)[1], reference.linear_backward(dout, (x, w))[1], "dw")', 'linear_backward(dout, cache)[1].shape[0] * 1.0, len(w) * 1.0, "dw")', "test_dw is a hidden test that no misconception fails"),
    ],
)  # fmt: skip
def test_what_does_not_hold_is_found(own_course: Course, path: str, old: str, new: str, words: str) -> None:
    """Each way to spoil a unit gives a finding that names the thing."""
    file = own_course.root / path
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    result = selfcheck(Material(own_course, TINY), channel=False)
    found = [f"{f.subject} {f.problem}" for f in result.findings]
    assert any(words in line for line in found), found
    assert all(f.unit == TINY for f in result.findings)
    assert f"{len(found)} findings" in result.sentence()


def test_a_difference_through_the_channel_is_found(tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """An outcome that is another one in the sandbox is told with both outcomes."""
    import msgspec

    real = module.Grader.grade

    def altered(self: module.Grader, submission: object, only: object = None) -> object:
        record = real(self, submission, only)  # type: ignore[arg-type]
        if record.student != "alternative dot":
            return record
        first, *rest = record.exercises
        tests = tuple(msgspec.structs.replace(t, outcome="failed", message="lost on the way") for t in first.tests)
        return msgspec.structs.replace(record, exercises=(msgspec.structs.replace(first, tests=tests), *rest))

    monkeypatch.setattr(module.Grader, "grade", altered)
    findings = selfcheck(tiny, sandbox="none").findings
    assert {f.subject for f in findings} == {"alternative dot"}
    assert all("is passed in-process, failed through the channel: lost on the way" in f.problem for f in findings)


def test_records_without_times_are_equal(tiny: Material, tiny_notebook: Callable[..., bytes]) -> None:
    """Nothing but times is taken out."""
    from autograder.records import ExerciseRecord, SubmissionRecord

    record = SubmissionRecord("u", "s", "p", "h", "graded", 1.0, 2.0, seconds=3.0, cpu_seconds=4.0, started_at="now", exercises=(ExerciseRecord("f", "F", 1.0, 2.0, ()),))
    other = timeless(record)
    assert (other.seconds, other.cpu_seconds, other.started_at) == (0.0, 0.0, "")
    assert (other.student, other.score, other.sha256, other.exercises) == ("s", 1.0, "h", record.exercises)


def test_several_units_come_in_order(own_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Units are checked in processes of their own and reported in the order asked for; an unknown one is an error before any work."""
    import shutil

    for folder in (own_course.solutions(TINY), own_course.tests(TINY)):
        other = folder.with_name("u98_other")
        shutil.copytree(folder, other)
    (own_course.solutions("u98_other") / f"{TINY}.py").rename(own_course.solutions("u98_other") / "u98_other.py")
    results = list(selfcheck_units(own_course, [TINY, "u98_other"], jobs=2, channel=False))
    assert [(r.unit, r.findings) for r in results] == [(TINY, ()), ("u98_other", ())]
    monkeypatch.setattr("autograder.checkall.ProcessPoolExecutor", None)
    with pytest.raises(UsageError, match="u97"):
        list(selfcheck_units(own_course, [TINY, "u97"], channel=False))
