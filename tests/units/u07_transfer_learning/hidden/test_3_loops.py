"""Hidden tests of train_epoch, evaluate, extract_features and linear_probe: numbers, modes, and what must stay as it is."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, exercise, seeds

from ..visible.models import EVALUATE, FEATURES, PROBE, TRAIN, assert_shape, check_equal, check_left, check_number, check_state, images_of

SIZES = st.sampled_from([(4, 4, 2), (5, 3), (2, 3, 4, 2)])
START = st.sampled_from(["train", "eval"])
SEEDS = st.integers(0, 10**6)


def training(student, reference, seed, sizes, lr=0.2, momentum=0.0, epochs=1, frozen=0, start="train"):
    """Return what both sides find after training."""
    args = seed, images_of(seed, sizes, 3), lr, momentum, epochs, frozen, start
    return TRAIN(student, *args), TRAIN(reference, *args)


@exercise("train_epoch", weight=3, examples=4)
@given(seed=SEEDS, sizes=SIZES, momentum=st.sampled_from([0.0, 0.9]))
def test_trained_state(student, reference, seed, sizes, momentum):
    """After two epochs all parameters and running statistics are those of one optimizer step per batch, each with fresh gradients."""
    got, expected = training(student, reference, seed, sizes, momentum=momentum, epochs=2)
    check_state(got["state"], expected["state"], "after two epochs")


@exercise("train_epoch", weight=2, examples=4)
@given(seed=SEEDS, sizes=st.sampled_from([(5, 2), (4, 4, 2), (2, 6)]))
def test_mean_loss(student, reference, seed, sizes):
    """The loss is a plain float: the mean over all examples, where a small last batch weighs less."""
    got, expected = training(student, reference, seed, sizes)
    assert_close(got["losses"][0], expected["losses"][0], "the loss", rtol=1e-6)
    check_number(got["losses"][0], "the loss")


@exercise("train_epoch", weight=3, examples=4)
@given(seed=SEEDS, frozen=st.sampled_from([1, 2, 3]))
def test_frozen_blocks(student, reference, seed, frozen):
    """Blocks whose parameters are frozen keep their running statistics, and compute with them, while the rest is trained, in whatever mode the model came."""
    for got, expected in [training(student, reference, seed, (5, 3), frozen=frozen, start=start) for start in ("train", "eval")]:
        check_state(got["state"], expected["state"], "after an epoch")
        assert_close(got["losses"][0], expected["losses"][0], "the loss", rtol=1e-6)


@exercise("train_epoch", examples=3)
@given(seed=SEEDS, sizes=SIZES)
def test_each_batch_once(student, reference, seed, sizes):
    """Each batch is moved to the device, images and labels, and goes through the model once."""
    got, _ = training(student, reference, seed, sizes)
    check_number(got["losses"][0], "the loss")
    check_equal(got["seen"], list(sizes), "sizes of the batches seen", "The model should see each batch exactly once.")
    check_equal(
        got["moved"] >= 2 * len(sizes), True, "x and y moved", "Not every x and y is moved: each batch needs x.to(device) and y.to(device)."
    )


def evaluation(student, reference, seed, sizes, start="train"):
    """Return what both sides find when they evaluate."""
    args = seed, images_of(seed + 1, sizes, 3), start
    return EVALUATE(student, *args), EVALUATE(reference, *args)


@exercise("train_epoch", weight=3, examples=5)
@given(seed=SEEDS, sizes=st.sampled_from([(7, 7, 1), (9, 2), (6,), (4, 4, 4, 3)]), start=START)
def test_share_of_examples(student, reference, seed, sizes, start):
    """The accuracy is the number of right answers divided by the number of examples, whatever the sizes of the batches."""
    got, expected = evaluation(student, reference, seed, sizes, start)
    assert_close(got["accuracy"], expected["accuracy"], "the accuracy")
    check_number(got["accuracy"], "the accuracy")


@exercise("train_epoch", weight=2, examples=4)
@given(seed=SEEDS, sizes=SIZES)
def test_quiet_evaluation(student, reference, seed, sizes):
    """evaluate runs in eval mode and without gradients, moves its batches to the device and changes nothing in the model; one that was in eval mode stays in it."""
    for got, _ in [evaluation(student, reference, seed, sizes, start) for start in ("train", "eval")]:
        check_number(got["accuracy"], "the accuracy")
        check_equal(
            [call[0] for call in got["calls"]],
            [0] * len(sizes),
            "training mode",
            "The model was called in training mode, or not once per batch.",
        )
        check_equal(
            [call[1] for call in got["calls"]], [0] * len(sizes), "gradients recorded", "Gradients were recorded: use `with torch.no_grad():`."
        )
        check_left(got)
        check_equal(got["moved"] >= 2 * len(sizes), True, "x and y moved", "Not every x and y is moved to the device.")


def extraction(student, reference, seed, sizes, start="train"):
    """Return what both sides extract."""
    args = seed, images_of(seed, sizes, 3), start
    return FEATURES(student, *args), FEATURES(reference, *args)


@exercise("extract_features", weight=3, examples=4)
@given(seed=SEEDS, sizes=st.sampled_from([(4, 4, 2), (5, 3), (3,), (2, 3, 4, 1)]), start=START)
def test_extracted(student, reference, seed, sizes, start):
    """The features are those of the body in eval mode, of every image, in the loader's order, a smaller last batch included."""
    got, expected = extraction(student, reference, seed, sizes, start)
    assert_close(got["features"], expected["features"], "features")


