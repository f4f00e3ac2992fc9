"""Tests of fingerprints and of failing examples as code to paste."""

from __future__ import annotations

import contextlib
import textwrap
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.channel.client import Student
from autograder.channel.events import Event, StudentError
from autograder.channel.harness import start_recording, stop_recording
from autograder.testing import Function
from autograder.testing.trace import code, numbers, same_numbers

from .students import signatures, student_of


def mark(result: Any, *, name: str = "f", mutated: tuple[str, ...] = (), args: tuple[Any, ...] = ()) -> Any:
    """Return the fingerprint of one call with this result."""
    return numbers([Event("call", name, args, {}, result, mutated)])


A = np.random.default_rng(1).normal(size=(3, 4))


# ---------------------------------------------------------------------- fingerprints
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (A, A * (1 + 1e-12)), (A, A + 1e-14), (A, np.asfortranarray(A)), (A, A.astype(np.longdouble).astype(float)), (1.0, np.float64(1.0)), (1.0, np.array(1.0)), (3, np.int8(3)),
        ({"a": A, "b": 1}, {"b": 1, "a": A + 1e-14}), ([1.0, 2.0], (1.0, 2.0)), (np.array([np.nan, 1.0]), np.array([np.nan, 1.0])), (np.inf, np.inf), (A.astype("f4"), A.astype("f4")),
        (np.arange(3), np.arange(3, dtype="u1")), (None, None), ("text", "text"), (2**100, 2**100), (1 + 2j, 1 + 2j), (np.zeros(0), np.zeros(0)), (1e300, 1e300),
    ],
)  # fmt: skip
def test_results_that_are_equal_up_to_rounding_have_one_fingerprint(one: Any, other: Any) -> None:
    """Rounding, memory layout, containers of one kind and the flavour of a number make no difference."""
    assert same_numbers(mark(one), mark(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (A, A * 1.001), (A, A.T), (A, A[::-1].copy()), (A, -A), (A, A[:2]), (A, A[None]), (A, A.tolist()), (A, np.round(A).astype(int)), (A, None), (1.0, 2.0), (1.0, np.nan), (1.0, "1.0"),
        (np.array([np.nan, 1.0]), np.array([1.0, 1.0])), ([1.0, 2.0], [1.0, 2.0, 0.0]), ({"a": 1}, {"b": 1}), ({"a": 1}, {"a": 2}), ("text", "other"), (True, False), (True, 1), (2**100, 2**100 + 1),
        (1 + 2j, 2 + 1j), (np.zeros(0), np.zeros((0, 1))), ([A, 2 * A], [2 * A, A]), (A, np.where(A[1, 2] == A, A + 0.01, A)), (np.array([True, False]), np.array([False, True])),
        (StudentError("ValueError", ("ValueError",), "", ()), StudentError("KeyError", ("KeyError",), "", ())), (StudentError("ValueError", ("ValueError",), "", ()), None),
    ],
)  # fmt: skip
def test_other_results_have_other_fingerprints(one: Any, other: Any) -> None:
    """Values, order, shape, kind, structure, texts and exceptions tell results apart."""
    assert not same_numbers(mark(one), mark(other))


def test_what_was_called_and_changed_counts() -> None:
    """Another function, another number of calls and a changed argument make another fingerprint; arguments do not."""
    assert not same_numbers(mark(1.0, name="f"), mark(1.0, name="g"))
    assert not same_numbers(mark(1.0), mark(1.0, mutated=("0",)))
    assert not same_numbers(mark(1.0), numbers([Event("call", "f", (), {}, 1.0)] * 2))
    assert same_numbers(mark(1.0, args=(1,)), mark(1.0, args=(2,)))


def test_an_exceptions_text_does_not_count() -> None:
    """Two misspelt messages of one exception are one behaviour."""
    assert same_numbers(mark(StudentError("Mine", ("ValueError",), "a", ())), mark(StudentError("Other", ("ValueError",), "b", ())))


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40))
def test_any_single_entry_counts(seed: int, n: int) -> None:
    """Changing one entry of an array by one per cent of its size changes the fingerprint."""
    rng = np.random.default_rng(seed)
    a = rng.normal(size=n)
    b = a.copy()
    b[rng.integers(n)] += 0.01 * np.abs(a).sum()
    assert not same_numbers(mark(a), mark(b))


