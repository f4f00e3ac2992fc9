"""Everything trusted about a unit: reference, misconceptions, alternatives, hidden and visible tests with their examples."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import types
import zlib
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar

import hypothesis

from autograder import __version__, runtimes
from autograder.atomic import write_atomic
from autograder.authoring.source import Reference, load_reference
from autograder.authoring.variants import Alternative, Misconception, Variant
from autograder.channel.client import Student
from autograder.channel.codec import decode, encode
from autograder.channel.harness import load_cell
from autograder.channel.script import Request, Script
from autograder.channel.transport import Op
from autograder.course import Course
from autograder.errors import AuthorError, ProtocolError
from autograder.testing.cases import Case, load_cases
from autograder.testing.examples import Example, derive, fingerprint, generate
from autograder.testing.judge import Suite
from autograder.testing.rehearsal import script
from autograder.testing.runner import fingerprints
from autograder.testing.trace import Fingerprint

V = TypeVar("V", bound=Variant)
Kind = Literal["visible", "hidden"]
PUBLIC_SECRET = b"visible checks are public"
_TRUSTED_SECONDS = 60.0
_MAKERS = ("testing", "channel")  # packages of the grader whose code decides what the private cache holds


class Material:
    """A unit as the grader knows it.

    Args:
        course: where it lies.
        name: the unit's name.

    Raises:
        UsageError: there is no such unit, or it needs a package that is not installed.
        AuthorError: its files contradict themselves.
    """

    def __init__(self, course: Course, name: str) -> None:
        self.course, self.name = course, name
        self.unit = course.unit(name)
        runtimes.require(self.unit)
        self.notebook: Reference = load_reference(course.solutions(name) / f"{name}.py", self.unit)

    @cached_property
    def misconceptions(self) -> tuple[Misconception, ...]:
        """Known-wrong variants, in the order of their file."""
        return self._variants("misconceptions", "MISCONCEPTIONS", Misconception)

    @cached_property
    def alternatives(self) -> tuple[Alternative, ...]:
        """Known-right variants, in the order of their file."""
        return self._variants("alternatives", "ALTERNATIVES", Alternative)

    def _variants(self, file: str, variable: str, kind: type[V]) -> tuple[V, ...]:
        module = _load_module(self.course.solutions(self.name) / f"{file}.py", f"autograder_units_{self.name}_{file}", self.name)
        found = getattr(module, variable, None)
        if not isinstance(found, tuple) or not all(isinstance(v, kind) for v in found):
            raise AuthorError(f"{file}.py: {variable} is not a tuple of {kind.__name__}", unit=self.name)
        seen: set[str] = set()
        for variant in found:
            if variant.id in seen:
                raise AuthorError(f"{file}.py: id={variant.id!r} appears twice", unit=self.name)
            if variant.exercise not in self.unit.ids:
                raise AuthorError(f"{file}.py: id={variant.id!r}: exercise={variant.exercise!r} is not in unit.toml", unit=self.name)
            seen.add(variant.id)
        return found

    def source(self, variant: Variant) -> str:
        """Return the solution cell that a variant stands for."""
        return variant.apply(self.notebook.solution(variant.exercise), unit=self.name)

    def student(self, replace: Mapping[str, str] | None = None, namespace: dict[str, Any] | None = None) -> Student:
        """Return trusted code as a Student in this process: the reference, with some solution cells replaced.

        Args:
            replace: source by exercise.
            namespace: where the cells run; a new one by default.

        Raises:
            AuthorError: a cell of the reference or of the variant fails.
        """
        runtimes.prepare(self.unit)
        student = Student.local(namespace if namespace is not None else {"__name__": "__main__"}, self.unit.signatures, _TRUSTED_SECONDS)
        for cell in self.notebook.cells:
            if cell.kind not in ("setup", "exercise", "question"):
                continue
            exercise = cell.exercise or ""
            source = cell.source if cell.kind == "setup" else self.notebook.solution(exercise)
            if replace is not None and exercise in replace:
                source = replace[exercise]
            try:
                load_cell(student, cell.id, source, _TRUSTED_SECONDS)
            except Exception as error:
                raise AuthorError(f"the cell fails: {error}", unit=self.name, cell=cell.id, line=cell.line) from error
        return student

    @cached_property
    def reference(self) -> Student:
        """The reference as a Student in this process."""
        return self.student()

    def namespace(self) -> dict[str, Any]:
        """Return new globals in which the reference's cells have run."""
        namespace: dict[str, Any] = {"__name__": "__main__"}
        self.student(namespace=namespace)
        return namespace

    @cached_property
    def oracle(self) -> types.SimpleNamespace:
        """The reference's own functions, called without a channel: what hidden tests compare with."""
        return types.SimpleNamespace(**self.namespace())

    @cached_property
    def stub(self) -> dict[str, str]:
        """The untouched solution cells by exercise."""
        return {cell.exercise: self.notebook.stub(cell.exercise) for cell in self.notebook.cells if cell.exercise}

    @cached_property
    def tests_sha256(self) -> str:
        """Hash of everything that decides grades."""
        return self.course.tests_sha256(self.name)

    @cached_property
    def seed_fingerprint(self) -> str:
        """Fingerprint of the course's secret."""
        return fingerprint(self.course.secret())

    @cached_property
    def hidden(self) -> Suite:
        """The hidden tests, on examples from the course's secret."""
        return self._suite("hidden", self.course.secret())

    @cached_property
    def visible(self) -> Suite:
        """The visible tests, on the examples students have."""
        return self._suite("visible", PUBLIC_SECRET)

    def _suite(self, kind: Kind, secret: bytes) -> Suite:
        root = f"units_{hashlib.sha256(str(self.course.root).encode()).hexdigest()[:8]}"
        cases = load_cases(self.course.tests(self.name) / kind, f"{root}.{self.name}.{kind}", self.name, kind=kind)
        known = {e.id for e in self.unit.exercises}
        for case in cases:
            if case.exercise not in known:
                raise AuthorError(f"test={case.name}: exercise={case.exercise!r} is not in unit.toml", unit=self.name)
        seeds = {case.name: derive(secret, self.name, kind, case.name) for case in cases}
        stored = self._stored(cases, seeds, kind, secret)
        examples = {name: tuple(found) for name, (found, _) in stored.items()}
        scripts = {name: Script([Request(e, p, Op(op), body) for e, p, op, body in requests]) for name, (_, requests) in stored.items()}
        return Suite(cases, examples, seeds, self.oracle, LiveExplainer(self), scripts)

    def _stored(self, cases: tuple[Case, ...], seeds: dict[str, int], kind: Kind, secret: bytes) -> dict[str, Any]:
        """Return examples and script requests by test, from the private cache or newly made."""
        key = hashlib.sha256(
            "\0".join((_made_by(), kind, self.tests_sha256, fingerprint(secret), hypothesis.__version__, __version__)).encode()
        ).hexdigest()
        path = self.course.private / "examples" / f"{self.name}-{kind}-{key[:24]}.bin"
        try:
            (packed,) = decode(zlib.decompress(path.read_bytes()), 1)
            return {name: decode(data, 2) for name, data in packed.items()}
        except (OSError, zlib.error, ProtocolError):
            pass
        stored = {}
        for case in cases:
            examples = generate(case, seeds[case.name])
            requests = script(case, self.namespace, self.unit.signatures, self.oracle, examples) if kind == "hidden" else []
            stored[case.name] = encode(list(examples), [(r.example, r.position, int(r.op), r.body) for r in requests])
        _keep(path, zlib.compress(encode(stored), 1), f"{self.name}-{kind}-*.bin")
        return {name: decode(data, 2) for name, data in stored.items()}  # as they will be read: what does not survive it shows at once


