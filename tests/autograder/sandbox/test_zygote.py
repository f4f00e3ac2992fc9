"""The life of a zygote and its children, at every level that works here."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.errors import SandboxError
from autograder.sandbox import Level, Profile, Zygote, available_levels
from autograder.unit import Limits
from tests.autograder.sandbox import standin

STANDIN = "tests.autograder.sandbox.standin:serve"
NUMPY = Profile(("numpy",), None, ("numpy",))
PROJECT = Path(__file__).parents[3]
LINUX = sys.platform == "linux"
IGNORE_SIGNALS = """
import signal
for number in range(1, 32):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
"""

levels = pytest.mark.parametrize("level", ["ns", "ll", "none"])
confined = pytest.mark.parametrize("level", ["ns", "ll"])


def need(level: Level) -> None:
    """Skip, with the reason, a level that does not work here."""
    reason = available_levels()[level]
    if reason:
        pytest.skip(f"level {level} does not work here: {reason}")


@pytest.fixture(scope="module")
def zygotes() -> Iterator[Callable[[Level], Zygote]]:
    """Return a function that gives one zygote per level for all tests here; each test spawns and reaps its own child."""
    made: dict[Level, Zygote] = {}

    def get(level: Level) -> Zygote:
        need(level)
        if level not in made:
            made[level] = Zygote(level, NUMPY, Limits(memory_mb=256, cpu_seconds=1, output_kb=4), serve=STANDIN)
        return made[level]

    def get_idle(level: Level) -> Zygote:
        zygote = get(level)
        with contextlib.suppress(SandboxError):  # a failed test may have left its child
            zygote.reap()
        return zygote

    yield get_idle
    for zygote in made.values():
        zygote.close()


def ask(sock: socket.socket, code: str) -> str:
    """Execute ``code`` in the child and return the text of ``result``."""
    sock.settimeout(20)
    standin.send(sock, code)
    return standin.receive(sock)


def order(sock: socket.socket, code: str) -> None:
    """Send code that will not answer, and wait until the child has started on it."""
    sock.settimeout(20)
    standin.send(sock, code)
    time.sleep(0.05)


def children_of(pid: int) -> list[int]:
    """Return the processes whose parent is ``pid``."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == pid and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def wait_until(condition: Callable[[], bool]) -> bool:
    """Wait up to five seconds for ``condition``."""
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


