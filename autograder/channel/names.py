"""What a cell mentions, judged by its syntax tree, and what IPython syntax in it is harmless."""

from __future__ import annotations

import ast
import re

_MAGIC = re.compile(r"^(\s*)(?:[%!]|\?)")
_ALIASES = {"np": "numpy"}
_MAX_NAMES = 5000


def without_magics(source: str) -> str:
    """Return the source with IPython magics, shell escapes and trailing ``?`` turned into ``pass``; line numbers stay."""
    lines = source.split("\n")
    if lines and lines[0].startswith("%%"):
        return "pass" + "\n" * (len(lines) - 1)
    for i, line in enumerate(lines):
        match = _MAGIC.match(line)
        if match and not _continues(lines, i):
            lines[i] = f"{match[1]}pass"
    return "\n".join(lines)


def _continues(lines: list[str], index: int) -> bool:
    """Tell whether a line that starts with ``%`` continues an expression of the line before (``a = (b`` / ``% c)``)."""
    before = next((line for line in reversed(lines[:index]) if line.strip()), "")
    text = before.split("#")[0].rstrip()
    joined = "\n".join(lines[:index])
    opened = sum(joined.count(c) for c in "([{") > sum(joined.count(c) for c in ")]}")
    return text.endswith(("\\", ",", "(", "[", "{")) or opened


def dotted_names(source: str) -> list[str]:
    """Return the dotted names a source mentions, with import aliases resolved: ``np.dot`` is ``numpy.dot``.

    Raises:
        SyntaxError: the source is not Python.
    """
    tree = ast.parse(source)
    aliases = dict(_ALIASES)
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                names.add(alias.name)
                aliases[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                names.add(f"{node.module}.{alias.name}")
                aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        name = _dotted(node)
        if name:
            head, _, rest = name.partition(".")
            head = aliases.get(head, head)
            names.add(f"{head}.{rest}" if rest else head)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            names.add("@")
    return sorted(names)[:_MAX_NAMES]


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ".".join(["", *reversed(parts)]) if parts else ""
    return ".".join([node.id, *reversed(parts)])
