"""Break every reference in many small ways and count what the hidden tests catch.  Example: python -m benchmarks.mutation u03_backprop."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence

from autograder.course import Course
from autograder.errors import CHECK_FAILED, OK, AutograderError
from autograder.grading.material import Material
from benchmarks.mutation.equivalents import FILE, load_equivalents, sort_survivors
from benchmarks.mutation.mutants import unit_mutants
from benchmarks.mutation.report import Result, lines, page
from benchmarks.mutation.trial import SECRET, Trial, survivors

PAGE = "docs/mutation.md"


def run(course: Course, unit: str, *, only: str = "", jobs: int = 2, secret: str = SECRET) -> Result:
    """Return what the mutants of a unit (or of one exercise of it) found."""
    started = time.perf_counter()
    trial = Trial.of(Material(course, unit), secret)
    exercises = [e.id for e in trial.material.unit.exercises if only in ("", e.id)]
    mutants = [m for e in exercises for m in unit_mutants(trial.material.notebook, e)]
    groups = [g for g in load_equivalents(course.solutions(unit) / FILE, unit) if only in ("", g.exercise)]
    found = sort_survivors(survivors(trial, mutants, jobs), groups)
    return Result(unit, len(mutants), found, time.perf_counter() - started)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the units that are named, or all, and return the exit code: 1 when a survivor has no reason or a reason no survivor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", nargs="*", metavar="UNIT", help="all by default")
    parser.add_argument("--exercise", default="", help="only this exercise")
    parser.add_argument("--jobs", type=int, default=2, help="processes, %(default)s by default")
    parser.add_argument("--secret", default=SECRET, help="another text gives other examples")
    parser.add_argument("--explained", action="store_true", help="list the explained survivors too")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE} from this run")
    arguments = parser.parse_args(argv)
    try:
        course, results = Course.find(), []
        for unit in arguments.units or course.units():
            results.append(run(course, unit, only=arguments.exercise, jobs=arguments.jobs, secret=arguments.secret))
            print(*lines(results[-1], explained=arguments.explained), sep="\n", flush=True)
    except AutograderError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    if arguments.write:
        (course.root / PAGE).parent.mkdir(exist_ok=True)
        (course.root / PAGE).write_text(page(results), encoding="utf-8")
    return OK if all(r.holds for r in results) else CHECK_FAILED


if __name__ == "__main__":
    sys.exit(main())
