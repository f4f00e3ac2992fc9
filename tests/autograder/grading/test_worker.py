"""Tests of grading one submission: a record always comes out, and it is the right one."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import __version__
from autograder.authoring.build import render_reference
from autograder.course import Course
from autograder.grading.material import Material
from autograder.grading.worker import Grader, shown_path
from autograder.records import ExerciseRecord, SubmissionRecord, decode, encode
from autograder.sandbox import Death
from autograder.submissions.collect import Submission
from tests.conftest import TINY

from .zygotes import ForkingZygote

Grade = Callable[..., SubmissionRecord]
Submit = Callable[..., Submission]


@pytest.fixture
def grade(tiny: Material, forking: ForkingZygote, submit: Submit) -> Grade:
    """A function that grades the reference's notebook with some cells replaced."""
    grader = Grader(tiny, "none")

    def run(replace: dict[str, str] | None = None, **more: object) -> SubmissionRecord:
        record = grader.grade(submit(replace, **more))
        assert decode(encode(record)) == record
        assert not forking.live
        return record

    return run


def exercise(record: SubmissionRecord, id_: str) -> ExerciseRecord:
    """Return an exercise of a record."""
    return next(e for e in record.exercises if e.id == id_)


def test_the_reference_gets_everything(grade: Grade, tiny: Material, submit: Submit) -> None:
    """Full points, with all that makes the grade reproducible in the record."""
    record = grade()
    assert (record.status, record.score, record.max_score, record.reason, record.messages) == ("graded", 100.0, 100.0, "", ())
    assert [(e.id, e.points, e.max_points) for e in record.exercises] == [("scale", 40, 40), ("linear_backward", 50, 50), ("why_transpose", 10, 10)]
    assert (record.unit, record.student, record.sandbox, record.grader_version) == ("u99_tiny", "ada", "none", __version__)
    assert (record.tests_sha256, record.seed_fingerprint) == (tiny.tests_sha256, tiny.seed_fingerprint)
    assert record.sha256 == hashlib.sha256(submit().data or b"").hexdigest()
    assert record.cpu_seconds >= 0.25  # the child's
    assert record.started_at.endswith("+00:00")


def test_a_question_is_read_before_any_hidden_input_arrives(grade: Grade) -> None:
    """What a tested function stores in a question's variable is neither its answer nor in the record."""
    spy = "def scale(x, k):\n    global why_transpose\n    why_transpose = f'seen {x!r}'\n    return k * x"
    record = grade({"scale": spy, "why_transpose": "why_transpose = 'a'"})
    assert exercise(record, "why_transpose").tests[0].message == "Your answer 'a' is not right."
    assert "seen" not in encode(record).decode()


def test_the_stub_gets_nothing(grade: Grade) -> None:
    """The untouched notebook earns no point, fails every test, and each says so."""
    record = grade(stub=True)
    assert (record.status, record.score) == ("graded", 0.0)
    assert {t.outcome for e in record.exercises for t in e.tests} == {"failed"}
    assert {t.message for e in record.exercises for t in e.tests} == {"Not written yet.", "Not answered yet."}


def test_weights_and_hints(grade: Grade) -> None:
    """A misconception costs the tests it fails, by weight, and its hint is told; other exercises keep their points."""
    record = grade({"linear_backward": "def linear_backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, x.T @ dout / len(x)"})
    assert record.score == 75.0
    dx, dw = exercise(record, "linear_backward").tests
    assert (dx.outcome, dw.outcome, dw.misconception, dw.hint) == ("passed", "failed", "dw_averaged", "Your dw is N times too small.")
    assert "linear_backward(" in dw.example


def test_an_endless_exercise_costs_itself_only(grade: Grade, forking: ForkingZygote) -> None:
    """A loop that does not end fails its exercise; the others and the question keep their points, in a new child."""
    record = grade({"scale": "def scale(x, k):\n    while True: pass"})
    assert [t.outcome for t in exercise(record, "scale").tests] == ["failed", "not_run"]
    assert "ran out of time" in exercise(record, "scale").tests[0].message
    assert record.score == 60.0
    assert len(forking.pids) >= 2


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("1 / 0\ndef scale(x, k): return k * x", "Your cell stops with ZeroDivisionError: division by zero in line 1: 1 / 0"),
        ("def scale(x, k: return", "Your cell stops with SyntaxError"),
        ("import os; os._exit(0)", "Your cell ended the process"),
        ("while True: pass", "Your cell did not finish within 1 s"),
    ],
)
def test_a_cell_that_does_not_run_is_blamed(grade: Grade, cell: str, words: str) -> None:
    """When a function is missing because its cell stopped, the exercise's tests and the record's messages say why."""
    record = grade({"scale": cell})
    assert record.score == 60.0
    assert all(t.message.startswith(words) for t in exercise(record, "scale").tests)
    assert any("(scale)" in m for m in record.messages)


