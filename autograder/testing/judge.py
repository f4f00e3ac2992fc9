"""Judge one exercise: run its tests, and name the misconception whose numbers the student's code gives.

The same code serves the grader (through the channel) and a student's notebook (in-process); they differ in where the
student's code runs, in whether there is a reference, and in how a misconception's numbers are had.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

import msgspec
import numpy as np

from autograder.channel.client import Student
from autograder.channel.harness import prefetch, replies_digest, stayed_in_script
from autograder.channel.script import Script
from autograder.records import NO_TIME, TestRecord
from autograder.testing.cases import Case
from autograder.testing.examples import Example
from autograder.testing.runner import Failure, example_code, fingerprints, first_failure, recorded, smallest, with_order
from autograder.testing.trace import Fingerprint, numbers, same_numbers

COMPARED = 8  # examples on which a misconception must give the student's numbers

_REMEMBERED = 100_000
_NO_SCRIPT = Script()


class Explainer(Protocol):
    """Knows what each misconception computes.

    Attributes:
        known: how many examples of a test it knows the numbers on.
    """

    known: int

    def hints(self, exercise: str) -> Mapping[str, str]:
        """Return the misconceptions of an exercise with their hints."""
        ...

    def fingerprint(self, misconception: str, case: Case, index: int, example: Example) -> Fingerprint | None:
        """Return the misconception's numbers on one example, or None when they are not known."""
        ...


class Suite(msgspec.Struct, frozen=True):
    """The tests of a unit with the examples they are replayed on.

    Args:
        cases: in the order they run.
        examples, seeds: by the test's name.
        reference: the reference solution as a Student, or None on a student's machine.
        explainer: names misconceptions.
        scripts: by the test's name, requests that can be made beforehand.
        seen: tests with the digests of replies on which they passed.  A test is a function of the replies it gets: on the
            same bytes it passes again, without being run.
    """

    cases: tuple[Case, ...]
    examples: dict[str, tuple[Example, ...]]
    seeds: dict[str, int]
    reference: Any
    explainer: Explainer
    scripts: dict[str, Script] = {}
    seen: set[tuple[str, bytes]] = msgspec.field(default_factory=set)

    def of(self, exercise: str) -> tuple[Case, ...]:
        """Return the tests of one exercise."""
        return tuple(c for c in self.cases if c.exercise == exercise)


class Policy(msgspec.Struct, frozen=True):
    """How much is told and spent.

    Args:
        feedback: ``hint`` (where it differs and the hint), ``example`` (also the failing input), ``none``.
        shrink_attempts, shrink_seconds: bounds on shrinking one failure.
        shrink_tests: failures per exercise that are shrunk.
    """

    feedback: Literal["hint", "example", "none"] = "example"
    shrink_attempts: int = 60
    shrink_seconds: float = 0.4
    shrink_tests: int = 2


class _Failed(msgspec.Struct):
    case: Case
    failure: Failure
    candidates: frozenset[str]
    example: str
    telling: bool = True  # whether the student's numbers are finite anywhere; NaN alone says little about its cause


