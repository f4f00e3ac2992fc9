"""What an exercise asks to do without: which of its functions use it, and which tests therefore fail without being run.

What the student's cells mention is found beside the student; here it is only text to compare.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping, Sequence

from autograder.channel.functions import Function, Program
from autograder.testing.cases import Case

Mentions = Mapping[str, Sequence[str]]  # dotted names by definition, "" for what stands outside any
_WORD = re.compile(r"[A-Za-z_]\w*")
_MAX_DEPTH = 6


def forbidden_uses(functions: Sequence[str], forbidden: Sequence[str], cells: Sequence[Mentions]) -> dict[str, str]:
    """Return the first forbidden name that each function of an exercise uses, itself or through what its cells define.

    A use that no function reaches counts against all of them: there are ways to call that no syntax tree shows.

    Args:
        functions: of the exercise.
        forbidden: dotted names, and ``@``; ``numpy.linalg`` stands for all that is in it.
        cells: what each cell of the exercise mentions.
    """
    mentioned: dict[str, set[str]] = {}
    for cell in cells:
        for definition, names in cell.items():
            mentioned.setdefault(definition, set()).update(names)
    reached = {function: _reached(function, mentioned) for function in functions}
    found: dict[str, str] = {}
    for name in forbidden:
        users = [function for function, names in reached.items() if _uses(names, name)]
        outside = _uses(mentioned.get("", ()), name) or (not users and any(_uses(names, name) for names in mentioned.values()))
        for function in functions if outside else users:
            found.setdefault(function, name)
    return found


def refused_tests(cases: Sequence[Case], functions: Sequence[str], uses: Mapping[str, str]) -> dict[str, str]:
    """Return why tests of an exercise fail unseen, by their names: those that call a function which uses what is forbidden.

    A test that is not seen to call any function of the exercise is taken to call them all.
    """
    if not uses:
        return {}
    refused = {}
    for case in cases:
        called = [function for function in functions if function in _words(case)] or functions
        if guilty := [function for function in called if function in uses]:
            who = guilty[0] if len(functions) > 1 and len(uses) < len(functions) else "solution"
            refused[case.name] = f"Your {who} uses {uses[guilty[0]]}, which this exercise asks you to do without."
    return refused


def _uses(names: Iterable[str], forbidden: str) -> bool:
    return any(name == forbidden or name.startswith(f"{forbidden}.") for name in names)


def _reached(function: str, mentioned: Mapping[str, set[str]]) -> set[str]:
    """Return the names that a function mentions, and those of the definitions that it reaches through them."""
    names: set[str] = set()
    waiting, seen = [function], {function}
    while waiting:
        own = mentioned.get(waiting.pop(), set())
        names |= own
        further = {head for name in own if (head := name.split(".")[0]) in mentioned and head and head not in seen}
        seen |= further
        waiting += sorted(further)
    return names


def _words(case: Case) -> frozenset[str]:
    """Return the names and the words of the texts that a test's function has to do with, its helpers' included."""
    collector = _Words()
    collector.see(case.function, 0)
    return frozenset(collector.words)


class _Words:
    def __init__(self) -> None:
        self.words: set[str] = set()
        self._seen: set[int] = set()

    def see(self, value: object, depth: int) -> None:
        """Collect from a value of a test's module: text, a function, or what holds them."""
        if depth > _MAX_DEPTH or id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, str):
            self.words.update(_WORD.findall(value))
        elif isinstance(value, (Function, Program)):
            self.see(value.source, depth + 1)
        elif isinstance(value, types.FunctionType) and value.__module__.split(".")[0] != "autograder":
            self._code(value.__code__, value, depth + 1)
        elif isinstance(value, (tuple, list, set, frozenset, dict)):
            parts = (*value, *value.values()) if isinstance(value, dict) else value
            for part in parts:
                self.see(part, depth + 1)

    def _code(self, code: types.CodeType, owner: types.FunctionType, depth: int) -> None:
        self.words.update(code.co_names)
        for name in code.co_names:
            self.see(owner.__globals__.get(name), depth)
        for part in code.co_consts:
            if isinstance(part, types.CodeType):
                self._code(part, owner, depth)
            elif part != owner.__doc__:
                self.see(part, depth)


__all__ = ["Mentions", "forbidden_uses", "refused_tests"]
