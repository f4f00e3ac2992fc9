"""Tests of the record of one submission: its bytes, its schema, its bounds."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder import records
from autograder.records import SCHEMA_VERSION, Difference, ExerciseRecord, SubmissionRecord, decode, encode, json_schema

ROOT = Path(__file__).resolve().parents[2]
FULL = SubmissionRecord(
    "u1", "ada", "submitted/ada.ipynb", "ab", "graded", 50.0, 100.0, seconds=1.5, cpu_seconds=0.5, sandbox="ns", grader_version="1", tests_sha256="t", seed_fingerprint="f",
    started_at="2026-01-01T00:00:00+00:00", messages=("m",),
    exercises=(
        ExerciseRecord("f", "F", 5.0, 10.0, (
            records.TestRecord("t", "T.", "failed", 1.0, "wrong", "f(1)", Difference("y", "1", "2", (0, 1), 0.5, (2, 2), (2, 2), (1.0, None), (1.0, 2.0)), "m", "hint", 0.1),
            records.TestRecord("s", "S.", "not_run", 2.0),
        )),
    ),
)  # fmt: skip
EMPTY = SubmissionRecord("u1", "bob", "", "", "ungradable", 0.0, 100.0, reason="no notebook")


@pytest.mark.parametrize("record", [FULL, EMPTY])
def test_a_record_is_one_line_that_comes_back(record: SubmissionRecord) -> None:
    """Encoding gives one line without its newline, decoding the equal record."""
    line = encode(record)
    assert b"\n" not in line
    assert decode(line) == record


@pytest.mark.parametrize("record", [FULL, EMPTY])
def test_a_record_satisfies_the_schema(record: SubmissionRecord) -> None:
    """Every line is valid by the JSON Schema, which is itself valid."""
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(encode(record)), schema, cls=jsonschema.Draft202012Validator)


def test_the_committed_schema_is_the_codes() -> None:
    """schema/results.schema.json says what the code writes."""
    committed = json.loads((ROOT / "schema" / "results.schema.json").read_text("utf-8"))
    assert committed == json.loads(json.dumps(json_schema()))
    assert SCHEMA_VERSION == 1


@pytest.mark.parametrize(
    "change", [{"status": "perfect"}, {"score": -1.0}, {"score": "100"}, {"exercises": [{"id": "f"}]}, {"student": None}, {"max_score": -5}, {"seconds": -0.1}]
)
def test_a_wrong_line_is_refused(change: dict[str, object]) -> None:
    """Unknown outcomes, negative numbers, wrong types and missing fields are errors by the decoder and by the schema."""
    data = {**json.loads(encode(FULL)), **change}
    with pytest.raises(msgspec.ValidationError):
        decode(json.dumps(data).encode())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, json_schema())


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"\xff", b"null"])
def test_what_is_no_record_is_refused(line: bytes) -> None:
    """Rubbish is a decoding error and nothing else."""
    with pytest.raises((msgspec.DecodeError, msgspec.ValidationError)):
        decode(line)


@given(text=st.text())
def test_any_text_survives(text: str) -> None:
    """Whatever a student is called or wrote comes back."""
    record = msgspec.structs.replace(EMPTY, student=text, reason=text)
    assert decode(encode(record)) == record


def test_records_cannot_be_changed() -> None:
    """A record is frozen."""
    with pytest.raises(AttributeError):
        FULL.score = 100.0  # type: ignore[misc]
