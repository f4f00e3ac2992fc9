"""All mutants of a solution cell: each differs from it by one small change, no two are the same program."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import msgspec

from autograder.authoring.source import Reference
from benchmarks.mutation.operators import Scope, negated, replacements


class Mutant(msgspec.Struct, frozen=True):
    """A changed solution cell.

    Args:
        exercise: whose cell it is.
        line: of the changed statement, in the reference's file.
        where: the function that changed.
        before, after: the statement's first line.
        source: the whole cell.
    """

    exercise: str
    line: int
    where: str
    before: str
    after: str
    source: str

    @property
    def text(self) -> str:
        """What identifies the mutant in its exercise, wherever its line moves."""
        return f"{self.where}: {self.before} → {self.after}"


def unit_mutants(reference: Reference, exercise: str) -> tuple[Mutant, ...]:
    """Return the mutants of an exercise's cell, outside of the functions that students get complete."""
    solution = reference.solution(exercise)
    found = cell_mutants(exercise, solution, reference.stub(exercise))
    cell = reference.cell(exercise)
    lines: list[int] = []
    for row, line in enumerate(cell.source.split("\n"), cell.line + 1):  # solution() only leaves lines out
        if len(lines) < solution.count("\n") + 1 and line == solution.split("\n")[len(lines)]:
            lines.append(row)
    return tuple(msgspec.structs.replace(m, line=lines[m.line - 1]) for m in found)


def cell_mutants(exercise: str, solution: str, stub: str = "") -> tuple[Mutant, ...]:
    """Return the mutants of a cell that compile and differ from the cell and from each other; lines count from its first."""
    tree = ast.parse(solution)
    given = {ast.dump(node) for node in ast.walk(ast.parse(stub)) if isinstance(node, ast.FunctionDef)}
    seen = {ast.dump(ast.parse(ast.unparse(tree)))}
    found = []
    for place in _places(tree, given, _Around("", tree, Scope(keys=_keys(tree)))):
        for new in place.choices():
            source, after = place.trial(tree, new)
            try:
                compile(source, "mutant", "exec")
            except SyntaxError:
                continue
            program = ast.dump(ast.parse(source))
            if program not in seen:
                seen.add(program)
                found.append(Mutant(exercise, place.around.statement.lineno, place.around.where, place.before, after, source))
    return tuple(found)


class _Around(msgspec.Struct, frozen=True):
    where: str
    statement: Any
    scope: Scope


class _Place(msgspec.Struct, frozen=True):
    """Where a node hangs in the tree."""

    node: ast.AST
    parent: ast.AST
    field: str
    index: int | None
    around: _Around

    @property
    def before(self) -> str:
        """The statement as it is."""
        return _header(self.around.statement)

    def choices(self) -> Iterator[ast.AST]:
        """Yield what may stand here instead."""
        yield from negated(self.node, self.parent, self.field)
        yield from replacements(self.node, self.around.scope)
        if isinstance(self.parent, ast.Return):
            yield ast.Constant(value=None)

    def trial(self, tree: ast.Module, new: ast.AST) -> tuple[str, str]:
        """Return the cell and the statement with ``new`` here; the tree is as before afterwards."""
        self._put(new)
        try:
            return ast.unparse(tree), _header(new if self.node is self.around.statement else self.around.statement)
        finally:
            self._put(self.node)

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def _places(parent: ast.AST, given: set[str], around: _Around) -> Iterator[_Place]:
    for field, value in list(ast.iter_fields(parent)):
        for index, node in list(enumerate(value)) if isinstance(value, list) else [(None, value)]:
            if not isinstance(node, ast.AST) or _is_text(node) or ast.dump(node) in given:
                continue
            inside = _inside(node, around)
            yield _Place(node, parent, field, index, inside)
            yield from _places(node, given, inside)


def _inside(node: ast.AST, around: _Around) -> _Around:
    if not isinstance(node, ast.stmt):
        return around
    where, scope = around.where, around.scope
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        where = f"{where}.{node.name}" if where else node.name
    if isinstance(node, ast.FunctionDef):
        scope = Scope(_names(node), scope.keys)
    return _Around(where, node, scope)


def _is_text(node: ast.AST) -> bool:
    """Whether a node is a docstring."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _names(function: ast.FunctionDef) -> tuple[str, ...]:
    names = [a.arg for a in function.args.args]
    for node in ast.walk(function):
        if isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store):
            names += [e.id for e in node.elts if isinstance(e, ast.Name) and e.id != "_"]
    return tuple(dict.fromkeys(names))


def _keys(tree: ast.Module) -> tuple[str, ...]:
    nodes = [node.slice for node in ast.walk(tree) if isinstance(node, ast.Subscript)]
    nodes += [key for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys if key]
    return tuple(dict.fromkeys(n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)))


def _header(statement: ast.AST) -> str:
    return ast.unparse(statement).split("\n")[0]
