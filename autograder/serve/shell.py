"""The only command that a student's ssh key runs: push to, fetch from, and ask for the grades of the own repository."""

from __future__ import annotations

import json
import os
import re
import resource
import runpy
import shlex
import sys
from pathlib import Path

SERVICES = {"git-receive-pack": "receive-pack", "git-upload-pack": "upload-pack"}
_MEMORY, _SECONDS = 2 << 30, 300
_PROTOCOL = re.compile(r"version=[012]")


def service(command: str, student: str) -> str:
    """Return ``receive-pack``, ``upload-pack`` or ``grades``.

    Args:
        command: what the student asked for, as ssh hands it on.
        student: whose key it was; nothing of the command but its first word is used.

    Raises:
        ValueError: it is something else, or another repository; the message is for the student.
    """
    try:
        words = shlex.split(command)
    except ValueError:
        words = []
    if words[:1] == ["git"] and len(words) > 1:
        words = [f"git-{words[1]}", *words[2:]]
    if words == ["grades"]:
        return "grades"
    if len(words) != 2 or words[0] not in SERVICES:
        raise ValueError(f"This key is for 'git push' and 'git clone' of {student}.git, and for the command 'grades'.")
    if words[1].rstrip("/").rpartition("/")[2].removesuffix(".git") != student:
        raise ValueError(f"This key is {student}'s: the repository is called {student}.git.")
    return SERVICES[words[0]]


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a repository."""
    return sum(os.lstat(os.path.join(where, name)).st_size for where, _, names in os.walk(folder) for name in names)  # noqa: PTH118 - many files


def main(root: str, student: str) -> None:
    """Run what the student asked for; does not return."""
    folder = Path(root)
    try:
        wanted = service(os.environ.get("SSH_ORIGINAL_COMMAND", ""), student)
    except ValueError as error:
        sys.exit(str(error))
    hook = folder / "hooks" / "post-receive"
    if wanted == "grades":
        sys.argv = [str(hook), "grades", student]
        runpy.run_path(str(hook), run_name="__main__")  # exits
    repository = folder / "repos" / f"{student}.git"
    limits = json.loads((folder / "hooks" / "serve.json").read_text(encoding="utf-8"))
    if wanted == "receive-pack" and size_of(repository) > limits["max_repository_mb"] << 20:
        sys.exit(f"Your repository holds more than {limits['max_repository_mb']} MB: nothing more is stored. Ask your instructor.")
    for kind, limit in ((resource.RLIMIT_AS, _MEMORY), (resource.RLIMIT_CPU, _SECONDS), (resource.RLIMIT_FSIZE, 2 * limits["max_push_mb"] << 20)):
        _, hard = resource.getrlimit(kind)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (bound, bound))
    protocol = os.environ.get("GIT_PROTOCOL", "")
    environment = {
        "PATH": os.environ.get("PATH", "/usr/local/bin:/usr/bin:/bin"),
        "HOME": "/nonexistent",
        "LC_ALL": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "AUTOGRADER_STUDENT": student,
        **({"GIT_PROTOCOL": protocol} if _PROTOCOL.fullmatch(protocol) else {}),
    }
    os.execvpe("git", ["git", wanted, "--strict" if wanted == "upload-pack" else "--", str(repository)], environment)  # noqa: S606 - fixed words


if __name__ == "__main__":
    main(*sys.argv[1:3])
