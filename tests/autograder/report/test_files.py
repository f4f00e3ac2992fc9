"""Folders of students."""

from __future__ import annotations

import re

import pytest

from autograder.report.files import student_folders


def test_students_never_share_a_folder() -> None:
    """Names that a file name cannot tell apart, by case or by characters, get folders of their own."""
    names = ["ada", "ADA", "Ada", "a/b", "a b", "a\\b", "..", ".", "", "\ud800", "\ud801", "N" * 300, "N" * 301, "王小云", "王小雲"]
    folders = student_folders(names)
    assert len({f.casefold() for f in folders.values()}) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_.\-]{1,120}", f) for f in folders.values())
    assert not {".", ".."} & set(folders.values())


def test_equal_slugs_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Should two slugs ever be equal, or differ in case only, both folders get a hash of the name."""
    monkeypatch.setattr("autograder.report.files.slug", lambda name: name[:1])
    assert student_folders(["b", "Ax", "ay"])["b"] == "b"
    assert len({f.casefold() for f in student_folders(["Ax", "ay", "az", "b"]).values()}) == 4
