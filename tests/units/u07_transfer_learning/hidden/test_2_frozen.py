"""Hidden tests of replace_head, freeze and train_mode: what they change, what they leave alone, and what the network computes then."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise

from ..visible.models import ALONE, FREEZE, FREEZE_MIXED, MODE, NEW_HEAD, assert_shape, check_equal, check_modes, check_state, images_of

CLASSES = st.sampled_from([(3, 5), (5, 2), (2, 7)])
BLOCKS = st.sampled_from([0, 1, 2, 3, None, "default"])
SEEDS = st.integers(0, 10**6)


def heads(student, reference, seed, old, new, frozen=False):
    """Return what both sides find after the head was replaced."""
    args = seed, old, new, Draw(seed).normal(3, 2, 5, 5), frozen
    got, expected = NEW_HEAD(student, *args), NEW_HEAD(reference, *args)
    check_equal(got["kind"], "Linear", "kind", "model.head should be an nn.Linear from the body's features.")
    return got, expected


@exercise("replace_head", weight=2, examples=3)
@given(seed=SEEDS, classes=CLASSES)
def test_new_shapes(student, reference, seed, classes):
    """The new head has a weight and a bias for as many classes as asked for, and the network returns the scores it gives, no probabilities."""
    got, expected = heads(student, reference, seed, *classes)
    check_equal(
        got["shapes"],
        expected["shapes"],
        "shapes",
        "The head's parameters should be a weight (num_classes, features) and a bias (num_classes,).",
    )
    check_equal(got["scores"], expected["scores"], "shape", "The scores of three images have the wrong shape.")
    assert_close(got["off linear"], 0.0, "difference of the scores from head.weight · features + head.bias", atol=1e-9)


@exercise("replace_head", weight=2, examples=3)
@given(seed=SEEDS, classes=st.sampled_from([(3, 3), (4, 2), (2, 4)]))
def test_fresh_weights(student, reference, seed, classes):
    """The new head is initialised afresh, weight and bias, also when the number of classes stays the same, and requires gradients where the old one did not."""
    got, _ = heads(student, reference, seed, *classes, frozen=True)
    check_equal(got["old numbers"], [], "old numbers kept", "Some numbers of the old head are still in the new one.")
    check_equal(got["trainable"], True, "requires_grad", "The new head should require gradients, whatever the old one did.")


@exercise("replace_head", examples=2)
@given(seed=SEEDS, classes=CLASSES)
def test_device_of_the_head(student, reference, seed, classes):
    """The new head is on the device on which the model is."""
    got, _ = heads(student, reference, seed, *classes)
    check_equal(got["devices"], ["meta"], "devices", "The head of a model on another device (here: meta) should be made on that device.")


@exercise("replace_head", weight=2, examples=3)
@given(seed=SEEDS, classes=CLASSES)
def test_body_is_kept(student, reference, seed, classes):
    """The body is the same object with the same numbers, requires the same gradients and is in the same mode; the model itself is returned."""
    got, expected = heads(student, reference, seed, *classes)
    assert_close(got["features"], expected["features"], "the features of the body")
    check_equal(got["same body"], True, "same body", "The body was changed or replaced.")
    check_equal(got["body flags"], expected["body flags"], "requires_grad", "Other parameters of the body require gradients than before.")
    check_modes(got["body modes"], expected["body modes"])
    check_equal(got["returns the model"], True, "returned", "replace_head should return the model that it was given.")


def frozen(student, reference, seed, blocks):
    """Return what both sides find after freezing, and after one step of training."""
    ((x, y),) = images_of(seed, (6,), 3)
    args = seed, blocks, x, y
    return FREEZE(student, *args), FREEZE(reference, *args)


@exercise("freeze", weight=2, examples=6)
@given(seed=SEEDS, blocks=BLOCKS)
def test_no_gradients(student, reference, seed, blocks):
    """No parameter of the first blocks requires a gradient, and all others still do; the model is returned."""
    got, expected = frozen(student, reference, seed, blocks)
    check_equal(
        sorted(got["trainable"]),
        sorted(expected["trainable"]),
        "still trainable",
        f"With blocks={blocks!r}, other parameters should require gradients.",
    )
    check_equal(got["same"], True, "returned", "freeze should return the model that it was given.")


@exercise("freeze", weight=2, examples=6)
@given(seed=SEEDS, blocks=BLOCKS)
def test_modes_of_blocks(student, reference, seed, blocks):
    """BatchNorm and dropout are in eval mode in the frozen blocks, and as they were in the others."""
    got, expected = frozen(student, reference, seed, blocks)
    check_modes(got["modes"], expected["modes"])


@exercise("freeze", weight=3, examples=6)
@given(seed=SEEDS, blocks=st.sampled_from([0, 1, 2, None]))
def test_one_step(student, reference, seed, blocks):
    """After one training step the frozen blocks hold the same numbers, running statistics included; everything else has moved."""
    got, expected = frozen(student, reference, seed, blocks)
    check_state(got["state"], expected["state"], "after one step")
    assert_close(got["loss"], expected["loss"], "the loss")


@exercise("freeze", weight=2, examples=3)
@given(seed=SEEDS, count=st.integers(2, 5))
def test_features_of_one_image(student, seed, count):
    """The features of a frozen body do not depend on the other images in the batch."""
    x = Draw(seed).normal(count, 2, 5, 5)
    together, alone = ALONE(student, seed, x)
    assert_shape(together, (count, 4), "the features of a batch")
    assert_close(alone, together, "the features of the same images one by one")


@exercise("freeze", examples=2)
@given(seed=SEEDS)
def test_others_are_left(student, seed):
    """Later blocks and the head are left as they were: what was frozen or in eval mode stays so."""
    got = FREEZE_MIXED(student, seed)
    expected = ["body.1.0.weight", "body.1.1.bias", "body.1.1.weight", "head.bias", "head.weight"]
    check_equal(sorted(got["trainable"]), expected, "still trainable", "Among the later blocks and in the head, other parameters should require gradients.")
    check_modes(got["modes"], {"body.1.1": 0, "body.1.2": 1, "body.2.2": 0, "head": 1})


FROZEN = st.sampled_from(
    [[], ["body.0."], ["body.0.", "body.1."], ["body."], ["body.1."], ["body.0.0.", "body.3."], ["body.0.1.", "body.1.0."], ["head."]]
)
START = st.sampled_from(["train", "eval"])


def modes(student, reference, seed, frozen, start):
    """Return what both sides find after train_mode."""
    args = seed, frozen, start, Draw(seed).normal(4, 2, 5, 5)
    return MODE(student, *args), MODE(reference, *args)


@exercise("train_mode", weight=2, examples=8)
@given(seed=SEEDS, frozen=FROZEN, start=START)
def test_modes_of_layers(student, reference, seed, frozen, start):
    """Blocks whose parameters are all frozen are in eval mode; partly frozen blocks, blocks without parameters and the rest are in training mode."""
    cases = ["body.0.0."], ["body.0.1."], frozen
    for got, expected in [modes(student, reference, seed, names, start) for names in cases]:
        check_modes(got["modes"], expected["modes"])


@exercise("train_mode", weight=2, examples=8)
@given(seed=SEEDS, frozen=FROZEN, start=START)
def test_statistics(student, reference, seed, frozen, start):
    """A forward pass then gives the right numbers, and moves the running statistics of the blocks in training only."""
    got, expected = modes(student, reference, seed, frozen, start)
    assert_close(got["out"], expected["out"], "the scores")
    check_state(got["state"], expected["state"], "after a forward pass")


@exercise("train_mode", examples=4)
@given(seed=SEEDS, frozen=FROZEN)
def test_nothing_else(student, reference, seed, frozen):
    """train_mode sets modes only: which parameters require gradients stays as it was."""
    got, expected = modes(student, reference, seed, frozen, "eval")
    check_equal(any(got["modes"].values()), True, "training mode", "All layers are still in eval mode.")
    check_equal(
        got["trainable"], expected["trainable"], "still trainable", "train_mode should not change which parameters require gradients."
    )
