"""How a server is, told by its daemon or, when none runs, read from its folder."""

from __future__ import annotations

import time

from autograder.errors import AutograderError
from autograder.grading.journal import NAME, lines
from autograder.serve import hook, queue
from autograder.serve.config import Server
from autograder.serve.ledger import PushRecord


def status(server: Server) -> list[str]:
    """Return what to print: the daemon, the queue, and of each student and unit the grade that counts."""
    told: list[str] = []
    try:
        hook.ask(server.root, {"do": "status"}, told.append, time.monotonic() + 10)
    except OSError:
        wait = sum(len(queue.waiting(server, student)) for student in server.students())
        told = [f"not running; {wait} wait; start it with: autograder serve run {server.root}"]
    return [*told, *_grades(server)]


def _grades(server: Server) -> list[str]:
    counted: dict[tuple[str, str], PushRecord] = {}
    broken: dict[tuple[str, str], str] = {}  # commit of a later push that could not be graded
    try:
        for _, record in lines(server.results / NAME, PushRecord):
            name = (record.unit, record.student)
            if record.status != "graded" and name in counted and counted[name].status == "graded":
                broken[name] = record.commit
            else:
                counted[name] = record
                broken.pop(name, None)
    except (OSError, AutograderError) as error:
        return [f"results cannot be read: {error}"]
    return [
        f"{r.student:<24} {r.unit:<24} {f'{r.score:g}' if r.status == 'graded' else 'ungradable':>10}  {r.commit[:10]}  "
        f"received {time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(r.received_at))}"
        + (f"; {broken[name][:10]} could not be graded" if name in broken else "")
        for name, r in sorted(counted.items())
    ]
