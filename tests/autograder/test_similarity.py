"""Tests of autograder.similarity: it ranks pairs by what they share beyond what they were given and what many wrote."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.demo.notebooks import Draft
from autograder.grading.material import Material
from autograder.similarity import Pair, similar_pairs, write_pairs
from autograder.submissions.collect import Submission

pytestmark = [
    pytest.mark.skipif(importlib.util.find_spec("copydetect") is None, reason="copydetect is not installed: pip install copydetect"),
    pytest.mark.filterwarnings("default"),  # of what copydetect imports
]
USUAL = "def linear_backward(dout, cache):\n    x, w = cache\n    dx = dout @ w.T\n    dw = x.T @ dout\n    return dx, dw\n"
LONG_WAY = """def linear_backward(dout, cache):
    inputs, weights = cache
    rows, columns = inputs.shape[0], weights.shape[1]
    left, right = np.zeros_like(inputs), np.zeros_like(weights)
    for row in range(rows):
        for column in range(columns):
            left[row] += dout[row, column] * weights[:, column]
            right[:, column] += dout[row, column] * inputs[row]
    return left, right
"""
DISGUISED = LONG_WAY.replace("left", "a").replace("right", "b").replace("inputs", "x").replace("weights", "w").replace("    return", "    # done by myself\n\n    return")
EINSUM = 'def linear_backward(dout, cache):\n    return np.einsum("nm,dm->nd", dout, cache[1]), np.einsum("nd,nm->dm", cache[0], dout)\n'

Notebook = Callable[..., bytes]


def group(notebook: Notebook, answers: dict[str, str]) -> list[Submission]:
    """Return submissions of students with these answers to one exercise."""
    return [Submission(student, None, notebook({"linear_backward": source})) for student, source in answers.items()]


def test_a_disguised_copy_ranks_first(tiny: Material, tiny_notebook: Notebook) -> None:
    """New names, comments and blank lines hide nothing; the pair is first and names the exercise."""
    usual = {f"s{number}": USUAL for number in range(6)}
    found = similar_pairs(tiny, group(tiny_notebook, {**usual, "ana": LONG_WAY, "ben": DISGUISED, "cho": EINSUM}))
    assert (found[0].first, found[0].second) == ("ana", "ben")
    assert found[0].share > 0.9
    assert found[0].exercises[0][0] == "linear_backward"
    assert not [pair for pair in found if "cho" in (pair.first, pair.second)]


def test_what_many_wrote_counts_for_nothing(tiny: Material, tiny_notebook: Notebook) -> None:
    """Six students with the same answer, word for word, are no pairs at all; two of them would be."""
    assert len(similar_pairs(tiny, group(tiny_notebook, {f"s{number}": LONG_WAY for number in range(2)}))) == 1
    assert similar_pairs(tiny, group(tiny_notebook, {f"s{number}": LONG_WAY for number in range(6)})) == []


def test_starter_code_counts_for_nothing(tiny: Material, tiny_notebook: Notebook) -> None:
    """Two untouched notebooks have nothing of their own in common."""
    untouched = tiny_notebook(stub=True)
    assert similar_pairs(tiny, [Submission("ana", None, untouched), Submission("ben", None, untouched)]) == []


def test_an_unreadable_submission_is_passed_over(tiny: Material, tiny_notebook: Notebook) -> None:
    """A broken file stops nothing, and odd text in an answer neither."""
    draft = Draft(tiny)
    draft.cell("linear_backward")["source"] = 'x = "\ud800' + "(" * 5000
    odd = [Submission("ida", None, b"{"), Submission("jon", None, None), Submission("kim", None, draft.data())]
    assert len(similar_pairs(tiny, [*odd, *group(tiny_notebook, {"ana": LONG_WAY, "ben": DISGUISED})])) == 1


def test_the_file_is_safe_to_open(tmp_path: Path) -> None:
    """A name that looks like a formula is text in the CSV."""
    write_pairs([Pair("=cmd()", "ben", 0.5, 80, (("scale", 0.5),))], tmp_path / "pairs.csv")
    text = (tmp_path / "pairs.csv").read_text("utf-8")
    assert text.splitlines()[1].startswith("\"'=cmd()") or text.splitlines()[1].startswith("'=cmd()")
    assert "scale:0.50" in text
