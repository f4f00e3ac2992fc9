"""The reference notebook of a unit, parsed from py:percent text and checked against ``unit.toml``."""

from __future__ import annotations

import ast
import hashlib
import importlib
import re
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, cast

import msgspec

from autograder.authoring import markers
from autograder.authoring.markers import Place
from autograder.errors import AuthorError, UsageError
from autograder.runtimes import PACKAGES
from autograder.unit import Runtime, Unit

Kind = Literal["markdown", "setup", "exercise", "question", "demo", "milestone"]
_TAGS = ("setup", "demo", "milestone")
_HEADER = re.compile(r"^\s*#\s*%%(\s|$)")


class ReferenceCell(msgspec.Struct, frozen=True):
    """One cell of a reference.

    Args:
        kind: its role.
        id: the exercise's or question's id, else derived from kind and source.
        source: as written, with solution markers.
        line: 1-based line of the cell's header in the reference.
        exercise: id of the exercise or question whose solution cell this is.
    """

    kind: Kind
    id: str
    source: str
    line: int
    exercise: str | None = None

    @property
    def runtime(self) -> Runtime:
        """What a set-up cell needs, by what it imports."""
        beyond = set(PACKAGES["torch"]) - set(PACKAGES["numpy"])
        return "torch" if any(name.split(".")[0] in beyond for _, name in _imports(ast.parse(self.source))) else "numpy"

    @property
    def is_solution(self) -> bool:
        """Whether a student writes in this cell."""
        return self.kind in ("exercise", "question")


class Reference(msgspec.Struct, frozen=True):
    """A parsed and validated reference notebook."""

    unit: str
    cells: tuple[ReferenceCell, ...]

    def cell(self, exercise: str) -> ReferenceCell:
        """Return the solution cell of an exercise or question; raises ``KeyError`` when there is none."""
        for cell in self.cells:
            if cell.exercise == exercise:
                return cell
        raise KeyError(exercise)

    def solution(self, exercise: str) -> str:
        """Return the solution cell's source without markers and stub lines, ready to run or to edit."""
        return markers.solved_source(self.cell(exercise).source, self.place(self.cell(exercise)))

    def stub(self, exercise: str) -> str:
        """Return the solution cell as a student gets it."""
        return markers.student_source(self.cell(exercise).source, self.place(self.cell(exercise)))

    def place(self, cell: ReferenceCell) -> Place:
        """Return where a cell comes from, for error messages."""
        return Place(self.unit, cell.id, cell.line)


def check_id(exercise: str) -> str:
    """Return the id of the check cell below the solution cell of an exercise or question."""
    return f"check-{exercise}"


def check_source(exercise: str) -> str:
    """Return the source of that check cell."""
    return f'check("{exercise}")'


