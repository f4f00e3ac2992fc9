"""The process that runs a student's notebook and its visible checks; started by :mod:`autograder.ci.isolated`."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from autograder.checking import check_notebook
from autograder.errors import UsageError


def main(notebook: str, result: str, exercise: str) -> None:
    """Check a notebook and write its report, or the reason why there is none, to a file."""
    try:
        report = msgspec.json.encode(check_notebook(Path(notebook), exercise or None))
    except UsageError as error:
        report = msgspec.json.encode(str(error))
    Path(result).write_bytes(report)


if __name__ == "__main__":
    main(*sys.argv[1:])
