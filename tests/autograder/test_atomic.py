"""Tests of files that appear whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.atomic import write_atomic


@pytest.mark.parametrize(
    ("content", "data"), [("é\n", b"\xc3\xa9\n"), (b"\xff\r\n", b"\xff\r\n"), (("a", "é"), b"a\xc3\xa9"), (iter(("a", "b")), b"ab"), ((), b"")]
)
def test_content_is_written_as_it_is(content: bytes | str, data: bytes, tmp_path: Path) -> None:
    """Bytes stay what they are, text is UTF-8 with its own line ends, pieces are joined; folders above are made."""
    path = tmp_path / "a" / "b" / "page.html"
    write_atomic(path, content)
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("mode", [0o600, 0o755])
def test_a_file_has_the_mode_that_is_asked_for(mode: int, tmp_path: Path) -> None:
    """A cache is its owner's alone, and a hook can be run by everybody, whatever the file of that name was before."""
    path = tmp_path / "file"
    path.write_text("old")
    write_atomic(path, "new", mode)
    assert (path.read_text("utf-8"), path.stat().st_mode & 0o777) == ("new", mode)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """Text that cannot be encoded, or pieces that cannot be made, raise, keep what was there, and leave no temporary file."""
    path = tmp_path / "page.html"
    write_atomic(path, "old")

    def pieces() -> Iterator[str]:
        yield "new"
        raise KeyboardInterrupt

    with pytest.raises(UnicodeEncodeError):
        write_atomic(path, "\ud800")
    with pytest.raises(KeyboardInterrupt):
        write_atomic(path, pieces())
    assert path.read_text("utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_is_replaced(tmp_path: Path) -> None:
    """What a link points at stays as it is."""
    (tmp_path / "elsewhere").write_text("kept")
    path = tmp_path / "page.html"
    path.symlink_to(tmp_path / "elsewhere")
    write_atomic(path, "new")
    assert not path.is_symlink()
    assert (path.read_text("utf-8"), (tmp_path / "elsewhere").read_text("utf-8")) == ("new", "kept")
