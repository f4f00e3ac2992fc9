"""The one door to nbgrader: what the gradebook's modules use of it, imported when the first of them is."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from nbconvert.exporters import NotebookExporter
from nbgrader.api import Assignment, Comment, Grade, Gradebook, InvalidEntry, MissingEntry, Student, SubmittedAssignment, SubmittedNotebook
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.preprocessors import AssignLatePenalties, ComputeChecksums, NbGraderPreprocessor, SaveCells
from nbgrader.utils import compute_checksum, parse_utc
from sqlalchemy import Engine, event
from sqlalchemy.exc import SQLAlchemyError

DEFAULT_COURSE = "default_course"  # as nbgrader calls it
_PATIENCE = 60_000  # milliseconds that one command of nbgrader's waits for another that holds a SQLite gradebook; 5 s by itself
__all__ = [
    "DEFAULT_COURSE", "AssignLatePenalties", "Assignment", "Comment", "ComputeChecksums", "FileNameCollectorPlugin", "Grade", "Gradebook", "InvalidEntry", "MissingEntry",
    "NbGraderPreprocessor", "NotebookExporter", "SQLAlchemyError", "SaveCells", "Student", "SubmittedAssignment", "SubmittedNotebook", "be_patient", "compute_checksum",
    "open_gradebook", "parse_utc",
]  # fmt: skip


def open_gradebook(url: str, course_id: str = DEFAULT_COURSE) -> Gradebook:
    """Return nbgrader's gradebook; made when there is none.

    nbgrader asks the bare command ``alembic`` for the schema's version: the environment's own is put first on PATH.
    """
    own = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if own not in path.split(os.pathsep):
        os.environ["PATH"] = own + os.pathsep + path
    return Gradebook(url, course_id)


def be_patient() -> None:
    """Let this process wait for another that holds a SQLite gradebook, such as the formgrader, instead of giving the class up."""

    def on_connect(connection: Any, _record: Any) -> None:
        if isinstance(connection, sqlite3.Connection):
            connection.execute(f"pragma busy_timeout = {_PATIENCE}")

    event.listen(Engine, "connect", on_connect)
