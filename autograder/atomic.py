"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def write_atomic(path: Path, content: bytes | str | Iterable[str], mode: int = 0o644) -> None:
    """Write bytes, or UTF-8 text whole or in pieces, so that a reader sees the old file or the new one, never a part.

    Folders above are made; a link of that name is replaced, not followed.

    Args:
        path: the file.
        content: what it holds.
        mode: who may read, write and run it; until all is written, only its owner may read and write.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name[:60]}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            for piece in (content,) if isinstance(content, bytes | str) else content:
                file.write(piece if isinstance(piece, bytes) else piece.encode("utf-8"))
        Path(temporary).chmod(mode)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
