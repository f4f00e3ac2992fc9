"""Tests of matching a submission's cells to the reference's."""

from __future__ import annotations

import ast
import builtins
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import Ungradable
from autograder.submissions.read import read_submission

from .samples import FIRST, ORDER, REFERENCE, SECOND, WHY, added, cell, encoded, order, read, solved, strip_ids, stub, with_role


def sources(notebook: Any) -> list[str]:
    """Return the sources that are run, set-up cells left out."""
    return [one.source for one in read(notebook).cells if one.kind != "setup"]


def test_honest_notebook_is_read_without_messages() -> None:
    """Set-up and solution cells are run in order; checks, demonstrations and milestones are not."""
    cells = read(solved())
    assert order(cells) == ORDER
    assert cells.messages == ()
    assert [one.source for one in cells.cells if one.kind != "setup"] == [FIRST, SECOND, WHY]
    assert [one.id for one in cells.cells][1::2] == ["first", "Second"]
    assert cells.cells[1].label == "cell 4 (first)"
    assert cells.cells[2].label == "set-up cell 2"


def test_untouched_notebook_is_read() -> None:
    """The notebook as handed out holds the stubs."""
    cells = read(stub())
    assert order(cells) == ORDER
    assert cells.messages == ()


def test_student_code_is_never_compiled_or_executed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading neither compiles, parses nor runs a submission."""
    data = encoded(solved() | {"cells": [*solved()["cells"], added("raise SystemExit"), added("-" * 1000 + "1")]})
    read_submission(data, REFERENCE)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError

    monkeypatch.setattr(ast, "parse", refuse)
    for name in ("compile", "exec", "eval"):
        monkeypatch.setattr(builtins, name, refuse)
    assert read_submission(data, REFERENCE).cells


def test_set_up_cells_are_the_references() -> None:
    """A changed set-up cell is replaced by the original, with a message; a missing one is put back in its place."""
    notebook = solved()
    with_role(notebook, "setup")[0]["source"] = "import os"
    notebook["cells"].remove(with_role(notebook, "setup")[1])
    cells = read(notebook)
    assert order(cells) == ORDER
    assert [one.source for one in cells.cells if one.kind == "setup"] == ["import numpy as np", "base = first(1)"]
    assert any("cell 2 is a changed set-up cell" in message for message in cells.messages)


def test_set_up_cells_keep_their_place_when_cells_move() -> None:
    """However cells are ordered, each set-up cell is run before the exercises below it in the reference."""
    notebook = solved()
    setup = with_role(notebook, "setup")[1]
    notebook["cells"].remove(setup)
    notebook["cells"].append(setup)
    assert order(read(notebook)) == ORDER
    notebook["cells"].remove(setup)
    notebook["cells"].insert(0, setup)
    assert order(read(notebook)) == ORDER
    notebook["cells"].reverse()
    assert order(read(notebook)) == ["setup", "setup", "why", "Second", "first"]


def test_added_cell_below_a_set_up_cell_runs_below_it() -> None:
    """A cell a student adds under a set-up cell can use what that defines."""
    notebook = solved()
    index = notebook["cells"].index(with_role(notebook, "setup")[1])
    notebook["cells"].insert(index + 1, added("more = base + 1"))
    assert order(read(notebook)) == ["setup", "first", "setup", "added", "Second", "why"]


def test_added_cells_run_in_the_students_order() -> None:
    """Cells with a student's own code are run where they stand; empty ones and markdown are left out."""
    notebook = solved()
    notebook["cells"][0:0] = [added("import math"), added(" \n"), {"cell_type": "markdown", "id": "m", "metadata": {}, "source": "def first"}]
    cells = read(notebook)
    assert order(cells) == ["setup", "added", *ORDER[1:]]
    assert cells.cells[1].id == "added-1"
    assert cells.messages == ()


@pytest.mark.parametrize("role", ["check", "demo", "milestone"])
def test_demonstrating_cells_are_skipped_even_without_their_ids(role: str) -> None:
    """A cell equal to a skipped one but for white space is skipped when its id and metadata are lost."""
    notebook = solved()
    one = strip_ids(with_role(notebook, role)[0])
    one["source"] = ["\n", *one["source"], "  \n"]
    cells = read(notebook)
    assert order(cells) == ORDER
    assert cells.messages == ()


