"""The gradebook on a real PostgreSQL server, which the test starts: the same entries, two graders at once."""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Iterator
from typing import Any

import pytest

from autograder.gradebook.cells import built_notebook
from autograder.grading.material import Material
from tests.nbgrader.test_book import record

pytestmark = pytest.mark.filterwarnings("default")  # nbgrader and the server's package warn of their own past
NEEDED = ("nbgrader", "psycopg2", "pgserver")
STUDENTS = [f"student{number}" for number in range(12)]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database on a server of this test's own."""
    if missing := [name for name in NEEDED if importlib.util.find_spec(name) is None]:
        pytest.skip(f"not installed: {', '.join(missing)}; pip install pgserver psycopg2-binary")
    import pgserver

    with pgserver.get_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg2://", 1)


def grade(url: str, material: Material, students: list[str], points: float) -> None:
    """Write a record for each student, as one grader does."""
    from autograder.gradebook.book import Book, Entry

    with Book(url, material) as book:
        for student in students:
            book.write(Entry(student, record(student, points), built_notebook(material)))


def stored(url: str, unit: str) -> dict[str, dict[str, Any]]:
    """Return automatic scores by student and grade cell, read through nbgrader."""
    from autograder.gradebook.library import open_gradebook

    with open_gradebook(url) as book:
        return {s.student.id: {g.name: g.auto_score for g in s.notebooks[0].grades} for s in book.assignment_submissions(unit)}


def test_two_graders_write_to_postgres_at_once(url: str, tiny: Material) -> None:
    """Two processes that grade the same students leave every student once, each with one of the two grades whole."""
    grade(url, tiny, ["first"], 40.0)  # makes the tables and the unit
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=grade, args=(url, tiny, STUDENTS, points)) for points in (10.0, 20.0)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(120)
    assert [writer.exitcode for writer in writers] == [0, 0]
    found = stored(url, tiny.name)
    assert sorted(found) == sorted(["first", *STUDENTS])
    assert found["first"] == {"check-scale": 40.0, "check-linear_backward": 50.0, "check-why_transpose": 0.0}
    assert all(found[student]["check-scale"] in (10.0, 20.0) for student in STUDENTS)
