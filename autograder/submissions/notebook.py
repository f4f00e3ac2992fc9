"""The bytes of an untrusted notebook as raw cells: bounded, validated, and never more than text.

Everything that is no notebook raises ``Ungradable`` with a reason made of our own words only; nothing a student wrote is
repeated in it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec

from autograder.errors import Ungradable

MAX_BYTES = 20_000_000
MAX_CELLS = 2_000
MAX_SOURCE = 2_000_000
_MAX_DEPTH = 100
_MAX_CONTAINERS = 1_000_000
_MAX_ID = 200
# Runs over everything up to the next bracket; a string is skipped as one possessive match, so the scan stays linear.
_NEXT_BRACKET = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+(?P<mark>[\[\]{}"]|\Z)', re.DOTALL)
_CONFLICT = re.compile(rb"^(<{7} |>{7} )", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_MISLEADING = re.compile("[\u200b\u202a-\u202e\u2060\u2066-\u2069]")


class RawCell(msgspec.Struct, frozen=True):
    """One cell as submitted.

    Args:
        number: 1-based position among all cells, as a person counts them.
        is_code: whether it is a code cell.
        source: its text; unpaired surrogates are replaced.
        ids: what it claims to be, the grade id before the cell id; both may be forged.
        role: the role in its metadata, or an empty string; may be forged.
    """

    number: int
    is_code: bool
    source: str
    ids: tuple[str, ...]
    role: str


class RawNotebook(msgspec.Struct, frozen=True):
    """The cells of a submitted notebook, what was wrong with them, and the unit it claims to be of."""

    cells: tuple[RawCell, ...]
    messages: tuple[str, ...]
    unit: str


def parse_notebook(data: bytes) -> RawNotebook:
    """Return the raw cells of a notebook; raises ``Ungradable``, and nothing else, when there are none to be had."""
    try:
        return _structure(_load(_decode(data), data))
    except Ungradable:
        raise
    except (RecursionError, MemoryError) as error:
        raise Ungradable("the notebook is too deeply nested or too large to read") from error
    except Exception as error:  # an unforeseen defect of one submission is that submission's alone
        raise Ungradable(f"the notebook cannot be read ({type(error).__name__})") from error


def _decode(data: bytes) -> str:
    if not data.strip():
        raise Ungradable("the file is empty")
    if len(data) > MAX_BYTES:
        raise Ungradable(f"the file has {len(data)} bytes, at most {MAX_BYTES} are read; clear the outputs and submit again")
    if not data.strip(b"\0"):
        raise Ungradable("the file holds only zero bytes, as after a failed copy or sync")
    head = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"version https://git-lfs"):
        raise Ungradable("the file is a Git LFS pointer, not the notebook itself")
    if head.startswith((b"<!doctype html", b"<html", b"<?xml")):
        raise Ungradable("the file is a web page, not a notebook; often the login or preview page was saved")
    for magic, what in ((b"pk\x03\x04", "a zip archive"), (b"\x1f\x8b", "a gzip archive"), (b"%pdf", "a PDF document")):
        if head.startswith(magic):
            raise Ungradable(f"the file is {what}, not a notebook")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Ungradable("the file is UTF-16 text, expected UTF-8; save it from Jupyter again")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Ungradable(f"the file is not UTF-8 text (byte {error.start})") from error


def _load(text: str, data: bytes) -> Any:
    try:
        _bound_nesting(text)
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_no_number)
    except (Ungradable, json.JSONDecodeError) as error:
        if _CONFLICT.search(data):
            raise Ungradable("the file holds unresolved git merge conflict markers (<<<<<<<); resolve them and submit again") from error
        if not isinstance(error, json.JSONDecodeError):
            raise
        if error.pos >= len(text.rstrip()):
            raise Ungradable("the file ends in the middle of the notebook; was the upload cut off?") from error
        raise Ungradable(f"the file is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except ValueError as error:  # such as an integer of thousands of digits
        raise Ungradable("the file holds a number that is too long to read") from error


def _bound_nesting(text: str) -> None:
    """Refuse deep nesting in one linear scan, before any recursive parser sees the text."""
    depth = count = 0
    for match in _NEXT_BRACKET.finditer(text):
        mark = match["mark"]
        if mark in ("[", "{"):
            depth, count = depth + 1, count + 1
            if depth > _MAX_DEPTH:
                raise Ungradable(f"the notebook is nested more than {_MAX_DEPTH} levels deep")
            if count > _MAX_CONTAINERS:
                raise Ungradable(f"the notebook holds more than {_MAX_CONTAINERS} lists and objects; clear the outputs")
        elif mark == '"':
            raise Ungradable("the file ends in the middle of a text; was the upload cut off?")
        elif mark:
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Ungradable("the notebook's JSON names a key twice in one object; save it from Jupyter again")
    return result


def _no_number(_: str) -> None:
    """Read NaN and Infinity, which some tools write into outputs, as null: outputs are not graded."""
    return


def _structure(notebook: Any) -> RawNotebook:
    if not isinstance(notebook, dict) or not {"nbformat", "cells", "worksheets"} & set(notebook):
        raise Ungradable("the file is JSON but not a notebook")
    version = notebook.get("nbformat")
    if "worksheets" in notebook or (type(version) is int and version < 4):
        raise Ungradable("the notebook has the old format 3; open it in Jupyter, save it, and submit again")
    if type(version) is not int or version != 4:
        raise Ungradable("the notebook's nbformat is not 4")
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        raise Ungradable("the notebook has no list of cells")
    if len(cells) > MAX_CELLS:
        raise Ungradable(f"the notebook has {len(cells)} cells, at most {MAX_CELLS} are read")
    messages: list[str] = []
    raw = [cell for number, value in enumerate(cells, 1) if (cell := _cell(number, value, messages)) is not None]
    if (total := sum(len(cell.source) for cell in raw)) > MAX_SOURCE:
        raise Ungradable(f"the notebook's cells hold {total} characters, at most {MAX_SOURCE} are read")
    unit = _mapping(_mapping(notebook.get("metadata")).get("autograder")).get("unit")
    return RawNotebook(tuple(raw), tuple(messages), unit if isinstance(unit, str) else "")


def _cell(number: int, value: Any, messages: list[str]) -> RawCell | None:
    if not isinstance(value, dict) or not isinstance(value.get("cell_type"), str):
        messages.append(f"cell {number} is malformed and was left out")
        return None
    source = value.get("source", "")
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        messages.append(f"cell {number} has a source that is not text and was left out")
        return None
    metadata = _mapping(value.get("metadata"))
    claims = (_mapping(metadata.get("nbgrader")).get("grade_id"), value.get("id"))
    ids = tuple(claim for claim in claims if isinstance(claim, str) and len(claim) <= _MAX_ID)
    role = _mapping(metadata.get("autograder")).get("role")
    if _SURROGATE.search(source):
        source = _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", source)
        messages.append(f"cell {number} holds characters that are no text; they were replaced")
    is_code = value["cell_type"] == "code"
    if is_code and _MISLEADING.search(source):
        messages.append(f"cell {number} holds invisible characters or ones that change the reading order; read it with care")
    return RawCell(number, is_code, source, ids, role if isinstance(role, str) else "")


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
