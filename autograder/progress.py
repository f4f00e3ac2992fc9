"""The progress bar of a grading run: done, rate, time left; redrawn by the run itself, without a thread."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from autograder.records import SubmissionRecord

if TYPE_CHECKING:
    from autograder.grading.run import Plan


class GradingProgress:
    """Shows a run; on a pipe or in a log, only its first and last lines.

    Args:
        console: where to draw.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[facts]}"),
            console=console, auto_refresh=False, transient=True, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task("grading", total=0, facts="")
        self._started = time.monotonic()
        self._cpu = 0.0
        self.done = self.total = self.kept = 0
        self._level = ""

    def __enter__(self) -> Self:
        """Start drawing."""
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop drawing."""
        self.stop()

    def stop(self) -> None:
        """Stop drawing."""
        self._bar.stop()

    def plan(self, plan: Plan) -> None:
        """Show what the run has to do."""
        self.total, self.kept, self._level = len(plan.fresh), plan.kept, plan.level
        self._started = time.monotonic()
        kept = f", {plan.kept} already graded" if plan.kept else ""
        workers = f"{plan.jobs} worker{'s' if plan.jobs > 1 else ''}"
        self._console.print(f"grading {self.total} submissions{kept}; {workers}, sandbox {plan.level}", markup=False)
        self._bar.update(self._task, total=self.total, refresh=True)

    def record(self, record: SubmissionRecord) -> None:
        """Show that a submission is done."""
        self.done += 1
        self._cpu += record.cpu_seconds
        elapsed = max(time.monotonic() - self._started, 1e-6)
        rate = self.done / elapsed
        facts = f"{rate:.1f}/s  {_clock((self.total - self.done) / rate)} left"
        self._bar.update(self._task, completed=self.done, facts=facts, refresh=True)

    def sentence(self) -> str:
        """Return what the run did, in one line."""
        if not self.done:
            return f"nothing new to grade; {self.kept} records are up to date"
        elapsed = max(time.monotonic() - self._started, 1e-6)
        return f"graded {self.done} in {elapsed:.1f} s ({self.done / elapsed:.1f}/s, {self._cpu / self.done:.2f} CPU s each), sandbox {self._level}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
