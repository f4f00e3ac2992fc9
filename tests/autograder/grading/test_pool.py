"""Tests of the coordinator: a record for each submission, whatever happens to a worker."""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import GraderError, SandboxError
from autograder.grading import pool
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord
from autograder.submissions.collect import Submission
from autograder.submissions.files import File

from .zygotes import ForkingZygote

Submit = Callable[..., Submission]
pytestmark = pytest.mark.usefixtures("forking")


def many(submit: Submit, count: int) -> list[Submission]:
    """Return submissions of which every other one is wrong."""
    return [submit({"scale": "def scale(x, k): return k + x"} if i % 2 else {}, student=f"s{i:02}") for i in range(count)]


def scores(records: list[SubmissionRecord]) -> dict[str, float]:
    """Return scores by student."""
    return {r.student: r.score for r in records}


@pytest.mark.parametrize("jobs", [1, 2, 5])
def test_every_submission_has_its_record(tiny: Material, submit: Submit, jobs: int) -> None:
    """With any number of workers each submission is graded once, with the same score."""
    records = list(grade_all(tiny, many(submit, 4), "none", jobs))
    assert len(records) == 4
    assert scores(records) == {"s00": 100.0, "s01": 60.0, "s02": 100.0, "s03": 60.0}


def test_no_submissions_no_workers(tiny: Material) -> None:
    """Nothing to grade starts nothing."""
    assert list(grade_all(tiny, [], "none", 3)) == []


def dying(monkeypatch: pytest.MonkeyPatch, marks: Path, times: int, how: Callable[[], object]) -> None:
    """Make the worker die on student s01, as often as told; each death leaves a file."""
    real = Grader.grade

    def grade(self: Grader, submission: Submission) -> SubmissionRecord:
        if submission.student == "s01" and len(list(marks.iterdir())) < times:
            (marks / f"{time.monotonic_ns()}").touch()
            how()
        return real(self, submission)

    monkeypatch.setattr(Grader, "grade", grade)


