"""Feedback pages and the class page: harmless, complete, the same each time."""

from __future__ import annotations

import gc
import random
import tempfile
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from autograder.records import SubmissionRecord, TestRecord, encode
from autograder.report import pages as pages_module
from autograder.report.pages import render_student, write_reports
from autograder.stored import Place, Stored
from tests.autograder.report import samples
from tests.autograder.report.htmlcheck import Page

CSP = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render_class(records: list[SubmissionRecord], **headings: Any) -> str:
    """Return the class page that is written for records."""
    with tempfile.TemporaryDirectory() as folder:
        return write_reports(records, Path(folder), **headings).read_text("utf-8")


def every_page() -> list[str]:
    """Return all pages of the friendly and the hostile class."""
    pages = []
    for records in (samples.small_class(), samples.hostile_class(), []):
        pages.append(render_class(records, unit_title="Backpropagation"))
        pages += [render_student(r, unit_title="Backpropagation") for r in records]
    return pages


@pytest.fixture(scope="module", name="pages")
def _pages() -> list[str]:
    return every_page()


def test_pages_are_balanced_and_hold_no_active_content(pages: list[str]) -> None:
    """Every tag closes; there is no script, no handler, no source and no address outside the report."""
    for html in pages:
        assert Page(html).problems == []


def test_pages_carry_policy_language_and_encoding(pages: list[str]) -> None:
    """Every page opens with its doctype and language, forbids everything but its own styles, and encodes in UTF-8."""
    for html in pages:
        html.encode("utf-8")
        assert html.startswith('<!doctype html>\n<html lang="en">')
        metas = [a for tag, a in Page(html).tags if tag == "meta"]
        assert {"http-equiv": "Content-Security-Policy", "content": CSP} in metas


def test_pages_are_accessible(pages: list[str]) -> None:
    """Table headers say what they head, pictures say what they show, and a page has one title and one h1."""
    for html in pages:
        tags = Page(html).tags
        assert all(a.get("scope") in ("row", "col") for tag, a in tags if tag == "th")
        assert all(a.get("role") == "img" and a.get("aria-label") for tag, a in tags if tag == "svg")
        assert [tag for tag, _ in tags].count("h1") == [tag for tag, _ in tags].count("title") == 1


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    """Markup in a name, message, hint, example or reason is shown as written and never becomes an element."""
    for record in (samples.hostile(text), samples.ungradable(text, text)):
        for html in (render_student(record, unit_title=text, course=text), render_class([record], unit_title=text, course=text)):
            assert Page(html).problems == []
            for raw in ("<script", "<img", "onload=alert(1)>", "onerror=alert(1)>", "\x1b", "\u202e", "\x00", "49 "):
                assert raw not in html


def test_a_student_sees_all_that_helps() -> None:
    """The page of a wrong submission has points, sentences, messages, numbers, hint, example and pictures."""
    record = samples.submission("Chien-Shiung Wu", 3)
    html = render_student(record, unit_title="Backpropagation by hand", course="Deep learning")
    text = Page(html).text
    for part in (
        "Chien-Shiung Wu",
        "Backpropagation by hand",
        "Deep learning",
        "7 / 35",
        "db is the sum of dout",
        "db: values differ",
        samples.DB_HINT,
    ):
        assert part in text
    assert "dx, dw, db = affine_backward(dout, cache)" in text
    assert "Every entry is 0.25 times the expected one." in text
    assert "~~^~~~~~" in text
    assert html.count("<svg") > 6


def test_the_opening_leads_to_one_exercise() -> None:
    """Where nothing is complete it is the first, otherwise the first with a hint; where all is complete there is none."""
    opened = [
        "".join(line for line in Page(render_student(record, unit_title="t")).text.splitlines() if "A good place" in line)
        for record in (
            samples.submission("Ada", 2),
            samples.submission("Ada", 0),
            samples.submission("Ada", 2, exercises=samples.exercises(random.Random(1), 2)[2:3]),
        )
    ]
    assert opened[0] == "1 of 4 exercises is complete. A good place to go on: “Affine layer, backward”, where a hint is waiting for you."
    assert opened[1] == ""
    assert opened[2] == "A good place to start: “Softmax loss that does not overflow”."


