"""Exports: CSV, JSON, JUnit, Gradescope and GitHub read back and hold nothing active."""

from __future__ import annotations

import csv
import io
import json
import re
import tracemalloc
from pathlib import Path
from xml.etree import ElementTree

import pytest

from autograder import records as lines
from autograder.errors import UsageError
from autograder.report.export import (
    FORMATS,
    export_files,
    fence,
    markdown,
    to_csv,
    to_github,
    to_gradescope,
    to_json,
    to_junit,
    write_exports,
)
from autograder.stored import Place, Stored
from tests.autograder.report import samples


def rows(text: str) -> list[dict[str, str]]:
    """Return a CSV text as a list of rows."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_reads_back() -> None:
    """Columns, order, scores and exercises are as recorded; an ungradable submission has an empty score."""
    text = to_csv(samples.small_class())
    assert text.splitlines()[0] == "student,unit,score,max_score,status,affine_forward,affine_backward,softmax_loss,why_db_sums"
    table = {row["student"]: row for row in rows(text)}
    wrong = samples.submission("Chien-Shiung Wu", 3)
    assert float(table["Chien-Shiung Wu"]["score"]) == pytest.approx(wrong.score)
    assert float(table["Chien-Shiung Wu"]["affine_backward"]) == pytest.approx(wrong.exercises[1].points)
    assert table["Paul Dirac"]["score"] == table["Paul Dirac"]["affine_forward"] == ""
    assert table["Paul Dirac"]["status"] == "ungradable"


def test_csv_of_hostile_names_is_one_row_each() -> None:
    """A name with line breaks, quotes and formulas stays one cell that no spreadsheet evaluates."""
    records = samples.hostile_class()
    text = to_csv(records)
    text.encode("utf-8")
    table = rows(text)
    assert len(table) == len({r.student for r in records})
    assert not [cell for row in table for cell in row.values() if re.match(r"[=+@\t\r\n]|-\D", cell)]


def test_json_is_clean_and_complete() -> None:
    """The list encodes anywhere, and text that needed no cleaning is unchanged."""
    data = to_json(samples.small_class())
    assert json.loads(json.dumps(data)) == data
    assert data[2]["exercises"][1]["tests"][0]["hint"] == samples.ORDER_HINT
    json.dumps(to_json(samples.hostile_class()), ensure_ascii=False).encode("utf-8")


def test_junit_parses_and_counts() -> None:
    """Suites count their failures, skips and errors as the cases say."""
    root = ElementTree.fromstring(to_junit([*samples.small_class(), *samples.hostile_class()]))
    for suite in root:
        for count, tag in (("failures", "failure"), ("skipped", "skipped"), ("errors", "error")):
            assert int(suite.attrib[count]) == len(suite.findall(f"testcase/{tag}"))
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
    assert len(root.findall("testsuite/testcase/error[@type='ungradable']")) == 2 + len(samples.HOSTILE)


def test_gradescope_has_scores_and_text_only() -> None:
    """Scores add up, output is text, nothing is visible earlier than asked."""
    record = samples.submission("Chien-Shiung Wu", 3)
    result = to_gradescope(record)
    json.dumps(result)
    assert sum(t["score"] for t in result["tests"]) == pytest.approx(result["score"]) == pytest.approx(record.score)
    assert sum(t["max_score"] for t in result["tests"]) == 100
    assert {t["output_format"] for t in result["tests"]} == {"text"}
    assert {t["visibility"] for t in result["tests"]} == {"after_published"}
    assert "Your db is exactly N times too small" in result["tests"][1]["output"]


def test_gradescope_says_that_ungradable_is_not_a_grade() -> None:
    """The reason is visible at once, beside the zero that Gradescope needs."""
    result = to_gradescope(samples.ungradable("Ada", "The file is empty."))
    assert "not a grade" in result["output"]
    assert "The file is empty." in result["output"]
    assert result["visibility"] == "visible"


def outside_fences(text: str) -> tuple[str, int]:
    """Return what a CommonMark reader sees outside code fences, and how many fences there were."""
    outside, fences, open_ = [], 0, ""
    for line in text.split("\n"):
        match = re.match(r" {0,3}(`{3,})(.*)$", line)
        if not open_ and match and "`" not in match[2]:
            open_, fences = match[1], fences + 1
        elif open_ and match and len(match[1]) >= len(open_) and not match[2].strip():
            open_ = ""
        elif not open_:
            outside.append(line)
    assert not open_
    return "\n".join(outside), fences


def test_github_summary_keeps_text_in_its_place() -> None:
    """No line is a workflow command, no fence is left early, and outside fences there is no link, image or tag."""
    records = samples.hostile_class()
    text = to_github(records, title="<b>x</b>")
    text.encode("utf-8")
    assert not re.search(r"(?m)^\s*::", text)
    assert "##[" not in text
    outside, fences = outside_fences(text)
    incomplete = [r for r in records if any(e.points < e.max_points for e in r.exercises)]
    assert fences == len(incomplete)
    assert not re.search(r"(?<!\\)[<>\[\]`]|https?:|(?<!\\)!", outside)


@pytest.mark.parametrize("text", ["```", "~~~\n````\n`````", "::set-output name=x::y", "  ::error::x", "a ##[command]b", "x[::2]"])
def test_fence_holds(text: str) -> None:
    """A block closes only at its own end, and slices inside a line of code stay as they are."""
    block = fence(text)
    assert outside_fences(block) == ("", 1)
    assert not re.search(r"(?m)^\s*::|##\[", block)
    if text == "x[::2]":
        assert text in block


def test_markdown_escapes_all_punctuation() -> None:
    """A line of text cannot become a link, a mention, a table cell or HTML."""
    assert markdown("a|b @x <i> [l](http://e)") == r"a\|b \@x \<i\> \[l\]\(http\:\/\/e\)"


def test_every_format_is_written(tmp_path: Path) -> None:
    """Each format's files are those that are reported, inside the folder, in UTF-8."""
    records = [*samples.small_class(), *samples.hostile_class()]
    paths = write_exports(records, tmp_path, FORMATS)
    assert sorted(paths) == sorted(p for p in tmp_path.rglob("*") if p.is_file())
    assert {"canvas.csv", "grades.csv", "grades.json", "junit.xml", "moodle.csv", "summary.md", "u03_backprop.json"} == {p.name for p in paths}
    assert len(list((tmp_path / "gradescope").iterdir())) == len({r.student for r in records})
    assert all(p.read_text("utf-8") for p in paths)


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    """The message lists the formats, and nothing is written."""
    with pytest.raises(UsageError, match="format='pdf' is not one of csv, json, junit, gradescope, github"):
        write_exports(samples.small_class(), tmp_path, ["csv", "pdf"])
    assert not list(tmp_path.iterdir())
    assert export_files([], "json") == {"grades.json": "[]\n"}