def kill() -> None:
    """Kill this process."""
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_worker_killed_once_costs_nobody_anything(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The submission in hand is graded again by a new worker; all others are untouched."""
    dying(monkeypatch, tmp_path, 1, kill)
    records = list(grade_all(tiny, many(submit, 4), "none", 2))
    assert scores(records) == {"s00": 100.0, "s01": 60.0, "s02": 100.0, "s03": 60.0}
    assert len(list(tmp_path.iterdir())) == 1


def fail() -> None:
    """Fail as no grader should."""
    raise RuntimeError("a surprise")


@pytest.mark.parametrize("how", [kill, fail])
def test_a_submission_that_kills_workers_is_our_failure(
    tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, how: Callable[[], object], capfd: pytest.CaptureFixture[str]
) -> None:
    """After two deaths, or two internal errors, the submission is recorded as ungradable by our failure, with its hash; it is no zero."""
    dying(monkeypatch, tmp_path, 99, how)
    submissions = many(submit, 3)
    records = {r.student: r for r in grade_all(tiny, submissions, "none", 1)}
    assert len(records) == 3
    lost = records["s01"]
    assert (lost.status, lost.exercises, lost.max_score) == ("ungradable", (), 100.0)
    assert "our failure" in lost.reason
    assert lost.sha256 not in ("", records["s00"].sha256)
    assert (lost.tests_sha256, lost.seed_fingerprint) == (tiny.tests_sha256, tiny.seed_fingerprint)
    assert len(list(tmp_path.iterdir())) == 2
    assert records["s02"].score == 100.0
    capfd.readouterr()


def test_a_machine_failure_stops_the_run_with_its_words(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the sandbox cannot be had, nothing is recorded and the message is passed on."""

    def grade(self: Grader, submission: Submission) -> SubmissionRecord:
        raise SandboxError("sandbox=ns: no namespaces here")

    monkeypatch.setattr(Grader, "grade", grade)
    with pytest.raises(GraderError, match="no namespaces here"):
        list(grade_all(tiny, many(submit, 2), "none", 2))


def test_workers_that_keep_dying_stop_the_run(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """A grader that dies on everything ends, with a record of failure for each or an error, and not in a loop."""
    monkeypatch.setattr(Grader, "grade", lambda self, submission: kill())
    records = list(grade_all(tiny, many(submit, 3), "none", 2))
    assert {r.status for r in records} == {"ungradable"}
    assert len(records) == 3


def test_a_worker_gets_more_only_when_its_record_was_taken(tiny: Material, submit: Submit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The consumer has each record in hand before that worker's next submission begins, so that a record written is never lost."""
    real = Grader.grade

    def grade(self: Grader, submission: Submission) -> SubmissionRecord:
        (tmp_path / submission.student).touch()
        return real(self, submission)

    monkeypatch.setattr(Grader, "grade", grade)
    for taken, _ in enumerate(grade_all(tiny, many(submit, 3), "none", 1), 1):
        assert len(list(tmp_path.iterdir())) == taken


def test_stopping_early_ends_all_workers(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the consumer stops, the workers and their children end, without being waited for in vain."""
    waited = []
    real = pool._Worker.stop

    def stop(self: object) -> None:
        real(self)  # type: ignore[arg-type]
        waited.append(self.process.exitcode)  # type: ignore[attr-defined]

    monkeypatch.setattr(pool._Worker, "stop", stop)
    run = grade_all(tiny, many(submit, 6), "none", 3)
    list(run)
    assert waited == [0, 0, 0]  # each ended by itself: none had to be killed


def test_with_the_real_zygote(tiny: Material, submit: Submit, monkeypatch: pytest.MonkeyPatch, forking: ForkingZygote) -> None:
    """The same through a zygote of its own process, without confinement: right, wrong and stub."""
    monkeypatch.undo()
    records = list(grade_all(tiny, [submit(student="a"), submit({"scale": "def scale(x, k): return k + x"}, student="b"), submit(student="c", stub=True)], "none", 1))
    assert scores(records) == {"a": 100.0, "b": 60.0, "c": 0.0}
    assert forking.pids == []


def test_a_submission_is_read_when_it_is_handed_out(tiny: Material, tiny_notebook: Callable[..., bytes]) -> None:
    """Never more are read than recorded and in the hands of workers, so that memory does not grow with the class; each is read once."""
    reads = []

    class Text:
        """A notebook that notes that it is read."""

        def read(self) -> bytes:
            """Return its bytes."""
            reads.append(1)
            return tiny_notebook()

    run = grade_all(tiny, [Submission(f"s{i}", None, Text()) for i in range(8)], "none", 2)
    assert max(len(reads) - taken for taken, _ in enumerate(run, 1)) <= 2
    assert len(reads) == 8


def test_what_is_graded_is_what_is_hashed(tiny: Material, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """A notebook that changes while it is graded is graded, hashed and after a worker's death graded again as it was when it was handed out."""
    path = tmp_path / "s01.ipynb"
    path.write_bytes(tiny_notebook())
    (tmp_path / "marks").mkdir()
    dying(monkeypatch, tmp_path / "marks", 1, lambda: (path.write_bytes(b"changed"), kill()))
    (record,) = grade_all(tiny, [Submission("s01", path, File(path))], "none", 1)
    assert (record.score, record.sha256) == (100.0, hashlib.sha256(tiny_notebook()).hexdigest())
    assert path.read_bytes() == b"changed"


def test_a_notebook_that_cannot_be_read_any_more_costs_itself_alone(tiny: Material, submit: Submit, tmp_path: Path) -> None:
    """It is ungradable, with the reason, and not zero."""
    lost = Submission("s1", None, File(tmp_path / "gone.ipynb"), shown="gone.ipynb")
    records = {r.student: r for r in grade_all(tiny, [submit(student="s0"), lost], "none", 1)}
    assert (records["s0"].score, records["s1"].status) == (100.0, "ungradable")
    assert records["s1"].reason == "gone.ipynb: it cannot be opened (No such file or directory)"
