"""Visible checks of step_decay and cosine_lr: tables by hand."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import assert_close, exercise


@exercise("step_decay")
def test_step_decay_by_hand(student):
    """From 0.8, halved every 10 steps: 0.8 up to step 9, 0.4 from 10, 0.2 from 20, 0.1 from 30."""
    table = {0: 0.8, 5: 0.8, 9: 0.8, 10: 0.4, 19: 0.4, 20: 0.2, 30: 0.1}
    rates = [student.step_decay(t, 0.8, 0.5, 10) for t in table]
    for (t, expected), lr in zip(table.items(), rates, strict=True):
        assert_close(lr, expected, f"lr at t={t}")


@exercise("step_decay")
def test_cosine_by_hand(student):
    """From 1 to 0.2 over 12 steps: 1 at the start, 0.8 at 4, the mean 0.6 half-way, 0.4 at 8, 0.2 at 12 and after."""
    table = {0: 1.0, 4: 0.8, 6: 0.6, 8: 0.4, 12: 0.2, 13: 0.2, 24: 0.2}
    rates = [student.cosine_lr(t, 12, 1.0, 0.2) for t in table]
    for (t, expected), lr in zip(table.items(), rates, strict=True):
        assert_close(lr, expected, f"lr at t={t}")


@exercise("step_decay")
@given(T=st.integers(1, 9))
def test_cosine_default_ends_at_zero(student, T):
    """Without lr_min the cosine ends at 0, and on the way it never rises: start high, then decay."""
    rates = [student.cosine_lr(t, T, 0.3) for t in range(T + 2)]
    assert_close(rates[0], 0.3, "lr at t=0")
    assert_close(rates[T], 0.0, f"lr at t=T={T}", atol=1e-12)
    for t in range(T + 1):
        assert_close(max(rates[t + 1] - rates[t], 0.0), 0.0, f"rise after t={t}", atol=1e-12)
