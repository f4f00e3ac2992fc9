"""What is printed of a grade."""

from __future__ import annotations

from typing import Any

import msgspec

from autograder.records import GIVEN_UP, ExerciseRecord, SubmissionRecord
from autograder.records import TestRecord as Outcome
from autograder.serve.say import MAX_LINES, WIDTH, result

UNGRADABLE = SubmissionRecord("u01", "ada", "", "0", "ungradable", 0.0, 100.0, reason="the file is no notebook")
COMMIT = "0123456789abcdef" * 2 + "01234567"


def exercise(id_: str, points: float, message: str = "y[0] differs.") -> ExerciseRecord:
    """Return an exercise of ten points with one test."""
    test = Outcome(f"test_{id_}", f"The {id_} is right.", "passed" if points == 10 else "failed", 1.0, message)
    return ExerciseRecord(id_, id_.title(), points, 10.0, (test,))


def graded(*exercises: ExerciseRecord, **fields: object) -> SubmissionRecord:
    """Return a graded record."""
    score, of = sum(e.points for e in exercises), sum(e.max_points for e in exercises)
    plain = SubmissionRecord("u01", "ada", "", "0", "graded", score, of, exercises=exercises)
    return msgspec.structs.replace(plain, **fields)


def test_score_marks_and_feedback() -> None:
    """The first line has the score, each exercise a line, and what is begun and wrong its feedback; what is untouched has none."""
    record = graded(exercise("one", 10), exercise("two", 0), exercise("three", 0, "Not written yet."))
    lines = result(record, COMMIT, took=1.25)
    assert lines[0] == "u01 at 0123456789: 10 of 30 points (1.2 s)"
    assert [line[2] for line in lines[1:4]] == ["✓", "✗", "○"]
    text = "\n".join(lines)
    assert "The two is right." in text
    assert "The three is right." not in text
    assert "The one is right." not in text


def test_gain_against_the_grade_before() -> None:
    """The score before, and the points won and lost, are told when they differ."""
    lines = result(graded(exercise("one", 10), exercise("two", 0)), COMMIT, earlier=graded(exercise("one", 4), exercise("two", 0)))
    assert lines[0].endswith("10 of 20 points, 4 before")
    assert lines[1].endswith("+6")
    assert lines[2].endswith("of 10")


def test_withheld_result_cannot_be_computed() -> None:
    """Neither points nor feedback nor any sum of a withheld exercise is told, of this grade or the one before."""
    record = graded(exercise("one", 10), exercise("two", 7, "secret feedback"))
    text = "\n".join(result(record, COMMIT, withheld={"two": 2e9}))
    assert "10 of 10 points, without what is shown later" in text
    assert "secret" not in text
    assert "17" not in text
    assert " 7 " not in text
    partly = graded(exercise("one", 10))
    assert "before" not in "\n".join(result(graded(exercise("one", 10), exercise("two", 10)), COMMIT, earlier=partly))


def test_long_feedback_is_cut() -> None:
    """Feedback takes a screen or two, however much there is, and what a student wrote cannot control the terminal."""
    record = graded(*(exercise(f"e{i}", 0, "\x1b[2J" + "line\n" * 30) for i in range(20)), messages=("\x1b]0;x\x07" + "m" * 5000,) * 50)
    lines = result(record, COMMIT)
    assert len(lines) < MAX_LINES + 80
    assert lines[-1] == "… (cut here; mend these first, then the command 'grades' tells the rest)"
    assert len(lines[-1]) <= WIDTH
    assert not any("\x1b" in line or "\n" in line or "\x07" in line for line in lines)


def test_ungradable_has_its_reason() -> None:
    """A notebook that could not be graded has its reason, what to do, and no points."""
    lines = result(UNGRADABLE, COMMIT)
    assert lines[:2] == ["u01 at 0123456789: could not be graded.", "  the file is no notebook"]
    assert "open the notebook in JupyterLab" in " ".join(lines)
    assert "points" not in " ".join(lines)
    assert "last grade" not in " ".join(lines)


def said(record: SubmissionRecord, **keywords: Any) -> str:
    """Return what is told as one line."""
    return " ".join(" ".join(result(record, COMMIT, **keywords)).split())


def test_last_grade_stays_when_there_is_no_new_one() -> None:
    """The grade that stays is told with its commit, and how its notebook comes back, but nothing that a shell would take apart."""
    earlier = graded(exercise("one", 10), exercise("two", 10), path="60b65a5da01f:a b/u01.ipynb")
    text = said(UNGRADABLE, earlier=earlier)
    assert "Your last grade, 20 of 20 points at 60b65a5da0, stays." in text
    assert text.endswith("git checkout 60b65a5da0 -- 'a b/u01.ipynb'")
    assert "git checkout" not in said(UNGRADABLE, earlier=msgspec.structs.replace(earlier, path="60b65a5da01f:$(id)/u01.ipynb"))
    assert "last grade" not in said(UNGRADABLE, earlier=UNGRADABLE)
    ours = said(msgspec.structs.replace(UNGRADABLE, reason=GIVEN_UP), earlier=earlier)
    assert "Tell your instructor." in ours
    assert "JupyterLab" not in ours


def test_grade_that_stays_shows_nothing_withheld() -> None:
    """Of a last grade with a result that is shown later, only the points that are shown are told."""
    text = said(UNGRADABLE, earlier=graded(exercise("one", 10), path="60b65a5da01f:u01.ipynb", max_score=20.0), withheld={"two": 2e9})
    assert "10 of 10 points, without what is shown later at 60b65a5da0, stays" in text
