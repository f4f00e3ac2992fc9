"""Feedback pages for students and one page for the class, as HTML that needs nothing but itself."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from autograder.errors import UsageError
from autograder.feedback.html import environment, feedback_css
from autograder.feedback.text import number
from autograder.records import SubmissionRecord
from autograder.report.charts import bar_svg, histogram_svg
from autograder.report.export import to_csv
from autograder.report.names import slug
from autograder.report.safe import one_line
from autograder.report.statistics import ClassStats, class_stats, histogram, latest, share

TEMPLATES = Path(__file__).parent / "templates"


@cache
def _environment() -> Environment:
    env = environment(TEMPLATES)
    css = (TEMPLATES / "page.css").read_text(encoding="utf-8")
    env.globals.update(css=feedback_css() + Markup(css), bar=_bar)
    return env


def _bar(points: float, max_points: float, what: str, width: int) -> Markup:
    label = f"{what}: {number(100 * share(points, max_points))} %"
    return Markup(bar_svg(share(points, max_points), label=label, width=width))


def render_student(record: SubmissionRecord, *, unit_title: str, course: str = "", graded_at: str = "", lang: str = "en") -> str:
    """Return the page one student reads about one submission.

    Args:
        record: the submission; an ungradable one gives a page that says why and what to do.
        unit_title, course: headings.
        graded_at: a date to print, or nothing: pages are the same bytes for the same records.
        lang: language of the page.
    """
    title = unit_title or record.unit
    names = {"record": record, "title": title, "course": course, "graded_at": graded_at, "lang": lang, "opening": _opening(record)}
    return _environment().get_template("student.html").render(names)


def render_class(records: Sequence[SubmissionRecord], *, unit_title: str, course: str = "", graded_at: str = "", lang: str = "en") -> str:
    """Return the page of a whole class; links lead to the pages of :func:`write_reports`.

    Args:
        records: of one unit; the last record of a student counts.
        unit_title, course, graded_at, lang: as for :func:`render_student`.

    Raises:
        UsageError: the records are of several units.
    """
    newest = latest(records)
    unit = _only_unit(newest)
    stats = class_stats(newest)
    links = {student: quote(path.as_posix()) for student, path in feedback_paths(newest).items()}
    names: dict[str, Any] = {
        "title": unit_title or unit or "No submissions",
        "unit": unit,
        "course": course,
        "graded_at": graded_at,
        "lang": lang,
        "stats": stats,
        "chart": _chart(stats),
        "ungradable": [(r, links[r.student]) for r in newest if r.status != "graded"],
        "students": [{"record": r, "link": links[r.student], "marks": _marks(r, stats)} for r in newest],
        "run_facts": _run_facts(newest),
        "mixed": _mixed(newest),
    }
    return _environment().get_template("class.html").render(names)


def feedback_paths(records: Sequence[SubmissionRecord]) -> dict[str, Path]:
    """Return each student's page relative to the report's folder; two students never share one.

    Names that differ only in what a file name cannot hold, or only in case, are told apart by a hash of the name.
    """
    students = sorted({r.student for r in records})
    wanted = Counter(slug(s).casefold() for s in students)
    file = f"{slug(_only_unit(records) or 'unit')}.html"
    return {s: Path("feedback", slug(s) if wanted[slug(s).casefold()] == 1 else f"{slug(s)}-{_digest(s)}", file) for s in students}


def write_reports(
    records: Sequence[SubmissionRecord], out: Path, *, unit_title: str = "", course: str = "", graded_at: str = "", lang: str = "en"
) -> Path:
    """Write ``report.html``, ``grades.csv`` and ``feedback/STUDENT/UNIT.html`` into ``out``; return the class page's path.

    Each file appears whole or not at all, and the same records give the same bytes.

    Args:
        records: of one unit; the last record of a student counts.
        out: folder, made if missing.
        unit_title, course, graded_at, lang: as for :func:`render_student`.

    Raises:
        UsageError: the records are of several units.
    """
    newest = latest(records)
    paths = feedback_paths(newest)
    for record in newest:
        page = render_student(record, unit_title=unit_title, course=course, graded_at=graded_at, lang=lang)
        write_atomic(out / paths[record.student], page)
    write_atomic(out / "grades.csv", to_csv(newest))
    report = out / "report.html"
    write_atomic(report, render_class(newest, unit_title=unit_title, course=course, graded_at=graded_at, lang=lang))
    return report


def write_atomic(path: Path, content: str) -> None:
    """Write UTF-8 text so that a reader sees the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content.encode("utf-8"))
        Path(temporary).chmod(0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _only_unit(records: Sequence[SubmissionRecord]) -> str:
    units = sorted({r.unit for r in records})
    if len(units) > 1:
        raise UsageError(f"these records are of {len(units)} units ({', '.join(one_line(u, 60) for u in units[:5])}); give those of one")
    return units[0] if units else ""


def _digest(student: str) -> str:
    return hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _opening(record: SubmissionRecord) -> str:
    """Return where the student stands and which exercise to look at first."""
    complete = sum(e.points >= e.max_points - 1e-9 for e in record.exercises)
    total = len(record.exercises)
    if not total:
        return ""
    if complete == total:
        return "Every test passes. Nothing is left to do here."
    open_ = [e for e in record.exercises if e.points < e.max_points - 1e-9]
    hinted = [e for e in open_ if any(t.hint and t.outcome != "passed" for t in e.tests)]
    first = (hinted or open_)[0]
    name = one_line(first.title, 100) or first.id
    done = f"{complete} of {total} exercises {'is' if complete == 1 else 'are'} complete. " if complete else ""
    return f"{done}A good place to go on: “{name}”" + (", where a hint is waiting for you." if hinted else ".")


def _marks(record: SubmissionRecord, stats: ClassStats) -> list[str]:
    points = {e.id: number(e.points) for e in record.exercises}
    return [points.get(e.id, "–") for e in stats.exercises]


def _chart(stats: ClassStats) -> Markup:
    counts = histogram(stats.shares)
    words = ", ".join(f"{10 * i} to {10 * i + 10} %: {count}" for i, count in enumerate(counts) if count)
    mean = sum(stats.shares) / len(stats.shares) if stats.shares else None
    return Markup(histogram_svg(counts, label=f"Number of submissions by score. {words}", mean=mean))


_FACTS = (("Sandbox level", "sandbox"), ("Grader version", "grader_version"), ("Seed fingerprint", "seed_fingerprint"), ("Tests", "tests_sha256"))


def _values(records: Sequence[SubmissionRecord], field: str) -> Counter[str]:
    return Counter(one_line(getattr(r, field), 64) for r in records if getattr(r, field))


def _run_facts(records: Sequence[SubmissionRecord]) -> list[tuple[str, str]]:
    """Return what the records say about the run, as (label, value) pairs."""
    facts = []
    for label, field in _FACTS:
        found = _values(records, field).most_common(6)
        if found:
            facts.append((label, found[0][0] if len(found) == 1 else ", ".join(f"{value} ({count})" for value, count in found)))
    graded = [r for r in records if r.status == "graded"]
    if graded:
        cpu = [r.cpu_seconds for r in graded]
        wall = [r.seconds for r in graded]
        facts.append(("CPU seconds per submission", f"{sum(cpu) / len(cpu):.2f} on average, {max(cpu):.2f} at most"))
        facts.append(("Wall seconds per submission", f"{sum(wall) / len(wall):.2f} on average, {max(wall):.2f} at most"))
    return facts


def _mixed(records: Sequence[SubmissionRecord]) -> str:
    """Return which facts differ between graded records, as words, or nothing."""
    graded = [r for r in records if r.status == "graded"]
    return ", ".join(label.lower() for label, field in _FACTS if len(_values(graded, field)) > 1)
