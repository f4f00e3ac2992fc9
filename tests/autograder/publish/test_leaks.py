"""Tests of the search for hidden things: each way they could get out is planted and found."""

from __future__ import annotations

import base64
import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.course import Course
from autograder.publish.leaks import SHORTEST, Hidden, LeakError, find_leaks, scan
from tests.autograder.publish.conftest import LONG
from tests.conftest import TINY

ROOT = Path(__file__).resolve().parents[3]
HIDDEN_TEST = 'assert_close(student.scale(x, k), reference.scale(x, k), "y")'


@pytest.fixture
def hidden(built_course: Course) -> Hidden:
    """What is hidden in the tiny course."""
    return Hidden.of(built_course)


def notebook(**cell: Any) -> bytes:
    """Return a notebook of one code cell."""
    whole = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": [], "execution_count": None, "source": ["x = 1"]} | cell
    return json.dumps({"cells": [whole], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(data: bytes) -> bytes:
    """Return a zip archive with one compressed file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.txt", data)
    return buffer.getvalue()


def test_what_students_get_is_clean(hidden: Hidden, built_course: Course) -> None:
    """The built assignment with its stubs, visible checks, hints and examples holds nothing hidden."""
    folder = built_course.assignment(TINY)
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert len(files) > 4
    assert find_leaks(hidden, files) == []


def test_hidden_lines_come_from_every_hidden_source(hidden: Hidden, built_course: Course) -> None:
    """Solutions, hidden tests, misconceptions' code, alternatives and explanations are known; hints and stubs are not hidden."""
    sources = set(hidden.lines.values())
    assert {f"solutions/{TINY}/{TINY}.py", f"solutions/{TINY}/alternatives.py", f"tests/units/{TINY}/hidden/test_tiny.py"} <= sources
    assert hidden.lines[LONG] == f"solutions/{TINY}/{TINY}.py"
    assert "The shapes leave no other product." in hidden.lines
    assert not [line for line in hidden.lines if "You add k where you should multiply" in line]
    assert 'grown = milestone("growth", grow, needs=["scale"])' not in hidden.lines


def test_code_that_a_hint_quotes_is_public(built_course: Course) -> None:
    """A line of a misconception's code is hidden, until its hint shows it to the student."""
    path = built_course.solutions(TINY) / "misconceptions.py"
    text = path.read_text("utf-8")
    quoted = "block_of_parameters.requires_grad = False"
    path.write_text(text.replace("return k * k * x", f"{quoted}\\n    return k * k * x"), encoding="utf-8")
    assert quoted in Hidden.of(built_course).lines
    path.write_text(path.read_text("utf-8").replace("Your k counts twice.", f"`{quoted}` sets nothing."), encoding="utf-8")
    assert quoted not in Hidden.of(built_course).lines


def test_quotes_do_not_make_a_line_long(built_course: Course) -> None:
    """In a list of lines the code alone counts: a short common line is not hidden because it stands in quotes there, a long one is."""
    path = built_course.solutions(TINY) / "alternatives.py"
    own = "weights_that_nobody_else_has = 3"
    path.write_text(path.read_text("utf-8") + f'\nLINES = [\n    "    optimizer.zero_grad()\\n",\n    "    {own}\\n",\n]\n', encoding="utf-8")
    lines = Hidden.of(built_course).lines
    assert own in lines
    assert not [line for line in lines if "zero_grad" in line]


PLANTS: dict[str, Callable[[str], tuple[str, bytes]]] = {
    "a text": lambda t: ("notes.txt", f"see\n\t{t}\n".encode()),
    "the middle of a line": lambda t: ("notes.txt", f"if True:  {t}; print(1)".encode()),
    "other blanks": lambda t: ("notes.txt", t.replace(" ", "   ").encode()),
    "a wrapped text": lambda t: ("notes.txt", t.replace(" ", "\n", 1).encode()),
    "a cell": lambda t: ("a.ipynb", notebook(source=[t])),
    "an output": lambda t: ("a.ipynb", notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": [t[:20], t[20:]]}])),
    "a picture of an output": lambda t: (
        "a.ipynb",
        notebook(outputs=[{"output_type": "display_data", "data": {"image/png": base64.encodebytes(t.encode()).decode()}, "metadata": {}}]),
    ),
    "a cell's metadata": lambda t: ("a.ipynb", notebook(metadata={"nbgrader": {"comment": t}})),
    "JSON": lambda t: ("a.json", json.dumps({"a": [{t: 1}]}).encode()),
    "a string with escapes": lambda t: ("a.py", ("text = " + json.dumps(f"x\n{t}\n")).encode()),
    "a zip": lambda t: ("a.whl", zipped(t.encode())),
    "a zip in a zip": lambda t: ("a.whl", zipped(zipped(t.encode()))),
    "compressed bytes": lambda t: ("plan.bin", zlib.compress(b"\0\1" + t.encode(), 9)),
    "a gzip": lambda t: ("a.gz", gzip.compress(t.encode())),
}


@pytest.mark.parametrize("plant", PLANTS)
@pytest.mark.parametrize("line", [LONG, HIDDEN_TEST], ids=["solution", "hidden test"])
def test_a_planted_line_is_found(hidden: Hidden, plant: str, line: str) -> None:
    """A line of a solution or hidden test is found wherever it is put, with the file it is of; without it nothing is found."""
    name, data = PLANTS[plant](line)
    found = scan(hidden, [(name, data)])
    assert found
    assert found[0].where.startswith(name)
    assert hidden.lines[line] in str(found[0])
    assert scan(hidden, [PLANTS[plant]("a harmless line that is as long as others are")]) == []


@pytest.mark.parametrize("plant", sorted(set(PLANTS) - {"other blanks", "a wrapped text"}))
def test_the_secret_is_found(hidden: Hidden, plant: str) -> None:
    """The course's secret is found in the same places, however short it is."""
    name, data = PLANTS[plant](f"seed = '{hidden.secret.decode()}' of the course")
    assert any("the course's secret" in str(leak) for leak in scan(hidden, [(name, data)]))


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.ipynb", notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": "1"}]), "cell 1 has outputs"),
        ("a.ipynb", notebook(execution_count=3), "cell 1 has outputs, a count"),
        ("a.ipynb", notebook(metadata={"answer": "b"}), "metadata of cell 1 has 'answer'"),
        ("a.ipynb", b'{"cells": [], "metadata": {"author": "x"}}', "the notebook's metadata has 'author'"),
        ("assignments/u/hidden/test_x.py", b"", "'hidden' belongs to hidden files"),
        ("u/misconceptions.py", b"", "'misconceptions.py' belongs"),
    ],
)
def test_names_outputs_and_metadata_are_looked_at(hidden: Hidden, name: str, data: bytes, said: str) -> None:
    """A published notebook has no outputs, no counts and no other metadata; a hidden file's name is enough to refuse it."""
    assert [said in str(leak) for leak in find_leaks(hidden, {name: data})] == [True]


def test_bombs_are_refused(hidden: Hidden, monkeypatch: pytest.MonkeyPatch) -> None:
    """An archive that inflates beyond the bound is refused, not unpacked."""
    monkeypatch.setattr("autograder.publish.leaks._MAX_UNPACKED", 1000)
    with pytest.raises(LeakError, match="when unpacked"):
        scan(hidden, [("a.whl", zipped(b"0" * 1001))])


def test_nothing_hidden_is_in_the_repositorys_assignments() -> None:
    """No line of this course's solutions, variants and hidden tests, and not its secret, is in assignments/ or the package."""
    course = Course(ROOT)
    real = Hidden.of(course)
    assert len(real.lines) > 1000
    assert all(len(line) >= SHORTEST for line in real.lines)
    assert {name.split("/")[1] for name in real.lines.values() if name.startswith("solutions/")} == set(course.units())
    paths = [p for top in ("assignments", "autograder") for p in (ROOT / top).rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert [str(leak) for leak in find_leaks(real, {p.relative_to(ROOT).as_posix(): p.read_bytes() for p in paths})] == []
