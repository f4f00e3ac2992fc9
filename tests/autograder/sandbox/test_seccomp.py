"""The filter's decisions on both architectures, by interpreting its program; the kernel's own view of it is in ``test_attacks``."""

from __future__ import annotations

import struct

import pytest

from autograder.sandbox import seccomp, syscalls
from tests.autograder.sandbox import forbidden

TABLES = {"x86_64": syscalls.X86_64, "aarch64": syscalls.AARCH64}
FORBIDDEN = {"x86_64": forbidden.X86_64, "aarch64": forbidden.AARCH64}
MACHINES = tuple(TABLES)
SETUP_ONLY = {"pivot_root", "capset", "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self", "seccomp"}
READ_ONLY, TRUNCATE = 0, 0o1000

machines = pytest.mark.parametrize("machine", MACHINES)


def decide(machine: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """Interpret the filter for one call and return its action."""
    values = [a & (2**64 - 1) for a in (*arguments, 0, 0, 0, 0, 0, 0)][:6]
    data = struct.pack("<IIQ6Q", number, seccomp.AUDIT_ARCH[machine] if arch is None else arch, 0, *values)
    program = b"".join(step.pack() for step in seccomp.assemble(machine))
    at, accumulator = 0, 0
    for _ in range(len(program) // 8):
        code, yes, no, constant = struct.unpack_from("<HBBI", program, at * 8)
        at += 1
        if code == 0x06:
            return int(constant)
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, constant)[0]
        elif code == 0x54:
            accumulator &= constant
        elif code == 0x15:
            at += yes if accumulator == constant else no
        elif code == 0x35:
            at += yes if accumulator >= constant else no
        else:
            raise AssertionError(f"unknown instruction {code:#x}")
    raise AssertionError("the program does not return")


@machines
def test_program_is_well_formed(machine: str) -> None:
    """The program fits the kernel's limit, each jump stays inside, and its last step refuses."""
    steps = seccomp.assemble(machine)
    assert len(steps) < 4096
    assert all(i + 1 + max(s.jt, s.jf) < len(steps) for i, s in enumerate(steps) if s.code in (0x15, 0x35))
    assert steps[-1].k == seccomp.EPERM


@machines
def test_listed_calls_are_allowed(machine: str) -> None:
    """Every call of the allow-list that the architecture has is allowed."""
    for name in seccomp.SIMPLE:
        if name in TABLES[machine]:
            assert decide(machine, TABLES[machine][name]) == seccomp.ALLOW, name


@machines
def test_forbidden_calls_are_refused(machine: str) -> None:
    """Every call that could reach another submission fails with EPERM."""
    for name, number in FORBIDDEN[machine].items():
        assert decide(machine, number) == seccomp.EPERM, name


@machines
def test_all_other_numbers_are_refused(machine: str) -> None:
    """A number that the table does not name is refused, those of calls not yet invented included."""
    named = set(TABLES[machine].values())
    for number in {*range(1000)} - named:
        assert decide(machine, number) == seccomp.EPERM, number


@machines
def test_setup_calls_are_refused_to_students(machine: str) -> None:
    """What only the confinement itself needs is refused afterwards."""
    assert {decide(machine, TABLES[machine][name]) for name in SETUP_ONLY} == {seccomp.EPERM}


@machines
def test_other_architectures_are_killed(machine: str) -> None:
    """A call by another architecture's convention ends the process, because its numbers mean other calls."""
    others = {*seccomp.AUDIT_ARCH.values(), 0x40000003, 0x40000028} - {seccomp.AUDIT_ARCH[machine]}  # i386 and arm as well
    assert {decide(machine, TABLES[machine]["read"], arch=arch) for arch in others} == {seccomp.KILL}


def test_x32_is_killed() -> None:
    """The x32 convention of x86-64 ends the process."""
    assert decide("x86_64", seccomp.X32_BIT | syscalls.X86_64["read"]) == seccomp.KILL


@machines
@pytest.mark.parametrize(
    ("name", "arguments", "action"),
    [
        ("clone", (0x3D0F00,), seccomp.ALLOW),  # as pthread_create calls it
        ("clone", (17,), seccomp.EPERM),  # fork
        ("clone", (0x4111,), seccomp.EPERM),  # vfork
        ("clone", (0x10000,), seccomp.EPERM),  # a thread without shared memory
        ("clone", (0x3D0F00 | 0x10000000,), seccomp.EPERM),  # with a user namespace
        ("clone", (0x3D0F00 | 0x80,), seccomp.EPERM),  # with a time namespace
        ("clone3", (), seccomp.ENOSYS),
        ("openat2", (), seccomp.ENOSYS),
        ("fcntl", (3, 1), seccomp.ALLOW),  # F_GETFD
        ("fcntl", (3, 1030), seccomp.ALLOW),  # F_DUPFD_CLOEXEC
        ("fcntl", (3, 5), seccomp.EPERM),  # F_GETLK
        ("fcntl", (3, 6), seccomp.EPERM),  # F_SETLK
        ("fcntl", (3, 37), seccomp.EPERM),  # F_OFD_SETLK
        ("fcntl", (3, 1024), seccomp.EPERM),  # F_SETLEASE
        ("fcntl", (3, 1031), seccomp.EPERM),  # F_SETPIPE_SZ
        ("fcntl", (3, 1033), seccomp.EPERM),  # F_ADD_SEALS
        ("ioctl", (1, 0x5401), seccomp.ALLOW),  # TCGETS
        ("ioctl", (1, 0x5412), seccomp.EPERM),  # TIOCSTI
        ("ioctl", (1, 0x40086602), seccomp.EPERM),  # FS_IOC_SETFLAGS
        ("prlimit64", (0, 7, 0, 4096), seccomp.ALLOW),
        ("prlimit64", (1, 7, 0, 4096), seccomp.EPERM),
        ("prlimit64", (0, 7, 4096, 0), seccomp.EPERM),
        ("prlimit64", (0, 7, 1 << 32, 0), seccomp.EPERM),  # a pointer whose lower half is zero
        ("openat", (-100, 0, READ_ONLY), seccomp.ALLOW),
        ("openat", (-100, 0, 0o101 | TRUNCATE), seccomp.ALLOW),
        ("openat", (-100, 0, READ_ONLY | TRUNCATE), seccomp.EPERM),
    ],
)
def test_arguments_decide(machine: str, name: str, arguments: tuple[int, ...], action: int) -> None:
    """Calls that are allowed in part are judged by their arguments, alike on both architectures."""
    assert decide(machine, TABLES[machine][name], *arguments) == action


def test_old_open_is_judged_like_openat() -> None:
    """The call that only x86-64 has follows the same rule."""
    assert decide("x86_64", syscalls.X86_64["open"], 0, READ_ONLY | TRUNCATE) == seccomp.EPERM
    assert decide("x86_64", syscalls.X86_64["open"], 0, READ_ONLY) == seccomp.ALLOW


def test_architectures_agree_by_name() -> None:
    """A call that both architectures have meets the same decision on both."""
    for tables in (TABLES, FORBIDDEN):
        for name in tables["x86_64"].keys() & tables["aarch64"].keys():
            assert decide("x86_64", tables["x86_64"][name]) == decide("aarch64", tables["aarch64"][name]), name


@machines
def test_no_rule_is_lost(machine: str) -> None:
    """Every allowed name is a call of at least one architecture, and what arm64 lacks is an old form only."""
    missing = {name for name in seccomp.SIMPLE if name not in TABLES[machine]}
    old_forms = set("stat lstat poll select access pipe dup2 time getpgrp mkdir rmdir unlink rename symlink readlink creat".split())  # noqa: SIM905
    assert missing == (set() if machine == "x86_64" else old_forms | {"arch_prctl", "epoll_wait", "alarm"})


def test_compiles_for_this_machine() -> None:
    """The bytes for this machine are its program's, eight to an instruction."""
    if syscalls.machine() not in TABLES:
        pytest.skip(f"no table for {syscalls.machine()}")
    assert len(seccomp.compile_filter()) == 8 * len(seccomp.assemble(syscalls.machine()))
