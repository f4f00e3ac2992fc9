"""Tests of telling a begun assignment from an untouched one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.publish.untouched import MANIFEST, digest, is_untouched, known_digest


def notebook(source: str, output: str = "") -> bytes:
    """Return a notebook of one code cell."""
    outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "outputs": outputs, "execution_count": None, "source": source}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """An untouched notebook in an exported repository."""
    place = tmp_path / "assignments" / "u" / "u.ipynb"
    place.parent.mkdir(parents=True)
    place.write_bytes(notebook("def f(): ..."))
    (tmp_path / MANIFEST).write_text(json.dumps({"untouched": {"assignments/u/u.ipynb": digest(place.read_bytes())}}))
    return place


def test_running_or_saving_a_notebook_does_not_begin_it(path: Path) -> None:
    """Outputs and formatting do not count; code does."""
    assert is_untouched(path)
    path.write_bytes(notebook("def f(): ...\n", output="ran"))
    assert is_untouched(path)
    path.write_bytes(notebook("def f(): return 1"))
    assert not is_untouched(path)


def test_the_checks_beside_a_notebook_know_it(path: Path) -> None:
    """In a course that is not exported, what build wrote beside the notebook is compared; a notebook of another name is not meant."""
    (path.parents[2] / MANIFEST).unlink()
    assert known_digest(path) is None
    assert not is_untouched(path)
    (path.parent / "checks").mkdir()
    about = path.parent / "checks" / "unit.json"
    about.write_text(json.dumps({"untouched": digest(path.read_bytes())}))
    assert is_untouched(path)
    path.write_bytes(notebook("def f(): return 1"))
    assert not is_untouched(path)
    assert known_digest(path) is not None
    copy = path.with_name("copy.ipynb")
    copy.write_bytes(notebook("def f(): ..."))
    assert not is_untouched(copy)
    for broken in (b"", b"[]", b'{"untouched": 3}', b"[" * 100_000):
        about.write_bytes(broken)
        assert known_digest(path) is None


@pytest.mark.parametrize("content", [b"", b"{}", b'{"untouched": []}', b'{"untouched": {}}'])
def test_a_damaged_list_makes_everything_begun(path: Path, content: bytes) -> None:
    """Without a usable list a notebook is checked like any other."""
    (path.parents[2] / MANIFEST).write_bytes(content)
    assert not is_untouched(path)


def test_a_broken_notebook_is_begun(path: Path) -> None:
    """A file that is no notebook is not taken for the course's."""
    path.write_bytes(b"{")
    assert not is_untouched(path)
