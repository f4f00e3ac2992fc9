"""Tests of scripts: what is in them, and above all what is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.channel.client import Student
from autograder.channel.codec import encode
from autograder.channel.harness import begin_example, prefetch
from autograder.channel.script import Request, Script, ScriptedTransport
from autograder.channel.server import Server
from autograder.channel.transport import LocalTransport, Op
from autograder.testing import Draw, assert_close, dims, fail, numeric_gradient, seeds
from autograder.testing.examples import generate
from autograder.testing.failures import comparing
from autograder.testing.rehearsal import script
from autograder.testing.runner import attempt

from .students import case_of, oracle_of, signatures

SOURCE = """
import numpy as np
def affine_forward(x, w): return x @ w, (x, w)
def affine_backward(dout, cache): return dout @ cache[1].T, cache[0].T @ dout
def number(x): return float(x.sum()) + 0.37
def whole(x): return int(1000 + x.size)
def truth(x): return bool(x.size > 0)
def word(x): return "swordfish"
def raw(x): return b"swordfish"
def one_label(x): return np.array([1234567])
def labels(x): return np.array([5, 3, 5, 3])
def flags(x): return np.array([True, False, True])
def wave(x): return x + 1.5j
def single(x): return 2.5 + 0.25j
def table(x): return {"mean": float(x.mean()) + 0.11, "count": int(77000 + x.size), "list": [x * 1.5, (x.sum() + 0.5,)]}
def half(x): return np.float32(0.123)
def minus_infinity(x): return np.full(2, -np.inf)
def echo(*values): return float(len(values))
def apply(f, x): return f(x)
class Thing:
    def __init__(self, x): self.x = x
    def grown(self, by): return Thing(self.x + by)
"""
TEXTS = signatures("affine_forward(x, w) -> out, cache", "affine_backward(dout, cache) -> dx, dw")
ORACLE = oracle_of(SOURCE)


def namespace() -> dict[str, Any]:
    """Return the globals of the reference."""
    made: dict[str, Any] = {"__name__": "__main__"}
    exec(SOURCE, made)
    return made


def script_of(function: Any, examples: int = 4) -> tuple[list[Request], tuple[dict[str, Any], ...]]:
    """Return the script of a test and its examples."""
    case = case_of(function, seed=seeds(), shape=dims("N D M"), examples=examples)
    found = generate(case, 1)
    return script(case, namespace, TEXTS, ORACLE, found), found


def arrays(seed: int, shape: tuple[int, int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x, w and dout."""
    n, d, m = shape
    draw = Draw(seed)
    return draw.normal(n, d), draw.normal(d, m), draw.normal(n, m)


def backward(student: Any, reference: Any, seed: int, shape: tuple[int, int, int]) -> None:
    """A test whose requests do not depend on answers."""
    x, w, dout = arrays(seed, shape)
    _, cache = student.affine_forward(x, w)
    dx, dw = student.affine_backward(dout, cache)
    assert_close(dx, reference.affine_backward(dout, (x, w))[0], "dx")
    assert_close(dw, reference.affine_backward(dout, (x, w))[1], "dw")


def test_independent_requests_are_all_scripted() -> None:
    """Calls on drawn arrays and on handles are scripted for every example, in order."""
    requests, examples = script_of(backward)
    assert [(r.example, r.position, r.op) for r in requests] == [(e, p, Op.CALL) for e in range(len(examples)) for p in (0, 1)]


def test_a_numeric_gradient_is_scripted() -> None:
    """Batches are scripted as one request."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x, w, dout = arrays(seed, shape)
        numeric_gradient(student.affine_forward, [x, w], wrt=0, dout=dout)

    requests, examples = script_of(test)
    assert [r.op for r in requests] == [Op.MAP] * len(examples)


LEAKS = ["number", "whole", "truth", "word", "raw", "one_label", "labels", "flags", "wave", "single", "table", "half", "minus_infinity"]


@pytest.mark.parametrize("name", LEAKS)
def test_an_answer_passed_on_is_never_in_a_script(name: str) -> None:
    """An example with a request that holds an answer, of any type, is not scripted."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x = Draw(seed).normal(*shape)
        answer = getattr(student, name)(x)
        student.echo(1.0, answer)
        student.echo(2.0)

    assert script_of(test)[0] == []


def test_an_answer_inside_another_argument_is_never_in_a_script() -> None:
    """Answers in lists, dictionaries, keywords, attributes, methods and batches are found as well."""
    for use in (
        lambda s, a: s.echo([a]), lambda s, a: s.echo({"k": (a,)}), lambda s, a: s.echo.map([(a,), (1.0,)]), lambda s, a: s.Thing(1.0).grown(a), lambda s, a: s.Thing(a),
        lambda s, a: setattr(s.Thing(1.0), "x", a), lambda s, a: s.echo(a[0]), lambda s, a: s.echo(float(a.sum())), lambda s, a: s.echo(a * 0 + a),
    ):  # fmt: skip

        def test(student: Any, seed: int, shape: tuple[int, int, int], use: Any = use) -> None:
            x, w, _ = arrays(seed, shape)
            use(student, student.affine_forward(x, w)[0])

        requests, examples = script_of(test)
        bodies = b"".join(r.body for r in requests)
        for example in examples:
            x, w, _ = arrays(example["seed"], example["shape"])
            out = x @ w
            assert out.tobytes() not in bodies
            assert np.float64(out.sum()).tobytes() not in bodies
            assert not (out.size and out[0].tobytes() in bodies)


