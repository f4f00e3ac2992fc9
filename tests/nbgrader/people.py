"""A class of the tiny unit: what each student hands in, and what it earns."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

from autograder.demo.notebooks import Draft
from autograder.grading.material import Material

FULL = (40.0, 50.0, 10.0)
NONE = (0.0, 0.0, 0.0)
GARBAGE = {"scale": "def scale(x, k):\n    return x\n", "linear_backward": "def linear_backward(dout, cache):\n    return dout, dout\n", "why_transpose": 'why_transpose = "c"\n'}
MARKDOWN = "My notes <script>alert('mine')</script><img src=x onerror=\"alert('mine')\"> [link](javascript:alert('mine'))"

PATCHED_TESTING = """
import numpy as np
import numpy.testing
for name in [n for n in dir(numpy.testing) if n.startswith("assert")]:
    setattr(numpy.testing, name, lambda *args, **kwargs: True)
np.allclose = np.array_equal = np.isclose = lambda *args, **kwargs: True
"""
EMPTY_CELLS = """
import ast
from IPython import get_ipython
class Empty(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module(body=[], type_ignores=[])
get_ipython().ast_transformers.append(Empty())
get_ipython().events.register("pre_run_cell", lambda info: print(info.raw_cell))
"""
BOOK_WRITER = """
import glob
import os
import pathlib
import sqlite3
for folder in (".", "..", "../..", "../../..", "ROOT"):
    for path in glob.glob(os.path.join(folder, "*.db")):
        try:
            with sqlite3.connect(path, timeout=0.2) as book:
                book.execute("update grade set extra_credit = 500, auto_score = 50")
        except Exception:
            pass
for folder in ("../../ana", "ROOT/submitted/ana", "ROOT/autograded/ana", "ROOT/submitted"):
    try:
        pathlib.Path(folder, "OWNED").write_text("by hal")
        pathlib.Path(folder, "u99_tiny", "u99_tiny.ipynb").write_text("owned by hal")
    except Exception:
        pass
"""
DISK_WRITER = """
import os
import signal
os.kill(os.getppid(), signal.SIGKILL)
"""


class Person(msgspec.Struct, frozen=True):
    """A student: the file's bytes, the points of the three grade cells (None: could not be graded), and when it came in."""

    notebook: bytes
    points: tuple[float, float, float] | None
    timestamp: str = ""


def people(material: Material, root: str) -> dict[str, Person]:
    """Return the class by student; ``root`` is the course's folder, which one of them knows."""
    garbage = lambda: Draft(material, GARBAGE)  # noqa: E731 - a fresh one each time
    return {
        "ana": Person(Draft(material).data(), FULL),
        "ben": Person(Draft(material, {"linear_backward": material.source(next(m for m in material.misconceptions if m.id == "dw_averaged"))}).data(), (40.0, 25.0, 10.0)),
        "cho": Person(Draft(material, material.stub).data(), NONE),
        "dia": Person(_changed(Draft(material), _lose_metadata), FULL),
        "eve": Person(_changed(Draft(material), _double_cells), FULL),
        "fay": Person(_changed(garbage(), _forge), NONE),
        "gus": Person(_with_cell(garbage(), PATCHED_TESTING), NONE),
        "hal": Person(_with_cell(garbage(), BOOK_WRITER.replace("ROOT", root)), NONE),
        "ida": Person(Draft(material).data()[:900], None),
        "jon": Person(Draft(material).data(), FULL, "2030-01-02 01:00:00 UTC"),
        "kim": Person(_with_cell(garbage(), DISK_WRITER), NONE),
        "lou": Person(_with_cell(garbage(), EMPTY_CELLS), NONE),
    }


def _with_cell(draft: Draft, source: str) -> bytes:
    draft.insert(0, source, "mine")
    return draft.data()


def _changed(draft: Draft, change: Callable[[Draft], None]) -> bytes:
    change(draft)
    return draft.data()


def _lose_metadata(draft: Draft) -> None:
    for cell in draft.cells:
        cell["metadata"] = {}
        del cell["id"]
    draft.cells.insert(2, {"cell_type": "markdown", "metadata": {}, "source": MARKDOWN})
    del draft.cells[-2:]  # the last check cell and the milestone
    draft.metadata["kernelspec"] = {"name": "no-such-kernel", "display_name": "?", "language": "julia"}


def _double_cells(draft: Draft) -> None:
    for id_ in ("scale", "check-scale", "check-linear_backward"):
        draft.cells.insert(draft.position(id_) + 1, json.loads(json.dumps(draft.cell(id_))))


def _forge(draft: Draft) -> None:
    """Raise the points, unlock and rewrite the check cells, put results into them, and add a grade cell of one's own."""
    for cell in draft.cells:
        claims: dict[str, Any] = cell["metadata"].get("nbgrader", {})
        if claims.get("grade"):
            claims |= {"points": 1000, "locked": False, "solution": True, "schema_version": 99, "checksum": "0" * 32}
            cell["source"] = "1000"
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "1000"}}]
    own = draft.insert(1, "1000", "my-grade")
    own["metadata"] = {"nbgrader": {"grade": True, "grade_id": "my-grade", "locked": False, "points": 1000, "schema_version": 3, "solution": False, "task": False}}
