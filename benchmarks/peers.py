"""The same submissions through this grader and through others, in one run: CPU and wall seconds each, peak memory, scores.

Example: python -m benchmarks.peers --unit u03_backprop --count 50 --slow 10

Every grader runs the same tests on the same examples.  Peers execute them in the student's interpreter; how they are kept
from the student is not measured.  A peer that is not installed here is left out, with the reason.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import nbformat

from autograder.course import Course
from autograder.grading.journal import Journal
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.sandbox import choose_level
from autograder.submissions.collect import Submission
from autograder.submissions.notebook import parse_notebook
from autograder.submissions.read import read_submission
from benchmarks.floor import run_floor
from benchmarks.inprocess import pack
from benchmarks.submissions import mixed_class

ROOT = Path(__file__).resolve().parents[1]
OTTER_PYTHON = "AUTOGRADER_BENCH_OTTER"


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


# ---------------------------------------------------------------------- this grader, and the floor below it
def ours(material: Material, submissions: list[Submission], jobs: int) -> Row:
    """Measure this grader in a process of its own, its start and its reading of the tests included."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for s in submissions:
            path = folder / "submitted" / s.student / material.name / f"{material.name}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(s.data or b"")
        command = [sys.executable, "-m", "autograder", "grade", material.name, str(folder / "submitted"), "--out", str(folder / "out"), "--jobs", str(jobs)]
        cpu, wall, memory, _ = measured(command, material.course.root)
        with Journal(folder / "out") as journal:
            records = {r.student: r for r in journal.read()}
        points = {e.id: e.points for e in material.unit.exercises}
        scores = tuple(sum(e.points for e in records[s.student].exercises if e.id in points) / sum(points.values()) for s in submissions)
    return Row(f"this grader, {jobs} worker{'s' * (jobs > 1)}", len(submissions), cpu / len(submissions), wall / len(submissions), memory, scores)


def steady(material: Material, submissions: list[Submission]) -> Row:
    """Measure this grader's cost of a submission once it runs: without its start, as in a long run."""
    level = choose_level(None)
    started, cpu = time.perf_counter(), 0.0
    for record in grade_all(material, submissions, level, 1):
        cpu += record.cpu_seconds
    return Row("this grader, running", len(submissions), cpu / len(submissions), (time.perf_counter() - started) / len(submissions), 0.0)


def floor(material: Material, submissions: list[Submission]) -> Row:
    """Measure the same tests in one warm plain process."""
    run_floor(material, submissions[:3])
    started = time.perf_counter()
    cpu, _ = run_floor(material, submissions)
    return Row("floor: one warm plain process", len(submissions), cpu / len(submissions), (time.perf_counter() - started) / len(submissions), 0.0)


# ---------------------------------------------------------------------- peers
def runnable(material: Material, submission: Submission) -> nbformat.NotebookNode:
    """Return a plain notebook of the cells that are graded, in their order, without checks and demonstrations."""
    cells = read_submission(submission.data or b"", material.notebook).cells
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(c.source) for c in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}},
    )


def fresh_interpreter(material: Material, submissions: list[Submission], folder: Path) -> Row:
    """Measure an interpreter for each submission that runs its cells and then the tests."""
    exercises = [e.id for e in material.unit.exercises]
    points = {e.id: e.points for e in material.unit.exercises}
    scores = []

    def one(path: Path) -> tuple[float, float, float, str]:
        return measured([sys.executable, "-m", "benchmarks.fresh", str(folder / "tests.pickle"), str(path), *exercises], ROOT)

    costs = []
    for cost in _each(material, submissions, folder, one):
        costs.append(cost)
        shares = json.loads(cost[3].splitlines()[-1])
        scores.append(sum(points[e] * shares[e] for e in exercises) / sum(points.values()))
    return _row("a fresh interpreter each", costs, tuple(scores))


def otter(material: Material, submissions: list[Submission], folder: Path, python: str) -> Row:
    """Measure ``otter run``, a test file for each exercise."""
    tests = folder / "otter" / "tests"
    tests.mkdir(parents=True)
    for exercise in material.unit.exercises:
        (tests / f"{exercise.id}.py").write_text(_OTTER_TEST.format(root=str(ROOT), pack=str(folder / "tests.pickle"), exercise=exercise.id), "utf-8")
    tool = str(Path(python).parent / "otter")
    subprocess.run([tool, "generate", "-t", "tests", "--no-environment"], cwd=tests.parent, check=True, capture_output=True)

    def one(path: Path) -> tuple[float, float, float, str]:
        command = [tool, "run", str(path), "-a", str(tests.parent / "autograder.zip"), "-o", str(path.parent), "--no-logo"]
        cost = measured(command, path.parent, {"PATH": f"{Path(python).parent}:{os.environ['PATH']}"})
        return *cost[:3], (path.parent / "results.json").read_text("utf-8")

    scores, costs = [], []
    points = {e.id: e.points for e in material.unit.exercises}
    for cost in _each(material, submissions, folder, one):
        costs.append(cost)
        got = {t["name"]: t.get("score", 0) for t in json.loads(cost[3])["tests"]}
        scores.append(sum(points[e] * got.get(e, 0) for e in points) / sum(points.values()))
    return _row("otter run", costs, tuple(scores))


_OTTER_TEST = """
OK_FORMAT = False
import sys
from otter.test_files import test_case

name, points = "{exercise}", None


@test_case(points=1, hidden=True)
def test_all(env):
    sys.path.insert(0, "{root}")
    from pathlib import Path

    from benchmarks.inprocess import Tests

    if "_tests" not in sys.modules:
        sys.modules["_tests"] = Tests(Path("{pack}"))
    assert sys.modules["_tests"].share("{exercise}", env) == 1.0
"""


