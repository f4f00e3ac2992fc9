"""Tests of the student's side: what it answers to single requests."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.channel.codec import HandleRef, decode, encode
from autograder.channel.handles import LIVE_HANDLES, first_handle
from autograder.channel.script import Request, Script
from autograder.channel.server import OPERATORS, Server
from autograder.channel.transport import AlarmRang, Op

from .worlds import request


def server(source: str = "", label: str = "c") -> Server:
    """Return a server with a cell loaded."""
    served = Server({"__name__": "__main__"})
    op, _ = request(served, Op.LOAD, encode(label, source))
    assert op is Op.RESULT
    return served


def error(body: bytes) -> tuple[Any, ...]:
    """Return name, bases, text and lines of an error's body."""
    return decode(body, 4)


def call(name: str, *args: Any, keep: tuple[int, ...] = ()) -> bytes:
    """Return the body of a call."""
    return encode(name, args, {}, keep)


@pytest.mark.parametrize("op", [op for op in Op if op not in (Op.RESULT, Op.ERROR, Op.CALLBACK)])
@pytest.mark.parametrize("body", [b"", b"?", encode(1), encode(None, None), encode([1], 2, 3, 4), encode("x", 1, 2)])
def test_any_request_is_answered(op: Op, body: bytes) -> None:
    """A malformed request gives an error, never an exception that leaves the server."""
    reply, answer = request(server(), op, body)
    assert reply in (Op.RESULT, Op.ERROR)
    assert isinstance(answer, bytes)


@pytest.mark.parametrize("op", [Op.RESULT, Op.ERROR, Op.CALLBACK])
def test_a_reply_is_no_request(op: Op) -> None:
    """Kinds of frames that are replies are answered with an error."""
    assert request(server(), op, b"")[0] is Op.ERROR


def test_cells_share_one_namespace() -> None:
    """What one cell defines, the next one sees, under the name ``__main__``."""
    served = server("x = 1")
    request(served, Op.LOAD, encode("d", "y = x + 1\nz = __name__"))
    assert served.namespace["y"] == 2
    assert served.namespace["z"] == "__main__"


def test_a_cell_that_fails_keeps_what_it_did() -> None:
    """Definitions above the failing line stay."""
    served = server()
    reply, body = request(served, Op.LOAD, encode("c", "x = 1\n\nraise KeyError('k')\ny = 2"))
    assert reply is Op.ERROR
    assert error(body)[0] == "KeyError"
    assert error(body)[3] == [("c", 3, "<module>", "raise KeyError('k')")]
    assert served.namespace["x"] == 1
    assert "y" not in served.namespace


def test_lines_are_those_of_the_last_load() -> None:
    """A cell loaded again under its label shows its new lines."""
    served = server("def f():\n    return old()")
    request(served, Op.LOAD, encode("c", "def f():\n    return new()"))
    assert error(request(served, Op.CALL, call("f"))[1])[3][0][3] == "return new()"


def test_keep_replaces_positions_by_handles() -> None:
    """Positions to keep become references with the object's type name; -1 keeps the result as a whole."""
    served = server("def f(): return 1, {'a': 2}, [3]\ndef g(): return {'a': 2}")
    (result, _), refs = decoded(request(served, Op.CALL, call("f", keep=(1, 2)))[1], 2)
    assert result[0] == 1
    assert [r.kind for r in refs] == ["dict", "list"]
    (result, _), refs = decoded(request(served, Op.CALL, call("g", keep=(-1,)))[1], 2)
    assert result is refs[0]
    (result, _), refs = decoded(request(served, Op.CALL, call("g", keep=(0,)))[1], 2)
    assert (result, refs) == ({"a": 2}, [])


def decoded(body: bytes, count: int) -> tuple[tuple[Any, ...], list[HandleRef]]:
    """Return values and the references in them."""
    refs: list[Any] = []
    return decode(body, count, lambda ref: refs.append(ref) or ref), refs


def test_handles_are_let_go_of() -> None:
    """A freed handle, and one that was never given out, is an error; others live on."""
    served = server("class A: pass\ndef f(): return A()\ndef g(a): return type(a).__name__")
    first, second = (decoded(request(served, Op.CALL, call("f"))[1], 2)[1][0] for _ in range(2))
    request(served, Op.FREE, encode([first.id, 12345]))
    ask = lambda ref: request(served, Op.CALL, encode("g", (ref,), {}, ()))  # noqa: E731
    assert ask(first)[0] is Op.ERROR
    assert decode(ask(second)[1], 2)[0] == "A"


