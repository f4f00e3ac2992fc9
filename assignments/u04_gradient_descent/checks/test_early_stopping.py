"""Visible checks of early_stopping: short curves by hand."""

from autograder.testing import assert_equal_int, exercise


def check(student, losses, patience, best, stop):
    """Compare both epochs with those found by hand."""
    best_epoch, stop_epoch = student.early_stopping(losses, patience)
    assert_equal_int(best_epoch, best, f"best_epoch of {losses} at patience {patience}")
    assert_equal_int(stop_epoch, stop, f"stop_epoch of {losses} at patience {patience}")


@exercise("early_stopping")
def test_table_of_the_text(student):
    """The example of the text: losses 0.9 0.7 0.6 0.6 0.8 0.5 0.4 with patience 2 stop at epoch 4, and epoch 2 is the best."""
    check(student, [0.9, 0.7, 0.6, 0.6, 0.8, 0.5, 0.4], 2, 2, 4)


@exercise("early_stopping")
def test_validation_minimum(student):
    """A curve that falls and then rises stops `patience` epochs after its minimum."""
    check(student, [5.0, 4.0, 2.0, 3.0, 3.5, 4.0, 5.0], 1, 2, 3)
    check(student, [5.0, 4.0, 2.0, 3.0, 3.5, 4.0, 5.0], 3, 2, 5)


@exercise("early_stopping")
def test_patience_never_runs_out(student):
    """A curve that keeps falling, with a bump shorter than the patience, runs to its last epoch."""
    check(student, [5.0, 6.0, 4.0, 4.5, 3.0], 2, 4, 4)


@exercise("early_stopping")
def test_nan_is_never_best(student):
    """An epoch whose loss is NaN is never the best, and counts as an epoch without a new best."""
    check(student, [2.0, float("nan"), 1.0, float("nan"), float("nan")], 2, 2, 4)
    check(student, [float("nan"), 3.0, 2.0], 2, 2, 2)
    check(student, [2.0, float("nan"), 3.0, 1.0], 2, 0, 2)
    check(student, [float("nan"), float("nan"), 1.0], 2, -1, 1)


@exercise("early_stopping")
def test_best_so_far_not_the_one_before(student):
    """A loss that falls from 9 to 8 is no new best when there has been a 3; a better loss after the stop was never seen."""
    check(student, [3.0, 9.0, 8.0, 7.0, 1.0], 3, 0, 3)
