"""Collects a class's repositories: fetches each, dates what it holds, and lays the notebooks out as submissions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from autograder.atomic import write_atomic
from autograder.ci.github import GitHub
from autograder.ci.mirror import Mirror, Pushed
from autograder.ci.received import NAME, Ledger, Sighting, moment
from autograder.errors import GraderError, UsageError
from autograder.report.files import student_folders
from autograder.submissions.collect import collect
from autograder.submissions.files import SKIPPED_FOLDERS, Problem
from autograder.submissions.names import from_folder_name
from autograder.submissions.remotes import Remote, read_list

MANIFEST = "collected.json"
_JOBS = 4
_TAKEN = ("submitted", *SKIPPED_FOLDERS)  # folders in which reading submissions looks for a whole class, or for nothing


class Collected(msgspec.Struct, frozen=True):
    """One student's notebook of one unit, as it was collected.

    Args:
        student, folder, unit: whose it is, and where it lies: ``<folder>/<unit>/<unit>.ipynb``.
        remote: the address without a password.
        repository: ``owner/name`` on the code host, or empty.
        commit: its id, or empty when nothing could be fetched.
        name, sha256: the notebook's path in the commit and the hash of its bytes; empty when there is none.
        after, by, source: when it was received; see :mod:`autograder.ci.received`.
        late_seconds: 0 for on time.
        uncertain: it counts as on time only because nobody looked in time.
        problem: why there is no notebook, or what could not be found out.
    """

    student: str
    folder: str
    unit: str
    remote: str
    repository: str = ""
    commit: str = ""
    name: str = ""
    sha256: str = ""
    after: str = ""
    by: str = ""
    source: str = ""
    late_seconds: float = 0.0
    uncertain: bool = False
    problem: str = ""


class _Fetched(msgspec.Struct, frozen=True):
    commit: str
    seen: datetime
    host: datetime | None
    notebooks: dict[str, Pushed]
    problem: str


def collect_class(
    roster: Path,
    units: Sequence[str],
    out: Path,
    *,
    deadlines: Mapping[str, datetime],
    github: GitHub | None = None,
    served: Mapping[tuple[str, str], datetime] | None = None,
    until: datetime | None = None,
    commits: Mapping[str, str] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[Collected]:
    """Fetch every repository of a roster and write its notebooks below ``out``.

    Args:
        roster: CSV or text, ``student,remote`` per line.
        units: whose notebooks are collected.
        out: gets ``<student>/<unit>/<unit>.ipynb`` with a ``timestamp.txt`` for nbgrader, ``collected.json`` and the ledger.
        deadlines: by unit; a unit without one is never late.
        github: asked when a commit was received, for repositories on its server.
        served: when a push server of ours received a commit, by student and commit; see :func:`autograder.ci.received.server_times`.
        until: take each student's newest commit that the ledger knows by then, instead of what is there now.
        commits: take these, by student, instead.
        now: the clock.

    Raises:
        UsageError: the roster cannot be read, names a student twice, or the ledger cannot answer ``until``.
    """
    remotes = read_list(roster)
    if len({r.student for r in remotes}) != len(remotes):
        twice = next(r.student for r in remotes if sum(o.student == r.student for o in remotes) > 1)
        raise UsageError(f"{roster}: student={twice!r} has two lines; keep one")
    out.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(out / NAME)
    wanted = (
        dict(commits) if commits is not None else {r.student: ledger.at(r.student, until) for r in remotes} if until is not None else None
    )
    folders = _folders(remotes, units)

    def fetched(remote: Remote) -> _Fetched:
        return _fetch(Mirror(remote, out / ".mirrors" / folders[remote.student]), units, github, now(), wanted)

    collected: list[Collected] = []
    with ThreadPoolExecutor(_JOBS) as pool:
        for remote, fresh in zip(remotes, pool.map(fetched, remotes), strict=True):
            received = (served or {}).get((remote.student, fresh.commit))
            found = msgspec.structs.replace(fresh, host=received) if received is not None else fresh
            for unit in units:
                collected.append(
                    _one(remote, unit, found, ledger, folders[remote.student], deadlines.get(unit), github, dated=wanted is None)
                )
                _lay_out(out, collected[-1], found.notebooks.get(unit))
    write_atomic(out / MANIFEST, msgspec.json.format(msgspec.json.encode(collected), indent=1).decode() + "\n")
    return collected


def read_collected(folder: Path) -> list[Collected]:
    """Return what was collected into a folder.

    Raises:
        UsageError: it is no such folder, or its list is damaged.
    """
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=list[Collected])
    except (OSError, msgspec.DecodeError) as error:
        raise UsageError(
            f"folder={str(folder)!r}: there is no usable {MANIFEST} ({error}); expected the --out folder of 'autograder collect'"
        ) from error


def nobody_yet(folders: Sequence[Path], *units: str) -> bool:
    """Tell whether :func:`collect_class` looked for these units' notebooks and there is none, as before anybody has begun.

    A folder that it did not write, a unit that it did not look for, and a class of which no repository could be fetched are
    mistakes, not that.

    Args:
        folders: the ``out`` of collecting.
        units: names of units.

    Raises:
        UsageError: a list of what was collected is damaged.
    """
    if not folders or not all((folder / MANIFEST).is_file() for folder in folders):
        return False
    fetched = [c for folder in folders for c in read_collected(folder) if c.unit in units and c.commit]
    return {c.unit for c in fetched} == set(units) and not any(c.sha256 for c in fetched) and not any(_any_in(folders, unit) for unit in units)


def _any_in(folders: Sequence[Path], unit: str) -> bool:
    """Tell whether there is something to grade, such as what an earlier run collected or somebody put there."""
    try:
        return bool(collect(folders, unit))
    except UsageError:
        return False


def sentence(collected: Sequence[Collected], out: Path) -> str:
    """Return how many notebooks were collected into a folder and how many of them are late, or cannot be dated, in one line."""
    count, late, uncertain = sum(bool(c.sha256) for c in collected), sum(bool(c.late_seconds) for c in collected), sum(c.uncertain for c in collected)
    unknown = f", {uncertain} uncertain (first seen after the deadline; on time unless proved late)" if uncertain else ""
    return f"{count} of {len(collected)} notebooks collected in {out}, {late} late{unknown}"


def parse_deadlines(texts: Sequence[str], units: Sequence[str]) -> dict[str, datetime]:
    """Return the deadline of each unit.

    Args:
        texts: ``TIME`` for all units, or ``UNIT=TIME``.
        units: the units there are.

    Raises:
        UsageError: an unknown unit, or no time with a zone.
    """
    found: dict[str, datetime] = {}
    for text in sorted(texts, key=lambda t: "=" in t):  # one unit's own deadline wins over the common one
        unit, given, time = text.rpartition("=")
        if given and unit not in units:
            raise UsageError(f"deadline={text!r}: unit={unit!r} is not collected; the units are {', '.join(units)}")
        found |= dict.fromkeys([unit] if given else units, moment(time, "deadline"))
    return found


def _folders(remotes: Sequence[Remote], units: Sequence[str]) -> dict[str, str]:
    """Return a folder for each student that reading submissions takes for nothing else, such as a platform's file name."""
    folders = student_folders(r.student for r in remotes)
    return {
        student: folder
        if from_folder_name(folder).name == folder and folder not in (*units, *_TAKEN)
        else f"student-{sha256(student.encode()).hexdigest()[:12]}"
        for student, folder in folders.items()
    }


