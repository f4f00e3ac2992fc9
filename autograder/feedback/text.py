"""An exercise's outcome as plain text: for a terminal, a log, or a system that shows no HTML."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from autograder.feedback.observe import entry, observations, shape, shapes_differ
from autograder.feedback.safe import clean, one_line
from autograder.records import NOT_ANSWERED, NOT_WRITTEN, Difference, ExerciseRecord, TestRecord

_COUNT = re.compile(r"\bof \d+ entries\b|\bEvery entry (differs|is NaN)")
_PLAIN = {"a", "an", "cell", "cells", "no", "the", "this"}
MARKS = {"passed": "✓", "failed": "✗", "not_run": "–", "waiting": "○"}
WAITING = (NOT_WRITTEN, NOT_ANSWERED)


def number(value: float) -> str:
    """Return points without trailing zeros, with at most two decimals: ``12.5``, ``7``."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def sentence(text: str) -> str:
    """Return the text with a capital, unless it begins with a name such as ``dx``."""
    return text[:1].upper() + text[1:] if text.split(" ", 1)[0] in _PLAIN else text


def state(test: TestRecord) -> str:
    """Return the test's outcome, or ``waiting`` when it failed because nothing is written there yet."""
    return "waiting" if test.outcome == "failed" and test.message in WAITING else test.outcome


def untouched(exercise: ExerciseRecord) -> bool:
    """Return whether nothing of the exercise is written yet."""
    return bool(exercise.tests) and all(state(t) == "waiting" for t in exercise.tests)


def unrun(exercise: ExerciseRecord) -> str:
    """Return the one sentence that says why no test of an exercise ran, clean; empty when tests ran or the reasons differ."""
    reasons = {t.message for t in exercise.tests if t.outcome == "not_run"}
    alone = len(reasons) == 1 and all(t.outcome == "not_run" for t in exercise.tests)
    return one_line(reasons.pop(), 400) if alone else ""


def told(test: TestRecord) -> str:
    """Return a test's message; one that ends in a colon goes on with what was got and expected."""
    difference = test.difference
    if not test.message.rstrip().endswith(":") or difference is None:
        return test.message
    return f"{test.message.rstrip()} got {one_line(difference.got)}, expected {one_line(difference.expected)}"


def mark(exercise: ExerciseRecord) -> str:
    """Return an exercise's outcome as the name of a mark."""
    if all(t.outcome == "passed" for t in exercise.tests):
        return "passed"
    if untouched(exercise):
        return "waiting"
    return "not_run" if all(t.outcome == "not_run" for t in exercise.tests) else "failed"


def count_sentence(exercises: Iterable[tuple[ExerciseRecord, bool, bool]]) -> str:
    """Return how many exercises and questions pass.

    Args:
        exercises: each with whether it is a question, and whether it was left out.
    """
    counts = {False: [0, 0], True: [0, 0]}
    left_out = 0
    for exercise, is_question, out in exercises:
        counts[is_question][0] += mark(exercise) == "passed"
        counts[is_question][1] += 1
        left_out += out
    words = [f"{done} of {_several(total, what)}" for (done, total), what in zip(counts.values(), ("exercise", "question"), strict=True) if total]
    alone = sum(total for _, total in counts.values()) == 1
    sentence = f"{' and '.join(words) or '0 of 0 exercises'} {'passes its' if alone else 'pass their'} visible checks"
    return f"{sentence}; {_several(left_out, 'exercise')} not run" if left_out else sentence


