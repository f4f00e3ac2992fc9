"""The append-only file of records: one line per submission, on disk before the next one starts, resumable after any death."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from autograder import __version__, records
from autograder.errors import GraderError, UsageError
from autograder.records import SubmissionRecord

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

NAME = "results.jsonl"
T = TypeVar("T")


class Key(msgspec.Struct, frozen=True):
    """What makes a grade reproducible: the same key gives the same grade."""

    unit: str
    student: str
    sha256: str
    tests_sha256: str
    seed_fingerprint: str
    grader_version: str


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
        if fcntl is not None:
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                self._lock.close()
                raise UsageError(f"out={str(folder)!r}: another grader is writing there; wait for it or name another folder with --out") from error
        try:
            self._mend()
            self.keys = {(key.unit, key.student): key for _, key in lines(self.path, Key)}
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
        try:
            self._file.write(records.encode(record) + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError as error:
            raise GraderError(f"{self.path.name}: cannot write a record ({error.strerror}); free some space and run the same command again") from error
        self.keys[record.unit, record.student] = Key(*(getattr(record, name) for name in Key.__struct_fields__))

    def compact(self) -> None:
        """Keep the latest record of each submission, sorted by unit and student; atomic."""
        latest = {(key.unit, key.student): line for line, key in lines(self.path, Key)}
        partial = self.path.with_suffix(".part")
        with partial.open("wb") as file:
            file.writelines(latest[name] + b"\n" for name in sorted(latest))
            file.flush()
            os.fsync(file.fileno())
        self._file.close()
        partial.replace(self.path)
        self._file = self.path.open("ab")

    def read(self) -> list[SubmissionRecord]:
        """Return the latest record of each submission, sorted by unit and student."""
        latest = {(r.unit, r.student): r for _, r in lines(self.path, SubmissionRecord)}
        return [latest[name] for name in sorted(latest)]

    def close(self) -> None:
        """Release the folder."""
        self._file.close()
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
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            try:
                yield line[:-1], decoder.decode(line)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise GraderError(f"{path.name} line={number}: not a record ({error}); move the file away or mend the line") from error


def read_records(folder: Path) -> list[SubmissionRecord]:
    """Return the latest record of each submission in a folder, without locking it.

    Raises:
        UsageError: there are no records.
    """
    path = folder / NAME
    if not path.is_file():
        raise UsageError(f"folder={str(folder)!r}: there is no {NAME}; expected the --out folder of 'autograder grade'")
    latest = {(r.unit, r.student): r for _, r in lines(path, SubmissionRecord)}
    return [latest[name] for name in sorted(latest)]


def current(key: Key | None, *, sha256: str, tests_sha256: str, seed_fingerprint: str) -> bool:
    """Tell whether a stored record is what grading this submission now would give."""
    return key is not None and (key.sha256, key.tests_sha256, key.seed_fingerprint, key.grader_version) == (sha256, tests_sha256, seed_fingerprint, __version__)
