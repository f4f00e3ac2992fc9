"""Find the requests of a test that do not depend on the student's answers, by rehearsing it on scrambled answers.

A test is run twice on each example with comparisons switched off, each time on answers of the right shapes but of other
random numbers.  Requests that are the same bytes both times are independent of the answers; they form the test's script.
No answer of the reference is ever in a script, because no rehearsal sees one.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.channel.client import Student
from autograder.channel.codec import CallbackRef, HandleRef, Reference, as_array, decode, encode
from autograder.channel.handles import MAX_REQUESTS
from autograder.channel.script import Request
from autograder.channel.server import Server
from autograder.channel.transport import OnCallback, Op, Reply
from autograder.testing import failures
from autograder.testing.cases import Case
from autograder.testing.examples import Example
from autograder.unit import Signature

_MAX_BYTES = 16 << 20


class _Stop(BaseException):
    """Ends a rehearsal where the rest cannot be scripted."""


class _Rehearsal:
    """A transport that notes requests and scrambles the reference's replies."""

    def __init__(self, server: Server, example: int, seed: int) -> None:
        self._server, self._example = server, example
        self._seed, self._rng = seed, np.random.default_rng(seed)
        self.requests: list[tuple[Op, bytes]] = []

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        if op is Op.FREE:
            return Op.RESULT, b""
        if len(self.requests) >= MAX_REQUESTS or _has_callback(op, body):
            raise _Stop
        self._server.number_handles(self._example, len(self.requests))
        self.requests.append((op, body))
        reply, answer = self._server.dispatch(op, body, on_callback)
        if reply is Op.ERROR:
            return reply, answer
        return reply, encode(*(self._scramble(v) for v in decode(answer, 2 if op is Op.CALL else 1, lambda ref: ref)))

    def _scramble(self, value: Any) -> Any:
        """Return a value of the same type and shape whose every leaf differs from one rehearsal to the other."""
        if isinstance(value, (type(None), HandleRef, CallbackRef)):
            return value
        if isinstance(value, np.ndarray):
            return self._scramble_array(value)
        if (torch := sys.modules.get("torch")) is not None and isinstance(value, torch.Tensor):
            return torch.from_numpy(self._scramble_array(as_array(value))).to(value.dtype)
        if isinstance(value, (bool, np.bool_)):
            return type(value)(self._seed % 2)
        if isinstance(value, (int, np.integer)):
            return type(value)(value + self._seed)
        if isinstance(value, (float, np.floating, complex, np.complexfloating)):
            return type(value)(self._number())
        if isinstance(value, (str, bytes)):
            return f"{self._seed}" if isinstance(value, str) else bytes([self._seed])
        if isinstance(value, (list, tuple)):
            return type(value)([self._scramble(v) for v in value])
        return {k: self._scramble(v) for k, v in value.items()}

    def _scramble_array(self, a: np.ndarray) -> np.ndarray:
        if a.dtype.kind in "fc":
            return self._rng.uniform(0.1, 1.5, a.shape).astype(a.dtype)
        if a.dtype.kind == "b":
            return np.full(a.shape, bool(self._seed % 2))
        with np.errstate(over="ignore"):
            moved: np.ndarray = (self._rng.permutation(a.ravel()).reshape(a.shape) + a.dtype.type(self._seed)).astype(a.dtype)
        return moved

    def _number(self) -> float:
        return float(self._rng.uniform(0.1, 1.5))


def script(
    case: Case, namespace: Callable[[], dict[str, Any]], signatures: dict[str, Signature], oracle: Any, examples: Sequence[Example]
) -> list[Request]:
    """Return the requests of a test that can be made beforehand.

    Args:
        case: the test.
        namespace: gives the reference's globals.
        signatures: of the unit.
        oracle: the reference for the test's own use.
        examples: what the test is replayed on.
    """
    requests: list[Request] = []
    size = 0
    server = Server(namespace())
    for index, example in enumerate(examples):
        first, second = (_rehearse(case, server, signatures, oracle, example, index, seed) for seed in (1, 2))
        if first is None:
            continue
        size += sum(len(body) for _, body in first)
        # An example is scripted as a whole or not at all, so that its calls stay together and in order: the student's code may
        # keep state between them.
        if first == second and size <= _MAX_BYTES:
            requests += [Request(index, position, *request) for position, request in enumerate(first)]
    return requests


def _rehearse(
    case: Case, server: Server, signatures: dict[str, Signature], oracle: Any, example: Example, index: int, seed: int
) -> list[tuple[Op, bytes]] | None:
    """Return the requests of one run on scrambled answers, or None when it did not come to its end."""
    rehearsal = _Rehearsal(server, index, seed)
    arguments: dict[str, Any] = dict(example)
    if case.wants_reference:
        arguments["reference"] = oracle
    try:
        with failures.comparisons_off(), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            case.function(student=Student(rehearsal, signatures), **arguments)
    except (Exception, _Stop):  # on scrambled answers a test may stop anywhere
        return None
    return rehearsal.requests


def _has_callback(op: Op, body: bytes) -> bool:
    found = False

    def see(ref: Reference) -> Any:
        nonlocal found
        found = found or isinstance(ref, CallbackRef)
        return ref

    decode(body, {Op.CALL: 4, Op.MAP: 3, Op.GET: 2, Op.SET: 3, Op.SAME: 2, Op.LOAD: 2}.get(op, 1), see)
    return found
