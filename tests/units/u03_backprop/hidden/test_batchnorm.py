"""Hidden tests of batch normalisation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_depends, assert_same, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import batchnorm_case, relayout

NAMES = ("dx", "dgamma", "dbeta")
EPS = st.sampled_from([1e-5, 0.01, 0.5])


def gradients(source, x, gamma, beta, dout, eps):
    """Return dx, dgamma, dbeta."""
    _, cache = source.batchnorm_forward(x, gamma, beta, eps)
    return source.batchnorm_backward(dout, cache)


@exercise("batchnorm_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_out(student, reference, seed, shape, eps):
    """Each column is shifted by its mean and divided by √(variance + eps), with the variance divided by N; then γ and β apply."""
    x, gamma, beta, _ = batchnorm_case(seed, shape)
    out, _ = student.batchnorm_forward(x, gamma, beta, eps)
    assert_unchanged(student)
    assert_close(out, reference.batchnorm_forward(x, gamma, beta, eps)[0], "out")
    out, _ = student.batchnorm_forward(x, gamma, beta)
    assert_close(out, reference.batchnorm_forward(x, gamma, beta, 1e-5)[0], "out, with eps left out")


@exercise("batchnorm_forward", weight=4)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_dx(student, reference, seed, shape, eps):
    """dx has three parts: the direct path, the path through the mean and the path through the variance."""
    case = batchnorm_case(seed, shape)
    assert_close(gradients(student, *case, eps)[0], gradients(reference, *case, eps)[0], "dx", rtol=1e-6)


@exercise("batchnorm_forward", weight=3)
@given(seed=seeds(), shape=dims("N D", lo=2), eps=EPS)
def test_batchnorm_dgamma_dbeta(student, reference, seed, shape, eps):
    """dgamma is the sum of dout · x̂ over the batch, dbeta the sum of dout, both of shape (D,)."""
    case = batchnorm_case(seed, shape)
    got, expected = gradients(student, *case, eps), gradients(reference, *case, eps)
    assert_close(got[1], expected[1], "dgamma", rtol=1e-6)
    assert_close(got[2], expected[2], "dbeta")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3), (1, 1)]))
def test_batchnorm_batch_of_one(student, seed, shape):
    """A batch of one is its own mean: the output is β, dx and dgamma are 0, dbeta is dout."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    out, cache = student.batchnorm_forward(x, gamma, beta, 1e-5)
    assert_close(out, beta[None], "out", atol=1e-12)
    dx, dgamma, dbeta = student.batchnorm_backward(dout, cache)
    assert_close(dx, np.zeros(shape), "dx", atol=1e-9)
    assert_close(dgamma, np.zeros(shape[1]), "dgamma", atol=1e-9)
    assert_close(dbeta, dout[0], "dbeta")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2), value=st.sampled_from([0.0, 2.0, -4.0]))
def test_batchnorm_constant_column(student, seed, shape, value):
    """A column of equal numbers has variance 0; eps keeps the division finite, there and on the way back, and its output is β."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    x[:, 0] = value
    out, cache = student.batchnorm_forward(x, gamma, beta, 0.01)
    assert_shape(out, shape, "out")
    assert_close(out[:, 0], np.full(shape[0], beta[0]), "out of the constant column", atol=1e-9)
    dx, _, _ = student.batchnorm_backward(dout, cache)
    assert_shape(dx, shape, "dx")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=3), layout=st.sampled_from(["fortran", "strided"]))
def test_batchnorm_changes_nothing(student, seed, shape, layout):
    """Neither x, dout nor the cache is changed: a second call gives the same gradients, and so does any memory layout of x and dout."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    _, cache = student.batchnorm_forward(relayout(x, layout), gamma, beta, 0.01)
    assert_unchanged(student)
    first = student.batchnorm_backward(relayout(dout, layout), cache)
    assert_unchanged(student)
    again, plain = student.batchnorm_backward(dout, cache), gradients(student, x, gamma, beta, dout, 0.01)
    for name, *calls in zip(NAMES, first, again, plain, strict=True):
        assert_same(calls[1], calls[0], name)
        assert_same(calls[2], calls[0], name)
    assert_depends(first[1], student.batchnorm_backward(2.0 * dout, cache)[1], "dgamma")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2))
def test_batchnorm_undoes_shift_and_scale(student, seed, shape):
    """Shifting a column changes nothing, so each column of dx sums to 0; and dx is not 0 throughout."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    D = shape[1]
    x, dout = np.concatenate([x, Draw(seed + 1).normal(3, D)]), np.concatenate([dout, Draw(seed + 2).away_from_zero(3, D)])
    out, cache = student.batchnorm_forward(x, gamma, beta, 1e-5)
    shifted, _ = student.batchnorm_forward(x + 7.0, gamma, beta, 1e-5)
    assert_close(shifted, out, "out for x + 7", rtol=1e-6)
    dx, _, _ = student.batchnorm_backward(dout, cache)
    assert_close(dx.sum(axis=0) / np.abs(dx).sum(), np.zeros(D), "column sums of dx", atol=1e-9)
