"""The terminal table: fits, shows everyone or the ones that matter, never reads markup."""

from __future__ import annotations

import io
import random
import re

import pytest
from msgspec import structs
from rich.cells import cell_len
from rich.console import Console

from autograder.records import Difference, ExerciseRecord, SubmissionRecord
from autograder.report.summary import summary_table
from tests.autograder.report import samples


def printed(records: list[SubmissionRecord], width: int = 100) -> str:
    """Return the table as printed to a terminal with colours."""
    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=True, color_system=None).print(summary_table(records))
    return stream.getvalue()


def test_small_class_has_a_line_each() -> None:
    """Names, scores, the reason of an ungradable submission and the class's numbers are shown."""
    text = printed(samples.small_class())
    for part in ("14 graded, 2 could not be graded", "Chien-Shiung Wu", "ungradable", "The file is not", "dx_order", "94.17"):
        assert part in text


def test_a_finding_does_not_end_in_a_colon() -> None:
    """A message that announces two values is followed by them."""
    answer = Difference("answer", "negative", "positive")
    test = samples.tested("t", "One.", "failed", message="Filter 0 on a vertical edge:", difference=answer)
    record = structs.replace(samples.small_class()[0], messages=(), exercises=(ExerciseRecord("edges", "Edges", 0.0, 5.0, (test,)),), status="graded")
    assert "edges: Filter 0 on a vertical edge: got negative, expected positive" in printed([record], 160)


@pytest.mark.parametrize("width", [60, 80, 100, 160])
@pytest.mark.parametrize("records", [samples.small_class(), samples.hostile_class(), []], ids=["friendly", "hostile", "empty"])
def test_it_fits_its_columns(records: list[SubmissionRecord], width: int) -> None:
    """No line is wider than the terminal, and every line is printable."""
    text = printed(records, width)
    text.encode("utf-8")
    assert max(map(cell_len, text.splitlines()), default=0) <= width
    assert all(c == "\n" or c.isprintable() for c in text)


@pytest.mark.parametrize("width", [50, 80, 100])
def test_scores_and_marks_are_never_cut(width: int) -> None:
    """Fourteen exercises keep their fourteen marks on one line and a score its decimals, however long name and message are."""
    parts = samples.exercises(random.Random(1), 3)
    many = tuple(structs.replace(parts[i % 2], id=f"exercise_{i}") for i in range(14))
    lines = printed([samples.submission("x" * 40, 3, score=93.14, exercises=many)], width).splitlines()
    assert [line for line in lines if " 93.14 " in line and " ●◐●◐●◐●◐●◐●◐●◐ " in line]


def test_an_untouched_exercise_is_said_to_be_so() -> None:
    """A failure without a named mistake is told with its exercise, shortened when it is long."""
    waiting = samples.tested("t", "One.", "failed", message="Not written yet.")
    exercise = ExerciseRecord(id="eval_numerical_gradient_array", title="", points=0.0, max_points=9.0, tests=(waiting,))
    assert "eval_numerical_gr…: Not written yet." in printed([samples.submission("Ada", 3, exercises=(exercise,))])


def test_large_class_shows_the_ones_that_matter() -> None:
    """Of a large class the ungradable and the lowest are listed, with the means of all exercises."""
    records = [samples.submission(f"student-{i:03}", 0 if i % 10 else 3) for i in range(120)]
    records.append(samples.ungradable("lost", "The file is empty."))
    text = printed(records)
    assert "lost" in text
    assert "student-000" in text
    assert "student-001" not in text
    assert "11 of 121 submissions shown" in text
    assert re.search(r"^ softmax_loss +31\.5 +35 +108 +12", text, re.MULTILINE)


def test_markup_is_text() -> None:
    """A name in rich's markup is printed as written and makes no link."""
    text = printed([samples.submission("[red]x[/red]", 0), samples.submission("[/]", 0)])
    assert "[red]x[/red]" in text
    assert "[/]" in text
