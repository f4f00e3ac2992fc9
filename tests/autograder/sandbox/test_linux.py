"""Primitives, each tried in a process of its own; namespaces and mounts are tried by ``test_attacks`` as a whole."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from autograder.sandbox import linux, seccomp
from tests.autograder.sandbox import throwaway

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


def status(field: str) -> str:
    """Return a field of this process's status."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))


def test_failing_call_names_itself() -> None:
    """An error says which call failed and why."""
    assert (
        throwaway.run(lambda: linux.mount("/absent", "/absent2"))
        == f"FileNotFoundError: [Errno {errno.ENOENT}] mount /absent on /absent2: No such file or directory"
    )
    assert throwaway.run(lambda: linux.prctl(99999, 0)) == f"OSError: [Errno {errno.EINVAL}] prctl 99999: Invalid argument"


def test_capabilities_are_dropped() -> None:
    """After dropping, no capability is left in any set."""

    def drop() -> list[str]:
        linux.drop_bounding_set()
        linux.drop_capabilities()
        return [status(f"Cap{name}").lstrip("0") for name in ("Inh", "Prm", "Eff", "Bnd" if os.getuid() == 0 else "Eff", "Amb")]

    assert throwaway.run(drop) == str([""] * 5)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root")
@pytest.mark.parametrize("kept", [0, linux.DAC_READ_SEARCH])
def test_become_leaves_root_for_good(kept: int) -> None:
    """Another user keeps just the capabilities asked for and cannot go back."""

    def become() -> object:
        linux.become(60001, kept)
        try:
            os.setuid(0)
        except PermissionError:
            return os.getresuid(), os.getresgid(), os.getgroups(), int(status("CapEff"), 16), int(status("CapPrm"), 16)
        return "went back"

    assert throwaway.run(become) == str(((60001,) * 3, (60001,) * 3, [], kept, kept))


def test_filter_is_loaded() -> None:
    """With the filter loaded, what it allows works and what it does not fails."""

    def load() -> str:
        linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
        linux.load_filter(seccomp.compile_filter())
        os.getpid()
        os.kill(os.getpid(), 0)
        return "signals work"

    assert throwaway.run(load) == f"PermissionError: [Errno {errno.EPERM}] Operation not permitted"


def test_plain_fork_is_python_s() -> None:
    """Without namespaces a fork is an ordinary one."""
    pid = linux.fork(0)
    if pid == 0:
        os._exit(7)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
