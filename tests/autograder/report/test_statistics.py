"""A class in numbers."""

from __future__ import annotations

import pytest
from msgspec import structs

from autograder.records import ExerciseRecord
from autograder.report.statistics import class_stats, histogram, latest, share
from tests.autograder.report import samples


def test_ungradable_submissions_are_not_zeros() -> None:
    """Mean, median and test rates are of graded submissions only."""
    graded = [samples.submission("a", 0), samples.submission("b", 0)]
    stats = class_stats([*graded, samples.ungradable("c", "?")])
    assert (stats.graded, stats.ungradable, stats.mean, stats.median) == (2, 1, 100.0, 100.0)
    assert all(t.passed == 2 for t in stats.tests)


def test_tests_come_hardest_first() -> None:
    """Pass rates rise down the list, and a test that did not run counts as not passed."""
    rates = [t.rate for t in class_stats(samples.small_class()).tests]
    assert rates == sorted(rates)
    lost = next(t for t in class_stats(samples.small_class()).tests if t.not_run and not t.failed)
    assert lost.rate < 1


def test_misconceptions_count_students() -> None:
    """A misconception that fails two tests of one student counts once; the commonest come first."""
    one = samples.submission("a", 3)
    doubled = samples.submission("b", 0, exercises=one.exercises + one.exercises)
    stats = class_stats([doubled, samples.submission("c", 2)])
    counts = {m.id: m.count for m in stats.misconceptions}
    assert counts["dx_order"] == 2
    assert [m.count for m in stats.misconceptions] == sorted(counts.values(), reverse=True)


def test_a_misconception_belongs_to_the_first_exercise_that_shows_it() -> None:
    """A mistake recognised again in later exercises is listed once, with the earlier one, and counts each student once."""
    first, second = (
        ExerciseRecord(
            id=id_,
            title="",
            points=0.0,
            max_points=1.0,
            tests=(samples.tested("t", "s", "failed", misconception="db_averaged", hint="Sum."),),
        )
        for id_ in ("affine_backward", "two_layer_loss")
    )
    passed = structs.replace(first, tests=(samples.tested("t", "s"),))
    stats = class_stats([samples.submission("a", 3, exercises=(passed, second)), samples.submission("b", 3, exercises=(first, second))])
    assert [(m.id, m.exercise, m.count, m.hint) for m in stats.misconceptions] == [("db_averaged", "affine_backward", 2, "Sum.")]


def test_exercise_means_and_extremes() -> None:
    """Each exercise has its mean and the number of full and empty answers."""
    stats = class_stats([samples.submission("a", 0), samples.submission("b", 3)])
    soft = next(e for e in stats.exercises if e.id == "softmax_loss")
    assert (soft.mean, soft.full, soft.none, soft.count) == (17.5, 1, 1, 2)


@pytest.mark.parametrize(("shares", "place"), [([0.0], 0), ([1.0], 9), ([0.1], 1), ([0.3], 3), ([0.7], 7), ([0.999], 9)])
def test_histogram_bins(shares: list[float], place: int) -> None:
    """A bin holds its lower edge; the last holds full marks too, whatever the rounding of 0.3 or 0.7."""
    assert histogram(shares)[place] == 1
    assert sum(histogram(shares)) == 1


def test_an_empty_class_has_numbers() -> None:
    """No records give zeros, not an error."""
    stats = class_stats([])
    assert (stats.graded, stats.mean, stats.exercises) == (0, 0.0, ())
    assert share(0, 0) == 0


def test_latest_keeps_one_per_student() -> None:
    """The last record of a student counts, in order of names."""
    found = latest([samples.submission("b", 0), samples.submission("A", 3), samples.submission("b", 2)])
    assert [(r.student, r.score < 100) for r in found] == [("A", True), ("b", True)]
