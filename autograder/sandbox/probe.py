"""Which levels this machine gives, found by confining a throwaway child, and what would give a better one."""

from __future__ import annotations

import functools
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import get_args

from autograder.errors import SandboxError
from autograder.sandbox import syscalls
from autograder.sandbox.model import Finding, Level, Profile
from autograder.sandbox.zygote import Zygote, project_folder

SAFE: tuple[Level, ...] = ("ns", "ll")
ADVICE: dict[Level, str] = {
    "ns": "run as root, or let users make user namespaces (Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; "
    "Docker: --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined)",
    "ll": "boot a kernel of version 5.13 or later with Landlock (CONFIG_SECURITY_LANDLOCK, and landlock in the lsm= list)",
    "none": "",
}
_ATTEMPTS = "import sys; sys.path.append(sys.argv[1]); from autograder.sandbox.attempts import main; main()"


def available_levels() -> dict[Level, str]:
    """Return for each level an empty string if it works here, else the reason why not."""
    return {level: why_not(level) for level in get_args(Level)}


@functools.cache
def why_not(level: Level) -> str:
    """Confine a throwaway child and return an empty string, or the reason why ``level`` does not work here."""
    from autograder.unit import Limits

    if level != "none" and sys.platform != "linux":
        return f"needs Linux; this is {platform.system()}"
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Zygote(level, Profile(), Limits(), serve="autograder.sandbox.attempts:serve") as zygote,
            zygote.spawn() as sock,
        ):
            Path(folder).chmod(0o755)  # only the sandbox can keep the child from listing it
            sock.settimeout(10)
            sock.sendall(json.dumps({"file": __file__, "folder": folder}).encode())
            worked = json.loads(sock.recv(1 << 16))
    except SandboxError as error:
        return str(error).removeprefix(f"sandbox={level}: ")
    except (OSError, ValueError) as error:
        return f"the self-test gave no answer ({error})"
    return "" if level == "none" or not worked else f"the self-test got through: {', '.join(worked)}"


def choose_level(requested: Level | None) -> Level:
    """Return the level to grade with: the one asked for, else the best that confines.

    Raises:
        SandboxError: the level asked for does not work here, or none does that confines; says what to do.
    """
    if requested is not None:
        if requested not in get_args(Level):
            raise SandboxError(f"sandbox={requested!r} is not a level; the levels are {', '.join(get_args(Level))}")
        reason = why_not(requested)
        if reason:
            raise SandboxError(f"sandbox={requested} does not work here: {reason}. To get it: {ADVICE[requested] or 'use another system'}")
        return requested
    for level in SAFE:
        if not why_not(level):
            return level
    reasons = "; ".join(f"{level}: {why_not(level)}" for level in SAFE)
    raise SandboxError(
        f"no sandbox works here ({reasons}). Use Linux, or ask by name for sandbox=none, which runs student code as you, with your files "
        f"and your network. For ns: {ADVICE['ns']}. For ll: {ADVICE['ll']}"
    )


def diagnose() -> list[Finding]:
    """Return what this machine gives, one row each, for ``autograder doctor``."""
    rows = [
        Finding(
            "kernel",
            ok=sys.platform == "linux",
            detail=f"{platform.system()} {platform.release()}",
            advice="" if sys.platform == "linux" else "only Linux confines",
        ),
        _architecture(),
        *(_linux_findings() if sys.platform == "linux" else []),
        Finding("CPUs", ok=True, detail=f"{len(os.sched_getaffinity(0)) if sys.platform == 'linux' else os.cpu_count()} usable"),
        Finding("BLAS threads", ok=True, detail="1 in every zygote and child, whatever is set here"),
    ]
    return [*rows, *_levels()]


def _architecture() -> Finding:
    name = syscalls.machine()
    known = name in ("x86_64", "aarch64")
    return Finding("architecture", ok=known, detail=name, advice="" if known else "the system call filter knows x86_64 and aarch64 only")


def _linux_findings() -> list[Finding]:
    command = [sys.executable, "-I", "-S", "-B", "-c", _ATTEMPTS, project_folder()]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={}, timeout=60)
    if done.returncode != 0:
        return [Finding("kernel features", ok=False, detail=done.stderr.strip()[-300:], advice="report this")]
    said: dict[str, str] = json.loads(done.stdout)
    for_users = "root needs none" if os.getuid() == 0 else ADVICE["ns"]
    return [
        _row("user namespaces", said["user namespace"], "work", for_users),
        _row("namespaces", said["namespaces"], "work", ADVICE["ns"]),
        _row("Landlock", said["landlock"], f"version {said['landlock version']}", ADVICE["ll"]),
        _row("seccomp", said["seccomp"], "works", "boot a kernel with CONFIG_SECCOMP_FILTER"),
        _user_switch(said["user switch"]),
    ]


def _user_switch(reason: str) -> Finding:
    if os.getuid() != 0:
        return Finding("user switch", ok=True, detail="not root: children stay this user, confined all the same")
    advice = "at level ll children keep the capability to read (Landlock still confines it); install Python where others can read it, not below /root"
    return _row("user switch", reason, "children run as users 60000 and up", advice)


def _row(name: str, reason: str, detail: str, advice: str) -> Finding:
    return Finding(name, ok=not reason, detail=reason or detail, advice=advice if reason else "")


def _levels() -> list[Finding]:
    levels = available_levels()
    rows = [_row(f"level {level}", reason, "works", ADVICE[level]) for level, reason in levels.items()]
    chosen = next((level for level in SAFE if not levels[level]), None)
    better = f"for ns: {ADVICE['ns']}" if chosen == "ll" else ""
    if chosen is None:
        better = f"for ns: {ADVICE['ns']}; for ll: {ADVICE['ll']}; or ask for sandbox=none by name, which does not confine"
    return [*rows, Finding("sandbox", ok=chosen is not None, detail=chosen or "no level that confines", advice=better)]
