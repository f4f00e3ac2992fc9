"""Pushes while the grader is down, or is killed at any moment: each is graded, once."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.grading.material import Material
from tests.grading_e2e.command import children, wait_until
from tests.grading_e2e.small_course import UNIT, notebook, write_course
from tests.serve.remote import IDENTITY, Remote, Student

pytestmark = pytest.mark.usefixtures("needs_sandbox")
Join = Callable[..., Student]
SLOW = "import time\ntime.sleep(0.8)"
STUDENTS, KILLS = 6, 4


class Pushing:
    """A push that goes on while a test does something else."""

    def __init__(self, student: Student) -> None:
        self._process = subprocess.Popen(
            ["git", *IDENTITY, "push", "grade", "main"], cwd=student.clone, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
        )

    def until(self, text: str) -> None:
        """Read until a line holds a text."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if text in line.decode():
                return
        pytest.fail(f"the push ended without {text!r}")

    def cut_off(self) -> None:
        """End the student's side at once."""
        assert self._process.stderr is not None
        self._process.kill()
        self._process.stderr.close()
        self._process.wait()

    def rest(self) -> str:
        """Wait for the end and return what is said until then."""
        assert self._process.stderr is not None
        with self._process.stderr as stream:
            said = stream.read().decode()
        assert self._process.wait() == 0
        return said


def alive(pid: int) -> bool:
    """Tell whether a process exists and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid: int) -> set[int]:
    """Return all processes below one."""
    own = children(pid)
    return own.union(*(descendants(child) for child in own))


def test_push_without_a_grader_is_graded_later(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """The push goes through and says that the grade will follow; it does when the grader starts, once."""
    remote = new_remote()
    student = join(remote)
    started = time.monotonic()
    commit = student.commit(notebook(material))
    said = student.push()
    assert "The grader is not running. Your push is stored and queued: the grade will follow." in said
    assert time.monotonic() - started < 10
    assert "not running; 1 wait" in remote.run("status", remote.root).stdout
    remote.start("--jobs", "1", warm=False)
    assert wait_until(lambda: bool(remote.records()))
    remote.stop()
    remote.start("--jobs", "1")
    assert [(r.commit, r.score) for r in remote.records()] == [(commit, 100.0)]
    assert remote.queued(student.name) == []


def test_killed_worker_costs_no_grade(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A worker killed between push and grade is replaced, and the same push shows the score; the record is there once."""
    remote = new_remote()
    student = join(remote)
    daemon = remote.start("--jobs", "1")
    student.commit(notebook(material, before=SLOW))
    push = Pushing(student)
    push.until("grading")
    (worker,) = children(daemon)
    os.kill(worker, signal.SIGKILL)
    assert "100 of 100 points" in push.rest()
    assert [r.score for r in remote.records()] == [100.0]
    assert "graded again" in remote.said()


