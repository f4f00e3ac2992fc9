"""Grade one submission after the other: read, run, score; a record always comes out."""

from __future__ import annotations

import datetime
import hashlib
import os
import time
from collections.abc import Container, Sequence
from functools import partial
from pathlib import Path

import msgspec

from autograder import __version__
from autograder.channel.client import Handle, Student
from autograder.channel.events import StudentError
from autograder.channel.transport import StudentDied, StudentTimeout
from autograder.errors import ProtocolError, SandboxError, Ungradable
from autograder.feedback.safe import clean
from autograder.grading.material import Material
from autograder.grading.score import exercise_record, total
from autograder.grading.session import Session
from autograder.grading.sessions import Sessions
from autograder.questions import answered, open_verdict, question_test
from autograder.records import NO_TIME, ExerciseRecord, SubmissionRecord, TestRecord
from autograder.runtimes import PACKAGES
from autograder.sandbox import Level, Profile, Zygote
from autograder.submissions.collect import Submission
from autograder.submissions.read import Cells, StudentCell, read_submission
from autograder.testing.forbidden import forbidden_uses, refused_tests
from autograder.testing.judge import Policy, judge
from autograder.unit import Exercise, Question, Runtime, Signature

_MAX_MESSAGES = 30


class Grader:
    """Grades submissions of one unit, one at a time, each in a confined child of its own.

    Args:
        material: the unit; its hidden tests may be loaded already, the zygote never sees them.
        level: sandbox level.
        slot: number of this grader on this machine.
    """

    def __init__(self, material: Material, level: Level, slot: int = 0) -> None:
        self.material, self.level, self.slot = material, level, slot
        self._zygotes: dict[Runtime, Zygote] = {}
        self.started = False  # whether a zygote has ever been started: whether this machine can grade at all
        unit = material.unit
        attempts = {"example": 40, "hint": 15, "none": 0}[unit.feedback]  # an example that is shown is worth more
        self._policy = Policy(feedback=unit.feedback, shrink_attempts=attempts, shrink_seconds=0.3, shrink_tests=min(attempts, 1))

    def zygote(self, runtime: Runtime) -> Zygote:
        """Return the warm zygote of a runtime, started when there is none."""
        if runtime not in self._zygotes:
            packages = PACKAGES[runtime]
            data = self.material.course.assignment(self.material.name) / "data"
            profile = Profile(packages=packages, data=data if data.is_dir() else None, preload=packages)
            self._zygotes[runtime] = self._start(profile)
            self.started = True
        return self._zygotes[runtime]

    def _start(self, profile: Profile) -> Zygote:
        try:
            return Zygote(self.level, profile, self.material.unit.limits, slot=self.slot)
        except SandboxError:  # one that the machine killed while it started; what does not work here fails again at once
            return Zygote(self.level, profile, self.material.unit.limits, slot=self.slot)

    def close(self) -> None:
        """End the zygotes."""
        while self._zygotes:
            self._zygotes.popitem()[1].close()

    def grade(self, submission: Submission, only: Container[str] | None = None) -> SubmissionRecord:
        """Return the record of one submission.

        What the machine did to it, such as killing its child or the zygote for want of memory, is not its student's fault:
        it is graded once more.

        Args:
            submission: what a student handed in.
            only: ids of exercises and questions to grade; all by default.

        Raises:
            SandboxError: the machine cannot run it; nothing is recorded then.
        """
        try:
            record, undisturbed = self._grade(submission, only)
        except SandboxError:
            if not self._zygotes:  # none could be started
                raise
            self.close()
            undisturbed = False
        return record if undisturbed else self._grade(submission, only)[0]

    def _grade(self, submission: Submission, only: Container[str] | None) -> tuple[SubmissionRecord, bool]:
        """Return a submission's record, and whether the machine left its children alone."""
        started, wall, cpu = datetime.datetime.now(datetime.UTC), time.perf_counter(), time.process_time()
        data, problem = submission.data or b"", submission.problem
        digest = hashlib.sha256(data).hexdigest()
        children = 0.0
        exercises: tuple[ExerciseRecord, ...] = ()
        messages: list[str] = []
        undisturbed = True
        try:
            if problem:
                raise Ungradable(problem)
            cells = read_submission(data, self.material.notebook)
            sessions = Sessions(self.material, self.zygote, cells.cells)
            try:
                exercises = tuple(self._exercises(sessions, cells, only))
                messages = _messages(sessions, cells)
            finally:
                sessions.close()
                children = sessions.cpu_seconds
                undisturbed = sessions.undisturbed
        except Ungradable as reason:
            problem = str(reason)
        record = self._record(
            submission, digest, problem, exercises, messages,
            seconds=time.perf_counter() - wall, cpu=time.process_time() - cpu + children, started=started,
        )  # fmt: skip
        return record, undisturbed

    def _record(
        self, submission: Submission, digest: str, problem: str, exercises: tuple[ExerciseRecord, ...], messages: Sequence[str],
        *, seconds: float, cpu: float, started: datetime.datetime,
    ) -> SubmissionRecord:  # fmt: skip
        return SubmissionRecord(
            unit=self.material.name,
            student=submission.student,
            path=shown_path(submission.path),
            sha256=digest,
            status="ungradable" if problem else "graded",
            score=total(exercises),
            max_score=self.material.unit.max_points,
            reason=clean(problem, 500),
            seconds=round(seconds, 4),
            cpu_seconds=round(cpu, 4),
            sandbox=self.level,
            grader_version=__version__,
            tests_sha256=self.material.tests_sha256,
            seed_fingerprint=self.material.seed_fingerprint,
            started_at=started.isoformat(timespec="seconds"),
            messages=tuple(clean(m, 500) for m in messages[:_MAX_MESSAGES]),
            exercises=exercises,
        )

    # ------------------------------------------------------------------ exercises
    def _exercises(self, sessions: Sessions, cells: Cells, only: Container[str] | None) -> list[ExerciseRecord]:
        records: list[ExerciseRecord] = []
        named: list[str] = []
        unit = self.material.unit
        asked = [q for q in unit.questions if only is None or q.id in only]
        answers = [exercise_record(q.id, q.title, q.points, [_question(q, sessions.of(unit.runtime).student())]) for q in asked]  # before code sees a hidden input
        for exercise in unit.exercises:
            if only is not None and exercise.id not in only:
                continue
            session = sessions.of(unit.runtime_of(exercise))
            blame, refused = _blame(exercise.id, session, cells), self._refused(exercise, session, cells)
            tests = judge(
                self.material.hidden, exercise.id, self._policy, session.student, suspects=tuple(named), blame=blame, refused=refused
            )
            named += [t.misconception for t in tests if t.misconception and t.misconception not in named]
            records.append(exercise_record(exercise.id, exercise.title, exercise.points, [_cleaned(t) for t in tests]))
        return [*records, *answers]

    def _refused(self, exercise: Exercise, session: Session, cells: Cells) -> dict[str, str]:
        """Return the tests that fail because a function uses what the exercise asks to do without, with what is said of them."""
        functions = [Signature.parse(text).name for text in exercise.functions]
        own = [session.names.get(cell.id, {}) for cell in cells.cells if cell.exercise == exercise.id]
        return refused_tests(self.material.hidden.of(exercise.id), functions, forbidden_uses(functions, exercise.forbidden, own))


