"""Fetch the replies of a whole test in one round trip.

The examples of a test are fixed, and most of its calls do not depend on what the student returns.  Those requests are known
beforehand, as bytes: they are sent as one script, executed in order beside the student's code, and the test then runs on the
stored replies.  A request that differs from the script, or that has no stored reply, goes over the channel as always; so a
script saves time and changes no outcome.

Handles are numbered by example and request, so that a number in a later request means the same object in both cases.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from autograder.channel.codec import decode, encode
from autograder.channel.transport import OnCallback, Op, Reply, StudentDied, StudentTimeout, Transport
from autograder.errors import ProtocolError

MAX_EXAMPLES, MAX_REQUESTS, MAX_HANDLES = 4000, 4096, 256
LIVE_HANDLES = (MAX_EXAMPLES + 1) << 20
SECONDS = 1.0  # after which the student's side stops and leaves the rest to be called one by one


def first_handle(example: int, position: int) -> int:
    """Return the number of the first handle that a request's reply may hold."""
    return ((example + 1) << 20) | (position << 8)


class Request(msgspec.Struct, frozen=True):
    """One request of a script."""

    example: int
    position: int
    op: Op
    body: bytes


class ScriptedTransport:
    """A transport that answers from stored replies where it can.

    Args:
        inner: where other requests go.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner
        self._stored: dict[tuple[int, int], tuple[Op, bytes, Reply]] = {}
        self._example: int | None = None
        self._position = 0

    def prefetch(self, requests: Sequence[Request], seconds: float) -> None:
        """Execute a script and store its replies; when that fails, store nothing."""
        self._stored = {}
        self._example = None
        if not requests:
            return
        body = encode([(r.example, r.position, int(r.op), r.body) for r in requests], SECONDS)
        try:
            op, answer = self._inner.roundtrip(Op.SCRIPT, body, _no_callbacks, seconds)
            if op is not Op.RESULT:
                return
            (replies,) = decode(answer, 1)
        except (StudentTimeout, StudentDied, ProtocolError):
            return
        if type(replies) is not list or len(replies) > len(requests):
            return
        for request, reply in zip(requests, replies, strict=False):
            if type(reply) is tuple and len(reply) == 2 and reply[0] in (Op.RESULT, Op.ERROR) and type(reply[1]) is bytes:
                self._stored[request.example, request.position] = (request.op, request.body, (Op(reply[0]), reply[1]))

    def begin(self, example: int | None) -> None:
        """Say which example runs next; None for one that is not in the script."""
        self._example, self._position = example, 0

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Return the stored reply to the next request of the example, or ask."""
        if self._example is not None and op is not Op.FREE:
            stored = self._stored.get((self._example, self._position))
            self._position += 1
            if stored is not None and stored[0] is op and stored[1] == body:
                return stored[2]
            self._example = None  # from here on, this run has left the script
        return self._inner.roundtrip(op, body, on_callback, seconds)


def _no_callbacks(_: bytes) -> Reply:
    raise ProtocolError("a script calls nothing back")
