"""Tests of unit.toml: what is read and what authors are told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from autograder.errors import AuthorError, UsageError
from autograder.unit import Limits, Signature, load_unit, unit_from_data

EXERCISE = {"id": "f", "title": "F", "points": 90, "minutes": 5, "difficulty": 1, "functions": ["f(x, cache) -> out, cache", "g()"]}
QUESTION = {"id": "q", "title": "Q", "points": 10, "kind": "choice", "choices": ["a", "b"], "answer": "a", "explanation": "E"}


def data(**change: Any) -> dict[str, Any]:
    """Return a small unit's data with some keys changed; None removes a key."""
    base = {"title": "T", "summary": "S", "exercise": [EXERCISE], "question": [QUESTION], "provided": ["h(a) -> h_cache"]}
    return {k: v for k, v in {**base, **change}.items() if v is not None}


def test_a_unit_is_read() -> None:
    """Everything in the file is there, with defaults, and all functions have their signatures."""
    unit = unit_from_data("u1", data())
    assert (unit.name, unit.title, unit.runtime, unit.feedback, unit.limits) == ("u1", "T", "numpy", "hint", Limits())
    assert unit.ids == ("f", "q")
    assert unit.max_points == 100
    assert sorted(unit.signatures) == ["f", "g", "h"]
    assert unit.exercises[0].forbidden == ()


@pytest.mark.parametrize(
    ("text", "params", "returns", "opaque"),
    [
        ("f(x, w) -> out, cache", ("x", "w"), ("out", "cache"), (1,)), ("f()", (), (), ()), (" f ( x ) -> y ", ("x",), ("y",), ()), ("f(x, k=2) -> a_cache", ("x", "k=2"), ("a_cache",), (0,)),
        ("Value(data)", ("data",), (), ()), ("f(x) -> cache_size", ("x",), ("cache_size",), ()),
    ],
)  # fmt: skip
def test_signatures(text: str, params: tuple[str, ...], returns: tuple[str, ...], opaque: tuple[int, ...]) -> None:
    """Names of arguments and returns are read; a return called cache or ending in _cache is opaque; text and signature agree."""
    signature = Signature.parse(text)
    assert (signature.params, signature.returns, signature.opaque) == (params, returns, opaque)
    assert Signature.parse(str(signature)) == signature


@pytest.mark.parametrize("text", ["", "f", "f(x", "f(x) ->", "2f(x)", "f(x) = y", "f x"])
def test_malformed_signatures(text: str) -> None:
    """What is no signature is refused with its text."""
    with pytest.raises(ValueError, match="signature="):
        Signature.parse(text)
    with pytest.raises(AuthorError, match="signature="):
        unit_from_data("u1", data(provided=[text]))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": None}, "title"),
        ({"titel": "T"}, "titel"),
        ({"exercise": [{**EXERCISE, "points": 80}]}, "points sum to 90, expected 100"),
        ({"exercise": [{**EXERCISE, "points": 0}]}, "points"),
        ({"exercise": [{**EXERCISE, "difficulty": 4}]}, "difficulty"),
        ({"exercise": [{**EXERCISE, "minutes": 0}]}, "minutes"),
        ({"exercise": [{**EXERCISE, "hard": True}]}, "hard"),
        ({"exercise": [{**EXERCISE, "id": "q"}]}, "id='q' appears twice"),
        ({"exercise": [{**EXERCISE, "id": "not a name"}]}, "not a Python name"),
        ({"exercise": [{**EXERCISE, "id": "x" * 60}]}, "not a Python name"),
        ({"question": [{**QUESTION, "answer": "c"}]}, "answer='c' is not in choices"),
        ({"question": [{**QUESTION, "kind": "number"}]}, "answer='a' is not a number"),
        ({"question": [{**QUESTION, "kind": "essay"}]}, "essay"),
        ({"runtime": "jax"}, "jax"),
        ({"limits": {"call_seconds": 0}}, "call_seconds"),
        ({"limits": {"memory_mb": 1}}, "memory_mb"),
        ({"limits": {"calls": 1}}, "calls"),
    ],
)
def test_contradictions_are_author_errors(change: dict[str, Any], words: str) -> None:
    """Wrong keys, types, points, ids and answers are refused with the unit's name and the thing."""
    with pytest.raises(AuthorError) as caught:
        unit_from_data("u1", data(**change))
    assert words in str(caught.value)
    assert caught.value.unit == "u1"


def test_files(tmp_path: Path) -> None:
    """A missing file is a usage error, one that is no TOML or no UTF-8 an author error; the folder names the unit."""
    folder = tmp_path / "u07_x"
    folder.mkdir()
    path = folder / "unit.toml"
    with pytest.raises(UsageError, match="unit=u07_x"):
        load_unit(path)
    for content in (b"title = ", b"\xff"):
        path.write_bytes(content)
        with pytest.raises(AuthorError, match="not valid TOML"):
            load_unit(path)
    path.write_text('title="T"\nsummary="S"\n[[exercise]]\nid="f"\ntitle="F"\npoints=100\nminutes=1\ndifficulty=1\nfunctions=["f(x)"]\n')
    assert load_unit(path).name == "u07_x"
