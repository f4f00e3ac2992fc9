"""Attacks on a code host's runner: ``autograder check --format github`` on notebooks that give it orders.

The runner is the student's own, so nothing here is confined; what must hold is that no text of a notebook is obeyed by the code
host, and that a check that fails is never shown as passed by accident.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from autograder.assembly import build_assignment
from autograder.grading.material import Material
from tests.attacks.course import UNITS, write_course
from tests.attacks.machine import Command, place
from tests.attacks.rows import Result, Row
from tests.grading_e2e.small_course import unanswered

WHERE = "check github"
FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE")
_ALLOWED = {"error", "warning", "notice", "group", "endgroup", "stop-commands"}
_MARKED = re.compile(r"(?<!\\)[<`\]\[#]")  # what a backslash does not escape
_COMMAND = re.compile(r"^\s*(?:::|##\[)([\w-]+)")
_ORDERS = ("::error file=x::owned", "::set-output name=x::owned", "::add-mask::e", "::add-path::/owned", "##[add-path]/owned", "  ::set-env name=PATH::owned", "\\r::save-state name=x::owned", "\\ufeff::debug::owned", "::stop-commands::owned", "::owned::")
_PRINTED = "\n".join(f"print('{order}')" for order in _ORDERS)
_MARKUP = "</details></code>\n```\n~~~\n<img src=owned onerror=alert(1)>\n# owned\n````"


def _row(id_: str, aim: str, cell: str, *, said: str = "", slow: bool = False) -> Row:
    return Row(id=f"check: {id_}", aim=aim, category="report", listed=(125,), cell=cell, plain=True, said=said, slow=slow)


CHECKS: tuple[Row, ...] = (
    _row("workflow commands printed", "give orders to the CI", _PRINTED),
    _row("workflow commands on the standard error", "give orders to the CI", "import os\nos.write(2, b'\\n::error::owned\\n##[add-path]/owned\\n')\nos.write(1, b'\\n::add-mask::a\\n')\n"),
    _row("workflow commands in an exception", "give orders to the CI", f"def double(x):\n    raise ValueError('x\\n' + '\\n'.join({_ORDERS!r}))\n"),
    _row("workflow commands in an answer", "give orders to the CI", "def double(x):\n    return 'x\\n::error::owned\\r\\n::set-output name=a::b'\n"),
    _row("workflow commands in a cell that does not parse", "give orders to the CI", "x = (\n::set-output name=x::owned\n"),
    _row("workflow commands in an exception's name", "give orders to the CI", "raise type('E\\n::set-output name=x::owned\\n', (Exception,), {})('x')\n"),
    _row("markup", "write into the summary", f"print({_MARKUP!r})\ndef double(x):\n    raise ValueError({_MARKUP!r})\n"),
    _row("command files", "change later steps of the CI", f"import os\nfor n in {FILES!r}:\n    try:\n        open(os.environ[n], 'a').write('owned=1\\n')\n    except KeyError:\n        pass\n"),
    _row("exit with success", "end the check before it fails", "import os\nos._exit(0)\n", said="ended the process|no report"),
    _row("exit with success in a function", "end the check before it fails", "import os\ndef double(x):\n    os._exit(0)\n"),
    _row("crash", "end the check before it fails", "import ctypes\nctypes.string_at(0)\n", said="ended the process"),
    _row("terminal codes", "hide what was printed before", "print('\\x1b[2J\\x1b]0;x\\x07\\x1b[8m')\ndef double(x):\n    raise ValueError('\\x1b[2J\\u202e')\n"),
    _row("100 MB of output", "fill the log", "for _ in range(100):\n    print('x' * 10**6)\n", slow=True),
)  # fmt: skip


def attack_checks(rows: Sequence[Row]) -> list[Result]:
    """Return what came of each notebook when its owner's CI checks it."""
    with place("checks-") as folder:
        material = Material(write_course(folder / "course"), UNITS["small"])
        assignment = build_assignment(material)
        assignment = assignment if assignment.is_dir() else assignment.parent
        return [_one(row, material, assignment, folder) for row in rows]


def _one(row: Row, material: Material, assignment: Path, folder: Path) -> Result:
    path = assignment / "hostile.ipynb"
    path.write_bytes(unanswered(material, row.cell))
    temporary = folder / "temporary"
    temporary.mkdir(exist_ok=True)
    files = {name: folder / name for name in (*FILES, "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("")
    before = {name: os.environ.get(name) for name in files}
    os.environ |= {name: str(file) for name, file in files.items()}
    try:
        command = Command(["check", path, "--format", "github"], course=material.course.root, temporary=temporary)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.__setitem__(name, value)
    command.go()
    code, said, errors = command.finish(120.0)
    summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
    wrong = [] if code == 1 else [f"got through: exit code {code}: {errors[-200:]}"]
    wrong += obeyed(said + "\n" + errors)
    wrong += [f"got through: {name} was written" for name in FILES if files[name].read_text()]
    wrong += [f"got through: markup in the summary: {line[:80]}" for line in outside_fences(summary).splitlines() if "owned" in line and _MARKED.search(line)]
    wrong += ["got through: the terminal was given orders"] if re.search(r"[\x1b\u202e]", said + errors + summary) else []
    wrong += ["the log is not cut"] if len(said) > 1_000_000 else []
    wrong += [f"left behind: {[p.name for p in temporary.iterdir()]}"] if list(temporary.iterdir()) else []
    if row.said and not re.search(row.said, said + errors + summary):
        wrong.append(f"it is not said: {said[-300:]}")
    commands = len([line for line in said.splitlines() if line.startswith("::error")])
    return Result(row=row.id, where=WHERE, held=not wrong, how="; ".join(wrong) or f"exit code 1, {commands} annotations of ours, no order of the notebook's")


def obeyed(text: str) -> list[str]:
    """Return the orders in a log that a code host would obey and that are not ours."""
    found, token = [], ""
    for line in re.split(r"\r\n|\n|\r", text):
        match = _COMMAND.match(line.removeprefix("\ufeff"))
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif match and match[1] == "stop-commands":
            token = line.strip().removeprefix("::stop-commands::")
            found += ["got through: the notebook stops commands"] if token == "owned" else []
        elif match and match[1] not in _ALLOWED:
            found.append(f"got through: the log gives the order {line[:80]!r}")
    return found


def outside_fences(text: str) -> str:
    """Return what of a Markdown text stands in no code block."""
    kept, fence = [], ""
    for line in text.splitlines():
        match = re.match(r"^ {0,3}(`{3,}|~{3,})", line)
        if fence:
            fence = "" if match and match[1].startswith(fence) and not line.strip().strip(fence[0]) else fence
        elif match:
            fence = match[1]
        else:
            kept.append(line)
    return "\n".join(kept)
