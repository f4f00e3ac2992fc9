"""Tests of what the harness does with a student: load cells, find names, record, bound the time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.channel.client import Student
from autograder.channel.codec import encode
from autograder.channel.events import Event, StudentError
from autograder.channel.harness import begin_example, cell_names, limit_total, load_cell, prefetch, start_recording, stop_recording
from autograder.channel.script import Script
from autograder.channel.transport import Op, Reply, StudentTimeout
from autograder.errors import ProtocolError

from .test_client import CALLS, FUNCTIONS, VALUE
from .worlds import Make


def test_the_rest_of_the_budget_bounds_a_call(make: Make) -> None:
    """When less is left for the submission than for a call, the smaller number counts."""
    student = make("def f():\n    while True: pass", seconds=50.0)
    limit_total(student, lambda: 0.1)
    with pytest.raises(StudentTimeout):
        student.f()


def test_nothing_is_asked_when_no_time_is_left(make: Make) -> None:
    """Once the budget is used up every request ends at once, however many a test makes."""
    student = make("def f():\n    return 1")
    limit_total(student, lambda: -1.0)
    with pytest.raises(StudentTimeout):
        student.f()
    prefetch(student, Script())


def test_loading_has_its_own_limit(make: Make) -> None:
    """A cell's seconds hold for the cell, and the call's seconds afterwards."""
    student = make(seconds=50.0)
    with pytest.raises(StudentTimeout):
        load_cell(student, "c", "while True: pass", 0.2)
    assert student._seconds == 50.0


# ---------------------------------------------------------------------- analysis and recording
def test_cell_names_are_found_beside_the_student(make: Make) -> None:
    """The dotted names of a cell come back as text, by definition; a cell that does not parse is the student's SyntaxError."""
    student = make()
    found = cell_names(student, "import numpy as np\ny = np.linalg.inv(x)\nprint(y)")
    assert {"numpy.linalg.inv", "numpy.linalg", "x"} <= set(found["y"])
    assert found[""] == ("print", "y")
    with pytest.raises(StudentError, match="SyntaxError"):
        cell_names(student, "def")


def test_events_are_recorded_with_copies(make: Make) -> None:
    """Between start and stop, calls, methods, operators, attributes and batches are kept as they were at that moment."""
    student = make(VALUE + FUNCTIONS)
    student.add(1.0)
    start_recording(student)
    x = np.ones(2)
    student.add(x, scale=2.0)
    x[:] = 7.0
    v = student.Value(2.0)
    v.double()
    _ = v + 1.0
    _ = v.data
    v.data = 3.0
    student.add.map([(1.0,), (2.0,)])
    student.value("LIMIT")
    with pytest.raises(StudentError):
        student.absent()
    events = stop_recording(student)
    student.add(1.0)
    assert [(e.kind, e.name) for e in events if e.name != "double" or e.kind != "get"] == [
        ("call", "add"), ("call", "Value"), ("method", "double"), ("operator", "add"), ("get", "data"), ("set", "data"), ("map", "add"), ("value", "LIMIT"), ("call", "absent"),
    ]  # fmt: skip
    assert isinstance(events[0], Event)
    assert events[0].args[0].tolist() == [1, 1]
    assert events[0].kwargs == {"scale": 2.0}
    assert events[0].result.tolist() == [4, 4]
    assert isinstance(events[-1].result, StudentError)
    assert stop_recording(student) == []


def test_what_happens_inside_a_callback_is_not_recorded(make: Make) -> None:
    """Only the test's own calls are events; those its functions make while being called back are not."""
    student = make(CALLS)
    start_recording(student)
    student.apply(lambda x: student.square(x) + 1, 2.0)
    assert [e.name for e in stop_recording(student)] == ["apply"]


def test_an_example_begins_with_an_empty_record(make: Make) -> None:
    """When an example is run again from its start, what was recorded before is dropped; without recording nothing is recorded."""
    student = make(FUNCTIONS)
    start_recording(student)
    student.add(1.0)
    begin_example(student, None)
    student.add(2.0)
    assert [e.args for e in stop_recording(student)] == [(2.0,)]
    begin_example(student, None)
    student.add(3.0)
    assert stop_recording(student) == []


@pytest.mark.parametrize("names", [encode("numpy"), encode([1]), encode(None), encode({"a": "b"}), encode({"a": [1]}), encode({1: ["a"]}), encode({"a": ["b"]}, 1)])
def test_names_that_are_no_texts_are_a_protocol_error(names: bytes) -> None:
    """What claims to be a cell's names is lists of text by definition, or nothing."""

    class Canned:
        def roundtrip(self, op: Op, body: bytes, on_callback: Any, seconds: float) -> Reply:
            return Op.RESULT, names

    with pytest.raises(ProtocolError):
        cell_names(Student(Canned(), {}), "x")


def test_a_cell_is_never_parsed_on_this_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text that would bring a parser down is only sent: the harness does not look into it."""
    sent = []

    class Elsewhere:
        """A transport that notes what it carries."""

        def roundtrip(self, op: Op, body: bytes, on_callback: object, seconds: float) -> Reply:
            sent.append(op)
            return Op.RESULT, encode(None)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("parsed in the trusted process")

    student = Student(Elsewhere(), {})
    monkeypatch.setattr("ast.parse", refuse)
    monkeypatch.setattr("builtins.compile", refuse)
    load_cell(student, "cell 1", "x = " + "1+" * 100_000 + "1", 1.0)
    assert sent == [Op.LOAD]
