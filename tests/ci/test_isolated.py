"""Tests of running a notebook's checks in a process of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.assembly import visible_plan
from autograder.authoring.build import assignment_files, write_assignment
from autograder.ci.isolated import check_isolated
from autograder.errors import UsageError
from autograder.grading.material import Material
from tests.conftest import TINY


@pytest.fixture
def folder(tiny: Material, tmp_path: Path) -> Path:
    """An assignment's folder as a student has it."""
    files = assignment_files(tiny.course.solutions(TINY), tiny.course.tests(TINY), tiny.unit)
    write_assignment(tmp_path / TINY, files | {"checks/plan.bin": visible_plan(tiny)})
    return tmp_path / TINY


def written(folder: Path, notebook: bytes) -> Path:
    """Write a student's notebook and return it."""
    path = folder / f"{TINY}.ipynb"
    path.write_bytes(notebook)
    return path


def test_outcomes_and_output_come_back(folder: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The report is that of the checks; what the code printed, also past Python's own streams, comes apart from it."""
    source = 'def scale(x, k):\n    return k * x\nprint("hello")\nimport os; os.system("echo from a shell"); os.write(1, b"raw\\n")\n'
    done = check_isolated(written(folder, tiny_notebook({"scale": source})))
    assert done.report is not None
    assert done.report.passed
    assert done.reason == ""
    assert "from a shell" in done.output
    assert "raw" in done.output


def test_the_runners_variables_are_not_there(folder: Path, tiny_notebook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """The files by which a step gives commands to its runner are not named in the environment."""
    monkeypatch.setenv("GITHUB_ENV", "commands-of-the-runner")
    monkeypatch.setenv("ACTIONS_RUNTIME_TOKEN", "token-of-the-runner")
    monkeypatch.setenv("MINE", "kept")
    source = "import os; os.write(1, repr(dict(os.environ)).encode())\ndef scale(x, k):\n    return k * x\n"
    said = check_isolated(written(folder, tiny_notebook({"scale": source}))).output
    assert "kept" in said
    assert "of-the-runner" not in said


@pytest.mark.parametrize(("code", "said"), [("import os; os._exit(0)", "no report"), ("import os; os._exit(7)", "exit 7"), ("import os; os.kill(os.getpid(), 9)", "signal 9")])
def test_a_notebook_that_ends_its_process_is_told(folder: Path, tiny_notebook: Callable[..., bytes], code: str, said: str) -> None:
    """A process that ends early is a reason, not a crash."""
    done = check_isolated(written(folder, tiny_notebook({"scale": code})))
    assert done.report is None
    assert said in done.reason


def test_time_is_bounded_and_nothing_is_left_behind(folder: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """After its seconds the child is ended with what it started."""
    source = 'import os, subprocess, time\np = subprocess.Popen(["sleep", "600"])\nos.write(1, f"pid={p.pid} ".encode())\ntime.sleep(600)\n'
    started = time.monotonic()
    done = check_isolated(written(folder, tiny_notebook({"scale": source})), seconds=4.0)
    assert time.monotonic() - started < 30
    assert "did not finish within 4 s" in done.reason
    pid = int(done.output.split("pid=")[1].split()[0])
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            break
        state = Path(f"/proc/{pid}/stat")
        if state.is_file() and state.read_text().split(")")[1].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("a process that the notebook started is still running")


def test_endless_output_is_cut(folder: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """A flood of output neither fills memory nor stops the checks."""
    source = 'import os\nfor _ in range(2000): os.write(1, b"x" * 10000)\ndef scale(x, k):\n    return k * x\n'
    done = check_isolated(written(folder, tiny_notebook({"scale": source})))
    assert done.report is not None
    assert len(done.output) <= 64_000


def test_wrong_use_stays_wrong_use(folder: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """An unknown exercise is told as in the same process."""
    with pytest.raises(UsageError, match="exercise='nope' does not exist"):
        check_isolated(written(folder, tiny_notebook()), "nope")
