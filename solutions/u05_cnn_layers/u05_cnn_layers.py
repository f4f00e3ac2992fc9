# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Unit 5: convolutional networks
#
# An affine layer gives every pixel its own weight for every output, and knows nothing about which pixels are neighbours. A convolution
# looks at one small window at a time, with the *same* few weights everywhere. You will
#
# 1. write convolution and max pooling with plain loops, forward and backward,
# 2. turn convolution into one matrix product and measure what that gains,
# 3. normalise batches and feature maps,
# 4. build the blocks of VGG, Inception and ResNet in PyTorch, and train a small network on handwritten digits.
#
# Notation: a batch of images `x` has the shape (N, C, H, W): N images, C channels, H rows, W columns. Filters `w` have the shape
# (F, C, HH, WW): F filters, each as deep as the input. `dout` is the gradient of the loss with respect to a layer's output. In the NumPy
# part all arrays are float64. `cache` is whatever your forward function wants to hand to your backward function.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check. Later exercises use your earlier
# functions: repair those first.
#
# Exercises 1 to 11 need NumPy only; PyTorch is imported where it is first needed.

# %% tags=["setup"]
import numpy as np

from autograder import check, milestone


# %% tags=["demo"]
import time

import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"  # told apart by colour-blind readers too
PALE = "#EAF2F8"
plt.rcParams.update({"figure.dpi": 100, "font.size": 11, "axes.titlesize": 12, "axes.spines.top": False, "axes.spines.right": False})

SIX_BY_SIX = np.array(
    [[4, 9, 2, 5, 8, 3], [5, 6, 2, 4, 0, 3], [2, 4, 5, 4, 5, 2], [5, 6, 5, 4, 7, 8], [5, 7, 7, 9, 2, 1], [5, 8, 5, 3, 8, 4]]
)


def draw_numbers(ax, numbers, colours=None, title=""):
    """Draw a matrix as a grid of cells with its numbers; ``colours`` maps (row, column) to a fill colour."""
    rows, columns = len(numbers), len(numbers[0])
    for i in range(rows):
        for j in range(columns):
            ax.add_patch(plt.Rectangle((j, i), 1, 1, fc=(colours or {}).get((i, j), "white"), ec=GREY))
            text = numbers[i][j]
            ax.text(j + 0.5, i + 0.5, text if isinstance(text, str) else f"{text:g}", ha="center", va="center")
    ax.set(xlim=(-0.05, columns + 0.05), ylim=(rows + 0.05, -0.05), aspect="equal", title=title)
    ax.axis("off")


# %% [markdown]
# ## Exercise 1: how large is the output?
#
# **Why.** Every layer of a convolutional network changes the size of the image, and most first bugs are about these sizes.
#
# A filter of width $F$ slides over a row of $W$ numbers, with $P$ zeros added at *each* end, in steps of the stride $S$. Its left edge
# can stand at $0, S, 2S, \dots$ and must not go beyond $W + 2P - F$, so the number of places is
#
# $$\left\lfloor\frac{W - F + 2P}{S}\right\rfloor + 1 .$$
#
# When $S$ does not divide $W - F + 2P$, the last few numbers are simply never reached: round down.

# %% tags=["demo"]
fig, axes = plt.subplots(3, 1, figsize=(9, 3.9))
for ax, (W, F, S, P) in zip(axes, [(7, 3, 1, 0), (7, 3, 2, 1), (8, 3, 2, 0)]):
    for k in range(-P, W + P):
        ax.add_patch(plt.Rectangle((k, 0), 1, 1, fc="white" if 0 <= k < W else "#DDDDDD", ec=GREY))
        ax.text(k + 0.5, 0.5, "x" if 0 <= k < W else "0", ha="center", va="center", color=GREY)
    for place, left in enumerate(range(-P, W + P - F + 1, S)):
        ax.plot([left + 0.08, left + F - 0.08], [-0.3 - 0.25 * place] * 2, color=BLUE, linewidth=4)
    ax.text(W + P + 0.5, 0.2, f"W = {W}, F = {F}, S = {S}, P = {P}:  {place + 1} places", va="center")
    ax.set(xlim=(-1.5, 15), ylim=(-0.5 - 0.25 * place, 1.1))
    ax.axis("off")
fig.suptitle("Each bar is one place of the filter. In the last row one number is never reached")
plt.show()

# %% [markdown]
# <details><summary>Hint</summary>
#
# `//` divides integers and rounds down.
# </details>


# %% exercise="conv_out_size"
def conv_out_size(W, F, S, P):
    """Return the number of places of a filter along one axis.

    Args:
        W: size of the input along this axis, an int.
        F: size of the filter, an int ≤ W + 2P.
        S: stride, an int ≥ 1.
        P: zeros added at each end, an int ≥ 0.

    Returns:
        int: size of the output along this axis.
    """
    ### BEGIN SOLUTION
    return (W - F + 2 * P) // S + 1
    ### END SOLUTION


# %% [markdown]
# ### Question: numbers in the output
#
# Ten 5×5 filters run over a 32×32×3 image with stride 1 and padding 2. How many numbers are in the output? Answer with a number.

# %% question="numbers_in_output"
### BEGIN SOLUTION
#| numbers_in_output = None  # a number
numbers_in_output = 10240
### END SOLUTION

# %% [markdown]
# ### Question: numbers to learn
#
# How many parameters does this layer have? Each filter reaches through all 3 channels, and has one bias. Answer with a number.

# %% question="numbers_to_learn"
### BEGIN SOLUTION
#| numbers_to_learn = None  # a number
numbers_to_learn = 760
### END SOLUTION

# %% [markdown]
# ## Exercise 2: padding with zeros
#
# **Why.** Without padding every convolution shaves off the border, and after a few layers nothing is left. With $P = (F-1)/2$ zeros at
# each end (and stride 1) the size stays.
#
# Padding belongs to the two *spatial* axes only: no zeros between images and no extra channels. `pad = 0` is allowed and changes nothing.
#
# <details><summary>Hint</summary>
#
# Either make a larger array of zeros and write `x` into its middle, or read the help of `np.pad`: it wants one pair (before, after) for
# each of the four axes.
# </details>


# %% exercise="zero_pad"
def zero_pad(x, pad):
    """Put zeros around each channel of each image.

    Args:
        x: float64 (N, C, H, W).
        pad: rows of zeros at the top and at the bottom, and columns at the left and at the right; an int ≥ 0.

    Returns:
        float64 (N, C, H + 2·pad, W + 2·pad), a new array.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    padded[:, :, pad : pad + H, pad : pad + W] = x
    return padded
    ### END SOLUTION


# %% [markdown]
# ## Exercise 3: convolution, forward
#
# **Why.** This is the one new operation of this unit. Lay the filter over a window of the image, multiply entry by entry, add everything
# up, add the bias: one output number. Then move on by the stride.
#
# $$\text{out}_{n,f,i,j} = b_f + \sum_{c}\sum_{p}\sum_{q} w_{f,c,p,q}\; \bar x_{n,\,c,\;iS+p,\;jS+q},$$
#
# where $\bar x$ is the padded input. Three things to notice:
#
# - the sum runs over **all channels**: a filter has the depth of its input and gives *one* output map; F filters give F maps;
# - the filter is **not flipped**. Mathematicians call this cross-correlation; deep learning calls it convolution. What is learned can be
#   learned flipped, so nobody minds, but your numbers must agree with everybody else's;
# - height and width are separate: images and filters need not be square.

# %% tags=["demo"]
fig, axes = plt.subplots(1, 4, figsize=(12.5, 3.4), width_ratios=[6, 3, 6, 3])
first = {(i, j): "#CFE3F3" for i in range(3) for j in range(3)}
second = {(i, j): "#F9DCC8" for i in range(3) for j in range(1, 4)}
draw_numbers(axes[0], SIX_BY_SIX, first, "first window")
draw_numbers(axes[1], [[1, 0, -1]] * 3, {}, "filter")
draw_numbers(axes[2], SIX_BY_SIX, second, "second window, stride 1")
draw_numbers(axes[3], [["2", "6", "…"], ["…", "", ""]], {(0, 0): "#CFE3F3", (0, 1): "#F9DCC8"}, "output (4×4)")
fig.suptitle("4 + 5 + 2 − (2 + 2 + 5) = 2, and 9 + 6 + 4 − (5 + 4 + 4) = 6")
fig.tight_layout()
plt.show()

# %% [markdown]
# The check below runs exactly this example.
#
# <details><summary>Hint</summary>
#
# Pad once. Loop over the output's rows `i` and columns `j` (and over the filters `f`). The window is
# `padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]`, of shape (N, C, HH, WW), for all images at once. Multiply it by `w[f]` and sum over
# the last three axes. Use your `conv_out_size` twice: once with H and HH, once with W and WW.
# </details>


# %% exercise="conv_forward_naive"
def conv_forward_naive(x, w, b, conv_param):
    """Convolve a batch of images with filters.

    Args:
        x: float64 (N, C, H, W).
        w: float64 (F, C, HH, WW).
        b: float64 (F,).
        conv_param: dict with the ints `stride` (≥ 1) and `pad` (≥ 0).

    Returns:
        out: float64 (N, F, OH, OW), with OH and OW from ``conv_out_size``.
        cache: whatever ``conv_backward_naive`` needs.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    OH, OW = conv_out_size(H, HH, stride, pad), conv_out_size(W, WW, stride, pad)
    padded = zero_pad(x, pad)
    out = np.zeros((N, F, OH, OW))
    for i in range(OH):
        for j in range(OW):
            top, left = i * stride, j * stride
            window = padded[:, :, top : top + HH, left : left + WW]  # (N, C, HH, WW)
            for f in range(F):
                out[:, f, i, j] = np.sum(window * w[f], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)
    ### END SOLUTION


