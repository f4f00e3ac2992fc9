"""Tests of what students get."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.build import (
    assignment_files,
    diff_assignment,
    render_assignment,
    render_reference,
    write_assignment,
)
from autograder.digests import digest
from autograder.errors import AuthorError

from .samples import NAME, REFERENCE, reference, unit


def notebook() -> dict[str, Any]:
    """Return the sample's built notebook, decoded."""
    decoded: dict[str, Any] = json.loads(render_assignment(reference(), unit()))
    return decoded


def validate(text: str) -> None:
    """Fail if the text is not a valid notebook."""
    nbformat.validate(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]


def cell(id_: str) -> dict[str, Any]:
    """Return one cell of the sample's built notebook."""
    found: list[dict[str, Any]] = [cell for cell in notebook()["cells"] if cell["id"] == id_]
    assert len(found) == 1
    return found[0]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course folder that holds the sample unit with data, visible and hidden tests."""
    solutions, tests = tmp_path / "solutions" / NAME, tmp_path / "tests" / "units" / NAME
    for folder in (solutions / "data", tests / "visible", tests / "hidden", tmp_path / "solutions" / "_data"):
        folder.mkdir(parents=True)
    (solutions / f"{NAME}.py").write_text(REFERENCE)
    (solutions / "data" / "training.npz").write_bytes(b"\x00\xff")
    (tmp_path / "solutions" / "_data" / "digits.npz").write_bytes(b"\xff\x01")
    (tests / "visible" / "test_double.py").write_text("from .cases import CASES\n")
    (tests / "visible" / "cases.py").write_text("CASES = 1\n")
    (tests / "hidden" / "test_double.py").write_text("HIDDEN = 1\n")
    return tmp_path


def files(course: Path) -> dict[str, bytes]:
    """Return the sample's assignment files."""
    return assignment_files(course / "solutions" / NAME, course / "tests" / "units" / NAME, unit())


def test_notebook_is_valid_and_ends_in_a_newline() -> None:
    """The notebook validates as nbformat 4.5, has no outputs and sorted keys."""
    text = render_assignment(reference(), unit())
    validate(text)
    decoded = json.loads(text)
    assert (decoded["nbformat"], decoded["nbformat_minor"]) == (4, 5)
    assert decoded["metadata"]["kernelspec"]["name"] == "python3"
    assert text == json.dumps(decoded, sort_keys=True, indent=1, ensure_ascii=False) + "\n"
    assert all(not cell["outputs"] and cell["execution_count"] is None for cell in decoded["cells"] if cell["cell_type"] == "code")


def test_the_built_notebook_is_known_again(course: Path) -> None:
    """What build writes down about a notebook is the digest of its code."""
    built = files(course)
    (name,) = [name for name in built if name.endswith(".ipynb")]
    assert json.loads(built["checks/unit.json"])["untouched"] == digest(built[name])


def test_building_twice_gives_the_same_bytes(course: Path) -> None:
    """Ids, salts and order do not change from build to build."""
    assert files(course) == files(course)
    assert list(files(course)) == sorted(files(course))


def test_check_cells_follow_solution_cells() -> None:
    """Each exercise and question has its check cell directly below."""
    ids = [cell["id"] for cell in notebook()["cells"]]
    for id_ in unit().ids:
        assert ids[ids.index(id_) + 1] == f"check-{id_}"
        assert cell(f"check-{id_}")["source"] == [f'check("{id_}")']


def test_nbgrader_metadata_of_each_role() -> None:
    """Only set-up, solution and check cells carry nbgrader metadata, with the flags of their role."""
    plain = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}
    assert cell("double")["metadata"]["nbgrader"] == plain | {"solution": True, "grade_id": "double"}
    check = plain | {"grade": True, "locked": True, "grade_id": "check-shift", "points": 29.5}
    assert cell("check-shift")["metadata"]["nbgrader"] == check
    (setup,) = [cell for cell in notebook()["cells"] if cell["metadata"].get("tags") == ["setup"]]
    assert setup["metadata"]["nbgrader"] == plain | {"locked": True, "grade_id": setup["id"]}
    assert all("nbgrader" not in cell["metadata"] for cell in notebook()["cells"] if cell["cell_type"] == "markdown" or "demo" in cell["metadata"]["tags"])


