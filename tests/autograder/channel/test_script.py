"""Tests of scripted replies: they save round trips and change no outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograder.channel.client import Student
from autograder.channel.codec import encode
from autograder.channel.events import StudentError
from autograder.channel.harness import begin_example, prefetch, replies_digest, stayed_in_script
from autograder.channel.script import LeftScript, Request, Script, ScriptedTransport
from autograder.channel.server import Server
from autograder.channel.transport import LocalTransport, OnCallback, Op, Reply, StudentDied, StudentTimeout, Transport
from autograder.errors import ProtocolError

from .worlds import load

SOURCE = """
    class Box:
        def __init__(self, x): self.x = x
        def grow(self, by): self.x += by
    def box(x): return Box(x)
    def opened(b): return b.x
    def double(x): return 2 * x
    def fail(x): raise ValueError("no")
"""
Test = Callable[[Student], Any]


class Counting:
    """A transport that counts what goes through it, by kind."""

    def __init__(self, inner: Transport) -> None:
        self.inner, self.ops = inner, list[Op]()

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Count and pass on."""
        self.ops.append(op)
        return self.inner.roundtrip(op, body, on_callback, seconds)


def world() -> Server:
    """Return a server with the source loaded."""
    server = Server({"__name__": "__main__"})
    load(Student(LocalTransport(server.dispatch), {}), SOURCE)
    return server


class Noting:
    """A transport that notes requests, with handles numbered as in a script."""

    def __init__(self, server: Server, example: int) -> None:
        self.server, self.example, self.requests = server, example, list[Request]()

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Note and execute."""
        position = len(self.requests)
        self.server.number_handles(self.example, position)
        self.requests.append(Request(self.example, position, op, body))
        return self.server.dispatch(op, body, on_callback)


def script_of(test: Test, examples: int = 1, length: int | None = None) -> Script:
    """Return the script of a test that asks the same on every example."""
    server, requests = world(), []
    for example in range(examples):
        noting = Noting(server, example)
        test(Student(noting, {}))
        requests += noting.requests[:length]
    return Script(requests)


def live() -> tuple[Student, Counting]:
    """Return a student whose transport can be scripted, and the counter below it."""
    counting = Counting(LocalTransport(world().dispatch))
    return Student(ScriptedTransport(counting), {}), counting


def boxes(student: Student) -> list[Any]:
    """Make, change and open boxes: handles, methods, attributes, plain values and an exception."""
    a, b = student.box(1.0), student.box(np.ones(2))
    a.grow(2.0)
    b.x = np.zeros(2)
    seen = [student.opened(a), student.opened(b), a.x, student.double(3.0)]
    try:
        student.fail(1)
    except StudentError as error:
        seen.append(error.text)
    return seen


def text(values: list[Any]) -> list[str]:
    """Return values as text that can be compared."""
    return [repr(v) for v in values]


# ---------------------------------------------------------------------- the same outcome
@pytest.mark.parametrize("length", [None, 0, 1, 2, 3, 4, 6, 8])
def test_a_script_of_any_length_changes_no_result(length: int | None) -> None:
    """A test sees the same whether all, some or none of its requests are scripted."""
    student, _ = live()
    prefetch(student, script_of(boxes, examples=3, length=length))
    want = text(boxes(Student(LocalTransport(world().dispatch), {})))
    for example in (0, 2, 1, None):
        begin_example(student, example)
        assert text(boxes(student)) == want


def test_a_whole_script_is_one_round_trip() -> None:
    """When everything is scripted, nothing but the script crosses."""
    student, counting = live()
    prefetch(student, script_of(boxes, examples=3))
    for example in range(3):
        begin_example(student, example)
        boxes(student)
    assert counting.ops == [Op.SCRIPT]
    assert stayed_in_script(student)


def test_an_example_that_is_not_in_the_script_goes_live() -> None:
    """With no example named, or one beyond the script, every request crosses."""
    student, counting = live()
    prefetch(student, script_of(lambda s: s.double(1.0)))
    for example in (None, 7):
        begin_example(student, example)
        assert student.double(1.0) == 2.0
    assert counting.ops == [Op.SCRIPT, Op.CALL, Op.CALL]
    assert not stayed_in_script(student)


def test_a_different_request_never_gets_a_stored_reply() -> None:
    """Another argument, function or kind of request than the script's leaves the script, and the example can be run again live."""
    script = script_of(lambda s: [s.double(1.0), s.double(2.0)])
    for other in (lambda s: s.double(5.0), lambda s: s.opened(1.0), lambda s: s.double.map([(1.0,)])):
        student, _ = live()
        prefetch(student, script)
        begin_example(student, 0)
        with pytest.raises(LeftScript):
            other(student)
        begin_example(student, None)
        assert student.double(5.0) == 10.0


def test_leaving_is_no_exception_that_a_test_catches() -> None:
    """``except Exception`` in a test does not swallow that its script was left."""
    assert not issubclass(LeftScript, Exception)


