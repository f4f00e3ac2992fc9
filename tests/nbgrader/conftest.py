"""A tiny course with nbgrader's configuration, its class, and a class of forty of a real unit."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from autograder.grading.material import Material
from autograder.sandbox import available_levels
from tests.nbgrader.courses import write_course
from tests.nbgrader.cycle import Cycle, run_cycle
from tests.nbgrader.people import Person, people

HERE = Path(__file__).parent
NEED_NBGRADER = ("test_book.py", "test_browser.py", "test_class.py", "test_cycle.py", "test_stock.py", "test_three_ways.py", "test_traps.py", "test_zip_collect.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs nbgrader, with the reason, where it is not installed."""
    if importlib.util.find_spec("nbgrader") is not None:
        return
    for item in items:
        if item.path.parent == HERE and item.path.name in NEED_NBGRADER:
            item.add_marker(pytest.mark.skip(reason="nbgrader is not installed: pip install nbgrader"))


@pytest.fixture(scope="session")
def needs_sandbox() -> None:
    """Skip, with the reasons, on a machine that confines nothing."""
    reasons = available_levels()
    if reasons["ns"] and reasons["ll"]:
        pytest.skip(f"no sandbox works here: ns: {reasons['ns']}; ll: {reasons['ll']}")


@pytest.fixture(scope="session")
def nb_material(tmp_path_factory: pytest.TempPathFactory) -> Material:
    """The tiny unit in a course folder with nbgrader's configuration; the folder is shared by the tests of the class."""
    return write_course(tmp_path_factory.mktemp("nbgrader") / "course")


@pytest.fixture(scope="session")
def persons(nb_material: Material) -> dict[str, Person]:
    """The class."""
    return people(nb_material, str(nb_material.course.root))


@pytest.fixture(scope="session")
def cycle(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Cycle:
    """The whole cycle with a class of forty, done once."""
    return run_cycle(tmp_path_factory.mktemp("cycle"))
