"""Linux primitives through ctypes: namespaces, mounts, capabilities, process controls.

Importing this module needs no Linux; calling it does.  Every function raises ``OSError`` with the name of what failed.
"""

from __future__ import annotations

import ctypes
import functools
import os
import struct
from typing import Any

from autograder.sandbox import syscalls

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = (
    1,
    4,
    8,
    22,
    24,
    38,
    47,
)
DAC_READ_SEARCH = 1 << 2  # capability to read whatever the permission bits say
_MNT_DETACH, _SIGCHLD, _SECCOMP_FILTER, _AMBIENT_CLEAR_ALL, _CAPABILITY_VERSION_3, _LAST_CAPABILITY = 2, 17, 2, 4, 0x20080522, 63


@functools.cache
def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _bytes(text: str | None) -> bytes | None:
    return None if text is None else os.fsencode(text)


def syscall(name: str, *arguments: int | bytes | None) -> int:
    """Call the kernel by number; integers are passed as C longs, bytes as pointers."""
    converted = [ctypes.c_long(a) if isinstance(a, int) else ctypes.c_char_p(a) for a in arguments]
    return _check(int(_libc().syscall(ctypes.c_long(syscalls.numbers()[name]), *converted)), name)


def prctl(option: int, value: int, pointer: Any = 0) -> None:
    """Call ``prctl(option, value, pointer, 0, 0)``."""
    third = pointer or ctypes.c_ulong(0)
    _check(_libc().prctl(option, ctypes.c_ulong(value), third, ctypes.c_ulong(0), ctypes.c_ulong(0)), f"prctl {option}")


def unshare(flags: int) -> None:
    """Move this process into new namespaces."""
    _check(_libc().unshare(flags), "unshare")


def mount(source: str | None, target: str, kind: str | None = None, flags: int = 0, data: str | None = None) -> None:
    """Mount or remount."""
    result = _libc().mount(_bytes(source), _bytes(target), _bytes(kind), ctypes.c_ulong(flags), _bytes(data))
    _check(result, f"mount {kind or source or ''} on {target}")


def change_root(root: str) -> None:
    """Make ``root``, a mount, this process's root and let go of the old one."""
    os.chdir(root)
    syscall("pivot_root", b".", b".")
    _check(_libc().umount2(b".", _MNT_DETACH), "umount of the old root")
    os.chdir("/")


def set_host_name(name: str) -> None:
    """Set the host name of this UTS namespace."""
    _check(_libc().sethostname(name.encode(), ctypes.c_size_t(len(name))), "sethostname")


def fork(namespaces: int) -> int:
    """Fork, the child straight into new namespaces; the caller has one thread.

    ``clone`` is called by number because ``unshare(CLONE_NEWPID)`` works only once in a process.
    """
    if not namespaces:
        return os.fork()
    ctypes.pythonapi.PyOS_BeforeFork()
    keeping_the_lock = ctypes.PyDLL(None, use_errno=True)  # the child must own the interpreter's lock, as after os.fork
    number = ctypes.c_long(syscalls.numbers()["clone"])
    pid = int(keeping_the_lock.syscall(number, ctypes.c_ulong(namespaces | _SIGCHLD), None, None, None, None))
    if pid == 0:
        ctypes.pythonapi.PyOS_AfterFork_Child()
        return 0
    ctypes.pythonapi.PyOS_AfterFork_Parent()
    return _check(pid, "clone")


def map_identity(uid: int, gid: int, inner: int) -> None:
    """Map the only user and group of a new user namespace: ``uid`` and ``gid`` outside are ``inner`` inside."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inner} {uid} 1"), ("gid_map", f"{inner} {gid} 1")):
        fd = os.open(f"/proc/self/{name}", os.O_WRONLY)
        try:
            os.write(fd, text.encode())
        except OSError as error:
            raise OSError(error.errno, f"writing {name} of the new user namespace: {os.strerror(error.errno or 0)}") from error
        finally:
            os.close(fd)


def drop_bounding_set(kept: int = 0) -> None:
    """Empty the bounding set but for the bits ``kept``, and the ambient set, as far as this process may."""
    for capability in range(_LAST_CAPABILITY + 1):
        if not kept >> capability & 1:
            _libc().prctl(PR_CAPBSET_DROP, ctypes.c_ulong(capability), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    _libc().prctl(PR_CAP_AMBIENT, ctypes.c_ulong(_AMBIENT_CLEAR_ALL), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))


def drop_capabilities(kept: int = 0) -> None:
    """Empty the effective, permitted and inheritable sets but for the bits ``kept`` of the first two."""
    syscall("capset", struct.pack("=II", _CAPABILITY_VERSION_3, 0), struct.pack("=6I", kept, kept, 0, 0, 0, 0))


def become(user: int, kept: int = 0) -> None:
    """Change this process's user and groups for good, and drop all capabilities but for the bits ``kept``."""
    if kept:
        prctl(PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    drop_capabilities(kept)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def load_filter(program: bytes) -> None:
    """Install a seccomp filter for this thread, for good."""
    buffer = ctypes.create_string_buffer(program, len(program))
    prctl(PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(_Program(len(program) // 8, ctypes.addressof(buffer))))
