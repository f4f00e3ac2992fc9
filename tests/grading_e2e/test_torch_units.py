"""Units with PyTorch exercises: graded where torch is, their NumPy exercises where it is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.assembly import build_assignment
from autograder.checking import check_notebook
from autograder.course import Course
from autograder.grading.material import Material
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord
from autograder.sandbox import available_levels
from autograder.selfcheck import notebook_of, selfcheck
from tests.grading_e2e.command import PROJECT
from tests.grading_e2e.torch_course import UNIT, write_torch_course

pytest.importorskip("torch", reason="torch is not installed")

WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder
find = PathFinder.find_spec.__func__
PathFinder.find_spec = classmethod(lambda c, name, *a, **k: None if name.split(".")[0] == "torch" else find(c, name, *a, **k))
from autograder.cli import main
sys.argv[0] = "autograder"
main()
"""


@pytest.fixture(scope="module")
def mixed(open_folder: Path) -> Course:
    """The course of one mixed unit."""
    return write_torch_course(open_folder / "mixed")


@pytest.fixture(scope="module")
def unit(mixed: Course) -> Material:
    """Its unit."""
    return Material(mixed, UNIT)


@pytest.fixture(scope="module", params=["ns", "ll"])
def grader(request: pytest.FixtureRequest, unit: Material) -> Iterator[Grader]:
    """A grader of each level that works here."""
    if reason := available_levels()[request.param]:
        pytest.skip(f"{request.param} does not work here: {reason}")
    grader = Grader(unit, request.param)
    yield grader
    grader.close()


def graded(grader: Grader, unit: Material, **replace: str) -> SubmissionRecord:
    return grader.grade(notebook_of(unit, "somebody", replace))


def outcome(record: SubmissionRecord, exercise: str) -> tuple[str, str, str]:
    (test,) = next(e for e in record.exercises if e.id == exercise).tests
    return test.outcome, test.misconception, test.message


def test_the_selfcheck_of_a_mixed_unit_is_green(unit: Material) -> None:
    """Reference, stub, misconceptions and alternatives do as they should, through the channel too."""
    if not any(reason == "" for reason in available_levels().values()):
        pytest.skip("no sandbox works here")
    assert selfcheck(unit).findings == ()


def test_a_right_notebook_earns_everything(grader: Grader, unit: Material) -> None:
    """NumPy and PyTorch exercises of one notebook are graded to full marks, without a word."""
    record = graded(grader, unit)
    assert (record.score, record.messages) == (100.0, ())


def test_a_numpy_exercise_cannot_import_torch(grader: Grader, unit: Material) -> None:
    """What an exercise should build by hand cannot be had from torch."""
    for source in ("import torch\n\ndef double(x):\n    return 2.0 * x\n", "def double(x):\n    import torch\n    return (2 * torch.from_numpy(x)).numpy()\n"):
        record = graded(grader, unit, double=source)
        assert outcome(record, "double")[0] == "failed"
        assert "No module named 'torch'" in outcome(record, "double")[2]
        assert outcome(record, "train_step")[0] == "passed"


def test_a_mistake_in_torch_code_is_named_at_its_line(grader: Grader, unit: Material) -> None:
    """An exception inside a driver shows the student's line; a wrong number is named."""
    wrong = unit.notebook.solution("train_step").replace("optimizer.zero_grad()", "pass")
    assert outcome(graded(grader, unit, train_step=wrong), "train_step")[:2] == ("failed", "no_zero_grad")
    raising = unit.notebook.solution("train_step").replace("model(x), y", "model(x.T), y")
    assert "model(x.T), y" in outcome(graded(grader, unit, train_step=raising), "train_step")[2]
    assert outcome(graded(grader, unit, train_step=unit.stub["train_step"]), "train_step")[2] == "Not written yet."