def _several(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")


def verdict(exercise: ExerciseRecord) -> str:
    """Return one sentence that counts the exercise's outcomes."""
    total = len(exercise.tests)
    passed = sum(t.outcome == "passed" for t in exercise.tests)
    absent = sum(t.outcome == "not_run" for t in exercise.tests)
    if not total:
        return "No test belongs to this exercise."
    if untouched(exercise):
        return exercise.tests[0].message
    if passed == total:
        return "The test passes." if total == 1 else f"All {total} tests pass."
    if absent == total:
        return "The test did not run." if total == 1 else f"None of the {total} tests ran."
    if total == 1:
        return "The test does not pass yet."
    return f"{passed} of {total} tests passed" + (f", {absent} did not run." if absent else ".")


def facts(difference: Difference, message: str = "") -> list[tuple[str, str]]:
    """Return where an answer differs as (label, value) pairs, in reading order; all values are clean text.

    Args:
        difference: of a failed test.
        message: the test's own sentence; a count that it gives already is not given again.
    """
    name = one_line(difference.name, 60)
    if shapes_differ(difference):
        got, expected = shape(difference.got_shape or ()), shape(difference.expected_shape or ())
        rows = [("where", f"{name}.shape"), ("got", got), ("expected", expected)]
    elif difference.got == difference.expected == "None":  # a test that named what is wrong without two values
        rows = []
    else:
        rows = [("where", one_line(entry(difference), 100)), ("got", one_line(difference.got)), ("expected", one_line(difference.expected))]
        if difference.got_shape:
            rows.append(("shape", shape(difference.got_shape)))
        if difference.relative_error is not None:
            rows.append(("relative error", f"{difference.relative_error:.3g}"))
    counted = _COUNT.search(message) is not None
    rows += [("note", sentence) for sentence in observations(difference) if not (counted and _COUNT.search(sentence))]
    return [(label, value) for label, value in rows if value]


def hints(exercise: ExerciseRecord) -> list[str]:
    """Return each test's hint as it is shown: in full the first time, then as a reference to it."""
    seen: set[str] = set()
    shown = []
    for test in exercise.tests:
        hint = clean(test.hint).strip() if test.outcome != "passed" else ""
        shown.append("the same as above." if hint in seen else hint)
        seen |= {hint} - {""}
    return shown


def render_exercise_text(exercise: ExerciseRecord, *, width: int = 100) -> str:
    """Return the exercise as plain text that ends in a newline.

    Args:
        exercise: the record.
        width: columns at which sentences wrap; a failing example is code to paste and is not wrapped.
    """
    title = one_line(exercise.title) or one_line(exercise.id)
    heading = title if title == exercise.id else f"{one_line(exercise.id)}: {title}"
    points = f"{number(exercise.points)} of {number(exercise.max_points)} points" if exercise.max_points else ""
    lines = _heading(heading, points, width)
    reason = unrun(exercise)
    for test, hint in zip(exercise.tests, hints(exercise), strict=True):
        lines += _test(test, hint, width, brief=untouched(exercise) or bool(reason))
    lines += [*([] if lines[-1] == "" else [""]), f"  {verdict(exercise)}"]
    lines += _wrap(reason, width, "  ", "  ") if reason else ()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def render_overview_text(exercises: Sequence[ExerciseRecord], closing: str, *, width: int = 100) -> str:
    """Return a line for each exercise and a closing sentence, as plain text that ends in a newline."""
    lines: list[str] = []
    for exercise in exercises:
        lines += _wrap(f"{one_line(exercise.id)}: {verdict(exercise)}", width, f"  {MARKS[mark(exercise)]} ", "    ")
    return "\n".join([*lines, "", *_wrap(closing, width, "  ", "  ")]) + "\n"


def _heading(left: str, right: str, width: int) -> list[str]:
    if right and len(left) + len(right) + 2 <= width:
        return [left + right.rjust(width - len(left))]
    return [*_wrap(left, width, "", "  "), *([right] if right else [])]


def _wrap(text: str, width: int, first: str, rest: str) -> Iterator[str]:
    """Yield the lines of a message, each wrapped by itself, so that a traceback keeps its lines."""
    for number_, line in enumerate(clean(text).strip("\n").expandtabs(4).split("\n")):
        indent = rest + " " * (len(line) - len(line.lstrip(" ")))
        wrapped = textwrap.wrap(line.strip(), max(width, 30), initial_indent=indent if number_ else first, subsequent_indent=indent)
        yield from wrapped or [""]


def _test(test: TestRecord, hint: str, width: int, *, brief: bool) -> Iterator[str]:
    yield from _wrap(one_line(test.description, 400) or one_line(test.name), width, f"  {MARKS[state(test)]} ", "    ")
    if brief:
        return
    if test.outcome == "passed":  # such as the explanation of a question
        yield from _wrap(test.message, width, "      ", "      ") if test.message else ()
        return
    if test.message:
        yield from _wrap(test.message, width, "      ", "      ")
    elif test.outcome == "not_run":
        yield "      This test did not run."
    if test.difference is not None:
        rows = facts(test.difference, test.message)
        column = max((len(label) for label, _ in rows), default=0) + 2
        for label, value in rows:
            yield from _wrap(value, width, f"        {label:<{column}}", " " * (8 + column))
    if hint:
        yield from _wrap(f"Hint: {hint}", width, "      ", "            ")
    if test.example:
        yield "      An example that fails, to paste into a cell:"
        yield ""
        yield from (f"          {line}" for line in clean(test.example, 6000).strip("\n").split("\n"))
        yield ""
