"""Tests of records that stay on disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder import records
from autograder.errors import GraderError
from autograder.grading.journal import Journal, stored_records
from autograder.records import SubmissionRecord
from autograder.stored import Place, Stored


def record(student: str, unit: str = "u1", score: float = 1.0) -> SubmissionRecord:
    """Return a record."""
    return SubmissionRecord(unit, student, "p", "s", "graded", score, 100.0)


@pytest.fixture
def stored(tmp_path: Path) -> Stored:
    """Records of two units, one of them graded twice."""
    with Journal(tmp_path) as journal:
        for r in (record("bob"), record("Zoe"), record("bob", "u2"), record("bob", score=2.0), record("ada")):
            journal.append(r)
    return stored_records(tmp_path)


def test_the_latest_of_each_is_gone_through(stored: Stored) -> None:
    """Sorted by unit and student, again and again."""
    expected = [record("Zoe"), record("ada"), record("bob", score=2.0), record("bob", "u2")]
    assert list(stored) == list(stored) == expected
    assert len(stored) == 4
    assert record("Zoe") in stored
    assert record("Zoe", score=5.0) not in stored


def test_units_names_and_orders(stored: Stored) -> None:
    """The records of some units, by name as lists of a class show them, and by unit again."""
    assert stored.units == ("u1", "u2")
    assert [r.unit for r in stored.of("u2")] == ["u2"]
    assert (list(stored.of("u1", "u2")), list(stored.of())) == (list(stored), [])
    assert list(stored.by_name().by_unit()) == list(stored)
    assert Stored(Path("unread"), [Place("v", "ada", 0, 1), Place("u", "bob", 0, 1)]).by_unit().names() == ["bob", "ada"]
    assert stored.by_name().names() == [r.student for r in stored.by_name()] == ["ada", "bob", "bob", "Zoe"]


def test_a_record_is_found_by_unit_and_student(stored: Stored) -> None:
    """One record is read; what is not there is None, and so is what another choice of records leaves out."""
    assert stored.find("u1", "bob") == record("bob", score=2.0)
    assert stored.find("u2", "bob") == record("bob", "u2")
    assert stored.find("u2", "ada") is None
    assert stored.of("u1").find("u2", "bob") is None


def test_one_record_is_decoded_at_a_time(stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making, sorting and choosing decode nothing; going through decodes what is asked for."""
    decoded: list[bytes] = []
    real = records.decode
    monkeypatch.setattr(records, "decode", lambda line: decoded.append(line) or real(line))
    some = iter(stored.of("u1").by_name())
    assert (len(stored), decoded) == (4, [])
    next(some)
    assert len(decoded) == 1


def test_a_file_that_was_changed_meanwhile_is_an_error(stored: Stored, tmp_path: Path) -> None:
    """Another record at the place, or no record, is told and never taken for the right one."""
    path = tmp_path / "results.jsonl"
    line = records.encode(record("eve")) + b"\n"
    path.write_bytes(line)
    with pytest.raises(GraderError, match="has changed the file"):
        list(Stored(path, [Place("u1", "bob", 0, len(line))]))
    with pytest.raises(GraderError, match="byte=5: not a record"):
        list(Stored(path, [Place("u1", "eve", 5, 40)]))
