"""The zygote: a fresh interpreter that imports the runtime once and forks a confined child on request.

It is started by exec, so that nothing its parent ever imported is in its memory, and it holds no secret.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import resource
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass, replace
from typing import Any

from autograder.sandbox import child, imports, landlock, linux, output, root, seccomp, wire
from autograder.sandbox.model import Bounds, Death, Order, Reason
from autograder.sandbox.users import FIRST_USER, capabilities_to_read, process_limit
from autograder.sandbox.view import DEVICES, View, make_view


def main(fd: int) -> None:
    """Serve the parent on the control socket ``fd`` until it closes."""
    control = socket.socket(fileno=fd)
    order = _read_order(wire.receive(control)[0])
    try:
        plan = prepare(order)
    except Exception as error:  # whatever it is, the parent reports it
        wire.send(control, {"error": f"{type(error).__name__}: {error}"})
        return
    wire.send(control, {"user": plan.user, "capabilities": plan.capabilities, "landlock": plan.landlock, "processes": plan.processes})
    with contextlib.suppress(EOFError, ConnectionError):
        _loop(control, plan)


def _read_order(data: dict[str, Any]) -> Order:
    lists = {key: tuple(data[key]) for key in ("packages", "preload", "sites")}
    return Order(**{**data, **lists, "bounds": Bounds(**data["bounds"])})


def prepare(order: Order) -> child.Plan:
    """Import what children need, then enter the sandbox as far as all of them share it."""
    if order.die_with_parent and sys.platform == "linux":
        linux.prctl(linux.PR_SET_PDEATHSIG, signal.SIGKILL)
    standard_library = tuple(p for p in sys.path if p not in (*order.sites, order.project))
    sys.path[:] = [*standard_library, *order.sites, order.project]
    imports.warm(order.preload)
    serve: Any = imports.resolve(order.serve)
    sys.path[:] = [*standard_library, *order.sites]
    sys.path_importer_cache.pop(order.project, None)
    sys.dont_write_bytecode = True
    _bound_output(order.bounds.output_kb * 1024 + 1)  # one more, so that a cut is noticed
    if not child.is_single_threaded():
        raise RuntimeError(f"preload={list(order.preload)} started a thread; a process with threads cannot fork safely")
    bare = child.Plan(order.level, order.bounds, _address_space(), None, 0, None, b"", None, False, None, order.cwd, serve)
    plan = _plan(order, bare, standard_library)
    if order.level != "none":
        linux.drop_bounding_set()
        linux.prctl(linux.PR_SET_DUMPABLE, 0)
    _hide_grader()
    gc.collect()
    gc.freeze()
    return plan


def _plan(order: Order, plan: child.Plan, standard_library: tuple[str, ...]) -> child.Plan:
    if order.level == "none":
        _hide_packages(order.sites, order.packages)
        return plan
    view = make_view(standard_library, order.sites, order.packages, order.data)
    _hide_packages(order.sites, (os.path.basename(p).partition(".")[0] for p in view.packages))
    return _plan_ns(order, plan, view) if order.level == "ns" else _plan_ll(order, plan, view, standard_library)


def _plan_ll(order: Order, plan: child.Plan, view: View, standard_library: tuple[str, ...]) -> child.Plan:
    pieces = sorted(set(view.pieces()))
    rules = landlock.Ruleset()
    rules.grant(pieces)
    rules.grant((p for p in (*standard_library, *view.sites) if os.path.isdir(p)), list_only=True)
    rules.grant(DEVICES)
    rules.grant((os.devnull,), write=True)
    user = FIRST_USER + order.slot
    kept = capabilities_to_read(user, pieces, order.cwd) if os.getuid() == 0 else None
    processes = process_limit(order.bounds.processes, private=kept is not None)
    return replace(
        plan,
        view=view,
        ruleset=rules.fd,
        landlock=True,
        program=seccomp.compile_filter(),
        user=None if kept is None else user,
        capabilities=kept or 0,
        processes=processes,
    )


def _plan_ns(order: Order, plan: child.Plan, view: View) -> child.Plan:
    user = FIRST_USER + order.slot
    mapped = root.enter_namespaces(user)
    processes = process_limit(order.bounds.processes, private=not mapped)
    kept = root.build(view)
    return replace(
        plan,
        view=view,
        landlock=_has_landlock(),
        program=seccomp.compile_filter(),
        user=None if mapped else user,
        processes=processes,
        cwd=root.HOME,
        kept=kept,
    )


def _hide_packages(sites: tuple[str, ...], allowed: Any) -> None:
    sys.meta_path.insert(0, imports.NotInstalled(sites, {*allowed, "autograder"}))


def _has_landlock() -> bool:
    try:
        return landlock.version() > 0
    except OSError:
        return False


def _address_space() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return 8 << 30


def _bound_output(limit: int) -> None:
    """Make printing write at once and never fail; the zygote itself prints nothing."""
    for fd, name in ((1, "stdout"), (2, "stderr")):
        raw: Any = output.BoundedOutput(fd, limit)
        stream = io.TextIOWrapper(raw, "utf-8", "backslashreplace", write_through=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def _hide_grader() -> None:
    """Take what children inherit of the grader out of easy sight: nothing of it is a secret, but nothing of it is theirs.

    Functions that still run keep their modules' names alive.
    """
    os.environ.clear()
    sys.argv[:] = [""]
    sys.orig_argv[:] = [""]
    for name in [n for n in sys.modules if n.startswith("autograder.sandbox")]:
        del sys.modules[name]
    main_names = sys.modules["__main__"].__dict__
    for name in [n for n in main_names if not n.startswith("__")]:
        del main_names[name]


@dataclass
class _Child:
    pid: int
    output: int


def _loop(control: socket.socket, plan: child.Plan) -> None:
    current: _Child | None = None
    try:
        while True:
            request, fd = wire.receive(control)
            if request["do"] == "spawn" and fd is not None:
                current = _spawn(control, plan, fd)
            elif request["do"] == "reap" and current is not None:
                ended, current = current, None
                wire.send(control, _reap(ended, plan))
    finally:
        if current is not None:
            _reap(current, plan)


def _spawn(control: socket.socket, plan: child.Plan, channel: int) -> _Child:
    out = _anonymous_file()
    status, writing = os.pipe()
    namespaces = linux.CLONE_NEWPID | linux.CLONE_NEWNS | linux.CLONE_NEWIPC if plan.level == "ns" else 0
    pid = linux.fork(namespaces)
    if pid == 0:
        _become_child(plan, channel, out, writing)
    os.close(channel)
    os.close(writing)
    said = b"".join(iter(lambda: os.read(status, 4096), b""))
    os.close(status)
    wire.send(
        control, {} if said == child.CONFINED else {"error": said.decode("utf-8", "replace") or "the child died while it was confined"}
    )
    return _Child(pid, out)


def _become_child(plan: child.Plan, channel: int, out: int, status: int) -> None:
    """Run the child and end it; nothing may return into the zygote's loop."""
    code = 1
    try:
        sock = _enter(plan, channel, out, status)
        if sock is not None:
            plan.serve(sock)
            code = 0
    except BaseException as error:  # of the served code, or of its channel; a word in the output is all it leaves
        with contextlib.suppress(OSError):
            os.write(2, type(error).__name__.encode())
    finally:
        os._exit(code)


