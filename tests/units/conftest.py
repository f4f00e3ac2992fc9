"""Run a unit's tests as ordinary pytest and Hypothesis tests, on the unit's own reference."""

from __future__ import annotations

import types
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from autograder.channel.client import Student
from autograder.course import Course
from autograder.grading.material import Material

HERE = Path(__file__).resolve().parent
COURSE = Course(HERE.parents[1])
EXAMPLES = 5  # grading and selfcheck replay more; here it is shown that the tests are ordinary tests


@cache
def _material(unit: str) -> Material:
    return Material(COURSE, unit)


def _unit(path: Path) -> str:
    return path.relative_to(HERE).parts[0]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bound the number of examples, and let NumPy warn as it likes: grading does not look at warnings either."""
    for item in items:
        if HERE not in item.path.parents or not isinstance(item, pytest.Function):
            continue
        item.add_marker(pytest.mark.filterwarnings("ignore::RuntimeWarning"))
        if hasattr(item.function, "hypothesis"):
            bounded = settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
            bounded(item.function)


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Student:
    """The reference of the unit, in the place of a student."""
    return _material(_unit(request.path)).reference


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> types.SimpleNamespace:
    """The reference's own functions, which hidden tests compare with."""
    return _material(_unit(request.path)).oracle
