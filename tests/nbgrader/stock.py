"""A stock nbgrader course with the tiny unit's two exercises and hidden tests in its cells, and the attacks that succeed there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import nbformat

UNIT = "u99_tiny"
GARBAGE = {"scale": "def scale(x, k):\n    return x\n", "linear_backward": "def linear_backward(dout, cache):\n    return dout, dout\n"}
RIGHT = {"scale": "def scale(x, k):\n    return k * x\n", "linear_backward": "def linear_backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, x.T @ dout\n"}
TESTS = {
    "scale": """
from numpy.testing import assert_allclose
assert_allclose(scale(np.ones(2), 2.0), [2.0, 2.0])
### BEGIN HIDDEN TESTS
x = np.random.default_rng(7).normal(size=(3, 4))
assert_allclose(scale(x, 3.5), 3.5 * x)
### END HIDDEN TESTS
""",
    "linear_backward": """
from numpy.testing import assert_allclose
### BEGIN HIDDEN TESTS
draw = np.random.default_rng(8)
x, w, dout = draw.normal(size=(5, 3)), draw.normal(size=(3, 2)), draw.normal(size=(5, 2))
dx, dw = linear_backward(dout, (x, w))
assert_allclose(dx, dout @ w.T)
assert_allclose(dw, x.T @ dout)
### END HIDDEN TESTS
""",
}
POINTS = {"scale": 40, "linear_backward": 50}

PATCHED_TESTING = """
import numpy.testing
for name in [n for n in dir(numpy.testing) if n.startswith("assert")]:
    setattr(numpy.testing, name, lambda *args, **kwargs: None)
"""
EMPTIED_CELLS = """
import ast
class Empty(ast.NodeTransformer):
    def visit_Module(self, node):
        return ast.Module(body=[], type_ignores=[])
get_ipython().ast_transformers.append(Empty())
"""
FORGED_RESULT = """
def forge(info):
    for name, points in {"assert_allclose(scale": 40, "linear_backward(dout": 50}.items():
        if name in info.raw_cell and "def " not in info.raw_cell:
            get_ipython().displayhook(points)
get_ipython().events.register("pre_run_cell", forge)
"""
EXTRA_CREDIT = """
import sqlite3
with sqlite3.connect("../../../gradebook.db", timeout=5) as book:
    own = "select n.id from submitted_notebook n join submitted_assignment s on s.id = n.assignment_id where s.student_id = 'forger'"
    book.execute(f"update grade set extra_credit = 45 where notebook_id in ({own})")
"""
COPIED_ANSWERS = """
import json
with open("../../../submitted/honest/u99_tiny/u99_tiny.ipynb") as file:
    for cell in json.load(file)["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("solution"):
            exec("".join(cell["source"]))
"""
SPOILT_NEIGHBOUR = """
import json, os
path = "../../../submitted/victim/u99_tiny/u99_tiny.ipynb"
with open(path) as file:
    notebook = json.load(file)
for cell in notebook["cells"]:
    if cell["metadata"].get("nbgrader", {}).get("solution"):
        cell["source"] = "spoilt = True"
with open(path, "w") as file:
    json.dump(notebook, file)
"""


class Attack(msgspec.Struct, frozen=True):
    """What a student does to a notebook with garbage answers.

    Args:
        student: the student's id.
        first, late: source of a cell put at the start, and of one put before each check; empty for none.
        edit: what else is done to the cells.
    """

    student: str
    first: str = ""
    late: str = ""
    edit: Callable[[list[dict[str, Any]]], None] | None = None


def skip_checks(cells: list[dict[str, Any]]) -> None:
    """Forge the metadata: tag the check cells so that nbclient does not execute them; nbgrader gives full marks for no output."""
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["metadata"]["tags"] = ["skip-execution"]


def rewrite_checks(cells: list[dict[str, Any]]) -> None:
    """Edit the check cells' text, points and locks; stock nbgrader puts the text and points back."""
    for cell in cells:
        if cell["metadata"].get("nbgrader", {}).get("grade"):
            cell["source"] = "90"
            cell["metadata"]["nbgrader"] |= {"points": 1000, "locked": False}


ATTACKS = (
    Attack("patcher", first=PATCHED_TESTING),
    Attack("tagger", edit=skip_checks),
    Attack("emptier", first=EMPTIED_CELLS),
    Attack("printer", first=FORGED_RESULT),
    Attack("forger", first=EXTRA_CREDIT),
    Attack("copier", late=COPIED_ANSWERS),
    Attack("spoiler", first=SPOILT_NEIGHBOUR),
    Attack("editor", edit=rewrite_checks),
)
FULL_IN_STOCK = ("patcher", "tagger", "emptier", "printer", "forger", "copier")


def answered(data: bytes, answers: Mapping[str, str], attack: Attack | None = None) -> bytes:
    """Return a released notebook with answers in its solution cells, and an attack carried out on it."""
    notebook = json.loads(data)
    cells = notebook["cells"]
    for cell in cells:
        claims = cell["metadata"].get("nbgrader", {})
        if claims.get("solution") and claims["grade_id"] in answers:
            cell["source"] = answers[claims["grade_id"]]
    if attack is not None:
        checks = [i for i, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade")]
        for position in reversed(checks if attack.late else []):
            cells.insert(position, _own(attack.late, f"mine-{position}"))
        if attack.edit is not None:
            attack.edit(cells)
        if attack.first:
            cells.insert(0, _own(attack.first, "mine-first"))
    return json.dumps(notebook, indent=1).encode()


def _own(source: str, id_: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": id_, "metadata": {}, "outputs": [], "source": source}


def write_stock_course(root: Path) -> None:
    """Write a course with nbgrader's own configuration: an assignment whose hidden tests are in its cells."""
    (root / "source" / UNIT).mkdir(parents=True)
    path = 'import os, sys\nos.environ["PATH"] = os.path.dirname(sys.executable) + os.pathsep + os.environ["PATH"]\n'  # nbgrader calls alembic
    (root / "nbgrader_config.py").write_text(f'{path}c = get_config()\nc.CourseDirectory.course_id = "default_course"\n')
    cells = [nbformat.v4.new_code_cell("import numpy as np", id="setup", metadata={})]
    for id_, points in POINTS.items():
        solution = RIGHT[id_].replace("):\n", "):\n    ### BEGIN SOLUTION\n", 1) + "    ### END SOLUTION\n"
        flags = {"schema_version": 3, "task": False}
        answer = {"nbgrader": {"grade": False, "grade_id": id_, "locked": False, "solution": True, **flags}}
        check = {"nbgrader": {"grade": True, "grade_id": f"check-{id_}", "locked": True, "solution": False, "points": points, **flags}}
        cells.append(nbformat.v4.new_code_cell(solution, id=id_, metadata=answer))
        cells.append(nbformat.v4.new_code_cell(TESTS[id_], id=f"check-{id_}", metadata=check))
    kernel = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), root / "source" / UNIT / f"{UNIT}.ipynb")
