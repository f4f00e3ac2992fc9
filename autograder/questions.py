"""Inline questions: is an answer right, what is said of it, and how are answer, hints and explanation kept unread in a student's folder?

``questions.json`` gives each explanation encrypted under the right answer and each hint under its wrong answer.  This keeps
them from being read by accident; with four choices it is no secret from somebody who tries all four, and is not meant to be.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

import msgspec

from autograder.errors import AuthorError
from autograder.records import NOT_ANSWERED, Outcome, TestRecord
from autograder.unit import Question

_WIDTH = 32  # bytes of one SHA-256 block of keystream


class Verdict(msgspec.Struct, frozen=True):
    """What a student is told: ``explanation`` when right, ``hint`` when the wrong answer has one."""

    right: bool
    explanation: str = ""
    hint: str = ""


def is_right(question: Question, value: object) -> bool:
    """Return whether ``value``, as a student assigned it, answers the question; never raises."""
    if question.kind == "choice":
        return isinstance(value, str) and _choice(value) == _choice(str(question.answer))
    number = _number(value)
    return number is not None and abs(number - float(question.answer)) <= question.tolerance


def hint_for(question: Question, value: object) -> str:
    """Return the hint stored for this wrong answer, or an empty string."""
    for wrong, hint in question.hints.items():
        if is_right(msgspec.structs.replace(question, answer=_as_answer(question, wrong)), value):
            return hint
    return ""


def open_verdict(question: Question, value: object) -> Verdict:
    """Return about a value what :func:`verdict` reads from ``questions.json``, where the answer is known; never raises for any value."""
    return Verdict(True, explanation=question.explanation) if is_right(question, value) else Verdict(False, hint=hint_for(question, value))


def question_test(id_: str, title: str, outcome: Outcome, message: str = "", hint: str = "") -> TestRecord:
    """Return the record of a question's only test."""
    return TestRecord(f"test_{id_}", f"The answer to “{title}”.", outcome, 1.0, message=message, hint=hint)


def answered(id_: str, title: str, kind: str, value: object, tell: Callable[[object], Verdict]) -> TestRecord:
    """Return the record of what a student assigned to a question's variable.

    Args:
        id_, title, kind: of the question.
        value: None or ``...`` where nothing is assigned.
        tell: the verdict on any other value.
    """
    if value is None or value is Ellipsis:
        return question_test(id_, title, "failed", NOT_ANSWERED)
    told = tell(value)
    if told.right:
        return question_test(id_, title, "passed", told.explanation)
    return question_test(id_, title, "failed", wrong_answer(kind, value), told.hint)


def wrong_answer(kind: str, value: object) -> str:
    """Return what to say of a value that is not right."""
    if kind == "number" and isinstance(value, str):
        return "Give a number, not text: 2.5 instead of '2.5'."
    text = repr(value)
    return f"Your answer {text if len(text) <= 60 else text[:59] + '…'} is not right."


def sealed_question(question: Question, unit: str) -> dict[str, Any]:
    """Return the question's entry of ``questions.json``: hashes and sealed texts only.

    Raises:
        AuthorError: a hint belongs to the right answer, to no choice or to no number.
    """
    for wrong in question.hints:
        _check_hint(question, wrong, unit)
    salt = hashlib.sha256(f"{unit}/{question.id}".encode()).hexdigest()[:32]
    answer = _key(question, question.answer)
    entry: dict[str, Any] = {"kind": question.kind, "salt": salt, "tolerance": question.tolerance}
    entry["answer"] = answer_hash(answer, salt)
    entry["exact"] = seal(repr(question.answer), answer, salt)
    entry["explanation"] = seal(question.explanation, answer, salt)
    hints = {}
    for wrong, hint in sorted(question.hints.items()):
        key = _key(question, _as_answer(question, wrong))
        hints[answer_hash(key, salt)] = {"exact": seal(wrong, key, salt), "hint": seal(hint, key, salt)}
    entry["hints"] = dict(sorted(hints.items()))
    return entry


