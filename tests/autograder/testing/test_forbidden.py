"""Tests of what an exercise asks to do without."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.channel.functions import Program
from autograder.channel.names import names_by_definition
from autograder.testing.forbidden import _reached, forbidden_uses, refused_tests

from .students import case_of

BOTH = ("rows", "columns")
TWICE = Program("def twice(A):\n    return rows(rows(A))")


def uses(*cells: str, functions: tuple[str, ...] = BOTH) -> dict[str, str]:
    """Return which functions use ``@`` or ``numpy.dot``."""
    return forbidden_uses(functions, ("@", "numpy.dot"), [names_by_definition(cell) for cell in cells])


FREE = "def columns(A): return A.sum()\n"


@pytest.mark.parametrize(
    ("cell", "guilty"),
    [
        (FREE + "def rows(A): return A @ A", {"rows": "@"}),
        (FREE + "def rows(A):\n    A @= A\n    return A", {"rows": "@"}),
        (FREE + "def rows(A): return np.dot(A, A)", {"rows": "numpy.dot"}),
        (FREE + "def _help(A): return np.dot(A, A)\ndef rows(A): return _help(A)", {"rows": "numpy.dot"}),
        (FREE + "def _a(A): return _b(A)\ndef _b(A): return _a(A) @ A\ndef rows(A): return _a(A)", {"rows": "@"}),
        (FREE + "times = np.dot\ndef rows(A): return times(A, A)", {"rows": "numpy.dot"}),
        (FREE + "from numpy import dot as times\ndef rows(A): return times(A, A)", {"rows": "numpy.dot"}),
        (FREE + "rows = lambda A: A @ A", {"rows": "@"}),
        (FREE + "def rows(A): return rows_of(A) @ A\ndef rows(A): return A", {"rows": "@"}),
        (FREE + "def rows(A): return columns(A)", {}),
        (FREE + "def rows(A): return A  # A @ A", {}),
        ("def columns(A): return A @ A\ndef rows(A): return columns(A)", {"columns": "@", "rows": "@"}),
        (FREE + "def rows(A): return globals()['_help'](A)\ndef _help(A): return A @ A", {"rows": "@", "columns": "@"}),
        (FREE + "if True:\n    def rows(A): return A @ A", {"rows": "@", "columns": "@"}),
        ("def rows(A): return A @ A\nif True:\n    def columns(A): return A @ A", {"rows": "@", "columns": "@"}),
        (FREE + "def rows(A): return A\nfrom numpy import dot", {"rows": "numpy.dot", "columns": "numpy.dot"}),
    ],
)
def test_a_use_is_charged_to_the_functions_that_reach_it(cell: str, guilty: dict[str, str]) -> None:
    """Operators, aliases and helpers of the cell count for who reaches them; what nobody is seen to reach counts for all."""
    assert uses(cell) == guilty


def test_cells_are_looked_at_together() -> None:
    """A helper in another cell of the exercise is reached too."""
    assert uses(FREE + "def rows(A): return _help(A)", "def _help(A): return A @ A") == {"rows": "@"}


def rows_of(student: Any) -> Any:
    """Call one function by its name, for a test below."""
    return student.rows(np_ones())


def np_ones() -> list[int]:
    """Return what is passed."""
    return [1, 1]


def direct(student: Any) -> None:
    """Calls columns, and says nothing of the other function, rows."""
    student.columns(1)


def helped(student: Any) -> None:
    """Calls through a helper."""
    rows_of(student)


def by_text(student: Any) -> None:
    """Calls by getattr, over names of the module."""
    for name in BOTH:
        getattr(student, name)(1)


def by_program(student: Any) -> None:
    """Calls beside the student."""
    TWICE(student)  # type: ignore[operator]  # never run


def nested(student: Any) -> None:
    """Calls inside a function of its own."""

    def inner() -> Any:
        return [student.rows(x) for x in range(2)]

    inner()


def unseen(student: Any) -> None:
    """Calls in a way that cannot be seen."""
    student.value("".join(("ro", "ws")))


CASES = [case_of(f) for f in (direct, helped, by_text, by_program, nested, unseen)]


def test_tests_fail_by_the_functions_they_call() -> None:
    """Directly, through helpers, by text, in a program or inside: a test goes with its functions; one that shows none goes with all."""
    told = refused_tests(CASES, BOTH, {"rows": "@"})
    assert sorted(told) == ["by_program", "by_text", "helped", "nested", "unseen"]
    assert set(told.values()) == {"Your rows uses @, which this exercise asks you to do without."}
    assert sorted(refused_tests(CASES, BOTH, {"columns": "@"})) == ["by_text", "direct", "unseen"]
    assert refused_tests(CASES, BOTH, {}) == {}


def test_who_is_named() -> None:
    """An exercise of one function, or one whose functions all use it, is spoken of as the solution."""
    assert set(refused_tests(CASES, ("rows",), {"rows": "@"}).values()) == {"Your solution uses @, which this exercise asks you to do without."}
    everything = refused_tests(CASES, BOTH, {"rows": "@", "columns": "@"})
    assert len(everything) == len(CASES)
    assert set(everything.values()) == {"Your solution uses @, which this exercise asks you to do without."}


def test_a_chain_is_followed_without_going_through_all_definitions() -> None:
    """At each step only the names found there are looked up, so that a cell of thousands of definitions costs no more than its size."""

    class LookedUp(dict[str, set[str]]):
        def keys(self) -> Any:
            raise AssertionError

        __iter__ = keys

    chain = LookedUp({f"f{i}": {f"f{i + 1}"} for i in range(100)} | {"f100": {"@", ".x"}, "": {"numpy.dot"}})
    assert "@" in _reached("f0", chain)
    assert "numpy.dot" not in _reached("f0", chain)
