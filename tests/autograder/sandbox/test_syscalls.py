"""The committed numbers against the kernel's headers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from autograder.sandbox import syscalls
from tests.autograder.sandbox import forbidden

HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}
DEFINITION = re.compile(r"#define __NR(?:3264)?_(\w+) (\d+)\s")


def header_numbers(machine: str) -> dict[str, int]:
    """Return the numbers in this machine's header files; skips where there are none."""
    found = next((Path(p) for p in HEADERS[machine] if Path(p).exists()), None)
    if found is None:
        pytest.skip(f"the kernel headers for {machine} are not installed")
    numbers = {name: int(number) for name, number in DEFINITION.findall(found.read_text())}
    return numbers | ({"newfstatat": numbers["fstatat"]} if "fstatat" in numbers else {})


@pytest.mark.parametrize(
    ("machine", "table"),
    [
        ("x86_64", syscalls.X86_64),
        ("aarch64", syscalls.AARCH64),
        ("x86_64", forbidden.X86_64),
        ("aarch64", forbidden.AARCH64),
    ],
)
def test_numbers_are_the_kernel_s(machine: str, table: dict[str, int]) -> None:
    """Each number is the one in the header."""
    truth = header_numbers(machine)
    known = {name for name in table if name in truth}
    assert {name: table[name] for name in known} == {name: truth[name] for name in known}
    assert len(known) > 0.9 * len(table)  # older headers lack the newest calls


@pytest.mark.parametrize("table", [syscalls.X86_64, syscalls.AARCH64])
def test_numbers_are_distinct(table: dict[str, int]) -> None:
    """No two names share a number."""
    assert len(set(table.values())) == len(table)


@pytest.mark.parametrize(("said", "meant"), [("AMD64", "x86_64"), ("x86_64", "x86_64"), ("arm64", "aarch64"), ("aarch64", "aarch64")])
def test_machine_has_one_name(monkeypatch: pytest.MonkeyPatch, said: str, meant: str) -> None:
    """The systems' different names of an architecture become one."""
    monkeypatch.setattr("platform.machine", lambda: said)
    assert syscalls.machine() == meant


def test_unknown_machine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without a table is named in the error."""
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(OSError, match="riscv64"):
        syscalls.numbers()
