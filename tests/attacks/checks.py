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
from tests.attacks.files import NOTEBOOKS
from tests.attacks.machine import Command, place
from tests.attacks.rows import Result, Row
from tests.grading_e2e.small_course import notebook, unanswered

WHERE = "check github"
FILES = ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE")
_ALLOWED = {"error", "warning", "notice", "group", "endgroup", "stop-commands"}
_MARKED = re.compile(r"(?<!\\)[<`\]\[#]")  # what a backslash does not escape
_COMMAND = re.compile(r"^\s*::([\w-]+)")
_OLD_COMMAND = re.compile(r"##\[([\w-]+)[^\]]*\]")  # obeyed wherever it stands in a line that is no command of the other form
_ANNOTATION = re.compile(r"::(error|warning|notice) file=(?P<file>[^,:]*)(,line=\d+)?(,title=[^,:]*)?::[^\r\n]*")
_ORDERS = ("::error file=x::owned", "::set-output name=x::owned", "::add-mask::e", "::add-path::/owned", "##[add-path]/owned", "  ::set-env name=PATH::owned", "\\r::save-state name=x::owned", "\\ufeff::debug::owned", "::stop-commands::owned", "::owned::")
_PRINTED = "\n".join(f"print('{order}')" for order in _ORDERS)
_MARKUP = "</details></code>\n```\n~~~\n<img src=owned onerror=alert(1)>\n# owned\n````"


_RIGHT = "def double(x):\n    return 2.0 * x\n"
_PERCENT = "%0A::set-output name=x::owned%0D%0A##[add-path]/owned%250A::add-mask::e %3A%3Aset-env%2Cname=x,file=owned::y %"


def _row(id_: str, aim: str, cell: str, *, said: str = "", slow: bool = False) -> Row:
    return Row(id=f"check: {id_}", aim=aim, category="report", listed=(125,), cell=cell, plain=True, said=said, slow=slow)


def _right(id_: str, aim: str, before: str) -> Row:
    return Row(id=f"check: {id_}", aim=aim, category="report", listed=(125,), notebook=lambda m: notebook(m, before=before), points=100.0)


def _named(id_: str, name: str) -> Row:
    return Row(id=f"check: file named as {id_}", aim="give orders to the CI", category="report", listed=(121,), name=name, notebook=lambda m: notebook(m, {"double": "def double(x):\n    return x\n"}))


CHECKS: tuple[Row, ...] = (
    _row("workflow commands printed", "give orders to the CI", _PRINTED),
    _row("workflow commands on the standard error", "give orders to the CI", "import os\nos.write(2, b'\\n::error::owned\\n##[add-path]/owned\\n')\nos.write(1, b'\\n::add-mask::a\\n')\n"),
    _row("workflow commands in an exception", "give orders to the CI", f"def double(x):\n    raise ValueError('x\\n' + '\\n'.join({_ORDERS!r}))\n"),
    _row("workflow commands in an answer", "give orders to the CI", "def double(x):\n    return 'x\\n::error::owned\\r\\n::set-output name=a::b'\n"),
    _row("workflow commands in a cell that does not parse", "give orders to the CI", "x = (\n::set-output name=x::owned\n"),
    _row("workflow commands in an exception's name", "give orders to the CI", "raise type('E\\n::set-output name=x::owned\\n', (Exception,), {})('x')\n"),
    _row("percent codes in an exception", "give orders to the CI once they are decoded", f"print({_PERCENT!r})\ndef double(x):\n    raise ValueError({_PERCENT!r})\n"),
    _row("percent codes in an exception's name", "give orders to the CI once they are decoded", f"raise type({_PERCENT!r}, (Exception,), {{}})({_PERCENT!r})\n"),
    _row("orders in the middle of a line", "give orders to the CI", "print('x ##[add-mask]e')\ndef double(x):\n    raise ValueError('x ##[set-output name=owned]y')\n"),
    _named("a workflow command", "::set-output name=x::owned"),
    _named("a command after a line break", "x\n::add-mask::e\r\n##[add-path]owned"),
    _named("percent codes", "x%0A::add-mask::e%250A"),
    _named("properties of an annotation", "x,line=1,title=owned::owned"),
    _named("markup", "![owned](http:evil) `|<img src=owned> owned"),
    _right("right answers among orders", "fail the check of what is right, or give orders to the CI", _PRINTED),
    _row("exit of a wrong notebook with success at its very end", "pass with wrong answers", "import atexit, os\natexit.register(os._exit, 0)\ndef double(x):\n    return x\n"),
    _row("summary by its variable", "write into the summary", "import os\nfor n in ('GITHUB_STEP_SUMMARY', 'GITHUB_WORKSPACE', 'GITHUB_EVENT_PATH'):\n    if n in os.environ:\n        open(os.environ[n], 'a').write('# owned <b>\\n')\n"),
    _row("markup", "write into the summary", f"print({_MARKUP!r})\ndef double(x):\n    raise ValueError({_MARKUP!r})\n"),
    _row("command files", "change later steps of the CI", f"import os\nfor n in {FILES!r}:\n    try:\n        open(os.environ[n], 'a').write('owned=1\\n')\n    except KeyError:\n        pass\n"),
    _row("exit with success", "end the check before it fails", "import os\nos._exit(0)\n", said="ended the process|no report"),
    _row("exit with success in a function", "end the check before it fails", "import os\ndef double(x):\n    os._exit(0)\n"),
    _row("crash", "end the check before it fails", "import ctypes\nctypes.string_at(0)\n", said="ended the process"),
    _row("terminal codes", "hide what was printed before", "print('\\x1b[2J\\x1b]0;x\\x07\\x1b[8m')\ndef double(x):\n    raise ValueError('\\x1b[2J\\u202e')\n"),
    _row("100 MB of output", "fill the log", "for _ in range(100):\n    print('x' * 10**6)\n", slow=True),
)  # fmt: skip


