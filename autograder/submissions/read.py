"""Matches the cells of an untrusted notebook to the reference's and puts them in the order they are to be run.

Nothing here executes, compiles or parses student code.  Points and locks in a submission's metadata are never looked at:
they come from the unit.  Locked set-up cells come from the reference.  What a student wrote is never dropped because an id
was lost, doubled, swapped or forged: such a cell is attributed by the function it defines, and a message says so.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Literal

import msgspec

from autograder.authoring.source import Reference, check_id, check_source
from autograder.errors import Ungradable
from autograder.submissions.notebook import RawCell, RawNotebook, parse_notebook

RunKind = Literal["setup", "exercise", "question", "added"]
_SKIPPED = ("check", "demo", "milestone")
_DEFINITION = re.compile(r"(?:async +def|def|class)[ \t]+([A-Za-z_]\w{0,100})|([A-Za-z_]\w{0,100})[ \t]*(?::[^=]{0,100})?=(?!=)")
_LINE = 300
_MAX_MESSAGES = 50


class StudentCell(msgspec.Struct, frozen=True):
    """One cell to be run.

    Args:
        id: unique in the submission; the exercise's or question's id for its first cell.
        kind: ``setup`` cells come from the reference, all others from the student.
        exercise: the exercise or question it belongs to; for an added cell, the one whose function it defines.
        source: text, neither parsed nor trusted except for set-up cells.
        label: how messages and tracebacks name the cell, such as ``cell 7 (affine_backward)``.
    """

    id: str
    kind: RunKind
    exercise: str | None
    source: str
    label: str


class Cells(msgspec.Struct, frozen=True):
    """A submission's cells in the order they are run, and what was repaired or ignored on the way."""

    cells: tuple[StudentCell, ...]
    messages: tuple[str, ...]


def read_submission(data: bytes, reference: Reference) -> Cells:
    """Return the cells of a submitted notebook.

    Args:
        data: the file's bytes.
        reference: the unit's reference notebook.

    Raises:
        Ungradable: the file is no notebook, or none of its cells belongs to the unit; the message is the reason.
    """
    notebook = parse_notebook(data)
    matching = _Matching(reference, notebook)
    foreign = notebook.unit != reference.unit and re.fullmatch(r"u\d\d_\w{1,40}", notebook.unit, re.ASCII) is not None
    if not matching.found or (foreign and not matching.solves_an_exercise):
        other = f"; it is marked as the notebook of {notebook.unit}" if foreign else ""
        raise Ungradable(f"the notebook has no solution cell of {reference.unit}{other}")
    messages = (*notebook.messages, *matching.messages)
    if len(messages) > _MAX_MESSAGES:
        messages = (*messages[:_MAX_MESSAGES], f"and {len(messages) - _MAX_MESSAGES} more messages")
    return Cells(tuple(_in_order(reference, matching.items)), messages)


class _Known(msgspec.Struct, frozen=True):
    """A cell of the built notebook: its role, position among the reference's cells, exercise and source."""

    role: str
    position: int
    exercise: str | None
    source: str


class _Item(msgspec.Struct):
    """A submitted code cell while it is being matched; ``role`` is final, ``known`` what its ids claim."""

    raw: RawCell
    role: str
    exercise: str | None
    known: _Known | None
    edited: bool
    owners: tuple[str, ...]

    @property
    def skipped(self) -> bool:
        return self.role in _SKIPPED or self.role == "setup"


class _Index:
    """Look-up tables over the reference, by id, by source and by defined name."""

    def __init__(self, reference: Reference) -> None:
        self.by_id: dict[str, _Known] = {}
        self.by_source: dict[str, _Known] = {}
        self.stubs: dict[str, str] = {}
        self.kinds: dict[str, str] = {}
        names: Counter[str] = Counter()
        owners: dict[str, str] = {}
        for position, cell in enumerate(reference.cells):
            if cell.kind == "markdown":
                continue
            self._add(cell.id, _Known(cell.kind, position, cell.exercise, cell.source))
            if cell.exercise is None:
                continue
            self._add(check_id(cell.exercise), _Known("check", position, cell.exercise, check_source(cell.exercise)))
            self.kinds[cell.exercise] = cell.kind
            self.stubs[cell.exercise] = _squeezed(reference.stub(cell.exercise))
            for name in _definitions(reference.solution(cell.exercise), assignments=False):
                names[name] += 1
                owners[name] = cell.exercise
        self.owners = {name: owner for name, owner in owners.items() if names[name] == 1} | {id_: id_ for id_ in self.kinds}

    def _add(self, id_: str, known: _Known) -> None:
        self.by_id[id_] = known
        if known.exercise is None or known.role == "check":
            self.by_source.setdefault(_squeezed(known.source), known)

    def owners_of(self, source: str) -> tuple[str, ...]:
        """Return the exercises and questions whose names the source defines at its left margin, in order of appearance."""
        return tuple(dict.fromkeys(self.owners[name] for name in _definitions(source) if name in self.owners))


