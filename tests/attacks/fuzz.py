"""Mutated messages for the channel's decoder, and mutated notebooks for the reader.

``python -m tests.attacks.fuzz decoder 1000000`` and ``… notebook 100000`` run a campaign from a seed and print its figures; a failing
input is printed with the number that makes it again.

Mutation of real messages and not Hypothesis: an input here costs some ten microseconds, a generated example of Hypothesis's half a
millisecond, so that a campaign reaches a million in a minute; Hypothesis tests the same properties in ``test_codec`` and
``test_notebook``, where its shrinking is worth more than the number.
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import json
import random
import resource
import signal
import socket
import struct
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import msgspec
import numpy as np

from autograder.authoring.build import render_assignment
from autograder.channel.client import Student
from autograder.channel.codec import DTYPES, CallbackRef, HandleRef, decode, encode
from autograder.channel.events import StudentError
from autograder.channel.script import Request, Script, ScriptedTransport
from autograder.channel.transport import Frames, OnCallback, Op, Reply, StudentDied, StudentTimeout
from autograder.errors import ProtocolError, Ungradable
from autograder.gradebook.cells import restored_notebook
from autograder.grading.material import Material
from autograder.submissions.read import read_submission
from tests.attacks.course import UNITS, write_course
from tests.attacks.machine import place
from tests.grading_e2e.small_course import notebook

CPU_SECONDS = 2.0  # of the processor, for one input; the slowest honest one takes a hundredth
_LOOKED_AT = 50  # every so many inputs the memory of one is counted exactly
RESIDENT_MB = 200  # by which no campaign may grow
_INTEGERS = (0, 1, 2, 7, 24, 25, 127, 128, 255, 256, 65535, 1 << 20, (1 << 26) + 1, 1 << 30, 1 << 31, (1 << 32) - 1)
_DIMENSIONS = (*_INTEGERS, 1 << 32, (1 << 33) + 1, 1 << 62, 1 << 63, (1 << 64) - 1)
_TAGS = b"axfiINTFsbcltdABhpk"


class TooSlow(BaseException):
    """Raised in the middle of an input that takes too long."""


class Figures(msgspec.Struct):
    """What a campaign saw.

    Args:
        inputs: how many.
        accepted: how many were read as something; the others were refused as they should be.
        slowest: CPU seconds of the slowest.
        peak_kb: most memory that one input took, among those looked at.
        grown_mb: by how much the process's greatest resident memory grew.
        failures: what went wrong, with the number of the input.
        seconds: CPU seconds in all.
    """

    inputs: int = 0
    accepted: int = 0
    slowest: float = 0.0
    peak_kb: float = 0.0
    grown_mb: float = 0.0
    failures: list[str] = []
    seconds: float = 0.0

    def text(self) -> str:
        """Return the figures as one line."""
        return (
            f"{self.inputs} inputs, {self.accepted} accepted, {len(self.failures)} failures; slowest {self.slowest * 1000:.1f} ms CPU, "
            f"one input took at most {self.peak_kb:.0f} kB, resident memory grew by {self.grown_mb:.0f} MB, {self.seconds:.0f} CPU s"
        )


def campaign(make: Callable[[random.Random], bytes], read: Callable[[bytes], bool], count: int, seed: int, *, fixed: int, ratio: float, first: int = 0) -> Figures:
    """Read ``count`` inputs.

    Args:
        make: draws an input.
        read: reads it; tells whether it was accepted, and raises only what is a failure.
        count, seed: how many, from what; input number n depends on the seed and n alone.
        fixed, ratio: an input of n bytes may take ``fixed + ratio·n`` bytes of memory.
        first: number of the first input.
    """
    figures, started, resident = Figures(failures=[]), time.process_time(), _resident()
    with _alarm() as limit:
        for number in range(first, first + count):
            data = make(random.Random(f"{seed} {number}"))
            traced = number % _LOOKED_AT == 0
            if traced:
                tracemalloc.start()
            limit(CPU_SECONDS * (10 if traced else 1))
            before = time.process_time()
            try:
                figures.accepted += read(data)
            except TooSlow:
                figures.failures.append(f"input {number}: more than {CPU_SECONDS:g} CPU s; {data[:80]!r}")
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    raise
                figures.failures.append(f"input {number}: {type(error).__name__}: {str(error)[:200]}; {data[:80]!r}")
            finally:
                limit(0.0)
            taken = time.process_time() - before
            if traced:
                peak = tracemalloc.get_traced_memory()[1]
                tracemalloc.stop()
                figures.peak_kb = max(figures.peak_kb, peak / 1024)
                if peak > fixed + ratio * len(data):
                    figures.failures.append(f"input {number}: {peak} bytes of memory for {len(data)}; {data[:80]!r}")
            else:
                figures.slowest = max(figures.slowest, taken)
            figures.inputs += 1
    figures.seconds, figures.grown_mb = time.process_time() - started, _resident() - resident
    if figures.grown_mb > RESIDENT_MB:
        figures.failures.append(f"resident memory grew by {figures.grown_mb:.0f} MB")
    return figures


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextlib.contextmanager
def _alarm() -> Iterator[Callable[[float], None]]:
    """Give a function that sets or clears a limit on this process's CPU seconds."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TooSlow

    previous = signal.signal(signal.SIGVTALRM, ring)
    try:
        yield lambda seconds: signal.setitimer(signal.ITIMER_VIRTUAL, seconds) and None
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0.0)
        signal.signal(signal.SIGVTALRM, previous)


