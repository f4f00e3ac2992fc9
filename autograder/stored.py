"""Records on disk, gone through one at a time: a class of any size takes the memory of one record and a short entry each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import msgspec

from autograder import records
from autograder.errors import GraderError
from autograder.records import SubmissionRecord


class Place(msgspec.Struct, frozen=True):
    """Where the line of a submission's record is: its first byte and its length with the newline."""

    unit: str
    student: str
    start: int
    size: int


class Stored(Collection[SubmissionRecord]):
    """Records of a file, read from it anew whenever they are gone through.

    Args:
        path: the file.
        places: of the records, in the order in which they are gone through; one of a unit and student.
    """

    def __init__(self, path: Path, places: Iterable[Place]) -> None:
        self._path, self._places = path, tuple(places)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, record: object) -> bool:
        return any(record == own for own in self)

    def __iter__(self) -> Iterator[SubmissionRecord]:
        """Yield the records; raises ``GraderError`` when the file was changed meanwhile."""
        with self._path.open("rb") as file:
            for place in self._places:
                yield self._read(file, place)

    def _read(self, file: BinaryIO, place: Place) -> SubmissionRecord:
        file.seek(place.start)
        try:
            record = records.decode(file.read(place.size))
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise GraderError(f"{self._path.name} byte={place.start}: not a record ({error}); move the file away or mend the line") from error
        if (record.unit, record.student) != (place.unit, place.student):
            raise GraderError(f"{self._path.name} byte={place.start}: another program has changed the file; run the same command again")
        return record

    @cached_property
    def _index(self) -> dict[tuple[str, str], Place]:
        return {(place.unit, place.student): place for place in self._places}

    def find(self, unit: str, student: str) -> SubmissionRecord | None:
        """Return the record of a unit and student, or None when there is none; raises as going through does."""
        if (place := self._index.get((unit, student))) is None:
            return None
        with self._path.open("rb") as file:
            return self._read(file, place)

    @property
    def units(self) -> tuple[str, ...]:
        """Names of the units, sorted."""
        return tuple(sorted({place.unit for place in self._places}))

    def names(self) -> list[str]:
        """Return the students' names, in order, one per record."""
        return [place.student for place in self._places]

    def of(self, *units: str) -> Stored:
        """Return the records of some units."""
        return Stored(self._path, (place for place in self._places if place.unit in units))

    def by_unit(self) -> Stored:
        """Return the records sorted by unit, then student's name."""
        return Stored(self._path, sorted(self._places, key=lambda place: (place.unit, place.student)))

    def by_name(self) -> Stored:
        """Return the records sorted by student's name, then unit."""
        return Stored(self._path, sorted(self._places, key=lambda place: (place.student.casefold(), place.student, place.unit)))
