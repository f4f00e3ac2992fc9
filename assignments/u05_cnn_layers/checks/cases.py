"""Inputs and small functions that visible and hidden tests share; nothing here solves an exercise."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from hypothesis import strategies as st

from autograder.testing import Draw, Driver, assert_no_loop, assert_same, comparing, fail

LECTURE_IMAGE = np.array(
    [[4, 9, 2, 5, 8, 3], [5, 6, 2, 4, 0, 3], [2, 4, 5, 4, 5, 2], [5, 6, 5, 4, 7, 8], [5, 7, 7, 9, 2, 1], [5, 8, 5, 3, 8, 4]], dtype=float
)
LECTURE_FILTER = np.array([[1.0, 0.0, -1.0]] * 3)
LECTURE_POOL = np.array([[1.0, 1.0, 2.0, 4.0], [5.0, 6.0, 7.0, 8.0], [3.0, 2.0, 1.0, 0.0], [1.0, 2.0, 3.0, 4.0]])


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in another memory layout: ``"fortran"`` or ``"strided"``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
    wide[..., ::2] = array
    return wide[..., ::2]


def assert_all_same(again: Any, first: Any, names: tuple[str, ...]) -> None:
    """Fail unless two calls gave the same gradients, which need not be right; one of them may be 0 throughout, but not all."""
    for name, second, one in zip(names, again, first, strict=True):
        assert_same(second, one, f"{name} of the second call", may_vanish=True)
    if comparing() and not any(np.any(gradient) for gradient in first):
        fail("All gradients are 0.", names[0], first[0], "a gradient other than 0")


class Geometry(NamedTuple):
    """Sizes of one convolution or pooling."""

    N: int
    C: int
    H: int
    W: int
    F: int
    HH: int
    WW: int
    stride: int
    pad: int

    @property
    def out(self) -> tuple[int, int]:
        """Places of the filter along the height and the width, counted one by one."""
        return tuple(len(range(0, n + 2 * self.pad - f + 1, self.stride)) for n, f in ((self.H, self.HH), (self.W, self.WW)))  # type: ignore[return-value]  # of two

    @property
    def conv_param(self) -> dict[str, int]:
        """Stride and padding, as a convolution takes them."""
        return {"stride": self.stride, "pad": self.pad}

    @property
    def pool_param(self) -> dict[str, int]:
        """The window and the stride, as pooling takes them."""
        return {"pool_height": self.HH, "pool_width": self.WW, "stride": self.stride}


SMALL = (  # few enough numbers for central differences; no two sizes that could be confused are equal
    (1, 2, 4, 3, 3, 3, 2, 1, 0),
    (2, 1, 4, 5, 3, 2, 3, 2, 1),
    (2, 3, 3, 2, 1, 2, 1, 1, 1),
    (1, 2, 5, 4, 3, 3, 1, 2, 0),
    (1, 1, 2, 3, 2, 3, 2, 1, 2),
)


@st.composite
def geometries(draw: st.DrawFn, *, padded: bool = True) -> tuple[int, ...]:
    """Return a strategy of sizes for :class:`Geometry`, as plain tuples: N, C and F differ, height and width differ, and the stride need not divide the way."""
    N, C, F = draw(st.permutations([1, 2, 3]))
    HH, WW = draw(st.sampled_from([(1, 2), (2, 1), (2, 3), (3, 2), (3, 1), (1, 3), (3, 3), (2, 2), (1, 1)]))
    stride = draw(st.integers(1, 3))
    pad = draw(st.integers(0, 2)) if padded else 0
    OH, OW = draw(st.sampled_from([(1, 2), (2, 1), (2, 3), (3, 2), (3, 1), (1, 3)]))
    sizes = []
    for places, size in ((OH, HH), (OW, WW)):
        rest = draw(st.integers(0, stride - 1))
        length = (places - 1) * stride + size - 2 * pad + rest
        while length < 1:
            length += stride
        sizes.append(length)
    return N, C, *sizes, F, HH, WW, stride, pad


def conv_case(seed: int, g: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x, w, b, dout for a convolution."""
    draw = Draw(seed)
    return draw.normal(g.N, g.C, g.H, g.W), draw.normal(g.F, g.C, g.HH, g.WW), draw.normal(g.F), draw.normal(g.N, g.F, *g.out)


def pool_case(seed: int, g: Geometry) -> tuple[np.ndarray, np.ndarray]:
    """Return x, whose entries are all different (of either sign), and dout for pooling."""
    draw = Draw(seed)
    return draw.permutation(g.N, g.C, g.H, g.W), draw.away_from_zero(g.N, g.C, *g.out)


# What zero_pad returns, and what is left of x when the caller then writes into it.
PAD_AND_WRITE = Driver("""
    def pad_and_write(x, pad):
        padded = zero_pad(x, pad)
        found = padded.copy()
        padded[...] = -1.0
        return found, x
""")


def assert_one_product(student: Any) -> None:
    """Fail if conv_forward_im2col goes through images, places or filters one by one; im2col may loop."""
    sizes = ((2, 4, 4, 2), (2, 4, 4, 18), (18, 4, 4, 2), (2, 20, 4, 2), (2, 4, 20, 2))
    few, *more = ((*conv_case(0, Geometry(N, 2, H, W, F, 3, 3, 1, 1))[:3], {"stride": 1, "pad": 1}) for N, H, W, F in sizes)
    for many in more:
        assert_no_loop(student.conv_forward_im2col, few, many, 16, without=("im2col",))


# ------------------------------------------------------------------ normalisation
def norm_case(seed: int, *shape: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x, gamma, beta, dout: features (or channels) on axis 1, no two numbers of x equal."""
    draw = Draw(seed)
    size = shape[1]
    x = draw.permutation(*shape) * 2.0 + 1.0
    return x, draw.uniform(size, low=0.5, high=2.0), draw.normal(size), draw.normal(*shape)


# One pass through batch normalisation: the output, and the running averages as they are afterwards.
BATCHNORM = Driver("""
    def batchnorm_once(x, gamma, beta, bn_param):
        out, _ = batchnorm_forward(x, gamma, beta, bn_param)
        return out, bn_param.get("running_mean"), bn_param.get("running_var")
""")

# Several training batches, then test mode with the same dictionary.
BATCHNORM_STEPS = Driver("""
    def batchnorm_train_then_test(batches, x_test, gamma, beta, bn_param):
        outs = []
        for x in batches:
            bn_param["mode"] = "train"
            outs.append(batchnorm_forward(x, gamma, beta, bn_param)[0])
        bn_param["mode"] = "test"
        for _ in range(2):
            outs.append(batchnorm_forward(x_test, gamma, beta, bn_param)[0])
        return outs, bn_param["running_mean"], bn_param["running_var"]
""")

SPATIAL = Driver("""
    def spatial_once(x, gamma, beta, bn_param):
        out, _ = spatial_batchnorm_forward(x, gamma, beta, bn_param)
        return out, bn_param.get("running_mean"), bn_param.get("running_var")
""")
