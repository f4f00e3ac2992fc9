"""A bare copy of a student's repository that is fetched, never checked out; notebooks are read from git's objects."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from autograder.submissions.files import Problem
from autograder.submissions.notebook import MAX_BYTES
from autograder.submissions.remotes import Remote, find, git

_HEAD = "refs/collect/head"
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SMALL = 10_000


class Pushed(msgspec.Struct, frozen=True):
    """A unit's notebook in a commit: its name there with its bytes, or the problem."""

    name: str = ""
    data: bytes | None = None
    problem: str = ""


class Mirror:
    """The copy of one remote.

    Args:
        remote: whose repository it is.
        folder: where the copy is kept; a later fetch transfers only what is new.
    """

    def __init__(self, remote: Remote, folder: Path) -> None:
        self.remote, self.folder = remote, folder.absolute()

    def fetch(self, commit: str = "") -> str:
        """Fetch the remote's HEAD, or one commit, and return the commit's id.

        Raises:
            Problem: git failed, took too long, or gave too much; the message names the remote without its password.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if not (self.folder / "repository" / "HEAD").is_file():
                git(str(self.folder), "init", ("--bare", "--quiet", "--template="), _SMALL)
            if commit and not _COMMIT.fullmatch(commit):
                raise Problem(f"commit={commit!r} is not a full commit id")
            if not (commit and self._has(commit)):
                options = ("--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--refmap=")
                git(str(self.folder), "fetch", (*options, "--", self.remote.address, f"+{commit or 'HEAD'}:{_HEAD}"), _SMALL)
                commit = commit or git(str(self.folder), "rev-parse", ("--verify", f"{_HEAD}^{{commit}}"), _SMALL).decode().strip()
                git(str(self.folder), "update-ref", (f"refs/collect/{commit}", commit), _SMALL)  # kept when the branch moves on
            git(str(self.folder), "update-ref", ("--no-deref", "HEAD", commit), _SMALL)
        except (Problem, OSError) as error:
            raise Problem(f"{self.remote.shown}: {error}") from error
        return commit

    def _has(self, commit: str) -> bool:
        try:
            return git(str(self.folder), "cat-file", ("-t", commit), _SMALL).strip() == b"commit"
        except Problem:
            return False

    def notebook(self, unit: str, *, only: bool) -> Pushed:
        """Return a unit's notebook in the commit fetched last.

        Args:
            unit: its name.
            only: whether this is the only unit asked for; then a repository's single notebook may have any name.
        """
        try:
            name, object_ = find(str(self.folder), unit)
            if not only and name.rpartition("/")[2] != f"{unit}.ipynb":
                raise Problem(f"the repository has no {unit}.ipynb")
            return Pushed(name, git(str(self.folder), "cat-file", ("blob", object_), MAX_BYTES))
        except (Problem, OSError) as error:
            return Pushed(problem=f"{self.remote.shown}: {error}")
