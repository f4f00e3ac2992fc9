"""Students in this process, and cases and suites made of plain functions."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from autograder.channel.client import Student
from autograder.channel.harness import load_cell
from autograder.testing.cases import Case
from autograder.testing.examples import Example, generate
from autograder.testing.judge import Suite
from autograder.testing.runner import fingerprints
from autograder.testing.trace import Fingerprint
from autograder.unit import Signature


def signatures(*texts: str) -> dict[str, Signature]:
    """Return signatures by name."""
    return {s.name: s for s in map(Signature.parse, texts)}


def student_of(source: str, *texts: str, seconds: float = 5.0) -> Student:
    """Return a student with one cell loaded."""
    student = Student.local({"__name__": "__main__"}, signatures(*texts), seconds)
    load_cell(student, "cell 1 (f)", textwrap.dedent(source), 5.0)
    return student


def oracle_of(source: str) -> SimpleNamespace:
    """Return a source's names, to be called directly."""
    namespace: dict[str, Any] = {}
    exec(textwrap.dedent(source), namespace)
    return SimpleNamespace(**namespace)


def case_of(function: Callable[..., None], exercise: str = "f", *, weight: float = 1.0, examples: int = 10, **strategies: Any) -> Case:
    """Return a test as a case; it wants the reference when it has an argument of that name."""
    wants = "reference" in function.__code__.co_varnames[: function.__code__.co_argcount]
    return Case(function.__name__, (function.__doc__ or "").strip(), exercise, weight, function, strategies, wants, examples)


class Explainer:
    """Runs wrong sources and gives their numbers.

    Args:
        wrong: by exercise, source of each misconception by its id.
        oracle: for tests that want the reference.
        texts: signatures.
    """

    def __init__(self, wrong: Mapping[str, Mapping[str, str]], oracle: Any = None, texts: tuple[str, ...] = (), known: int = 1000) -> None:
        self.wrong, self.oracle, self.texts, self.known = wrong, oracle, texts, known

    def hints(self, exercise: str) -> Mapping[str, str]:
        """Return a hint for each misconception of an exercise."""
        return {m: f"hint of {m}" for m in self.wrong.get(exercise, {})}

    def fingerprint(self, misconception: str, case: Case, index: int, example: Example) -> Fingerprint | None:
        """Return the numbers of a misconception."""
        source = next(found[misconception] for found in self.wrong.values() if misconception in found)
        return fingerprints(case, student_of(source, *self.texts), self.oracle, [example])[0]


def suite_of(*cases: Case, wrong: Mapping[str, Mapping[str, str]] | None = None, right: str = "", texts: tuple[str, ...] = (), **more: Any) -> Suite:
    """Return a suite of cases with generated examples."""
    oracle = oracle_of(right) if right else None
    examples = {c.name: generate(c, 1) for c in cases}
    return Suite(cases, examples, {c.name: 1 for c in cases}, oracle, Explainer(wrong or {}, oracle, texts), **more)
