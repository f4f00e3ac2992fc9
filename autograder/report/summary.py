"""A run for the terminal: one line per student, or the class in numbers when it is large."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from autograder.feedback.text import number, told
from autograder.records import SubmissionRecord
from autograder.report.safe import one_line
from autograder.report.statistics import ClassStats, class_stats, newest, share

LARGE = 60  # students up to whom each has a line
_LOWEST = 10
_UNGRADABLE = 20
_BAR = 10  # columns of a score as a bar
_STUDENT = 22
_SCORE = 6
_ID = 18
_MARKS = 20
_GAP = 2  # columns between two columns of the table
_MESSAGE = 80  # columns at which a message is cut, however wide the terminal
_WORDS = 12  # columns below which a message says nothing
_WIDE = 96  # columns from which there is room for bars


@dataclass(frozen=True)
class Summary:
    """What is printed of a run; it takes the width it is given, and cuts names and messages, never scores or marks."""

    rows: Collection[SubmissionRecord]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Yield the headline, the table and what belongs below it."""
        stats = class_stats(self.rows)
        shown = tuple(self.rows) if len(self.rows) <= LARGE else _notable(self.rows)
        yield Text(f" {_headline(stats)}")
        if not self.rows:
            return
        yield _students(shown, options.max_width)
        if stats.exercises:
            yield Text(" ● all points  ◐ some  ○ none: one mark per exercise, in the unit's order")
        if len(shown) < len(self.rows):
            yield Text(f" {len(shown)} of {len(self.rows)} submissions shown: those that could not be graded and the lowest scores.")
            yield _exercises(stats)


def summary_table(records: Collection[SubmissionRecord]) -> Summary:
    """Return what to print of a run.

    A class of more than ``LARGE`` is shown by its numbers, its ungradable submissions and its lowest scores.  Text that a
    student wrote is cleaned and never read as markup.

    Args:
        records: of one unit; the last record of a student counts.
    """
    return Summary(newest(records))


def _headline(stats: ClassStats) -> str:
    words = f"{stats.graded} graded" + (f", {stats.ungradable} could not be graded" if stats.ungradable else "")
    if stats.graded:
        words += f"; mean {number(stats.mean)}, median {number(stats.median)} of {number(stats.max_score)}"
    return words


def _notable(rows: Collection[SubmissionRecord]) -> tuple[SubmissionRecord, ...]:
    ungradable = islice((r for r in rows if r.status != "graded"), _UNGRADABLE)
    lowest = heapq.nsmallest(_LOWEST, (r for r in rows if r.status == "graded"), key=lambda r: share(r.score, r.max_score))
    return (*ungradable, *lowest)


def _students(rows: Sequence[SubmissionRecord], width: int) -> Table:
    """Return a line per submission; a column for which there is no room is left out whole."""
    table = _table()
    names = [one_line(r.student, 60) for r in rows]
    student = min(_STUDENT, max(map(cell_len, ("Student", *names))))
    marks = min(_MARKS, max(len("Exercises"), *(len(r.exercises) for r in rows)))
    bar = width >= _WIDE
    fixed = [student, _SCORE, marks, *([_BAR] if bar else [])]
    rest = min(_MESSAGE, width - 1 - sum(w + _GAP for w in fixed) - _GAP)
    table.add_column("Student", width=student, no_wrap=True, overflow="ellipsis")
    table.add_column("Score", width=_SCORE, justify="right", no_wrap=True)
    if bar:
        table.add_column("", width=_BAR, no_wrap=True)
    table.add_column("Exercises", width=marks, overflow="fold")
    if rest >= _WORDS:
        table.add_column("First finding", width=rest, no_wrap=True, overflow="ellipsis")
    for name, record in zip(names, rows, strict=True):
        graded = record.status == "graded"
        cells = [Text(name), Text(number(record.score) if graded else "–")]
        cells += [_bar(record)] if bar else []
        cells += [Text(_marks(record))]
        cells += [Text(_first_finding(record), style="" if graded else "yellow")] if rest >= _WORDS else []
        table.add_row(*cells)
    return table


def _exercises(stats: ClassStats) -> Table:
    """Return the class's mean in each exercise, and how many have all of its points or none."""
    table = _table()
    table.add_column("Exercise", no_wrap=True, overflow="ellipsis")
    for title in ("Mean", "Points", "All", "None"):
        table.add_column(title, justify="right", no_wrap=True)
    for item in stats.exercises:
        table.add_row(Text(one_line(item.id, 40)), number(item.mean), number(item.max_points), str(item.full), str(item.none))
    return table


def _table() -> Table:
    return Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=False)


def _bar(record: SubmissionRecord) -> Text:
    if record.status != "graded":
        return Text("")
    filled = int(_BAR * share(record.score, record.max_score) + 1e-9)  # a full bar is a full score
    return Text("█" * filled, style="green") + Text("░" * (_BAR - filled), style="dim")


def _marks(record: SubmissionRecord) -> str:
    return "".join("●" if e.points >= e.max_points - 1e-9 else "○" if e.points <= 1e-9 else "◐" for e in record.exercises)


def _short(id_: str) -> str:
    return id_ if len(id_) <= _ID else f"{id_[: _ID - 1]}…"


def _first_finding(record: SubmissionRecord) -> str:
    """Return why a submission has no score, or the reader's first message, or the first failure: its mistake if that is known."""
    if record.status != "graded":
        return one_line(f"ungradable: {record.reason}", _MESSAGE)
    failed = [(e.id, t) for e in record.exercises for t in e.tests if t.outcome == "failed"]
    said = (t.misconception or f"{_short(id_)}: {told(t) or t.description}" for id_, t in failed)
    return one_line(next(filter(None, (*record.messages, *said)), ""), _MESSAGE)
