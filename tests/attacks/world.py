"""A class of attackers, each followed by an honest student, through the real ``autograder grade``; one result per row."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

import autograder
from autograder import records
from autograder.ci.log import VARIABLE as RUNNER
from autograder.grading.journal import Journal, lines
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.report.files import student_folders
from autograder.sandbox import Level
from autograder.submissions.names import from_folder_name, student_name
from tests.attacks.checks import obeyed
from tests.attacks.course import FEEDBACK, MARKS, UNITS, write_course
from tests.attacks.machine import Command, Traces, adopting, own, place
from tests.attacks.rows import Result, Row
from tests.grading_e2e.attacks import PREAMBLE
from tests.grading_e2e.small_course import notebook, unanswered

CANARY = b"CANARY"
EXPLANATION = b"CANARY of the explanation"  # which a right answer earns
PATIENCE = 900.0
_THROUGH = "got through"
_TIMES = ("student", "path", "seconds", "cpu_seconds", "started_at")
_HARMFUL = re.compile(rb"<script|<iframe|<svg onload|onerror=|href=.javascript:|\x1b|\xe2\x80\xae|\x00|CANARY")


class World:
    """A course with everything there is to steal, and what of it was touched.

    Attributes:
        course: all units.
    """

    def __init__(self, folder: Path, user: str) -> None:
        self.folder, self.user = folder, user
        self.course = write_course(folder / "course")
        self.temporary = folder / "temporary"
        self.temporary.mkdir()
        self._kept = folder / "kept"
        other = self._kept / "submitted" / "somebody" / UNITS["small"] / f"{UNITS['small']}.ipynb"
        other.parent.mkdir(parents=True)
        self.materials = {unit: Material(self.course, name) for unit, name in UNITS.items()}
        other.write_bytes(notebook(self.materials["small"], before="# CANARY of another submission"))
        with Journal(self._kept / "grades") as journal:
            journal.append(SubmissionRecord(UNITS["small"], "somebody", "", "0" * 64, "graded", 1.0, 100.0, messages=("CANARY of the records",)))
        self._listener = socket.create_server(("127.0.0.1", 0))  # without a thread: this process forks
        self._listener.setblocking(False)
        self.places: dict[str, object] = {
            "hidden": self.course.tests(UNITS["small"]) / "hidden" / "test_small.py",
            "reference": self.course.solutions(UNITS["small"]) / f"{UNITS['small']}.py",
            "misconceptions": self.course.solutions(UNITS["small"]) / "misconceptions.py",
            "secret": self.course.private / "secret",
            "records": self._kept / "grades" / "results.jsonl",
            "other": other,
            "course": self.course.root,
            "grader": Path(autograder.__file__).parent / "errors.py",
            "project": Path(autograder.__file__).parent.parent,
            "port": self._listener.getsockname()[1],
        }
        own(folder, user)

    def reached(self) -> bool:
        """Tell whether somebody has connected to the listening socket."""
        with contextlib.suppress(BlockingIOError):
            self._listener.accept()[0].close()
            return True
        return False

    def submission(self, row: Row, pid: int) -> bytes:
        """Return the notebook of a row; ``pid`` is the grader's."""
        material = self.materials[row.unit]
        if row.notebook is not None:
            return row.notebook(material)
        cell = row.cell
        for name, place_ in {**self.places, "pid": pid}.items():
            cell = cell.replace("{" + name + "}", str(place_))
        return unanswered(material, cell if row.plain else PREAMBLE + cell)

    def digests(self) -> dict[str, str]:
        """Return a hash of every file that an attack may want to change."""
        files = [p for root in (self.course.root, self._kept) for p in root.rglob("*") if p.is_file() and "examples" not in p.parts]
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    def close(self) -> None:
        """End the socket."""
        self._listener.close()


def folder_name(row: Row, number: int) -> str:
    """Return the name of the folder that a row's student hands in."""
    return row.name.replace("/", "_") or f"{number:03}"


def attack(rows: Sequence[Row], level: Level, user: str) -> list[Result]:
    """Return what came of each row, handed in for ``autograder grade`` at a level and as a user."""
    results: list[Result] = []
    with place() as folder, adopting():
        world = World(folder, user)
        try:
            for unit in UNITS:
                if chosen := [row for row in rows if row.unit == unit and row.probe is None]:
                    results += _class(world, unit, chosen, level)
        finally:
            world.close()
    order = {row.id: i for i, row in enumerate(rows)}
    return sorted(results, key=lambda result: order[result.row])


