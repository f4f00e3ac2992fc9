"""Hidden tests of unbroadcast: the copies are added up one entry at a time as oracle."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_float64, relayout


def added_up(grad, shape):
    """Return grad added up where broadcasting has copied, one entry of grad at a time."""
    total = np.zeros(shape)
    source = np.broadcast_to(np.arange(total.size).reshape(shape), grad.shape)
    for index in np.ndindex(grad.shape):
        total.flat[source[index]] += grad[index]
    return total if shape else float(total)


@exercise("unbroadcast", weight=2)
@given(seed=seeds(), big=dims("a b c"), kept=st.integers(1, 2))
def test_axes_in_front(student, seed, big, kept):
    """Axes that broadcasting put in front are summed away; there may be several."""
    grad, shape = Draw(seed).normal(*big), big[3 - kept :]
    assert_close(student.unbroadcast(grad, shape), added_up(grad, shape), "unbroadcast(grad, shape)", atol=1e-9)


@exercise("unbroadcast", weight=2)
@given(seed=seeds(), big=dims("a b c"), ones=st.sampled_from([(0,), (1,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)]))
def test_axes_of_size_one(student, seed, big, ones):
    """Axes that had size 1 are summed and stay as axes of size 1."""
    grad, shape = Draw(seed).normal(*big), tuple(1 if i in ones else n for i, n in enumerate(big))
    assert_close(student.unbroadcast(grad, shape), added_up(grad, shape), "unbroadcast(grad, shape)", atol=1e-9)


@exercise("unbroadcast", weight=2)
@given(seed=seeds(), big=dims("a b c d"), ones=st.sampled_from([(1,), (2,), (3,), (2, 3), (1, 3), (1, 2, 3)]))
def test_both(student, seed, big, ones):
    """An axis in front and axes of size 1 together: (3, 1) from (5, 3, 4)."""
    grad, shape = Draw(seed).normal(*big), tuple(1 if i in ones else n for i, n in enumerate(big))[1:]
    assert_close(student.unbroadcast(grad, shape), added_up(grad, shape), "unbroadcast(grad, shape)", atol=1e-9)


@exercise("unbroadcast")
@given(seed=seeds(), n=st.integers(2, 4), shape=st.sampled_from(["n", "n1", "1n", "nn", "11", "n1n", "1nn"]))
def test_equal_sizes(student, seed, n, shape):
    """When all sizes are equal, a sum over the wrong axis has the right shape but not the right numbers."""
    grad, target = Draw(seed).normal(n, n, n), tuple(n if c == "n" else 1 for c in shape)
    assert_close(student.unbroadcast(grad, target), added_up(grad, target), "unbroadcast(grad, shape)", atol=1e-9)


@exercise("unbroadcast")
@given(seed=seeds(), shape=st.sampled_from([(2, 3), (4,), (1, 3), (1,), (2, 1, 3), (1, 1)]))
def test_nothing_was_broadcast(student, seed, shape):
    """When grad already has the shape, it comes back with the same numbers, also where an axis has size 1."""
    grad = Draw(seed).normal(*shape)
    assert_close(student.unbroadcast(grad, shape), grad, "unbroadcast(grad, shape)")


@exercise("unbroadcast")
@given(seed=seeds(), big=st.sampled_from([(), (3,), (2, 3), (2, 1, 4)]))
def test_to_a_single_number(student, seed, big):
    """The shape () asks for one number, the sum of everything."""
    grad = np.asarray(Draw(seed).normal(*big))
    assert_close(student.unbroadcast(grad, ()), float(grad.sum()), "unbroadcast(grad, ())", atol=1e-9)


@exercise("unbroadcast")
@given(seed=seeds(), big=dims("a b c", lo=2))
def test_unbroadcast_of_whole_numbers(student, seed, big):
    """A gradient of whole numbers, also uint8, gives the float64 sums that the same numbers give in float64, without overflow."""
    draw = Draw(seed)
    for grad in (draw.integers(1, 10, *big), draw.integers(60, 256, *big).astype(np.uint8)):
        for shape in ((big[2],), (big[1], 1), big):
            got = student.unbroadcast(grad, shape)
            assert_float64("unbroadcast(grad, shape)", got)
            plain = student.unbroadcast(grad.astype(float), shape)
            assert_same(got, plain, "unbroadcast(grad, shape)")
            assert_depends(plain, student.unbroadcast(2.0 * grad, shape), "unbroadcast(grad, shape)")


@exercise("unbroadcast")
@given(seed=seeds(), big=dims("a b c", lo=2), layout=st.sampled_from(LAYOUTS))
def test_unbroadcast_leaves_grad_alone(student, seed, big, layout):
    """grad keeps its values, and the sums do not depend on how it lies in memory."""
    grad, shape = Draw(seed).away_from_zero(*big), (big[1], 1)
    plain = student.unbroadcast(grad, shape)
    assert_unchanged(student)
    got = student.unbroadcast(relayout(grad, layout), shape)
    assert_unchanged(student)
    assert_same(got, plain, "unbroadcast(grad, shape)")
    assert_depends(plain, student.unbroadcast(2.0 * grad, shape), "unbroadcast(grad, shape)")
