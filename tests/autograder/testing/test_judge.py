"""Tests of judging: outcomes, and which misconception is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from autograder import records as rec
from autograder.channel.client import Student
from autograder.channel.script import Script, ScriptedTransport
from autograder.channel.server import Server
from autograder.channel.transport import LocalTransport, StudentDied, StudentTimeout
from autograder.testing import Draw, assert_close, dims, seeds
from autograder.testing.cases import Case
from autograder.testing.judge import Policy, Suite, judge
from autograder.testing.rehearsal import script

from .students import case_of, oracle_of, signatures, student_of, suite_of

TEXTS = ("f(x, k) -> y", "g(x) -> y")
RIGHT = "import numpy as np\ndef f(x, k): return k * x\ndef g(x): return x.sum(axis=0)\n"
WRONG = {
    "f": {
        "adds": RIGHT + "def f(x, k): return k + x\n",
        "squares": RIGHT + "def f(x, k): return k * k * x\n",
        "ignores": RIGHT + "def f(x, k): return x + 0\n",
    },
    "g": {"averages": RIGHT + "def g(x): return x.mean(axis=0)\n", "other_axis": RIGHT + "def g(x): return x.sum(axis=1)\n"},
}


def test_scales(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
    """f multiplies by 3."""
    x = Draw(seed).normal(*shape)
    assert_close(student.f(x, 3.0), reference.f(x, 3.0), "y")


def test_ones(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
    """f multiplies by 1, which some mistakes do not show."""
    x = Draw(seed).normal(*shape)
    assert_close(student.f(x, 1.0), reference.f(x, 1.0), "y")


def test_sums(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
    """g sums the rows."""
    x = Draw(seed).normal(*shape)
    assert_close(student.g(x), reference.g(x), "y")


for _test in (test_scales, test_ones, test_sums):
    _test.__test__ = False  # type: ignore[attr-defined]
DRAWS: dict[str, Any] = {"seed": seeds(), "shape": dims("N D", lo=2), "examples": 5}
F3, F1, G = case_of(test_scales, "f", weight=2.0, **DRAWS), case_of(test_ones, "f", **DRAWS), case_of(test_sums, "g", **DRAWS)
POLICY = Policy(shrink_attempts=30, shrink_seconds=30.0)


def suite(*cases: Case, wrong: Any = WRONG, **more: Any) -> Suite:
    """Return a suite with the known misconceptions."""
    return suite_of(*(cases or (F3, F1, G)), wrong=wrong, right=RIGHT, texts=TEXTS, **more)


def judged(source: str, exercise: str = "f", *, on: Suite | None = None, policy: Policy = POLICY, **more: Any) -> tuple[rec.TestRecord, ...]:
    """Return the records of a student with this source."""
    student = student_of(source, *TEXTS, seconds=0.2)
    return judge(on or suite(), exercise, policy, lambda: student, **more)


def outcomes(records: tuple[rec.TestRecord, ...]) -> list[str]:
    """Return the outcomes in order."""
    return [r.outcome for r in records]


# ---------------------------------------------------------------------- tests that are not run
def test_refused_tests_fail_unseen_and_others_run() -> None:
    """A refused test fails with what is said of it, in its place; the student's code is not called for it."""
    first, second = judged(RIGHT, refused={"test_scales": "No."})
    assert (first.name, first.outcome, first.message, first.weight) == ("test_scales", "failed", "No.", 2.0)
    assert (second.name, second.outcome) == ("test_ones", "passed")
    assert outcomes(judged("raise_ = 1", refused={"test_scales": "No.", "test_ones": "No."})) == ["failed", "failed"]


@pytest.mark.parametrize("source", ["def f(x, k): return factor * x", "g = 1"])
def test_a_name_that_is_absent_stops_the_exercise(source: str) -> None:
    """When a name is not there because a cell has not run, no test counts as failed and all say so; the name is what was missing."""
    asked: list[str] = []
    records = judged(source, absent=lambda name: asked.append(name) or "Run the cells.")  # type: ignore[func-returns-value]
    assert outcomes(records) == ["not_run", "not_run"]
    assert {r.message for r in records} == {"Run the cells."}
    assert asked == ["factor" if "factor" in source else "f"]
    assert outcomes(judged(source, absent=lambda name: "")) == ["failed", "failed"]
    assert outcomes(judged("def f(x, k): raise NameError('your name')", absent=lambda name: "Run.")) == ["failed", "failed"]


