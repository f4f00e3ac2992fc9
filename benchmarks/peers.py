"""The same submissions through this grader and through others, in one run: CPU and wall seconds each, peak memory, scores.

Example: python -m benchmarks.peers --unit u03_backprop --count 50 --slow 10

Peers execute the tests in the student's interpreter; how they are kept from the student is not measured.  A peer that is not
installed here is left out, with the reason.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.course import Course
from autograder.grading.journal import Journal
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.sandbox import choose_level
from autograder.submissions.collect import Submission
from autograder.submissions.notebook import parse_notebook
from benchmarks.floor import run_floor
from benchmarks.inprocess import pack
from benchmarks.others import Row, Style, fresh_interpreter, measured, nbgrader, otter
from benchmarks.submissions import mixed_class

OTTER_PYTHON = "AUTOGRADER_BENCH_OTTER"


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


def compare(material: Material, count: int, slow: int, otter_python: str | None) -> list[Row]:
    """Return a row for every grader that can run here; say why another cannot."""
    submissions = mixed_class(material, count)
    assert all(parse_notebook(s.data or b"") for s in submissions)
    few = submissions[:slow]
    rows = [floor(material, submissions), steady(material, submissions), ours(material, submissions, 1), ours(material, submissions, 2)]
    with TemporaryDirectory() as name:
        folder = Path(name)
        pack(material, folder / "tests.pickle")
        styles: tuple[Style, ...] = ("ready", "hypothesis")
        rows += [fresh_interpreter(material, few, folder, style) for style in styles]
        if importlib.util.find_spec("nbgrader"):
            rows += [nbgrader(material, few, folder, style) for style in styles]
        else:
            print("  nbgrader: not installed here")
        if otter_python and Path(otter_python).exists():
            rows += [otter(material, few, folder, otter_python, style) for style in styles]
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
