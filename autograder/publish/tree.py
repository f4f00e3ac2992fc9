"""What the students' repository holds: content by path, made from the course and its locks."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import jinja2

from autograder.authoring.build import assignment_files
from autograder.course import Course
from autograder.errors import UsageError
from autograder.publish.untouched import MANIFEST, digest
from autograder.publish.wheel import build_wheel, project, project_root
from autograder.unit import Unit

WHEELS = "wheels"
PLAN = "checks/plan.bin"
# What locked packages need on other systems than the one the lock was made on.
_ELSEWHERE = ('colorama==0.4.6 ; sys_platform == "win32"',)
_TEMPLATES = {
    "README.md": "README.md.j2",
    ".github/workflows/checks.yml": "checks.yml",
    ".gitlab-ci.yml": "gitlab-ci.yml",
    ".gitignore": "gitignore",
    ".gitattributes": "gitattributes",
}


def student_tree(course: Course, units: Sequence[str]) -> dict[str, bytes]:
    """Return every file of the students' repository: content by path with forward slashes, sorted.

    Args:
        course: the course.
        units: the units to publish.

    Raises:
        UsageError: an assignment is missing or out of step with its reference, or the wheel cannot be built.
    """
    known = [course.unit(name) for name in units]
    root = project_root(course.root)
    wheel, content = build_wheel(root)
    files = {f"{WHEELS}/{wheel}": content, "LICENSE": (root / "LICENSE").read_bytes()}
    for unit in known:
        files |= {f"assignments/{unit.name}/{name}": data for name, data in _assignment(course, unit).items()}
    files |= _requirements(root, wheel, torch=any("torch" in unit.runtimes for unit in known))
    for name, template in _TEMPLATES.items():
        files[name] = _rendered(template, units=known, wheel=wheel, torch="requirements-torch.txt" in files).encode()
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(files.items())}
    untouched = {name: digest(data) for name, data in sorted(files.items()) if name.endswith(".ipynb")}
    files[MANIFEST] = (json.dumps({"units": list(units), "untouched": untouched, "sha256": hashes}, indent=1) + "\n").encode()
    return dict(sorted(files.items()))


def _assignment(course: Course, unit: Unit) -> dict[str, bytes]:
    """Return a unit's committed assignment; everything but the stored examples is compared with what the build makes now."""
    folder = course.assignment(unit.name)
    made = assignment_files(course.solutions(unit.name), course.tests(unit.name), unit)
    names = [*made, PLAN]
    if missing := [name for name in names if not (folder / name).is_file()]:
        raise UsageError(f"assignments/{unit.name}: {missing[0]} is missing; run 'autograder build {unit.name}'")
    found = {name: (folder / name).read_bytes() for name in names}
    if stale := [name for name in made if found[name] != made[name]]:
        raise UsageError(f"assignments/{unit.name}: {stale[0]} is out of step with the reference; run 'autograder build {unit.name}'")
    return found


def _requirements(root: Path, wheel: str, *, torch: bool) -> dict[str, bytes]:
    lock = [line for line in (root / "requirements" / "core.lock").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    core = [
        "# The course's package and everything it needs, in exact versions.  Run pip in this folder.",
        f"./{WHEELS}/{wheel}",
        *lock,
        *_ELSEWHERE,
    ]
    files = {"requirements.txt": _lines(core)}
    if torch:
        wanted = project(root)["project"]["optional-dependencies"]["torch"]
        head = "# For the units that use PyTorch; on Linux without a GPU, its CPU build is smaller (see README.md)."
        files["requirements-torch.txt"] = _lines([head, *map(_exact, wanted)])
    return files


def _exact(requirement: str) -> str:
    """Return a requirement with the version that is installed here, so that students have what the course was tested with."""
    name = re.split(r"[<>=!~]", requirement, maxsplit=1)[0].strip()
    try:
        return requirement if "==" in requirement else f"{name}=={version(name)}"
    except PackageNotFoundError:
        return requirement


def _lines(lines: Sequence[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode()


def _rendered(template: str, *, units: Sequence[Unit], wheel: str, torch: bool) -> str:
    text = resources.files("autograder.publish").joinpath("templates", template).read_text("utf-8")
    if not template.endswith(".j2"):
        return text
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, autoescape=False)  # noqa: S701 - Markdown of the course's own words
    environment.trim_blocks = environment.lstrip_blocks = environment.keep_trailing_newline = True
    return environment.from_string(text).render(units=units, wheel=wheel, torch=torch)
