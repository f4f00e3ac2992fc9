"""Finds on which line of an ``.ipynb`` file a cell's source stands, so that an annotation lands where the student wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

_DECODER = json.JSONDecoder(strict=False)
_BLANK = re.compile(r"[ \t\r\n]*")


def source_lines(text: str) -> tuple[tuple[int, ...], ...]:
    """Return, for each cell, the 1-based line of the file on which each line of its source stands; never empty for a cell.

    A source stored as one string stands on one line altogether.  Text that is no notebook has no cells.

    Args:
        text: the file's content.
    """
    counter = _Counter(text)
    try:
        cells = next((start for key, start, _ in _members(text, _skip(text, 0)) if key == "cells"), None)
        if cells is None or text[cells] != "[":
            return ()
        return tuple(_cell(text, start, counter) for start, _ in _items(text, cells))
    except (ValueError, IndexError, StopIteration, RecursionError):
        return ()


class _Counter:
    """Counts lines up to growing offsets, each character once."""

    def __init__(self, text: str) -> None:
        self._text, self._offset, self._line = text, 0, 1

    def line(self, offset: int) -> int:
        self._line += self._text.count("\n", self._offset, offset)
        self._offset = offset
        return self._line


def _cell(text: str, start: int, counter: _Counter) -> tuple[int, ...]:
    own = counter.line(start)
    if text[start] != "{":
        return (own,)
    source = next((at for key, at, _ in _members(text, start) if key == "source"), start)
    if text[source] != "[":
        return (counter.line(source),)
    return tuple(counter.line(at) for at, _ in _items(text, source)) or (counter.line(source),)


def _members(text: str, start: int) -> Iterator[tuple[str, int, int]]:
    """Yield key, start and end of each value of the object at ``start``."""
    position = _skip(text, start + 1)
    while text[start] == "{" and text[position] == '"':
        key, position = _DECODER.raw_decode(text, position)
        value = _skip(text, _skip(text, position) + 1)
        _, end = _DECODER.raw_decode(text, value)
        yield key, value, end
        position = _skip(text, end)
        if text[position] != ",":
            return
        position = _skip(text, position + 1)


def _items(text: str, start: int) -> Iterator[tuple[int, int]]:
    """Yield start and end of each value of the array at ``start``."""
    position = _skip(text, start + 1)
    while text[position] != "]":
        _, end = _DECODER.raw_decode(text, position)
        yield position, end
        position = _skip(text, end)
        if text[position] != ",":
            return
        position = _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    assert match is not None
    return match.end()
