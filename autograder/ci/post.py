"""Gives each student their result: a page to read, a line in the class's table, and a status at their commit."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import msgspec

from autograder.atomic import write_atomic
from autograder.ci.collect import Collected
from autograder.ci.github import GitHub, State
from autograder.errors import GraderError
from autograder.feedback.safe import one_line
from autograder.feedback.text import number
from autograder.records import SubmissionRecord
from autograder.report.export import markdown, to_github
from autograder.report.safe import csv_line
from autograder.stored import Stored

POSTED = "posted.jsonl"
_COLUMNS = [
    "student",
    "unit",
    "status",
    "score",
    "max_score",
    "commit",
    "received_after",
    "received_by",
    "source",
    "late_seconds",
    "uncertain",
    "problem",
]


class Result(msgspec.Struct, frozen=True):
    """A student's collected unit with its record; None when it was not graded."""

    collected: Collected
    record: SubmissionRecord | None

    @property
    def lateness(self) -> str:
        """Return how late it is, in words; empty when it is on time."""
        seconds = self.collected.late_seconds
        if not seconds:
            return ""
        for size, unit in ((86400.0, "d"), (3600.0, "h"), (60.0, "min")):
            if seconds >= size:
                return f"late by {seconds / size:.1f} {unit}"
        return f"late by {seconds:.0f} s"

    @property
    def description(self) -> str:
        """Return one line for a commit's status."""
        late = f", {self.lateness}" if self.lateness else ""
        if self.record is None:
            problem = one_line(self.collected.problem, 100)
            return f"not graded: {problem}" if problem and not self.collected.sha256 else f"not graded yet{late}"
        if self.record.status != "graded":
            return f"could not be graded: {one_line(self.record.reason, 80)}{late}"
        done = sum(e.points >= e.max_points - 1e-9 for e in self.record.exercises)
        return f"{number(self.record.score)} of {number(self.record.max_score)} points, {done} of {len(self.record.exercises)} exercises complete{late}"

    @property
    def state(self) -> State:
        """``success`` for every grade, whatever the score; a score is no broken build."""
        return "success" if self.record is not None and self.record.status == "graded" else "error"


class Results(Collection[Result]):
    """Each collected unit with the record of the very notebook that was collected, read from disk when it is gone through.

    Args:
        collected: in the order in which they are gone through.
        records: of the grading run.
    """

    def __init__(self, collected: Sequence[Collected], records: Stored) -> None:
        self._collected, self._records = collected, records

    def __len__(self) -> int:
        return len(self._collected)

    def __contains__(self, result: object) -> bool:
        return any(result == own for own in self)

    def __iter__(self) -> Iterator[Result]:
        """Yield the results; raises ``GraderError`` when the file of records was changed meanwhile."""
        for item in self._collected:
            record = self._records.find(item.unit, item.folder)
            current = record is not None and (not item.sha256 or record.sha256 == item.sha256)
            yield Result(item, record if current else None)

    def by_folder(self) -> Iterator[tuple[str, Results]]:
        """Yield each student's folder with the student's own results."""
        own: defaultdict[str, list[Collected]] = defaultdict(list)
        for item in self._collected:
            own[item.folder].append(item)
        return ((folder, Results(items, self._records)) for folder, items in own.items())


def write_results(found: Results, out: Path) -> list[Path]:
    """Write ``pushes.csv`` and ``summaries/<student>.md`` into the folder of the records, and return their paths."""
    lines = [csv_line(_COLUMNS)]
    for one in found:
        c, r = one.collected, one.record
        graded = r is not None and r.status == "graded"
        status = r.status if r is not None else "not_graded"
        score = [number(r.score), number(r.max_score)] if r is not None and graded else ["", ""]
        times = [c.after, c.by, c.source, f"{c.late_seconds:.0f}", "yes" if c.uncertain else "no"]
        lines.append(csv_line([c.student, c.unit, status, *score, c.commit, *times, c.problem]))
    paths = [out / "pushes.csv"]
    write_atomic(paths[0], "".join(lines))
    for folder, own in found.by_folder():
        path = out / "summaries" / f"{folder}.md"
        write_atomic(path, student_summary(tuple(own)))
        paths.append(path)
    return paths


def student_summary(own: Sequence[Result]) -> str:
    """Return one student's results in Markdown: a row per unit, then what to go on with."""
    lines = ["## Your results", "", "| Unit | Result | Commit | Received |", "| --- | --- | --- | --- |"]
    for one in own:
        c = one.collected
        lines.append(f"| {markdown(c.unit)} | {markdown(one.description)} | {markdown(c.commit[:12])} | {markdown(_received(c))} |")
    records = [one.record for one in own if one.record is not None]
    return "\n".join(lines) + "\n\n" + (to_github(records, title="In detail") if records else "")


def _received(collected: Collected) -> str:
    if not collected.by:
        return "–"
    if collected.source == "host" or not collected.after:
        return f"{'' if collected.source == 'host' else 'by '}{collected.by}"
    return f"between {collected.after} and {collected.by}"


def class_summary(found: Results) -> str:
    """Return the class's table in Markdown, for the summary of a run."""
    late, uncertain, rows = 0, 0, []
    for one in found:
        c = one.collected
        late += bool(c.late_seconds)
        uncertain += c.uncertain
        rows.append(f"| {markdown(one_line(c.student, 80))} | {markdown(c.unit)} | {markdown(one.description)} | {markdown(_received(c))} |")
    unknown = f", {uncertain} uncertain (see `received_after` and `received_by` in pushes.csv)" if uncertain else ""
    head = ["## Collected and graded", "", f"{len(found)} submissions, {late} late{unknown}.", "", "| Student | Unit | Result | Received |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows]) + "\n"


def post_statuses(
    found: Results, github: GitHub, out: Path, *, target: str = "", say: Callable[[str], None] = lambda _: None
) -> int:
    """Show each result at its commit, and return how many could not be shown; what was shown already is not sent again.

    Args:
        found: what was collected and graded.
        github: the client.
        out: keeps ``posted.jsonl``.
        target: the address that a status links to.
        say: told each failure.
    """
    path = out / POSTED
    shown = set(path.read_text("utf-8").split()) if path.is_file() else set()
    failed = 0
    for one in found:
        c = one.collected
        if not c.repository or not c.commit or one.record is None:
            continue
        key = hashlib.sha256(json.dumps([c.repository, c.commit, c.unit, one.state, one.description]).encode()).hexdigest()
        if key in shown:
            continue
        try:
            github.set_status(c.repository, c.commit, one.state, f"grade/{c.unit}", one.description, target)
        except GraderError as error:
            failed += 1
            say(f"{one_line(c.student, 80)}: {error}")
            continue
        with open(path, "a", encoding="utf-8") as file:
            file.write(key + "\n")
    return failed
