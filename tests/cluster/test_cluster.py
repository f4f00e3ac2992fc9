"""Grading on several machines: a real scheduler and real workers, each a process of its own, one of them killed."""

from __future__ import annotations

import re
import time
from pathlib import Path

import msgspec
import pytest

from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.grading import cluster as cluster_module
from autograder.grading.cluster import Cluster
from autograder.grading.journal import NAME
from autograder.grading.material import Material
from autograder.grading.run import grade
from autograder.records import SubmissionRecord
from autograder.sandbox import choose_level
from tests.conftest import TINY

from .conftest import COUNT, Run
from .machines import Machines

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'autograder[cluster]'")


def lasting(record: SubmissionRecord) -> SubmissionRecord:
    """Return a record without what two gradings of the same may differ in: times."""
    exercises = tuple(
        msgspec.structs.replace(e, tests=tuple(msgspec.structs.replace(t, seconds=0.0) for t in e.tests)) for e in record.exercises
    )
    return msgspec.structs.replace(record, seconds=0.0, cpu_seconds=0.0, started_at="", exercises=exercises)


def test_no_worker_is_said(nobody: str) -> None:
    """A cluster to which no worker comes ends the run with what to do."""
    assert "no worker came within 0.2 s" in nobody
    assert "start workers" in nobody


def test_records_are_those_of_one_machine(run: Run, alone: tuple[SubmissionRecord, ...]) -> None:
    """Scores, messages, examples, hashes and paths are the same to the letter, although a worker died."""
    assert [lasting(r) for r in run.records] == [lasting(r) for r in alone]
    assert len({r.score for r in run.records}) > 2


def test_each_submission_is_recorded_once(run: Run, folder: Path) -> None:
    """What the lost worker had is graded elsewhere, and nothing twice."""
    assert len(run.told) == len(set(run.told)) == COUNT
    assert len((folder / "out" / NAME).read_bytes().splitlines()) == COUNT


def test_the_lost_worker_is_named(run: Run) -> None:
    """The instructor reads which worker was lost."""
    assert f"worker={run.lost}: lost" in run.said


def test_a_killed_worker_leaves_no_process(run: Run) -> None:
    """Its grading processes, zygotes and children end with it."""
    assert len(run.killed) >= 3
    deadline = time.monotonic() + 10
    while any(_runs(pid) for pid in run.killed) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert [pid for pid in run.killed if _runs(pid)] == []


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_plan_counts_the_machines_that_may_grade(run: Run) -> None:
    """Two workers with a thread each, at the best sandbox level, which every record carries."""
    assert (run.plan.jobs, run.plan.level) == (2, choose_level(None))
    assert {r.sandbox for r in run.records} == {choose_level(None)}


@pytest.mark.parametrize(
    ("name", "reason"),
    [("stale", "it has tests with hash .*same commit"), ("careless", "it has no secret; copy .autograder/secret"), ("older", "it has version 0.0.1, .*install the same")],
)
def test_a_worker_that_would_grade_otherwise_is_refused(run: Run, cluster: Machines, name: str, reason: str) -> None:
    """Other tests, no secret or another grader: the message names the worker, the difference and what to do."""
    (line,) = [line for line in run.said.splitlines() if cluster.address_of(name) in line]
    assert re.search(f"refused: {reason}", line), line


def test_the_level_asked_for_is_that_of_every_record(run: Run, cluster: Machines, home: Course, submitted: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """--sandbox holds on every machine."""
    done = grade(home, TINY, [submitted / "student00000.ipynb", submitted / "student00001.ipynb"], tmp_path, scheduler=cluster.address, sandbox="none")
    assert [r.sandbox for r in done.records] == ["none", "none"]
    capfd.readouterr()


def test_without_any_right_worker_nothing_is_graded(run: Run, cluster: Machines, home: Course, submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When all are refused, here because the coordinator has another secret, the error lists each with its reason and no record is made."""
    monkeypatch.setenv("AUTOGRADER_SECRET", "another")
    monkeypatch.setattr(cluster_module, "_warn", lambda _: None)
    with pytest.raises(GraderError, match="no worker of this cluster can grade") as caught:
        grade(home, TINY, [submitted], tmp_path / "out", scheduler=cluster.address)
    assert str(caught.value).count("worker=tcp://") == 4
    assert "secret with fingerprint" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_an_address_without_a_scheduler_is_wrong_use(home: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has the address and what is expected."""
    monkeypatch.setattr(cluster_module, "_CONNECT_SECONDS", 0.3)
    for address in ("tcp://127.0.0.1:9", "nonsense"):
        with pytest.raises(UsageError, match=f"scheduler='{address}': no Dask scheduler.*such as tcp://"):
            Cluster(Material(home, TINY), None, address)
    with pytest.raises(UsageError, match="tls needs certificates.*TLS__CA_FILE"):
        Cluster(Material(home, TINY), None, "tls://127.0.0.1:9")


def test_jobs_are_of_one_machine(home: Course, submitted: Path, tmp_path: Path) -> None:
    """--jobs with --scheduler is wrong use."""
    with pytest.raises(UsageError, match="--jobs=3 is of one machine"):
        grade(home, TINY, [submitted], tmp_path, scheduler="tcp://127.0.0.1:9", jobs=3)


def test_nothing_stays_in_the_working_folder(run: Run, folder: Path) -> None:
    """Workers leave no file in their checkouts but the private cache."""
    assert {p.name for p in (folder / "right" / ".autograder").iterdir()} <= {"secret", "examples"}
