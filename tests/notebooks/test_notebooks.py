"""Run every notebook from top to bottom in a real kernel, as its author and as a student who has written nothing."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.authoring.build import render_reference
from autograder.course import Course
from autograder.grading.material import Material

COURSE = Course(Path(__file__).resolve().parents[2])
UNITS = COURSE.units()
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.parametrize("unit", UNITS)]


def run(folder: Path, text: str, said: Any, title: str) -> Any:
    """Execute a notebook in an assignment's folder and say how long it took."""
    notebook = nbformat.reads(text, as_version=4)
    started = time.perf_counter()
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    with said.disabled():
        print(f"\n{title}: {time.perf_counter() - started:.1f} s", end="")
    return notebook


@pytest.fixture
def folder(unit: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's copy of the assignment; kernels may take a browser's time to draw, but they draw into nothing."""
    monkeypatch.setenv("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    return Path(shutil.copytree(COURSE.assignment(unit), tmp_path / unit))


def outputs(cell: Any, kind: str) -> str:
    """Return the text that a cell printed (``stream``) or showed (``execute_result``)."""
    found = [o for o in cell.get("outputs", []) if o.output_type == kind]
    return "".join(o.text if kind == "stream" else o.data.get("text/plain", "") for o in found)


def role(cell: Any) -> str:
    """Return the role of a cell in its metadata."""
    return str(cell.metadata.get("autograder", {}).get("role", ""))


def test_the_reference_runs_from_top_to_bottom(unit: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the reference's solutions, nothing is written to stderr, every check passes and every milestone trains and says its seconds."""
    material = Material(COURSE, unit)
    notebook = run(folder, render_reference(material.notebook, material.unit), capsys, f"{unit}, solved")
    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        assert not [o for o in cell.outputs if o.get("name") == "stderr"], cell.source
        if role(cell) == "check":
            assert "✓" in outputs(cell, "execute_result"), cell.source
            assert not {"✗", "○", "–"} & set(outputs(cell, "execute_result").split()), outputs(cell, "execute_result")
        if role(cell) == "milestone" and "milestone(" in cell.source:
            assert " s\n" in outputs(cell, "stream"), cell.source
            assert "Not yet right" not in outputs(cell, "stream")
    assert any(o.get("data", {}).get("image/png") for cell in notebook.cells for o in cell.get("outputs", []))


def test_the_untouched_notebook_runs_and_fails_kindly(unit: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without any solution, no cell raises, every check says what is not written yet, and milestones fall back to stored numbers."""
    notebook = run(folder, (folder / f"{unit}.ipynb").read_text("utf-8"), capsys, f"{unit}, untouched")
    checks = [cell for cell in notebook.cells if role(cell) == "check"]
    assert len(checks) == len(Material(COURSE, unit).unit.ids)
    for cell in checks:
        shown = outputs(cell, "execute_result")
        assert "Not written yet" in shown or "Not answered yet" in shown or "planted" in cell.source or "✗" in shown, shown
        assert "✓" not in shown, shown
    fallbacks = [outputs(cell, "stream") for cell in notebook.cells if role(cell) == "milestone" and "needs=" in cell.source]
    assert fallbacks
    for said in fallbacks:
        assert "Not yet right" in said, said
