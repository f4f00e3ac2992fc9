"""Tests of ``autograder check`` in CI: several notebooks, annotations, files, and what a student prints."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder.assembly import build_assignment
from autograder.ci.checks import find_notebooks, run_checks
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.material import Material
from autograder.publish.untouched import MANIFEST, digest
from tests.conftest import TINY

Check = Callable[..., tuple[bool, list[str]]]
WRONG = "def scale(x, k):\n    return k + x\n"


@pytest.fixture
def tree(own_course: Course, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A students' repository with one assignment, which is the working folder and the runner's workspace."""
    (own_course.solutions(TINY) / "data").mkdir()
    (own_course.solutions(TINY) / "data" / "growth.npz").write_bytes(b"numbers")
    folder = build_assignment(Material(own_course, TINY))
    root = own_course.root
    relative = f"assignments/{TINY}/{TINY}.ipynb"
    (root / MANIFEST).write_text(json.dumps({"untouched": {relative: digest((folder / f"{TINY}.ipynb").read_bytes())}}))
    monkeypatch.chdir(root)
    monkeypatch.setenv("GITHUB_WORKSPACE", str(root))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(root / "summary.md"))
    return root


@pytest.fixture
def path(tree: Path) -> Path:
    """The student's notebook."""
    return tree / "assignments" / TINY / f"{TINY}.ipynb"


def check(*paths: Path, github: bool = True, exercise: str | None = None, **files: Path) -> tuple[bool, list[str]]:
    """Run the checks and return whether they pass, and the lines of the log."""
    said: list[str] = []
    passed = run_checks(list(paths), exercise, said.append, github=github, **files)
    return passed, "\n".join(said).split("\n")


def commands(log: list[str]) -> list[str]:
    """Return the workflow commands that a runner would obey in a log."""
    obeyed, token = [], ""
    for line in log:
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif match := re.match(r"\s*::stop-commands::(\S+)", line):
            token = match[1]
        elif re.match(r"\s*::[a-z-]+[ :]|##\[", line):
            obeyed.append(line)
    assert token == "", "commands stay stopped"
    return obeyed


