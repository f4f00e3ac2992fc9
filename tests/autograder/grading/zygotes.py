"""A zygote without a sandbox: forks children of the test process, for tests of what happens around them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket

from autograder.channel.server import serve
from autograder.sandbox import Death


class ForkingZygote:
    """Has the methods of a zygote that sessions use; notes what is asked of it."""

    def __init__(self) -> None:
        self.pids: list[int] = []
        self.live = 0
        self.closed = False

    def spawn(self) -> socket.socket:
        """Fork a child that serves a socket."""
        assert self.live == 0, "the last child was not reaped"
        ours, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            try:
                os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                ours.close()
                serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        self.live = pid
        self.pids.append(pid)
        return ours

    def reap(self) -> Death:
        """Kill the child."""
        assert self.live, "there is no child"
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.live, signal.SIGKILL)
        os.waitpid(self.live, 0)
        self.live = 0
        return Death(-1, 9, 0.25, 1000 + len(self.pids), "", "killed_by_us")

    def close(self) -> None:
        """Note that it was closed."""
        self.closed = True
