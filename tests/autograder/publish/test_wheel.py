"""Tests of the students' wheel."""

from __future__ import annotations

import importlib.util
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest

from autograder import __version__
from autograder.errors import GraderError, UsageError
from autograder.publish import wheel
from autograder.publish.wheel import build_wheel, project_root

ROOT = Path(__file__).resolve().parents[3]


def test_the_wheel_holds_the_package_and_nothing_else() -> None:
    """The wheel has the package's modules and templates, installs on any system, and holds no test and no solution."""
    name, content = build_wheel(ROOT)
    assert name == f"autograder-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    assert {"autograder/student.py", "autograder/feedback/templates/exercise.html", "autograder/publish/templates/checks.yml"} <= set(names)
    assert {n.split("/")[0] for n in names} == {"autograder", f"autograder-{__version__}.dist-info"}
    assert not [n for n in names if "__pycache__" in n]


def test_the_same_sources_give_the_same_bytes(tmp_path: Path) -> None:
    """Building twice gives one wheel, so that publishing twice changes nothing."""
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__init__.py").write_text('__version__ = "0.1.0"\n')
    assert build_wheel(tmp_path) == build_wheel(tmp_path)


def test_a_course_without_the_package_takes_the_running_one(tmp_path: Path) -> None:
    """The wheel is built from the course's checkout, or from the one that is running."""
    assert project_root(ROOT) == ROOT
    assert project_root(tmp_path) == ROOT


def test_an_installed_package_without_sources_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no pyproject.toml is at hand, the message says what to run this from."""
    monkeypatch.setattr(wheel.autograder, "__file__", str(tmp_path / "site" / "autograder" / "__init__.py"))
    with pytest.raises(UsageError, match="from a checkout"):
        project_root(tmp_path)


def test_a_missing_build_backend_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without hatchling the message names the version to install."""
    real = importlib.util.find_spec

    def find(name: str, *rest: Any) -> Any:
        return None if name == "hatchling" else real(name, *rest)

    monkeypatch.setattr(importlib.util, "find_spec", find)
    with pytest.raises(UsageError, match="pip install 'hatchling=="):
        build_wheel(ROOT)


def test_a_failing_build_is_our_error(tmp_path: Path) -> None:
    """What the backend says last is in the message."""
    (tmp_path / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling"]\n[project]\nname = "autograder"\n')
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__init__.py").touch()
    with pytest.raises(GraderError, match="building the wheel failed: .*version"):
        build_wheel(tmp_path)