# %% [markdown]
# ### Question: how many multiplications?
#
# One 3×3 filter on the 6×6 image above (stride 1, no padding) gives 4×4 outputs of 9 multiplications each: 144 in all. How many are they
# when the image has 3 channels? Answer with a number.

# %% question="multiplications"
### BEGIN SOLUTION
#| multiplications = None  # a number
multiplications = 432
### END SOLUTION

# %% [markdown]
# ## Exercise 4: filters by hand
#
# **Why.** Before networks learned their filters, people designed them. Doing so once shows what a filter *can* see.
#
# Write four 3×3 filters for a grey image (one channel). Bright pixels are large numbers.
#
# | filter | finds | what it must do |
# |---|---|---|
# | 0 | vertical edges | positive where the left side is brighter than the right, negative the other way round, 0 on flat areas and where brightness changes only from row to row |
# | 1 | horizontal edges | positive where the top is brighter than the bottom, negative the other way round, 0 on flat areas and where brightness changes only from column to column |
# | 2 | nothing: it blurs | the mean of the nine pixels of the window |
# | 3 | spots and outlines | positive on a bright pixel in dark surroundings, 0 on flat areas, the same in all four directions (turning the image by 90° turns the output and changes nothing else) |
#
# There are several right answers, of any size. You have already met one for filter 0.
#
# <details><summary>Hint</summary>
#
# A filter answers 0 on flat areas when its nine numbers sum to 0. For filter 3 put a positive number in the middle: what must the others
# sum to?
# </details>


# %% exercise="edge_filters"
def edge_filters():
    """Return four hand-made filters.

    Returns:
        w: float64 (4, 1, 3, 3): vertical edges, horizontal edges, blur, spots.
    """
    ### BEGIN SOLUTION
    vertical = np.array([[1.0, 0.0, -1.0]] * 3)
    blur = np.full((3, 3), 1.0 / 9.0)
    spots = np.array([[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]])
    return np.stack([vertical, vertical.T, blur, spots])[:, None]
    ### END SOLUTION


# %% [markdown]
# ### Milestone: what your filters see
#
# Your convolution with your filters on a photograph. (Photo: danielbuechele, CC BY 2.0, here smaller and grey.)


# %% tags=["milestone"]
def filter_photo():
    """Return the answers of the hand-made filters on a photograph."""
    image = np.load("data/pagoda.npz")["image"] / 255.0
    out, _ = conv_forward_naive(image[None, None], edge_filters(), np.zeros(4), {"stride": 1, "pad": 1})
    return {"maps": np.round(out[0], 2).astype(np.float16)}


photo = np.load("data/pagoda.npz")["image"] / 255.0
seen = milestone("edge_pictures", filter_photo, needs=["conv_forward_naive", "edge_filters"])
fig, axes = plt.subplots(1, 5, figsize=(14, 3.3))
axes[0].imshow(photo, cmap="gray")
axes[0].set_title("photograph")
for ax, picture, name in zip(axes[1:], seen["maps"], ["vertical edges", "horizontal edges", "blur", "spots and outlines"]):
    if name == "blur":
        ax.imshow(picture, cmap="gray")
    else:
        limit = np.quantile(np.abs(picture), 0.98)
        ax.imshow(picture, cmap="PuOr", vmin=-limit, vmax=limit)
    ax.set_title(name)
for ax in axes:
    ax.axis("off")
fig.suptitle("Purple is positive, orange negative, white 0: edges answer, flat areas are silent")
fig.tight_layout()
plt.show()

# %% [markdown]
# ### Question: what moves when the image moves?
#
# You shift the photograph by 5 pixels to the right and run your convolution (stride 1) again. Away from the borders, the output …
#
# - `"a"`: stays as it is, because a convolution does not care where things are
# - `"b"`: shifts by 5 pixels to the right too
# - `"c"`: shifts by 5 pixels to the left, because the filter slides the other way
# - `"d"`: changes everywhere, since all the sums change

# %% question="shifted_image"
### BEGIN SOLUTION
#| shifted_image = None  # "a", "b", "c" or "d"
shifted_image = "b"
### END SOLUTION

# %% [markdown]
# ## Exercise 5: convolution, backward
#
# **Why.** The same rule as always: follow each number along its edges and add up what comes back. Only, here one weight is used at *every*
# place, and one pixel is used by *several* windows.
#
# One step of the forward loop is $\text{out}_{nfij} = b_f + \sum w_f \cdot \text{window}_{nij}$. Its gradient $d = \text{dout}_{nfij}$
# goes back along its edges:
#
# | to | factor of the edge | so at each place |
# |---|---|---|
# | $b_f$ | 1 | $db_f \mathrel{+}= d$ |
# | $w_f$ (C, HH, WW) | the window | $dw_f \mathrel{+}= d\cdot\text{window}_{nij}$ |
# | the window (C, HH, WW) | the filter | $d\bar x[\text{window}] \mathrel{+}= d\cdot w_f$ |
#
# `+=` everywhere: windows overlap. The picture shows how many windows each pixel is in, so how many terms its gradient has.

# %% tags=["demo"]
fig, axes = plt.subplots(1, 3, figsize=(11, 3.6))
for ax, (size, stride, pad) in zip(axes, [(6, 1, 0), (7, 2, 0), (6, 1, 1)]):
    count = np.zeros((size + 2 * pad, size + 2 * pad))
    for i in range(0, size + 2 * pad - 2, stride):
        for j in range(0, size + 2 * pad - 2, stride):
            count[i : i + 3, j : j + 3] += 1
    inside = range(pad, pad + size)
    shade = {
        (i, j): plt.cm.Blues(count[i, j] / 14) if i in inside and j in inside else "#DDDDDD"
        for i in range(len(count))
        for j in range(len(count))
    }
    draw_numbers(ax, count, shade, f"{size}×{size}, stride {stride}, pad {pad}")
fig.suptitle("In how many 3×3 windows is each pixel? (grey: padding)")
fig.tight_layout()
plt.show()

# %% [markdown]
# At the end cut the padding off: $dx$ has the shape of $x$. What flowed into the padding is dropped, as nobody wants to learn those zeros.
#
# <details><summary>Hint</summary>
#
# The same loops as in the forward pass. For one filter and one place, `dout[:, f, i, j]` has shape (N,): give it the shape (N, 1, 1, 1) by
# `.reshape(-1, 1, 1, 1)`, so that it multiplies the window of its image. Cut with `[pad : pad + H]`; `[pad : -pad]` is empty for
# `pad = 0`.
# </details>


