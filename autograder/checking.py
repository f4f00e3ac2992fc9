"""The visible checks of an assignment folder: load them once, run one exercise's on a namespace, in this process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import msgspec

from autograder.channel.client import Student
from autograder.channel.codec import decode
from autograder.channel.events import StudentError
from autograder.channel.harness import load_cell
from autograder.channel.transport import StudentDied, StudentTimeout
from autograder.errors import ProtocolError, Ungradable, UsageError
from autograder.feedback.text import count_sentence, render_exercise_text
from autograder.grading.score import exercise_record
from autograder.notebook_cells import cells_behind, defined_where
from autograder.questions import answered, question_test, verdict
from autograder.records import ExerciseRecord, TestRecord
from autograder.runtimes import missing, warm_torch
from autograder.submissions.notebook import RawCell, parse_notebook
from autograder.testing.cases import Case, load_cases
from autograder.testing.examples import Example
from autograder.testing.forbidden import forbidden_uses, refused_tests
from autograder.testing.judge import Policy, Suite, judge
from autograder.testing.trace import Fingerprint
from autograder.unit import Signature

_POLICY = Policy(feedback="example", shrink_attempts=60, shrink_seconds=0.3, shrink_tests=2)
SHIPPED = 4  # examples of a test whose misconceived numbers come with an assignment
_SKIPPED = ("check", "demo", "milestone")
RUN_ABOVE = "Run the cells above first (Run → Run All Above Selected Cell), then this check again."
_TORCH_REQUIREMENTS = "requirements-torch.txt"


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
            self._functions: dict[str, list[str]] = {e["id"]: [Signature.parse(f).name for f in e["functions"]] for e in self.about["exercises"]}
            self.questions: tuple[str, ...] = tuple(q["id"] for q in self.about["questions"])
        except (OSError, ValueError, KeyError, zlib.error, ProtocolError) as error:
            raise UsageError(f"folder={folder}: the checks are incomplete ({error}); take the folder 'checks' from the assignment again") from error
        cases = load_cases(folder, f"autograder_checks_{self.name}", self.name, kind="visible")
        if missing := [case.name for case in cases if case.name not in plan]:
            raise UsageError(f"folder={folder}: plan.bin knows nothing of {missing[0]}; take the folder 'checks' from the assignment again")
        examples = {name: tuple(found) for name, (found, _, _) in plan.items()}
        seeds = {name: seed for name, (_, seed, _) in plan.items()}
        numbers = {name: known for name, (_, _, known) in plan.items()}
        self._folder = folder
        self._suite = Suite(cases, examples, seeds, None, PackedExplainer(hints, numbers))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all exercises, then of all questions."""
        return tuple(self._points)

    def id_of(self, name: str) -> str:
        """Return the exercise or question of that name, or the exercise that a function of that name belongs to.

        Raises:
            UsageError: there is none.
        """
        for id_, functions in self._functions.items():
            if name in functions:
                return id_
        if name not in self._points:
            shown = name if len(name) <= 60 else f"{name[:59]}…"
            raise UsageError(f"exercise={shown!r} does not exist in {self.name}; it has {', '.join(self._points)}")
        return name

    def lacking(self, id_: str) -> str:
        """Return why an exercise cannot run on this machine, and what to do; empty when it can."""
        packages = () if id_ in self.questions else missing(self._points[id_].get("runtime", self.about["runtime"]))
        return needs((id_,), packages, self._folder) if packages else ""

    def note(self, left_out: Sequence[str]) -> str:
        """Return one line about the exercises that cannot run on this machine; empty when there are none."""
        if len(left_out) < 2:
            return "".join(f"{id_}: {self.lacking(id_)}" for id_ in left_out)
        runtimes = {self._points[id_].get("runtime", self.about["runtime"]) for id_ in left_out}
        packages = tuple(dict.fromkeys(name for runtime in sorted(runtimes) for name in missing(runtime)))
        return needs(left_out, packages, self._folder)

    def runnable(self, cells: Sequence[RawCell]) -> list[RawCell]:
        """Return the cells that are run before the checks: all code but checks, demonstrations and milestones.

        Where a package is missing, as in grading: after the first cell that needs it, only exercises that do without it, and questions.
        """
        code = [cell for cell in cells if cell.is_code and cell.role not in _SKIPPED]
        left_out = {id_ for id_ in self.ids if self.lacking(id_)}
        if not left_out:
            return code
        imports = re.compile(rf"^\s*(?:import|from)\s+(?:{'|'.join(missing('torch'))})\b", re.MULTILINE)
        first = next((i for i, cell in enumerate(code) if left_out & set(cell.ids) or imports.search(cell.source)), len(code))
        able = set(self.ids) - left_out
        return [*code[:first], *(cell for cell in code[first:] if able & set(cell.ids))]

    def run(self, id_: str, namespace: dict[str, Any], *, live: bool = False) -> ExerciseRecord:
        """Check one exercise or question on the functions and variables of a namespace.

        Args:
            id_: of the exercise or question.
            namespace: what the notebook's cells have defined.
            live: whether it is a kernel's, in which cells may not have run yet; then the notebook beside the checks says which names they define.

        Raises:
            UsageError: there is no such exercise.
        """
        if id_ not in self._points:
            id_ = self.id_of(id_)
        about = self._points[id_]
        absent = partial(self._absent, id_) if live else None
        if id_ in self._questions:
            reason = absent(id_) if absent is not None and id_ not in namespace else ""
            tests: tuple[TestRecord, ...] = (question_test(id_, about["title"], "not_run", reason) if reason else self._question(id_, namespace),)
        elif reason := self.lacking(id_):
            tests = tuple(TestRecord(c.name, c.description, "not_run", c.weight, message=reason) for c in self._suite.of(id_))
        else:
            if about.get("runtime", self.about["runtime"]) == "torch":
                warm_torch()
            student = Student.local(namespace, self._signatures)
            tests = judge(self._suite, id_, _POLICY, lambda: student, refused=self._refused(id_, namespace), absent=absent)
        return exercise_record(id_, about["title"], 0.0, tests)  # points are for the hidden tests to give

    def _question(self, id_: str, namespace: dict[str, Any]) -> TestRecord:
        about = self._points[id_]
        return answered(id_, about["title"], about["kind"], namespace.get(id_), lambda value: verdict(self._questions[id_], value))

    def _refused(self, id_: str, namespace: dict[str, Any]) -> dict[str, str]:
        """Return the tests that fail because a function uses what the exercise asks to do without, with what is said of them."""
        if not (forbidden := self._points[id_].get("forbidden", ())):
            return {}
        functions = self._functions[id_]
        uses = forbidden_uses(functions, forbidden, cells_behind(namespace, functions))
        return refused_tests(self._suite.of(id_), functions, uses)

    def _absent(self, id_: str, name: str) -> str:
        """Return what to do about a name that the kernel does not know, when it is one that a cell defines."""
        where = defined_where(self._folder.parent, id_, name)
        if where == "above":
            return f"{name} is defined in a cell above that has not run to its end in this kernel. {RUN_ABOVE}"
        return f"{name} is defined only in a cell below this check: run that cell, or move it above." if where == "below" else ""


