"""Selfcheck several units at once, a process each."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from autograder.course import Course
from autograder.grading.material import Material
from autograder.grading.run import default_jobs
from autograder.sandbox import Level
from autograder.selfcheck import Result, selfcheck


def selfcheck_units(
    course: Course, units: Sequence[str], *, jobs: int | None = None, sandbox: Level | None = None, channel: bool = True
) -> Iterator[Result]:
    """Yield the result of each unit, in order.

    Args:
        course: where the units are.
        units: their names; an unknown one is an error before anything is checked.
        jobs: processes; by default one per core.
        sandbox: level for the comparison through the channel; by default the best there is.
        channel: whether to compare.
    """
    for name in units:
        course.unit(name)
    if len(units) == 1:
        yield selfcheck(Material(course, units[0]), sandbox=sandbox, channel=channel)
        return
    context = multiprocessing.get_context("spawn")  # a check starts sandboxes of its own: nothing is shared with it
    with ProcessPoolExecutor(min(jobs or default_jobs(), len(units)), mp_context=context) as pool:
        futures = [pool.submit(_one, course, name, sandbox, channel) for name in units]
        for future in futures:
            yield future.result()


def _one(course: Course, name: str, sandbox: Level | None, channel: bool) -> Result:
    return selfcheck(Material(course, name), sandbox=sandbox, channel=channel)
