"""Hidden tests of early_stopping: random curves, plateaus, ties and NaN."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_equal_int, exercise, seeds

PATIENCE = st.integers(1, 4)
# In every example: falls only; falls and rises; improves on the one before but not on the best; just in time; best first; little by little; large
CURVES = (
    [5.0, 4.0, 3.0, 2.0],
    [5.0, 2.0, 3.0, 4.0, 5.0, 6.0, 1.0],
    [3.0, 9.0, 8.0, 7.0, 6.0, 5.0],
    [4.0, 6.0, 3.0, 5.0, 5.5, 2.0, 9.0],
    [1.0, 2.0, 3.0],
    [1.0, 0.9999, 0.9998, 0.9997, 0.9996, 0.9995],
    [5000.0, 4000.0, 6000.0],
)
NAN = float("nan")


def compare(student, reference, losses, patience):
    """Compare both epochs with the reference's."""
    got = student.early_stopping(losses, patience)
    expected = reference.early_stopping(losses, patience)
    for name, value, right in zip(("best_epoch", "stop_epoch"), got, expected, strict=True):
        assert_equal_int(value, int(right), name)


@exercise("early_stopping", weight=2)
@given(seed=seeds(), E=st.integers(1, 12), patience=PATIENCE)
def test_random_curves(student, reference, seed, E, patience):
    """On any curve training stops when patience epochs in a row brought no new best, and the best epoch before that is kept."""
    for losses in (Draw(seed).permutation(E).tolist(), *CURVES):
        compare(student, reference, losses, patience)


@exercise("early_stopping")
@given(seed=seeds(), patience=st.integers(2, 4), rounds=st.integers(1, 3))
def test_waiting_starts_anew(student, seed, patience, rounds):
    """Each new best starts the waiting anew: a curve that improves just in time goes on."""
    draw, losses = Draw(seed), []
    for best in range(rounds + 1, 0, -1):
        losses += [float(best), *(best + draw.uniform(low=0.1, high=0.9) for _ in range(patience - 1))]
    best, stop = student.early_stopping([*losses, 2.5], patience)
    assert_equal_int(best, rounds * patience, "best_epoch")
    assert_equal_int(stop, (rounds + 1) * patience, "stop_epoch")


@exercise("early_stopping")
@given(seed=seeds(), E=st.integers(2, 12), patience=PATIENCE)
def test_ties(student, reference, seed, E, patience):
    """A loss equal to the best is no new best: the earliest of equal losses is kept, and the waiting goes on."""
    for losses in ((Draw(seed).integers(1, 4, E) / 2).tolist(), [2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]):
        compare(student, reference, losses, patience)


@exercise("early_stopping")
@given(level=st.integers(0, 3), E=st.integers(2, 9), patience=PATIENCE)
def test_plateau(student, level, E, patience):
    """On a plateau training stops after patience epochs."""
    best, stop = student.early_stopping([5.0] + [float(level)] * E, patience)
    assert_equal_int(best, 1, "best_epoch")
    assert_equal_int(stop, min(1 + patience, E), "stop_epoch")


@exercise("early_stopping")
@given(seed=seeds(), E=st.integers(3, 12), patience=PATIENCE)
def test_nan(student, reference, seed, E, patience):
    """NaN is never a new best, wherever it stands, and counts as an epoch of waiting."""
    draw = Draw(seed)
    losses = np.where(draw.mask(E, p=0.4), np.nan, draw.permutation(E) + 2.0)
    for curve in (losses.tolist(), [NAN, 2.0, NAN, 1.0, 3.0, NAN, 4.0, NAN, 5.0], [3.0, NAN, NAN, NAN, NAN, NAN]):
        compare(student, reference, curve, patience)


@exercise("early_stopping")
@given(E=st.integers(1, 6), patience=PATIENCE)
def test_nothing_but_nan(student, E, patience):
    """If no loss is a number, the best epoch is −1, and training stops after patience epochs."""
    best, stop = student.early_stopping([float("nan")] * E, patience)
    assert_equal_int(best, -1, "best_epoch")
    assert_equal_int(stop, min(patience, E) - 1, "stop_epoch")


@exercise("early_stopping")
@given(seed=seeds(), patience=PATIENCE)
def test_better_losses_that_were_never_seen(student, seed, patience):
    """A better loss after the stop does not count: training never got there."""
    draw = Draw(seed)
    bump = [3.0 + draw.uniform(low=0.1, high=1.0) for _ in range(patience)]
    best, stop = student.early_stopping([4.0, 3.0, *bump, 1.0, 0.5], patience)
    assert_equal_int(best, 1, "best_epoch")
    assert_equal_int(stop, 1 + patience, "stop_epoch")


@exercise("early_stopping")
@given(seed=seeds(), E=st.integers(2, 9), patience=st.integers(3, 12), whole=st.booleans())
def test_arrays_and_long_patience(student, reference, seed, E, patience, whole):
    """Losses may be an array, of floats or of integers; a patience that never runs out ends at the last epoch."""
    losses = Draw(seed).integers(0, 50, E) if whole else Draw(seed).permutation(E)
    compare(student, reference, losses, patience)
