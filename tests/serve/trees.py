"""Git objects that no honest git writes: trees with any names, and trees that are small and endless."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence

from tests.serve.remote import Student

FILE, FOLDER, SUBMODULE = "100644", "40000", "160000"
Item = tuple[str, bytes, str]  # mode, name, object


def put(student: Student, data: bytes, kind: str = "blob") -> str:
    """Store an object in the student's clone, whatever it holds, and return its id."""
    raw = f"{kind} {len(data)}\0".encode() + data
    id_ = hashlib.sha1(raw, usedforsecurity=False).hexdigest()
    path = student.clone / ".git" / "objects" / id_[:2] / id_[2:]
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        path.write_bytes(zlib.compress(raw, 1))
    return id_


def tree(student: Student, items: Sequence[Item]) -> str:
    """Store a tree with these items in this order and return its id."""
    return put(student, b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(id_) for mode, name, id_ in items), "tree")


def commit_tree(student: Student, root: str, message: bytes = b"work\n") -> str:
    """Store a commit of a tree, make it the clone's ``main`` and return its id."""
    person = b"Student <student@example.org> 1700000000 +0000"
    id_ = put(student, b"tree " + root.encode() + b"\nauthor " + person + b"\ncommitter " + person + b"\n\n" + message, "commit")
    (student.clone / ".git" / "refs" / "heads" / "main").write_text(id_ + "\n")
    return id_


def endless(student: Student, levels: int = 12, leaf: bytes | None = None) -> str:
    """Store a tree of ten trees of ten trees …, whose leaves are empty folders or, with ``leaf``, files; return its id."""
    below = tree(student, []) if leaf is None else tree(student, [(FILE, b"x", put(student, leaf))])
    for _ in range(levels):
        below = tree(student, [(FOLDER, b"%d" % n, below) for n in range(10)])
    return below
