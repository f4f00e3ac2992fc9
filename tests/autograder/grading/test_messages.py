"""Tests of what a grading process and its owner say to each other."""

from __future__ import annotations

import io

import msgspec
import pytest

from autograder.grading.messages import Answer, Earlier, Orders, Task, length, pack, receive, send
from autograder.records import SubmissionRecord

RECORD = SubmissionRecord(unit="u", student="ada", path="", sha256="0", status="graded", score=1.0, max_score=2.0)
MESSAGES = (
    Orders("/course", ("u", "v"), "none", 3),
    Task("u", "ada", b"\x00\xff" * 4000, "", Earlier(RECORD, {"scale": "5f"})),
    Task("u", warm=True),
    Answer("record", RECORD, {"scale": "5f"}),
    Answer("failed", text="…"),
)


def test_messages_arrive_as_they_were_sent() -> None:
    """Several messages on one stream come out one by one, equal to those that went in."""
    stream = io.BytesIO()
    for message in MESSAGES:
        send(stream, message)
    stream.seek(0)
    assert tuple(receive(stream, type(message)) for message in MESSAGES) == MESSAGES
    assert stream.read() == b""


def test_a_messages_length_stands_before_it() -> None:
    """The first four bytes say how many follow."""
    packed = pack(MESSAGES[0])
    assert length(packed[:4]) == len(packed) - 4
    assert packed[:4] == (len(packed) - 4).to_bytes(4, "big")


@pytest.mark.parametrize("kept", [0, 3, 4, -1], ids=["nothing", "half a length", "a length", "all but a byte"])
def test_a_stream_that_ends_early_is_told_from_a_message(kept: int) -> None:
    """A message that is cut anywhere is an end of the stream, never a shorter message."""
    with pytest.raises(EOFError):
        receive(io.BytesIO(pack(MESSAGES[1])[:kept]), Task)


def test_a_message_of_another_kind_is_refused() -> None:
    """What is received has the fields and the types of its kind."""
    with pytest.raises(msgspec.MsgspecError):
        receive(io.BytesIO(pack(MESSAGES[0])), Answer)
