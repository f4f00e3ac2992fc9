"""Fetches notebooks from git remotes without ever checking a file out.

A shallow bare clone into a temporary folder, with hooks, templates, submodules and external transports off; the notebook is
then read from git's objects, so that links, attributes and filters of a repository have no effect.
"""

from __future__ import annotations

import contextlib
import csv
import errno
import os
import re
import signal
import subprocess
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from autograder.errors import UsageError
from autograder.feedback.safe import one_line
from autograder.submissions.files import Problem, read_regular
from autograder.submissions.notebook import MAX_BYTES

TIMEOUT = 120.0
MAX_CLONE = 500_000_000
_MAX_LISTING = 10_000_000
_MAX_LIST = 1_000_000
_JOBS = 4
_PIECE = 1 << 20
_REMOTE = re.compile(r"(https?|ssh|git|file)://\S+|\w[\w.-]*@\w[\w.-]*:\S+|/.+|\.{1,2}/.+")
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_OFF = (
    *("-c", "protocol.ext.allow=never"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.symlinks=false"),
    *("-c", "filter.lfs.smudge="),
    *("-c", "filter.lfs.process="),
    *("-c", "filter.lfs.required=false"),
    *("-c", "submodule.recurse=false"),
    *("-c", "fetch.recurseSubmodules=false"),
    *("-c", "gc.auto=0"),
    *("-c", "maintenance.auto=false"),
)
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "https:http:ssh:git:file",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "SSH_ASKPASS": "false",
    "GIT_LFS_SKIP_SMUDGE": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "LC_ALL": "C",
}


class Remote(msgspec.Struct, frozen=True):
    """One line of a list of remotes; ``student`` is the list's name for them or derived from the address."""

    student: str
    address: str

    @property
    def shown(self) -> str:
        """The address without a password, as one line."""
        return one_line(_CREDENTIALS.sub("", self.address))


class Spool:
    """A file without a name that keeps what was fetched; it goes with the last reader, also when the grader is killed."""

    def __init__(self) -> None:
        with tempfile.TemporaryFile(prefix="autograder-") as file:
            self._file = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._file)
        self._end, self._lock = 0, threading.Lock()

    def keep(self, data: bytes) -> Blob:
        """Store bytes and return where they are; raises ``OSError`` when the disk is full."""
        with self._lock:
            start, self._end = self._end, self._end + len(data)
        for at in range(0, len(data), _PIECE):
            piece = data[at : at + _PIECE]
            if os.pwrite(self._file, piece, start + at) < len(piece):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return Blob(self, start, len(data))

    def read(self, start: int, size: int) -> bytes:
        """Return bytes that were stored."""
        return b"".join(os.pread(self._file, min(_PIECE, start + size - at), at) for at in range(start, start + size, _PIECE))


class Blob(msgspec.Struct, frozen=True):
    """A notebook of a git repository, as it was when it was fetched."""

    spool: Spool
    start: int
    size: int

    def read(self) -> bytes:
        """Return its bytes."""
        return self.spool.read(self.start, self.size)


class Fetched(msgspec.Struct, frozen=True):
    """What a remote gave: the notebook's name there with its bytes, or the problem."""

    remote: Remote
    name: str = ""
    data: Blob | None = None
    problem: str = ""


