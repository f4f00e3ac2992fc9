"""Unit tests as frozen cases: found in a folder of test files, with the exercise they decide."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from autograder.errors import AuthorError

F = TypeVar("F", bound=Callable[..., Any])
DEFAULT_EXAMPLES = {"visible": 8, "hidden": 6}


class _Mark(msgspec.Struct, frozen=True):
    exercise: str
    weight: float
    examples: int | None


def exercise(id_: str, *, weight: float = 1.0, examples: int | None = None) -> Callable[[F], F]:
    """Mark a test as one of exercise ``id_``.

    Args:
        id_: the exercise's id in ``unit.toml``.
        weight: its share of the exercise's points, relative to the other tests.
        examples: how many examples Hypothesis generates; by default 8 for visible and 6 for hidden tests.
    """

    def mark(function: F) -> F:
        function.__autograder__ = _Mark(id_, weight, examples)  # type: ignore[attr-defined]  # a function takes any attribute
        return function

    return mark


class Case(msgspec.Struct, frozen=True):
    """One test.

    Args:
        name: the function's name.
        description: the docstring's first paragraph, the sentence a student reads.
        function: called with ``student``, ``reference`` when wanted, and the drawn values.
        strategies: what Hypothesis draws, by argument name; empty for a test that runs once.
        wants_reference: whether it takes ``reference``.
        examples: how many examples are generated.
    """

    name: str
    description: str
    exercise: str
    weight: float
    function: Callable[..., None]
    strategies: dict[str, Any]
    wants_reference: bool
    examples: int


def load_package(folder: Path, package: str) -> list[types.ModuleType]:
    """Import all test modules of ``folder`` as modules of ``package``; relative imports between siblings work."""
    parts = package.split(".")
    for count in range(1, len(parts)):
        parent = ".".join(parts[:count])
        if parent not in sys.modules:
            _namespace(parent, folder.parents[len(parts) - count - 1])
    _namespace(package, folder)
    modules = []
    for path in sorted(folder.glob("test_*.py")):
        name = f"{package}.{path.stem}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


def _namespace(name: str, folder: Path) -> None:
    for known in [m for m in sys.modules if m == name or m.startswith(f"{name}.")]:
        del sys.modules[known]
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]
    sys.modules[name] = module


def load_cases(folder: Path, package: str, unit: str, *, kind: str) -> tuple[Case, ...]:
    """Return the tests in ``folder`` in the order of files and lines.

    Args:
        folder: holds ``test_*.py``.
        package: the name to import them under; unique to the course, such as ``units_3f2a.<unit>.<kind>``.
        unit: the unit's name, for messages.
        kind: ``visible`` or ``hidden``.

    Raises:
        AuthorError: a file cannot be imported, a test has no exercise or no docstring, or two tests share a name.
    """
    try:
        modules = load_package(folder, package)
    except Exception as error:
        raise AuthorError(f"{kind} tests cannot be imported: {type(error).__name__}: {error}", unit=unit) from error
    cases: dict[str, Case] = {}
    for module in modules:
        for name, function in vars(module).items():
            if name.startswith("test_") and inspect.isfunction(function) and function.__module__ == module.__name__:
                case = _case(function, unit, kind, module.__name__.rpartition(".")[2])
                if name in cases:
                    raise AuthorError(f"test={name} appears twice in the {kind} tests", unit=unit)
                cases[name] = case
    return tuple(cases.values())


def _case(function: Callable[..., Any], unit: str, kind: str, file: str) -> Case:
    where = f"{file}.py: test={function.__name__}"
    handle = getattr(function, "hypothesis", None)
    inner = handle.inner_test if handle is not None else function
    mark: _Mark | None = getattr(function, "__autograder__", None) or getattr(inner, "__autograder__", None)
    if mark is None:
        raise AuthorError(f"{where} has no @exercise(…)", unit=unit)
    strategies = dict(handle._given_kwargs) if handle is not None else {}
    description = " ".join((inspect.getdoc(inner) or "").split("\n\n")[0].split())
    if not description:
        raise AuthorError(f"{where} has no docstring; it is the sentence a student reads", unit=unit)
    parameters = set(inspect.signature(inner).parameters)
    unknown = parameters - {"student", "reference"} - set(strategies)
    if "student" not in parameters or unknown:
        raise AuthorError(f"{where} takes {sorted(parameters)}, expected student, reference and drawn values only", unit=unit)
    if kind == "visible" and "reference" in parameters:
        raise AuthorError(f"{where} wants the reference, which students do not have", unit=unit)
    examples = mark.examples or DEFAULT_EXAMPLES[kind]
    return Case(function.__name__, description, mark.exercise, mark.weight, inner, strategies, "reference" in parameters, examples)
