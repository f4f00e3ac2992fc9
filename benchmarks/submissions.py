"""Classes of synthetic submissions for benchmarks: right ones, and right and wrong ones mixed."""

from __future__ import annotations

from itertools import cycle, islice

from autograder.authoring.build import render_reference
from autograder.grading.material import Material
from autograder.submissions.collect import Submission


def right_class(material: Material, count: int) -> list[Submission]:
    """Return ``count`` right submissions that differ in a comment, so that none is graded twice."""
    return [_submission(material, i, {}) for i in range(count)]


def mixed_class(material: Material, count: int) -> list[Submission]:
    """Return ``count`` submissions: half of them right (reference or alternatives), a tenth untouched, the rest with one mistake."""
    right = [{a.exercise: material.source(a)} for a in material.alternatives]
    wrong = [{m.exercise: material.source(m)} for m in material.misconceptions]
    step = max(1, len(wrong) // 40)
    rights, wrongs = cycle([{}, *right]), cycle(wrong[::step])
    kinds = islice(cycle("RWRWRWRWRU"), count)
    chosen = (next(rights) if kind == "R" else next(wrongs) if kind == "W" else material.stub for kind in kinds)
    return [_submission(material, i, replace) for i, replace in enumerate(chosen)]


def _submission(material: Material, number: int, replace: dict[str, str]) -> Submission:
    first = material.unit.exercises[0].id
    source = replace.get(first, material.notebook.solution(first)) + f"\n# submission {number}\n"
    return Submission(f"student{number:04d}", None, render_reference(material.notebook, material.unit, {**replace, first: source}).encode())
