"""What the zygote imports and hides."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from autograder.sandbox.imports import STANDARD, NotInstalled, resolve, warm


def test_other_packages_look_absent(tmp_path: Path) -> None:
    """A package in the site folder that the profile leaves out cannot be found; allowed, own and unknown names are left alone."""
    for name in ("scipy", "numpy", "json"):
        (tmp_path / name).mkdir()
    (tmp_path / "single.py").write_text("")
    finder = NotInstalled([str(tmp_path), str(tmp_path / "absent")], ["numpy"])
    for name in ("scipy", "single"):
        with pytest.raises(ModuleNotFoundError, match=f"No module named '{name}'") as caught:
            finder.find_spec(name, None)
        assert caught.value.name == name
    assert [finder.find_spec(n, None) for n in ("numpy", "json", "mine")] == [None, None, None]
    assert finder.find_spec("scipy", ["package"]) is None


def test_warm_imports_the_standard_modules_and_numpy() -> None:
    """After warming, what student code commonly imports is there."""
    warm(["numpy"])
    assert {*STANDARD, "numpy.random", "numpy.testing"} <= sys.modules.keys()


def test_resolve_finds_a_function() -> None:
    """A dotted name gives the function; a wrong one an error that names it."""
    assert resolve("os.path:join")("a", "b") == str(Path("a") / "b")  # type: ignore[operator]
    with pytest.raises(AttributeError, match="absent"):
        resolve("os.path:absent")
