"""Checks a student's pushed notebooks: finds them, runs each apart, and writes what the code host shows."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from autograder.atomic import write_atomic
from autograder.ci.isolated import check_isolated
from autograder.ci.lines import source_lines
from autograder.errors import Ungradable, UsageError
from autograder.feedback.safe import clean
from autograder.feedback.text import render_exercise_text, untouched
from autograder.publish.untouched import is_untouched, known_digest
from autograder.report.annotations import (
    CheckedNotebook,
    counted,
    findings,
    to_annotations,
    to_check_junit,
    to_code_quality,
    to_notices,
    to_summary,
)
from autograder.submissions.notebook import RawNotebook, parse_notebook

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"
WORKSPACE_VARIABLES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR")
_SKIPPED = frozenset({"node_modules", "__pycache__"})
_CELL = re.compile(r"\bcell (\d{1,4})\b")
_LINE = re.compile(r"\bcell (\d{1,4})\b[^,()]{0,80}, line (\d{1,6})\b")


class Target(msgspec.Struct, frozen=True):
    """A notebook to check; ``named`` when it was asked for by its own name, so that it counts also when nobody has begun it."""

    path: Path
    named: bool


def find_notebooks(paths: Sequence[Path]) -> list[Target]:
    """Return the notebooks at some paths; below a folder, those that have their checks beside them.

    Raises:
        UsageError: a path does not exist, or there is no notebook with checks at all.
    """
    found: list[Target] = []
    for path in paths:
        if path.is_dir():
            found += [Target(notebook, named=False) for notebook in _below(path)]
        elif path.is_file():
            found.append(Target(path, named=True))
        else:
            raise UsageError(f"notebook={str(path)!r}: cannot read it (no such file or folder)")
    if not found:
        raise UsageError(
            f"{', '.join(map(str, paths))}: there is no notebook with a folder 'checks' beside it; name an assignment's folder"
        )
    return found


def _below(folder: Path) -> Iterator[Path]:
    for where, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED)
        if (Path(where) / "checks" / "unit.json").is_file():
            yield from (Path(where) / name for name in sorted(names) if name.endswith(".ipynb"))


def check_all(targets: Sequence[Target], exercise: str | None = None) -> Iterator[CheckedNotebook]:
    """Check notebooks one after the other, each in a process of its own.

    Args:
        targets: see :func:`find_notebooks`.
        exercise: only this one; then exactly one notebook is to be named.

    Raises:
        UsageError: the exercise does not exist, or a named notebook has no checks beside it.
    """
    for target in targets:
        shown, unit = _shown(target.path), target.path.parent.name if (target.path.parent / "checks").is_dir() else target.path.stem
        if not target.named and is_untouched(target.path):
            yield CheckedNotebook(shown, unit, begun=False)
            continue
        try:
            data = target.path.read_bytes()
            notebook = parse_notebook(data)
        except (Ungradable, OSError) as error:
            yield CheckedNotebook(shown, unit, reason=str(error))
            continue
        run = check_isolated(target.path, exercise)
        if run.report is None:
            yield CheckedNotebook(shown, unit, reason=run.reason, output=run.output)
            continue
        lines = source_lines(data.decode("utf-8-sig", "replace"))
        exercises = run.report.exercises
        judged = [e for e in exercises if e.id not in run.report.left_out]
        begun = target.named or bool(run.report.problems) or not all(untouched(e) for e in judged) or (bool(run.report.left_out) and known_digest(target.path) is not None)
        yield CheckedNotebook(
            shown,
            unit,
            exercises,
            tuple((_problem_line(text, lines), text) for text in run.report.problems),
            {e.id: _exercise_line(e.id, notebook, lines, [t.message for t in e.tests if t.outcome == "failed"]) for e in exercises},
            begun,
            output=run.output,
            questions=run.report.questions,
            left_out=run.report.left_out,
            note=run.report.note,
        )


def _shown(path: Path) -> str:
    """Return a path as the code host knows it: relative to the checkout, with forward slashes."""
    absolute = path.resolve()
    for variable in WORKSPACE_VARIABLES:
        if (root := os.environ.get(variable)) and absolute.is_relative_to(Path(root).resolve()):
            return absolute.relative_to(Path(root).resolve()).as_posix()
    here = Path.cwd()
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else path).as_posix()


def _problem_line(text: str, lines: tuple[tuple[int, ...], ...]) -> int:
    match = _CELL.search(text)
    return _at(lines, int(match[1]), 1) if match else 1


def _exercise_line(id_: str, notebook: RawNotebook, lines: tuple[tuple[int, ...], ...], messages: Sequence[str]) -> int:
    """Return the line that the first traceback names, or that of the exercise's definition in its cell."""
    for match in filter(None, map(_LINE.search, messages)):
        return _at(lines, int(match[1]), int(match[2]))
    cell = next((c for c in notebook.cells if c.is_code and id_ in c.ids), None)
    if cell is None:
        return 1
    wanted = re.compile(rf"\s*(def|class)\s+{re.escape(id_)}\b|\s*{re.escape(id_)}\s*=")
    row = next((row for row, line in enumerate(cell.source.splitlines(), 1) if wanted.match(line)), 1)
    return _at(lines, cell.number, row)


def _at(lines: tuple[tuple[int, ...], ...], cell: int, row: int) -> int:
    """Return the file's line of a row of a cell, both counted from 1; the nearest one when there is no such row."""
    if not 1 <= cell <= len(lines):
        return 1
    rows = lines[cell - 1]
    return rows[min(max(row, 1), len(rows)) - 1]


def report_text(notebook: CheckedNotebook) -> str:
    """Return a notebook's outcome as plain text."""
    if not notebook.begun:
        return f"{notebook.path}: not begun"
    if notebook.reason:
        return f"{notebook.path}: {clean(notebook.reason)}"
    parts = [*(text for _, text in notebook.problems), *(render_exercise_text(e) for e in notebook.judged)]
    parts += [notebook.note] if notebook.note else []
    return "\n\n".join([f"{notebook.path}:", *map(clean_block, parts), counted([notebook])])


def clean_block(text: str) -> str:
    """Return a block of text without control characters, at full length."""
    return clean(text, 200_000)


def run_checks(
    paths: Sequence[Path],
    exercise: str | None,
    say: Callable[[str], None],
    *,
    github: bool,
    junit: Path | None = None,
    code_quality: Path | None = None,
) -> bool:
    """Check notebooks, print and write what was found, and return whether everything begun passes.

    With ``github``, all that students' code has a part in is printed while the runner obeys no command; the annotations come after.

    Raises:
        UsageError: see :func:`find_notebooks` and :func:`check_all`.
    """
    targets = find_notebooks(paths)
    checked: list[CheckedNotebook] = []
    token = secrets.token_hex(20)
    say(f"::stop-commands::{token}") if github else None
    try:
        for notebook in check_all(targets, exercise):
            checked.append(notebook)
            say(report_text(notebook))
            if notebook.output.strip():
                say(f"\nprinted by {notebook.path}:\n{clean_block(notebook.output)}")
            say("")
    finally:
        say(f"::{token}::") if github else None
    if github:
        for line in (*to_annotations(findings(checked)), *to_notices(checked)):
            say(line)
        if summary := os.environ.get(SUMMARY_VARIABLE):
            with open(summary, "a", encoding="utf-8") as file:
                file.write(to_summary(checked))
    if junit is not None:
        write_atomic(junit, to_check_junit(checked))
    if code_quality is not None:
        write_atomic(code_quality, to_code_quality(checked))
    return all(notebook.passed for notebook in checked)
