"""Tests of finding a cell's lines in an .ipynb file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.ci.lines import source_lines

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "assignments").glob("*/*.ipynb")), ids=lambda p: p.stem)
def test_each_line_of_a_source_is_where_it_is_said_to_be(path: Path) -> None:
    """In a real notebook every source line's JSON text stands on the line that is given for it."""
    text = path.read_text("utf-8")
    file = text.split("\n")
    cells = json.loads(text)["cells"]
    found = source_lines(text)
    assert len(found) == len(cells)
    for cell, rows in zip(cells, found, strict=True):
        assert len(rows) == max(1, len(cell["source"]))
        for line, row in zip(cell["source"], rows, strict=False):
            assert json.loads(file[row - 1].strip().rstrip(",")) == line


@given(
    cells=st.lists(st.fixed_dictionaries({"source": st.lists(st.text(max_size=8), max_size=4), "b": st.text(max_size=8), "c": st.lists(st.integers(), max_size=3)}), max_size=4),
    indent=st.sampled_from([None, 0, 1, 4]),
)
def test_any_json_text_is_followed(cells: list[dict[str, list[str]]], indent: int | None) -> None:
    """Whatever the texts and the layout, a line that is given holds the source line's JSON text."""
    text = json.dumps({"a": {"cells": 1}, "cells": cells, "z": "}]"}, indent=indent)
    file = text.split("\n")
    for cell, rows in zip(cells, source_lines(text), strict=True):
        for line, row in zip(cell["source"], rows, strict=False):
            assert json.dumps(line) in file[row - 1]


def test_a_source_that_is_one_string_stands_on_one_line() -> None:
    """A notebook that stores a source as one string has one line for it."""
    assert source_lines('{"cells": [\n {"id": "a",\n "source": "x\\ny"},\n {"source": []}, {}]}') == ((3,), (4,), (4,))


@pytest.mark.parametrize("text", ["", "{", "[]", "nonsense", '{"cells": 3}', '{"cells": [', '{"cells": [{"source": ["a"', "{}", '{"x": 1}', "{'a'}"])
def test_what_is_no_notebook_has_no_lines(text: str) -> None:
    """Broken text gives nothing and no error."""
    assert source_lines(text) == ()
