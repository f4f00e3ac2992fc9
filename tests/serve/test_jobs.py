"""Queued files, which a student may have written, are believed only as far as hashes prove."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.serve.jobs import MAX_JOB, check_proof, read_job
from autograder.submissions.files import Problem

DATA = b'{"cells": []}'
NAMES = ("assignments", "u", "u.ipynb")


def objects(kind: str = "sha1", data: bytes = DATA, mode: bytes = b"100644") -> tuple[str, list[bytes]]:
    """Return a commit's id and the raw objects from it to a notebook."""

    def id_of(name: str, raw: bytes) -> bytes:
        return hashlib.new(kind, f"{name} {len(raw)}\0".encode() + raw).digest()

    parts, below, bits = [data], id_of("blob", data), mode
    for name in reversed(NAMES):
        tree = b"100644 a\0" + bytes(len(below)) + bits + b" " + name.encode() + b"\0" + below
        parts.insert(0, tree)
        below, bits = id_of("tree", tree), b"40000"
    commit = b"tree " + below.hex().encode() + b"\nauthor A <a@b> 0 +0000\n\nwork\n"
    return id_of("commit", commit).hex(), [commit, *parts]


def job(folder: Path, parts: list[bytes], **header: Any) -> Path:
    """Write a queued file and return its path."""
    path = folder / "x.job"
    facts = {"unit": "u", "ref": "refs/heads/main", "path": "/".join(NAMES), "problem": "", "sizes": [len(p) for p in parts], **header}
    path.write_bytes(json.dumps(facts).encode() + b"\n" + b"".join(parts))
    return path


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_notebook_of_a_commit_is_read(tmp_path: Path, kind: str) -> None:
    """A job whose objects belong together gives the notebook, in repositories of both hashes."""
    commit, parts = objects(kind)
    pushed = read_job(job(tmp_path, parts, commit=commit))
    assert (pushed.data, pushed.commit, pushed.problem) == (DATA, commit, "")


def test_problem_needs_no_proof(tmp_path: Path) -> None:
    """A notebook that the hook could not read comes as a problem."""
    pushed = read_job(job(tmp_path, [], commit="0" * 40, problem="too large"))
    assert (pushed.data, pushed.problem) == (None, "too large")


@pytest.mark.parametrize("part", range(5))
def test_swapped_object_is_refused(part: int) -> None:
    """No object can be exchanged for another: commit, any tree, or notebook."""
    commit, parts = objects()
    parts[part] = parts[part][:-1] + b"!"
    with pytest.raises(Problem):
        check_proof(commit, "/".join(NAMES), parts)


@pytest.mark.parametrize("path", ["u.ipynb", "assignments/u/a", "assignments/u", "assignments/u/u.ipynb/", "", "assignments/../u/u.ipynb"])
def test_another_path_is_refused(path: str) -> None:
    """The objects prove one path only."""
    commit, parts = objects()
    with pytest.raises(Problem):
        check_proof(commit, path, parts)


@pytest.mark.parametrize("mode", [b"120000", b"160000", b"40000"])
def test_only_a_regular_file_is_a_notebook(mode: bytes) -> None:
    """A link's target, a submodule and a folder are no notebook."""
    commit, parts = objects(mode=mode)
    with pytest.raises(Problem, match="no file"):
        check_proof(commit, "/".join(NAMES), parts)


@given(st.binary(max_size=300), st.lists(st.binary(max_size=60), max_size=6))
def test_any_bytes_are_refused_without_a_crash(raw: bytes, parts: list[bytes]) -> None:
    """Bytes that are no job, or no proof, give a problem and no other exception."""
    with pytest.raises(Problem):
        check_proof("0" * 40, "a/b", parts)
    with pytest.raises(Problem):
        check_proof(hashlib.sha1(b"commit %d\0" % len(raw) + raw).hexdigest(), "a", [raw, *parts, b"", b""][:3])


def test_files_that_are_no_job_are_refused(tmp_path: Path) -> None:
    """A link, a pipe, a folder, a torn, padded or oversized file and wrong fields are refused at once."""
    commit, parts = objects()
    good = job(tmp_path, parts, commit=commit)
    raw = good.read_bytes()
    (tmp_path / "link").symlink_to(good)
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    (tmp_path / "torn").write_bytes(raw[:-1])
    (tmp_path / "padded").write_bytes(raw + b" ")
    (tmp_path / "headless").write_bytes(b"x" * 100_000)
    with (tmp_path / "large").open("wb") as file:
        file.truncate(MAX_JOB + 1)
    for name in ("link", "pipe", "folder", "torn", "padded", "headless", "large", "absent"):
        with pytest.raises(Problem):
            read_job(tmp_path / name)
    for wrong in ({"commit": "../../x"}, {"sizes": [-1]}, {"sizes": [10**30]}, {"unit": "u" * 1000}, {"path": 3}):
        with pytest.raises(Problem):
            read_job(job(tmp_path, parts, **{"commit": commit, **wrong}))
