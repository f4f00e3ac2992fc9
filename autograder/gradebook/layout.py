"""A unit in the gradebook: made from the built notebook, and compared with it before anything is graded."""

from __future__ import annotations

from typing import Any

import nbformat

from autograder.errors import UsageError
from autograder.gradebook.cells import built_notebook
from autograder.gradebook.library import ComputeChecksums, Gradebook, MissingEntry, SaveCells
from autograder.grading.material import Material


def ensure_unit(gradebook: Gradebook, url: str, material: Material) -> None:
    """Make the unit known to the gradebook as ``nbgrader generate_assignment`` does, when it is not.

    Raises:
        UsageError: the gradebook has the unit with other cells or points.
    """
    try:
        gradebook.find_notebook(material.name, material.name)
    except MissingEntry:
        gradebook.update_or_create_assignment(material.name)
        names = {"notebook": material.name, "assignment": material.name, "db_url": url}
        SaveCells().preprocess(with_checksums(material), {"nbgrader": names})
        gradebook.db.expire_all()
    refuse_other_layout(gradebook, material)


def refuse_other_layout(gradebook: Gradebook, material: Material) -> None:
    """Raise ``UsageError`` when the gradebook's cells are not the unit's.

    A checksum covers a cell's text, kind, id and points.
    """
    advice = f"run 'nbgrader generate_assignment {material.name} --force'"
    try:
        stored = {cell.name: cell.checksum for cell in gradebook.find_notebook(material.name, material.name).source_cells}
    except MissingEntry:
        raise UsageError(f"unit={material.name}: the gradebook does not know it; {advice}") from None
    cells = [cell for cell in with_checksums(material).cells if "nbgrader" in cell.metadata]
    wanted = {cell.metadata.nbgrader["grade_id"]: cell.metadata.nbgrader["checksum"] for cell in cells}
    if stored != wanted:
        names = ", ".join(sorted(name for name in stored.keys() | wanted.keys() if stored.get(name) != wanted.get(name))[:5])
        raise UsageError(f"unit={material.name}: the gradebook has another version of it (cells {names}); {advice}, then grade again")


def with_checksums(material: Material) -> Any:
    """Return the built notebook as nbformat's node, its cells with nbgrader's checksums."""
    notebook, _ = ComputeChecksums().preprocess(nbformat.from_dict(built_notebook(material)), {})
    return notebook
