"""Strict comparison of a student's answer with the expected one: type, shape, dtype and finiteness before values."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from autograder.channel.client import Handle, Student, StudentFunction
from autograder.channel.codec import as_array
from autograder.channel.events import StudentError
from autograder.channel.harness import mutated, mutated_arguments
from autograder.testing.failures import TestFailure, array_difference, comparing, fail, shape_difference, show

# One table: relative tolerance by dtype; the absolute floor is the same number times the largest expected magnitude.
TOLERANCE = {"f8": 1e-7, "c16": 1e-7, "f4": 2e-4, "c8": 2e-4, "f2": 5e-3}
_KINDS = {"f": "floating point", "i": "integer", "u": "unsigned integer", "b": "boolean", "c": "complex"}
_ALIKE = {"i": "iu", "u": "iu", "f": "f", "b": "b", "c": "c"}


def assert_close(
    got: Any,
    expected: Any,
    name: str,
    *,
    rtol: float | None = None,
    atol: float | None = None,
    dtype: bool = True,
    allow_list: bool = False,
) -> None:
    """Fail unless ``got`` equals ``expected`` up to rounding.

    Args:
        got: the student's answer.
        expected: a float, an int or an array; its type says what is wanted.
        name: what is compared, as the student knows it.
        rtol: relative tolerance; by default from the table, by the expected dtype.
        atol: absolute floor; by default ``rtol`` times the largest expected magnitude, or times 1e-6 when all are zero.
        dtype: whether the kind of dtype (floating, integer, boolean) must agree.
        allow_list: whether a list of numbers will do for an array.

    Raises:
        TestFailure: with the place of the worst entry.
    """
    if not comparing():
        return
    got, expected = _untensored(got, expected, name)
    want = np.asarray(expected)
    have = _as_array(got, want, name, scalar=not isinstance(expected, np.ndarray), allow_list=allow_list)
    if have.shape != want.shape:
        raise TestFailure(f"{name} has shape {have.shape}, expected {want.shape}.", shape_difference(name, have, want), want)
    if dtype and want.ndim and have.dtype.kind not in _ALIKE.get(want.dtype.kind, want.dtype.kind):
        fail(f"{name} holds {_kind(have)} numbers, expected {_kind(want)}.", name, str(have.dtype), str(want.dtype))
    if have.dtype.kind in "fc" and not np.all(np.isfinite(have) | ~np.isfinite(want)):
        bad = "NaN" if np.isnan(have).any() and not np.isnan(want).any() else "infinite values"
        raise TestFailure(f"{name} contains {bad}.", array_difference(name, have, want), want)
    tolerance = rtol if rtol is not None else TOLERANCE.get(want.dtype.str[1:], 1e-7)
    largest = float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0))
    floor = atol if atol is not None else tolerance * (largest or 1e-6)  # where all is zero, right answers may be rounding away from it
    with np.errstate(all="ignore"):
        close = np.isclose(have, want, rtol=tolerance, atol=max(floor, 1e-300), equal_nan=True)
    if not np.all(close):
        raise TestFailure(_sentence(name, have, want, close), array_difference(name, have, want), want)


def assert_gradient(got: Any, numeric: Any, name: str, *, rtol: float = 1e-5) -> None:
    """Fail unless an analytic gradient agrees with a central difference.

    Args:
        got: the student's gradient.
        numeric: the central difference, float64, same shape.
        name: what is compared.
        rtol: largest relative error; the floor is scaled to the gradient's norm.

    Raises:
        TestFailure: with the place of the worst entry.
    """
    want = np.asarray(numeric, dtype=float)
    rms = float(np.sqrt(np.mean(want**2))) if want.size else 0.0
    assert_close(got, want if isinstance(numeric, np.ndarray) else float(want), name, rtol=rtol, atol=max(rtol * rms, 1e-9))


def assert_equal_int(got: Any, expected: int, name: str) -> None:
    """Fail unless ``got`` is an integer (Python, NumPy or 0-d array) equal to ``expected``."""
    if not comparing():
        return
    whole = isinstance(got, (int, np.integer)) or (isinstance(got, np.ndarray) and got.ndim == 0 and got.dtype.kind in "iu")
    if isinstance(got, (bool, np.bool_)) or not whole:
        fail(f"{name} should be an integer, it is {_describe(got)}.", name, got, expected)
    if int(got) != expected:
        fail(f"{name} is {int(got)}, expected {expected}.", name, int(got), expected)


def assert_array_equal(got: Any, expected: np.ndarray, name: str, *, allow_list: bool = False) -> None:
    """Fail unless ``got`` has the shape, the kind of dtype and exactly the entries of ``expected``."""
    if not comparing():
        return
    want = np.asarray(expected)
    have = _as_array(got, want, name, scalar=False, allow_list=allow_list)
    if have.shape != want.shape:
        raise TestFailure(f"{name} has shape {have.shape}, expected {want.shape}.", shape_difference(name, have, want), want)
    if have.dtype.kind not in _ALIKE.get(want.dtype.kind, want.dtype.kind):
        fail(f"{name} holds {_kind(have)} values, expected {_kind(want)}.", name, str(have.dtype), str(want.dtype))
    if not np.array_equal(have, want, equal_nan=want.dtype.kind in "fc"):
        raise TestFailure(f"{name} differs from the expected array.", array_difference(name, have, want), want)


def assert_unchanged(student: Student) -> None:
    """Fail if the student's last call changed one of its array arguments in place."""
    if mutated(student):
        which = ", ".join(mutated_arguments(student)) or "an argument"
        fail(f"Your function changed its input in place ({which}); the caller still needs it. Work on a copy.")