@exercise("extract_features", weight=2, examples=3)
@given(seed=SEEDS, sizes=SIZES)
def test_extracted_labels(student, reference, seed, sizes):
    """The labels stand in the order of the features."""
    got, expected = extraction(student, reference, seed, sizes)
    assert_array_equal(got["labels"], expected["labels"], "labels")
    assert_shape(got["features"], (sum(sizes), 4), "features")


@exercise("extract_features", weight=2, examples=3)
@given(seed=SEEDS, sizes=SIZES)
def test_quiet_extraction(student, reference, seed, sizes):
    """The body runs once per batch, without gradients; the features carry no graph, and model and head are left as they were."""
    for got, _ in [extraction(student, reference, seed, sizes, start) for start in ("train", "eval")]:
        check_equal(got["graph"], False, "requires_grad", "The features still carry a graph.")
        check_equal(
            [call[1:] for call in got["calls"]],
            [(0, n) for n in sizes],
            "calls (gradients, size)",
            "The body should run once per batch, without gradients.",
        )
        check_left(got)
        assert_shape(got["features"], (sum(sizes), 4), "features")


@exercise("extract_features", examples=2)
@given(seed=SEEDS, sizes=SIZES)
def test_devices_of_features(student, reference, seed, sizes):
    """Images are moved to the device, and the features are fetched from there to the CPU."""
    got, _ = extraction(student, reference, seed, sizes)
    check_equal(got["moved"] >= len(sizes), True, "images moved", "Not every batch of images is moved to the device.")
    check_equal(got["fetched"] > 0, True, "features fetched", "The features stay on the device: the result should be on the CPU.")
    assert_shape(got["features"], (sum(sizes), 4), "features")


def probing(student, reference, seed, steps, lr, sizes=(7, 3, 4), dtype="float64", scale=1.0):
    """Return what both sides' probes hold."""
    draw = Draw(seed)
    N, D, K = sizes
    args = (scale * draw.normal(N, D)).astype(dtype), draw.labels(N, K), K, steps, lr
    got, expected = PROBE(student, *args), PROBE(reference, *args)
    check_equal(got["kind"], "Linear", "kind", "linear_probe should return an nn.Linear.")
    return got, expected


@exercise("linear_probe", weight=2, examples=4)
@given(seed=seeds(), lr=st.sampled_from([0.1, 0.7]))
def test_first_step(student, reference, seed, lr):
    """The first step starts from weights and biases 0 and goes down the gradient of the mean cross-entropy of all examples."""
    got, expected = probing(student, reference, seed, 1, lr)
    assert_close(got["weight"], expected["weight"], "weight after one step", rtol=1e-6)
    assert_close(got["bias"], expected["bias"], "bias after one step", rtol=1e-6)


@exercise("linear_probe", weight=3, examples=4)
@given(seed=seeds(), steps=st.sampled_from([2, 5, 20]), lr=st.sampled_from([0.1, 0.7]))
def test_many_steps(student, reference, seed, steps, lr):
    """After several steps, weight, bias and scores are those of plain gradient descent, with many examples as with few, and however small the loss has become."""
    apart = 4.0 * np.eye(3), np.arange(3), 3, 60, lr  # nearly perfect after a few steps
    cases = [probing(student, reference, seed, steps, lr, sizes=sizes) for sizes in ((9, 5, 3), (150, 2, 3))]
    for got, expected in [*cases, (PROBE(student, *apart), PROBE(reference, *apart))]:
        for name in ("weight", "bias", "scores"):
            assert_close(got.get(name), expected[name], f"{name} after several steps", rtol=1e-6, atol=1e-9)


@exercise("linear_probe", examples=3)
@given(seed=seeds(), dtype=st.sampled_from(["float32", "float64"]))
def test_probe_of_features_dtype(student, seed, dtype):
    """The layer has the dtype of the features and leaves them alone; a class without examples has its row, too."""
    draw = Draw(seed)
    args = draw.normal(4, 3).astype(dtype), draw.labels(4, 2), 5, 3, 0.5
    got = PROBE(student, *args)
    check_equal(got["kind"], "Linear", "kind", "linear_probe should return an nn.Linear.")
    check_equal(str(got["weight"].dtype), dtype, "dtype", "The layer should have the dtype of the features.")
    check_equal(got["untouched"], True, "features unchanged", "The features were changed in place.")
    assert_shape(got["weight"], (5, 3), "weight after 3 steps")


@exercise("linear_probe", examples=2)
@given(seed=seeds())
def test_probe_defaults(student, reference, seed):
    """By default there are 300 steps with learning rate 1."""
    got, expected = probing(student, reference, seed, None, None, sizes=(12, 2, 3))
    assert_close(got["weight"], expected["weight"], "weight after 300 steps", rtol=1e-5)
