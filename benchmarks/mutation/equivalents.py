"""Survivors that are no wrong answers: listed by hand with a reason, matched by their text, never out of date unnoticed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from autograder.errors import AuthorError
from benchmarks.mutation.mutants import Mutant

FILE = "equivalent_mutants.toml"


class Equivalent(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Survivors of one exercise that share a reason.

    Args:
        exercise: the exercise's id.
        reason: why no test may fail them.
        mutants: their texts.
    """

    exercise: str
    reason: str
    mutants: tuple[str, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    equivalent: tuple[Equivalent, ...] = ()


class Sorted(msgspec.Struct, frozen=True):
    """Survivors, sorted.

    Args:
        explained: groups with their survivors; a group whose entries are all stale is left out.
        open: survivors without a reason.
        stale: entries that explain no survivor.
    """

    explained: tuple[tuple[Equivalent, tuple[Mutant, ...]], ...]
    open: tuple[Mutant, ...]
    stale: tuple[str, ...]


def load_equivalents(path: Path, unit: str) -> tuple[Equivalent, ...]:
    """Return the groups of a unit's file; none when there is no file.

    Raises:
        AuthorError: the file is malformed, or lists a mutant twice.
    """
    try:
        groups = msgspec.toml.decode(path.read_bytes(), type=_File).equivalent
    except FileNotFoundError:
        return ()
    except (msgspec.DecodeError, ValueError) as error:
        raise AuthorError(f"{path.name}: {error}", unit=unit) from error
    seen: set[tuple[str, str]] = set()
    for exercise, text in ((g.exercise, text) for g in groups for text in g.mutants):
        if (exercise, text) in seen:
            raise AuthorError(f"{path.name}: {text!r} is listed twice", unit=unit, cell=exercise)
        seen.add((exercise, text))
    return groups


def sort_survivors(survivors: Sequence[Mutant], groups: Sequence[Equivalent]) -> Sorted:
    """Match survivors with the entries that explain them."""
    found: dict[tuple[str, str], list[Mutant]] = {}
    for mutant in survivors:
        found.setdefault((mutant.exercise, mutant.text), []).append(mutant)
    explained, stale = [], []
    for group in groups:
        matched: list[Mutant] = []
        for text in group.mutants:
            here = found.pop((group.exercise, text), [])
            matched += here
            if not here:
                stale.append(f"{group.exercise}: {text}")
        if matched:
            explained.append((group, tuple(matched)))
    return Sorted(tuple(explained), tuple(m for mutants in found.values() for m in mutants), tuple(stale))
