"""Runs that are killed, interrupted or repeated: one record for each submission, and nothing is graded twice."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.grading.journal import NAME, read_records
from autograder.grading.material import Material
from autograder.grading.run import Plan, grade
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord
from autograder.sandbox import choose_level
from autograder.submissions.collect import Submission
from tests.grading_e2e.command import PATIENCE, children, run, start, wait_until
from tests.grading_e2e.small_course import UNIT, hand_in, notebook, unanswered

pytestmark = pytest.mark.usefixtures("needs_sandbox")

STUDENTS = 12
KILLS = 3
SET_CHILD_SUBREAPER = 36


def small_class(material: Material) -> dict[str, bytes]:
    """Return notebooks that take a moment each, so that a run can be stopped in its middle."""
    slow = "import time\n\ntime.sleep(0.4)\n"
    answers = [
        notebook(material, before=slow),
        notebook(material, material.stub, before=slow),
        notebook(material, {"double": "def double(x):\n    return x * x\n"}, before=slow),
        unanswered(material, slow + "\ndef apply_twice(f, x):\n    return f(f(x))\n"),
    ]
    return {f"student-{i:02}": answers[i % len(answers)] + b" " * i for i in range(STUDENTS)}


def outcomes(records: list[SubmissionRecord]) -> dict[str, tuple[object, ...]]:
    """Return all that a run decides, without times and messages."""
    return {
        r.student: (r.status, r.score, r.sha256, [(t.name, t.outcome, t.misconception) for e in r.exercises for t in e.tests])
        for r in records
    }


def lines(out: Path) -> int:
    """Return how many whole records a folder has."""
    path = out / NAME
    return path.read_bytes().count(b"\n") if path.exists() else 0


@pytest.fixture(scope="module")
def submitted(material: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The class's folder."""
    return hand_in(tmp_path_factory.mktemp("class") / "submitted", small_class(material))


@pytest.fixture(scope="module")
def undisturbed(course: Course, submitted: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[object, ...]]:
    """What a run decides that nothing disturbs."""
    return outcomes(list(grade(course, UNIT, [submitted], tmp_path_factory.mktemp("undisturbed"), jobs=2).records))


@pytest.fixture
def orphans() -> Iterator[set[int]]:
    """Adopt orphaned descendants, so that a test can see them; gives the children there were before."""
    if sys.platform != "linux":
        pytest.skip("only Linux lets a process adopt orphans")
    from autograder.sandbox import linux

    before = children()
    linux.prctl(SET_CHILD_SUBREAPER, 1)
    yield before
    linux.prctl(SET_CHILD_SUBREAPER, 0)


def test_killed_runs_lose_and_double_nothing(
    course: Course, submitted: Path, undisturbed: dict[str, tuple[object, ...]], orphans: set[int], tmp_path: Path
) -> None:
    """A grader killed at several moments leaves no process behind, and the next run completes its records."""
    out, moments = tmp_path / "grades", random.Random(7)
    killed = 0
    for goal in range(1, KILLS + 1):
        process = start("grade", UNIT, submitted, "--out", out, "--jobs", "2", course=course.root)
        assert wait_until(lambda goal=goal, process=process: lines(out) >= 2 * goal or process.poll() is not None)  # type: ignore[misc]
        time.sleep(moments.uniform(0, 0.3))
        killed += process.poll() is None
        process.kill()
        process.communicate()
        assert wait_until(lambda: not children() - orphans), "processes of the killed run are still there"
    assert killed > 0
    assert 0 < lines(out) <= STUDENTS
    done = run("grade", UNIT, submitted, "--out", out, "--jobs", "2", course=course.root)
    assert done.returncode == 0, done.stderr
    assert lines(out) == STUDENTS
    assert outcomes(read_records(out)) == undisturbed
    assert len((out / "grades.csv").read_text(encoding="utf-8").splitlines()) == STUDENTS + 1


