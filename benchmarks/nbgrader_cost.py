"""CPU seconds of ``nbgrader autograde`` per submission: with our steps and with nbgrader's own, on the same class and tests in one run.

Example: python -m benchmarks.nbgrader_cost --unit u03_backprop --count 12

nbgrader's own steps execute each notebook in a kernel and the tests in a cell of it; here the tests arrive ready to be run,
which a course with tests written into cells would not do faster.  Both runs include the start of the command.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from autograder.course import Course
from autograder.grading.material import Material
from autograder.submissions.collect import Submission
from benchmarks.inprocess import pack
from benchmarks.others import ROOT, Row, measured, nbgrader
from benchmarks.submissions import mixed_class


class Cost(msgspec.Struct, frozen=True):
    """What a class cost both ways.

    Args:
        ours, stock: with our steps and with nbgrader's own.
    """

    ours: Row
    stock: Row

    @property
    def ratio(self) -> float:
        """Our CPU seconds over stock nbgrader's; below one is cheaper."""
        return self.ours.cpu / self.stock.cpu

    def sentence(self) -> str:
        """Return both figures and their ratio in one line."""
        mine, theirs = self.ours, self.stock
        told = f"nbgrader autograde, {mine.count} submissions: {mine.cpu:.2f} CPU s and {mine.wall:.2f} s each with our steps"
        return f"{told}, {theirs.cpu:.2f} CPU s and {theirs.wall:.2f} s with nbgrader's own: {self.ratio:.2f} × its CPU"


def with_our_steps(material: Material, submissions: Sequence[Submission], folder: Path) -> Row:
    """Measure ``nbgrader autograde`` in a course with this project's configuration.

    Args:
        material: the unit.
        submissions: the class.
        folder: empty; the course is written into it.
    """
    for part in (f"solutions/{material.name}", "solutions/_data", f"tests/units/{material.name}", f"assignments/{material.name}"):
        shutil.copytree(material.course.root / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "nbgrader_config.py", folder)
    for submission in submissions:
        target = folder / "submitted" / submission.student / material.name / f"{material.name}.ipynb"
        target.parent.mkdir(parents=True)
        target.write_bytes(submission.data or b"")
    tool = [sys.executable, "-m", "nbgrader"]
    environment = {"PYTHONPATH": str(ROOT), "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "AUTOGRADER_COURSE": str(folder)}
    measured([*tool, "generate_assignment", material.name], folder, environment)
    cpu, wall, memory, _ = measured([*tool, "autograde", material.name], folder, environment)
    count = len(submissions)
    return Row("nbgrader autograde with our steps", count, cpu / count, wall / count, memory)


def compare(material: Material, count: int) -> Cost:
    """Measure a class of ``count`` right and wrong submissions both ways."""
    submissions = mixed_class(material, count)
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "ours").mkdir()
        ours = with_our_steps(material, submissions, folder / "ours")
        pack(material, folder / "tests.pickle")
        return Cost(ours, nbgrader(material, submissions, folder))


def main() -> None:
    """Measure one unit and print a line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--unit", default="u03_backprop")
    parser.add_argument("--count", type=int, default=12)
    arguments = parser.parse_args()
    if importlib.util.find_spec("nbgrader") is None:
        print("nbgrader is not installed: pip install nbgrader")
        return
    print(compare(Material(Course.find(), arguments.unit), arguments.count).sentence())


if __name__ == "__main__":
    sys.exit(main())
