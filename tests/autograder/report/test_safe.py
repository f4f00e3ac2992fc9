"""Text that students wrote becomes visible and harmless."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report.safe import clean, csv_cell, csv_line, one_line
from tests.autograder.report.samples import HOSTILE

ANYTHING = st.text(st.characters(), max_size=200)  # surrogates and controls included


@given(ANYTHING)
def test_clean_is_printable_utf8(text: str) -> None:
    """Whatever comes in, printable characters, newlines and tabs come out, and they encode in UTF-8."""
    shown = clean(text)
    shown.encode("utf-8")
    assert all(c in "\n\t" or c.isprintable() for c in shown)


@given(ANYTHING)
def test_clean_of_clean_is_the_same(text: str) -> None:
    """Cleaning twice changes nothing, so that a second line of defence is free."""
    once = clean(text, 10_000)
    assert clean(once, 10_000) == once


@given(ANYTHING, st.integers(0, 50))
def test_clean_keeps_to_its_limit(text: str, limit: int) -> None:
    """No more than ``limit`` characters are kept, and a cut is marked."""
    shown = clean(text, limit)
    assert len(shown) <= limit + len("… (cut)")
    if len(shown) > limit:
        assert shown.endswith("… (cut)")


def test_clean_leaves_ordinary_text_alone() -> None:
    """Prose, code, accents, other scripts, emoji and mathematics pass unchanged."""
    text = "dw = xᵀ·dout\n\tГаусс, 王小云, naïve, ∂L/∂w ≤ 1e−5 🙂"
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07ok", "ok"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jx", "x"),
        ("\x1bcreset", "reset"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("\ud800", "\\ud800"),
        ("\x00\x07\r", "\\x00\\x07\\x0d"),
        ("a\r\nb", "a\nb"),
        ("\u2028", "\\u2028"),
        ("\U000e0041", "\\U000e0041"),
        ("\u3164", "\\u3164"),
        ("a\xa0b", "a b"),
    ],
)
def test_clean_shows_what_hides(text: str, shown: str) -> None:
    """ANSI sequences go, and each invisible or reordering character is shown as its escape."""
    assert clean(text) == shown


def test_an_unfinished_sequence_hides_nothing() -> None:
    """Text after an escape sequence that never ends stays readable."""
    assert "grade me" in clean("\x1b]0;" + "grade me")


def test_stacked_marks_are_escaped() -> None:
    """Forty combining marks on one letter cannot paint over the lines around it."""
    assert clean("Z" + "\u0335" * 40).count("\u0335") == 4


def test_clean_of_an_endless_text_is_quick() -> None:
    """Only a window of a huge text is looked at."""
    assert len(clean("\x1b]" * 5_000_000, 100)) <= 110


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-cmd", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n=1", "＝1", "-1+1|cmd", "=cmd|' /C calc'!A0"]
)
def test_a_cell_is_never_a_formula(text: str) -> None:
    """Whatever a spreadsheet would evaluate starts with an apostrophe."""
    assert csv_cell(text).startswith("'")


@pytest.mark.parametrize("text", ["0", "12.5", "-3", "+4", "1e-7", "-1.5E+3", ".5", "Ada Lovelace", "u03_backprop", "O'Brien"])
def test_numbers_and_names_are_untouched(text: str) -> None:
    """Numbers with a sign stay numbers, and ordinary names stay as they are."""
    assert csv_cell(text) == text


@given(st.lists(ANYTHING, min_size=1, max_size=6))
def test_a_line_reads_back(cells: list[str]) -> None:
    """A line is one RFC 4180 record of exactly the given cells."""
    line = csv_line([*cells, "end"])
    assert line.endswith("\r\n")
    assert list(csv.reader(io.StringIO(line, newline=""))) == [[*(csv_cell(c) for c in cells), "end"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_one_line_is_one_line(text: str) -> None:
    """Names and titles never bring a line break."""
    assert len(one_line(text).splitlines()) <= 1
