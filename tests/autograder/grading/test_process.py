"""Tests of a grading process: its answers, in this process and as a process of its own."""

from __future__ import annotations

import io
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import msgspec
import pytest

from autograder.course import Course
from autograder.errors import SandboxError
from autograder.grading import process
from autograder.grading.material import Material
from autograder.grading.messages import Answer, Earlier, Orders, Task, receive, send
from autograder.grading.process import Desk, cell_hashes, serve
from autograder.grading.worker import Grader
from autograder.submissions.collect import Submission
from tests.conftest import TINY

from .zygotes import ForkingZygote

Notebook = Callable[..., bytes]
WRONG = {"scale": "def scale(x, k): return k + x"}


@pytest.fixture
def desk(own_course: Course, forking: ForkingZygote) -> Desk:
    """A desk for the tiny course, without a sandbox."""
    return Desk(Orders(str(own_course.root), (TINY,), "none", 0))


def test_a_notebook_gets_its_record(desk: Desk, tiny_notebook: Notebook) -> None:
    """The answer holds the grade and a hash of each exercise's cells."""
    answer = desk.answer(Task(TINY, "ada", tiny_notebook(WRONG)), io.BytesIO())
    assert answer.kind == "record"
    assert answer.record is not None
    assert (answer.record.student, answer.record.score) == ("ada", 60.0)
    assert answer.cells.keys() == {"scale", "linear_backward", "why_transpose"}


def test_warming_up_grades_nothing_for_a_student(desk: Desk) -> None:
    """A task to get ready is answered when the unit's own reference has earned everything."""
    assert desk.answer(Task(TINY, warm=True), io.BytesIO()) == Answer("warm")


def test_a_reference_that_fails_here_lets_no_student_pay(desk: Desk, tiny_notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the unit's own reference does not earn all points, nobody is graded and the answer says what to run."""
    real = Grader.grade
    seen: list[str] = []

    def grade(self: Grader, submission: Submission) -> object:
        seen.append(submission.student)
        return msgspec.structs.replace(real(self, submission), score=90.0)

    monkeypatch.setattr(Grader, "grade", grade)
    answer = desk.answer(Task(TINY, "ada", tiny_notebook()), io.BytesIO())
    assert (answer.kind, answer.record) == ("failed", None)
    assert f"autograder selfcheck {TINY}" in answer.text
    assert set(seen) == {"warm-up"}


def test_the_same_notebook_is_not_graded_again(desk: Desk, tiny_notebook: Notebook) -> None:
    """A record that grading these bytes now would give is the answer; one with other tests is not."""
    data = tiny_notebook()
    first = desk.answer(Task(TINY, "ada", data), io.BytesIO())
    assert first.record is not None
    marked = msgspec.structs.replace(first.record, messages=("of last time",))
    again = desk.answer(Task(TINY, "ada", data, "", Earlier(marked, first.cells)), io.BytesIO())
    assert again == Answer("record", marked, first.cells)
    other = msgspec.structs.replace(marked, tests_sha256="0" * 64)
    fresh = desk.answer(Task(TINY, "ada", data, "", Earlier(other, first.cells)), io.BytesIO())
    assert fresh.record is not None
    assert fresh.record.messages == ()


def test_a_slow_units_changed_exercises_go_out_first(desk: Desk, tiny_notebook: Notebook) -> None:
    """After a grade that took long, a part with the changed exercise comes before the whole record; after a fast one it does not."""
    first = desk.answer(Task(TINY, "ada", tiny_notebook()), io.BytesIO())
    assert first.record is not None
    for seconds, parts in ((process.SLOW_SECONDS + 1, 1), (process.SLOW_SECONDS - 1, 0)):
        earlier, out = Earlier(msgspec.structs.replace(first.record, seconds=seconds), first.cells), io.BytesIO()
        answer = desk.answer(Task(TINY, "ada", tiny_notebook(WRONG), "", earlier), out)
        assert answer.record is not None
        assert len(answer.record.exercises) == 3
        out.seek(0)
        found = [receive(out, Answer) for _ in range(parts)]
        assert [(part.kind, [e.id for e in part.record.exercises] if part.record else []) for part in found] == [("part", ["scale"])] * parts
        assert out.read() == b""


def test_changed_tests_end_the_process(desk: Desk, own_course: Course, tiny_notebook: Notebook) -> None:
    """Once a unit's tests are others than when it got ready, nothing is graded with the old ones."""
    desk.answer(Task(TINY, warm=True), io.BytesIO())
    path = own_course.tests(TINY) / "hidden" / "test_tiny.py"
    path.write_text(path.read_text("utf-8") + "\n# mended\n", encoding="utf-8")
    assert desk.answer(Task(TINY, "ada", tiny_notebook()), io.BytesIO()) == Answer("stale")


@pytest.mark.parametrize(("error", "kind"), [(SandboxError("no namespaces"), "failed"), (OSError(28, "full"), "failed"), (RuntimeError("odd"), "surprise")])
def test_a_failing_machine_is_told_from_a_notebooks_surprise(
    desk: Desk, tiny_notebook: Notebook, monkeypatch: pytest.MonkeyPatch, error: Exception, kind: str
) -> None:
    """What the machine or the unit cannot do is ``failed``; anything else is this notebook's ``surprise``; both say what it was."""
    desk.answer(Task(TINY, warm=True), io.BytesIO())

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Grader, "grade", fail)
    answer = desk.answer(Task(TINY, "ada", tiny_notebook()), io.BytesIO())
    assert (answer.kind, answer.record) == (kind, None)
    assert type(error).__name__ in answer.text


def test_hashes_are_of_an_exercises_own_cells(tiny: Material, tiny_notebook: Notebook) -> None:
    """Another answer changes the hash of its exercise alone; what cannot be read has no cells."""
    right, wrong = cell_hashes(tiny_notebook(), tiny), cell_hashes(tiny_notebook(WRONG), tiny)
    assert {id_ for id_ in right if right[id_] != wrong[id_]} == {"scale"}
    assert cell_hashes(b"{", tiny) == cell_hashes(None, tiny) == {}


def test_tasks_are_answered_until_the_stream_ends(own_course: Course, forking: ForkingZygote, tiny_notebook: Notebook) -> None:
    """Orders, then tasks: an answer each, in order; a task that is cut off is the end."""
    read, write = io.BytesIO(), io.BytesIO()
    for message in (Orders(str(own_course.root), (TINY,), "none", 0), Task(TINY, warm=True), Task(TINY, "ada", tiny_notebook())):
        send(read, message)
    read.write(b"\x00\x00")
    read.seek(0)
    serve(read, write)
    write.seek(0)
    assert [receive(write, Answer).kind for _ in range(2)] == ["warm", "record"]
    assert write.read() == b""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends a process with its parent on Linux only")
def test_a_process_ends_with_its_owner_and_has_bounded_memory() -> None:
    """Killed without a word, the owner takes its grading process along; what that one may map has a limit."""
    child = "import resource, time; from autograder.grading.process import attach; attach(); print(resource.getrlimit(resource.RLIMIT_AS)[0], flush=True); time.sleep(60)"
    owner = f"import subprocess, sys, time; child = subprocess.Popen([sys.executable, '-c', {child!r}]); print(child.pid, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", owner], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        pid, limit = int(running.stdout.readline()), int(running.stdout.readline())
        assert 0 < limit <= 16 << 30
        assert alive(pid)
        running.send_signal(signal.SIGKILL)
        running.wait()
    deadline = time.monotonic() + 10
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not alive(pid)


def alive(pid: int) -> bool:
    """Tell whether a process runs; one that nobody has waited for does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
