"""Every exception of the suite, with the exit code it ends a command with.

Three families, worded differently: a *usage* error (somebody called a command wrongly), an *author* error (a unit is
written wrongly) and a *grader* error (we or the machine failed).  What a student did wrong is never an exception that
leaves the grader: it is an outcome in a record.
"""

from __future__ import annotations

OK, CHECK_FAILED, WRONG_USE, GRADER_FAILED = 0, 1, 2, 3


class AutograderError(Exception):
    """Base of all errors that a command reports in one message."""

    exit_code = GRADER_FAILED


class UsageError(AutograderError):
    """Somebody asked for something that is not there or cannot be."""

    exit_code = WRONG_USE


class AuthorError(AutograderError):
    """A unit's files contradict themselves; names unit, cell and line."""

    exit_code = WRONG_USE

    def __init__(self, message: str, *, unit: str, cell: str | None = None, line: int | None = None) -> None:
        where = f"unit={unit}" + (f" cell={cell}" if cell else "") + (f" line={line}" if line else "")
        super().__init__(f"{where}: {message}")
        self.unit, self.cell, self.line = unit, cell, line


class GraderError(AutograderError):
    """The grader or its machine failed."""


class SandboxError(GraderError):
    """A sandbox level cannot be had on this machine, or a zygote died."""


class ProtocolError(Exception):
    """The other end of the channel broke the rules; its process is killed."""


class Ungradable(Exception):
    """A submission cannot be read; the message is the reason in its record."""