# ---------------------------------------------------------------------- outcomes
def test_the_right_answer_passes_everything() -> None:
    """Every test of the exercise passes, in order, with its sentence and weight, and nothing is told."""
    first, second = judged(RIGHT)
    assert (first.name, first.outcome, first.weight, first.description) == ("test_scales", "passed", 2.0, "f multiplies by 3.")
    assert (second.name, second.weight) == ("test_ones", 1.0)
    assert (first.message, first.example, first.difference, first.misconception, first.hint) == ("", "", None, "", "")


def test_only_the_exercises_tests_run() -> None:
    """A test of another exercise is not in the records."""
    assert [r.name for r in judged(RIGHT, "g")] == ["test_sums"]


def test_a_failure_is_told() -> None:
    """A wrong answer brings message, difference and code that reproduces it."""
    (first, _) = judged(RIGHT + "def f(x, k): return k * x + 0.5\n")
    assert first.outcome == "failed"
    assert "y has the right shape but" in first.message
    assert first.difference is not None
    assert first.difference.name == "y"
    namespace: dict[str, Any] = {"np": np, "f": lambda x, k: k * x + 0.5}
    exec(first.example, namespace)
    assert namespace["y"].ndim == 2
    assert first.misconception == ""


@pytest.mark.parametrize(("feedback", "told", "example"), [("none", False, False), ("hint", True, False), ("example", True, True)])
def test_how_much_is_told_is_the_policys(feedback: Any, told: bool, example: bool) -> None:
    """``none`` tells nothing, ``hint`` all but the input, ``example`` also the input; the misconception's id is always recorded for the instructor."""
    (first, _) = judged(WRONG["f"]["adds"], policy=Policy(feedback=feedback, shrink_attempts=20))
    assert (bool(first.message), first.difference is not None, bool(first.hint)) == (told, told, told)
    assert bool(first.example) == example
    assert first.misconception == "adds"


def test_a_stub_is_not_written_yet() -> None:
    """A stub fails every test and no misconception is named."""
    for record in judged("def f(x, k): raise NotImplementedError\n"):
        assert (record.outcome, record.message, record.misconception) == ("failed", "Not written yet.", "")


def test_blame_replaces_not_defined() -> None:
    """When the exercise's cell did not run, that is told instead of the missing name; other failures keep their words."""
    assert [r.message for r in judged("", blame="Your cell stops.")] == ["Your cell stops."] * 2
    assert "not defined in your notebook" in judged("")[0].message
    assert "Your cell stops." not in judged(WRONG["f"]["adds"], blame="Your cell stops.")[0].message


# ---------------------------------------------------------------------- running out
def test_a_timeout_stops_the_exercise() -> None:
    """After an endless loop the exercise's other tests are not run, and say why; they have not passed."""
    first, second = judged("def f(x, k):\n    while True: pass\n")
    assert (first.outcome, second.outcome) == ("failed", "not_run")
    assert "ran out of time" in first.message
    assert second.message == "Not run: an earlier test of this exercise ran out of time."


def test_a_death_stops_the_exercise() -> None:
    """After a process ended, the exercise's other tests are not run."""

    class Dead:
        def roundtrip(self, *_: Any) -> Any:
            raise StudentDied

    first, second = judge(suite(), "f", POLICY, lambda: Student(Dead(), {}))
    assert (first.outcome, second.outcome) == ("failed", "not_run")
    assert "ended the process" in second.message


def test_without_a_student_nothing_is_run() -> None:
    """When the budget is used up every test is not run."""
    records = judge(suite(), "f", POLICY, lambda: None)
    assert outcomes(records) == ["not_run", "not_run"]
    assert all("used up" in r.message for r in records)


def test_a_budget_that_ends_in_between_keeps_what_was_done() -> None:
    """Tests judged before the budget ended keep their outcome, a failed one also without an example to show."""
    student = student_of(WRONG["f"]["adds"], *TEXTS)
    calls = iter([student, student])
    first, second = judge(suite(), "f", POLICY, lambda: next(calls, None))
    assert first.outcome == "failed"
    assert first.example == ""
    assert second.outcome == "not_run"