@pytest.mark.parametrize(
    "source",
    [
        "def train_step(model, x, y, optimizer):\n    import os\n    os._exit(0)\n",
        "def train_step(model, x, y, optimizer):\n    while True:\n        pass\n",
        "def train_step(model, x, y, optimizer):\n    return torch.zeros(10**11)\n",
        "import torch\nclass T(torch.Tensor):\n    __torch_function__ = classmethod(lambda *a, **k: True)\n\ndef train_step(model, x, y, optimizer):\n    return T([1.0])\n",
        "import sys\nfrom torch import nn\ndef train_step(model, x, y, optimizer):\n    frame = sys._getframe(1)\n    frame.f_globals['nn'] = None\n    return 0.0\n",
        "def train_step(model, x, y, optimizer):\n    return torch.sparse_coo_tensor([[0]], [1.0], (2,))\n",
    ],
    ids=["exit", "endless", "memory", "subclass", "frames", "sparse"],
)
def test_hostile_torch_code_costs_only_itself(grader: Grader, unit: Material, source: str) -> None:
    """Whatever the PyTorch exercise does, it earns nothing there and the others keep their points."""
    record = graded(grader, unit, train_step=source)
    assert outcome(record, "train_step")[0] != "passed"
    assert record.score == 50.0
    assert graded(grader, unit).score == 100.0


def test_the_zygote_with_torch_never_started_cuda_or_threads(grader: Grader, unit: Material) -> None:
    """A child finds one thread and no initialised CUDA."""
    record = graded(
        grader,
        unit,
        train_step="""
def train_step(model, x, y, optimizer):
    import os
    raise ValueError(f"threads {torch.get_num_threads()} {torch.cuda.is_initialized()}")
""",
    )
    assert "threads 1 False" in outcome(record, "train_step")[2]


def test_the_visible_checks_run_in_process(mixed: Course, unit: Material) -> None:
    """A student's own check passes on the solved notebook and names a mistake in the torch part with code to paste."""
    folder = build_assignment(unit)
    path = folder / f"{UNIT}.ipynb"
    data = notebook_of(unit, "", {}).data
    assert data is not None
    path.write_bytes(data)
    assert check_notebook(path).passed
    data = notebook_of(unit, "", {"train_step": unit.notebook.solution("train_step").replace("loss.item()", "2 * loss.item()")}).data
    assert data is not None
    path.write_bytes(data)
    text = check_notebook(path).text
    assert "def after_two_steps(w, x, y):" in text
    assert "after_two_steps(w, x, y)" in text.splitlines()[-1] or "= after_two_steps(" in text


def test_without_torch_the_numpy_exercises_still_check(mixed: Course, unit: Material) -> None:
    """On a machine without torch a student's NumPy exercise passes its check, the PyTorch one is not run and says what is missing, and nothing fails."""
    path = build_assignment(unit) / f"{UNIT}.ipynb"
    data = notebook_of(unit, "", {}).data
    assert data is not None
    path.write_bytes(data)
    done = _without_torch("check", str(path))
    assert "✓ double(x) is twice x." in done.stdout
    assert "PyTorch, which is not installed here: pip install torch" in done.stdout
    assert "1 of 2 exercises and 1 of 1 question pass" in done.stdout
    assert done.returncode == 0


def test_without_torch_grading_says_what_to_install(mixed: Course, tmp_path: Path) -> None:
    """The grader refuses a unit whose exercises it could not run, before anything is graded."""
    done = _without_torch("grade", UNIT, str(tmp_path), "--out", str(tmp_path / "out"), course=mixed)
    assert done.returncode == 2
    assert "not installed" in done.stderr + done.stdout
    assert "autograder[torch]" in done.stderr + done.stdout


def _without_torch(*arguments: str, course: Course | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "400", **({"AUTOGRADER_COURSE": str(course.root)} if course else {})}
    return subprocess.run([sys.executable, "-c", WITHOUT_TORCH, *arguments], cwd=PROJECT, env=environment, capture_output=True, text=True, timeout=120, check=False)
