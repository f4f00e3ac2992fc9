"""Landlock: an unprivileged process gives up, for good, every file it does not name."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable

from autograder.sandbox import linux

_EXECUTE, _WRITE, _READ, _LIST, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE | _READ | _TRUNCATE
_RIGHTS_BY_VERSION = {1: 13, 2: 14, 3: 15, 4: 15}  # number of file rights; later versions have 16
_VERSION_QUERY, _PATH_BENEATH = 1, 1


def version() -> int:
    """Return the kernel's Landlock version; raises ``OSError`` when it has none or it is switched off."""
    return linux.syscall("landlock_create_ruleset", None, 0, _VERSION_QUERY)


class Ruleset:
    """Rules under construction; everything that the running kernel can control is refused unless granted."""

    def __init__(self) -> None:
        abi = version()
        self._rights = (1 << _RIGHTS_BY_VERSION.get(abi, 16)) - 1
        network = 3 if abi >= 4 else 0  # bind and connect
        scopes = 3 if abi >= 6 else 0  # abstract sockets and signals
        size = 24 if abi >= 6 else 16 if abi >= 4 else 8
        attributes = struct.pack("=QQQ", self._rights, network, scopes)
        self.fd = linux.syscall("landlock_create_ruleset", attributes, size, 0)

    def grant(self, paths: Iterable[str], *, write: bool = False, list_only: bool = False) -> None:
        """Grant reading of files and everything below folders.

        Args:
            paths: real paths; one that does not exist or is out of reach anyway is passed over.
            write: grant all else as well (of a file: writing it).
            list_only: grant only the names in a folder.
        """
        for path in paths:
            rights = _LIST if list_only else self._rights if write else _EXECUTE | _READ | _LIST
            if not os.path.isdir(path):
                rights &= _FILE_RIGHTS
            try:
                fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except (FileNotFoundError, PermissionError):
                continue
            try:
                linux.syscall("landlock_add_rule", self.fd, _PATH_BENEATH, struct.pack("=Qi", rights & self._rights, fd), 0)
            finally:
                os.close(fd)


def restrict(fd: int) -> None:
    """Confine this thread to the ruleset ``fd``, for good."""
    linux.syscall("landlock_restrict_self", fd, 0)
    os.close(fd)
