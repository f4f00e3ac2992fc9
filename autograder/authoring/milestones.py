"""Run a reference notebook and keep the numbers of its milestones, which students see while their own code is not right yet."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.assembly import build_assignment
from autograder.authoring.source import Reference
from autograder.course import Course
from autograder.errors import AuthorError
from autograder.grading.material import Material
from autograder.student import STORE_VARIABLE


def script_of(reference: Reference) -> str:
    """Return a reference's code cells as one script, which closes its figures after each cell."""
    closing = "import sys as _sys\n'matplotlib.pyplot' in _sys.modules and _sys.modules['matplotlib.pyplot'].close('all')"
    parts = [f"{cell.source}\n\n{closing}" for cell in reference.cells if cell.kind != "markdown"]
    return "\n\n".join(parts) + "\n"


def store_milestones(course: Course, unit: str) -> list[Path]:
    """Run the reference notebook of a unit from top to bottom and store its milestones in ``solutions/<unit>/data``.

    Raises:
        AuthorError: a cell fails.
    """
    material = Material(course, unit)
    target = course.solutions(unit) / "data"
    target.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder, store = Path(name) / unit, Path(name) / "store"
        shutil.copytree(build_assignment(material), folder)
        (folder / "data").mkdir(exist_ok=True)
        store.mkdir()
        environment = {**os.environ, "MPLBACKEND": "Agg", STORE_VARIABLE: str(store)}
        done = subprocess.run(
            [sys.executable, "-c", script_of(material.notebook)], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise AuthorError(f"the reference notebook fails:\n{done.stderr[-2000:]}", unit=unit)
        stored = []
        for path in sorted(store.glob("*.npz")):
            shutil.copyfile(path, target / path.name)
            stored.append(target / path.name)
    return stored
