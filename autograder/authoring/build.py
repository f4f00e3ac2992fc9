"""Builds what students get: the notebook, its visible checks, descriptions without answers, and data."""

from __future__ import annotations

import ast
import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.atomic import write_atomic
from autograder.authoring import markers
from autograder.authoring.source import Reference, ReferenceCell, check_id, check_source, load_reference
from autograder.digests import digest
from autograder.errors import AuthorError
from autograder.questions import sealed_question
from autograder.unit import Exercise, Question, Unit

_IGNORED = frozenset({"__pycache__", ".ipynb_checkpoints", ".pytest_cache", ".hypothesis"})
_EMPTY: Mapping[str, str] = {}


def render_assignment(reference: Reference, unit: Unit) -> str:
    """Return the student's notebook as .ipynb text: stubs, check cells, points; the same bytes every time."""
    return _render(reference, unit, {cell.id: reference.stub(cell.id) for cell in reference.cells if cell.is_solution})


def render_reference(reference: Reference, unit: Unit, replace: Mapping[str, str] = _EMPTY) -> str:
    """Return a notebook like the student's with the reference's solutions filled in.

    Args:
        reference, unit: the unit.
        replace: source of a solution cell by exercise or question id, instead of the reference's.
    """
    solved = {cell.id: reference.solution(cell.id) for cell in reference.cells if cell.is_solution}
    if unknown := sorted(set(replace) - set(solved)):
        raise KeyError(f"replace names {unknown}, expected ids of {sorted(solved)}")
    return _render(reference, unit, solved | {id_: markers.unmarked_source(source) for id_, source in replace.items()})


def assignment_files(unit_dir: Path, tests_dir: Path, unit: Unit) -> dict[str, bytes]:
    """Return everything under ``assignments/<unit>/``: content by path with forward slashes, sorted.

    Args:
        unit_dir: ``solutions/<unit>``.
        tests_dir: ``tests/units/<unit>``; only its folder ``visible`` is read.
        unit: the unit.
    """
    notebook = render_assignment(load_reference(unit_dir / f"{unit.name}.py", unit), unit)
    files = {f"{unit.name}.ipynb": notebook.encode(), "checks/__init__.py": b""}
    for path in sorted((tests_dir / "visible").glob("*.py")):
        files[f"checks/{path.name}"] = _visible_check(path, unit)
    files["checks/unit.json"] = _json({**describe(unit), "untouched": digest(notebook.encode())})
    files["checks/questions.json"] = _json({q.id: sealed_question(q, unit.name) for q in unit.questions})
    for path in sorted((unit_dir / "data").glob("*")):
        if path.is_file():
            files[f"data/{path.name}"] = path.read_bytes()
    if "data/digits.npz" in notebook:
        files["data/digits.npz"] = (unit_dir.parent / "_data" / "digits.npz").read_bytes()
    return dict(sorted(files.items()))


def describe(unit: Unit) -> dict[str, Any]:
    """Return what a student may know of ``unit.toml``: no answers, explanations or hints."""
    own = {signature.split("(")[0].strip() for exercise in unit.exercises for signature in exercise.functions}
    return {
        "name": unit.name,
        "title": unit.title,
        "summary": unit.summary,
        "runtime": unit.runtime,
        "max_points": _plain(unit.max_points),
        "provided": [str(signature) for name, signature in unit.signatures.items() if name not in own],
        "exercises": [
            {
                "id": e.id,
                "title": e.title,
                "points": _plain(e.points),
                "minutes": e.minutes,
                "difficulty": e.difficulty,
                "stretch": e.stretch,
                "functions": list(e.functions),
                "forbidden": list(e.forbidden),
                **({"runtime": e.runtime} if e.runtime is not None and e.runtime != unit.runtime else {}),
            }
            for e in unit.exercises
        ],
        "questions": [
            {"id": q.id, "title": q.title, "points": _plain(q.points), "kind": q.kind, "choices": list(q.choices)} for q in unit.questions
        ],
    }