# What a reader must refuse, and what it must take in spite of it; nothing of these is run, or nothing that could do harm: a check confines nothing.
READ: tuple[Row, ...] = tuple(row for row in NOTEBOOKS if row.unit == "small" and row.points in (None, 100.0) and not row.slow and 112 not in row.listed)


def attack_checks(rows: Sequence[Row]) -> list[Result]:
    """Return what came of each notebook when its owner's CI checks it."""
    with place("checks-") as folder:
        material = Material(write_course(folder / "course"), UNITS["small"])
        assignment = build_assignment(material)
        assignment = assignment if assignment.is_dir() else assignment.parent
        return [_one(row, material, assignment, folder) for row in rows]


def _one(row: Row, material: Material, assignment: Path, folder: Path) -> Result:
    path = assignment / f"{row.name or 'hostile'}.ipynb"
    path.write_bytes(row.notebook(material) if row.notebook is not None else unanswered(material, row.cell))
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
    path.unlink()
    summary = files["GITHUB_STEP_SUMMARY"].read_text("utf-8")
    expected = 0 if row.points == 100.0 else 1
    wrong = [] if code == expected else [f"got through: exit code {code}: {errors[-200:]}"]
    wrong += obeyed(said + "\n" + errors)
    wrong += [f"got through: an annotation is not ours: {line[:200]}" for line in _heard(said)[0] if line.startswith(("::error", "::warning", "::notice")) and not _ours(line, path)]
    wrong += [f"got through: {name} was written" for name in FILES if files[name].read_text()]
    wrong += [f"got through: markup in the summary: {line[:80]}" for line in outside_fences(summary).splitlines() if "owned" in line and _MARKED.search(line)]
    wrong += ["got through: the terminal was given orders"] if re.search(r"[\x1b\u202e]", said + errors + summary) else []
    wrong += ["the log is not cut"] if len(said) > 1_000_000 else []
    wrong += [f"left behind: {[p.name for p in temporary.iterdir()]}"] if list(temporary.iterdir()) else []
    if row.said and expected and not re.search(row.said, said + errors + summary):
        wrong.append(f"it is not said: {said[-300:]}")
    commands = len([line for line in said.splitlines() if line.startswith("::error")])
    return Result(row=row.id, where=WHERE, held=not wrong, how="; ".join(wrong) or f"exit code {expected}, {commands} annotations of ours, no order of the notebook's")


def _ours(line: str, path: Path) -> bool:
    """Tell whether a line is an annotation of this file, of which a code host reads nothing else."""
    match = _ANNOTATION.fullmatch(line)
    if match is None:
        return False
    file = match["file"]
    for mark, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):  # as the host does
        file = file.replace(code, mark)
    return file.rpartition("/")[2] == path.name or not set(path.name).isdisjoint("\r\n")


def obeyed(text: str) -> list[str]:
    """Return the orders in a log that a code host would obey and that are not ours."""
    lines, found = _heard(text)
    for line in lines:
        match = _COMMAND.match(line)
        if (match and match[1] not in _ALLOWED) or (not match and _OLD_COMMAND.search(line)):
            found.append(f"got through: the log gives the order {line[:80]!r}")
    return found


def _heard(text: str) -> tuple[list[str], list[str]]:
    """Return the lines of a log while commands are not stopped, and whether a notebook stopped them."""
    heard, found, token = [], [], ""
    for raw in re.split(r"\r\n|\n|\r", text):
        line = raw.removeprefix("\ufeff")
        match = _COMMAND.match(line)
        if token:
            token = "" if line.strip() == f"::{token}::" else token
        elif match and match[1] == "stop-commands":
            token = line.strip().removeprefix("::stop-commands::")
            found += ["got through: the notebook stops commands"] if token == "owned" else []
        else:
            heard.append(line)
    return heard, found


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
