"""Tests of assignments put together: what students get, and that generated files are in step."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest

from autograder.assembly import PLAN, build_assignment, drift, same_plan, visible_plan
from autograder.channel.codec import decode, encode
from autograder.course import Course
from autograder.grading.material import Material

TINY = "u99_tiny"


def files(folder: Path) -> dict[str, bytes]:
    """Return everything below a folder."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_assignment_is_complete(own_course: Course) -> None:
    """Notebook, visible checks, their helpers, descriptions and plan; nothing else."""
    folder = build_assignment(Material(own_course, TINY))
    assert folder == own_course.assignment(TINY)
    assert set(files(folder)) == {f"{TINY}.ipynb", "checks/__init__.py", "checks/cases.py", "checks/test_tiny.py", "checks/unit.json", "checks/questions.json", PLAN}


def test_building_twice_gives_the_same_bytes(own_course: Course) -> None:
    """Also by another Material, with no cache of examples, and with another secret."""
    first = files(build_assignment(Material(own_course, TINY)))
    for path in (own_course.private / "examples").iterdir():
        path.unlink()
    (own_course.private / "secret").write_text("another")
    assert files(build_assignment(Material(own_course, TINY))) == first
    assert drift(Material(own_course, TINY)) == []


@pytest.mark.parametrize(
    ("path", "old", "new", "stale"),
    [
        ("solutions/UNIT/UNIT.py", "# ## Scale", "# ## Scaling", [f"a/{TINY}.ipynb"]),
        ("solutions/UNIT/unit.toml", "Scale an array", "Scale arrays", ["a/checks/unit.json"]),
        ("tests/units/UNIT/visible/test_tiny.py", "[2, 4].", "[2, 4]!", ["a/checks/test_tiny.py"]),
        ("solutions/UNIT/misconceptions.py", "counts twice", "counts two times", [f"{PLAN}"]),
        ("tests/units/UNIT/hidden/test_tiny.py", "Hidden tests", "Secret tests", []),
    ],
)
def test_drift_is_found_and_nothing_is_written(own_course: Course, path: str, old: str, new: str, stale: list[str]) -> None:
    """A change that students should see is told file by file; a change of hidden tests changes nothing students get."""
    built = files(build_assignment(Material(own_course, TINY)))
    source = own_course.root / path.replace("UNIT", TINY)
    text = source.read_text()
    assert old in text
    source.write_text(text.replace(old, new))
    found = drift(Material(own_course, TINY))
    assert len(found) == len(stale)
    for diff, name in zip(found, stale, strict=True):
        assert name in diff
    assert files(own_course.assignment(TINY)) == built


def test_missing_and_foreign_files_are_drift(own_course: Course) -> None:
    """A file that is not there and one that should not be there are told; building removes and adds them."""
    folder = build_assignment(Material(own_course, TINY))
    (folder / "checks" / "unit.json").unlink()
    (folder / "solution.py").write_text("x = 1\n")
    assert len(drift(Material(own_course, TINY))) == 2
    build_assignment(Material(own_course, TINY))
    assert drift(Material(own_course, TINY)) == []


def test_students_get_no_answers(tiny: Material) -> None:
    """Neither solutions nor hidden tests nor misconceptions' code nor answers are in what is built; hints are."""
    plan = visible_plan(tiny)
    text = zlib.decompress(plan)
    for secret in (b"k * k * x", b"return y", b"test_scale_twice", b"The shapes leave no other product"):
        assert secret not in text
    assert b"You add k where you should multiply." in text


def test_a_plan_from_another_processor_is_no_drift(tiny: Material) -> None:
    """Numbers that differ in their last bits leave a plan in step; numbers that differ by a percent do not."""
    plan = visible_plan(tiny)
    for factor, same in ((np.float32(1 + 3e-7), True), (np.float32(1.01), False)):
        hints, tests = decode(zlib.decompress(plan), 2)
        moved = {}
        for name, packed in tests.items():
            examples, seed, numbers = decode(packed, 3)
            scaled = {m: [None if n is None else (n[0], n[1] * factor) for n in found] for m, found in numbers.items()}
            moved[name] = encode(examples, seed, scaled)
        other = zlib.compress(encode(hints, moved))
        assert other != plan
        assert same_plan(plan, other) is same
