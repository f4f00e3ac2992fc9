"""Hidden tests of dropout: the scale, the statistics of the mask, and the same mask backward."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_shape, assert_unchanged, dims, exercise, fail, seeds

from ..visible.cases import assert_moved, assert_same, relayout

KEEP = st.sampled_from([0.3, 0.5, 0.6, 0.9])


def forward(student, x, p, seed, mode="train"):
    """Return out and cache of a seeded call; out has the shape of x."""
    out, cache = student.dropout_forward(x, {"p": p, "mode": mode, "seed": seed})
    if not isinstance(out, np.ndarray) or out.shape != x.shape:
        assert_close(out, x, "out")
    return out, cache


@exercise("dropout_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", hi=9), p=KEEP)
def test_scaled_by_keep_probability(student, seed, shape, p):
    """In train mode every entry that is kept is divided by p, and the others are 0."""
    x = Draw(seed).away_from_zero(*shape)
    out, _ = forward(student, x, p, seed)
    assert_close(out, np.where(out != 0, x / p, 0.0), "out")
    out, _ = forward(student, np.arange(1.0, 101.0).reshape(10, 10), p, seed)
    assert_close(out, np.where(out != 0, np.arange(1.0, 101.0).reshape(10, 10) / p, 0.0), "out")


@exercise("dropout_forward", weight=2)
@given(seed=st.integers(0, 9), p=KEEP)
def test_share_kept(student, seed, p):
    """Of 20 000 entries about the share p is kept: p is the probability to keep, not to drop."""
    out, _ = forward(student, np.ones((80, 250)), p, seed)
    assert_close(float(np.mean(out != 0)), p, "share of entries that are kept", rtol=0, atol=0.025)


@exercise("dropout_forward")
@given(seed=st.integers(0, 9), p=KEEP)
def test_mean_is_kept(student, seed, p):
    """The mean of the output is that of the input, in train mode as in test mode."""
    x = 3.0 + np.arange(20_000.0).reshape(200, 100) / 20_000
    for mode, atol in (("train", 0.25), ("test", 1e-9)):
        out, _ = forward(student, x, p, seed, mode)
        assert_close(float(np.mean(out)), float(np.mean(x)), f"mean of the output in {mode} mode", rtol=0, atol=atol)


@exercise("dropout_forward")
@given(seed=st.integers(0, 9), p=st.sampled_from([0.4, 0.5, 0.6]))
def test_each_entry_for_itself(student, seed, p):
    """Every entry is kept or dropped for itself: no feature (column) and no example (row) as a whole."""
    out, _ = forward(student, np.ones((120, 130)), p, seed)
    kept = out != 0
    for axis, name in ((0, "feature"), (1, "example")):
        share = kept.mean(axis=axis)
        if share.min() < 0.1 or share.max() > 0.9:
            fail(
                f"Whole {name}s are dropped or kept together; draw one number for each entry of x.",
                f"share kept in one {name}",
                float(share.min()),
                p,
            )


@exercise("dropout_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", hi=9), p=KEEP)
def test_backward_uses_the_same_mask(student, seed, shape, p):
    """dx is dout/p where the entry was kept, 0 where it was dropped; a second call gives the same."""
    draw = Draw(seed)
    for sizes in (shape, (6, 9)):
        x, dout = draw.away_from_zero(*sizes), draw.away_from_zero(*sizes)
        out, cache = forward(student, x, p, seed)
        expected = np.where(out != 0, dout / p, 0.0)
        assert_close(student.dropout_backward(dout, cache), expected, "dx")
        assert_unchanged(student)
        assert_close(student.dropout_backward(dout, cache), expected, "dx of a second call")


@exercise("dropout_forward")
@given(seed=seeds(), shape=dims("N D"), p=KEEP)
def test_two_masks_at_once(student, seed, shape, p):
    """Two layers can be open at a time: each backward call uses the mask of its own forward call."""
    draw = Draw(seed)
    for sizes in (shape, (6, 9)):
        x, dout = draw.away_from_zero(*sizes), draw.away_from_zero(*sizes)
        calls = [forward(student, x, p, s) for s in (seed, seed + 1)]
        for out, cache in calls:
            dx = student.dropout_backward(dout, cache)
            assert_shape(dx, sizes, "dx")
            assert_array_equal(dx != 0, out != 0, "places where dx is not 0, beside those that were kept,")
    if not np.any(out == 0):
        fail("Nothing was dropped.")


@exercise("dropout_forward", weight=2)
@given(seed=seeds(), shape=dims("N D"), p=KEEP)
def test_test_mode_does_nothing(student, seed, shape, p):
    """In test mode out is x, and backward returns dout."""
    draw = Draw(seed)
    x, dout = draw.normal(*shape), draw.normal(*shape)
    out, cache = forward(student, x, p, seed, "test")
    assert_close(out, x, "out")
    assert_close(student.dropout_backward(dout, cache), dout, "dx")


@exercise("dropout_forward")
@given(seed=seeds(), shape=dims("N C H W", hi=5))
def test_image_inputs(student, seed, shape):
    """Inputs with four axes keep their shape on both ways; p = 1 keeps every entry."""
    draw = Draw(seed)
    for sizes in (shape, (1, 1, 1, 1), (4, 3, 2, 5)):
        x, dout = draw.away_from_zero(*sizes), draw.normal(*sizes)
        out, cache = forward(student, x, 0.5, seed)
        assert_shape(student.dropout_backward(dout, cache), sizes, "dx")
        whole, _ = forward(student, x, 1.0, seed)
        if not np.all(whole != 0):
            fail("An entry was dropped at p = 1.", "out", whole)
    if np.all(out != 0):
        fail("Nothing was dropped at p = 0.5.", "out", out)


@exercise("dropout_forward")
@given(seed=seeds(), p=KEEP)
def test_seed(student, seed, p):
    """The same seed gives the same mask, another seed gives another one, and without a seed each call draws anew."""
    x = np.ones((12, 15))
    zero = [forward(student, x, p, 0)[0] for _ in range(2)]
    assert_array_equal(zero[1], zero[0], "out of a second call with seed 0")
    outs = [forward(student, x, p, s)[0] for s in (seed, seed, seed + 1)]
    assert_array_equal(outs[1], outs[0], "out of a second call with the same seed")
    if np.array_equal(outs[0], outs[2]):
        fail("Two different seeds dropped exactly the same entries.")
    if student.masks_differ(np.ones((60, 60)), 0.5) is not True:
        fail("Two calls without a seed dropped exactly the same entries.")


@exercise("dropout_forward")
@given(seed=seeds(), shape=dims("N D", lo=2), layout=st.sampled_from(["plain", "fortran", "strided"]))
def test_leaves_input_alone(student, seed, shape, layout):
    """x is not changed, however it lies in memory, and the same seed drops the same entries again."""
    for plain in (Draw(seed).away_from_zero(*shape), Draw(seed).away_from_zero(6, 9)):
        first, _ = forward(student, plain, 0.5, seed)
        assert_unchanged(student)
        again, _ = forward(student, plain if layout == "plain" else relayout(plain, layout), 0.5, seed)
        assert_unchanged(student)
        assert_same(again, first, "out of a second call")
    assert_moved(first, plain, "out")
