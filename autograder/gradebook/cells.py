"""A submission as a notebook that nbgrader can grade: the student's cells, the unit's metadata, our outcomes as outputs.

Nothing of a submission's metadata or outputs survives, so that nothing forged, doubled, lost or too large does.  A pure
function of bytes and records; nbgrader is not needed here.
"""

from __future__ import annotations

import copy
import json
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from autograder.authoring.build import render_assignment
from autograder.authoring.source import check_id
from autograder.errors import Ungradable
from autograder.feedback.text import render_exercise_text
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.submissions.notebook import RawCell, parse_notebook
from autograder.submissions.read import StudentCell, read_submission

Cell = dict[str, Any]
NotebookDict = dict[str, Any]
NOTICE = "autograder-notice"


class Outcome(msgspec.Struct, frozen=True):
    """What the gradebook gets for one exercise or question.

    Args:
        id: of the exercise or question.
        check: name of its grade cell.
        points: earned; None when the submission could not be graded, which is not zero.
    """

    id: str
    check: str
    points: float | None


def outcomes(record: SubmissionRecord, material: Material) -> tuple[Outcome, ...]:
    """Return an outcome for each exercise and question of the unit; one that the record lacks earns nothing."""
    points = {exercise.id: exercise.points for exercise in record.exercises}
    ungradable = record.status == "ungradable"
    return tuple(Outcome(id_, check_id(id_), None if ungradable else points.get(id_, 0.0)) for id_ in material.unit.ids)


def built_notebook(material: Material) -> NotebookDict:
    """Return the student's notebook as the build makes it."""
    notebook: NotebookDict = json.loads(render_assignment(material.notebook, material.unit))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return notebook


def restored_notebook(data: bytes | None, material: Material) -> NotebookDict:
    """Return a submission with the built notebook's metadata.

    All cells stand in the student's order.  Each exercise, question, check and set-up cell of the unit is there exactly
    once; locked ones read as they were built, missing ones are put back.  Text that a student wrote is shown as it was
    typed: nbgrader's pages would run a script in it.  A submission that cannot be read gives the built notebook.

    Args:
        data: the file's bytes, or None when it could not be read.
        material: the unit.
    """
    notebook = built_notebook(material)
    try:
        raws = parse_notebook(data or b"").cells
        students = read_submission(data or b"", material.notebook).cells
    except Ungradable:
        return notebook
    notebook["cells"] = _with_missing(list(_placed(raws, students, notebook["cells"])), notebook["cells"])
    return notebook


def _placed(raws: Iterable[RawCell], students: Iterable[StudentCell], built: list[Cell]) -> Iterator[Cell]:
    """Yield the student's cells, each as the built cell that it is or as a plain one."""
    waiting = deque(cell for cell in students if cell.kind != "setup")  # a subsequence of the notebook's code cells
    free = {cell["id"]: cell for cell in built if cell["cell_type"] == "code"}
    texts = {cell["source"].strip(): cell for cell in built if cell["cell_type"] == "markdown"}
    solutions = {cell["id"] for cell in built if cell["metadata"].get("nbgrader", {}).get("solution")}
    for raw in raws:
        known = None
        if raw.is_code and waiting and waiting[0].source == raw.source:
            known = free.pop(waiting.popleft().id, None)
        elif raw.is_code:
            id_ = next((id_ for id_ in raw.ids if id_ in free and id_ not in solutions), None)
            known = free.pop(id_) if id_ is not None else None
        else:
            known = texts.pop(raw.source.strip(), None)
        if known is None:
            yield _plain(raw)
        elif _is_locked(known) or not raw.is_code:
            yield copy.deepcopy(known)
        else:
            yield {**copy.deepcopy(known), "source": raw.source}


def _with_missing(cells: list[Cell], built: list[Cell]) -> list[Cell]:
    """Put back cells that nbgrader knows and the student lost, each after the one that stood before it."""
    after = 0
    for cell in (c for c in built if "nbgrader" in c["metadata"]):
        found = next((i for i, present in enumerate(cells) if present["id"] == cell["id"]), None)
        if found is None:
            cells.insert(after, copy.deepcopy(cell))
            found = after
        after = found + 1
    return cells


def _is_locked(cell: Cell) -> bool:
    return bool(cell["metadata"].get("nbgrader", {}).get("locked"))


def _plain(raw: RawCell) -> Cell:
    id_ = f"student-cell-{raw.number}"
    if raw.is_code:
        return {"cell_type": "code", "execution_count": None, "id": id_, "metadata": {}, "outputs": [], "source": raw.source}
    return {"cell_type": "markdown", "id": id_, "metadata": {}, "source": _literal(raw.source)}


def _literal(text: str) -> str:
    """Return Markdown that shows a text as it is: fenced by more backticks than the text has anywhere in a row."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def show_outcomes(cells: list[Any], record: SubmissionRecord, material: Material) -> None:
    """Write each exercise's outcome into its check cell, in the form that nbgrader's ``determine_grade`` reads; clear all other outputs.

    A check cell gets the feedback as one stdout stream and the points as one result.  nbgrader reads an error or stderr
    as nothing earned, and no result, a negative one or one that is no number as full marks: none of these is written.

    Args:
        cells: of the restored notebook, as dicts or nbformat's nodes; changed in place, a notice may be put in front.
        record: the submission's.
        material: the unit.
    """
    exercises = {check_id(exercise.id): exercise for exercise in record.exercises}
    points = {outcome.check: outcome.points or 0.0 for outcome in outcomes(record, material)}
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        cell["outputs"], cell["execution_count"] = [], None
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name in points:
            text = render_exercise_text(exercises[name]) if name in exercises else f"Not graded: {record.reason}\n"
            cell["outputs"] = [_stdout(text), _result(points[name])]
    notes = [f"This submission could not be graded: {record.reason}"] if record.status == "ungradable" else list(record.messages)
    if notes:
        cells.insert(0, _notice("\n".join(notes) + "\n"))


def _notice(text: str) -> Cell:
    source = "# What the grader noticed when it read this notebook"
    return {"cell_type": "code", "execution_count": None, "id": NOTICE, "metadata": {}, "outputs": [_stdout(text)], "source": source}


def _stdout(text: str) -> dict[str, Any]:
    return {"name": "stdout", "output_type": "stream", "text": text}


def _result(points: float) -> dict[str, Any]:
    return {"data": {"text/plain": repr(float(points))}, "execution_count": None, "metadata": {}, "output_type": "execute_result"}
