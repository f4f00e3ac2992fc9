"""Tests of what comes back besides values."""

from __future__ import annotations

import pytest

from autograder.channel.events import Event, Frame, StudentError, WrongReturn


def test_a_students_error_is_text_with_lines() -> None:
    """Name and text make the message; the lines are kept."""
    frames = (Frame("cell 1", 2, "f", "x.y"),)
    error = StudentError("Mine", ("ValueError", "Exception", "BaseException"), "no", frames)
    assert str(error) == "Mine: no"
    assert error.frames == frames


@pytest.mark.parametrize(
    ("bases", "kind", "is_one"),
    [
        (("ValueError", "Exception"), ValueError, True), (("ValueError",), Exception, True), (("UnicodeDecodeError",), ValueError, True), (("ValueError",), KeyError, False),
        (("SystemExit", "BaseException"), Exception, False), ((), BaseException, False), (("print",), BaseException, False), (("list", "int"), BaseException, False),
        (("__import__", "no such name", ""), BaseException, False),
    ],
)  # fmt: skip
def test_kinds_are_told_by_names(bases: tuple[str, ...], kind: type[BaseException], is_one: bool) -> None:
    """An error is of a kind when one of its named bases is a built-in exception of that kind; other names are passed over."""
    assert StudentError("E", bases, "", ()).is_a(kind) is is_one


def test_events_are_frozen() -> None:
    """What was recorded stays as it was."""
    event = Event("call", "f", (1,), {}, 2)
    assert event.mutated == ()
    with pytest.raises(AttributeError):
        event.result = 3  # type: ignore[misc]


def test_a_wrong_return_is_an_exception_of_its_own() -> None:
    """It is neither the student's exception nor a failed comparison."""
    assert not issubclass(WrongReturn, (StudentError, AssertionError))
