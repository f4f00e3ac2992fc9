"""Print what grading costs.  Example: python -m benchmarks --unit u03_backprop --count 100."""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from autograder.checking import Checks
from autograder.course import Course
from autograder.grading.journal import Journal
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.sandbox import choose_level
from benchmarks import growth, nbgrader_cost
from benchmarks.floor import run_floor
from benchmarks.pushes import measure
from benchmarks.submissions import mixed_class, right_class


def grading(material: Material, submissions: list, level: str, jobs: int) -> tuple[float, float]:  # type: ignore[type-arg]
    """Return CPU seconds per submission and submissions per second of the whole path with records on disk."""
    with TemporaryDirectory() as folder, Journal(Path(folder)) as journal:
        started, cpu = time.perf_counter(), 0.0
        for record in grade_all(material, submissions, level, jobs):  # type: ignore[arg-type]
            journal.append(record)
            cpu += record.cpu_seconds
        return cpu / len(submissions), len(submissions) / (time.perf_counter() - started)


def check_times(material: Material) -> list[float]:
    """Return the wall seconds of each exercise's checks on the reference's functions, as in a notebook."""
    checks, namespace, times = Checks(material.course.assignment(material.name) / "checks"), material.namespace(), []
    for exercise in material.unit.exercises:
        started = time.perf_counter()
        checks.run(exercise.id, namespace)
        times.append(time.perf_counter() - started)
    return times


def main() -> None:
    """Measure one unit and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--unit", default="u03_backprop")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--large", action="store_true", help="let the table of growth go up to 5 000 submissions")
    arguments = parser.parse_args()
    material = Material(Course.find(), arguments.unit)
    level = choose_level(None)
    print(f"{arguments.unit}: {len(material.hidden.cases)} hidden tests, {sum(map(len, material.hidden.examples.values()))} examples; sandbox {level}")
    for name, make in (("right", right_class), ("right and wrong", mixed_class)):
        submissions = make(material, arguments.count)
        run_floor(material, submissions[:3])
        floor = run_floor(material, submissions)[0] / len(submissions)
        for jobs in (1, 2):
            cpu, rate = grading(material, submissions, level, jobs)
            print(f"  {len(submissions)} {name}, {jobs} worker(s): {cpu:.3f} CPU s each, {rate:.1f}/s, {cpu / floor:.2f} × one warm plain process ({floor:.3f} CPU s)")
    times = check_times(material)
    for line in growth.table(growth.LARGE if arguments.large else growth.SMALL):
        print(line, flush=True)
    print(f"  check() in a notebook: median {statistics.median(times) * 1000:.0f} ms, longest {max(times) * 1000:.0f} ms per exercise")
    print(f"  {measure(material, level).sentence()}")
    if importlib.util.find_spec("nbgrader") is not None:
        print(f"  {nbgrader_cost.compare(material, 10).sentence()}")
    else:
        print("  nbgrader: not installed here")


if __name__ == "__main__":
    sys.exit(main())