def test_live_handles_never_meet_script_handles() -> None:
    """Numbers given out live are above every number a script can give."""
    served = server("def f(): return object()")
    ref = decoded(request(served, Op.CALL, call("f"))[1], 2)[1][0]
    assert ref.id >= LIVE_HANDLES
    served.number_handles(3, 5)
    ref = decoded(request(served, Op.CALL, call("f"))[1], 2)[1][0]
    assert ref.id == first_handle(3, 5)
    assert first_handle(3999, 4095) < LIVE_HANDLES


def script_body(*requests: tuple[int, int, Op, bytes], seconds: float = 10.0) -> bytes:
    """Return the body of a script."""
    return Script([Request(*r) for r in requests], seconds).body


def test_a_script_is_executed_in_order() -> None:
    """Replies come in order, errors included; handles carry example and position; live numbering goes on."""
    served = server("class A: pass\nn = 0\ndef f():\n    global n\n    n += 1\n    return n\ndef g(): return A()")
    body = script_body((0, 0, Op.CALL, call("f")), (0, 1, Op.CALL, call("absent")), (1, 0, Op.CALL, call("g")), (1, 1, Op.CALL, call("f")))
    reply, answer = request(served, Op.SCRIPT, body)
    assert reply is Op.RESULT
    ops, replies = decode(answer, 2)
    assert list(ops) == [Op.RESULT, Op.ERROR, Op.RESULT, Op.RESULT]
    assert decode(replies[0], 2)[0] == 1
    assert decode(replies[3], 2)[0] == 2
    assert decoded(replies[2], 2)[1][0].id == first_handle(1, 0)
    assert decoded(request(served, Op.CALL, call("g"))[1], 2)[1][0].id >= LIVE_HANDLES


def test_a_script_stops_when_its_time_is_up() -> None:
    """The rest of a script that takes too long is left out."""
    served = server("def f(): return 1")
    _, replies = decode(request(served, Op.SCRIPT, script_body(*[(0, p, Op.CALL, call("f")) for p in range(5)], seconds=-1.0))[1], 2)
    assert len(replies) == 1


def test_a_request_with_too_many_handles_ends_a_script() -> None:
    """A reply with more handles than a position can number is left out with all that follows."""
    served = server("class A: pass\ndef f(n): return [A() for _ in range(n)]")
    body = script_body((0, 0, Op.CALL, call("f", 256)), (0, 1, Op.CALL, call("f", 257)), (0, 2, Op.CALL, call("f", 1)))
    assert len(decode(request(served, Op.SCRIPT, body)[1], 2)[1]) == 1


def test_a_script_drops_the_objects_of_the_one_before() -> None:
    """Objects of an earlier script are gone when the next one runs; live ones stay."""
    served = server("class A: pass\ndef g(): return A()\ndef kind(a): return type(a).__name__")
    live = decoded(request(served, Op.CALL, call("g"))[1], 2)[1][0]
    request(served, Op.SCRIPT, script_body((0, 0, Op.CALL, call("g")), (5, 0, Op.CALL, call("g"))))
    request(served, Op.SCRIPT, script_body((0, 0, Op.CALL, call("g"))))
    asks = [request(served, Op.CALL, encode("kind", (ref,), {}, ()))[0] for ref in (live, HandleRef(first_handle(0, 0)), HandleRef(first_handle(5, 0)))]
    assert asks == [Op.RESULT, Op.RESULT, Op.ERROR]


def test_the_alarm_and_ctrl_c_leave_the_server() -> None:
    """What the harness or the user raises inside the student's code is not told as the student's exception."""
    served = server("def f(): raise E")
    for kind in (AlarmRang, KeyboardInterrupt):
        served.namespace["E"] = kind
        with pytest.raises(kind):
            request(served, Op.CALL, call("f"))


@pytest.mark.parametrize(("file", "label"), [("<ipython-input-3-abc>", "notebook"), ("/tmp/ipykernel_17/123.py", "notebook"), ("<cell 4>", "4")])
def test_lines_in_a_notebook_are_the_students(file: str, label: str) -> None:
    """Frames of Jupyter's cells are told like those of loaded cells; all other files are the harness's."""
    served = server()
    exec(compile("def f():\n    raise ValueError('v')", file, "exec"), served.namespace)
    frames = error(request(served, Op.CALL, call("f"))[1])[3]
    assert [(cell, line, function) for cell, line, function, _ in frames] == [(label, 2, "f")]


def test_every_operator_of_a_handle_is_served() -> None:
    """The two sides know the same operators."""
    wanted = {"add", "sub", "mul", "truediv", "matmul", "pow", "mod", "neg", "pos", "abs", "lt", "le", "gt", "ge", "getitem", "setitem", "len", "float", "int", "bool"}
    assert wanted <= set(OPERATORS)
