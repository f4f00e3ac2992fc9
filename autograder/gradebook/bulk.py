"""What ``autograder grade --gradebook URL`` adds: each record, once on disk, into the gradebook and the autograded folder."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from traitlets.config.loader import Config, PyFileConfigLoader

from autograder.course import Course
from autograder.gradebook.book import Book, Entry, handed_in
from autograder.gradebook.cells import NotebookDict, restored_notebook, show_outcomes
from autograder.grading.material import Material
from autograder.grading.run import Plan
from autograder.records import SubmissionRecord
from autograder.submissions.collect import Submission, collect, slug
from autograder.submissions.files import Problem, read_regular

CONFIG = "nbgrader_config.py"
_EXCHANGED, _MAX_EXCHANGED = ("timestamp.txt", "submission_secret.txt"), 10_000


class Recorder:
    """Takes the records of a run.

    Args:
        course, unit: what is graded.
        paths: where its submissions lie.
        url: the gradebook's.

    Raises:
        UsageError: the gradebook has another version of the unit.
        GraderError: the database cannot be opened.
    """

    def __init__(self, course: Course, unit: str, paths: Sequence[Path], url: str) -> None:
        self._material, self._paths = Material(course, unit), paths
        self._fresh: dict[str, Submission] = {}
        self._written: set[str] = set()
        config = read_config(course.root)
        folder = Path(config.CourseDirectory.get("autograded_directory", "autograded"))
        self._autograded = course.root / folder
        self._book = Book(url, self._material, config)

    def __enter__(self) -> Self:
        """Return the recorder."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the gradebook."""
        self._book.__exit__(kind, error, trace)

    def plan(self, plan: Plan) -> None:
        """Remember the submissions that will be graded."""
        self._fresh = {submission.student: submission for submission in plan.fresh}

    def record(self, record: SubmissionRecord) -> None:
        """Write a record that is on disk."""
        self._write(record, self._fresh.get(record.student))

    def rest(self, records: Iterable[SubmissionRecord]) -> None:
        """Write the records of an earlier run that the gradebook lacks."""
        submissions: dict[str, Submission] | None = None  # collected when the first record is lacking
        for record in records:
            known = record.unit != self._material.name or record.student in self._written
            if known or self._book.has(Entry(student_id(record.student), record, {})):
                continue
            if submissions is None:
                submissions = {submission.student: submission for submission in collect(self._paths, self._material.name)}
            self._write(record, submissions.get(record.student))

    def _write(self, record: SubmissionRecord, found: Submission | None) -> None:
        student, submission = student_id(record.student), found.loaded() if found else None
        if submission is not None and hashlib.sha256(submission.data or b"").hexdigest() != record.sha256:
            submission = None  # it was changed after it was graded
        notebook = restored_notebook(submission.data if submission else None, self._material)
        stamp = handed_in(submission.path) if submission else None
        self._book.write(Entry(student, record, notebook, stamp))
        self._written.add(record.student)
        if submission is not None:
            show_outcomes(notebook["cells"], record, self._material)
            write_autograded(self._autograded / student / self._material.name, self._material.name, notebook, submission.path)


def student_id(student: str) -> str:
    """Return a student's id in the gradebook: the name, or a slug of one that cannot be a folder's name."""
    return slug(student) if student.startswith(".") or set(student) & set('/\\\0+*?[]"<>|:') else student


def read_config(root: Path) -> Any:
    """Return the course's nbgrader configuration; an empty one when there is none."""
    if not (root / CONFIG).is_file():
        return Config()
    return PyFileConfigLoader(CONFIG, path=str(root)).load_config()


def write_autograded(folder: Path, unit: str, notebook: NotebookDict, submitted: Path | None) -> None:
    """Write a graded notebook where the formgrader and ``nbgrader generate_feedback`` look for it.

    Args:
        folder: of the student and unit; what was there goes.
        unit, notebook: what is written.
        submitted: the file that was graded; the exchange's own files beside it come along, ``release_feedback`` reads them.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    text = json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    files = {f"{unit}.ipynb": text.encode("utf-8", "backslashreplace")}
    for path in (submitted.parent / name for name in _EXCHANGED) if submitted is not None else ():
        with contextlib.suppress(Problem):
            files[path.name] = read_regular(path, _MAX_EXCHANGED)
    for name, data in files.items():
        path = folder / name
        path.write_bytes(data)
        path.chmod(0o444)  # as nbgrader leaves it