class _Matching:
    """Decides for every submitted code cell what it is; ``items`` in the student's order."""

    def __init__(self, reference: Reference, notebook: RawNotebook) -> None:
        self.index = _Index(reference)
        self.messages: list[str] = []
        self.items: list[_Item] = []
        self._sources = {_squeezed(raw.source) for raw in notebook.cells if raw.is_code}
        self._used: set[tuple[str, int]] = set()
        for raw in notebook.cells:
            if raw.is_code:
                if (item := self._item(raw)) is not None:
                    self.items.append(item)
            elif (known := self._claim(raw, ())) is not None and known.role in self.index.kinds.values():
                self.messages.append(f"cell {raw.number} ({known.exercise}) is not a code cell and is not run")
        self._restore_lost()
        self._rescue_misplaced()
        self._report()

    @property
    def found(self) -> bool:
        """Whether any cell belongs to an exercise or question of the unit."""
        return any(item.exercise is not None or item.owners for item in self.items if not item.skipped)

    @property
    def solves_an_exercise(self) -> bool:
        """Whether any cell belongs to an exercise; two units may share the name of a question."""
        kinds = self.index.kinds
        return any(kinds.get(id_) == "exercise" for item in self.items if not item.skipped for id_ in (item.exercise or "", *item.owners))

    def _claim(self, raw: RawCell, owners: tuple[str, ...]) -> _Known | None:
        claims = [self.index.by_id[id_] for id_ in raw.ids if id_ in self.index.by_id]
        defining = [known for known in claims if known.role in ("exercise", "question") and known.exercise in owners]
        return next(iter(defining or claims), None)

    def _item(self, raw: RawCell) -> _Item | None:
        squeezed = _squeezed(raw.source)
        owners = self.index.owners_of(raw.source)
        known = self._claim(raw, owners)
        if known is None:
            known = self.index.by_source.get(squeezed)
            if known is None:
                return self._unlabelled(raw, squeezed, owners)
        if known.role in ("exercise", "question"):
            return self._solution(raw, known, squeezed, owners)
        original = _squeezed(known.source)
        edited = squeezed != original
        again = original in self._sources or (known.role, known.position) in self._used
        self._used.add((known.role, known.position))
        if edited and again and squeezed:
            self.messages.append(f"cell {raw.number} repeats the id of a {_name(known.role)} cell with other content; it is run as an added cell")
            return _added(raw, owners)
        if edited and known.role == "setup":
            self.messages.append(f"cell {raw.number} is a changed set-up cell; grading uses the original, so put your own code in a cell of its own")
        elif edited and known.role == "check" and squeezed:
            self.messages.append(f"cell {raw.number} is a changed check cell; check cells are not run in grading")
        return _Item(raw, known.role, None, known, edited, owners)

    def _solution(self, raw: RawCell, known: _Known, squeezed: str, owners: tuple[str, ...]) -> _Item:
        exercise = known.exercise
        assert exercise is not None
        if len(owners) == 1 and owners[0] != exercise:
            self.messages.append(f"cell {raw.number} is labelled {exercise} but defines {owners[0]}; it counts for {owners[0]}")
            exercise = owners[0]
        return _Item(raw, self.index.kinds[exercise], exercise, known, squeezed != self.index.stubs[exercise], owners)

    def _unlabelled(self, raw: RawCell, squeezed: str, owners: tuple[str, ...]) -> _Item | None:
        if raw.role in _SKIPPED and any(id_.startswith(f"{raw.role}-") for id_ in raw.ids):
            return _Item(raw, raw.role, None, None, True, owners)  # a demonstration of an earlier build of the unit
        return _added(raw, owners) if squeezed else None

    def _restore_lost(self) -> None:
        labelled = {item.exercise for item in self.items if item.role in ("exercise", "question")}
        for item in self.items:
            if item.role != "added" or len(item.owners) != 1 or item.owners[0] in labelled:
                continue
            item.exercise = item.owners[0]
            item.role = self.index.kinds[item.exercise]
            item.edited = _squeezed(item.raw.source) != self.index.stubs[item.exercise]
            labelled.add(item.exercise)
            self.messages.append(f"cell {item.raw.number} has lost its id; it counts for {item.exercise}, which it defines")

    def _rescue_misplaced(self) -> None:
        """Run a changed check, demo or set-up cell that holds the only answer to an exercise."""
        answered = {owner for item in self.items if not item.skipped and item.edited for owner in (*item.owners, item.exercise)}
        for item in self.items:
            open_ = [owner for owner in item.owners if owner not in answered]
            if item.skipped and item.edited and open_:
                self.messages.append(f"cell {item.raw.number} is a {_name(item.role)} cell but defines {', '.join(open_)}; it is run as the answer")
                item.role, item.exercise = self.index.kinds[open_[0]], open_[0]

    def _report(self) -> None:
        count = Counter(item.exercise for item in self.items if item.role in ("exercise", "question"))
        defined = {owner for item in self.items if not item.skipped for owner in item.owners}
        for exercise, kind in self.index.kinds.items():
            if count[exercise] > 1:
                numbers = ", ".join(str(item.raw.number) for item in self.items if item.exercise == exercise and item.role != "added")
                self.messages.append(f"{exercise} has {count[exercise]} cells ({numbers}); all are run, in order")
            elif not count[exercise] and exercise not in defined:
                self.messages.append(f"{exercise}: the notebook has no cell for this {kind}")


