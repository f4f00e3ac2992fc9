"""Gives each student their result: a page to read, a line in the class's table, and a status at their commit."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from autograder.ci.collect import Collected
from autograder.ci.github import GitHub, State
from autograder.errors import GraderError
from autograder.feedback.safe import one_line
from autograder.feedback.text import number
from autograder.records import SubmissionRecord
from autograder.report.export import markdown, to_github
from autograder.report.files import write_atomic
from autograder.report.safe import csv_line

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


def results(collected: Sequence[Collected], records: Sequence[SubmissionRecord]) -> list[Result]:
    """Return each collected unit with the record of the very notebook that was collected."""
    graded = {(r.student, r.unit): r for r in records}
    found = []
    for item in collected:
        record = graded.get((item.folder, item.unit))
        current = record is not None and (not item.sha256 or record.sha256 == item.sha256)
        found.append(Result(item, record if current else None))
    return found


def write_results(found: Sequence[Result], out: Path) -> list[Path]:
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
    for folder in dict.fromkeys(one.collected.folder for one in found):
        own = [one for one in found if one.collected.folder == folder]
        path = out / "summaries" / f"{folder}.md"
        write_atomic(path, student_summary(own))
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


def class_summary(found: Sequence[Result]) -> str:
    """Return the class's table in Markdown, for the summary of a run."""
    late = sum(bool(one.collected.late_seconds) for one in found)
    lines = [
        "## Collected and graded",
        "",
        f"{len(found)} submissions, {late} late.",
        "",
        "| Student | Unit | Result | Received |",
        "| --- | --- | --- | --- |",
    ]
    for one in found:
        c = one.collected
        lines.append(
            f"| {markdown(one_line(c.student, 80))} | {markdown(c.unit)} | {markdown(one.description)} | {markdown(_received(c))} |"
        )
    return "\n".join(lines) + "\n"


def post_statuses(
    found: Sequence[Result], github: GitHub, out: Path, *, target: str = "", say: Callable[[str], None] = lambda _: None
) -> int:
    """Show each result at its commit, and return how many could not be shown; what was shown already is not sent again.

    Args:
        found: see :func:`results`.
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
