"""Looks for hidden things in what students get: by content, in every file, archive, notebook and commit.

Hidden are the solutions, misconceptions, alternatives, hidden tests, explanations of answers and the course's secret.  A line
of theirs that is long enough to be told from other code, and that stands nowhere in the public sources, may not occur in a
published byte.  The hints of misconceptions are public: they are what a check tells a student.
"""

from __future__ import annotations

import ast
import base64
import binascii
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

import autograder
from autograder.authoring.markers import BEGIN, END
from autograder.course import Course
from autograder.errors import CHECK_FAILED, AutograderError

SHORTEST = 24  # characters of a line, without indentation, that tell it from other code
_MAX_UNPACKED = 100_000_000
_MAX_DEPTH = 4
_HIDDEN_NAMES = frozenset({"solutions", "hidden", ".autograder", "misconceptions.py", "alternatives.py", "unit.toml"})
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")
_LITERAL = re.compile(r"""[rf]?(["'])(?P<text>.*)\\n\1,?""")  # one line of code, as a string in a list of lines
_CELL_METADATA = frozenset({"autograder", "deletable", "editable", "nbgrader", "tags", "jupyter"})
_NOTEBOOK_METADATA = frozenset({"autograder", "kernelspec", "language_info"})


class LeakError(AutograderError):
    """Something hidden would be, or is, in what students get."""

    exit_code = CHECK_FAILED


class Leak(msgspec.Struct, frozen=True):
    """Where something hidden was found, and what it is."""

    where: str
    what: str

    def __str__(self) -> str:
        """Return one sentence; it names the hidden line by its place, so that it can be printed in a log."""
        return f"{self.where}: {self.what}"


class Hidden(msgspec.Struct, frozen=True):
    """What may not be published.

    Args:
        lines: hidden line with single blanks → the file it is of.
        secret: the course's secret.
    """

    lines: dict[str, str]
    secret: bytes

    @classmethod
    def of(cls, course: Course) -> Hidden:
        """Return what is hidden in a course, less what its public sources say too."""
        found = {line: where for where, text in _hidden_texts(course) for line in _plain(text) if len(line) >= SHORTEST}
        public = _Finder(found)
        for text in _public_texts(course):
            for line, _ in public.matches(text):
                found.pop(line, None)
        return cls(found, course.secret())


def find_leaks(hidden: Hidden, files: Mapping[str, bytes]) -> list[Leak]:
    """Return what is hidden and yet in some files: by content, by name, and notebooks that are not empty.

    Args:
        hidden: see :meth:`Hidden.of`.
        files: content by path.
    """
    leaks = []
    for name, data in files.items():
        if bad := _HIDDEN_NAMES & set(name.split("/")):
            leaks.append(Leak(name, f"the name {min(bad)!r} belongs to hidden files"))
        if name.endswith(".ipynb"):
            leaks += [Leak(name, fault) for fault in _notebook_faults(data)]
    return leaks + scan(hidden, files.items())


def scan(hidden: Hidden, blobs: Iterable[tuple[str, bytes]]) -> list[Leak]:
    """Return hidden lines and the secret in some bytes, also where they are zipped, compressed, encoded or quoted."""
    finder = _Finder(hidden.lines)
    leaks: dict[Leak, None] = {}
    for name, data in blobs:
        for where, part in _unpacked(name, data, 0):
            if hidden.secret and hidden.secret in part:
                leaks[Leak(where, "the course's secret")] = None
            for _, source in finder.matches(part.decode("utf-8", "replace")):
                leaks[Leak(where, f"a line of {source}")] = None
    return list(leaks)


