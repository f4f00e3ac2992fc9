"""Tests of the append-only file of records."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from autograder import __version__, records
from autograder.errors import GraderError, UsageError
from autograder.grading.journal import NAME, Journal, Key, current, read_records
from autograder.records import ExerciseRecord, SubmissionRecord, TestRecord
from autograder.serve.ledger import PushRecord


def record(student: str = "ada", unit: str = "u1", score: float = 1.0, **more: str) -> SubmissionRecord:
    """Return a record."""
    return SubmissionRecord(unit, student, "p", more.get("sha256", "s"), "graded", score, 100.0, tests_sha256="t", seed_fingerprint="f", grader_version=__version__)


def test_a_record_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    """Another reader sees the record at once, without the journal being closed."""
    with Journal(tmp_path / "new" / "folder") as journal:
        journal.append(record())
        assert (tmp_path / "new" / "folder" / NAME).read_bytes() == records.encode(record()) + b"\n"
        assert read_records(tmp_path / "new" / "folder") == [record()]


def test_append_waits_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each append is followed by fsync."""
    synced: list[int] = []
    monkeypatch.setattr("os.fsync", synced.append)
    with Journal(tmp_path) as journal:
        journal.append(record())
        journal.append(record("bob"))
        assert len(synced) == 2


def test_the_latest_record_counts(tmp_path: Path) -> None:
    """A submission graded again has one record, the newer one, in the order of unit and student."""
    with Journal(tmp_path) as journal:
        for r in (record("bob"), record("ada", "u2"), record("ada", score=1.0), record("ada", score=2.0)):
            journal.append(r)
        assert [(r.unit, r.student, r.score) for r in journal.read()] == [("u1", "ada", 2.0), ("u1", "bob", 1.0), ("u2", "ada", 1.0)]
    assert [r.score for r in read_records(tmp_path)] == [2.0, 1.0, 1.0]


@pytest.mark.parametrize(("job", "counts"), [("j", ["graded", "graded", "ungradable"]), ("", ["graded", "ungradable", "ungradable"])])
def test_a_broken_push_takes_no_grade_away(tmp_path: Path, job: str, counts: list[str]) -> None:
    """Of a student's pushes the latest that was graded counts, or else the latest; of other records always the latest."""
    pushes = [("a", "ungradable", "1"), ("a", "graded", "2"), ("b", "graded", "3"), ("b", "ungradable", "4"), ("c", "ungradable", "5"), ("c", "ungradable", "6")]
    with Journal(tmp_path) as journal:
        for student, status, sha256 in pushes:
            plain = msgspec.structs.asdict(record(student, sha256=sha256)) | {"status": status}
            journal.append(PushRecord(**plain, job=job and job + sha256))
    found = read_records(tmp_path)
    assert [r.status for r in found] == counts
    assert [r.sha256 for r in found] == ["2", "3" if job else "4", "6"]


def test_keys_are_there_after_append_and_after_opening(tmp_path: Path) -> None:
    """What a resume looks at is known from the file and kept up to date."""
    with Journal(tmp_path) as journal:
        journal.append(record())
        key = journal.keys["u1", "ada"]
    with Journal(tmp_path) as journal:
        assert journal.keys == {("u1", "ada"): key}
    assert key == Key("u1", "ada", "s", "t", "f", __version__)


def test_a_record_is_current_only_for_the_same_everything() -> None:
    """Another notebook, other tests, another secret or another grader make a record stale; no record is stale."""
    same = {"sha256": "s", "tests_sha256": "t", "seed_fingerprint": "f"}
    key = Key("u1", "ada", "s", "t", "f", __version__)
    assert current(key, **same)
    assert not current(None, **same)
    assert not any(current(key, **{**same, name: "other"}) for name in same)
    assert not current(Key("u1", "ada", "s", "t", "f", "0.0.0"), **same)


