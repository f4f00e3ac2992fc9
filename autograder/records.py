"""The record of one graded submission: frozen, JSON, validated by the committed schema."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec

SCHEMA_VERSION = 1

Outcome = Literal["passed", "failed", "not_run"]
Status = Literal["graded", "ungradable"]
NonNegative = Annotated[float, msgspec.Meta(ge=0)]
NOT_WRITTEN, NOT_ANSWERED = "Not written yet.", "Not answered yet."  # a failed test's message where nothing is begun: it waits
NO_TIME = "Not run: earlier calls used up the time, or the processes, that this submission may have."  # of a test that is not run
OURS = "our failure"  # how the reason begins of what is ungradable by no fault of the student's
ATTEMPTS = 2  # how many grading processes may die on a submission
GIVEN_UP = f"{OURS}, not the student's: the grader died {ATTEMPTS} times on this submission; please grade it by hand or report it"


class Difference(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where an answer differs from what was expected; all values are text or plain numbers, safe to print.

    Args:
        name: what was compared, such as ``dw``.
        got, expected: the two values at ``index``, as text.
        index: position of the worst entry, or None for scalars and shapes.
        relative_error: worst relative error, or None.
        got_shape, expected_shape: given when the answers are arrays.
        got_values, expected_values: the arrays flattened in row-major order, for a picture; only for arrays of one or
            two dimensions with at most 400 entries, NaN and infinities as None.
    """

    name: str
    got: str = ""
    expected: str = ""
    index: tuple[int, ...] | None = None
    relative_error: float | None = None
    got_shape: tuple[int, ...] | None = None
    expected_shape: tuple[int, ...] | None = None
    got_values: tuple[float | None, ...] | None = None
    expected_values: tuple[float | None, ...] | None = None


class TestRecord(msgspec.Struct, frozen=True):
    """One test of one submission."""

    __test__: ClassVar[bool] = False  # not a test of pytest's

    name: str
    description: str
    outcome: Outcome
    weight: NonNegative
    message: str = ""
    example: str = ""
    difference: Difference | None = None
    misconception: str = ""
    hint: str = ""
    seconds: NonNegative = 0.0


class ExerciseRecord(msgspec.Struct, frozen=True):
    """One exercise of one submission."""

    id: str
    title: str
    points: NonNegative
    max_points: NonNegative
    tests: tuple[TestRecord, ...]


class SubmissionRecord(msgspec.Struct, frozen=True):
    """One line of ``results.jsonl``."""

    unit: str
    student: str
    path: str
    sha256: str
    status: Status
    score: NonNegative
    max_score: NonNegative
    reason: str = ""
    seconds: NonNegative = 0.0
    cpu_seconds: NonNegative = 0.0
    sandbox: str = ""
    grader_version: str = ""
    tests_sha256: str = ""
    seed_fingerprint: str = ""
    started_at: str = ""
    messages: tuple[str, ...] = ()
    exercises: tuple[ExerciseRecord, ...] = ()
    schema: int = SCHEMA_VERSION


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(SubmissionRecord)


def encode(record: SubmissionRecord) -> bytes:
    """Return the record as one line of JSON without its newline."""
    return _encoder.encode(record)


def decode(line: bytes) -> SubmissionRecord:
    """Return the record in a line; raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    return _decoder.decode(line)


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema that every line of ``results.jsonl`` satisfies."""
    schema = msgspec.json.schema(SubmissionRecord)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "autograder results.jsonl line", **schema}
