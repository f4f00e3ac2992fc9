"""Drivers: the same text beside the student and beside the reference."""

from __future__ import annotations

import types

import numpy as np
import pytest

from autograder.channel.client import Student
from autograder.channel.events import StudentError
from autograder.channel.harness import start_recording, stop_recording
from autograder.testing import Driver
from autograder.testing.trace import code

DRIVER = Driver("""
    def scaled_sum(x, k):
        total = scale(x, k)
        x += 100.0
        return float(total.sum()), {"x": x}
""")
NAMES = {"scale": lambda x, k: k * x}


def student(**names: object) -> Student:
    return Student.local({**NAMES, **names}, {})


def test_both_sides_run_the_same_text_on_copies() -> None:
    """A driver gives the same beside the student and beside the reference, and changes no argument of the test."""
    x = np.ones(3)
    for who in (student(), types.SimpleNamespace(**NAMES), types.SimpleNamespace(**NAMES)):
        total, kept = DRIVER(who, x, 2.0)
        assert total == 6.0
        assert np.array_equal(kept["x"], np.full(3, 101.0))
    assert np.array_equal(x, np.ones(3))


def test_the_reference_runs_once_for_the_same_arguments() -> None:
    """What the reference gives is remembered by its arguments, and handed out as a copy."""
    calls = []

    def scale(x: np.ndarray, k: float) -> np.ndarray:
        calls.append(k)
        return k * x

    reference = types.SimpleNamespace(scale=scale)
    driver = Driver("def run(x, k):\n    return scale(x, k)\n")
    first = driver(reference, np.ones(2), 3.0)
    first[:] = 0
    assert np.array_equal(driver(reference, np.ones(2), 3.0), np.full(2, 3.0))
    assert np.array_equal(driver(reference, np.ones(2), 4.0), np.full(2, 4.0))
    assert calls == [3.0, 4.0]


def test_a_missing_function_is_the_students_error() -> None:
    """A function that the notebook lacks is reported as such."""
    with pytest.raises(StudentError, match="name 'scale' is not defined"):
        DRIVER(Student.local({}, {}), np.ones(3), 2.0)


def test_a_driver_cannot_rename_the_notebooks_functions() -> None:
    """What a driver assigns stays in the driver."""
    namespace = dict(NAMES)
    Driver("def change():\n    global scale\n    scale = None\n    return 1\n")(Student.local(namespace, {}))
    assert namespace == NAMES


def test_a_failing_driver_is_pasted_with_its_text() -> None:
    """The code to paste holds the driver once, and the call with its arguments; it runs in the notebook."""
    who = student()
    start_recording(who)
    DRIVER(who, np.array([1.0, 2.0]), 2.0)
    DRIVER(who, np.array([2.0, 3.0]), 3.0)
    text = code(stop_recording(who), {})
    assert text.count("def scaled_sum(x, k):") == 1
    names: dict[str, object] = {"np": np, **NAMES}
    exec(text, names)
    assert names["result"][0] == 6.0  # type: ignore[index]
    assert names["result2"][0] == 15.0  # type: ignore[index]


@pytest.mark.parametrize("text", ["x = 1", "def f():\n    pass\ndef g():\n    pass\n", "lambda x: x"])
def test_a_driver_is_one_def(text: str) -> None:
    """Anything else than one def is an error of the author."""
    with pytest.raises(ValueError, match="exactly one def"):
        Driver(text)


def test_tensors_cross_and_are_compared() -> None:
    """A driver may return tensors; they are compared by kind, shape and value."""
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from autograder.testing import assert_close
    from autograder.testing.failures import TestFailure

    driver = Driver("def run(x):\n    return torch.from_numpy(x) * 2, nn.Linear(2, 1).weight.shape[1]\n")
    tensor, width = driver(Student.local({}, {}), np.ones(2))
    assert width == 2
    assert_close(tensor, torch.full((2,), 2.0, dtype=torch.float64), "y")
    with pytest.raises(TestFailure, match="1 of 2 entries is wrong"):
        assert_close(tensor, torch.tensor([2.0, 3.0], dtype=torch.float64), "y")
    with pytest.raises(TestFailure, match="y is a tensor, expected an array"):
        assert_close(tensor, np.full(2, 2.0), "y")
    with pytest.raises(TestFailure, match="y should be a tensor, it is an array"):
        assert_close(np.full(2, 2.0), tensor, "y")