def test_a_student_sees_no_path_and_no_seed() -> None:
    """The page given to a student names neither the teacher's folders nor the seed."""
    record = samples.submission("Ada", 3, path="/srv/private/x.ipynb", seed_fingerprint="5b1c-77d0")
    html = render_student(record, unit_title="t")
    assert "/srv/private" not in html
    assert "5b1c-77d0" not in html


def test_an_ungradable_page_shows_no_score() -> None:
    """It says why and what to do, and does not show zero points."""
    html = render_student(samples.ungradable("Ada", "The file is empty."), unit_title="t")
    text = Page(html).text
    assert "The file is empty." in text
    assert "What to do" in text
    assert "points" not in text.replace("No points were given or taken", "")


def test_the_class_page_has_every_part() -> None:
    """Scores, exercises, mistakes with hints, tests, students, reasons and the facts of the run are there."""
    records = samples.small_class()
    text = " ".join(Page(render_class(records, unit_title="Backpropagation", graded_at="2 March 2026")).text.split())
    for part in ("Could not be graded", "Scores", "Exercises", "Commonest mistakes", "Tests, hardest first", "Students", "This run"):
        assert part in text
    for part in (samples.DB_HINT, "Untitled3.ipynb", "5b1c-77d0", "0.1.0", "CPU seconds per submission", "2 March 2026", "Иван Петров"):
        assert part in text


def test_names_break_only_where_they_may() -> None:
    """Long names of exercises and files may break after an underscore or a slash, and their text stays whole."""
    html = render_class([*samples.small_class()], unit_title="t")
    assert "<code>affine_<wbr>backward</code>" in html
    assert "<code>submitted/<wbr>Paul Dirac/<wbr>u03_<wbr>backprop/<wbr>u03_<wbr>backprop.ipynb</code>" in html
    assert "affine_backward" in Page(html).text


def test_the_table_of_students_tells_points_apart() -> None:
    """Full, partial and missing points are marked, so that the eye finds what is not complete."""
    html = render_class([samples.submission("Ada", 3)], unit_title="t")
    assert '<td class="n full">20</td><td class="n some">14</td>' in html
    assert '<td class="n none">0</td>' in html


def test_a_reason_is_a_sentence() -> None:
    """The reader's words begin with a capital on a page; a message that begins with a name keeps it."""
    assert "The file is empty" in Page(render_student(samples.ungradable("Ada", "the file is empty"), unit_title="t")).text
    record = samples.submission("Ada", 0, messages=("cell 6 has lost its id", "dx has 2 cells"))
    assert {"Cell 6 has lost its id", "dx has 2 cells"} <= set(Page(render_student(record, unit_title="t")).text.splitlines())


def test_mixed_runs_are_pointed_out() -> None:
    """Records of two sandboxes or two seeds say so; records of one run do not."""
    one = [samples.submission("a", 0), samples.submission("b", 0)]
    two = [samples.submission("a", 0), samples.submission("b", 0, sandbox="none")]
    assert "runs that differ" not in render_class(one, unit_title="t")
    assert "runs that differ in sandbox level" in render_class(two, unit_title="t")


def test_the_report_is_written_whole(tmp_path: Path) -> None:
    """Each student has a page, links of the class page lead to them, and no temporary file stays."""
    records = [*samples.small_class(), *samples.hostile_class()]
    report = write_reports(records, tmp_path / "out", unit_title="t")
    assert report == tmp_path / "out" / "report.html"
    links = {a["href"] for tag, a in Page(report.read_text("utf-8")).tags if tag == "a" and not a["href"].startswith("#")}
    assert len(links) == len({r.student for r in records})
    assert all((tmp_path / "out" / link).is_file() for link in links)
    files = [p for p in (tmp_path / "out").rglob("*") if p.is_file()]
    assert len(files) == len(links) + 2
    assert not [p for p in files if p.name.startswith(".")]
    assert not [p for p in tmp_path.rglob("*") if tmp_path not in p.resolve().parents and p.resolve() != tmp_path]