@levels
def test_child_answers_and_is_reaped(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """A child executes what it is sent; reaping it gives the kernel's account."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        assert ask(sock, "import numpy as np; result = int(np.arange(5).sum())") == "10"
        death = zygote.reap()
    assert (death.reason, death.signal, death.status) == ("killed_by_us", signal.SIGKILL, -1)
    assert 0 <= death.cpu_seconds < 5
    assert death.max_rss_kb > 1000


@levels
def test_child_that_ignores_signals_dies(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """An endless loop with all signals ignored ends at once when reaped."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        order(sock, f"{IGNORE_SIGNALS}\nwhile True: pass")
        started = time.monotonic()
        death = zygote.reap()
    assert death.signal == signal.SIGKILL
    assert time.monotonic() - started < 2


@confined
def test_processor_time_is_limited(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """A child over its CPU seconds is killed by the kernel, and the account says so."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        order(sock, f"{IGNORE_SIGNALS}\nwhile True: pass")
        assert sock.recv(1) == b""
        wait_until(lambda: not children_of(zygote.pid))
        death = zygote.reap()
    assert death.reason == "cpu"
    assert 0.6 < death.cpu_seconds < 3


@levels
@pytest.mark.parametrize(
    "code", ["import numpy as np; a = np.ones(1 << 28)", "import numpy as np; a = [np.empty(1 << 22) for _ in range(100)]"]
)
def test_memory_is_limited(zygotes: Callable[[Level], Zygote], level: Level, code: str) -> None:
    """Taking too much memory raises ``MemoryError`` in student code, and the child lives on."""
    if level == "none" and not LINUX:
        pytest.skip("this system does not limit address space")
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        assert "MemoryError" in ask(sock, f"a = None\n{code}")
        assert ask(sock, "a = None; result = 1") == "1"
        assert zygote.reap().max_rss_kb < 600 << 10


@levels
@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        ("import os; os._exit(3)", "exited", 3),
        ("import ctypes; ctypes.string_at(0)", "crashed", -1),
        ("import os; os.close(3)", "exited", 1),
    ],
)
def test_child_that_ends_itself(zygotes: Callable[[Level], Zygote], level: Level, code: str, reason: str, status: int) -> None:
    """A child that exits, crashes or closes its channel is told apart from one that was killed, and harms nobody."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        order(sock, code)
        assert sock.recv(1) == b""
        wait_until(lambda: not children_of(zygote.pid))
        death = zygote.reap()
    assert (death.reason, death.status) == (reason, status)
    with zygote.spawn() as sock:
        assert ask(sock, "result = 1") == "1"
        zygote.reap()


@confined
def test_other_convention_is_forbidden(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """A system call by the x32 convention kills the child."""
    from autograder.sandbox import seccomp, syscalls

    if syscalls.machine() != "x86_64":
        pytest.skip("only x86-64 has the x32 convention")
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        order(sock, f"import ctypes; ctypes.CDLL(None).syscall({seccomp.X32_BIT | 39})")
        assert sock.recv(1) == b""
        assert zygote.reap().reason == "forbidden"


@levels
def test_next_child_is_clean(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """What one child changes in its memory or its /tmp, the next does not find."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        ask(
            sock, "import builtins, sys, numpy as np; builtins.sum = lambda _: 100; np.allclose = lambda *_: True; sys.path.append('/evil')"
        )
        if level == "ns":
            assert ask(sock, "result = open('/tmp/marker', 'w').write('x')") == "1"
        zygote.reap()
    with zygote.spawn() as sock:
        assert ask(sock, "import sys, numpy as np; result = sum([1, 1]), np.allclose(0, 1), '/evil' in sys.path") == "(2, False, False)"
        if level == "ns":
            assert ask(sock, "import os; result = os.path.exists('/tmp/marker')") == "False"
        zygote.reap()


@levels
def test_output_is_cut_and_cleaned(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """What a child prints comes back cut and without terminal escapes; printing too much is no error."""
    zygote = zygotes(level)
    with zygote.spawn() as sock:
        assert (
            ask(sock, r"import sys; result = print('\x1b[31mred\x1b[0m \u202ebidi \ud800'), print('error', file=sys.stderr)")
            == "(None, None)"
        )
        assert ask(sock, "result = [print('x' * 1000) for _ in range(1000)] and 'fine'") == "'fine'"
        output = zygote.reap().output
    assert output.startswith("red \N{REPLACEMENT CHARACTER}bidi \\ud800\nerror\nxxx")
    assert len(output) < 5000


@levels
def test_one_child_at_a_time(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """A second spawn and a second reap are refused, with a sentence."""
    zygote = zygotes(level)
    with zygote.spawn():
        with pytest.raises(SandboxError, match="reap it first"):
            zygote.spawn()
        zygote.reap()
    with pytest.raises(SandboxError, match="no child"):
        zygote.reap()


@levels
def test_spawning_is_quick(zygotes: Callable[[Level], Zygote], level: Level) -> None:
    """A child is there and gone again in milliseconds (the bound is wide: a busy machine is no failure)."""
    zygote = zygotes(level)
    seconds = []
    for _ in range(15):
        started = time.perf_counter()
        zygote.spawn().close()
        zygote.reap()
        seconds.append(time.perf_counter() - started)
    assert sorted(seconds)[5] < 0.05


@levels
def test_nothing_is_left_behind(level: Level, tmp_path: Path) -> None:
    """After closing, with a child still running, no process, mount or temporary file is there that was not before."""
    need(level)
    data = tmp_path / "set one"
    data.mkdir()
    (data / "numbers.txt").write_text("1 2 3")
    tmp_path.chmod(0o755)
    before = _traces()
    with Zygote(level, Profile(data=data), Limits(), serve=STANDIN) as zygote, zygote.spawn() as sock:
        assert ask(sock, "result = open('data/numbers.txt').read()") == "'1 2 3'"
        assert level == "none" or "Error" in ask(sock, "open('data/numbers.txt', 'a')")
        order(sock, f"{IGNORE_SIGNALS}\nwhile True: pass")
        family = [zygote.pid, *children_of(zygote.pid)]
        assert not LINUX or len(family) == 2
    assert wait_until(lambda: not any(_alive(pid) for pid in family))
    assert _traces() == before


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return not LINUX or Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False


def _traces() -> tuple[str, set[str]]:
    mounts = Path("/proc/mounts").read_text() if LINUX else ""
    return mounts, {p.name for p in Path(tempfile.gettempdir()).glob("autograder-sandbox-*")}


@levels
def test_death_of_the_zygote_is_reported(level: Level) -> None:
    """When the zygote is killed its child dies too, and the next request says that it is gone."""
    need(level)
    with Zygote(level, Profile(), Limits(), serve=STANDIN) as zygote, zygote.spawn() as sock:
        order(sock, f"{IGNORE_SIGNALS}\nwhile True: pass" if level != "none" else "result = 1")
        family = children_of(zygote.pid)
        os.kill(zygote.pid, signal.SIGKILL)
        with pytest.raises(SandboxError, match="zygote is gone"):
            zygote.reap()
        assert level == "none" or wait_until(lambda: not any(_alive(pid) for pid in family))


@confined
def test_family_dies_with_its_parent(level: Level) -> None:
    """When the grader is killed, zygote and child end as well."""
    need(level)
    program = (
        "import time; from autograder.sandbox import *; from autograder.unit import Limits; from tests.autograder.sandbox import standin\n"
        f"z = Zygote({level!r}, Profile(), Limits(), serve={STANDIN!r}); s = z.spawn(); standin.send(s, 'while True: pass')\n"
        "print(z.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=PROJECT, stdout=subprocess.PIPE, text=True) as grader:
        assert grader.stdout is not None
        zygote = int(grader.stdout.readline())
        family = [zygote, *children_of(zygote)]
        assert len(family) == 2
        grader.kill()
        assert wait_until(lambda: not any(_alive(pid) for pid in family))


@levels
def test_zygote_outlives_the_thread_that_made_it(level: Level) -> None:
    """A zygote made in a thread serves other threads after that one has ended."""
    need(level)
    made: list[Zygote] = []
    thread = threading.Thread(target=lambda: made.append(Zygote(level, Profile(), Limits(), serve=STANDIN)))
    thread.start()
    thread.join()
    with made[0] as zygote, zygote.spawn() as sock:
        assert ask(sock, "result = 1") == "1"


@levels
@pytest.mark.parametrize(
    ("profile", "serve", "message"),
    [
        (Profile(preload=("no_such_module",)), STANDIN, "no_such_module"),
        (Profile(preload=("tests.autograder.sandbox.threaded",)), STANDIN, "started a thread"),
        (Profile(), "tests.autograder.sandbox.standin:no_such_function", "no_such_function"),
    ],
)
def test_zygote_that_cannot_start(level: Level, profile: Profile, serve: str, message: str) -> None:
    """What goes wrong at the start is an error that names it, and leaves no process."""
    need(level)
    before = children_of(os.getpid()) if LINUX else []
    with pytest.raises(SandboxError, match=message):
        Zygote(level, profile, Limits(), serve=serve)
    assert (children_of(os.getpid()) if LINUX else []) == before


@confined
def test_failed_confinement_is_our_error(level: Level) -> None:
    """A child that cannot be confined never runs student code: spawning raises."""
    need(level)
    with Zygote(level, Profile(), Limits(memory_mb=10**16), serve=STANDIN) as zygote, pytest.raises(SandboxError, match="OverflowError"):
        zygote.spawn()


def test_environment_of_the_parent_stays_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """The zygote starts without the parent's environment, so a child cannot read a secret from its own memory."""
    need("none")
    monkeypatch.setenv("AUTOGRADER_SECRET", "42")
    with Zygote("none", Profile(), Limits(), serve=STANDIN) as zygote:
        if LINUX:
            assert b"AUTOGRADER_SECRET" not in Path(f"/proc/{zygote.pid}/environ").read_bytes()
        with zygote.spawn() as sock:
            assert ask(sock, "import os; result = dict(os.environ)") == "{}"


def test_zygote_imports_nothing_of_the_grader() -> None:
    """A zygote with the channel's own server has only the channel and the errors of this package."""
    need("none")
    with Zygote("none", NUMPY, Limits(), serve="tests.autograder.sandbox.standin:serve_beside_channel") as zygote, zygote.spawn() as sock:
        found = ask(sock, "import sys; result = sorted(m for m in sys.modules if m.startswith(('autograder.', 'hypothesis', 'pytest')))")
    assert "autograder.channel.server" in found
    assert not [name for name in ("unit", "grading", "testing", "hypothesis", "pytest", "sandbox.zygote") if name in found]