def verdict(entry: dict[str, Any], value: object) -> Verdict:
    """Return what ``questions.json`` has to say about a student's value; never raises for any value."""
    for key in _candidates(entry, value):
        if answer_hash(key, entry["salt"]) == entry["answer"] and _fits(entry, unseal(entry["exact"], key, entry["salt"]), value):
            return Verdict(True, explanation=unseal(entry["explanation"], key, entry["salt"]))
    for key in _candidates(entry, value):
        sealed = entry["hints"].get(answer_hash(key, entry["salt"]))
        if sealed is not None and _fits(entry, unseal(sealed["exact"], key, entry["salt"]), value):
            return Verdict(False, hint=unseal(sealed["hint"], key, entry["salt"]))
    return Verdict(False)


def answer_hash(answer: str, salt: str) -> str:
    """Return the salted SHA-256 of a normalised answer, in hexadecimal."""
    return hashlib.sha256(f"answer\n{salt}\n{answer}".encode()).hexdigest()


def seal(text: str, answer: str, salt: str) -> str:
    """Return ``text`` XOR a SHA-256 keystream of salt, answer and the text's own length, in hexadecimal."""
    return _xor(text.encode(), answer, salt).hex()


def unseal(sealed: str, answer: str, salt: str) -> str:
    """Return the text that :func:`seal` sealed; with a wrong answer, rubbish."""
    return _xor(bytes.fromhex(sealed), answer, salt).decode("utf-8", "replace")


def _xor(data: bytes, answer: str, salt: str) -> bytes:
    blocks = range(0, len(data), _WIDTH)
    stream = b"".join(hashlib.sha256(f"seal\n{salt}\n{answer}\n{len(data)}\n{start}".encode()).digest() for start in blocks)
    return bytes(a ^ b for a, b in zip(data, stream, strict=False))


def _choice(value: str) -> str:
    return value.strip().lower()


def _number(value: Any) -> float | None:
    """Return a finite float for a Python or NumPy number or a 0-d array, else None."""
    if isinstance(value, bool | str | bytes) or type(value).__name__ == "bool":  # np.bool names itself "bool"
        return None
    try:
        if getattr(value, "shape", ()) != ():
            return None
        number = float(value)
    except Exception:
        return None
    return number if math.isfinite(number) else None


def _grid(number: float, tolerance: float) -> int:
    bounded = min(max(number, -1e200), 1e200)
    return math.floor(bounded / max(tolerance, 1e-12) + 0.5)


def _check_hint(question: Question, wrong: str, unit: str) -> None:
    choices = [_choice(choice) for choice in question.choices]
    if question.kind == "choice" and _choice(wrong) not in choices:
        raise AuthorError(f"unit.toml: hints[{wrong!r}] belongs to no choice of {choices}", unit=unit, cell=question.id)
    try:
        value = _as_answer(question, wrong)
    except ValueError as error:
        raise AuthorError(f"unit.toml: hints[{wrong!r}] is not a number", unit=unit, cell=question.id) from error
    if is_right(question, value):
        raise AuthorError(f"unit.toml: hints[{wrong!r}] is the right answer", unit=unit, cell=question.id)


def _as_answer(question: Question, wrong: str) -> str | float:
    return wrong if question.kind == "choice" else float(wrong)


def _key(question: Question, answer: str | float) -> str:
    if question.kind == "choice":
        return _choice(str(answer))
    return str(_grid(float(answer), question.tolerance))


def _candidates(entry: dict[str, Any], value: object) -> list[str]:
    if entry["kind"] == "choice":
        return [_choice(value)] if isinstance(value, str) and len(value) < 200 else []
    number = _number(value)
    if number is None:
        return []
    cell = _grid(number, entry["tolerance"])
    return [str(cell), str(cell - 1), str(cell + 1)]


def _fits(entry: dict[str, Any], exact: str, value: object) -> bool:
    if entry["kind"] == "choice":
        return True
    number = _number(value)
    return number is not None and abs(number - float(exact)) <= entry["tolerance"]
