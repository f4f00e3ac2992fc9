"""Measure the quality of a unit's tests: right answers pass, wrong ones fail and are named, twice the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

import msgspec

from autograder.authoring.build import render_reference
from autograder.authoring.variants import Misconception, Variant
from autograder.channel.client import Student
from autograder.errors import AuthorError
from autograder.grading.material import Material
from autograder.grading.worker import Grader
from autograder.records import TestRecord
from autograder.sandbox import Level, choose_level
from autograder.submissions.collect import Submission
from autograder.testing.judge import Policy, Suite, judge

Kind = Literal["visible", "hidden"]
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


Progress = Callable[[str], None]


def selfcheck(material: Material, *, sandbox: Level | None = None, channel: bool = True, progress: Progress = lambda _: None) -> Result:
    """Check a unit in this process and, with ``channel``, compare every hidden outcome with the one through the sandbox.

    Args:
        material: the unit.
        sandbox: level for the comparison; by default the best there is.
        channel: whether to compare.
        progress: told what is being checked.

    Returns:
        Counts and everything that does not hold; an empty ``findings`` means green.
    """
    findings = [*_coverage(material), *_checks(material, progress)]
    if channel:
        findings += _through_channel(material, choose_level(sandbox), progress)
    unit = material.unit
    return Result(
        unit.name, len(unit.exercises), len(unit.questions), len(material.visible.cases), len(material.hidden.cases),
        len(material.misconceptions), len(material.alternatives), tuple(findings),
    )  # fmt: skip


def _coverage(material: Material) -> Iterator[Finding]:
    name = material.name
    for exercise in material.unit.exercises:
        for kind in ("visible", "hidden"):
            if not _suite(material, kind).of(exercise.id):
                yield Finding(name, exercise.id, f"has no {kind} test")
        alternatives = sum(a.exercise == exercise.id for a in material.alternatives)
        if alternatives < 2:
            yield Finding(name, exercise.id, f"has {alternatives} alternatives, expected at least 2")
        if not any(m.exercise == exercise.id for m in material.misconceptions):
            yield Finding(name, exercise.id, "has no misconception")


def _checks(material: Material, progress: Progress) -> Iterator[Finding]:
    progress("reference")
    first = outcomes(material, material.reference, material.unit.ids)
    yield from _all_pass(material, "reference", first)
    if _plain(outcomes(material, material.student(), material.unit.ids)) != _plain(first):
        yield Finding(material.name, "reference", "has other outcomes the second time")
    yield from _stubs(material, progress)
    killed: set[str] = set()
    for misconception in material.misconceptions:
        progress(f"misconception {misconception.id}")
        yield from _misconception(material, misconception, killed)
    for case in material.hidden.cases:
        if case.name not in killed:
            yield Finding(material.name, case.name, "is a hidden test that no misconception fails")
    for alternative in material.alternatives:
        progress(f"alternative {alternative.id}")
        student = variant_student(material, alternative)
        if isinstance(student, Finding):
            yield student
        else:
            yield from _all_pass(material, f"alternative {alternative.id}", outcomes(material, student, material.unit.ids))


def _through_channel(material: Material, level: Level, progress: Progress) -> Iterator[Finding]:
    """Grade notebooks with one cell replaced in the sandbox; every hidden outcome must be the in-process one."""
    progress("through the channel")
    grader = Grader(material, level)
    try:
        for subject, replace in _subjects(material):
            variant = len(replace) == 1
            record = grader.grade(_submission(material, subject, replace), replace if variant else None)
            if record.status != "graded":
                yield Finding(material.name, subject, f"is ungradable through the channel: {record.reason}")
                continue
            student = material.student(replace)
            if subject in ("reference", "untouched notebook") and record.score != (100.0 if subject == "reference" else 0.0):
                yield Finding(material.name, subject, f"earns {record.score:g} through the channel")
            for exercise in (e for e in record.exercises if material.hidden.of(e.id)):
                local = judge(material.hidden, exercise.id, _POLICY, lambda student=student: student)  # type: ignore[misc]
                for here, there in zip(local, exercise.tests, strict=True):
                    if (here.outcome, here.misconception) != (there.outcome, there.misconception):
                        seen = f"{there.outcome} {there.misconception}".strip()
                        yield Finding(
                            material.name, subject, f"{here.name} is {here.outcome} {here.misconception} in-process, {seen} through the channel: {there.message}"
                        )
    finally:
        grader.close()


def _subjects(material: Material) -> Iterator[tuple[str, dict[str, str]]]:
    yield "reference", {}
    yield "untouched notebook", material.stub
    for variant in (*material.misconceptions, *material.alternatives):
        kind = "misconception" if isinstance(variant, Misconception) else "alternative"
        yield f"{kind} {variant.id}", {variant.exercise: material.source(variant)}


def _submission(material: Material, subject: str, replace: Mapping[str, str]) -> Submission:
    notebook = render_reference(material.notebook, material.unit, replace)
    return Submission(subject, None, notebook.encode())


def _stubs(material: Material, progress: Progress) -> Iterator[Finding]:
    progress("untouched notebook")
    for exercise in material.unit.exercises:
        student = material.student({exercise.id: material.stub[exercise.id]})
        for (kind, _), records in outcomes(material, student, [exercise.id]).items():
            for record in records:
                if record.outcome == "passed":
                    yield Finding(material.name, record.name, f"is a {kind} test that the untouched stub passes")


def _misconception(material: Material, misconception: Variant, killed: set[str]) -> Iterator[Finding]:
    subject = f"misconception {misconception.id}"
    student = variant_student(material, misconception)
    if isinstance(student, Finding):
        yield student
        return
    found = outcomes(material, student, [misconception.exercise])
    failed = [r for r in found["hidden", misconception.exercise] if r.outcome != "passed"]
    killed.update(r.name for r in failed)
    if not failed:
        yield Finding(material.name, subject, "passes every hidden test")
        return
    seen = [r for r in found["visible", misconception.exercise] if r.outcome != "passed"]
    for kind, records in (("hidden", failed), ("visible", seen)):
        names = {r.misconception for r in records} - {""}
        if names - {misconception.id}:
            yield Finding(material.name, subject, f"is named {', '.join(sorted(names - {misconception.id}))} by the {kind} tests")
        elif not names and records:
            yield Finding(material.name, subject, f"fails {len(records)} {kind} tests but is not named")


def variant_student(material: Material, variant: Variant) -> Student | Finding:
    """Return the variant's code as a Student, or why it cannot be loaded."""
    try:
        return material.student({variant.exercise: material.source(variant)})
    except AuthorError as error:
        return Finding(material.name, f"variant {variant.id}", str(error))


def _suite(material: Material, kind: str) -> Suite:
    return material.visible if kind == "visible" else material.hidden


def outcomes(material: Material, student: Student, exercises: object) -> Outcomes:
    """Judge some exercises of a student by visible and hidden tests."""
    wanted = [e.id for e in material.unit.exercises if e.id in exercises]  # type: ignore[operator]
    return {(kind, e): judge(_suite(material, kind), e, _POLICY, lambda: student) for kind in ("visible", "hidden") for e in wanted}


def _all_pass(material: Material, subject: str, found: Mapping[tuple[str, str], tuple[TestRecord, ...]]) -> Iterator[Finding]:
    for (kind, _), records in found.items():
        for record in records:
            if record.outcome != "passed":
                yield Finding(material.name, subject, f"fails the {kind} test {record.name}: {record.message}")


def _plain(found: Outcomes) -> dict[tuple[str, str], tuple[TestRecord, ...]]:
    return {key: tuple(msgspec.structs.replace(r, seconds=0.0) for r in records) for key, records in found.items()}
