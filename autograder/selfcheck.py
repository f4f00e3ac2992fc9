"""Measure the quality of a unit's tests: right answers pass, wrong ones fail and are named, twice the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from autograder.authoring.build import render_reference
from autograder.authoring.variants import Misconception
from autograder.errors import AuthorError
from autograder.grading.material import Material
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord, TestRecord
from autograder.sandbox import Level, choose_level
from autograder.submissions.collect import Submission
from autograder.testing.judge import Policy, Suite, judge

KINDS = ("visible", "hidden")
_POLICY = Policy(feedback="example", shrink_tests=0)
Outcomes = dict[tuple[str, str], tuple[TestRecord, ...]]  # (kind, exercise) → records


class Finding(msgspec.Struct, frozen=True):
    """Something that does not hold."""

    unit: str
    subject: str
    problem: str


class Result(msgspec.Struct, frozen=True):
    """What a selfcheck of one unit counted and found."""

    unit: str
    exercises: int
    questions: int
    visible_tests: int
    hidden_tests: int
    misconceptions: int
    alternatives: int
    findings: tuple[Finding, ...]

    def sentence(self) -> str:
        """Return the counts and the verdict in one line."""
        verdict = f"{len(self.findings)} findings" if self.findings else "green"
        return (
            f"{self.unit}: {self.exercises} exercises, {self.questions} questions, {self.visible_tests} visible and {self.hidden_tests} hidden tests, "
            f"{self.misconceptions} misconceptions, {self.alternatives} alternatives: {verdict}"
        )


def selfcheck(material: Material, *, sandbox: Level | None = None, channel: bool = True) -> Result:
    """Check a unit in this process and, with ``channel``, compare every hidden outcome with the one through the sandbox.

    Args:
        material: the unit.
        sandbox: level for the comparison; by default the best there is.
        channel: whether to compare.

    Returns:
        Counts and everything that does not hold; an empty ``findings`` means green.
    """
    unit = material.unit
    findings = [*_coverage(material)]
    subjects = []
    for subject in _subjects(material):
        if isinstance(subject, Finding):
            findings.append(subject)
        else:
            subjects.append(_with_outcomes(material, subject))
    for subject in subjects:
        findings += _RULES[subject.kind](material, subject)
    findings += _survivors(material, subjects)
    if channel:
        findings += _through_channel(material, subjects, choose_level(sandbox))
    return Result(
        unit.name, len(unit.exercises), len(unit.questions), len(material.visible.cases), len(material.hidden.cases),
        len(material.misconceptions), len(material.alternatives), tuple(findings),
    )  # fmt: skip


class _Subject(msgspec.Struct, frozen=True):
    """A notebook whose outcome is known beforehand.

    Args:
        kind: ``reference``, ``stub`` (one untouched cell), ``misconception`` or ``alternative``.
        id: of the variant, or of the exercise whose cell is untouched.
        replace: sources by exercise.
        judged: exercises that are judged.
        found: outcomes in this process.
    """

    kind: Literal["reference", "stub", "misconception", "alternative"]
    id: str
    replace: dict[str, str]
    judged: tuple[str, ...]
    found: Outcomes = {}

    @property
    def name(self) -> str:
        """How a finding names it."""
        return f"{self.kind} {self.id}".strip()


def _subjects(material: Material) -> Iterator[_Subject | Finding]:
    everything = tuple(e.id for e in material.unit.exercises)
    yield _Subject("reference", "", {}, everything)
    for exercise in everything:
        yield _Subject("stub", exercise, {exercise: material.stub[exercise]}, (exercise,))
    for variant in (*material.misconceptions, *material.alternatives):
        wrong = isinstance(variant, Misconception)
        try:
            replace = {variant.exercise: material.source(variant)}
            material.student(replace)
        except AuthorError as error:
            yield Finding(material.name, f"variant {variant.id}", str(error))
            continue
        # An alternative may change what other exercises get to see, such as a cache: all of them are judged.
        yield _Subject("misconception" if wrong else "alternative", variant.id, replace, (variant.exercise,) if wrong else everything)


def _with_outcomes(material: Material, subject: _Subject) -> _Subject:
    student = material.student(subject.replace)
    found = {(kind, e): judge(_suite(material, kind), e, _POLICY, lambda: student) for kind in KINDS for e in subject.judged}
    return msgspec.structs.replace(subject, found=found)


# ---------------------------------------------------------------------- what must hold
def _coverage(material: Material) -> Iterator[Finding]:
    name = material.name
    for exercise in material.unit.exercises:
        for kind in KINDS:
            if not _suite(material, kind).of(exercise.id):
                yield Finding(name, exercise.id, f"has no {kind} test")
        alternatives = sum(a.exercise == exercise.id for a in material.alternatives)
        if alternatives < 2:
            yield Finding(name, exercise.id, f"has {alternatives} alternatives, expected at least 2")
        if not any(m.exercise == exercise.id for m in material.misconceptions):
            yield Finding(name, exercise.id, "has no misconception")


def _all_pass(material: Material, subject: _Subject) -> Iterator[Finding]:
    for (kind, _), records in subject.found.items():
        for record in records:
            if record.outcome != "passed":
                yield Finding(material.name, subject.name, f"fails the {kind} test {record.name}: {record.message}")


def _nothing_passes(material: Material, subject: _Subject) -> Iterator[Finding]:
    for (kind, _), records in subject.found.items():
        for record in records:
            if record.outcome == "passed":
                yield Finding(material.name, record.name, f"is a {kind} test that the untouched stub passes")


def _fails_and_is_named(material: Material, subject: _Subject) -> Iterator[Finding]:
    for (kind, _), records in subject.found.items():
        failed = [r for r in records if r.outcome != "passed"]
        names = {r.misconception for r in failed} - {""}
        if not failed and kind == "hidden":
            yield Finding(material.name, subject.name, "passes every hidden test")
        elif names - {subject.id}:
            yield Finding(material.name, subject.name, f"is named {', '.join(sorted(names - {subject.id}))} by the {kind} tests")
        elif failed and not names:
            yield Finding(material.name, subject.name, f"fails {len(failed)} {kind} tests but is not named")


_RULES: dict[str, Callable[[Material, _Subject], Iterator[Finding]]] = {
    "reference": _all_pass,
    "alternative": _all_pass,
    "stub": _nothing_passes,
    "misconception": _fails_and_is_named,
}


def _survivors(material: Material, subjects: Sequence[_Subject]) -> Iterator[Finding]:
    wrong = [s for s in subjects if s.kind == "misconception"]
    killed = {r.name for s in wrong for (kind, _), records in s.found.items() if kind == "hidden" for r in records if r.outcome != "passed"}
    for case in material.hidden.cases:
        if case.name not in killed:
            yield Finding(material.name, case.name, "is a hidden test that no misconception fails")


# ---------------------------------------------------------------------- the same through the sandbox
def _through_channel(material: Material, subjects: Sequence[_Subject], level: Level) -> Iterator[Finding]:
    grader = Grader(material, level)
    try:
        yield from _whole_notebooks(material, grader)
        for subject in subjects:
            record = grader.grade(notebook_of(material, subject.name, subject.replace), subject.judged)
            if record.status != "graded":
                yield Finding(material.name, subject.name, f"is ungradable through the channel: {record.reason}")
                continue
            for exercise in record.exercises:
                yield from _same_outcomes(material.name, subject.name, subject.found["hidden", exercise.id], exercise.tests)
    finally:
        grader.close()


def _whole_notebooks(material: Material, grader: Grader) -> Iterator[Finding]:
    """The reference earns everything, the untouched notebook nothing, and both get the same record twice."""
    for name, replace, score in (("reference", {}, material.unit.max_points), ("untouched notebook", material.stub, 0.0)):
        first, second = (grader.grade(notebook_of(material, name, replace)) for _ in range(2))
        if first.score != score:
            yield Finding(material.name, name, f"earns {first.score:g} through the channel, expected {score:g}")
        if timeless(first) != timeless(second):
            yield Finding(material.name, name, "gets another record the second time")


def _same_outcomes(unit: str, subject: str, here: Sequence[TestRecord], there: Sequence[TestRecord]) -> Iterator[Finding]:
    for local, remote in zip(here, there, strict=True):
        if (local.outcome, local.misconception) != (remote.outcome, remote.misconception):
            text = f"{local.outcome} {local.misconception}".strip(), f"{remote.outcome} {remote.misconception}".strip()
            yield Finding(unit, subject, f"{local.name} is {text[0]} in-process, {text[1]} through the channel: {remote.message}")


def timeless(record: SubmissionRecord) -> SubmissionRecord:
    """Return a record without what differs from one run to the next: times."""
    exercises = tuple(
        msgspec.structs.replace(e, tests=tuple(msgspec.structs.replace(t, seconds=0.0) for t in e.tests)) for e in record.exercises
    )
    return msgspec.structs.replace(record, seconds=0.0, cpu_seconds=0.0, started_at="", exercises=exercises)


def notebook_of(material: Material, student: str, replace: Mapping[str, str]) -> Submission:
    """Return a submission that is the reference with some solution cells replaced."""
    return Submission(student, None, render_reference(material.notebook, material.unit, replace).encode())


def _suite(material: Material, kind: str) -> Suite:
    return material.visible if kind == "visible" else material.hidden
