"""A unit as its ``unit.toml`` describes it: exercises, points, signatures and limits, validated and frozen."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from autograder.errors import AuthorError, UsageError

_SIGNATURE = re.compile(r"^\s*(?P<name>[A-Za-z_]\w*)\s*\((?P<params>.*?)\)\s*(->\s*(?P<returns>.+?))?\s*$")
_ID = re.compile(r"^[A-Za-z_]\w{0,50}$")
Positive = Annotated[float, msgspec.Meta(gt=0)]


class Signature(msgspec.Struct, frozen=True):
    """A function's names: what it takes, what it returns; a return called ``cache`` stays opaque to tests."""

    name: str
    params: tuple[str, ...]
    returns: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Parse ``affine_forward(x, w, b) -> out, cache``; raises ``ValueError`` when it does not fit."""
        match = _SIGNATURE.match(text)
        if match is None:
            raise ValueError(f"signature={text!r} is not of the form 'name(a, b) -> c, d'")
        params = tuple(p.strip() for p in match["params"].split(",") if p.strip())
        returns = tuple(r.strip() for r in (match["returns"] or "").split(",") if r.strip())
        return cls(match["name"], params, returns)

    @property
    def opaque(self) -> tuple[int, ...]:
        """Positions of the returned values that tests never look into."""
        return tuple(i for i, name in enumerate(self.returns) if name == "cache" or name.endswith("_cache"))

    def __str__(self) -> str:
        """Return the signature as written in ``unit.toml``."""
        return f"{self.name}({', '.join(self.params)})" + (f" -> {', '.join(self.returns)}" if self.returns else "")


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one submission may use.  Seconds are wall time except ``cpu_seconds``."""

    call_seconds: Positive = 5.0
    cell_seconds: Positive = 10.0
    submission_seconds: Positive = 60.0
    cpu_seconds: Positive = 60.0
    memory_mb: Annotated[int, msgspec.Meta(ge=64)] = 1024
    processes: Annotated[int, msgspec.Meta(ge=1)] = 32
    open_files: Annotated[int, msgspec.Meta(ge=16)] = 64
    file_mb: Annotated[int, msgspec.Meta(ge=1)] = 16
    tmp_mb: Annotated[int, msgspec.Meta(ge=1)] = 64
    output_kb: Annotated[int, msgspec.Meta(ge=1)] = 64


Runtime = Literal["numpy", "torch"]


class Attempts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many results of an exercise a push server shows within some hours; later ones are graded, recorded, and shown when their time comes."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    hours: Annotated[float, msgspec.Meta(gt=0)] = 24.0

    @property
    def seconds(self) -> float:
        """The window in seconds."""
        return 3600.0 * self.hours


class Exercise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One graded exercise: a solution cell and the check cell below it.

    Args:
        runtime: what its code may import; the unit's own by default.
        attempts: limit of a push server; the unit's own by default.
    """

    id: str
    title: str
    points: Positive
    minutes: Annotated[int, msgspec.Meta(gt=0)]
    difficulty: Annotated[int, msgspec.Meta(ge=1, le=3)]
    functions: tuple[str, ...]
    forbidden: tuple[str, ...] = ()
    stretch: bool = False
    runtime: Runtime | None = None
    attempts: Attempts | None = None


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One inline *why* question: the student assigns a choice or a number to the variable named by ``id``."""

    id: str
    title: str
    points: Positive
    kind: Literal["choice", "number"]
    answer: str | float
    explanation: str
    choices: tuple[str, ...] = ()
    tolerance: float = 1e-6
    hints: dict[str, str] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    title: str
    summary: str
    exercise: tuple[Exercise, ...]
    question: tuple[Question, ...] = ()
    provided: tuple[str, ...] = ()
    runtime: Runtime = "numpy"
    feedback: Literal["hint", "example", "none"] = "hint"
    limits: Limits = Limits()
    attempts: Attempts | None = None


class Unit(msgspec.Struct, frozen=True):
    """A validated unit.  ``signatures`` maps the name of each function a test may call to its signature."""

    name: str
    title: str
    summary: str
    runtime: Runtime
    feedback: Literal["hint", "example", "none"]
    exercises: tuple[Exercise, ...]
    questions: tuple[Question, ...]
    signatures: dict[str, Signature]
    limits: Limits
    attempts: Attempts | None = None

    @property
    def max_points(self) -> float:
        """Sum of all points; 100 by rule."""
        return sum(e.points for e in self.exercises) + sum(q.points for q in self.questions)

    def runtime_of(self, exercise: Exercise) -> Runtime:
        """Return what the code of an exercise may import."""
        return exercise.runtime or self.runtime

    @property
    def runtimes(self) -> tuple[Runtime, ...]:
        """The unit's own runtime, then others that some of its exercises need."""
        return tuple(dict.fromkeys((self.runtime, *map(self.runtime_of, self.exercises))))

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all exercises, then of all questions."""
        return tuple(e.id for e in self.exercises) + tuple(q.id for q in self.questions)


def load_unit(path: Path) -> Unit:
    """Return the unit that ``path`` (its ``unit.toml``) describes.

    Raises:
        UsageError: the file cannot be read.
        AuthorError: it is not TOML, has a wrong key, a wrong type, a doubled id or points that do not sum to 100.
    """
    name = path.parent.name
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"unit={name}: cannot read unit.toml ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AuthorError(f"unit.toml is not valid TOML: {error}", unit=name) from error
    return unit_from_data(name, data)


def unit_from_data(name: str, data: dict[str, Any]) -> Unit:
    """Return the unit in decoded TOML data; raises ``AuthorError`` as :func:`load_unit` does."""
    try:
        file = msgspec.convert(data, _File)
    except msgspec.ValidationError as error:
        raise AuthorError(f"unit.toml: {error}", unit=name) from error
    signatures: dict[str, Signature] = {}
    for text in (*file.provided, *(f for e in file.exercise for f in e.functions)):
        try:
            signature = Signature.parse(text)
        except ValueError as error:
            raise AuthorError(f"unit.toml: {error}", unit=name) from error
        signatures[signature.name] = signature
    unit = Unit(name, file.title, file.summary, file.runtime, file.feedback, file.exercise, file.question, signatures, file.limits, file.attempts)
    _check(unit)
    return unit


def _check(unit: Unit) -> None:
    seen: set[str] = set()
    for id_ in unit.ids:
        if not _ID.match(id_):
            raise AuthorError(f"unit.toml: id={id_!r} is not a Python name of at most 51 characters", unit=unit.name)
        if id_ in seen:
            raise AuthorError(f"unit.toml: id={id_!r} appears twice", unit=unit.name)
        seen.add(id_)
    if abs(unit.max_points - 100) > 1e-9:
        raise AuthorError(f"unit.toml: points sum to {unit.max_points:g}, expected 100", unit=unit.name)
    for question in unit.questions:
        if question.kind == "choice" and question.answer not in question.choices:
            raise AuthorError(
                f"unit.toml: question={question.id}: answer={question.answer!r} is not in choices={list(question.choices)}", unit=unit.name
            )
        if question.kind == "number" and isinstance(question.answer, str):
            raise AuthorError(f"unit.toml: question={question.id}: answer={question.answer!r} is not a number", unit=unit.name)