def _class(world: World, unit: str, rows: Sequence[Row], level: Level) -> list[Result]:
    """Grade one unit's attackers in one run."""
    where, name = f"grade {level} {world.user}", UNITS[unit]
    submitted, out = world.folder / f"submitted-{unit}", world.folder / f"grades-{unit}"
    alone = _alone(world, unit, level)
    traces, before = Traces(world.temporary), world.digests()
    arguments: list[str | Path] = ["grade", name, submitted, "--out", out, "--jobs", "1", "--sandbox", level]
    command = Command(arguments, course=world.course.root, temporary=world.temporary, user=world.user, before=_on_a_runner)
    fill(submitted, world, unit, rows, command.pid)
    out.mkdir()
    own(submitted, world.user)
    own(out, world.user)
    command.go()
    code, said, errors = command.finish(PATIENCE)
    general = [f"exit code {code}: {errors[-300:]}"] if code else []
    general += ["a traceback was printed"] if "Traceback" in said + errors else []
    general += ["the terminal was given orders"] if re.search(r"\x1b|(?m:^\s*::)", said + errors) else []
    general += obeyed(f"{said}\n{errors}")
    general += [f"left behind: {what}" for what in traces.left()]
    general += ["a file of the course or of somebody else was changed"] if world.digests() != before else []
    general += ["the network was reached"] if world.reached() else []
    general += ["a file appeared in /tmp"] if any(Path(f"/tmp/{n}").exists() for n in ("owned", f"marker-{world.places['port']}")) else []
    traces.reap()
    found: dict[str, list[SubmissionRecord]] = {}
    if (out / "results.jsonl").exists():
        for _, record in lines(out / "results.jsonl", SubmissionRecord):
            found.setdefault(record.student, []).append(record)
    judge = _Judge(out, found, alone, where, general, world.materials[unit])
    results = [judge.result(row, _student(row, number), level, f"{number:03} honest") for number, row in enumerate(rows)]
    shutil.rmtree(submitted)
    return results


def _on_a_runner() -> None:
    os.environ[RUNNER] = "true"


def fill(submitted: Path, world: World, unit: str, rows: Sequence[Row], pid: int) -> None:
    """Write the class: each row's submission, and an honest one that is graded after it."""
    name = UNITS[unit]
    honest = notebook(world.materials[unit])
    for number, row in enumerate(rows):
        for student in (folder_name(row, number), f"{number:03} honest"):
            path = submitted / student / name / f"{name}.ipynb"
            path.parent.mkdir(parents=True)
            if student.endswith(" honest") and student != row.name:
                path.write_bytes(honest)
            elif row.place is not None:
                row.place(path, world.materials[unit])
            else:
                path.write_bytes(world.submission(row, pid))


def _student(row: Row, number: int) -> str:
    return student_name(from_folder_name(folder_name(row, number)).name)


def _alone(world: World, unit: str, level: Level) -> dict[str, Any]:
    """Return the record of the honest submission when nobody else hands in anything."""
    name = UNITS[unit]
    folder = world.folder / f"alone-{unit}"
    path = folder / "in" / "honest" / name / f"{name}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(notebook(world.materials[unit]))
    own(folder, world.user)
    arguments: list[str | Path] = ["grade", name, folder / "in", "--out", folder / "out", "--jobs", "1", "--sandbox", level]
    command = Command(arguments, course=world.course.root, temporary=world.temporary, user=world.user)
    command.go()
    code, _, errors = command.finish(120.0)
    assert code == 0, errors
    (record,) = [record for _, record in lines(folder / "out" / "results.jsonl", SubmissionRecord)]
    assert record.score == record.max_score, told(record)
    return timeless(record)


def timeless(record: SubmissionRecord) -> dict[str, Any]:
    """Return a record without whose it is and how long it took."""
    data: dict[str, Any] = msgspec.to_builtins(record)
    for exercise in data["exercises"]:
        for test in exercise["tests"]:
            test.pop("seconds", None)
    return {key: value for key, value in data.items() if key not in _TIMES}