def assert_no_loop(function: StudentFunction, few: tuple[Any, ...], many: tuple[Any, ...], further: int, *, without: tuple[str, ...] = ()) -> None:
    """Fail if the student's function runs more lines of Python on larger arrays, where operations on whole arrays are asked for.

    Args:
        function: the student's.
        few, many: arguments of two calls; the second have ``further`` more entries along each axis that must not be gone through.
        further: so many more lines of Python, or above, are a loop.
        without: names of functions of the notebook that may loop.
    """
    if function.loops(few, many, further, without=without) and comparing():
        fail(f"{function.name} goes through the entries one by one in Python; this exercise asks for operations on whole arrays.")


def assert_shape(got: Any, shape: Sequence[int], name: str) -> None:
    """Fail unless ``got`` is a finite floating point array of this shape (for ``()`` a number); its numbers do not matter."""
    assert_close(got, np.zeros(tuple(shape)), name, atol=np.inf)


def assert_same(
    again: Any, first: Any, name: str, *, rtol: float = 1e-9, atol: float | None = None, dtype: bool = True, may_vanish: bool = False
) -> None:
    """Fail unless two of the student's answers agree; neither need be right.

    Side effects, memory layouts and batches of one are judged so: a slip in the values has cost its points where values are compared.

    Args:
        again, first: the answers, arrays or numbers.
        name: what they are called.
        rtol, atol, dtype: as for :func:`assert_close`.
        may_vanish: whether ``first`` may be 0 throughout; by default that fails, or a function that does nothing would agree with itself.
    """
    if not comparing():
        return
    if not isinstance(first, (np.ndarray, np.generic, float)):
        assert_close(first, 0.0, name)
    assert_shape(first, np.shape(first), name)
    if not may_vanish and not np.any(first):
        fail(f"{name} is 0 throughout.", name, first, "the answer to other numbers than 0")
    assert_close(again, first if isinstance(first, np.ndarray) else float(first), name, rtol=rtol, atol=atol, dtype=dtype)


def assert_depends(first: Any, other: Any, name: str) -> None:
    """Fail when the answers to two different inputs are the same: to compare them with themselves would say nothing."""
    if comparing() and np.array_equal(first, other):
        fail(f"{name} is the same for other numbers.", name, other, "an answer that depends on its arguments")


