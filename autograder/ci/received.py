"""When the server received what a student pushed; a commit's own date is the student's to choose and is never looked at.

The code host knows the time of each push and tells it with a token; a push server of ours (``autograder serve``) writes it
into its records.  Without either, the ledger of all collecting runs gives
bounds: a notebook seen for the first time was received after the last run that did not see it and before this one.  What
cannot be proved late is on time.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import msgspec

from autograder.errors import GraderError, UsageError
from autograder.grading.journal import NAME as RECORDS
from autograder.grading.journal import lines

Source = Literal["host", "first-seen"]
NAME = "ledger.jsonl"


class Sighting(msgspec.Struct, frozen=True):
    """One line of the ledger: a notebook's content seen at a student's remote.

    Args:
        student, unit, commit, sha256: what was seen; ``sha256`` is empty when there was no such notebook.
        after, by: bounds of when the server received it, in UTC; ``after`` is None when nothing bounds it.
        source: how the bounds are known.
        seen: when the run looked.
    """

    student: str
    unit: str
    commit: str
    sha256: str
    after: datetime | None
    by: datetime
    source: Source
    seen: datetime

    def late(self, deadline: datetime | None) -> float:
        """Return by how many seconds it is late at the least; 0 when it is on time or cannot be proved late."""
        if deadline is None:
            return 0.0
        bound = self.by if self.source == "host" else self.after
        return max(0.0, (bound - deadline).total_seconds()) if bound is not None else 0.0

    def uncertain(self, deadline: datetime | None) -> bool:
        """Return whether it counts as on time only because nobody looked between the deadline and its arrival."""
        return deadline is not None and self.by > deadline and not self.late(deadline)


class Ledger:
    """The append-only file of sightings.

    Args:
        path: made when it does not exist.

    Raises:
        GraderError: a line of it is damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: dict[tuple[str, str, str], Sighting] = {}
        self._last: dict[tuple[str, str], Sighting] = {}
        self._all: list[Sighting] = []
        decoder = msgspec.json.Decoder(Sighting)
        for number, line in enumerate(path.read_bytes().split(b"\n") if path.is_file() else (), 1):
            if not line.strip():
                continue
            try:
                self._keep(decoder.decode(line))
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise GraderError(f"{path.name} line={number}: not a sighting ({error}); move the file away or mend the line") from error

    def _keep(self, sighting: Sighting) -> None:
        key = (sighting.student, sighting.unit, sighting.sha256)
        known = self._first.get(key)
        if known is None or sighting.by < known.by:
            self._first[key] = sighting
        self._last[sighting.student, sighting.unit] = sighting
        self._all.append(sighting)

    def note(self, student: str, unit: str, commit: str, sha256: str, *, seen: datetime, host: datetime | None = None) -> Sighting:
        """Write down what was seen and return the earliest known arrival of the same content.

        Args:
            student, unit, commit, sha256: what was seen.
            seen: the time just before it was fetched.
            host: when the code host received the commit, if it told.
        """
        before = self._last.get((student, unit))
        if host is not None:
            new = Sighting(student, unit, commit, sha256, host, host, "host", seen)
        else:
            new = Sighting(student, unit, commit, sha256, before.seen if before is not None else None, seen, "first-seen", seen)
        known = self._first.get((student, unit, sha256))
        if known is not None and known.by <= new.by:
            new = msgspec.structs.replace(new, after=known.after, by=known.by, source=known.source)
        with open(self._path, "ab") as file:
            file.write(msgspec.json.encode(new) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self._keep(new)
        return new

    def known(self, student: str, unit: str, sha256: str) -> Sighting | None:
        """Return the earliest sighting of a content."""
        return self._first.get((student, unit, sha256))

    def at(self, student: str, moment: datetime) -> str:
        """Return the commit that was a student's newest at a moment, as far as is known; empty when none is.

        Raises:
            UsageError: the ledger knows nothing of the student.
        """
        own = [s for s in self._all if s.student == student]
        if not own:
            raise UsageError(f"student={student!r}: the ledger has never seen them; collect without --until first")
        early = [s for s in own if s.commit and not s.late(moment)]
        return max(early, key=lambda s: s.seen).commit if early else ""


class _Push(msgspec.Struct, frozen=True):
    student: str
    commit: str = ""
    received_at: float = 0.0


def server_times(folder: Path) -> dict[tuple[str, str], datetime]:
    """Return when a push server of ours received each commit, by student and commit.

    Args:
        folder: the server's ``results``.

    Raises:
        UsageError: there are no records.
        GraderError: a line is damaged.
    """
    path = folder / RECORDS
    if not path.is_file():
        raise UsageError(f"folder={str(folder)!r}: there is no {RECORDS}; expected the folder 'results' of a push server")
    found: dict[tuple[str, str], datetime] = {}
    for _, push in lines(path, _Push):
        if push.commit and push.received_at > 0:
            time = datetime.fromtimestamp(push.received_at, UTC)
            found[push.student, push.commit] = min(time, found.get((push.student, push.commit), time))
    return found


def moment(text: str, what: str) -> datetime:
    """Return a time with its zone.

    Raises:
        UsageError: it is not ISO 8601, or has no zone.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(f"{what}={text!r}: expected a time such as 2026-11-20T23:59:00+01:00") from error
    if found.tzinfo is None:
        raise UsageError(f"{what}={text!r}: the time zone is missing; write 2026-11-20T23:59:00+01:00 or …Z")
    return found.astimezone(UTC)
