"""Run the whole corpus and write the table of results: ``python -m tests.attacks``; exit 1 when something was not held."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np

from autograder.sandbox import available_levels
from tests.attacks import faults, fuzz
from tests.attacks.corpus import CORPUS, LEVELS, runs
from tests.attacks.machine import users
from tests.attacks.rows import Result
from tests.attacks.table import page

KILLS, FAULTS, FUZZ = "kills", "faults", "fuzzing"


class Campaign(msgspec.Struct):
    """Results so far.

    Args:
        results: by part.
        lines: of the parts that are no rows, for the page.
    """

    results: dict[str, list[Result]] = {}
    lines: dict[str, list[str]] = {}


def main() -> int:
    """Run everything that this machine can, or the parts that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--page", type=Path, default=Path("docs/attacks.md"))
    parser.add_argument("--parts", help="names or beginnings of names, with commas; all by default")
    parser.add_argument("--results", type=Path, help="keeps results from one call to the next, so that parts can be run on their own")
    parser.add_argument("--trials", type=int, default=200, help="kills at random moments")
    parser.add_argument("--inputs", type=int, default=1_000_000, help="for the decoder; a tenth for the reader")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    reasons = available_levels()
    levels = [level for level in LEVELS if not reasons[level]]
    campaign = Campaign()
    if chosen.results is not None and chosen.results.exists():
        campaign = msgspec.json.decode(chosen.results.read_bytes(), type=Campaign)
    wanted = tuple(chosen.parts.split(",")) if chosen.parts is not None else ("",)
    started = time.monotonic()
    parts = runs(levels, users())
    for name, run in parts.items():
        if name.startswith(wanted) and chosen.parts != "":
            campaign.results[name] = run()
            _tell(started, name, campaign.results[name])
    others: dict[str, Callable[[], tuple[list[str], list[Result]]]] = {
        KILLS: lambda: _kills(chosen.trials, chosen.seed),
        FAULTS: _faults,
        FUZZ: lambda: _fuzz(chosen.inputs, chosen.seed),
    }
    for name, run_other in others.items():
        if name.startswith(wanted) and chosen.parts != "":
            campaign.lines[name], campaign.results[name] = run_other()
            _tell(started, name, campaign.results[name])
    if chosen.results is not None:
        chosen.results.write_bytes(msgspec.json.encode(campaign))
    facts = {
        "machine": f"{platform.system()} {platform.release().split('-')[0]}, {platform.machine()}, Python {platform.python_version()}, NumPy {np.__version__}",
        "levels": ", ".join(levels) + "".join(f"; not {level}: {reasons[level]}" for level in LEVELS if reasons[level]),
        "users": "root, and an ordinary user" if os.getuid() == 0 else "an ordinary user",
        "parts": "`grade` is `autograder grade`, `nbgrader` is `nbgrader autograde` with our step, `push` is a `git push` to `autograder serve`, `push server` is that server as the target, "
        "`check` is `autograder check` in CI form, `collect` reads archives and repositories",
    }
    order = list(parts)  # of the columns, in whatever order the parts were run
    named = sorted((name for name in campaign.results if name not in others), key=lambda name: order.index(name) if name in order else len(order))
    rows = [r for name in named for r in campaign.results[name]]
    chosen.page.write_text(page(CORPUS, rows, facts, [*campaign.lines.get(KILLS, []), *campaign.lines.get(FAULTS, [])], campaign.lines.get(FUZZ, [])), encoding="utf-8")
    return 1 if any(not r.held for results in campaign.results.values() for r in results) else 0


def _tell(started: float, name: str, results: list[Result]) -> None:
    print(f"{time.monotonic() - started:5.0f} s  {name}: {len(results)} runs, {sum(not r.held for r in results)} not held", flush=True)
    wrong: dict[str, list[str]] = {}
    for result in results:
        if not result.held:
            wrong.setdefault(result.how[:300], []).append(result.row)
    for how, rows in wrong.items():
        print(f"    {', '.join(rows[:3])}{f' and {len(rows) - 3} more' if len(rows) > 3 else ''}: {how}", flush=True)


def _kills(trials: int, seed: int) -> tuple[list[str], list[Result]]:
    results = faults.campaign(trials, seed, []).kills()
    return [f"{r.row}: {r.how}" for r in results], results


def _faults() -> tuple[list[str], list[Result]]:
    results = list(faults.campaign(0, 0, list(faults.FAULTS)).faults)
    return [f"{r.row}: {'held' if r.held else 'not held: ' + r.how}" for r in results], results


def _fuzz(inputs: int, seed: int) -> tuple[list[str], list[Result]]:
    figures = {"decoder": fuzz.decoder(inputs, seed), "reader of notebooks": fuzz.notebooks(inputs // 10, seed)}
    results = [Result(row=name, where=FUZZ, held=not figure.failures, how="; ".join(figure.failures[:5]) or figure.text()) for name, figure in figures.items()]
    return [f"{name}: {figure.text()}" for name, figure in figures.items()], results


if __name__ == "__main__":
    sys.exit(main())
