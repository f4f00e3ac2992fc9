"""The same attackers as students who push: a real ``git push`` each to one server that runs all the time, and an honest student's after it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec

from autograder.feedback.text import number
from autograder.sandbox import Level
from autograder.serve.ledger import PushRecord
from tests.attacks.course import FEEDBACK, MARKS
from tests.attacks.machine import Traces, adopting, place
from tests.attacks.rows import Result, Row
from tests.attacks.site import Site, path_of
from tests.attacks.world import CANARY, EXPLANATION, World, explanation, verdict, weighed
from tests.serve.remote import Student

LONGEST = 20_000  # characters of what one push is told
_ORDERS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069]")


class _Pushed(msgspec.Struct):
    """One attacker's push and the honest one after it, to be judged when all is recorded."""

    row: Row
    student: str
    said: str
    next_wrong: Callable[[], list[str]]
    wrong: list[str]


@contextmanager
def site_of(level: Level, user: str, units: Sequence[str]) -> Iterator[tuple[Site, list[str]]]:
    """Run a server; the list holds, at the end, what was wrong with the whole run."""
    general: list[str] = []
    with place("pushes-") as folder, adopting(), closing(World(folder, user)) as world:
        site = Site(world, level, units)
        traces, before = Traces(world.temporary), world.digests()
        try:
            try:
                site.start()
                settings = site.settings()  # the daemon writes them when it starts
                yield site, general
                general += ["a file of the server was changed"] if site.settings() != settings else []
            finally:
                site.stop()
            general += [f"left behind: {what}" for what in traces.left()]
            general += ["a file of the course or of somebody else was changed"] if world.digests() != before else []
            general += ["the network was reached"] if world.reached() else []
            general += ["a file appeared in /tmp"] if any(Path(f"/tmp/{n}").exists() for n in ("owned", f"marker-{world.places['port']}")) else []
            general += ["the daemon printed a traceback"] if "Traceback" in site.remote.said() else []
            general += ["the daemon's terminal was given orders"] if _ORDERS.search(site.remote.said()) else []
        finally:
            traces.reap()


def selection(rows: Sequence[Row]) -> list[Row]:
    """Return the rows that can be pushed: all that are a file; what is no plain file has rows of its own among those of the server."""
    return [row for row in rows if row.place is None and row.probe is None and row.push is None]


def attack_pushes(rows: Sequence[Row], level: Level, user: str) -> list[Result]:
    """Return what came of each row, pushed by a student of its own."""
    where = f"push {level} {user}"
    units = list(dict.fromkeys(row.unit for row in rows))
    judged = []
    with site_of(level, user, units) as (site, general):
        pushed = [_one(site, row) for row in rows]
        found: dict[str, list[PushRecord]] = {}
        for record in site.remote.records():
            found.setdefault(record.student, []).append(record)
        judged = [(one, found.get(one.student, []), one.next_wrong()) for one in pushed]
    return [_judge(one, records, where, level, [*general, *one.wrong, *after]) for one, records, after in judged]


def _one(site: Site, row: Row) -> _Pushed:
    student, processes = site.join(), site.processes()
    student.write(site.world.submission(row, min(processes, default=0)), path_of(row.unit))
    student.commit()
    said, wrong = _push(student), []
    wrong += ["the grader or its worker was replaced"] if site.processes() != processes or not processes else []
    return _Pushed(row, student.name, said, site.next_one(row.unit), wrong)


def _push(student: Student) -> str:
    try:
        return student.push(check=False)
    except subprocess.TimeoutExpired:
        return "the push did not end"


def _judge(one: _Pushed, records: Sequence[PushRecord], where: str, level: Level, wrong: Sequence[str]) -> Result:
    row = one.row
    all_wrong = [*wrong, *said_wrong(one.said, hidden=row.unit in FEEDBACK)]
    all_wrong += [] if len(records) == 1 else [f"{len(records)} records: {one.said[-200:]}"]
    how = ""
    for record in records:
        all_wrong += verdict(row, record)
        points = f"{number(record.score)} of {number(record.max_score)} points" if record.status == "graded" else "could not be graded"
        all_wrong += [] if points in one.said else [f"it is not told {points!r}: {one.said[-200:]}"]
        how = explanation(row, record)
    return weighed(row, where, level, all_wrong, how)


def said_wrong(said: str, *, hidden: bool = False) -> list[str]:
    """Return what a push must not say; with ``hidden``, no hidden input either."""
    text = said.replace(EXPLANATION.decode(), "")
    wrong = ["the terminal was given orders"] if _ORDERS.search(text) else []
    wrong += ["the push was told something hidden"] if CANARY.decode() in text else []
    wrong += ["got through: the push was told a hidden input"] if hidden and any(mark.decode() in text for mark in MARKS) else []
    return wrong + ([f"the push was told {len(said)} characters"] if len(said) > LONGEST else [])
