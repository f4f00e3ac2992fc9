"""Reads notebooks out of a learning platform's zip when they are needed: bounded in number, size and ratio, and never by member name."""

from __future__ import annotations

import stat
import weakref
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import msgspec

from autograder.errors import UsageError
from autograder.submissions.files import SKIPPED_FOLDERS, Entry, Problem, is_archive, is_notebook
from autograder.submissions.notebook import MAX_BYTES

MAX_MEMBERS = 20_000
MAX_TOTAL = 1_000_000_000
MAX_RATIO = 200
_FREE = 1_000_000  # the ratio is looked at from this size on: small notebooks with repetitive outputs compress well
_CHUNK = 1 << 16


class _Archive:
    """An open zip; closed when no member is left that may be read."""

    def __init__(self, path: Path) -> None:
        self.path, self.zip = path, zipfile.ZipFile(path)
        weakref.finalize(self, self.zip.close)


class Member(msgspec.Struct, frozen=True):
    """A notebook in a zip, read when it is needed."""

    archive: _Archive
    info: zipfile.ZipInfo

    def read(self) -> bytes:
        """Return its bytes; raises ``Problem`` when it is damaged or larger than it says."""
        return _read(self.archive.zip, self.info)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Member) and (self.archive.path, self.info.header_offset) == (other.archive.path, other.info.header_offset)

    def __hash__(self) -> int:
        return hash((self.archive.path, self.info.header_offset))


def read_zip(path: Path) -> list[Entry]:
    """Return the notebooks in a zip, in a fixed order, each with its problem if its entry shows one.

    Raises:
        UsageError: it is no zip or has too many members.
    """
    try:
        archive = _Archive(path)
        members = archive.zip.infolist()
        if len(members) > MAX_MEMBERS:
            raise UsageError(f"{path}: the zip has {len(members)} members, at most {MAX_MEMBERS} are read")
        return list(_entries(archive, sorted(members, key=lambda member: member.filename), path))
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise UsageError(f"{path}: not a readable zip archive ({error}); download it again or unpack it and give the folder") from error


def _entries(archive: _Archive, members: list[zipfile.ZipInfo], path: Path) -> Iterator[Entry]:
    total = 0
    for member in members:
        parts, unsafe = _safe_parts(member)
        if member.is_dir() or any(part in SKIPPED_FOLDERS or part.startswith(".") for part in parts):
            continue
        if not (is_notebook(parts[-1]) or is_archive(parts[-1])):
            continue
        try:
            if unsafe:
                raise Problem(f"its name in the zip is unsafe ({unsafe})")
            if is_archive(parts[-1]):
                raise Problem("it is an archive within the zip; unpack it, or submit the notebook itself")
            _check(member, min(MAX_BYTES, MAX_TOTAL - total))
        except Problem as problem:
            yield Entry(parts, path, problem=str(problem))
        else:
            total += member.file_size
            yield Entry(parts, path, Member(archive, member))


def _safe_parts(member: zipfile.ZipInfo) -> tuple[tuple[str, ...], str]:
    """Return the parts of a member's name that only label it, and why the name is unsafe, if it is."""
    name = member.orig_filename if isinstance(member.orig_filename, str) else member.filename
    raw = name.split("/")
    unsafe = ""
    if name.startswith("/") or (len(raw[0]) == 2 and raw[0].endswith(":")):
        unsafe = "an absolute path"
    elif ".." in raw:
        unsafe = "a step to the folder above"
    elif "\\" in name or "\0" in name:
        unsafe = "a backslash or a zero byte"
    if unsafe:
        name = name.replace("\\", "/").replace("\0", "")
    parts = tuple(part for part in PurePosixPath(name.lstrip("/")).parts if part != "..")
    return parts or ("unnamed",), unsafe


def _check(member: zipfile.ZipInfo, limit: int) -> None:
    """Raise ``Problem`` for what a member's entry shows already."""
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        raise Problem("it is a link or a special file in the zip")
    if member.flag_bits & 0x1:
        raise Problem("it is encrypted")
    if member.file_size > limit:
        raise Problem(f"it has {member.file_size} bytes, at most {limit} are read; clear the outputs and submit again")
    if member.file_size > _FREE and member.file_size > MAX_RATIO * max(member.compress_size, 1):
        raise Problem(f"it inflates more than {MAX_RATIO} times, as a zip bomb does")


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    data = bytearray()
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                data += chunk
                if len(data) > member.file_size:
                    raise Problem(f"it has more than the {member.file_size} bytes that it says")
                if len(data) > _FREE and len(data) > MAX_RATIO * max(member.compress_size, 1):
                    raise Problem(f"it inflates more than {MAX_RATIO} times, as a zip bomb does")
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError) as error:
        raise Problem("it is damaged in the zip") from error
    return bytes(data)