def test_a_request_behind_the_script_goes_live_with_the_scripts_handles() -> None:
    """Objects made in the script are usable in live requests after it."""
    student, counting = live()
    prefetch(student, script_of(boxes, length=2))
    begin_example(student, 0)
    a, _ = student.box(1.0), student.box(np.ones(2))
    assert student.opened(a) == 1.0
    assert counting.ops == [Op.SCRIPT, Op.CALL]


def test_handles_of_the_last_script_do_not_hurt_the_next() -> None:
    """Many dead handles of one test's script, whose numbers the next script uses again, take nothing from it."""
    many = lambda s: [s.box(float(i)) for i in range(70)]  # noqa: E731
    student, _ = live()
    prefetch(student, script_of(many, examples=16))
    for example in range(16):
        begin_example(student, example)
        many(student)
    prefetch(student, script_of(lambda s: s.box(7.0)))
    begin_example(student, 0)
    kept = student.box(7.0)
    student.double(1.0)
    student.double(2.0)
    assert student.opened(kept) == 7.0


# ---------------------------------------------------------------------- the digest
def test_the_digest_tells_replies_apart() -> None:
    """Equal replies have equal digests, other replies other ones; without a script there is none."""
    script = script_of(lambda s: s.double(3.0))

    def digest(source: str) -> bytes | None:
        student, _ = live()
        load(student, source)
        prefetch(student, script)
        return replies_digest(student)

    assert digest("") == digest("def double(x): return x + x") is not None
    assert digest("") != digest("def double(x): return x * 3")
    student, _ = live()
    prefetch(student, Script())
    assert replies_digest(student) is None
    assert not stayed_in_script(student)
    assert replies_digest(Student(LocalTransport(world().dispatch), {})) is None


def test_a_new_script_forgets_the_old_digest() -> None:
    """After a test without a script, nothing of the test before is left."""
    student, _ = live()
    prefetch(student, script_of(boxes))
    prefetch(student, Script())
    assert replies_digest(student) is None
    assert not stayed_in_script(student)


# ---------------------------------------------------------------------- a hostile or slow other end
class Fixed:
    """A transport with one answer to scripts that serves everything else."""

    def __init__(self, answer: Reply | Exception) -> None:
        self.answer, self.inner = answer, LocalTransport(world().dispatch)

    def roundtrip(self, op: Op, body: bytes, on_callback: OnCallback, seconds: float) -> Reply:
        """Answer."""
        if op is not Op.SCRIPT:
            return self.inner.roundtrip(op, body, on_callback, seconds)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def bad_answers() -> Iterator[Any]:
    """Give answers to a script that are no replies."""
    yield from (StudentTimeout(), StudentDied(), ProtocolError("bad"))
    yield from ((Op.ERROR, b""), (Op.CALL, b""), (Op.RESULT, b""), (Op.RESULT, b"?"))
    ok = (int(Op.RESULT), encode(9.0, ()))
    for value in (None, 3, "x", (ok,), [1], [ok, ok, ok], [(int(Op.CALL), b"")], [(9,)], [(9, "text")], [(True, b"")], [(int(Op.CALLBACK), encode(9.0, ()))]):
        yield (Op.RESULT, encode(value))


@pytest.mark.parametrize("answer", list(bad_answers()), ids=repr)
def test_an_answer_that_is_no_list_of_replies_is_no_answer(answer: Any) -> None:
    """A script that fails, or whose answer is malformed or too long, leaves the test to run live, with the right result."""
    student = Student(ScriptedTransport(Fixed(answer)), {})
    prefetch(student, script_of(lambda s: [s.double(1.0), s.double(2.0)]))
    begin_example(student, 0)
    assert student.double(1.0) == 2.0
    assert not stayed_in_script(student)


def test_a_reply_of_a_kind_that_is_none_is_no_reply() -> None:
    """Whatever stands where a reply's kind belongs, the request goes live."""
    for kind in (np.ones(3), 1.0, True, "r", [1], None):
        student = Student(ScriptedTransport(Fixed((Op.RESULT, encode([(kind, b"x"), (kind, b"y")])))), {})
        prefetch(student, script_of(lambda s: [s.double(1.0), s.double(2.0)]))
        begin_example(student, 0)
        assert student.double(1.0) == 2.0
        assert not stayed_in_script(student)


def test_a_shorter_answer_is_used_as_far_as_it_goes() -> None:
    """Replies that did not come in time are asked for one by one; the run did not stay in the script."""
    server = world()
    test = lambda s: [s.double(1.0), s.double(2.0)]  # noqa: E731
    script = script_of(test)
    _, first = server.dispatch(script.requests[0].op, script.requests[0].body, lambda _: (Op.ERROR, b""))
    student = Student(ScriptedTransport(Fixed((Op.RESULT, encode([(int(Op.RESULT), first)])))), {})
    prefetch(student, script)
    begin_example(student, 0)
    assert student.double(1.0) == 2.0
    assert not stayed_in_script(student)
    assert student.double(2.0) == 4.0
