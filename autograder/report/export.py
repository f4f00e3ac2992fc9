"""Records in the forms that other systems read: pure functions, safe whatever a student wrote."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from autograder.atomic import write_atomic
from autograder.errors import UsageError
from autograder.feedback.text import MARKS, number, render_exercise_text, verdict
from autograder.records import SubmissionRecord, TestRecord
from autograder.report.files import student_folders
from autograder.report.gradebooks import to_canvas, to_moodle
from autograder.report.safe import clean, csv_line, one_line
from autograder.report.statistics import class_stats, newest
from autograder.submissions.names import slug

_LONG = 20_000
_COMMAND = re.compile(r"(?m)^([^\S\n]*)::|##\[")


FORMATS = ("csv", "json", "junit", "gradescope", "github", "canvas", "moodle")


def export_files(records: Collection[SubmissionRecord], format_: str) -> dict[str, str]:
    """Return the files of one format, as relative path → content.

    Raises:
        UsageError: there is no such format.
    """
    _check(format_)
    if format_ == "gradescope":
        folders = student_folders(r.student for r in records)
        return {f"gradescope/{folders[r.student]}/{slug(r.unit)}.json": _json(to_gradescope(r)) for r in newest(records)}
    return {
        "csv": lambda: {"grades.csv": to_csv(records)},
        "json": lambda: {"grades.json": _json(to_json(records))},
        "junit": lambda: {"junit.xml": to_junit(records)},
        "github": lambda: {"summary.md": to_github(records)},
        "canvas": lambda: {"canvas.csv": to_canvas(records)},
        "moodle": lambda: {"moodle.csv": to_moodle(records)},
    }[format_]()


def write_exports(records: Collection[SubmissionRecord], out: Path, formats: Sequence[str]) -> list[Path]:
    """Write the files of several formats into ``out``; return their paths, sorted within a format.

    Raises:
        UsageError: there is no such format; then nothing is written.
    """
    wanted = [format_.strip() for format_ in formats]
    for format_ in wanted:
        _check(format_)
    written = []
    for format_ in wanted:
        for name, content in sorted(export_files(records, format_).items()):
            write_atomic(out / name, content)
            written.append(out / name)
    return written


def _check(format_: str) -> None:
    if format_ not in FORMATS:
        raise UsageError(f"format={format_!r} is not one of {', '.join(FORMATS)}")


def _json(data: Any) -> str:
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def to_csv(records: Collection[SubmissionRecord]) -> str:
    """Return the gradebook: student, unit, score, max_score, status, then one column per exercise.

    RFC 4180 with CR LF; cells cannot start a formula.  An ungradable submission has an empty score, not a zero.
    """
    rows = newest(records)
    ids = list(dict.fromkeys(e.id for r in rows for e in r.exercises))
    lines = [csv_line(["student", "unit", "score", "max_score", "status", *ids])]
    for record in rows:
        points = {e.id: f"{e.points:.10g}" for e in record.exercises}
        score = f"{record.score:.10g}" if record.status == "graded" else ""
        lines.append(
            csv_line([record.student, record.unit, score, f"{record.max_score:.10g}", record.status, *(points.get(i, "") for i in ids)])
        )
    return "".join(lines)


def to_json(records: Iterable[SubmissionRecord]) -> list[dict[str, Any]]:
    """Return the records as plain JSON data with every text cleaned, so that it encodes anywhere."""
    return [_cleaned(msgspec.to_builtins(record)) for record in records]


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, _LONG)
    if isinstance(value, dict):
        return {key: _cleaned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_cleaned(item) for item in value]
    return value


def to_junit(records: Collection[SubmissionRecord]) -> str:
    """Return JUnit XML: a suite per submission, a case per test; an ungradable submission is one case with an error."""
    rows = newest(records)
    root = ElementTree.Element("testsuites", name="autograder")
    for record in rows:
        tests = [t for e in record.exercises for t in e.tests]
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=f"{one_line(record.unit, 80)}/{one_line(record.student)}",
            tests=str(len(tests) if record.status == "graded" else 1),
            failures=str(sum(t.outcome == "failed" for t in tests)),
            errors=str(int(record.status != "graded")),
            skipped=str(sum(t.outcome == "not_run" for t in tests)),
            time=f"{record.seconds:.3f}",
        )
        if record.status != "graded":
            case = ElementTree.SubElement(suite, "testcase", classname=one_line(record.unit, 80), name="read", time="0.000")
            ElementTree.SubElement(case, "error", type="ungradable", message=one_line(record.reason)).text = clean(record.reason)
        for exercise in record.exercises:
            for test in exercise.tests:
                classname = f"{one_line(record.unit, 80)}.{one_line(exercise.id, 80)}"
                case = ElementTree.SubElement(suite, "testcase", classname=classname, name=one_line(test.name), time=f"{test.seconds:.3f}")
                _junit_outcome(case, test)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _junit_outcome(case: ElementTree.Element, test: TestRecord) -> None:
    message = one_line(test.message) or one_line(test.description)
    if test.outcome == "not_run":
        ElementTree.SubElement(case, "skipped", message=message)
    elif test.outcome == "failed":
        body = "\n".join(clean(part) for part in (test.description, test.message, test.hint) if part)
        ElementTree.SubElement(case, "failure", type="failed", message=message).text = body


def to_gradescope(record: SubmissionRecord, *, visibility: str = "after_published") -> dict[str, Any]:
    """Return one submission as Gradescope's ``results.json``: an entry per exercise, text only.

    Gradescope knows no ungradable submission; one gets a score of 0, and its text says that it is not a grade.

    Args:
        record: the submission.
        visibility: ``visible``, ``after_due_date``, ``after_published`` or ``hidden``.
    """
    common = {"output_format": "text", "visibility": visibility, "stdout_visibility": "hidden"}
    if record.status != "graded":
        output = f"This submission could not be graded yet, so the 0 shown here is not a grade. Reason: {clean(record.reason)}"
        return {**common, "visibility": "visible", "score": 0.0, "output": output, "tests": [], "extra_data": {"status": record.status}}
    tests = [
        {
            "name": one_line(exercise.title) or one_line(exercise.id),
            "name_format": "text",
            "number": str(position),
            "score": exercise.points,
            "max_score": exercise.max_points,
            "status": "passed" if exercise.points >= exercise.max_points - 1e-9 else "failed",
            "output": render_exercise_text(exercise),
            "output_format": "text",
            "visibility": visibility,
        }
        for position, exercise in enumerate(record.exercises, 1)
    ]
    output = "\n".join(clean(message) for message in record.messages)
    extra = {"status": record.status, "sha256": one_line(record.sha256, 64), "grader_version": one_line(record.grader_version, 40)}
    return {
        **common,
        "score": record.score,
        "execution_time": round(record.seconds, 3),
        "output": output,
        "tests": tests,
        "extra_data": extra,
    }


def to_github(records: Collection[SubmissionRecord], *, title: str = "") -> str:
    """Return a job summary in Markdown: a table of students, then each exercise that is not complete, in a fence.

    A text that a student wrote cannot end its fence, start a workflow command, link, or load an image.
    """
    rows = newest(records)
    stats = class_stats(rows)
    lines = [f"## {markdown(title or 'Grades')}", "", f"{stats.graded} graded, {stats.ungradable} could not be graded.", ""]
    lines += ["| Student | Unit | Score | Exercises |", "| --- | --- | ---: | --- |"]
    for record in rows:
        score = f"{number(record.score)} / {number(record.max_score)}" if record.status == "graded" else "–"
        marks = " ".join(f"{MARKS[_overall(e.points, e.max_points)]} {markdown(e.id)}" for e in record.exercises)
        marks = marks or f"could not be graded: {markdown(one_line(record.reason, 160))}"
        lines.append(f"| {markdown(one_line(record.student, 80))} | {markdown(one_line(record.unit, 80))} | {score} | {marks} |")
    for record in rows:
        todo = [e for e in record.exercises if e.points < e.max_points - 1e-9]
        if todo:
            words = (
                f"{one_line(record.student, 80)}: {verdict(todo[0])}"
                if len(todo) == 1
                else f"{one_line(record.student, 80)}: {len(todo)} exercises to go on with"
            )
            lines += ["", f"### {markdown(words)}", "", fence("\n".join(render_exercise_text(e) for e in todo))]
    return "\n".join(lines) + "\n"


def _overall(points: float, max_points: float) -> str:
    return "passed" if points >= max_points - 1e-9 else "failed"


def markdown(text: str) -> str:
    """Return one line in which every ASCII punctuation mark is escaped, so that it is text and nothing else."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", one_line(text, 400))


def fence(text: str) -> str:
    """Return a code block that its content cannot leave, and no line of which is a workflow command."""
    body = _COMMAND.sub(lambda m: f"{m[1]}: :" if m[1] is not None else "## [", clean(text, _LONG)).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}text\n{body}\n{ticks}"
