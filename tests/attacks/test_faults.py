"""A few faults of each kind; ``make attacks`` runs 200 kills at random moments."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograder.grading.journal import NAME
from autograder.sandbox import available_levels
from tests.attacks import faults
from tests.attacks.machine import adopting, place

SEED = 11


@pytest.fixture(scope="module")
def class_() -> Iterator[faults.Class]:
    """A small class and what a run decides that nothing disturbs."""
    reasons = available_levels()
    if reasons["ns"] and reasons["ll"]:
        pytest.skip(f"no sandbox works here: ns: {reasons['ns']}; ll: {reasons['ll']}")
    with place("faults-") as folder, adopting():
        yield faults.Class(folder)


@pytest.mark.parametrize("kind", faults.VICTIMS)
def test_a_kill_costs_nobody_anything(class_: faults.Class, kind: faults.Victim) -> None:
    """Whichever process is killed at whatever moment: one record each, right scores, nothing left behind, after one more run at most."""
    assert faults.kill_trial(class_, kind, SEED).wrong == ()


@pytest.mark.parametrize("name", faults.FAULTS)
def test_a_fault_is_told_and_mended(class_: faults.Class, name: str) -> None:
    """Full disks, closed folders, jumping clocks, unreadable files and second graders end in a clear message or in right records."""
    result = faults.fault(class_, name)
    assert result.held, result.how


def test_a_wrong_outcome_is_seen(class_: faults.Class) -> None:
    """A record that is missing or has another score is reported, and so is a file that does not belong there."""
    out = class_.folder / "spoilt"
    code, said = class_.finish(out)
    assert code == 0, said
    assert class_.check(out) == []
    records = (out / NAME).read_bytes()
    (out / NAME).write_bytes(records.replace(b'"score":100.0', b'"score":99.0', 1))
    (out / "left.part").write_text("x")
    wrong = "; ".join(class_.check(out))
    assert "other outcome for student-" in wrong
    assert "left.part" in wrong
    (out / NAME).write_bytes(records.split(b"\n", 1)[1])
    assert "7 lines for 8 submissions" in "; ".join(class_.check(out))
