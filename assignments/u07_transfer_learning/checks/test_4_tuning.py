"""Visible checks of param_groups, prepare, fine_tune and compute_saliency_maps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise, seeds

from .models import GROUPS, PREPARE, SALIENCY, SALIENCY_LINEAR, TUNE, check_equal, images_of

SEEDS = st.integers(0, 10**6)
BLOCKS = (
    ("body.0.0.weight", "body.0.0.bias", "body.0.1.weight", "body.0.1.bias"),
    ("body.1.0.weight", "body.1.1.weight", "body.1.1.bias"),
    ("body.2.2.weight", "body.2.2.bias"),
)
HEAD = ("head.weight", "head.bias")


@exercise("param_groups", examples=3)
@given(seed=SEEDS, frozen=st.sampled_from([0, 1, 3]))
def test_learning_rates(student, seed, frozen):
    """The trainable parameters of the body have lr_body, those of the head lr_head, and frozen ones are in no group."""
    got = GROUPS(student, seed, [f"body.{k}." for k in range(frozen)], 0.01, 0.1)
    expected = {name: 0.01 for block in BLOCKS[frozen:] for name in block} | dict.fromkeys(HEAD, 0.1)
    check_equal(got["rates"], expected, "learning rates", "The learning rates of the parameters are not the expected ones.")


def moved(student, seed, blocks, lr_body, lr_head):
    """Return the names of the parameters that a step with the prepared optimizer changes, given one that changes nothing."""
    draw = Draw(seed)
    args = draw.normal(3, 4), draw.normal(5, 2, 5, 5), draw.labels(5, 3)
    before = PREPARE(student, seed, 3, blocks, lr_body, lr_head, *args, 0)
    check_equal(before["head"], [3, 4], "shape of the head", "The head does not have the new number of classes.")
    after = PREPARE(student, seed, 3, blocks, lr_body, lr_head, *args, 1)
    names = [name for block in BLOCKS for name in block] + list(HEAD)
    return {name for name in names if not np.array_equal(before["state"][name], after["state"][name])}


@exercise("prepare", examples=2)
@given(seed=SEEDS)
def test_frozen_body_and_new_head(student, seed):
    """With blocks=None a step changes the new head, and nothing else."""
    check_equal(sorted(moved(student, seed, None, 0.1, 0.5)), sorted(HEAD), "changed", "Other parameters should change in a step.")


@exercise("prepare", examples=2)
@given(seed=SEEDS)
def test_first_block_frozen(student, seed):
    """With blocks=1 a step changes everything but the first block."""
    got = moved(student, seed, 1, 0.1, 0.5)
    check_equal(sorted(set(BLOCKS[0]) & got), [], "changed", "The first block should not change.")
    check_equal(sorted(set(HEAD) - got), [], "unchanged", "The new head should change.")
    check_equal("body.1.0.weight" in got, True, "changed", "The second block should change.")


@exercise("fine_tune", examples=2)
@given(seed=SEEDS)
def test_best_epoch_is_kept(student, seed):
    """At the end the model is as accurate on the validation images as it was in its best epoch."""
    train, val = images_of(seed, (4, 3), 3), images_of(seed + 1, (9, 4), 3)
    got = TUNE(student, seed, train, val, 4, 0.5, 0.8, 0, None)
    check_equal((len(got["loss"]), len(got["accuracy"])), (4, 4), "epochs", "history should have one entry per epoch.")
    best = int(np.argmax(got["accuracy"])) + 1
    until = TUNE(student, seed, train, val, best, 0.5, 0.8, 0, None)  # stops after the best epoch, which is then the last
    for name in ("head.weight", "body.0.0.weight", "body.0.1.running_mean"):
        assert_close(got["state"][name], until["state"][name], f"{name} at the end", rtol=1e-6)


@exercise("fine_tune", examples=2)
@given(seed=SEEDS)
def test_scheduler_by_hand(student, seed):
    """A scheduler that halves the learning rate each epoch has made 0.4 into 0.05 after three epochs of four batches."""
    train, val = images_of(seed, (2, 2, 2, 3), 3), images_of(seed + 1, (4,), 3)
    assert_close(TUNE(student, seed, train, val, 3, 0.4, 0.5, 0, None)["rate"], 0.05, "the learning rate at the end")


@exercise("fine_tune", examples=1)
@given(seed=SEEDS)
def test_first_of_equal_epochs(student, seed):
    """When every epoch is equally accurate, the first one is kept."""
    train = images_of(seed, (4, 3), 2)
    ((x, _),) = images_of(seed + 1, (1,), 2)
    val = [(np.repeat(x, 2, axis=0), np.array([0, 1]))]  # one image with both labels: half right, always
    long, short = (TUNE(student, seed, train, val, epochs, 0.3, None, 0, 2) for epochs in (3, 1))
    assert_close(long["state"]["head.weight"], short["state"]["head.weight"], "head.weight at the end", rtol=1e-6)


@exercise("compute_saliency_maps", examples=4)
@given(seed=seeds())
def test_linear_network(student, seed):
    """For a linear network the gradient of a score is its row of weights, and the map its largest magnitude over the channels."""
    draw = Draw(seed)
    weight, x, y = draw.away_from_zero(3, 2 * 4 * 5), draw.normal(3, 2, 4, 5), draw.rng.permutation(3)
    maps = SALIENCY_LINEAR(student, weight, x, y)
    assert_close(maps, np.abs(weight[y].reshape(3, 2, 4, 5)).max(axis=1), "maps", rtol=1e-6)


@exercise("compute_saliency_maps", examples=2)
@given(seed=SEEDS)
def test_images_one_by_one(student, seed):
    """An image has the same map alone and in a batch, and the model and X are left alone."""
    draw = Draw(seed)
    x, y = draw.normal(3, 2, 5, 5), draw.labels(3, 3)
    together = SALIENCY(student, seed, x, y, False)
    alone = SALIENCY(student, seed, x[:1], y[:1], False)
    assert_close(together["maps"][:1], alone["maps"], "the map of the first image", rtol=1e-6)
    check_equal(together["untouched"], True, "X unchanged", "X was changed: work on a copy that requires a gradient.")
    check_equal(together["same"], True, "model unchanged", "The model's running statistics have moved: use eval mode.")
    check_equal(together["graph"], False, "requires_grad", "The maps still carry a graph.")
