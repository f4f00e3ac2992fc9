"""Solution regions of a reference cell: strict markers, what a student gets instead, and the plain solution.

Inside an exercise or question cell ``### BEGIN SOLUTION`` and ``### END SOLUTION`` stand on lines of their own, indented as
the code.  The student's version replaces the region by ``raise NotImplementedError(...)`` or, where the region holds lines
``#| code``, by those lines.  Everything that merely looks like a marker is refused, so a solution cannot leak by a typing error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from autograder.errors import AuthorError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
_NEAR_MISS = re.compile(r"#.*\b(begin|end)[\s_-]*solution", re.IGNORECASE)
_HEADER = re.compile(r"(?P<indent>\s*)(?:async\s+def|def|class)\s+(?P<name>\w+)")
_STUB_LINE = re.compile(r"^(?P<indent>\s*)#\|( (?P<code>.*))?$")


class Region(msgspec.Struct, frozen=True):
    """Line numbers (0-based, in the cell) of a region's two markers, and their indentation."""

    begin: int
    end: int
    indent: str


class Place(msgspec.Struct, frozen=True):
    """Where a cell comes from: ``line`` is the 1-based line of its header in the reference."""

    unit: str
    cell: str
    line: int

    def error(self, message: str, row: int) -> AuthorError:
        """Return an error that points at row ``row`` (0-based) of the cell."""
        return AuthorError(message, unit=self.unit, cell=self.cell, line=self.line + 1 + row)


def student_source(source: str, place: Place) -> str:
    """Return the cell as a student gets it.

    Raises:
        AuthorError: a marker is nested, stray, unclosed, misspelt or misindented, or the cell has no region.
    """
    lines = source.split("\n")
    regions = solution_regions(source, place)
    kept: list[str] = []
    position = 0
    for region in regions:
        kept += lines[position : region.begin]
        stub = [_uncommented(line) for line in lines[region.begin + 1 : region.end] if _STUB_LINE.match(line)]
        kept += stub or [f'{region.indent}raise NotImplementedError("{_enclosing(lines, region) or place.cell}")']
        position = region.end + 1
    kept += lines[position:]
    return "\n".join(kept)


def _enclosing(lines: list[str], region: Region) -> str:
    """Return the name of the function or method that a region lies in, such as ``Value.__add__``; empty at the margin."""
    names: list[str] = []
    depth = len(region.indent)
    for line in reversed(lines[: region.begin]):
        match = _HEADER.match(line)
        if match and len(match["indent"]) < depth:
            names.insert(0, match["name"])
            depth = len(match["indent"])
    return ".".join(names)


def solved_source(source: str, place: Place) -> str:
    """Return the cell with its solution but without markers and ``#|`` lines; raises as :func:`student_source` does."""
    drop: set[int] = set()
    lines = source.split("\n")
    for region in solution_regions(source, place):
        drop |= {region.begin, region.end}
        drop |= {row for row in range(region.begin, region.end) if _STUB_LINE.match(lines[row])}
    return "\n".join(line for row, line in enumerate(lines) if row not in drop)


def unmarked_source(source: str) -> str:
    """Return any source without lines that are markers or ``#|`` stubs; never fails, for sources that replace a cell."""
    return "\n".join(line for line in source.split("\n") if line.strip() not in (BEGIN, END) and not _STUB_LINE.match(line))


def solution_regions(source: str, place: Place) -> tuple[Region, ...]:
    """Return the regions of a solution cell; raises as :func:`student_source` does."""
    regions = tuple(_scan(source, place))
    if not regions:
        raise place.error(f"no solution region, expected '{BEGIN}' … '{END}'", -1)
    return regions


def refuse_markers(source: str, place: Place) -> None:
    """Raise ``AuthorError`` if a cell that is no exercise and no question holds a marker or a ``#|`` line."""
    for row, line in enumerate(source.split("\n")):
        if _NEAR_MISS.search(line):
            raise place.error(f"solution marker {line.strip()!r} in a cell that is neither exercise nor question", row)
        if _STUB_LINE.match(line):
            raise place.error(f"stub line {line.strip()!r} in a cell that is neither exercise nor question", row)


def _scan(source: str, place: Place) -> Iterator[Region]:
    begin: tuple[int, str] | None = None
    for row, line in enumerate(source.split("\n")):
        text = line.strip()
        if text not in (BEGIN, END) or line != line.rstrip():
            if _NEAR_MISS.search(line):
                raise place.error(f"{line!r} is not exactly '{BEGIN}' or '{END}' on a line of its own", row)
            if begin is None and _STUB_LINE.match(line):
                raise place.error(f"stub line {text!r} outside a solution region", row)
            continue
        indent = line[: len(line) - len(text)]
        if text == BEGIN:
            if begin is not None:
                raise place.error(f"nested '{BEGIN}': the region begun on line {place.line + 1 + begin[0]} is not closed", row)
            begin = (row, indent)
        elif begin is None:
            raise place.error(f"stray '{END}' without '{BEGIN}'", row)
        else:
            if indent != begin[1]:
                raise place.error(f"'{END}' is indented by {len(indent)}, its '{BEGIN}' by {len(begin[1])}", row)
            yield Region(begin[0], row, indent)
            begin = None
    if begin is not None:
        raise place.error(f"unclosed '{BEGIN}'", begin[0])


def _uncommented(line: str) -> str:
    match = _STUB_LINE.match(line)
    assert match is not None
    return (match["indent"] + (match["code"] or "")).rstrip()