def _enter(plan: child.Plan, channel: int, out: int, status: int) -> socket.socket | None:
    """Return the channel of the confined child, or tell the zygote why there is none."""
    try:
        return child.enter(plan, channel, out, status)
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.write(child.STATUS, f"{type(error).__name__}: {error}".encode("utf-8", "replace"))
        return None


def _reap(ended: _Child, plan: child.Plan) -> dict[str, Any]:
    """Kill what is left of the child and return the kernel's account of it."""
    waited, status, usage = os.wait4(ended.pid, os.WNOHANG)
    alive = waited == 0
    if alive:
        os.kill(ended.pid, signal.SIGKILL)  # in a PID namespace it is process 1: all others there die with it
        _, status, usage = os.wait4(ended.pid, 0)
    if plan.level == "none":  # nothing kept it from forking
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(ended.pid, signal.SIGKILL)
    limit = plan.bounds.output_kb * 1024
    text = output.clean(os.pread(ended.output, limit + 1, 0), limit)
    os.close(ended.output)
    number = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
    cpu = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss // (1 if sys.platform == "linux" else 1024)
    reason = _reason(number, alive, cpu / max(1, round(plan.bounds.cpu_seconds)))
    return vars(Death(os.WEXITSTATUS(status) if number is None else -1, number, cpu, memory, text, reason))


def _reason(number: int | None, alive: bool, cpu: float) -> Reason:
    """Say why a child ended.

    Args:
        number: the signal that ended it, if one did.
        alive: whether it had not ended yet when it was reaped.
        cpu: CPU time as a fraction of its limit.  The kernel enforces the limit by a coarser clock than it reports.
    """
    if number is None:
        return "exited"
    if number in (signal.SIGKILL, signal.SIGXCPU):
        if cpu >= (0.95 if alive else 0.6):
            return "cpu"
        return "killed_by_us" if alive else "memory?"
    return "forbidden" if number == signal.SIGSYS else "crashed"


def _anonymous_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("output", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