def judge(
    suite: Suite,
    exercise: str,
    policy: Policy,
    student: Callable[[], Student | None],
    *,
    suspects: Sequence[str] = (),
    blame: str = "",
    refused: Mapping[str, str] | None = None,
    absent: Callable[[str], str] | None = None,
) -> tuple[TestRecord, ...]:
    """Return a record for every test of an exercise.

    Args:
        suite: tests and examples.
        exercise: the exercise's id.
        policy: how much is told and spent.
        student: gives a usable student before each test (a new process after one died), or None when there is no budget left.
        suspects: misconceptions named in earlier exercises, which may explain this one's failures too.
        blame: why the exercise's functions may be undefined, told instead of "not defined".
        refused: tests that fail without being run, by name, with what is said of them.
        absent: says of a name that is not defined why no test can run yet; empty when it is the student's to define.

    Returns:
        One record per test, in order; a test that could not be run is ``not_run`` and earns nothing.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what NumPy warns about in a wrong answer is not news to anybody
        known = refused or {}
        cases = suite.of(exercise)
        try:
            judged = _judge(suite, [c for c in cases if c.name not in known], policy, student, suspects, blame, absent)
        except _CannotRun as reason:
            return tuple(TestRecord(c.name, c.description, "not_run", c.weight, message=str(reason)) for c in cases)
        records = {r.name: r for r in judged}
        return tuple(records.get(c.name) or TestRecord(c.name, c.description, "failed", c.weight, message=known[c.name]) for c in cases)


class _CannotRun(Exception):
    """No test of the exercise can run; the text says why."""


def _judge(
    suite: Suite,
    cases: Sequence[Case],
    policy: Policy,
    student: Callable[[], Student | None],
    suspects: Sequence[str],
    blame: str,
    absent: Callable[[str], str] | None,
) -> tuple[TestRecord, ...]:
    results: list[tuple[Case, _Failed | str | None, float]] = []
    stopped = ""
    shrunk = 0
    for case in cases:
        started = time.perf_counter()
        outcome: _Failed | str | None = stopped
        if not stopped:
            subject = _prepared(suite, case, student)
            if subject is None:
                outcome = NO_TIME
            else:
                outcome = _one(suite, case, subject, student, policy, suspects, shrink=shrunk < policy.shrink_tests)
                if outcome is not None:
                    if absent is not None and outcome.failure.unknown and (reason := absent(outcome.failure.unknown)):
                        raise _CannotRun(reason)
                    if blame and outcome.failure.kind == "undefined":
                        outcome.failure = msgspec.structs.replace(outcome.failure, message=blame)
                    shrunk += outcome.failure.kind in ("wrong", "raised")
                    if outcome.failure.ends_process:
                        stopped = f"Not run: an earlier test of this exercise {_STOPPED[outcome.failure.kind]}."
        results.append((case, outcome, time.perf_counter() - started))
    named = _name(suite, [r for _, r, _ in results if isinstance(r, _Failed)], [c for c, r, _ in results if r is None], student)
    return tuple(_record(case, outcome, seconds, named.get(case.name, ("", "")), policy) for case, outcome, seconds in results)


_STOPPED = {"timeout": "ran out of time", "died": "ended the process", "protocol": "broke the grader's protocol"}


def _prepared(suite: Suite, case: Case, student: Callable[[], Student | None]) -> Student | None:
    """Return a student that has executed the test's script, or one that has not when its process did not survive it."""
    subject = student()
    if subject is not None:
        prefetch(subject, suite.scripts.get(case.name, _NO_SCRIPT))
        subject = student()
    return subject


def _one(
    suite: Suite, case: Case, subject: Student, student: Callable[[], Student | None], policy: Policy, suspects: Sequence[str], *, shrink: bool
) -> _Failed | None:
    examples = suite.examples[case.name]
    digest = replies_digest(subject)
    if digest is not None and (case.name, digest) in suite.seen:
        return None
    failure = first_failure(case, subject, suite.reference, examples)
    if failure is None:
        if digest is not None and stayed_in_script(subject) and len(suite.seen) < _REMEMBERED:
            suite.seen.add((case.name, digest))
        return None
    if failure.kind not in ("wrong", "raised"):
        return _Failed(case, failure, frozenset(), "")
    candidates, telling = _candidates(suite, case, subject, failure, suspects)
    best = failure
    if shrink:
        best = smallest(case, subject, suite.reference, failure, suite.seeds[case.name], attempts=policy.shrink_attempts, seconds=policy.shrink_seconds)
    if policy.feedback != "none" and (again := student()) is not None:
        best = with_order(case, again, suite.reference, best)
    text = ""
    if policy.feedback == "example" and (again := student()) is not None:
        text = example_code(case, again, suite.reference, best)
    return _Failed(case, best, candidates, text, telling)