def raises(kind: type[BaseException], function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> None:
    """Fail unless the student's ``function`` raises the built-in exception ``kind`` on these arguments."""
    try:
        result = function(*args, **kwargs)
    except StudentError as error:
        if error.is_a(NotImplementedError) and kind is not NotImplementedError:
            raise
        if not error.is_a(kind):
            fail(f"Your function raised {error.name}, expected {kind.__name__}.", "exception", error.name, kind.__name__)
        return
    fail(f"Your function should raise {kind.__name__} here; it returned {show(result)}.", "exception", show(result), kind.__name__)


def either(check: Callable[[], None], own: Callable[[], None]) -> None:
    """Run a check against the reference, and when it fails one against the student's own earlier functions: either will do.

    A mistake in an earlier exercise has cost its points there; what is put together rightly from its parts is right.  What is told of
    a failure is the difference from the reference.

    Args:
        check: compares with the reference.
        own: compares with what the student's functions give; when they do not even fit together, it may raise as they do.
    """
    try:
        check()
    except TestFailure:
        try:
            own()
        except (TestFailure, StudentError, ArithmeticError, LookupError, TypeError, ValueError):
            pass
        else:
            return
        raise


def _untensored(got: Any, expected: Any, name: str) -> tuple[Any, Any]:
    """Return two tensors as arrays; fail where a tensor is expected and is not there, or the other way round."""
    torch = sys.modules.get("torch")
    if torch is None or not (isinstance(got, torch.Tensor) or isinstance(expected, torch.Tensor)):
        return got, expected
    if not isinstance(got, torch.Tensor):
        fail(f"{name} should be a tensor, it is {_describe(got)}.", name, _describe(got), "a tensor")
    if not isinstance(expected, torch.Tensor):
        fail(
            f"{name} is a tensor, expected {'an array' if isinstance(expected, np.ndarray) else 'a plain number'}.",
            name,
            "a tensor",
            _describe(expected),
        )
    return as_array(got), as_array(expected)


def _as_array(got: Any, want: np.ndarray, name: str, *, scalar: bool, allow_list: bool) -> np.ndarray:
    """Return the answer as an array when its type will do; never broadcasts, never reshapes."""
    if got is None:
        fail(f"{name} is None: your function returned nothing (is the return statement missing?).", name, got, want)
    if isinstance(got, np.ndarray):
        return got
    if isinstance(got, (bool, int, float, complex, np.generic)):
        if scalar or want.ndim == 0 or isinstance(got, np.generic):
            return np.asarray(got)
        fail(f"{name} is a single number, expected an array of shape {want.shape}.", name, got, f"array of shape {want.shape}")
    if allow_list and isinstance(got, (list, tuple)):
        try:
            return np.asarray(got, dtype=want.dtype if want.dtype.kind == "f" else None)
        except (ValueError, TypeError):
            fail(f"{name} is a list that does not form a regular array.", name, got, want)
    expected = "a number" if scalar else f"an array of shape {want.shape}"
    fail(f"{name} should be {expected}, it is {_describe(got)}.", name, _describe(got), expected)
    raise AssertionError  # fail() always raises


def _describe(value: Any) -> str:
    if isinstance(value, Handle):
        return repr(value)[1:-1]
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}, dtype {value.dtype}"
    return f"a {type(value).__name__}"


def _kind(a: np.ndarray) -> str:
    return _KINDS.get(a.dtype.kind, str(a.dtype))


def _sentence(name: str, have: np.ndarray, want: np.ndarray, close: np.ndarray) -> str:
    if want.ndim == 0:
        return f"{name} is {show(have[()])}, expected {show(want[()])}."
    if close.size == 1:
        return f"{name} has the right shape but its entry is wrong."
    wrong = int(close.size - np.count_nonzero(close))
    return f"{name} has the right shape but {wrong} of {close.size} entries {'is' if wrong == 1 else 'are'} wrong."
