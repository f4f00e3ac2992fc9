"""A small unit with two set-up cells, and helpers that damage its notebook as students do."""

from __future__ import annotations

import copy
import json
from typing import Any

from autograder.authoring.build import render_assignment, render_reference
from autograder.authoring.source import Reference, parse_reference
from autograder.submissions.read import Cells, read_submission
from autograder.unit import Unit, unit_from_data

NAME = "u99_sample"

_TEXT = '''# %% [markdown]
# # A sample

# %% tags=["setup"]
import numpy as np

# %% exercise="first"
def first(x):
    """Return x."""
    ### BEGIN SOLUTION
    return helper(x)


def helper(x):
    return x
    ### END SOLUTION

# %% tags=["demo"]
print("a long experiment")

# %% tags=["setup"]
base = first(1)

# %% exercise="Second"
class Second:
    """Hold x."""

    ### BEGIN SOLUTION
    #| pass
    x = 2
    ### END SOLUTION

# %% question="why"
### BEGIN SOLUTION
#| why = None
why = "b"
### END SOLUTION

# %% tags=["milestone"]
print("a milestone")
'''


def _unit() -> Unit:
    exercises = [
        {"id": "first", "title": "First", "points": 50, "minutes": 5, "difficulty": 1, "functions": ["first(x) -> y"]},
        {"id": "Second", "title": "Second", "points": 40, "minutes": 5, "difficulty": 1, "functions": ["Second()"]},
    ]
    question = {"id": "why", "title": "Why", "points": 10, "kind": "choice", "choices": ["a", "b"], "answer": "b", "explanation": "E"}
    return unit_from_data(NAME, {"title": "T", "summary": "S", "exercise": exercises, "question": [question]})


UNIT = _unit()
REFERENCE: Reference = parse_reference(_TEXT, UNIT)
FIRST = "def first(x):\n    return x"
SECOND = "class Second:\n    x = 2"
WHY = 'why = "b"'
_SOLVED: dict[str, Any] = json.loads(render_reference(REFERENCE, UNIT, {"first": FIRST, "Second": SECOND, "why": WHY}))
ORDER = ["setup", "first", "setup", "Second", "why"]


def solved() -> dict[str, Any]:
    """Return a notebook with all answers; a fresh copy to damage."""
    return copy.deepcopy(_SOLVED)


def stub() -> dict[str, Any]:
    """Return the notebook as students get it."""
    decoded: dict[str, Any] = json.loads(render_assignment(REFERENCE, UNIT))
    return decoded


def encoded(notebook: Any) -> bytes:
    """Return a notebook's file."""
    return json.dumps(notebook).encode()


def read(notebook: Any) -> Cells:
    """Return what the reader makes of a notebook."""
    return read_submission(encoded(notebook), REFERENCE)


def cell(notebook: dict[str, Any], id_: str) -> dict[str, Any]:
    """Return the first cell with this id."""
    found: dict[str, Any] = next(one for one in notebook["cells"] if one["id"] == id_)
    return found


def with_role(notebook: dict[str, Any], role: str) -> list[dict[str, Any]]:
    """Return the cells of one role."""
    return [one for one in notebook["cells"] if one["metadata"].get("autograder", {}).get("role") == role]


def added(source: Any, id_: str = "new", **more: Any) -> dict[str, Any]:
    """Return a code cell that a student added."""
    return {"cell_type": "code", "id": id_, "metadata": {}, "source": source, "outputs": [], "execution_count": None} | more


def strip_ids(one: dict[str, Any]) -> dict[str, Any]:
    """Remove all that tells what a cell is."""
    one.pop("id", None)
    one["metadata"] = {}
    return one


def order(cells: Cells) -> list[str]:
    """Return what is run, in order: the exercise, or the kind for set-up and added cells."""
    return [one.exercise if one.exercise and one.kind != "added" else one.kind for one in cells.cells]