@cache
def _made_by() -> str:
    """Return a hash of the code that makes what is kept: an edit to it must not leave a checkout with examples of before."""
    digest = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(path for name in _MAKERS for path in (package / name).glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _keep(path: Path, data: bytes, older: str) -> None:
    """Write a cache file for its owner only; a cache that cannot be written is no failure."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for stale in path.parent.glob(older):
            stale.unlink(missing_ok=True)
        write_atomic(path, data, 0o600)
    except OSError:
        return


def _load_module(path: Path, name: str, unit: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise AuthorError(f"{path.name} is missing", unit=unit)
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise AuthorError(f"{path.name} cannot be imported: {type(error).__name__}: {error}", unit=unit) from error
    return module


class LiveExplainer:
    """Runs a unit's misconceptions in this (trusted) process and remembers their numbers."""

    known = sys.maxsize

    def __init__(self, material: Material) -> None:
        self._material = material
        self._students: dict[str, Student] = {}
        self._known: dict[tuple[str, str, int], Fingerprint | None] = {}
        self._hints: dict[str, dict[str, str]] = {}
        self._by_id = {m.id: m for m in material.misconceptions}
        for m in material.misconceptions:
            self._hints.setdefault(m.exercise, {})[m.id] = m.hint

    def hints(self, exercise: str) -> Mapping[str, str]:
        """Return the misconceptions of an exercise with their hints."""
        return self._hints.get(exercise, {})

    def fingerprint(self, misconception: str, case: Case, index: int, example: Example) -> Fingerprint | None:
        """Return the misconception's numbers on one example."""
        key = (misconception, case.name, index)
        if key not in self._known:
            try:
                student = self._student(misconception)
            except AuthorError:  # selfcheck says so; a grade does not depend on it
                return None
            (self._known[key],) = fingerprints(case, student, self._material.oracle, [example])
        return self._known[key]

    def _student(self, misconception: str) -> Student:
        if misconception not in self._students:
            m = self._by_id[misconception]
            self._students[misconception] = self._material.student({m.exercise: self._material.source(m)})
        return self._students[misconception]


__all__ = ["PUBLIC_SECRET", "LiveExplainer", "Material"]
