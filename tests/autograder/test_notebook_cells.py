"""Tests of what the notebook on disk and the kernel's cells say about a name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.channel.client import Student
from autograder.channel.harness import load_cell
from autograder.notebook_cells import bound_names, cells_behind, defined_where


def saved(folder: Path, *sources: str, name: str = "u.ipynb") -> None:
    """Write a notebook of code cells."""
    cells = [{"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": source} for source in sources]
    (folder / name).write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}), "utf-8")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def f(x):\n    y = 1\nclass C:\n    z = 2\nasync def g(): pass", {"f", "C", "g"}),
        ("import numpy as np, os.path\nfrom a.b import c as d", {"np", "os", "d"}),
        ("a, (b, *c) = d = 1\ne: int = 2\nf += 1\nx.y = z[0] = 3", {"a", "b", "c", "d", "e", "f"}),
        ("for i in r:\n    j = i\nwith o as p:\n    if (q := 1): pass", {"i", "j", "p", "q"}),
        ("s = [t for t in u]\nv = lambda w: (y := w)", {"s", "v"}),
        ("%matplotlib inline\n!pip install x\nm = 1", {"m"}),
        ("def f(x):\n    return (\nclass C: pass", {"f", "C"}),
        ("", set()),
        ("(" * 5000, set()),
        ("x = 1\0", set()),
    ],
)
def test_what_running_a_cell_binds(source: str, names: set[str]) -> None:
    """Definitions, imports and targets outside functions count, also below magics; a cell that does not parse has its headers."""
    assert bound_names(source) == names


def test_above_below_and_nowhere(tmp_path: Path) -> None:
    """The place is told relative to the exercise's check cell, however it is written; above wins; other notebooks count too."""
    saved(tmp_path, "a = both = 1", "def f(): ...", "check( 'f' )", "b = both = 2", "check(g)", "c = 3", "# check('g')")
    assert [defined_where(tmp_path, "f", name) for name in ("a", "f", "both", "b", "c", "d")] == ["above", "above", "above", "below", "below", ""]
    assert defined_where(tmp_path, "g", "b") == "above"
    assert defined_where(tmp_path, "h", "c") == "above"  # no check cell: all is above
    saved(tmp_path, "d = 1", name="copy.ipynb")
    assert defined_where(tmp_path, "f", "d") == "above"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"cells": 3}'])
def test_a_broken_notebook_defines_nothing(tmp_path: Path, content: bytes) -> None:
    """Whatever lies beside the checks, the answer is that nothing is known."""
    (tmp_path / "u.ipynb").write_bytes(content)
    (tmp_path / "v.ipynb").mkdir()
    assert defined_where(tmp_path, "f", "a") == ""


def test_functions_lead_to_their_cells() -> None:
    """Each cell is told once; functions from modules, plain values and absent names have none."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    student = Student.local(namespace, {})
    load_cell(student, "1", "%matplotlib inline\nimport numpy as np\ndef f(x): return x @ x\ndef g(x): return np.dot(x, x)", 5.0)
    load_cell(student, "2", "class C:\n    def m(self): return sum([])", 5.0)
    namespace |= {"borrowed": saved, "number": 3}
    found = cells_behind(namespace, ["f", "g", "C", "borrowed", "number", "absent"])
    assert len(found) == 2
    assert "@" in found[0]["f"]
    assert "numpy.dot" in found[0]["g"]
    assert "sum" in found[1]["C"]
