"""Put a unit's assignment together: what the build makes of the reference, plus the visible checks' examples and hints."""

from __future__ import annotations

import zlib
from pathlib import Path

from autograder.authoring.build import assignment_files, diff_assignment, write_assignment
from autograder.channel.codec import encode
from autograder.checking import SHIPPED
from autograder.grading.material import Material
from autograder.testing.runner import fingerprints
from autograder.testing.trace import same_numbers

PLAN = "checks/plan.bin"


def build_assignment(material: Material) -> Path:
    """Write ``assignments/<unit>/`` and return it."""
    target = material.course.assignment(material.name)
    write_assignment(target, _files(material))
    return target


def drift(material: Material) -> list[str]:
    """Return how the committed assignment differs from what the build makes now; empty when it does not."""
    return diff_assignment(material.course.assignment(material.name), _files(material))


def _files(material: Material) -> dict[str, bytes]:
    course, name = material.course, material.name
    files = assignment_files(course.solutions(name), course.tests(name), material.unit)
    files[PLAN] = visible_plan(material)
    return dict(sorted(files.items()))


def visible_plan(material: Material) -> bytes:
    """Return what a student's checks replay: examples, seeds, and each misconception's hint with the numbers it gives.

    The numbers are projections of outputs: enough to recognise a mistake, nothing to copy.
    """
    suite = material.visible
    hints = {e.id: dict(suite.explainer.hints(e.id)) for e in material.unit.exercises}
    tests = {}
    for case in suite.cases:
        examples = suite.examples[case.name]
        shipped = examples[:SHIPPED]
        right = fingerprints(case, material.reference, material.oracle, shipped)
        numbers = {}
        for m in hints[case.exercise]:
            found = [suite.explainer.fingerprint(m, case, i, example) for i, example in enumerate(shipped)]
            if any(f is not None and not same_numbers(f, r) for f, r in zip(found, right, strict=True)):
                numbers[m] = [(f.structure, f.values) if f is not None else None for f in found]
        tests[case.name] = encode(list(examples), suite.seeds[case.name], numbers)
    return zlib.compress(encode(hints, tests), 9)