def test_a_missing_cell_is_told(grade: Grade, submit: Submit) -> None:
    """Without the exercise's cell its tests fail with that reason."""
    import json

    notebook = json.loads(submit().data or b"")
    notebook["cells"] = [c for c in notebook["cells"] if "def scale" not in "".join(c["source"])]
    record = grade(data=json.dumps(notebook).encode())
    assert record.score == 60.0
    assert {t.message for t in exercise(record, "scale").tests} == {"The cell of this exercise is missing from your notebook."}


@pytest.mark.parametrize(
    "use",
    [
        "return np.multiply(k, x)", "m = np.multiply\n    return m(k, x)", "from numpy import multiply as q\n    return q(k, x)", "return np.multiply.outer(k, x)",
        "import numpy as other\n    return other.multiply(k, x)", "return ｎｐ.multiply(k, x)",
    ],
)  # fmt: skip
def test_forbidden_names_are_found(grade: Grade, use: str) -> None:
    """A solution that uses what the exercise asks to do without earns nothing for it, and is told the name."""
    record = grade({"scale": f"def scale(x, k):\n    {use}"})
    assert exercise(record, "scale").points == 0
    assert {t.outcome for t in exercise(record, "scale").tests} == {"failed"}
    assert {t.message for t in exercise(record, "scale").tests} == {"Your solution uses numpy.multiply, which this exercise asks you to do without."}
    assert record.score == 60.0


SECOND = '''

@exercise("scale", weight=4, examples=2)
@given(seed=seeds(), shape=dims("N D"))
def test_shift(student, seed, shape):
    """shift(x, k) adds k to every entry."""
    x = Draw(seed).normal(*shape)
    assert_close(student.shift(x, 2.0), x + 2.0, "y")
'''


@pytest.mark.parametrize(
    ("scale", "shift", "points"),
    [
        ("return k * x", "return x + k", 40),
        ("return np.multiply(k, x)", "return x + k", 20),
        ("return k * x", "return times(x, 1.0) + k", 20),
        ("return k * x", "return globals()['_hidden'](x) + k", 0),
    ],
)
def test_only_the_function_that_uses_a_forbidden_name_loses(own_course: Course, forking: ForkingZygote, scale: str, shift: str, points: float) -> None:
    """Of two functions of an exercise the one that does without keeps the points of its tests; a use that no function is seen to reach costs both."""
    folder = own_course.root / "solutions" / TINY
    (folder / "unit.toml").write_text((folder / "unit.toml").read_text().replace('["scale(x, k) -> y"]', '["scale(x, k) -> y", "shift(x, k) -> y"]'))
    text = (folder / f"{TINY}.py").read_text()
    stub = '\n\ndef shift(x, k):\n    """Return x + k."""\n    ### BEGIN SOLUTION\n    return x + k\n    ### END SOLUTION\n'
    (folder / f"{TINY}.py").write_text(text.replace("    return y\n    ### END SOLUTION\n", f"    return y\n    ### END SOLUTION\n{stub}", 1))
    with (own_course.root / "tests" / "units" / TINY / "hidden" / "test_tiny.py").open("a") as tests:
        tests.write(SECOND)
    material = Material(own_course, TINY)
    cell = f"times = np.multiply\ndef scale(x, k):\n    {scale}\ndef shift(x, k):\n    {shift}\n"
    cell += "def _hidden(x):\n    return times(x, 1.0)\n" if "_hidden" in shift else ""
    data = render_reference(material.notebook, material.unit, {"scale": cell if "times" in cell.replace("times = np.multiply", "") else cell[20:]}).encode()
    record = Grader(material, "none").grade(Submission("ada", None, data))
    found = exercise(record, "scale")
    assert found.points == points
    guilty = {20: f"Your {'scale' if 'np.' in scale else 'shift'} uses", 0: "Your solution uses", 40: "-"}[int(points)]
    assert all(t.message.startswith(guilty) for t in found.tests if t.outcome == "failed")


def test_a_name_forbidden_in_one_exercise_is_free_in_another(grade: Grade) -> None:
    """Names are looked for in the exercise's own cells, and comments do not count."""
    assert grade({"linear_backward": "def linear_backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, np.multiply(x.T @ dout, 1.0)"}).score == 100.0
    assert grade({"scale": "def scale(x, k):\n    # not np.multiply\n    return k * x"}).score == 100.0


