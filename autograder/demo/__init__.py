"""A small class for the demo and for tests: right, wrong, careless and hostile submissions of any unit."""

from __future__ import annotations

from pathlib import Path

from autograder.demo.roles import Expectation, Role, cast
from autograder.grading.material import Material

__all__ = ["Expectation", "Role", "cast", "write_class"]


def write_class(material: Material, folder: Path) -> int:
    """Write the class as nbgrader's tree ``folder/<student>/<unit>/<unit>.ipynb``; the same files every time.

    Args:
        material: the unit.
        folder: made when it does not exist.

    Returns:
        How many submissions there are.
    """
    roles = cast(material)
    for role in roles:
        path = folder / role.student / material.name / f"{material.name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(role.notebook)
    return len(roles)