def stored(folder: Path, names: list[str], **more: object) -> Stored:
    """Return records of a class that lie in a file."""
    path, places, start = folder / "results.jsonl", [], 0
    with path.open("wb") as file:
        for i, name in enumerate(names):
            line = lines.encode(samples.submission(name, i % 5, **more)) + b"\n"
            file.write(line)
            places.append(Place("u03_backprop", name, start, len(line)))
            start += len(line)
    return Stored(path, places)


@pytest.mark.parametrize("format_", FORMATS)
def test_records_on_disk_give_the_same_files(format_: str, tmp_path: Path) -> None:
    """Whether records are in memory or gone through on disk, each format's files are the same."""
    kept = stored(tmp_path, ["ada", "Bob", "cyd"])
    assert export_files(kept.by_name(), format_) == export_files(list(kept.by_name()), format_)


@pytest.mark.parametrize("format_", ["csv", "canvas", "moodle"])
def test_tables_of_points_take_little_memory(format_: str, tmp_path: Path) -> None:
    """A table of a class is made without taking its records into memory: four megabytes of them need less than one."""
    kept = stored(tmp_path, [f"s{i:03}" for i in range(200)], messages=("x" * 20_000,))
    assert (tmp_path / "results.jsonl").stat().st_size > 4_000_000
    tracemalloc.start()
    export_files(kept, format_)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
