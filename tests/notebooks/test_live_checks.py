"""What a student sees in a real kernel: after a restart, without PyTorch, and with ``check`` called in other ways."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from autograder.assembly import build_assignment
from autograder.grading.material import Material
from tests.conftest import TINY

pytestmark = pytest.mark.filterwarnings("ignore")
START = "from autograder import check, milestone"
SCALE = "def scale(x, k):\n    return k * x"
ABOVE = "Run the cells above first (Run → Run All Above Selected Cell)"
Shown = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, tiny: Material) -> Path:
    """A student's copy of the tiny assignment."""
    return Path(shutil.copytree(build_assignment(tiny), tmp_path / TINY))


@pytest.fixture
def shown(folder: Path) -> Shown:
    """A function that runs cells in a fresh kernel and returns what each shows as text, its lines joined; no cell may raise."""

    def run(*sources: str) -> list[str]:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        client: Any = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(folder)}})
        client.execute()
        texts = ("".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs) for cell in notebook.cells)
        return [" ".join(text.split()) for text in texts]

    return run


def test_after_a_restart_the_cells_above_are_asked_for_once(shown: Shown, folder: Path) -> None:
    """With only an exercise's own cell run again, one sentence names what is missing and what to do; nothing counts as failed."""
    solution = "def linear_backward(dout, cache):\n    x, w = cache\n    return np.asarray(dout) @ w.T, x.T @ dout"
    text = shown(START, solution, 'check("linear_backward")')[-1]
    assert text.count(ABOVE) == 1
    assert "linear_forward is defined in a cell above" in text
    assert "✗" not in text
    assert ABOVE in shown(START, 'check("scale")')[-1]
    assert ABOVE in shown(START, 'check("why_transpose")')[-1]


def test_a_name_of_nobody_is_not_blamed_on_the_restart(shown: Shown, folder: Path) -> None:
    """A name that no cell defines is told as an exception of the student's code, at its line; one defined below the check is told as such."""
    text = shown(START, "import numpy as np\n\n\ndef scale(x, k):\n    return factor * x", 'check("scale")')[-1]
    assert "NameError: name 'factor' is not defined (line 5 of the cell: return factor * x)" in text
    assert ABOVE not in text
    path = folder / f"{TINY}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    notebook["cells"].append({**notebook["cells"][1], "id": "mine", "metadata": {}, "source": "factor = 3"})
    path.write_text(json.dumps(notebook), "utf-8")
    text = shown(START, "def scale(x, k):\n    return factor * x", 'check("scale")')[-1]
    assert "factor is defined only in a cell below this check" in text
    assert text.count("factor is defined") == 1


def test_what_is_forbidden_is_told_before_the_deadline(shown: Shown) -> None:
    """A kernel's cell is looked at as the grader looks at it: a forbidden name behind an alias fails every test with the grader's sentence."""
    text = shown(START, "import numpy as np\ntimes = np.multiply\n\n\ndef scale(x, k):\n    return times(x, k)", 'check("scale")')[-1]
    assert text.count("Your solution uses numpy.multiply, which this exercise asks you to do without.") == 2
    assert "✓" not in text
    assert "✗" not in shown(START, SCALE, "# np.multiply", 'check("scale")')[-1]


def test_a_function_and_nothing_at_all_are_taken(shown: Shown) -> None:
    """``check(scale)`` is ``check("scale")``; ``check()`` is a line for every exercise; anything else is answered in one line."""
    *_, by_name, by_function, everything, other = shown(START, SCALE, 'check("scale")', "check(scale)", "check()", "check(3.0)")
    assert by_function == by_name
    assert "All 2 tests pass." in by_name
    assert "✓ scale: All 2 tests pass." in everything
    assert "– linear_backward: The test did not run." in everything
    assert "– why_transpose: The test did not run." in everything
    assert f"linear_forward is defined in a cell above that has not run to its end in this kernel. {ABOVE}" in everything
    assert everything.count(ABOVE) == 1
    assert "1 of 2 exercises and 0 of 1 question pass their visible checks." in everything
    assert other.startswith('write the name of the exercise in quotes, such as check("scale")')


def test_without_pytorch_one_line_says_how_to_get_it(shown: Shown, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An exercise that needs PyTorch is not run, and says what to install; the others are checked."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))
    about = json.loads((folder / "checks" / "unit.json").read_text("utf-8"))
    about["exercises"][1]["runtime"] = "torch"
    (folder / "checks" / "unit.json").write_text(json.dumps(about), "utf-8")
    scale, backward, everything = shown(START, SCALE, 'check("scale")', 'check("linear_backward")', "check()")[2:]
    assert "All 2 tests pass." in scale
    assert backward.count("This exercise needs PyTorch, which is not installed here: pip install torch") == 1
    assert not {"✗", "○"} & set(backward)
    assert "Your" not in backward
    assert "– linear_backward: The test did not run." in everything
    assert everything.count("linear_backward: This exercise needs PyTorch, which is not installed here: pip install torch") == 1
    assert everything.count("PyTorch") == 1
    assert "1 of 2 exercises and 0 of 1 question pass their visible checks; 1 exercise not run." in everything