def _fetch(mirror: Mirror, units: Sequence[str], github: GitHub | None, seen: datetime, wanted: Mapping[str, str] | None) -> _Fetched:
    try:
        if wanted is not None and not wanted.get(mirror.remote.student):
            raise Problem(f"{mirror.remote.shown}: no commit of theirs is known")
        commit = mirror.fetch(wanted[mirror.remote.student] if wanted is not None else "")
    except Problem as problem:
        return _Fetched("", seen, None, {}, str(problem))
    notebooks = {unit: mirror.notebook(unit, only=len(units) == 1) for unit in units}
    host, problem_text = None, ""
    if github is not None and wanted is None and (repository := github.repository(mirror.remote)):
        try:
            host = github.received(repository, commit)
        except GraderError as error:
            problem_text = f"the time of the push is not known: {error}"
    return _Fetched(commit, seen, host, notebooks, problem_text)


def _one(
    remote: Remote,
    unit: str,
    found: _Fetched,
    ledger: Ledger,
    folder: str,
    deadline: datetime | None,
    github: GitHub | None,
    *,
    dated: bool,
) -> Collected:
    pushed = found.notebooks.get(unit, Pushed())
    digest = sha256(pushed.data).hexdigest() if pushed.data is not None else ""
    repository = github.repository(remote) if github is not None else ""
    common = Collected(
        remote.student, folder, unit, remote.shown, repository, found.commit, pushed.name, digest, problem=pushed.problem or found.problem
    )
    if not found.commit:
        return common
    if dated:
        sighting = ledger.note(remote.student, unit, found.commit, digest, seen=found.seen, host=found.host)
    elif (known := ledger.known(remote.student, unit, digest)) is not None:
        sighting = known
    else:
        return common
    return _dated(common, sighting, deadline)


def _dated(collected: Collected, sighting: Sighting, deadline: datetime | None) -> Collected:
    if not collected.sha256:
        return collected
    return msgspec.structs.replace(
        collected,
        after=_utc(sighting.after),
        by=_utc(sighting.by),
        source=sighting.source,
        late_seconds=sighting.late(deadline),
        uncertain=sighting.uncertain(deadline),
    )


def _utc(time: datetime | None) -> str:
    return time.astimezone(UTC).isoformat(timespec="seconds") if time is not None else ""


def _lay_out(out: Path, collected: Collected, pushed: Pushed | None) -> None:
    """Write a student's notebook where grading and nbgrader look for it; one that is gone leaves an empty folder."""
    place = out / collected.folder / collected.unit
    place.mkdir(parents=True, exist_ok=True)
    notebook, stamp = place / f"{collected.unit}.ipynb", place / "timestamp.txt"
    if pushed is None or pushed.data is None:
        if collected.commit:
            notebook.unlink(missing_ok=True)  # it is gone from the repository; without a commit, the last one stays
        return
    write_atomic(notebook, pushed.data)
    if collected.by:
        stamp.write_text(f"{datetime.fromisoformat(collected.by):%Y-%m-%d %H:%M:%S.%f} UTC\n", encoding="utf-8")
