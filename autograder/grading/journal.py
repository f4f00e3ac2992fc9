"""The append-only file of records: one line per submission, on disk before the next one starts, resumable after any death."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from autograder import __version__, records
from autograder.errors import GraderError, UsageError
from autograder.records import Status, SubmissionRecord
from autograder.stored import Place, Stored

if sys.platform != "win32":
    import fcntl

NAME = "results.jsonl"
T = TypeVar("T")
_BUFFER = 1 << 20  # lines are some 20 kB long
_LONG_PART = b',"messages":'  # a record's key stands before it; unescaped quotes cannot be within a text


class Key(msgspec.Struct, frozen=True):
    """What makes a grade reproducible: the same key gives the same grade."""

    unit: str
    student: str
    sha256: str
    tests_sha256: str
    seed_fingerprint: str
    grader_version: str


class _Named(msgspec.Struct, frozen=True):
    """Whose record a line is; with a ``job``, a push brought it."""

    unit: str
    student: str
    status: Status = "graded"
    job: str = ""


class Journal:
    """Records of an output folder, held by one grader at a time.

    Args:
        folder: made when it does not exist.

    Raises:
        UsageError: another grader holds the folder, or it cannot be written.
        GraderError: a line in the middle of the file is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = (folder / ".lock").open("w")
        except OSError as error:
            raise UsageError(f"out={str(folder)!r}: cannot write there ({error.strerror}); name another folder with --out") from error
        if sys.platform != "win32":
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._lock.close()
                raise UsageError(f"out={str(folder)!r}: another grader is writing there; wait for it or name another folder with --out") from error
        try:
            self._mend()
            self.keys: dict[tuple[str, str], Key] = {}
            self._places: dict[tuple[str, str], Place] = {}
            self._end = 0
            for size, key in _keys(self.path):
                self._note(key, size)
            self._file = self.path.open("ab")
        except BaseException:
            self._lock.close()
            raise

    def _mend(self) -> None:
        """Drop a last line that a killed grader left unfinished."""
        if not self.path.exists():
            return
        with self.path.open("rb+") as file:
            end = file.seek(0, os.SEEK_END)
            while end > 0:
                start = max(0, end - (1 << 16))
                file.seek(start)
                chunk = file.read(end - start)
                if (cut := chunk.rfind(b"\n")) >= 0:
                    file.truncate(start + cut + 1)
                    return
                end = start
            file.truncate(0)

    def append(self, record: SubmissionRecord) -> None:
        """Write a record and wait until it is on the disk."""
        line = records.encode(record) + b"\n"
        try:
            self._file.write(line)
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise GraderError(f"{self.path.name}: cannot write a record ({error.strerror}); free some space and run the same command again") from error
        self._note(Key(*(getattr(record, name) for name in Key.__struct_fields__)), len(line))

    def _note(self, key: Key, size: int) -> None:
        """Remember where the latest record of a submission is, and what it is of."""
        name = sys.intern(key.unit), key.student
        shared = {field: sys.intern(getattr(key, field)) for field in ("unit", "tests_sha256", "seed_fingerprint", "grader_version")}
        self.keys[name] = msgspec.structs.replace(key, **shared)
        self._places[name] = Place(*name, self._end, size)
        self._end += size

    def compact(self) -> None:
        """Keep the latest record of each submission, sorted by unit and student; atomic, and nothing to do when it is so already."""
        places = [self._places[name] for name in sorted(self._places)]
        starts = [place.start for place in places]
        if starts == sorted(starts) and sum(place.size for place in places) == self._end:
            return
        partial = self.path.with_suffix(".part")
        moved, end = {}, 0
        try:
            with self.path.open("rb") as source, partial.open("wb") as file:
                for place in places:
                    source.seek(place.start)
                    file.write(source.read(place.size))
                    moved[place.unit, place.student] = msgspec.structs.replace(place, start=end)
                    end += place.size
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            partial.unlink(missing_ok=True)
            raise GraderError(f"file={str(partial)!r}: cannot put the records in order ({error.strerror}); all are in {self.path.name}, free some space and run it again") from error
        self._file.close()
        partial.replace(self.path)
        self._places, self._end = moved, end
        self._file = self.path.open("ab")

    def read(self) -> Stored:
        """Return the latest record of each submission, sorted by unit and student; they stay on disk until gone through."""
        return Stored(self.path, (self._places[name] for name in sorted(self._places)))

    def close(self) -> None:
        """Release the folder."""
        try:
            with contextlib.suppress(OSError):  # what could not be written has been reported by append()
                self._file.close()
        finally:
            self._lock.close()

    def __enter__(self) -> Self:
        """Return the journal."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Release the folder."""
        self.close()


def lines(path: Path, kind: type[T]) -> Iterator[tuple[bytes, T]]:
    """Yield each line of a journal with what it decodes to; a torn last line is passed over."""
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb", buffering=_BUFFER) as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield line[:-1], decoder.decode(line)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise _damaged(path, number, error) from error


def _keys(path: Path) -> Iterator[tuple[int, Key]]:
    """Yield the size of each line with the key in it, reading no further into a record than its key."""
    if not path.exists():
        return
    decoder = msgspec.json.Decoder(Key)
    with path.open("rb", buffering=_BUFFER) as file:
        for number, line in enumerate(file, 1):
            end = line.find(_LONG_PART)
            try:
                yield len(line), decoder.decode(line[:end] + b"}" if end > 0 and line.endswith(b"}\n") else line)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise _damaged(path, number, error) from error


def _damaged(path: Path, number: int, error: Exception) -> GraderError:
    return GraderError(f"{path.name} line={number}: not a record ({error}); move the file away or mend the line")


def read_records(folder: Path) -> list[SubmissionRecord]:
    """Return the latest record of each submission in a folder, without locking it.

    Raises:
        UsageError: there are no records.
    """
    return list(stored_records(folder))


def stored_records(folder: Path) -> Stored:
    """Return what :func:`read_records` does, leaving the records on disk until gone through.

    Of a push server's records the latest that was graded counts: a broken push takes no grade away.
    """
    path = folder / NAME
    if not path.is_file():
        raise UsageError(f"folder={str(folder)!r}: there is no {NAME}; expected the --out folder of 'autograder grade'")
    places, start, graded = {}, 0, set()
    for line, record in lines(path, _Named):
        name = (record.unit, record.student)
        if record.status == "graded":
            graded.add(name)
        if not (record.job and record.status != "graded" and name in graded):
            places[name] = Place(*name, start, len(line) + 1)
        start += len(line) + 1
    return Stored(path, (places[name] for name in sorted(places)))


def current(key: Key | None, *, sha256: str, tests_sha256: str, seed_fingerprint: str) -> bool:
    """Tell whether a stored record is what grading this submission now would give."""
    return key is not None and (key.sha256, key.tests_sha256, key.seed_fingerprint, key.grader_version) == (sha256, tests_sha256, seed_fingerprint, __version__)