def test_changed_demonstration_is_skipped() -> None:
    """A student may play with a demonstration; it still costs no grading time, nor does one of an earlier build."""
    notebook = solved()
    with_role(notebook, "demo")[0]["source"] = "print(2)"
    notebook["cells"].append(added("print(3)", id_="demo-0123456789", metadata={"autograder": {"role": "demo"}}))
    assert order(read(notebook)) == ORDER


def test_copied_demonstration_with_own_code_is_run() -> None:
    """A role in the metadata without an id of that role does not hide a student's own cell."""
    notebook = solved()
    notebook["cells"].append(added("mine = 1", id_="0a1b", metadata={"autograder": {"role": "demo"}}))
    assert order(read(notebook)) == [*ORDER, "added"]


def test_changed_check_cell_is_skipped_with_a_message() -> None:
    """A check cell is not run, whatever is in it, and the student is told."""
    notebook = solved()
    cell(notebook, "check-first")["source"] = "check('first'); points = 100"
    cells = read(notebook)
    assert order(cells) == ORDER
    assert cells.messages == ("cell 5 is a changed check cell; check cells are not run in grading",)


def test_copy_of_a_locked_cell_with_own_code_is_added() -> None:
    """A copied set-up or check cell that holds something else is the student's own cell."""
    notebook = solved()
    setup = with_role(notebook, "setup")[0]
    notebook["cells"].insert(0, added("import math", metadata=setup["metadata"]))
    cells = read(notebook)
    assert order(cells) == ["setup", "added", *ORDER[1:]]
    assert len(cells.messages) == 1


def test_id_alone_or_metadata_alone_is_enough() -> None:
    """A tool that drops cell ids, or one that drops metadata, costs nothing."""
    for damage in ("id", "metadata"):
        notebook = solved()
        for one in notebook["cells"]:
            one["metadata" if damage == "metadata" else "id"] = {} if damage == "metadata" else "x"
        cells = read(notebook)
        assert order(cells) == ORDER
        assert cells.messages == ()


def test_cells_without_any_id_are_found_by_what_they_define() -> None:
    """When ids and metadata are all lost, functions, classes and answers still find their exercise."""
    notebook = solved()
    for one in notebook["cells"]:
        strip_ids(one)
    cells = read(notebook)
    assert order(cells) == ORDER
    assert len(cells.messages) == 3


@pytest.mark.parametrize("source", ["first = lambda x: x", "first: object = print", "async def first(x):\n  pass", "@cache\ndef  first (x): return x"])
def test_lost_cell_is_recognised_by_any_definition(source: str) -> None:
    """A function may be defined by def, by assignment or under a decorator."""
    notebook = solved()
    strip_ids(cell(notebook, "first"))["source"] = source
    assert order(read(notebook)) == ORDER


@pytest.mark.parametrize("source", ["x = 1\nif x:\n    def first(x): pass", "first == 2", "first(1)", "# def first(x):", "defirst = 1"])
def test_mention_of_a_name_is_no_definition(source: str) -> None:
    """A call, a comparison, a comment or an indented definition does not make a cell an exercise's."""
    notebook = solved()
    strip_ids(cell(notebook, "first"))["source"] = source
    cells = read(notebook)
    assert order(cells) == ["setup", "added", "setup", "Second", "why"]
    assert "first: the notebook has no cell for this exercise" in cells.messages


def test_doubled_solution_cell_runs_twice_in_order() -> None:
    """Two cells that claim one exercise are both run, as they were in the student's notebook."""
    notebook = solved()
    double = dict(cell(notebook, "first"), source="def first(x):\n    return 5")
    notebook["cells"].insert(4, double)
    cells = read(notebook)
    assert order(cells) == ["setup", "first", "first", *ORDER[2:]]
    assert [one.id for one in cells.cells][1:3] == ["first", "first-2"]
    assert any("first has 2 cells (4, 5)" in message for message in cells.messages)


