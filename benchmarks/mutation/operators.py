"""Small changes to one syntax node: every operator yields the nodes that may stand in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import Any

import msgspec

_ARITHMETIC: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add, ast.Div),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_COMPARISON: dict[type, tuple[type, ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_CONFUSED = {  # a function or attribute, and what people write instead
    "abs": "sign negative", "all": "any", "any": "all", "argmax": "argmin", "argmin": "argmax", "argsort": "sort", "ceil": "floor",
    "cos": "sin", "exp": "expm1 exp2", "expm1": "exp", "float64": "float32", "floor": "ceil", "int64": "float64", "log": "log1p log2",
    "log1p": "log", "max": "min sum", "maximum": "minimum", "mean": "sum median", "min": "max", "minimum": "maximum", "normal": "uniform",
    "ones": "zeros", "ones_like": "zeros_like", "sin": "cos", "sqrt": "square abs", "standard_normal": "random", "std": "var mean",
    "sum": "mean max", "tanh": "arctan", "var": "std", "zeros": "ones", "zeros_like": "ones_like",
}  # fmt: skip
_IN_PLACE = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide"}
_SIGNLESS = {"abs", "empty", "isinstance", "len", "norm", "ones_like", "zeros", "zeros_like"}  # these do not see a sign, or have none
_MODULES = {"np", "math", "torch"}


class Scope(msgspec.Struct, frozen=True):
    """What may be confused with something else at a place.

    Args:
        names: parameters and unpacked variables of the function, in order; each is confused with its neighbours.
        keys: texts that index dictionaries in the cell.
    """

    names: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


def replacements(node: ast.AST, scope: Scope) -> Iterator[ast.AST]:
    """Yield every node that an operator puts in the place of ``node``, which stays as it is."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.If | ast.Pass):
        yield ast.Pass()
    for kind, operator in _OPERATORS:
        if isinstance(node, kind):
            yield from operator(node, scope)


def negated(node: ast.AST, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    """Yield the expression with its sign changed, where that says something that no other operator says."""
    if not isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript) or _sign_is_moot(parent, field):
        return
    zero = isinstance(node, ast.Call) and _last(node.func) in _SIGNLESS - {"abs", "norm"}
    if not zero and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        yield ast.UnaryOp(ast.USub(), node)


def _sign_is_moot(parent: ast.AST, field: str) -> bool:
    if isinstance(parent, ast.BinOp):
        square = isinstance(parent.op, ast.Pow) and ast.unparse(parent.right) == "2"
        return field == "right" if isinstance(parent.op, ast.Add | ast.Sub) else square
    if isinstance(parent, ast.Call):
        return field == "func" or _last(parent.func) in _SIGNLESS
    return isinstance(parent, ast.UnaryOp) or (isinstance(parent, ast.Attribute | ast.Subscript) and field == "value")


def _last(function: ast.expr) -> str:
    return ast.unparse(function).rpartition(".")[2]


def _with(node: ast.AST, **fields: Any) -> ast.AST:
    changed = copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


def _arithmetic(node: ast.BinOp, scope: Scope) -> Iterator[ast.AST]:
    for op in _ARITHMETIC.get(type(node.op), ()):
        yield _with(node, op=op())
    yield from (node.left, node.right)
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield _with(node, left=node.right, right=node.left)
    if type(node.op) in _IN_PLACE and isinstance(node.left, ast.Name) and node.left.id in scope.names:  # overwrites what is the caller's
        function = ast.Attribute(ast.Name("np", ast.Load()), _IN_PLACE[type(node.op)], ast.Load())
        yield ast.Call(function, [node.left, node.right], [ast.keyword("out", node.left)])


def _augmented(node: ast.AugAssign, _: Scope) -> Iterator[ast.AST]:
    for op in _ARITHMETIC.get(type(node.op), ()):
        yield _with(node, op=op())
    yield ast.Assign([node.target], node.value, lineno=0)


def _comparison(node: ast.Compare, _: Scope) -> Iterator[ast.AST]:
    for position, old in enumerate(node.ops):
        for op in _COMPARISON[type(old)]:
            yield _with(node, ops=[*node.ops[:position], op(), *node.ops[position + 1 :]])


def _boolean(node: ast.BoolOp, _: Scope) -> Iterator[ast.AST]:
    yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    for position in range(len(node.values)):
        rest = node.values[:position] + node.values[position + 1 :]
        yield _with(node, values=rest) if len(rest) > 1 else rest[0]


