"""A selection of the corpus, through the real grader; ``make attacks`` runs all of it at every level and as every user."""

from __future__ import annotations

import functools
import re
from pathlib import Path

import msgspec
import pytest

from autograder.records import SubmissionRecord
from autograder.sandbox import Level, available_levels
from tests.attacks.archives import ARCHIVES, attack_archives
from tests.attacks.checks import CHECKS, READ, attack_checks, obeyed, outside_fences
from tests.attacks.corpus import CORPUS, GRADED, LISTED, fast
from tests.attacks.machine import users
from tests.attacks.pushes import attack_pushes, said_wrong
from tests.attacks.rows import Result, Row
from tests.attacks.server import SERVER, attack_server
from tests.attacks.table import page
from tests.attacks.world import attack, verdict

PAGE = Path(__file__).parents[2] / "docs" / "attacks.md"
SLOW = ("endless loop that ignores signals", "one byte at a time", "sandbox: thread bomb", "infinite iterable")
SELECTION: dict[tuple[Level, str], tuple[Row, ...]] = {
    ("ns", users()[0]): (*fast(6), *(row for row in GRADED if row.id in SLOW[:2])),
    ("ll", users()[-1]): (*fast(6, 3), *(row for row in GRADED if row.id in SLOW[2:])),
}
CHECKED = (*(row for row in CHECKS[::4] if not row.slow), *READ[::20])
PUSHED = tuple(row for row in GRADED if row.id in ("hidden tests", "patched NumPy", "terminal codes and reversed text", "forged points and results", "cut-off file", "inputs printed", "inputs returned as the answer"))
AT_THE_SERVER = tuple(row for row in SERVER if row.id.removeprefix("push: ") in ("folder named ..", "hooks, filters and programs in the tree", "variables of the environment", "another's repository by the own key", "eight pushes of one student at once"))
RUNS = [pytest.param(level, user, row.id, id=f"{level} {user}: {row.id}") for (level, user), rows in SELECTION.items() for row in rows]


@functools.cache
def graded(level: Level, user: str) -> dict[str, Result]:
    """Return the results of one run, by row."""
    if reason := available_levels()[level]:
        pytest.skip(f"level {level} does not work here: {reason}")
    return {result.row: result for result in attack(SELECTION[level, user], level, user)}


@functools.cache
def checked() -> dict[str, Result]:
    """Return the results of the checks in CI form and of the readers of archives."""
    return {result.row: result for result in (*attack_checks(CHECKED), *attack_archives(ARCHIVES))}


@functools.cache
def pushed() -> dict[str, Result]:
    """Return what came of the pushes, and of the attacks on the server, which is another one."""
    if reason := available_levels()["ns"]:
        pytest.skip(f"level ns does not work here: {reason}")
    return {result.row: result for result in (*attack_pushes(PUSHED, "ns", users()[0]), *attack_server(AT_THE_SERVER, "ns", users()[0]))}


@pytest.mark.parametrize(("level", "user", "row"), RUNS)
def test_attack_is_held(level: Level, user: str, row: str) -> None:
    """An attack gets what its answers deserve, and the honest submission after it is graded as if it were alone."""
    result = graded(level, user)[row]
    assert result.held, result.how


@pytest.mark.parametrize("row", [row.id for row in (*CHECKED, *ARCHIVES)])
def test_attack_on_another_part_is_held(row: str) -> None:
    """A notebook gives the CI no orders, and an archive or a repository makes nothing appear and nothing run."""
    result = checked()[row]
    assert result.held, result.how


@pytest.mark.parametrize("row", [row.id for row in (*PUSHED, *AT_THE_SERVER)])
def test_attack_by_push_is_held(row: str) -> None:
    """A pushed attack is told and recorded as it deserves, the server is unharmed, and the honest push after it is told what it is told alone."""
    result = pushed()[row]
    assert result.held, result.how


@pytest.mark.parametrize(
    ("said", "hidden", "wrong"),
    [
        ("100 of 100 points", True, ""), ("x\x1b[2Jx", False, "terminal"), ("a\u202eb", False, "terminal"), ("CANARY", False, "hidden"),
        ("CANARY of the explanation", False, ""), ("31.41592", True, "hidden input"), ("31.41592", False, ""), ("x" * 30_000, False, "characters"),
    ],
)  # fmt: skip
def test_what_a_push_must_not_say_is_found(said: str, hidden: bool, wrong: str) -> None:
    """Control codes, hidden text, hidden inputs and floods in the answer to a push are found."""
    found = "; ".join(said_wrong(said, hidden=hidden))
    assert found == "" if not wrong else wrong in found


