"""Reads untrusted files: regular ones only, never through a link, never more than a bound, never blocking."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import Protocol

import msgspec

from autograder.errors import UsageError
from autograder.submissions.notebook import MAX_BYTES

SKIPPED_FOLDERS = frozenset({"__MACOSX", "__pycache__", "node_modules"})
_MAX_ENTRIES = 50_000
_MAX_DEPTH = 4


class Problem(Exception):
    """Why one submission cannot be read; its message becomes that submission's problem."""


class Source(Protocol):
    """Where a notebook's bytes are; they are read when they are needed and not kept."""

    def read(self) -> bytes:
        """Return the bytes; raises ``Problem`` when they cannot be read."""


class File(msgspec.Struct, frozen=True):
    """A file that is read when it is needed."""

    path: Path

    def read(self) -> bytes:
        """Return its bytes; raises ``Problem`` as :func:`read_regular` does."""
        return read_regular(self.path)


class Entry(msgspec.Struct, frozen=True):
    """A file found below a folder or in an archive: its path there and either its bytes, or where they are, or the problem."""

    parts: tuple[str, ...]
    path: Path
    data: bytes | Source | None = None
    problem: str = ""

    @property
    def stem(self) -> str:
        """The file's name without ``.ipynb``."""
        return self.parts[-1].removesuffix(".ipynb")


def read_regular(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return a file's bytes.

    Raises:
        Problem: it is a link, no regular file, larger than ``limit`` bytes, or cannot be read.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.ELOOP:
            raise Problem("it is a symbolic link; submit the file itself") from error
        raise Problem(f"it cannot be opened ({getattr(error, 'strerror', None) or 'bad name'})") from error
    status = os.fstat(handle)
    if not stat.S_ISREG(status.st_mode) or status.st_size > limit:
        os.close(handle)
        if not stat.S_ISREG(status.st_mode):
            raise Problem("it is not a regular file")
        raise Problem(f"it has {status.st_size} bytes, at most {limit} are read; clear the outputs and submit again")
    with os.fdopen(handle, "rb") as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:
            raise Problem(f"it cannot be read ({error.strerror})") from error
    if len(data) > limit:
        raise Problem(f"it has more than {limit} bytes")
    return data


def is_notebook(name: str) -> bool:
    """Return whether a file of this name is taken for a notebook."""
    return name.endswith(".ipynb") and not name.startswith(".")


def is_archive(name: str) -> bool:
    """Return whether a file of this name is taken for an archive."""
    return name.lower().endswith((".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".7z", ".rar"))


def notebook_entry(path: Path, parts: tuple[str, ...]) -> Entry:
    """Return the entry of a notebook file, read or with its problem."""
    try:
        return Entry(parts, path, read_regular(path))
    except Problem as problem:
        return Entry(parts, path, problem=str(problem))


def walk(root: Path) -> tuple[list[Entry], list[tuple[str, ...]]]:
    """Return the notebooks below a folder, at most four levels deep and in a fixed order, none of them read, and all its folders.

    Links to folders and archives are entries with a problem; hidden files and folders are passed over.

    Raises:
        UsageError: the folder cannot be listed or is far too large.
    """
    entries: list[Entry] = []
    folders: list[tuple[str, ...]] = []
    pending: list[tuple[str, ...]] = [()]
    seen = 0
    while pending:
        parts = pending.pop(0)
        try:
            with os.scandir(root.joinpath(*parts)) as listing:
                children = sorted(listing, key=lambda child: child.name)
        except OSError as error:
            if not parts:
                raise UsageError(f"{root}: cannot list the folder ({error.strerror})") from error
            entries.append(Entry((*parts, ""), root.joinpath(*parts), problem=f"its folder cannot be listed ({error.strerror})"))
            continue
        seen += len(children)
        if seen > _MAX_ENTRIES:
            raise UsageError(f"{root}: more than {_MAX_ENTRIES} files; expected the folder of one class's submissions")
        for child in children:
            here = (*parts, child.name)
            if child.name.startswith(".") or child.name in SKIPPED_FOLDERS:
                continue
            if child.is_dir(follow_symlinks=False):
                folders.append(here)
                if len(here) < _MAX_DEPTH:
                    pending.append(here)
            elif is_notebook(child.name):
                entries.append(Entry(here, Path(child.path), File(Path(child.path))))
            elif child.is_symlink() and child.is_dir():
                entries.append(Entry((*here, ""), Path(child.path), problem="its folder is a symbolic link; copy the folder itself"))
            elif is_archive(child.name):
                entries.append(Entry(here, Path(child.path), problem="it is an archive; unpack it, or give the archive itself as the path"))
    return entries, folders
