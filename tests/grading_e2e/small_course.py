"""A course of one tiny unit, graded in a fraction of a second, and notebooks for it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from autograder.authoring.build import render_reference
from autograder.course import Course
from autograder.grading.material import Material

UNIT = "u90_small"
SECRET = "CANARY-of-the-course-secret"

UNIT_TOML = """
title = "A small unit"
feedback = "example"
summary = "Two functions, a pair and a question."

provided = ["offset(x) -> y"]

[[exercise]]
id = "double"
title = "Twice"
points = 40
minutes = 1
difficulty = 1
functions = ["double(x) -> y"]

[[exercise]]
id = "apply_twice"
title = "A function of a function"
points = 30
minutes = 1
difficulty = 1
functions = ["apply_twice(f, x) -> y"]

[[exercise]]
id = "moments"
title = "Mean and spread"
points = 20
minutes = 1
difficulty = 1
functions = ["moments(x) -> mean, spread"]

[[question]]
id = "half_of_ten"
title = "Half of ten"
points = 10
kind = "number"
answer = 5.0
explanation = "CANARY of the explanation: ten is five and five."

[limits]
call_seconds = 1.0
cell_seconds = 1.0
submission_seconds = 30.0
"""

REFERENCE = '''
# %% [markdown]
# # A small unit

# %% tags=["setup"]
import numpy as np

from autograder import check


def offset(x):
    """Return x + 1."""
    return x + 1.0


# %% exercise="double"
def double(x):
    """Return 2·x."""
    ### BEGIN SOLUTION
    return 2.0 * x  # CANARY of the reference
    ### END SOLUTION


# %% exercise="apply_twice"
def apply_twice(f, x):
    """Return f(f(x))."""
    ### BEGIN SOLUTION
    return f(f(x))
    ### END SOLUTION


# %% exercise="moments"
def moments(x):
    """Return the mean and the largest minus the smallest entry."""
    ### BEGIN SOLUTION
    return float(np.mean(x)), float(np.max(x) - np.min(x))
    ### END SOLUTION


# %% question="half_of_ten"
### BEGIN SOLUTION
#| half_of_ten = None
half_of_ten = 5.0
### END SOLUTION
'''.lstrip()

MISCONCEPTIONS = """
from autograder.authoring.variants import Misconception

MISCONCEPTIONS = (
    Misconception(id="double_squares", exercise="double", hint="You square x: two times is not to the power of two.", edits=(("2.0 * x", "x * x"),)),
)
""".lstrip()

ALTERNATIVES = """
from autograder.authoring.variants import Alternative

ALTERNATIVES = (Alternative(id="double_adds", exercise="double", note="a sum", edits=(("2.0 * x", "x + x"),)),)
""".lstrip()

HIDDEN = '''
"""CANARY of the hidden tests."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

ANSWERS = "CANARY in the memory of the grader"


@exercise("double")
@given(seed=seeds(), shape=dims("N D"))
def test_double(student, reference, seed, shape):
    """Every entry is doubled."""
    x = Draw(seed).normal(*shape)
    assert_close(student.double(x), reference.double(x), "y")


@exercise("double")
@given(seed=seeds())
def test_double_keeps_its_input(student, seed):
    """The input is the caller's."""
    x = Draw(seed).normal(3)
    y = student.double(x)
    assert_unchanged(student)
    assert_close(y, 2 * x, "y")


@exercise("apply_twice")
@given(seed=seeds())
def test_apply_twice(student, seed):
    """The function is applied to its own result."""
    x = Draw(seed).normal(3)

    def secret_function(v):
        """CANARY of a function that a test passes in."""
        return 3.0 * v + 1.0

    assert_close(student.apply_twice(secret_function, x), 9.0 * x + 4.0, "y")


@exercise("moments")
@given(seed=seeds())
def test_moments(student, seed):
    """Mean and spread are right."""
    x = Draw(seed).normal(5)
    mean, spread = student.moments(x)
    assert_close(mean, float(np.mean(x)), "mean")
    assert_close(spread, float(np.max(x) - np.min(x)), "spread")
'''.lstrip()

VISIBLE = '''
import numpy as np

from autograder.testing import assert_close, exercise


@exercise("double")
def test_double_of_one(student):
    """Twice 1 is 2."""
    assert_close(student.double(np.ones(1)), np.full(1, 2.0), "y")
'''.lstrip()


def write_course(root: Path) -> Course:
    """Write the course with a known secret and return it."""
    solutions, tests = root / "solutions" / UNIT, root / "tests" / "units" / UNIT
    files = {
        solutions / "unit.toml": UNIT_TOML,
        solutions / f"{UNIT}.py": REFERENCE,
        solutions / "misconceptions.py": MISCONCEPTIONS,
        solutions / "alternatives.py": ALTERNATIVES,
        tests / "__init__.py": "",
        tests / "hidden" / "__init__.py": "",
        tests / "hidden" / "test_small.py": HIDDEN,
        tests / "visible" / "__init__.py": "",
        tests / "visible" / "test_small.py": VISIBLE,
        root / ".autograder" / "secret": SECRET + "\n",
    }
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Course(root)


def notebook(material: Material, replace: Mapping[str, str] | None = None, *, before: str = "") -> bytes:
    """Return a notebook with the reference's answers.

    Args:
        material: the unit.
        replace: source of some solution cells instead.
        before: source of a cell that is put in at the start.
    """
    data = json.loads(render_reference(material.notebook, material.unit, dict(replace or {})))
    if before:
        cell = {"cell_type": "code", "execution_count": None, "id": "mine", "metadata": {}, "outputs": [], "source": before}
        data["cells"].insert(0, cell)
    return json.dumps(data).encode()


def unanswered(material: Material, cell: str) -> bytes:
    """Return an untouched notebook with one more cell at its end, which may define anything."""
    data = json.loads(notebook(material, material.stub))
    data["cells"].append({"cell_type": "code", "execution_count": None, "id": "mine", "metadata": {}, "outputs": [], "source": cell})
    return json.dumps(data).encode()


def hand_in(folder: Path, students: Mapping[str, bytes]) -> Path:
    """Write notebooks as nbgrader's tree and return its folder."""
    for student, data in students.items():
        path = folder / student / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder
