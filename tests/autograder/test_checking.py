"""Tests of visible checks on a namespace and on a notebook."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.assembly import build_assignment
from autograder.checking import SHIPPED, Checks, PackedExplainer, check_notebook, checks_in
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.material import Material
from autograder.records import ExerciseRecord

TINY = "u99_tiny"
Notebook = Callable[..., bytes]


@pytest.fixture(scope="session")
def assignment(tmp_path_factory: pytest.TempPathFactory, tiny: Material) -> Path:
    """The tiny unit's assignment, in a folder that no test changes."""
    import shutil

    folder = tmp_path_factory.mktemp("assignment") / TINY
    shutil.copytree(build_assignment(tiny), folder)
    return folder


@pytest.fixture
def own(assignment: Path, tmp_path: Path) -> Path:
    """A copy of the assignment that one test may change."""
    import shutil

    return Path(shutil.copytree(assignment, tmp_path / "own"))


@pytest.fixture(scope="session")
def checks(assignment: Path) -> Checks:
    """The assignment's checks."""
    return Checks(assignment / "checks")


def run(checks: Checks, tiny: Material, id_: str, **change: Any) -> ExerciseRecord:
    """Run the checks of an exercise on the reference's namespace with some names changed; None removes one."""
    namespace = {k: v for k, v in {**tiny.namespace(), **change}.items() if v is not None}
    return checks.run(id_, namespace)


def test_the_reference_passes(checks: Checks, tiny: Material) -> None:
    """Every exercise and question of the reference passes its visible checks, with full points."""
    assert checks.ids == tiny.unit.ids
    for id_ in checks.ids:
        record = run(checks, tiny, id_)
        assert {t.outcome for t in record.tests} == {"passed"}
        assert record.points == record.max_points
    assert run(checks, tiny, "why_transpose").tests[0].message == "The shapes leave no other product."


@pytest.mark.parametrize(("exercise", "misconception"), [("scale", "scale_adds"), ("scale", "scale_squares"), ("linear_backward", "dw_averaged"), ("linear_backward", "dx_negated")])
def test_a_misconception_is_named_without_its_code(checks: Checks, tiny: Material, exercise: str, misconception: str) -> None:
    """A student's folder recognises the mistake by the numbers that came along, and gives its hint and an example to paste."""
    by_id = {m.id: m for m in tiny.misconceptions}
    namespace: dict[str, Any] = {"__name__": "__main__"}
    tiny.student({exercise: tiny.source(by_id[misconception])}, namespace)
    failed = [t for t in checks.run(exercise, namespace).tests if t.outcome == "failed"]
    assert failed
    assert {t.misconception for t in failed} == {misconception}
    assert {t.hint for t in failed} == {by_id[misconception].hint}
    assert all(exercise in t.example for t in failed)


def test_an_unknown_mistake_has_no_hint(checks: Checks, tiny: Material) -> None:
    """Numbers that nobody stored are told without a guess."""
    record = run(checks, tiny, "scale", scale=lambda x, k: k * x + 0.5)
    assert {(t.outcome, t.hint) for t in record.tests} == {("failed", "")}


def test_a_function_that_is_missing_or_a_stub(checks: Checks, tiny: Material) -> None:
    """Both fail with words of their own."""
    assert "not defined" in run(checks, tiny, "scale", scale=None).tests[0].message

    def stub(x: Any, k: Any) -> Any:
        raise NotImplementedError

    assert run(checks, tiny, "scale", scale=stub).tests[0].message == "Not written yet."


@pytest.mark.parametrize(("value", "message", "hint"), [(None, "Not answered yet.", ""), (..., "Not answered yet.", ""), ("a", "Your answer 'a' is not right.", "Speed has nothing to do with it."), ("c", "Your answer 'c' is not right.", "")])
def test_questions(checks: Checks, tiny: Material, value: Any, message: str, hint: str) -> None:
    """Unanswered and wrong answers are told, with the hint of this wrong answer."""
    namespace = {**tiny.namespace(), "why_transpose": value}
    (test,) = checks.run("why_transpose", namespace).tests
    assert (test.outcome, test.message, test.hint) == ("failed", message, hint)


def test_an_unknown_exercise_lists_those_there_are(checks: Checks) -> None:
    """A misspelt id is a usage error."""
    with pytest.raises(UsageError, match="exercise='scael' does not exist in u99_tiny; it has scale, linear_backward, why_transpose"):
        checks.run("scael", {})


@pytest.mark.parametrize("name", ["unit.json", "questions.json", "plan.bin"])
@pytest.mark.parametrize("content", [None, b"", b"rubbish", b"{}", b"["])
def test_damaged_checks_are_told(own: Path, name: str, content: bytes | None) -> None:
    """A missing or damaged file of the checks is a usage error with advice, whatever is in it."""
    if content is None:
        (own / "checks" / name).unlink()
    else:
        (own / "checks" / name).write_bytes(content)
    if name == "questions.json" and content == b"{}":
        Checks(own / "checks")  # a unit without questions
        return
    with pytest.raises(UsageError, match="take the folder 'checks'"):
        Checks(own / "checks")


def test_a_test_without_a_plan_is_told(own: Path) -> None:
    """Checks of two versions mixed up are found when they are loaded."""
    file = own / "checks" / "test_tiny.py"
    file.write_text(file.read_text().replace("def test_gradients", "def test_new"))
    with pytest.raises(UsageError, match=r"plan\.bin knows nothing of test_new"):
        Checks(own / "checks")


def test_checks_are_loaded_once(assignment: Path) -> None:
    """The same folder gives the same checks."""
    assert checks_in(assignment / "checks") is checks_in(assignment / "checks")


def test_numbers_that_did_not_come_along_are_unknown(tiny: Material) -> None:
    """The packed explainer knows a few examples of each test, and says so."""
    case = tiny.visible.cases[0]
    explainer = PackedExplainer({"scale": {"m": "h"}}, {case.name: {"m": [None]}})
    assert explainer.known == SHIPPED
    assert explainer.hints("other") == {}
    assert explainer.fingerprint("m", case, 0, {}) is None
    assert explainer.fingerprint("m", case, 1, {}) is None
    assert explainer.fingerprint("n", case, 0, {}) is None


def test_a_function_of_an_exercise_stands_for_it(checks: Checks) -> None:
    """The id of an exercise is found by any of its functions; a name of nothing is cut in the message."""
    assert checks.id_of("scale") == "scale"
    checks._functions["linear_backward"].append("helper_of_backward")
    try:
        assert checks.id_of("helper_of_backward") == "linear_backward"
    finally:
        checks._functions["linear_backward"].pop()
    with pytest.raises(UsageError, match="exercise='x{59}…' does not exist"):
        checks.id_of("x" * 10_000)


FORBIDDEN = "Your solution uses numpy.multiply, which this exercise asks you to do without."


@pytest.mark.parametrize("kind", ["def", "class", "wrapped"])
def test_forbidden_names_are_told_as_the_grader_does(checks: Checks, tiny: Material, kind: str) -> None:
    """What unit.toml forbids is found in the cell that the function comes from; all of its tests fail with the grader's sentence."""
    sources = {
        "def": "def scale(x, k):\n    return np.multiply(x, k)",
        "class": "class scale:\n    def __new__(cls, x, k):\n        return np.multiply(x, k)",
        "wrapped": "import functools\n@functools.cache\ndef scale(x, k):\n    return np.multiply(x, k)",
    }
    namespace: dict[str, Any] = {"__name__": "__main__"}
    tiny.student({"scale": sources[kind]}, namespace)
    assert [(t.outcome, t.message) for t in checks.run("scale", namespace).tests] == [("failed", FORBIDDEN)] * 2
    assert {t.outcome for t in checks.run("linear_backward", namespace).tests} == {"passed"}


@pytest.fixture
def torchless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without PyTorch."""
    monkeypatch.setitem(sys.modules, "torch", None)


def with_torch(folder: Path, *exercises: str) -> Checks:
    """Return the checks of a folder in which some exercises need PyTorch."""
    about = json.loads((folder / "checks" / "unit.json").read_text("utf-8"))
    for item in about["exercises"]:
        if item["id"] in exercises:
            item["runtime"] = "torch"
    (folder / "checks" / "unit.json").write_text(json.dumps(about), "utf-8")
    checks_in.cache_clear()
    return Checks(folder / "checks")


@pytest.mark.usefixtures("torchless")
def test_what_needs_pytorch_is_not_run_without_it(own: Path, tiny: Material) -> None:
    """Such an exercise is not run and says what to install, by the course's list where there is one; the others are checked."""
    checks = with_torch(own, "linear_backward")
    record = run(checks, tiny, "linear_backward", linear_backward=None)
    assert {(t.outcome, t.message) for t in record.tests} == {("not_run", "This exercise needs PyTorch, which is not installed here: pip install torch")}
    assert {t.outcome for t in run(checks, tiny, "scale").tests} == {"passed"}
    assert {t.outcome for t in run(checks, tiny, "why_transpose").tests} == {"passed"}
    (own.parent / "requirements-torch.txt").write_text("")
    assert checks.lacking("linear_backward").endswith("not installed here: pip install -r requirements-torch.txt")


def test_nothing_is_lacking_where_all_is_installed(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only packages that are not installed count."""
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: object())
    checks = with_torch(own, "linear_backward", "scale")
    assert [checks.lacking(id_) for id_ in checks.ids] == ["", "", ""]
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name in ("torch", "safetensors") else object())
    assert checks.lacking("scale") == "This exercise needs PyTorch and safetensors, which are not installed here: pip install torch safetensors"
    assert checks.note(("scale", "linear_backward")).startswith("scale and linear_backward need PyTorch and safetensors, which are")
    assert checks.note(("scale",)).startswith("scale: This exercise needs")
    assert checks.note(()) == ""


# ---------------------------------------------------------------------- notebooks
@pytest.mark.usefixtures("torchless")
def test_a_notebook_is_judged_by_what_can_run(own: Path, tiny_notebook: Notebook) -> None:
    """Without PyTorch a notebook passes on its other exercises; from the first cell that needs it only those run; one line says so."""
    with_torch(own, "linear_backward")
    notebook = json.loads(tiny_notebook({"linear_backward": "1 / 0"}))
    position = next(i for i, cell in enumerate(notebook["cells"]) if cell["id"] == "scale")
    torch = {**notebook["cells"][position], "id": "mine", "metadata": {}, "source": "import torch\nfrom torch import nn"}
    later = {**torch, "id": "mine-too", "source": "nn.Linear(2, 3)"}
    notebook["cells"][position:position] = [torch, later]
    path = own / f"{TINY}.ipynb"
    path.write_text(json.dumps(notebook), "utf-8")
    report = check_notebook(path)
    assert report.passed
    assert report.problems == ()
    assert report.left_out == ("linear_backward",)
    assert report.text.count("linear_backward: This exercise needs PyTorch, which is not installed here: pip install torch") == 1
    assert report.text.endswith("1 of 2 exercises and 1 of 1 question pass their visible checks; 1 exercise not run")
    assert check_notebook(path, "scale").passed
    named = check_notebook(path, "linear_backward")
    assert not named.passed
    assert "needs PyTorch" in named.text
    wrong = json.loads(tiny_notebook({"scale": "def scale(x, k): return k + x", "linear_backward": "1 / 0"}))
    path.write_text(json.dumps(wrong), "utf-8")
    assert not check_notebook(path).passed


def test_a_notebook_is_checked_in_its_folder(own: Path, tiny_notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """All cells but checks, demos and milestones run in the notebook's folder, then every check; the working folder is as before."""
    path = own / f"{TINY}.ipynb"
    path.write_bytes(tiny_notebook({"scale": "import os\nfolder = os.path.basename(os.getcwd())\nassert folder == 'own'\ndef scale(x, k): return k * x"}))
    before = Path.cwd()
    report = check_notebook(path)
    assert report.passed
    assert report.problems == ()
    assert [e.id for e in report.exercises] == ["scale", "linear_backward", "why_transpose"]
    assert report.text.endswith("2 of 2 exercises and 1 of 1 question pass their visible checks")
    assert Path.cwd() == before


def test_the_untouched_notebook_fails_without_problems(assignment: Path) -> None:
    """A stub is not written yet, which is no problem of its cell."""
    report = check_notebook(assignment / f"{TINY}.ipynb")
    assert not report.passed
    assert report.problems == ()
    assert "Not written yet." in report.text
    assert report.text.endswith("0 of 2 exercises and 0 of 1 question pass their visible checks")


def test_a_cell_that_stops_is_told(own: Path, tiny_notebook: Notebook) -> None:
    """The cell's number and error come first, and the others are checked."""
    path = own / f"{TINY}.ipynb"
    path.write_bytes(tiny_notebook({"scale": "1 / 0"}))
    report = check_notebook(path)
    (problem,) = report.problems
    assert "stops with ZeroDivisionError" in problem
    assert [all(t.outcome == "passed" for t in e.tests) for e in report.exercises] == [False, True, True]


def test_one_exercise_alone(own: Path, tiny_notebook: Notebook) -> None:
    """Only the named exercise is checked; an unknown one is refused before any cell runs."""
    path = own / f"{TINY}.ipynb"
    path.write_bytes(tiny_notebook({"linear_backward": "1 / 0"}))
    assert [e.id for e in check_notebook(path, "scale").exercises] == ["scale"]
    assert check_notebook(path, "scale").passed
    path.write_bytes(tiny_notebook({"scale": f"open({str(own / 'ran')!r}, 'w').close()"}))
    with pytest.raises(UsageError, match="exercise='scael'"):
        check_notebook(path, "scael")
    assert not (own / "ran").exists()


def test_what_is_no_notebook_in_an_assignment_is_refused(own: Path, tmp_path: Path, tiny_notebook: Notebook) -> None:
    """A missing file, a file that is no notebook, and a notebook without checks beside it are usage errors with a reason."""
    (own / "bad.ipynb").write_text("{")
    (tmp_path / "alone.ipynb").write_bytes(tiny_notebook())
    for path, words in ((own / "absent.ipynb", "cannot read it"), (own / "bad.ipynb", "bad.ipynb"), (tmp_path / "alone.ipynb", "no folder 'checks'")):
        with pytest.raises(UsageError, match=words):
            check_notebook(path)


def test_the_built_check_cells_are_not_run_as_cells(own: Path, tiny_notebook: Notebook) -> None:
    """A notebook's own check cells do not disturb: they are skipped and the checks run once."""
    notebook = json.loads(tiny_notebook())
    for cell in notebook["cells"]:
        if cell["metadata"].get("autograder", {}).get("role") in ("check", "milestone"):
            cell["source"] = ["1 / 0"]
    (own / f"{TINY}.ipynb").write_text(json.dumps(notebook))
    assert check_notebook(own / f"{TINY}.ipynb").passed


def test_a_course_is_left_alone(tiny_course: Course) -> None:
    """The session's course has the assignment that was built, and nothing else new."""
    assert {p.name for p in (tiny_course.root / "assignments").iterdir()} <= {TINY}
