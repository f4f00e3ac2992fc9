"""Fetch the replies of a whole test in one round trip.

The examples of a test are fixed, and most of its calls do not depend on what the student returns.  Those requests are known
beforehand, as bytes: they are sent as one script, executed in order beside the student's code, and the test then runs on the
stored replies.  A request that differs from the script, or that has no stored reply, goes over the channel as always; so a
script saves time and changes no outcome.

Handles are numbered by example and request, so that a number in a later request means the same object in both cases.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
import numpy as np

from autograder.channel.codec import decode, encode
from autograder.channel.transport import OnCallback, Op, Reply, StudentDied, StudentTimeout, Transport
from autograder.errors import ProtocolError


class LeftScript(BaseException):
    """A test asked for something else than its script while later requests of the example have been executed already.

    They may have changed objects of the student, so the example has to be run again from its start, over the channel.
    """


class Request(msgspec.Struct, frozen=True):
    """One request of a script."""

    example: int
    position: int
    op: Op
    body: bytes


class Script:
    """The requests of one test that can be made beforehand, encoded once.

    Args:
        requests: in the order of examples and positions.
        seconds: after which the student's side stops and leaves the rest to be called one by one.
    """

    __slots__ = ("body", "requests")

    def __init__(self, requests: Sequence[Request] = (), seconds: float = 1.0) -> None:
        self.requests = tuple(requests)
        self.body = encode(np.array([(r.example, r.position, r.op) for r in requests], np.int64), [r.body for r in requests], seconds)


class ScriptedTransport:
    """A transport that answers from stored replies where it can.

    Args:
        inner: where other requests go.

    Attributes:
        digest: of all replies to the script, None when there are none.
        stayed: whether the script has a reply to each request and all requests since then were answered by it.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._script = Script()
        self._answer = b""
        self._stored: dict[tuple[int, int], tuple[Op, bytes, Reply]] | None = None
        self._example: int | None = None
        self._position = 0
        self.digest: bytes | None = None
        self.stayed = False

    def prefetch(self, script: Script, seconds: float) -> None:
        """Have a script executed and keep its replies; when that fails, keep nothing."""
        self._script, self._answer, self._stored, self._example = script, b"", None, None
        self.digest, self.stayed = None, False
        if not script.requests:
            return
        try:
            op, answer = self._inner.roundtrip(Op.SCRIPT, script.body, _no_callbacks, seconds)
        except (StudentTimeout, StudentDied, ProtocolError):
            return
        if op is Op.RESULT:
            self._answer, self.digest, self.stayed = answer, hashlib.blake2b(answer, digest_size=16).digest(), True

    def _replies(self) -> dict[tuple[int, int], tuple[Op, bytes, Reply]]:
        """Return the replies by example and position; decoded when they are first needed."""
        if self._stored is None:
            self._stored = {}
            try:
                ops, replies = decode(self._answer, 2) if self._answer else (b"", [])
            except ProtocolError:
                ops, replies = b"", []
            if type(ops) is bytes and type(replies) is list and len(ops) == len(replies) <= len(self._script.requests):
                for request, op, reply in zip(self._script.requests, ops, replies, strict=False):
                    if op in (Op.RESULT, Op.ERROR) and type(reply) is bytes:
                        self._stored[request.example, request.position] = (request.op, request.body, (Op(op), reply))
            self.stayed = self.stayed and len(self._stored) == len(self._script.requests)
        return self._stored

    def begin(self, example: int | None) -> None:
        """Say which example runs next; None for one that is not in the script."""
        self._example, self._position = example, 0

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Return the stored reply to the next request of the example, or ask."""
        if self._example is not None and op is not Op.FREE:
            stored = self._replies().get((self._example, self._position))
            if stored is not None and stored[0] is op and stored[1] == body:
                self._position += 1
                return stored[2]
            if (self._example, self._position) in self._replies():
                raise LeftScript
            self._example = None  # the script of this example is used up
        self.stayed = self.stayed and op is Op.FREE
        return self._inner.roundtrip(op, body, on_callback, seconds)


def _no_callbacks(_: bytes) -> Reply:
    raise ProtocolError("a script calls nothing back")
