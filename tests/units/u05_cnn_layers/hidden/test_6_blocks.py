"""Hidden tests of the blocks: outputs and gradients of the reference, with the same parameters in both."""

from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, assert_close, exercise, seeds

from ..visible.models import BLOCK_PARAMETERS, DEFAULTS, INCEPTION, RESIDUAL, SMALL_NET, VGG, check_output, check_shapes

UPSTREAM = 600
MODES = st.sampled_from(["train", "eval"])


def compare(driver, student, reference, seed, sizes, shape, mode="eval"):
    """Run a module beside the student and beside the reference."""
    draw = Draw(seed)
    x, upstream, fill = draw.normal(*shape), draw.away_from_zero(UPSTREAM), int(seed % 1000)
    got, expected = (driver(who, sizes, fill, x, upstream, mode) for who in (student, reference))
    check_output(got, expected, x)


@exercise("VGGBlock", weight=2, examples=5)
@given(seed=seeds(), sizes=st.sampled_from([(2, 3, 1), (1, 2, 2), (3, 2, 3), (2, 2, 2)]), size=st.sampled_from([(4, 6), (6, 2), (5, 4)]))
def test_vgg(student, reference, seed, sizes, size):
    """A VGG block is num_convs times 3×3 convolution and ReLU, then 2×2 max pooling: output, parameters and all gradients."""
    compare(VGG, student, reference, seed, sizes, (2, sizes[0], *size))


@exercise("VGGBlock", examples=2)
@given(seed=seeds())
def test_vgg_large_numbers(student, reference, seed):
    """Large numbers pass as they are: a ReLU has no upper end."""
    draw = Draw(seed)
    x, upstream = 20.0 * draw.away_from_zero(2, 2, 8, 8), draw.away_from_zero(UPSTREAM)
    got, expected = (VGG(who, (2, 3, 2), int(seed % 1000), x, upstream, "eval") for who in (student, reference))
    assert_close(got["out"], expected["out"], "the output", rtol=1e-6)


@exercise("VGGBlock", examples=3)
@given(seed=seeds(), mode=MODES)
def test_vgg_deep(student, reference, seed, mode):
    """A deep block behaves alike in both modes, and odd sizes are rounded down."""
    compare(VGG, student, reference, seed, (1, 3, 4), (1, 1, 7, 5), mode)


@exercise("VGGBlock", examples=4)
@given(num_convs=st.integers(1, 4), width=st.integers(1, 3))
def test_block_parameters(student, reference, num_convs, width):
    """PyTorch finds the parameters of every layer: none is missing, shared or too many."""
    sizes = (2, width, num_convs), (3, width, (4, width + 1), (1, width + 3), 5)
    for got, expected in zip(BLOCK_PARAMETERS(student, *sizes), BLOCK_PARAMETERS(reference, *sizes), strict=True):
        check_shapes(got, [list(shape) for shape in expected])


@exercise("VGGBlock", examples=3)
@given(seed=seeds(), width=st.integers(1, 3))
def test_inception_one_pixel(student, reference, seed, width):
    """Branches of equal width on an image of one pixel are laid side by side as channels."""
    compare(INCEPTION, student, reference, seed, (2, width, (3, width), (1, width), width), (2, 2, 1, 1))


@exercise("VGGBlock", weight=3, examples=5)
@given(
    seed=seeds(),
    sizes=st.sampled_from([(2, 3, (4, 5), (1, 2), 4), (3, 1, (2, 3), (4, 2), 5)]),
    size=st.sampled_from([(3, 4), (5, 2), (1, 6)]),
)
def test_inception(student, reference, seed, sizes, size):
    """An Inception module concatenates its four branches along the channels: output, parameters and all gradients."""
    compare(INCEPTION, student, reference, seed, sizes, (2, sizes[0], *size))


@exercise("ResidualBlock", weight=2, examples=4)
@given(seed=seeds(), channels=st.integers(1, 3), size=st.sampled_from([(3, 4), (5, 2)]), mode=MODES)
def test_residual_same_shape(student, reference, seed, channels, size, mode):
    """With equal channels and stride 1, x itself is added before the last ReLU."""
    compare(RESIDUAL, student, reference, seed, (channels, channels, 1), (3, channels, *size), mode)


@exercise("ResidualBlock", weight=3, examples=6)
@given(
    seed=seeds(), sizes=st.sampled_from([(2, 3, 1), (2, 3, 2), (3, 3, 2), (3, 2, 3)]), size=st.sampled_from([(4, 6), (5, 3)]), mode=MODES
)
def test_residual_projection(student, reference, seed, sizes, size, mode):
    """With other channels or a stride the shortcut is a normalised 1×1 convolution with that stride."""
    compare(RESIDUAL, student, reference, seed, sizes, (3, sizes[0], *size), mode)


@exercise("ResidualBlock")
def test_defaults(student, reference):
    """The stride of a block is 1 and the width of the network is 32 unless something else is asked for."""
    for got, expected in zip(DEFAULTS(student), DEFAULTS(reference), strict=True):
        check_shapes(got, [list(shape) for shape in expected])


@exercise("ResidualBlock", weight=3, examples=4)
@given(seed=seeds(), sizes=st.sampled_from([(1, 5, 3), (2, 3, 4)]), size=st.sampled_from([(8, 8), (6, 10)]), mode=MODES)
def test_network(student, reference, seed, sizes, size, mode):
    """SmallConvNet is the VGG block, the residual block with stride 2, the mean over all places and the linear layer."""
    compare(SMALL_NET, student, reference, seed, sizes, (3, sizes[0], *size), mode)