def test_a_torn_last_line_is_dropped(tmp_path: Path) -> None:
    """A grader killed in the middle of a write loses that record only; the next append starts a line of its own."""
    with Journal(tmp_path) as journal:
        journal.append(record())
    path = tmp_path / NAME
    whole = path.read_bytes()
    for cut in (whole + whole[: len(whole) // 2], whole + b"{", whole + whole[:-1]):
        path.write_bytes(cut)
        assert read_records(tmp_path) == [record()]
        with Journal(tmp_path) as journal:
            assert path.read_bytes() == whole
            journal.append(record("bob"))
        assert [r.student for r in read_records(tmp_path)] == ["ada", "bob"]


def test_a_file_that_is_one_torn_line_becomes_empty(tmp_path: Path) -> None:
    """Also when the line is longer than what is read at once."""
    for size in (10, 200_000):
        (tmp_path / NAME).write_bytes(b"{" + b" " * size)
        with Journal(tmp_path) as journal:
            assert list(journal.read()) == []
        assert (tmp_path / NAME).read_bytes() == b""


def test_a_long_torn_line_is_cut_at_its_start(tmp_path: Path) -> None:
    """A torn line over 64 KiB is found back to the newline before it."""
    whole = records.encode(record()) + b"\n"
    (tmp_path / NAME).write_bytes(whole + b"{" * 150_000)
    with Journal(tmp_path) as journal:
        assert list(journal.read()) == [record()]
    assert (tmp_path / NAME).read_bytes() == whole


@pytest.mark.parametrize("damage", [b"rubbish\n", b'{"unit": 3}\n', b"\xff\xfe\n", b"\n"])
def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path, damage: bytes) -> None:
    """Records are never passed over in silence: the message has the file and the line."""
    good = records.encode(record()) + b"\n"
    (tmp_path / NAME).write_bytes(good + damage + good)
    with pytest.raises(GraderError, match=rf"{NAME} line=2"):
        Journal(tmp_path)
    with pytest.raises(GraderError, match="line=2"):
        read_records(tmp_path)


def test_compacting_keeps_the_latest_sorted(tmp_path: Path) -> None:
    """After compacting, the file has one line per submission, and the journal can go on."""
    with Journal(tmp_path) as journal:
        for r in (record("bob"), record("ada", score=1.0), record("ada", score=2.0)):
            journal.append(r)
        journal.compact()
        assert (tmp_path / NAME).read_bytes() == records.encode(record("ada", score=2.0)) + b"\n" + records.encode(record("bob")) + b"\n"
        journal.append(record("cyd"))
        journal.compact()
    assert [r.student for r in read_records(tmp_path)] == ["ada", "bob", "cyd"]
    assert sorted(p.name for p in tmp_path.iterdir()) == [".lock", NAME]


def test_compacting_an_empty_journal(tmp_path: Path) -> None:
    """Nothing graded, nothing lost."""
    with Journal(tmp_path) as journal:
        journal.compact()
        assert list(journal.read()) == []


def test_one_grader_at_a_time(tmp_path: Path) -> None:
    """While one grader holds a folder another one, also in another process, is refused with advice; afterwards it is free."""
    pytest.importorskip("fcntl", reason="no file locks on this system")
    code = "import sys; from pathlib import Path; from autograder.grading.journal import Journal; Journal(Path(sys.argv[1]))"
    with Journal(tmp_path):
        with pytest.raises(UsageError, match="another grader"):
            Journal(tmp_path)
        done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False)
        assert "another grader is writing there" in done.stderr
    Journal(tmp_path).close()


def test_a_folder_that_cannot_be_written_is_a_usage_error(tmp_path: Path) -> None:
    """The message names the folder and the option."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=r"out=.*file.*--out"):
        Journal(tmp_path / "file")


def test_a_full_disk_is_our_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that cannot be written stops the run with a message; it is not taken for written."""
    with Journal(tmp_path) as journal:

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(GraderError, match="No space left"):
            journal.append(record())
        assert journal.keys == {}


def test_a_folder_without_records_is_a_usage_error(tmp_path: Path) -> None:
    """Reading records where there are none says what is expected."""
    with pytest.raises(UsageError, match="--out folder"):
        read_records(tmp_path)


def test_opening_reads_no_further_than_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of each line only what stands before its messages is decoded, so that a large file is resumed at once."""
    test = TestRecord("t", "d", "failed", 1.0, 'a text with ,"messages": in it' * 50)
    large = msgspec.structs.replace(record(student='a,"messages":b'), exercises=(ExerciseRecord("e", "E", 0.0, 1.0, (test,) * 100),))
    with Journal(tmp_path) as journal:
        journal.append(large)
    decoded: list[int] = []
    real = msgspec.json.Decoder

    class Counting:
        """A decoder that notes how much it is given."""

        def __init__(self, kind: type) -> None:
            self._real = real(kind)

        def decode(self, data: bytes) -> object:
            """Decode."""
            decoded.append(len(data))
            return self._real.decode(data)

    monkeypatch.setattr("msgspec.json.Decoder", Counting)
    with Journal(tmp_path) as journal:
        assert journal.keys["u1", 'a,"messages":b'].sha256 == "s"
    assert sum(decoded) < 500 < 100_000 < (tmp_path / NAME).stat().st_size


def test_a_file_in_order_is_not_written_again(tmp_path: Path) -> None:
    """Compacting when nothing was added leaves the very file; what was added out of order or again is put in its place."""
    path = tmp_path / NAME
    with Journal(tmp_path) as journal:
        for name in ("ada", "bob"):
            journal.append(record(name))
    before = path.stat().st_ino
    with Journal(tmp_path) as journal:
        journal.compact()
        assert path.stat().st_ino == before
        journal.append(record("ada", score=3.0))
        journal.compact()
        assert path.stat().st_ino != before
        assert [(r.student, r.score) for r in journal.read()] == [("ada", 3.0), ("bob", 1.0)]
        journal.append(record("aaa"))
        assert [r.student for r in journal.read()] == ["aaa", "ada", "bob"]
