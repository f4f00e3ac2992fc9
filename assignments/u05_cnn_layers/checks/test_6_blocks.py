"""Visible checks of the blocks: shapes, parameters, and outputs for constant weights that are known by hand."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_array_equal, assert_close, assert_equal_int, exercise, fail, seeds

from .models import (
    BLOCK_PARAMETERS,
    FIRST_LOSS,
    INCEPTION,
    INCEPTION_CONSTANT,
    NET_CONSTANT,
    RESIDUAL,
    RESIDUAL_CONSTANT,
    SMALL_NET,
    VGG,
    VGG_CONSTANT,
    check_shapes,
)

UPSTREAM = np.ones(4096)


def shape_is(got, wanted):
    """Compare the shape of an output."""
    assert_array_equal(np.array(np.shape(got["out"])), np.array(wanted), "shape of the output")


@exercise("VGGBlock", examples=3)
@given(num_convs=st.integers(1, 3))
def test_block_parameters(student, num_convs):
    """A VGG block from 2 to 3 channels has num_convs convolutions with biases; an Inception module has six."""
    vgg, inception = BLOCK_PARAMETERS(student, (2, 3, num_convs), (2, 3, (4, 5), (6, 7), 8))
    check_shapes(vgg, [[3, 2, 3, 3], [3]] + [[3, 3, 3, 3], [3]] * (num_convs - 1))
    check_shapes(
        inception, [[3, 2, 1, 1], [3], [4, 2, 1, 1], [4], [5, 4, 3, 3], [5], [6, 2, 1, 1], [6], [7, 6, 5, 5], [7], [8, 2, 1, 1], [8]]
    )


@exercise("VGGBlock", examples=3)
@given(num_convs=st.integers(1, 3))
def test_vgg_size(student, num_convs):
    """A VGG block from 2 to 3 channels halves a 4×6 image."""
    got = VGG(student, (2, 3, num_convs), 0, np.ones((1, 2, 4, 6)), UPSTREAM, "train")
    shape_is(got, (1, 3, 2, 3))


@exercise("VGGBlock")
def test_vgg_by_hand(student):
    """With weights 1 and biases 0 a convolution of ones counts: the largest of 9 pixels times 2 channels is 18."""
    out, _ = VGG_CONSTANT(student, (2, 1, 1), np.ones((1, 2, 4, 4)), 1.0, 0.0)
    assert_close(out, np.full((1, 1, 2, 2), 18.0), "the output")


@exercise("VGGBlock")
def test_vgg_relu(student):
    """With weights 0 and biases −2, −1, 0, 1 each map is the ReLU of its bias: 0, 0, 0, 1."""
    out, _ = VGG_CONSTANT(student, (1, 4, 2), np.ones((1, 1, 2, 2)), 0.0, -2.0)
    assert_close(out, np.array([0.0, 0.0, 0.0, 1.0]).reshape(1, 4, 1, 1), "the output")


@exercise("VGGBlock")
def test_inception_size(student):
    """An Inception module keeps the size of the image and adds up the channels of its branches."""
    got = INCEPTION(student, (2, 3, (4, 5), (6, 7), 8), 0, np.ones((1, 2, 3, 4)), UPSTREAM, "train")
    shape_is(got, (1, 23, 3, 4))


@exercise("VGGBlock")
def test_inception_one_pixel(student):
    """Four branches of 2 channels on an image of one pixel give 8 channels of one pixel."""
    got = INCEPTION(student, (1, 2, (1, 2), (3, 2), 2), 0, np.ones((1, 1, 1, 1)), UPSTREAM, "train")
    shape_is(got, (1, 8, 1, 1))


@exercise("VGGBlock")
def test_inception_order(student):
    """With weights 0 each branch gives the ReLU of its last biases: the order of the branches is 1×1, 3×3, 5×5, pooling."""
    out, _ = INCEPTION_CONSTANT(student, (2, 3, (4, 5), (6, 7), 2), np.ones((1, 2, 2, 3)), 0.0, -1.0)
    channels = np.concatenate([np.maximum(np.arange(n) - 1.0, 0.0) for n in (3, 5, 7, 2)])
    assert_close(out, np.broadcast_to(channels[None, :, None, None], (1, 17, 2, 3)).copy(), "the output")


@exercise("ResidualBlock")
@given(seed=seeds(), shape=st.sampled_from([(2, 3, 4, 5), (1, 2, 3, 3)]))
def test_residual_passes_x(student, seed, shape):
    """With weights 0 the layers inside add nothing: the block is the ReLU of its input."""
    x = Draw(seed).normal(*shape)
    out, _ = RESIDUAL_CONSTANT(student, (shape[1], shape[1], 1), x, 0.0, 0.0)
    assert_close(out, np.maximum(x, 0.0), "the output")


@exercise("ResidualBlock", examples=3)
@given(stride=st.integers(1, 2))
def test_residual_sizes(student, stride):
    """From 2 to 3 channels the shortcut is a 1×1 convolution with batch normalisation; the stride makes the image smaller."""
    got = RESIDUAL(student, (2, 3, stride), 0, np.ones((2, 2, 4, 6)), UPSTREAM, "train")
    shape_is(got, (2, 3, 4 // stride, 6 // stride))
    check_shapes(got["shapes"], [[3, 2, 3, 3], [3, 3, 3, 3], [3, 2, 1, 1]] + [[3]] * 6)


@exercise("ResidualBlock")
def test_residual_stride_alone(student):
    """With equal channels and stride 2 the image shrinks, so x no longer fits: the shortcut is a 1×1 convolution with that stride."""
    got = RESIDUAL(student, (3, 3, 2), 0, np.ones((2, 3, 4, 6)), UPSTREAM, "train")
    shape_is(got, (2, 3, 2, 3))
    check_shapes(got["shapes"], [[3, 3, 3, 3], [3, 3, 3, 3], [3, 3, 1, 1]] + [[3]] * 6)


@exercise("ResidualBlock")
def test_residual_identity_parameters(student):
    """With equal channels and stride 1 the shortcut has no parameters."""
    got = RESIDUAL(student, (3, 3, 1), 0, np.ones((2, 3, 4, 4)), UPSTREAM, "train")
    check_shapes(got["shapes"], [[3, 3, 3, 3]] * 2 + [[3]] * 4)


@exercise("ResidualBlock")
def test_network_sizes(student):
    """SmallConvNet maps images of several sizes to one score per class."""
    for size in ((8, 8), (12, 16)):
        got = SMALL_NET(student, (1, 5, 4), 0, np.ones((2, 1, *size)), UPSTREAM, "eval")
        shape_is(got, (2, 5))
    convs = [[4, 1, 3, 3], [4], [4, 4, 3, 3], [4], [8, 4, 3, 3], [8, 8, 3, 3], [8, 4, 1, 1]]
    check_shapes(got["shapes"], convs + [[8]] * 6 + [[5, 8], [5]])


@exercise("ResidualBlock", examples=3)
@given(classes=st.integers(3, 12))
def test_network_first_loss(student, classes):
    """Before training the loss is about log C."""
    loss, shape = FIRST_LOSS(student, classes, 0)
    assert_equal_int(shape[1], classes, "number of scores")
    assert_close(loss, float(np.log(classes)), "first loss", rtol=0, atol=0.35)


@exercise("ResidualBlock")
def test_network_returns_scores(student):
    """The network returns scores: they are not probabilities, which would sum to 1."""
    got = SMALL_NET(student, (1, 5, 4), 0, Draw(1).normal(3, 1, 8, 8), UPSTREAM, "eval")
    if np.allclose(np.sum(got["out"], axis=1), 1.0) or np.allclose(np.sum(np.exp(got["out"]), axis=1), 1.0):
        fail("The outputs (or their exponentials) of each image sum to 1: there is a softmax too many, the loss has one already.")
    constant, _ = NET_CONSTANT(student, (1, 5, 4), np.ones((1, 1, 8, 8)), 0.0, 0.0)
    assert_array_equal(np.array(np.shape(constant)), np.array([1, 5]), "shape of the scores")