class _Finder:
    """Finds any of many lines inside texts, in one pass over each."""

    def __init__(self, lines: Mapping[str, str]) -> None:
        self._sources = dict(lines)
        self._starts: dict[str, list[str]] = {}
        for line in lines:
            self._starts.setdefault(line[:SHORTEST], []).append(line)

    def matches(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield each hidden line that occurs, with its file."""
        whole = " ".join(text.replace('\\"', '"').split())
        starts = self._starts
        for position in range(len(whole) - SHORTEST + 1):
            for line in starts.get(whole[position : position + SHORTEST], ()):
                if whole.startswith(line, position):
                    yield line, self._sources[line]


def _plain(text: str) -> Iterator[str]:
    """Yield the lines of a text with single blanks between words, without the quotes around a line that is one string."""
    for line in text.splitlines():
        literal = _LITERAL.fullmatch(line.strip())
        yield " ".join((literal["text"] if literal else line).split())


def _hidden_texts(course: Course) -> Iterator[tuple[str, str]]:
    for name in course.units():
        folder = course.solutions(name)
        solved, _ = _parted((folder / f"{name}.py").read_text("utf-8"))
        yield f"solutions/{name}/{name}.py", solved
        for kind in ("misconceptions.py", "alternatives.py"):
            if (folder / kind).is_file():
                yield f"solutions/{name}/{kind}", _without_hints((folder / kind).read_text("utf-8"))
        yield f"solutions/{name}/unit.toml", "\n".join(q.explanation for q in course.unit(name).questions)
        for path in sorted((course.tests(name) / "hidden").rglob("*.py")):
            yield f"tests/units/{name}/hidden/{path.name}", path.read_text("utf-8")


def _public_texts(course: Course) -> Iterator[str]:
    for name in course.units():
        yield _parted((course.solutions(name) / f"{name}.py").read_text("utf-8"))[1]
        for path in sorted((course.tests(name) / "visible").rglob("*.py")):
            yield path.read_text("utf-8")
        misconceptions = course.solutions(name) / "misconceptions.py"
        if misconceptions.is_file():
            yield "\n".join(_constants(misconceptions.read_text("utf-8"), "hint"))
        unit = course.unit(name)
        yield "\n".join([unit.title, unit.summary, *(e.title for e in unit.exercises), *(q.title for q in unit.questions)])
    for path in sorted(Path(autograder.__file__).parent.rglob("*.py")):
        yield path.read_text("utf-8")


def _parted(reference: str) -> tuple[str, str]:
    """Return a reference's solution regions and the rest of it; the lines a student gets instead belong to the rest."""
    solved, rest = [], []
    inside = False
    for line in reference.splitlines():
        bare = line.strip()
        if bare in (BEGIN, END):
            inside = bare == BEGIN
        elif inside and not bare.startswith("#|"):
            solved.append(line)
        else:
            rest.append(re.sub(r"^(\s*)#\| ?", r"\1", line))
    return "\n".join(solved), "\n".join(rest)


def _without_hints(source: str) -> str:
    """Return a file of variants without the lines of its hints, titles and notes, then the text of each of its code strings."""
    told: set[int] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in ("hint", "note"):
            told |= set(range(node.value.lineno, (node.value.end_lineno or node.value.lineno) + 1))
    kept = [line for number, line in enumerate(source.splitlines(), 1) if number not in told]
    return "\n".join([*kept, *_constants(source, "source", "edits")])


def _constants(source: str, *keywords: str) -> Iterator[str]:
    """Yield the texts that are given for some keywords in a file of variants."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg in keywords:
            yield from (n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _unpacked(name: str, data: bytes, depth: int) -> Iterator[tuple[str, bytes]]:
    """Yield some bytes and everything packed inside them, with where it is."""
    yield name, data
    if depth >= _MAX_DEPTH:
        return
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(item.file_size for item in archive.infolist()) > _MAX_UNPACKED:
                raise LeakError(f"{name}: more than {_MAX_UNPACKED} bytes when unpacked; nothing of that size is published")
            for item in archive.infolist():
                yield from _unpacked(f"{name}/{item.filename}", archive.read(item), depth + 1)
    elif data[:2] in (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x1f\x8b"):
        unpacker = zlib.decompressobj(47)  # zlib or gzip
        try:
            yield from _unpacked(f"{name} (unpacked)", unpacker.decompress(data, _MAX_UNPACKED), depth + 1)
        except zlib.error:
            return
    elif name.endswith((".ipynb", ".json")):
        for text in _strings(data):
            yield name, text.encode("utf-8", "replace")
            yield from _decoded(name, text, depth)


def _decoded(name: str, text: str, depth: int) -> Iterator[tuple[str, bytes]]:
    for match in _BASE64.findall("".join(text.split())):
        try:
            yield from _unpacked(f"{name} (base64)", base64.b64decode(match, validate=True), depth + 1)
        except binascii.Error:
            continue


def _strings(data: bytes) -> Iterator[str]:
    """Yield every text of a JSON document, a list of lines as one."""
    try:
        waiting = [json.loads(data)]
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            yield "".join(value)
        elif isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]


def _notebook_faults(data: bytes) -> Iterator[str]:
    """Yield what a published notebook may not have: outputs, counts, attachments, and metadata beyond the build's own."""
    notebook: dict[str, Any] = json.loads(data)
    if extra := set(notebook.get("metadata", {})) - _NOTEBOOK_METADATA:
        yield f"the notebook's metadata has {min(extra)!r}"
    for number, cell in enumerate(notebook["cells"], 1):
        if cell.get("outputs") or cell.get("execution_count") is not None or cell.get("attachments"):
            yield f"cell {number} has outputs, a count or attachments"
        if extra := set(cell.get("metadata", {})) - _CELL_METADATA:
            yield f"the metadata of cell {number} has {min(extra)!r}"
