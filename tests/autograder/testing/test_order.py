"""Tests of seeing results in another order."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.channel.events import Event
from autograder.testing import Draw, assert_close, seeds
from autograder.testing.judge import Policy, judge
from autograder.testing.order import one_of_several, other_order

from .students import case_of, signatures, student_of, suite_of

TEXT = "back(x) -> dx, dw, db, cache"
A, B = np.arange(1.0, 7.0).reshape(2, 3), np.array([5.0, 6.0])


def sentence(result: Any, name: str, expected: Any, *, function: str = "back") -> str:
    """Return what is said of a call that gave these results."""
    return other_order([Event("call", function, (A,), {}, result)], signatures(TEXT), name, expected)


def test_a_result_at_another_place_is_found() -> None:
    """The place and the right order are named, whether shapes differ or not, and for a name with more words."""
    said = "The right dx is the second value that back returned: return dx, dw, db, cache, in this order."
    assert sentence((B, A, 1.0, None), "dx", A) == said
    assert sentence((A + 1, A * (1 + 1e-6), 1.0, None), "dx[0] of a layer", A) == said
    assert "The right db is the first value" in sentence((2.5, A, B, None), "db", 2.5)
    assert "The right db is the first value" in sentence((3, A, 10**30, None), "db", 3)


@pytest.mark.parametrize(
    ("result", "name", "expected"),
    [
        ((A, B, 1.0, None), "dx", A),  # where it belongs
        ((B, A + 1e-2, 1.0, None), "dx", A),  # the right shape and other values
        ((B, A.T, 1.0, None), "dx", A),
        ((B, np.zeros(2), 1.0, None), "db", np.zeros(2)),  # zeros say nothing
        ((B, A, 1.0, None), "y", A),  # no result of that name
        ((B, A), "dx", A),  # another number of results
        (A, "dx", A),
        (ValueError("no"), "dx", A),
        ((B, np.array(["a"]), np.full((2, 3), np.nan), None), "dx", A),
        ((B, "A", [1.0], None), "dx", A),
        ((B, A, 1.0, None), "dx", np.full((2, 3), np.nan)),
    ],
)
def test_nothing_is_said_otherwise(result: Any, name: str, expected: Any) -> None:
    """Where it belongs, of other values, or of no use to tell."""
    assert sentence(result, name, expected) == ""
    assert sentence((B, A, 1.0, None), "dx", A, function="other") == ""


def test_only_what_may_be_out_of_order_is_run_again() -> None:
    """A name is one of several results by its first word; the only result of a function is not."""
    known = signatures(TEXT, "loss(x) -> value")
    assert [one_of_several(known, name) for name in ("dx", "db of a batch", "dxx", "value", "", "3")] == [True, True, False, False, False, False]


def gradients(student: Any, reference: Any, seed: int) -> None:
    """Both results are right."""
    x = Draw(seed).normal(2, 3)
    first, second = student.f(x)
    right, other = reference.f(x)
    assert_close(first, right, "rows")
    assert_close(second, other, "columns")


def test_a_student_hears_of_the_order() -> None:
    """The sentence follows the comparison's own, in the record of the test, also where no example is shown."""
    right = "import numpy as np\ndef f(x): return x.sum(axis=1), x.sum(axis=0)"
    suite = suite_of(case_of(gradients, seed=seeds(), examples=3), right=right, texts=("f(x) -> rows, columns",))
    for feedback in ("example", "hint"):
        student = student_of("import numpy as np\ndef f(x): return x.sum(axis=0), x.sum(axis=1)", "f(x) -> rows, columns")
        (record,) = judge(suite, "f", Policy(feedback=feedback), lambda who=student: who)  # type: ignore[misc,arg-type]
        assert record.message == (
            "rows has shape (3,), expected (2,). The right rows is the second value that f returned: return rows, columns, in this order."
        )


def test_a_cache_that_stays_beside_the_student_is_asked_nothing() -> None:
    """A result that has not crossed, between those that have, is passed over."""
    right = "def f(x): return x.sum(axis=1), [print], x.sum(axis=0)"

    def three(student: Any, reference: Any, seed: int) -> None:
        x = Draw(seed).normal(2, 3)
        rows, _, columns = student.f(x)
        right_rows, _, right_columns = reference.f(x)
        assert_close(rows, right_rows, "rows")
        assert_close(columns, right_columns, "columns")

    suite = suite_of(case_of(three, seed=seeds(), examples=3), right=right, texts=("f(x) -> rows, cache, columns",))
    student = student_of("def f(x): return 2 * x.sum(axis=1), [print], x.sum(axis=0)", "f(x) -> rows, cache, columns")
    (record,) = judge(suite, "f", Policy(), lambda: student)
    assert "rows" in record.message
    assert "in this order" not in record.message
