"""A push server of the corpus's course with its daemon, students' repositories, and what an honest student's push gives there."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from autograder.assembly import build_assignment
from autograder.course import COURSE_VARIABLE
from autograder.records import SubmissionRecord
from autograder.sandbox import Level
from autograder.serve.config import Server, init
from autograder.serve.ledger import PushRecord
from autograder.serve.students import add
from tests.attacks.course import UNITS
from tests.attacks.machine import USERS, own
from tests.attacks.world import World, timeless
from tests.grading_e2e.command import PROJECT, children, wait_until
from tests.grading_e2e.small_course import notebook
from tests.serve.remote import Remote, Student

_CHANGING = re.compile(r" at [0-9a-f]{10}:| \(\d+\.\d s\)")
_FIELDS = SubmissionRecord.__struct_fields__


class ServerOfWorld(Remote):
    """A server whose commands have the world's environment.

    Args:
        world: with the course.
        root: the server's folder.
    """

    def __init__(self, world: World, root: Path) -> None:
        user = USERS[world.user] if os.geteuid() == 0 else 0
        super().__init__(root, world.course.root, user or None)
        self._world = world

    def environment(self) -> dict[str, str]:
        """Return the environment of the server's commands."""
        temporary = str(self._world.temporary)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        canary = {"COURSE_PASSWORD": "CANARY of the environment"}
        return {**kept, COURSE_VARIABLE: str(self.course), "PYTHONPATH": str(PROJECT), "NO_COLOR": "1", "COLUMNS": "120", "TMPDIR": temporary, "HOME": temporary, **canary}


class Site:
    """One server that runs for many pushes.

    Args:
        world: with the course and who runs all commands.
        level: sandbox level.
        units: names in ``UNITS`` of the units that are graded.

    Attributes:
        alone: by unit, what an honest student's push was told and recorded before anybody else pushed.
    """

    def __init__(self, world: World, level: Level, units: Sequence[str]) -> None:
        self.world, self.level, self._units = world, level, units
        self.material, self.course = world.materials["small"], world.course
        self.alone: dict[str, tuple[str, dict[str, Any]]] = {}
        self._numbers, self._made = itertools.count(), list[Remote]()
        self.clones = world.folder / "clones"
        self.clones.mkdir(exist_ok=True)
        build_assignment(self.material)
        own(world.folder, world.user)
        self.remote = self.new_remote()
        world.places["records"] = self.remote.server.results / "results.jsonl"

    def new_remote(self) -> Remote:
        """Make another server; its daemon, if it is started, ends with the site."""
        root = self.world.folder / f"server{next(self._numbers)}"
        init(root, self.course, [UNITS[unit] for unit in self._units])
        own(root, self.world.user)
        self._made.append(ServerOfWorld(self.world, root))
        return self._made[-1]

    def start(self) -> None:
        """Start the daemon, wait until it is ready for every unit, and have an honest student push each."""
        self.remote.start("--jobs", "1", "--sandbox", self.level)
        ready = [f"is ready for {UNITS[unit]}" for unit in self._units]
        assert wait_until(lambda: all(text in self.remote.said() for text in ready)), self.remote.said()
        for unit in self._units:
            student = self.join()
            said = self.honest(student, unit)
            (record,) = self.remote.records(student.name)
            assert record.score == record.max_score, said
            self.alone[unit] = graded_lines(said), plain(record)

    def stop(self) -> None:
        """End all daemons."""
        for remote in self._made:
            remote.stop()

    def join(self, remote: Remote | None = None, user: int | None = None) -> Student:
        """Add a student, by default with the account of the server, and return their clone."""
        server, name = (remote or self.remote).server, f"student{next(self._numbers)}"
        add(server, name, user=None if user is None else str(user))
        return Student(remote or self.remote, name, self.clones, self.remote.user if user is None else user)

    def honest(self, student: Student, unit: str = "small") -> str:
        """Push right answers and return what is said."""
        student.write(notebook(self.world.materials[unit]), path_of(unit))
        student.commit()
        return student.push(check=False)

    def processes(self) -> set[int]:
        """Return the daemon and its workers."""
        daemon = self.remote._daemon
        if daemon is None or daemon.poll() is not None:
            return set()
        return {daemon.pid} | children(daemon.pid)

    def next_one(self, unit: str = "small") -> Callable[[], list[str]]:
        """Have an honest student push; return a function that, once all is recorded, says what was not as if they were alone."""
        student = self.join()
        said = self.honest(student, unit)

        def wrong() -> list[str]:
            found = self.remote.records(student.name)
            told, record = self.alone[unit]
            if len(found) != 1:
                return [f"the next push has {len(found)} records: {said[-300:]}"]
            if plain(found[0]) != record:
                return [f"the next push was graded otherwise than alone: {found[0].score}"]
            return [] if graded_lines(said) == told else [f"the next push was told something else: {said[-300:]}"]

        return wrong

    def settings(self) -> dict[str, str]:
        """Return a hash of each file that decides how the server works."""
        server: Server = self.remote.server
        files = [server.config, *(p for p in server.hooks.iterdir() if p.is_file())]
        return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def path_of(unit: str) -> str:
    """Return where a unit's notebook lies in a repository."""
    return f"assignments/{UNITS[unit]}/{UNITS[unit]}.ipynb"


def plain(record: PushRecord) -> dict[str, Any]:
    """Return what a push record says as any submission's, without whose it is and how long it took."""
    return timeless(msgspec.convert({name: getattr(record, name) for name in _FIELDS}, SubmissionRecord, from_attributes=True))


def graded_lines(said: str) -> str:
    """Return what a push told of its grade, without what differs from one push to the next."""
    lines = [line.removeprefix("remote:").removeprefix(" ") for line in said.splitlines() if line.startswith("remote:")]
    return _CHANGING.sub("", "\n".join(line for line in lines if not line.endswith("grading …") and not line.startswith("queued;")))