def _branch(node: ast.If | ast.IfExp | ast.While, _: Scope) -> Iterator[ast.AST]:
    for test in (ast.UnaryOp(ast.Not(), node.test), ast.Constant(value=False), ast.Constant(value=True)):
        yield _with(node, test=test)


def _filters(node: ast.comprehension, _: Scope) -> Iterator[ast.AST]:
    for position, test in enumerate(node.ifs):
        yield _with(node, ifs=node.ifs[:position] + node.ifs[position + 1 :])
        yield _with(node, ifs=[*node.ifs[:position], ast.UnaryOp(ast.Not(), test), *node.ifs[position + 1 :]])


def _unary(node: ast.UnaryOp, _: Scope) -> Iterator[ast.AST]:
    yield node.operand


def _constant(node: ast.Constant, scope: Scope) -> Iterator[ast.AST]:
    value = node.value
    values: Sequence[bool | float | str] = ()
    if isinstance(value, bool):
        values = (not value,)
    elif isinstance(value, int):
        values = (value + 1, value - 1, 0, 1)
    elif isinstance(value, float):
        values = (value + 1, value - 1, 0.0, 1.0, 2 * value)
    elif isinstance(value, str) and value in scope.keys:
        values = [key for key in scope.keys if key != value]
    yield from (ast.Constant(new) for new in values)


def _name(node: ast.Name, scope: Scope) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load) and node.id in scope.names:
        position = scope.names.index(node.id)
        neighbours = (scope.names[position - 1], scope.names[(position + 1) % len(scope.names)])
        yield from (_with(node, id=other) for other in neighbours)


def _attribute(node: ast.Attribute, _: Scope) -> Iterator[ast.AST]:
    yield from (_with(node, attr=other) for other in _CONFUSED.get(node.attr, "").split())
    if node.attr == "T":
        yield node.value


def _call(node: ast.Call, _: Scope) -> Iterator[ast.AST]:
    for position in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:position] + node.keywords[position + 1 :])
    for position in range(len(node.args) - 1):
        first, second = node.args[position : position + 2]
        yield _with(node, args=[*node.args[:position], second, first, *node.args[position + 2 :]])
    if len(node.args) > 1:
        yield _with(node, args=node.args[:-1])
    yield from (argument for argument in node.args if not isinstance(argument, ast.Starred))
    if isinstance(node.func, ast.Attribute) and _root(node.func) not in _MODULES:
        yield node.func.value


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _slice(node: ast.Slice, _: Scope) -> Iterator[ast.AST]:
    one = ast.Constant(1)
    for end in ("lower", "upper", "step"):
        value = getattr(node, end)
        if value is not None:
            yield _with(node, **{end: None})
            if end != "step" and not isinstance(value, ast.Constant):
                yield _with(node, **{end: ast.BinOp(value, ast.Add(), one)})
                yield _with(node, **{end: ast.BinOp(value, ast.Sub(), one)})
    if node.lower is None:
        yield _with(node, lower=one)
    if node.upper is None:
        yield _with(node, upper=ast.UnaryOp(ast.USub(), one))
    if node.step is None:
        yield _with(node, step=ast.UnaryOp(ast.USub(), one))


def _order(node: ast.Tuple | ast.List, _: Scope) -> Iterator[ast.AST]:
    for position in range(len(node.elts) - 1):
        first, second = node.elts[position : position + 2]
        yield _with(node, elts=[*node.elts[:position], second, first, *node.elts[position + 2 :]])


def _jump(node: ast.Break | ast.Continue, _: Scope) -> Iterator[ast.AST]:
    yield ast.Continue() if isinstance(node, ast.Break) else ast.Break()


_OPERATORS: tuple[tuple[Any, Callable[[Any, Scope], Iterator[ast.AST]]], ...] = (
    (ast.BinOp, _arithmetic),
    (ast.AugAssign, _augmented),
    (ast.Compare, _comparison),
    (ast.BoolOp, _boolean),
    (ast.If | ast.IfExp | ast.While, _branch),
    (ast.comprehension, _filters),
    (ast.UnaryOp, _unary),
    (ast.Constant, _constant),
    (ast.Name, _name),
    (ast.Attribute, _attribute),
    (ast.Call, _call),
    (ast.Slice, _slice),
    (ast.Tuple | ast.List, _order),
    (ast.Break | ast.Continue, _jump),
)
