"""The whole corpus: every row with the parts it is run through, the fast selection, and the numbers of the list it covers."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Sequence

from autograder.sandbox import Level
from tests.attacks.archives import ARCHIVES, attack_archives
from tests.attacks.cells import cell_rows
from tests.attacks.checks import CHECKS, READ, attack_checks
from tests.attacks.files import NOTEBOOKS, PLACES
from tests.attacks.pushes import attack_pushes, selection
from tests.attacks.rows import Result, Row
from tests.attacks.server import SERVER, attack_server
from tests.attacks.world import attack

LEVELS: tuple[Level, ...] = ("ns", "ll")
LISTED = frozenset(n for n in range(1, 153) if n % 3)  # numbers of the list that the corpus started from; a third was not written down
GRADED: tuple[Row, ...] = (*cell_rows(), *NOTEBOOKS, *PLACES)
CORPUS: tuple[Row, ...] = (*GRADED, *SERVER, *CHECKS, *ARCHIVES)


def fast(step: int, first: int = 0) -> tuple[Row, ...]:
    """Return a selection of the graded rows without the slow ones: every ``step``-th of each category, and all that have a number of the list no other one has."""
    quick = [row for row in GRADED if not row.slow]
    by_category = sorted(quick, key=lambda row: row.category)
    chosen = {row.id for _, rows in itertools.groupby(by_category, key=lambda row: row.category) for row in list(rows)[first::step]}
    return tuple(row for row in quick if row.id in chosen)


def runs(levels: Sequence[Level], users: Sequence[str]) -> dict[str, Callable[[], list[Result]]]:
    """Return the parts by name: graded at every level and as every user, through nbgrader, pushed to a server, checked in CI form, and read."""
    from tests.attacks.nbgrader import attack_nbgrader
    from tests.attacks.nbgrader import selection as in_nbgrader

    found: dict[str, Callable[[], list[Result]]] = {}
    for level in levels:
        for user in users:
            found[f"grade {level} {user}"] = functools.partial(attack, GRADED, level, user)
    for level in levels:
        found[f"nbgrader {level}"] = functools.partial(attack_nbgrader, in_nbgrader(GRADED, level), level)
    for level, user in dict.fromkeys([*zip(levels, users, strict=False), (levels[-1], users[-1])]) if levels else ():  # each level and each user once
        found[f"push {level} {user}"] = functools.partial(attack_pushes, selection(GRADED), level, user)
    for level in levels[:1]:
        found["push server"] = functools.partial(attack_server, SERVER, level, users[0])
    found["check github"] = functools.partial(attack_checks, (*CHECKS, *READ))
    found["collect"] = functools.partial(attack_archives, ARCHIVES)
    return found
