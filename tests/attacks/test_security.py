"""SECURITY.md promises only what a test shows."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from tests.attacks.corpus import CORPUS

PROJECT = Path(__file__).parents[2]
TEXT = (PROJECT / "SECURITY.md").read_text("utf-8")
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", TEXT)))


def bullets(heading: str) -> list[str]:
    """Return the points below a heading of the second level."""
    section = TEXT.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [point.strip() for point in re.split(r"\n- ", section)[1:]]


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_each_test_that_is_named_exists(file: str, name: str) -> None:
    """A test that a promise rests on is there."""
    tree = ast.parse((PROJECT / file).read_text("utf-8"))
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_each_promise_names_a_test() -> None:
    """No promise stands without a test."""
    promises = bullets("What is promised")
    assert len(promises) >= 12
    assert [point[:60] for point in promises if not re.search(r"`tests/[\w/]+\.py::test_\w+`", point)] == []


def test_each_attack_that_is_named_is_in_the_corpus() -> None:
    """What is not promised names its attacks as the corpus does, and these are known gaps there."""
    named = [name for found in re.findall(r"attacks? (\"[^)]+)\)", TEXT) for name in re.findall(r'"([^"]+)"', found)]
    assert len(named) >= 4
    gaps = {row.id for row in CORPUS if row.gaps}
    assert set(named) <= gaps
    assert gaps == set(named)