def test_a_wrong_exercise_is_annotated_at_its_definition(path: Path, tree: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The annotation stands on the file's line of the student's function; the step fails; the summary has the table."""
    path.write_bytes(tiny_notebook({"scale": f"# my answer\n{WRONG}"}))
    passed, log = check(path)
    assert not passed
    obeyed = commands(log)
    assert len(obeyed) == 2
    match = re.match(rf"::error file=assignments/{TINY}/{TINY}\.ipynb,line=(\d+),title=scale::", obeyed[0])
    assert match is not None
    assert "def scale(x, k):" in path.read_text("utf-8").split("\n")[int(match[1]) - 1]
    assert "You add k where you should multiply." in "\n".join(obeyed)
    assert "| u99\\_tiny | scale | 0 of 2 |" in (tree / "summary.md").read_text("utf-8")


def test_an_exception_is_annotated_where_it_was_raised(path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The line that the traceback names is the annotation's line."""
    path.write_bytes(tiny_notebook({"scale": "def scale(x, k):\n    y = k * x\n    return y[99999, 0, 0]\n"}))
    _, log = check(path)
    line = int(re.search(r"line=(\d+)", commands(log)[0])[1])  # type: ignore[index]
    assert "return y[99999" in path.read_text("utf-8").split("\n")[line - 1]


def test_a_cell_that_stops_is_annotated(path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """An exception at the top of a cell is told at that cell."""
    path.write_bytes(tiny_notebook({"scale": 'print("x")\nraise RuntimeError("boom")\n'}))
    _, log = check(path)
    stops = next(c for c in commands(log) if "title=A cell stops" in c)
    line = int(re.search(r"line=(\d+)", stops)[1])  # type: ignore[index]
    assert 'print(\\"x\\")' in path.read_text("utf-8").split("\n")[line - 1]


def test_right_answers_pass(path: Path, tree: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """A notebook whose checks all pass gives no annotation."""
    path.write_bytes(tiny_notebook())
    passed, log = check(tree / "assignments")
    assert passed
    assert commands(log) == []
    assert "2 of 2 exercises and 1 of 1 question pass their visible checks." in (tree / "summary.md").read_text("utf-8")


ATTACK = """
import os, sys
for text in ("::error file=x::forged", "::set-output name=a::b", "::add-mask::a", "##[error]forged", "::stop-commands::mine", "::mine::", "::0::"):
    print(text)
    print(text, file=sys.stderr)
    os.write(1, f"\\n{text}\\n".encode())
    os.write(2, f"\\r{text}\\r".encode())
os.system("echo; echo ::warning::from a shell")
def scale(x, k):
    print("::error::in a call")
    raise ValueError("\\n::error file=y::in a message\\r\\n##[warning]z")
"""


def test_a_student_cannot_issue_workflow_commands(path: Path, tree: Path, tiny_notebook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Printed by Python, by a shell, past the streams or in an exception: a command is never obeyed and never in the runner's files."""
    monkeypatch.setenv("GITHUB_ENV", str(tree / "env"))
    source = f'{ATTACK}\nif p := os.environ.get("GITHUB_ENV"):\n    open(p, "a").write("A=b")\n'
    path.write_bytes(tiny_notebook({"scale": source}))
    passed, log = check(path)
    assert not passed
    assert any("::warning::from a shell" in line for line in log)
    for command in commands(log):
        assert command.startswith(f"::error file=assignments/{TINY}/{TINY}.ipynb,line="), command
    assert not (tree / "env").exists()
    assert not [line for line in (tree / "summary.md").read_text("utf-8").split("\n") if re.match(r"\s*(::|##\[)", line)]


def test_without_the_fence_the_attack_would_work(path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The same log without its fence holds commands that a runner obeys, so the test above can fail."""
    path.write_bytes(tiny_notebook({"scale": ATTACK}))
    _, log = check(path)
    bare = [line for line in log if not re.match(r"::(stop-commands::)?[0-9a-f]{40}(::)?$", line)]
    assert {"::add-mask::a", "::warning::from a shell"} <= {command.strip() for command in commands(bare)}


def test_tokens_differ_and_close_what_they_opened(path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """Each run has a token of its own, drawn from a secure source, also when the run ends in an error."""
    path.write_bytes(tiny_notebook())
    first, second = check(path)[1], check(path)[1]
    assert len(first[0]) > 40
    assert first[0] != second[0]
    said: list[str] = []
    with pytest.raises(UsageError):
        run_checks([path], "nope", said.append, github=True)
    assert said[-1] == f"::{said[0].removeprefix('::stop-commands::')}::"


def test_an_assignment_nobody_has_begun_is_passed_over(path: Path, tree: Path) -> None:
    """Below a folder it does not fail the step; asked for by name, it does."""
    passed, log = check(tree)
    assert passed
    assert any("not begun" in line for line in log)
    assert "No assignment has been begun yet." in (tree / "summary.md").read_text("utf-8")
    assert check(path)[0] is False
    (tree / MANIFEST).unlink()
    assert check(tree)[0] is True  # without the list, by the checks' own word


def test_a_course_that_is_not_exported_passes_over_the_same(path: Path, tree: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """Without the export's list the built notebook is known by its checks, also where they would not call it unwritten; a cell of one's own begins it."""
    (tree / MANIFEST).unlink()
    (path.parent / "checks" / "test_tiny.py").write_text("raise RuntimeError('is not run')\n")
    passed, log = check(tree)
    assert passed
    assert any("not begun" in line for line in log)
    notebook = json.loads(path.read_bytes())
    notebook["cells"].append({**notebook["cells"][1], "id": "mine", "metadata": {}, "source": ["x = 1"]})
    path.write_text(json.dumps(notebook), "utf-8")
    assert not check(tree)[0]


def test_without_pytorch_the_rest_decides(path: Path, tree: Path, tiny_notebook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where PyTorch is not installed, exercises that need it are no error and are told: in the log, a notice, the summary; a wrong one is red."""
    (tree / "without").mkdir()
    (tree / "without" / "sitecustomize.py").write_text('import sys\nsys.modules["torch"] = None\n')
    monkeypatch.setenv("PYTHONPATH", str(tree / "without"))
    about = path.parent / "checks" / "unit.json"
    described = json.loads(about.read_text("utf-8"))
    described["exercises"][1]["runtime"] = "torch"
    about.write_text(json.dumps(described), "utf-8")
    path.write_bytes(tiny_notebook({"linear_backward": "import torch\nclass linear_backward(torch.nn.Module): pass"}))
    passed, log = check(tree, junit=tree / "checks.xml")
    assert passed
    says = "linear_backward: This exercise needs PyTorch, which is not installed here: pip install torch"
    assert sum(says in line for line in log) == 2
    (notice,) = commands(log)
    assert notice == f"::notice file=assignments/{TINY}/{TINY}.ipynb,line=1,title=Not run::{says}"
    assert "| linear\\_backward | 0 of 1 | – not run |" in (tree / "summary.md").read_text("utf-8")
    assert not list(ElementTree.parse(tree / "checks.xml").getroot().iter("failure"))
    path.write_bytes(tiny_notebook({"scale": WRONG, "linear_backward": "import torch"}))
    passed, log = check(tree)
    assert not passed
    assert not [c for c in commands(log) if "linear_backward" in c and c.startswith("::error")]
    path.write_bytes(tiny_notebook({"scale": "def scale(x, k):\n    raise NotImplementedError", "why_transpose": "why_transpose = None", "linear_backward": "import torch"}))
    passed, log = check(tree)
    assert not passed  # begun, though all that can be run is not written yet
    assert any("needs PyTorch" in line for line in log)


def test_several_notebooks_and_folders(path: Path, tree: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """All are checked; a broken one fails the step and not the others; notebooks without checks beside them are passed over."""
    path.write_bytes(tiny_notebook())
    broken = path.with_name("broken.ipynb")
    broken.write_bytes(b'{"cells": [')
    (tree / "scratch.ipynb").write_bytes(b"{}")
    (path.parent / ".ipynb_checkpoints").mkdir()
    (path.parent / ".ipynb_checkpoints" / "x.ipynb").write_bytes(b"{}")
    assert [t.path for t in find_notebooks([tree])] == [broken, path]
    passed, log = check(tree)
    assert not passed
    assert [c.split(",")[0] for c in commands(log)] == [f"::error file=assignments/{TINY}/broken.ipynb"]
    with pytest.raises(UsageError, match="no notebook with a folder 'checks'"):
        find_notebooks([tree / "tests"])
    with pytest.raises(UsageError, match="cannot read it"):
        find_notebooks([tree / "absent"])


def test_files_for_gitlab(path: Path, tree: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """JUnit and the code-quality report are written, and the log has no workflow command."""
    path.write_bytes(tiny_notebook({"scale": WRONG}))
    passed, log = check(tree, github=False, junit=tree / "out" / "checks.xml", code_quality=tree / "quality.json")
    assert not passed
    assert not [line for line in log if line.startswith("::")]
    root = ElementTree.parse(tree / "out" / "checks.xml").getroot()
    assert len(list(root.iter("failure"))) == 2
    entries = json.loads((tree / "quality.json").read_text("utf-8"))
    assert {e["location"]["path"] for e in entries} == {f"assignments/{TINY}/{TINY}.ipynb"}


def test_one_exercise_only(path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """With an exercise's name nothing else decides."""
    path.write_bytes(tiny_notebook({"scale": WRONG}))
    assert check(path, exercise="linear_backward")[0] is True
    assert check(path, exercise="scale")[0] is False
