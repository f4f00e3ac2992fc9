"""Tests of output that a runner prints without obeying it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.ci.log import VARIABLE, HarmlessFile, harmless, protect_runner
from tests.attacks.checks import obeyed

ORDERS = ("::add-mask::e", "  ::set-env name=a::b", "ok\r::debug::x", "ok\r\n\t::save-state name=a::b", "\ufeff::add-path::/x", "\u2003 ::add-mask::e", "ada: ##[add-mask]e", "a ####[add-path]/x")


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_is_only_text(text: str) -> None:
    """What a runner would obey, at the start of a line or anywhere in it, is obeyed no more and can still be read."""
    assert len(obeyed(text)) == 1
    assert obeyed(harmless(text)) == []
    assert harmless(text).replace("# #[", "##[").replace(": :", "::") == text


@pytest.mark.parametrize("text", ["a[::2] and std::vector", "# [1]", "dx: :", "", "✗ affine_backward\n    1 of 3\n"])
def test_other_text_stays_as_it_is(text: str) -> None:
    """Slices and headings are no orders."""
    assert harmless(text) == text


def test_many_blanks_cost_no_time() -> None:
    """A long run of blanks or empty lines is gone through once."""
    assert harmless(" " * 200_000 + "\n" * 200_000 + "::a::").endswith("\n: :a::")


def test_the_file_below_is_the_files_own() -> None:
    """Text is written harmless; everything else of the file stays reachable."""
    below = io.StringIO()
    file = HarmlessFile(below)
    assert file.write("::a::b\n") == 7
    assert file.getvalue() == ": :a::b\n"
    assert not file.isatty()


def test_consoles_are_protected_on_a_runner_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no runner listens, output is as it always is."""
    said = []
    for runner in ("", "true"):
        monkeypatch.setenv(VARIABLE, runner)
        console = Console(file=io.StringIO())
        protect_runner(console)
        console.print("::add-mask::e ##[add-mask]e", markup=False)
        said.append(console.file.getvalue())  # type: ignore[attr-defined]
    assert said == ["::add-mask::e ##[add-mask]e\n", ": :add-mask::e # #[add-mask]e\n"]
