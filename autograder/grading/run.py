"""Grade a class: collect, skip what is graded already, grade the rest, keep each record, write the reports."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder.course import Course
from autograder.grading.journal import Journal, current
from autograder.grading.material import Material
from autograder.grading.pool import grade_all
from autograder.records import SubmissionRecord
from autograder.report.pages import write_reports
from autograder.sandbox import Level, choose_level
from autograder.submissions.collect import Submission, collect

OnRecord = Callable[[SubmissionRecord], None]


class Plan(msgspec.Struct, frozen=True):
    """What a run has to do.

    Args:
        fresh: submissions to grade.
        kept: how many have a current record already.
        level, jobs: how they will be graded.
    """

    fresh: tuple[Submission, ...]
    kept: int
    level: Level
    jobs: int


class Run(msgspec.Struct, frozen=True):
    """What a run gave.

    Args:
        records: of all submissions in the folder, old and new.
        report: the class page.
    """

    records: tuple[SubmissionRecord, ...]
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
        resume: whether current records are kept; otherwise everything is graded again.
        on_plan, on_record: told what will be done and what was done.

    Raises:
        UsageError, AuthorError, SandboxError, GraderError: see the exit codes.
    """
    material = Material(course, unit)
    submissions = collect(paths, unit)
    level = choose_level(sandbox)
    with Journal(out) as journal:
        fresh = tuple(s for s in submissions if not (resume and _is_current(journal, material, s)))
        plan = Plan(fresh, len(submissions) - len(fresh), level, max(1, min(jobs or default_jobs(), len(fresh) or 1)))
        on_plan(plan)
        for record in grade_all(material, fresh, level, plan.jobs) if fresh else ():
            journal.append(record)
            on_record(record)
        journal.compact()
        records = journal.read()
    return Run(tuple(records), write_reports(records, out, unit_title=titles(course, records)))


def titles(course: Course, records: Sequence[SubmissionRecord]) -> dict[str, str]:
    """Return the title of each unit that has records; its name when the course has it no more."""
    known = course.units()
    return {name: course.unit(name).title if name in known else name for name in sorted({r.unit for r in records})}


def _is_current(journal: Journal, material: Material, submission: Submission) -> bool:
    return current(
        journal.keys.get((material.name, submission.student)),
        sha256=hashlib.sha256(submission.data or b"").hexdigest(),
        tests_sha256=material.tests_sha256,
        seed_fingerprint=material.seed_fingerprint,
    )
