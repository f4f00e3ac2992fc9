"""Reads queued jobs, which a student may have written: bounded, and believed only as far as hashes prove."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec

from autograder.submissions.files import Problem, read_regular
from autograder.submissions.notebook import MAX_BYTES

MAX_HEADER = 16_384
MAX_JOB = MAX_BYTES + 6_000_000  # a notebook with the trees above it
_MAX_NAME = 600
Name = Annotated[str, msgspec.Meta(max_length=_MAX_NAME)]
Oid = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{40}|[0-9a-f]{64})$")]


class _Header(msgspec.Struct, frozen=True):
    unit: Name
    commit: Oid
    ref: Name
    path: Name
    problem: Annotated[str, msgspec.Meta(max_length=2000)]
    sizes: Annotated[tuple[Annotated[int, msgspec.Meta(ge=0, le=MAX_JOB)], ...], msgspec.Meta(max_length=40)]


class Pushed(msgspec.Struct, frozen=True):
    """A notebook as it was pushed: ``data`` are its bytes, or None with the ``problem`` that keeps it from being graded."""

    unit: str
    commit: str
    ref: str
    path: str
    data: bytes | None
    problem: str


def read_job(path: Path) -> Pushed:
    """Return what a queued file holds.

    Raises:
        Problem: it is no regular file, too large, no job, or its objects do not prove that the notebook is in the commit.
    """
    raw = read_regular(path, MAX_JOB)
    line, found, body = raw.partition(b"\n")
    if not found or len(line) > MAX_HEADER:
        raise Problem("it has no header")
    try:
        header = msgspec.json.decode(line, type=_Header)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise Problem(f"its header is wrong ({error})") from error
    if sum(header.sizes) != len(body):
        raise Problem("its length is wrong")
    parts, start = [], 0
    for size in header.sizes:
        parts.append(body[start : start + size])
        start += size
    if not header.problem:
        check_proof(header.commit, header.path, parts)
    return Pushed(header.unit, header.commit, header.ref, header.path, None if header.problem else parts[-1], header.problem)


def check_proof(commit: str, path: str, parts: list[bytes]) -> None:
    """Check that a notebook is in a commit.

    Args:
        commit: the commit's id.
        path: of the notebook in it.
        parts: the raw commit, the tree of each folder on the way, and the notebook.

    Raises:
        Problem: they do not belong together.
    """
    names = path.encode("utf-8", "surrogateescape").split(b"/")
    if len(parts) != len(names) + 2 or _hash("commit", parts[0], commit) != commit:
        raise Problem("its commit is wrong")
    head = parts[0].partition(b"\n")[0]
    if not head.startswith(b"tree "):
        raise Problem("its commit names no tree")
    wanted = head[5:].decode("ascii", "replace")
    for number, name in enumerate(names):
        tree = parts[1 + number]
        if _hash("tree", tree, commit) != wanted:
            raise Problem(f"the folder of {path} is not the commit's")
        wanted = _entry(tree, name, len(commit) // 2, folder=number + 1 < len(names))
    if _hash("blob", parts[-1], commit) != wanted:
        raise Problem(f"{path} is not the commit's")


def _hash(kind: str, data: bytes, like: str) -> str:
    name = "sha256" if len(like) == 64 else "sha1"  # as the repository names its objects
    return hashlib.new(name, f"{kind} {len(data)}\0".encode() + data, usedforsecurity=False).hexdigest()


def _entry(tree: bytes, name: bytes, size: int, *, folder: bool) -> str:
    """Return the object of a regular file, or of a folder, in a raw tree of ``mode name NUL object`` entries."""
    start = 0
    while start < len(tree):
        end = tree.find(b"\0", start)
        if end < 0:
            break
        mode, _, found = tree[start:end].partition(b" ")
        if found == name:
            if mode in ((b"40000", b"040000") if folder else (b"100644", b"100755", b"100664")):
                return tree[end + 1 : end + 1 + size].hex()
            break
        start = end + 1 + size
    raise Problem(f"the commit has no file {name.decode('utf-8', 'replace')}")