def test_an_endless_loop_in_a_script_is_a_timeout() -> None:
    """When fetching a script's replies times out, the failure is told as a timeout, on a new process, and not as a death."""
    oracle = oracle_of(RIGHT)
    base = suite(F3)
    scripts = {F3.name: Script(script(F3, lambda: vars(oracle_of(RIGHT)), signatures(*TEXTS), oracle, base.examples[F3.name]))}
    made = []

    class Watched:
        def __init__(self, inner: Any) -> None:
            self.inner, self.broken = inner, False

        def roundtrip(self, *request: Any) -> Any:
            if self.broken:
                raise StudentDied
            try:
                return self.inner.roundtrip(*request)
            except StudentTimeout:
                self.broken = True
                raise

    def student() -> Student:
        if not made or made[-1].broken:
            namespace: dict[str, Any] = {}
            exec("def f(x, k):\n    while True: pass", namespace)
            made.append(Watched(LocalTransport(Server(namespace).dispatch)))
        return Student(ScriptedTransport(made[-1]), signatures(*TEXTS), 0.1)

    (record,) = judge(suite(F3, scripts=scripts), "f", POLICY, student)
    assert "ran out of time" in record.message


# ---------------------------------------------------------------------- misconceptions
@pytest.mark.parametrize(("exercise", "name"), [(e, m) for e, found in WRONG.items() for m in found])
def test_each_misconception_is_named(exercise: str, name: str) -> None:
    """A student with a known mistake gets its hint, also when the code is written differently."""
    for record in judged(WRONG[exercise][name], exercise):
        if record.outcome == "failed":
            assert (record.misconception, record.hint) == (name, f"hint of {name}")


def test_equal_numbers_count_not_equal_code() -> None:
    """Other code that computes a misconception's numbers up to rounding is that misconception."""
    records = judged(RIGHT + "def f(x, k):\n    y = np.empty_like(x)\n    for i in np.ndindex(x.shape): y[i] = x[i] - (-k)\n    return y\n")
    assert [r.misconception for r in records] == ["adds", "adds"]


def test_an_unknown_mistake_is_not_named() -> None:
    """Numbers that no misconception gives have no hint."""
    for record in judged(RIGHT + "def f(x, k): return k * x + 0.5\n"):
        assert (record.outcome, record.misconception, record.hint) == ("failed", "", "")


def test_a_mistake_that_agrees_only_on_some_examples_is_not_named() -> None:
    """Numbers must agree on all compared examples, not only on the failing one."""
    on = suite()
    shapes = [e["shape"] for e in on.examples[F3.name]]
    other = next(shape for shape in shapes if shape != shapes[0])
    assert judged(RIGHT + f"def f(x, k): return k - x if x.shape == {other} else k + x\n", on=on)[0].misconception == ""


