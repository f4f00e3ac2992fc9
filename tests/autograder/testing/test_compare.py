"""Tests of strict comparison: what passes, what fails, and with which words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.channel.events import StudentError
from autograder.testing import (
    assert_array_equal,
    assert_close,
    assert_depends,
    assert_equal_int,
    assert_gradient,
    assert_no_loop,
    assert_same,
    assert_shape,
    assert_unchanged,
    either,
    raises,
)
from autograder.testing.failures import TestFailure, comparisons_off

from .students import student_of

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def failure(compare: Any, *args: Any, **kwargs: Any) -> TestFailure:
    """Return the failure of a comparison that must fail."""
    with pytest.raises(TestFailure) as caught:
        compare(*args, **kwargs)
    return caught.value


# ---------------------------------------------------------------------- arrays
@pytest.mark.parametrize("got", [A.copy(), np.asfortranarray(A), A * (1 + 1e-9), A + 1e-8, A.astype(np.float64)[::1]])
def test_equal_arrays_pass(got: np.ndarray) -> None:
    """Values up to rounding pass, in any memory layout."""
    assert_close(got, A, "x")


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "x is None: your function returned nothing"),
        (A[:1], r"x has shape (1, 3), expected (2, 3)."),
        (A[None], r"x has shape (1, 2, 3), expected (2, 3)."),
        (A.T, r"x has shape (3, 2), expected (2, 3)."),
        (A.ravel(), r"x has shape (6,), expected (2, 3)."),
        (np.float64(1.0), "x has shape (), expected (2, 3)."),
        (np.array(1.0), "x has shape (), expected (2, 3)."),
        (1.0, "x is a single number, expected an array of shape (2, 3)."),
        (A.tolist(), "x should be an array of shape (2, 3), it is a list."),
        ((A,), "x should be an array of shape (2, 3), it is a tuple."),
        ("A", "x should be an array of shape (2, 3), it is a str."),
        (A.astype(int), "x holds integer numbers, expected floating point."),
        (A > 2, "x holds boolean numbers, expected floating point."),
        (A.astype(complex), "x holds complex numbers, expected floating point."),
        (np.where(A == 3, np.nan, A), "x contains NaN."),
        (np.where(A == 3, np.inf, A), "x contains infinite values."),
        (np.where(A == 3, 3.001, A), "x has the right shape but 1 of 6 entries is wrong."),
        (-A, "x has the right shape but 6 of 6 entries are wrong."),
    ],
)
def test_other_answers_fail_with_a_sentence(got: Any, words: str) -> None:
    """Type, shape, kind of number and finiteness are told before values; nothing is broadcast to fit."""
    assert words in failure(assert_close, got, A, "x").message


def test_broadcast_shapes_never_pass() -> None:
    """An answer that would broadcast to equality is of the wrong shape."""
    for got, want in ((np.ones(3), np.ones((1, 3))), (np.ones((3, 1)), np.ones((3, 3))), (np.ones(()), np.ones(1)), (np.ones(1), np.ones(()))):
        assert "shape" in failure(assert_close, got, want, "x").message
        assert "shape" in failure(assert_array_equal, got, want, "x").message


def test_the_difference_points_at_the_worst_entry() -> None:
    """A failure carries index, values, shapes, relative error and the arrays for a picture."""
    got = A.copy()
    got[1, 2], got[0, 0] = 9.0, 1.5
    d = failure(assert_close, got, A, "dx").difference
    assert d is not None
    assert (d.name, d.index, d.got, d.expected) == ("dx", (1, 2), "9", "6")
    assert d.relative_error == pytest.approx(3 / 9)
    assert d.got_shape == d.expected_shape == (2, 3)
    assert d.got_values == tuple(got.ravel())
    d = failure(assert_close, A.T, A, "dx").difference
    assert d is not None
    assert (d.got_shape, d.expected_shape, d.got_values) == ((3, 2), (2, 3), None)


def test_expected_nan_and_infinity_are_values() -> None:
    """NaN where NaN is expected and the same infinity pass; another sign fails."""
    want = np.array([np.nan, np.inf, -np.inf, 1.0])
    assert_close(want.copy(), want, "x")
    failure(assert_close, np.array([np.nan, np.inf, np.inf, 1.0]), want, "x")
    failure(assert_close, np.array([0.0, np.inf, -np.inf, 1.0]), want, "x")


@given(scale=st.sampled_from([1e-12, 1e-3, 1.0, 1e6, 1e12]), off=st.sampled_from([0.5, 2.0]))
def test_the_tolerance_is_relative_with_a_floor(scale: float, off: float) -> None:
    """Errors below 1e-7 of the largest entry pass at any scale, also in an entry that should be zero; larger ones fail."""
    want = np.array([0.0, 1.0]) * scale
    for entry in (0, 1):
        got = want.copy()
        got[entry] += off * 1e-7 * scale * (1 if entry == 0 else 1.5)
        if off < 1:
            assert_close(got, want, "x")
        else:
            failure(assert_close, got, want, "x")


def test_the_floor_is_not_absolute() -> None:
    """Tiny expected values are compared at their own scale: zeros do not pass for 1e-9."""
    failure(assert_close, np.zeros(3), np.full(3, 1e-9), "x")
    failure(assert_close, np.full(3, 2e-200), np.full(3, 1e-200), "x")
    assert_close(np.zeros(3), np.zeros(3), "x")
    failure(assert_close, np.full(3, 1e-12), np.zeros(3), "x")


def test_tolerances_follow_the_expected_dtype() -> None:
    """Single and half precision are compared with their own rounding; explicit tolerances win."""
    for dtype, off in ((np.float32, 1e-4), (np.float16, 3e-3)):
        want = np.ones(3, dtype)
        assert_close((want + dtype(off)).astype(dtype), want, "x")
        failure(assert_close, (want + dtype(100 * off)).astype(dtype), want, "x")
    failure(assert_close, np.full(3, 1 + 1e-4), np.ones(3), "x")
    assert_close(np.full(3, 1.05), np.ones(3), "x", rtol=0.1)
    assert_close(np.full(3, 1.05), np.ones(3), "x", rtol=0.0, atol=0.1)
    failure(assert_close, np.full(3, 1.05), np.ones(3), "x", rtol=0.0, atol=0.01)


def test_kinds_of_numbers() -> None:
    """Integers of any width and sign agree; dtype=False compares values only; booleans stay booleans."""
    assert_close(np.arange(3, dtype=np.int32), np.arange(3), "x")
    assert_close(np.arange(3, dtype=np.uint8), np.arange(3), "x")
    failure(assert_close, np.arange(3.0), np.arange(3), "x")
    assert_close(np.arange(3.0), np.arange(3), "x", dtype=False)
    assert_close(np.array([True, False]), np.array([True, False]), "x")
    failure(assert_close, np.array([1, 0]), np.array([True, False]), "x")


# ---------------------------------------------------------------------- scalars
@pytest.mark.parametrize("expected", [2.0, 2, np.float64(2.0), np.array(2.0)])
@pytest.mark.parametrize("got", [2.0, 2, np.float64(2.0), np.float32(2.0), np.int64(2), np.array(2.0), np.array(2)])
def test_every_kind_of_number_is_a_number(got: Any, expected: Any) -> None:
    """Python numbers, NumPy numbers and 0-d arrays are alike where a number is expected."""
    assert_close(got, expected, "loss")


@pytest.mark.parametrize("got", [np.array([2.0]), [2.0], (2.0,), "2.0", None, 2.1, np.nan, np.inf, {"loss": 2.0}])
def test_other_things_are_no_number(got: Any) -> None:
    """Arrays with an axis, lists, texts and wrong numbers fail where a number is expected."""
    failure(assert_close, got, 2.0, "loss")


def test_a_wrong_number_is_quoted() -> None:
    """The sentence holds both numbers."""
    assert failure(assert_close, 2.5, 2.0, "loss").message == "loss is 2.5, expected 2."


def test_lists_pass_only_where_they_are_allowed() -> None:
    """``allow_list`` takes a regular list of numbers; a ragged one fails with words."""
    assert_close([1, 2.5], np.array([1.0, 2.5]), "x", allow_list=True)
    assert_array_equal([1, 2], np.array([1, 2]), "x", allow_list=True)
    assert "regular" in failure(assert_close, [[1.0], [1.0, 2.0]], np.ones((2, 2)), "x", allow_list=True).message
    assert "list" in failure(assert_array_equal, [1, 2], np.array([1, 2]), "x").message


def test_a_handle_is_described() -> None:
    """An object of the student's class where an array is expected is named by its type."""
    thing = student_of("class Thing: pass\ndef f(): return Thing()").f()
    assert "an object of type Thing" in failure(assert_close, thing, A, "x").message


