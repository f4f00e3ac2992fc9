"""Where a report's files lie."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograder.submissions.names import slug


def student_folders(students: Iterable[str]) -> dict[str, str]:
    """Return a folder name for each student; two students never share one.

    Names that their slugs do not tell apart, also where case does not count, get a hash of the name.
    """
    names = sorted(set(students))
    wanted = Counter(slug(name).casefold() for name in names)
    return {name: slug(name) if wanted[slug(name).casefold()] == 1 else f"{slug(name)}-{_digest(name)}" for name in names}


def ends_with(path: Path, text: str) -> bool:
    """Tell whether a file is there and ends with a text."""
    wanted = text.encode()
    with contextlib.suppress(OSError), path.open("rb") as file:
        file.seek(-len(wanted), os.SEEK_END)
        return file.read() == wanted
    return False


def _digest(student: str) -> str:
    return hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