# %% exercise="conv_backward_naive"
def conv_backward_naive(dout, cache):
    """Propagate a gradient back through ``conv_forward_naive``.

    Args:
        dout: gradient with respect to the output, float64 (N, F, OH, OW).
        cache: the second value of ``conv_forward_naive``.

    Returns:
        dx: float64 (N, C, H, W).
        dw: float64 (F, C, HH, WW).
        db: float64 (F,).
    """
    ### BEGIN SOLUTION
    x, w, b, conv_param = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    OH, OW = dout.shape[2:]
    padded = zero_pad(x, pad)
    dpadded, dw = np.zeros(padded.shape), np.zeros(w.shape)
    for i in range(OH):
        for j in range(OW):
            rows, columns = slice(i * stride, i * stride + HH), slice(j * stride, j * stride + WW)
            for f in range(F):
                d = dout[:, f, i, j].reshape(-1, 1, 1, 1)  # (N, 1, 1, 1)
                dw[f] += np.sum(d * padded[:, :, rows, columns], axis=0)
                dpadded[:, :, rows, columns] += d * w[f]
    dx = dpadded[:, :, pad : pad + H, pad : pad + W]
    db = dout.sum(axis=(0, 2, 3))
    return dx, dw, db
    ### END SOLUTION


# %% [markdown]
# ## Exercise 6: max pooling, forward and backward
#
# **Why.** Whether there is an eye matters more than its exact pixel. Pooling keeps the strongest answer of each window, makes the image
# smaller, and has nothing to learn. Each channel is pooled by itself.

