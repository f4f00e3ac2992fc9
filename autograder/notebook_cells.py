"""What the notebook on disk and the kernel's cells say about a name: where it is defined, and the text it came from."""

from __future__ import annotations

import ast
import linecache
import re
import types
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from autograder.channel.names import names_by_definition, without_magics
from autograder.errors import Ungradable
from autograder.submissions.notebook import RawCell, parse_notebook

_MAX_NOTEBOOKS = 4
_CELL_FILE = re.compile(r"<cell |<ipython-input|.*ipykernel_")
_HEADER = re.compile(r"^(?:async +def|def|class)[ \t]+([A-Za-z_]\w{0,100})", re.MULTILINE)
Place = Literal["above", "below", ""]


def defined_where(folder: Path, exercise: str, name: str) -> Place:
    """Return whether a saved notebook defines a name above an exercise's check cell, only below it, or nowhere.

    Args:
        folder: the assignment's; all notebooks in it are read.
        exercise: whose check is run.
        name: a plain name.
    """
    places = {_place(path, exercise, name) for path in sorted(folder.glob("*.ipynb"))[:_MAX_NOTEBOOKS]}
    return "above" if "above" in places else "below" if "below" in places else ""


def _place(path: Path, exercise: str, name: str) -> Place:
    try:
        cells = [cell for cell in parse_notebook(path.read_bytes()).cells if cell.is_code]
    except (OSError, Ungradable):
        return ""
    check = next((i for i, cell in enumerate(cells) if _checks(cell, exercise)), len(cells))
    if any(name in bound_names(cell.source) for cell in cells[:check]):
        return "above"
    return "below" if any(name in bound_names(cell.source) for cell in cells[check:]) else ""


def _checks(cell: RawCell, exercise: str) -> bool:
    return f"check-{exercise}" in cell.ids or re.search(rf"\bcheck\(\s*[\"']?{re.escape(exercise)}\b", cell.source) is not None


def bound_names(source: str) -> frozenset[str]:
    """Return the names that running a cell binds: functions, classes, imports and whatever is assigned outside them; of one that does not parse, the headers."""
    try:
        waiting: list[ast.AST] = [ast.parse(without_magics(source))]
    except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
        return frozenset(_HEADER.findall(source))
    names: set[str] = set()
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
            continue
        if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        waiting += ast.iter_child_nodes(node)
    return frozenset(names)


def cells_behind(namespace: Mapping[str, Any], functions: Sequence[str]) -> list[dict[str, list[str]]]:
    """Return what the cells mention that functions of this kernel come from, definition by definition, each cell once.

    A function whose text is not known, such as one from a module, has none.
    """
    files = dict.fromkeys(file for name in functions for file in _files(namespace.get(name)))
    found = []
    for file in files:
        try:
            found.append(names_by_definition(without_magics("".join(linecache.getlines(file)))))
        except (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError):
            continue
    return found


def _files(value: object) -> Iterator[str]:
    members = vars(value).values() if isinstance(value, type) else (value,)
    for member in members:
        function = member if isinstance(member, types.FunctionType) else getattr(member, "__wrapped__", None)
        if isinstance(function, types.FunctionType) and _CELL_FILE.match(function.__code__.co_filename):
            yield function.__code__.co_filename


__all__ = ["bound_names", "cells_behind", "defined_where"]
