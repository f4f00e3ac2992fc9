"""What a mutation run found, as lines for a terminal and as a page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from benchmarks.mutation.equivalents import Sorted

_PREAMBLE = """\
# Mutation run

<!-- Written by `python -m benchmarks.mutation --write`; edit `solutions/UNIT/equivalent_mutants.toml` instead. -->

Each solution cell of a reference is broken in every small way there is an operator for: arithmetic, comparisons, conditions, constants, signs,
names and dictionary keys, swapped or dropped arguments, functions that are confused (`sum`, `mean`), transposes, slice ends, order of returned
values, sums that overwrite an argument, dropped statements. Functions that students get complete stay as they are. A mutant is killed when a
hidden test of its exercise fails or a call takes more than 2 seconds; the examples come from a fixed seed, `--secret TEXT` gives others.

A survivor that is a wrong answer is a gap in the tests. One that no test may fail is listed below with its reason; *share* leaves these out,
*raw* does not. `make mutation` ends with an error when a survivor has no reason or a reason no survivor.

| unit | mutants | killed | raw | explained | open | share | seconds |
|---|--:|--:|--:|--:|--:|--:|--:|
"""


class Result(msgspec.Struct, frozen=True):
    """A unit's figures.

    Args:
        unit: its name.
        mutants: how many there are.
        sorted: those that survived.
        seconds: wall time.
    """

    unit: str
    mutants: int
    sorted: Sorted
    seconds: float

    @property
    def explained(self) -> int:
        """How many survivors have a reason."""
        return sum(len(mutants) for _, mutants in self.sorted.explained)

    @property
    def killed(self) -> int:
        """How many did not survive."""
        return self.mutants - self.explained - len(self.sorted.open)

    @property
    def raw(self) -> float:
        """Killed ones among all."""
        return self.killed / max(self.mutants, 1)

    @property
    def share(self) -> float:
        """Killed ones among those that a test may fail."""
        return self.killed / max(self.mutants - self.explained, 1)

    @property
    def holds(self) -> bool:
        """Whether every survivor has a reason and every reason a survivor."""
        return not self.sorted.open and not self.sorted.stale


def lines(result: Result, *, explained: bool = False) -> Iterator[str]:
    """Yield what a terminal shows: the figures, open survivors, stale entries, and with ``explained`` the other survivors."""
    yield (
        f"{result.unit}: {result.mutants} mutants, {result.killed} killed ({result.raw:.1%}), {result.explained} explained, {len(result.sorted.open)} open; "
        f"share {result.share:.1%}, {result.seconds:.0f} s"
    )
    for mutant in result.sorted.open:
        yield f"  survives, {mutant.exercise} line {mutant.line}: {mutant.text}"
    for entry in result.sorted.stale:
        yield f"  stale, killed or gone: {entry}"
    for group, mutants in result.sorted.explained if explained else ():
        for mutant in mutants:
            yield f"  explained, {mutant.exercise} line {mutant.line}: {mutant.text} ({group.reason})"


def page(results: Sequence[Result]) -> str:
    """Return the page of all units."""
    rows = [
        f"| {r.unit} | {r.mutants} | {r.killed} | {r.raw:.1%} | {r.explained} | {len(r.sorted.open)} | {r.share:.1%} | {r.seconds:.0f} |\n"
        for r in results
    ]
    return _PREAMBLE + "".join(rows) + "".join(_section(r) for r in results)


def _section(result: Result) -> str:
    parts = [f"\n## {result.unit}\n"]
    for group, mutants in result.sorted.explained:
        parts.append(f"\n**{group.exercise}:** {group.reason}\n\n")
        parts += [f"- `{mutant.text}`\n" for mutant in mutants]
    if result.sorted.open:
        parts.append("\n**Open**\n\n")
        parts += [f"- {mutant.exercise}: `{mutant.text}`\n" for mutant in result.sorted.open]
    return "".join(parts)
