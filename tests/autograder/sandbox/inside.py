"""Run every attack in one child and print the outcomes as JSON: ``inside.py LEVEL PLACES [USER]``.

With a user, this process first becomes that user; user 0 is root with no capability but the
one (SETFCAP) that making a user namespace needs, much as in a container.  Where the interpreter lies in a folder that only root can enter, it does so in a
mount namespace of its own in which that folder is open and holds nothing but the interpreter.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path


def become(user: int) -> None:
    """Change to an ordinary user who can read the interpreter, and start this program again."""
    from autograder.sandbox import linux

    if user == 0:
        linux.drop_bounding_set(1 << 31)
        os.execv(sys.executable, [sys.executable, "-m", "tests.autograder.sandbox.inside", *sys.argv[1:3]])
    switch_user(user)
    os.execv(sys.executable, [sys.executable, "-m", "tests.autograder.sandbox.inside", *sys.argv[1:3]])


def switch_user(user: int) -> None:
    """Become an ordinary user in a mount namespace in which the interpreter can be read."""
    from autograder.sandbox import linux

    prefix = Path(sys.base_prefix).resolve()
    closed = next((p for p in reversed(prefix.parents) if not p.stat().st_mode & 0o001), None)
    if closed is not None:
        linux.unshare(linux.CLONE_NEWNS)
        linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
        linux.mount(str(prefix), "/mnt", None, linux.MS_BIND | linux.MS_REC)
        linux.mount("open", str(closed), "tmpfs", 0, "mode=755")
        prefix.mkdir(parents=True)
        linux.mount("/mnt", str(prefix), None, linux.MS_BIND | linux.MS_REC)
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)


def main() -> None:
    """Print the facts of the zygote, the outcomes and the child's end."""
    from autograder.sandbox import Profile, Zygote
    from autograder.unit import Limits
    from tests.autograder.sandbox import attacks, standin

    level, places = sys.argv[1], json.loads(sys.argv[2])
    profile = Profile(("numpy",), Path(places["data"]), ("numpy",))
    with Zygote(level, profile, Limits(memory_mb=512), serve="tests.autograder.sandbox.standin:serve") as zygote:  # type: ignore[arg-type]
        with zygote.spawn() as sock:
            sock.settimeout(20)

            def run(code: str) -> str:
                standin.send(sock, code)
                return standin.receive(sock)

            outcomes = attacks.outcomes(run, places)
            facts = run("result = (os.getuid(), os.getgid(), os.getcwd(), os.getppid(), os.uname().nodename)")
        death = zygote.reap()
    print(json.dumps({"facts": facts, "zygote": zygote.facts, "outcomes": outcomes, "reason": death.reason, "output": len(death.output)}))


if __name__ == "__main__":
    if len(sys.argv) == 4:
        become(int(sys.argv[3]))
    main()
