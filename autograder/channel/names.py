"""What a cell mentions, judged by its syntax tree, and what IPython syntax in it is harmless."""

from __future__ import annotations

import ast
import functools
import re

_MAGIC = re.compile(r"^(\s*)[%!?]")
_HELP = re.compile(r"^(\s*)[\w.]+\?{1,2}\s*$")
_ASSIGNED = re.compile(r"^(\s*[\w.,\[\]'\" ]+=\s*)[%!]")
_RUNS_PYTHON = ("%%time", "%%timeit", "%%capture", "%%prun")
_ALIASES = {"np": "numpy"}
_MAX_NAMES = 5000


@functools.lru_cache(maxsize=512)  # a cell is analysed, then loaded
def without_magics(source: str) -> str:
    """Return a source that Python can compile: IPython's magics, shell escapes and ``name?`` become ``pass`` or None.

    A source that is Python already is returned as it is; line numbers stay.
    """
    lines = source.split("\n")
    if lines[0].startswith("%%"):
        body = lines[1:] if lines[0].split()[0] in _RUNS_PYTHON else [""] * (len(lines) - 1)
        lines = ["pass", *body]
    if _is_python("\n".join(lines)):
        return "\n".join(lines)
    replaced = "\n".join(_without_magic(line) for line in lines)
    return replaced if _is_python(replaced) else "\n".join(lines)


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


def _without_magic(line: str) -> str:
    if match := _MAGIC.match(line) or _HELP.match(line):
        return f"{match[1]}pass"
    if match := _ASSIGNED.match(line):
        return f"{match[1]}None"
    return line


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