def load_reference(path: Path, unit: Unit) -> Reference:
    """Return the reference notebook in ``path``.

    Raises:
        UsageError: the file cannot be read.
        AuthorError: it contradicts ``unit.toml`` or the rules for roles, markers, imports and stubs.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"unit={unit.name}: cannot read {path} ({error.strerror}); expected the reference notebook there") from error
    except UnicodeDecodeError as error:
        raise AuthorError(f"{path.name} is not UTF-8: {error}", unit=unit.name) from error
    return parse_reference(text, unit)


def parse_reference(text: str, unit: Unit) -> Reference:
    """Return the reference notebook in py:percent text; raises ``AuthorError`` as :func:`load_reference` does."""
    seen: Counter[str] = Counter()
    cells = []
    for type_, metadata, source, line in _raw_cells(text, unit.name):
        kind, exercise = _role(type_, metadata, unit.name, line)
        cells.append(ReferenceCell(kind, exercise or _derived_id(kind, source, seen), source, line, exercise))
    reference = Reference(unit.name, tuple(cells))
    _check_against_unit(reference, unit)
    for cell in reference.cells:
        _check_cell(cell, reference.place(cell), unit)
    return reference


def _raw_cells(text: str, unit: str) -> Iterator[tuple[str, dict[str, Any], str, int]]:
    text = text.replace("\r\n", "\n")
    headers = [number for number, line in enumerate(text.split("\n"), 1) if _HEADER.match(line)]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cells = _jupytext().reads(text, fmt="py:percent").cells
    except Exception as error:  # jupytext and nbformat raise many types for a malformed header
        raise AuthorError(f"not a py:percent notebook: {str(error).splitlines()[0]}", unit=unit) from error
    if len(cells) > len(headers):
        raise AuthorError("text before the first cell header '# %%'", unit=unit, line=1)
    if len(cells) < len(headers):
        raise AuthorError("a line inside a string or a fenced block looks like a cell header '# %%'; write it differently", unit=unit)
    for cell, line in zip(cells, headers, strict=True):
        yield cell.cell_type, dict(cell.metadata), cell.source, line


def _jupytext() -> Any:
    """Import jupytext without what its validator brings: a grammar of international addresses, built in a second or two of CPU."""
    grammar = "rfc3987_syntax"
    masked = grammar not in sys.modules
    if masked:
        sys.modules[grammar] = None  # type: ignore[assignment]  # imported if it is there, done without if not
    try:
        return importlib.import_module("jupytext")
    finally:
        if masked:
            del sys.modules[grammar]


def _role(type_: str, metadata: dict[str, Any], unit: str, line: int) -> tuple[Kind, str | None]:
    if type_ == "markdown":
        return "markdown", None
    tags = metadata.get("tags", [])
    roles = [("tag", tag) for tag in (tags if isinstance(tags, list) else [tags])]
    roles += [(key, metadata[key]) for key in ("exercise", "question") if key in metadata]
    if type_ != "code" or len(roles) != 1:
        got = ", ".join(f"{key}={value!r}" for key, value in roles) or "none"
        wanted = 'tags=["setup"], tags=["demo"], tags=["milestone"], exercise="id" or question="id"'
        raise AuthorError(f"{type_} cell with roles: {got}; expected exactly one of {wanted}", unit=unit, line=line)
    key, value = roles[0]
    if not isinstance(value, str) or (key == "tag" and value not in _TAGS):
        raise AuthorError(f"{key}={value!r} is unknown; expected one of {list(_TAGS)} or an id", unit=unit, line=line)
    if key == "tag":
        return cast("Kind", value), None
    return cast("Kind", key), value


def _derived_id(kind: str, source: str, seen: Counter[str]) -> str:
    digest = hashlib.sha256(f"{kind}\n{source}".encode()).hexdigest()[:10]
    seen[digest] += 1
    return f"{kind}-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")


def _check_against_unit(reference: Reference, unit: Unit) -> None:
    expected = {e.id: "exercise" for e in unit.exercises} | {q.id: "question" for q in unit.questions}
    first: dict[str, int] = {}
    for cell in reference.cells:
        if cell.exercise is None:
            continue
        place = reference.place(cell)
        if not cell.exercise.isascii() or expected.get(cell.exercise) != cell.kind:
            known = [id_ for id_, kind in expected.items() if kind == cell.kind]
            raise place.error(f"{cell.kind}={cell.exercise!r} is not in unit.toml, which has {known}", -1)
        if cell.exercise in first:
            raise place.error(f"{cell.kind}={cell.exercise!r} has a second solution cell; the first is on line {first[cell.exercise]}", -1)
        first[cell.exercise] = cell.line
    for id_, kind in expected.items():
        if id_ not in first:
            raise AuthorError(f"no cell for the {kind}; expected one headed '# %% {kind}=\"{id_}\"'", unit=unit.name, cell=id_)


def _check_cell(cell: ReferenceCell, place: Place, unit: Unit) -> None:
    if not cell.is_solution:
        markers.refuse_markers(cell.source, place)
        if cell.kind == "setup":
            _check_imports(_parsed(cell.source, place, "set-up cell"), place, unit.runtimes)
        return
    stub = _parsed(markers.student_source(cell.source, place), place, "stub (what the student gets)")
    solution = _parsed(markers.solved_source(cell.source, place), place, "solution")
    own = [unit.runtime_of(e) for e in unit.exercises if e.id == cell.exercise] or [unit.runtime]
    _check_imports(solution, place, own)
    for exercise in unit.exercises:
        if exercise.id == cell.exercise:
            names = [signature.split("(")[0].strip() for signature in exercise.functions]
            if names[:1] != [exercise.id]:
                raise place.error(
                    f"functions={list(exercise.functions)} in unit.toml; expected the first to be {exercise.id!r}, the exercise's id", -1
                )
            _check_defined(names, solution, place)
    if cell.kind == "question":
        _check_defined([cell.id], stub, place)
        _check_defined([cell.id], solution, place)


def _parsed(source: str, place: Place, what: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise place.error(f"the {what} does not parse: {error.msg} at {(error.text or '').strip()!r}", -1) from error


def _check_defined(names: list[str], tree: ast.Module, place: Place) -> None:
    defined: set[str] = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            defined.add(node.name)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            defined |= {n.id for target in targets for n in ast.walk(target) if isinstance(n, ast.Name)}
    for name in names:
        if name not in defined:
            raise place.error(f"{name!r} is not defined in the cell, which defines {sorted(defined)}", -1)


def _check_imports(tree: ast.Module, place: Place, runtimes: Iterable[Runtime]) -> None:
    allowed = {"autograder", *(name for runtime in runtimes for name in PACKAGES[runtime])}
    for row, name in _imports(tree):
        root = name.split(".")[0]
        if root not in allowed and root not in sys.stdlib_module_names:
            raise place.error(f"imports {name!r}; cells that run in grading may import {sorted(allowed)} and the standard library", row)


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each import's 0-based line and the name of the module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno - 1, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno - 1, node.module or "."
