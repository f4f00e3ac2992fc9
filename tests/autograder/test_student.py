"""Tests of what a student's notebook imports."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograder
from autograder.assembly import build_assignment
from autograder.grading.material import Material
from autograder.student import STORE_VARIABLE, CheckResult, Overview, Problem

TINY = "u99_tiny"
USE = "from autograder import check, milestone\n"


@pytest.fixture
def notebook(tmp_path: Path, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The globals of a notebook with the reference's answers, with the working folder in its assignment."""
    folder = tmp_path / TINY
    shutil.copytree(build_assignment(tiny), folder)
    (folder / "data").mkdir()
    np.savez_compressed(folder / "data" / "growth.npz", total=np.float64(99.0), parts=np.array([9.0, 9.0]))
    monkeypatch.chdir(folder)
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    namespace = tiny.namespace()
    exec(USE, namespace)
    return namespace


def evaluated(namespace: dict[str, Any], expression: str) -> Any:
    """Return the value of the last line of a cell."""
    return eval(expression, namespace)


def test_a_check_shows_text_and_html(notebook: dict[str, Any]) -> None:
    """In plain Python a check is text, in Jupyter HTML; both name the exercise and its outcome."""
    result = evaluated(notebook, 'check("scale")')
    assert isinstance(result, CheckResult)
    assert result.passed
    assert "Scale an array" in repr(result)
    assert "All 2 tests pass." in repr(result)
    html = result._repr_html_()
    assert "Scale an array" in html
    assert "<script" not in html


def test_a_check_looks_at_the_callers_functions_as_they_are_now(notebook: dict[str, Any]) -> None:
    """Redefining a function and checking again gives the new outcome; a hint is shown in both forms."""
    exec("def scale(x, k): return k + x", notebook)
    result = evaluated(notebook, 'check("scale")')
    assert not result.passed
    assert "You add k where you should multiply." in repr(result)
    assert "You add k where you should multiply." in result._repr_html_()
    exec("def scale(x, k): return k * x", notebook)
    assert evaluated(notebook, 'check("scale")').passed


def test_a_function_may_be_given_for_its_name(notebook: dict[str, Any]) -> None:
    """A function or class is taken by its name, whatever it returns; an answer or a number is not, and one line says what to write."""
    assert repr(evaluated(notebook, "check(scale)")) == repr(evaluated(notebook, 'check("scale")'))
    for odd in ("check(why_transpose)", "check(np.sum)", "check(3)", "check(None)", "check([scale])"):
        result = evaluated(notebook, odd)
        assert isinstance(result, Problem), odd
        assert "scale, linear_backward, why_transpose" in repr(result)
    assert "\n" not in repr(evaluated(notebook, "check(None)"))


def test_no_name_is_everything(notebook: dict[str, Any]) -> None:
    """A line for each exercise and question, then how many pass and where to look; the same in HTML."""
    everything = evaluated(notebook, "check()")
    assert isinstance(everything, Overview)
    assert everything.passed
    assert "✓ linear_backward: The test passes." in repr(everything)
    assert repr(everything).endswith("2 of 2 exercises and 1 of 1 question pass their visible checks.\n")
    exec("def scale(x, k): return k + x\nwhy_transpose = None", notebook)
    everything = evaluated(notebook, "check()")
    assert not everything.passed
    assert [line.strip() for line in repr(everything).splitlines()] == [
        "✗ scale: 0 of 2 tests passed.",
        "✓ linear_backward: The test passes.",
        "○ why_transpose: Not answered yet.",
        "",
        '1 of 2 exercises and 0 of 1 question pass their visible checks. For details: check("scale").',
    ]
    html = everything._repr_html_()
    assert html.count("<li") == 3
    assert "ag-waiting" in html
    assert "<script" not in html


@pytest.mark.parametrize("lost", ["scale", "linear_forward", "why_transpose"])
def test_after_a_restart_the_cells_above_are_asked_for(notebook: dict[str, Any], lost: str) -> None:
    """A name that the saved notebook defines above the check is missing because its cell has not run; said once, in text and HTML."""
    del notebook[lost]
    result = evaluated(notebook, f'check("{"linear_backward" if lost == "linear_forward" else lost}")')
    assert {t.outcome for t in result.record.tests} == {"not_run"}
    for shown in (repr(result), result._repr_html_()):
        assert " ".join(shown.split()).count(f"{lost} is defined in a cell above that has not run to its end") == 1
        assert "Run → Run All Above Selected Cell" in " ".join(shown.split())


