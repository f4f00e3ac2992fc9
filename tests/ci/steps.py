"""Runs the shell steps of a workflow file as a runner would, with this machine's packages in place of an index."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


def workflow(path: Path) -> dict[str, Any]:
    """Return a decoded workflow file; its key ``on`` stays a text."""
    return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)


def evaluate(text: str, known: Mapping[str, str]) -> str:
    """Fill in expressions: ``a || b`` of known names and quoted texts; an unknown name is empty."""

    def value(match: re.Match[str]) -> str:
        for term in match[1].split("||"):
            word = term.strip()
            found = word[1:-1] if word.startswith("'") else known.get(word, "")
            if found:
                return found
        return ""

    return _EXPRESSION.sub(value, text)


def lend_packages(site: Path) -> None:
    """Make this machine's packages count as installed in another environment, but not this project itself.

    What a sandbox shows lies there as real files, as after an installation; everything else is a link.
    """
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if re.match(r"_?autograder|__editable__|.*\.pth$", entry.name) or (site / entry.name).exists():
            continue
        if entry.name.startswith("numpy"):
            shutil.copytree(entry, site / entry.name, copy_function=_link_or_copy)
        else:
            (site / entry.name).symlink_to(entry)


def _link_or_copy(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def offline_python(folder: Path) -> Path:
    """Make an environment of its own in which this machine's packages count as installed, and return its interpreter."""
    venv.create(folder, with_pip=False, symlinks=True)
    lend_packages(Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)})))
    python = folder / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "--version"], check=True, capture_output=True)
    return python


class Runner:
    """A runner of one job.

    Args:
        folder: the checkout.
        python: whose folder comes first on PATH.
        environment: the job's variables.
    """

    def __init__(self, folder: Path, python: Path, environment: Mapping[str, str]) -> None:
        self.folder, self.files = folder, folder.parent / "runner"
        self.files.mkdir(exist_ok=True)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_CONFIG", "PYTHON")) or k == "GIT_CONFIG_NOSYSTEM"}
        offline = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONWARNINGS": "ignore"}
        runner = {"GITHUB_WORKSPACE": str(folder), **{name: str(self.files / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_STEP_SUMMARY")}}
        self.environment = {**kept, **offline, **runner, **environment, "PATH": f"{python.parent}{os.pathsep}{kept['PATH']}"}

    def run(self, script: str, environment: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a step's script with the options a runner uses, and take up what it wrote for later steps."""
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
            cwd=self.folder, env={**self.environment, **(environment or {})}, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        added = self.files / "github_env"
        for line in added.read_text("utf-8").splitlines() if added.is_file() else ():
            name, _, text = line.partition("=")
            self.environment[name] = text
        return done

    def outputs(self) -> dict[str, str]:
        """Return the outputs of all steps."""
        path = self.files / "github_output"
        return dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines()) if path.is_file() else {}


assert sys.platform != "win32", "shell steps are those of a Linux runner"