def test_a_fingerprint_is_small() -> None:
    """Two numbers per array are kept, whatever its size: enough to recognise an answer, nothing to copy."""
    found = mark([np.zeros((100, 100)), 1.0])
    assert found.values.shape == (4,)
    assert found.values.dtype == np.float32
    assert len(found.structure) == 8


# ---------------------------------------------------------------------- code to paste
SOURCE = """
    import numpy as np
    def loss(x, y): return float(np.sum((x - y) ** 2))
    def forward(x, w): return x @ w, (x, w)
    def backward(dout, cache): return dout @ cache[1].T, cache[0].T @ dout
    def weights(params): return params["W"].sum() + params["b"][0]
    def tagged(x, *, mode="a", k=1.0): return x * k
    def slope(f, x): return (f(x + 1e-3) - f(x - 1e-3)) / 2e-3
    def fail(x): raise ValueError(str(x))
    class Value:
        def __init__(self, data): self.data = float(data)
        def __add__(self, o): return Value(self.data + (o.data if isinstance(o, Value) else o))
        def __pow__(self, o): return Value(self.data ** o)
        def __rpow__(self, o): return Value(o ** self.data)
        def __neg__(self): return Value(-self.data)
        def __pos__(self): return Value(self.data + 100)
        def __getitem__(self, i): return self.data + i
        def __setitem__(self, i, v): self.data = v
        def __len__(self): return 4
        def __float__(self): return self.data
        def __abs__(self): return Value(abs(self.data))
        def __lt__(self, o): return self.data < o.data
        def __call__(self, x): return self.data * x
        def grow(self, by, times=1): self.data += by * times; return self
    def total(values): return sum(v.data for v in values)
"""
TEXTS = ("loss(x, y) -> loss", "forward(x, w) -> out, cache", "backward(dout, cache) -> dx, dw", "weights(params) -> s", "tagged(x, mode, k) -> y", "slope(f, x) -> df", "Value(data)", "total(values) -> t")


def pasted(use: Any) -> tuple[str, dict[str, Any], list[Event]]:
    """Record a use, run the code in a namespace that holds the student's functions, and return code, namespace and events."""
    student = student_of(SOURCE, *TEXTS)
    start_recording(student)
    with contextlib.suppress(StudentError):
        use(student)
    events = stop_recording(student)
    text = code(events, signatures(*TEXTS))
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(textwrap.dedent(SOURCE), namespace)
    return text, namespace, events


def run(text: str, namespace: dict[str, Any]) -> None:
    """Run pasted code."""
    exec(compile(text, "pasted", "exec"), namespace)


def test_a_call_with_arrays_is_repeated() -> None:
    """Arguments get the signature's names, results the returns' names, and the numbers are the recorded ones."""

    def use(student: Student) -> None:
        x, w = np.array([[0.25, -1.5]]), np.array([[1.0], [2.0]])
        out, cache = student.forward(x, w)
        student.backward(np.ones((1, 1)), cache)
        student.loss(out, np.array([[3.0]]))

    text, namespace, events = pasted(use)
    run(text, namespace)
    assert "x = np.array([[0.25, -1.5]])" in text
    assert "out, cache = forward(x, w)" in text
    assert "dx, dw = backward(dout, cache)" in text
    assert np.array_equal(namespace["dw"], events[1].result[1])
    assert "(out, y)" in text  # a result that is passed on keeps its name


def test_a_function_is_not_overwritten_by_its_result() -> None:
    """When a return is named like its function, both calls still work."""
    text, namespace, events = pasted(lambda s: [s.loss(np.ones(2), np.zeros(2)), s.loss(np.ones(3), np.zeros(3))])
    run(text, namespace)
    assert callable(namespace["loss"])
    assert {v for k, v in namespace.items() if k.startswith("loss") and isinstance(v, float)} == {events[0].result, events[1].result} == {2.0, 3.0}