def test_a_name_that_no_notebook_defines_is_the_students(notebook: dict[str, Any]) -> None:
    """Without a saved notebook, or with a name that is not in it, the name is not defined; the test fails."""
    exec("def scale(x, k): return factor * x", notebook)
    assert {t.outcome for t in evaluated(notebook, 'check("scale")').record.tests} == {"failed"}
    (Path.cwd() / f"{TINY}.ipynb").write_bytes(b"{")
    del notebook["scale"]
    assert "Name 'scale' is not defined in your notebook." in repr(evaluated(notebook, 'check("scale")'))


def test_questions_are_checked(notebook: dict[str, Any]) -> None:
    """A right answer shows its explanation."""
    assert "no other product" in repr(evaluated(notebook, 'check("why_transpose")'))


def test_a_problem_is_a_message_and_no_traceback(notebook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A misspelt exercise and a missing checks folder give a sentence that helps, as the cell's value."""
    result = evaluated(notebook, 'check("scael")')
    assert isinstance(result, Problem)
    assert not result.passed
    assert "it has scale, linear_backward, why_transpose" in repr(result)
    monkeypatch.chdir(tmp_path)
    assert "there is no folder 'checks'" in repr(evaluated(notebook, 'check("scale")'))


def test_an_editor_that_runs_elsewhere_says_where_the_notebook_is(notebook: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where the editor tells the notebook's path, the checks beside it are found from any working folder."""
    notebook["__vsc_ipynb_file__"] = str(Path.cwd() / f"{TINY}.ipynb")
    monkeypatch.chdir(tmp_path)
    assert evaluated(notebook, 'check("scale")').passed


# ---------------------------------------------------------------------- milestones
RUN = 'milestone("growth", lambda: {"total": float(scale(np.ones(4), 3.0).sum()), "parts": scale(np.ones(2), 3.0)}, needs=["scale"])'


def test_a_milestone_runs_ones_own_functions(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """When what it needs passes its checks, the experiment runs and the seconds are printed."""
    result = evaluated(notebook, RUN)
    assert result["total"] == 12.0
    assert result["parts"].tolist() == [3, 3]
    assert capsys.readouterr().out.startswith("growth: ")


def test_a_milestone_falls_back_to_the_references_numbers(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """When what it needs fails its check, the stored numbers come, in their types, with a sentence; the experiment does not run."""
    exec("def scale(x, k): raise NotImplementedError", notebook)
    result = evaluated(notebook, RUN)
    assert result["total"] == 99.0
    assert np.ndim(result["total"]) == 0
    assert result["parts"].tolist() == [9, 9]
    assert capsys.readouterr().out == "Not yet right: scale.\nUntil its check passes, this cell shows the numbers of the course's own solution.\n"


def test_all_that_fails_is_named(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """Two exercises that fail are named together."""
    exec("del scale, linear_backward", notebook)
    evaluated(notebook, 'milestone("growth", dict, needs=["scale", "linear_backward"])')
    assert "Not yet right: scale and linear_backward.\nUntil their checks pass" in capsys.readouterr().out


def test_a_milestone_without_needs_runs(notebook: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """An experiment that needs nothing is run, and an exception of it is the student's to see."""
    assert evaluated(notebook, 'milestone("free", lambda: {"a": 1})') == {"a": 1}
    with pytest.raises(ZeroDivisionError):
        evaluated(notebook, 'milestone("free", lambda: 1 / 0)')
    capsys.readouterr()


def test_authors_store_milestones(notebook: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """With the author's variable set, what an experiment returned is stored in that folder, readable without pickle."""
    monkeypatch.setenv(STORE_VARIABLE, str(tmp_path))
    evaluated(notebook, RUN)
    with np.load(tmp_path / "growth.npz", allow_pickle=False) as stored:
        assert {name: stored[name].tolist() for name in stored.files} == {"total": 12.0, "parts": [3.0, 3.0]}
    capsys.readouterr()


# ---------------------------------------------------------------------- the package as students see it
def test_public_names() -> None:
    """The package offers two names to notebooks, and no others by accident."""
    assert autograder.__all__ == ["check", "milestone"]
    assert callable(autograder.check)
    assert callable(autograder.milestone)
    with pytest.raises(AttributeError, match="no attribute 'grade'"):
        autograder.grade  # noqa: B018


def test_importing_the_package_is_light() -> None:
    """``import autograder`` alone imports neither NumPy nor Hypothesis, so that a command starts at once."""
    code = "import sys, autograder; print(sorted({'numpy', 'hypothesis', 'matplotlib', 'typer'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