def test_notebook_on_which_workers_die_is_recorded_as_ours(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """When two workers die on a notebook it is ungradable by our failure, and the next is graded."""
    remote = new_remote()
    student = join(remote)
    daemon = remote.start("--jobs", "1")
    student.commit(notebook(material, before=SLOW))
    push = Pushing(student)
    push.until("grading")
    (worker,) = children(daemon)
    os.kill(worker, signal.SIGKILL)
    push.until("grading")
    assert wait_until(lambda: bool(children(daemon) - {worker}))
    os.kill(next(iter(children(daemon) - {worker})), signal.SIGKILL)
    assert "our failure, not the student's" in " ".join(push.rest().replace("remote:", "").split())
    student.commit(notebook(material))
    assert "100 of 100 points" in student.push()
    assert [r.status for r in remote.records()] == ["ungradable", "graded"]


def test_killed_daemon_costs_no_grade(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A daemon killed between push and grade leaves no process; the next one grades, and the push that waits shows the score."""
    remote = new_remote()
    student = join(remote)
    daemon = remote.start("--jobs", "1")
    student.commit(notebook(material, before=SLOW))
    push = Pushing(student)
    push.until("grading")
    below = descendants(daemon)
    assert len(below) >= 2
    remote.stop(kill=True)
    assert wait_until(lambda: not any(map(alive, below)))
    remote.start("--jobs", "1", warm=False)
    assert "100 of 100 points" in push.rest()
    assert [r.score for r in remote.records()] == [100.0]


def test_recorded_job_that_is_still_queued_is_not_graded_again(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A daemon killed after the record and before the job was taken away leaves both; the job is only taken away."""
    remote = new_remote()
    student = join(remote)
    student.commit(notebook(material))
    student.push()
    (job,) = remote.queued(student.name)
    copy = remote.root / "copy"
    shutil.copy(job, copy)
    remote.start("--jobs", "1", warm=False)
    assert wait_until(lambda: bool(remote.records()) and not remote.queued(student.name))
    remote.stop(kill=True)
    copy.rename(job)
    remote.start("--jobs", "1")
    assert wait_until(lambda: not remote.queued(student.name))
    assert len(remote.records()) == 1


def test_daemon_killed_again_and_again_loses_and_doubles_nothing(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """While students push and the daemon is killed at random moments, every commit gets exactly one record."""
    remote, draw = new_remote(), random.Random(1)
    students = [join(remote) for _ in range(STUDENTS)]
    commits = []
    remote.start("--jobs", "2", warm=False)
    for round_ in range(KILLS):
        pushes = []
        for number, student in enumerate(students):
            commits.append(student.commit(notebook(material) + b" " * (round_ * STUDENTS + number)))
            pushes.append(Pushing(student))
        time.sleep(draw.uniform(0.0, 2.5))
        remote.stop(kill=True)
        remote.start("--jobs", "2", warm=False)
        for push in pushes:
            push.rest()
    assert wait_until(lambda: len(remote.records()) >= len(commits))
    assert Counter(r.commit for r in remote.records()) == Counter(commits)
    assert {r.score for r in remote.records()} == {100.0}
    assert wait_until(lambda: not any(remote.queued(student.name) for student in students))  # taken away after the record


def test_push_whose_hook_was_cut_off_is_caught_up(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A commit that reached the repository without its hook is queued when the daemon starts, or with the next push."""
    remote = new_remote()
    early, late = join(remote), join(remote)
    hook = remote.server.hooks / "post-receive"
    hook.chmod(0o644)
    for student in (early, late):
        student.commit(notebook(material))
        student.push()
    hook.chmod(0o755)
    late.write(b"notes", "notes.txt")
    late.commit()
    assert "the grade will follow" in late.push()
    remote.start("--jobs", "1", warm=False)
    assert wait_until(lambda: {r.student for r in remote.records()} == {early.name, late.name})
    remote.stop()
    remote.start("--jobs", "1")
    assert len(remote.records()) == 2


def test_push_goes_through_when_nothing_can_be_queued(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A hook that fails says so and lets the push through; the next push queues what was missed."""
    remote = new_remote()
    student = join(remote)
    spool = remote.server.spool(student.name)
    spool.rmdir()
    student.commit(notebook(material))
    said = student.push()
    assert "Your push is stored" in said
    assert "main -> main" in said
    spool.mkdir()
    student.commit()
    assert "queued: the grade will follow" in student.push()
    assert len(remote.queued(student.name)) == 1


def test_too_many_waiting_are_not_queued(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """A student's queue is bounded; what did not fit is queued with a later push."""
    remote = new_remote()
    student = join(remote)
    settings = remote.root / "hooks" / "serve.json"
    settings.write_text(settings.read_text().replace('"max_waiting": 20', '"max_waiting": 2'))
    for number in range(3):
        student.commit(notebook(material) + b" " * number)
        said = student.push()
    assert f"Not queued: {UNIT}. 2 of your notebooks wait already" in said
    for job in remote.queued(student.name):
        job.unlink()
    student.commit()
    student.push()
    assert len(remote.queued(student.name)) == 1


def test_changed_tests_count_from_the_next_push_on(open_folder: Path, join: Join) -> None:
    """When a hidden test is mended while the daemon runs, the next push is graded with it."""
    from autograder.serve.config import init

    course = write_course(open_folder / "changing")
    material = Material(course, UNIT)
    root = open_folder / "changing-server"
    init(root, course, [UNIT])
    remote = Remote(root, course.root)
    try:
        student = join(remote)
        remote.start("--jobs", "1")
        student.commit(notebook(material))
        student.push()
        tests = course.tests(UNIT) / "hidden" / "test_small.py"
        text = tests.read_text()
        tests.write_text(text.replace("def test_moments", "def test_moments_again"))
        student.commit(notebook(material) + b" ")
        assert "100 of 100 points" in student.push()
        before, after = remote.records()
        assert before.tests_sha256 != after.tests_sha256
        assert any(t.name == "test_moments_again" for e in after.exercises for t in e.tests)
        settings = remote.server.config
        settings.write_text(settings.read_text() + "retry_seconds = 1.0\n")
        remote.stop()
        remote.start("--jobs", "1")
        tests.write_text("this is no Python")
        student.commit(notebook(material) + b"  ")
        assert "The grader's machine has a problem" in student.push()
        assert len(remote.records()) == 2
        tests.write_text(text)
        assert wait_until(lambda: len(remote.records()) == 3)
        assert remote.records()[-1].score == 100.0
    finally:
        remote.stop()


def test_attempts_are_limited(new_remote: Callable[[], Remote], join: Join, material: Material) -> None:
    """Above the limit an exercise is graded and recorded, and its result, points and feedback are withheld; others are shown."""
    remote = new_remote()
    settings = remote.server.config
    settings.write_text(settings.read_text() + "attempts = { number = 2, hours = 1.0 }\n")
    student = join(remote)
    remote.start("--jobs", "1")
    for factor in (3, 4):
        student.commit(notebook(material, {"double": f"def double(x):\n    return {factor} * x\n"}))
        assert "✗ double" in student.push()
    student.commit(notebook(material, {"double": "def double(x):\n    return 2 * x\n"}))
    said = student.push()
    assert "… double" in said
    assert "limit of attempts" in said
    assert "60 of 60 points, without what is shown later" in said
    assert "40 of 40" not in said
    assert student.record().score == 100.0
    hook = str(remote.server.hooks / "post-receive")
    again = subprocess.run([hook, "grades", student.name], check=True, capture_output=True, text=True).stdout
    assert "… double" in again
    assert "100" not in again.replace("of 100", "")
    student.commit(b"{")
    broken = student.push()
    assert "60 of 60 points, without what is shown later" in " ".join(broken.replace("remote:", " ").split())
    assert "100" not in re.sub(r"\b[0-9a-f]{10}\b", "", broken.replace("of 100", ""))
    remote.stop()
    remote.start("--jobs", "1")
    assert "… double" in subprocess.run([hook, "grades", student.name], check=True, capture_output=True, text=True).stdout
    student.commit(notebook(material, {"double": "def double(x):\n    return 2 * x\n", "moments": "def moments(x):\n    return 0.0, 0.0\n"}))
    said = student.push()
    assert "✗ moments" in said
    assert "before" not in said