# ---------------------------------------------------------------------- integers and exact arrays
@pytest.mark.parametrize("got", [3, np.int64(3), np.int8(3), np.array(3)])
def test_integers_are_integers(got: Any) -> None:
    """Python, NumPy and 0-d integers pass."""
    assert_equal_int(got, 3, "n")


@pytest.mark.parametrize("got", [3.0, np.float64(3), True, np.True_, np.array([3]), np.array(3.0), "3", None, 4])
def test_what_is_no_integer_or_another_one_fails(got: Any) -> None:
    """Floats, booleans and arrays with an axis are no integer; another integer is wrong."""
    assert "n" in failure(assert_equal_int, got, 3, "n").message


def test_a_true_where_one_is_expected_fails() -> None:
    """A comparison's result is no count."""
    assert "integer" in failure(assert_equal_int, True, 1, "n").message


def test_exact_arrays() -> None:
    """Shape, kind and every entry must agree; NaN equals NaN."""
    want = np.array([1, 2, 3])
    assert_array_equal(want.astype(np.uint8), want, "y")
    assert_array_equal(np.array([np.nan, 1.0]), np.array([np.nan, 1.0]), "y")
    assert "shape" in failure(assert_array_equal, want[:2], want, "y").message
    assert "floating" in failure(assert_array_equal, want * 1.0, want, "y").message
    d = failure(assert_array_equal, np.array([1, 5, 3]), want, "y").difference
    assert d is not None
    assert d.index == (1,)
    failure(assert_array_equal, np.array([1.0 + 1e-12]), np.array([1.0]), "y")


