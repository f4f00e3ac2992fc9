"""What a student reads in the output of ``git push``: pure text from records, at most a screen or two of it."""

from __future__ import annotations

import datetime
import re
import shlex
from collections.abc import Collection, Iterator, Mapping

from autograder.feedback.safe import one_line
from autograder.feedback.text import MARKS, number, render_exercise_text, untouched
from autograder.records import OURS, ExerciseRecord, SubmissionRecord

WIDTH = 72  # git puts "remote: " before each line
MAX_LINES = 60
_MAX_MESSAGES = 5
_PLAIN = re.compile(r"[\w ./+-]{1,200}")  # a path that a shell takes as it is shown


def result(
    record: SubmissionRecord,
    commit: str,
    *,
    earlier: SubmissionRecord | None = None,
    withheld: Mapping[str, float] = {},
    changed: Collection[str] | None = None,
    took: float | None = None,
    part: bool = False,
) -> list[str]:
    """Return the lines that tell a grade.

    Args:
        record: the grade.
        commit: what was graded.
        earlier: the student's grade before; it stays where the record is none.
        withheld: exercises whose result is shown later, with the time, in seconds since the epoch.
        changed: exercises whose cells changed; only these are told at length, all when None.
        took: seconds from push to grade.
        part: whether only the changed exercises are graded so far.
    """
    head = f"{record.unit} at {commit[:10]}"
    if record.status != "graded":
        return [f"{head}: could not be graded.", *_fill(one_line(record.reason, 500)), *_instead(record.reason, earlier, withheld)]
    shown = [e for e in record.exercises if e.id not in withheld]
    before = {e.id: e for e in earlier.exercises} if earlier is not None and earlier.status == "graded" else {}
    lines = [head + (": what you changed" if part else f": {_score(record, shown, before, withheld)}") + (f" ({took:.1f} s)" if took is not None else "")]
    lines += [f"  {line}" for message in record.messages[:_MAX_MESSAGES] for line in _fill(one_line(message, 300))]
    for exercise in record.exercises:
        lines.append(_line(exercise, before.get(exercise.id), withheld.get(exercise.id)))
    lines += _stories([e for e in shown if changed is None or e.id in changed])
    return lines


def _instead(reason: str, earlier: SubmissionRecord | None, withheld: Mapping[str, float]) -> Iterator[str]:
    """Yield which grade stays, and what a student can do about one that is none."""
    commit, path = "", ""
    if earlier is not None and earlier.status == "graded":
        commit, _, path = earlier.path.partition(":")
        yield from _fill(f"Your last grade, {_score(earlier, list(earlier.exercises), {}, withheld)} at {commit[:10]}, stays.")
    if reason.startswith(OURS):
        yield from _fill("You need not push again. Tell your instructor.")
        return
    yield from _fill("To be graded, put that right, commit and push again; mostly it is enough to open the notebook in JupyterLab and to save it.")
    if commit and _PLAIN.fullmatch(path):
        yield from _fill("If it does not open, this brings the graded one back:")
        yield f"    git checkout {commit[:10]} -- {shlex.quote(path)}"


def _score(record: SubmissionRecord, shown: list[ExerciseRecord], before: Mapping[str, ExerciseRecord], withheld: Mapping[str, float]) -> str:
    if withheld:
        points, of = sum(e.points for e in shown), sum(e.max_points for e in shown)
        return f"{number(points)} of {number(of)} points, without what is shown later"
    text = f"{number(record.score)} of {number(record.max_score)} points"
    if not all(e.id in before for e in shown):  # the grade before is not shown in full either
        return text
    was = sum(e.points for e in before.values())
    return text + (f", {number(was)} before" if abs(was - record.score) > 1e-9 else "")


def _line(exercise: ExerciseRecord, before: ExerciseRecord | None, later: float | None) -> str:
    name = f"{one_line(exercise.id, 40):<28}"
    if later is not None:
        when = datetime.datetime.fromtimestamp(later, datetime.UTC).astimezone()
        return f"  … {name} graded; shown from {when:%d %b %H:%M} on (limit of attempts)"
    full = exercise.points >= exercise.max_points - 1e-9
    mark = MARKS["passed"] if full else MARKS["waiting"] if untouched(exercise) else MARKS["failed"]
    gain = exercise.points - before.points if before is not None else 0.0
    points = f"{number(exercise.points):>5} of {number(exercise.max_points):<4}"
    return f"  {mark} {name} {points}{f' {gain:+.4g}' if abs(gain) > 1e-9 else ''}".rstrip()


def _stories(exercises: list[ExerciseRecord]) -> Iterator[str]:
    """Yield the feedback on exercises that are begun and not right, cut at ``MAX_LINES``."""
    room = MAX_LINES
    for exercise in exercises:
        if exercise.points >= exercise.max_points - 1e-9 or untouched(exercise):
            continue
        story = ["", *render_exercise_text(exercise, width=WIDTH).rstrip("\n").split("\n")]
        yield from story[:room]
        if len(story) >= room:
            yield "… (cut here; mend these first, then the command 'grades' tells the rest)"
            return
        room -= len(story)


def _fill(text: str) -> list[str]:
    import textwrap

    return textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")
