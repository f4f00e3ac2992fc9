"""Where a course's files are, and its secret."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

import msgspec

from autograder.errors import UsageError
from autograder.unit import Unit, load_unit

SECRET_VARIABLE = "AUTOGRADER_SECRET"  # noqa: S105 - the variable's name
COURSE_VARIABLE = "AUTOGRADER_COURSE"


class Course(msgspec.Struct, frozen=True):
    """A course folder: ``solutions/``, ``assignments/``, ``tests/units/``.

    Args:
        root: absolute path.
    """

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Course:
        """Return the course that ``start`` (by default the working folder) lies in.

        Raises:
            UsageError: no folder above holds ``solutions`` and ``tests/units``.
        """
        named = os.environ.get(COURSE_VARIABLE)
        first = (start or Path(named or ".")).resolve()
        for folder in (first, *first.parents):
            if (folder / "solutions").is_dir() and (folder / "tests" / "units").is_dir():
                return cls(folder)
        raise UsageError(f"folder={str(first)!r}: no course here (expected solutions/ and tests/units/ in it or above it); run this in the course's folder or set {COURSE_VARIABLE}")

    def units(self) -> tuple[str, ...]:
        """Return the names of all units, in order."""
        return tuple(sorted(p.parent.name for p in (self.root / "solutions").glob("*/unit.toml")))

    def unit(self, name: str) -> Unit:
        """Return a unit; raises ``UsageError`` for an unknown name and ``AuthorError`` for a wrong ``unit.toml``."""
        if name not in self.units():
            raise UsageError(f"unit={name!r} does not exist; this course has {', '.join(self.units()) or 'no units'}")
        return load_unit(self.solutions(name) / "unit.toml")

    def solutions(self, unit: str) -> Path:
        """Return the folder of a unit's reference."""
        return self.root / "solutions" / unit

    def assignment(self, unit: str) -> Path:
        """Return the folder students get."""
        return self.root / "assignments" / unit

    def tests(self, unit: str) -> Path:
        """Return the folder of a unit's tests."""
        return self.root / "tests" / "units" / unit

    @property
    def private(self) -> Path:
        """Folder of the secret and of what derives from it; never published, never committed."""
        return self.root / ".autograder"

    def secret(self) -> bytes:
        """Return the course's secret, from the environment or its file; made on first use, readable by its owner only."""
        if text := os.environ.get(SECRET_VARIABLE):
            return text.strip().encode()
        path = self.private / "secret"
        self.private.mkdir(mode=0o700, exist_ok=True)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_bytes().strip()
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
        return path.read_bytes().strip()

    def tests_sha256(self, unit: str) -> str:
        """Return a hash of everything that decides a unit's grades: tests, reference, misconceptions and ``unit.toml``."""
        digest = hashlib.sha256()
        files = [p for p in self.tests(unit).rglob("*.py") if "__pycache__" not in p.parts]
        files += [p for p in self.solutions(unit).iterdir() if p.suffix == ".py" or p.name == "unit.toml"]
        for path in sorted(files):
            digest.update(str(path.relative_to(self.root)).encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()
