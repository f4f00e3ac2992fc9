"""Tests of reading reference notebooks."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.authoring.source import load_reference, parse_reference
from autograder.errors import AuthorError, UsageError
from autograder.unit import unit_from_data

from .samples import NAME, REFERENCE, data, line_of, reference, unit


def test_cells_have_kinds_ids_and_lines() -> None:
    """Each cell knows its role, its id, and the line of its header in the file."""
    cells = reference().cells
    assert [cell.kind for cell in cells] == ["markdown", "setup", "markdown", "exercise", "demo", "exercise", "markdown", "question", "question"]
    assert [cell.id for cell in cells if cell.exercise] == ["double", "shift", "why", "how_many"]
    lines = REFERENCE.split("\n")
    assert all(lines[cell.line - 1].startswith("# %%") for cell in cells)
    assert lines[cells[3].line - 1] == '# %% exercise="double"'


def test_derived_ids_do_not_depend_on_place() -> None:
    """A cell without an id of its own keeps its derived id when others move; equal cells get different ids."""
    before = reference()
    after = reference(REFERENCE.replace("# # A sample", '# # A sample\n\n# %% tags=["demo"]\nprint(1)\n\n# %% tags=["demo"]\nprint(1)'))
    assert {cell.id for cell in before.cells} < {cell.id for cell in after.cells}
    assert len({cell.id for cell in after.cells}) == len(after.cells)


def test_solution_and_stub_of_an_exercise() -> None:
    """The solution runs as it is; the stub is what the student sees."""
    ref = reference()
    assert ref.solution("shift").endswith("    y = x + 1\n    return y")
    assert ref.stub("shift").endswith("    y = x - 1\n    return y")
    assert ref.stub("double").endswith('raise NotImplementedError("double")')
    with pytest.raises(KeyError):
        ref.solution("nothing")


def test_reference_is_read_from_a_file(tmp_path: Path) -> None:
    """A file with Windows line ends reads like one with Unix line ends."""
    path = tmp_path / f"{NAME}.py"
    path.write_bytes(REFERENCE.replace("\n", "\r\n").encode())
    assert load_reference(path, unit()) == reference()


def test_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """A reference that is not there is reported with its path."""
    with pytest.raises(UsageError, match="nothing.py"):
        load_reference(tmp_path / "nothing.py", unit())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('# %% tags=["demo"]', "# %%", "roles: none"),
        ('# %% tags=["demo"]', '# %% tags=["demo", "setup"]', "exactly one"),
        ('# %% tags=["demo"]', '# %% tags=["other"]', "unknown"),
        ('# %% exercise="double"', '# %% exercise="double" tags=["demo"]', "exactly one"),
        ('# %% exercise="double"', '# %% exercise="triple"', "not in unit.toml"),
        ('# %% exercise="double"', '# %% question="double"', "not in unit.toml"),
        ('# %% exercise="double"', "# %% exercise=3", "unknown"),
    ],
)
def test_wrong_roles_name_the_line(old: str, new: str, message: str) -> None:
    """A code cell with no role, two roles or an unknown one is an author error at its header's line."""
    with pytest.raises(AuthorError, match=message) as caught:
        reference(REFERENCE.replace(old, new))
    assert caught.value.line == line_of(old)


def test_second_solution_cell_is_refused() -> None:
    """An exercise has one solution cell; the second is reported at its own line with the first one's."""
    again = REFERENCE + '\n# %% exercise="double"\ndef double(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION\n'
    with pytest.raises(AuthorError, match=f"first is on line {reference().cell('double').line}") as caught:
        reference(again)
    assert caught.value.cell == "double"


def test_exercise_without_cell_is_refused() -> None:
    """An exercise in unit.toml that the notebook lacks is an author error that names it."""
    start, end = REFERENCE.index('# %% question="how_many"'), len(REFERENCE)
    with pytest.raises(AuthorError, match="no cell for the question") as caught:
        reference(REFERENCE[:start] + REFERENCE[end:])
    assert caught.value.cell == "how_many"


@pytest.mark.parametrize(
    ("old", "new", "message", "at"),
    [
        ("    #| y = x - 1", "    #| y = = 1", "stub .* does not parse", '# %% exercise="shift"'),
        ("    y = x + 1", "    y = = 1", "solution does not parse", '# %% exercise="shift"'),
        ("def double(x):", "def treble(x):", "'double' is not defined", '# %% exercise="double"'),
        ("#| how_many = None", "#| pass", "'how_many' is not defined", '# %% question="how_many"'),
        ("import numpy as np", "import scipy", "imports 'scipy'", "import numpy as np"),
        ("import numpy as np", "import torch", "imports 'torch'", "import numpy as np"),
        ("a string", "### END SOLUTION", "neither exercise nor question", "a string"),
        ("# Why?", "# ### BEGIN SOLUTION", "neither exercise nor question", "# Why?"),
    ],
)
def test_wrong_cells_name_the_line(old: str, new: str, message: str, at: str) -> None:
    """What does not parse, defines the wrong name, imports too much or holds a stray marker is reported at its line."""
    with pytest.raises(AuthorError, match=message) as caught:
        reference(REFERENCE.replace(old, new))
    assert caught.value.line == line_of(at)


def test_torch_units_may_import_torch() -> None:
    """A unit with the torch runtime may import torch in its set-up cell."""
    parse_reference(REFERENCE.replace("import numpy as np", "import torch\nimport numpy as np"), unit_from_data(NAME, data() | {"runtime": "torch"}))


def test_first_function_is_the_exercise_id() -> None:
    """An exercise whose first function has another name contradicts the naming rule."""
    changed = data()
    changed["exercise"][0]["functions"] = ["shift(x) -> y"]
    with pytest.raises(AuthorError, match="expected the first to be 'double'"):
        parse_reference(REFERENCE, unit_from_data(NAME, changed))


def test_text_before_the_first_header_is_refused() -> None:
    """Code above the first cell header belongs to no cell."""
    with pytest.raises(AuthorError, match="before the first cell header"):
        reference("x = 1\n" + REFERENCE.split("# ---\n", 2)[2])


def test_header_inside_a_string_is_refused() -> None:
    """A line inside a string that looks like a cell header would make line numbers wrong."""
    with pytest.raises(AuthorError, match="looks like a cell header"):
        reference(REFERENCE.replace("a string", "# %% a string"))
