"""Tests of running one test on replayed examples."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograder.channel.client import Student
from autograder.channel.transport import Op, StudentDied, StudentTimeout
from autograder.errors import ProtocolError
from autograder.testing import Draw, assert_close, dims, fail, seeds
from autograder.testing.examples import generate
from autograder.testing.runner import Failure, attempt, example_code, fingerprints, first_failure, recorded, smallest

from .students import case_of, oracle_of, student_of

RIGHT = "def f(x, k): return k * x"
TEXT = "f(x, k) -> y"
REFERENCE = oracle_of(RIGHT)


def scales(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
    """F multiplies."""
    x = Draw(seed).normal(*shape)
    assert_close(student.f(x, 2.0), reference.f(x, 2.0), "y")


CASE = case_of(scales, seed=seeds(), shape=dims("N D"), examples=6)
EXAMPLES = generate(CASE, 1)


def outcome(source: str, **limits: Any) -> Failure | None:
    """Return the first failure of a student with this source."""
    return first_failure(CASE, student_of(source, TEXT, **limits), REFERENCE, EXAMPLES)


def test_the_right_answer_passes() -> None:
    """No example fails for the reference's code."""
    assert outcome(RIGHT) is None


@pytest.mark.parametrize(
    ("source", "kind", "words"),
    [
        ("def f(x, k): return x", "wrong", "y has the right shape but"),
        ("def f(x, k): return x[0]", "wrong", "y has shape"),
        ("def f(x, k): pass", "wrong", "y is None"),
        ("def f(x, k):\n    y = 0\n    return y / 0", "raised", "Your code raised ZeroDivisionError: division by zero (cell 1 (f), line 3: return y / 0)"),
        ("def f(x): return x", "raised", "TypeError"),
        ("def f(x, k): raise NotImplementedError('f')", "unwritten", "Not written yet."),
        ("g = 1", "undefined", "Name 'f' is not defined in your notebook."),
        ("def f(x, k): return g(x)", "raised", "name 'g' is not defined"),
        ("def f(x, k):\n    while True: pass", "timeout", "ran out of time"),
        ("def f(x, k): return np.array([object()])\nimport numpy as np", "raised", "dtype=object"),
        ("def f(x, k): raise SystemExit", "raised", "SystemExit"),
    ],
)
def test_each_way_to_fail_has_its_kind_and_words(source: str, kind: str, words: str) -> None:
    """Wrong, raised, not written, not defined and out of time are told apart, on the first example that shows it."""
    failure = outcome(source, seconds=0.2)
    assert failure is not None
    assert (failure.kind, failure.index) == (kind, 0)
    assert words in failure.message
    assert failure.example == EXAMPLES[0]
    assert failure.ends_process == (kind == "timeout")


def test_a_wrong_number_of_returns_is_wrong() -> None:
    """A function with two returns that gives one value fails with the signature."""
    failure = first_failure(CASE, student_of("def f(x, k): return x", "f(x, k) -> a, b"), REFERENCE, EXAMPLES)
    assert failure is not None
    assert failure.kind == "wrong"
    assert "must return 2 values (a, b)" in failure.message


@pytest.mark.parametrize(("error", "kind"), [(StudentTimeout(), "timeout"), (StudentDied(), "died"), (ProtocolError("odd"), "protocol")])
def test_the_end_of_the_process_is_a_failure(error: Exception, kind: str) -> None:
    """What happens to the other end is an outcome after which the process is not used again."""

    class Broken:
        def roundtrip(self, op: Op, body: bytes, on_callback: Any, seconds: float) -> Any:
            raise error

    failure = attempt(CASE, Student(Broken(), {}), REFERENCE, EXAMPLES[0], 0)
    assert failure is not None
    assert failure.kind == kind
    assert failure.ends_process


def test_an_answer_the_test_cannot_compute_with_is_wrong() -> None:
    """When the test's own arithmetic fails on the student's value, the student is told so and the grader goes on."""

    def adds(student: Any) -> None:
        assert_close(student.f() + np.ones(3), np.ones(3), "y")

    failure = attempt(case_of(adds), student_of("import numpy as np\ndef f(): return np.ones((2, 2))"), None, {}, 0)
    assert failure is not None
    assert failure.kind == "wrong"
    assert "could not compute" in failure.message


def test_the_first_failing_example_is_the_one() -> None:
    """A fault that only some examples show is reported with its index, after the examples before it passed."""
    wide = next(i for i, e in enumerate(EXAMPLES) if e["shape"][0] > 2)
    failure = outcome("def f(x, k): return k * x if len(x) <= 2 else x")
    assert failure is not None
    assert failure.index == wide


