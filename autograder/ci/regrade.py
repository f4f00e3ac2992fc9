"""Grades a class again, with the course's tests of one commit or of both ends of a range, and compares the grades."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import msgspec

from autograder.atomic import write_atomic
from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.grading.journal import stored_records
from autograder.grading.run import OnRecord, grade
from autograder.report.compare import Comparison, compare, to_json, to_markdown
from autograder.sandbox import Level
from autograder.stored import Stored

_PARTS = ("solutions", "tests/units")


class Regrade(msgspec.Struct, frozen=True):
    """What a second grading gave: the comparison and where its tables are."""

    comparison: Comparison
    folder: Path


@contextmanager
def course_at(course: Course, revision: str) -> Iterator[Course]:
    """Give the course as a commit of its repository has it, with the same secret, in a folder that is removed afterwards.

    Raises:
        UsageError: there is no such commit, or it has no units.
    """
    done = subprocess.run(
        ["git", "-C", str(course.root), "archive", "--format=tar", f"{revision}^{{commit}}", "--", *_PARTS],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise UsageError(f"tests={revision!r}: {lines[-1] if lines else 'git archive failed'}; expected a commit of the course")
    with tempfile.TemporaryDirectory(prefix="autograder-course-") as folder:
        root = Path(folder).resolve() / "course"
        with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
            archive.extractall(root, filter="data")
        then = Course(root)
        then.private.mkdir(mode=0o700)
        secret = then.private / "secret"
        secret.touch(mode=0o600)
        secret.write_bytes(course.secret() + b"\n")
        yield then


def regrade(
    course: Course,
    old: Path,
    submissions: Sequence[Path],
    out: Path,
    *,
    tests: str = "",
    units: Sequence[str] | None = None,
    jobs: int | None = None,
    sandbox: Level | None = None,
    on_record: OnRecord = lambda _: None,
) -> Regrade:
    """Grade again what was graded, and compare.

    Args:
        course: the course.
        old: the records to compare with; with a range, also what tells which units.
        submissions: the submissions, as for ``grade``.
        out: gets the new records and pages, ``compare.md`` and ``compare.json``; with a range, the records of its beginning
            in ``out/before``.
        tests: a commit of the course, or ``A..B`` to compare two; what is in the working tree by default.
        units: those of ``old`` by default.
        jobs, sandbox, on_record: see :func:`autograder.grading.run.grade`.

    Raises:
        UsageError: there are no old records, no such commit, or no submissions.
    """
    if out.resolve() == old.resolve():
        raise UsageError(f"out={str(out)!r}: these are the old records; name another folder with --out")
    first, ranged, last = tests.partition("..")
    if ranged and not (first and last.lstrip(".")):
        raise UsageError(f"tests={tests!r}: expected COMMIT or COMMIT..COMMIT")
    known = stored_records(old)
    names = list(units or known.units)

    def graded(revision: str, folder: Path) -> Stored:
        with ExitStack() as stack:
            at = stack.enter_context(course_at(course, revision)) if revision else course
            if missing := [name for name in names if name not in at.units()]:
                raise UsageError(f"unit={missing[0]!r} does not exist at {revision or 'this commit'}; name units with --unit")
            for name in names:
                grade(at, name, submissions, folder, jobs=jobs, sandbox=sandbox, on_record=on_record)
        return stored_records(folder).of(*names)

    before = graded(first, out / "before") if ranged else known.of(*names)
    comparison = compare(before, graded(last.lstrip(".") if ranged else first, out))
    write_comparison(comparison, out)
    return Regrade(comparison, out)


def write_comparison(comparison: Comparison, out: Path) -> None:
    """Write the tables of a comparison; raises ``GraderError`` when the folder cannot be written."""
    try:
        write_atomic(out / "compare.md", to_markdown(comparison))
        write_atomic(out / "compare.json", to_json(comparison))
    except OSError as error:
        raise GraderError(f"out={str(out)!r}: cannot write the comparison ({error.strerror})") from error