def _in_order(reference: Reference, items: list[_Item]) -> list[StudentCell]:
    """Return set-up cells from the reference and the student's cells, each set-up cell before whatever follows it there."""
    position: dict[str | None, int] = {cell.exercise: number for number, cell in enumerate(reference.cells) if cell.exercise is not None}
    setups = [(number, cell) for number, cell in enumerate(reference.cells) if cell.kind == "setup"]
    done: list[StudentCell] = []
    count: Counter[str] = Counter()

    def set_up(before: float) -> None:
        while setups and setups[0][0] < before:
            _, cell = setups.pop(0)
            count["setup"] += 1
            done.append(StudentCell(cell.id, "setup", None, cell.source, f"set-up cell {count['setup']}"))

    set_up(min(position.values(), default=0))  # what stands above the first exercise
    waiting = [position[item.exercise] for item in items if item.role in ("exercise", "question")]
    for item in items:
        if item.skipped:  # a set-up cell the student sees above an added cell is run above it, unless an exercise must come first
            set_up(min(item.known.position + 1 if item.known else 0, *waiting, len(reference.cells)))
            continue
        if item.role in ("exercise", "question"):
            set_up(position[item.exercise])
            waiting.remove(position[item.exercise])
        done.append(_student_cell(item, count))
    set_up(len(reference.cells))
    return done


def _student_cell(item: _Item, count: Counter[str]) -> StudentCell:
    number, exercise = item.raw.number, item.exercise
    if item.role == "added" or exercise is None:
        count["added-"] += 1
        owner = item.owners[0] if len(item.owners) == 1 else None
        return StudentCell(f"added-{count['added-']}", "added", owner, item.raw.source, f"cell {number} (added)")
    count[exercise] += 1
    id_ = exercise if count[exercise] == 1 else f"{exercise}-{count[exercise]}"
    kind: RunKind = "question" if item.role == "question" else "exercise"
    return StudentCell(id_, kind, exercise, item.raw.source, f"cell {number} ({exercise})")


def _added(raw: RawCell, owners: tuple[str, ...]) -> _Item:
    return _Item(raw, "added", None, None, True, owners)


def _name(role: str) -> str:
    return {"setup": "set-up", "demo": "demonstration"}.get(role, role)


def _squeezed(source: str) -> str:
    return " ".join(source.split())


def _definitions(source: str, *, assignments: bool = True) -> list[str]:
    found = (_DEFINITION.match(line[:_LINE]) for line in source.splitlines())
    return [match[1] or match[2] for match in found if match and (match[1] or assignments)]
