"""What a child printed, made safe to show."""

from __future__ import annotations

import io
import re
from typing import Any

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")


def clean(raw: bytes, limit: int) -> str:
    """Return printable text: no terminal escapes, controls, bidirectional marks or surrogates; cut after ``limit`` bytes."""
    text = _ESCAPES.sub("", raw[:limit].decode("utf-8", "replace"))
    text = "".join(c if c.isprintable() or c in "\n\t" else "" if c == "\r" else "\N{REPLACEMENT CHARACTER}" for c in text)
    return text + ("\n[output cut]" if len(raw) > limit else "")


class BoundedOutput(io.RawIOBase):
    """A raw stream that passes on its first ``limit`` bytes and swallows the rest, so that printing never fails."""

    def __init__(self, fd: int, limit: int) -> None:
        super().__init__()
        self._file = io.FileIO(fd, "wb", closefd=False)
        self._left = limit

    def fileno(self) -> int:
        """Return the descriptor written to."""
        return self._file.fileno()

    def writable(self) -> bool:
        """Say yes."""
        return True

    def write(self, data: Any, /) -> int:
        """Write what still fits and claim to have written all."""
        view = memoryview(data).cast("B")
        part = view[: max(self._left, 0)]
        if part:
            self._left -= len(part)
            self._file.write(part)
        return len(view)
