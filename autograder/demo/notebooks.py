"""A notebook to be spoilt: the reference's, solved or not, with cells to change, take out and put in."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from autograder.authoring.build import render_reference
from autograder.grading.material import Material
from autograder.unit import Exercise, Signature

Cell = dict[str, Any]
_NOTHING: Mapping[str, str] = {}


def function_names(exercise: Exercise) -> list[str]:
    """Return the names of an exercise's functions or classes."""
    return [Signature.parse(text).name for text in exercise.functions]


class Draft:
    """A notebook that is being edited.

    Args:
        material: the unit.
        replace: source of solution cells by exercise or question, instead of the reference's.

    Attributes:
        cells, metadata: as JSON has them.
    """

    def __init__(self, material: Material, replace: Mapping[str, str] = _NOTHING) -> None:
        self._data: dict[str, Any] = json.loads(render_reference(material.notebook, material.unit, replace))
        self.cells: list[Cell] = self._data["cells"]
        self.metadata: dict[str, Any] = self._data["metadata"]

    def position(self, id_: str) -> int:
        """Return where the cell with an id stands."""
        return next(i for i, cell in enumerate(self.cells) if cell["id"] == id_)

    def cell(self, id_: str) -> Cell:
        """Return the cell with an id."""
        return self.cells[self.position(id_)]

    def insert(self, position: int, source: str, id_: str) -> Cell:
        """Put in a code cell without metadata, as a student adds one."""
        cell: Cell = {
            "cell_type": "code",
            "execution_count": None,
            "id": id_,
            "metadata": {},
            "outputs": [],
            "source": source.splitlines(keepends=True),
        }
        self.cells.insert(position, cell)
        return cell

    def remove(self, ids: Iterable[str]) -> None:
        """Take cells out."""
        gone = set(ids)
        self.cells[:] = [cell for cell in self.cells if cell["id"] not in gone]

    def data(self) -> bytes:
        """Return the notebook's bytes; only ASCII, so that an unpaired surrogate can be written."""
        return (json.dumps(self._data, indent=1, sort_keys=True) + "\n").encode()


def with_footer(material: Material, footer: str) -> dict[str, str]:
    """Return every exercise's solution with some lines below it for each of its functions; ``NAME`` stands for the name."""
    changed = {}
    for exercise in material.unit.exercises:
        lines = [footer.replace("NAME", name) for name in function_names(exercise)]
        changed[exercise.id] = "\n\n".join([material.notebook.solution(exercise.id).rstrip(), *lines]) + "\n"
    return changed
