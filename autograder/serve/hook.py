"""The receive hook: hands each changed notebook of a push to the grader and prints what it answers.

It runs as the user who pushes, so it is trusted by nobody: it writes into that student's own queue folder and listens at the grader's
socket, and the grader opens no repository.  It uses the standard library alone, because ``autograder serve init`` copies it beside the
repositories, where another Python than the grader's may run it.  It never makes a push fail.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

MARKER = "autograder-queued"  # in a repository: the last commit whose notebooks are in the queue
REFUSED = "autograder-refused"  # the last commit that was beyond these bounds, so that nobody tries it again
MAX_LISTING = 16_000_000
MAX_TREES = 4_000_000
MAX_LINES = 100
MAX_PATH, MAX_DEPTH = 500, 16
CONNECT_SECONDS, RETRY_SECONDS = 5.0, 20.0
GIT_SECONDS = 20.0  # a tree that names another ten times, on twelve levels, is small and never walked to its end
_OID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_SYMLINK, _SUBMODULE = "120000", "160000"
Say = Callable[[str], None]


class Entry(NamedTuple):
    """A file of a commit: its path, mode, object and size in bytes (-1 for a submodule)."""

    path: str
    mode: str
    oid: str
    size: int


class Unreadable(Exception):
    """The repository cannot be read; the message says why."""


class Unbounded(Unreadable):
    """What is to be read is too large, or takes too long, and so it will be the next time."""


class Spool:
    """A student's own folder of the queue.

    Args:
        folder: the server's folder.
        student: whose pushes these are; the repository is called the same.
    """

    def __init__(self, folder: Path, student: str) -> None:
        self.settings: dict[str, Any] = json.loads((folder / "hooks" / "serve.json").read_text(encoding="utf-8"))
        self.folder, self.student = folder, student
        self._queue = folder / "spool" / student

    def waiting(self) -> int:
        """Return how many of the student's notebooks wait."""
        return sum(entry.name.endswith(".job") for entry in os.scandir(self._queue))

    def put(self, header: dict[str, Any], parts: list[bytes]) -> str:
        """Write a job so that it outlives a crash, and return its id.

        Args:
            header: unit, commit, ref, path and problem.
            parts: raw git objects from the commit over its trees to the notebook.
        """
        id_ = uuid.uuid4().hex
        line = json.dumps({**header, "sizes": [len(part) for part in parts]}).encode() + b"\n"
        partial, final = self._queue / f".{id_}.part", self._queue / f"{id_}.job"
        try:
            with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "wb") as file:
                os.fchmod(file.fileno(), 0o640)  # the grader reads it by the folder's group, whatever this user's umask
                file.write(line + b"".join(parts))
                file.flush()
                os.fsync(file.fileno())
            partial.rename(final)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        directory = os.open(self._queue, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
        return id_


# ---------------------------------------------------------------------------------------------------- what was pushed
def pushed(spool: Spool, lines: Iterable[str], say: Say) -> list[str]:
    """Queue the notebooks of a push and return the jobs' ids.

    Args:
        spool: where to.
        lines: ``old new ref`` per updated reference, as git gives them to the hook.
        say: prints a line to the student.
    """
    wanted, jobs = f"refs/heads/{spool.settings['branch']}", []
    for number, line in enumerate(lines):
        old, _, rest = line.strip().partition(" ")
        new, _, ref = rest.partition(" ")
        if not (_OID.fullmatch(old) and _OID.fullmatch(new)):
            continue
        if ref != wanted:
            if number < MAX_LINES and set(new) != {"0"}:
                say(f"{shown(ref)}: stored, not graded; only {spool.settings['branch']} is graded.")
        elif set(new) == {"0"}:
            say(f"{shown(ref)} is deleted; its grades stay.")
        else:
            jobs += queue(spool, new, ref, say)
    return jobs


def queue(spool: Spool, commit: str, ref: str, say: Say) -> list[str]:
    """Queue the notebooks of a commit that differ from those queued last, and return the jobs' ids."""
    marker = Path(os.environ.get("GIT_DIR", ".")) / MARKER
    try:
        after, odd = listing(commit)
        before, _ = listing(_marked(marker))
    except Unreadable as problem:
        say(f"The commit cannot be read: {problem}")
        if isinstance(problem, Unbounded):
            _mark(marker.with_name(REFUSED), commit)
        return []
    for other in odd[:5]:
        kind = "a submodule; its files are not part of this repository and are" if other.mode == _SUBMODULE else "a symbolic link; it is"
        say(f"{shown(other.path)} is {kind} not graded.")
    jobs: list[str] = []
    room = spool.settings["max_waiting"] - spool.waiting()
    full = []
    for unit, blank in spool.settings["units"].items():
        (entry, doubt), (earlier, _) = chosen(unit, after), chosen(unit, before)
        if entry is None:
            if earlier is not None:
                say(_gone(unit, earlier, after))
        elif not doubt and entry.oid == (earlier.oid if earlier is not None else blank):  # as graded before, or untouched
            continue
        elif len(jobs) >= room:
            full.append(unit)
        else:
            jobs.append(_put(spool, unit, commit, ref, entry, doubt or _unfit(entry, spool.settings["max_bytes"])))
    if full:
        say(f"Not queued: {', '.join(full)}. {spool.settings['max_waiting']} of your notebooks wait already; push again when they are graded.")
    else:
        _mark(marker, commit)
        if not jobs:
            say(f"Stored. No notebook to grade has changed; graded are {', '.join(f'{unit}.ipynb' for unit in spool.settings['units'])}.")
    return jobs


def listing(commit: str) -> tuple[list[Entry], list[Entry]]:
    """Return a commit's notebooks, and its submodules and links; both empty for no commit."""
    if not commit:
        return [], []
    notebooks, odd = [], []
    for line in git("ls-tree", "-r", "-z", "--long", "--full-tree", commit, limit=MAX_LISTING).decode("utf-8", "surrogateescape").split("\0"):
        facts, tab, path = line.partition("\t")
        if tab:
            mode, _, oid, size = facts.split()
            entry = Entry(path, mode, oid, int(size) if size.isdigit() else -1)
            if path.endswith(".ipynb"):
                notebooks.append(entry)
            elif mode in (_SYMLINK, _SUBMODULE):
                odd.append(entry)
    return notebooks, odd


def chosen(unit: str, entries: list[Entry]) -> tuple[Entry | None, str]:
    """Return a unit's notebook among a commit's, and why it cannot be told which one it is, if so."""
    name = f"{unit}.ipynb"
    found = {entry.path: entry for entry in entries if entry.path.rpartition("/")[2] == name}
    for path in (f"assignments/{unit}/{name}", f"{unit}/{name}", name):
        if path in found:
            return found[path], ""
    if len(found) > 1:
        names = ", ".join(shown(path) for path in sorted(found)[:5])
        return found[min(found)], f"the commit has {len(found)} notebooks called {name} ({names}); keep one"
    return next(iter(found.values()), None), ""


def _unfit(entry: Entry, limit: int) -> str:
    if entry.mode == _SYMLINK:
        return f"{shown(entry.path)} is a symbolic link; commit the notebook itself"
    if entry.mode == _SUBMODULE:
        return f"{shown(entry.path)} is a submodule; commit the notebook itself"
    if "\n" in entry.path or len(entry.path) > MAX_PATH or entry.path.count("/") > MAX_DEPTH:
        return f"{shown(entry.path)} lies too deep, or has a line break in its name; move it"
    if any("\udc80" <= c <= "\udcff" for c in entry.path):
        return f"{shown(entry.path)} has a name that is not UTF-8; rename it"
    if entry.size > limit:
        return f"{shown(entry.path)} has {entry.size} bytes, at most {limit} are read; clear the outputs and push again"
    return ""


def _gone(unit: str, earlier: Entry, after: list[Entry]) -> str:
    renamed = next((entry.path for entry in after if entry.oid == earlier.oid), "")
    how = f"is called {shown(renamed)} now" if renamed else "is no longer there"
    return f"{shown(earlier.path)} {how}; a notebook is graded when its name is {unit}.ipynb. The last grade stays."


def _put(spool: Spool, unit: str, commit: str, ref: str, entry: Entry, problem: str) -> str:
    parts: list[bytes] = []
    if not problem:
        try:
            parts = objects(commit, entry)
        except Unreadable as error:
            problem = f"{shown(entry.path)} cannot be read: {error}"
    header = {"unit": unit, "commit": commit, "ref": shown(ref), "path": entry.path.encode("utf-8", "backslashreplace").decode()[:MAX_PATH], "problem": problem}
    return spool.put(header, parts)


def objects(commit: str, entry: Entry) -> list[bytes]:
    """Return the raw commit, the trees on the way and the notebook: their hashes prove that they belong together."""
    folders = entry.path.split("/")[:-1]
    trees = [f"{commit}^{{tree}}", *(f"{commit}:{'/'.join(folders[: n + 1])}" for n in range(len(folders)))]
    names = "".join(f"{name}\n" for name in (commit, *trees)).encode("utf-8", "surrogateescape")
    facts = git("cat-file", "--batch-check=%(objectsize)", given=names, limit=MAX_LISTING).split()
    if not all(size.isdigit() for size in facts) or sum(map(int, facts)) > MAX_TREES:
        raise Unreadable("its folders hold too many files")
    answer, parts = git("cat-file", "--batch", given=names + entry.oid.encode() + b"\n", limit=MAX_LISTING + entry.size), []
    while answer:
        head, _, rest = answer.partition(b"\n")
        size = int(head.split()[2])
        parts.append(rest[:size])
        answer = rest[size + 1 :]
    return parts


def git(*arguments: str, given: bytes = b"", limit: int) -> bytes:
    """Return what a git command prints, at most ``limit`` bytes of it; raises ``Unreadable``."""
    environment = {**os.environ, "GIT_NO_REPLACE_OBJECTS": "1"}  # a pushed refs/replace/… would put another tree in the commit's place
    late = threading.Event()
    with subprocess.Popen(["git", *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def give_up() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(GIT_SECONDS, give_up)
        timer.start()
        try:
            process.stdin.write(given)  # a few names, which fit the pipe whatever the reader does
            process.stdin.close()
            output = process.stdout.read(limit + 1)
        finally:
            timer.cancel()
        if len(output) > limit:
            process.kill()
            raise Unbounded("it is too large")
    if late.is_set():
        raise Unbounded(f"its folders are not listed within {GIT_SECONDS:g} s")
    if process.returncode:
        raise Unreadable(f"git {arguments[0]} failed ({process.returncode})")
    return output


def _marked(marker: Path) -> str:
    try:
        commit = marker.read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    known = _OID.fullmatch(commit) and subprocess.run(["git", "cat-file", "-e", commit], check=False, capture_output=True).returncode == 0
    return commit if known else ""


def _mark(marker: Path, commit: str) -> None:
    partial = marker.with_name(f"{marker.name}.{uuid.uuid4().hex}.part")  # another push's hook may be at this very line
    partial.write_text(commit + "\n", encoding="ascii")
    partial.replace(marker)


# ---------------------------------------------------------------------------------------------------- what the grader says
def ask(folder: Path, request: dict[str, Any], say: Say, deadline: float) -> bool:
    """Print the grader's answers to a request; tell whether it has said all.

    Raises:
        OSError: the grader is not there, or the deadline passed.
    """
    directory = os.open(folder / "run", os.O_PATH | os.O_DIRECTORY)
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CONNECT_SECONDS)
            connection.connect(f"/proc/self/fd/{directory}/serve.sock")  # the address of a socket is short, a folder's path is not
            connection.sendall(json.dumps(request).encode() + b"\n")
            pending = b""
            while True:
                connection.settimeout(max(0.1, deadline - time.monotonic()))
                chunk = connection.recv(1 << 16)
                pending += chunk
                *lines, pending = pending.split(b"\n")
                for answer in map(json.loads, lines):
                    if "end" in answer:
                        return True
                    say(str(answer["say"]))
                if not chunk:
                    return False
    finally:
        os.close(directory)


def follow(folder: Path, student: str, jobs: list[str], seconds: float, say: Say) -> None:
    """Print what becomes of jobs until they are graded, the grader is away, or time is up."""
    end = time.monotonic() + seconds
    request, lost = {"do": "watch", "student": student, "jobs": jobs}, 0.0
    while time.monotonic() < end:
        try:
            if ask(folder, request, say, end):
                return
            lost = time.monotonic()
        except TimeoutError:
            break
        except (ConnectionResetError, BrokenPipeError):
            lost = time.monotonic()
        except OSError:
            if time.monotonic() > lost + RETRY_SECONDS or not lost:  # after a restart the grader is soon back
                say("The grader is not running. Your push is stored and queued: the grade will follow.")
                return
        time.sleep(0.3)
    say("The grader is busy. Your push is stored and queued: the grade will follow.")


def shown(text: str) -> str:
    """Return a name as one printable line of at most 200 characters."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text[:200])[:200]


def _say(line: str) -> None:
    sys.stdout.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    sys.stdout.flush()


def main(arguments: list[str]) -> int:
    """Run as git's hook, as ``grades STUDENT``, or as ``catch-up COMMIT`` after a crash."""
    folder = Path(arguments[0]).absolute().parent.parent
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        if arguments[1:2] == ["grades"] and len(arguments) == 3:
            if not ask(folder, {"do": "grades", "student": arguments[2]}, _say, time.monotonic() + 30):
                _say("The grader stopped while it answered.")
            return 0
        student = os.environ.get("AUTOGRADER_STUDENT") or Path(os.environ.get("GIT_DIR", ".")).resolve().name.removesuffix(".git")
        spool = Spool(folder, student)
        if arguments[1:2] == ["catch-up"]:
            queue(spool, arguments[2], f"refs/heads/{spool.settings['branch']}", _say)
        elif jobs := pushed(spool, sys.stdin, _say):
            follow(folder, student, jobs, spool.settings["wait_seconds"], _say)
    except OSError as error:
        _say(f"Your push is stored. The grader cannot be reached ({error.strerror or error}).")
    except Exception as error:  # a push never fails because of us
        _say(f"Your push is stored, but could not be queued ({type(error).__name__}); push again, or tell your instructor.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
