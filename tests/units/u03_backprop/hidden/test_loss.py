"""Hidden tests of softmax_loss and two_layer_loss."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import (
    Draw,
    assert_close,
    assert_depends,
    assert_same,
    assert_shape,
    assert_unchanged,
    dims,
    either,
    exercise,
    seeds,
)

from ..visible.cases import loss_and_grads, network_case, relayout


def close(got, expected, name):
    """Compare to ten digits; where the true numbers vanish, right answers differ by rounding."""
    assert_close(got, expected, name, rtol=1e-10, atol=max(1e-10, 1e-10 * float(np.max(np.abs(expected)))))


def compare_softmax(student, reference, x, y):
    """Compare loss and dx with the reference's."""
    loss, dx = student.softmax_loss(x, y)
    ref_loss, ref_dx = reference.softmax_loss(x.copy(), y.astype(np.int64))
    close(loss, float(ref_loss), "loss")
    close(dx, ref_dx, "dx")


@exercise("softmax_loss", weight=3)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=7))
def test_softmax_value(student, reference, seed, shape):
    """The loss is the mean over the batch of −log p of the right class."""
    draw = Draw(seed)
    x, y = draw.normal(*shape, scale=2.0), draw.labels(*shape)
    loss, _ = student.softmax_loss(x, y)
    assert_close(loss, float(reference.softmax_loss(x.copy(), y)[0]), "loss", rtol=1e-10)


@exercise("softmax_loss", weight=4)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=7))
def test_softmax_gradient(student, reference, seed, shape):
    """dx is (p − one-hot) / N, of shape (N, C)."""
    draw = Draw(seed)
    x, y = draw.normal(*shape, scale=2.0), draw.labels(*shape)
    _, dx = student.softmax_loss(x, y)
    assert_close(dx, reference.softmax_loss(x.copy(), y)[1], "dx", rtol=1e-10)


@exercise("softmax_loss", weight=2)
@given(seed=seeds(), shape=dims("N C", lo=2, hi=5), size=st.sampled_from([1e3, 300.0, 50.0]))
def test_softmax_of_large_scores(student, reference, seed, shape, size):
    """Scores of any size, in rows of different size, give a finite and exact loss, also where p of the right class is 0."""
    draw = Draw(seed)
    x = np.array([size, -size, 1.0, 0.0, 700.0])[: shape[0], None] + draw.normal(*shape)
    x[:, 0] += draw.rng.choice([-size, size], shape[0])
    extreme = np.zeros((4, shape[1]))
    extreme[:3, :2] = [[1e3, -1e3], [1e3, -1e3], [-1e3, -1e3]]  # in every example: far apart, with p = 1 and p = 0, and far below the rest
    compare_softmax(student, reference, np.concatenate([x, extreme]), np.append(draw.labels(*shape), [0, 1, 1, 1]))