def test_points_of_check_cells_are_the_units() -> None:
    """The check cells' points sum to the unit's; whole numbers are written as such."""
    points = [c["metadata"]["nbgrader"]["points"] for c in notebook()["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
    assert sum(points) == 100
    assert "50" in [repr(value) for value in points]


def test_roles_are_in_the_metadata() -> None:
    """Each code cell names its role for the reader; markdown cells have none."""
    for one in notebook()["cells"]:
        role = one["metadata"].get("autograder", {}).get("role")
        assert (role is None) == (one["cell_type"] == "markdown")
        assert one["metadata"].get("tags", [role]) == [role]


def test_difficulty_minutes_and_points_stand_above_each_exercise() -> None:
    """The markdown cell above an exercise ends in its facts; where there is none, one with the title is made."""
    cells = notebook()["cells"]
    above = {one["id"]: "".join(cells[index - 1]["source"]) for index, one in enumerate(cells)}
    assert above["double"] == "## Double\n\n*Difficulty ★☆☆ · about 5 minutes · 50 points*"
    assert above["shift"] == "**Shift**\n\n*Stretch exercise · Difficulty ★★★ · about 9 minutes · 29.5 points*"
    assert above["why"] == "Why?\n\n*Question · 1 point*"
    assert above["how_many"].startswith("**How many**")


def test_student_files_hold_no_solution(course: Path) -> None:
    """No solution code, answer, explanation, hint or hidden test is in any file of the assignment."""
    for content in files(course).values():
        for secret in (b"2 * x", b"y = x + 1", b"secret", b"HIDDEN", b"SOLUTION", b"Do not round", b'why = \\"b\\"', b"2.5"):
            assert secret not in content.replace(b"29.5", b"")


def test_reference_notebook_holds_the_solutions() -> None:
    """The reference as a notebook has the student's cells with solutions instead of stubs, without markers."""
    text = render_reference(reference(), unit())
    validate(text)
    assert "return 2 * x" in text
    assert "SOLUTION" not in text
    assert "#|" not in text
    assert [c["id"] for c in json.loads(text)["cells"]] == [c["id"] for c in notebook()["cells"]]


def test_reference_notebook_takes_replacements() -> None:
    """A replaced solution cell holds the given source, also when that has markers; an unknown id is refused."""
    text = render_reference(reference(), unit(), {"double": "### BEGIN SOLUTION\ndouble = max\n### END SOLUTION\n"})
    assert '"double = max"' in text
    assert "SOLUTION" not in text
    with pytest.raises(KeyError, match="treble"):
        render_reference(reference(), unit(), {"treble": ""})


def test_assignment_has_checks_data_and_descriptions(course: Path) -> None:
    """The notebook comes with its visible checks, descriptions, its own data and the shared digits it mentions."""
    names = ["__init__.py", "cases.py", "questions.json", "test_double.py", "unit.json"]
    built = files(course)
    assert sorted(built) == [*(f"checks/{name}" for name in names), "data/digits.npz", "data/training.npz", f"{NAME}.ipynb"]
    described = json.loads(built["checks/unit.json"])
    assert described["exercises"][0]["functions"] == ["double(x) -> y"]
    assert described["provided"] == ["ready(x) -> y"]
    assert described["questions"][0] == {"id": "why", "title": "Why", "points": 1, "kind": "choice", "choices": ["a", "b"]}



@pytest.mark.parametrize("line", ["from ..hidden.test_double import x", "from .. import hidden", "import tests.hidden", "x = = 1"])
def test_visible_check_that_reaches_for_hidden_tests_is_refused(course: Path, line: str) -> None:
    """A visible check neither imports hidden tests nor fails to parse."""
    (course / "tests" / "units" / NAME / "visible" / "cases.py").write_text(line)
    with pytest.raises(AuthorError, match=r"cases\.py"):
        files(course)


def test_writing_makes_the_folder_equal_and_removes_stale_files(course: Path) -> None:
    """After writing there is no difference; files that no longer belong are gone, equal ones are untouched."""
    target = course / "assignments" / NAME
    (target / "old").mkdir(parents=True)
    (target / "old" / "stale.txt").write_text("x")
    write_assignment(target, files(course))
    assert diff_assignment(target, files(course)) == []
    assert not (target / "old").exists()
    before = {path: path.stat().st_mtime_ns for path in target.rglob("*") if path.is_file()}
    write_assignment(target, files(course))
    assert {path: path.stat().st_mtime_ns for path in target.rglob("*") if path.is_file()} == before


def test_failed_write_leaves_the_old_file(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails midway leaves the file before it whole and no temporary file."""
    target = course / "assignments" / NAME
    write_assignment(target, {"a.txt": b"old"})

    def fail(_: Path, __: Path) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="disk full"):
        write_assignment(target, {"a.txt": b"new"})
    assert [path.name for path in target.iterdir()] == ["a.txt"]
    assert (target / "a.txt").read_bytes() == b"old"


def test_difference_is_a_unified_diff(course: Path) -> None:
    """Drift shows as one diff per text file and one line per binary, also for missing and stale files."""
    target = course / "assignments" / NAME
    write_assignment(target, files(course))
    (target / "checks" / "cases.py").write_text("CASES = 2\n")
    (target / "data" / "digits.npz").write_bytes(b"\xff")
    (target / "checks" / "__init__.py").unlink()
    (target / "stale.txt").write_text("x\n")
    differences = diff_assignment(target, files(course))
    assert any("-CASES = 2\n+CASES = 1\n" in difference for difference in differences)
    assert "data/digits.npz: binary differs" in differences
    assert "checks/__init__.py: missing (empty file)" in differences
    assert any("+++ /dev/null" in difference for difference in differences)
