"""Tests of the grading image: linted, and built and run step by step without a Docker engine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder import __version__
from autograder.course import Course
from autograder.errors import SandboxError
from autograder.grading.journal import read_records
from autograder.sandbox import choose_level
from tests.ci.dockerfile import Image, build, ignored, parse
from tests.ci.steps import lend_packages
from tests.conftest import TINY

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "Dockerfile"
BIN = Path(sys.executable).parent


def test_hadolint_accepts_the_dockerfile(tmp_path: Path) -> None:
    """The linter finds nothing; a package installed without a version, or a missing user, would be found."""
    done = subprocess.run([BIN / "hadolint", DOCKERFILE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    broken = tmp_path / "Dockerfile"
    broken.write_text(DOCKERFILE.read_text("utf-8").replace("# hadolint ignore=DL3008\n", ""))
    assert "DL3008" in subprocess.run([BIN / "hadolint", broken], capture_output=True, text=True, check=False).stdout


def test_the_image_is_not_root_and_holds_no_course() -> None:
    """It runs as a user of its own by number, and neither solutions, hidden tests, secrets nor history get into a layer."""
    instructions = parse(DOCKERFILE.read_text("utf-8"))
    last = [i for n, i in enumerate(instructions) if not any(later.name == "FROM" for later in instructions[n + 1 :])]
    assert [i.text for i in last if i.name == "USER"] == ["65532:65532"]
    assert not [i for i in instructions if i.name == "ADD" or "secret" in i.text.lower()]
    copied = {word for i in instructions if i.name == "COPY" and "--from" not in i.text for word in i.text.split()[:-1]}
    assert copied == {"requirements/core.lock", "pyproject.toml", "README.md", "LICENSE", "autograder"}
    patterns = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and not line.startswith("#")]
    for name in ("solutions/u03_backprop/u03_backprop.py", "tests/units/u03_backprop/hidden/test_layers.py", ".autograder/secret", ".git/config", ".venv/bin/python", "roster.csv", "grades/results.jsonl"):
        assert ignored(name, patterns), name
    assert ignored("autograder/__pycache__/cli.cpython-311.pyc", patterns)
    for name in ("autograder/cli.py", "autograder/publish/templates/checks.yml", "requirements/core.lock", "pyproject.toml"):
        assert not ignored(name, patterns), name


def test_bases_are_one_fixed_release() -> None:
    """All stages stand on the same base, named with its version and its Debian release."""
    bases = {i.text.split()[0] for i in parse(DOCKERFILE.read_text("utf-8")) if i.name == "FROM"}
    assert bases == {"python:3.11-slim-bookworm"}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """The image, built with this machine's Python and packages; Debian's package manager is a recorder."""
    folder = tmp_path_factory.mktemp("image")
    tools = folder / "tools"
    tools.mkdir()
    (tools / "python").symlink_to(Path(sys.base_prefix) / "bin" / "python3")
    for name, body in (("apt-get", f'echo "$@" >> {folder}/apt.log'), ("install", 'args=""; for a in "$@"; do case "$a" in --owner=*|--group=*) ;; *) args="$args $a";; esac; done; exec /usr/bin/install $args')):
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    variables = {"PATH": f"{tools}:/usr/bin:/bin", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "HOME": str(folder), "PYTHONWARNINGS": "ignore"}
    built = build(ROOT, folder / "stages", variables, lend=lend_packages)
    assert (folder / "apt.log").read_text().splitlines() == ["update", "install --yes --no-install-recommends ca-certificates git openssh-client"]
    return built


def run(image: Image, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the image's command as a container would, with its variables and in its folder."""
    environment = {name: image.local(value) for name, value in image.environment.items()} | {"HOME": "/tmp", "PYTHONPATH": ""} | variables
    program = image.root / "opt" / "autograder" / "bin" / image.command[0]
    return subprocess.run([str(program), *words], cwd=image.local(image.settings["WORKDIR"]), env=environment, capture_output=True, text=True, check=False, timeout=300)


def test_every_step_runs(image: Image) -> None:
    """The lock is installed, the package is built, and the command found on PATH is the package's own."""
    done = run(image, "--version")
    assert (done.returncode, done.stdout.strip()) == (0, __version__)
    site = next((image.root / "opt" / "autograder" / "lib").glob("python*")) / "site-packages"
    assert (site / "autograder" / "cli.py").is_file()
    assert not list(image.root.rglob("solutions"))
    assert image.environment["PATH"].split(":")[0] == "/opt/autograder/bin"


def test_a_read_only_course_is_graded(image: Image, own_course: Course, tiny_notebook: Callable[..., bytes]) -> None:
    """With the course mounted read-only, the secret in the environment and the ``ll`` sandbox, a submission is graded and nothing is written to the course."""
    try:
        choose_level("ll")
    except SandboxError as error:
        pytest.skip(f"this machine gives no sandbox ll: {error}")
    submission = image.root / "grades" / "in" / "ada" / TINY / f"{TINY}.ipynb"
    submission.parent.mkdir(parents=True)
    submission.write_bytes(tiny_notebook())
    (own_course.root / ".autograder" / "secret").unlink()
    (own_course.root / ".autograder").rmdir()
    before = sorted(own_course.root.rglob("*"))
    folders = [own_course.root, *(p for p in before if p.is_dir())]
    for path in folders:
        path.chmod(0o555)
    try:
        done = run(image, "grade", TINY, "in", "--out", "out", "--jobs", "1", "--sandbox", "ll", AUTOGRADER_COURSE=str(own_course.root), AUTOGRADER_SECRET="s3cret")
    finally:
        for path in folders:
            path.chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    (record,) = read_records(image.root / "grades" / "out")
    assert (record.score, record.sandbox) == (100.0, "ll")
    if os.geteuid() != 0:  # root writes where modes forbid it
        assert sorted(own_course.root.rglob("*")) == before
