"""Hidden tests of the temporal softmax loss and of clipping."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, assert_same, assert_unchanged, dims, exercise, seeds

from ..visible.cases import check_grads, grads_case, loss_case, relayout


@exercise("temporal_softmax_loss", weight=2)
@given(seed=seeds(), shape=dims("N T V", lo=2))
def test_loss_value(student, reference, seed, shape):
    """The loss of the steps that count is summed over time and averaged over the N sequences."""
    case = loss_case(seed, shape)
    loss, _ = student.temporal_softmax_loss(*case)
    assert_unchanged(student)
    assert_close(loss, float(reference.temporal_softmax_loss(*case)[0]), "loss")


@exercise("temporal_softmax_loss", weight=2)
@given(seed=seeds(), shape=dims("N T V", lo=2))
def test_loss_dx(student, reference, seed, shape):
    """dx is (p − one-hot)/N where the mask is True and exactly 0 elsewhere."""
    x, y, mask = loss_case(seed, shape)
    _, dx = student.temporal_softmax_loss(x, y, mask)
    assert_close(dx, reference.temporal_softmax_loss(x, y, mask)[1], "dx")
    assert_close(np.asarray(dx)[~mask], np.zeros((int((~mask).sum()), shape[2])), "dx where the mask is False", atol=1e-300)


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V"))
def test_loss_without_padding(student, reference, seed, shape):
    """With a mask of True everywhere every step counts; one sequence, one step or one token keep their axes."""
    x, y, _ = loss_case(seed, shape)
    mask = np.ones(shape[:2], dtype=bool)
    loss, dx = student.temporal_softmax_loss(x, y, mask)
    expected, right = reference.temporal_softmax_loss(x, y, mask)
    assert_close(loss, float(expected), "loss", atol=1e-9)
    assert_close(dx, right, "dx", atol=1e-12)


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V", lo=2))
def test_loss_of_an_empty_sequence(student, reference, seed, shape):
    """A sequence of which no step counts adds nothing, but is one of the N sequences."""
    x, y, mask = loss_case(seed, shape)
    mask[-1] = False
    loss, dx = student.temporal_softmax_loss(x, y, mask)
    expected, right = reference.temporal_softmax_loss(x, y, mask)
    assert_close(loss, float(expected), "loss")
    assert_close(dx, right, "dx")


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V", lo=2), shift=st.sampled_from([900.0, -900.0]))
def test_loss_of_shifted_scores(student, reference, seed, shape, shift):
    """Adding 900 or −900 to all scores of a step changes nothing and overflows nowhere."""
    x, y, mask = loss_case(seed, shape)
    shifts = np.where(Draw(seed + 1).mask(*shape[:2]), shift, 0.0)[:, :, None]
    loss, dx = student.temporal_softmax_loss(x + shifts, y, mask)
    expected, right = reference.temporal_softmax_loss(x, y, mask)
    assert_close(loss, float(expected), "loss", rtol=1e-6)
    assert_close(dx, right, "dx", rtol=1e-6)


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V", lo=2), scale=st.sampled_from([400.0, 3000.0]))
def test_loss_of_far_scores(student, reference, seed, shape, scale):
    """Scores of one step that lie thousands apart give finite numbers: a loss as large as the distance, and a dx of 0, 1/N or −1/N."""
    x, y, mask = loss_case(seed, shape)
    loss, dx = student.temporal_softmax_loss(x * scale, y, mask)
    expected, right = reference.temporal_softmax_loss(x * scale, y, mask)
    assert_close(loss, float(expected), "loss")
    assert_close(dx, right, "dx")


@exercise("temporal_softmax_loss")
@given(seed=seeds(), shape=dims("N T V", lo=2), layout=st.sampled_from(["fortran", "strided"]))
def test_loss_changes_nothing(student, seed, shape, layout):
    """Scores, answers and mask are left alone, and the memory layout of the scores does not matter."""
    x, y, mask = loss_case(seed, shape)
    plain, right = student.temporal_softmax_loss(x, y, mask)
    loss, dx = student.temporal_softmax_loss(relayout(x, layout), y, mask)
    assert_unchanged(student)
    assert_same(loss, plain, f"loss of {layout} scores")
    assert_same(dx, right, f"dx of {layout} scores")


@exercise("clip_grad_norm", weight=2)
@given(seed=seeds(), share=st.sampled_from([0.9, 0.3, 0.01]))
def test_clip_scales_everything_alike(student, reference, seed, share):
    """All arrays are multiplied by one factor, so that the norm of all together becomes max_norm."""
    halved, _ = student.clip_grad_norm({"W": np.array([[3.0], [4.0]])}, 2.5)
    check_grads(halved, {"W": np.array([[1.5], [2.0]])}, rtol=1e-10)
    grads = grads_case(seed)
    limit = share * float(np.sqrt(sum(np.sum(g**2) for g in grads.values())))
    clipped, _ = student.clip_grad_norm(grads, limit)
    assert_unchanged(student)
    check_grads(clipped, reference.clip_grad_norm(grads, limit)[0], rtol=1e-10)


@exercise("clip_grad_norm")
@given(seed=seeds(), share=st.sampled_from([0.2, 5.0]))
def test_clip_tells_the_norm(student, reference, seed, share):
    """The norm that comes back is the one before clipping, whether something was clipped or not."""
    grads = grads_case(seed)
    norm = float(reference.clip_grad_norm(grads, 1.0)[1])
    assert_close(student.clip_grad_norm(grads, share * norm)[1], norm, "norm")


@exercise("clip_grad_norm")
@given(seed=seeds(), share=st.sampled_from([1.001, 1.5, 100.0]))
def test_clip_never_lengthens(student, seed, share):
    """A gradient that is shorter than the limit, be it by little, comes back as it is."""
    grads = grads_case(seed)
    limit = share * float(np.sqrt(sum(np.sum(g**2) for g in grads.values())))
    clipped, _ = student.clip_grad_norm(grads, limit)
    check_grads(clipped, grads)


@exercise("clip_grad_norm")
@given(limit=st.sampled_from([0.5, 5.0]), size=st.integers(1, 4))
def test_clip_zero_gradients(student, limit, size):
    """Where all gradients are 0 the norm is 0, they stay 0, and nothing becomes NaN."""
    grads = {"W": np.zeros((size, 2)), "b": np.zeros(size)}
    clipped, norm = student.clip_grad_norm(grads, limit)
    assert_close(norm, 0.0, "norm")
    check_grads(clipped, grads)
