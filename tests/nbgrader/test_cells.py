"""Tests of autograder.gradebook.cells: a submission becomes a notebook that says nothing but what it may."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from autograder.authoring.build import render_assignment
from autograder.demo.notebooks import Draft
from autograder.demo.roles import cast
from autograder.errors import UsageError
from autograder.gradebook import recorder
from autograder.gradebook.cells import NOTICE, built_notebook, outcomes, restored_notebook, show_outcomes
from autograder.grading.material import Material
from autograder.records import ExerciseRecord, SubmissionRecord, TestRecord

CHECKS = ["check-scale", "check-linear_backward", "check-why_transpose"]


def record(**points: float) -> SubmissionRecord:
    """Return a record with some points."""
    full = {"scale": 40.0, "linear_backward": 50.0, "why_transpose": 10.0}
    test = TestRecord("test_x", "It is right.", "passed", 1.0)
    exercises = tuple(ExerciseRecord(id_, id_, got, full[id_], (test,)) for id_, got in points.items())
    return SubmissionRecord("u99_tiny", "ana", "", "", "graded", sum(points.values()), 100.0, exercises=exercises)


def ids(notebook: dict[str, Any]) -> list[str]:
    """Return the ids of nbgrader's cells in their order."""
    return [cell["metadata"]["nbgrader"]["grade_id"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]


def test_an_untouched_notebook_is_the_built_one(tiny: Material) -> None:
    """What was not changed is not changed, in its bytes."""
    text = render_assignment(tiny.notebook, tiny.unit)
    assert restored_notebook(text.encode(), tiny) == built_notebook(tiny)


def test_every_submission_of_the_demo_class_has_each_cell_once(tiny: Material) -> None:
    """Whatever was lost, doubled, moved, forged or cannot be read: nbgrader's cells are the unit's, with its metadata."""
    wanted = {cell["id"]: cell for cell in built_notebook(tiny)["cells"] if "nbgrader" in cell["metadata"]}
    for role in cast(tiny):
        notebook = restored_notebook(role.notebook, tiny)
        assert sorted(ids(notebook)) == sorted(wanted), role.kind
        assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"]), role.kind
        for cell in notebook["cells"]:
            assert "outputs" not in cell or cell["outputs"] == [], role.kind
            assert re.fullmatch(r"[\w-]{1,64}", cell["id"], re.ASCII), role.kind
            if "nbgrader" in cell["metadata"]:
                assert cell["metadata"] == wanted[cell["id"]]["metadata"], role.kind
                assert cell["metadata"]["nbgrader"]["solution"] or cell["source"] == wanted[cell["id"]]["source"], role.kind


def test_what_a_student_wrote_is_kept(tiny: Material) -> None:
    """Solutions, added cells and a changed demonstration are there, in the student's order."""
    draft = Draft(tiny, {"scale": "def scale(x, k):\n    return 1  # mine\n"})
    draft.insert(draft.position("scale"), "helper = 1", "helper")
    draft.cells[-1]["source"] = ["print('my own experiment')"]
    sources = [cell["source"] for cell in restored_notebook(draft.data(), tiny)["cells"]]
    places = [next(i for i, source in enumerate(sources) if text in source) for text in ("helper = 1", "# mine", "my own experiment")]
    assert places == sorted(places)


@pytest.mark.parametrize("text", ["<script>x</script>", "```\n<b>x</b>\n```", "`` ` `````", "~~~\n", "$$\n<img src=x>\n$$", "[x](javascript:y)", ""])
def test_text_of_a_student_is_shown_as_typed(tiny: Material, text: str) -> None:
    """A student's text stands in one fence that the text cannot close; the unit's own text stays Markdown."""
    draft = Draft(tiny)
    draft.cells.insert(1, {"cell_type": "markdown", "id": "mine", "metadata": {}, "source": text})
    cells = restored_notebook(draft.data(), tiny)["cells"]
    first, *middle, last = cells[1]["source"].split("\n")
    assert first == last + "text"
    assert set(last) == {"`"}
    assert "\n".join(middle) == text
    assert last not in text
    assert cells[0]["source"] == "# Tiny"


def test_missing_cells_are_put_back_where_they_stood(tiny: Material) -> None:
    """A notebook of only one solution cell has all of nbgrader's cells, in the built order."""
    draft = Draft(tiny)
    draft.remove([cell["id"] for cell in draft.cells if cell["id"] != "linear_backward"])
    notebook = restored_notebook(draft.data(), tiny)
    assert ids(notebook) == ids(built_notebook(tiny))
    assert "dx = dout" in next(cell["source"] for cell in notebook["cells"] if cell["id"] == "linear_backward")


def test_outputs_are_what_determine_grade_reads(tiny: Material) -> None:
    """A check cell has one stdout stream and one number; everything that was there is gone."""
    notebook = restored_notebook(render_assignment(tiny.notebook, tiny.unit).encode(), tiny)
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "error", "ename": "x", "evalue": "x", "traceback": []}]
    show_outcomes(notebook["cells"], record(scale=1 / 3, linear_backward=50.0), tiny)
    outputs = {cell["id"]: cell["outputs"] for cell in notebook["cells"] if cell.get("outputs")}
    assert list(outputs) == CHECKS
    assert [out[1]["data"]["text/plain"] for out in outputs.values()] == [repr(1 / 3), "50.0", "0.0"]
    assert all([out[0]["name"], out[0]["output_type"], out[1]["output_type"]] == ["stdout", "stream", "execute_result"] for out in outputs.values())
    assert "0.33 of 40 points" in outputs["check-scale"][0]["text"]


def test_a_notice_stands_in_front(tiny: Material) -> None:
    """What the reader repaired, or why nothing could be graded, is the first thing on the page."""
    graded = msgspec.structs.replace(record(scale=40.0), messages=("cell 4 has lost its id",))
    broken = msgspec.structs.replace(record(), status="ungradable", reason="the file is empty")
    for one, text in ((graded, "cell 4 has lost its id"), (broken, "could not be graded: the file is empty")):
        cells = restored_notebook(b"", tiny)["cells"]
        show_outcomes(cells, one, tiny)
        assert cells[0]["id"] == NOTICE
        assert text in cells[0]["outputs"][0]["text"]


def test_ungradable_is_not_zero(tiny: Material) -> None:
    """A record without a grade has no points; a graded one that lacks an exercise has none for it."""
    broken = msgspec.structs.replace(record(), status="ungradable", reason="the file is empty")
    assert [(o.check, o.points) for o in outcomes(broken, tiny)] == [(check, None) for check in CHECKS]
    assert [o.points for o in outcomes(record(scale=12.5), tiny)] == [12.5, 0.0, 0.0]


def test_a_gradebook_without_nbgrader_is_wrong_use(tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nbgrader is not installed, the message says how to get it."""
    monkeypatch.setitem(sys.modules, "autograder.gradebook.bulk", None)
    with pytest.raises(UsageError, match="--gradebook needs nbgrader.*pip install nbgrader"):
        recorder(tiny.course, tiny.name, [], "sqlite://")


def test_the_notebook_is_plain_json(tiny: Material, tiny_notebook: Callable[..., bytes]) -> None:
    """What is written encodes as JSON and reads back the same."""
    notebook = restored_notebook(tiny_notebook(), tiny)
    assert json.loads(json.dumps(notebook)) == notebook