def test_second_definition_in_an_added_cell_is_run() -> None:
    """A redefinition in a cell of the student's own keeps its place and names its exercise."""
    notebook = solved()
    notebook["cells"].append(added("def first(x):\n    return 5"))
    cells = read(notebook)
    assert order(cells) == [*ORDER, "added"]
    assert cells.cells[-1].exercise == "first"


def test_missing_solution_cell_is_a_message() -> None:
    """A deleted exercise is named; the others are read as ever."""
    notebook = solved()
    notebook["cells"].remove(cell(notebook, "Second"))
    cells = read(notebook)
    assert order(cells) == ["setup", "first", "why", "setup"] or order(cells) == ["setup", "first", "setup", "why"]
    assert cells.messages == ("Second: the notebook has no cell for this exercise",)


def test_swapped_ids_are_attributed_by_what_cells_define() -> None:
    """When the cell labelled A defines only B's function, it counts for B, with a message."""
    notebook = solved()
    a, b = cell(notebook, "first"), cell(notebook, "Second")
    a["source"], b["source"] = b["source"], a["source"]
    cells = read(notebook)
    assert {one.exercise: one.source for one in cells.cells if one.exercise} == {"first": FIRST, "Second": SECOND, "why": WHY}
    assert len(cells.messages) == 2


def test_disagreeing_ids_are_settled_by_what_the_cell_defines() -> None:
    """A grade id of one exercise on the cell of another does not mislead."""
    notebook = solved()
    cell(notebook, "Second")["metadata"]["nbgrader"]["grade_id"] = "first"
    cells = read(notebook)
    assert order(cells) == ORDER
    assert cells.messages == ()


@pytest.mark.parametrize("forged", ["check-first", "demo", "setup"])
def test_solution_under_a_forged_locked_id_is_run(forged: str) -> None:
    """The only answer to an exercise is run although its cell claims to be a check, demonstration or set-up cell."""
    notebook = solved()
    target = cell(notebook, "check-first") if forged == "check-first" else with_role(notebook, forged)[0]
    solution = cell(notebook, "first")
    solution["id"], solution["metadata"] = target["id"], target["metadata"]
    notebook["cells"].remove(target)
    cells = read(notebook)
    assert FIRST in [one.source for one in cells.cells]
    assert [one.exercise for one in cells.cells if one.source == FIRST] == ["first"]
    assert cells.messages


def test_answer_written_into_a_demonstration_is_run() -> None:
    """When the exercise's own cell is still the stub, the answer given in the demonstration below counts."""
    notebook = stub()
    with_role(notebook, "demo")[0]["source"] = FIRST
    cells = read(notebook)
    assert order(cells) == ["setup", "first", "first", "setup", "Second", "why"]
    assert any("demonstration cell but defines first" in message for message in cells.messages)


def test_solution_cell_of_another_type_is_a_message() -> None:
    """A solution cell turned into markdown is not run, and the student is told."""
    notebook = solved()
    cell(notebook, "first")["cell_type"] = "markdown"
    cells = read(notebook)
    assert "first" not in order(cells)
    assert "cell 4 (first) is not a code cell and is not run" in cells.messages


def test_forged_points_and_locks_change_nothing() -> None:
    """Grading metadata of a submission is never looked at."""
    notebook = solved()
    for one in notebook["cells"]:
        if "nbgrader" in one["metadata"]:
            one["metadata"]["nbgrader"] |= {"points": 1e9, "grade": True, "locked": False, "solution": True, "schema_version": 99}
    assert read(notebook) == read(solved())


@pytest.mark.parametrize("cells", [[], [added("x = 1")], [{"cell_type": "markdown", "id": "first", "metadata": {}, "source": ""}]])
def test_notebook_without_any_solution_cell_is_ungradable(cells: list[Any]) -> None:
    """A notebook of something else is not graded as zero."""
    with pytest.raises(Ungradable, match="no solution cell of u99_sample"):
        read(solved() | {"cells": cells})


