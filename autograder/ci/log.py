"""What a code host's runner prints without obeying it."""

from __future__ import annotations

import os
import re
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from rich.console import Console

VARIABLE = "GITHUB_ACTIONS"
_COMMAND = re.compile(r"(^|[\r\n])((?:[^\S\r\n]|\ufeff)*)::")  # at the start of a line, after blanks
_OLD_COMMAND = "##["  # anywhere in a line


def harmless(text: str) -> str:
    """Return text in which no line is a workflow command: ``::name::`` becomes ``: :name::``, and ``##[name]`` becomes ``# #[name]``.

    Args:
        text: whole lines.
    """
    return _COMMAND.sub(r"\1\2: :", text.replace(_OLD_COMMAND, "# #["))


class HarmlessFile:
    """A file whose text is made harmless; each piece that is written begins a line.

    Args:
        file: gets the text.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> int:
        """Write text and return its length."""
        self._file.write(harmless(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Return what else the file has."""
        return getattr(self._file, name)


def protect_runner(*consoles: Console) -> None:
    """On a runner of GitHub's, let consoles print nothing from now on that the runner would obey; elsewhere change nothing."""
    if os.environ.get(VARIABLE):
        for console in consoles:
            console.file = cast("IO[str]", HarmlessFile(console.file))