def test_the_tests_that_pass_decide_between_candidates() -> None:
    """Two misconceptions with equal numbers on the failing test are told apart by a test that one of them passes."""
    wrong = {"f": {"always": RIGHT + "def f(x, k): return x + 0\n", "from_two": RIGHT + "def f(x, k): return x * (1 if k >= 2 else k)\n", "one_off": RIGHT + "def f(x, k): return x if k != 1 else x + 1\n"}}

    def test_half(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
        """f multiplies by a half."""
        x = Draw(seed).normal(*shape)
        assert_close(student.f(x, 0.5), reference.f(x, 0.5), "y")

    on = suite(F3, case_of(test_half, "f", **DRAWS), wrong=wrong)
    first, second = judged(wrong["f"]["from_two"], on=on)
    assert (first.outcome, second.outcome) == ("failed", "passed")
    assert first.misconception == "from_two"


def test_a_mistake_that_passes_an_example_does_not_explain_its_failure() -> None:
    """Numbers near the right ones fail for a reason of their own: a mistake that gives the right ones there is not named."""
    single = RIGHT + "def f(x, k): return k * x * (1 + 5e-7)\n"
    wrong = {"f": {"only_large": RIGHT + "def f(x, k): return k * x if k < 50 else x\n"}}
    records = judged(single, on=suite(wrong=wrong))
    assert (records[0].outcome, records[0].misconception) == ("failed", "")


def test_indistinguishable_misconceptions_are_named_in_order() -> None:
    """When two misconceptions give the student's numbers everywhere, the first of the file is named, in all tests alike."""
    same = RIGHT + "def f(x, k): return k + x\n"
    records = judged(same, on=suite(wrong={"f": {"first": same, "second": same}}))
    assert [r.misconception for r in records] == ["first", "first"]


def test_two_mistakes_at_once_are_named_one_by_one() -> None:
    """When no misconception explains all failures, each test that one alone explains gets that one."""
    both = RIGHT + "def f(x, k): return x + 0 if k == 3 else x + k\n"
    on = suite(wrong={"f": {"ignores": WRONG["f"]["ignores"], "adds": WRONG["f"]["adds"]}})
    assert [r.misconception for r in judged(both, on=on)] == ["ignores", "adds"]


def test_suspects_explain_later_exercises() -> None:
    """A mistake in an exercise already found wrong may be named for a failure of the next one."""

    def test_both(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
        """g of f."""
        x = Draw(seed).normal(*shape)
        assert_close(student.g(student.f(x, 3.0)), reference.g(reference.f(x, 3.0)), "y")

    on = suite(F3, case_of(test_both, "g", **DRAWS))
    assert judged(WRONG["f"]["adds"], "g", on=on, suspects=("adds",))[0].misconception == "adds"
    assert judged(WRONG["f"]["adds"], "g", on=on)[0].misconception == ""


def test_examples_whose_numbers_are_unknown_name_nothing() -> None:
    """Where an explainer knows the numbers of the first examples only, a failure on a later one is not named."""
    on = suite()
    shape = next(e["shape"] for e in on.examples[F3.name] if e["shape"] != on.examples[F3.name][0]["shape"])
    source = RIGHT + f"def f(x, k): return k + x if x.shape == {shape} else k * x\n"
    on.explainer.known = 1  # type: ignore[misc]
    assert judged(source, on=on)[0].misconception == ""


# ---------------------------------------------------------------------- scripts and memory
def counting_suite() -> tuple[Suite, list[int], Callable[[str], Callable[[], Student]]]:
    """Return a suite with a scripted test that counts its runs, the counter, and a maker of students."""
    runs: list[int] = []

    def test_counted(student: Any, reference: Any, seed: int, shape: tuple[int, int]) -> None:
        """f multiplies."""
        runs.append(1)
        x = Draw(seed).normal(*shape)
        assert_close(student.f(x, 3.0), reference.f(x, 3.0), "y")

    case = case_of(test_counted, "f", **DRAWS)
    base = suite(case)
    found = Script(script(case, lambda: vars(oracle_of(RIGHT)), signatures(*TEXTS), oracle_of(RIGHT), base.examples[case.name]))
    runs.clear()

    def student(source: str) -> Callable[[], Student]:
        namespace: dict[str, Any] = {}
        exec(source, namespace)
        made = Student(ScriptedTransport(LocalTransport(Server(namespace).dispatch)), signatures(*TEXTS))
        return lambda: made

    return suite(case, scripts={case.name: found}), runs, student


def test_equal_replies_are_judged_once() -> None:
    """A second student whose replies are the same bytes passes without the test being run again; one with other replies is judged."""
    on, runs, student = counting_suite()
    assert outcomes(judge(on, "f", POLICY, student(RIGHT))) == ["passed"]
    first = len(runs)
    assert first == len(on.examples["test_counted"])
    assert outcomes(judge(on, "f", POLICY, student(RIGHT))) == ["passed"]
    assert len(runs) == first
    assert outcomes(judge(on, "f", POLICY, student(WRONG["f"]["adds"]))) == ["failed"]
    assert len(runs) > first


def test_wrong_replies_are_never_remembered_as_right() -> None:
    """Failing twice with the same bytes fails twice."""
    on, _, student = counting_suite()
    for _ in range(2):
        assert outcomes(judge(on, "f", POLICY, student(WRONG["f"]["adds"]))) == ["failed"]


def test_warnings_of_a_wrong_answer_are_silent() -> None:
    """NaN and overflow in a student's numbers warn nobody."""
    assert outcomes(judged(RIGHT + "def f(x, k): return x / 0.0 * np.inf - np.exp(1e9 * abs(x))\n")) == ["failed", "failed"]
