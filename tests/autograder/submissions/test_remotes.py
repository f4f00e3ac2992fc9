"""Tests of fetching from git remotes; all remotes are repositories on this disk."""

from __future__ import annotations

import gc
import os
import subprocess
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.submissions import remotes
from autograder.submissions.collect import collect
from autograder.submissions.remotes import Remote, Spool, read_list

UNIT = "u03_backprop"


def git(folder: Path, *arguments: str) -> None:
    """Run git with a fixed identity and no configuration of the person running the test."""
    names = {f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    clean = {"PATH": os.environ["PATH"], "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"} | names
    subprocess.run(["git", *arguments], cwd=folder, check=True, env=clean, capture_output=True)


def repository(path: Path, files: dict[str, bytes], links: dict[str, str] | None = None) -> Path:
    """Make a repository with one commit of these files and symbolic links."""
    path.mkdir(parents=True)
    git(path, "init", "-q")
    for name, data in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(data)
    for name, target in (links or {}).items():
        (path / name).symlink_to(target)
    git(path, "add", "-A")
    git(path, "commit", "-q", "--allow-empty", "-m", "x")
    return path


def fetched(tmp_path: Path, *lines: object) -> dict[str, bytes | str]:
    """Return each student's bytes or problem for a list of remotes."""
    path = tmp_path / "remotes.csv"
    path.write_text("\n".join(map(str, lines)))
    loaded = [one.loaded() for one in collect([path], UNIT)]
    return {one.student: one.data or one.problem for one in loaded}


def test_notebook_is_read_from_a_remote(tmp_path: Path) -> None:
    """The unit's notebook is found wherever it lies in the repository; students are named in the list or by the address."""
    one = repository(tmp_path / "alice" / "course", {f"work/{UNIT}.ipynb": b"a", "other.ipynb": b"x"})
    two = repository(tmp_path / "bob" / "course", {"homework.ipynb": b"b"})
    assert fetched(tmp_path, "student,remote", f"Alice,{one}", "# a comment", "", two) == {"Alice": b"a", "bob/course": b"b"}
    assert fetched(tmp_path, f"file://{one}") == {"alice/course": b"a"}


def test_links_and_filters_of_a_repository_have_no_effect(tmp_path: Path) -> None:
    """A symbolic link is a problem; a smudge filter asked for by attributes is not run."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    linked = repository(tmp_path / "linked", {}, {f"{UNIT}.ipynb": str(secret)})
    filtered = repository(tmp_path / "filtered", {f"{UNIT}.ipynb": b"plain", ".gitattributes": b"* filter=lfs"})
    result = fetched(tmp_path, f"linked,{linked}", f"filtered,{filtered}")
    assert "is a link" in str(result["linked"])
    assert result["filtered"] == b"plain"


def test_hooks_are_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a hook of a template folder nor one configured by the person grading is run."""
    hook = tmp_path / "templates" / "hooks" / "reference-transaction"
    hook.parent.mkdir(parents=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    (tmp_path / ".gitconfig").write_text(f"[init]\n templateDir = {tmp_path}/templates\n[core]\n hooksPath = {hook.parent}\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    path = repository(tmp_path / "alice", {f"{UNIT}.ipynb": b"a"})
    (tmp_path / "ran").unlink(missing_ok=True)
    assert fetched(tmp_path, f"alice,{path}") == {"alice": b"a"}
    assert not (tmp_path / "ran").exists()


def test_failing_remotes_cost_themselves_alone(tmp_path: Path) -> None:
    """A missing repository, one without notebook, an empty one and one with several are problems; the rest is fetched."""
    good = repository(tmp_path / "good", {f"{UNIT}.ipynb": b"g"})
    none = repository(tmp_path / "none", {"readme.md": b""})
    several = repository(tmp_path / "several", {"a.ipynb": b"1", "b.ipynb": b"2"})
    (tmp_path / "empty").mkdir()
    git(tmp_path / "empty", "init", "-q")
    lines = [f"{name},{tmp_path / name}" for name in ("good", "none", "several", "empty", "missing")]
    result = fetched(tmp_path, *lines)
    assert result["good"] == good.joinpath(f"{UNIT}.ipynb").read_bytes()
    assert "0 notebooks" in str(result[none.name])
    assert "a.ipynb, b.ipynb" in str(result[several.name])
    assert "git ls-tree failed" in str(result["empty"])
    assert "git clone failed" in str(result["missing"])


def test_size_and_time_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook or repository that is too large, and a remote that takes too long, are given up."""
    path = repository(tmp_path / "alice", {f"{UNIT}.ipynb": os.urandom(100_000)})
    monkeypatch.setattr(remotes, "MAX_BYTES", 10)
    assert "at most 10" in str(fetched(tmp_path, f"alice,{path}")["alice"])
    monkeypatch.setattr(remotes, "TIMEOUT", 0.0)
    assert "did not finish" in str(fetched(tmp_path, f"alice,{path}")["alice"])
    monkeypatch.setattr(remotes, "TIMEOUT", 60.0)
    monkeypatch.setattr(remotes, "MAX_CLONE", -1)
    assert "too large" in str(fetched(tmp_path, f"alice,{path}")["alice"])


@pytest.mark.parametrize("line", ["ext::sh -c touch% x", "-upload-pack=x", "--help", "alice", "a,b,c", "ftp://host/x", "-x@host:path", "https://a b"])
def test_what_is_no_remote_is_a_usage_error(tmp_path: Path, line: str) -> None:
    """A transport that runs commands, an option or anything else is refused with its line."""
    path = tmp_path / "remotes.txt"
    path.write_text(f"https://host/alice/course.git\n{line}\n")
    with pytest.raises(UsageError, match="line 2"):
        read_list(path)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("https://host/alice/course.git", Remote("alice/course", "https://host/alice/course.git")),
        ("git@host:alice/course.git", Remote("alice/course", "git@host:alice/course.git")),
        ("ssh://git@host/alice/course/", Remote("alice/course", "ssh://git@host/alice/course/")),
        ('"Doe, Jane",https://host/x', Remote("Doe, Jane", "https://host/x")),
        ("https://host/x,Jane", Remote("Jane", "https://host/x")),
    ],
)
def test_addresses_are_read(tmp_path: Path, line: str, expected: Remote) -> None:
    """Lists hold addresses alone or with a name on either side."""
    path = tmp_path / "remotes.txt"
    path.write_text(line + "\n")
    assert read_list(path) == [expected]


def test_passwords_are_not_shown() -> None:
    """An address is shown without what stands before its host."""
    assert Remote("a", "https://user:password@host/x").shown == "https://host/x"


def test_unreadable_list_is_a_usage_error(tmp_path: Path) -> None:
    """A list that is not text is reported."""
    (tmp_path / "remotes.txt").write_bytes(b"\xff\xff")
    with pytest.raises(UsageError, match="cannot read the list"):
        read_list(tmp_path / "remotes.txt")


def test_what_was_fetched_is_kept_without_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Notebooks are read when they are needed, also after their repositories have gone, and no temporary file can stay behind."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    one, two = (repository(tmp_path / name, {f"{UNIT}.ipynb": data}) for name, data in (("alice", os.urandom(3_000_000)), ("bob", b"b")))
    expected = one.joinpath(f"{UNIT}.ipynb").read_bytes()
    (tmp_path / "remotes.txt").write_text(f"{one}\n{two}\n")
    submissions = collect([tmp_path / "remotes.txt"], UNIT)
    one.rename(tmp_path / "gone")
    assert list(scratch.iterdir()) == []
    assert [s.data for s in submissions] == [expected, b"b"]
    assert not any(isinstance(s.content, bytes) for s in submissions)


def test_a_spool_is_closed_with_its_last_reader() -> None:
    """The space it takes is given back."""
    spool = Spool()
    blob = spool.keep(b"abc")
    number = spool._file
    del spool
    assert blob.read() == b"abc"
    del blob
    gc.collect()
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)
