"""A hash of what a notebook's code cells say, by which a built notebook is known again."""

from __future__ import annotations

import hashlib

from autograder.submissions.notebook import parse_notebook


def digest(data: bytes) -> str:
    """Return a hash of a notebook's code cells; outputs, counts and metadata do not change it; raises ``Ungradable``."""
    sources = [cell.source.strip() for cell in parse_notebook(data).cells if cell.is_code]
    return hashlib.sha256("\0".join(filter(None, sources)).encode()).hexdigest()


__all__ = ["digest"]
