"""Feedback pages for students and one page for the class, as HTML that needs nothing but itself."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment
from markupsafe import Markup

from autograder.atomic import write_atomic
from autograder.feedback.html import environment, feedback_css
from autograder.feedback.text import number
from autograder.records import ExerciseRecord, SubmissionRecord, encode
from autograder.report.charts import bar_svg, histogram_svg
from autograder.report.export import to_csv
from autograder.report.files import ends_with, student_folders
from autograder.report.safe import one_line
from autograder.report.statistics import ClassStats, Tally, class_stats, histogram, mixed_facts, newest, outline, run_facts, share
from autograder.stored import Stored
from autograder.submissions.names import slug

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


def _class_page(rows: Sequence[SubmissionRecord], stats: ClassStats, *, unit_title: str, **headings: object) -> Iterator[str]:
    """Yield the page of a class in pieces; ``rows`` are of one unit, one per student, and may be outlines."""
    unit = rows[0].unit if rows else ""
    links = _links(rows)
    names: dict[str, Any] = {
        "title": unit_title or unit or "No submissions",
        "unit": unit,
        "stats": stats,
        "chart": _chart(stats),
        "ungradable": [(r, links[r.unit, r.student]) for r in rows if r.status != "graded"],
        "students": ({"record": r, "link": links[r.unit, r.student], "marks": _marks(r, stats)} for r in rows),
        "run_facts": run_facts(rows),
        "mixed": mixed_facts(rows),
    }
    return _environment().get_template("class.html").generate(names | headings)


def _overview(rows: Sequence[SubmissionRecord], stats: Mapping[str, ClassStats], *, titles: Mapping[str, str], **headings: object) -> Iterator[str]:
    """Yield the page that leads to several units' class pages and shows every student's scores, in pieces; ``rows`` may be outlines."""
    links = _links(rows)
    units = [{"name": n, "title": titles.get(n) or n, "link": quote(class_file(n)), "stats": stats[n]} for n in stats]
    students: dict[str, dict[str, Any]] = {}
    for record in rows:
        students.setdefault(record.student, {})[record.unit] = {"record": record, "link": links[record.unit, record.student]}
    return _environment().get_template("overview.html").generate({"units": units, "students": students} | headings)


def class_file(unit: str) -> str:
    """Return the file name of a unit's class page where there are several units."""
    return f"report-{slug(unit)}.html"


def feedback_path(unit: str, folder: str) -> Path:
    """Return a feedback page's path relative to the report's folder."""
    return Path("feedback", folder, f"{slug(unit)}.html")


def write_reports(
    records: Collection[SubmissionRecord],
    out: Path,
    *,
    unit_title: str | Mapping[str, str] = "",
    course: str = "",
    graded_at: str = "",
    lang: str = "en",
) -> Path:
    """Write ``report.html``, ``grades.csv`` and ``feedback/STUDENT/UNIT.html`` into ``out``; return the path of ``report.html``.

    For several units ``report.html`` is an overview and each unit has a class page of its own, ``report-UNIT.html``.
    Each file appears whole or not at all, and the same records give the same bytes.  A student's page that was made from the
    same record is left as it is.

    Args:
        records: the last record of a student and unit counts; gone through once, so that those on disk may stay there.
        out: folder, made if missing.
        unit_title: one title, or titles by the unit's name.
        course, graded_at, lang: as for :func:`render_student`.
    """
    headings = {"course": course, "graded_at": graded_at, "lang": lang}
    shown = newest(records)
    names = shown.names() if isinstance(shown, Stored) else [r.student for r in shown]
    folders = student_folders(names)
    rows: list[SubmissionRecord] = []
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    for record in shown:
        title = unit_title if isinstance(unit_title, str) else unit_title.get(record.unit, "")
        _write_student(out / feedback_path(record.unit, folders[record.student]), record, unit_title=title, **headings)
        rows.append(outline(record))
        tallies[record.unit].add(record)
    stats = {unit: tallies[unit].stats() for unit in sorted(tallies)}
    titles = dict.fromkeys(stats, unit_title) if isinstance(unit_title, str) else dict(unit_title)
    write_atomic(out / "grades.csv", to_csv(rows))
    report = out / "report.html"
    if len(stats) > 1:
        for unit, counted in stats.items():
            own = [r for r in rows if r.unit == unit]
            write_atomic(out / class_file(unit), _class_page(own, counted, unit_title=titles.get(unit, ""), overview=True, **headings))
        write_atomic(report, _overview(rows, stats, titles=titles, **headings))
    else:
        title = titles.get(next(iter(stats)), "") if stats else unit_title if isinstance(unit_title, str) else ""
        write_atomic(report, _class_page(rows, next(iter(stats.values()), class_stats(())), unit_title=title, overview=False, **headings))
    return report


def _write_student(path: Path, record: SubmissionRecord, *, unit_title: str, course: str, graded_at: str, lang: str) -> None:
    """Write a student's page, unless it is there already, made from the same record by the same templates."""
    try:
        text = encode(record)
    except UnicodeEncodeError:  # a record that was never on disk
        text = repr(record).encode()
    made_from = repr((_maker(), unit_title, course, graded_at, lang)).encode() + text
    mark = f"<!-- {hashlib.sha256(made_from).hexdigest()[:16]} -->\n"
    if not ends_with(path, mark):
        page = render_student(record, unit_title=unit_title, course=course, graded_at=graded_at, lang=lang)
        write_atomic(path, (page, "" if page.endswith("\n") else "\n", mark))


@cache
def _maker() -> str:
    """Return a hash of everything but the record that a page is made of."""
    package = Path(__file__).parent.parent
    files = (path for folder in ("report", "feedback") for path in sorted((package / folder).rglob("*.*")) if path.suffix in (".py", ".html", ".css"))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def _links(records: Sequence[SubmissionRecord]) -> dict[tuple[str, str], str]:
    folders = student_folders(r.student for r in records)
    return {(r.unit, r.student): quote(feedback_path(r.unit, folders[r.student]).as_posix()) for r in records}


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
    first = hinted[0] if hinted and complete else open_[0]
    name = one_line(first.title, 100) or first.id
    done = f"{complete} of {total} exercises {'is' if complete == 1 else 'are'} complete. " if complete else ""
    step = "to go on" if complete else "to start"
    return f"{done}A good place {step}: “{name}”" + (", where a hint is waiting for you." if first in hinted else ".")


def _marks(record: SubmissionRecord, stats: ClassStats) -> list[tuple[str, str]]:
    """Return each exercise's points as words and as ``full``, ``some`` or ``none``, in the unit's order."""
    marks = {e.id: (number(e.points), _state(e)) for e in record.exercises}
    return [marks.get(e.id, ("–", "none")) for e in stats.exercises]


def _state(exercise: ExerciseRecord) -> str:
    return "full" if exercise.points >= exercise.max_points - 1e-9 else "none" if exercise.points <= 1e-9 else "some"


def _chart(stats: ClassStats) -> Markup:
    counts = histogram(stats.shares)
    words = ", ".join(f"{10 * i} to {10 * i + 10} %: {count}" for i, count in enumerate(counts) if count)
    mean = sum(stats.shares) / len(stats.shares) if stats.shares else None
    return Markup(histogram_svg(counts, label=f"Number of submissions by score. {words}", mean=mean))
