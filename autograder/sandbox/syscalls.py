"""System call numbers of the two supported architectures, from the kernel's ``unistd`` headers (a test compares them).

A name that is in one table only does not exist on the other architecture: arm64 has only the newer ``*at`` forms.
"""

from __future__ import annotations

import platform
import sys

# fmt: off
X86_64: dict[str, int] = {
    "read": 0, "write": 1, "readv": 19, "writev": 20, "pread64": 17, "pwrite64": 18, "recvfrom": 45, "sendto": 44, "recvmsg": 47,
    "sendmsg": 46, "close": 3, "close_range": 436, "fstat": 5, "stat": 4, "lstat": 6, "newfstatat": 262, "statx": 332, "lseek": 8,
    "poll": 7, "ppoll": 271, "select": 23, "pselect6": 270, "mmap": 9, "munmap": 11, "mprotect": 10, "mremap": 25, "madvise": 28,
    "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131, "access": 21, "faccessat": 269,
    "pipe": 22, "pipe2": 293, "dup": 32, "dup2": 33, "dup3": 292, "sched_yield": 24, "sched_getaffinity": 204, "nanosleep": 35,
    "clock_nanosleep": 230, "clock_gettime": 228, "clock_getres": 229, "gettimeofday": 96, "time": 201, "times": 100, "getpid":
    39, "gettid": 186, "getppid": 110, "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108, "getpgrp": 111, "getpgid":
    121, "getgroups": 115, "getrlimit": 97, "getrusage": 98, "sysinfo": 99, "uname": 63, "fsync": 74, "fdatasync": 75,
    "ftruncate": 77, "getdents64": 217, "getcwd": 79, "chdir": 80, "mkdir": 83, "mkdirat": 258, "rmdir": 84, "unlink": 87,
    "unlinkat": 263, "rename": 82, "renameat": 264, "renameat2": 316, "symlinkat": 266, "symlink": 88, "readlink": 89,
    "readlinkat": 267, "futex": 202, "set_robust_list": 273, "rseq": 334, "set_tid_address": 218, "exit": 60, "exit_group": 231,
    "getrandom": 318, "epoll_create1": 291, "epoll_ctl": 233, "epoll_wait": 232, "epoll_pwait": 281, "eventfd2": 290,
    "restart_syscall": 219, "arch_prctl": 158, "getcpu": 309, "alarm": 37, "setitimer": 38, "getitimer": 36, "open": 2, "openat":
    257, "creat": 85, "fcntl": 72, "ioctl": 16, "prlimit64": 302, "clone": 56, "clone3": 435, "openat2": 437, "faccessat2": 439,
    "pivot_root": 155, "capset": 126, "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446,
    "seccomp": 317,
}

AARCH64: dict[str, int] = {
    "read": 63, "write": 64, "readv": 65, "writev": 66, "pread64": 67, "pwrite64": 68, "recvfrom": 207, "sendto": 206, "recvmsg":
    212, "sendmsg": 211, "close": 57, "close_range": 436, "fstat": 80, "newfstatat": 79, "statx": 291, "lseek": 62, "ppoll": 73,
    "pselect6": 72, "mmap": 222, "munmap": 215, "mprotect": 226, "mremap": 216, "madvise": 233, "brk": 214, "rt_sigaction": 134,
    "rt_sigprocmask": 135, "rt_sigreturn": 139, "sigaltstack": 132, "faccessat": 48, "pipe2": 59, "dup": 23, "dup3": 24,
    "sched_yield": 124, "sched_getaffinity": 123, "nanosleep": 101, "clock_nanosleep": 115, "clock_gettime": 113, "clock_getres":
    114, "gettimeofday": 169, "times": 153, "getpid": 172, "gettid": 178, "getppid": 173, "getuid": 174, "geteuid": 175, "getgid":
    176, "getegid": 177, "getpgid": 155, "getgroups": 158, "getrlimit": 163, "getrusage": 165, "sysinfo": 179, "uname": 160,
    "fsync": 82, "fdatasync": 83, "ftruncate": 46, "getdents64": 61, "getcwd": 17, "chdir": 49, "mkdirat": 34, "unlinkat": 35,
    "renameat": 38, "renameat2": 276, "symlinkat": 36, "readlinkat": 78, "futex": 98, "set_robust_list": 99, "rseq": 293,
    "set_tid_address": 96, "exit": 93, "exit_group": 94, "getrandom": 278, "epoll_create1": 20, "epoll_ctl": 21, "epoll_pwait":
    22, "eventfd2": 19, "restart_syscall": 128, "getcpu": 168, "setitimer": 103, "getitimer": 102, "openat": 56, "fcntl": 25,
    "ioctl": 29, "prlimit64": 261, "clone": 220, "clone3": 435, "openat2": 437, "faccessat2": 439, "pivot_root": 41, "capset": 91,
    "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446, "seccomp": 277,
}

# fmt: on


def machine() -> str:
    """Return ``x86_64``, ``aarch64`` or, where no filter exists, the machine's own name."""
    name = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    return name if sys.maxsize > 2**32 else f"{name} (32-bit interpreter)"


def numbers() -> dict[str, int]:
    """Return the table of this machine; raises ``OSError`` where there is none."""
    tables = {"x86_64": X86_64, "aarch64": AARCH64}
    if machine() not in tables:
        raise OSError(f"no system call table for machine={machine()!r}, only for {', '.join(tables)}")
    return tables[machine()]
