"""Which user a child runs as, and how many processes that user may have."""

from __future__ import annotations

import contextlib
import os
import resource
from collections.abc import Callable, Iterable

from autograder.sandbox import linux

FIRST_USER = 60000
_SLACK = 256


def capabilities_to_read(user: int, paths: Iterable[str], cwd: str) -> int | None:
    """Return the capabilities that ``user`` needs to read ``paths`` and enter ``cwd``: none, or reading whatever the bits say.

    The second is for an interpreter below a folder that only root may enter.  It is less than staying root, whose files would be
    the child's own and whose processes the kernel does not count; Landlock decides what is read in both cases.  ``None`` means that
    the user cannot be switched.
    """
    for kept in (0, linux.DAC_READ_SEARCH):
        if _reads(user, kept, tuple(paths), cwd):
            return kept
    return None


def _reads(user: int, kept: int, paths: tuple[str, ...], cwd: str) -> bool:
    def attempt() -> None:
        linux.become(user, kept)
        os.chdir(cwd)
        for path in paths:
            os.close(os.open(path, os.O_RDONLY))

    return _works(attempt)


def _works(attempt: Callable[[], None]) -> bool:
    """Tell by trying in a throwaway process, where an ``OSError`` is a no."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            attempt()
            code = 0
        except OSError:
            pass
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def process_limit(wanted: int, *, private: bool) -> int | None:
    """Return the value for ``RLIMIT_NPROC``, which the kernel compares with *all* processes of a user.

    Args:
        wanted: what one child may have.
        private: whether the user is the child's alone.

    Returns:
        ``wanted`` where nobody else is counted; else that many more than there are, with slack, so that the user's other
        programs do not take it all; ``None`` for user 0 outside, for whom the kernel does not enforce it.
    """
    if private:
        return wanted
    inside, outside = _identity()
    if outside == 0:
        return None
    if inside != outside and _forks_within(wanted):
        return wanted
    return _tasks_of(outside) + wanted + _SLACK


def _identity() -> tuple[int, int]:
    """Return this process's user in its namespace, and what that one is outside of it."""
    user = os.getuid()
    with open("/proc/self/uid_map", encoding="ascii") as mapping:
        rows = [tuple(map(int, line.split())) for line in mapping]
    for inside, outside, count in rows:
        if inside <= user < inside + count:
            return user, outside + user - inside
    return user, user


def _forks_within(limit: int) -> bool:
    """Tell whether the limit leaves out processes outside of this user namespace (Linux 5.14)."""

    def attempt() -> None:
        resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
        inner = os.fork()
        if inner == 0:
            os._exit(0)
        os.waitpid(inner, 0)

    return _works(attempt)


def _tasks_of(user: int) -> int:
    count = 0
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                if os.stat(f"/proc/{entry}").st_uid == user:
                    count += len(os.listdir(f"/proc/{entry}/task"))
    return count
