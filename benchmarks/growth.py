"""How cost grows with the class: seconds each, the coordinator's share of the work, and its peak memory.

Every class is graded by a process of its own, as ``autograder grade`` does it: notebooks in a folder, records on disk, reports
written; then again, with nothing left to do.  The unit is a small one (``tests/conftest.py``), so that what the
coordinator does for each submission weighs most.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from autograder.authoring.build import render_reference
from autograder.course import Course
from autograder.grading.material import Material
from autograder.grading.run import grade
from autograder.records import encode
from tests.cluster.machines import descendants, machines
from tests.conftest import TINY, write_tiny_course

SMALL, LARGE = (10, 100), (10, 100, 1000, 5000)
JOBS = (1, 2)


def write_class(material: Material, folder: Path, count: int) -> None:
    """Write ``count`` notebooks that differ in a comment: right ones, and each known mistake in turn."""
    first = material.unit.exercises[0].id
    variants: list[dict[str, str]] = [{}, *({m.exercise: material.source(m)} for m in material.misconceptions)]
    for number, replace in enumerate(islice(cycle(variants), count)):
        source = f"{replace.get(first, material.notebook.solution(first))}\n# submission {number}\n"
        path = folder / f"student{number:05d}.ipynb"
        path.write_text(render_reference(material.notebook, material.unit, {**replace, first: source}), encoding="utf-8")


def peak_memory() -> float:
    """Return the most memory this process has had so far, in MB."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def measure(course: Path, submitted: Path, out: Path, jobs: int) -> dict[str, float]:
    """Grade a class in this process and return what it cost; with ``jobs=0`` with nothing left to do."""
    before, started, cpu = peak_memory(), time.perf_counter(), _cpu()
    done = grade(Course(course), TINY, [submitted], out, jobs=jobs or 1)
    own, workers = (after - earlier for after, earlier in zip(_cpu(), cpu, strict=True))
    wall = time.perf_counter() - started
    return {"count": len(done.records), "jobs": jobs, "wall": wall, "own": own, "workers": workers, "before": before, "peak": peak_memory()}


def _cpu() -> tuple[float, float]:
    """Return the CPU seconds of this process and of its ended children."""
    found = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    own, children = (usage.ru_utime + usage.ru_stime for usage in found)
    return own, children


