"""Tests of dating what was pushed: bounds from a ledger of sightings, exact times from a host, never a commit's own date."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.ci.received import Ledger, moment, server_times
from autograder.errors import GraderError, UsageError

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def after(hours: float) -> datetime:
    """Return a time so many hours after noon."""
    return NOON + timedelta(hours=hours)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """An empty ledger."""
    return Ledger(tmp_path / "ledger.jsonl")


def test_what_a_run_before_the_deadline_saw_is_on_time(ledger: Ledger) -> None:
    """A notebook seen in time is on time for ever, however often it is seen again, also in a later commit."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-1))
    again = ledger.note("ada", "u", "c2", "h1", seen=after(5))
    assert (again.late(NOON), again.uncertain(NOON)) == (0.0, False)
    assert again.by == after(-1)


def test_what_came_after_a_run_past_the_deadline_is_late(ledger: Ledger) -> None:
    """When a run past the deadline did not see it, it is late, by the time since that run at the least."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-1))
    ledger.note("ada", "u", "c1", "h1", seen=after(1))
    late = ledger.note("ada", "u", "c2", "h2", seen=after(3))
    assert late.late(NOON) == 3600.0
    assert (late.after, late.by) == (after(1), after(3))
    assert not late.uncertain(NOON)


def test_what_cannot_be_proved_late_is_on_time(ledger: Ledger) -> None:
    """Between the last run before the deadline and the first one after it, the student is believed, and it is said."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-1))
    doubtful = ledger.note("ada", "u", "c2", "h2", seen=after(1))
    assert doubtful.late(NOON) == 0.0
    assert doubtful.uncertain(NOON)
    first = ledger.note("bob", "u", "c9", "h9", seen=after(100))
    assert (first.late(NOON), first.uncertain(NOON)) == (0.0, True)


def test_a_missing_notebook_is_a_sighting_too(ledger: Ledger) -> None:
    """A run that found the repository without the notebook bounds its later arrival."""
    ledger.note("ada", "u", "c1", "", seen=after(1))
    assert ledger.note("ada", "u", "c2", "h2", seen=after(2)).late(NOON) == 3600.0


def test_the_host_knows_better(ledger: Ledger) -> None:
    """A time from the host is exact: it makes the doubtful certain, in both directions, and seconds count."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-1))
    assert ledger.note("ada", "u", "c2", "h2", seen=after(1), host=NOON + timedelta(seconds=1)).late(NOON) == 1.0
    assert ledger.note("ada", "u", "c3", "h3", seen=after(2), host=NOON).late(NOON) == 0.0
    assert ledger.note("ada", "u", "c4", "h4", seen=after(3)).late(NOON) > 0
    assert ledger.note("ada", "u", "c4", "h4", seen=after(4), host=after(-0.5)).late(NOON) == 0.0


def test_units_and_students_are_dated_apart(ledger: Ledger) -> None:
    """The same bytes of another student or unit are dated by themselves."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-1))
    ledger.note("bob", "u", "d0", "", seen=after(1))
    assert ledger.note("bob", "u", "d1", "h1", seen=after(2)).late(NOON) == 3600.0
    ledger.note("ada", "v", "c1", "", seen=after(1))
    assert ledger.note("ada", "v", "c2", "h1", seen=after(2)).late(NOON) == 3600.0


def test_no_deadline_is_never_missed(ledger: Ledger) -> None:
    """Without a deadline nothing is late or doubtful."""
    sighting = ledger.note("ada", "u", "c1", "h1", seen=after(1), host=after(1))
    assert (sighting.late(None), sighting.uncertain(None)) == (0.0, False)


def test_the_ledger_outlives_its_process(tmp_path: Path) -> None:
    """What was noted is known to the next run."""
    path = tmp_path / "ledger.jsonl"
    Ledger(path).note("ada", "u", "c1", "h1", seen=after(-1))
    later = Ledger(path)
    assert later.note("ada", "u", "c1", "h1", seen=after(9)).by == after(-1)
    assert len(path.read_bytes().splitlines()) == 2


def test_a_damaged_ledger_is_told(tmp_path: Path) -> None:
    """A line that is no sighting is named; nothing is dated without it."""
    (tmp_path / "ledger.jsonl").write_text("{}\n")
    with pytest.raises(GraderError, match="line=1"):
        Ledger(tmp_path / "ledger.jsonl")


def test_the_newest_commit_at_a_moment(ledger: Ledger) -> None:
    """The class as it was: each student's last commit that is not provably later."""
    ledger.note("ada", "u", "c1", "h1", seen=after(-2))
    ledger.note("ada", "u", "c2", "h2", seen=after(-1))
    ledger.note("ada", "u", "c2", "h2", seen=after(1))
    ledger.note("ada", "u", "c3", "h3", seen=after(2))
    assert ledger.at("ada", NOON) == "c2"
    assert ledger.at("ada", after(-1.5)) == "c2"  # between two runs: nobody can say that it came later
    assert ledger.at("ada", after(-3)) == "c1"
    assert ledger.at("ada", after(9)) == "c3"
    with pytest.raises(UsageError, match="student='eve'"):
        ledger.at("eve", NOON)


@pytest.mark.parametrize("text", ["2026-11-20T23:59:00", "2026-11-20", "tomorrow", ""])
def test_a_time_needs_its_zone(text: str) -> None:
    """A time without a zone would be read differently on every machine."""
    with pytest.raises(UsageError, match="deadline="):
        moment(text, "deadline")


def test_times_are_compared_in_utc() -> None:
    """The zone is taken into account."""
    assert moment("2026-11-20T13:00:00+01:00", "deadline") == NOON == moment("2026-11-20T12:00:00Z", "deadline")


def test_a_push_servers_records_date_commits(tmp_path: Path) -> None:
    """The earliest time at which our own server received a commit is taken."""
    rows = [{"student": "ada", "commit": "c1", "received_at": NOON.timestamp() + more} for more in (60, 0)] + [{"student": "ada", "unit": "u"}]
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert server_times(tmp_path) == {("ada", "c1"): NOON}
    with pytest.raises(UsageError, match="push server"):
        server_times(tmp_path / "absent")
