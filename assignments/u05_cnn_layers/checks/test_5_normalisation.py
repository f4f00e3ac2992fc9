"""Visible checks of normalisation: columns with known numbers, and central differences on the student's own forward pass."""

import numpy as np
from hypothesis import given

from autograder.testing import Draw, assert_close, assert_gradient, assert_unchanged, dims, exercise, fail, numeric_gradient, seeds

from .cases import BATCHNORM, SPATIAL, norm_case


@exercise("batchnorm_forward")
def test_batchnorm_by_hand(student):
    """The column (1, 3) has mean 2 and variance 1: with eps = 0 it becomes (−1, 1), then γ = 5 and β = 10 make it (5, 15)."""
    x = np.array([[1.0, 0.0], [3.0, 4.0]])
    out, mean, var = BATCHNORM(student, x, np.array([5.0, 1.0]), np.array([10.0, 0.0]), {"mode": "train", "eps": 0.0})
    assert_close(out, np.array([[5.0, -1.0], [15.0, 1.0]]), "out")
    assert_close(mean, np.array([0.2, 0.2]), 'bn_param["running_mean"], which was missing (so 0.9 · 0 + 0.1 · 2)')
    assert_close(var, np.array([0.1, 0.4]), 'bn_param["running_var"], which was missing (so 0.9 · 0 + 0.1 · v)')


@exercise("batchnorm_forward")
def test_batchnorm_eps_is_inside_the_root(student):
    """With variance 1 and eps = 3 the column (1, 3) is divided by √(1 + 3) = 2 and becomes (−½, ½)."""
    out, _, _ = BATCHNORM(student, np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), {"mode": "train", "eps": 3.0})
    assert_close(out, np.array([[-0.5], [0.5]]), "out")


@exercise("batchnorm_forward")
def test_batchnorm_running_averages(student):
    """With momentum 0.75 a running mean of 8 and a batch mean of 2 give 0.75 · 8 + 0.25 · 2 = 6.5."""
    param = {"mode": "train", "momentum": 0.75, "running_mean": np.array([8.0]), "running_var": np.array([4.0])}
    _, mean, var = BATCHNORM(student, np.array([[1.0], [3.0]]), np.ones(1), np.zeros(1), param)
    assert_close(mean, np.array([6.5]), 'bn_param["running_mean"]')
    assert_close(var, np.array([3.25]), 'bn_param["running_var"] (0.75 · 4 + 0.25 · 1)')


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D"))
def test_batchnorm_test_mode(student, seed, shape):
    """In test mode the running averages are used and left as they are: with mean 1 and variance 4, x becomes (x − 1)/2."""
    x, _, _, _ = norm_case(seed, *shape)
    D = shape[1]
    param = {"mode": "test", "eps": 0.0, "running_mean": np.ones(D), "running_var": np.full(D, 4.0)}
    out, mean, var = BATCHNORM(student, x, np.ones(D), np.zeros(D), param)
    assert_close(out, (x - 1.0) / 2.0, "out")
    assert_close(mean, np.ones(D), 'bn_param["running_mean"] after test mode')
    assert_close(var, np.full(D, 4.0), 'bn_param["running_var"] after test mode')


@exercise("batchnorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5))
def test_batchnorm_gradients(student, seed, shape):
    """dx, dgamma and dbeta agree with central differences in training mode."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    param = {"mode": "train", "eps": 0.1}
    _, cache = student.batchnorm_forward(x, gamma, beta, param)
    grads = student.batchnorm_backward(dout, cache)
    assert_unchanged(student)
    for wrt, name in enumerate(("dx", "dgamma", "dbeta")):
        assert_gradient(grads[wrt], numeric_gradient(student.batchnorm_forward, [x, gamma, beta, param], wrt=wrt, dout=dout), name)


@exercise("spatial_batchnorm_forward")
@given(seed=seeds(), shape=dims("N C H W", lo=2, hi=6))
def test_spatial_statistics(student, seed, shape):
    """With γ = 1 and β = 0 each channel comes out with mean 0 and variance 1 over all images and places."""
    x, _, _, _ = norm_case(seed, *shape)
    C = shape[1]
    out, _, _ = SPATIAL(student, x, np.ones(C), np.zeros(C), {"mode": "train", "eps": 0.0})
    if np.shape(out) != shape:
        assert_close(out, x, "out")
    assert_close(np.mean(out, axis=(0, 2, 3)), np.zeros(C), "mean of each channel", atol=1e-9)
    assert_close(np.var(out, axis=(0, 2, 3)), np.ones(C), "variance of each channel")


@exercise("spatial_batchnorm_forward")
@given(seed=seeds(), shape=dims("N C H W", lo=2, hi=6))
def test_spatial_keeps_places(student, seed, shape):
    """Channel c of out is channel c of x up to a scale and a shift, pixel by pixel: nothing changes its place."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    C = shape[1]
    out, mean, _ = SPATIAL(student, x, gamma, beta, {"mode": "train"})
    if np.shape(out) != shape:
        assert_close(out, x, "out")
    for c in range(C):
        line = np.corrcoef(x[:, c].ravel(), np.asarray(out)[:, c].ravel())[0, 1]
        if not line > 1 - 1e-9:
            fail(
                f"The pixels of channel {c} are not where they were: out and x should be proportional there.",
                "correlation",
                float(line),
                1.0,
            )
    assert_close(mean, 0.1 * x.mean(axis=(0, 2, 3)), 'bn_param["running_mean"] after the first batch')


@exercise("layernorm_forward")
def test_layernorm_by_hand(student):
    """The row (1, 3) becomes (−1, 1) with eps = 0; then γ = (5, 1) and β = (10, 0) make it (5, 1)."""
    x = np.array([[1.0, 3.0], [0.0, 8.0], [2.0, -2.0]])
    out, _ = student.layernorm_forward(x, np.array([5.0, 1.0]), np.array([10.0, 0.0]), {"eps": 0.0})
    assert_close(out, np.array([[5.0, 1.0], [5.0, 1.0], [15.0, -1.0]]), "out")


@exercise("layernorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5))
def test_layernorm_gradients(student, seed, shape):
    """dx, dgamma and dbeta agree with central differences."""
    x, gamma, beta, dout = norm_case(seed, *shape)
    _, cache = student.layernorm_forward(x, gamma, beta, {"eps": 0.1})
    grads = student.layernorm_backward(dout, cache)
    assert_unchanged(student)
    for wrt, name in enumerate(("dx", "dgamma", "dbeta")):
        assert_gradient(grads[wrt], numeric_gradient(student.layernorm_forward, [x, gamma, beta, {"eps": 0.1}], wrt=wrt, dout=dout), name)


@exercise("layernorm_forward")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5))
def test_layernorm_rows_are_independent(student, seed, shape):
    """An example's output does not depend on the other examples of its batch, and x is left alone."""
    x, gamma, beta, _ = norm_case(seed, *shape)
    out, _ = student.layernorm_forward(x, gamma, beta, {})
    assert_unchanged(student)
    alone, _ = student.layernorm_forward(x[:1], gamma, beta, {})
    assert_close(alone, np.asarray(out)[:1], "out of the first example alone")
    shifted, _ = student.layernorm_forward(x + Draw(seed).integers(1, 5), gamma, beta, {})
    assert_close(shifted, np.asarray(out), "out for x plus a constant", rtol=1e-6)
