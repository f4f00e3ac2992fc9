"""Hidden tests of the two-layer network, predictions and the statistics over depth."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_unchanged, dims, exercise, seeds

from ..visible.cases import LAYOUTS, network, relayout, stack


@exercise("two_layer_forward", weight=3)
@given(seed=seeds(), shape=dims("N D H C"))
def test_two_layer_values(student, reference, seed, shape):
    """The scores are max(X·W1 + b1, 0)·W2 + b2, raw, of shape (N, C)."""
    params, X = network(seed, shape)
    assert_close(student.two_layer_forward(params, X), reference.two_layer_forward(params, X), "scores")


@exercise("two_layer_forward")
@given(seed=seeds(), shape=st.sampled_from([(1, 3, 4, 2), (3, 2, 1, 4), (4, 3, 2, 1), (1, 1, 1, 1), (3, 3, 3, 3)]))
def test_two_layer_shapes(student, reference, seed, shape):
    """A batch of one, one hidden unit, a single class, and equal sizes keep their axes apart."""
    params, X = network(seed, shape)
    assert_close(student.two_layer_forward(params, X), reference.two_layer_forward(params, X), "scores")


@exercise("two_layer_forward")
@given(seed=seeds(), shape=dims("N D H C"))
def test_two_layer_negative(student, reference, seed, shape):
    """Scores far below 0 and far above 1 come out as they are: nothing follows the last layer."""
    params, X = network(seed, shape)
    params["b2"] = params["b2"] + 50 * np.where(np.arange(shape[3]) % 2, 1, -1)
    assert_close(student.two_layer_forward(params, X), reference.two_layer_forward(params, X), "scores")


@exercise("two_layer_forward")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_two_layer_inputs(student, reference, seed, layout):
    """params and X are left as they were, and their memory layout does not matter."""
    params, X = network(seed, (4, 5, 3, 2))
    expected = reference.two_layer_forward(params, X)
    assert_close(student.two_layer_forward(params, X), expected, "scores")
    assert_unchanged(student)
    params["W1"], params["W2"] = relayout(params["W1"], layout), relayout(params["W2"], layout)
    assert_close(student.two_layer_forward(params, relayout(X, layout)), expected, "scores")


@exercise("predict", weight=2)
@given(seed=seeds(), shape=dims("N C"))
def test_predict_values(student, reference, seed, shape):
    """predict returns the place of the largest score in each row, integers of shape (N,)."""
    scores = Draw(seed).normal(*shape, scale=2.0)
    assert_array_equal(student.predict(scores), reference.predict(scores), "predict(scores)")
    assert_unchanged(student)


@exercise("predict")
@given(seed=seeds(), shape=dims("N C", lo=2))
def test_predict_ties(student, reference, seed, shape):
    """Among equal largest scores the smallest class number wins."""
    scores = Draw(seed).integers(-2, 1, *shape).astype(float)
    assert_array_equal(student.predict(scores), reference.predict(scores), "predict(scores)")


@exercise("predict")
@given(seed=seeds(), shape=st.sampled_from([(1, 4), (4, 1), (1, 1), (3, 3)]))
def test_predict_shapes(student, reference, seed, shape):
    """A batch of one, a single class, and as many classes as examples give shape (N,)."""
    scores = Draw(seed).normal(*shape)
    assert_array_equal(student.predict(scores), reference.predict(scores), "predict(scores)")


@exercise("predict", weight=2)
@given(seed=seeds(), N=st.sampled_from([1, 3, 4, 7, 10]), C=st.sampled_from([1, 2, 3, 5]), dtype=st.sampled_from(["int64", "uint8"]))
def test_accuracy_values(student, reference, seed, N, C, dtype):
    """accuracy is the share of the N rows whose prediction is the label, between 0 and 1."""
    draw = Draw(seed)
    scores, wrong = draw.normal(N, C), draw.mask(N, p=0.4)
    wrong[0] = False
    y = ((np.argmax(scores, axis=1) + wrong) % C).astype(dtype)
    assert_close(student.accuracy(scores, y), reference.accuracy(scores, y), "accuracy")


@exercise("activation_stats", weight=2)
@given(seed=seeds(), sizes=dims("N D H1 H2 H3", hi=7))
def test_stats_values(student, reference, seed, sizes):
    """means and stds describe all activations after each ReLU, each layer fed by the one before; shape (L,)."""
    layers, X = stack(seed, sizes[0], sizes[1:])
    means, stds = student.activation_stats(layers, X)
    expected = reference.activation_stats(layers, X)
    assert_close(means, expected[0], "means")
    assert_close(stds, expected[1], "stds")


@exercise("activation_stats")
@given(seed=seeds(), layout=st.sampled_from(LAYOUTS))
def test_stats_ten_layers(student, reference, seed, layout):
    """Ten layers of 20 units are right to the last; params_list and X are left as they were."""
    layers, X = stack(seed, 8, (12,) + (20,) * 10)
    expected = reference.activation_stats(layers, X)
    means, stds = student.activation_stats(layers, X)
    assert_close(means, expected[0], "means")
    assert_close(stds, expected[1], "stds")
    assert_unchanged(student)
    means, stds = student.activation_stats(layers, relayout(X, layout))
    assert_close(means, expected[0], "means")


@exercise("activation_stats")
@given(seed=seeds(), N=st.sampled_from([1, 3]), widths=st.sampled_from([(4, 3), (1, 5, 1), (3, 1, 1), (3, 3, 3)]))
def test_stats_small(student, reference, seed, N, widths):
    """One layer, one unit, and a batch of one are right: a standard deviation of one number is 0."""
    layers, X = stack(seed, N, widths)
    expected = reference.activation_stats(layers, X)
    means, stds = student.activation_stats(layers, X)
    assert_close(means, expected[0], "means", atol=1e-9)
    assert_close(stds, expected[1], "stds", atol=1e-9)
