"""What one row of the corpus is: an attack with the part that it aims at and what must come of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from autograder.grading.material import Material
from autograder.sandbox import Level

if TYPE_CHECKING:
    from tests.attacks.site import Site

Category = Literal["tamper", "read hidden", "forge", "exhaust", "escape", "persist", "notebook", "report", "check", "leak"]
Notebook = Callable[[Material], bytes]
Place = Callable[[Path, Material], None]
Push = Callable[["Site"], str]


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One attack.

    Exactly one of ``cell``, ``notebook``, ``place``, ``probe`` and ``push`` says what is done.

    Args:
        id: unique; names the submission too.
        aim: what would be gained.
        category: as in the list that the corpus started from.
        listed: numbers in that list.
        unit: which unit of the course it is handed in for: ``small``; ``surface`` with the careless tests, or ``silent``, the same without feedback.
        cell: source of a cell added to the untouched notebook.
        plain: whether the cell goes without the preamble.
        notebook: makes the file.
        place: puts something else than a plain file where a notebook is expected.
        name: the student's folder, when the name is the attack.
        probe: for a part that ``autograder grade`` does not reach: returns a text that starts with ``held``, or what went wrong.
        push: the same for a push server that runs.
        points: what its answers deserve; None when it is to be ungradable.
        refused: whether the cell reports what it could not do.
        said: an expression that its record, or its reason, must match.
        slow: whether it waits for a limit, so that the fast form leaves most of these out.
        gaps: levels that do not hold it, as SECURITY.md says.
    """

    id: str
    aim: str
    category: Category
    listed: tuple[int, ...] = ()
    unit: Literal["small", "surface", "silent"] = "small"
    cell: str = ""
    plain: bool = False
    notebook: Notebook | None = None
    place: Place | None = None
    name: str = ""
    probe: Callable[[Path], str] | None = None
    push: Push | None = None
    points: float | None = 0.0
    refused: bool = False
    said: str = ""
    slow: bool = False
    gaps: tuple[Level, ...] = ()


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a row.

    Args:
        row: its id.
        where: how it was run, such as ``grade ns root``.
        held: whether nothing was gained and nobody else was touched.
        how: what held it, or what went wrong.
    """

    row: str
    where: str
    held: bool
    how: str
