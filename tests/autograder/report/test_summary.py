"""The terminal table: fits, shows everyone or the ones that matter, never reads markup."""

from __future__ import annotations

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from autograder.records import SubmissionRecord
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
    for part in ("14 graded, 2 could not be graded", "Chien-Shiung Wu", "ungradable", "The file is not", "dx: wrong shape", "94.17"):
        assert part in text


@pytest.mark.parametrize("records", [samples.small_class(), samples.hostile_class(), []], ids=["friendly", "hostile", "empty"])
def test_it_fits_100_columns(records: list[SubmissionRecord]) -> None:
    """No line is wider than 100 columns, and every line is printable."""
    text = printed(records)
    text.encode("utf-8")
    assert max(map(cell_len, text.splitlines()), default=0) <= 100
    assert all(c == "\n" or c.isprintable() for c in text)


def test_large_class_shows_the_ones_that_matter() -> None:
    """Of a large class the ungradable and the lowest are listed, with the means of all exercises."""
    records = [samples.submission(f"student-{i:03}", 0 if i % 10 else 3) for i in range(120)]
    records.append(samples.ungradable("lost", "The file is empty."))
    text = printed(records)
    assert "lost" in text
    assert "student-000" in text
    assert "student-001" not in text
    assert "11 of 121 submissions shown" in text
    assert "softmax_loss: mean" in text


def test_markup_is_text() -> None:
    """A name in rich's markup is printed as written and makes no link."""
    text = printed([samples.submission("[red]x[/red]", 0), samples.submission("[/]", 0)])
    assert "[red]x[/red]" in text
    assert "[/]" in text
