"""What a child printed, made safe to show."""

from __future__ import annotations

import os

import pytest

from autograder.sandbox.output import BoundedOutput, clean


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"plain\n\ttext", "plain\n\ttext"),
        ("é ∂L/∂w".encode(), "é ∂L/∂w"),
        (b"\x1b[31mred\x1b[0m", "red"),
        (b"\x1b]0;title\x07after", "after"),
        (b"\x1b]8;;http://evil\x1b\\link", "link"),
        (b"bell\x07 null\x00", "bell\ufffd null\ufffd"),
        ("\u202eevil\u2066 \u200bzero width".encode(), "\ufffdevil\ufffd \ufffdzero width"),
        (b"line\r\n", "line\n"),
        (b"\xed\xa0\x80\xff", "\ufffd\ufffd\ufffd\ufffd"),
    ],
)
def test_unsafe_characters_are_gone(raw: bytes, text: str) -> None:
    """Escapes, controls, bidirectional marks and broken UTF-8 do not survive; ordinary text does."""
    assert clean(raw, 1000) == text


def test_long_output_is_cut() -> None:
    """Text over the limit is cut and says so; text at the limit does not."""
    assert clean(b"x" * 11, 10) == "x" * 10 + "\n[output cut]"
    assert clean(b"x" * 10, 10) == "x" * 10


def test_cut_in_a_character_is_harmless() -> None:
    """A cut inside a character leaves a mark, not an exception."""
    assert clean("éé".encode(), 3) == "é\ufffd\n[output cut]"


def test_bounded_output_swallows_the_rest() -> None:
    """Writing beyond the limit claims success and writes what fits."""
    reading, writing = os.pipe()
    stream = BoundedOutput(writing, 5)
    assert [stream.write(b"abc"), stream.write(b"defgh"), stream.write(b"ij")] == [3, 5, 2]
    assert stream.writable()
    assert stream.fileno() == writing
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        assert pipe.read() == b"abcde"