# ---------------------------------------------------------------------- gradients
def test_gradients_have_the_central_differences_tolerance() -> None:
    """A relative error of 1e-6 passes, 1e-4 fails; entries that should be zero are compared with the gradient's size."""
    want = np.array([1.0, -2.0, 0.0])
    assert_gradient(want * (1 + 1e-6) + np.array([0, 0, 1e-7]), want, "dx")
    failure(assert_gradient, want * (1 + 1e-4), want, "dx")
    failure(assert_gradient, want + np.array([0, 0, 1e-3]), want, "dx")
    failure(assert_gradient, np.zeros(3), np.full(3, 1e-6), "dx")
    assert_gradient(np.zeros(2), np.full(2, 1e-11), "dx")
    assert_gradient(1.0, np.float64(1.0 + 1e-7), "dx")
    failure(assert_gradient, want[:, None], want, "dx")


# ---------------------------------------------------------------------- the student's conduct
def test_changed_arguments_are_counted_from_one() -> None:
    """The sentence names the arguments as people count them."""
    student = student_of("def f(x, y): y += 1\ndef g(x): return x + 1")
    student.f(np.ones(2), np.ones(2))
    assert "(argument 2)" in failure(assert_unchanged, student).message
    student.g(np.ones(2))
    assert_unchanged(student)


def test_changed_arguments_are_called_by_their_names() -> None:
    """Where the signature is known its names are told, keywords by their own; what the student's side makes up is not repeated."""
    student = student_of("def f(x, *rest, out=None):\n    x += 1\n    out += 1", "f(x, *rest, out=None) -> y")
    student.f(np.ones(2), np.ones(2), out=np.ones(2))
    assert "(x, out)" in failure(assert_unchanged, student).message
    student._mutated = ("1",)
    assert "(argument 2)" in failure(assert_unchanged, student).message
    student._mutated = ("9" * 6000, "<b>")
    assert "(an argument)" in failure(assert_unchanged, student).message


def test_loops_are_counted_against_where_told() -> None:
    """A function with a loop, or whose helper has one, fails; whole-array code and allowed helpers pass; a missing function is told as such."""
    student = student_of("def f(x): return x @ x\ndef g(x): return sum(v for v in x)\ndef h(x): return g(x)")
    calls = (np.arange(3.0),), (np.arange(9.0),), 6
    assert_no_loop(student.f, *calls)
    assert_no_loop(student.h, *calls, without=("g",))
    for function in (student.g, student.h):
        assert "one by one in Python" in failure(assert_no_loop, function, *calls).message
    with pytest.raises(StudentError, match="NameError"):
        assert_no_loop(student.absent, *calls)