def read_list(path: Path) -> list[Remote]:
    """Return the remotes in a text or CSV file: ``remote`` or ``student,remote`` per line, ``#`` comments, a header if any.

    Raises:
        UsageError: the file cannot be read or a line holds no remote.
    """
    try:
        text = read_regular(path, _MAX_LIST).decode("utf-8-sig")
    except (Problem, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot read the list of git remotes: {error}") from error
    remotes = []
    rows = csv.reader(text.splitlines())
    for number, row in enumerate(rows, 1):
        cells = [cell.strip() for cell in row if cell.strip()]
        if not cells or cells[0].startswith("#") or (number == 1 and cells[-1].lower() in ("remote", "url", "repository")):
            continue
        address = next((cell for cell in cells if _REMOTE.fullmatch(cell)), None)
        if address is None or len(cells) > 2:
            wanted = "'remote' or 'student,remote' with an https, ssh, git or file address or a path"
            raise UsageError(f"{path} line {number}: got {one_line(','.join(row))!r}, expected {wanted}")
        names = [cell for cell in cells if cell is not address]
        remotes.append(Remote(names[0] if names else _student_of(address), address))
    return remotes


def fetch(remotes: list[Remote], unit: str) -> list[Fetched]:
    """Return the unit's notebook of each remote, in the same order; a remote that fails gives a problem."""
    spool = Spool()
    with ThreadPoolExecutor(_JOBS) as pool:
        return list(pool.map(lambda remote: _fetch_one(remote, unit, spool), remotes))


def _student_of(address: str) -> str:
    """Return ``alice/course`` of ``https://host/alice/course.git``: the last two parts of the address."""
    parts = [part for part in re.split(r"[/:]", address.removesuffix("/").removesuffix(".git")) if part]
    return "/".join(parts[-2:])


def _fetch_one(remote: Remote, unit: str, spool: Spool) -> Fetched:
    try:
        with tempfile.TemporaryDirectory(prefix="autograder-clone-") as folder:
            options = ("--bare", "--depth=1", "--single-branch", "--no-tags", "--no-local", "--template=", "--quiet")
            git(folder, "clone", (*options, "--", remote.address, "repository"), 10_000)
            name, object_ = find(folder, unit)
            return Fetched(remote, name, spool.keep(git(folder, "cat-file", ("blob", object_), MAX_BYTES)))
    except (Problem, OSError) as error:
        return Fetched(remote, problem=f"{remote.shown}: {error}")


def find(folder: str, unit: str) -> tuple[str, str]:
    """Return the path and the object id of a unit's notebook at HEAD; raises ``Problem`` when there is not exactly one regular file that may be it."""
    listing = git(folder, "ls-tree", ("-r", "-z", "--long", "HEAD"), _MAX_LISTING)
    found = list(_notebooks(listing.decode("utf-8", "replace")))
    chosen = [item for item in found if item[0].rpartition("/")[2] == f"{unit}.ipynb"] or found
    if len(chosen) != 1:
        names = ", ".join(one_line(name) for name, *_ in chosen[:5])
        raise Problem(f"the repository has {len(chosen)} notebooks{f' ({names})' if names else ''}; expected exactly one {unit}.ipynb")
    name, mode, object_, size = chosen[0]
    if not mode.startswith("100"):
        raise Problem(f"{one_line(name)} is a link in the repository, not a file")
    if not size.isdigit() or int(size) > MAX_BYTES:
        raise Problem(f"{one_line(name)} has {size} bytes, at most {MAX_BYTES} are read; clear the outputs and push again")
    return name, object_


def _notebooks(listing: str) -> Iterator[tuple[str, str, str, str]]:
    for line in listing.split("\0"):
        facts, _, name = line.partition("\t")
        if name.endswith(".ipynb") and not any(part.startswith(".") for part in name.split("/")):
            mode, _, object_, size = facts.split()
            yield name, mode, object_, size


def git(folder: str, command: str, arguments: tuple[str, ...], limit: int) -> bytes:
    """Run git in a session of its own; its output goes through files, so that neither a pipe nor memory can fill up."""
    out, err = Path(folder) / "out", Path(folder) / "err"
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_") or key in ("GIT_SSH_COMMAND", "GIT_SSH")}
    if command != "clone":
        kept["GIT_DIR"] = str(Path(folder) / "repository")
    environment = kept | {"GIT_SSH_COMMAND": kept.get("GIT_SSH_COMMAND", "ssh -oBatchMode=yes")} | _ENVIRONMENT
    with out.open("wb") as stdout, err.open("wb") as stderr:
        process = subprocess.Popen(
            ["git", *_OFF, command, *arguments], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, env=environment, cwd=folder, start_new_session=True
        )
        try:
            _watch(process, Path(folder), out, limit)
        finally:
            _kill(process)
    if process.returncode:
        lines = read_regular(err, 1_000_000).decode("utf-8", "replace").strip().splitlines()
        raise Problem(f"git {command} failed: {one_line(_CREDENTIALS.sub('', lines[-1])) if lines else f'exit {process.returncode}'}")
    return read_regular(out, limit)


def _watch(process: subprocess.Popen[bytes], folder: Path, out: Path, limit: int) -> None:
    deadline, pause = time.monotonic() + TIMEOUT, 0.005
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise Problem(f"git did not finish within {TIMEOUT:g} s")
        if out.stat().st_size > limit or _size(folder) > MAX_CLONE:
            raise Problem("the repository is too large")
        time.sleep(pause)
        pause = min(0.2, pause * 1.5)


def _size(folder: Path) -> int:
    total = 0
    for where, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):  # git removed it meanwhile
                total += os.lstat(f"{where}/{name}").st_size
    return total


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
