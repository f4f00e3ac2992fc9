"""A run for the terminal: one line per student, or the class in numbers when it is large."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from autograder.feedback.text import number
from autograder.records import SubmissionRecord
from autograder.report.safe import one_line
from autograder.report.statistics import ClassStats, class_stats, latest, share

LARGE = 60  # students up to whom each has a line
_LOWEST = 10
_BAR = 10


def summary_table(records: Sequence[SubmissionRecord]) -> Table:
    """Return a table that fits 100 columns.

    A class of more than 40 is shown by its numbers, its ungradable submissions and its lowest scores.  Text that a
    student wrote is cleaned and never read as markup.
    """
    rows = latest(records)
    stats = class_stats(rows)
    large = len(rows) > LARGE
    shown = _notable(rows) if large else rows
    table = Table(
        title=Text(_headline(stats)),
        caption=Text(_caption(stats, len(rows), len(shown))),
        expand=False,
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
    table.add_column("Student", max_width=22, no_wrap=True, overflow="ellipsis")
    table.add_column("Status", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("Exercises", min_width=9, max_width=14, overflow="fold")
    table.add_column("First message", max_width=30, no_wrap=True, overflow="ellipsis")
    for record in shown:
        table.add_row(*_row(record))
    return table


def _headline(stats: ClassStats) -> str:
    words = f"{stats.graded} graded" + (f", {stats.ungradable} could not be graded" if stats.ungradable else "")
    if stats.graded:
        words += f"; mean {number(stats.mean)}, median {number(stats.median)} of {number(stats.max_score)}"
    return words


def _caption(stats: ClassStats, total: int, shown: int) -> str:
    lines = []
    if shown < total:
        lines.append(f"{shown} of {total} submissions shown: those that could not be graded and the lowest scores.")
        lines += [f"{one_line(e.id, 40)}: mean {number(e.mean)} of {number(e.max_points)}" for e in stats.exercises]
    if stats.exercises:
        lines.append("● all points  ◐ some  ○ none, one mark per exercise")
    return "\n".join(lines)


def _notable(rows: Sequence[SubmissionRecord]) -> list[SubmissionRecord]:
    ungradable = [r for r in rows if r.status != "graded"]
    lowest = sorted((r for r in rows if r.status == "graded"), key=lambda r: share(r.score, r.max_score))
    return ungradable[:20] + lowest[:_LOWEST]


def _row(record: SubmissionRecord) -> list[Text]:
    graded = record.status == "graded"
    filled = round(_BAR * share(record.score, record.max_score))
    bar = Text("█" * filled, style="green") + Text("░" * (_BAR - filled), style="dim") if graded else Text("")
    marks = "".join("●" if e.points >= e.max_points - 1e-9 else "○" if e.points <= 1e-9 else "◐" for e in record.exercises)
    return [
        Text(one_line(record.student, 60)),
        Text("graded", style="green") if graded else Text("ungradable", style="yellow"),
        Text(number(record.score) if graded else "–"),
        bar,
        Text(marks),
        Text(_first_message(record), style="" if graded else "yellow"),
    ]


def _first_message(record: SubmissionRecord) -> str:
    """Return the reason, the reader's first message, or the first failed test's message."""
    failed = (t.message or t.description for e in record.exercises for t in e.tests if t.outcome == "failed")
    return one_line(next(filter(None, (record.reason, *record.messages, *failed)), ""), 80)
