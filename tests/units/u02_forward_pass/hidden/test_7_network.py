"""Hidden tests of the two-layer network, predictions and the statistics over depth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, assert_same, network, relayout, stack
from .parts import assert_right


def own_scores(student, params, X):
    """Return the scores as the student's own layers give them."""
    hidden, _ = student.affine_forward(X, params["W1"], params["b1"])
    active, _ = student.relu_forward(hidden)
    scores, _ = student.affine_forward(active, params["W2"], params["b2"])
    return scores


@exercise("two_layer_forward", weight=5)
@given(seed=seeds(), shape=dims("N D H C"))
def test_two_layer_values(student, reference, seed, shape):
    """The scores are max(X·W1 + b1, 0)·W2 + b2, raw, of shape (N, C)."""
    for sizes in (shape, (4, 3, 5, 2)):
        params, X = network(seed, sizes)
        if sizes != shape:
            params, X = {**params, "W1": np.abs(params["W1"])}, np.abs(X) + 5.0  # every hidden unit is on
        got, right = student.two_layer_forward(params, X), reference.two_layer_forward(params, X)
        assert_right(got, right, lambda params=params, X=X: own_scores(student, params, X), "scores", varied=sizes != shape)


@exercise("two_layer_forward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 4, 2), (3, 2, 1, 4), (4, 3, 2, 1), (1, 1, 1, 1), (3, 3, 3, 3)]))
def test_two_layer_shapes(student, seed, shape):
    """The scores have shape (N, C), also for a batch of one, one hidden unit or a single class."""
    params, X = network(seed, shape)
    assert_shape(student.two_layer_forward(params, X), (shape[0], shape[-1]), "scores")


@exercise("two_layer_forward")
@given(seed=seeds(), shape=dims("N D H C", lo=2))
def test_two_layer_negative(student, seed, shape):
    """Nothing follows the last layer: scores far below 0 and far above 1 come out as they are, so that adding to b2 adds the same to every row."""
    params, X = network(seed, shape)
    plain = student.two_layer_forward(params, X)
    shift = 50 * np.where(np.arange(shape[3]) % 2, 1.0, -1.0)
    moved = student.two_layer_forward({**params, "b2": params["b2"] + shift}, X)
    assert_shape(plain, (shape[0], shape[3]), "scores")
    assert_same(moved, plain + shift, "scores")


@exercise("two_layer_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_two_layer_inputs(student, seed, layout):
    """params and X are left as they were, and their memory layout does not matter: each call gives the same."""
    params, X = network(seed, (4, 5, 3, 2))
    params["b1"] = np.abs(params["b1"]) + 5.0
    first = student.two_layer_forward(params, X)
    assert_unchanged(student)
    turned = {**params, "W1": relayout(params["W1"], layout), "W2": relayout(params["W2"], layout)}
    assert_same(student.two_layer_forward(turned, relayout(X, layout)), first, "scores")
    assert_same(student.two_layer_forward(params, X), first, "scores of a second call")


# In every example: largest first, last and in the middle, ties at both ends, all equal, all negative; then close together, and beyond exp
SCORES = np.array([[3.0, 0, -4, 1], [-9, 0, 1, 2], [0, 5, 1, 5], [2, 2, 2, 2], [-5, -7, -6, -5], [1, 1, 4, 0], [1, 1.001, 1.0005, 0], [0, 800, 801, 0]])


@exercise("predict", weight=3)
@given(seed=seeds(), shape=dims("N C"))
def test_predict_values(student, reference, seed, shape):
    """predict returns the place of the largest score in each row, integers of shape (N,)."""
    for scores in (Draw(seed).normal(*shape, scale=2.0), SCORES[[0, 1, 5, 6, 7]]):
        assert_array_equal(student.predict(scores), reference.predict(scores), "predict(scores)")
        assert_unchanged(student)


@exercise("predict")
@given(seed=seeds(), shape=dims("N C", lo=2))
def test_predict_ties(student, reference, seed, shape):
    """Among equal largest scores the smallest class number wins."""
    for scores in (Draw(seed).integers(-2, 1, *shape).astype(float), SCORES):
        assert_array_equal(student.predict(scores), reference.predict(scores), "predict(scores)")


@exercise("predict")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (4, 1), (1, 1), (3, 3)]))
def test_predict_shapes(student, seed, shape):
    """A batch of one, a single class, and as many classes as examples give integers of shape (N,), each that of its row alone."""
    scores = Draw(seed).normal(*shape)
    got = student.predict(scores)
    assert_array_equal(got * 0, np.zeros(shape[0], dtype=np.int64), "predict(scores) · 0")
    assert_array_equal(got, np.concatenate([student.predict(row[None]) for row in scores]), "predict(scores), beside the rows alone")


