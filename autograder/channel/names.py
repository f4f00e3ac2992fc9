"""What a cell mentions, judged by its syntax tree, and what IPython syntax in it is harmless."""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterable, Mapping

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


def names_by_definition(source: str) -> dict[str, list[str]]:
    """Return the dotted names that each definition at a source's left margin mentions; under ``""`` what stands outside any.

    Import aliases are resolved: ``np.dot`` is ``numpy.dot``.  A name that is assigned or imported at the margin is a definition too, so that ``mm = np.matmul`` is found behind ``mm``.

    Raises:
        SyntaxError: the source is not Python.
        OverflowError: it has more names than anybody writes; a part of them would hide the rest.
    """
    tree = ast.parse(source)
    aliases = _aliases(tree)
    parts: dict[str, list[ast.AST]] = {}
    for node in tree.body:
        for name in _defined(node):
            parts.setdefault(name, []).append(node)
    found = {name: sorted(_names_in(nodes, aliases)) for name, nodes in parts.items()}
    if len(found) + sum(map(len, found.values())) > _MAX_NAMES:
        raise OverflowError(f"more than {_MAX_NAMES} names")
    return found


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign) and all(isinstance(target, ast.Name) for target in node.targets):
        return [target.id for target in node.targets if isinstance(target, ast.Name)]
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Import | ast.ImportFrom):
        return [(alias.asname or alias.name).split(".")[0] for alias in node.names]
    return [""]


def _aliases(tree: ast.AST) -> dict[str, str]:
    """Return the full names behind the names that a source imports."""
    aliases = dict(_ALIASES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                aliases[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                aliases[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return aliases


def _names_in(nodes: Iterable[ast.AST], aliases: Mapping[str, str]) -> set[str]:
    names: set[str] = set()
    for node in (inner for outer in nodes for inner in ast.walk(outer)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif name := _dotted(node):
            head, _, rest = name.partition(".")
            head = aliases.get(head, head)
            names.add(f"{head}.{rest}" if rest else head)
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.MatMult):
            names.add("@")
    return names


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ".".join(["", *reversed(parts)]) if parts else ""
    return ".".join([node.id, *reversed(parts)])
