"""Tests of the coordinator alone: Dask's scheduler and workers run in this process, and what a machine answers is chosen."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator

import msgspec
import pytest

from autograder.errors import GraderError
from autograder.grading import courier
from autograder.grading.cluster import Cluster, _Machine, _Task
from autograder.grading.courier import Order, Outcome
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.submissions.collect import Submission
from tests.conftest import TINY

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'autograder[cluster]'")
Answer = Callable[[Order, str], Outcome]


class Text:
    """A notebook that counts how often it is read."""

    reads = 0

    def read(self) -> bytes:
        """Return its bytes."""
        Text.reads += 1
        return b"notebook"


@pytest.fixture(scope="module")
def local() -> Iterator[str]:
    """A scheduler with two workers of one thread."""
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=False, dashboard_address="127.0.0.1:0", protocol="tcp", host="127.0.0.1") as made:
        yield made.scheduler_address


@pytest.fixture
def cluster(local: str, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    """A coordinator that has met both workers; ``warnings`` has what it said."""
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tiny.course.root))
    said: list[str] = []
    with Cluster(tiny, "none", local, patience=5.0, warn=said.append) as made:
        made.warnings = said  # type: ignore[attr-defined]
        yield made


def answering(monkeypatch: pytest.MonkeyPatch, answer: Answer) -> list[Order]:
    """Let machines answer with this; return the orders they get."""
    orders: list[Order] = []

    def grade(order: Order) -> Outcome:
        orders.append(order)
        return answer(order, distributed.get_worker().address)

    monkeypatch.setattr(courier._nodes, "grade", grade)
    return orders


def right(material: Material, order: Order, **changes: str) -> Outcome:
    """Return a record of an order."""
    record = SubmissionRecord(
        TINY, order.student, "", hashlib.sha256(order.data or b"").hexdigest(), "graded", 7.0, 100.0, sandbox=order.level,
        grader_version=courier.__version__, tests_sha256=material.tests_sha256, seed_fingerprint=material.seed_fingerprint,
    )  # fmt: skip
    return Outcome("record", msgspec.structs.replace(record, **changes))


def some(count: int) -> list[Submission]:
    """Return submissions s0, s1, …"""
    Text.reads = 0
    return [Submission(f"s{i}", None, Text()) for i in range(count)]


def test_a_submission_that_kills_grading_processes_is_our_failure(cluster: Cluster, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """After two deaths it is recorded as ungradable by our failure, with its hash; the others are graded, and no machine is refused for it."""
    orders = answering(monkeypatch, lambda order, _: Outcome("died", text="signal 9") if order.student == "s1" else right(tiny, order))
    records = {r.student: r for r in cluster.grade(some(4))}
    assert {s: r.status for s, r in records.items()} == {"s0": "graded", "s1": "ungradable", "s2": "graded", "s3": "graded"}
    assert "our failure" in records["s1"].reason
    assert records["s1"].sha256 == records["s0"].sha256 == hashlib.sha256(b"notebook").hexdigest()
    assert [o.student for o in orders].count("s1") == 2
    assert cluster.jobs == 2


@pytest.mark.parametrize("bad", ["failed", "other tests", "other notebook", "raises"])
def test_a_machine_that_fails_is_given_nothing_more(cluster: Cluster, tiny: Material, monkeypatch: pytest.MonkeyPatch, bad: str) -> None:
    """A machine that cannot grade, or whose record is not of what it was given, is refused; its submissions are graded by the other."""
    first = next(iter(cluster._machines))

    def answer(order: Order, address: str) -> Outcome:
        if address != first:
            return right(tiny, order)
        if bad == "raises":
            raise RuntimeError("no space left")
        return {
            "failed": lambda: Outcome("failed", text="sandbox=ns: no namespaces"),
            "other tests": lambda: right(tiny, order, tests_sha256="other"),
            "other notebook": lambda: right(tiny, order, sha256="other"),
        }[bad]()

    orders = answering(monkeypatch, answer)
    records = list(cluster.grade(some(8)))
    assert sorted(r.student for r in records) == [f"s{i}" for i in range(8)]
    assert {r.score for r in records} == {7.0}
    assert len(orders) <= 8 + 2
    (said,) = cluster.warnings  # type: ignore[attr-defined]
    assert said.startswith(f"worker={first}: refused: ")
    assert cluster.jobs == 1


def test_when_all_machines_fail_the_run_ends_with_their_words(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is recorded for submissions that nobody could grade."""
    answering(monkeypatch, lambda order, _: Outcome("failed", text="the disk is full"))
    with pytest.raises(GraderError, match="(?s)no worker of this cluster can grade.*the disk is full.*the disk is full"):
        list(cluster.grade(some(3)))


def test_memory_does_not_grow_with_the_class(cluster: Cluster, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more submissions are read and not recorded than the machines hold: one per thread and one waiting at each."""
    answering(monkeypatch, lambda order, _: right(tiny, order))
    ahead = [Text.reads - taken for taken, _ in enumerate(cluster.grade(some(40)), 1)]
    assert max(ahead) <= 2 * (1 + 1)
    assert Text.reads == 40
    assert not cluster._given


def test_stopping_takes_back_what_is_not_graded(cluster: Cluster, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """After Ctrl-C machines get nothing more."""
    orders = answering(monkeypatch, lambda order, _: right(tiny, order))
    run = cluster.grade(some(30))
    next(run)
    run.close()  # type: ignore[attr-defined]
    cluster.close()
    assert len(orders) <= 6


def test_neither_secret_nor_tests_travel(cluster: Cluster, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """An order holds the notebook, the student's name, the unit and the level, and nothing of the course."""
    orders = answering(monkeypatch, lambda order, _: right(tiny, order))
    list(cluster.grade(some(1)))
    assert orders == [Order(TINY, "none", "s0", b"notebook", "")]
    assert tiny.course.secret() not in msgspec.msgpack.encode(orders[0])


def test_a_submission_with_which_machines_are_lost_is_given_up(cluster: Cluster) -> None:
    """Two lost machines may be chance; at the third the submission is recorded as our failure, and the run goes on."""
    machine = _Machine("tcp://gone", 1, "none")
    for losses, waits in ((2, True), (3, False)):
        cluster._waiting.clear()
        cluster._again(_Task(some(1)[0], losses=losses), machine)
        assert bool(cluster._waiting) is waits
    assert [r.status for r in cluster._ready] == ["ungradable"]


def test_threads_end_with_the_cluster(local: str, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaving a cluster leaves no thread of its client behind."""
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tiny.course.root))
    before = threading.active_count()
    with Cluster(tiny, "none", local):
        pass
    assert threading.active_count() <= before + 1
