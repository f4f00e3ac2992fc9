"""A class of forty of a real unit: who they are, what each writes into the notebook that was fetched, and when it comes in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import msgspec

from autograder.demo.people import NAMES
from autograder.grading.material import Material

UNIT, SIZE = "u03_backprop", 40
PATCHED = """
import numpy as np
import numpy.testing
for name in [n for n in dir(numpy.testing) if n.startswith("assert")]:
    setattr(numpy.testing, name, lambda *args, **kwargs: None)
np.allclose = np.array_equal = lambda *args, **kwargs: True
"""
Expectation = Literal["full", "less", "zero", "ungradable"]


class Member(msgspec.Struct, frozen=True):
    """One student.

    Args:
        student: the student's id.
        kind: what is special about the submission.
        answers: sources of solution cells, by exercise or question.
        expectation: the score before a penalty: ``full``, ``less`` but something, ``zero``, or ``ungradable``.
        wrong: the exercise that loses points, when it is one.
        hint: what the feedback must say.
        late: whether it comes in after the due date.
        damage: what happens to the file before it is handed in.
    """

    student: str
    kind: str
    answers: dict[str, str]
    expectation: Expectation
    wrong: str = ""
    hint: str = ""
    late: bool = False
    damage: Literal["", "cut off", "metadata lost", "cells doubled", "first cell patches NumPy"] = ""


def members(material: Material) -> tuple[Member, ...]:
    """Return the class, sorted by student; every eighth is late."""
    kinds = list(islice(_kinds(material), SIZE))
    named = zip((name for name in NAMES if "+" not in name), kinds, strict=False)
    late = {number for number in range(SIZE) if number % 8 == 5}
    return tuple(sorted((msgspec.structs.replace(m, student=name, late=i in late) for i, (name, m) in enumerate(named)), key=lambda m: m.student))


def _kinds(material: Material) -> Iterator[Member]:
    right = {cell.id: material.notebook.solution(cell.id) for cell in material.notebook.cells if cell.is_solution}
    half = dict(islice(right.items(), len(right) // 2))
    yield Member("", "untouched", {}, "zero")
    yield Member("", "half done", half, "less")
    yield Member("", "lost its metadata", right, "full", damage="metadata lost")
    yield Member("", "doubled its cells", right, "full", damage="cells doubled")
    yield Member("", "was cut off", right, "ungradable", damage="cut off")
    yield Member("", "patches NumPy", {}, "zero", damage="first cell patches NumPy")
    seen: set[str] = set()
    for wrong in material.misconceptions:
        if wrong.exercise not in seen:
            seen.add(wrong.exercise)
            yield Member("", wrong.id, {**right, wrong.exercise: material.source(wrong)}, "less", wrong.exercise, wrong.hint)
    for other in material.alternatives:
        yield Member("", other.id, {**right, other.exercise: material.source(other)}, "full")
    while True:
        yield Member("", "right", right, "full")


def fill_in(path: Path, member: Member) -> None:
    """Write a member's answers into the fetched notebook, and damage it as the member's kind says."""
    notebook: dict[str, Any] = json.loads(path.read_text("utf-8"))
    cells = notebook["cells"]
    for cell in cells:
        if cell["id"] in member.answers:
            cell["source"] = member.answers[cell["id"]]
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "from my own kernel\n"}]
            cell["execution_count"] = 7
    if member.damage == "metadata lost":
        for cell in cells:
            cell["metadata"] = {}
            del cell["id"]
    elif member.damage == "cells doubled":
        doubled = [copy for cell in cells for copy in ([cell, json.loads(json.dumps(cell))] if cell["metadata"].get("nbgrader") else [cell])]
        notebook["cells"] = doubled
    elif member.damage == "first cell patches NumPy":
        cells.insert(0, {"cell_type": "code", "id": "mine", "metadata": {}, "execution_count": None, "outputs": [], "source": PATCHED})
    text = json.dumps(notebook, indent=1)
    path.write_text(text[: len(text) // 2] if member.damage == "cut off" else text, encoding="utf-8")
