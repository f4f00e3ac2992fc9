"""The confined child: the steps from a fresh fork of the zygote to student code, in the only order in which they work."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass

from autograder.sandbox import landlock, linux, root
from autograder.sandbox.model import Bounds, Level
from autograder.sandbox.view import DEVICES, View

CHANNEL, STATUS, RULES = 3, 4, 5
CONFINED = b"confined"
_MEGABYTE = 1 << 20
_STACK = 64 * _MEGABYTE


_NOTHING = root.Kept()


@dataclass(frozen=True)
class Plan:
    """All that a child needs, decided once by the zygote.

    Args:
        level: how to confine.
        bounds: limits.
        address_space: bytes of address space the zygote itself has; the memory limit is on top of it.
        user: user and group to become, or ``None`` to stay.
        capabilities: bits of the capabilities to keep with that user; Landlock confines them too.
        processes: limit on processes and threads of the user, or ``None`` for no limit.
        program: the system call filter; empty for ``none``.
        ruleset: descriptor of the finished Landlock rules, if they can be made before the fork.
        landlock: whether the kernel has Landlock.
        view: what to show, or ``None`` for ``none``.
        cwd: the folder to start in.
        serve: the function that runs student code for a socket.
        kept: what a private ``/tmp`` must not cover.
    """

    level: Level
    bounds: Bounds
    address_space: int
    user: int | None
    capabilities: int
    processes: int | None
    program: bytes
    ruleset: int | None
    landlock: bool
    view: View | None
    cwd: str
    serve: Callable[[socket.socket], object]
    kept: root.Kept = _NOTHING


def enter(plan: Plan, channel: int, output: int, status: int) -> socket.socket:
    """Confine this process, say so on ``status``, and return the channel to serve.

    Nothing writes to ``STATUS`` after this: the number may by then be a file that student code opened.
    """
    _arrange_descriptors(channel, output, status, plan.ruleset)
    sock = socket.socket(fileno=CHANNEL)
    confine(plan)
    os.write(STATUS, CONFINED)
    os.close(STATUS)
    return sock


def confine(plan: Plan) -> None:
    """Give up what student code must not have; each step still needs what the next one takes away."""
    os.setsid()
    os.umask(0o077)
    rules = RULES if plan.ruleset is not None else None
    if plan.level == "ns":
        root.mount_private_tmp(plan.bounds.tmp_mb, plan.kept)
        if plan.landlock:
            rules = namespace_rules(plan.view)
    os.chdir(plan.cwd)
    _limit(plan)
    if plan.level == "none":
        return
    if plan.user is None:
        linux.drop_capabilities()
    else:
        linux.become(plan.user, plan.capabilities)
    linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of user would have cleared it
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    linux.prctl(linux.PR_SET_DUMPABLE, 0)
    if rules is not None:
        landlock.restrict(rules)
    linux.load_filter(plan.program)


def namespace_rules(view: View | None) -> int:
    """Return Landlock rules for the new root.  Rules name inodes, so they come after the child's ``/tmp`` is mounted."""
    rules = landlock.Ruleset()
    if view is not None:
        rules.grant({os.path.realpath(p) for p in (*view.shown, *view.packages, root.HOME)})
        rules.grant((os.path.realpath(s) for s in view.sites), list_only=True)
    rules.grant(DEVICES)
    rules.grant(("/dev/null", "/tmp"), write=True)  # noqa: S108 - the child's own, mounted just before
    return rules.fd


def _arrange_descriptors(channel: int, output: int, status: int, ruleset: int | None) -> None:
    """Leave input from nowhere, both outputs, channel, status and rules as descriptors 0 to 5, and close all others."""
    null = os.open(os.devnull, os.O_RDONLY)
    wanted = [null, output, output, channel, status, *([] if ruleset is None else [ruleset])]
    high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in wanted]
    for target, fd in enumerate(high):
        os.dup2(fd, target)
    os.closerange(len(wanted), _most_descriptors())


def _most_descriptors() -> int:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return 1 << 16 if soft == resource.RLIM_INFINITY else max(soft, 1 << 16)


def _limit(plan: Plan) -> None:
    bounds = plan.bounds
    values = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: max(1, round(bounds.cpu_seconds)),  # soft = hard, so the kernel sends SIGKILL
        resource.RLIMIT_FSIZE: bounds.file_mb * _MEGABYTE,
        resource.RLIMIT_NOFILE: bounds.open_files,
        resource.RLIMIT_STACK: _STACK,
        # AS, because DATA misses shared anonymous memory.
        resource.RLIMIT_AS: plan.address_space + bounds.memory_mb * _MEGABYTE,
    }
    if plan.level != "none":
        values |= {resource.RLIMIT_MEMLOCK: 0, resource.RLIMIT_MSGQUEUE: 0}
        if plan.processes is not None:
            values[resource.RLIMIT_NPROC] = plan.processes
    for name, value in values.items():
        with contextlib.nullcontext() if plan.level != "none" else contextlib.suppress(OSError, ValueError):
            _, hard = resource.getrlimit(name)
            lowered = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(name, (lowered, lowered))


def is_single_threaded() -> bool:
    """Tell whether this process has one thread, as a process that forks must; where the kernel does not say, Python's count."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except FileNotFoundError:
        return threading.active_count() == 1
