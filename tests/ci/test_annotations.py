"""Tests of what a code host shows beside a push; all texts may be a student's."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from autograder.feedback.text import WAITING
from autograder.records import Difference, ExerciseRecord
from autograder.records import TestRecord as Outcome
from autograder.report.annotations import (
    MAX_ANNOTATIONS,
    CheckedNotebook,
    Finding,
    findings,
    to_annotations,
    to_check_junit,
    to_code_quality,
    to_notices,
    to_summary,
)

EVIL = "x\n::set-env name=A::b\r\n##[error]boo\n```\n<script>a</script> | ![i](http://h) %0A::add-mask::1 \x1b[31m\u202e \ud800"
PATH = "assignments/u/u.ipynb"


def exercise(id_: str, *outcomes: str, message: str = "It is wrong.", hint: str = "") -> ExerciseRecord:
    """Return an exercise with one test per outcome; ``waiting`` is a failed test of an untouched exercise."""
    tests = tuple(
        Outcome(f"test_{id_}_{i}", f"{id_} holds {i}.", "failed" if o == "waiting" else o, 1.0, message=WAITING[0] if o == "waiting" else message if o == "failed" else "", hint=hint)  # type: ignore[arg-type]
        for i, o in enumerate(outcomes)
    )
    return ExerciseRecord(id_, f"Do {id_}", 0.0, 0.0, tests)


def notebook(*exercises: ExerciseRecord, **more: object) -> CheckedNotebook:
    """Return a checked notebook in which exercise number n stands on line 10·n."""
    return CheckedNotebook(PATH, "u", exercises, lines={e.id: 10 * n for n, e in enumerate(exercises, 1)}, **more)  # type: ignore[arg-type]


def test_every_exercise_is_heard_before_one_is_heard_twice() -> None:
    """The first failing check of each exercise comes before the second of any; what is right or not written yet is no finding."""
    found = findings([notebook(exercise("a", "failed", "passed", "failed"), exercise("b", "waiting", "waiting"), exercise("c", "not_run", "failed"))])
    assert [(f.title, f.name, f.line) for f in found] == [("a", "test_a_0", 10), ("c", "test_c_0", 30), ("a", "test_a_2", 10), ("c", "test_c_1", 30)]
    assert "This check did not run." in found[1].message


def test_at_most_ten_annotations() -> None:
    """The host shows ten; the summary holds all."""
    many = notebook(*(exercise(f"e{i}", "failed", "failed") for i in range(12)))
    assert len(to_annotations(findings([many]))) == MAX_ANNOTATIONS == 10
    assert to_summary([many]).count("test\\_e") == 24


def test_an_annotation_points_at_file_and_line() -> None:
    """File, line, title and message are where the host reads them."""
    (line,) = to_annotations(findings([notebook(exercise("affine", "failed", hint="Sum, do not average."))]))
    assert line == f"::error file={PATH},line=10,title=affine::affine holds 0.%0AIt is wrong.%0AHint: Sum, do not average."


def test_a_students_text_cannot_start_a_command() -> None:
    """Whatever stands in messages, titles, names and paths, each annotation is one line with one command, and its properties stay its own."""
    found = [Finding(f"a,line=9::{EVIL}", 3, EVIL, f"t,file=/etc/passwd:{EVIL}", EVIL)]
    (line,) = to_annotations(found)
    assert "\n" not in line
    assert "\r" not in line
    match = re.fullmatch(r"::error file=([^,:]*),line=3,title=([^,:]*)::(.*)", line)
    assert match is not None
    assert "%0A" in match[3]
    assert "%250A" in match[3]
    assert line.encode()


def test_the_summary_is_inert() -> None:
    """No student's text leaves its cell or fence, links, loads or commands; the text encodes."""
    text = to_summary([notebook(exercise("a", "failed", message=EVIL, hint=EVIL), problems=((4, EVIL),)), CheckedNotebook(EVIL, EVIL, reason=EVIL)])
    outside, inside = [], False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = not inside if re.fullmatch(r"`{3,}(text)?", line) else inside
        elif not inside:
            outside.append(line)
        assert not re.match(r"\s*(::|##\[)", line), line
    assert not inside
    assert not re.search(r"(?<!\\)[<>`]|(?<!\\)!\[", "\n".join(outside))
    assert all(line.count(" | ") + line.count("| ") >= 3 for line in outside if line.startswith("|"))
    assert text.encode("utf-8")


def test_a_huge_summary_is_cut() -> None:
    """The host refuses a summary of over a megabyte, so it stays below."""
    long = notebook(*(exercise(f"e{i}", "failed", message="y" * 19_000) for i in range(100)))
    assert len(to_summary([long]).encode()) < 1_000_000