# %% tags=["demo"]
POOL_EXAMPLE = [[1, 1, 2, 4], [5, 6, 7, 8], [3, 2, 1, 0], [1, 2, 3, 4]]
fig, axes = plt.subplots(1, 3, figsize=(10, 3.2), width_ratios=[4, 2, 4])
quarter = {(i, j): ["#CFE3F3", "#F9DCC8", "#CDE9DF", "#EEEEEE"][2 * (i // 2) + j // 2] for i in range(4) for j in range(4)}
draw_numbers(axes[0], POOL_EXAMPLE, quarter, "x")
draw_numbers(axes[1], [[6, 8], [3, 4]], {(i, j): quarter[2 * i, 2 * j] for i in range(2) for j in range(2)}, "out")
winners = {(1, 1): "#CFE3F3", (1, 3): "#F9DCC8", (2, 0): "#CDE9DF", (3, 3): "#EEEEEE"}
names = {(1, 1): "$d_1$", (1, 3): "$d_2$", (2, 0): "$d_3$", (3, 3): "$d_4$"}
draw_numbers(axes[2], [[names.get((i, j), "0") for j in range(4)] for i in range(4)], winners, "dx: only the winners get a gradient")
fig.suptitle("Max pooling 2×2 with stride 2")
fig.tight_layout()
plt.show()

# %% [markdown]
# Forward: $\text{out}_{ncij} = \max$ of the window whose top left corner is $(iS, jS)$; the number of windows is `conv_out_size` without
# padding. Backward: an edge has factor 1 for the maximum and 0 for all others, so the whole gradient goes to the winner.
#
# - **Ties.** When several entries share the maximum, the *first* one in row-major order (left to right, then down) gets everything.
# - **Overlap.** With a stride smaller than the window one entry may win several times: its gradients add up.
#
# <details><summary>Hint</summary>
#
# `np.argmax` flattens the window in row-major order and returns the first maximum; `np.unravel_index(k, window.shape)` turns its number
# back into a row and a column. For the backward pass four plain loops over n, c, i and j will do.
# </details>


# %% exercise="max_pool_forward_naive"
def max_pool_forward_naive(x, pool_param):
    """Keep the maximum of each window.

    Args:
        x: float64 (N, C, H, W).
        pool_param: dict with the ints `pool_height`, `pool_width` and `stride`.

    Returns:
        out: float64 (N, C, OH, OW).
        cache: whatever ``max_pool_backward_naive`` needs.
    """
    ### BEGIN SOLUTION
    PH, PW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    N, C, H, W = x.shape
    OH, OW = conv_out_size(H, PH, stride, 0), conv_out_size(W, PW, stride, 0)
    out = np.zeros((N, C, OH, OW))
    for i in range(OH):
        for j in range(OW):
            top, left = i * stride, j * stride
            out[:, :, i, j] = x[:, :, top : top + PH, left : left + PW].max(axis=(2, 3))
    return out, (x, pool_param)
    ### END SOLUTION


def max_pool_backward_naive(dout, cache):
    """Propagate a gradient back through ``max_pool_forward_naive``.

    Args:
        dout: gradient with respect to the output, float64 (N, C, OH, OW).
        cache: the second value of ``max_pool_forward_naive``.

    Returns:
        dx: float64 (N, C, H, W); of equal maxima the first in row-major order gets the gradient.
    """
    ### BEGIN SOLUTION
    x, pool_param = cache
    PH, PW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]
    dx = np.zeros(x.shape)
    for n, c, i, j in np.ndindex(dout.shape):
        top, left = i * stride, j * stride
        window = x[n, c, top : top + PH, left : left + PW]
        p, q = np.unravel_index(np.argmax(window), window.shape)
        dx[n, c, top + p, left + q] += dout[n, c, i, j]
    return dx
    ### END SOLUTION


# %% [markdown]
# ## Exercise 7: convolution as one matrix product
#
# **Why.** Your loops run in Python, one window at a time. Matrix products run in tuned machine code. So write every window as a *row* of a
# large matrix, once, and all sums of all filters at all places become one product. This is how many libraries compute a convolution, and
# it is what a GPU likes best.
#
# - `im2col`: row $(n, i, j)$ holds window $(i, j)$ of image $n$, flattened in the order channel, row, column. Rows are ordered by $n$, then
#   $i$, then $j$. The matrix has $N\cdot OH\cdot OW$ rows and $C\cdot HH\cdot WW$ columns.
# - A filter flattened in the same order is a column of weights, so
#   $\text{cols}\;\cdot\;\text{w}_{\text{rows}}^\top + b$ has one row per place and one column per filter.
# - That is (N·OH·OW, F), and the output must be (N, F, OH, OW): **fold first, then move the axis**. A `reshape` never moves an axis; it
#   only cuts the same sequence of numbers differently.

# %% tags=["demo"]
tiny = np.arange(1, 10).reshape(3, 3)
fig, axes = plt.subplots(1, 4, figsize=(12, 3.4), width_ratios=[3, 4, 1, 1])
shades = ["#CFE3F3", "#F9DCC8", "#CDE9DF", "#EEEEEE"]
rows = [tiny[i : i + 2, j : j + 2].ravel().tolist() for i in range(2) for j in range(2)]
draw_numbers(
    axes[0], tiny, {(0, 0): shades[0], (0, 1): shades[0], (1, 0): shades[0], (1, 1): shades[0]}, "x: one 3×3 image\n(first window in blue)"
)
draw_numbers(axes[1], rows, {(r, c): shades[r] for r in range(4) for c in range(4)}, "cols: one row per\n2×2 window")
draw_numbers(axes[2], [[1], [2], [3], [4]], {}, "filter\n1 2 / 3 4")
draw_numbers(axes[3], [[int(np.dot(row, [1, 2, 3, 4]))] for row in rows], {(r, 0): shades[r] for r in range(4)}, "one output\nper row")
for ax, sign in ((axes[2], "·"), (axes[3], "=")):
    ax.text(-0.75, 2, sign, fontsize=20, ha="center", va="center")
fig.tight_layout(w_pad=3)
plt.show()

# %% [markdown]
# `conv_forward_im2col` must do without any loop of its own: pad and cut in `im2col`, then one `@`. In `im2col` a loop over the places
# *inside* a window is fine (HH·WW of them, usually 9); the check does not look there.
#
# <details><summary>Hint</summary>
#
# Take all windows at once and one place $(p, q)$ inside them: `padded[:, :, p : p + stride * OH : stride, q : q + stride * OW : stride]` has
# the shape (N, C, OH, OW) and holds entry $(p, q)$ of every window. Collect these in an array of shape (N, OH, OW, C, HH, WW) and reshape
# at the end. (`np.lib.stride_tricks.sliding_window_view` is another way.)
# </details>


# %% exercise="im2col"
def im2col(x, HH, WW, stride, pad):
    """Write each window of each image as a row.

    Args:
        x: float64 (N, C, H, W).
        HH, WW: height and width of a window.
        stride, pad: as in ``conv_param``.

    Returns:
        cols: float64 (N·OH·OW, C·HH·WW).
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    OH, OW = conv_out_size(H, HH, stride, pad), conv_out_size(W, WW, stride, pad)
    padded = zero_pad(x, pad)
    cols = np.empty((N, OH, OW, C, HH, WW))
    for p in range(HH):
        for q in range(WW):
            entry = padded[:, :, p : p + stride * OH : stride, q : q + stride * OW : stride]  # (N, C, OH, OW)
            cols[:, :, :, :, p, q] = entry.transpose(0, 2, 3, 1)
    return cols.reshape(N * OH * OW, C * HH * WW)
    ### END SOLUTION


def conv_forward_im2col(x, w, b, conv_param):
    """Compute what ``conv_forward_naive`` computes, as one matrix product and without a loop.

    Args:
        x, w, b, conv_param: as for ``conv_forward_naive``.

    Returns:
        out: float64 (N, F, OH, OW).
        cache: anything; it is not used in this unit.
    """
    ### BEGIN SOLUTION
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    OH, OW = conv_out_size(H, HH, stride, pad), conv_out_size(W, WW, stride, pad)
    cols = im2col(x, HH, WW, stride, pad)  # (N·OH·OW, C·HH·WW)
    out = cols @ w.reshape(F, -1).T + b  # (N·OH·OW, F)
    return out.reshape(N, OH, OW, F).transpose(0, 3, 1, 2), (cols, x.shape, w, conv_param)
    ### END SOLUTION


# %% [markdown]
# ### Milestone: what it gains


# %% tags=["milestone"]
def time_convolutions():
    """Time both convolutions on batches of growing images; return the seconds and the largest difference of their outputs."""
    rng = np.random.default_rng(0)
    sizes, seconds, difference = [8, 16, 32, 48], [], 0.0
    for size in sizes:
        x, w, b = rng.normal(size=(4, 8, size, size)), rng.normal(size=(16, 8, 3, 3)), rng.normal(size=16)
        row = []
        for function in (conv_forward_naive, conv_forward_im2col):
            best = np.inf
            for _ in range(3):
                started = time.perf_counter()
                out, _ = function(x, w, b, {"stride": 1, "pad": 1})
                best = min(best, time.perf_counter() - started)
            row.append(best)
            difference = max(difference, np.abs(out - outputs).max()) if len(row) == 2 else difference
            outputs = out
        seconds.append(row)
    return {"sizes": np.array(sizes), "seconds": np.array(seconds), "difference": float(difference)}


speed = milestone("im2col_speed", time_convolutions, needs=["conv_forward_naive", "im2col"])
ratio = speed["seconds"][:, 0] / speed["seconds"][:, 1]
print(f"largest difference of the two outputs: {speed['difference']:.0e}")
print(
    f"48×48 images: loops {speed['seconds'][-1, 0] * 1e3:.0f} ms, im2col {speed['seconds'][-1, 1] * 1e3:.1f} ms: {ratio[-1]:.0f} times faster"
)
fig, ax = plt.subplots(figsize=(7, 3.4))
places = np.arange(len(ratio))
ax.bar(places - 0.2, speed["seconds"][:, 0] * 1e3, 0.4, color=ORANGE, label="loops")
ax.bar(places + 0.2, speed["seconds"][:, 1] * 1e3, 0.4, color=BLUE, label="im2col")
for k in places:
    ax.text(k, speed["seconds"][k].max() * 1e3 * 1.15, f"×{ratio[k]:.0f}", ha="center")
ax.set(yscale="log", xticks=places, xticklabels=[f"{s}×{s}" for s in speed["sizes"]], xlabel="image", ylabel="milliseconds (log)")
ax.set(title="The same convolution: 4 images, 8 channels, 16 filters of 3×3", ylim=(None, speed["seconds"].max() * 4e3))
ax.legend(frameon=False, loc="upper left")
plt.show()

# %% [markdown]
# The price is memory: each pixel is stored once for every window it is in, here nine times.
#
# ### Question: a 1×1 convolution
#
# A 1×1 filter looks at one pixel only, through all its channels: it mixes channels and leaves the image's size alone. In a network a 1×1
# convolution turns 56×56×64 into 56×56×32. How many parameters does it have, biases included? Answer with a number.

# %% question="pointwise_parameters"
### BEGIN SOLUTION
#| pointwise_parameters = None  # a number
pointwise_parameters = 2080
### END SOLUTION

# %% [markdown]
# ## Exercise 8: from windows back to the image
#
# **Why.** If the forward pass is one product, so is the backward pass: with `dout` written as rows, $dw = \text{dout}_{\text{rows}}^\top\,\text{cols}$
# and $d\text{cols} = \text{dout}_{\text{rows}}\,w_{\text{rows}}$. What is missing is the way from the gradient of the *windows* to the
# gradient of the *image*: a pixel that was copied into nine rows gets the **sum** of nine gradients.
#
# `col2im` is the transpose (the adjoint) of `im2col`: for all $x$ and all matrices $g$,
#
# $$\sum \text{im2col}(x)\circ g \;=\; \sum x\circ\text{col2im}(g).$$
#
# It is *not* the inverse: `col2im(im2col(x))` multiplies each pixel by the number of windows it is in, as in the picture of exercise 5.
#
# <details><summary>Hint</summary>
#
# Read your `im2col` from bottom to top: reshape to (N, OH, OW, C, HH, WW), then for each place $(p, q)$ inside a window *add*
# `blocks[:, :, :, :, p, q]`, with its axes in the order (N, C, OH, OW), to the same strided slice of a padded image. Cut the padding off at
# the end.
# </details>


# %% exercise="col2im"
def col2im(cols, x_shape, HH, WW, stride, pad):
    """Add each row back to the window it came from.

    Args:
        cols: float64 (N·OH·OW, C·HH·WW), rows and columns in the order of ``im2col``.
        x_shape: the tuple (N, C, H, W).
        HH, WW, stride, pad: as for ``im2col``.

    Returns:
        float64 (N, C, H, W): for each pixel the sum over all windows that it is in.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x_shape
    OH, OW = conv_out_size(H, HH, stride, pad), conv_out_size(W, WW, stride, pad)
    blocks = cols.reshape(N, OH, OW, C, HH, WW)
    padded = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    for p in range(HH):
        for q in range(WW):
            entry = blocks[:, :, :, :, p, q].transpose(0, 3, 1, 2)  # (N, C, OH, OW)
            padded[:, :, p : p + stride * OH : stride, q : q + stride * OW : stride] += entry
    return padded[:, :, pad : pad + H, pad : pad + W]
    ### END SOLUTION


# %% [markdown]
# ## Exercise 9: batch normalisation in training and at test time
#
# **Why.** Each layer learns on the outputs of the layer below, which change while it learns. Batch normalisation (Ioffe and Szegedy,
# 2015) gives every column of every batch mean 0 and variance 1, and then lets the network choose its own scale $\gamma$ and shift $\beta$:
#
# $$\hat x = \frac{x - \mu}{\sqrt{v + \varepsilon}},\qquad \text{out} = \gamma\,\hat x + \beta .$$
#
# Deep networks become far easier to train. But where do $\mu$ and $v$ come from?
#
# - **Training** (`mode` is `"train"`): from the batch, per column, with $v = \frac1N\sum_n (x_n - \mu)^2$ (divided by N). Also keep running
#   averages for later, in the dictionary itself:
#
#   `running_mean` ← momentum · `running_mean` + (1 − momentum) · $\mu$, and the same for `running_var` with $v$.
#
# - **Test** (`mode` is `"test"`): from `running_mean` and `running_var`, which stay as they are. A prediction for one image must not depend
#   on which other images happen to be in the batch.
#
# (PyTorch calls `1 − momentum` momentum, and divides the variance that it *stores* by N − 1.)

# %% tags=["demo"]
rng = np.random.default_rng(0)
layers = {"without": [rng.normal(size=(200, 100))], "with": []}
layers["with"].append(layers["without"][0])
for _ in range(8):
    weights = rng.normal(size=(100, 100)) * 0.08
    for name, outputs in layers.items():
        h = outputs[-1] @ weights
        h = (h - h.mean(axis=0)) / np.sqrt(h.var(axis=0) + 1e-5) if name == "with" else h
        outputs.append(np.maximum(h, 0))
fig, axes = plt.subplots(2, 4, figsize=(11, 4), sharex=True)
for row, (name, outputs) in zip(axes, layers.items()):
    for ax, depth in zip(row, (1, 3, 5, 8)):
        active = outputs[depth][outputs[depth] > 0]
        ax.hist(active, bins=40, range=(0, 3), color=ORANGE if name == "without" else BLUE, density=True)
        ax.set(title=f"layer {depth}, {name}: mean {active.mean():.2f}", yticks=[])
fig.suptitle("Positive activations of a deep ReLU network whose weights are a little too small, without and with normalisation")
fig.tight_layout()
plt.show()

# %% [markdown]
# Backward (training mode only). An $x_n$ reaches the loss directly, through $\mu$ and through $v$. With $r = 1/\sqrt{v+\varepsilon}$ and
# $g = \gamma\,\text{dout}$, the three paths of $x_n$ are
#
# $$\underbrace{r\,g_n}_{\text{directly}} \;\underbrace{-\;\frac rN\sum_m g_m}_{\text{through }\mu} \;\underbrace{-\;\frac rN\,\hat x_n\sum_m g_m\,\hat x_m}_{\text{through }v},
# \qquad d\gamma = \sum_n \text{dout}_n\,\hat x_n,\qquad d\beta = \sum_n \text{dout}_n .$$
#
# The middle term: $\partial\hat x_m/\partial\mu = -r$ and $\partial\mu/\partial x_n = 1/N$. The last: $\partial\hat x_m/\partial v = -\tfrac12\hat x_m r^2$ and
# $\partial v/\partial x_n = \tfrac2N \hat x_n/r$.
#
# <details><summary>Hint</summary>
#
# `bn_param.get("eps", 1e-5)` returns the default when the key is missing. `bn_param["running_mean"] = …` changes the caller's dictionary,
# which is wanted here. In the backward pass all sums are over axis 0.
# </details>


# %% exercise="batchnorm_forward"
def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each column, then scale and shift it.

    Args:
        x: float64 (N, D).
        gamma, beta: float64 (D,).
        bn_param: dict with `mode` ("train" or "test"), and optionally `eps` (1e-5), `momentum` (0.9), `running_mean` and `running_var`
            (float64 (D,), zeros when missing). In training the two running averages are put into this dict (as new arrays); in test
            mode it is left alone.

    Returns:
        out: float64 (N, D).
        cache: whatever ``batchnorm_backward`` needs.
    """
    ### BEGIN SOLUTION
    eps, momentum = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    running_mean = bn_param.get("running_mean", np.zeros(x.shape[1]))
    running_var = bn_param.get("running_var", np.zeros(x.shape[1]))
    if bn_param["mode"] == "train":
        mean, var = x.mean(axis=0), x.var(axis=0)
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * var
    else:
        mean, var = running_mean, running_var
    r = 1.0 / np.sqrt(var + eps)  # (D,)
    x_hat = (x - mean) * r  # (N, D)
    return gamma * x_hat + beta, (x_hat, r, gamma)
    ### END SOLUTION


def batchnorm_backward(dout, cache):
    """Propagate a gradient back through ``batchnorm_forward`` in training mode.

    Args:
        dout: gradient with respect to the output, float64 (N, D).
        cache: the second value of ``batchnorm_forward``.

    Returns:
        dx: float64 (N, D).
        dgamma, dbeta: float64 (D,).
    """
    ### BEGIN SOLUTION
    x_hat, r, gamma = cache
    g = dout * gamma  # gradient with respect to x_hat
    dx = r * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# ### Question: one image at test time
#
# Somebody forgets to switch to test mode and asks for the prediction of a *single* image, a batch of one. What does a batch
# normalisation layer for (N, D) return?
#
# - `"a"`: the same as in test mode, because the running averages are updated first
# - `"b"`: $\beta$, whatever the image
# - `"c"`: an error, because a variance needs two examples
# - `"d"`: the image itself, scaled by $\gamma$

# %% question="batch_of_one"
### BEGIN SOLUTION
#| batch_of_one = None  # "a", "b", "c" or "d"
batch_of_one = "b"
### END SOLUTION

# %% [markdown]
# ## Exercise 10: batch normalisation of feature maps
#
# **Why.** After a convolution all places of a channel are made by the same filter, so they belong together: a channel has *one* mean, taken
# over all images and all places, one $\gamma$ and one $\beta$.
#
# So write a batch (N, C, H, W) as a table with one **column per channel** and N·H·W rows, give it to your `batchnorm_forward`, and fold the
# result back. The channel axis has to be moved to the end *before* the reshape.
#
# <details><summary>Hint</summary>
#
# `x.transpose(0, 2, 3, 1)` has the shape (N, H, W, C). On the way back the axes return in the order (0, 3, 1, 2).
# </details>


# %% exercise="spatial_batchnorm_forward"
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each channel over all images and all places.

    Args:
        x: float64 (N, C, H, W).
        gamma, beta: float64 (C,).
        bn_param: as for ``batchnorm_forward``, with running averages of shape (C,).

    Returns:
        out: float64 (N, C, H, W).
        cache: whatever a backward pass would need.
    """
    ### BEGIN SOLUTION
    N, C, H, W = x.shape
    rows = x.transpose(0, 2, 3, 1).reshape(-1, C)  # (N·H·W, C)
    out, cache = batchnorm_forward(rows, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache
    ### END SOLUTION


# %% [markdown]
# ## Exercise 11 (stretch): layer normalisation
#
# **Why.** Batch normalisation needs a batch, and behaves differently in training and at test time. Layer normalisation (Ba, Kiros and
# Hinton, 2016) takes mean and variance over the D features of *one* example instead. There are no running averages and no modes, which is
# why language models use it.
#
# The formulas are those of batch normalisation with the two axes exchanged, except that $\gamma$ and $\beta$ still belong to the columns: they scale
# feature $d$ of every example, and their gradients sum over the batch.
#
# <details><summary>Hint</summary>
#
# All means over axis 1, with `keepdims=True`. In the backward pass $g = \gamma\,\text{dout}$ must be formed *before* its mean over the row is
# taken.
# </details>


# %% exercise="layernorm_forward"
def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each row, then scale and shift each column.

    Args:
        x: float64 (N, D).
        gamma, beta: float64 (D,).
        ln_param: dict, optionally with `eps` (1e-5).

    Returns:
        out: float64 (N, D).
        cache: whatever ``layernorm_backward`` needs.
    """
    ### BEGIN SOLUTION
    eps = ln_param.get("eps", 1e-5)
    r = 1.0 / np.sqrt(x.var(axis=1, keepdims=True) + eps)  # (N, 1)
    x_hat = (x - x.mean(axis=1, keepdims=True)) * r  # (N, D)
    return gamma * x_hat + beta, (x_hat, r, gamma)
    ### END SOLUTION


def layernorm_backward(dout, cache):
    """Propagate a gradient back through ``layernorm_forward``.

    Args:
        dout: gradient with respect to the output, float64 (N, D).
        cache: the second value of ``layernorm_forward``.

    Returns:
        dx: float64 (N, D).
        dgamma, dbeta: float64 (D,).
    """
    ### BEGIN SOLUTION
    x_hat, r, gamma = cache
    g = dout * gamma  # gradient with respect to x_hat
    dx = r * (g - g.mean(axis=1, keepdims=True) - x_hat * (g * x_hat).mean(axis=1, keepdims=True))
    return dx, (dout * x_hat).sum(axis=0), dout.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# ### Question: what three small filters see
#
# VGG stacks 3×3 convolutions (stride 1) instead of using larger filters. After one of them an output number depends on 3×3 pixels of the
# input. On how many pixels *along one side* does it depend after three? Answer with a number.

# %% question="receptive_field"
### BEGIN SOLUTION
#| receptive_field = None  # a number
receptive_field = 7
### END SOLUTION

# %% [markdown]
# # Part 2: building blocks in PyTorch
#
# Now that you know what a convolution does in both directions, let a library do it, fast and on a GPU if there is one. PyTorch's layers
# are `nn.Module`s: objects that hold their parameters and can be put inside each other. Its automatic differentiation is the `Value` of
# unit 3 with arrays. If PyTorch is not installed here, everything above is still yours.
#
# A module is a class with two methods: `__init__` makes the layers (after `super().__init__()`) and assigns them to `self`, so that PyTorch
# finds their parameters; `forward` uses them.

# %% tags=["setup"]
import torch
from torch import nn

# %% tags=["demo"]
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
print("running on", torch.cuda.get_device_name() if device.type == "cuda" else "the CPU: no GPU here")


def draw_flow(ax, boxes, arrows, title):
    """Draw boxes {name: (x, y, colour)} and arrows (from, to, bend) between them."""
    for start, end, bend in arrows:
        style = {"arrowstyle": "-|>", "color": GREY, "shrinkA": 14, "shrinkB": 14, "connectionstyle": f"arc3,rad={bend}"}
        ax.annotate("", xy=boxes[end][:2], xytext=boxes[start][:2], arrowprops=style)
    for name, (x, y, colour) in boxes.items():
        ax.text(x, y, name.strip(), ha="center", va="center", fontsize=9, bbox={"boxstyle": "round,pad=0.35", "fc": colour, "ec": BLUE})
    xs, ys = [b[0] for b in boxes.values()], [b[1] for b in boxes.values()]
    ax.set(xlim=(min(xs) - 1, max(xs) + 1), ylim=(min(ys) - 0.6, max(ys) + 0.6), title=title)
    ax.axis("off")


fig, axes = plt.subplots(1, 3, figsize=(13, 5.2), width_ratios=[1, 2.4, 1.5])
white, blue, orange, green = "white", "#CFE3F3", "#F9DCC8", "#CDE9DF"
names = ["x", "conv 3×3", "ReLU", "conv 3×3 ", "ReLU ", "max pool 2×2", "out"]
colours = [white, blue, orange, blue, orange, green, white]
draw_flow(
    axes[0], {n: (0, -k, c) for k, (n, c) in enumerate(zip(names, colours))}, [(a, b, 0) for a, b in zip(names, names[1:])], "VGG block"
)
boxes = {
    "x": (1.5, 0, white),
    "1×1": (0, -3, blue),
    "1×1 ": (1, -1.5, blue),
    "3×3": (1, -3, blue),
    "1×1  ": (2, -1.5, blue),
    "5×5": (2, -3, blue),
}
boxes |= {"pool 3×3": (3, -1.5, green), "1×1   ": (3, -3, blue), "concatenate channels": (1.5, -4.5, orange), "out": (1.5, -6, white)}
arrows = [("x", n, 0) for n in ("1×1", "1×1 ", "1×1  ", "pool 3×3")] + [("1×1 ", "3×3", 0), ("1×1  ", "5×5", 0), ("pool 3×3", "1×1   ", 0)]
arrows += [(n, "concatenate channels", 0) for n in ("1×1", "3×3", "5×5", "1×1   ")] + [("concatenate channels", "out", 0)]
draw_flow(axes[1], boxes, arrows, "Inception module (ReLU after each convolution)")
names = ["x", "conv 3×3, norm", "ReLU", "conv 3×3, norm ", "+", "ReLU ", "out"]
boxes = {n: (0, -k, c) for k, (n, c) in enumerate(zip(names, [white, blue, orange, blue, green, orange, white]))}
draw_flow(axes[2], boxes, [(a, b, 0) for a, b in zip(names, names[1:])] + [("x", "+", -0.9)], "residual block")
axes[2].text(0.95, -2, "shortcut", ha="center", va="center", rotation=90, color=GREY)
axes[2].set_xlim(-1.3, 1.7)
fig.suptitle("Three ways to arrange the same few layers")
fig.tight_layout()
plt.show()

# %% [markdown]
# ## Exercise 12: blocks that stack and blocks that branch
#
# **Why.** Networks are built from blocks, and blocks from few layers: whoever can read and write these can read most of the literature.
#
# **VGG** (Simonyan and Zisserman, 2014): `num_convs` times a 3×3 convolution followed by ReLU, then one 2×2 max pooling with stride 2. With
# padding 1 the convolutions keep the size, so a block halves it. The first convolution goes from `in_channels` to `out_channels`, the
# others from `out_channels` to `out_channels`; all have a bias.
#
# **Inception** (Szegedy and others, 2014): why choose a filter size when you can have several? Four branches look at the same input, all with
# stride 1 and padded to the same size, and their outputs are concatenated along the channels, in this order:
#
# 1. 1×1 convolution to `c1` channels,
# 2. 1×1 convolution to `c3[0]` channels, then 3×3 convolution to `c3[1]`,
# 3. 1×1 convolution to `c5[0]` channels, then 5×5 convolution to `c5[1]`,
# 4. 3×3 max pooling (stride 1, padding 1), then 1×1 convolution to `cp` channels.
#
# ReLU follows each convolution, also the 1×1 ones that make the input thinner; all have a bias.
#
# <details><summary>Hint</summary>
#
# `nn.Conv2d(in_channels, out_channels, kernel_size, padding=…)`, `nn.MaxPool2d(kernel_size, stride=…, padding=…)`, `nn.ReLU()`,
# `nn.Sequential(*list_of_layers)`. Layers in a plain Python list are invisible to PyTorch: use `nn.Sequential` or `nn.ModuleList`.
# `torch.cat([a, b], dim=…)` concatenates; which axis holds the channels?
# </details>


# %% exercise="VGGBlock"
class VGGBlock(nn.Module):
    """Some 3×3 convolutions with ReLU, then max pooling.

    Args:
        in_channels, out_channels: channels of the input and of the output.
        num_convs: number of convolutions, at least 1.
    """

    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        ### BEGIN SOLUTION
        layers = []
        for k in range(num_convs):
            layers += [nn.Conv2d(in_channels if k == 0 else out_channels, out_channels, 3, padding=1), nn.ReLU()]
        layers.append(nn.MaxPool2d(2, stride=2))
        self.layers = nn.Sequential(*layers)
        ### END SOLUTION

    def forward(self, x):
        """Map x (N, in_channels, H, W) to (N, out_channels, H // 2, W // 2)."""
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


class InceptionModule(nn.Module):
    """Four branches side by side.

    Args:
        in_channels: channels of the input.
        c1: channels of the 1×1 branch.
        c3, c5: pairs (channels after the 1×1 convolution, channels after the 3×3 or 5×5 convolution).
        cp: channels of the pooling branch.
    """

    def __init__(self, in_channels, c1, c3, c5, cp):
        super().__init__()
        ### BEGIN SOLUTION
        self.branch1 = nn.Sequential(nn.Conv2d(in_channels, c1, 1), nn.ReLU())
        self.branch3 = nn.Sequential(nn.Conv2d(in_channels, c3[0], 1), nn.ReLU(), nn.Conv2d(c3[0], c3[1], 3, padding=1), nn.ReLU())
        self.branch5 = nn.Sequential(nn.Conv2d(in_channels, c5[0], 1), nn.ReLU(), nn.Conv2d(c5[0], c5[1], 5, padding=2), nn.ReLU())
        self.branchp = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(in_channels, cp, 1), nn.ReLU())
        ### END SOLUTION

    def forward(self, x):
        """Map x (N, in_channels, H, W) to (N, c1 + c3[1] + c5[1] + cp, H, W)."""
        ### BEGIN SOLUTION
        return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.branchp(x)], dim=1)
        ### END SOLUTION


# %% [markdown]
# ## Exercise 13: a shortcut, and a small network
#
# **Why.** Very deep plain networks train *worse* than shallow ones, even on the training set. The residual block (He and others, 2015) lets
# the layers learn what to *add* to their input:
#
# $$\text{out} = \text{ReLU}\big(f(x) + \text{shortcut}(x)\big),\qquad f = \text{norm}\circ\text{conv}_{3\times 3}\circ\text{ReLU}\circ\text{norm}\circ\text{conv}_{3\times3}.$$
#
# - The first convolution of $f$ has the given `stride`, the second has stride 1; both have padding 1 and **no bias**, because batch
#   normalisation (`nn.BatchNorm2d`) takes the mean away and brings its own shift.
# - The shortcut is $x$ itself when `stride` is 1 and `in_channels` equals `out_channels`. Otherwise shapes differ, and it is a 1×1
#   convolution with that stride (no bias), followed by batch normalisation.
# - After the addition comes one more ReLU. There is none between the second normalisation and the addition.
#
# **SmallConvNet** puts your blocks together:
#
# $$x \to \text{VGGBlock}(\text{in},\,\text{width},\,2\text{ convs}) \to \text{ResidualBlock}(\text{width},\,2\,\text{width},\,\text{stride } 2) \to \text{mean over all places} \to \text{Linear}(2\,\text{width},\,\text{classes}).$$
#
# The mean over all places turns (N, 2·width, h, w) into (N, 2·width), whatever the size of the image. The network returns *scores*: softmax
# belongs to the loss.
#
# <details><summary>Hint</summary>
#
# `nn.Conv2d(…, stride=stride, padding=1, bias=False)`. `nn.Identity()` returns its input, which saves an `if` in `forward`.
# `h.mean(dim=(2, 3))` is the mean over all places.
# </details>


# %% exercise="ResidualBlock"
class ResidualBlock(nn.Module):
    """Two 3×3 convolutions with batch normalisation, and a shortcut around them.

    Args:
        in_channels, out_channels: channels of the input and of the output.
        stride: of the first convolution and of the shortcut.
    """

    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, stride=stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(out_channels)
        self.conv2 = nn.Conv2d(out_channels, out_channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(out_channels)
        self.shortcut = nn.Identity()
        if stride != 1 or in_channels != out_channels:
            project = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(out_channels))
        ### END SOLUTION

    def forward(self, x):
        """Map x (N, in_channels, H, W) to (N, out_channels, H / stride, W / stride), rounded up."""
        ### BEGIN SOLUTION
        h = torch.relu(self.norm1(self.conv1(x)))
        h = self.norm2(self.conv2(h))
        return torch.relu(h + self.shortcut(x))
        ### END SOLUTION


class SmallConvNet(nn.Module):
    """A small image classifier.

    Args:
        in_channels: channels of the images.
        num_classes: number of scores.
        width: channels after the first block.
    """

    def __init__(self, in_channels, num_classes, width=32):
        super().__init__()
        ### BEGIN SOLUTION
        self.block1 = VGGBlock(in_channels, width, 2)
        self.block2 = ResidualBlock(width, 2 * width, stride=2)
        self.head = nn.Linear(2 * width, num_classes)
        ### END SOLUTION

    def forward(self, x):
        """Map images (N, in_channels, H, W) to scores (N, num_classes)."""
        ### BEGIN SOLUTION
        h = self.block2(self.block1(x))
        return self.head(h.mean(dim=(2, 3)))
        ### END SOLUTION


# %% [markdown]
# ### Question: why a shortcut?
#
# What does the `x +` in a residual block do for training?
#
# - `"a"`: it saves parameters, because the layers inside need fewer weights
# - `"b"`: it makes the block faster
# - `"c"`: gradients reach the layers below also along a path with factor 1, past the layers inside
# - `"d"`: it makes the block linear, and linear functions are easy to optimise

# %% question="why_shortcut"
### BEGIN SOLUTION
#| why_shortcut = None  # "a", "b", "c" or "d"
why_shortcut = "c"
### END SOLUTION

# %% [markdown]
# ## Exercise 14: one epoch of training, and an honest evaluation
#
# **Why.** These two functions are the core of nearly every training script, and nearly every mistake in them is silent: the loss still
# falls, only not as far as it could.
#
# `train_epoch`: switch the model to training mode; then for each batch move it to the device, clear the old gradients, compute the mean
# cross-entropy of the scores, go backward, and let the optimizer step. Return the mean loss **per example**: the last batch is often
# smaller, so weigh each batch by its size.
#
# `evaluate`: switch to evaluation mode (batch normalisation and dropout behave differently there), record no gradients, and return the
# fraction of *all* examples whose largest score is the right class.
#
# Here is a PyTorch optimizer at work on a single weight with the loss $w^2$. `backward` *adds* to the gradients that are there, as your
# `Value` did: without `zero_grad` each step would use the sum of all gradients so far.

# %% tags=["demo"]
weight = nn.Parameter(torch.tensor(3.0))
optimizer = torch.optim.SGD([weight], lr=0.25)
for step in range(4):
    optimizer.zero_grad()
    loss = weight**2
    loss.backward()
    print(f"step {step}: w = {weight.item():.3f}, loss = {loss.item():.3f}, gradient = {weight.grad.item():.3f}")
    optimizer.step()

# %% [markdown]
# <details><summary>Hint</summary>
#
# `model.train()`, `model.eval()`, `optimizer.zero_grad()`, `loss.backward()`, `optimizer.step()`, `with torch.no_grad():`.
# `nn.functional.cross_entropy(scores, y)` takes scores, not probabilities. `loss.item()` is a plain number; adding up `loss` itself would keep every
# batch's graph in memory. `x = x.to(device)`: for tensors `to` returns the moved one.
# </details>


# %% exercise="train_epoch"
def train_epoch(model, loader, optimizer, device):
    """Train for one pass over the data.

    Args:
        model: nn.Module, already on the device; maps x to scores (B, num_classes).
        loader: yields pairs x (B, …), y (B,) of tensors; B may differ.
        optimizer: torch optimizer of the model's parameters.
        device: torch.device to which each batch is moved.

    Returns:
        float: mean cross-entropy over all examples, each as it was before its own batch's step.
    """
    ### BEGIN SOLUTION
    model.train()
    total, count = 0.0, 0
    for x, y in loader:
        x, y = x.to(device), y.to(device)
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
        total += loss.item() * len(y)
        count += len(y)
    return total / count
    ### END SOLUTION


def evaluate(model, loader, device):
    """Return the accuracy of a model, without changing it.

    Args:
        model, loader, device: as for ``train_epoch``.

    Returns:
        float: fraction of all examples that are classified correctly, from 0 to 1.
    """
    ### BEGIN SOLUTION
    model.eval()
    correct, count = 0, 0
    with torch.no_grad():
        for x, y in loader:
            x, y = x.to(device), y.to(device)
            correct += (model(x).argmax(dim=1) == y).sum().item()
            count += len(y)
    return correct / count
    ### END SOLUTION


# %% [markdown]
# ## Milestone: the sanity ladder
#
# Before you train anything for long: the **first loss** is about $\log C$, the **gradient check** passes (PyTorch brings its own, in
# float64), and the network can **overfit 50 examples**.
#
# The data are 1797 handwritten digits of 8×8 pixels. With a network connection you may set `DATASET` to `"mnist"` or `"cifar10"`: a part of
# the real set is then downloaded once and used by the same code (without a GPU it takes minutes).


# %% tags=["milestone"]
DATASET = "digits"


def load_images():
    """Return training images (N, C, H, W) and labels, and 500 validation images and their labels, as tensors."""
    if DATASET == "digits":
        file = np.load("data/digits.npz")
        X, y = file["images"][:, None] / 16.0, file["labels"]
    else:
        from autograder.data import fetch_cifar10, fetch_mnist

        file = fetch_mnist() if DATASET == "mnist" else fetch_cifar10()
        X, y = file["X_train"][:4500] / 255.0, file["y_train"][:4500]
        X = X if X.ndim == 4 else X[:, None]
    order = np.random.default_rng(0).permutation(len(y))
    train, val = order[500:], order[:500]
    X = torch.tensor((X - X[train].mean()) / X[train].std(), dtype=torch.float32)
    y = torch.tensor(y.astype(np.int64))
    return X[train], y[train], X[val], y[val]


def batches(X, y, size, generator=None):
    """Return a list of batches, shuffled when a generator is given."""
    order = torch.arange(len(y)) if generator is None else torch.randperm(len(y), generator=generator)
    return [(X[part], y[part]) for part in order.split(size)]


def climb_ladder():
    """Return the first loss, the gradient check, and the curve of overfitting 50 examples."""
    torch.manual_seed(0)
    X, y, _, _ = load_images()
    model = SmallConvNet(X.shape[1], 10).to(device).eval()
    with torch.no_grad():
        first_loss = nn.functional.cross_entropy(model(X[:500].to(device)), y[:500].to(device)).item()
    tiny = SmallConvNet(1, 3, width=2).double().eval()
    images = torch.randn(2, 1, 4, 4, dtype=torch.float64, requires_grad=True)
    correct = torch.autograd.gradcheck(lambda x: nn.functional.cross_entropy(tiny(x), torch.tensor([0, 2])), images, raise_exception=False)

    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    generator = torch.Generator().manual_seed(1)
    losses = [train_epoch(model, batches(X[:50], y[:50], 10, generator), optimizer, device) for _ in range(20)]
    accuracy = evaluate(model, batches(X[:50], y[:50], 50), device)
    return {"first_loss": first_loss, "correct": bool(correct), "losses": np.array(losses), "accuracy": accuracy}


NETWORK = ["VGGBlock", "ResidualBlock", "train_epoch"]
ladder = milestone("sanity_ladder", climb_ladder, needs=NETWORK)
print(f"1. first loss {ladder['first_loss']:.3f}, expected about log 10 = {np.log(10):.3f}")
print("2. gradient check:", "passed" if ladder["correct"] else "failed")
print(f"3. accuracy on the 50 examples: {ladder['accuracy']:.0%}")
assert abs(ladder["first_loss"] - np.log(10)) < 0.3 and ladder["correct"] and ladder["accuracy"] == 1.0
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(np.arange(1, 21), ladder["losses"], color=BLUE)
ax.set_xticks([1, 5, 10, 15, 20])
ax.axhline(np.log(10), color=GREY, linestyle=":", label="log 10")
ax.set(xlabel="epoch", ylabel="loss", title="The network learns 50 images by heart", ylim=(0, None))
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Milestone: reading digits


# %% tags=["milestone"]
EPOCHS = 15


def train_digits():
    """Train a small convolutional network; return its curves, predictions, filters and feature maps."""
    torch.manual_seed(0)
    X, y, X_val, y_val = load_images()
    model = SmallConvNet(X.shape[1], 10).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    generator = torch.Generator().manual_seed(1)
    losses, train_accuracy, val_accuracy = [], [], []
    for _ in range(EPOCHS):
        losses.append(train_epoch(model, batches(X, y, 64, generator), optimizer, device))
        schedule.step()
        train_accuracy.append(evaluate(model, batches(X, y, 500), device))
        val_accuracy.append(evaluate(model, batches(X_val, y_val, 500), device))

    first = next(part for part in model.modules() if isinstance(part, nn.Conv2d))
    maps = {}
    handles = [
        part.register_forward_hook(lambda part, _, out, k=k: maps.update({k: out.cpu().numpy()}))
        for k, part in enumerate(part for part in model.modules() if isinstance(part, nn.Conv2d))
    ]
    with torch.no_grad():
        scores = model.eval()(X_val.to(device)).cpu()
    for handle in handles:
        handle.remove()
    chosen = [int(np.flatnonzero(y_val.numpy() == label)[0]) for label in (0, 3, 7)]
    return {
        "losses": np.array(losses),
        "train_accuracy": np.array(train_accuracy),
        "val_accuracy": np.array(val_accuracy),
        "predictions": scores.argmax(dim=1).numpy(),
        "filters": first.weight.detach().cpu().numpy()[:, 0],
        "images": X_val[chosen, 0].numpy(),
        "maps1": np.maximum(maps[0][chosen][:, :8], 0),
        "maps2": np.maximum(maps[1][chosen][:, :8], 0),
        "parameters": sum(p.numel() for p in model.parameters()),
    }


history = milestone("digits_training", train_digits, needs=NETWORK)
print(f"{history['parameters']} parameters; validation accuracy {history['val_accuracy'][-1]:.1%}")
assert DATASET != "digits" or 0.97 <= history["val_accuracy"][-1] <= 1.0, "expected at least 97 % on the validation digits"

fig, axes = plt.subplots(1, 2, figsize=(11, 3.4))
epochs = np.arange(1, EPOCHS + 1)
axes[0].semilogy(epochs, history["losses"], color=BLUE)
axes[0].set(xlabel="epoch", ylabel="mean loss (log)", title="Training loss")
axes[1].plot(epochs, history["train_accuracy"], color=BLUE, label="training")
axes[1].plot(epochs, history["val_accuracy"], color=ORANGE, linestyle="--", label="validation")
axes[1].axhline(0.97, color=GREY, linestyle=":", label="97 %")
axes[1].set(xlabel="epoch", ylabel="accuracy", title="Accuracy after each pass over the data", ylim=(0.9, 1.005))
axes[1].legend(frameon=False, loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# A fully connected network has a weight of its own for every pixel; here nine weights look everywhere. This is what the first layer has
# learned. Compare with your hand-made filters: which of them are edges, and in which direction?

# %% tags=["demo"]
fig, axes = plt.subplots(2, 16, figsize=(13, 2.1))
for ax, filter_ in zip(axes.flat, history["filters"]):
    limit = np.abs(filter_).max()
    ax.imshow(filter_, cmap="PuOr", vmin=-limit, vmax=limit)
    ax.axis("off")
fig.suptitle("The 32 filters (3×3) of the first layer: purple is positive, orange negative")
plt.show()

# %% [markdown]
# And what the layers see: three images, eight feature maps of the first convolution and eight of the second, after ReLU.

# %% tags=["demo"]
fig, axes = plt.subplots(3, 18, figsize=(14, 2.9), width_ratios=[1.4, *[1] * 8, 0.3, *[1] * 8])
for row, image, first, second in zip(axes, history["images"], history["maps1"], history["maps2"]):
    row[0].imshow(image, cmap="gray_r")
    for ax, picture in zip((*row[1:9], *row[10:]), (*first, *second)):
        ax.imshow(picture, cmap="Blues")
for ax in axes.flat:
    ax.axis("off")
axes[0, 4].set_title("first convolution", fontsize=11)
axes[0, 13].set_title("second convolution", fontsize=11)
axes[0, 0].set_title("image", fontsize=11)
plt.show()

# %% [markdown]
# Which images does it still misread?

# %% tags=["demo"]
_, _, X_val, y_val = load_images()
wrong = np.flatnonzero(history["predictions"] != y_val.numpy())
print(f"{len(wrong)} of {len(y_val)} are wrong")
fig, axes = plt.subplots(1, 8, figsize=(11, 2.2))
for ax in axes:
    ax.axis("off")
for ax, i in zip(axes, wrong):
    ax.imshow(X_val[i, 0], cmap="gray_r")
    ax.set_title(f"read {history['predictions'][i]}, is {y_val[i]}", fontsize=10)
fig.suptitle("Validation images that the network misreads (at most eight)")
plt.show()

# %% [markdown]
# ## Milestone: how fast?
#
# Convolutions are what GPUs were made for. The cell trains a wider network on generated 32×32 colour images and counts images per second. On
# a GPU it uses mixed precision (`autocast`: products in 16 bits, sums in 32) and puts the channels last in memory, which its hardware
# prefers.


# %% tags=["milestone"]
def images_per_second(where, count, size):
    """Return how many images per second one epoch of training handles."""
    torch.manual_seed(0)
    gpu = where.type == "cuda"
    layout = torch.channels_last if gpu else torch.contiguous_format
    model = SmallConvNet(3, 10, width=64).to(where, memory_format=layout)
    X = torch.randn(count, 3, 32, 32).to(where, memory_format=layout)
    y = torch.randint(10, (count,)).to(where)
    loader = [(X[k : k + size], y[k : k + size]) for k in range(0, count, size)]
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    best = np.inf
    for _ in range(3 if gpu else 2):  # the first epoch warms up
        started = time.perf_counter()
        with torch.autocast(where.type, dtype=torch.bfloat16, enabled=gpu):
            train_epoch(model, loader, optimizer, where)
        if gpu:
            torch.cuda.synchronize()
        best = min(best, time.perf_counter() - started)
    return count / best


def measure_speed():
    """Return images per second on the CPU and, if there is one, on the GPU."""
    cpu = images_per_second(torch.device("cpu"), 128, 64)
    return {"cpu": cpu, "gpu": images_per_second(device, 16384, 1024) if device.type == "cuda" else 0.0}


throughput = milestone("throughput", measure_speed, needs=NETWORK)
print(f"CPU: {throughput['cpu']:.0f} images per second")
if throughput["gpu"]:
    print(f"GPU: {throughput['gpu']:.0f} images per second, {throughput['gpu'] / throughput['cpu']:.0f} times faster")
else:
    print("no GPU here")

# %% [markdown]
# You have built everything from a sliding window to a residual network, and know what each part costs and what it sends back. The next unit
# slides along time instead of space.
