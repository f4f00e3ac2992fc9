"""How often a student may see the result of an exercise: pure rules over a record, the one before it and the time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import msgspec

from autograder.feedback.text import untouched
from autograder.records import ExerciseRecord, SubmissionRecord
from autograder.unit import Attempts, Unit


class Standing(msgspec.Struct, frozen=True):
    """What a student's next push of a unit is compared with; all by exercise.

    Args:
        cells: hash of the exercise's cells.
        outcomes: hash of what its tests gave.
        shown_at: where attempts are limited, when its latest results are shown, the last one's last; seconds since the epoch.
    """

    cells: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    shown_at: dict[str, tuple[float, ...]] = {}

    def withheld(self, now: float) -> dict[str, float]:
        """Return the exercises whose last result is not shown yet, with the time when it is."""
        return {id_: times[-1] for id_, times in self.shown_at.items() if times and times[-1] > now}


def limits(unit: Unit, default: Attempts | None) -> dict[str, Attempts]:
    """Return the limit of each exercise and question that has one: its own, its unit's, or the server's default."""
    own = unit.attempts or default
    named = {e.id: e.attempts or own for e in unit.exercises} | {q.id: own for q in unit.questions}
    return {id_: rule for id_, rule in named.items() if rule is not None}


def shown_at(times: Sequence[float], rule: Attempts, now: float) -> float:
    """Return when a result that is ready now may be shown.

    No window of ``rule.seconds`` holds more than ``rule.number`` results, those that wait for their time included.

    Args:
        times: when earlier results were or will be shown, in order; seconds since the epoch.
        rule: the limit.
        now: the time.
    """
    if len(times) < rule.number:
        return max(now, *times[-1:], 0.0)
    return max(now, times[-1], times[-rule.number] + rule.seconds)


def after(earlier: Standing, record: SubmissionRecord, cells: Mapping[str, str], rules: Mapping[str, Attempts], now: float) -> Standing:
    """Return the standing after a record.

    A result counts as an attempt when the exercise's cells changed or its tests gave something else than before: a student learns
    something then.  An exercise that is not begun costs nothing, and neither does a notebook that could not be graded.

    Args:
        earlier: the standing before.
        record: the new grade; it may hold some exercises only.
        cells: hashes of its exercises' cells.
        rules: limits by exercise.
        now: the time, in seconds since the epoch.
    """
    outcomes, times = dict(earlier.outcomes), dict(earlier.shown_at)
    for exercise in record.exercises:
        id_, outcome = exercise.id, _outcome(exercise)
        same = cells.get(id_, "") == earlier.cells.get(id_, "") and outcome == earlier.outcomes.get(id_, "")
        new = not same and not (untouched(exercise) and id_ not in earlier.outcomes)
        outcomes[id_] = outcome
        if new and (rule := rules.get(id_)) is not None:
            times[id_] = (*times.get(id_, ()), shown_at(times.get(id_, ()), rule, now))[-rule.number :]
    return Standing({**earlier.cells, **cells}, outcomes, times)


def _outcome(exercise: ExerciseRecord) -> str:
    timeless = [msgspec.structs.replace(test, seconds=0.0) for test in exercise.tests]
    return hashlib.sha256(msgspec.json.encode(timeless)).hexdigest()[:16]


