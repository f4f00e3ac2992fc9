"""Hidden tests of train_epoch and evaluate: the weights afterwards, the modes, and what must stay as it is."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, comparing, exercise, fail, seeds

from ..visible.models import EVALUATE, EVALUATE_NORM, TRAIN, TRAIN_NORM, check_loss

D, C = 3, 4
SIZES = st.sampled_from([(4, 4, 2), (5, 3), (2, 3, 4, 2)])
START = st.sampled_from(["train", "eval"])


def batches_of(seed, sizes):
    """Return batches of x (n, D) and y (n,)."""
    draw = Draw(seed)
    return [(draw.normal(n, D), draw.labels(n, C)) for n in sizes]


def compare_training(driver, student, reference, *args):
    """Compare losses and the state afterwards."""
    got, expected = driver(student, *args), driver(reference, *args)
    for name, tensor in expected["state"].items():
        assert_close(got["state"].get(name), tensor, f"{name} after training", rtol=1e-6)
    for loss, right in zip(got["losses"], expected["losses"], strict=True):
        check_loss(loss, right)
    return got


@exercise("train_epoch", weight=3, examples=5)
@given(seed=seeds(), sizes=SIZES, momentum=st.sampled_from([0.0, 0.9]))
def test_weights(student, reference, seed, sizes, momentum):
    """After two epochs of batches of different sizes, one example included, the weights are those of the given optimizer, with fresh gradients for each batch."""
    compare_training(TRAIN, student, reference, Draw(seed).normal(C, D), batches_of(seed + 1, (1, *sizes)), 0.3, momentum, 2, "train")


@exercise("train_epoch", weight=2, examples=4)
@given(seed=seeds(), sizes=SIZES, start=START)
def test_training_with_normalisation(student, reference, seed, sizes, start):
    """Batch normalisation is trained in training mode, in whatever mode the model came, and its running averages move."""
    compare_training(TRAIN_NORM, student, reference, Draw(seed).normal(C, D), batches_of(seed + 1, sizes), 0.2, 0.0, 2, start)


@exercise("train_epoch", examples=3)
@given(seed=seeds(), sizes=SIZES)
def test_batches_are_moved(student, seed, sizes):
    """Both tensors of each batch are moved to the device, and each batch is seen once."""
    args = Draw(seed).normal(C, D), batches_of(seed + 1, sizes), 0.3, 0.0, 1, "train"
    got = TRAIN(student, *args)
    accuracy = EVALUATE(student, *args[:2], "train")
    if comparing() and (got["moved"] < 2 * len(sizes) or accuracy["moved"] < 2 * len(sizes)):
        fail(
            "Not every x and y is moved: each batch needs x.to(device) and y.to(device).",
            "moved",
            min(got["moved"], accuracy["moved"]),
            2 * len(sizes),
        )
    if comparing() and [call[2] for call in got["calls"]] != list(sizes):
        fail("The model should see each batch exactly once.", "sizes of the batches seen", [call[2] for call in got["calls"]], list(sizes))


@exercise("train_epoch", weight=3, examples=5)
@given(seed=seeds(), sizes=st.sampled_from([(5, 5, 1), (7, 2), (3,)]), start=START)
def test_accuracy(student, reference, seed, sizes, start):
    """The accuracy is the fraction of all examples, whatever the sizes of the batches."""
    args = Draw(seed).normal(C, D), batches_of(seed + 1, sizes), start
    assert_close(EVALUATE(student, *args)["accuracy"], EVALUATE(reference, *args)["accuracy"], "accuracy")


@exercise("train_epoch", weight=2, examples=4)
@given(seed=seeds(), sizes=SIZES, start=START)
def test_evaluation_is_quiet(student, seed, sizes, start):
    """evaluate runs in eval mode on every batch, changes nothing in the model and records no gradients."""
    args = Draw(seed).normal(C, D), batches_of(seed + 1, sizes), start
    got = EVALUATE_NORM(student, *args)
    if comparing() and [call[2] for call in got["calls"]] != list(sizes):
        fail("The model should see each batch exactly once.", "sizes of the batches seen", [call[2] for call in got["calls"]], list(sizes))
    if comparing() and not got["same"]:
        fail("evaluate changed the model (its parameters or the running averages of batch normalisation).")
    if comparing() and any(call[0] for call in got["calls"]):
        fail("The model was called in training mode.")
    if comparing() and any(call[1] for call in got["calls"]):
        fail("Gradients were recorded: use `with torch.no_grad():`.")