# ---------------------------------------------------------------------- mutation
def mutated(draw: random.Random, seeds: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    """Return a message with up to five changes."""
    data = bytearray(draw.choice(seeds))
    for _ in range(draw.choice((0, 1, 1, 1, 2, 2, 3, 5))):
        at = draw.randrange(len(data) + 1)
        kind = draw.randrange(9)
        if kind == 0 and at < len(data):
            data[at] = draw.randrange(256)
        elif kind == 1:
            data[at : at + draw.choice((1, 4, 8, 30))] = b""
        elif kind == 2:
            data[at:at] = data[at : at + draw.choice((1, 4, 5, 9, 40))]
        elif kind == 3:
            data[at:at] = draw.randbytes(draw.randrange(1, 12))
        elif kind == 4:
            data[at : at + 4] = struct.pack("<I", draw.choice(_INTEGERS))
        elif kind == 5:
            data[at : at + 8] = struct.pack("<Q", draw.choice(_DIMENSIONS))
        elif kind == 6:
            data[at:at] = draw.choice(words)
        elif kind == 7:
            other = draw.choice(seeds)
            data[at:] = other[draw.randrange(len(other) + 1) :]
        else:
            data[at:at] = data[at : at + 5] * draw.choice((2, 20, 30))
    return bytes(data)


# ---------------------------------------------------------------------- the channel
def messages() -> tuple[list[bytes], list[bytes], list[bytes]]:
    """Return real encodings: of every type that crosses, of exceptions, of replies to scripts."""
    array = np.arange(12.0).reshape(3, 4)
    values: list[Any] = [
        None, True, -1, 2**70, 1.5, 1j, "text \u00e9", b"bytes", [1, [2.0, ("x", None)]], {"a": 1, (1, "b"): [2]}, array, np.asfortranarray(array), array[:, ::2], array[:0],
        np.float32(2.0), [[[[[0]]]]], {"W": array, "cache": (array, {"b": array.astype("f4")})},
        *(np.ones((2, 1), d) for d in DTYPES),
    ]  # fmt: skip
    plain = [encode(v) for v in values]
    errors = [encode("ValueError", ["ValueError", "Exception"], "a message", [("cell 3 (f)", 2, "f", "return x")] * n) for n in (0, 1, 12)]
    reply = (int(Op.RESULT), encode((array, ("0",))))
    scripts = [encode([reply] * n) for n in (0, 1, 2, 3)] + [encode([reply, (int(Op.ERROR), errors[1])])]
    references = [b"h" + struct.pack("<I", 7) + b"\x05cache", b"k" + struct.pack("<I", 0), b"ps" + struct.pack("<I", 2) + b"np"]
    return [*plain, *references, encode(values[:8])], errors, scripts


def frames() -> list[bytes]:
    """Return whole frames with their headers."""
    return [struct.pack("<IHBBI", len(m), 0x4E32, op, 0, 1) + m for m in messages()[0][:20] for op in (9, 10, 11)]


class _Answers:
    """A transport that has one answer."""

    def __init__(self, op: Op, answer: bytes) -> None:
        self.op, self.answer = op, answer

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        return self.op, self.answer


_SCRIPT = Script((Request(0, 0, Op.CALL, b"x"), Request(0, 1, Op.CALL, b"y")))


def _read_value(data: bytes) -> bool:
    values = decode(data, 1, lambda reference: reference)
    encode(*values, opaque=lambda v: v if isinstance(v, (HandleRef, CallbackRef)) else HandleRef(1))
    return True


def _read_error(data: bytes) -> bool:
    try:
        Student(_Answers(Op.ERROR, data), {}).value("x")
    except StudentError:
        return True
    return False


def _read_script(data: bytes) -> bool:
    transport = ScriptedTransport(_Answers(Op.RESULT, data))
    transport.prefetch(_SCRIPT, 1.0)
    return bool(transport._replies())


def _read_frame(data: bytes) -> bool:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            theirs.send(data)
        theirs.close()
        reader = Frames(ours)
        reader.deadline = time.monotonic() + 5.0
        reader.receive()
    return True


def decoder(count: int, seed: int, first: int = 0) -> Figures:
    """Run a campaign on the decoder: values, exceptions, replies to scripts and frames."""
    values, errors, scripts = messages()
    seeds = (values, values, values, errors, scripts, frames())
    words = [bytes((t,)) for t in _TAGS] + [b"l" + struct.pack("<I", n) for n in (0, 1, 2, 200_000, 2**32 - 1)] + [b"a\x0b\x02\x00", b"d\x01\0\0\0"]
    readers = (_read_value, _read_value, _read_value, _read_error, _read_script)

    def make(draw: random.Random) -> bytes:
        kind = 5 if draw.randrange(40) == 0 else draw.randrange(5)
        return bytes((kind,)) + mutated(draw, seeds[kind], words)

    def read(data: bytes) -> bool:
        reader = _read_frame if data[0] == 5 else readers[data[0]]
        try:
            return reader(data[1:])
        except (ProtocolError, StudentDied, StudentTimeout):
            return False

    return campaign(make, read, count, seed, fixed=1_300_000, ratio=120, first=first)


# ---------------------------------------------------------------------- notebooks
_ODD: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, float("nan"), 10**30, "", "x" * 3000, "\ud800", "\x00\x1b[2J\u202e", [], {}, [[[[]]]], {"a": {"b": {}}}, ["a", 1], "double", "def double(x): pass", "u03_backprop", "code",
)  # fmt: skip
_JSON_WORDS = (
    b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"null", b"NaN", b"-Infinity", b"1e999", b'"cells":[]', b'"cell_type":"code"', b"\\ud800", b"\xff", b"\xef\xbb\xbf", b"\0", b"<<<<<<< HEAD\n",
    b'"metadata":{"nbgrader":{"grade_id":"double"}}', b'"source":["a",1]', b"9" * 5000, b"[" * 200,
)  # fmt: skip


