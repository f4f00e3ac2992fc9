"""Known-wrong and known-right variants of a reference solution, as edits of its cell or as a cell of their own."""

from __future__ import annotations

import msgspec

from autograder.errors import AuthorError


class Variant(msgspec.Struct, frozen=True, kw_only=True):
    """A replacement of one exercise's solution cell.

    Args:
        id: unique within the unit.
        exercise: id of the exercise (or question) whose solution cell is replaced.
        edits: pairs (old, new); each old text occurs exactly once in the reference's cell.
        source: the whole cell instead of edits.
    """

    id: str
    exercise: str
    edits: tuple[tuple[str, str], ...] = ()
    source: str = ""

    def apply(self, cell: str, *, unit: str) -> str:
        """Return the source of the replaced cell.

        Args:
            cell: the reference's solution cell.
            unit: the unit's name, for the message.

        Raises:
            AuthorError: both or none of ``edits`` and ``source`` are given, or an old text does not occur exactly once.
        """
        if bool(self.edits) == bool(self.source):
            raise AuthorError(f"variant={self.id}: give either edits or source", unit=unit, cell=self.exercise)
        if self.source:
            return self.source.strip("\n") + "\n"
        for old, new in self.edits:
            if (count := cell.count(old)) != 1:
                raise AuthorError(f"variant={self.id}: edit={old!r} occurs {count} times, expected once", unit=unit, cell=self.exercise)
            cell = cell.replace(old, new)
        return cell


class Misconception(Variant, frozen=True, kw_only=True):
    """A wrong answer that people give; ``hint`` is what a student who gives it reads."""

    hint: str


class Alternative(Variant, frozen=True, kw_only=True):
    """A right answer written differently; ``note`` says what is different."""

    note: str
