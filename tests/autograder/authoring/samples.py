"""A small unit for the tests of the author's side: one exercise, one planted bug, one choice, one number."""

from __future__ import annotations

from typing import Any

from autograder.authoring.source import Reference, parse_reference
from autograder.unit import Unit, unit_from_data

NAME = "u99_sample"

REFERENCE = '''# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # A sample

# %% tags=["setup"]
import numpy as np

from autograder import check

MARK = """
a string
"""


# %% [markdown]
# ## Double

# %% exercise="double"
def double(x):
    """Return 2·x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


# %% tags=["demo"]
images = np.load("data/digits.npz")["images"]

# %% exercise="shift"
def shift(x):
    """Return x + 1; find the bug."""
    ### BEGIN SOLUTION
    #| y = x - 1
    #| return y
    y = x + 1
    return y
    ### END SOLUTION

# %% [markdown]
# Why?

# %% question="why"
### BEGIN SOLUTION
#| why = None  # "a" or "b"
why = "b"
### END SOLUTION

# %% question="how_many"
### BEGIN SOLUTION
#| how_many = None
how_many = 2.5
### END SOLUTION
'''


def data() -> dict[str, Any]:
    """Return the sample's unit.toml, decoded; a fresh copy that a test may change."""
    return {
        "title": "Sample",
        "summary": "A sample unit.",
        "provided": ["ready(x) -> y"],
        "exercise": [
            {"id": "double", "title": "Double", "points": 50, "minutes": 5, "difficulty": 1, "functions": ["double(x) -> y"]},
            {"id": "shift", "title": "Shift", "points": 29.5, "minutes": 9, "difficulty": 3, "functions": ["shift(x) -> y"], "stretch": True},
        ],
        "question": [
            {
                "id": "why",
                "title": "Why",
                "points": 1,
                "kind": "choice",
                "choices": ["a", "b"],
                "answer": "b",
                "explanation": "Because of the secret reason.",
                "hints": {"a": "A secret hint."},
            },
            {
                "id": "how_many",
                "title": "How many",
                "points": 19.5,
                "kind": "number",
                "answer": 2.5,
                "tolerance": 0.01,
                "explanation": "Two and a half is the secret.",
                "hints": {"3": "Do not round."},
            },
        ],
    }


def unit() -> Unit:
    """Return the sample unit."""
    return unit_from_data(NAME, data())


def reference(text: str = REFERENCE) -> Reference:
    """Return the sample's reference, or another text parsed against the same unit."""
    return parse_reference(text, unit())


def line_of(fragment: str, text: str = REFERENCE) -> int:
    """Return the 1-based line of the only line that holds a fragment."""
    (number,) = [number for number, line in enumerate(text.split("\n"), 1) if fragment in line]
    return number
