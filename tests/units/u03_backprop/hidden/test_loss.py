"""Hidden tests of softmax_loss and two_layer_loss."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import loss_and_grads, network_case, relayout


def close(got, expected, name, floor=1e-10):
    """Compare up to rounding; where the true numbers vanish, right answers differ by rounding below the floor."""
    assert_close(got, expected, name, atol=max(floor, 1e-7 * float(np.max(np.abs(expected)))))


def compare_softmax(student, reference, x, y):
    """Compare loss and dx with the reference's."""
    loss, dx = student.softmax_loss(x, y)
    ref_loss, ref_dx = reference.softmax_loss(x.copy(), y.astype(np.int64))
    close(loss, float(ref_loss), "loss")
    close(dx, ref_dx, "dx")


@exercise("softmax_loss", weight=2)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=7))
def test_softmax_value(student, reference, seed, shape):
    """The loss is the mean over the batch of −log p of the right class."""
    draw = Draw(seed)
    x, y = draw.normal(*shape, scale=2.0), draw.labels(*shape)
    loss, _ = student.softmax_loss(x, y)
    assert_close(loss, float(reference.softmax_loss(x.copy(), y)[0]), "loss")


@exercise("softmax_loss", weight=3)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=7))
def test_softmax_gradient(student, reference, seed, shape):
    """dx is (p − one-hot) / N, of shape (N, C)."""
    draw = Draw(seed)
    x, y = draw.normal(*shape, scale=2.0), draw.labels(*shape)
    _, dx = student.softmax_loss(x, y)
    assert_close(dx, reference.softmax_loss(x.copy(), y)[1], "dx")


@exercise("softmax_loss", weight=2)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=5), size=st.sampled_from([1e3, 300.0, 50.0]))
def test_softmax_of_large_scores(student, reference, seed, shape, size):
    """Scores of any size, in rows of different size, give a finite and exact loss, also where p of the right class is 0."""
    draw = Draw(seed)
    x = np.array([size, -size, 1.0, 0.0, 700.0])[: shape[0], None] + draw.normal(*shape)
    x[:, 0] += draw.rng.choice([-size, size], shape[0])
    compare_softmax(student, reference, x, draw.labels(*shape))


@exercise("softmax_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (5, 1), (1, 1), (3, 2)]))
def test_softmax_of_one(student, reference, seed, shape):
    """A batch of one works, and with a single class the loss and its gradient are 0."""
    draw = Draw(seed)
    compare_softmax(student, reference, draw.normal(*shape), draw.labels(*shape))


@exercise("softmax_loss")
@given(seed=seeds(), dtype=st.sampled_from(["uint8", "int32", "int16", "int64"]), layout=st.sampled_from(["fortran", "strided"]))
def test_softmax_dtypes_and_layout(student, reference, seed, dtype, layout):
    """Labels of any integer type and scores in any memory layout give the same answer; y is left alone."""
    draw = Draw(seed)
    x, y = draw.normal(4, 3), draw.labels(4, 3).astype(dtype)
    compare_softmax(student, reference, relayout(x, layout), y)
    assert_unchanged(student)


@exercise("softmax_loss")
@given(seed=seeds(), shape=dims("N C", lo=2))
def test_softmax_changes_nothing(student, reference, seed, shape):
    """The scores and labels are left as they were: the caller still needs them."""
    draw = Draw(seed)
    x, y = draw.normal(*shape), draw.labels(*shape)
    compare_softmax(student, reference, x, y)
    assert_unchanged(student)


REGS = st.sampled_from([0.05, 0.7, 3.0])


def compare_network(student, reference, params, X, y, reg, names, floor=1e-10):
    """Compare the loss and the named gradients with the reference's."""
    loss, grads = loss_and_grads(student.two_layer_loss(params, X, y, reg))
    ref_loss, ref_grads = reference.two_layer_loss({k: v.copy() for k, v in params.items()}, X.copy(), y, reg)
    close(loss, float(ref_loss), "loss", floor)
    for name in names:
        close(grads[name], ref_grads[name], f'grads["{name}"]', floor)


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C"), reg=st.sampled_from([0.0, 1.0]))
def test_network_scores(student, reference, seed, shape, reg):
    """With y = None the scores come back, (N, C): no ReLU and no softmax at the end."""
    params, X, _ = network_case(seed, shape)
    expected = reference.two_layer_loss(params, X, None, reg)
    assert_close(student.two_layer_loss(params, X, None, reg), expected, "scores")
    assert_close(student.two_layer_loss(params, X), expected, "scores, with y left out")


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_loss(student, reference, seed, shape, reg):
    """The loss is the data loss plus 0.5 · reg · (‖W1‖² + ‖W2‖²), without the biases."""
    compare_network(student, reference, *network_case(seed, shape), reg, ())


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_without_regularisation(student, reference, seed, shape):
    """With reg = 0, loss and gradients are those of the data alone; 0 is also the default."""
    params, X, y = network_case(seed, shape)
    compare_network(student, reference, params, X, y, 0.0, ("W2", "b2", "W1", "b1"))
    loss, _ = loss_and_grads(student.two_layer_loss(params, X, y))
    assert_close(loss, float(reference.two_layer_loss(params, X, y, 0.0)[0]), "loss, with reg left out")


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_weight_gradients(student, reference, seed, shape, reg):
    """The gradients of W1 and W2 are those of the data plus reg · W."""
    compare_network(student, reference, *network_case(seed, shape), reg, ("W2", "W1"))


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_bias_gradients(student, reference, seed, shape, reg):
    """The gradients of b1 and b2 do not depend on reg and have the shapes of the biases."""
    compare_network(student, reference, *network_case(seed, shape), reg, ("b2", "b1"))


@exercise("two_layer_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 4, 2), (3, 1, 2, 4), (4, 2, 1, 3), (2, 3, 4, 1), (1, 1, 1, 1)]))
def test_network_of_one(student, reference, seed, shape):
    """A batch of one, one feature, one hidden unit or one class work and keep their axes."""
    compare_network(student, reference, *network_case(seed, shape), 0.4, ("W1", "b1", "W2", "b2"))


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_changes_nothing(student, reference, seed, shape):
    """params, X and y are left alone: the update is made by the caller, and a second call gives the same."""
    params, X, y = network_case(seed, shape)
    compare_network(student, reference, params, X, y, 0.5, ("W1", "b1", "W2", "b2"))
    assert_unchanged(student)


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_large_weights(student, reference, seed, shape):
    """Weights so large that the scores reach 1000 still give a finite loss and finite gradients."""
    params, X, y = network_case(seed, shape)
    params["W2"] = params["W2"] * 400.0
    compare_network(student, reference, params, X, y.astype(np.uint8), 1e-3, ("W1", "b1", "W2", "b2"), floor=1e-7)