# ---------------------------------------------------------------------- questions
@pytest.mark.parametrize(
    ("cell", "points", "message", "hint"),
    [
        ("why_transpose = 'b'", 10, "", ""),
        ("why_transpose = ' B '", 10, "", ""),
        ("why_transpose = 'a'", 0, "Your answer 'a' is not right.", "Speed has nothing to do with it."),
        ("why_transpose = 'c'", 0, "Your answer 'c' is not right.", ""),
        ("why_transpose = None", 0, "Not answered yet.", ""),
        ("why_transpose = ...", 0, "Not answered yet.", ""),
        ("pass", 0, "The variable why_transpose is not there or is no plain value.", ""),
        ("why_transpose = [1, 'b']", 0, "Your answer [1, 'b'] is not right.", ""),
        ("1 / 0", 0, "The variable why_transpose is not there or is no plain value.", ""),
        ("why_transpose = 'x' * 10**6", 0, "Your answer 'xxxx", ""),
        ("why_transpose = '\\x1b[2J<script>'", 0, "Your answer", ""),
        ("why_transpose = '\u3164'", 0, "Your answer '\\u3164' is not right.", ""),
        ("class Answer:\n    def __eq__(self, other): return True\n    def __float__(self): return 1.0\nwhy_transpose = Answer()", 0, "is not right", ""),
    ],
)
def test_questions_are_graded_by_their_value(grade: Grade, cell: str, points: float, message: str, hint: str) -> None:
    """The right value earns the points; wrong, missing, odd and hostile values are told as such, with the hint that belongs to them."""
    record = grade({"why_transpose": cell})
    (test,) = exercise(record, "why_transpose").tests
    assert exercise(record, "why_transpose").points == points
    assert message in test.message
    assert len(test.message) <= 201
    assert "\x1b" not in test.message
    assert test.hint == hint
    assert record.score == 90.0 + points


# ---------------------------------------------------------------------- ungradable
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"cells": []}', b"\xff\xfe", b"x" * 100])
def test_what_is_no_notebook_is_ungradable(grade: Grade, data: bytes) -> None:
    """A file that cannot be read has a record with the reason and no exercises; it is not a graded zero."""
    record = grade(data=data)
    assert (record.status, record.score, record.exercises) == ("ungradable", 0.0, ())
    assert record.reason
    assert record.max_score == 100.0
    assert record.sha256 == hashlib.sha256(data).hexdigest()


def test_a_problem_of_collecting_is_the_reason(tiny: Material, forking: ForkingZygote) -> None:
    """A submission that could not be read from disk or zip keeps its reason, and no child is started for it."""
    record = Grader(tiny, "none").grade(Submission("ada", None, None, "the zip is damaged"))
    assert (record.status, record.reason) == ("ungradable", "the zip is damaged")
    assert forking.pids == []


def test_grading_twice_gives_the_same_record(grade: Grade) -> None:
    """Apart from times, a submission's record is always the same."""
    import msgspec

    def plain(record: SubmissionRecord) -> SubmissionRecord:
        exercises = tuple(msgspec.structs.replace(e, tests=tuple(msgspec.structs.replace(t, seconds=0.0) for t in e.tests)) for e in record.exercises)
        return msgspec.structs.replace(record, seconds=0.0, cpu_seconds=0.0, started_at="", exercises=exercises)

    for cells in ({}, {"scale": "def scale(x, k): return k + x"}, {"scale": "def scale(x, k): raise KeyError(k)"}):
        assert plain(grade(cells)) == plain(grade(cells))


def test_a_record_names_no_folder_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is shown relative to the working folder, or by its last parts."""
    monkeypatch.chdir(tmp_path)
    assert shown_path(tmp_path / "a" / "b.ipynb") == "a/b.ipynb"
    assert shown_path(Path("/one/two/three/four/five.ipynb")) == "three/four/five.ipynb"
    assert shown_path(None) == ""
    link = tmp_path / "link.ipynb"
    link.symlink_to(link)
    assert shown_path(link) == "link.ipynb"
    (tmp_path / "b.ipynb").symlink_to("/etc/hostname")
    assert shown_path(tmp_path / "b.ipynb") == "b.ipynb"
    assert "\x1b" not in shown_path(Path("/x/\x1b[2J/b.ipynb"))


def test_what_students_see_holds_no_control_characters(grade: Grade) -> None:
    """A hostile exception text arrives cleaned."""
    record = grade({"scale": "def scale(x, k): raise ValueError('\\x1b[2J\\x00' + 'y' * 5000)"})
    message = exercise(record, "scale").tests[0].message
    assert "\x1b" not in message
    assert "\x00" not in message
    assert len(message) < 1020


def test_a_child_that_the_machine_killed_is_no_fault_of_the_student(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """When a child is killed from outside, as for want of memory, the submission is graded once more, and only once."""

    class Short(ForkingZygote):
        def __init__(self, kills: int) -> None:
            super().__init__()
            self.kills = kills

        def spawn(self) -> socket.socket:
            ours = super().spawn()
            if len(self.pids) <= self.kills:
                os.kill(self.live, signal.SIGKILL)
            return ours

        def reap(self) -> Death:
            short = len(self.pids) <= self.kills
            return dataclasses.replace(super().reap(), reason="memory?") if short else super().reap()

    for kills, score in ((1, 100.0), (1000, 0.0)):
        zygote = Short(kills)
        monkeypatch.setattr(Grader, "zygote", lambda self, runtime, zygote=zygote: zygote)
        assert Grader(tiny, "none").grade(submit()).score == score