def test_the_smallest_failure_is_of_the_same_kind() -> None:
    """Shrinking keeps failing in the same way, with the message of the shrunk example."""

    def threshold(student: Any, n: int) -> None:
        if student.f(n) != 0:
            fail(f"wrong at {n}")

    from hypothesis import strategies as st

    case = case_of(threshold, n=st.integers(0, 10_000), examples=10)
    examples = generate(case, 1)
    student = student_of("def f(n):\n    if n < 50: raise ValueError\n    return int(n >= 100)")
    failure = next(f for e in examples if (f := attempt(case, student, None, e, None)) and f.kind == "wrong")
    best = smallest(case, student, None, failure, 1, attempts=500, seconds=60)
    assert best.kind == "wrong"
    assert best.example == {"n": 100}
    assert best.message == "wrong at 100"
    assert best.index is None


def test_a_failure_that_ends_the_process_is_not_shrunk() -> None:
    """Timeouts, deaths and unwritten stubs are told as they are."""
    failure = Failure("timeout", "m", EXAMPLES[0], 0)
    assert smallest(CASE, student_of(RIGHT, TEXT), REFERENCE, failure, 1, attempts=10, seconds=5) is failure


def test_a_recorded_run_is_the_run() -> None:
    """Recording gives the same failure and every interaction, and nothing is recorded afterwards."""
    student = student_of("def f(x, k): return x", TEXT)
    failure, events = recorded(CASE, student, REFERENCE, EXAMPLES[0], 0)
    assert failure is not None
    assert failure.kind == "wrong"
    assert [e.name for e in events] == ["f"]
    student.f(1.0, 2.0)
    assert recorded(CASE, student, REFERENCE, EXAMPLES[1], 1)[1][0].args[0].shape == EXAMPLES[1]["shape"]


def test_the_code_of_an_example_reproduces_it() -> None:
    """The pasted example calls the function with the failing input."""
    student = student_of("def f(x, k): return x", TEXT)
    failure = first_failure(CASE, student, REFERENCE, EXAMPLES)
    assert failure is not None
    namespace: dict[str, Any] = {"np": np, "f": lambda x, k: x}
    exec(example_code(CASE, student, REFERENCE, failure), namespace)
    assert np.array_equal(namespace["y"], Draw(EXAMPLES[0]["seed"]).normal(*EXAMPLES[0]["shape"]))


def test_fingerprints_are_of_the_code_not_of_the_run() -> None:
    """Equal code has equal fingerprints on every example, other code another one on some."""
    from autograder.testing.trace import same_numbers

    one, two, other = (fingerprints(CASE, student_of(s, TEXT), REFERENCE, EXAMPLES) for s in (RIGHT, "def f(x, k): return x * k", "def f(x, k): return x + k"))
    assert len(one) == len(EXAMPLES)
    assert all(map(same_numbers, one, two))
    assert not all(map(same_numbers, one, other))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise ValueError(repr(x))", "Your code raised ValueError ("),
        ("assert False, repr(x)", "Your code raised AssertionError ("),
        ("int(repr(x))", "ValueError: invalid literal for int() with base 10: 'array(["),
        ("x @ np.ones((3, 2))", "ValueError: matmul"),
        ("raise type(f'E{x[0]}', (KeyError,), {})", "Your code raised KeyError (cell 1 (f), line 3"),
        ("exec(compile('raise ValueError', f'<cell {x[0]}>', 'exec'))", "Your code raised ValueError (cell 1 (f), line 3: return exec("),
        ("exec(compile('\\n' * int(1e4 * x[0]) + 'raise ValueError', '<cell cell 1 (f)>', 'exec'))", "Your code raised ValueError (cell 1 (f), line 3"),
    ],
)
def test_an_exception_tells_no_hidden_input(line: str, said: str) -> None:
    """The discreet message has the type and the line, and no number of the example; the full one has the student's text."""
    body = line if line.startswith(("raise", "assert")) else f"return {line}"

    def calls(student: Any) -> None:
        """F is called."""
        student.f(np.array([0.125, -7.25]), 2.0)

    failure = attempt(case_of(calls), student_of(f"import numpy as np\ndef f(x, k):\n    {body}", TEXT), None, {}, None)
    assert failure is not None
    assert said in failure.discreet
    assert "0.125" not in failure.discreet
    assert "1250" not in failure.discreet
    assert "7.25" not in failure.discreet
