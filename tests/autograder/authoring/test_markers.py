"""Tests of solution regions."""

from __future__ import annotations

import pytest

from autograder.authoring.markers import BEGIN, END, Place, refuse_markers, solved_source, student_source, unmarked_source
from autograder.errors import AuthorError

PLACE = Place("u99_sample", "double", 10)


def test_region_becomes_not_implemented_error() -> None:
    """The region is replaced by an error that names the exercise, at the region's indentation."""
    source = f"def double(x):\n    {BEGIN}\n    y = 2\n    return y * x\n    {END}\n# after"
    assert student_source(source, PLACE) == 'def double(x):\n    raise NotImplementedError("double")\n# after'


def test_stub_lines_replace_the_region() -> None:
    """Lines that start with the stub marker are what the student gets, keeping their inner indentation."""
    source = f"def double(x):\n    {BEGIN}\n    #| for i in x:\n    #|     print(i)\n    #|\n    return 2 * x\n    {END}"
    assert student_source(source, PLACE) == "def double(x):\n    for i in x:\n        print(i)\n"


def test_every_region_of_a_cell_is_replaced() -> None:
    """A cell with two functions loses both solutions."""
    source = f"def f():\n    {BEGIN}\n    return 1\n    {END}\ndef g():\n    {BEGIN}\n    return 2\n    {END}"
    stub = student_source(source, PLACE)
    assert "return" not in stub
    assert stub.count("NotImplementedError") == 2


def test_solved_source_has_neither_markers_nor_stub_lines() -> None:
    """The plain solution is the code alone."""
    source = f"def f(x):\n    {BEGIN}\n    #| return 0\n    return x\n    {END}"
    assert solved_source(source, PLACE) == "def f(x):\n    return x"
    assert unmarked_source(source) == "def f(x):\n    return x"


def test_unmarked_source_leaves_plain_code_alone() -> None:
    """A source without markers is returned as it is, whatever it holds."""
    assert unmarked_source("x = 1\n\n# begin") == "x = 1\n\n# begin"


@pytest.mark.parametrize(
    ("source", "message", "line"),
    [
        (f"{BEGIN}\nx = 1\n{BEGIN}\n{END}", "nested", 13),
        (f"x = 1\n{END}", "stray", 12),
        (f"{BEGIN}\nx = 1\n{END}\n{END}", "stray", 14),
        (f"x = 1\n{BEGIN}\ny = 2", "unclosed", 12),
        (f"{BEGIN}  # here\nx = 1\n{END}", "not exactly", 11),
        (f"{BEGIN} \nx = 1\n{END}", "not exactly", 11),
        (f"{BEGIN}\nx = 1\n{END}.", "not exactly", 13),
        (f"{BEGIN}\nx = 1\n{END}\n### begin solution", "not exactly", 14),
        ("###BEGIN SOLUTION\nx = 1\n###END SOLUTION", "not exactly", 11),
        ("# BEGIN SOLUTION\nx = 1\n# END SOLUTION", "not exactly", 11),
        ("### BEGIN_SOLUTION\nx = 1", "not exactly", 11),
        (f"x = 1  {BEGIN}\n{END}", "not exactly", 11),
        (f"if x:\n    {BEGIN}\n    y = 1\n{END}", "indented", 14),
        ("x = 1", "no solution region", 10),
        (f"#| x = 2\n{BEGIN}\nx = 1\n{END}", "outside", 11),
    ],
)
def test_malformed_markers_are_author_errors(source: str, message: str, line: int) -> None:
    """Nested, stray, unclosed, misspelt and misindented markers are refused with unit, cell and line."""
    for function in (student_source, solved_source):
        with pytest.raises(AuthorError, match=message) as caught:
            function(source, PLACE)
        assert (caught.value.unit, caught.value.cell, caught.value.line) == ("u99_sample", "double", line)


@pytest.mark.parametrize("source", [f"x\n{BEGIN}", f"x\n{END}", "x\n# begin solution", "x\n#| y"])
def test_markers_outside_solution_cells_are_author_errors(source: str) -> None:
    """A marker in a set-up, demo, milestone or markdown cell is refused."""
    with pytest.raises(AuthorError, match="neither exercise nor question") as caught:
        refuse_markers(source, PLACE)
    assert caught.value.line == 12


def test_a_stub_names_the_function_it_stands_in() -> None:
    """In a cell of several functions each stub raises its own name, a method's with its class."""
    cell = "\n".join(
        f"{head}\n{indent}### BEGIN SOLUTION\n{indent}return 1\n{indent}### END SOLUTION"
        for head, indent in (("def first(x):", "    "), ("class Box:\n    def second(self):", "        "), ("x = 0", ""))
    )
    stub = student_source(cell, Place("u99_tiny", "first", 1))
    assert [line.strip() for line in stub.split("\n") if "raise" in line] == [
        'raise NotImplementedError("first")',
        'raise NotImplementedError("Box.second")',
        'raise NotImplementedError("first")',
    ]
