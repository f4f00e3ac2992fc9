"""Writes records into nbgrader's gradebook: one short transaction each, the same entries as ``nbgrader autograde`` leaves."""

from __future__ import annotations

import datetime
import random
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec
import nbformat

from autograder.errors import GraderError
from autograder.feedback.safe import one_line
from autograder.gradebook.cells import NotebookDict, outcomes
from autograder.gradebook.layout import ensure_unit
from autograder.gradebook.library import (
    DEFAULT_COURSE,
    AssignLatePenalties,
    Assignment,
    Comment,
    Grade,
    Gradebook,
    InvalidEntry,
    MissingEntry,
    SQLAlchemyError,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
    compute_checksum,
    open_gradebook,
    parse_utc,
)
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.submissions.files import Problem, read_regular

NO_RESPONSE = "No response."  # nbgrader's words for a solution cell that is as it was released
_ATTEMPTS = 6


class Entry(msgspec.Struct, frozen=True):
    """A graded submission as the gradebook gets it.

    Args:
        student: id of the student.
        record: the grade.
        notebook: the restored notebook; tells which solution cells are untouched.
        timestamp: when it was handed in, UTC without a zone as nbgrader stores it; None when that is not known.
    """

    student: str
    record: SubmissionRecord
    notebook: NotebookDict
    timestamp: datetime.datetime | None = None


