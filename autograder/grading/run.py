"""Grade a class: collect, skip what is graded already, grade the rest, keep each record, write the reports."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

import msgspec

from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.journal import Journal, current
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.records import SubmissionRecord
from autograder.report.pages import write_reports
from autograder.sandbox import Level, choose_level
from autograder.stored import Stored
from autograder.submissions.collect import Submission, collect

OnRecord = Callable[[SubmissionRecord], None]


class Plan(msgspec.Struct, frozen=True):
    """What a run has to do.

    Args:
        fresh: submissions to grade.
        kept: how many have a current record already.
        level, jobs: how they will be graded; on a cluster the levels of its machines, and their threads.
    """

    fresh: tuple[Submission, ...]
    kept: int
    level: str
    jobs: int


class Run(msgspec.Struct, frozen=True):
    """What a run gave.

    Args:
        records: of all submissions in the folder, old and new; on disk until gone through.
        report: the class page.
    """

    records: Stored
    report: Path


def default_jobs() -> int:
    """Return the number of processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def grade(
    course: Course,
    unit: str,
    paths: Sequence[Path],
    out: Path,
    *,
    jobs: int | None = None,
    sandbox: Level | None = None,
    scheduler: str | None = None,
    resume: bool = True,
    on_plan: Callable[[Plan], None] = lambda _: None,
    on_record: OnRecord = lambda _: None,
) -> Run:
    """Grade all submissions of a unit below ``paths`` into the folder ``out``.

    Args:
        course, unit: what to grade with.
        paths: see :func:`autograder.submissions.collect.collect`.
        out: gets ``results.jsonl``, ``grades.csv``, ``report.html`` and ``feedback/``.
        jobs: worker processes; by default one per core.
        sandbox: level; by default the best there is.
        scheduler: address of a Dask scheduler, whose workers grade instead of this machine.
        resume: whether current records are kept; otherwise everything is graded again.
        on_plan, on_record: told what will be done and what was done.

    Raises:
        UsageError, AuthorError, SandboxError, GraderError: see the exit codes.
    """
    material = Material(course, unit)
    submissions = collect(paths, unit)
    with _crew(material, jobs, sandbox, scheduler) as crew, Journal(out) as journal:
        fresh = tuple(s for s in submissions if not (resume and _is_current(journal, material, s)))
        on_plan(Plan(fresh, len(submissions) - len(fresh), crew.level, max(1, min(crew.jobs, len(fresh)))))
        for record in crew.grade(fresh) if fresh else ():
            journal.append(record)
            on_record(record)
        journal.compact()
        records = journal.read()
    return Run(records, write_reports(records, out, unit_title=titles(course, records)))


class Crew(Protocol):
    """Those who grade: processes of this machine, or the machines of a cluster."""

    @property
    def level(self) -> str:
        """Their sandbox level, or levels."""

    @property
    def jobs(self) -> int:
        """How many submissions they grade at the same time."""

    def grade(self, submissions: Sequence[Submission], /) -> Iterator[SubmissionRecord]:
        """Yield a record for every submission, in the order they are done."""


class _Here:
    """Processes of this machine."""

    def __init__(self, material: Material, jobs: int, level: Level) -> None:
        self._material, self.jobs, self.level = material, jobs, level

    def grade(self, submissions: Sequence[Submission]) -> Iterator[SubmissionRecord]:
        return grade_all(self._material, submissions, self.level, min(self.jobs, len(submissions)))


def _crew(material: Material, jobs: int | None, sandbox: Level | None, scheduler: str | None) -> AbstractContextManager[Crew]:
    if scheduler is None:
        return nullcontext(_Here(material, jobs or default_jobs(), choose_level(sandbox)))
    if jobs is not None:
        raise UsageError(f"--jobs={jobs} is of one machine; with --scheduler, each worker's threads say how much it grades at a time")
    from autograder.grading.cluster import Cluster

    return Cluster(material, sandbox, scheduler)


def titles(course: Course, records: Collection[SubmissionRecord]) -> dict[str, str]:
    """Return the title of each unit that has records; its name when the course has it no more."""
    known = course.units()
    names = records.units if isinstance(records, Stored) else sorted({r.unit for r in records})
    return {name: course.unit(name).title if name in known else name for name in names}


def _is_current(journal: Journal, material: Material, submission: Submission) -> bool:
    """Tell whether a submission has a record that grading it now would give; it is read only when all else is the same."""
    key = journal.keys.get((material.name, submission.student))
    same = {"tests_sha256": material.tests_sha256, "seed_fingerprint": material.seed_fingerprint}
    return (
        key is not None
        and current(key, sha256=key.sha256, **same)
        and current(key, sha256=hashlib.sha256(submission.data or b"").hexdigest(), **same)
    )
