"""The coordinator of a Dask cluster: hands notebooks to other machines and gets a record for each, whatever happens to them.

Dask carries and says who is there; which machine grades what is decided here, as on one machine.  A machine is given nothing
before its grader, tests, secret and packages were compared with this one's, and its records are compared again.
"""

from __future__ import annotations

import contextlib
import hashlib
import queue
import sys
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError
from functools import partial
from types import TracebackType
from typing import Any, Self, get_args

import msgspec

from autograder.errors import GraderError, UsageError
from autograder.feedback.safe import one_line
from autograder.grading import courier
from autograder.grading.courier import Order, Outcome, Standing
from autograder.grading.material import Material
from autograder.grading.pool import ATTEMPTS, given_up
from autograder.grading.worker import shown_path
from autograder.records import SubmissionRecord
from autograder.sandbox import Level
from autograder.submissions.collect import Submission

PATIENCE = 300.0  # seconds without any machine after which a run ends; what is recorded stays
_LOSSES = 3  # machines lost with a submission in hand before it is given up
_CONNECT_SECONDS, _FETCH_SECONDS, _LOOK_SECONDS = 15.0, 10.0, 1.0
_GONE = (OSError, TimeoutError)
_AHEAD = 1  # submissions that wait at a machine, so that its threads do not wait for us


class _Task(msgspec.Struct):
    """A submission, its bytes once they are handed out, and what was lost on it."""

    submission: Submission
    deaths: int = 0
    losses: int = 0


class _Machine(msgspec.Struct):
    """A Dask worker that may grade."""

    address: str
    threads: int
    level: Level
    given: set[str] = msgspec.field(default_factory=set)

    @property
    def room(self) -> int:
        """How many more submissions it may be given now."""
        return self.threads + _AHEAD - len(self.given)


class _Given(msgspec.Struct):
    """A task at a machine."""

    task: _Task
    machine: _Machine
    future: Any


def _warn(text: str) -> None:
    print(text, file=sys.stderr)