def changed(draw: random.Random, value: Any) -> Any:
    """Return JSON data with one part replaced, removed, doubled or moved."""
    parent: Any = None
    key: Any = None
    node = value
    for _ in range(draw.randrange(1, 7)):
        if isinstance(node, dict) and node:
            parent, key = node, draw.choice(list(node))
        elif isinstance(node, list) and node:
            parent, key = node, draw.randrange(len(node))
        else:
            break
        node = parent[key]
    if parent is None:
        return copy.deepcopy(draw.choice(_ODD))
    kind = draw.randrange(5)
    if kind == 0:
        del parent[key]
    elif kind == 1 and isinstance(parent, list):
        parent.insert(draw.randrange(len(parent) + 1), copy.deepcopy(parent[key]))
    elif kind == 2 and isinstance(parent, dict):
        parent[draw.choice(("id", "source", "metadata", "cell_type", "x"))] = copy.deepcopy(parent[key])
    elif kind == 3 and isinstance(parent, list):
        draw.shuffle(parent)
    else:
        parent[key] = copy.deepcopy(draw.choice(_ODD))
    return value


def notebooks(count: int, seed: int, first: int = 0) -> Figures:
    """Run a campaign on the reader of notebooks and on what nbgrader's steps make of them."""
    with place("fuzz-") as folder:
        material = Material(write_course(folder / "course"), UNITS["small"])
        stub = render_assignment(material.notebook, material.unit).encode()
        compact = json.dumps(json.loads(notebook(material)), separators=(",", ":")).encode()
        seeds = [notebook(material), notebook(material, material.stub), stub, compact]
        texts = [s.decode() for s in seeds]

        def make(draw: random.Random) -> bytes:
            if draw.randrange(3) == 0:
                return mutated(draw, seeds, _JSON_WORDS)
            data = json.loads(draw.choice(texts))
            for _ in range(draw.choice((1, 1, 2, 4, 8))):
                data = changed(draw, data)
            return json.dumps(data, ensure_ascii=draw.random() < 0.8).encode("utf-8", "surrogatepass")

        turn = 0

        def read(data: bytes) -> bool:
            nonlocal turn
            turn += 1
            if turn % 10 == 0:
                json.dumps(restored_notebook(data, material)).encode()
            try:
                cells = read_submission(data, material.notebook)
            except Ungradable as reason:
                str(reason).encode()
                return False
            for cell in cells.cells:
                cell.source.encode()
            "".join(cells.messages).encode()
            return True

        return campaign(make, read, count, seed, fixed=3_000_000, ratio=200, first=first)


CAMPAIGNS: dict[str, Callable[[int, int], Figures]] = {"decoder": decoder, "notebook": notebooks}


def main() -> int:
    """Run a campaign and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.fuzz", description=__doc__)
    parser.add_argument("what", choices=CAMPAIGNS)
    parser.add_argument("count", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--torch", action="store_true", help="import torch first, so that tensors are decoded")
    chosen = parser.parse_args()
    if chosen.torch:
        __import__("torch")
    figures = CAMPAIGNS[chosen.what](chosen.count, chosen.seed)
    print("\n".join(figures.failures[:20]))
    print(f"{chosen.what}: {figures.text()}")
    return 1 if figures.failures else 0


if __name__ == "__main__":
    sys.exit(main())