def test_what_runs_once_hides_no_loop() -> None:
    """A function that fills a table on its first call, or imports something large there, is counted from its second call on."""
    student = student_of("table = []\ndef f(x):\n    while len(table) < 500: table.append(0)\n    return [v for v in x]", "f(x) -> y")
    assert "one by one in Python" in failure(assert_no_loop, student.f, (np.zeros(10),), (np.zeros(30),), 20).message


@pytest.mark.parametrize(
    ("again", "first", "words"),
    [
        (A + 1e-3, A, "y has the right shape but"),
        (np.zeros((2, 3)), np.zeros((2, 3)), "y is 0 throughout."),
        (A[0], A, "y has shape (3,), expected (2, 3)."),
        (A, A[0], "y has shape (2, 3), expected (3,)."),
        (A * np.nan, A * np.nan, "y contains NaN."),
        (None, None, "y is None"),
        ("no", "no", "y should be a number, it is a str."),
        (2.0, 3.0, "y is 2"),
    ],
)
def test_answers_that_disagree(again: Any, first: Any, words: str) -> None:
    """Other numbers, other shapes, nothing, NaN and zeros are told, though neither answer need be right."""
    assert words in failure(assert_same, again, first, "y").message
    assert_same(A, A.copy(), "y")
    assert_same(2.0, 2.0, "y")
    assert_same(A.astype("f4").astype(float), A, "y", rtol=1e-6)
    assert_same(np.zeros(2), np.zeros(2), "y", may_vanish=True)
    with comparisons_off():
        assert_same(again, first, "y")


def test_shapes_alone() -> None:
    """Any finite numbers of the shape will do; an answer has to depend on what it was asked."""
    assert_shape(A, (2, 3), "y")
    assert_shape(2.5, (), "y")
    assert failure(assert_shape, A, (3, 2), "y").message == "y has shape (2, 3), expected (3, 2)."
    failure(assert_shape, A * np.inf, (2, 3), "y")
    failure(assert_shape, None, (), "y")
    assert_depends(A, A + 1, "y")
    assert failure(assert_depends, A, A.copy(), "y").message == "y is the same for other numbers."


def test_either_will_do_and_the_first_is_told() -> None:
    """What differs from the reference passes when it is what the student's own parts give; else the difference from the reference is told."""
    student = student_of("def f(x): return x + 1\ndef stub(x): raise NotImplementedError('f')", "f(x) -> y", "stub(x) -> y")

    def against(expected: Any) -> Any:
        return lambda: assert_close(student.f(A), expected, "y")

    def asked_too_early() -> None:
        raise AssertionError

    either(against(A + 1), asked_too_early)
    either(against(A), against(A + 1))
    for own in (against(A + 2), lambda: student.stub(A), lambda: A @ A, lambda: {}["no"]):
        assert failure(either, against(A[:1]), own).message == "y has shape (2, 3), expected (1, 3)."
    with pytest.raises(AttributeError):
        either(against(A), lambda: A.no)  # type: ignore[attr-defined]  # the test's own mistake
    with pytest.raises(StudentError):
        either(lambda: student.stub(A), against(A + 1))


def test_raises_wants_the_exception() -> None:
    """The expected exception or a subclass passes; nothing raised, and another one, fail; a stub stays a stub."""
    student = student_of("""
        class Mine(ValueError): pass
        def f(kind):
            if kind == "mine": raise Mine
            if kind == "value": raise ValueError
            if kind == "key": raise KeyError
            if kind == "stub": raise NotImplementedError
            return 5
    """)
    raises(ValueError, student.f, "value")
    raises(ValueError, student.f, "mine")
    raises(ValueError, student.f, kind="mine")
    raises(NotImplementedError, student.f, "stub")
    assert "raised KeyError, expected ValueError" in failure(raises, ValueError, student.f, "key").message
    assert "should raise ValueError here; it returned 5" in failure(raises, ValueError, student.f, "none").message
    with pytest.raises(StudentError, match="NotImplementedError"):
        raises(ValueError, student.f, "stub")


def test_nothing_is_compared_while_comparisons_are_off() -> None:
    """In a rehearsal every comparison passes; afterwards, also after an exception, they count again."""
    with comparisons_off():
        assert_close("nonsense", A, "x")
        assert_equal_int(None, 3, "n")
        assert_array_equal(3, A, "x")
        assert_gradient(None, A, "x")
    failure(assert_close, 1.0, 2.0, "x")
    with pytest.raises(KeyError), comparisons_off():
        raise KeyError
    failure(assert_close, 1.0, 2.0, "x")