def told(record: SubmissionRecord) -> str:
    """Return all that a record says of failed tests, and why it is ungradable."""
    return "\n".join([record.reason, *(t.message for e in record.exercises for t in e.tests if t.outcome != "passed"), *record.messages]).strip()


class _Judge:
    """Holds what a class gave and says of each row whether it was held."""

    def __init__(
        self, out: Path, found: Mapping[str, Sequence[SubmissionRecord]], alone: Mapping[str, Any], where: str, general: Sequence[str], material: Material
    ) -> None:
        self._out, self._found, self._alone, self._where, self._general, self._material = out, found, alone, where, general, material
        self._folders = student_folders(found)

    def result(self, row: Row, student: str, level: Level, honest: str) -> Result:
        """Return a row's result."""
        found = self._found.get(student, ())
        wrong = [*self._general, *([] if len(found) == 1 else [f"{len(found)} records"])]
        how = ""
        for record in found:
            wrong += verdict(row, record)
            wrong += self._page(student, row)
            how = explanation(row, record)
        wrong += self._honest(honest)
        return weighed(row, self._where, level, wrong, how)

    def _honest(self, student: str) -> list[str]:
        found = self._found.get(student, ())
        if len(found) != 1:
            return [f"the next submission has {len(found)} records"]
        if timeless(found[0]) != self._alone:
            return [f"the next submission was graded otherwise than alone: {found[0].score} {told(found[0])[:200]}"]
        return []

    def _page(self, student: str, row: Row) -> list[str]:
        path = self._out / "feedback" / self._folders[student] / f"{self._material.name}.html"
        if not path.is_file():
            return ["there is no feedback page"]
        page = path.read_bytes().replace(EXPLANATION, b"")
        if match := _HARMFUL.search(page):
            return [f"its page holds {match[0]!r}"]
        if row.unit in FEEDBACK and any(mark in page for mark in MARKS):
            return [f"{_THROUGH}: its page holds a hidden input"]
        return []


def weighed(row: Row, where: str, level: Level, wrong: Sequence[str], how: str) -> Result:
    """Return a row's result: what went wrong, without what is known to get through on this level, or how it was held."""
    through = [w for w in wrong if w.startswith(_THROUGH)]
    if level in row.gaps and through:
        wrong = [w for w in wrong if w not in through]
        how = f"known gap: {_NUMBERS.sub('…', _PLACES.sub('…', through[0].removeprefix(f'{_THROUGH}: ')))[:100]}"
    return Result(row=row.id, where=where, held=not wrong, how="; ".join(wrong) or how)


def verdict(row: Row, record: SubmissionRecord) -> list[str]:
    """Return what a row got through with, judged by its record; the words say so when it is more than it deserves."""
    wrong, text = [], told(record)
    if (record.status == "ungradable") is not (row.points is None):
        wrong.append(f"{_THROUGH}: {record.status}, {text[:200]}")
    elif row.points is not None and record.score != row.points:
        wrong.append(f"{_THROUGH}: {record.score:g} points instead of {row.points:g}; {text[:300]}")
    raw = records.encode(record).replace(EXPLANATION, b"")
    if CANARY in raw:
        wrong.append("its record holds something hidden")
    if row.unit in FEEDBACK and any(mark in raw for mark in MARKS):
        wrong.append(f"{_THROUGH}: its record holds a hidden input")
    if row.refused and ("refused" not in text or "DONE" in text):
        wrong.append(f"{_THROUGH}: {text[:300]}")
    if row.said and not re.search(row.said, text, re.IGNORECASE):
        wrong.append(f"it is not said: {text[:200]}")
    return wrong


_PLACES = re.compile(r"(?:/[\w.@-]+){2,}")
_NUMBERS = re.compile(r"\b\d{4,}\b")


def explanation(row: Row, record: SubmissionRecord) -> str:
    """Return how a row was held, in a few words that are the same in every run."""
    text = told(record)
    if row.refused and (match := re.search(r"refused[^\n]*", text)):
        text = match[0].partition(" (cell")[0].replace("refused ZeroDivisionError division by zero", "nothing is there")
    elif record.status == "ungradable":
        text = f"ungradable: {record.reason}"
    else:
        first = next((line for line in text.splitlines() if "Not written" not in line and "Not answered" not in line), "")
        text = f"{record.score:g} points" + (f"; {first}" if first else "")
    return _NUMBERS.sub("…", _PLACES.sub("…", text))[:160]
