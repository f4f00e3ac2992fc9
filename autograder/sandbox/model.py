"""The records that sandbox modules exchange; standard library only, because the zygote imports them too."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Level = Literal["ns", "ll", "none"]
Reason = Literal["killed_by_us", "exited", "cpu", "memory?", "forbidden", "crashed"]


@dataclass(frozen=True)
class Profile:
    """What student code may import and read besides the standard library.

    Args:
        packages: importable top-level packages, such as ``("numpy",)``; what they require comes with them.
        data: a folder that the child finds, read-only, as ``./data``.
        preload: modules that the zygote imports once, so that no child has to.
    """

    packages: tuple[str, ...] = ()
    data: Path | None = None
    preload: tuple[str, ...] = ()


@dataclass(frozen=True)
class Bounds:
    """The limits of one child as plain numbers, in the units of ``autograder.unit.Limits``."""

    cpu_seconds: float
    memory_mb: int
    processes: int
    open_files: int
    file_mb: int
    tmp_mb: int
    output_kb: int


@dataclass(frozen=True)
class Order:
    """What the parent tells a new zygote.

    Args:
        level: how to confine children.
        slot: number of the zygote on this machine; two that run at the same time have different ones.
        packages: top-level packages to show.
        data: folder to show as ``./data``, or an empty string.
        preload: modules to import before the first child.
        sites: folders that third-party packages are installed in.
        project: folder that holds this package; on ``sys.path`` only until the zygote has imported what it needs.
        serve: ``module:function`` that a child runs with its socket.
        cwd: where a child starts when the level cannot make a folder of its own.
        die_with_parent: whether the end of the parent's thread that made the zygote ends it too.
        bounds: limits of one child.
    """

    level: Level
    slot: int
    packages: tuple[str, ...]
    data: str
    preload: tuple[str, ...]
    sites: tuple[str, ...]
    project: str
    serve: str
    cwd: str
    die_with_parent: bool
    bounds: Bounds


@dataclass(frozen=True)
class Death:
    """The kernel's account of a dead child.

    Args:
        status: exit status when it ended by itself, else -1.
        signal: number of the signal that ended it, if one did.
        cpu_seconds: user and system time of all its threads.
        max_rss_kb: the most memory it had resident, the zygote's shared pages included.
        output: what it wrote to its standard output and error, cut and cleaned.
        reason: ``killed_by_us`` (it lived until it was reaped), ``exited``, ``cpu`` (over its CPU seconds), ``memory?``
            (killed by somebody else, as the kernel does when memory runs out), ``forbidden`` (a system call of another
            architecture) or ``crashed`` (another signal).
    """

    status: int
    signal: int | None
    cpu_seconds: float
    max_rss_kb: int
    output: str
    reason: Reason


@dataclass(frozen=True)
class Finding:
    """One row of ``autograder doctor``: what was looked at, whether it is well, what was seen, what would be better."""

    name: str
    ok: bool
    detail: str
    advice: str = field(default="")