def test_the_summary_counts() -> None:
    """A row per exercise says how many checks pass; an assignment nobody has begun is named and not counted."""
    text = to_summary([notebook(exercise("a", "passed"), exercise("b", "waiting")), CheckedNotebook("v/v.ipynb", "v", begun=False)])
    assert "1 of 2 exercises pass" in text
    assert "| u | a | 1 of 1 | ✓  |" in text
    assert "| u | b | 0 of 1 | ○ not written yet |" in text
    assert "Not begun: v." in text


@pytest.mark.parametrize(
    ("checked", "passed"),
    [
        (notebook(exercise("a", "passed")), True),
        (notebook(exercise("a", "passed"), exercise("b", "waiting")), False),
        (notebook(exercise("a", "failed")), False),
        (notebook(exercise("a", "not_run")), False),
        (CheckedNotebook("v", "v", begun=False), True),
        (CheckedNotebook("v", "v", reason="broken"), False),
    ],
)
def test_what_passes(checked: CheckedNotebook, passed: bool) -> None:
    """A notebook passes when all its checks do, or when nobody has begun it."""
    assert checked.passed is passed


def test_what_could_not_be_run_decides_nothing_and_is_told() -> None:
    """Exercises that lack a package give no finding and redden nothing; a notice, the table and a line of the summary say so, cleaned."""
    note = f"a needs PyTorch {EVIL}"
    checked = notebook(exercise("a", "not_run", "not_run"), exercise("b", "passed"), exercise("q", "passed"), left_out=("a",), note=note, questions=("q",))
    assert checked.passed
    assert findings([checked]) == []
    (notice,) = to_notices([checked])
    assert notice.startswith(f"::notice file={PATH},line=1,title=Not run::a needs PyTorch x")
    assert not set("\r\n\x1b\u202e") & set(notice)
    assert to_notices([notebook(exercise("a", "passed")), CheckedNotebook("v", "v", begun=False, note="x")]) == []
    text = to_summary([checked])
    assert "1 of 2 exercises and 1 of 1 question pass their visible checks; 1 exercise not run." in text
    assert "| u | a | 0 of 2 | – not run |" in text
    assert "a needs PyTorch" in text
    assert not re.search(r"^\s*(::|##\[)|\x1b|[^\\]<script", text, re.MULTILINE)
    assert not notebook(exercise("a", "not_run"), exercise("b", "failed"), left_out=("a",), note=note).passed


def test_a_finding_does_not_end_in_a_colon() -> None:
    """A message that announces what was got is joined by it."""
    test = Outcome("t", "Filters.", "failed", 1.0, message="Filter 0 on a vertical edge:", difference=Difference("answer", "negative", "positive"))
    (found,) = findings([notebook(ExerciseRecord("f", "Filters", 0.0, 0.0, (test,)))])
    assert found.message == "Filters.\nFilter 0 on a vertical edge: got negative, expected positive"


def test_code_quality_is_what_gitlab_reads() -> None:
    """Each finding has a description, a severity, a place, and a fingerprint of its own that a moved line does not change."""
    checked = notebook(exercise("a", "failed", "failed", message=EVIL), problems=((2, "cell 1 stops"), (2, "cell 1 stops")))
    entries = json.loads(to_code_quality([checked]))
    assert len({e["fingerprint"] for e in entries}) == len(entries) == 4
    assert {e["severity"] for e in entries} == {"major"}
    assert entries[2]["location"] == {"path": PATH, "lines": {"begin": 10}}
    moved = CheckedNotebook(PATH, "u", checked.exercises, checked.problems, {"a": 99})
    assert [e["fingerprint"] for e in json.loads(to_code_quality([moved]))] == [e["fingerprint"] for e in entries]
    assert json.loads(to_code_quality([notebook(exercise("a", "passed"))])) == []


def test_junit_has_a_case_per_check() -> None:
    """Suites are notebooks, cases are checks with the student's file; a notebook that cannot be read is an error."""
    root = ElementTree.fromstring(to_check_junit([notebook(exercise("a", "passed", "failed", message=EVIL)), CheckedNotebook("w/w.ipynb", "w", reason="broken"), CheckedNotebook("v", "v", begun=False)]))
    cases = list(root.iter("testcase"))
    assert [(c.get("classname"), c.get("file"), [child.tag for child in c]) for c in cases] == [
        ("u.a", PATH, []),
        ("u.a", PATH, ["failure"]),
        ("w", "w/w.ipynb", ["error"]),
    ]
