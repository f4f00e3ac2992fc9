"""What the kernel allows, found by trying each thing in a throwaway process; run as a program, it prints its findings."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
from collections.abc import Callable

from autograder.sandbox import landlock, linux, root, seccomp
from autograder.sandbox.users import FIRST_USER, capabilities_to_read


def main() -> None:
    """Print one JSON object: what was tried, and an empty string or the reason why it failed."""
    print(
        json.dumps(
            {
                "user namespace": attempt(lambda: linux.unshare(linux.CLONE_NEWUSER)),
                "namespaces": attempt(lambda: _ignore(root.enter_namespaces(FIRST_USER))),
                "landlock": attempt(lambda: landlock.restrict(landlock.Ruleset().fd), no_new_privileges=True),
                "landlock version": _landlock_version(),
                "seccomp": attempt(lambda: linux.load_filter(seccomp.compile_filter()), no_new_privileges=True),
                "user switch": _user_switch(),
            }
        )
    )


def attempt(action: Callable[[], None], *, no_new_privileges: bool = False) -> str:
    """Run ``action`` in a forked process and return why it failed, or an empty string."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            if no_new_privileges:
                linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
            action()
            os.write(writing, b"+")
        except BaseException as error:  # whatever it is, it is the finding
            os.write(writing, str(error).encode("utf-8", "replace"))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(pid, 0)
    return "" if said == "+" else said or "the process that tried it was killed"


def serve(sock: socket.socket) -> None:
    """Self-test of a confined child: try what must fail, and answer with the names of what worked.

    The request is a JSON object with the ``file`` and the ``folder`` that must be out of reach.
    """
    request = json.loads(sock.recv(1 << 16))
    actions: dict[str, Callable[[], object]] = {
        "read": lambda: os.open(request["file"], os.O_RDONLY),
        "list": lambda: os.listdir(request["folder"]),
        "socket": lambda: socket.socket(socket.AF_INET),
        "fork": lambda: os.fork() or os._exit(0),
    }
    worked = []
    for name, action in actions.items():
        with contextlib.suppress(OSError):
            action()
            worked.append(name)
    sock.sendall(json.dumps(worked).encode())


def _landlock_version() -> str:
    try:
        return str(landlock.version())
    except OSError:
        return ""


def _user_switch() -> str:
    if os.getuid() != 0:
        return "needs root"
    needed = capabilities_to_read(FIRST_USER, [p for p in sys.path if os.path.exists(p)], "/")
    if needed is None:
        return "root may not switch users here, or not read its own interpreter"
    return "another user cannot read the interpreter's files" if needed else ""


def _ignore(_: object) -> None:
    """Discard a value, so that a lambda returns nothing."""
