"""Visible checks of batch normalisation: columns with known numbers, and central differences on the student's own forward."""

import numpy as np
from hypothesis import given

from autograder.testing import assert_close, assert_gradient, dims, exercise, numeric_gradient, seeds

from .cases import batchnorm_case


@exercise("batchnorm_forward")
def test_batchnorm_by_hand(student):
    """The column (1, 3) has mean 2 and variance 1, so with eps = 0 it becomes (−1, 1), then γ = 5 and β = 10 make it (5, 15)."""
    x = np.array([[1.0, 0.0], [3.0, 4.0]])
    out, _ = student.batchnorm_forward(x, np.array([5.0, 1.0]), np.array([10.0, 0.0]), 0.0)
    assert_close(out, np.array([[5.0, -1.0], [15.0, 1.0]]), "out")


@exercise("batchnorm_forward")
def test_batchnorm_eps_is_inside_the_root(student):
    """With variance 1 and eps = 3 the column (1, 3) is divided by √(1 + 3) = 2 and becomes (−½, ½)."""
    out, _ = student.batchnorm_forward(np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), 3.0)
    assert_close(out, np.array([[-0.5], [0.5]]), "out")


@exercise("batchnorm_forward")
def test_batchnorm_default_eps(student):
    """Left out, eps is 1e-5: the column (−0.01, 0.01), with variance 1e-4, is divided by √(1e-4 + 1e-5) and becomes about ∓0.953."""
    out, _ = student.batchnorm_forward(np.array([[-0.01], [0.01]]), np.ones(1), np.zeros(1))
    assert_close(out, np.array([[-0.01], [0.01]]) / np.sqrt(1.1e-4), "out, with eps left out")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5))
def test_batchnorm_dx(student, seed, shape):
    """dx agrees with central differences: every x of a column changes all outputs of that column."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    _, cache = student.batchnorm_forward(x, gamma, beta, 0.1)
    dx, _, _ = student.batchnorm_backward(dout, cache)
    assert_gradient(dx, numeric_gradient(student.batchnorm_forward, [x, gamma, beta, 0.1], wrt=0, dout=dout), "dx")


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5))
def test_batchnorm_dgamma_dbeta(student, seed, shape):
    """dgamma and dbeta agree with central differences and have shape (D,)."""
    x, gamma, beta, dout = batchnorm_case(seed, shape)
    _, cache = student.batchnorm_forward(x, gamma, beta, 0.1)
    _, dgamma, dbeta = student.batchnorm_backward(dout, cache)
    for wrt, name, got in ((1, "dgamma", dgamma), (2, "dbeta", dbeta)):
        assert_gradient(got, numeric_gradient(student.batchnorm_forward, [x, gamma, beta, 0.1], wrt=wrt, dout=dout), name)
