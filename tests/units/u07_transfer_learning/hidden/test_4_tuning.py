"""Hidden tests of param_groups, prepare, fine_tune and compute_saliency_maps."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise

from ..visible.models import GROUPS, PREPARE, SALIENCY, TUNE, assert_shape, check_equal, check_left, check_modes, check_state, images_of

SEEDS = st.integers(0, 10**6)
RATES = st.sampled_from([(0.01, 0.1), (0.5, 0.25)])


def grouped(student, reference, seed, frozen, rates):
    """Return what both sides' groups do."""
    args = seed, frozen, *rates
    return GROUPS(student, *args), GROUPS(reference, *args)


@exercise("param_groups", weight=2, examples=4)
@given(seed=SEEDS, rates=RATES)
def test_rates(student, reference, seed, rates):
    """Every parameter of the body is trained with lr_body and the head's two with lr_head, each once."""
    got, expected = grouped(student, reference, seed, [], rates)
    check_equal(got["rates"], expected["rates"], "learning rates", "The learning rates of the parameters are not the expected ones.")
    check_state(got["state"], expected["state"], "after a step with gradient 1")


@exercise("param_groups", weight=2, examples=4)
@given(seed=SEEDS, frozen=st.sampled_from([["body.0."], ["body.0.", "body.1."], ["body."]]), rates=RATES)
def test_frozen_parameters_left_out(student, reference, seed, frozen, rates):
    """Parameters that require no gradient are in no group, also when the whole body is frozen."""
    got, expected = grouped(student, reference, seed, frozen, rates)
    check_equal(sorted(got["rates"]), sorted(expected["rates"]), "in the groups", "Other parameters should be in the groups.")
    check_state(got["state"], expected["state"], "after a step with gradient 1")


@exercise("param_groups", examples=2)
@given(seed=SEEDS, rates=RATES)
def test_single_frozen_parameters(student, reference, seed, rates):
    """A single frozen parameter is left out as well, in a block and in the head."""
    got, expected = grouped(student, reference, seed, ["body.0.0.weight", "head.bias"], rates)
    check_equal(got["rates"], expected["rates"], "learning rates", "The learning rates of the parameters are not the expected ones.")
    check_state(got["state"], expected["state"], "after a step with gradient 1")


def preparation(student, reference, seed, blocks, steps, rates=(0.1, 0.5), classes=3):
    """Return what both sides find after steps with the prepared optimizer."""
    draw = Draw(seed)
    args = seed, classes, blocks, *rates, draw.normal(classes, 4), draw.normal(5, 2, 5, 5), draw.labels(5, classes), steps
    got, expected = PREPARE(student, *args), PREPARE(reference, *args)
    check_equal(got["head"], expected["head"], "shape of the head", "The head does not have the new number of classes.")
    return got, expected


@exercise("prepare", weight=2, examples=3)
@given(seed=SEEDS, blocks=st.sampled_from([None, 1, 0]))
def test_head_is_trained(student, reference, seed, blocks):
    """The optimizer trains the new head with lr_head."""
    got, expected = preparation(student, reference, seed, blocks, 1)
    for name in ("head.weight", "head.bias"):
        assert_close(got["state"][name], expected["state"][name], f"{name} after one step", rtol=1e-6)


@exercise("prepare", weight=2, examples=4)
@given(seed=SEEDS, blocks=st.sampled_from([None, 0, 1, 2]), rates=RATES)
def test_blocks_and_rates(student, reference, seed, blocks, rates):
    """After three steps with momentum the frozen blocks are as they were, and all others have moved at their rate."""
    got, expected = preparation(student, reference, seed, blocks, 3, rates)
    check_state(got["state"], expected["state"], "after three steps")
    check_modes(got["modes"], expected["modes"])


def tuning(student, reference, seed, train, val, epochs=4, lr=0.5, gamma=0.7, frozen=0, closed=None):
    """Return what both sides find after fine-tuning."""
    args = seed, train, val, epochs, lr, gamma, frozen, closed
    return TUNE(student, *args), TUNE(reference, *args)


def wandering(reference, seed, gamma, last=False):
    """Return arguments for which the reference's best epoch is neither the first nor the last (or is the last), and stands alone."""
    for attempt in range(60):
        k = seed + 1009 * attempt
        train, val = images_of(k, (4, 3), 3), images_of(k + 1, (8, 5), 3)
        accuracy = TUNE(reference, k, train, val, 4, 0.5, gamma, 0, None)["accuracy"]
        best = int(np.argmax(accuracy))
        if accuracy.count(max(accuracy)) == 1 and (best == 3 if last else 0 < best < 3):
            break
    return k, train, val


@exercise("fine_tune", weight=3, examples=3)
@given(seed=SEEDS, gamma=st.sampled_from([0.7, None]))
def test_best_state(student, reference, seed, gamma):
    """The model ends in the state of its best epoch, running statistics included, and not in the last one."""
    k, train, val = wandering(reference, seed, gamma)
    got, expected = tuning(student, reference, k, train, val, gamma=gamma)
    check_state(got["state"], expected["state"], "at the end")