@exercise("predict", weight=3)
@given(seed=seeds(), N=st.sampled_from([1, 3, 4, 7, 10]), C=st.sampled_from([1, 2, 3, 5]), dtype=st.sampled_from(["int64", "uint8"]))
def test_accuracy_values(student, reference, seed, N, C, dtype):
    """accuracy is the share of the N rows whose prediction is the label, between 0 and 1."""
    draw = Draw(seed)
    scores, wrong = draw.normal(N, C), draw.mask(N, p=0.4)
    wrong[0] = False
    for rows, y in ((scores, ((np.argmax(scores, axis=1) + wrong) % C).astype(dtype)), (SCORES, np.array([0, 3, 1, 2, 1, 1, 1, 0], dtype=dtype))):
        right = reference.accuracy(rows, y)
        assert_right(student.accuracy(rows, y), right, lambda rows=rows, y=y: np.mean(student.predict(rows) == y), "accuracy")


def own_stats(student, layers, X):
    """Return means and stds as the student's own layers give them."""
    h, means, stds = X, [], []
    for W, b in layers:
        h = student.relu_forward(student.affine_forward(h, W, b)[0])[0]
        means.append(np.mean(h))
        stds.append(np.std(h))
    return np.array(means), np.array(stds)


def compare_stats(student, reference, layers, X, *, varied=False):
    """Compare means and stds with the reference's, or with those of the student's own layers."""
    got, expected = student.activation_stats(layers, X), reference.activation_stats(layers, X)
    for i, name in enumerate(("means", "stds")):
        assert_right(got[i], expected[i], lambda i=i: own_stats(student, layers, X)[i], name, varied=varied)


@exercise("activation_stats", weight=4)
@given(seed=seeds(), sizes=dims("N D H1 H2 H3", hi=7))
def test_stats_values(student, reference, seed, sizes):
    """means and stds describe all activations after each ReLU, each layer fed by the one before; shape (L,)."""
    compare_stats(student, reference, *stack(seed, sizes[0], sizes[1:]))
    layers, X = stack(seed, 3, (4, 5, 6, 2))
    layers[0] = (np.abs(layers[0][0]), layers[0][1])
    compare_stats(student, reference, layers, np.abs(X) + 2.0, varied=True)


@exercise("activation_stats")
@given(seed=seeds())
def test_stats_ten_layers(student, reference, seed):
    """Ten layers of 20 units are right to the last."""
    compare_stats(student, reference, *stack(seed, 8, (12,) + (20,) * 10))


@exercise("activation_stats")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_stats_inputs(student, seed, layout):
    """params_list and X are left as they were, and the memory layout of X does not matter: each call gives the same."""
    layers, X = stack(seed, 8, (12, 20, 20, 20))
    first = student.activation_stats(layers, X)
    assert_unchanged(student)
    for again in (relayout(X, layout), X):
        for name, got, before in zip(("means", "stds"), student.activation_stats(layers, again), first, strict=True):
            assert_same(got, before, name)


@exercise("activation_stats")
@given(seed=seeds(), N=st.sampled_from([1, 3]), widths=st.sampled_from([(4, 3), (1, 5, 1), (3, 1, 1), (3, 3, 3)]))
def test_stats_small(student, seed, N, widths):
    """One layer, one unit, and a batch of one give results of shape (L,): a standard deviation of one number is 0."""
    for count, sizes in ((N, widths), (1, (2, 3, 1))):
        layers, X = stack(seed, count, sizes)
        for name, got in zip(("means", "stds"), student.activation_stats(layers, X), strict=True):
            assert_shape(got, (len(layers),), name)
    assert_close(got[-1], 0.0, "std of one number", atol=1e-9)
