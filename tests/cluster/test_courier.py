"""Tests of what runs on a machine of a cluster: what it says of itself, and its grading processes."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator

import msgspec
import pytest

from autograder import __version__
from autograder.course import Course
from autograder.grading import courier
from autograder.grading.courier import Order, Outcome, Standing, carry, describe, standing
from autograder.sandbox import choose_level
from tests.conftest import TINY

from .machines import descendants

Notebook = Callable[..., bytes]


@pytest.fixture
def here(tiny_course: Course, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """This process as a Dask worker in the tiny course; its grading processes end with the test."""
    monkeypatch.setenv("AUTOGRADER_COURSE", str(tiny_course.root))
    monkeypatch.setattr(courier, "_nodes", courier._Nodes())
    yield tiny_course
    for node in list(courier._nodes._free):
        courier._nodes._expire(node)


def carried(data: bytes | None, problem: str = "") -> Outcome:
    """Carry a notebook to a grading process of this machine."""
    return msgspec.msgpack.decode(carry(msgspec.msgpack.encode(Order(TINY, "none", "ada", data, problem))), type=Outcome)


def described(unit: str = TINY) -> Standing:
    """Return what this machine says of itself."""
    return msgspec.msgpack.decode(describe(unit, None), type=Standing)


def test_a_machine_says_what_it_would_grade_with(here: Course) -> None:
    """Grader, tests, secret and packages are those of its checkout; the level is its best."""
    found = described()
    assert found == msgspec.structs.replace(standing(here, TINY), level=choose_level(None))
    assert (found.grader_version, found.tests_sha256, found.problem) == (__version__, here.tests_sha256(TINY), "")
    assert {"python", "numpy", "hypothesis"} <= found.packages.keys()
    assert here.secret().decode() not in describe(TINY, None).decode("latin-1")


def test_a_machine_that_cannot_grade_says_why(here: Course, own_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown unit, no secret, or no course; and asking makes no secret."""
    assert "u98" in described("u98").problem
    (own_course.private / "secret").unlink()
    monkeypatch.setenv("AUTOGRADER_COURSE", str(own_course.root))
    assert "has no secret" in described().problem
    assert not (own_course.private / "secret").exists()
    monkeypatch.setenv("AUTOGRADER_COURSE", "/")
    assert "no course here" in described().problem


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"grader_version": "0.0.1"}, "version 0.0.1"),
        ({"tests_sha256": "other"}, "tests with hash other.*same commit"),
        ({"seed_fingerprint": "other"}, "secret with fingerprint other.*copy"),
        ({"packages": {}}, "none, this machine has .*locked versions"),
    ],
)
def test_every_difference_that_could_change_a_grade_is_told(tiny_course: Course, change: dict[str, object], words: str) -> None:
    """The difference comes with both values and what to do; equal standings do not differ, whatever their levels."""
    own = standing(tiny_course, TINY)
    assert own.differs(msgspec.structs.replace(own, level="ll")) == ""
    difference = own.differs(msgspec.structs.replace(own, **change))
    assert re.search(words, difference), difference


def test_a_grading_process_stays_warm_and_is_replaced_when_it_dies(here: Course, tiny_notebook: Notebook, capfd: pytest.CaptureFixture[str]) -> None:
    """One process grades one notebook after the other; when it is killed the submission at hand is told as such and the next one is graded."""
    assert carried(tiny_notebook()).record.score == 100.0  # type: ignore[union-attr]
    first = descendants(os.getpid())
    wrong = carried(tiny_notebook({"scale": "def scale(x, k): return k + x"}))
    assert (wrong.kind, wrong.record.score) == ("record", 60.0)  # type: ignore[union-attr]
    (node,) = courier._nodes._free
    assert node._process.pid in first
    node._process.send_signal(signal.SIGKILL)
    assert carried(tiny_notebook()).kind == "died"
    again = carried(None, "its folder is a symbolic link")
    assert (again.kind, again.record.status) == ("record", "ungradable")  # type: ignore[union-attr]
    capfd.readouterr()


def test_a_grading_process_that_nobody_needs_ends(here: Course, tiny_notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a while of rest its memory is given back."""
    monkeypatch.setattr(courier, "IDLE_SECONDS", 0.5)
    before = descendants(os.getpid())
    assert carried(tiny_notebook()).kind == "record"
    deadline = time.monotonic() + 10
    while descendants(os.getpid()) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert descendants(os.getpid()) <= before
    assert not courier._nodes._free


def test_two_grading_processes_of_a_machine_have_two_numbers() -> None:
    """A number is free again when its holder is closed."""
    first, holder = courier._free_number()
    second, other = courier._free_number()
    assert first != second
    holder.close()
    third, again = courier._free_number()
    assert third == first
    for one in (other, again):
        one.close()
