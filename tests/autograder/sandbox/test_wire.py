"""Messages between a zygote and its parent."""

from __future__ import annotations

import os
import socket
import threading

import pytest

from autograder.sandbox import wire


def test_message_arrives() -> None:
    """A message arrives as it was sent, however long, and without a descriptor."""
    message = {"text": "é" * 500_000, "list": [1, None]}
    first, second = socket.socketpair()
    with first, second:
        sender = threading.Thread(target=wire.send, args=(first, message))
        sender.start()
        assert wire.receive(second) == (message, None)
        sender.join()


def test_descriptor_comes_along() -> None:
    """A descriptor arrives with its message and names the same pipe."""
    first, second = socket.socketpair()
    reading, writing = os.pipe()
    with first, second:
        wire.send(first, {"do": "spawn"}, writing)
        message, received = wire.receive(second)
    assert message == {"do": "spawn"}
    assert received is not None
    assert os.path.sameopenfile(received, writing)
    for fd in (reading, writing, received):
        os.close(fd)


@pytest.mark.parametrize("part", [b"", b"\x05", b"\x05\x00\x00\x00{"])
def test_broken_message_is_an_end(part: bytes) -> None:
    """A message that stops short is the end of the connection."""
    first, second = socket.socketpair()
    with second:
        with first:
            first.sendall(part)
        with pytest.raises(EOFError):
            wire.receive(second)