def test_none_of_the_references_numbers_is_in_any_script_of_a_unit(tiny: Any) -> None:
    """In a whole unit, with a test that passes one function's output to another, no answer's bytes occur in a script."""
    scripted = [case.name for case in tiny.hidden.cases if tiny.hidden.scripts[case.name].requests]
    assert scripted == ["test_scale", "test_dx", "test_dw"]  # the other one passes an answer on
    for case in tiny.hidden.cases:
        bodies = b"".join(r.body for r in tiny.hidden.scripts[case.name].requests)
        for example in tiny.hidden.examples[case.name]:
            rows, columns = example["shape"][:2]
            draw = Draw(example["seed"])
            x = draw.normal(rows, columns)
            answers = [tiny.oracle.scale(x, 2.0), tiny.oracle.scale(x, 6.0)]
            if len(example["shape"]) == 3:
                w, dout = draw.normal(columns, example["shape"][2]), draw.normal(rows, example["shape"][2])
                answers = [x @ w, *tiny.oracle.linear_backward(dout, (x, w))]
            for answer in answers:
                assert answer.tobytes() not in bodies
                assert np.asfortranarray(answer).tobytes("F") not in bodies


def test_a_test_that_branches_on_an_answer_is_not_scripted() -> None:
    """Requests behind a condition on an answer are not known beforehand, and an example is scripted whole or not at all."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x = Draw(seed).normal(*shape)
        if student.truth(x):
            student.number(x)
        else:
            student.whole(x)

    assert script_of(test)[0] == []


def test_a_callback_is_not_scripted() -> None:
    """A request with a function of the test cannot be made beforehand."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x = Draw(seed).normal(*shape)
        student.number(x)
        student.apply(lambda a: a, x)
        student.number(x)

    assert script_of(test)[0] == []


def test_an_example_that_stops_on_scrambled_answers_is_not_scripted() -> None:
    """A failing assertion of the test's own costs the script of its example and of no other."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x = Draw(seed).normal(*shape)
        if x.shape[0] > 2 and student.whole(x) != 1000 + x.size:
            raise AssertionError
        student.number(x)

    requests, examples = script_of(test, examples=8)
    assert [r.example for r in requests] == [i for i, e in enumerate(examples) if e["shape"][0] <= 2]
    assert 0 < len(requests) < len(examples)


def test_comparisons_are_off_in_a_rehearsal_and_on_afterwards() -> None:
    """Requests behind a comparison that scrambled answers cannot pass are scripted."""

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        x = Draw(seed).normal(*shape)
        assert_close(student.number(x), 1e9, "number")
        if comparing():
            fail("never in a rehearsal")
        student.number(x)

    requests, examples = script_of(test)
    assert len(requests) == 2 * len(examples)
    assert comparing()


@pytest.mark.parametrize(
    "wrong",
    [
        "", "def affine_backward(dout, cache): return dout, dout", "def affine_backward(dout, cache): return None", "def affine_forward(x, w): raise ValueError",
        "def affine_backward(dout, cache):\n    cache[0][...] = 0\n    return dout @ cache[1].T, cache[0].T @ dout", "del affine_forward",
    ],
)  # fmt: skip
def test_outcomes_are_those_without_a_script(wrong: str) -> None:
    """A test fails on the same example with the same message whether its replies were fetched beforehand or not."""
    case = case_of(backward, seed=seeds(), shape=dims("N D M"), examples=4)
    examples = generate(case, 1)
    found = Script(script(case, namespace, TEXTS, ORACLE, examples))

    def run(scripted: bool) -> list[Any]:
        names = namespace()
        exec(wrong, names)
        student = Student(ScriptedTransport(LocalTransport(Server(names).dispatch)), TEXTS)
        if scripted:
            prefetch(student, found)
        results = [attempt(case, student, ORACLE, e, i if scripted else None) for i, e in enumerate(examples)]
        begin_example(student, None)
        return [None if f is None else (f.kind, f.message, f.difference) for f in results]

    assert run(True) == run(False)
    assert (run(True) == [None] * 4) == (wrong == "")


def test_a_run_that_leaves_its_script_begins_again_live() -> None:
    """When a student's answer makes a test ask something else, the example is run again from its start, with the live outcome."""
    asked: list[str] = []

    def test(student: Any, seed: int, shape: tuple[int, int, int]) -> None:
        """Ask something else for a negative answer."""
        x = Draw(seed).normal(*shape)
        negative = student.number(x) < 0
        asked.append("whole" if negative else "truth")
        if negative:
            fail(f"negative, and whole is {student.whole(x)}")
        student.truth(x)

    case = case_of(test, seed=seeds(), shape=dims("N D M"), examples=2)
    examples = generate(case, 1)
    found = Script(script(case, namespace, TEXTS, ORACLE, examples))
    assert len(found.requests) == 4
    names = namespace()
    exec("def number(x): return -1.0\ndef whole(x): return 7", names)
    student = Student(ScriptedTransport(LocalTransport(Server(names).dispatch)), TEXTS)
    prefetch(student, found)
    asked.clear()
    failure = attempt(case, student, ORACLE, examples[0], 0)
    assert failure is not None
    assert failure.message == "negative, and whole is 7"
    assert asked == ["whole", "whole"]


def test_rehearsing_is_deterministic() -> None:
    """The same test and examples give the same bytes."""
    first, second = (encode([(r.example, r.position, int(r.op), r.body) for r in script_of(backward)[0]]) for _ in range(2))
    assert first == second