class Cluster:
    """The machines of a Dask cluster that grade a unit as this one would.

    Args:
        material: the unit; its hidden tests are not loaded here.
        wanted: sandbox level; by default each machine's best.
        address: of the scheduler, such as ``tcp://10.0.0.1:8786`` or ``tls://…``.
        patience: seconds to wait for a machine when there is none.
        warn: told of machines that are refused or lost.

    Raises:
        UsageError: distributed is not installed, or there is no scheduler at the address.
        GraderError: no machine of the cluster can grade; the message says why for each.
    """

    def __init__(self, material: Material, wanted: Level | None, address: str, *, patience: float = PATIENCE, warn: Callable[[str], None] = _warn) -> None:
        self._material, self._wanted, self._address, self._patience, self._warn = material, wanted, address, patience, warn
        self._own = courier.standing(material.course, material.name)
        self._machines: dict[str, _Machine] = {}
        self._refused: dict[str, str] = {}
        self._waiting: deque[_Task] = deque()
        self._given: dict[str, _Given] = {}
        self._ready: deque[SubmissionRecord] = deque()
        self._done: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._looked = -_LOOK_SECONDS
        self._client = _connect(address)
        try:
            self._wait_for_machines()
        except BaseException:
            self.close()
            raise

    @property
    def jobs(self) -> int:
        """Submissions that are graded at the same time."""
        return sum(machine.threads for machine in self._machines.values())

    @property
    def level(self) -> str:
        """The sandbox levels of the machines, the strongest first."""
        found = {machine.level for machine in self._machines.values()}
        return ", ".join(level for level in get_args(Level) if level in found)

    def close(self) -> None:
        """Take back what is not graded yet, and leave the cluster."""
        with contextlib.suppress(Exception):  # the scheduler may be gone
            self._client.cancel([given.future for given in self._given.values()])
        self._given.clear()
        self._client.close()

    def __enter__(self) -> Self:
        """Return the cluster."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the cluster."""
        self.close()

    # ------------------------------------------------------------------ grading
    def grade(self, submissions: Iterable[Submission]) -> Iterator[SubmissionRecord]:
        """Yield one record for every submission, in the order they are done.

        A submission is read when it is given to a machine, and each machine holds one more than it has threads: memory does
        not grow with the class.

        Raises:
            GraderError: the scheduler is gone, or no machine is left that can grade.
        """
        self._waiting.extend(_Task(submission) for submission in submissions)
        while self._waiting or self._given or self._ready:
            while self._ready:
                yield self._ready.popleft()
            self._look()
            self._hand_out()
            with contextlib.suppress(queue.Empty):
                self._take(self._done.get(timeout=_LOOK_SECONDS))

    def _hand_out(self) -> None:
        while self._waiting:
            if not self._machines:
                self._wait_for_machines()
            machine = max(self._machines.values(), key=lambda m: m.room)
            if machine.room <= 0:
                return
            self._give(self._waiting.popleft(), machine)

    def _give(self, task: _Task, machine: _Machine) -> None:
        task.submission = one = task.submission.loaded()
        order = msgspec.msgpack.encode(Order(self._material.name, machine.level, one.student, one.data, one.problem))
        key = f"autograder-{uuid.uuid4().hex}"
        submit = partial(self._client.submit, key=key, workers=[machine.address], allow_other_workers=False, pure=False, retries=0)
        future = self._asked(lambda: submit(courier.carry, order))
        machine.given.add(key)
        self._given[key] = _Given(task, machine, future)
        future.add_done_callback(self._done.put)

    def _take(self, future: Any) -> None:
        """Take the answer of a machine; a task that was taken back meanwhile is passed over, so that each is recorded once."""
        given = self._given.pop(future.key, None)
        if given is None:
            return
        task, machine = given.task, given.machine
        machine.given.discard(future.key)
        try:
            outcome = msgspec.msgpack.decode(future.result(timeout=_FETCH_SECONDS), type=Outcome)
        except (*_GONE, CancelledError):  # the machine, and its answer with it
            task.losses += 1
            self._again(task, machine)
            return
        except Exception as error:  # whatever a machine with other software raises
            outcome = Outcome("failed", text=one_line(f"{type(error).__name__}: {error}", 300))
        if outcome.kind == "record" and outcome.record is not None:
            if self._is_ours(outcome.record, task.submission, machine):
                self._ready.append(msgspec.structs.replace(outcome.record, path=shown_path(task.submission.path)))
                return
            outcome = Outcome("failed", text="its record is not of this notebook with these tests and this secret; they have changed there")
        if outcome.kind == "failed":
            self._refuse(machine.address, outcome.text)
        else:
            self._warn(f"worker={machine.address}: a grading process failed on a submission: {one_line(outcome.text, 300)}")
            task.deaths += 1
        self._again(task, machine)

    def _is_ours(self, record: SubmissionRecord, submission: Submission, machine: _Machine) -> bool:
        own = self._own
        wanted = (self._material.name, submission.student, hashlib.sha256(submission.data or b"").hexdigest(), machine.level)
        made = (record.grader_version, record.tests_sha256, record.seed_fingerprint)
        return (record.unit, record.student, record.sha256, record.sandbox) == wanted and made == (
            own.grader_version, own.tests_sha256, own.seed_fingerprint
        )  # fmt: skip

    def _again(self, task: _Task, machine: _Machine) -> None:
        """Put a task at the head of the queue; give it up when it was lost too often."""
        if task.deaths >= ATTEMPTS or task.losses >= _LOSSES:
            self._ready.append(given_up(self._material, task.submission, machine.level))
        else:
            self._waiting.appendleft(task)

    # ------------------------------------------------------------------ machines
    def _look(self) -> None:
        """See which machines have come and gone, at most once a second."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        threads: dict[str, int] = self._asked(self._client.nthreads)
        self._looked = time.monotonic()
        for address in self._machines.keys() - threads.keys():
            self._warn(f"worker={address}: lost; the {len(self._machines[address].given)} submissions it had are graded elsewhere")
            self._part_with(address, losses=1)
        self._meet({address: count for address, count in threads.items() if address not in self._machines and address not in self._refused})

    def _refuse(self, address: str, reason: str) -> None:
        """Give a machine nothing, or nothing any more."""
        self._refused[address] = reason
        self._warn(f"worker={address}: refused: {reason}")
        if address in self._machines:
            self._part_with(address, losses=0)

    def _part_with(self, address: str, losses: int) -> None:
        """Take back what a machine was given."""
        machine = self._machines.pop(address)
        for key in machine.given:
            given = self._given.pop(key)
            with contextlib.suppress(Exception):  # a worker that is gone cannot be told
                given.future.cancel()
            given.task.losses += losses
            self._again(given.task, machine)

    def _meet(self, threads: dict[str, int]) -> None:
        """Compare new machines with this one; take them in or refuse them."""
        if not threads:
            return
        run = self._client.run
        answers = self._asked(lambda: run(courier.describe, self._material.name, self._wanted, workers=list(threads), on_error="return"))
        for address, answer in answers.items():
            reason, level = self._judged(answer)
            if level is None:
                self._refuse(address, reason)
            else:
                self._machines[address] = _Machine(address, threads[address], level)

    def _judged(self, answer: object) -> tuple[str, Level | None]:
        """Return why a machine is refused, or its sandbox level."""
        if isinstance(answer, BaseException):
            if isinstance(answer, OSError):
                return f"it does not answer ({one_line(str(answer), 200)})", None
            return f"it has no autograder {self._own.grader_version} with the cluster's parts ({type(answer).__name__}: {one_line(str(answer), 200)})", None
        try:
            found = msgspec.msgpack.decode(answer if isinstance(answer, bytes) else b"", type=Standing)
        except msgspec.MsgspecError:
            return "it has another version of autograder; install the same on both", None
        reason = found.problem or self._own.differs(found)
        return reason, None if reason else found.level

    def _wait_for_machines(self) -> None:
        """Return when there is a machine that can grade."""
        deadline, told = time.monotonic() + self._patience, False
        while not self._machines:
            self._looked = -_LOOK_SECONDS
            self._look()
            if self._machines:
                return
            if self._refused and self._refused.keys() >= self._asked(self._client.nthreads).keys():
                reasons = "".join(f"\n  worker={address}: {reason}" for address, reason in self._refused.items())
                raise GraderError(f"scheduler={self._address}: no worker of this cluster can grade {self._material.name}:{reasons}")
            if time.monotonic() > deadline:
                raise GraderError(f"scheduler={self._address}: no worker came within {self._patience:g} s; start workers and run the same command again")
            if not told:
                self._warn(f"scheduler={self._address}: no worker yet; waiting up to {self._patience:g} s")
                told = True
            time.sleep(_LOOK_SECONDS)

    def _asked(self, question: Callable[[], Any]) -> Any:
        """Return what the scheduler answers; raises ``GraderError`` when it is gone."""
        try:
            return question()
        except (*_GONE, CancelledError, RuntimeError) as error:
            raise GraderError(f"scheduler={self._address}: lost ({type(error).__name__}: {one_line(str(error), 200)}); records so far are kept, run the same command again") from error


def _connect(address: str) -> Any:
    """Return a Dask client."""
    try:
        import distributed
    except ModuleNotFoundError as error:
        raise UsageError(f"--scheduler needs Dask, and the module {error.name} is missing; install it with: pip install 'autograder[cluster]'") from error
    security = distributed.Security()
    arguments = security.get_connection_args("client")
    if address.startswith("tls://") and arguments.get("ssl_context") is None:
        names = ", ".join(f"DASK_DISTRIBUTED__COMM__TLS__{name}" for name in ("CA_FILE", "CLIENT__CERT", "CLIENT__KEY"))
        raise UsageError(f"scheduler={address!r}: tls needs certificates; name their files in {names}")
    try:
        return distributed.Client(address, timeout=_CONNECT_SECONDS, security=security, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError) as error:
        raise UsageError(f"scheduler={address!r}: no Dask scheduler answers there ({one_line(str(error), 200)}); expected an address such as tcp://10.0.0.1:8786") from error