def write_assignment(target: Path, files: Mapping[str, bytes]) -> None:
    """Make ``target`` hold exactly ``files``: each written whole or not at all, stale ones removed, equal ones untouched."""
    for name in sorted(set(_present(target)) - set(files)):
        (target / name).unlink()
    for name, content in files.items():
        path = target / name
        if path.is_file() and not path.is_symlink() and path.read_bytes() == content:
            continue
        write_atomic(path, content)
    for folder in sorted((p for p in target.rglob("*") if p.is_dir() and not p.is_symlink()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def diff_assignment(target: Path, files: Mapping[str, bytes]) -> list[str]:
    """Return how the folder differs from ``files``: one unified diff per text file, one line per binary; empty if it does not."""
    present = _present(target)
    return [
        _diff(name, present.get(name), files.get(name)) for name in sorted(set(present) | set(files)) if present.get(name) != files.get(name)
    ]


def _diff(name: str, old: bytes | None, new: bytes | None) -> str:
    try:
        before, after = ((data or b"").decode().splitlines(keepends=True) for data in (old, new))
    except UnicodeDecodeError:
        return f"{name}: binary differs" if old is not None and new is not None else f"{name}: binary {'missing' if old is None else 'stale'}"
    sides = ("/dev/null" if old is None else f"a/{name}", "/dev/null" if new is None else f"b/{name}")
    return "".join(difflib.unified_diff(list(before), list(after), *sides)) or f"{name}: {'missing' if old is None else 'stale'} (empty file)"


def _present(target: Path) -> dict[str, bytes]:
    found = {}
    for path in sorted(target.rglob("*")) if target.is_dir() else ():
        relative = path.relative_to(target)
        if (path.is_symlink() or path.is_file()) and not _IGNORED & set(relative.parts):
            found[relative.as_posix()] = b"symbolic link" if path.is_symlink() else path.read_bytes()
    return found


def _visible_check(path: Path, unit: Unit) -> bytes:
    content = path.read_bytes()
    try:
        tree = ast.parse(content)
    except (SyntaxError, ValueError) as error:
        raise AuthorError(f"visible/{path.name} does not parse: {error}", unit=unit.name) from error
    for node in ast.walk(tree):
        names = [a.name for a in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        if any("hidden" in name.split(".") for name in names):
            raise AuthorError(f"visible/{path.name} imports a hidden test; students get this file", unit=unit.name, line=getattr(node, "lineno", None))
    return content


def _render(reference: Reference, unit: Unit, sources: Mapping[str, str]) -> str:
    cells: list[dict[str, Any]] = []
    for cell in reference.cells:
        if cell.is_solution:
            _add_facts(cells, cell, unit)
        cells.append(_markdown(cell.id, cell.source) if cell.kind == "markdown" else _code(cell, sources.get(cell.id, cell.source)))
        if cell.is_solution:
            cells.append(_check(cell.id, unit))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata = {"autograder": {"unit": unit.name}, "kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return _json(notebook).decode()


def _add_facts(cells: list[dict[str, Any]], cell: ReferenceCell, unit: Unit) -> None:
    item = _item(unit, cell.id)
    if not cells or cells[-1]["cell_type"] != "markdown":
        cells.append(_markdown(f"about-{cell.id}", f"**{item.title}**"))
    text = "".join(cells[-1]["source"])
    cells[-1]["source"] = _lines(f"{text.rstrip()}\n\n{facts(item)}")


def _item(unit: Unit, id_: str) -> Exercise | Question:
    items: tuple[Exercise | Question, ...] = (*unit.exercises, *unit.questions)
    return next(item for item in items if item.id == id_)


def facts(item: Exercise | Question) -> str:
    """Return the line about difficulty, minutes and points below an exercise's or question's text."""
    points = f"{item.points:g} point{'' if item.points == 1 else 's'}"
    if isinstance(item, Question):
        return f"*Question · {points}*"
    stars = "★" * item.difficulty + "☆" * (3 - item.difficulty)
    return f"*{'Stretch exercise · ' if item.stretch else ''}Difficulty {stars} · about {item.minutes} minutes · {points}*"


def _markdown(id_: str, source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": id_, "metadata": {}, "source": _lines(source)}


def _code(cell: ReferenceCell, source: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"autograder": {"role": cell.kind}, "tags": [cell.kind]}
    if cell.kind in ("setup", "exercise", "question"):
        metadata["nbgrader"] = _nbgrader(cell.id, solution=cell.is_solution, locked=cell.kind == "setup")
    return _code_cell(cell.id, metadata, source)


def _check(id_: str, unit: Unit) -> dict[str, Any]:
    nbgrader = _nbgrader(check_id(id_), grade=True, locked=True) | {"points": _plain(_item(unit, id_).points)}
    return _code_cell(check_id(id_), {"autograder": {"role": "check"}, "nbgrader": nbgrader, "tags": ["check"]}, check_source(id_))


def _nbgrader(grade_id: str, *, solution: bool = False, grade: bool = False, locked: bool = False) -> dict[str, Any]:
    return {"grade": grade, "grade_id": grade_id, "locked": locked, "schema_version": 3, "solution": solution, "task": False}


def _code_cell(id_: str, metadata: dict[str, Any], source: str) -> dict[str, Any]:
    return {"cell_type": "code", "execution_count": None, "id": id_, "metadata": metadata, "outputs": [], "source": _lines(source)}


def _lines(source: str) -> list[str]:
    return source.strip("\n").splitlines(keepends=True)


def _plain(points: float) -> float | int:
    return int(points) if float(points).is_integer() else points


def _json(data: Any) -> bytes:
    return (json.dumps(data, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode()
