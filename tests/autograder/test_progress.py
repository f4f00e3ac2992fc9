"""Tests of the progress of a grading run."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder import progress as module
from autograder.grading.run import Plan
from autograder.progress import GradingProgress
from autograder.records import SubmissionRecord
from autograder.submissions.collect import Submission

RECORD = SubmissionRecord("u", "ada", "", "", "graded", 1.0, 1.0, cpu_seconds=0.5)


def shown(*, terminal: bool, done: int, fresh: int = 3, kept: int = 0, jobs: int = 2) -> tuple[str, GradingProgress]:
    """Run a grading of nothing and return what was shown."""
    stream = io.StringIO()
    plan = Plan(tuple(Submission(str(i), None, b"") for i in range(fresh)), kept, "ns", jobs)
    with GradingProgress(Console(file=stream, force_terminal=terminal, width=100)) as progress:
        progress.plan(plan)
        for _ in range(done):
            progress.record(RECORD)
    return stream.getvalue(), progress


def test_a_pipe_gets_one_line() -> None:
    """In a log there is what will be done, and no bar."""
    assert shown(terminal=False, done=3)[0] == "grading 3 submissions; 2 workers, sandbox ns\n"
    assert shown(terminal=False, done=1, kept=4, jobs=1)[0] == "grading 3 submissions, 4 already graded; 1 worker, sandbox ns\n"


def test_a_terminal_gets_a_bar() -> None:
    """Done, total, rate and time left are drawn."""
    text, _ = shown(terminal=True, done=2)
    assert "2/3" in text
    assert "/s" in text
    assert "left" in text


def test_the_sentence_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was graded, in how long, with how much CPU each, at which level."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    _, progress = shown(terminal=False, done=2)
    now[0] += 4.0
    assert progress.sentence() == "graded 2 in 4.0 s (0.5/s, 0.50 CPU s each), sandbox ns"
    assert (progress.done, progress.total) == (2, 3)


def test_nothing_new_is_said() -> None:
    """When all records were up to date, the sentence says so."""
    assert shown(terminal=False, done=0, fresh=0, kept=5)[1].sentence() == "nothing new to grade; 5 records are up to date"