class Book:
    """An open gradebook for one unit.

    Args:
        url: SQLAlchemy's URL of the database.
        material: the unit; made known to the gradebook when it is not.
        config: nbgrader's configuration, for the late penalty.

    Raises:
        UsageError: the gradebook has another version of the unit.
        GraderError: the database cannot be opened.
    """

    def __init__(self, url: str, material: Material, config: Any = None) -> None:
        self._material, self._url = material, url
        self._late = AssignLatePenalties(config=config)
        self._late.init_plugin()
        course_id = config.CourseDirectory.get("course_id", DEFAULT_COURSE) if config else DEFAULT_COURSE
        self._gradebook = self._opened(course_id)
        cells = self._gradebook.find_notebook(material.name, material.name).source_cells
        self._checksums: dict[str, str] = {cell.name: cell.checksum for cell in cells}
        self._session = self._gradebook.db
        self._session.rollback()

    def _opened(self, course_id: str) -> Gradebook:
        for last in (False, False, True):  # another grader may be making the tables or the unit at this moment
            gradebook = None
            try:
                gradebook = open_gradebook(self._url, course_id)
                ensure_unit(gradebook, self._url, self._material)
                return gradebook
            except (SQLAlchemyError, InvalidEntry, ImportError, OSError) as error:  # no such server, driver or folder
                if last:
                    raise GraderError(f"gradebook={shown_url(self._url)}: cannot be opened ({one_line(str(error), 200)})") from error
                time.sleep(random.uniform(0.1, 0.3))  # noqa: S311 - spreads two writers
            if gradebook is not None:
                gradebook.close()
        raise AssertionError("the last attempt returns or raises")

    def __enter__(self) -> Self:
        """Return the book."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the database."""
        self._gradebook.close()

    def write(self, entry: Entry) -> None:
        """Write an entry in one transaction; manual scores, comments and extra credit stay as they are.

        Raises:
            GraderError: the database stays locked or cannot be written.
        """
        for attempt in range(_ATTEMPTS):
            try:
                self._write(entry)
                self._session.commit()
                return
            except SQLAlchemyError as error:  # another grader added the same student, or holds the lock
                self._session.rollback()
                if attempt == _ATTEMPTS - 1:
                    message = f"gradebook={shown_url(self._url)}: cannot write the grades of {one_line(entry.student)} ({one_line(str(error), 200)})"
                    raise GraderError(f"{message}; the records are kept: run the same command again") from error
                time.sleep(random.uniform(0.05, 0.2) * 2**attempt)  # noqa: S311 - spreads two writers
            except BaseException:
                self._session.rollback()
                raise

    def has(self, entry: Entry) -> bool:
        """Tell whether the gradebook holds the record's scores already."""
        try:
            notebook = self._gradebook.find_submission_notebook(self._material.name, self._material.name, entry.student)
            stored = {grade.name: grade.auto_score for grade in notebook.grades}
            return stored == {outcome.check: outcome.points for outcome in outcomes(entry.record, self._material)}
        except MissingEntry:
            return False
        finally:
            self._session.rollback()

    def _write(self, entry: Entry) -> None:
        submission = self._submission(entry)
        notebook = next(n for n in submission.notebooks if n.name == self._material.name)
        points = {outcome.check: outcome.points for outcome in outcomes(entry.record, self._material)}
        for grade in notebook.grades:
            grade.auto_score = points.get(grade.name, 0.0)
            grade.needs_manual_grade = grade.manual_score is not None  # to be looked at again, as nbgrader has it
        untouched = self._untouched(entry.notebook)
        for comment in notebook.comments:
            comment.auto_comment = NO_RESPONSE if comment.name in untouched else None
        if entry.record.status == "ungradable":
            flag_ungradable(notebook, entry.record)
        self._session.flush()
        self._session.refresh(notebook)
        notebook.late_submission_penalty = self._penalty(submission, notebook)

    def _submission(self, entry: Entry) -> SubmittedAssignment:
        """Return the student's submission, made as nbgrader's ``add_submission`` makes it but without commits of its own."""
        if self._session.get(Student, entry.student) is None:
            self._session.add(Student(id=entry.student))
        assignment = self._session.query(Assignment).filter(Assignment.name == self._material.name).one()
        query = self._session.query(SubmittedAssignment).filter_by(assignment_id=assignment.id, student_id=entry.student)
        submission = query.one_or_none()
        if submission is None:
            submission = self._new_submission(assignment, self._session.get(Student, entry.student))
        if entry.timestamp is not None:
            submission.timestamp = entry.timestamp
        self._session.flush()
        return submission

    def _new_submission(self, assignment: Assignment, student: Student) -> SubmittedAssignment:
        with self._session.no_autoflush:
            submission = SubmittedAssignment(assignment=assignment, student=student)
            self._session.add(submission)
            for notebook in assignment.notebooks:
                ours = SubmittedNotebook(notebook=notebook, assignment=submission)
                self._session.add(ours)
                self._session.add_all(Grade(cell=cell, notebook=ours) for cell in notebook.grade_cells)
                self._session.add_all(Comment(cell=cell, notebook=ours) for cell in notebook.solution_cells)
        return submission

    def _untouched(self, notebook: NotebookDict) -> set[str]:
        cells = [nbformat.from_dict(cell) for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("solution")]
        names = {cell.metadata.nbgrader["grade_id"]: compute_checksum(cell) for cell in cells}
        return {name for name, checksum in names.items() if self._checksums.get(name) == checksum}

    def _penalty(self, submission: SubmittedAssignment, notebook: SubmittedNotebook) -> float | None:
        seconds = submission.total_seconds_late
        if seconds <= 0:
            return None
        penalty = self._late.plugin_inst.late_submission_penalty(submission.student.id, notebook.score, seconds)
        return None if penalty is None else max(0.0, min(penalty, notebook.score))


def flag_ungradable(notebook: SubmittedNotebook, record: SubmissionRecord) -> None:
    """Leave a submission that could not be graded without automatic scores: a person decides, and reads why."""
    for grade in notebook.grades:
        grade.auto_score = None
        grade.needs_manual_grade = True
    for comment in notebook.comments:
        comment.auto_comment = f"This submission could not be graded: {record.reason}"


def shown_url(url: str) -> str:
    """Return a database's URL without the password in it."""
    scheme, separator, rest = url.partition("://")
    credentials, at, host = rest.rpartition("@")
    return f"{scheme}{separator}{credentials.split(':')[0]}{at}{host}"


def handed_in(path: Path | None) -> datetime.datetime | None:
    """Return the time in nbgrader's ``timestamp.txt`` beside a submission, UTC without a zone; None when there is none."""
    if path is None:
        return None
    try:
        text = read_regular(path.parent / "timestamp.txt", 1000).decode().strip()
        stamp: datetime.datetime | None = parse_utc(text) if text else None
    except (Problem, ValueError, OverflowError):
        return None
    return stamp
