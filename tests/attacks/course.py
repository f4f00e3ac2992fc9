"""The course that the corpus attacks: the small unit, and a second one whose tests handle answers without care.

The second unit is there twice: telling students hints, and telling them nothing.
"""

from __future__ import annotations

from pathlib import Path

from autograder.course import Course
from tests.grading_e2e import small_course

UNITS = {"small": small_course.UNIT, "surface": "u91_surface", "silent": "u92_silent"}
FEEDBACK = {"surface": "hint", "silent": "none"}
MARKS = (b"31.415", b"three one four one")  # each hidden input of these two holds the number 31.41592

_TOML = """
title = "A wide surface"
feedback = "FEEDBACK"
summary = "Tests that iterate, index, sort and compute with whatever comes back."

[[exercise]]
id = "scores"
title = "Numbers to be added up"
points = 20
minutes = 1
difficulty = 1
functions = ["scores(x) -> y"]

[[exercise]]
id = "Model"
title = "An object with methods"
points = 20
minutes = 1
difficulty = 1
functions = ["Model(x) -> model"]

[[exercise]]
id = "table"
title = "A table of numbers"
points = 20
minutes = 1
difficulty = 1
functions = ["table(x) -> d"]

[[exercise]]
id = "divide"
title = "A quotient that refuses zero"
points = 20
minutes = 1
difficulty = 1
functions = ["divide(a, b) -> q"]

[[exercise]]
id = "clip"
title = "Cut off, by hand"
points = 10
minutes = 1
difficulty = 1
functions = ["clip(x, lo, hi) -> y"]
forbidden = ["numpy.clip"]

[[question]]
id = "dozen"
title = "A dozen"
points = 10
kind = "number"
answer = 12.0
explanation = "A dozen is twelve."

[limits]
call_seconds = 1.0
cell_seconds = 1.0
submission_seconds = 6.0
"""

_REFERENCE = '''
# %% tags=["setup"]
import numpy as np

from autograder import check


# %% exercise="scores"
def scores(x):
    """Return a list of the entries' squares."""
    ### BEGIN SOLUTION
    return [float(v) ** 2 for v in x]
    ### END SOLUTION


# %% exercise="Model"
class Model:
    """Hold x; ``model.forward(k)`` is k·x, ``model.fit()`` adds 1 to what it holds."""

    ### BEGIN SOLUTION
    #| pass
    def __init__(self, x):
        self.x = np.array(x)

    def forward(self, k):
        return k * self.x

    def fit(self):
        self.x = self.x + 1.0

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return float(self.x[i])
    ### END SOLUTION


# %% exercise="table"
def table(x):
    """Return the sum and the mean by name."""
    ### BEGIN SOLUTION
    return {"sum": float(np.sum(x)), "mean": float(np.mean(x))}
    ### END SOLUTION


# %% exercise="divide"
def divide(a, b):
    """Return a / b; raise ValueError when b is zero."""
    ### BEGIN SOLUTION
    if b == 0.0:
        raise ValueError("b is zero")
    return a / b
    ### END SOLUTION


# %% exercise="clip"
def clip(x, lo, hi):
    """Return x with entries below lo or above hi moved to them."""
    ### BEGIN SOLUTION
    return np.where(x < lo, lo, np.where(x > hi, hi, x))
    ### END SOLUTION


# %% question="dozen"
### BEGIN SOLUTION
#| dozen = None
dozen = 12.0
### END SOLUTION
'''.lstrip()

_HIDDEN = '''
"""CANARY of the careless hidden tests."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, exercise, raises, seeds

MARK = 31.41592


def inputs(seed):
    x = Draw(seed).normal(4)
    x[0] = MARK
    return x


@exercise("scores")
@given(seed=seeds())
def test_scores(student, seed):
    """The squares add up."""
    x = inputs(seed)
    assert_close(sum(student.scores(x)), float(sum(float(v) ** 2 for v in x)), "sum")


@exercise("Model")
@given(seed=seeds())
def test_model(student, seed):
    """It computes, learns, and can be indexed."""
    x = inputs(seed)
    model = student.Model(x)
    model.fit()
    assert_close(model.forward(2.0), 2.0 * (x + 1.0), "y")
    assert_close([float(model[i]) for i in range(len(model))], x + 1.0, "entries", allow_list=True)


@exercise("table")
@given(seed=seeds())
def test_table(student, seed):
    """Sum and mean stand under their names."""
    x = inputs(seed)
    found = {key.strip(): value + 0.0 for key, value in sorted(student.table(x).items())}
    assert_close(found["sum"], float(x.sum()), "sum")
    assert_close(found["mean"], float(x.mean()), "mean")


@exercise("divide")
@given(seed=seeds())
def test_divide(student, seed):
    """The quotient is right."""
    a, b = float(inputs(seed)[0]), 1.0 + float(abs(inputs(seed)[1]))
    assert_close(student.divide(a, b), a / b, "q")


@exercise("divide")
@given(seed=seeds())
def test_divide_by_zero(student, seed):
    """Zero is refused with a ValueError, and two is not."""
    a = float(inputs(seed)[0])
    assert_close(student.divide(a, 2.0), a / 2.0, "q")
    raises(ValueError, student.divide, a, 0.0)


@exercise("clip")
@given(seed=seeds())
def test_clip(student, seed):
    """Entries outside of the interval move to its ends."""
    x = inputs(seed)
    assert_close(student.clip(x, -0.5, 0.5), np.clip(x, -0.5, 0.5), "y")
'''.lstrip()

_VISIBLE = '''
import numpy as np

from autograder.testing import assert_close, exercise


@exercise("clip")
def test_clip_of_two(student):
    """2 becomes 1."""
    assert_close(student.clip(np.full(1, 2.0), 0.0, 1.0), np.ones(1), "y")
'''.lstrip()


def write_course(root: Path) -> Course:
    """Write the course with all units; every file may be read by everybody, so that only the sandbox keeps a submission out."""
    course = small_course.write_course(root)
    for unit, feedback in FEEDBACK.items():
        solutions, tests = course.solutions(UNITS[unit]), course.tests(UNITS[unit])
        files = {
            solutions / "unit.toml": _TOML.replace("FEEDBACK", feedback),
            solutions / f"{UNITS[unit]}.py": _REFERENCE,
            solutions / "misconceptions.py": "MISCONCEPTIONS = ()\n",
            solutions / "alternatives.py": "ALTERNATIVES = ()\n",
            tests / "__init__.py": "",
            tests / "hidden" / "__init__.py": "",
            tests / "hidden" / "test_surface.py": _HIDDEN,
            tests / "visible" / "__init__.py": "",
            tests / "visible" / "test_surface.py": _VISIBLE,
        }
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return course