def needs(ids: Sequence[str], packages: Sequence[str], folder: Path) -> str:
    """Return one line that says what some exercises need and how to install it.

    Args:
        ids: of the exercises; a single one is not named, since the line stands below its name.
        packages: that are not installed.
        folder: of the checks; the course's list of requirements is looked for above it.
    """
    who = "This exercise needs" if len(ids) == 1 else f"{', '.join(ids[:-1])} and {ids[-1]} need"
    what = " and ".join({"torch": "PyTorch"}.get(name, name) for name in packages)
    listed = any((parent / _TORCH_REQUIREMENTS).is_file() for parent in folder.resolve().parents)
    command = f"-r {_TORCH_REQUIREMENTS}" if listed else " ".join(packages)
    return f"{who} {what}, which {'is' if len(packages) == 1 else 'are'} not installed here: pip install {command}"


@cache
def checks_in(folder: Path) -> Checks:
    """Return the checks of a folder, loaded once."""
    return Checks(folder)


class NotebookReport(msgspec.Struct, frozen=True):
    """What ``autograder check`` found.

    Args:
        exercises: outcomes.
        problems: cells that did not run to their end.
        questions: ids of those among the exercises that are questions.
        left_out: ids of exercises that this machine lacks a package for; they decide nothing.
        note: one line about them.
    """

    exercises: tuple[ExerciseRecord, ...]
    problems: tuple[str, ...]
    questions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether every test passed that this machine can run."""
        return all(t.outcome == "passed" for e in self.exercises if e.id not in self.left_out for t in e.tests)

    @property
    def text(self) -> str:
        """Return the report as plain text."""
        parts = [*self.problems, *(render_exercise_text(e) for e in self.exercises if e.id not in self.left_out)]
        counted = count_sentence((e, e.id in self.questions, e.id in self.left_out) for e in self.exercises)
        return "\n\n".join([*parts, *filter(None, (self.note,)), counted])


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
    wanted = checks.ids if exercise is None else (checks.id_of(exercise),)
    left_out = tuple(id_ for id_ in checks.ids if checks.lacking(id_))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    student = Student.local(namespace, {})
    problems = []
    with _working_in(folder):
        for cell in checks.runnable(notebook.cells):
            try:
                load_cell(student, f"{cell.number}", cell.source, 60.0)
            except StudentError as error:
                if not error.is_a(NotImplementedError):
                    problems.append(f"cell {cell.number} stops with {error.name}: {error.text}")
            except (StudentTimeout, StudentDied, ProtocolError):
                problems.append(f"cell {cell.number} did not finish within 60 s")
        exercises = tuple(checks.run(id_, namespace) for id_ in wanted)
    if exercise is not None:  # what was asked for by name is not passed over
        return NotebookReport(exercises, tuple(problems), checks.questions)
    return NotebookReport(exercises, tuple(problems), checks.questions, left_out, checks.note(left_out))


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
