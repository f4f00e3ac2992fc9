"""Other graders, run on this project's tests: a fresh interpreter for each submission, ``otter run``, stock ``nbgrader autograde``.

Two ways of writing the tests are measured.  *Ready*: the examples, drawn beforehand by this project, are handed to the peer
for nothing.  *Hypothesis*: as an author writes such a test in a cell or a test file, Hypothesis draws the examples when it
runs, and shrinks what fails.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import msgspec
import nbformat

from autograder.grading.material import Material
from autograder.submissions.collect import Submission
from autograder.submissions.read import read_submission

ROOT = Path(__file__).resolve().parents[1]
Style = Literal["ready", "hypothesis"]  # of tests: examples handed over, or drawn when a test runs


class Row(msgspec.Struct, frozen=True):
    """What one grader needed.

    Args:
        name: of the grader.
        count: submissions.
        cpu, wall: seconds per submission, all processes included.
        memory: MB, the largest process.
        scores: shares of passed exercises' tests by submission, where the grader tells them.
    """

    name: str
    count: int
    cpu: float
    wall: float
    memory: float
    scores: tuple[float, ...] = ()


def measured(command: Sequence[str], cwd: Path, environment: dict[str, str] | None = None) -> tuple[float, float, float, str]:
    """Run a command and return CPU seconds of it and what it waited for, wall seconds, MB of its largest process, and its output."""
    started = time.perf_counter()
    process = subprocess.Popen(list(command), cwd=cwd, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    with process.stdout:
        text = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {text[-2000:]}")
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - started, usage.ru_maxrss / 1024, text


def runnable(material: Material, submission: Submission) -> nbformat.NotebookNode:
    """Return a plain notebook of the cells that are graded, in their order, without checks and demonstrations."""
    cells = read_submission(submission.data or b"", material.notebook).cells
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c.source) for c in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}},
    )


def fresh_interpreter(material: Material, submissions: list[Submission], folder: Path, style: Style) -> Row:
    """Measure an interpreter for each submission that runs its cells and then the tests."""
    exercises = [e.id for e in material.unit.exercises]
    points = {e.id: e.points for e in material.unit.exercises}
    scores = []

    def one(path: Path) -> tuple[float, float, float, str]:
        return measured([sys.executable, "-m", "benchmarks.fresh", str(folder / "tests.pickle"), style, str(path), *exercises], ROOT)

    costs = []
    for cost in _each(material, submissions, folder, one):
        costs.append(cost)
        shares = json.loads(cost[3].splitlines()[-1])
        scores.append(sum(points[e] * shares[e] for e in exercises) / sum(points.values()))
    return _row(f"a fresh interpreter each, {style}", costs, tuple(scores))


def otter(material: Material, submissions: list[Submission], folder: Path, python: str, style: Style) -> Row:
    """Measure ``otter run``, a test file for each exercise."""
    tests = folder / f"otter-{style}" / "tests"
    tests.mkdir(parents=True)
    for exercise in material.unit.exercises:
        (tests / f"{exercise.id}.py").write_text(_OTTER_TEST.format(pack=str(folder / "tests.pickle"), style=style, exercise=exercise.id), "utf-8")
    tool = str(Path(python).parent / "otter")
    subprocess.run([tool, "generate", "-t", "tests", "--no-environment"], cwd=tests.parent, check=True, capture_output=True)

    def one(path: Path) -> tuple[float, float, float, str]:
        command = [tool, "run", str(path), "-a", str(tests.parent / "autograder.zip"), "-o", str(path.parent), "--no-logo"]
        cost = measured(command, path.parent, {"PATH": f"{Path(python).parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)})
        return *cost[:3], (path.parent / "results.json").read_text("utf-8")

    scores, costs = [], []
    points = {e.id: e.points for e in material.unit.exercises}
    for cost in _each(material, submissions, folder, one):
        costs.append(cost)
        got = {t["name"]: t.get("score", 0) for t in json.loads(cost[3])["tests"]}
        scores.append(sum(points[e] * got.get(e, 0) for e in points) / sum(points.values()))
    return _row(f"otter run, {style}", costs, tuple(scores))


_OTTER_TEST = """
OK_FORMAT = False
import sys
from otter.test_files import test_case

name, points = "{exercise}", None


@test_case(points=1, hidden=True)
def test_all(env):
    from pathlib import Path

    from benchmarks.inprocess import Tests

    if "_tests" not in sys.modules:
        sys.modules["_tests"] = Tests(Path("{pack}"), "{style}")
    assert sys.modules["_tests"].share("{exercise}", env) == 1.0
"""


def nbgrader(material: Material, submissions: list[Submission], folder: Path, style: Style = "ready") -> Row:
    """Measure stock ``nbgrader autograde``: a course whose notebook has an autograded hidden-test cell for each exercise."""
    course = folder / f"nbgrader-{style}"
    source = course / "source" / material.name
    source.mkdir(parents=True)
    nbformat.write(_with_test_cells(material, runnable(material, submissions[0]), folder, style), source / f"{material.name}.ipynb")
    (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'peers'\nc.CourseDirectory.root = {str(course)!r}\n", "utf-8")
    tool = [sys.executable, "-m", "nbgrader"]
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    measured([*tool, "generate_assignment", material.name, "--force"], course, path)
    for s in submissions:
        target = course / "submitted" / s.student / material.name / f"{material.name}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(_with_test_cells(material, runnable(material, s), folder, style), target)
    cpu, wall, memory, _ = measured([*tool, "autograde", material.name], course, path)
    scores = tuple(_nbgrader_scores(course, material.name, [s.student for s in submissions]))
    n = len(submissions)
    return Row(f"nbgrader autograde, {style}", n, cpu / n, wall / n, memory, scores)


def _with_test_cells(material: Material, notebook: nbformat.NotebookNode, folder: Path, style: Style) -> nbformat.NotebookNode:
    pack = str(folder / "tests.pickle")
    first = f"import sys\nfrom pathlib import Path\nsys.path.insert(0, {str(ROOT)!r})\nfrom benchmarks.inprocess import Tests\n_tests = Tests(Path({pack!r}), {style!r})"
    notebook.cells.append(nbformat.v4.new_code_cell(first))
    for e in material.unit.exercises:
        cell = nbformat.v4.new_code_cell(f"assert _tests.share({e.id!r}, globals()) == 1.0")
        cell.metadata["nbgrader"] = {"grade": True, "grade_id": e.id, "locked": True, "points": e.points, "schema_version": 3, "solution": False, "task": False}
        notebook.cells.append(cell)
    return notebook


def _nbgrader_scores(course: Path, unit: str, students: Sequence[str]) -> Iterator[float]:
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{course}/gradebook.db") as book:
        for student in students:
            found = book.find_submission(unit, student)
            yield found.score / found.max_score


def _each(material: Material, submissions: list[Submission], folder: Path, one: Callable[[Path], tuple[float, float, float, str]]) -> Iterator[tuple[float, float, float, str]]:
    for s in submissions:
        path = folder / "work" / s.student / f"{material.name}.ipynb"
        shutil.rmtree(path.parent, ignore_errors=True)
        path.parent.mkdir(parents=True)
        nbformat.write(runnable(material, s), path)
        yield one(path)


def _row(name: str, costs: Sequence[tuple[float, float, float, str]], scores: tuple[float, ...]) -> Row:
    n = len(costs)
    return Row(name, n, sum(c[0] for c in costs) / n, sum(c[1] for c in costs) / n, max(c[2] for c in costs), scores)
