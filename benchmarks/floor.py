"""The limit that grading is measured against: the same code and the same tests, in one warm process, without isolation."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.channel.claims import steps
from autograder.channel.functions import Program
from autograder.grading.material import Material
from autograder.submissions.collect import Submission
from autograder.submissions.read import read_submission


class PlainFunction:
    """A student's function, called directly."""

    def __init__(self, function: Callable[..., Any], name: str) -> None:
        self._function, self.name = function, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it."""
        return self._function(*args, **kwargs)

    def map(self, calls: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Call it once per tuple of arguments."""
        return [self._function(*call) for call in calls]

    def loops(self, few: tuple[Any, ...], many: tuple[Any, ...], further: int, *, without: tuple[str, ...] = ()) -> bool:
        """Tell whether it runs ``further`` more lines of Python on the larger arguments."""
        skipped = [self._function.__globals__.get(name) for name in without]
        self._function(*few)  # as the grader does: what runs once is not counted
        return steps(self._function, many, skipped) - steps(self._function, few, skipped) >= further


class PlainStudent:
    """A namespace that looks like a student to tests; nothing is copied, recorded or confined."""

    _mutated = ()

    def __init__(self, namespace: dict[str, Any]) -> None:
        self._namespace = namespace

    def __getattr__(self, name: str) -> PlainFunction:
        if name.startswith("_") or name not in self._namespace:
            raise AttributeError(name)
        return PlainFunction(self._namespace[name], name)

    def run(self, program: Program, args: tuple[Any, ...]) -> Any:
        """Run a driver's text beside the functions."""
        return program.beside(self._namespace)(*args)

    def value(self, name: str) -> Any:
        """Return a variable."""
        return self._namespace[name]


def run_floor(material: Material, submissions: Sequence[Submission]) -> tuple[float, list[float]]:
    """Return the CPU seconds of running every submission's tests in this process, and each submission's share of passed tests.

    A test stops at its first failing example; nothing is explained, shrunk, recorded or reported.
    """
    suite, shares = material.hidden, []
    started = time.process_time()
    for submission in submissions:
        namespace: dict[str, Any] = {"__name__": "__main__"}
        with contextlib.redirect_stdout(io.StringIO()), np.errstate(all="ignore"):
            for cell in read_submission(submission.data or b"", material.notebook).cells:
                with contextlib.suppress(Exception):
                    exec(compile(cell.source, cell.label, "exec"), namespace)  # noqa: S102 - trusted code of this benchmark
            student = PlainStudent(namespace)
            passed = sum(_passes(case, student, suite) for case in suite.cases)
        shares.append(passed / len(suite.cases))
    return time.process_time() - started, shares


def _passes(case: Any, student: PlainStudent, suite: Any) -> bool:
    extra = {"reference": suite.reference} if case.wants_reference else {}
    try:
        for example in suite.examples[case.name]:
            case.function(student=student, **extra, **example)
    except Exception:
        return False
    return True