def test_notebook_of_another_unit_is_named() -> None:
    """A notebook marked as another unit's says so; a forged mark is not repeated."""
    with pytest.raises(Ungradable, match="marked as the notebook of u04_other"):
        read(solved() | {"cells": [], "metadata": {"autograder": {"unit": "u04_other"}}})
    with pytest.raises(Ungradable, match="^[^<]*$"):
        read(solved() | {"cells": [], "metadata": {"autograder": {"unit": "<script>"}}})


def test_messages_are_bounded() -> None:
    """A notebook made of defects gives a bounded number of messages."""
    notebook = solved()
    notebook["cells"] += [None] * 500
    messages = read(notebook).messages
    assert len(messages) == 51
    assert messages[-1] == "and 450 more messages"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
KNOWN_IDS = st.sampled_from([one["id"] for one in solved()["cells"]])


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value within decoded JSON."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        found += paths(inner, (*path, key))
    return found


def mutate(notebook: Any, data: st.DataObject, allowed: Any = lambda _: True) -> None:
    """Replace, delete, double or move one value anywhere in decoded JSON."""
    choices = [path for path in paths(notebook) if allowed(path)]
    if not choices:
        return
    *above, key = data.draw(st.sampled_from(choices))
    parent = notebook
    for step in above:
        parent = parent[step]
    how = data.draw(st.sampled_from(["replace", "delete", "id", "double", "swap"]))
    if how == "replace":
        parent[key] = data.draw(JSON)
    elif how == "id":
        parent[key] = data.draw(KNOWN_IDS)
    elif how == "delete" or not isinstance(parent, list):
        del parent[key]
    elif how == "double":
        parent.insert(data.draw(st.integers(0, len(parent))), parent[key])
    else:
        other = data.draw(st.integers(0, len(parent) - 1))
        parent[key], parent[other] = parent[other], parent[key]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_mutation_is_read_or_ungradable(data: st.DataObject) -> None:
    """Whatever happens to a notebook's structure, reading gives cells or ``Ungradable``, and text that can be stored."""
    notebook = solved()
    for _ in range(data.draw(st.integers(1, 6))):
        mutate(notebook, data)
    try:
        cells = read(notebook)
    except Ungradable as error:
        assert str(error)
        return
    assert len({one.id for one in cells.cells}) == len(cells.cells)
    assert [one.source for one in cells.cells if one.kind == "setup"] == ["import numpy as np", "base = first(1)"]
    for text in (*cells.messages, *(one.source + one.label for one in cells.cells)):
        text.encode()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_honest_cells_survive_mutations_elsewhere(data: st.DataObject) -> None:
    """Damage to other cells and to all metadata and ids never loses a solution cell's source or its exercise."""
    notebook = solved()
    honest = [index for index, one in enumerate(notebook["cells"]) if one["id"] in ("first", "Second", "why")]

    def allowed(path: tuple[Any, ...]) -> bool:
        if path[0] != "cells" or len(path) == 1:
            return bool(path[0] == "metadata")
        if len(path) == 2:
            return path[1] not in honest
        return path[1] not in honest or path[2] in ("metadata", "id", "outputs")

    for _ in range(data.draw(st.integers(1, 5))):
        mutate(notebook, data, allowed)
        honest = [index for index, one in enumerate(notebook["cells"]) if isinstance(one, dict) and _text(one) in (FIRST, SECOND, WHY)]
    survived = {one.source: one.exercise for one in read(notebook).cells if one.kind in ("exercise", "question")}
    assert survived.items() >= {FIRST: "first", SECOND: "Second", WHY: "why"}.items()


def _text(one: dict[str, Any]) -> str:
    source = one.get("source")
    return "".join(source) if isinstance(source, list) and all(isinstance(line, str) for line in source) else ""


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode), st.integers(0, 4000))
def test_any_bytes_are_read_or_ungradable(garbage: bytes, at: int) -> None:
    """Bytes overwritten anywhere in a file give cells or ``Ungradable``."""
    whole = encoded(solved())
    for data in (garbage, whole[:at] + garbage + whole[at + len(garbage) :]):
        try:
            read_submission(data, REFERENCE)
        except Ungradable as error:
            assert str(error)