def nbgrader(material: Material, submissions: list[Submission], folder: Path) -> Row:
    """Measure stock ``nbgrader autograde``: a course whose notebook has an autograded hidden-test cell for each exercise."""
    course = folder / "nbgrader"
    source = course / "source" / material.name
    source.mkdir(parents=True)
    nbformat.write(_with_test_cells(material, runnable(material, submissions[0]), folder), source / f"{material.name}.ipynb")
    (course / "nbgrader_config.py").write_text(f"c = get_config()\nc.CourseDirectory.course_id = 'peers'\nc.CourseDirectory.root = {str(course)!r}\n", "utf-8")
    tool = [sys.executable, "-m", "nbgrader"]
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    measured([*tool, "generate_assignment", material.name, "--force"], course, path)
    for s in submissions:
        target = course / "submitted" / s.student / material.name / f"{material.name}.ipynb"
        target.parent.mkdir(parents=True)
        nbformat.write(_with_test_cells(material, runnable(material, s), folder), target)
    cpu, wall, memory, _ = measured([*tool, "autograde", material.name], course, path)
    scores = tuple(_nbgrader_scores(course, material.name, [s.student for s in submissions]))
    n = len(submissions)
    return Row("nbgrader autograde", n, cpu / n, wall / n, memory, scores)


def _with_test_cells(material: Material, notebook: nbformat.NotebookNode, folder: Path) -> nbformat.NotebookNode:
    first = f"import sys\nfrom pathlib import Path\nsys.path.insert(0, {str(ROOT)!r})\nfrom benchmarks.inprocess import Tests\n_tests = Tests(Path({str(folder / 'tests.pickle')!r}))"
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


# ---------------------------------------------------------------------- the table
def compare(material: Material, count: int, slow: int, otter_python: str | None) -> list[Row]:
    """Return a row for every grader that can run here; say why another cannot."""
    submissions = mixed_class(material, count)
    assert all(parse_notebook(s.data or b"") for s in submissions)
    few = submissions[:slow]
    rows = [floor(material, submissions), steady(material, submissions), ours(material, submissions, 1), ours(material, submissions, 2)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        pack(material, folder / "tests.pickle")
        rows.append(fresh_interpreter(material, few, folder))
        if importlib.util.find_spec("nbgrader"):
            rows.append(nbgrader(material, few, folder))
        else:
            print("  nbgrader: not installed here")
        if otter_python and Path(otter_python).exists():
            rows.append(otter(material, few, folder, otter_python))
        else:
            print(f"  otter: not installed here; name a Python that has otter-grader and the core lock in {OTTER_PYTHON}")
    return rows


def show(rows: Sequence[Row]) -> None:
    """Print the table; disagreements of scores are said, not hidden."""
    base, mine = rows[0].cpu, next(r for r in rows if r.name.startswith("this grader, running"))
    print(f"  {'':34}{'n':>5}{'CPU s':>9}{'wall s':>9}{'MB':>7}{'× floor':>9}{'× this grader':>15}")
    for r in rows:
        print(f"  {r.name:34}{r.count:5}{r.cpu:9.3f}{r.wall:9.3f}{r.memory:7.0f}{r.cpu / base:9.1f}{r.cpu / mine.cpu:15.1f}")
    ours_ = next(r.scores for r in rows if r.name == "this grader, 1 worker")
    for r in rows:
        if r.scores and r.name != "this grader, 1 worker":
            full = sum((a == 1.0) == (b == 1.0) for a, b in zip(ours_, r.scores, strict=False))
            print(f"  {r.name}: {full} of {len(r.scores)} submissions agree on whether everything is right")


def draw(rows: Sequence[Row], unit: str, path: Path) -> None:
    """Write the CPU seconds as a bar chart with a logarithmic axis."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(8, 0.55 * len(rows) + 1.2), layout="constrained")
    bars = axes.barh([r.name for r in rows], [r.cpu for r in rows], color=["#888888" if "this grader" not in r.name else "#2a7f62" for r in rows])
    axes.bar_label(bars, [f"{r.cpu:.2f} s" for r in rows], padding=4)
    axes.set_xscale("log")
    axes.margins(x=0.15)
    axes.invert_yaxis()
    axes.set_xlabel("CPU seconds per submission (logarithmic)")
    axes.set_title(f"{unit}: the same tests on the same submissions")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    plt.close(figure)


def main() -> None:
    """Compare graders on one unit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--unit", default="u03_backprop")
    parser.add_argument("--count", type=int, default=50, help="submissions for this grader and the floor")
    parser.add_argument("--slow", type=int, default=10, help="of these, how many go through the slow peers")
    parser.add_argument("--otter-python", default=os.environ.get(OTTER_PYTHON))
    parser.add_argument("--out", type=Path, default=Path("bench-out"))
    arguments = parser.parse_args()
    material = Material(Course.find(), arguments.unit)
    print(f"{arguments.unit}: {len(material.hidden.cases)} hidden tests, {sum(map(len, material.hidden.examples.values()))} examples")
    rows = compare(material, arguments.count, arguments.slow, arguments.otter_python)
    show(rows)
    draw(rows, arguments.unit, arguments.out / f"peers-{arguments.unit}.png")
    print(f"  plot: {arguments.out / f'peers-{arguments.unit}.png'}")


if __name__ == "__main__":
    sys.exit(main())
