"""Reads a Dockerfile and runs its steps without a Docker engine: each stage is a folder, absolute paths of the image lie in it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

OWN = ("/opt", "/src", "/course", "/grades")  # folders that the image makes; all others are the base image's


class Instruction(NamedTuple):
    """One instruction with its continuation lines joined."""

    name: str
    text: str


def parse(text: str) -> list[Instruction]:
    """Return the instructions of a Dockerfile without comments."""
    kept = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n\s*", " ", kept)
    return [Instruction(*line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def ignored(name: str, patterns: list[str]) -> bool:
    """Return whether .dockerignore keeps a path out of the build context: the last pattern that fits decides."""
    result = False
    for pattern in patterns:
        bare = pattern.removeprefix("!").rstrip("/")
        forms = [bare, bare.removeprefix("**/")] if bare.startswith("**/") else [bare]
        parts = name.split("/")
        fits = any(fnmatch("/".join(parts[:n]), form) for n in range(1, len(parts) + 1) for form in forms) or (bare.startswith("**/") and any(fnmatch(p, forms[-1]) for p in parts))
        result = not pattern.startswith("!") if fits else result
    return result


class Image:
    """The last stage of a build: its root folder, and what its instructions say of a container."""

    def __init__(self, root: Path, environment: dict[str, str], settings: dict[str, str]) -> None:
        self.root, self.environment, self.settings = root, environment, settings

    def local(self, text: str) -> str:
        """Return a text with the image's own absolute paths as they lie on this machine."""
        return inside(text, self.root)

    @property
    def command(self) -> list[str]:
        """The words of ENTRYPOINT."""
        return list(json.loads(self.settings["ENTRYPOINT"]))


def inside(text: str, root: Path) -> str:
    """Put the image's own absolute paths below a folder of this machine."""
    return re.sub(rf"(?<![\w./-])(?={'|'.join(f'{path}(?![a-z])' for path in OWN)})", str(root), text)


def build(project: Path, folder: Path, python: Mapping[str, str], arguments: Mapping[str, str] | None = None, *, lend: Callable[[Path], None] = lambda _: None) -> Image:
    """Run a project's Dockerfile.

    Args:
        project: with Dockerfile and .dockerignore.
        folder: gets a folder per stage.
        python: variables for every RUN, such as PATH.
        arguments: build arguments.
        lend: told the ``site-packages`` of each environment after each RUN, to put packages there that an index would give.
    """
    patterns = [line.strip() for line in (project / ".dockerignore").read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
    stages: dict[str, Path] = {}
    root, here, environment, settings = folder, "/", {}, {}
    for name, text in parse((project / "Dockerfile").read_text("utf-8")):
        if name == "FROM":
            words = text.split()
            stage = words[2] if len(words) > 2 else "final"
            root, here, environment, settings = folder / stage, "/", {}, {"FROM": words[0]}
            root.mkdir(parents=True)
            stages[stage] = root
        elif name in ("ENV", "ARG"):
            found = dict(word.split("=", 1) for word in shlex.split(text))
            environment |= found if name == "ENV" else {key: (arguments or {}).get(key, value) for key, value in found.items()}
        elif name == "WORKDIR":
            here = text
            Path(inside(here, root)).mkdir(parents=True, exist_ok=True)
        elif name == "COPY":
            _copy(text.split(), project, stages, root, here, patterns)
        elif name == "RUN":
            script = inside(re.sub(r"--mount=\S+\s*", "", text), root)
            done = subprocess.run(["sh", "-ec", script], cwd=inside(here, root), env={**environment, **python}, capture_output=True, text=True, check=False, timeout=300)
            assert done.returncode == 0, f"RUN {text}\n{done.stdout}{done.stderr}"
            for site in root.glob("opt/*/lib/python*/site-packages"):
                lend(site)
        else:
            settings[name] = text
    return Image(root, environment, {**settings, "WORKDIR": here})


def _copy(words: list[str], project: Path, stages: Mapping[str, Path], root: Path, here: str, patterns: list[str]) -> None:
    stage = next((w.removeprefix("--from=") for w in words if w.startswith("--from=")), None)
    *sources, target = [w for w in words if not w.startswith("--")]
    for source in sources:
        origin = Path(inside(source, stages[stage])) if stage else project / source
        place = Path(inside(os.path.join(here, target), root))
        place = place / origin.name if target.endswith("/") else place
        place.parent.mkdir(parents=True, exist_ok=True)

        def leave_out(where: str, names: list[str]) -> set[str]:
            relative = Path(where).relative_to(project).as_posix()
            return {n for n in names if ignored(f"{relative}/{n}", patterns)}

        assert stage or not ignored(source, patterns), f"{source} is not in the build context"
        if origin.is_dir():
            shutil.copytree(origin, place, symlinks=True, ignore=None if stage else leave_out)
        else:
            shutil.copy2(origin, place)
