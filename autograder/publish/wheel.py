"""Builds the wheel that students install, with the project's own build backend and without a network."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import autograder
from autograder.errors import GraderError, UsageError

_BUILD = "import sys, hatchling.build as backend; print(backend.build_wheel(sys.argv[1]))"
_TIMEOUT = 120.0


def project_root(course: Path) -> Path:
    """Return the folder with this package's ``pyproject.toml``: the course's own, or the checkout that is running.

    Raises:
        UsageError: there is none, because the package was installed without its sources.
    """
    for root in (course, Path(autograder.__file__).resolve().parents[1]):
        if (root / "pyproject.toml").is_file() and (root / "autograder" / "__init__.py").is_file():
            return root
    raise UsageError("the project's pyproject.toml is not here, so its wheel cannot be built; run this from a checkout of the course")


def project(root: Path) -> dict[str, Any]:
    """Return the decoded ``pyproject.toml`` of a project."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))


def build_wheel(root: Path) -> tuple[str, bytes]:
    """Return a wheel's file name and bytes; the same sources give the same bytes.

    Raises:
        UsageError: the build backend is not installed.
        GraderError: the backend failed.
    """
    if importlib.util.find_spec("hatchling") is None:
        wanted = " ".join(project(root)["build-system"]["requires"])
        raise UsageError(f"the wheel for students is built with hatchling, which is not installed; install it with: pip install '{wanted}'")
    with tempfile.TemporaryDirectory(prefix="autograder-wheel-") as folder:
        done = subprocess.run(
            [sys.executable, "-c", _BUILD, folder],
            cwd=root,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=_TIMEOUT,
            check=False,
        )
        wheels = sorted(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            lines = done.stderr.strip().splitlines()
            raise GraderError(f"building the wheel failed: {lines[-1] if lines else f'exit {done.returncode}'}")
        return wheels[0].name, wheels[0].read_bytes()
