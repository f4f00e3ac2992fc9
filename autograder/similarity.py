"""Whose answers to a unit's exercises have much in common: a ranking of pairs for a person to read, which accuses nobody.

Answers are compared as copydetect does it: names, strings, comments and layout are taken away, and runs of what is left are
matched (winnowing, Schleimer et al. 2003).  What students were given, and what many of them wrote, counts for nothing.
"""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from autograder.atomic import write_atomic
from autograder.errors import Ungradable, UsageError
from autograder.report.safe import csv_line
from autograder.submissions.read import read_submission

if TYPE_CHECKING:
    from autograder.grading.material import Material
    from autograder.submissions.collect import Submission

NOTICE = (
    "These pairs have most in common beyond what they were given and what many wrote. That alone means nothing: "
    "a short exercise has few right answers, and people learn together. Read both notebooks before you think anything."
)
_RUN = 25  # characters of code without names and layout that must agree in a row
_LEAST = 60  # characters in common below which a pair is not listed
_FEW, _MANY = 3, 0.2  # code of more students than both is common knowledge
_LONGEST = 20_000  # characters of an answer that are looked at

Prints = Mapping[str, Mapping[str, Any]]  # exercise → student → fingerprint of copydetect's


class Pair(msgspec.Struct, frozen=True):
    """Two students and what their answers have in common.

    Args:
        first, second: the students.
        share: of the shorter one's own code, from 0 to 1.
        common: characters, without names and layout.
        exercises: the same share for each exercise that contributes, the largest contribution first.
    """

    first: str
    second: str
    share: float
    common: int
    exercises: tuple[tuple[str, float], ...]


def similar_pairs(material: Material, submissions: Iterable[Submission], most: int = 30) -> list[Pair]:
    """Return the pairs with the largest shares, at most ``most``; unreadable submissions are passed over.

    Raises:
        UsageError: copydetect is not installed.
    """
    prints = _fingerprints(material, submissions)
    found: defaultdict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for exercise, by_student in prints.items():
        for pair, common in _overlaps(by_student):
            found[pair][exercise] = common
    pairs = (_pair(pair, by_exercise, prints) for pair, by_exercise in found.items())
    listed = [pair for pair in pairs if pair.common >= _LEAST]
    return sorted(listed, key=lambda p: (-p.share, -p.common, p.first, p.second))[:most]


def write_pairs(pairs: Sequence[Pair], path: Path) -> None:
    """Write pairs as CSV; cells cannot start a formula."""
    lines = [csv_line(["first", "second", "share", "common", "exercises"])]
    for pair in pairs:
        parts = " ".join(f"{exercise}:{share:.2f}" for exercise, share in pair.exercises)
        lines.append(csv_line([pair.first, pair.second, f"{pair.share:.3f}", str(pair.common), parts]))
    write_atomic(path, "".join(lines))


def _fingerprints(material: Material, submissions: Iterable[Submission]) -> Prints:
    """Return each student's own code of each exercise: without the stub, and without what many wrote."""
    exercises = {exercise.id for exercise in material.unit.exercises}
    prints: dict[str, dict[str, Any]] = {id_: {} for id_ in sorted(exercises)}
    for submission in submissions:
        for id_, source in _answers(submission, material).items():
            if id_ in exercises:
                prints[id_][submission.student] = _fingerprint(source)
    given = set(_fingerprint("\n".join(cell.source for cell in material.notebook.cells if cell.kind == "setup")).hashes)
    for id_, by_student in prints.items():
        counts = Counter(value for found in by_student.values() for value in found.hashes)
        limit = max(_FEW, _MANY * len(by_student))
        drop = given | set(_fingerprint(material.stub[id_]).hashes) | {value for value, count in counts.items() if count > limit}
        for found in by_student.values():
            _forget(found, drop)
    return prints


def _answers(submission: Submission, material: Material) -> dict[str, str]:
    """Return a student's code by exercise; cells of one exercise are joined."""
    try:
        cells = read_submission(submission.data or b"", material.notebook).cells
    except Ungradable:
        return {}
    answers: defaultdict[str, list[str]] = defaultdict(list)
    for cell in cells:
        if cell.exercise is not None and cell.kind != "setup":
            answers[cell.exercise].append(cell.source)
    return {id_: "\n".join(sources)[:_LONGEST] for id_, sources in answers.items()}


def _fingerprint(source: str) -> Any:
    try:
        from copydetect import CodeFingerprint
    except ModuleNotFoundError as error:
        raise UsageError(f"the similarity report needs copydetect, and the module {error.name} is missing; install it with: pip install copydetect") from error
    return CodeFingerprint("answer.py", k=_RUN, win_size=1, fp=io.StringIO(source), language="python")  # a window of one: nothing is left to chance


def _forget(found: Any, drop: set[int]) -> None:
    """Take runs of code out of a fingerprint."""
    from copydetect.utils import get_token_coverage

    found.hashes -= drop
    for value in drop & found.hash_idx.keys():
        del found.hash_idx[value]
    found.token_coverage = int(get_token_coverage(found.hash_idx, _RUN, len(found.filtered_code)))


def _overlaps(by_student: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield pairs that share a run of code, with the characters they share."""
    from copydetect.detector import compare_files

    holders: defaultdict[int, list[str]] = defaultdict(list)
    for student in sorted(by_student):
        for value in by_student[student].hashes:
            holders[value].append(student)
    for first, second in sorted({pair for students in holders.values() for pair in combinations(students, 2)}):
        common, _, _ = compare_files(by_student[first], by_student[second])
        yield (first, second), int(common)


def _pair(students: tuple[str, str], common: Mapping[str, int], prints: Prints) -> Pair:
    """Return a pair's shares; the shorter of two answers is what a share is of."""
    lengths = {id_: min(by_student[s].token_coverage if s in by_student else 0 for s in students) for id_, by_student in prints.items()}
    shares = {id_: min(1.0, count / max(1, lengths[id_])) for id_, count in common.items()}
    ranked = sorted(shares, key=lambda id_: (-common[id_], id_))
    counts = {id_: min(count, lengths[id_]) for id_, count in common.items()}
    total = min(sum(by_student[s].token_coverage for by_student in prints.values() if s in by_student) for s in students)
    return Pair(*students, min(1.0, sum(counts.values()) / max(1, total)), sum(counts.values()), tuple((id_, shares[id_]) for id_ in ranked))
