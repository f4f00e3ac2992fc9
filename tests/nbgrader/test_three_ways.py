"""One class graded three ways: by ``nbgrader autograde``, by the bulk command, and by the formgrader's button."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.nbgrader.books import contents
from tests.nbgrader.classroom import SIZE, UNIT
from tests.nbgrader.courses import PROJECT, command
from tests.nbgrader.cycle import Cycle
from tests.nbgrader.server import jupyter


class Ways(msgspec.Struct, frozen=True):
    """What each way left in a gradebook that was the same before.

    Args:
        autograde, bulk, button: everything in the gradebook that grading decides.
        answers: what the server said to each press of the button.
    """

    autograde: dict[str, list[tuple[Any, ...]]]
    bulk: dict[str, list[tuple[Any, ...]]]
    button: dict[str, list[tuple[Any, ...]]]
    answers: list[dict[str, Any]]


@pytest.fixture(scope="module")
def ways(cycle: Cycle, tmp_path_factory: pytest.TempPathFactory) -> Ways:
    """The collected class of the cycle, graded the two other ways too."""
    before = cycle.root.parent
    root = tmp_path_factory.mktemp("ways") / "course"
    shutil.copytree(cycle.root, root, ignore=shutil.ignore_patterns("autograded", "feedback", "release", "gradebook.db", "grades*", "__pycache__"))
    bulk = Path(shutil.copy(before / "collected.db", root / "bulk.db"))
    command(root)("autograder", "grade", UNIT, "submitted", "--gradebook", f"sqlite:///{bulk}")
    shutil.rmtree(root / "autograded")
    button = Path(shutil.copy(before / "collected.db", root / "gradebook.db"))
    with jupyter(root, PROJECT, root.parent / "settings") as server:
        answers = [server.ask(f"formgrader/api/submission/{UNIT}/{student}/autograde", "POST") for student in cycle.members]
    return Ways(contents(before / "autograded.db"), contents(bulk), contents(button), answers)


def test_the_button_worked_for_everybody(ways: Ways) -> None:
    """The request that the button sends succeeds for each of the forty, the unreadable notebook included."""
    assert [answer["success"] for answer in ways.answers] == [True] * SIZE


def test_scores_are_identical_cell_by_cell(ways: Ways) -> None:
    """Each student's automatic score of each grade cell is the same number, to the last bit, whichever way it was graded."""
    scores = [{(who, cell): auto for who, cell, auto, *_ in book["grades"]} for book in (ways.autograde, ways.bulk, ways.button)]
    assert scores[0] == scores[1] == scores[2]
    assert len(scores[0]) == SIZE * len(ways.autograde["points"])
    assert len(set(scores[0].values())) > 10  # full, none, ungradable and many shares


@pytest.mark.parametrize("what", ["grades", "comments", "submissions", "source", "points", "students"])
def test_nothing_else_differs(ways: Ways, what: str) -> None:
    """Flags, comments, times, penalties and the unit's own entries are the same too."""
    assert ways.autograde[what] == ways.bulk[what] == ways.button[what]
