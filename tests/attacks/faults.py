"""What may break while a class is graded: processes killed, disks full, clocks that jump, files that cannot be read.

``python -m tests.attacks.faults 200`` runs as many trials at moments drawn from a seed, then each other fault once, and prints a table.
A trial is held when the class ends with one record per submission and the right scores, after one more run of the same command if it
needed one, and nothing is left behind.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import datetime
import os
import random
import resource
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec

from autograder.grading.journal import NAME, Journal, lines
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.sandbox import Level, choose_level
from tests.attacks.course import UNITS, write_course
from tests.attacks.machine import Command, Traces, adopting, own, place, users
from tests.attacks.rows import Result
from tests.attacks.world import told
from tests.grading_e2e.command import children
from tests.grading_e2e.small_course import notebook, unanswered

Victim = Literal["coordinator", "worker", "zygote", "student", "everything"]
VICTIMS: tuple[Victim, ...] = get_args(Victim)
UNIT = UNITS["small"]
STUDENTS = 8
PATIENCE = 120.0
_SLOW = "import time\n\ntime.sleep(0.05)\n"
_KEPT = {NAME, "grades.csv", "report.html", "feedback", ".lock"}  # what a finished run leaves in its folder


class Class:
    """A class of right, wrong and half right answers, and what a run decides that nothing disturbs.

    Attributes:
        expected: by student, all that a run decides.
    """

    def __init__(self, folder: Path, level: Level | None = None) -> None:
        self.folder, self.level = folder, level or choose_level(None)
        self.course = write_course(folder / "course")
        self.temporary, self.submitted = folder / "temporary", folder / "submitted"
        self.temporary.mkdir()
        toml = self.course.solutions(UNIT) / "unit.toml"
        toml.write_text(toml.read_text("utf-8").replace("_seconds = 1.0", "_seconds = 20.0").replace("_seconds = 30.0", "_seconds = 90.0"), encoding="utf-8")
        material = Material(self.course, UNIT)  # with limits that a busy machine does not reach
        kinds = (
            notebook(material, before=_SLOW),
            notebook(material, material.stub, before=_SLOW),
            notebook(material, {"double": "def double(x):\n    return x * x\n"}, before=_SLOW),
            unanswered(material, _SLOW + "\ndef apply_twice(f, x):\n    return f(f(x))\n"),
        )
        for number in range(STUDENTS):
            path = self.submitted / f"student-{number}" / UNIT / f"{UNIT}.ipynb"
            path.parent.mkdir(parents=True)
            path.write_bytes(kinds[number % len(kinds)] + b" " * number)
        started = time.monotonic()
        code, said = self.finish(folder / "undisturbed")
        assert code == 0, said
        self.expected, self.seconds = outcomes(folder / "undisturbed"), time.monotonic() - started
        assert len(self.expected) == STUDENTS

    def start(self, out: Path, *, user: str = "root", before: Callable[[], object] = lambda: None, submitted: Path | None = None) -> Command:
        """Start a run; as the user who runs this, unless another is named."""
        arguments: list[str | Path] = ["grade", UNIT, submitted or self.submitted, "--out", out, "--jobs", "2", "--sandbox", self.level]
        command = Command(arguments, course=self.course.root, temporary=self.temporary, user=user, before=before)
        command.go()
        return command

    def finish(self, out: Path, **more: Any) -> tuple[int, str]:
        """Grade to the end; returns the exit code and what was said."""
        code, said, errors = self.start(out, **more).finish(PATIENCE)
        return code, said + errors

    def check(self, out: Path) -> list[str]:
        """Return what is wrong with a folder when its run is over."""
        wrong = []
        if (got := outcomes(out)) != self.expected:
            differing = sorted(s for s in {*got, *self.expected} if got.get(s) != self.expected.get(s))
            said = {r.student: told(r) for _, r in lines(out / NAME, SubmissionRecord)}
            wrong += [f"other outcome for {s}: {got.get(s, ('no record',))[:2]} instead of {self.expected.get(s, ())[:2]}: {said.get(s, '')[:300]}" for s in differing]
        count = (out / NAME).read_bytes().count(b"\n") if (out / NAME).exists() else 0
        if count != STUDENTS:
            wrong.append(f"{count} lines for {STUDENTS} submissions")
        if strange := {p.name for p in out.iterdir()} - _KEPT:
            wrong.append(f"left in the folder: {sorted(strange)}")
        return wrong


def outcomes(out: Path) -> dict[str, tuple[object, ...]]:
    """Return by student all that a run decides, without times and messages; a student with several records has one too many."""
    found: dict[str, tuple[object, ...]] = {}
    for _, r in lines(out / NAME, SubmissionRecord):
        if r.student in found:
            return {r.student: ("recorded twice",)}
        found[r.student] = (r.status, r.score, r.sha256, tuple((t.name, t.outcome, t.misconception) for e in r.exercises for t in e.tests))
    return found


# ---------------------------------------------------------------------- kills
def victims(coordinator: int, kind: Victim) -> list[int]:
    """Return the processes of a kind that live now.  The tests run in the workers, so a worker is the test process too."""
    if kind in ("coordinator", "everything"):
        return [coordinator]
    workers = {w for w in children(coordinator) if not _is_zygote(w)}  # a zygote of the coordinator's own only tries the sandbox
    if kind == "worker":
        return sorted(workers)
    zygotes = {z for w in workers for z in children(w) if _is_zygote(z)}
    return sorted(zygotes if kind == "zygote" else {s for z in zygotes for s in children(z)})


def _is_zygote(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"zygote_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False


class Trial(msgspec.Struct, frozen=True):
    """One kill.

    Args:
        kind: of process.
        seed: of the moment.
        wrong: what went wrong.
        again: whether a second run of the command was needed.
    """

    kind: Victim
    seed: int
    wrong: tuple[str, ...]
    again: bool


def kill_trial(class_: Class, kind: Victim, seed: int) -> Trial:
    """Kill one process of a kind at a moment drawn from the seed.

    The run may end there when it was the coordinator, or when it says so with exit code 3 (a sandbox that was killed while it
    started cannot be told from one that does not work); then the same command has to complete the class.
    """
    draw = random.Random(f"{kind} {seed}")
    out = class_.folder / f"trial-{kind}-{seed}"
    traces = Traces(class_.temporary)
    moment = draw.uniform(0.0, class_.seconds)
    process = class_.start(out)
    time.sleep(moment)
    end = time.monotonic() + 10
    found: list[int] = []
    while process.poll() is None and time.monotonic() < end and not (found := victims(process.pid, kind)):
        time.sleep(0.002)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if found:
            chosen = draw.choice(found)
            os.kill(chosen, signal.SIGKILL) if kind != "everything" else os.killpg(chosen, signal.SIGKILL)
    code, said, errors = process.finish(PATIENCE)
    wrong = ["a traceback was printed"] if "Traceback" in said + errors else []
    own_end = kind in ("coordinator", "everything")
    if code != 0 and not own_end and not (code == 3 and errors.startswith("error: ") and kind == "zygote"):
        wrong.append(f"the run gave up: exit {code}, {errors.strip()[-200:]}")
    wrong += [f"left behind by the killed run: {what}" for what in traces.left() if own_end and not what.startswith("temporary")]
    again = code != 0
    if again:
        code, words = class_.finish(out)
        wrong += [f"the next run gives {code}: {words[-200:]}"] if code else []
    wrong += class_.check(out)
    wrong += [f"left behind: {what}" for what in traces.left()]
    traces.reap()
    for path in class_.temporary.iterdir():
        shutil.rmtree(path, ignore_errors=True)
    shutil.rmtree(out)
    return Trial(kind, seed, tuple(wrong), again)


def kill_trials(class_: Class, count: int, seed: int) -> Iterator[Trial]:
    """Yield trials: each kind of process in turn."""
    for number in range(count):
        yield kill_trial(class_, VICTIMS[number % len(VICTIMS)], seed + number)


# ---------------------------------------------------------------------- other faults
_TMPFS = 0


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[None]:
    """Put a small file system at a folder (root only)."""
    from autograder.sandbox import linux

    folder.mkdir()
    linux.mount("small", str(folder), "tmpfs", _TMPFS, f"size={kilobytes}k")
    try:
        yield
    finally:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.umount2(str(folder).encode(), 2) != 0:
            raise OSError(ctypes.get_errno(), "umount")


def _said_well(code: int, said: str, wanted: int, *words: str) -> list[str]:
    wrong = [] if code == wanted else [f"exit code {code} instead of {wanted}: {said.strip()[-200:]}"]
    wrong += ["a traceback was printed"] if "Traceback" in said else []
    return wrong + [f"{word!r} is not said: {said.strip()[-200:]}" for word in words if word not in said]


def full_disk(class_: Class, kilobytes: int = 24) -> list[str]:
    """Grade onto a disk that is full after a few records; then make room and go on.  Where nobody may mount, files may not grow."""
    out = class_.folder / "full"
    if os.getuid() != 0:
        return file_limit(class_, kilobytes * 1024)
    with small_disk(out, kilobytes):
        code, said = class_.finish(out)
        wrong = _said_well(code, said, 3, "free some space")
        saved = class_.folder / "saved"
        shutil.copytree(out, saved)
    shutil.rmtree(out)
    saved.rename(out)
    wrong += _resumed(class_, out)
    return wrong


def file_limit(class_: Class, limit: int) -> list[str]:
    """Grade with a limit on the size of files, which a record hits in its middle, and the captured messages do not; then go on without it."""
    out = class_.folder / f"limited-{limit}"
    code, said = class_.finish(out, before=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY)))
    wrong = _said_well(code, said, 3, "cannot write")
    return wrong + _resumed(class_, out)


def _resumed(class_: Class, out: Path) -> list[str]:
    code, said = class_.finish(out)
    wrong = _said_well(code, said, 0) + class_.check(out)
    shutil.rmtree(out)
    return wrong


def device_full(class_: Class) -> list[str]:
    """Grade into a file on a device that is always full."""
    out = class_.folder / "device"
    out.mkdir()
    (out / NAME).symlink_to("/dev/full")
    code, said = class_.finish(out)
    wrong = [] if code in (2, 3) else [f"exit code {code}: {said.strip()[-200:]}"]
    wrong += ["a traceback was printed"] if "Traceback" in said else []
    (out / NAME).unlink()
    return wrong + _resumed(class_, out)


def read_only(class_: Class) -> list[str]:
    """Grade, as an ordinary user, into a folder that this user may not write."""
    out = class_.folder / "read-only"
    out.mkdir(mode=0o555)
    own(class_.course.root, "user")
    own(class_.temporary, "user")
    code, said = class_.finish(out, user="user")
    wrong = _said_well(code, said, 2, "cannot write there", "--out")
    wrong += ["something was written"] if list(out.iterdir()) else []
    out.rmdir()
    return wrong


def _jumping_clock() -> None:
    """Make the time of day of this process jump by up to 400 days at every look."""
    draw, real, span = random.Random(3), time.time, 400 * 86400.0

    class Jumping(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return datetime.datetime.fromtimestamp(time.time(), tz)

    time.time = lambda: real() + draw.uniform(-span, span)
    time.time_ns = lambda: int(time.time() * 1e9)
    datetime.datetime = Jumping  # type: ignore[misc]


def clock(class_: Class) -> list[str]:
    """Grade while the time of day jumps by more than a year at every look."""
    out = class_.folder / "clock"
    code, said = class_.finish(out, before=_jumping_clock)
    wrong = _said_well(code, said, 0) + class_.check(out)
    days = [r.started_at[:10] for _, r in lines(out / NAME, SubmissionRecord)]
    wrong += [] if len(set(days)) > 1 else ["the clock did not jump"]
    wrong += ["a time that cannot be"] if any(not 0 <= r.seconds < PATIENCE for _, r in lines(out / NAME, SubmissionRecord)) else []
    shutil.rmtree(out)
    return wrong


def unreadable(class_: Class) -> list[str]:
    """Grade, as an ordinary user, a class with a file and a folder that this user may not read."""
    out, hidden = class_.folder / "unreadable", class_.submitted / "student-0" / UNIT / f"{UNIT}.ipynb"
    for target in (class_.course.root, class_.temporary):
        own(target, "user")
    out.mkdir()
    own(out, "user")
    hidden.chmod(0)
    closed = class_.submitted / "student-1"
    closed.chmod(0)
    try:
        code, said = class_.finish(out, user="user")
    finally:
        hidden.chmod(0o644)
        closed.chmod(0o755)
    wrong = _said_well(code, said, 0)
    found = {r.student: r for _, r in lines(out / NAME, SubmissionRecord)}
    for student in ("student-0", "student-1"):
        if student not in found or found[student].status != "ungradable" or "cannot be" not in found[student].reason:
            wrong.append(f"{student}: {found[student].reason if student in found else 'no record'}")
    got = outcomes(out)
    wrong += [f"other outcome for {s}" for s in class_.expected if s not in ("student-0", "student-1") and got.get(s) != class_.expected[s]]
    shutil.rmtree(out)
    return wrong


def two_graders(class_: Class) -> list[str]:
    """Start a second grader on a folder while the first one works: it refuses, and the first one ends well."""
    out, held = class_.folder / "two", class_.folder / "slowly"
    slow = notebook(Material(class_.course, UNIT), before="import time\n\ntime.sleep(0.8)\n")
    for number in range(10):
        path = held / f"slow-{number}" / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(slow)
    first = class_.start(out, submitted=held)
    end = time.monotonic() + PATIENCE
    while not (out / NAME).exists() and time.monotonic() < end:
        time.sleep(0.005)
    code, said = class_.finish(out)
    wrong = _said_well(code, said, 2, "another grader") + ([] if first.poll() is None else ["the first run was over too soon"])
    code, _, errors = first.finish(PATIENCE)
    wrong += _said_well(code, errors, 0)
    found = [r.student for _, r in lines(out / NAME, SubmissionRecord)]
    wrong += [] if sorted(found) == sorted(p.name for p in held.iterdir()) else [f"records of {found}"]
    shutil.rmtree(out)
    shutil.rmtree(held)
    return wrong


def held_folder(class_: Class) -> list[str]:
    """Start a grader on a folder that another one holds: it refuses at once, says so, and changes nothing."""
    out = class_.folder / "held"
    with Journal(out):
        code, said = class_.finish(out)
        wrong = _said_well(code, said, 2, "another grader", "--out")
        wrong += ["something was written"] if (out / NAME).read_bytes() else []
    shutil.rmtree(out)
    return wrong


FAULTS: dict[str, Callable[[Class], list[str]]] = {
    "full disk": full_disk,
    "file that may not grow": lambda c: file_limit(c, 6000),
    "file that may not grow, at once": lambda c: file_limit(c, 400),
    "device that is full": device_full,
    "read-only output folder": read_only,
    "clock that jumps": clock,
    "submissions that cannot be read": unreadable,
    "two graders on one folder": two_graders,
    "folder held by another grader": held_folder,
}


def fault(class_: Class, name: str) -> Result:
    """Return what came of one fault, with what was left behind."""
    traces = Traces(class_.temporary)
    wrong = FAULTS[name](class_)
    wrong += [f"left behind: {what}" for what in traces.left()]
    traces.reap()
    return Result(row=name, where=f"grade {class_.level}", held=not wrong, how="; ".join(wrong) or (FAULTS[name].__doc__ or "").split("\n")[0])


class Campaign(msgspec.Struct, frozen=True):
    """What a campaign gave.

    Args:
        trials: all kills.
        faults: the other faults.
        seconds: it took.
    """

    trials: tuple[Trial, ...]
    faults: tuple[Result, ...]
    seconds: float

    def kills(self) -> list[Result]:
        """Return a result for each kind of process that was killed."""
        results = []
        for kind in VICTIMS:
            if own_ := [t for t in self.trials if t.kind == kind]:
                bad = [f"seed {t.seed}: {'; '.join(t.wrong)}" for t in own_ if t.wrong]
                how = f"{len(own_)} trials at random moments, {len(bad)} not held, {sum(t.again for t in own_)} needed a second run of the command"
                results.append(Result(row="SIGKILL of everything at once" if kind == "everything" else f"SIGKILL of the {kind}", where="kills", held=not bad, how="; ".join([how, *bad])))
        return results


def campaign(count: int, seed: int, names: Sequence[str], *, tell: Callable[[str], object] = print) -> Campaign:
    """Run trials and faults."""
    started = time.monotonic()
    with place("faults-") as folder, adopting():
        class_ = Class(folder)
        trials = []
        for trial in kill_trials(class_, count, seed):
            trials.append(trial)
            if trial.wrong:
                tell(f"{trial.kind} seed={trial.seed}: {'; '.join(trial.wrong)}")
        results = []
        for name in names:
            results.append(fault(class_, name))
            tell(f"{name}: {'held' if results[-1].held else results[-1].how}")
    return Campaign(tuple(trials), tuple(results), time.monotonic() - started)


def main() -> int:
    """Run a campaign and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m tests.attacks.faults", description=__doc__)
    parser.add_argument("trials", type=int, nargs="?", default=200)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    done = campaign(chosen.trials, chosen.seed, list(FAULTS))
    for result in done.kills():
        print(f"{result.row}: {result.how}")
    print(f"{len(done.trials)} trials and {len(done.faults)} faults in {done.seconds:.0f} s; users: {', '.join(users())}")
    return 0 if all(r.held for r in (*done.kills(), *done.faults)) else 1


if __name__ == "__main__":
    sys.exit(main())