def _blame(exercise: str, session: Session, cells: Cells) -> str:
    """Return why an exercise's functions may be missing: its cell is not there, or did not run to its end."""
    own = [cell for cell in cells.cells if cell.exercise == exercise]
    if not own:
        return "The cell of this exercise is missing from your notebook."
    problems = [f"Your cell {session.problems[cell.id]}" for cell in own if cell.id in session.problems]
    return problems[0] if problems else ""


def _question(question: Question, student: Student | None) -> TestRecord:
    id_, title = question.id, question.title
    if student is None:
        return question_test(id_, title, "not_run", NO_TIME)
    try:
        value = student.value(id_)
    except (StudentError, StudentTimeout, StudentDied, ProtocolError):
        return question_test(id_, title, "failed", f"The variable {id_} is not there or is no plain value.")
    if isinstance(value, Handle) and value._kind == "ellipsis":
        value = Ellipsis
    return _cleaned(answered(id_, title, question.kind, value, partial(open_verdict, question)))


def shown_path(path: Path | None) -> str:
    """Return a path relative to the working folder, or its last parts; a record names no folder of this machine."""
    if path is None:
        return ""
    try:
        text = str(Path(os.path.abspath(path)).relative_to(Path.cwd()))  # noqa: PTH100 - resolve() follows links, which are the student's
    except (ValueError, OSError):
        text = "/".join(path.parts[-3:])
    return clean(text, 300)


def _cleaned(test: TestRecord) -> TestRecord:
    return msgspec.structs.replace(test, message=clean(test.message, 1000), example=clean(test.example, 4000))


def _messages(sessions: Sessions, cells: Cells) -> list[str]:
    by_id: dict[str, StudentCell] = {cell.id: cell for cell in cells.cells}
    problems = [f"{by_id[id_].label} {problem}" for id_, problem in sessions.problems.items()]
    return [*cells.messages, *problems]
