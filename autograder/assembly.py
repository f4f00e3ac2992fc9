"""Put a unit's assignment together: what the build makes of the reference, plus the visible checks' examples and hints."""

from __future__ import annotations

import zlib
from pathlib import Path

from autograder.authoring.build import assignment_files, diff_assignment, write_assignment
from autograder.channel.codec import decode, encode
from autograder.checking import SHIPPED
from autograder.errors import ProtocolError
from autograder.grading.material import Material
from autograder.testing.runner import fingerprints
from autograder.testing.trace import Fingerprint, same_numbers

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
    files[PLAN] = _settled(visible_plan(material), course.assignment(name) / PLAN)
    return dict(sorted(files.items()))


def _settled(new: bytes, path: Path) -> bytes:
    """Return the committed plan when it says the same up to rounding: another processor's last bits are no drift."""
    try:
        old = path.read_bytes()
        return old if same_plan(old, new) else new
    except (OSError, zlib.error, ProtocolError):
        return new


def same_plan(first: bytes, second: bytes) -> bool:
    """Tell whether two plans have the same examples and hints, and the same numbers up to rounding."""
    (hints, tests), (other_hints, other_tests) = (decode(zlib.decompress(plan), 2) for plan in (first, second))
    return bool(hints == other_hints) and list(tests) == list(other_tests) and all(_same_test(tests[t], other_tests[t]) for t in tests)


def _same_test(first: bytes, second: bytes) -> bool:
    (examples, seed, numbers), (other_examples, other_seed, other_numbers) = decode(first, 3), decode(second, 3)
    if encode(examples) != encode(other_examples) or seed != other_seed or list(numbers) != list(other_numbers):
        return False
    pairs = [pair for m in numbers for pair in zip(numbers[m], other_numbers[m], strict=True)]
    return all(a is b if a is None or b is None else same_numbers(Fingerprint(*a), Fingerprint(*b)) for a, b in pairs)


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
