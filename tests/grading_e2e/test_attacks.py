"""Attacks from inside a submission, through the real grader, in every sandbox level that this machine gives."""

from __future__ import annotations

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import autograder
from autograder import records
from autograder.course import Course
from autograder.grading.journal import Journal
from autograder.grading.material import Material
from autograder.grading.worker import Grader
from autograder.records import SubmissionRecord
from autograder.report.pages import write_reports
from autograder.sandbox import Level, available_levels
from autograder.submissions.collect import Submission
from tests.grading_e2e.attacks import ATTACKS, PREAMBLE, REACH, Attack
from tests.grading_e2e.command import PATIENCE, PROJECT
from tests.grading_e2e.small_course import UNIT, hand_in, notebook, unanswered

CANARY = "CANARY"
LEVELS: tuple[Level, ...] = tuple(level for level in get_args(Level) if level != "none")
OPEN_WITHOUT = [attack.id for attack in REACH if attack.open_without]


class Scene:
    """Everything there is to steal, and a grader for each level.

    Attributes:
        taken: connections that the listening socket has seen.
        graded: every attack's record.
    """

    def __init__(self, course: Course, material: Material, folder: Path) -> None:
        self.material, self.folder, self.taken = material, folder, 0
        self.graded: dict[str, SubmissionRecord] = {}
        self._graders: dict[Level, Grader] = {}
        other = hand_in(folder / "submitted", {"somebody": notebook(material, before="# CANARY of another submission")})
        with Journal(folder / "grades") as journal:
            journal.append(
                SubmissionRecord(UNIT, "somebody", "", "0" * 64, "graded", 1.0, 100.0, messages=("CANARY of the records",)),
            )
        for path in (folder / "submitted").rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._listen, daemon=True).start()
        self.places = {
            "hidden": course.tests(UNIT) / "hidden" / "test_small.py",
            "reference": course.solutions(UNIT) / f"{UNIT}.py",
            "misconceptions": course.solutions(UNIT) / "misconceptions.py",
            "secret": course.private / "secret",
            "records": folder / "grades" / "results.jsonl",
            "other": other / "somebody" / UNIT / f"{UNIT}.ipynb",
            "course": course.root,
            "grader": Path(autograder.__file__).parent / "errors.py",
            "project": Path(autograder.__file__).parent.parent,
            "pid": os.getpid(),
            "port": self._listener.getsockname()[1],
        }

    def _listen(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.taken += 1
            with connection:
                connection.sendall(b"CANARY of the network")

    def grader(self, level: Level) -> Grader:
        """Return the grader of a level, or skip with the reason why there is none."""
        if reason := available_levels()[level]:
            pytest.skip(f"level {level} does not work here: {reason}")
        return self._graders.setdefault(level, Grader(self.material, level, slot=8))

    def attack(self, level: Level, attack: Attack) -> SubmissionRecord:
        """Grade an attack."""
        cell = attack.cell
        if attack.category == "reach":
            for name, place in self.places.items():
                cell = cell.replace("{" + name + "}", str(place))
        prefix = "" if attack.category == "parse" else PREAMBLE
        record = self.grader(level).grade(Submission(f"{level} {attack.id}", None, unanswered(self.material, prefix + cell)))
        self.graded[record.student] = record
        return record

    def honest(self, level: Level) -> SubmissionRecord:
        """Grade right answers."""
        return self.grader(level).grade(Submission("honest", None, notebook(self.material)))

    def digests(self) -> dict[str, str]:
        """Return a hash of every file that an attack may want to change."""
        roots = (self.material.course.root, self.folder / "grades", self.folder / "submitted")
        files = [p for root in roots for p in root.rglob("*") if p.is_file() and "examples" not in p.parts]
        return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

    def close(self) -> None:
        """End all graders and the socket."""
        for grader in self._graders.values():
            grader.close()
        self._listener.close()


@pytest.fixture(scope="module")
def scene(course: Course, material: Material, open_folder: Path) -> Iterator[Scene]:
    """The scene of all attacks; the grader's environment holds something to steal as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COURSE_PASSWORD", "CANARY of the environment")
        scene = Scene(course, material, open_folder / "class")
        yield scene
        scene.close()


def told(record: SubmissionRecord) -> str:
    """Return all messages of a record's failed tests."""
    return "\n".join(t.message for e in record.exercises for t in e.tests if t.outcome == "failed")


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("name", ATTACKS)
def test_attack_earns_what_its_answers_deserve(scene: Scene, level: Level, name: str) -> None:
    """An attack gets its deserved points and nothing else, and right answers graded after it by the same grader get all."""
    before, taken = scene.digests(), scene.taken
    record = scene.attack(level, ATTACKS[name])
    assert record.status == "graded", record.reason
    assert record.score == ATTACKS[name].deserved, told(record)
    assert CANARY.encode() not in records.encode(record)
    if ATTACKS[name].category == "reach":
        assert "refused" in told(record), told(record)
        assert "DONE" not in told(record), told(record)
    assert scene.digests() == before
    assert scene.taken == taken
    honest = scene.honest(level)
    assert honest.score == honest.max_score, told(honest)


@pytest.mark.parametrize("name", OPEN_WITHOUT)
def test_attack_gets_through_without_a_sandbox(scene: Scene, name: str) -> None:
    """The same attack succeeds with ``sandbox=none``: what is out of reach above is really there."""
    record = scene.attack("none", ATTACKS[name])
    del scene.graded[record.student]
    for path in (scene.folder / "grades").glob("*.mine"):
        path.unlink()
    assert "DONE" in told(record), told(record)


IN_ONE_PROCESS = """
import sys
from pathlib import Path

from autograder.course import Course
from autograder.grading.material import Material
from autograder.testing.judge import Policy, judge

material = Material(Course(Path(sys.argv[1])), sys.argv[2])
material.hidden.cases
student = material.student({"apply_twice": sys.stdin.read()})
print([r.outcome for r in judge(material.hidden, "apply_twice", Policy(shrink_tests=0), lambda: student)])
"""


@pytest.mark.parametrize(("name", "outcome"), [("patched NumPy", "passed"), ("NaN", "failed")])
def test_patches_would_work_in_one_process(course: Course, name: str, outcome: str) -> None:
    """The same tests in the student's own process believe a patched NumPy: what stops the attack is the other process."""
    done = subprocess.run(
        [sys.executable, "-c", IN_ONE_PROCESS, str(course.root), UNIT],
        input=PREAMBLE + ATTACKS[name].cell,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    assert done.stdout.strip() == repr([outcome])


@pytest.mark.parametrize("level", LEVELS)
def test_files_do_not_survive_a_submission(scene: Scene, level: Level) -> None:
    """What one submission writes to ``/tmp`` is not there for the next."""
    write = "OUTCOME = attempt(lambda: open('/tmp/marker', 'x').write('CANARY of an accomplice'))"
    read = "OUTCOME = attempt(lambda: open('/tmp/marker').read())"
    tell = "\n\ndef double(x):\n    raise RuntimeError(OUTCOME)\n"
    scene.attack(level, Attack("accomplice one", "persist", write + tell))
    record = scene.attack(level, Attack("accomplice two", "persist", read + tell))
    assert "refused FileNotFoundError" in told(record) or "refused PermissionError" in told(record), told(record)


def test_pages_about_attacks_are_harmless(scene: Scene, tmp_path: Path) -> None:
    """Reports about all attacks hold no script, no control characters and nothing that was to be stolen."""
    report = write_reports(list(scene.graded.values()), tmp_path)
    pages = [p.read_text(encoding="utf-8") for p in tmp_path.rglob("*") if p.is_file()]
    assert report.is_file()
    assert len(pages) >= len(scene.graded)
    for page in pages:
        assert not any(bad in page for bad in ("<script", "\x1b", "\u202e", "\x00", CANARY))