@pytest.mark.parametrize("units", [1, 2])
def test_the_same_records_give_the_same_bytes(tmp_path: Path, units: int) -> None:
    """Order of records and place of writing leave no trace, in the overview of several units neither."""
    records = [*samples.small_class(), *(samples.submission("Ada Lovelace", 2, unit="u01") for _ in range(units - 1))]
    write_reports(records, tmp_path / "a", unit_title="t")
    write_reports(records[::-1], tmp_path / "b", unit_title="t")
    for path in (tmp_path / "a").rglob("*.*"):
        assert path.read_bytes() == (tmp_path / "b" / path.relative_to(tmp_path / "a")).read_bytes()


def test_the_last_record_of_a_student_counts() -> None:
    """After a second grading the old score is not shown."""
    records = [samples.submission("Ada", 3, score=27.0), samples.submission("Ada", 0, score=100.0)]
    text = Page(render_class(records, unit_title="t")).text
    assert "27" not in text.split("Students")[1]


def test_several_units_get_an_overview(tmp_path: Path) -> None:
    """Each unit keeps its class page, the overview links them all, and grades.csv holds both units."""
    records = [*samples.small_class(), *(samples.submission(n, 2, unit="u01") for n in (*samples.NAMES, *samples.HOSTILE))]
    report = write_reports(
        records, tmp_path, unit_title={"u01": "Linear algebra", "u03_backprop": "Backpropagation"}, course="Deep learning"
    )
    page = Page(report.read_text("utf-8"))
    assert page.problems == []
    assert "Linear algebra" in page.text
    assert "not graded" in page.text
    links = {a["href"] for tag, a in page.tags if tag == "a"}
    assert {"report-u01.html", "report-u03_backprop.html"} <= links
    assert all((tmp_path / link).is_file() for link in links)
    assert len(links) == len(records) + 2
    assert "All units" in Page((tmp_path / "report-u01.html").read_text("utf-8")).text
    assert len((tmp_path / "grades.csv").read_text("utf-8").splitlines()) == len(records) + 1


def test_a_page_made_from_the_same_record_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writing reports again makes only the pages whose record or heading is another one, so that a large class is resumed fast."""
    records = samples.small_class()
    write_reports(records, tmp_path, unit_title="t")
    made: list[str] = []
    monkeypatch.setattr(pages_module, "render_student", lambda record, **more: made.append(record.student) or render_student(record, **more))
    write_reports(records, tmp_path, unit_title="t")
    assert made == []
    changed = structs.replace(records[0], score=1.0)
    write_reports([changed, *records[1:]], tmp_path, unit_title="t")
    assert made == [changed.student]
    path = next((tmp_path / "feedback").iterdir()) / "u03_backprop.html"
    path.write_text(path.read_text("utf-8")[:-40], encoding="utf-8")
    write_reports([changed, *records[1:]], tmp_path, unit_title="t")
    assert len(made) == 2
    write_reports(records, tmp_path, unit_title="another")
    assert len(made) == 2 + len(records)


def test_records_on_disk_give_the_same_reports_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is the same as from records in memory, and never are the tests of more than two records in memory."""
    records = [*samples.small_class(), *(samples.submission(n, 2, unit="u01") for n in samples.NAMES)]
    write_reports(records, tmp_path / "memory", unit_title="t")
    places, data = [], b""
    for record in records:
        line = encode(record) + b"\n"
        places.append(Place(record.unit, record.student, len(data), len(line)))
        data += line
    (tmp_path / "results.jsonl").write_bytes(data)
    stored = Stored(tmp_path / "results.jsonl", places)
    largest, before = max(sum(len(e.tests) for e in r.exercises) for r in records), in_memory()
    counted: list[int] = []
    monkeypatch.setattr(pages_module, "render_student", lambda record, **more: counted.append(in_memory() - before) or render_student(record, **more))
    write_reports(stored, tmp_path / "disk", unit_title="t")
    assert len(counted) == len(records)
    assert max(counted) <= 2 * largest
    names = sorted(p.relative_to(tmp_path / "memory") for p in (tmp_path / "memory").rglob("*.*"))
    assert names == sorted(p.relative_to(tmp_path / "disk") for p in (tmp_path / "disk").rglob("*.*"))
    assert all((tmp_path / "memory" / n).read_bytes() == (tmp_path / "disk" / n).read_bytes() for n in names)


def in_memory() -> int:
    """Return how many records of tests there are in this process, those in cycles that nobody reaches left out."""
    gc.collect()
    return sum(type(thing) is TestRecord for thing in gc.get_objects())
