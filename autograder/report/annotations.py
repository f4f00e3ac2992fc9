"""What visible checks found, in the forms a code host shows beside a push; pure functions, safe whatever a student wrote."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from xml.etree import ElementTree

import msgspec

from autograder.feedback.safe import clean, one_line
from autograder.feedback.text import MARKS, count_sentence, render_exercise_text, state, told, untouched
from autograder.records import ExerciseRecord, SubmissionRecord, TestRecord
from autograder.report.export import fence, markdown, to_junit

MAX_ANNOTATIONS = 10  # more of one step are not shown by the host
_MAX_SUMMARY = 900_000  # bytes; the host takes 1 MiB
_MAX_ROWS = 300


class CheckedNotebook(msgspec.Struct, frozen=True):
    """A notebook with what its visible checks gave.

    Args:
        path: as the host knows it, with forward slashes.
        unit: the assignment.
        exercises: outcomes; none when the notebook was not run.
        problems: sentences about cells that stopped, with the line each is about.
        lines: line in the file by exercise.
        begun: whether it is to be judged; an assignment nobody has begun is passed over.
        reason: why it could not be checked at all.
        output: what its code printed.
        questions: ids of those among the exercises that are questions.
        left_out: ids of exercises that were not run for want of a package; they decide nothing.
        note: one line about them.
    """

    path: str
    unit: str
    exercises: tuple[ExerciseRecord, ...] = ()
    problems: tuple[tuple[int, str], ...] = ()
    lines: dict[str, int] = {}
    begun: bool = True
    reason: str = ""
    output: str = ""
    questions: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    note: str = ""

    @property
    def judged(self) -> tuple[ExerciseRecord, ...]:
        """The exercises and questions that could be run."""
        return tuple(e for e in self.exercises if e.id not in self.left_out)

    @property
    def passed(self) -> bool:
        """Whether nothing is left to do that can be run here, or nothing has been begun."""
        return not self.begun or (not self.reason and all(t.outcome == "passed" for e in self.judged for t in e.tests))


def counted(notebooks: Sequence[CheckedNotebook]) -> str:
    """Return how many exercises and questions of some notebooks pass."""
    return count_sentence((e, e.id in n.questions, e.id in n.left_out) for n in notebooks for e in n.exercises)


class Finding(msgspec.Struct, frozen=True):
    """One thing that does not hold, at a line of a student's file."""

    path: str
    line: int
    name: str
    title: str
    message: str


def findings(notebooks: Sequence[CheckedNotebook]) -> list[Finding]:
    """Return what does not hold, the first failing check of every exercise before the second of any.

    An exercise that is not written yet is no finding: the summary's table counts it.
    """
    ranked: list[tuple[int, Finding]] = []
    for notebook in notebooks:
        if not notebook.begun:
            continue
        if notebook.reason:
            ranked.append((0, Finding(notebook.path, 1, notebook.unit, "The notebook cannot be checked", notebook.reason)))
        ranked += [(0, Finding(notebook.path, line, notebook.unit, "A cell stops", text)) for line, text in notebook.problems]
        for exercise in notebook.judged:
            failed = [t for t in exercise.tests if state(t) in ("failed", "not_run")]
            ranked += [(rank, _finding(notebook, exercise, test)) for rank, test in enumerate(failed)]
    return [finding for _, finding in sorted(ranked, key=lambda pair: pair[0])]


def _finding(notebook: CheckedNotebook, exercise: ExerciseRecord, test: TestRecord) -> Finding:
    words = [test.description, told(test) or ("This check did not run." if test.outcome == "not_run" else "")]
    words += [f"Hint: {test.hint}"] if test.hint else []
    message = "\n".join(clean(text, 1500) for text in words if text)
    return Finding(notebook.path, notebook.lines.get(exercise.id, 1), test.name, one_line(exercise.id, 80), message)


def to_annotations(found: Sequence[Finding]) -> list[str]:
    """Return workflow commands for the first findings; every value is escaped, so that none can start another command."""
    return [
        f"::error file={_property(one_line(f.path, 400))},line={f.line},title={_property(one_line(f.title, 100))}::{_data(clean(f.message, 3000))}"
        for f in found[:MAX_ANNOTATIONS]
    ]


