"""The hidden tests inside the student's own interpreter, as graders do that execute tests where they execute the notebook.

Nothing of this is safe; it exists so that peers can be measured on the same tests and the same examples.
"""

from __future__ import annotations

import functools
import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, seed, settings

from autograder.grading.material import Material
from autograder.testing.cases import load_cases
from benchmarks.floor import PlainStudent


def pack(material: Material, path: Path) -> None:
    """Write what a test needs beside its code: examples, and the reference's source to compare with."""
    reference = [c.source if c.kind == "setup" else material.notebook.solution(c.id) for c in material.notebook.cells if c.kind in ("setup", "exercise", "question")]
    content = material.name, str(material.course.tests(material.name) / "hidden"), dict(material.hidden.examples), reference
    path.write_bytes(pickle.dumps(content))


class Tests:
    """The packed tests, in any interpreter that can import the package.

    Args:
        path: of the pack.
        style: ``ready`` replays the packed examples; ``hypothesis`` draws as many each time and shrinks what fails, as Hypothesis does by itself.
    """

    def __init__(self, path: Path, style: str) -> None:
        self._drawn = style == "hypothesis"
        unit, folder, self._examples, reference = pickle.loads(path.read_bytes())  # noqa: S301 - written by this benchmark
        self._cases = load_cases(Path(folder), f"peers.{unit}.hidden", unit, kind="hidden")
        names: dict[str, Any] = {"__name__": "reference"}
        for source in reference:
            exec(source, names)  # noqa: S102 - the reference
        self._reference = type(sys.implementation)(**names)

    def share(self, exercise: str, namespace: dict[str, Any]) -> float:
        """Return the share of an exercise's tests that the functions in ``namespace`` pass."""
        cases = [c for c in self._cases if c.exercise == exercise]
        return sum(self._passes(c, PlainStudent(namespace)) for c in cases) / len(cases)

    def _passes(self, case: Any, student: PlainStudent) -> bool:
        extra = {"reference": self._reference} if case.wants_reference else {}
        try:
            with np.errstate(all="ignore"):
                if self._drawn and case.strategies:
                    self._draw(case, functools.partial(case.function, student=student, **extra))
                else:
                    for example in self._examples[case.name]:
                        case.function(student=student, **extra, **example)
        except Exception:
            return False
        return True

    def _draw(self, case: Any, test: Callable[..., None]) -> None:
        def run(**example: Any) -> None:
            test(**example)

        profile = settings(max_examples=len(self._examples[case.name]), deadline=None, database=None, suppress_health_check=list(HealthCheck))
        seed(0)(profile(given(**case.strategies)(run)))()