@exercise("fine_tune", weight=2, examples=3)
@given(seed=SEEDS, gamma=st.sampled_from([0.5, 0.9]))
def test_history(student, reference, seed, gamma):
    """history holds the training loss and the validation accuracy of every epoch, under a scheduler that steps once per epoch."""
    train, val = images_of(seed, (4, 4, 3), 3), images_of(seed + 1, (7, 2), 3)
    got, expected = tuning(student, reference, seed, train, val, epochs=3, gamma=gamma)
    for name in ("loss", "accuracy"):
        check_equal(len(got[name]), len(expected[name]), "epochs", f'history["{name}"] should have one entry per epoch.')
        assert_close(got[name], np.array(expected[name]), f'history["{name}"]', rtol=1e-6, allow_list=True)
    assert_close(got["rate"], expected["rate"], "the learning rate at the end")


@exercise("fine_tune", weight=2, examples=2)
@given(seed=SEEDS)
def test_without_scheduler(student, reference, seed):
    """With scheduler=None the learning rate stays as it is; the best epoch may be the last one."""
    k, train, val = wandering(reference, seed, None, last=True)
    got, expected = tuning(student, reference, k, train, val, gamma=None)
    assert_close(got["loss"], np.array(expected["loss"]), 'history["loss"]', rtol=1e-6, allow_list=True)
    check_state(got["state"], expected["state"], "at the end")


@exercise("fine_tune", weight=2, examples=3)
@given(seed=SEEDS, twin=st.booleans())
def test_first_of_equals(student, reference, seed, twin):
    """Of several epochs with the same accuracy the first is kept, also when that accuracy is 0."""
    train = [(x, np.minimum(y, 1)) for x, y in images_of(seed, (4, 3), 3)]
    ((x, _),) = images_of(seed + 1, (3,), 3)
    # Never right: class 2 is closed. Or right for exactly one of two equal images.
    val = [(np.repeat(x[:1], 2, axis=0), np.array([0, 1]))] if twin else [(x, np.full(3, 2))]
    got, expected = tuning(student, reference, seed, train, val, epochs=3, closed=2)
    assert_close(got["accuracy"], np.array(expected["accuracy"]), 'history["accuracy"]', allow_list=True)
    check_state(got["state"], expected["state"], "at the end")


@exercise("fine_tune", examples=2)
@given(seed=SEEDS, frozen=st.sampled_from([1, 3]))
def test_tuning_above_frozen_blocks(student, reference, seed, frozen):
    """Frozen blocks come out as they went in, running statistics included."""
    train, val = images_of(seed, (4, 3), 3), images_of(seed + 1, (6,), 3)
    got, expected = tuning(student, reference, seed, train, val, epochs=2, frozen=frozen)
    check_equal(len(got["accuracy"]), 2, "epochs", 'history["accuracy"] should have one entry per epoch.')
    blocks = tuple(f"body.{k}." for k in range(frozen))
    check_state(got["state"], {name: kept for name, kept in expected["state"].items() if name.startswith(blocks)}, "at the end")


def maps(student, reference, seed, count, frozen=False):
    """Return what both sides find in a network that comes in training mode."""
    draw = Draw(seed)
    args = seed, draw.normal(count, 2, 5, 5), draw.labels(count, 3), frozen
    return SALIENCY(student, *args), SALIENCY(reference, *args)


@exercise("compute_saliency_maps", weight=3, examples=4)
@given(seed=SEEDS, count=st.sampled_from([3, 4, 6]))
def test_maps(student, reference, seed, count):
    """The map is the largest absolute gradient of the class's score over the channels, of shape (N, H, W)."""
    got, expected = maps(student, reference, seed, count)
    assert_close(got["maps"], expected["maps"], "maps", rtol=1e-6)


@exercise("compute_saliency_maps", examples=3)
@given(seed=SEEDS, count=st.sampled_from([1, 2]))
def test_map_of_one_image(student, reference, seed, count):
    """A batch of one image keeps its axis, and a network that is frozen altogether has maps, too, of shape (N, H, W)."""
    got, _ = maps(student, reference, seed, count, frozen=True)
    assert_shape(got["maps"], (count, 5, 5), "maps")


@exercise("compute_saliency_maps", weight=2, examples=3)
@given(seed=SEEDS)
def test_quiet_maps(student, reference, seed):
    """The images and the model are left alone, one in eval mode stays in it, and the maps carry no graph."""
    got, _ = maps(student, reference, seed, 3)
    check_equal(got["untouched"], True, "X unchanged", "X was changed: work on a copy that requires a gradient.")
    check_left(got)
    check_equal(got["graph"], False, "requires_grad", "The maps still carry a graph.")
    assert_shape(got["maps"], (3, 5, 5), "maps")
