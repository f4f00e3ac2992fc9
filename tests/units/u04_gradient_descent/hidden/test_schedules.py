"""Hidden tests of step_decay and cosine_lr: between the drops and at the ends."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise, seeds


@exercise("step_decay", weight=2)
@given(seed=seeds(), t=st.integers(0, 40), every=st.integers(1, 9))
def test_step_decay(student, reference, seed, t, every):
    """step_decay agrees at any step."""
    draw = Draw(seed)
    lr0, drop = draw.uniform(low=0.1, high=3.0), draw.uniform(low=0.1, high=0.9)
    assert_close(student.step_decay(t, lr0, drop, every), reference.step_decay(t, lr0, drop, every), "lr")


@exercise("step_decay")
@given(seed=seeds(), every=st.integers(1, 12), k=st.integers(1, 4))
def test_step_decay_at_the_drops(student, seed, every, k):
    """The rate drops exactly at every, 2·every, …, and nowhere else."""
    drop = Draw(seed).uniform(low=0.2, high=0.8)
    assert_close(student.step_decay(0, 1, drop, every), 1.0, "lr at t=0")
    assert_close(student.step_decay(k * every - 1, 1, drop, every), drop ** (k - 1), f"lr just before drop {k}")
    assert_close(student.step_decay(k * every, 1, drop, every), drop**k, f"lr at drop {k}")


@exercise("step_decay", weight=2)
@given(seed=seeds(), T=st.integers(3, 20))
def test_cosine(student, reference, seed, T):
    """cosine_lr agrees at every step from 0 to T."""
    draw = Draw(seed)
    low = draw.uniform(low=0.0, high=0.4)
    high = low + draw.uniform(low=0.1, high=2.0)
    for t in range(T + 1):
        assert_close(student.cosine_lr(t, T, high, low), reference.cosine_lr(t, T, high, low), f"lr at t={t}, T={T}", atol=1e-12)


@exercise("step_decay")
@given(seed=seeds(), T=st.integers(1, 12))
def test_cosine_ends(student, seed, T):
    """cosine_lr starts at lr_max, reaches lr_min at t = T, and is the mean of both at T/2."""
    draw = Draw(seed)
    low = draw.uniform(low=0.05, high=0.4)
    high = low + draw.uniform(low=0.1, high=2.0)
    for t, expected in ((0, high), (T, (high + low) / 2), (2 * T, low)):
        assert_close(student.cosine_lr(t, 2 * T, high, low), expected, f"lr at t={t}, T={2 * T}")


@exercise("step_decay")
@given(seed=seeds(), T=st.integers(1, 12), extra=st.integers(1, 30))
def test_cosine_after_the_end(student, seed, T, extra):
    """After T the rate stays at lr_min (0 if not given)."""
    low = Draw(seed).uniform(low=0.05, high=0.4)
    assert_close(student.cosine_lr(T + extra, T, low + 1.0, low), low, f"lr at t={T + extra}, T={T}")
    assert_close(student.cosine_lr(T + extra, T, 1), 0.0, f"lr at t={T + extra}, T={T}, without lr_min", atol=1e-12)