def test_interrupt_leaves_a_run_that_goes_on(
    course: Course, submitted: Path, undisturbed: dict[str, tuple[object, ...]], orphans: set[int], tmp_path: Path
) -> None:
    """Ctrl-C ends a run with exit code 130 and a sentence; the same command grades the rest."""
    out = tmp_path / "grades"
    process = start("grade", UNIT, submitted, "--out", out, "--jobs", "2", course=course.root)
    assert wait_until(lambda: lines(out) >= 2 or process.poll() is not None)
    os.killpg(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, errors
    assert "run the same command to go on" in output
    assert "Traceback" not in errors
    assert wait_until(lambda: not children() - orphans), "processes of the interrupted run are still there"
    kept = lines(out)
    assert 2 <= kept < STUDENTS
    done = run("grade", UNIT, submitted, "--out", out, "--jobs", "2", course=course.root)
    assert done.returncode == 0, done.stderr
    assert f"grading {STUDENTS - kept} submissions, {kept} already graded" in done.stdout
    assert outcomes(read_records(out)) == undisturbed


def test_killed_worker_costs_nobody_a_record(
    course: Course, submitted: Path, undisturbed: dict[str, tuple[object, ...]], orphans: set[int], tmp_path: Path
) -> None:
    """When a worker process is killed, its submission is graded by another one, in the same run."""
    out = tmp_path / "grades"
    process = start("grade", UNIT, submitted, "--out", out, "--jobs", "2", course=course.root)
    assert wait_until(lambda: lines(out) >= 2 or process.poll() is not None)
    os.kill(min(children(process.pid)), signal.SIGKILL)
    _, errors = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, errors
    assert outcomes(read_records(out)) == undisturbed
    assert wait_until(lambda: not children() - orphans)


def test_torn_last_line_is_graded_again(
    course: Course, submitted: Path, undisturbed: dict[str, tuple[object, ...]], tmp_path: Path
) -> None:
    """A record that a power cut left half written is dropped, and its submission graded."""
    grade(course, UNIT, [submitted], tmp_path, jobs=2)
    path = tmp_path / NAME
    path.write_bytes(path.read_bytes()[:-100])
    plans: list[Plan] = []
    run_ = grade(course, UNIT, [submitted], tmp_path, jobs=1, on_plan=plans.append)
    assert [s.student for s in plans[0].fresh] == [f"student-{STUDENTS - 1:02}"]
    assert outcomes(list(run_.records)) == undisturbed


def test_second_run_grades_only_what_changed(course: Course, submitted: Path, tmp_path: Path) -> None:
    """A second run grades nothing; after one changed notebook that one; after a changed test file all; ``--no-resume`` all."""
    root = shutil.copytree(course.root, tmp_path / "course")
    folder = shutil.copytree(submitted, tmp_path / "submitted")
    changing, out = Course(root), tmp_path / "grades"
    plans: list[Plan] = []

    def fresh(*, resume: bool = True) -> list[str]:
        grade(changing, UNIT, [folder], out, jobs=2, resume=resume, on_plan=plans.append)
        assert lines(out) == STUDENTS
        return [s.student for s in plans[-1].fresh]

    everybody = sorted(path.name for path in folder.iterdir())
    assert fresh() == everybody
    written = (out / NAME).read_bytes()
    assert fresh() == []
    assert (out / NAME).read_bytes() == written
    one = folder / everybody[3] / UNIT / f"{UNIT}.ipynb"
    one.write_bytes(one.read_bytes() + b"\n")
    assert fresh() == [everybody[3]]
    test = changing.tests(UNIT) / "hidden" / "test_small.py"
    test.write_text(test.read_text(encoding="utf-8").replace("9.0 * x + 4.0", "9.0 * x + 5.0"), encoding="utf-8")
    assert fresh() == everybody
    scores = {r.student: r.score for r in read_records(out)}
    assert scores[everybody[0]] == 70.0  # the changed test expects another number now
    assert fresh(resume=False) == everybody


def test_a_killed_zygote_is_replaced(material: Material) -> None:
    """A zygote that the machine killed costs its submission nothing: it is graded with the next one."""
    grader = Grader(material, choose_level(None))
    try:
        right = Submission("somebody", None, notebook(material))
        assert grader.grade(right).score == 100.0
        os.kill(grader.zygote("numpy").pid, signal.SIGKILL)
        assert grader.grade(right).score == 100.0
    finally:
        grader.close()
