"""Which level is chosen, and what is said when none can be had."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import autograder.sandbox
from autograder.errors import SandboxError
from autograder.sandbox import Finding, Level, available_levels, choose_level, diagnose, probe


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes the machine refuse levels."""

    def refuse(**reasons: str) -> None:
        monkeypatch.setattr(probe, "why_not", lambda level: reasons.get(level, ""))

    return refuse


def test_public_names() -> None:
    """The names that other packages use are these."""
    assert autograder.sandbox.__all__ == ["Death", "Finding", "Level", "Profile", "Zygote", "available_levels", "choose_level", "diagnose"]


def test_importing_needs_no_unix() -> None:
    """A system without Unix's own modules imports the package, has no level, and is told why."""
    program = (
        "import sys, os\n"
        "for name in ('resource', 'fcntl', 'pwd', 'grp', 'termios'):\n    sys.modules[name] = None\n"
        "from autograder.sandbox import *\n"
        "del os.fork\n"
        "sys.platform = 'win32'\n"
        "print(available_levels()['none'])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3])
    assert "cannot fork" in done.stdout, done.stderr


@pytest.mark.parametrize(("reasons", "level"), [({}, "ns"), ({"ns": "refused"}, "ll")])
def test_best_level_is_chosen(machine: Callable[..., None], reasons: dict[str, str], level: Level) -> None:
    """Without a request, the best level that confines is taken."""
    machine(**reasons)
    assert choose_level(None) == level


def test_no_level_is_taken_in_silence(machine: Callable[..., None]) -> None:
    """Where nothing confines, ``none`` is not taken; the message has both reasons and says what to do."""
    machine(ns="unshare: no", ll="no Landlock")
    with pytest.raises(SandboxError, match=r"ns: unshare: no; ll: no Landlock.*sandbox=none.*For ns: run as root"):
        choose_level(None)
    assert choose_level("none") == "none"


@pytest.mark.parametrize("level", ["ns", "ll"])
def test_requested_level_is_never_replaced(machine: Callable[..., None], level: Level) -> None:
    """A level asked for that does not work is an error with its reason, though another would work."""
    machine(**{level: "refused here"})
    with pytest.raises(SandboxError, match=f"sandbox={level} does not work here: refused here. To get it: "):
        choose_level(level)


def test_requested_level_is_taken(machine: Callable[..., None]) -> None:
    """A level asked for by name is taken though a better one works; a name that is none is refused."""
    machine()
    assert [choose_level("ll"), choose_level("none")] == ["ll", "none"]
    with pytest.raises(SandboxError, match="'docker' is not a level"):
        choose_level("docker")  # type: ignore[arg-type]


def test_levels_are_tried() -> None:
    """Each level has an answer; ``none`` works wherever processes fork."""
    levels = available_levels()
    assert list(levels) == ["ns", "ll", "none"]
    assert levels["none"] == ""


def test_self_test_notices_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level whose child could do what it must not is not available: here ``none`` poses as ``ll``."""
    if sys.platform != "linux":
        pytest.skip("only Linux has levels that confine")
    real = probe.Zygote
    monkeypatch.setattr(probe, "Zygote", lambda level, *rest, **names: real("none", *rest, **names))
    assert probe.why_not.__wrapped__("ll").startswith("the self-test got through: read, list, socket, fork")


def test_diagnosis_has_a_row_for_everything() -> None:
    """Each row that is not well says what to do, and the last one names the level."""
    rows = {row.name: row for row in diagnose()}
    assert {"kernel", "architecture", "CPUs", "BLAS threads", "level ns", "level ll", "level none", "sandbox"} <= rows.keys()
    if sys.platform == "linux":
        assert {"user namespaces", "namespaces", "Landlock", "seccomp", "user switch"} <= rows.keys()
    assert all(isinstance(row, Finding) and row.detail for row in rows.values())
    assert all(row.ok or row.advice for row in rows.values())
    assert rows["sandbox"].ok == (rows["level ns"].ok or rows["level ll"].ok)