def _compared(suite: Suite, case: Case, index: int) -> list[int]:
    count = min(len(suite.examples[case.name]), suite.explainer.known)
    if index >= count:
        return []
    return [index, *[i for i in range(count) if i != index][: COMPARED - 1]]


def _candidates(suite: Suite, case: Case, subject: Student, failure: Failure, suspects: Sequence[str]) -> tuple[frozenset[str], bool]:
    """Return the misconceptions that give the student's numbers on the failing example and on others, and whether any is finite."""
    examples = suite.examples[case.name]
    possible = [*suite.explainer.hints(case.exercise), *suspects]
    compared = _compared(suite, case, failure.index or 0)
    telling = not compared
    if not compared:
        return frozenset(), telling
    for index in compared:
        if not possible:
            break
        result, events = recorded(case, subject, suite.reference, examples[index], index)
        if result is not None and result.ends_process:
            return frozenset(), True
        mine = numbers(events, result is not None)
        telling = telling or not mine.values.size or bool(np.isfinite(mine.values).any())
        possible = [m for m in possible if _gives(suite, m, case, index, examples[index], mine)]
    return frozenset(possible), telling


def _gives(suite: Suite, misconception: str, case: Case, index: int, example: Example, mine: Fingerprint) -> bool:
    theirs = suite.explainer.fingerprint(misconception, case, index, example)
    return theirs is not None and same_numbers(mine, theirs)


def _name(suite: Suite, failed: Sequence[_Failed], passed: Sequence[Case], student: Callable[[], Student | None]) -> dict[str, tuple[str, str]]:
    """Choose one misconception per failed test, by test name: id and hint.

    One that explains all failures is preferred; when several do, the tests that passed decide; a test whose candidates
    cannot be told apart is left unnamed unless one of them is named elsewhere.
    """
    explained = [f for f in failed if f.candidates]
    if len(explained) < len(failed):  # something else is wrong too: what rests on NaN alone is no explanation
        explained = [f for f in explained if f.telling]
    if not explained:
        return {}
    common = frozenset.intersection(*(f.candidates for f in explained))
    if len(common) > 1:
        common = _agreeing(suite, common, passed, student) or common
    hints = {m: h for e in dict.fromkeys(c.exercise for c in suite.cases) for m, h in suite.explainer.hints(e).items()}
    order = list(hints)
    if common:
        best = min(common, key=order.index)
        return {f.case.name: (best, hints[best]) for f in explained}
    single = {f.case.name: next(iter(f.candidates)) for f in explained if len(f.candidates) == 1}
    return {name: (m, hints[m]) for name, m in single.items()}


def _agreeing(suite: Suite, among: frozenset[str], passed: Sequence[Case], student: Callable[[], Student | None]) -> frozenset[str]:
    """Keep the misconceptions that give the student's numbers also where the student is right."""
    for case in passed:
        subject = _prepared(suite, case, student)
        if subject is None or len(among) < 2:
            break
        examples = suite.examples[case.name][: min(COMPARED, suite.explainer.known)]
        mine = fingerprints(case, subject, suite.reference, examples)
        among = frozenset(m for m in among if all(_gives(suite, m, case, i, e, mine[i]) for i, e in enumerate(examples)))
    return among


def _record(case: Case, outcome: _Failed | str | None, seconds: float, named: tuple[str, str], policy: Policy) -> TestRecord:
    if isinstance(outcome, str):
        return TestRecord(case.name, case.description, "not_run", case.weight, message=outcome, seconds=seconds)
    if outcome is None:
        return TestRecord(case.name, case.description, "passed", case.weight, seconds=seconds)
    told = policy.feedback != "none"
    failure = outcome.failure
    message = failure.message if policy.feedback == "example" else failure.discreet or failure.message
    return TestRecord(
        case.name,
        case.description,
        "failed",
        case.weight,
        message=message if told else "",
        example=outcome.example,
        difference=failure.difference if told else None,
        misconception=named[0],
        hint=named[1] if told else "",
        seconds=seconds,
    )
