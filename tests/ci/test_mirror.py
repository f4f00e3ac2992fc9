"""Tests of the bare copies of students' repositories, with real git."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.ci.mirror import Mirror
from autograder.submissions.files import Problem
from autograder.submissions.remotes import Remote
from tests.ci.conftest import git, push

UNIT = "u03_backprop"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A student's repository with one notebook."""
    push(tmp_path / "ada", {f"work/{UNIT}.ipynb": b"one", "other.ipynb": b"x"})
    return tmp_path / "ada"


@pytest.fixture
def mirror(repository: Path, tmp_path: Path) -> Mirror:
    """Its copy."""
    return Mirror(Remote("ada", str(repository)), tmp_path / "mirrors" / "ada")


def test_a_notebook_is_read_from_the_newest_commit(mirror: Mirror, repository: Path) -> None:
    """Fetching gives the commit's id; the notebook is found wherever it lies; a later fetch gives the later one."""
    assert mirror.fetch() == git(repository, "rev-parse", "HEAD")
    assert mirror.notebook(UNIT, only=False).data == b"one"
    second = push(repository, {f"work/{UNIT}.ipynb": b"two"})
    assert mirror.fetch() == second
    assert mirror.notebook(UNIT, only=False).data == b"two"


def test_a_commit_that_was_overwritten_is_kept(mirror: Mirror, repository: Path) -> None:
    """After a force-push the earlier commit can still be read from the copy, also when the remote is gone."""
    first = mirror.fetch()
    push(repository, {f"work/{UNIT}.ipynb": b"two"})
    git(repository, "checkout", "-q", "--orphan", "fresh")
    git(repository, "commit", "-q", "-m", "rewritten")
    git(repository, "branch", "-M", "main")
    assert mirror.fetch() != first
    git(mirror.folder / "repository", "gc", "-q", "--prune=now")
    shutil.rmtree(repository)
    assert mirror.fetch(first) == first
    assert mirror.notebook(UNIT, only=False).data == b"one"


def test_one_commit_can_be_fetched(mirror: Mirror, repository: Path) -> None:
    """A commit that the copy has never seen is fetched by its id."""
    first = git(repository, "rev-parse", "HEAD")
    push(repository, {f"work/{UNIT}.ipynb": b"two"})
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    assert mirror.fetch(first) == first
    assert mirror.notebook(UNIT, only=False).data == b"one"


@pytest.mark.parametrize("commit", ["main", "HEAD~1", "--upload-pack=x", "abc"])
def test_a_commit_is_named_by_its_id(mirror: Mirror, commit: str) -> None:
    """Names, options and short ids are refused."""
    with pytest.raises(Problem, match="not a full commit id"):
        mirror.fetch(commit)


def test_the_single_notebook_counts_only_when_one_unit_is_wanted(mirror: Mirror, repository: Path) -> None:
    """When several units are collected, a notebook of another name is none of them."""
    git(repository, "rm", "-q", "other.ipynb")
    git(repository, "mv", f"work/{UNIT}.ipynb", "homework.ipynb")
    push(repository, {})
    mirror.fetch()
    assert mirror.notebook(UNIT, only=True).data == b"one"
    assert f"no {UNIT}.ipynb" in mirror.notebook(UNIT, only=False).problem


def test_a_link_is_a_problem(mirror: Mirror, repository: Path) -> None:
    """A link in place of the notebook is not followed."""
    (repository / "work" / f"{UNIT}.ipynb").unlink()
    (repository / "work" / f"{UNIT}.ipynb").symlink_to("/etc/passwd")
    push(repository, {})
    mirror.fetch()
    assert "is a link" in mirror.notebook(UNIT, only=False).problem


def test_failing_remotes_are_problems_without_passwords(tmp_path: Path) -> None:
    """A missing repository and an empty one raise a problem that names the remote as it may be shown."""
    git(tmp_path, "init", "-q", "empty")
    for address in (str(tmp_path / "absent"), str(tmp_path / "empty"), f"file://user:password@{tmp_path}/absent"):
        with pytest.raises(Problem) as caught:
            Mirror(Remote("eve", address), tmp_path / "mirrors" / "eve").fetch()
        assert "git fetch failed" in str(caught.value)
        assert "password" not in str(caught.value)


def test_hooks_and_filters_have_no_effect(mirror: Mirror, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of a repository or of a configuration is run."""
    hook = tmp_path / "hooks" / "reference-transaction"
    hook.parent.mkdir()
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    hook.chmod(0o755)
    push(repository, {".gitattributes": b"* filter=lfs\n"})
    (tmp_path / "home" / ".gitconfig").write_text(f"[core]\n hooksPath = {hook.parent}\n[init]\n templateDir = {tmp_path}\n")
    mirror.fetch()
    assert mirror.notebook(UNIT, only=False).data == b"one"
    assert not (tmp_path / "ran").exists()
