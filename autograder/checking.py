"""The visible checks of an assignment folder: load them once, run one exercise's on a namespace, in this process."""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from autograder.channel.client import Student
from autograder.channel.codec import decode
from autograder.channel.events import StudentError
from autograder.channel.harness import load_cell
from autograder.channel.transport import StudentDied, StudentTimeout
from autograder.errors import ProtocolError, Ungradable, UsageError
from autograder.feedback.text import render_exercise_text
from autograder.grading.score import exercise_record
from autograder.questions import answered, verdict
from autograder.records import ExerciseRecord, TestRecord
from autograder.runtimes import warm_torch
from autograder.submissions.notebook import parse_notebook
from autograder.testing.cases import Case, load_cases
from autograder.testing.examples import Example
from autograder.testing.judge import Policy, Suite, judge
from autograder.testing.trace import Fingerprint
from autograder.unit import Signature

_POLICY = Policy(feedback="example", shrink_attempts=60, shrink_seconds=0.3, shrink_tests=2)
SHIPPED = 4  # examples of a test whose misconceived numbers come with an assignment
_SKIPPED = ("check", "demo", "milestone")


class PackedExplainer:
    """Names misconceptions by the numbers that came with the assignment."""

    known = SHIPPED

    def __init__(self, hints: Mapping[str, Mapping[str, str]], numbers: Mapping[str, Mapping[str, list[tuple[bytes, Any] | None]]]) -> None:
        self._hints, self._numbers = hints, numbers

    def hints(self, exercise: str) -> Mapping[str, str]:
        """Return the misconceptions of an exercise with their hints."""
        return self._hints.get(exercise, {})

    def fingerprint(self, misconception: str, case: Case, index: int, example: Example) -> Fingerprint | None:
        """Return the misconception's numbers on one example, or None when they did not come along."""
        known = self._numbers.get(case.name, {}).get(misconception, [])
        found = known[index] if index < len(known) else None
        return None if found is None else Fingerprint(*found)


class Checks:
    """The checks of one assignment.

    Args:
        folder: the assignment's ``checks`` folder.

    Raises:
        UsageError: files are missing or damaged.
    """

    def __init__(self, folder: Path) -> None:
        try:
            self.about: dict[str, Any] = json.loads((folder / "unit.json").read_text("utf-8"))
            self._questions: dict[str, Any] = json.loads((folder / "questions.json").read_text("utf-8"))
            hints, tests = decode(zlib.decompress((folder / "plan.bin").read_bytes()), 2)
            plan = {name: decode(data, 3) for name, data in tests.items()}
            self.name: str = self.about["name"]
            self._points = {item["id"]: item for item in (*self.about["exercises"], *self.about["questions"])}
            texts = [*self.about["provided"], *(f for e in self.about["exercises"] for f in e["functions"])]
            self._signatures = {s.name: s for s in map(Signature.parse, texts)}
        except (OSError, ValueError, KeyError, zlib.error, ProtocolError) as error:
            raise UsageError(f"folder={folder}: the checks are incomplete ({error}); take the folder 'checks' from the assignment again") from error
        cases = load_cases(folder, f"autograder_checks_{self.name}", self.name, kind="visible")
        if missing := [case.name for case in cases if case.name not in plan]:
            raise UsageError(f"folder={folder}: plan.bin knows nothing of {missing[0]}; take the folder 'checks' from the assignment again")
        examples = {name: tuple(found) for name, (found, _, _) in plan.items()}
        seeds = {name: seed for name, (_, seed, _) in plan.items()}
        numbers = {name: known for name, (_, _, known) in plan.items()}
        self._suite = Suite(cases, examples, seeds, None, PackedExplainer(hints, numbers))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all exercises, then of all questions."""
        return tuple(self._points)

    def run(self, id_: str, namespace: dict[str, Any]) -> ExerciseRecord:
        """Check one exercise or question on the functions and variables of a namespace.

        Raises:
            UsageError: there is no such exercise.
        """
        if id_ not in self._points:
            raise UsageError(f"exercise={id_!r} does not exist in {self.name}; it has {', '.join(self._points)}")
        about = self._points[id_]
        if id_ in self._questions:
            tests: tuple[TestRecord, ...] = (self._question(id_, namespace),)
        else:
            if about.get("runtime", self.about["runtime"]) == "torch":
                warm_torch()
            student = Student.local(namespace, self._signatures)
            tests = judge(self._suite, id_, _POLICY, lambda: student)
        return exercise_record(id_, about["title"], 0.0, tests)  # points are for the hidden tests to give

    def _question(self, id_: str, namespace: dict[str, Any]) -> TestRecord:
        about = self._points[id_]
        return answered(id_, about["title"], about["kind"], namespace.get(id_), lambda value: verdict(self._questions[id_], value))


@cache
def checks_in(folder: Path) -> Checks:
    """Return the checks of a folder, loaded once."""
    return Checks(folder)


class NotebookReport(msgspec.Struct, frozen=True):
    """What ``autograder check`` found.

    Args:
        exercises: outcomes.
        problems: cells that did not run to their end.
    """

    exercises: tuple[ExerciseRecord, ...]
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every test passed."""
        return all(t.outcome == "passed" for e in self.exercises for t in e.tests)

    @property
    def text(self) -> str:
        """Return the report as plain text."""
        done = sum(all(t.outcome == "passed" for t in e.tests) for e in self.exercises)
        parts = [*self.problems, *(render_exercise_text(e) for e in self.exercises)]
        return "\n\n".join([*parts, f"{done} of {len(self.exercises)} exercises pass their visible checks"])


def check_notebook(path: Path, exercise: str | None = None) -> NotebookReport:
    """Run a notebook's cells in this process, then its visible checks.  For one's own notebook: nothing is confined here.

    Args:
        path: the notebook, in the assignment's folder.
        exercise: check only this exercise or question.

    Raises:
        UsageError: the file or its checks are not there, or the exercise does not exist.
    """
    try:
        notebook = parse_notebook(path.read_bytes())
    except OSError as error:
        raise UsageError(f"notebook={str(path)!r}: cannot read it ({error.strerror})") from error
    except Ungradable as error:
        raise UsageError(f"notebook={str(path)!r}: {error}") from error
    folder = path.resolve().parent
    if not (folder / "checks").is_dir():
        raise UsageError(f"notebook={str(path)!r}: there is no folder 'checks' beside it; check a notebook in its assignment's folder")
    checks = checks_in(folder / "checks")
    if exercise is not None and exercise not in checks.ids:
        raise UsageError(f"exercise={exercise!r} does not exist in {checks.name}; it has {', '.join(checks.ids)}")
    namespace: dict[str, Any] = {"__name__": "__main__"}
    student = Student.local(namespace, {})
    problems = []
    with _working_in(folder):
        for cell in notebook.cells:
            if not cell.is_code or cell.role in _SKIPPED:
                continue
            try:
                load_cell(student, f"{cell.number}", cell.source, 60.0)
            except StudentError as error:
                if not error.is_a(NotImplementedError):
                    problems.append(f"cell {cell.number} stops with {error.name}: {error.text}")
            except (StudentTimeout, StudentDied, ProtocolError):
                problems.append(f"cell {cell.number} did not finish within 60 s")
        wanted = checks.ids if exercise is None else (exercise,)
        return NotebookReport(tuple(checks.run(id_, namespace) for id_ in wanted), tuple(problems))


@contextlib.contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Run the body in a folder, as a notebook's cells run in theirs."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


__all__ = ["Checks", "NotebookReport", "check_notebook", "checks_in"]
