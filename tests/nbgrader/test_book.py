"""Tests of autograder.gradebook.book: one transaction per record, also beside other writers."""

from __future__ import annotations

import datetime
import multiprocessing
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from autograder.errors import GraderError, UsageError
from autograder.gradebook.cells import built_notebook
from autograder.grading.material import Material
from autograder.records import ExerciseRecord, SubmissionRecord
from tests.nbgrader.books import contents, scores

pytestmark = pytest.mark.filterwarnings("default")  # nbgrader and what it imports warn of their own past


def record(student: str, scale: float) -> SubmissionRecord:
    """Return a graded record."""
    exercises = (ExerciseRecord("scale", "", scale, 40.0, ()), ExerciseRecord("linear_backward", "", 50.0, 50.0, ()))
    return SubmissionRecord("u99_tiny", student, "", "", "graded", scale + 50, 100.0, exercises=exercises)


@pytest.fixture(scope="module")
def new_book(tiny: Material, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A gradebook that knows the unit and no student."""
    from autograder.gradebook.book import Book

    path = tmp_path_factory.mktemp("book") / "gradebook.db"
    with Book(f"sqlite:///{path}", tiny):
        pass
    return path


@pytest.fixture
def path(new_book: Path, tmp_path: Path) -> Iterator[Path]:
    """A gradebook of one test's own."""
    own = tmp_path / "gradebook.db"
    own.write_bytes(new_book.read_bytes())
    yield own
    with closing(sqlite3.connect(own)) as book:
        assert book.execute("pragma integrity_check").fetchone() == ("ok",)


def test_an_entry_is_written_whole(path: Path, tiny: Material) -> None:
    """Scores, the time it came in and nbgrader's own remark on untouched cells are there; what the record lacks earns nothing."""
    from autograder.gradebook.book import Book, Entry

    moment = datetime.datetime(2030, 1, 2, 3, 4, 5)  # noqa: DTZ001 - nbgrader stores UTC without a zone
    entry = Entry("ana", record("ana", 12.5), built_notebook(tiny), moment)
    with Book(f"sqlite:///{path}", tiny) as book:
        assert not book.has(entry)
        book.write(entry)
        assert book.has(entry)
        assert not book.has(msgspec.structs.replace(entry, record=record("ana", 13.0)))
    assert scores(path, "ana") == (12.5, 50.0, 0.0)
    found = contents(path)
    assert [row[2] for row in found["comments"]] == ["No response."] * 3
    assert found["submissions"] == [("ana", "2030-01-02 03:04:05.000000", None)]


def test_a_failure_leaves_nothing_half_written(path: Path, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last step fails, neither the student nor a score is there, and the next entry is written."""
    from autograder.gradebook.book import Book, Entry

    before = contents(path)
    with Book(f"sqlite:///{path}", tiny) as book:
        with monkeypatch.context() as patch:
            patch.setattr(Book, "_penalty", lambda *_: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                book.write(Entry("ana", record("ana", 1.0), built_notebook(tiny)))
        assert contents(path) == before
        book.write(Entry("ben", record("ben", 2.0), built_notebook(tiny)))
    assert contents(path)["students"] == [("ben",)]


def test_a_locked_gradebook_is_waited_for(path: Path, tiny: Material) -> None:
    """Another program that holds the database for a while costs time, not grades."""
    from autograder.gradebook.book import Book, Entry

    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as other, Book(f"sqlite:///{path}?timeout=0.05", tiny) as book:
        other.execute("begin exclusive")
        release = threading.Timer(0.5, other.execute, ["rollback"])
        release.start()
        started = time.monotonic()
        book.write(Entry("ana", record("ana", 3.0), built_notebook(tiny)))
        assert time.monotonic() - started > 0.4
        release.join()
    assert scores(path, "ana")[0] == 3.0


def test_a_gradebook_that_stays_locked_is_our_failure(path: Path, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says whose grades are not written and that the records are kept."""
    from autograder.gradebook import book as module

    monkeypatch.setattr(module, "_ATTEMPTS", 2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other, module.Book(f"sqlite:///{path}?timeout=0.05", tiny) as book:
        other.execute("begin exclusive")
        with pytest.raises(GraderError, match=r"grades of ana .*locked.*records are kept"):
            book.write(module.Entry("ana", record("ana", 3.0), built_notebook(tiny)))
        other.execute("rollback")


def _write_many(url: str, material: Material, students: list[str], points: float) -> None:
    from autograder.gradebook.book import Book, Entry

    with Book(url, material) as book:
        for student in students:
            book.write(Entry(student, record(student, points), built_notebook(material)))


def test_two_graders_write_at_once(path: Path, tiny: Material) -> None:
    """Two processes that grade the same students leave every student once, with one of the two grades whole."""
    students = [f"student{number}" for number in range(12)]
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(f"sqlite:///{path}", tiny, students, points)) for points in (10.0, 20.0)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert contents(path)["students"] == sorted((student,) for student in students)
    for student in students:
        assert scores(path, student) in ((10.0, 50.0, 0.0), (20.0, 50.0, 0.0))


def test_two_graders_make_the_gradebook_at_once(tmp_path: Path, tiny: Material) -> None:
    """Two processes that find no database leave one, with the unit in it once."""
    path, context = tmp_path / "new.db", multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_many, args=(f"sqlite:///{path}", tiny, [student], 10.0)) for student in ("ana", "ben")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = contents(path)
    assert found["students"] == [("ana",), ("ben",)]
    assert len(found["points"]) == 3
    assert scores(path, "ana") == scores(path, "ben") == (10.0, 50.0, 0.0)


def test_another_version_of_the_unit_is_refused(path: Path, tiny: Material) -> None:
    """The gradebook's cells must be the unit's, with the same points and text."""
    from autograder.gradebook.book import Book

    with closing(sqlite3.connect(path)) as book, book:
        book.execute("update source_cell set checksum = 'other' where name = 'check-scale'")
    with pytest.raises(UsageError, match=r"another version .*cells check-scale.*generate_assignment u99_tiny --force"):
        Book(f"sqlite:///{path}", tiny)


def test_a_database_that_cannot_be_opened_is_our_failure(tmp_path: Path, tiny: Material) -> None:
    """The message names the database without its password."""
    from autograder.gradebook.book import Book, shown_url

    for url in (f"sqlite:///{tmp_path}/no/such/folder/gradebook.db", "gradebook.db", "nosuch://host/book"):
        with pytest.raises(GraderError, match="cannot be opened"):
            Book(url, tiny)
    assert shown_url("postgresql://ta:secret@host:5432/book") == "postgresql://ta@host:5432/book"
    assert shown_url("sqlite:///gradebook.db") == "sqlite:///gradebook.db"


@pytest.mark.parametrize(("text", "expected"), [("2030-01-02 03:04:05 UTC", True), ("2030-01-02T03:04:05+02:00", True), ("", False), ("soon", False), ("9" * 400, False)])
def test_the_time_is_read_from_nbgraders_file(tmp_path: Path, text: str, expected: bool) -> None:
    """A time is UTC without a zone; a file that is none costs nothing."""
    from autograder.gradebook.book import handed_in

    (tmp_path / "timestamp.txt").write_text(text)
    found = handed_in(tmp_path / "u99_tiny.ipynb")
    assert (found is not None) is expected
    assert found is None or found.tzinfo is None


@pytest.mark.parametrize(("student", "expected"), [("ana", "ana"), ("Ana Sousa", "Ana Sousa"), ("lucía.pérez", "lucía.pérez")])
def test_an_ordinary_name_is_the_id(student: str, expected: str) -> None:
    """A name that can be a folder's is the student's id."""
    from autograder.gradebook.bulk import student_id

    assert student_id(student) == expected


@pytest.mark.parametrize("student", ["..", "../ana", "a/b", ".hidden", "a*", "[ab]", "a\\b"])
def test_an_odd_name_is_no_path(student: str) -> None:
    """A name that would lead elsewhere, or that nbgrader takes for a pattern, becomes a slug."""
    from autograder.gradebook.bulk import student_id

    assert set(student_id(student)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert not student_id(student).startswith(".")
