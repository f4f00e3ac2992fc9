"""Tells an assignment that nobody has begun from one with answers, by what build and export wrote down about it."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.digests import digest
from autograder.errors import Ungradable

MANIFEST = ".course.json"


def is_untouched(notebook: Path) -> bool:
    """Return whether a notebook's code is still that of the assignment or the students' repository it lies in."""
    known = known_digest(notebook)
    try:
        return known is not None and known == digest(notebook.read_bytes())
    except (OSError, Ungradable):
        return False


def known_digest(notebook: Path) -> str | None:
    """Return the digest that the built notebook had, by the checks beside it or the list above them; None where nobody wrote it down."""
    path = notebook.resolve()
    if (own := _entry(path.parent / "checks" / "unit.json", "untouched")) is not None and path.stem == path.parent.name:
        return own if isinstance(own, str) else None
    for folder in path.parents:
        if (folder / MANIFEST).is_file():
            found = _entry(folder / MANIFEST, "untouched", path.relative_to(folder).as_posix())
            return found if isinstance(found, str) else None
    return None


def _entry(file: Path, *keys: str) -> object:
    """Return what a JSON file holds under some keys, one inside the other; None when it does not."""
    try:
        found = json.loads(file.read_text("utf-8"))
        for key in keys:
            found = found[key]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return found


__all__ = ["MANIFEST", "digest", "is_untouched", "known_digest"]
