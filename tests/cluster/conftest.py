"""One cluster with right and wrong workers for all tests, and one run on it in which a worker is killed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from autograder import __version__
from autograder.course import Course
from autograder.errors import GraderError
from autograder.grading.cluster import Cluster
from autograder.grading.material import Material
from autograder.grading.run import Plan, grade
from autograder.records import SubmissionRecord
from benchmarks.growth import write_class
from tests.conftest import TINY, write_tiny_course

from .machines import Machines, descendants, machines

if not Path("/proc/self").is_dir():
    collect_ignore_glob = ["test_*.py"]  # machines of a cluster run Linux

COUNT = 24


class Run(msgspec.Struct):
    """What a run on the cluster did: plan, students in the order they were recorded, records, and what was said."""

    plan: Plan
    told: list[str]
    records: tuple[SubmissionRecord, ...]
    said: str
    killed: set[int]
    lost: str


def checkout(folder: Path, name: str) -> Course:
    """Write a checkout of the tiny course."""
    (folder / name).mkdir()
    return write_tiny_course(folder / name)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the cluster."""
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="session")
def home(folder: Path) -> Course:
    """The coordinator's checkout."""
    return checkout(folder, "home")


@pytest.fixture(scope="session")
def submitted(folder: Path, home: Course) -> Path:
    """A class."""
    path = folder / "submitted"
    path.mkdir()
    write_class(Material(home, TINY), path, COUNT)
    return path


@pytest.fixture(scope="session")
def empty(folder: Path) -> Iterator[Machines]:
    """A cluster without workers."""
    with machines(folder) as made:
        yield made


@pytest.fixture(scope="session")
def nobody(empty: Machines, home: Course) -> str:
    """What is said when no worker comes."""
    with pytest.raises(GraderError) as caught:
        Cluster(Material(home, TINY), None, empty.address, patience=0.2, warn=lambda _: None)
    return str(caught.value)


@pytest.fixture(scope="session")
def cluster(nobody: str, empty: Machines, folder: Path) -> Machines:
    """Two right workers, and three that must be refused: with other tests, without the secret, with another grader."""
    right, stale, careless = (checkout(folder, name) for name in ("right", "stale", "careless"))
    test = stale.tests(TINY) / "hidden" / "test_tiny.py"
    test.write_text(test.read_text() + "\n# one more thought\n")
    (careless.private / "secret").unlink()
    package = folder / "older" / "autograder"
    shutil.copytree(Path(__file__).parents[2] / "autograder", package, ignore=shutil.ignore_patterns("__pycache__"))
    path = package / "__init__.py"
    path.write_text(re.sub(rf'"{re.escape(__version__)}"', '"0.0.1"', path.read_text()))
    for name, course in (("ada", right), ("bob", right), ("stale", stale), ("careless", careless)):
        empty.worker(name, course)
    empty.worker("older", right, environment={"PYTHONPATH": str(package.parent)})
    for name in ("ada", "bob", "stale", "careless", "older"):
        empty.address_of(name)
    return empty


@pytest.fixture(scope="session")
def run(cluster: Machines, home: Course, submitted: Path, folder: Path) -> Run:
    """A run in which the worker 'ada' is killed when a quarter is done."""
    plans: list[Plan] = []
    told: list[str] = []
    killed: set[int] = set()
    lost = cluster.address_of("ada")
    ada = cluster.process("ada")

    def on_record(record: SubmissionRecord) -> None:
        told.append(record.student)
        if len(told) == COUNT // 4:
            killed.update({ada.pid}, descendants(ada.pid))
            os.kill(ada.pid, signal.SIGKILL)
            ada.wait()

    with contextlib.redirect_stderr(io.StringIO()) as said:
        done = grade(home, TINY, [submitted], folder / "out", scheduler=cluster.address, on_plan=plans.append, on_record=on_record)
    return Run(plans[0], told, tuple(done.records), said.getvalue(), killed, lost)


@pytest.fixture(scope="session")
def alone(home: Course, submitted: Path, folder: Path) -> tuple[SubmissionRecord, ...]:
    """The records of the same class graded on one machine."""
    return tuple(grade(home, TINY, [submitted], folder / "alone").records)
