"""The grading daemon: takes queued notebooks in turn, has workers grade them, records each once and tells who listens."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection
from pathlib import Path

import msgspec

from autograder.course import Course
from autograder.errors import AutograderError
from autograder.feedback.safe import one_line
from autograder.grading.messages import Answer, Earlier, Orders, Task
from autograder.records import ATTEMPTS, GIVEN_UP, SubmissionRecord
from autograder.sandbox import Level
from autograder.serve import queue, say
from autograder.serve.attempts import Standing, after, limits
from autograder.serve.catchup import catch_up
from autograder.serve.config import Server, Settings, publish
from autograder.serve.crew import Worker, WorkerDied
from autograder.serve.jobs import Pushed, read_job
from autograder.serve.ledger import Ledger, PushRecord
from autograder.serve.listeners import Listener, Listeners, bind
from autograder.serve.turns import Job, Turns
from autograder.submissions.files import Problem

SWEEP_SECONDS = 5.0  # between looks at all folders, for hooks that did not reach the socket
_KEPT = 2000
_FILES = 16_384
Log = Callable[[str], None]


class Daemon:
    """Grades what lies in a server's queue until it is stopped.

    Args:
        server: its folder.
        level: sandbox level.
        jobs: number of workers.
        log: gets a line per grade and per problem.

    Raises:
        UsageError: the settings are wrong, or another daemon serves the folder.
    """

    def __init__(self, server: Server, *, level: Level, jobs: int, log: Log) -> None:
        self._server, self._log = server, log
        self._settings: Settings = server.settings()
        self._course = Course.find(Path(self._settings.course))
        self._rules = {unit: limits(self._course.unit(unit), self._settings.attempts) for unit in self._settings.units}
        self._ledger = Ledger(server.results)
        publish(server, self._settings, self._course)
        self._turns, self._known = Turns(), dict[str, str]()  # the student of each job in the queue
        self._deaths: defaultdict[str, int] = defaultdict(int)
        self._cold: dict[str, float] = {}  # units that failed, with the time until which they are left alone
        self._told: OrderedDict[tuple[str, str], list[str]] = OrderedDict()  # what was said of the last jobs
        self._news = asyncio.Event()
        self._workers = [self._worker(level, number) for number in range(jobs)]
        self._listeners = Listeners(server, self)

    def _worker(self, level: Level, number: int) -> Worker:
        orders = Orders(str(self._course.root), self._settings.units, level, number)
        return Worker(orders, lambda unit: self._log(f"worker {number + 1} is ready for {unit}"))

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until a signal asks to stop; what is not graded by then stays in the queue.

        Args:
            ready: called when pushes are answered.
        """
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, _FILES), most))  # a connection per waiting push
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        try:
            await catch_up(self._server, self._settings.branch)
            self._sweep()
            listening = bind(self._server)
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(self._work(worker)) for worker in self._workers]
                tasks += [group.create_task(self._keep_sweeping()), group.create_task(self._listeners.serve(listening))]
                ready()
                await stop.wait()
                for task in tasks:
                    task.cancel()
        except* AutograderError as failures:
            raise failures.exceptions[0] from None
        finally:
            await asyncio.gather(*(worker.stop() for worker in self._workers))
            self._ledger.close()

    # ------------------------------------------------------------------ the queue
    def notice(self, student: str) -> None:
        """Take up what lies in a student's folder."""
        for job in queue.waiting(self._server, student):
            if self._ledger.holds(student, job.id):  # recorded just before a crash
                queue.remove(self._server, job)
            elif job.id not in self._known and (student, job.id) not in self._told:  # a dropped one may not go away
                self._known[job.id] = student
                self._turns.add(job)
                self._news.set()

    def _sweep(self) -> None:
        for student in self._server.students():
            queue.tidy(self._server, student, time.time())
            self.notice(student)

    async def _keep_sweeping(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            self._sweep()

    async def _work(self, worker: Worker) -> None:
        while True:
            if (job := self._turns.take()) is not None:
                await self._try(worker, job)
            elif cold := next((u for u in self._settings.units if u not in worker.warm and self._cold.get(u, 0.0) < time.monotonic()), None):
                await self._warm(worker, cold)
            else:
                self._news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), self._settings.retry_seconds)

    async def _warm(self, worker: Worker, unit: str) -> None:
        text = ""
        try:
            async for answer in worker.ask(Task(unit, warm=True)):
                text = answer.text
                if answer.kind == "warm":
                    return
        except WorkerDied as error:
            text = f"the worker died ({error})"
        self._cold[unit] = time.monotonic() + self._settings.retry_seconds
        self._log(f"worker {worker.orders.number + 1} cannot grade {unit}: {text or 'its tests have changed'}")

    # ------------------------------------------------------------------ one notebook
    async def _try(self, worker: Worker, job: Job) -> None:
        try:
            await self._grade(worker, job)
        except AutograderError:  # a record that cannot be written: nobody may be told a grade
            raise
        except Exception as error:  # one notebook's surprise must not stop the server
            if self._ledger.holds(job.student, job.id):
                self._close(job, ["Your push is graded and recorded, but cannot be shown; tell your instructor."])
            else:
                self._postpone(job, one_line(f"{type(error).__name__}: {error}"))

    async def _grade(self, worker: Worker, job: Job) -> None:
        """Grade a job to its end, or leave it in the queue."""
        try:
            pushed = read_job(self._server.spool(job.student) / f"{job.id}.job")
            job = queue.received(self._server, job)
            if pushed.unit not in self._settings.units:
                raise Problem(f"{one_line(pushed.unit, 60)} is not graded here")
        except Problem as problem:
            self._log(f"{job.student}: dropped {job.id[:8]}: {one_line(str(problem))}")
            self._close(job, [f"This push was not understood: {one_line(str(problem))}."])
            return
        self._listeners.tell(job.student, job.id, [f"{pushed.unit}: grading …"])
        earlier = self._ledger.counted(job.student, pushed.unit)
        problem_ = GIVEN_UP if self._deaths[job.id] >= ATTEMPTS else pushed.problem
        known = Earlier(earlier, earlier.standing.cells) if earlier is not None else None
        task = Task(pushed.unit, job.student, None if problem_ else pushed.data, problem_, known)
        try:
            async for answer in worker.ask(task):
                if answer.kind == "part":
                    assert answer.record is not None
                    self._listeners.tell(job.student, job.id, self._lines(pushed.commit, answer.record, self._standing(earlier, answer), earlier, None, part=True))
                elif answer.kind == "record":
                    self._record(job, pushed, answer, earlier)
                    return
                elif answer.kind == "failed":
                    self._postpone(job, answer.text)
                    return
                elif answer.kind == "surprise":
                    self._again(job, answer.text)
                    return
        except WorkerDied as error:
            self._again(job, f"a worker died ({error})")
            return
        self._turns.back(job)  # the unit's tests have changed: the next worker knows them

    def _again(self, job: Job, why: str) -> None:
        self._log(f"{job.student}: {why}; the notebook is graded again")
        self._deaths[job.id] += 1
        self._turns.back(job)
        self._news.set()

    def _postpone(self, job: Job, why: str) -> None:
        """Try again later; the student's other notebooks wait too, so that they are recorded in order."""
        self._log(f"{job.student}: not graded: {why}; tried again in {self._settings.retry_seconds:g} s")
        self._listeners.tell(job.student, job.id, ["The grader's machine has a problem. Your push is stored and queued: the grade will follow."], end=True)

        def again() -> None:
            self._turns.back(job)
            self._news.set()

        asyncio.get_running_loop().call_later(self._settings.retry_seconds, again)

    def _record(self, job: Job, pushed: Pushed, answer: Answer, earlier: PushRecord | None) -> None:
        assert answer.record is not None
        standing = self._standing(earlier, answer)
        base = msgspec.structs.replace(answer.record, path=one_line(f"{pushed.commit[:12]}:{pushed.path}", 300))
        fields = {name: getattr(base, name) for name in SubmissionRecord.__struct_fields__}
        record = PushRecord(**fields, job=job.id, commit=pushed.commit, ref=one_line(pushed.ref), received_at=job.received, standing=standing)
        self._ledger.append(record)
        took = time.time() - job.received
        changed = None if earlier is None else {i for i, digest in answer.cells.items() if earlier.standing.cells.get(i) != digest}
        if changed is not None:
            changed |= {i for i, outcome in standing.outcomes.items() if earlier is not None and earlier.standing.outcomes.get(i) != outcome}
        self._close(job, self._lines(pushed.commit, record, standing, earlier, changed, took=took))
        shown = f"{record.score:g}" if record.status == "graded" else "ungradable"
        self._log(f"{job.student} {pushed.unit} {pushed.commit[:10]}: {shown}, {took:.1f} s after the push")

    def _standing(self, earlier: PushRecord | None, answer: Answer) -> Standing:
        assert answer.record is not None
        before = earlier.standing if earlier is not None else Standing()
        return after(before, answer.record, answer.cells, self._rules[answer.record.unit], time.time())

    def _lines(
        self, commit: str, record: SubmissionRecord, standing: Standing, earlier: PushRecord | None, changed: Collection[str] | None, *, took: float | None = None, part: bool = False
    ) -> list[str]:  # fmt: skip
        now = time.time()
        if earlier is not None:
            hidden = earlier.standing.withheld(now)
            earlier = msgspec.structs.replace(earlier, exercises=tuple(e for e in earlier.exercises if e.id not in hidden))
        return say.result(record, commit, earlier=earlier, withheld=standing.withheld(now), changed=changed, took=took, part=part)

    def _close(self, job: Job, lines: list[str]) -> None:
        queue.remove(self._server, job)
        self._known.pop(job.id, None)
        self._deaths.pop(job.id, None)
        self._turns.done(job)
        self._news.set()
        self._told[job.student, job.id] = lines
        if len(self._told) > _KEPT:
            self._told.popitem(last=False)
        self._listeners.tell(job.student, job.id, lines, end=True)

    # ------------------------------------------------------------------ who listens
    def watch(self, student: str, id_: str, listener: Listener) -> None:
        """Let a listener hear at once what is known of a student's job."""
        if (student, id_) in self._told:
            listener.hear(id_, self._told[student, id_], end=True)
        elif self._ledger.holds(student, id_):
            listener.hear(id_, self.grades(student), end=True)
        elif self._known.get(id_) != student:
            listener.hear(id_, ["This push is not in the queue."], end=True)
        elif ahead := self._turns.ahead(student, id_):
            listener.hear(id_, [f"queued; {ahead} before it"])

    def ahead(self, student: str, id_: str) -> int | None:
        """Return how many are graded before a student's job that waits."""
        return self._turns.ahead(student, id_)

    def grades(self, student: str) -> list[str]:
        """Return the lines that tell a student's latest grades, as far as they are shown by now."""
        lines: list[str] = []
        for unit in self._settings.units:
            counted, latest = self._ledger.counted(student, unit), self._ledger.latest(student, unit)
            if counted is None or latest is None:
                continue
            lines += [*([""] if lines else []), *say.result(counted, counted.commit, withheld=counted.standing.withheld(time.time()))]
            if latest.job != counted.job:
                lines += ["", *self._lines(latest.commit, latest, latest.standing, counted, None)]
        return lines or ["Nothing of yours is graded yet."]

    def status(self) -> list[str]:
        """Return the lines of ``autograder serve status``."""
        running = len(self._known) - len(self._turns)
        ready = ", ".join(f"{sum(unit in w.warm for w in self._workers)} for {unit}" for unit in self._settings.units)
        return [
            f"running; {len(self._turns)} wait, {running} being graded, {len(self._ledger)} recorded",
            f"workers: {len(self._workers)}; ready: {ready}",
        ]
