"""Grades in nbgrader's gradebook: the steps of ``nbgrader autograde`` and the bulk writer; only ``library`` imports nbgrader."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.errors import UsageError

if TYPE_CHECKING:
    from autograder.course import Course
    from autograder.gradebook.bulk import Recorder


def recorder(course: Course, unit: str, paths: Sequence[Path], url: str) -> AbstractContextManager[Recorder]:
    """Return what writes a run's records into the gradebook at ``url``.

    Raises:
        UsageError: nbgrader is not installed, or the gradebook has another version of the unit.
        GraderError: the database cannot be opened.
    """
    try:
        from autograder.gradebook.bulk import Recorder
    except ModuleNotFoundError as error:
        raise UsageError(f"--gradebook needs nbgrader, and the module {error.name} is missing; install it with: pip install nbgrader") from error
    return Recorder(course, unit, paths, url)
