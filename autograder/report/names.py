"""A student's name as a folder name."""

from __future__ import annotations

import hashlib
import re
import unicodedata


def slug(student: str) -> str:
    """Return ASCII letters, digits, ``_ . -`` only; a name that had to change carries a hash, so names stay apart."""
    plain = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^A-Za-z0-9_.-]+", "-", plain).strip("-.")[:60]
    if plain == student:
        return plain
    digest = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{plain}-{digest}" if plain else f"student-{digest}"
