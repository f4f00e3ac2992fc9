"""Landlock rules, each tried in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import landlock, linux
from tests.autograder.sandbox import throwaway

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a granted and a refused part; skips where there is no Landlock."""
    try:
        landlock.version()
    except OSError as error:
        pytest.skip(str(error))
    for part in ("granted", "refused"):
        (tmp_path / part).mkdir()
        (tmp_path / part / "file").write_text(part)
    return tmp_path


def confined(folder: Path, action: Callable[[], object], **how: bool) -> str:
    """Run ``action`` where only ``granted`` is granted."""

    def run() -> object:
        rules = landlock.Ruleset()
        rules.grant([str(folder / "granted"), str(folder / "absent")], **how)
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(rules.fd)
        return action()

    return throwaway.run(run)


def test_granted_folder_is_readable(folder: Path) -> None:
    """Files in a granted folder are read; a path that does not exist is passed over."""
    assert confined(folder, (folder / "granted" / "file").read_text) == "granted"


def test_granted_folder_is_not_writable(folder: Path) -> None:
    """Reading is not writing: no file is made, changed or removed."""
    for action in (
        (folder / "granted" / "new").touch,
        lambda: (folder / "granted" / "file").write_text(""),
        (folder / "granted" / "file").unlink,
    ):
        assert confined(folder, action).startswith("PermissionError")


def test_writing_can_be_granted(folder: Path) -> None:
    """With writing granted, files are made and read."""
    assert confined(folder, lambda: (folder / "granted" / "new").write_text("four"), write=True) == "4"


def test_names_alone_can_be_granted(folder: Path) -> None:
    """With names granted, a folder is listed, and its files are not read."""
    assert confined(folder, lambda: [p.name for p in (folder / "granted").iterdir()], list_only=True) == "['file']"
    assert confined(folder, (folder / "granted" / "file").read_text, list_only=True).startswith("PermissionError")


def test_everything_else_is_refused(folder: Path) -> None:
    """What is not granted is neither read nor listed, not by a link from inside either."""
    (folder / "granted" / "link").symlink_to(folder / "refused" / "file")
    for action in (
        (folder / "refused" / "file").read_text,
        lambda: list((folder / "refused").iterdir()),
        (folder / "granted" / "link").read_text,
    ):
        assert confined(folder, action).startswith("PermissionError")


def test_single_file_can_be_granted(folder: Path) -> None:
    """A rule for one file opens that file only."""
    (folder / "other").write_text("other")
    (folder / "granted" / "file").unlink()
    (folder / "granted").rmdir()
    (folder / "granted").write_text("a file")
    assert confined(folder, (folder / "granted").read_text) == "a file"
    assert confined(folder, (folder / "other").read_text).startswith("PermissionError")