def test_what_gets_through_is_seen() -> None:
    """The same attacks without a sandbox are reported as not held: what is out of reach above is really there."""
    rows = [row for row in GRADED if row.id in ("hidden tests", "course folder", "network", "patched NumPy")]
    found = {result.row: result for result in attack(rows, "none", users()[0])}
    assert {row: result.held for row, result in found.items()} == {"hidden tests": False, "course folder": False, "network": False, "patched NumPy": False}
    assert "got through: 0 points" not in found["patched NumPy"].how
    assert "the network was reached" in found["patched NumPy"].how  # said of the whole run
    assert "something hidden" in found["hidden tests"].how
    assert "DONE" in found["course folder"].how


ROW = Row(id="x", aim="x", category="forge", cell="x", points=40.0)
RECORD = SubmissionRecord("u90_small", "x", "", "0" * 64, "graded", 40.0, 100.0)
VERDICTS: dict[str, tuple[Row, SubmissionRecord, str]] = {
    "what it deserves": (ROW, RECORD, ""),
    "more points": (ROW, msgspec.structs.replace(RECORD, score=41.0), "41 points instead of 40"),
    "fewer points": (ROW, msgspec.structs.replace(RECORD, score=0.0), "0 points instead of 40"),
    "not graded": (ROW, msgspec.structs.replace(RECORD, status="ungradable"), "ungradable"),
    "graded": (msgspec.structs.replace(ROW, points=None), RECORD, "graded"),
    "something hidden": (ROW, msgspec.structs.replace(RECORD, messages=("CANARY",)), "hidden"),
    "no refusal": (msgspec.structs.replace(ROW, refused=True), RECORD, "got through"),
    "refused and done": (msgspec.structs.replace(ROW, refused=True), msgspec.structs.replace(RECORD, messages=("refused", "DONE")), "got through"),
    "other words": (msgspec.structs.replace(ROW, said="nested"), RECORD, "not said"),
    "hidden input": (msgspec.structs.replace(ROW, unit="surface"), msgspec.structs.replace(RECORD, messages=("31.41592",)), "hidden input"),
}  # fmt: skip


@pytest.mark.parametrize("case", VERDICTS)
def test_verdict_of_a_record(case: str) -> None:
    """A record is held only when points, status, words and what it does not hold are all as they should be."""
    row, record, wrong = VERDICTS[case]
    said = "; ".join(verdict(row, record))
    assert said == "" if not wrong else wrong in said


@pytest.mark.parametrize(
    ("log", "orders"),
    [
        ("::error file=a::text ::set-output::x", 0), ("::set-output name=a::b", 1), ("  ::add-mask::x", 1), ("##[add-path]/x", 1), ("x ::set-env::y", 0),
        ("::stop-commands::k3y\n::set-output name=a::b\n::k3y::", 0), ("::stop-commands::k3y\n::k3y::\n::debug::x", 1), ("a\r::set-env name=x::y", 1),
        ("x ##[add-mask]y", 1), ("::error file=a::x ##[add-path]y", 0), ("x ##[add-mask", 0),
    ],
)  # fmt: skip
def test_orders_in_a_log_are_found(log: str, orders: int) -> None:
    """What a code host would obey is found in a log, and what is switched off or ours is not."""
    assert len(obeyed(log)) == orders


def test_text_in_code_blocks_is_left_out() -> None:
    """A fence ends only with as many marks of its own kind."""
    assert outside_fences("a\n````text\n```\nowned\n~~~\n````\nb") == "a\nb"


def test_the_corpus_is_large_and_whole() -> None:
    """There are at least 150 attacks under names of their own, each in one form, and they cover the whole list."""
    assert len(CORPUS) >= 150
    assert len({row.id for row in CORPUS}) == len(CORPUS)
    assert {n for row in CORPUS for n in row.listed} == LISTED
    assert all(sum(bool(form) for form in (row.cell, row.notebook, row.place, row.probe, row.push)) == 1 for row in CORPUS)


def test_the_committed_page_has_every_attack() -> None:
    """``docs/attacks.md`` has a line for each attack of the corpus, in their order, and none of them was not held."""
    written = PAGE.read_text("utf-8")
    lines = [line for line in page(CORPUS, [], {}).splitlines() if line.startswith("| ")]
    names = [re.split(r"(?<!\\)\|", line)[2] for line in lines]
    assert [re.split(r"(?<!\\)\|", line)[2] for line in written.splitlines() if line.startswith("| ")] == names
    assert "✗ |" not in written
    assert " 0 not held." in written


def test_known_gaps_are_the_ones_of_the_table() -> None:
    """The page shows a gap only for attacks that say so themselves."""
    gaps = {row.id for row in CORPUS if row.gaps}
    shown = [line for line in PAGE.read_text("utf-8").splitlines() if "○" in line and line.startswith("| ")]
    plain = {re.sub(r"\\(.)", r"\1", re.split(r"(?<!\\)\|", line)[2]).strip() for line in shown}
    assert plain <= gaps
