"""Visible checks of replace_head, freeze and train_mode on a network with three blocks."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise

from .models import ALONE, FREEZE, MODE, NEW_HEAD, check_equal, check_modes, images_of

SEEDS = st.integers(0, 10**6)


@exercise("replace_head", examples=3)
@given(seed=SEEDS, classes=st.sampled_from([(3, 5), (4, 2), (3, 3)]))
def test_new_head(student, seed, classes):
    """The new head gives as many scores as there are classes, weight · features + bias; the body stays, and the model is returned."""
    old, new = classes
    got = NEW_HEAD(student, seed, old, new, Draw(seed).normal(3, 2, 5, 5), False)
    check_equal(got["kind"], "Linear", "kind", "model.head should be an nn.Linear from the body's features.")
    check_equal(
        got["shapes"],
        [[new, 4], [new]],
        "shapes",
        "The head's parameters should be a weight (num_classes, features) and a bias (num_classes,).",
    )
    check_equal(got["scores"], [3, new], "shape", "The scores of three images have the wrong shape.")
    assert_close(got["off linear"], 0.0, "difference of the scores from head.weight · features + head.bias", atol=1e-9)
    check_equal(got["old numbers"], [], "old numbers kept", "Some numbers of the old head are still in the new one.")
    check_equal(got["same body"], True, "same body", "The body was changed or replaced.")
    check_equal(got["returns the model"], True, "returned", "replace_head should return the model that it was given.")


def frozen(student, seed, blocks):
    """Return what a student's freeze leaves, and one step of training after it."""
    ((x, y),) = images_of(seed, (6,), 3)
    return FREEZE(student, seed, blocks, x, y)


HEAD = ["head.weight", "head.bias"]
NORMS = {"body.0.1": 1, "body.1.1": 1, "body.1.2": 1, "body.2.2": 1}


@exercise("freeze", examples=2)
@given(seed=SEEDS)
def test_freeze_everything(student, seed):
    """freeze(model) leaves only the head trainable, and puts BatchNorm and dropout of the body into eval mode."""
    got = frozen(student, seed, "default")
    check_equal(sorted(got["trainable"]), sorted(HEAD), "still trainable", "Other parameters should require gradients.")
    check_modes(got["modes"], dict.fromkeys(NORMS, 0))


@exercise("freeze", examples=2)
@given(seed=SEEDS)
def test_freeze_first_block(student, seed):
    """freeze(model, 1) freezes the first block and leaves the others in training."""
    got = frozen(student, seed, 1)
    check_modes(got["modes"], {**NORMS, "body.0.1": 0})
    expected = ["body.1.0.weight", "body.1.1.weight", "body.1.1.bias", "body.2.2.weight", "body.2.2.bias", *HEAD]
    check_equal(sorted(got["trainable"]), sorted(expected), "still trainable", "Other parameters should require gradients.")


@exercise("freeze", examples=2)
@given(seed=SEEDS)
def test_neighbours_do_not_matter(student, seed):
    """A frozen body gives an image the same features alone and in a batch."""
    together, alone = ALONE(student, seed, Draw(seed).normal(3, 2, 5, 5))
    assert_close(together, alone, "the features of a batch")


@exercise("train_mode", examples=4)
@given(seed=SEEDS, start=st.sampled_from(["train", "eval"]))
def test_blocks_in_training(student, seed, start):
    """Frozen blocks are in eval mode, all others in training mode, whatever the mode was before."""
    layers = ("body.0.1", "body.1.1", "body.1.2", "body.2", "body.3.2")
    cases = ["body.0.", "body.1.", "body.3."], ["body.0."], ["body.1."], []
    found = [MODE(student, seed, names, start, Draw(seed).normal(4, 2, 5, 5)) for names in cases]
    for got, names in zip(found, cases, strict=True):
        check_modes(got["modes"], {layer: int(not layer.startswith(tuple(names))) for layer in layers})


@exercise("train_mode")
def test_partly_frozen_block(student):
    """A block with only its normalisation or only its convolution frozen is in training mode."""
    for got in [MODE(student, 0, [name], "eval", Draw(0).normal(4, 2, 5, 5)) for name in ("body.0.1.", "body.0.0.")]:
        check_modes(got["modes"], {"body.0.1": 1, "body.1.1": 1, "body.2": 1, "body.3.2": 1})
