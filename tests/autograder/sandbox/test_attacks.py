"""Attacks in real sandboxes: every level that this machine gives, as root and as an ordinary user."""

from __future__ import annotations

import ast
import functools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox import available_levels
from tests.autograder.sandbox import attacks

PROJECT = Path(__file__).parents[3]
ORDINARY_USER = 12345
LINUX = sys.platform == "linux"
LEVELS = ("ns", "ll") if LINUX else ()
USERS = ("root", "user", "bare root") if LINUX and os.getuid() == 0 else ("user",)
RUNS = [(level, user) for level in LEVELS for user in USERS]
ATTACKS = attacks.FILES | attacks.PROCESSES | attacks.RESOURCES

# The kernel does not count the processes of the machine's user 0, and root without CAP_SETUID stays that user: memory is what bounds threads.
KNOWN_GAPS = {("ll", "bare root", "thread bomb"), ("ns", "bare root", "thread bomb")}

runs = pytest.mark.parametrize(("level", "user"), RUNS)


def report(level: str, user: str) -> dict[str, Any]:
    """Return all outcomes for a level and a user; skips, with the reason, what this machine cannot do."""
    answer = _run(level, user)
    if isinstance(answer, str):
        pytest.skip(answer)
    return answer


@functools.cache
def _run(level: str, user: str) -> dict[str, Any] | str:
    """Run all attacks once per level and user; returns the reason where that cannot be done."""
    reason = available_levels()[level]  # type: ignore[index]
    if reason:
        return f"level {level} does not work here: {reason}"
    with tempfile.TemporaryDirectory() as folder:
        places = _places(Path(folder))
        switch = [] if user == "root" or os.getuid() != 0 else [str(ORDINARY_USER) if user == "user" else "0"]
        command = [sys.executable, "-m", "tests.autograder.sandbox.inside", level, json.dumps(places), *switch]
        environment = {"PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=120, env=environment)
    if done.returncode != 0 and switch and "sandbox=ns" in done.stderr:
        return f"{user} cannot have ns here: {done.stderr.strip().splitlines()[-1]}"
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _places(folder: Path) -> dict[str, str]:
    folder.chmod(0o755)
    (folder / "hidden.txt").write_text("the answer is 42")
    (folder / "data").mkdir()
    (folder / "data" / "numbers.txt").write_text("1 2 3")
    return {
        "hidden": str(folder / "hidden.txt"),
        "data": str(folder / "data"),
        "grader": str(PROJECT / "autograder" / "errors.py"),
        "project": str(PROJECT),
    }


@runs
@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_is_refused(level: str, user: str, attack: str) -> None:
    """Every attack of the table is refused."""
    outcome = report(level, user)["outcomes"][attack]
    if (level, user, attack) in KNOWN_GAPS:
        pytest.xfail(f"known gap: {outcome}")
    assert outcome.startswith("refused"), outcome


@runs
def test_system_calls_never_reach_the_kernel(level: str, user: str) -> None:
    """Every forbidden call fails for the filter's reason, not because its arguments were wrong."""
    outcomes = report(level, user)["outcomes"]
    expected = {name: "refused ENOSYS" if name in ("clone3", "openat2") else "refused EPERM" for name in attacks.system_calls()}
    assert {name: outcomes[name] for name in expected} == expected


@runs
@pytest.mark.parametrize("program", attacks.ORDINARY)
def test_ordinary_code_works(level: str, user: str, program: str) -> None:
    """What a course needs goes on working."""
    outcome = report(level, user)["outcomes"][program]
    assert outcome.startswith("DONE"), outcome


@runs
def test_child_survives_its_refusals(level: str, user: str) -> None:
    """Refused attacks do not end the child, and its output is cut at the limit."""
    answer = report(level, user)
    assert answer["reason"] in ("killed_by_us", "exited")
    assert answer["output"] <= 64 * 1024 + 20


@runs
def test_child_is_nobody(level: str, user: str) -> None:
    """The child runs as a user of its own where that can be had, and sees no process above it in ``ns``."""
    answer = report(level, user)
    uid, gid, cwd, parent, host = ast.literal_eval(answer["facts"])
    if level == "ns":
        assert (uid, gid, cwd, parent, host) == (60000, 60000, "/submission", 0, "sandbox")
    else:
        assert uid == gid == {"root": 60000, "bare root": 0}.get(user, uid)
        assert (uid == 0) == (user == "bare root")