def to_notices(notebooks: Sequence[CheckedNotebook]) -> list[str]:
    """Return a workflow command for each notebook of which something could not be run; it reddens nothing."""
    noted = [n for n in notebooks if n.begun and n.note]
    return [f"::notice file={_property(one_line(n.path, 400))},line=1,title=Not run::{_data(one_line(n.note, 1000))}" for n in noted]


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def to_summary(notebooks: Sequence[CheckedNotebook]) -> str:
    """Return a step summary in Markdown: a row per exercise, a row per finding, then what to read in full, in fences."""
    begun = [n for n in notebooks if n.begun]
    total = sum(len(n.exercises) for n in begun)
    lines = [
        "## Visible checks",
        "",
        f"{counted(begun)}." if begun else "No assignment has been begun yet.",
        "",
    ]
    if total:
        lines += ["| Assignment | Exercise | Checks passed | |", "| --- | --- | ---: | --- |"]
        lines += [row for notebook in begun for row in _rows(notebook)]
    lines += [f"\n{markdown(n.unit)}: {markdown(one_line(n.note, 1000))}" for n in begun if n.note]
    if found := findings(begun):
        lines += ["", "### What does not pass", "", "| Where | Exercise | Check | What happened |", "| --- | --- | --- | --- |"]
        lines += [_finding_row(f) for f in found[:_MAX_ROWS]]
        lines += [f"\n… and {len(found) - _MAX_ROWS} more."] if len(found) > _MAX_ROWS else []
    for notebook in begun:
        todo = [e for e in notebook.judged if any(t.outcome != "passed" for t in e.tests) and not untouched(e)]
        if todo:
            lines += ["", f"### {markdown(notebook.unit)}", "", fence("\n".join(render_exercise_text(e) for e in todo))]
    if waiting := [n.unit for n in notebooks if not n.begun]:
        lines += ["", f"Not begun: {', '.join(map(markdown, waiting))}."]
    text = "\n".join(lines) + "\n"
    if len(text.encode()) <= _MAX_SUMMARY:
        return text
    return text.encode()[: _MAX_SUMMARY // 2].decode("utf-8", "ignore").rpartition("\n### ")[0] + "\n\nThe rest is in the log.\n"


def _rows(notebook: CheckedNotebook) -> list[str]:
    rows = []
    for exercise in notebook.exercises:
        passed = sum(t.outcome == "passed" for t in exercise.tests)
        out = exercise.id in notebook.left_out
        mark = "not_run" if out else "passed" if passed == len(exercise.tests) else "waiting" if untouched(exercise) else "failed"
        word = {"passed": "", "waiting": "not written yet", "failed": "to go on with", "not_run": "not run"}[mark]
        rows.append(f"| {markdown(notebook.unit)} | {markdown(exercise.id)} | {passed} of {len(exercise.tests)} | {MARKS[mark]} {word} |")
    return rows


def _finding_row(finding: Finding) -> str:
    where = f"{one_line(finding.path, 120)}:{finding.line}"
    return f"| {markdown(where)} | {markdown(finding.title)} | {markdown(finding.name)} | {markdown(one_line(finding.message, 300))} |"


def to_code_quality(notebooks: Sequence[CheckedNotebook]) -> str:
    """Return GitLab's code-quality report; an entry keeps its fingerprint when lines move."""
    entries = []
    seen: dict[str, int] = {}
    for f in findings(notebooks):
        key = hashlib.sha256(f"{f.path}\0{f.title}\0{f.name}".encode("utf-8", "surrogatepass")).hexdigest()
        seen[key] = seen.get(key, 0) + 1
        fingerprint = key if seen[key] == 1 else hashlib.sha256(f"{key}{seen[key]}".encode()).hexdigest()
        entries.append(
            {
                "description": one_line(f"{f.title}: {f.message}", 500),
                "check_name": one_line(f.name, 80),
                "fingerprint": fingerprint,
                "severity": "major",
                "location": {"path": one_line(f.path, 400), "lines": {"begin": f.line}},
            }
        )
    return json.dumps(entries, ensure_ascii=False, indent=1) + "\n"


def to_check_junit(notebooks: Sequence[CheckedNotebook]) -> str:
    """Return JUnit XML: a suite per notebook that is begun, a case per check, each with the student's file."""
    begun = [n for n in notebooks if n.begun]
    root = ElementTree.fromstring(to_junit([_record(n) for n in begun]))  # noqa: S314 - our own text
    paths = {f"{one_line(n.unit, 80)}/{one_line(n.path)}": one_line(n.path, 400) for n in begun}
    for suite in root.iter("testsuite"):
        for case in suite.iter("testcase"):
            case.set("file", paths[suite.get("name", "")])
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _record(notebook: CheckedNotebook) -> SubmissionRecord:
    return SubmissionRecord(
        unit=notebook.unit,
        student=notebook.path,
        path=notebook.path,
        sha256="",
        status="ungradable" if notebook.reason else "graded",
        score=0.0,
        max_score=0.0,
        reason=notebook.reason,
        exercises=notebook.exercises,
    )