def _apart(*arguments: object) -> dict[str, Any]:
    """Return what :func:`measure` gives in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.growth", "--one", *map(str, arguments)]
    found: dict[str, Any] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return found


def table(counts: tuple[int, ...]) -> Iterator[str]:
    """Yield the lines of the table for classes of these sizes, each when it is measured."""
    yield "  class  workers  seconds each  per second  CPU ms each  of which the coordinator  its peak memory (above start)"
    with TemporaryDirectory(prefix="growth-") as scratch:
        Path(scratch, "course").mkdir()
        course = write_tiny_course(Path(scratch, "course"))
        material = Material(course, TINY)
        _ = material.hidden.examples  # made once, before anything is measured
        for count in counts:
            submitted = Path(scratch, f"submitted{count}")
            submitted.mkdir()
            write_class(material, submitted, count)
            for jobs in JOBS:
                out = Path(scratch, f"out{count}-{jobs}")
                yield _row(_apart(course.root, submitted, out, jobs))
            again = _apart(course.root, submitted, out, 0)
            yield f"  {count:5d}    again  nothing left to grade: {again['wall']:.2f} s, {again['own']:.2f} CPU s, {_memory(again)}"


def _row(found: dict[str, Any]) -> str:
    count, own, cpu = found["count"], found["own"], found["own"] + found["workers"]
    return (
        f"  {count:5d}  {found['jobs']:7d}  {found['wall'] / count:12.4f}  {count / found['wall']:10.1f}"
        f"  {1000 * cpu / count:11.1f}  {1000 * own / count:13.1f} ms, {own / cpu:4.0%}  {_memory(found)}"
    )


def _memory(found: dict[str, Any]) -> str:
    return f"{found['peak']:.0f} MB (+{found['peak'] - found['before']:.0f})"


def on_cluster(unit: str, count: int) -> Iterator[str]:
    """Yield what a submission of a real unit costs each part of a Dask cluster, all of it on this machine."""
    from autograder.grading.cluster import Cluster
    from benchmarks.submissions import mixed_class

    material = Material(Course.find(), unit)
    submissions = mixed_class(material, count)
    with TemporaryDirectory(prefix="growth-") as scratch, machines(Path(scratch)) as made:
        for name in ("one", "two"):
            made.worker(name, material.course)
            made.address_of(name)
        with Cluster(material, None, made.address) as cluster:
            list(cluster.grade(submissions[:4]))  # warm
            watched = {"scheduler": made.process("scheduler").pid, "worker": made.process("one").pid}
            before, own, started = {name: _process_cpu(pid) for name, pid in watched.items()}, _cpu()[0], time.perf_counter()
            records = list(cluster.grade(submissions))
            wall, spent = time.perf_counter() - started, {name: _process_cpu(pid) - before[name] for name, pid in watched.items()}
            spent = {"coordinator": _cpu()[0] - own, **spent, "grading": sum(r.cpu_seconds for r in records)}
            memory = {name: _resident(pid) for name, pid in {"coordinator": os.getpid(), **watched}.items()}
            nodes = [_resident(pid) for pid in sorted(descendants(watched["worker"]))]
        sizes = [sum(map(len, data)) // count for data in ([s.data or b"" for s in submissions], [encode(r) for r in records])]
        carried = _carry_alone(made.address, watched, *sizes)
    yield f"  {count} of {unit} on a cluster of 2 workers: {count / wall:.1f}/s"
    yield "  CPU ms each: " + ", ".join(f"{name} {1000 * seconds / count * (2 if name == 'worker' else 1):.1f}" for name, seconds in spent.items())
    yield "  resident MB: " + ", ".join(f"{name} {size:.0f}" for name, size in memory.items()) + f"; processes below a worker {', '.join(f'{n:.0f}' for n in nodes)}"
    yield f"  bytes each: notebook {sizes[0]}, record {sizes[1]}"
    yield carried


def answer_at_once(order: bytes, size: int) -> bytes:
    """Return as many bytes as asked for: an order that costs its carriage alone."""
    return bytes(size + 0 * len(order))


def _carry_alone(address: str, watched: dict[str, int], order: int, answer: int, count: int = 2000) -> str:
    """Return what carrying costs when grading takes no time: where the scheduler and the coordinator end."""
    import distributed

    data = os.urandom(order)
    with distributed.Client(address, set_as_default=False) as client:
        before, own, started = {name: _process_cpu(pid) for name, pid in watched.items()}, _cpu()[0], time.perf_counter()
        waiting: deque[Any] = deque()
        for number in range(count + 8):  # eight are on their way at any time
            if number < count:
                waiting.append(client.submit(answer_at_once, data, answer, key=f"carried-{number}", pure=False))
            if number >= 8:
                waiting.popleft().result()
        wall = time.perf_counter() - started
        spent = {"coordinator": _cpu()[0] - own} | {name: _process_cpu(pid) - before[name] for name, pid in watched.items()}
    return f"  carrying alone: {count / wall:.0f}/s; CPU ms each: " + ", ".join(f"{name} {1000 * seconds / count:.1f}" for name, seconds in spent.items())


def _process_cpu(pid: int) -> float:
    """Return the CPU seconds of a process without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int) -> float:
    """Return the memory of a process in MB, pages that it shares counted in full."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def main() -> None:
    """Print the table, or measure one class when asked by :func:`table`."""
    parser = argparse.ArgumentParser(description="How cost grows with the class.")
    parser.add_argument("--large", action="store_true", help=f"classes of {', '.join(map(str, LARGE))} instead of {', '.join(map(str, SMALL))}")
    parser.add_argument("--one", nargs=4, metavar=("COURSE", "SUBMITTED", "OUT", "JOBS"), help=argparse.SUPPRESS)
    parser.add_argument("--cluster", metavar="UNIT", help="measure instead what 60 submissions of a unit cost on a Dask cluster of this machine")
    arguments = parser.parse_args()
    if arguments.one:
        course, submitted, out, jobs = arguments.one
        print(json.dumps(measure(Path(course), Path(submitted), Path(out), int(jobs))))
        return
    lines = on_cluster(arguments.cluster, 60) if arguments.cluster else table(LARGE if arguments.large else SMALL)
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    main()
