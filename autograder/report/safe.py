"""Harmless text for reports: :func:`clean` for every renderer, :func:`csv_cell` for spreadsheets."""

from __future__ import annotations

import re

from autograder.feedback.safe import clean, one_line

__all__ = ["clean", "csv_cell", "csv_line", "one_line"]

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_FORMULA = re.compile(r"[\s\x00]*[=+\-@＝＋－＠]|[\t\r\n]")
_BARE = re.compile(r"[\w.\- ]*")


def csv_cell(text: str) -> str:
    """Return one line of clean text that no spreadsheet takes for a formula; numbers stay as they are."""
    if _NUMBER.fullmatch(text):
        return text
    return ("'" if _FORMULA.match(text) else "") + one_line(text, 1000)


def csv_line(cells: list[str]) -> str:
    """Return one RFC 4180 line, ended by CR LF; a cell with anything but letters, digits, ``_ . -`` and blanks is quoted.

    Quoting more than the standard asks keeps a cell whole where the spreadsheet's list separator is not a comma.
    """
    safe = [csv_cell(cell) for cell in cells]
    return ",".join(cell if _BARE.fullmatch(cell) else '"' + cell.replace('"', '""') + '"' for cell in safe) + "\r\n"
