"""Visible checks of the two repaired gradients: central differences on the forward functions of the notebook, at ordinary inputs."""

from hypothesis import given

from autograder.testing import Draw, assert_gradient, dims, exercise, numeric_gradient, seeds


@exercise("tanh_layer_backward")
@given(seed=seeds(), shape=dims("N D M", hi=5))
def test_tanh_layer_gradients(student, seed, shape):
    """dw, db and dx of the tanh layer agree with central differences at weights of ordinary size."""
    draw, (N, D, M) = Draw(seed), shape
    args, dout = [draw.away_from_zero(N, D), draw.away_from_zero(D, M), draw.normal(M)], draw.away_from_zero(N, M)
    _, cache = student.tanh_layer_forward(*args)
    dx, dw, db = student.tanh_layer_backward(dout, cache)
    for wrt, name, got in ((1, "dw", dw), (2, "db", db), (0, "dx", dx)):
        assert_gradient(got, numeric_gradient(student.tanh_layer_forward, args, wrt=wrt, dout=dout), name)


@exercise("tanh_layer_backward")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_gated_residual_gradients(student, seed, shape):
    """dx and du of the gated residual agree with central differences when u is not 0."""
    draw, (N, D) = Draw(seed), shape
    args, dout = [draw.away_from_zero(N, D), draw.away_from_zero(D)], draw.away_from_zero(N, D)
    _, cache = student.gated_residual_forward(*args)
    dx, du = student.gated_residual_backward(dout, cache)
    for wrt, name, got in ((0, "dx", dx), (1, "du", du)):
        assert_gradient(got, numeric_gradient(student.gated_residual_forward, args, wrt=wrt, dout=dout), name)
