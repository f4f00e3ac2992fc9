"""The system call filter: an allow-list, assembled in plain Python as a BPF program for x86-64 and arm64.

What is not named here fails with ``EPERM``.  File locks, shared memory, keyrings, io_uring, bpf, sockets other than the one
already open, and signals to other processes are left out on purpose: each is a way to another submission or to the grader.
"""

from __future__ import annotations

import errno
import struct
from dataclasses import dataclass

from autograder.sandbox import syscalls

KILL, ERRNO, ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
EPERM, ENOSYS = ERRNO | errno.EPERM, ERRNO | 38  # Linux's ENOSYS, whatever system assembles the program
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

# The most frequent first: the kernel runs the program from the top.
SIMPLE = """
read write recvfrom sendto recvmsg sendmsg readv writev pread64 pwrite64 futex mmap munmap mprotect mremap madvise brk
clock_gettime gettimeofday getrandom rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack sched_yield
close close_range fstat stat lstat newfstatat statx lseek poll ppoll select pselect6
access faccessat faccessat2 pipe pipe2 dup dup2 dup3 sched_getaffinity nanosleep clock_nanosleep clock_getres time times
getpid gettid getppid getuid geteuid getgid getegid getpgrp getpgid getgroups getrlimit getrusage sysinfo uname
fsync fdatasync ftruncate getdents64 getcwd chdir mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 symlink symlinkat
readlink readlinkat creat set_robust_list rseq set_tid_address exit exit_group restart_syscall arch_prctl getcpu
epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd2 alarm setitimer getitimer
""".split()  # noqa: SIM905 - words are easier to read and to change than a list of this length
NOT_IMPLEMENTED = ("clone3", "openat2")  # arguments in memory cannot be judged; ENOSYS makes the C library use the older call
FCNTL_COMMANDS = (0, 1, 2, 3, 4, 1030)  # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC: no locks, leases or seals
# TCGETS, TCGETS2, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX: is it a terminal, how much is there, close on exec
IOCTL_REQUESTS = (0x5401, 0x802C542A, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451)
CLONE_VM_THREAD, CLONE_NAMESPACES = 0x00010100, 0x7E020080
O_ACCMODE_TRUNC, O_TRUNC = 0o1003, 0o1000  # read-only and truncating: Landlock before version 3 would let it pass

_LOAD, _AND, _JEQ, _JGE, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
_NR, _ARCH, _ARGS = 0, 4, 16


@dataclass(frozen=True)
class Instruction:
    """One classic BPF instruction: operation, jump distances when true and false, constant."""

    code: int
    jt: int
    jf: int
    k: int

    def pack(self) -> bytes:
        """Return the kernel's ``struct sock_filter``."""
        return struct.pack("=HBBI", self.code, self.jt, self.jf, self.k)


def _load(offset: int) -> Instruction:
    return Instruction(_LOAD, 0, 0, offset)


def _return(action: int) -> Instruction:
    return Instruction(_RETURN, 0, 0, action)


def _low(argument: int) -> Instruction:
    return _load(_ARGS + 8 * argument)


def _high(argument: int) -> Instruction:
    return _load(_ARGS + 8 * argument + 4)


def _one_of(argument: int, values: tuple[int, ...]) -> list[Instruction]:
    tests = [step for value in values for step in (Instruction(_JEQ, 0, 1, value), _return(ALLOW))]
    return [_low(argument), *tests, _return(EPERM)]


def _masked(argument: int, mask: int, value: int, yes: int, no: int) -> list[Instruction]:
    return [_low(argument), Instruction(_AND, 0, 0, mask), Instruction(_JEQ, 0, 1, value), _return(yes), _return(no)]


def _own_limits_read_only() -> list[Instruction]:
    """Allow ``prlimit64(0, resource, NULL, …)``: this process, and nothing to set."""
    zero = Instruction(_JEQ, 1, 0, 0)
    refuse = _return(EPERM)
    return [_low(0), zero, refuse, _low(2), zero, refuse, _high(2), zero, refuse, _return(ALLOW)]


def _conditional() -> dict[str, list[Instruction]]:
    """Return, by name, the steps that judge a call by its arguments; each ends with a return."""
    return {
        "openat": _masked(2, O_ACCMODE_TRUNC, O_TRUNC, EPERM, ALLOW),
        "open": _masked(1, O_ACCMODE_TRUNC, O_TRUNC, EPERM, ALLOW),
        "fcntl": _one_of(1, FCNTL_COMMANDS),
        "ioctl": _one_of(1, IOCTL_REQUESTS),
        "prlimit64": _own_limits_read_only(),
        "clone": _masked(0, CLONE_VM_THREAD | CLONE_NAMESPACES, CLONE_VM_THREAD, ALLOW, EPERM),
        **{name: [_return(ENOSYS)] for name in NOT_IMPLEMENTED},
    }


def assemble(machine: str) -> list[Instruction]:
    """Return the filter for ``x86_64`` or ``aarch64``."""
    numbers = {"x86_64": syscalls.X86_64, "aarch64": syscalls.AARCH64}[machine]
    program = [_load(_ARCH), Instruction(_JEQ, 1, 0, AUDIT_ARCH[machine]), _return(KILL), _load(_NR)]
    if machine == "x86_64":
        program += [Instruction(_JGE, 0, 1, X32_BIT), _return(KILL)]
    for name in SIMPLE:
        if name in numbers:
            program += [Instruction(_JEQ, 0, 1, numbers[name]), _return(ALLOW)]
    for name, steps in _conditional().items():
        if name in numbers:
            program += [Instruction(_JEQ, 0, len(steps), numbers[name]), *steps]
    return [*program, _return(EPERM)]


def compile_filter() -> bytes:
    """Return this machine's filter as bytes; raises ``OSError`` on a machine it does not know."""
    syscalls.numbers()
    return b"".join(step.pack() for step in assemble(syscalls.machine()))
