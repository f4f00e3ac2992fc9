"""Adds students to a server: a bare repository, a queue folder, and the line by which an ssh key reaches them."""

from __future__ import annotations

import os
import pwd
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

from autograder.errors import GraderError, UsageError
from autograder.serve.config import Server, check_student
from autograder.submissions.files import Problem, read_regular

_KEY = re.compile(r"(?P<key>(ssh-(ed25519|rsa)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]{20,}={0,3})( .*)?")
_OPTIONS = "restrict"  # no terminal, no forwarding, no files of the account's own
SAFE = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null"}


def add(server: Server, student: str, *, user: str | None = None, key: Path | None = None) -> Path:
    """Add a student, or give one another key, and return the repository.

    Args:
        server: where to.
        student: name; also that of the repository.
        user: who pushes to it on this machine: the student's own account for a path remote, or the account that ssh logs in to; by
            default the owner of the server's folder.
        key: file with the student's public ssh key.

    Raises:
        UsageError: the name, the account or the key is wrong, or giving files to another account takes root.
        GraderError: git fails.
    """
    check_student(student)
    line = _key_line(server, student, key) if key is not None else None
    owner, group = _owner(server, user)
    repository = server.repository(student)
    if not repository.exists():
        _make(server, repository, owner, group)
    spool = server.spool(student)
    spool.mkdir(exist_ok=True)
    _give(spool, owner, server.root.stat().st_gid)  # the grader reads and removes by the group
    spool.chmod(0o2770)
    if line is not None:
        _authorize(server, student, line)
    return repository


def _owner(server: Server, user: str | None) -> tuple[int, int]:
    if user is None:
        status = server.root.stat()
        return status.st_uid, status.st_gid
    if user.isdigit():  # a container may have no names for its accounts
        owner, group = int(user), int(user)
    else:
        try:
            account = pwd.getpwnam(user)
        except KeyError as error:
            raise UsageError(f"user={user!r}: there is no such account on this machine") from error
        owner, group = account.pw_uid, account.pw_gid
    if owner != os.geteuid() and os.geteuid() != 0:
        raise UsageError(f"user={user!r}: only root can give files to another account; run this command with sudo")
    return owner, group


def _make(server: Server, repository: Path, owner: int, group: int) -> None:
    settings = server.settings()
    partial = repository.with_name(f".{repository.name}.part")
    shutil.rmtree(partial, ignore_errors=True)
    _git("init", "--quiet", "--bare", "--template=", f"--initial-branch={settings.branch}", "--", str(partial))
    for name, value in configuration(server).items():
        _git("-C", str(partial), "config", name, value)
    for path in (partial, *partial.rglob("*")):
        _give(path, owner, group)
    partial.chmod(0o700)
    partial.rename(repository)


def configuration(server: Server) -> dict[str, str]:
    """Return how git treats a student's repository."""
    return {
        "core.hooksPath": str(server.hooks),
        "core.logAllRefUpdates": "true",  # with no collection of garbage, a force-push hides nothing
        "gc.auto": "0",
        "receive.autogc": "false",
        "receive.fsckObjects": "true",
        "receive.unpackLimit": "1",  # keep packs: large files are never unpacked
        "core.bigFileThreshold": "32m",
        "receive.maxInputSize": str(server.settings().max_push_mb << 20),
        "receive.denyDeleteCurrent": "refuse",
    }


def _git(*arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | SAFE
    done = subprocess.run(["git", *arguments], check=False, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise GraderError(f"git {arguments[0]} failed: {done.stderr.strip()}")


def _give(path: Path, owner: int, group: int) -> None:
    status = path.lstat()
    if (status.st_uid, status.st_gid) != (owner, group):
        os.chown(path, owner, group, follow_symlinks=False)


def _key_line(server: Server, student: str, path: Path) -> str:
    try:
        lines = [line.strip() for line in read_regular(path, 65_536).decode("ascii").splitlines() if line.strip()]
    except (Problem, UnicodeDecodeError) as error:
        raise UsageError(f"key={str(path)!r}: cannot be read ({error})") from error
    match = _KEY.fullmatch(lines[0]) if len(lines) == 1 else None
    if match is None:
        raise UsageError(f"key={str(path)!r}: expected one public key on one line, such as 'ssh-ed25519 AAAA… name', without options before it")
    command = shlex.join([sys.executable, "-P", "-m", "autograder.serve.shell", str(server.root), student])
    if '"' in command or "\\" in command or "\n" in command:
        raise UsageError(f"folder={str(server.root)!r}: its name does not fit into a line of authorized_keys; use another folder")
    return f'command="{command}",{_OPTIONS} {match["key"]} {student}'


def _authorize(server: Server, student: str, line: str) -> None:
    path = server.root / "authorized_keys"
    try:
        kept = [old for old in path.read_text(encoding="ascii").splitlines() if old.rpartition(" ")[2] != student]
    except FileNotFoundError:
        kept = []
    key = line.rpartition(",")[2].split()[1:3]
    if any(key == old.rpartition(",")[2].split()[1:3] for old in kept):
        raise UsageError(f"student={student!r}: this key is another student's already")
    partial = path.with_suffix(".part")
    partial.write_text("".join(f"{text}\n" for text in [*kept, line]), encoding="ascii")
    partial.chmod(0o644)
    partial.replace(path)
