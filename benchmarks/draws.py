"""Ask whether a verdict hangs on the draw: every known wrong and right answer, on the examples of many secrets.

Example: python -m benchmarks.draws --secrets 20 u03_backprop

A selfcheck runs on the examples of one secret.  Here each secret draws its own, and in this process: a wrong answer that passes
every hidden test with one of them, or a right one that fails with one, is listed with the secrets that let it.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import defaultdict
from collections.abc import Sequence

from autograder.authoring.variants import Variant
from autograder.course import Course
from autograder.errors import CHECK_FAILED, OK, AutograderError
from autograder.grading.material import Material
from benchmarks.mutation.mutants import Mutant
from benchmarks.mutation.trial import Trial, survivors

Found = dict[str, list[str]]  # by the variant's id, the secrets with which it gets the wrong verdict


def run(material: Material, secrets: Sequence[str], jobs: int) -> tuple[Found, Found]:
    """Return the misconceptions that pass with some secret, and the alternatives that fail with some."""
    exercises = {e.id for e in material.unit.exercises}
    wrong = [_version(material, m) for m in material.misconceptions if m.exercise in exercises]
    right = [_version(material, a) for a in material.alternatives]
    passed, failed = defaultdict(list), defaultdict(list)
    for secret in secrets:
        trial = Trial.of(material, secret)  # the reference passes, or this is an error
        for mutant in survivors(trial, wrong, jobs):
            passed[mutant.where].append(secret)
        unharmed = {m.where for m in survivors(trial, right, jobs)}
        for mutant in right:
            if mutant.where not in unharmed:
                failed[mutant.where].append(secret)
    return dict(passed), dict(failed)


def _version(material: Material, variant: Variant) -> Mutant:
    return Mutant(variant.exercise, 0, variant.id, "", "", material.source(variant))


def main(argv: Sequence[str] | None = None) -> int:
    """Run the units that are named, or all; the exit code is 1 when a verdict hangs on the draw."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("units", nargs="*", metavar="UNIT", help="all by default")
    parser.add_argument("--secrets", type=int, default=10, help="how many, %(default)s by default")
    parser.add_argument("--first", type=int, default=0, help="number of the first secret")
    parser.add_argument("--jobs", type=int, default=2, help="processes, %(default)s by default")
    arguments = parser.parse_args(argv)
    secrets, clean = [f"draw-{i}" for i in range(arguments.first, arguments.first + arguments.secrets)], True
    try:
        course = Course.find()
        for unit in arguments.units or course.units():
            started = time.perf_counter()
            passed, failed = run(Material(course, unit), secrets, arguments.jobs)
            print(f"{unit}: {len(secrets)} secrets, {len(passed)} wrong answers passed, {len(failed)} right ones failed, {time.perf_counter() - started:.0f} s", flush=True)
            for verdict, found in (("passed", passed), ("failed", failed)):
                for id_, which in found.items():
                    print(f"  {id_} {verdict} with {', '.join(which)}", flush=True)
            clean = clean and not passed and not failed
    except AutograderError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return OK if clean else CHECK_FAILED


if __name__ == "__main__":
    sys.exit(main())