@pytest.mark.parametrize(
    "array",
    [
        np.array([1.0, np.nan, np.inf, -np.inf]), np.arange(6).reshape(2, 3), np.array([[True], [False]]), np.float32([0.5, 0.1]), np.zeros((0, 3)), np.arange(6.0).reshape(3, 2).T,
        np.array([1 + 2j]), np.array(2.5), np.arange(3, dtype=np.uint8), np.float16([1.5]), np.array([[[1.0]]]),
    ],
    ids=str,
)  # fmt: skip
def test_arrays_are_written_so_that_they_come_back(array: np.ndarray) -> None:
    """Values, NaN, shape, dtype and Fortran order of an argument survive pasting."""
    text, namespace, _ = pasted(lambda s: s.tagged(array))
    run(text.replace("y = tagged(", "y = (lambda a: a)("), namespace)
    got = namespace["y"]
    assert got.dtype == array.dtype
    assert got.shape == array.shape
    assert got.tobytes() == array.tobytes()
    assert got.flags.f_contiguous == array.flags.f_contiguous


def test_containers_keywords_and_large_arrays() -> None:
    """Dictionaries and keywords are written out; an array too large to print, also inside a dictionary, leaves code that runs."""

    def use(student: Student) -> None:
        student.weights({"W": np.ones((2, 2)), "b": np.array([1.0])})
        student.weights({"W": np.ones((30, 30)), "b": np.array([1.0])})
        student.tagged(np.ones((30, 30)), mode="b", k=float("nan"))
        student.tagged(2.0, k=np.float64(3.0))

    text, namespace, _ = pasted(use)
    run(text, namespace)
    assert namespace["s"] == 5.0
    assert "mode='b'" in text
    assert "too large" in text


def test_functions_of_the_test_are_written_when_their_source_is_known() -> None:
    """A Function is pasted as its source; another callable as dots."""
    text, namespace, _ = pasted(lambda s: s.slope(Function("lambda x: x ** 2"), 3.0))
    run(text, namespace)
    assert abs(namespace["df"] - 6.0) < 1e-6
    assert "slope(..., 3.0)" in pasted(lambda s: s.slope(lambda x: x, 3.0))[0]


def test_objects_of_the_student_are_rebuilt() -> None:
    """Operators, reflected operators, signs, items, methods, calls and attributes come out as Python that does the same."""

    def use(student: Student) -> None:
        a = student.Value(2.0)
        b = (-2.0) ** a
        c = +a
        d = -c
        e = a + b
        e[0] = 7.0
        e.grow(1.0, times=2)
        d.data = 5.0
        abs(d)
        a < b  # noqa: B015
        e[3], len(e), float(e), e(2.0)
        student.total([a, b, c, d, e])

    text, namespace, events = pasted(use)
    run(text, namespace)
    assert namespace["t"] == events[-1].result == 2.0 + 4.0 + 102.0 + 5.0 + 9.0
    assert "[0] = 7.0" in text


def test_an_exception_is_repeated() -> None:
    """The call that raised is the last line, and it raises again."""
    text, namespace, _ = pasted(lambda s: s.fail(3))
    with pytest.raises(ValueError, match="3"):
        run(text, namespace)
    assert text.splitlines()[-1] == "fail(3)"


def test_batches_are_told_only_when_there_is_nothing_else() -> None:
    """Nearby calls of a numerical gradient are left out beside other calls; alone, one of them is shown."""
    calls = [(np.ones(2), np.zeros(2)), (np.ones(2), np.ones(2))]
    assert "nearby" not in pasted(lambda s: [s.loss(np.ones(1), np.ones(1)), s.loss.map(calls)])[0]
    text, namespace, _ = pasted(lambda s: s.loss.map(calls))
    assert "called 2 times on nearby inputs" in text
    run(text, namespace)


def test_values_read_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    """Reading a variable or an attribute becomes a print, so that the student sees the number."""
    text, namespace, _ = pasted(lambda s: [s.Value(4.0).data])
    run(text, namespace)
    assert capsys.readouterr().out.strip() == "4.0"


@given(shape=st.lists(st.integers(0, 3), max_size=3), seed=st.integers(0, 99))
def test_any_array_is_code(shape: list[int], seed: int) -> None:
    """Every small array that is drawn gives code that makes it again."""
    array = np.round(np.random.default_rng(seed).normal(size=shape), 2)
    text = code([Event("call", "f", (array,), {}, 1.0)], signatures("f(x) -> y"))
    namespace: dict[str, Any] = {"np": np, "f": lambda x: x}
    exec(text, namespace)
    assert np.array_equal(namespace["y"], array)
    assert np.shape(namespace["y"]) == array.shape
