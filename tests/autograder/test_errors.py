"""Tests of the exception tree: families, exit codes, words."""

from __future__ import annotations

import pytest

from autograder import errors


@pytest.mark.parametrize(
    ("kind", "code"),
    [(errors.UsageError, 2), (errors.GraderError, 3), (errors.SandboxError, 3), (errors.AutograderError, 3)],
)
def test_exit_codes_belong_to_exceptions(kind: type[errors.AutograderError], code: int) -> None:
    """Wrong use exits with 2, a failure of ours with 3."""
    assert kind("m").exit_code == code
    assert str(kind("m")) == "m"


def test_an_author_error_says_where() -> None:
    """Unit, cell and line come first; the exit code is that of wrong use."""
    error = errors.AuthorError("no docstring", unit="u1", cell="f", line=3)
    assert str(error) == "unit=u1 cell=f line=3: no docstring"
    assert str(errors.AuthorError("m", unit="u1")) == "unit=u1: m"
    assert (error.unit, error.cell, error.line, error.exit_code) == ("u1", "f", 3, 2)


def test_outcomes_are_no_errors_of_the_grader() -> None:
    """What a student's code or file causes is caught on the way and never ends a command."""
    assert not issubclass(errors.ProtocolError, errors.AutograderError)
    assert not issubclass(errors.Ungradable, errors.AutograderError)
    assert issubclass(errors.SandboxError, errors.GraderError)
    assert (errors.OK, errors.CHECK_FAILED, errors.WRONG_USE, errors.GRADER_FAILED) == (0, 1, 2, 3)
