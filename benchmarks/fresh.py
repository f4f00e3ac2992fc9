"""Grade one notebook in a fresh interpreter: the cells, then the hidden tests in the same process, then the scores as JSON."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from pathlib import Path
from typing import Any

import nbformat

from benchmarks.inprocess import Tests


def main(pack: Path, style: str, notebook: Path, exercises: list[str]) -> None:
    """Run the notebook's graded cells and print each exercise's share of passed tests."""
    namespace: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.redirect_stdout(io.StringIO()):
        for cell in nbformat.read(notebook, as_version=4).cells:
            if cell.cell_type == "code":
                with contextlib.suppress(Exception):
                    exec(cell.source, namespace)  # noqa: S102 - trusted code of this benchmark
    tests = Tests(pack, style)
    print(json.dumps({exercise: tests.share(exercise, namespace) for exercise in exercises}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), sys.argv[4:])
