"""Tests of reading untrusted files."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.submissions import files
from autograder.submissions.files import Problem, is_archive, is_notebook, read_regular, walk


def test_regular_file_is_read(tmp_path: Path) -> None:
    """A file of exactly the limit is read whole; one byte more is refused."""
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    assert read_regular(path, 5) == b"12345"
    with pytest.raises(Problem, match="5 bytes, at most 4"):
        read_regular(path, 4)


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    """Folders, missing files and impossible names are problems, not crashes."""
    for path in (tmp_path, tmp_path / "missing", Path("a\0b"), Path("/dev/null"), tmp_path / ("x" * 300)):
        with pytest.raises(Problem):
            read_regular(path)


def test_kinds_are_told_by_name() -> None:
    """A notebook ends in .ipynb and is not hidden; archives are known by their endings."""
    assert [is_notebook(name) for name in ("a.ipynb", ".a.ipynb", "a.ipynb.txt", "a.IPYNB")] == [True, False, False, False]
    assert is_archive("a.ZIP")
    assert not is_archive("a.ipynb")


def test_walk_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Deep folders are not entered, caches not looked into, and a folder of far too many files is refused."""
    deep = tmp_path.joinpath(*"abcdef")
    deep.mkdir(parents=True)
    (deep / "x.ipynb").write_bytes(b"{}")
    (tmp_path / "__MACOSX").mkdir()
    (tmp_path / "__MACOSX" / "x.ipynb").write_bytes(b"{}")
    entries, folders = walk(tmp_path)
    assert entries == []
    assert folders[-1] == ("a", "b", "c", "d")
    monkeypatch.setattr(files, "_MAX_ENTRIES", 1)
    with pytest.raises(UsageError, match="more than 1 files"):
        walk(tmp_path)