@exercise("softmax_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (5, 1), (1, 1), (3, 2)]))
def test_softmax_of_one(student, seed, shape):
    """A batch of one keeps its axes, and with a single class the loss and its gradient are 0."""
    draw = Draw(seed)
    loss, dx = student.softmax_loss(draw.normal(*shape), draw.labels(*shape))
    assert_shape(loss, (), "loss")
    assert_shape(dx, shape, "dx")
    if shape[1] == 1:
        assert_close(loss, 0.0, "loss", atol=1e-10)
        assert_close(dx, np.zeros(shape), "dx", atol=1e-10)


@exercise("softmax_loss")
@given(seed=seeds(), dtype=st.sampled_from(["uint8", "int32", "int16", "int64"]), layout=st.sampled_from(["fortran", "strided"]))
def test_softmax_dtypes_and_layout(student, seed, dtype, layout):
    """Labels of any integer type and scores in any memory layout give the same answer; y is left alone."""
    draw = Draw(seed)
    x, y = draw.normal(4, 3), draw.labels(4, 3)
    loss, dx = student.softmax_loss(relayout(x, layout), y.astype(dtype))
    assert_unchanged(student)
    plain_loss, plain_dx = student.softmax_loss(x, y)
    assert_same(loss, plain_loss, "loss")
    assert_same(dx, plain_dx, "dx")
    assert_depends(plain_dx, student.softmax_loss(x + np.arange(3), y)[1], "dx")


@exercise("softmax_loss")
@given(seed=seeds(), shape=dims("N C", lo=2))
def test_softmax_changes_nothing(student, seed, shape):
    """The scores and labels are left as they were, since the caller still needs them, and a second call gives the same."""
    draw = Draw(seed)
    x, y = draw.normal(*shape), draw.labels(*shape)
    first = student.softmax_loss(x, y)
    assert_unchanged(student)
    for name, again, before in zip(("loss", "dx"), student.softmax_loss(x, y), first, strict=True):
        assert_same(again, before, name)
    assert_depends(first[1], student.softmax_loss(x + np.arange(shape[1]), y)[1], "dx")


REGS = st.sampled_from([0.05, 0.7, 3.0])


def own_parts(student, params, X, y, reg):
    """Return loss and gradients as the network's formula gives them with the student's own layers and loss, right or not."""
    hidden, affine1 = student.affine_forward(X, params["W1"], params["b1"])
    active, relu = student.relu_forward(hidden)
    scores, affine2 = student.affine_forward(active, params["W2"], params["b2"])
    data_loss, dscores = student.softmax_loss(scores, y)
    dactive, dW2, db2 = student.affine_backward(dscores, affine2)
    _, dW1, db1 = student.affine_backward(student.relu_backward(dactive, relu), affine1)
    loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    return loss, {"W1": dW1 + reg * params["W1"], "b1": db1, "W2": dW2 + reg * params["W2"], "b2": db2}


def agree(got, expected, names):
    """Compare the loss, if it is among the names, and the named gradients with others."""
    (loss, grads), (right_loss, right_grads) = got, expected
    for name in names:
        if name == "loss":
            close(loss, float(right_loss), "loss")
        else:
            close(grads[name], right_grads[name], f'grads["{name}"]')


def compare_network(student, reference, params, X, y, reg, names):
    """Compare what is named with the reference's, or else with what the student's own parts give.

    A mistake in an earlier exercise has cost its points there; a network that is put together rightly from its parts is right.
    """
    got = loss_and_grads(student.two_layer_loss(params, X, y, reg))
    either(
        lambda: agree(got, reference.two_layer_loss({k: v.copy() for k, v in params.items()}, X.copy(), y, reg), names),
        lambda: agree(got, own_parts(student, params, X, y, reg), names),
    )


def check_shapes(result, params):
    """Fail unless loss and gradients are finite numbers in the shapes of the parameters."""
    loss, grads = loss_and_grads(result)
    assert_shape(loss, (), "loss")
    for name, value in params.items():
        assert_shape(grads[name], value.shape, f'grads["{name}"]')


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C"), reg=st.sampled_from([0.0, 1.0]))
def test_network_scores(student, reference, seed, shape, reg):
    """With y = None the scores come back, (N, C): no ReLU and no softmax at the end."""
    params, X, _ = network_case(seed, shape)
    expected = reference.two_layer_loss(params, X, None, reg)
    assert_close(student.two_layer_loss(params, X, None, reg), expected, "scores")
    assert_close(student.two_layer_loss(params, X), expected, "scores, with y left out")


@exercise("two_layer_loss", weight=3)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_loss(student, reference, seed, shape, reg):
    """The loss is the data loss plus 0.5 · reg · (‖W1‖² + ‖W2‖²), without the biases."""
    compare_network(student, reference, *network_case(seed, shape), reg, ("loss",))


@exercise("two_layer_loss", weight=2)
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_without_regularisation(student, reference, seed, shape):
    """With reg = 0, loss and gradients are those of the data alone; 0 is also the default."""
    params, X, y = network_case(seed, shape)
    compare_network(student, reference, params, X, y, 0.0, ("loss", "W2", "b2", "W1", "b1"))
    (loss, _), (plain, _) = (loss_and_grads(student.two_layer_loss(params, X, y, *reg)) for reg in ((), (0.0,)))
    assert_same(loss, plain, "loss, with reg left out")


@exercise("two_layer_loss", weight=3)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_weight_gradients(student, reference, seed, shape, reg):
    """The gradients of W1 and W2 are those of the data plus reg · W."""
    compare_network(student, reference, *network_case(seed, shape), reg, ("W2", "W1"))


@exercise("two_layer_loss", weight=3)
@given(seed=seeds(), shape=dims("N D H C"), reg=REGS)
def test_network_bias_gradients(student, reference, seed, shape, reg):
    """The gradients of b1 and b2 do not depend on reg and have the shapes of the biases."""
    compare_network(student, reference, *network_case(seed, shape), reg, ("b2", "b1"))


@exercise("two_layer_loss")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 4, 2), (3, 1, 2, 4), (4, 2, 1, 3), (2, 3, 4, 1), (1, 1, 1, 1)]))
def test_network_of_one(student, seed, shape):
    """For a batch of one, one feature, one hidden unit or one class each gradient has all the axes of its parameter."""
    params, X, y = network_case(seed, shape)
    check_shapes(student.two_layer_loss(params, X, y, 0.4), params)


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_changes_nothing(student, seed, shape):
    """params, X and y are left alone: the update is made by the caller, and a second call gives the same."""
    params, X, y = network_case(seed, shape)
    loss, grads = loss_and_grads(student.two_layer_loss(params, X, y, 0.5))
    assert_unchanged(student)
    again, second = loss_and_grads(student.two_layer_loss(params, X, y, 0.5))
    assert_same(again, loss, "loss")
    for name in params:
        assert_same(second[name], grads[name], f'grads["{name}"]', may_vanish=name in ("b1", "b2"))
    assert_depends(loss, loss_and_grads(student.two_layer_loss({**params, "b2": params["b2"] + np.arange(shape[3])}, X, y, 0.5))[0], "loss")


@exercise("two_layer_loss")
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_network_large_weights(student, seed, shape):
    """Weights so large that the scores reach 1000 still give a finite loss and finite gradients; the labels may be uint8."""
    params, X, y = network_case(seed, shape)
    params["W2"] = params["W2"] * 400.0
    check_shapes(student.two_layer_loss(params, X, y.astype(np.uint8), 1e-3), params)
