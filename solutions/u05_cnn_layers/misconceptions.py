"""Wrong answers to u05_cnn_layers that people give, each with the hint they read."""

from autograder.authoring.variants import Misconception

SIZES = (
    Misconception(
        id="size_one_sided_padding",
        exercise="conv_out_size",
        hint="With padding your size is too small: P zeros are added at each of the two ends, so 2P in all.",
        edits=(("2 * P", "P"),),
    ),
    Misconception(
        id="size_forgets_one",
        exercise="conv_out_size",
        hint="Your size is one too small everywhere: a filter that fills the whole input has one place, not none.",
        edits=((" // S + 1", " // S"),),
    ),
    Misconception(
        id="size_rounds_up",
        exercise="conv_out_size",
        hint="Where the stride does not divide the way you are one too large: there the last place would stick out of the image. Round down.",
        edits=(("(W - F + 2 * P) // S + 1", "-(-(W - F + 2 * P) // S) + 1"),),
    ),
    Misconception(
        id="size_float",
        exercise="conv_out_size",
        hint="Your size is not an integer: `/` divides to a float, and a fraction of a place does not exist. Use `//`.",
        edits=(("//", "/"),),
    ),
    Misconception(
        id="size_one_before_stride",
        exercise="conv_out_size",
        hint="You divide W − F + 2P + 1 by the stride. The + 1 counts the first place and comes after the division.",
        edits=(("(W - F + 2 * P) // S + 1", "(W - F + 2 * P + 1) // S"),),
    ),
    Misconception(
        id="size_stride_ignored",
        exercise="conv_out_size",
        hint="Your size is right for stride 1 only: divide the way that the filter can go by the stride.",
        edits=((" // S", ""),),
    ),
    Misconception(
        id="size_rounds_to_nearest",
        exercise="conv_out_size",
        hint="Where the stride does not divide the way you round to the nearest integer. The rest is lost, however large: round down.",
        edits=(("(W - F + 2 * P) // S + 1", "round((W - F + 2 * P) / S) + 1"),),
    ),
)

PADDING = (
    Misconception(
        id="pad_one_sided",
        exercise="zero_pad",
        hint="You pad at the top and left only: the image grew by `pad`, not by 2·pad, in both directions.",
        edits=(("H + 2 * pad, W + 2 * pad", "H + pad, W + pad"),),
    ),
    Misconception(
        id="pad_all_axes",
        exercise="zero_pad",
        hint="You also pad between images and channels: N and C grew. Only the last two axes get zeros.",
        source="""
def zero_pad(x, pad):
    return np.pad(x, pad)
""",
    ),
    Misconception(
        id="pad_edge",
        exercise="zero_pad",
        hint="Your border repeats the pixels at the edge; it should be zeros.",
        source="""
def zero_pad(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="edge")
""",
    ),
    Misconception(
        id="pad_reflect",
        exercise="zero_pad",
        hint="Your border mirrors the image; it should be zeros.",
        source="""
def zero_pad(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="symmetric")
""",
    ),
    Misconception(
        id="pad_returns_x",
        exercise="zero_pad",
        hint="For pad = 0 you return x itself, not a new array: whoever writes into the result then changes the image. Return a copy.",
        edits=(("    N, C, H, W = x.shape\n", "    if pad == 0:\n        return x\n    N, C, H, W = x.shape\n"),),
    ),
    Misconception(
        id="pad_negative_slice",
        exercise="zero_pad",
        hint="For pad = 0 your code fails: the slice `[0:-0]` is empty. Write `[pad : pad + H]`.",
        edits=(("pad : pad + H, pad : pad + W", "pad:-pad, pad:-pad"),),
    ),
    Misconception(
        id="pad_corner",
        exercise="zero_pad",
        hint="The size is right, but the image sits in the top left corner: it starts at row `pad` and column `pad`.",
        edits=(("padded[:, :, pad : pad + H, pad : pad + W] = x", "padded[:, :, :H, :W] = x"),),
    ),
    Misconception(
        id="pad_height_only",
        exercise="zero_pad",
        hint="Only one of the two directions is padded: rows and columns both get zeros.",
        source="""
def zero_pad(x, pad):
    return np.pad(x, [(0, 0), (0, 0), (pad, pad), (0, 0)])
""",
    ),
    Misconception(
        id="pad_channels_last",
        exercise="zero_pad",
        hint="You pad the second and the third axis. Here channels come second: rows and columns are the last two axes.",
        source="""
def zero_pad(x, pad):
    return np.pad(x, [(0, 0), (pad, pad), (pad, pad), (0, 0)])
""",
    ),
    Misconception(
        id="pad_once_in_total",
        exercise="zero_pad",
        hint="Your padding is half as wide as it should be: `pad` rows at the top *and* `pad` at the bottom, not `pad` in all.",
        source="""
def zero_pad(x, pad):
    before, after = pad // 2, pad - pad // 2
    return np.pad(x, [(0, 0), (0, 0), (before, after), (before, after)])
""",
    ),
    Misconception(
        id="pad_ones",
        exercise="zero_pad",
        hint="Your border is not zero: `np.ones` (or `np.empty`) makes the frame where `np.zeros` should.",
        edits=(("np.zeros(", "np.ones("),),
    ),
)

CONV_FORWARD = (
    Misconception(
        id="conv_flipped",
        exercise="conv_forward_naive",
        hint="You flip the filter (np.convolve and scipy's convolve do). In deep learning it is laid over the window as it is.",
        edits=(("window * w[f]", "window * w[f, :, ::-1, ::-1]"),),
    ),
    Misconception(
        id="conv_transposed_filter",
        exercise="conv_forward_naive",
        hint="Rows and columns of the filter are exchanged: entry (p, q) of the filter meets entry (p, q) of the window.",
        edits=(("top + HH, left : left + WW]  # (N, C, HH, WW)", "top + WW, left : left + HH].swapaxes(2, 3)"),),
    ),
    Misconception(
        id="conv_width_from_height",
        exercise="conv_forward_naive",
        hint="Images that are not square come out wrong: the output's width is computed from H. It follows from W and WW.",
        edits=(("conv_out_size(W, WW, stride, pad)", "conv_out_size(H, WW, stride, pad)"),),
    ),
    Misconception(
        id="conv_width_from_filter_height",
        exercise="conv_forward_naive",
        hint="Filters that are not square give a wrong size: the output's width is computed from HH. It follows from W and WW.",
        edits=(("conv_out_size(W, WW, stride, pad)", "conv_out_size(W, HH, stride, pad)"),),
    ),
    Misconception(
        id="conv_filter_sizes_swapped",
        exercise="conv_forward_naive",
        hint="HH and WW have changed places: the shape of w is (F, C, HH, WW), height before width.",
        edits=(("F, C, HH, WW = w.shape", "F, C, WW, HH = w.shape"),),
    ),
    Misconception(
        id="conv_stride_ignored",
        exercise="conv_forward_naive",
        hint="The size follows the stride, but the windows do not: the window of output (i, j) starts at row i·stride and column j·stride.",
        edits=(("top, left = i * stride, j * stride", "top, left = i, j"),),
    ),
    Misconception(
        id="conv_stride_missing",
        exercise="conv_forward_naive",
        hint="Your convolution always has stride 1: neither the size of the output nor the windows follow `stride`.",
        edits=(('stride, pad = conv_param["stride"], conv_param["pad"]', 'stride, pad = 1, conv_param["pad"]'),),
    ),
    Misconception(
        id="conv_stride_rows_only",
        exercise="conv_forward_naive",
        hint="The stride applies to both directions: your columns still go on by one pixel.",
        edits=(("top, left = i * stride, j * stride", "top, left = i * stride, j"),),
    ),
    Misconception(
        id="conv_no_padding",
        exercise="conv_forward_naive",
        hint="`pad` has no effect: your output has the size for pad = 0. Pad x first, and count the places with the padding.",
        edits=(('stride, pad = conv_param["stride"], conv_param["pad"]', 'stride, pad = conv_param["stride"], 0'),),
    ),
    Misconception(
        id="conv_no_bias",
        exercise="conv_forward_naive",
        hint="Each output misses its bias: add b[f] to every number of map f.",
        edits=((" + b[f]", ""),),
    ),
    Misconception(
        id="conv_bias_per_pixel",
        exercise="conv_forward_naive",
        hint="You add the bias before summing, so it counts once for every entry of the window. It is added once per output number.",
        edits=(("np.sum(window * w[f], axis=(1, 2, 3)) + b[f]", "np.sum(window * w[f] + b[f], axis=(1, 2, 3))"),),
    ),
    Misconception(
        id="conv_first_channel",
        exercise="conv_forward_naive",
        hint="Only the first channel counts in your output: the sum runs over all channels of the window.",
        edits=(("np.sum(window * w[f], axis=(1, 2, 3))", "np.sum((window * w[f])[:, 0], axis=(1, 2))"),),
    ),
    Misconception(
        id="conv_mean",
        exercise="conv_forward_naive",
        hint="Your numbers are too small by the number of entries in a window: add up, do not average.",
        edits=(("np.sum(window", "np.mean(window"),),
    ),
    Misconception(
        id="conv_sum_over_batch",
        exercise="conv_forward_naive",
        hint="All images of a batch get the same output: you sum over the images too. Sum over channel, row and column only.",
        edits=(("axis=(1, 2, 3)", "axis=None"),),
    ),
    Misconception(
        id="conv_one_filter",
        exercise="conv_forward_naive",
        hint="All your output maps are equal: map f belongs to filter w[f].",
        edits=(("window * w[f]", "window * w[0]"),),
    ),
    Misconception(
        id="conv_ragged_up",
        exercise="conv_forward_naive",
        hint="Where the stride does not divide the way you have one row or column too many, made from an incomplete window. Round the size down.",
        source="""
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    padded = zero_pad(x, pad)
    OH, OW = -(-(H - HH + 2 * pad) // stride) + 1, -(-(W - WW + 2 * pad) // stride) + 1
    out = np.zeros((N, F, OH, OW))
    for i in range(OH):
        for j in range(OW):
            window = padded[:, :, i * stride : i * stride + HH, j * stride : j * stride + WW]
            for f in range(F):
                out[:, f, i, j] = np.sum(window * w[f, :, : window.shape[2], : window.shape[3]], axis=(1, 2, 3)) + b[f]
    return out, (x, w, b, conv_param)
""",
    ),
    Misconception(
        id="conv_pads_with_edge",
        exercise="conv_forward_naive",
        hint="Near the border your numbers are wrong: the image is continued by repeating its edge. The padding is zeros.",
        edits=(("padded = zero_pad(x, pad)", 'padded = np.pad(x, [(0, 0), (0, 0), (pad, pad), (pad, pad)], mode="edge")'),),
    ),
    Misconception(
        id="conv_maps_last",
        exercise="conv_forward_naive",
        hint="The axes of your output are in the order N, OH, OW, F. The maps come second: (N, F, OH, OW).",
        edits=(("return out, ", "return out.transpose(0, 2, 3, 1), "),),
    ),
    Misconception(
        id="conv_x_mutated",
        exercise="conv_forward_naive",
        hint="The output is right, but x is changed: you write into the caller's array. Make a new one.",
        edits=(("padded = zero_pad(x, pad)", "padded = zero_pad(x, pad)\n    x *= 0.5"),),
    ),
)

FILTERS = (
    Misconception(
        id="filters_directions_swapped",
        exercise="edge_filters",
        hint="Filters 0 and 1 have changed places: a *vertical* edge separates left from right, so filter 0 compares columns.",
        edits=(("[vertical, vertical.T,", "[vertical.T, vertical,"),),
    ),
    Misconception(
        id="filters_sign",
        exercise="edge_filters",
        hint="Filters 0 and 1 answer with the wrong sign: positive means that the left (or the top) is the brighter side, and the filter is not flipped.",
        edits=(("[1.0, 0.0, -1.0]", "[-1.0, 0.0, 1.0]"),),
    ),
    Misconception(
        id="filters_blur_sum",
        exercise="edge_filters",
        hint="Filter 2 makes the picture nine times brighter: the mean divides the sum by nine.",
        edits=(("np.full((3, 3), 1.0 / 9.0)", "np.ones((3, 3))"),),
    ),
    Misconception(
        id="filters_blur_gaussian",
        exercise="edge_filters",
        hint="Filter 2 gives the middle pixel more weight than the others: that is a blur too, but the mean weighs all nine alike.",
        edits=(("np.full((3, 3), 1.0 / 9.0)", "np.outer([1.0, 2.0, 1.0], [1.0, 2.0, 1.0]) / 16.0"),),
    ),
    Misconception(
        id="filters_spot_sum",
        exercise="edge_filters",
        hint="Filter 3 answers on flat areas: its nine numbers must sum to 0.",
        edits=(("[-1.0, 4.0, -1.0]", "[-1.0, 5.0, -1.0]"),),
    ),
    Misconception(
        id="filters_spot_sign",
        exercise="edge_filters",
        hint="Filter 3 is negative on a bright spot: turn its sign around.",
        edits=(("[[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]]", "[[0.0, 1.0, 0.0], [1.0, -4.0, 1.0], [0.0, 1.0, 0.0]]"),),
    ),
    Misconception(
        id="filters_spot_one_direction",
        exercise="edge_filters",
        hint="Filter 3 compares the pixel with its left and right neighbours only: turning the picture changes its answer.",
        edits=(("[[0.0, -1.0, 0.0], [-1.0, 4.0, -1.0], [0.0, -1.0, 0.0]]", "[[0.0, 0.0, 0.0], [-1.0, 2.0, -1.0], [0.0, 0.0, 0.0]]"),),
    ),
    Misconception(
        id="filters_one_sided",
        exercise="edge_filters",
        hint="Filters 0 and 1 do not sum to 0, so they answer on flat areas too.",
        edits=(("[1.0, 0.0, -1.0]", "[2.0, 0.0, -1.0]"),),
    ),
    Misconception(
        id="filters_half_width",
        exercise="edge_filters",
        hint="Filters 0 and 1 miss edges in one half of the window: compare the left column with the right one, not with the middle.",
        edits=(("[1.0, 0.0, -1.0]", "[1.0, -1.0, 0.0]"),),
    ),
    Misconception(
        id="filters_no_channel_axis",
        exercise="edge_filters",
        hint="Your filters have the shape (4, 3, 3): the axis of the one channel is missing, (4, 1, 3, 3).",
        edits=(("[:, None]", ""),),
    ),
)

CONV_BACKWARD = (
    Misconception(
        id="conv_dx_overwritten",
        exercise="conv_backward_naive",
        hint="Your dx keeps the contribution of the last window only. Windows overlap: add (`+=`).",
        edits=(("dpadded[:, :, rows, columns] += d * w[f]", "dpadded[:, :, rows, columns] = d * w[f]"),),
    ),
    Misconception(
        id="conv_dw_overwritten",
        exercise="conv_backward_naive",
        hint="Your dw knows the last place only. The same filter is used at every place: add (`+=`).",
        edits=(("dw[f] += ", "dw[f] = "),),
    ),
    Misconception(
        id="conv_dw_stride_ignored",
        exercise="conv_backward_naive",
        hint="Your dw multiplies with the wrong windows when the stride is not 1: the window of (i, j) starts at i·stride, j·stride.",
        edits=(("d * padded[:, :, rows, columns]", "d * padded[:, :, i : i + HH, j : j + WW]"),),
    ),
    Misconception(
        id="conv_dx_stride_ignored",
        exercise="conv_backward_naive",
        hint="Your dx adds to the wrong windows when the stride is not 1: the window of (i, j) starts at i·stride, j·stride.",
        edits=(("dpadded[:, :, rows, columns] += ", "dpadded[:, :, i : i + HH, j : j + WW] += "),),
    ),
    Misconception(
        id="conv_db_averaged",
        exercise="conv_backward_naive",
        hint="Your db is too small by the number of images and places: the bias is added everywhere, so its gradients add up.",
        edits=(("dout.sum(axis=(0, 2, 3))", "dout.mean(axis=(0, 2, 3))"),),
    ),
    Misconception(
        id="conv_db_batch_averaged",
        exercise="conv_backward_naive",
        hint="Your db is N times too small: the average over the batch, if there is one, is already in dout.",
        edits=(("dout.sum(axis=(0, 2, 3))", "dout.sum(axis=(0, 2, 3)) / N"),),
    ),
    Misconception(
        id="conv_dw_batch_averaged",
        exercise="conv_backward_naive",
        hint="Your dw is N times too small: sum over the images, do not average.",
        edits=(("np.sum(d * padded", "np.mean(d * padded"),),
    ),
    Misconception(
        id="conv_db_one_place",
        exercise="conv_backward_naive",
        hint="Your db still has the places in it: sum over images, rows and columns, so that its shape is (F,).",
        edits=(("dout.sum(axis=(0, 2, 3))", "dout.sum(axis=0)"),),
    ),
    Misconception(
        id="conv_db_column",
        exercise="conv_backward_naive",
        hint="Your db has the shape (F, 1): it needs the shape of b, (F,).",
        edits=(("dout.sum(axis=(0, 2, 3))", "dout.sum(axis=(0, 2, 3)).reshape(-1, 1)"),),
    ),
    Misconception(
        id="conv_dx_not_cut",
        exercise="conv_backward_naive",
        hint="Your dx still has the padding around it: cut it to the shape of x.",
        edits=(("dx = dpadded[:, :, pad : pad + H, pad : pad + W]", "dx = dpadded"),),
    ),
    Misconception(
        id="conv_dx_cut_at_start",
        exercise="conv_backward_naive",
        hint="Your dx has the right shape but is shifted: `[:H, :W]` keeps the padding at the top left and drops pixels at the bottom right.",
        edits=(("dpadded[:, :, pad : pad + H, pad : pad + W]", "dpadded[:, :, :H, :W]"),),
    ),
    Misconception(
        id="conv_dx_cut_one",
        exercise="conv_backward_naive",
        hint="You cut exactly one pixel off at each side: right for pad = 1 only.",
        edits=(("dpadded[:, :, pad : pad + H, pad : pad + W]", "dpadded[:, :, 1:-1, 1:-1]"),),
    ),
    Misconception(
        id="conv_dx_cut_negative",
        exercise="conv_backward_naive",
        hint="For pad = 0 your dx is empty: `[pad:-pad]` means `[0:0]` there. Write `[pad : pad + H]`.",
        edits=(("dpadded[:, :, pad : pad + H, pad : pad + W]", "dpadded[:, :, pad:-pad, pad:-pad]"),),
    ),
    Misconception(
        id="conv_dx_cut_swapped",
        exercise="conv_backward_naive",
        hint="For images that are not square your dx is cut wrongly: rows are counted by H, columns by W.",
        edits=(("pad : pad + H, pad : pad + W]", "pad : pad + W, pad : pad + H]"),),
    ),
    Misconception(
        id="conv_dx_flipped",
        exercise="conv_backward_naive",
        hint='You flip the filter in dx. The formula "convolve with the flipped filter" is about sliding over dout; here each window simply gets d·w.',
        edits=(("+= d * w[f]", "+= d * w[f, :, ::-1, ::-1]"),),
    ),
    Misconception(
        id="conv_dw_without_padding",
        exercise="conv_backward_naive",
        hint="Your dw looks at the image without its padding, so windows are displaced. Use the padded image, as in the forward pass.",
        edits=(("padded = zero_pad(x, pad)", "padded = np.pad(x, [(0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)])"),),
    ),
    Misconception(
        id="conv_dx_one_filter",
        exercise="conv_backward_naive",
        hint="Your dx hears from one filter only: every pixel is used by all F filters, and their gradients add up.",
        edits=(("+= d * w[f]", "+= (d * w[f] if f == 0 else 0.0)"),),
    ),
    Misconception(
        id="conv_grads_order",
        exercise="conv_backward_naive",
        hint="dw and dx have changed places in your return: the order is dx, dw, db.",
        edits=(("return dx, dw, db", "return dw, dx, db"),),
    ),
    Misconception(
        id="conv_dout_mutated",
        exercise="conv_backward_naive",
        hint="A second call gives other numbers: you change dout, which belongs to the caller.",
        edits=(("return dx, dw, db", "dout *= 0.5\n    return dx, dw, db"),),
    ),
)

POOLING = (
    Misconception(
        id="pool_stride_is_size",
        exercise="max_pool_forward_naive",
        hint="You step by the size of the window. `stride` is a number of its own: with a smaller one windows overlap.",
        edits=(
            (
                '    PH, PW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]\n    N, C, H, W = x.shape',
                '    PH, PW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["pool_height"]\n    N, C, H, W = x.shape',
            ),
        ),
    ),
    Misconception(
        id="pool_starts_at_zero",
        exercise="max_pool_forward_naive",
        hint="Windows of negative numbers give 0: your running maximum starts at 0. Start from the window's own entries.",
        edits=((".max(axis=(2, 3))", ".max(axis=(2, 3), initial=0.0)"),),
    ),
    Misconception(
        id="pool_mean",
        exercise="max_pool_forward_naive",
        hint="You average each window; asked for is the maximum.",
        edits=((".max(axis=(2, 3))", ".mean(axis=(2, 3))"),),
    ),
    Misconception(
        id="pool_across_channels",
        exercise="max_pool_forward_naive",
        hint="All channels have the same output: you take the maximum over the channels too. Each channel is pooled by itself.",
        edits=((".max(axis=(2, 3))", ".max(axis=(1, 2, 3))[:, None]"),),
    ),
    Misconception(
        id="pool_sizes_swapped",
        exercise="max_pool_forward_naive",
        hint="pool_height and pool_width have changed places: rows come first.",
        edits=(
            (
                '    PH, PW, stride = pool_param["pool_height"], pool_param["pool_width"], pool_param["stride"]\n    N, C, H, W = x.shape',
                '    PH, PW, stride = pool_param["pool_width"], pool_param["pool_height"], pool_param["stride"]\n    N, C, H, W = x.shape',
            ),
        ),
    ),
    Misconception(
        id="pool_width_from_height",
        exercise="max_pool_forward_naive",
        hint="Images that are not square come out wrong: the output's width is computed from H.",
        edits=(("conv_out_size(W, PW, stride, 0)", "conv_out_size(H, PW, stride, 0)"),),
    ),
    Misconception(
        id="pool_no_stride",
        exercise="max_pool_forward_naive",
        hint="The size follows the stride, but the windows do not: the window of output (i, j) starts at row i·stride and column j·stride.",
        edits=(("            top, left = i * stride, j * stride\n            out[", "            top, left = i, j\n            out["),),
    ),
    Misconception(
        id="pool_floor_division_of_size",
        exercise="max_pool_forward_naive",
        hint="Your output size is H divided by the stride. That fits only when windows do not overlap and cover everything; use the formula of exercise 1.",
        edits=(("OH, OW = conv_out_size(H, PH, stride, 0), conv_out_size(W, PW, stride, 0)", "OH, OW = H // stride, W // stride"),),
    ),
    Misconception(
        id="pool_dx_overwritten",
        exercise="max_pool_forward_naive",
        hint="Where windows overlap your dx keeps one gradient and loses the others: an entry that wins twice gets the sum (`+=`).",
        edits=(("dx[n, c, top + p, left + q] += ", "dx[n, c, top + p, left + q] = "),),
    ),
    Misconception(
        id="pool_maximum_taken_out",
        exercise="max_pool_forward_naive",
        hint="You overwrite each maximum in x once it has its gradient. The window is a view into the cache: an overlapping window, or a second call, then finds another maximum.",
        edits=(("dx[n, c, top + p, left + q] += dout[n, c, i, j]", "dx[n, c, top + p, left + q] += dout[n, c, i, j]\n        window[p, q] = -np.inf"),),
    ),
    Misconception(
        id="pool_ties_duplicated",
        exercise="max_pool_forward_naive",
        hint="On ties you give every maximum the whole gradient: `window == window.max()` is true several times. Only the first one gets it.",
        edits=(
            (
                "        p, q = np.unravel_index(np.argmax(window), window.shape)\n        dx[n, c, top + p, left + q] += dout[n, c, i, j]",
                "        dx[n, c, top : top + PH, left : left + PW] += (window == window.max()) * dout[n, c, i, j]",
            ),
        ),
    ),
    Misconception(
        id="pool_ties_shared",
        exercise="max_pool_forward_naive",
        hint="On ties you share the gradient among all maxima. A possible convention, but here the first one gets everything.",
        edits=(
            (
                "        p, q = np.unravel_index(np.argmax(window), window.shape)\n        dx[n, c, top + p, left + q] += dout[n, c, i, j]",
                "        best = window == window.max()\n        dx[n, c, top : top + PH, left : left + PW] += best * dout[n, c, i, j] / best.sum()",
            ),
        ),
    ),
    Misconception(
        id="pool_ties_last",
        exercise="max_pool_forward_naive",
        hint="On ties the last maximum gets your gradient; the convention is the first one in row-major order.",
        edits=(("np.unravel_index(np.argmax(window), window.shape)", "np.argwhere(window == window.max())[-1]"),),
    ),
    Misconception(
        id="pool_ties_column_major",
        exercise="max_pool_forward_naive",
        hint="On ties you take the first maximum going down the columns; row-major order goes along the rows first.",
        edits=(("np.unravel_index(np.argmax(window), window.shape)", "np.unravel_index(np.argmax(window.T), window.T.shape)[::-1]"),),
    ),
    Misconception(
        id="pool_nearly_equal",
        exercise="max_pool_forward_naive",
        hint="You take nearly equal numbers for equal, and the gradient goes to the wrong one. argmax finds the largest, however small its lead.",
        edits=(("np.unravel_index(np.argmax(window), window.shape)", "np.argwhere(np.isclose(window, window.max()))[0]"),),
    ),
    Misconception(
        id="pool_dx_spread",
        exercise="max_pool_forward_naive",
        hint="You spread the gradient over the whole window: that is average pooling. Only the maximum gets it.",
        edits=(
            (
                "dx[n, c, top + p, left + q] += dout[n, c, i, j]",
                "dx[n, c, top : top + PH, left : left + PW] += dout[n, c, i, j] / (PH * PW)",
            ),
        ),
    ),
    Misconception(
        id="pool_dx_stride_ignored",
        exercise="max_pool_forward_naive",
        hint="Forward is right, but your backward pass looks at other windows: they start at i·stride, j·stride there too.",
        edits=(("        top, left = i * stride, j * stride\n        window", "        top, left = i, j\n        window"),),
    ),
    Misconception(
        id="pool_dx_not_offset",
        exercise="max_pool_forward_naive",
        hint="All gradients land in the top left corner: argmax gives a place *inside* the window; add the window's own corner.",
        edits=(("dx[n, c, top + p, left + q]", "dx[n, c, p, q]"),),
    ),
    Misconception(
        id="pool_dx_times_max",
        exercise="max_pool_forward_naive",
        hint="You multiply the gradient by the maximum. The edge from the winner to the output has factor 1.",
        edits=(("+= dout[n, c, i, j]", "+= dout[n, c, i, j] * window.max()"),),
    ),
    Misconception(
        id="pool_x_mutated",
        exercise="max_pool_forward_naive",
        hint="The output is right, but you change x while pooling. Work on a copy.",
        edits=(("    return out, (x, pool_param)", "    x -= x.max()\n    return out, (x, pool_param)"),),
    ),
)

IM2COL = (
    Misconception(
        id="im2col_channels_last",
        exercise="im2col",
        hint="The columns are in the order row, column, channel. They should begin with the channel, as in `w.reshape(F, -1)`.",
        edits=(("return cols.reshape(N * OH * OW, C * HH * WW)", "return cols.transpose(0, 1, 2, 4, 5, 3).reshape(N * OH * OW, -1)"),),
    ),
    Misconception(
        id="im2col_rows_by_place",
        exercise="im2col",
        hint="Your rows are ordered by place first and image last; asked for is image by image.",
        edits=(("return cols.reshape(N * OH * OW, C * HH * WW)", "return cols.transpose(1, 2, 0, 3, 4, 5).reshape(N * OH * OW, -1)"),),
    ),
    Misconception(
        id="im2col_view_for_permute",
        exercise="im2col",
        hint="im2col is a plain reshape in your code: it cuts the sequence of numbers into rows but does not gather windows. Move the axes before you reshape.",
        edits=(("cols[:, :, :, :, p, q] = entry.transpose(0, 2, 3, 1)", "cols[:, :, :, :, p, q] = entry.reshape(N, OH, OW, C)"),),
    ),
    Misconception(
        id="im2col_stride_ignored",
        exercise="im2col",
        hint="Your windows do not follow the stride: consecutive windows are `stride` pixels apart.",
        edits=(("p : p + stride * OH : stride, q : q + stride * OW : stride]", "p : p + OH, q : q + OW]"),),
    ),
    Misconception(
        id="im2col_padding_ignored",
        exercise="im2col",
        hint="Your windows are displaced when there is padding: pad the image before cutting windows, with zeros on all sides.",
        edits=(("padded = zero_pad(x, pad)", "padded = np.pad(x, [(0, 0), (0, 0), (0, 2 * pad), (0, 2 * pad)])"),),
    ),
    Misconception(
        id="im2col_transposed",
        exercise="im2col",
        hint="Your matrix is transposed: one window per *row*.",
        edits=(
            ("return cols.reshape(N * OH * OW, C * HH * WW)", "return cols.reshape(N * OH * OW, C * HH * WW).T"),
            ("out = cols @ w.reshape(F, -1).T + b", "out = cols.T @ w.reshape(F, -1).T + b"),
        ),
    ),
    Misconception(
        id="im2col_window_transposed",
        exercise="im2col",
        hint="Each window is flattened column by column; go along its rows.",
        edits=(("cols[:, :, :, :, p, q] = ", "cols.reshape(N, OH, OW, C, WW, HH)[:, :, :, :, q, p] = "),),
    ),
    Misconception(
        id="im2col_out_reshaped",
        exercise="im2col",
        hint="The shape of out is right but the numbers are scrambled: reshaping (N·OH·OW, F) straight to (N, F, OH, OW) moves no axis. Fold to (N, OH, OW, F), then transpose.",
        edits=(("out.reshape(N, OH, OW, F).transpose(0, 3, 1, 2)", "out.reshape(N, F, OH, OW)"),),
    ),
    Misconception(
        id="im2col_out_wrong_permutation",
        exercise="im2col",
        hint="The maps come out with rows and columns exchanged: from (N, OH, OW, F) the order of axes is (0, 3, 1, 2).",
        edits=((".transpose(0, 3, 1, 2)", ".transpose(0, 3, 2, 1)"),),
    ),
    Misconception(
        id="im2col_no_bias",
        exercise="im2col",
        hint="conv_forward_im2col leaves out the bias.",
        edits=(("w.reshape(F, -1).T + b", "w.reshape(F, -1).T"),),
    ),
    Misconception(
        id="im2col_filters_reshaped",
        exercise="im2col",
        hint="The filters are reshaped to (C·HH·WW, F) directly, which mixes their weights: write one filter per row, then transpose.",
        edits=(("w.reshape(F, -1).T", "w.reshape(-1, F)"),),
    ),
    Misconception(
        id="im2col_calls_loops",
        exercise="im2col",
        hint="conv_forward_im2col calls your convolution with loops, so it cannot be faster: use im2col and one `@`.",
        edits=(
            (
                "    return out.reshape(N, OH, OW, F).transpose(0, 3, 1, 2), (cols, x.shape, w, conv_param)",
                "    return conv_forward_naive(x, w, b, conv_param)[0], None",
            ),
        ),
    ),
    Misconception(
        id="im2col_loop_over_images",
        exercise="im2col",
        hint="The numbers are right, but conv_forward_im2col loops over the images: one product does all of them.",
        edits=(
            (
                "    out = cols @ w.reshape(F, -1).T + b  # (N·OH·OW, F)",
                "    out = np.concatenate([part @ w.reshape(F, -1).T + b for part in np.split(cols, N)])",
            ),
        ),
    ),
    Misconception(
        id="im2col_loop_over_places",
        exercise="im2col",
        hint="The numbers are right, but conv_forward_im2col goes through the places one by one: one product of all rows with the filters does them all.",
        edits=(
            (
                "    out = cols @ w.reshape(F, -1).T + b  # (N·OH·OW, F)",
                "    out = np.concatenate([part @ w.reshape(F, -1).T + b for part in cols.reshape(N, OH * OW, -1).swapaxes(0, 1)])\n    out = out.reshape(OH * OW, N, F).swapaxes(0, 1)",
            ),
        ),
    ),
    Misconception(
        id="im2col_x_mutated",
        exercise="im2col",
        hint="im2col changes the caller's x. Make a new array.",
        edits=(("    padded = zero_pad(x, pad)\n", "    padded = zero_pad(x, pad)\n    x *= 0.5\n"),),
    ),
)

COL2IM = (
    Misconception(
        id="col2im_overwrites",
        exercise="col2im",
        hint="Pixels that are in several windows keep one number only: add (`+=`) instead of assigning.",
        edits=((" += entry", " = entry"),),
    ),
    Misconception(
        id="col2im_averages",
        exercise="col2im",
        hint="You divide by the number of windows: that inverts im2col. A gradient is the plain sum.",
        source="""
def col2im(cols, x_shape, HH, WW, stride, pad):
    N, C, H, W = x_shape
    OH, OW = conv_out_size(H, HH, stride, pad), conv_out_size(W, WW, stride, pad)
    blocks = cols.reshape(N, OH, OW, C, HH, WW)
    padded, count = np.zeros((2, N, C, H + 2 * pad, W + 2 * pad))
    for p in range(HH):
        for q in range(WW):
            where = (slice(None), slice(None), slice(p, p + stride * OH, stride), slice(q, q + stride * OW, stride))
            padded[where] += blocks[:, :, :, :, p, q].transpose(0, 3, 1, 2)
            count[where] += 1
    return (padded / np.maximum(count, 1))[:, :, pad : pad + H, pad : pad + W]
""",
    ),
    Misconception(
        id="col2im_not_cut",
        exercise="col2im",
        hint="Your image still has the padding around it: cut it to x_shape.",
        edits=(("return padded[:, :, pad : pad + H, pad : pad + W]", "return padded"),),
    ),
    Misconception(
        id="col2im_cut_at_start",
        exercise="col2im",
        hint="Your image is shifted: `[:H, :W]` keeps the padding at the top left. Start at `pad`.",
        edits=(("padded[:, :, pad : pad + H, pad : pad + W]", "padded[:, :, :H, :W]"),),
    ),
    Misconception(
        id="col2im_cut_negative",
        exercise="col2im",
        hint="For pad = 0 your image is empty: `[pad:-pad]` means `[0:0]` there.",
        edits=(("padded[:, :, pad : pad + H, pad : pad + W]", "padded[:, :, pad:-pad, pad:-pad]"),),
    ),
    Misconception(
        id="col2im_stride_ignored",
        exercise="col2im",
        hint="With a stride above 1 your rows land in the wrong windows: consecutive windows are `stride` pixels apart.",
        edits=(("p : p + stride * OH : stride, q : q + stride * OW : stride]", "p : p + OH, q : q + OW]"),),
    ),
    Misconception(
        id="col2im_channels_last",
        exercise="col2im",
        hint="You read the columns in the order row, column, channel; im2col wrote them channel first.",
        edits=(("blocks = cols.reshape(N, OH, OW, C, HH, WW)", "blocks = cols.reshape(N, OH, OW, HH, WW, C).transpose(0, 1, 2, 5, 3, 4)"),),
    ),
    Misconception(
        id="col2im_view_for_permute",
        exercise="col2im",
        hint="The shape is right, but the numbers are scrambled: you reshape from (N, OH, OW, C) to (N, C, OH, OW) where the axes have to be moved.",
        edits=((".transpose(0, 3, 1, 2)", ".reshape(N, C, OH, OW)"),),
    ),
    Misconception(
        id="col2im_window_transposed",
        exercise="col2im",
        hint="Each row is folded into its window column by column; im2col wrote it row by row.",
        edits=(("blocks = cols.reshape(N, OH, OW, C, HH, WW)", "blocks = cols.reshape(N, OH, OW, C, WW, HH).swapaxes(4, 5)"),),
    ),
    Misconception(
        id="col2im_rows_mutated",
        exercise="col2im",
        hint="The result is right, but you change the rows that you were given.",
        edits=(("blocks = cols.reshape", "cols *= 1.5\n    blocks = (cols / 1.5).reshape"),),
    ),
)

BATCHNORM = (
    Misconception(
        id="bn_ddof",
        exercise="batchnorm_forward",
        hint="You divide the variance by N − 1. Batch normalisation divides by N, for the output and for the running variance.",
        edits=(("x.var(axis=0)", "x.var(axis=0, ddof=1)"),),
    ),
    Misconception(
        id="bn_running_ddof",
        exercise="batchnorm_forward",
        hint="Your running variance is stored as PyTorch stores it, divided by N − 1. Here it is the batch's variance divided by N.",
        edits=(("running_var + (1 - momentum) * var", "running_var + (1 - momentum) * x.var(axis=0, ddof=1)"),),
    ),
    Misconception(
        id="bn_eps_outside",
        exercise="batchnorm_forward",
        hint="You add eps to the standard deviation. It belongs to the variance, inside the root.",
        edits=(("1.0 / np.sqrt(var + eps)", "1.0 / (np.sqrt(var) + eps)"),),
    ),
    Misconception(
        id="bn_eps_ignored",
        exercise="batchnorm_forward",
        hint="Your eps is a fixed number: use the one in bn_param.",
        edits=(('bn_param.get("eps", 1e-5)', "1e-5"),),
    ),
    Misconception(
        id="bn_momentum_ignored",
        exercise="batchnorm_forward",
        hint="Your momentum is a fixed number: use the one in bn_param.",
        edits=(('bn_param.get("momentum", 0.9)', "0.9"),),
    ),
    Misconception(
        id="bn_momentum_swapped",
        exercise="batchnorm_forward",
        hint="momentum weighs the *old* average, and 1 − momentum the new batch; yours is the other way round (as PyTorch counts).",
        edits=(
            ("momentum * running_mean + (1 - momentum) * mean", "(1 - momentum) * running_mean + momentum * mean"),
            ("momentum * running_var + (1 - momentum) * var", "(1 - momentum) * running_var + momentum * var"),
        ),
    ),
    Misconception(
        id="bn_default_momentum",
        exercise="batchnorm_forward",
        hint="Without a momentum in bn_param you take 0.1, PyTorch's number; here the default is 0.9 and weighs the old average.",
        edits=(('"momentum", 0.9', '"momentum", 0.1'),),
    ),
    Misconception(
        id="bn_default_eps",
        exercise="batchnorm_forward",
        hint="Without an eps in bn_param you take 1e-8; the default is 1e-5.",
        edits=(('"eps", 1e-5', '"eps", 1e-8'),),
    ),
    Misconception(
        id="bn_needs_settings",
        exercise="batchnorm_forward",
        hint='Your code fails where bn_param lacks `eps` or `momentum`: both are optional. Write `bn_param.get("eps", 1e-5)`.',
        edits=(('bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)', 'bn_param["eps"], bn_param["momentum"]'),),
    ),
    Misconception(
        id="bn_needs_eps",
        exercise="batchnorm_forward",
        hint='Your code fails where bn_param lacks `eps`: it is optional. Write `bn_param.get("eps", 1e-5)`.',
        edits=(('bn_param.get("eps", 1e-5)', 'bn_param["eps"]'),),
    ),
    Misconception(
        id="bn_batch_statistics_at_test",
        exercise="batchnorm_forward",
        hint="In test mode you still use the batch's own mean and variance, so the answer for one image depends on the others. Use the running averages.",
        edits=(("        mean, var = running_mean, running_var", "        mean, var = x.mean(axis=0), x.var(axis=0)"),),
    ),
    Misconception(
        id="bn_updates_at_test",
        exercise="batchnorm_forward",
        hint="Test mode changes your running averages: looking at the test data must not change the network.",
        edits=(
            (
                "        mean, var = running_mean, running_var",
                """        mean, var = running_mean, running_var
        bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * x.mean(axis=0)
        bn_param["running_var"] = momentum * running_var + (1 - momentum) * x.var(axis=0)""",
            ),
        ),
    ),
    Misconception(
        id="bn_never_stored",
        exercise="batchnorm_forward",
        hint="After training `bn_param` has no new running averages: you compute them but do not put them back into the dictionary.",
        edits=(
            ('bn_param["running_mean"] = momentum', "running_mean = momentum"),
            ('bn_param["running_var"] = momentum', "running_var = momentum"),
        ),
    ),
    Misconception(
        id="bn_running_at_train",
        exercise="batchnorm_forward",
        hint="In training you normalise with the running averages. They are for test mode; training uses the batch itself.",
        edits=(
            (
                "    r = 1.0 / np.sqrt(var + eps)",
                '    mean, var = bn_param.get("running_mean", running_mean), bn_param.get("running_var", running_var)\n    r = 1.0 / np.sqrt(var + eps)',
            ),
        ),
    ),
    Misconception(
        id="bn_running_deviation",
        exercise="batchnorm_forward",
        hint="You average the standard deviation; `running_var` is an average of variances.",
        edits=(("running_var + (1 - momentum) * var", "running_var + (1 - momentum) * np.sqrt(var)"),),
    ),
    Misconception(
        id="bn_running_in_place",
        exercise="batchnorm_forward",
        hint="The numbers are right, but you change the arrays of the old running averages in place. Somebody may still need them: put new arrays into the dictionary.",
        edits=(
            (
                'bn_param["running_mean"] = momentum * running_mean + (1 - momentum) * mean',
                'running_mean *= momentum\n        running_mean += (1 - momentum) * mean\n        bn_param["running_mean"] = running_mean',
            ),
        ),
    ),
    Misconception(
        id="bn_running_starts_with_batch",
        exercise="batchnorm_forward",
        hint="On the first batch you take its statistics as running averages. Missing ones count as zeros, so the first update gives (1 − momentum) times the batch's.",
        edits=(
            ('bn_param.get("running_mean", np.zeros(x.shape[1]))', 'bn_param.get("running_mean", x.mean(axis=0))'),
            ('bn_param.get("running_var", np.zeros(x.shape[1]))', 'bn_param.get("running_var", x.var(axis=0))'),
        ),
    ),
    Misconception(
        id="bn_running_var_ones",
        exercise="batchnorm_forward",
        hint="Your running variance starts at one (as in PyTorch). In this unit a missing average counts as zeros.",
        edits=(('bn_param.get("running_var", np.zeros(x.shape[1]))', 'bn_param.get("running_var", np.ones(x.shape[1]))'),),
    ),
    Misconception(
        id="bn_no_root",
        exercise="batchnorm_forward",
        hint="You divide by the variance: the columns then do not have variance 1. Divide by its root.",
        edits=(("1.0 / np.sqrt(var + eps)", "1.0 / (var + eps)"),),
    ),
    Misconception(
        id="bn_per_example",
        exercise="batchnorm_forward",
        hint="You normalise each example over its features: that is layer normalisation. Here each column is normalised over the batch.",
        edits=(
            (
                "        mean, var = x.mean(axis=0), x.var(axis=0)",
                "        mean, var = x.mean(axis=1, keepdims=True), x.var(axis=1, keepdims=True)",
            ),
            ("(1 - momentum) * mean", "(1 - momentum) * x.mean(axis=0)"),
            ("(1 - momentum) * var", "(1 - momentum) * x.var(axis=0)"),
        ),
    ),
    Misconception(
        id="bn_no_gamma",
        exercise="batchnorm_forward",
        hint="γ is missing from the output: x̂ is scaled by γ before β is added.",
        edits=(("return gamma * x_hat + beta", "return x_hat + beta"),),
    ),
    Misconception(
        id="bn_gamma_beta_swapped",
        exercise="batchnorm_forward",
        hint="γ and β have changed places: γ scales, β shifts.",
        edits=(("return gamma * x_hat + beta", "return beta * x_hat + gamma"),),
    ),
    Misconception(
        id="bn_variance_path_lost",
        exercise="batchnorm_forward",
        hint="The path through the variance is missing from your dx: the term with x̂ times the mean of g·x̂.",
        edits=((" - x_hat * (g * x_hat).mean(axis=0))", ")"),),
    ),
    Misconception(
        id="bn_mean_path_lost",
        exercise="batchnorm_forward",
        hint="The columns of your dx do not sum to 0: the path through the mean is missing.",
        edits=(("(g - g.mean(axis=0) - x_hat", "(g - x_hat"),),
    ),
    Misconception(
        id="bn_direct_path_only",
        exercise="batchnorm_forward",
        hint="Your dx treats mean and variance as constants. They depend on x, so two more paths lead back to it.",
        edits=(("r * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))", "r * g"),),
    ),
    Misconception(
        id="bn_sums_for_means",
        exercise="batchnorm_forward",
        hint="Two terms of your dx are N times too large: the sums over the batch are divided by N.",
        edits=(("g.mean(axis=0)", "g.sum(axis=0)"), ("(g * x_hat).mean(axis=0)", "(g * x_hat).sum(axis=0)")),
    ),
    Misconception(
        id="bn_dx_no_gamma",
        exercise="batchnorm_forward",
        hint="Your dx lacks γ: the gradient that reaches x̂ is γ·dout.",
        edits=(("g = dout * gamma", "g = dout"),),
    ),
    Misconception(
        id="bn_dx_no_scale",
        exercise="batchnorm_forward",
        hint="Your dx lacks the factor r = 1/√(v + ε) in front.",
        edits=(("dx = r * (", "dx = ("),),
    ),
    Misconception(
        id="bn_dgamma_averaged",
        exercise="batchnorm_forward",
        hint="dgamma and dbeta are N times too small: they sum over the batch, like the gradient of a bias.",
        edits=(("(dout * x_hat).sum(axis=0), dout.sum(axis=0)", "(dout * x_hat).mean(axis=0), dout.mean(axis=0)"),),
    ),
    Misconception(
        id="bn_dgamma_of_out",
        exercise="batchnorm_forward",
        hint="Your dgamma uses γ·x̂ instead of x̂: what γ multiplies is x̂ itself.",
        edits=(("(dout * x_hat).sum(axis=0),", "(g * x_hat).sum(axis=0),"),),
    ),
    Misconception(
        id="bn_dout_mutated",
        exercise="batchnorm_forward",
        hint="You multiply dout by γ in place: the caller's dout is changed, and dgamma and dbeta come from the changed one.",
        edits=(("g = dout * gamma", "g = dout\n    g *= gamma"),),
    ),
    Misconception(
        id="bn_x_mutated",
        exercise="batchnorm_forward",
        hint="Your output is right, but the forward pass subtracts the mean from the caller's x. Make a new array.",
        edits=(("x_hat = (x - mean) * r", "x -= mean\n    x_hat = x * r"),),
    ),
)

SPATIAL = (
    Misconception(
        id="spatial_view_for_permute",
        exercise="spatial_batchnorm_forward",
        hint="You reshape (N, C, H, W) straight to (·, C): the shape is right, but a column then holds pixels of many channels. Move the channel axis to the end first.",
        edits=(
            ("x.transpose(0, 2, 3, 1).reshape(-1, C)", "x.reshape(-1, C)"),
            ("out.reshape(N, H, W, C).transpose(0, 3, 1, 2)", "out.reshape(N, C, H, W)"),
        ),
    ),
    Misconception(
        id="spatial_back_reshaped",
        exercise="spatial_batchnorm_forward",
        hint="The channels are normalised, but their pixels are scrambled on the way back: fold to (N, H, W, C), then move the axis.",
        edits=(("out.reshape(N, H, W, C).transpose(0, 3, 1, 2)", "out.reshape(N, C, H, W)"),),
    ),
    Misconception(
        id="spatial_back_transposed",
        exercise="spatial_batchnorm_forward",
        hint="Rows and columns of the maps are exchanged on the way back: from (N, H, W, C) the order of axes is (0, 3, 1, 2).",
        edits=(("out.reshape(N, H, W, C).transpose(0, 3, 1, 2)", "out.reshape(N, H, W, C).transpose(0, 3, 2, 1)"),),
    ),
    Misconception(
        id="spatial_per_pixel",
        exercise="spatial_batchnorm_forward",
        hint="You normalise each place of a channel by itself, over the images only. A channel has one mean, over images and places.",
        source="""
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    wide = {k: np.repeat(v, H * W) if k.startswith("running") else v for k, v in bn_param.items()}
    out, cache = batchnorm_forward(x.reshape(N, -1), np.repeat(gamma, H * W), np.repeat(beta, H * W), wide)
    for key in ("running_mean", "running_var"):
        if key in wide:
            bn_param[key] = wide[key].reshape(C, -1).mean(axis=1)
    return out.reshape(N, C, H, W), cache
""",
    ),
    Misconception(
        id="spatial_per_image",
        exercise="spatial_batchnorm_forward",
        hint="You normalise each image by itself. A channel's mean is taken over all images of the batch.",
        source="""
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    parts = []
    for image in x:
        out, cache = batchnorm_forward(image.reshape(C, -1).T, gamma, beta, bn_param)
        parts.append(out.T.reshape(C, H, W))
    return np.stack(parts), cache
""",
    ),
    Misconception(
        id="spatial_copy_of_param",
        exercise="spatial_batchnorm_forward",
        hint="The running averages in bn_param never move: give batchnorm_forward bn_param itself, not a copy; code of your own has to store them.",
        edits=(("gamma, beta, bn_param)\n    return", "gamma, beta, dict(bn_param))\n    return"),),
    ),
    Misconception(
        id="spatial_in_place",
        exercise="spatial_batchnorm_forward",
        hint="The output is right, but x is changed: `-=` on x, or on a view of it, writes into the caller's array.",
        edits=(("    return out.reshape(", "    x -= x.mean()\n    return out.reshape("),),
    ),
    Misconception(
        id="spatial_always_train",
        exercise="spatial_batchnorm_forward",
        hint="The mode has no effect: in test mode the channels' running averages normalise, and stay as they are.",
        edits=(
            (
                "gamma, beta, bn_param)\n    return",
                'gamma, beta, bn_param)\n    if bn_param["mode"] == "test":\n        out = batchnorm_forward(rows, gamma, beta, {**bn_param, "mode": "train"})[0]\n    return',
            ),
        ),
    ),
    Misconception(
        id="spatial_spreads_to_rows",
        exercise="spatial_batchnorm_forward",
        hint="The result is still a table of rows: fold it back to (N, C, H, W).",
        edits=(("return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache", "return out, cache"),),
    ),
    Misconception(
        id="spatial_channels_last_result",
        exercise="spatial_batchnorm_forward",
        hint="Your result has the channels last; move them back to the second axis.",
        edits=((".transpose(0, 3, 1, 2), cache", ", cache"),),
    ),
)

LAYERNORM = (
    Misconception(
        id="ln_over_batch",
        exercise="layernorm_forward",
        hint="You normalise columns over the batch: that is batch normalisation. Here each row is normalised over its features.",
        edits=(
            ("x.var(axis=1, keepdims=True)", "x.var(axis=0, keepdims=True)"),
            ("x.mean(axis=1, keepdims=True)", "x.mean(axis=0, keepdims=True)"),
            ("g.mean(axis=1, keepdims=True)", "g.mean(axis=0, keepdims=True)"),
            ("(g * x_hat).mean(axis=1, keepdims=True)", "(g * x_hat).mean(axis=0, keepdims=True)"),
        ),
    ),
    Misconception(
        id="ln_whole_batch",
        exercise="layernorm_forward",
        hint="You use one mean and one variance for the whole batch. Each row has its own.",
        edits=(("x.var(axis=1, keepdims=True)", "np.full((len(x), 1), x.var())"), ("x.mean(axis=1, keepdims=True)", "x.mean()")),
    ),
    Misconception(
        id="ln_ddof",
        exercise="layernorm_forward",
        hint="You divide the variance by D − 1; divide by D.",
        edits=(("x.var(axis=1, keepdims=True)", "x.var(axis=1, keepdims=True, ddof=1)"),),
    ),
    Misconception(
        id="ln_eps_outside",
        exercise="layernorm_forward",
        hint="You add eps to the standard deviation. It belongs to the variance, inside the root.",
        edits=(("1.0 / np.sqrt(x.var(axis=1, keepdims=True) + eps)", "1.0 / (x.std(axis=1, keepdims=True) + eps)"),),
    ),
    Misconception(
        id="ln_eps_ignored",
        exercise="layernorm_forward",
        hint="Your eps is a fixed number: use the one in ln_param, and 1e-5 when there is none.",
        edits=(('ln_param.get("eps", 1e-5)', "1e-5"),),
    ),
    Misconception(
        id="ln_eps_default",
        exercise="layernorm_forward",
        hint="When eps is missing from ln_param, it is 1e-5.",
        edits=(('ln_param.get("eps", 1e-5)', 'ln_param.get("eps", 1e-2)'),),
    ),
    Misconception(
        id="ln_gamma_late",
        exercise="layernorm_forward",
        hint="Your dx applies γ at the end. γ differs within a row, so it must be in g *before* the means over the row are taken.",
        edits=(("g = dout * gamma", "g = dout"), ("dx = r * (", "dx = gamma * r * (")),
    ),
    Misconception(
        id="ln_dx_no_gamma",
        exercise="layernorm_forward",
        hint="Your dx lacks γ: the gradient that reaches x̂ is γ·dout.",
        edits=(("g = dout * gamma", "g = dout"),),
    ),
    Misconception(
        id="ln_dgamma_over_features",
        exercise="layernorm_forward",
        hint="dgamma and dbeta have one number per example: γ and β belong to the columns, so their gradients sum over the batch.",
        edits=(("(dout * x_hat).sum(axis=0), dout.sum(axis=0)", "(dout * x_hat).sum(axis=1), dout.sum(axis=1)"),),
    ),
    Misconception(
        id="ln_variance_path_lost",
        exercise="layernorm_forward",
        hint="The path through the variance is missing from your dx.",
        edits=((" - x_hat * (g * x_hat).mean(axis=1, keepdims=True))", ")"),),
    ),
    Misconception(
        id="ln_mean_path_lost",
        exercise="layernorm_forward",
        hint="The rows of your dx do not sum to 0: the path through the mean is missing.",
        edits=(("(g - g.mean(axis=1, keepdims=True) - x_hat", "(g - x_hat"),),
    ),
    Misconception(
        id="ln_dgamma_averaged",
        exercise="layernorm_forward",
        hint="dgamma and dbeta are too small: they sum over the batch.",
        edits=(("(dout * x_hat).sum(axis=0), dout.sum(axis=0)", "(dout * x_hat).mean(axis=0), dout.mean(axis=0)"),),
    ),
    Misconception(
        id="ln_dout_mutated",
        exercise="layernorm_forward",
        hint="You multiply dout by γ in place: the caller's dout is changed.",
        edits=(("g = dout * gamma", "g = dout\n    g *= gamma"),),
    ),
    Misconception(
        id="ln_x_mutated",
        exercise="layernorm_forward",
        hint="The output is right, but the forward pass changes the caller's x.",
        edits=(("x_hat = (x - x.mean(axis=1, keepdims=True)) * r", "x -= x.mean(axis=1, keepdims=True)\n    x_hat = x * r"),),
    ),
)

BLOCKS = (
    Misconception(
        id="vgg_no_padding",
        exercise="VGGBlock",
        hint="Your convolutions shrink the image: without `padding=1` a 3×3 filter takes one pixel off at each side.",
        edits=(("out_channels, 3, padding=1)", "out_channels, 3)"),),
    ),
    Misconception(
        id="vgg_no_pool",
        exercise="VGGBlock",
        hint="The image keeps its size: the 2×2 max pooling at the end is missing.",
        edits=(("        layers.append(nn.MaxPool2d(2, stride=2))\n", ""),),
    ),
    Misconception(
        id="vgg_pool_stride_one",
        exercise="VGGBlock",
        hint="Your pooling has stride 1, so the image shrinks by one pixel only. Stride 2 halves it.",
        edits=(("nn.MaxPool2d(2, stride=2)", "nn.MaxPool2d(2, stride=1)"),),
    ),
    Misconception(
        id="vgg_average_pool",
        exercise="VGGBlock",
        hint="You average at the end; a VGG block takes the maximum.",
        edits=(("nn.MaxPool2d(2, stride=2)", "nn.AvgPool2d(2, stride=2)"),),
    ),
    Misconception(
        id="vgg_relu_with_a_ceiling",
        exercise="VGGBlock",
        hint="Your activations stop at 6: that is ReLU6. ReLU has no upper end.",
        edits=(("nn.ReLU()]", "nn.ReLU6()]"),),
    ),
    Misconception(
        id="vgg_pool_every_time",
        exercise="VGGBlock",
        hint="You pool after every convolution. A block pools once, at its end.",
        edits=(
            (
                "3, padding=1), nn.ReLU()]\n        layers.append(nn.MaxPool2d(2, stride=2))",
                "3, padding=1), nn.ReLU(), nn.MaxPool2d(2, stride=2)]",
            ),
        ),
    ),
    Misconception(
        id="vgg_no_relu",
        exercise="VGGBlock",
        hint="There is no ReLU in your block: its convolutions collapse into one linear map.",
        edits=(("3, padding=1), nn.ReLU()]", "3, padding=1)]"),),
    ),
    Misconception(
        id="vgg_relu_once",
        exercise="VGGBlock",
        hint="ReLU comes only once in your block, after the last convolution. It follows every one, or two convolutions are as good as one.",
        edits=(
            ("3, padding=1), nn.ReLU()]", "3, padding=1)]"),
            ("layers.append(nn.MaxPool2d", "layers.append(nn.ReLU())\n        layers.append(nn.MaxPool2d"),
        ),
    ),
    Misconception(
        id="vgg_no_last_relu",
        exercise="VGGBlock",
        hint="The last convolution of your block has no ReLU.",
        edits=(
            (
                "        layers.append(nn.MaxPool2d(2, stride=2))",
                "        layers = layers[:-1]\n        layers.append(nn.MaxPool2d(2, stride=2))",
            ),
        ),
    ),
    Misconception(
        id="vgg_one_short",
        exercise="VGGBlock",
        hint="You have one convolution too few: num_convs counts the first one too.",
        edits=(("range(num_convs)", "range(max(num_convs - 1, 1))"),),
    ),
    Misconception(
        id="vgg_one_more",
        exercise="VGGBlock",
        hint="You have one convolution too many: num_convs counts the first one too.",
        edits=(("range(num_convs)", "range(num_convs + 1)"),),
    ),
    Misconception(
        id="vgg_shared_convolution",
        exercise="VGGBlock",
        hint="Your second and later convolutions are one and the same object, with the same weights. Make a new layer each time.",
        source="""
class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        again = [nn.Conv2d(out_channels, out_channels, 3, padding=1), nn.ReLU()] * (num_convs - 1)
        self.layers = nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, padding=1), nn.ReLU(), *again, nn.MaxPool2d(2))

    def forward(self, x):
        return self.layers(x)


class InceptionModule(nn.Module):
    def __init__(self, in_channels, c1, c3, c5, cp):
        super().__init__()
        relu = nn.ReLU()
        self.one = nn.Sequential(nn.Conv2d(in_channels, c1, 1), relu)
        self.three = nn.Sequential(nn.Conv2d(in_channels, c3[0], 1), relu, nn.Conv2d(c3[0], c3[1], 3, padding=1), relu)
        self.five = nn.Sequential(nn.Conv2d(in_channels, c5[0], 1), relu, nn.Conv2d(c5[0], c5[1], 5, padding=2), relu)
        self.pool = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(in_channels, cp, 1), relu)

    def forward(self, x):
        return torch.cat((self.one(x), self.three(x), self.five(x), self.pool(x)), 1)
""",
    ),
    Misconception(
        id="vgg_plain_list",
        exercise="VGGBlock",
        hint="PyTorch finds no parameters in your block: layers in a plain list are not registered, so no optimizer would train them. Use nn.Sequential or nn.ModuleList.",
        edits=(
            ("self.layers = nn.Sequential(*layers)", "self.layers = [layer.double() for layer in layers]"),
            ("return self.layers(x)", "for layer in self.layers:\n            x = layer(x)\n        return x"),
        ),
    ),
    Misconception(
        id="vgg_normalised",
        exercise="VGGBlock",
        hint="You put batch normalisation into the block. Later VGGs have it, this one does not: convolution and ReLU only.",
        edits=(("3, padding=1), nn.ReLU()]", "3, padding=1), nn.BatchNorm2d(out_channels), nn.ReLU()]"),),
    ),
    Misconception(
        id="vgg_no_bias",
        exercise="VGGBlock",
        hint="Your convolutions have no bias. Without a normalisation behind them they need one.",
        edits=(("out_channels, 3, padding=1)", "out_channels, 3, padding=1, bias=False)"),),
    ),
    Misconception(
        id="vgg_detached",
        exercise="VGGBlock",
        hint="The output is right, but no gradient gets through: you detach the tensor from its graph.",
        edits=(("return self.layers(x)", "return self.layers(x.detach())"),),
    ),
    Misconception(
        id="inception_order",
        exercise="VGGBlock",
        hint="The branches are concatenated in another order: 1×1, 3×3, 5×5, pooling.",
        edits=(
            (
                "[self.branch1(x), self.branch3(x), self.branch5(x), self.branchp(x)]",
                "[self.branchp(x), self.branch1(x), self.branch3(x), self.branch5(x)]",
            ),
        ),
    ),
    Misconception(
        id="inception_wrong_axis",
        exercise="VGGBlock",
        hint="You concatenate along another axis than the channels. Channels are axis 1.",
        edits=(("dim=1)", "dim=3)"),),
    ),
    Misconception(
        id="inception_sum",
        exercise="VGGBlock",
        hint="You add the branches; they are laid side by side as channels, each with a depth of its own.",
        edits=(
            (
                "return torch.cat([self.branch1(x), self.branch3(x), self.branch5(x), self.branchp(x)], dim=1)",
                "return self.branch1(x) + self.branch3(x) + self.branch5(x) + self.branchp(x)",
            ),
        ),
    ),
    Misconception(
        id="inception_five_padding",
        exercise="VGGBlock",
        hint="Your 5×5 branch comes out smaller than the others, so they cannot be concatenated: a 5×5 filter needs padding 2.",
        edits=(("5, padding=2)", "5, padding=1)"),),
    ),
    Misconception(
        id="inception_pool_shrinks",
        exercise="VGGBlock",
        hint="Your pooling branch shrinks the image: inside this module pooling has stride 1 and padding 1.",
        edits=(("nn.MaxPool2d(3, stride=1, padding=1)", "nn.MaxPool2d(3, padding=1)"),),
    ),
    Misconception(
        id="inception_average_pool",
        exercise="VGGBlock",
        hint="Your pooling branch averages; it takes the maximum.",
        edits=(("nn.MaxPool2d(3, stride=1, padding=1)", "nn.AvgPool2d(3, stride=1, padding=1)"),),
    ),
    Misconception(
        id="inception_pool_after",
        exercise="VGGBlock",
        hint="In the last branch you convolve first and pool afterwards; pooling comes first.",
        edits=(
            (
                "nn.MaxPool2d(3, stride=1, padding=1), nn.Conv2d(in_channels, cp, 1), nn.ReLU()",
                "nn.Conv2d(in_channels, cp, 1), nn.ReLU(), nn.MaxPool2d(3, stride=1, padding=1)",
            ),
        ),
    ),
    Misconception(
        id="inception_thin_no_relu",
        exercise="VGGBlock",
        hint="The 1×1 convolutions in front of the 3×3 and 5×5 ones lack their ReLU.",
        edits=(
            ("nn.Conv2d(in_channels, c3[0], 1), nn.ReLU(),", "nn.Conv2d(in_channels, c3[0], 1),"),
            ("nn.Conv2d(in_channels, c5[0], 1), nn.ReLU(),", "nn.Conv2d(in_channels, c5[0], 1),"),
        ),
    ),
    Misconception(
        id="inception_pool_no_relu",
        exercise="VGGBlock",
        hint="The convolution of the pooling branch lacks its ReLU.",
        edits=(("nn.Conv2d(in_channels, cp, 1), nn.ReLU()", "nn.Conv2d(in_channels, cp, 1)"),),
    ),
    Misconception(
        id="inception_not_thinned",
        exercise="VGGBlock",
        hint="Your 3×3 and 5×5 filters work on the full depth: the 1×1 convolutions that make the input thinner are missing.",
        edits=(
            ("nn.Conv2d(in_channels, c3[0], 1), nn.ReLU(), nn.Conv2d(c3[0], c3[1], 3", "nn.Conv2d(in_channels, c3[1], 3"),
            ("nn.Conv2d(in_channels, c5[0], 1), nn.ReLU(), nn.Conv2d(c5[0], c5[1], 5", "nn.Conv2d(in_channels, c5[1], 5"),
        ),
    ),
)

RESIDUAL = (
    Misconception(
        id="residual_no_shortcut",
        exercise="ResidualBlock",
        hint="Your block has layers but adds nothing: the shortcut is missing from the sum.",
        edits=(("return torch.relu(h + self.shortcut(x))", "return torch.relu(h)"),),
    ),
    Misconception(
        id="residual_relu_before_sum",
        exercise="ResidualBlock",
        hint="You apply ReLU to f(x) and then add. So the block can only ever add positive numbers; ReLU comes after the sum.",
        edits=(("return torch.relu(h + self.shortcut(x))", "return torch.relu(h) + self.shortcut(x)"),),
    ),
    Misconception(
        id="residual_relu_twice",
        exercise="ResidualBlock",
        hint="There is a ReLU too many: none between the second normalisation and the sum.",
        edits=(("h = self.norm2(self.conv2(h))", "h = torch.relu(self.norm2(self.conv2(h)))"),),
    ),
    Misconception(
        id="residual_no_last_relu",
        exercise="ResidualBlock",
        hint="The ReLU after the sum is missing.",
        edits=(("return torch.relu(h + self.shortcut(x))", "return h + self.shortcut(x)"),),
    ),
    Misconception(
        id="residual_no_inner_relu",
        exercise="ResidualBlock",
        hint="The ReLU between the two convolutions is missing: f is linear but for its normalisation.",
        edits=(("h = torch.relu(self.norm1(self.conv1(x)))", "h = self.norm1(self.conv1(x))"),),
    ),
    Misconception(
        id="residual_always_projects",
        exercise="ResidualBlock",
        hint="Where shapes agree your shortcut still has a convolution. There x itself must pass, with nothing to learn.",
        edits=(("if stride != 1 or in_channels != out_channels:", "if True:"),),
    ),
    Misconception(
        id="residual_projects_for_channels_only",
        exercise="ResidualBlock",
        hint="With equal channels and stride 2 the sum fails: the shortcut must also shrink the image. Project whenever the stride *or* the channels differ.",
        edits=(("if stride != 1 or in_channels != out_channels:", "if in_channels != out_channels:"),),
    ),
    Misconception(
        id="residual_projects_for_stride_only",
        exercise="ResidualBlock",
        hint="With other channels and stride 1 the sum fails: project whenever the stride *or* the channels differ.",
        edits=(("if stride != 1 or in_channels != out_channels:", "if stride != 1:"),),
    ),
    Misconception(
        id="residual_shortcut_not_normalised",
        exercise="ResidualBlock",
        hint="Your projected shortcut lacks its batch normalisation.",
        edits=(("nn.Sequential(project, nn.BatchNorm2d(out_channels))", "project"),),
    ),
    Misconception(
        id="residual_shortcut_three_by_three",
        exercise="ResidualBlock",
        hint="Your shortcut has a 3×3 filter; 1×1 is enough to change depth and size.",
        edits=(("out_channels, 1, stride=stride, bias=False)", "out_channels, 3, stride=stride, padding=1, bias=False)"),),
    ),
    Misconception(
        id="residual_stride_second",
        exercise="ResidualBlock",
        hint="Your stride is in the second convolution; it belongs to the first.",
        edits=(
            ("in_channels, out_channels, 3, stride=stride, padding=1", "in_channels, out_channels, 3, padding=1"),
            ("out_channels, out_channels, 3, padding=1", "out_channels, out_channels, 3, stride=stride, padding=1"),
        ),
    ),
    Misconception(
        id="residual_stride_twice",
        exercise="ResidualBlock",
        hint="Both convolutions have the stride, so the image shrinks twice and the sum fails: only the first one has it.",
        edits=(("out_channels, out_channels, 3, padding=1", "out_channels, out_channels, 3, stride=stride, padding=1"),),
    ),
    Misconception(
        id="residual_bias",
        exercise="ResidualBlock",
        hint="Your 3×3 convolutions have biases, which the normalisation behind them takes away again: `bias=False`.",
        edits=(
            ("3, stride=stride, padding=1, bias=False)", "3, stride=stride, padding=1)"),
            ("out_channels, 3, padding=1, bias=False)", "out_channels, 3, padding=1)"),
        ),
    ),
    Misconception(
        id="residual_shared_norm",
        exercise="ResidualBlock",
        hint="Both normalisations of f are the same object: they mix up the running averages of two layers. Make two.",
        edits=(("self.norm2(self.conv2(h))", "self.norm1(self.conv2(h))"), ("        self.norm2 = nn.BatchNorm2d(out_channels)\n", "")),
    ),
    Misconception(
        id="residual_no_norm",
        exercise="ResidualBlock",
        hint="There is no batch normalisation in f.",
        edits=(
            ("self.norm1 = nn.BatchNorm2d(out_channels)", "self.norm1 = nn.Identity()"),
            ("self.norm2 = nn.BatchNorm2d(out_channels)", "self.norm2 = nn.Identity()"),
        ),
    ),
    Misconception(
        id="residual_x_changed",
        exercise="ResidualBlock",
        hint="An operation in place (such as `nn.ReLU(inplace=True)` or `x.relu_()`) is applied to x itself, so the shortcut carries something else, and the caller's tensor is changed.",
        edits=(
            (
                "        h = torch.relu(self.norm1(self.conv1(x)))",
                "        x = x.relu_()\n        h = torch.relu(self.norm1(self.conv1(x)))",
            ),
        ),
    ),
    Misconception(
        id="residual_product",
        exercise="ResidualBlock",
        hint="You multiply by the shortcut; it is added.",
        edits=(("h + self.shortcut(x)", "h * self.shortcut(x)"),),
    ),
    Misconception(
        id="net_softmax",
        exercise="ResidualBlock",
        hint="Your network ends with a softmax. The cross-entropy applies one itself: two of them squeeze the scores and slow learning down. Return the scores.",
        edits=(("return self.head(h.mean(dim=(2, 3)))", "return torch.softmax(self.head(h.mean(dim=(2, 3))), dim=1)"),),
    ),
    Misconception(
        id="net_log_softmax",
        exercise="ResidualBlock",
        hint="Your network ends with a log-softmax; return the scores themselves.",
        edits=(("return self.head(h.mean(dim=(2, 3)))", "return torch.log_softmax(self.head(h.mean(dim=(2, 3))), dim=1)"),),
    ),
    Misconception(
        id="net_relu_on_scores",
        exercise="ResidualBlock",
        hint="There is a ReLU on the scores: classes with a negative score can no longer be told apart.",
        edits=(("return self.head(h.mean(dim=(2, 3)))", "return torch.relu(self.head(h.mean(dim=(2, 3))))"),),
    ),
    Misconception(
        id="net_max_for_mean",
        exercise="ResidualBlock",
        hint="You take the maximum over all places; asked for is the mean.",
        edits=(("h.mean(dim=(2, 3))", "h.amax(dim=(2, 3))"),),
    ),
    Misconception(
        id="net_flattened",
        exercise="ResidualBlock",
        hint="You flatten the maps, so the network fits one image size only. Take the mean over the places.",
        edits=(
            (
                "self.head = nn.Linear(2 * width, num_classes)",
                "self.head = nn.LazyLinear(num_classes).double()\n        self.head(torch.zeros(1, 8 * width).double())",
            ),
            ("h.mean(dim=(2, 3))", "h.flatten(1)"),
        ),
    ),
    Misconception(
        id="net_sum_for_mean",
        exercise="ResidualBlock",
        hint="You add up over all places, so larger images get larger scores. Take the mean.",
        edits=(("h.mean(dim=(2, 3))", "h.sum(dim=(2, 3))"),),
    ),
    Misconception(
        id="net_one_convolution",
        exercise="ResidualBlock",
        hint="The VGG block of the network has 2 convolutions.",
        edits=(("VGGBlock(in_channels, width, 2)", "VGGBlock(in_channels, width, 1)"),),
    ),
    Misconception(
        id="net_width_kept",
        exercise="ResidualBlock",
        hint="The residual block doubles the channels, from width to 2·width.",
        edits=(
            ("ResidualBlock(width, 2 * width, stride=2)", "ResidualBlock(width, width, stride=2)"),
            ("nn.Linear(2 * width", "nn.Linear(width"),
        ),
    ),
    Misconception(
        id="net_stride_one",
        exercise="ResidualBlock",
        hint="The residual block of the network has stride 2.",
        edits=(("ResidualBlock(width, 2 * width, stride=2)", "ResidualBlock(width, 2 * width)"),),
    ),
    Misconception(
        id="net_width_ignored",
        exercise="ResidualBlock",
        hint="The argument `width` has no effect: your layers have a fixed number of channels.",
        edits=(("        self.block1 = ", "        width = 32\n        self.block1 = "),),
    ),
)

DEFAULT_VALUES = (
    Misconception(
        id="net_width_default",
        exercise="ResidualBlock",
        hint="You changed the default of `width`: it is 32.",
        edits=(("width=32", "width=16"),),
    ),
    Misconception(
        id="residual_stride_default",
        exercise="ResidualBlock",
        hint="You changed the default of `stride`: it is 1.",
        edits=(("out_channels, stride=1):", "out_channels, stride=2):"),),
    ),
)

TRAINING = (
    Misconception(
        id="train_no_zero_grad",
        exercise="train_epoch",
        hint="From the second batch on your steps are too long: gradients of earlier batches are still there. Call optimizer.zero_grad() for each batch.",
        edits=(("        optimizer.zero_grad()\n", ""),),
    ),
    Misconception(
        id="train_zero_grad_once",
        exercise="train_epoch",
        hint="You clear the gradients once per epoch. They add up from batch to batch; clear them for each batch.",
        edits=(
            ("        optimizer.zero_grad()\n", ""),
            ("    total, count = 0.0, 0\n", "    total, count = 0.0, 0\n    optimizer.zero_grad()\n"),
        ),
    ),
    Misconception(
        id="train_step_before_backward",
        exercise="train_epoch",
        hint="Each of your steps uses the gradients of the batch *before*, and the first one none at all: backward() comes before step().",
        edits=(
            ("        optimizer.zero_grad()\n", ""),
            (
                "        loss.backward()\n        optimizer.step()",
                "        optimizer.step()\n        optimizer.zero_grad()\n        loss.backward()",
            ),
        ),
    ),
    Misconception(
        id="train_no_step",
        exercise="train_epoch",
        hint="The weights do not change. Is there an optimizer.step(), and does it come after backward(), with nothing clearing the gradients in between?",
        edits=(("        optimizer.step()\n", ""),),
    ),
    Misconception(
        id="train_one_step",
        exercise="train_epoch",
        hint="You step once, after all batches. Each batch is a step of its own.",
        edits=(
            ("        optimizer.step()\n", ""),
            ("    return total / count\n\n\ndef", "    optimizer.step()\n    return total / count\n\n\ndef"),
        ),
    ),
    Misconception(
        id="train_mode_missing",
        exercise="train_epoch",
        hint="You train in whatever mode the model comes: after an evaluation, batch normalisation and dropout would stay switched off. Call model.train().",
        edits=(("    model.train()\n", ""),),
    ),
    Misconception(
        id="train_in_eval_mode",
        exercise="train_epoch",
        hint="You switch to evaluation mode for training: batch normalisation's running averages never move. Call model.train().",
        edits=(("    model.train()\n", "    model.eval()\n"),),
    ),
    Misconception(
        id="train_mean_of_batches",
        exercise="train_epoch",
        hint="You average the batches' losses. A last batch that is smaller then counts too much: weigh each by its size.",
        edits=(
            ("total += loss.item() * len(y)", "total += loss.item()"),
            ("        count += len(y)\n    return total / count\n\n\ndef", "        count += 1\n    return total / count\n\n\ndef"),
        ),
    ),
    Misconception(
        id="train_sum_of_losses",
        exercise="train_epoch",
        hint="You return the sum of the losses, not the mean over the examples.",
        edits=(("    return total / count\n\n\ndef", "    return total\n\n\ndef"),),
    ),
    Misconception(
        id="train_last_loss",
        exercise="train_epoch",
        hint="You return the loss of the last batch, not the mean over the epoch.",
        edits=(("    return total / count\n\n\ndef", "    return loss.item()\n\n\ndef"),),
    ),
    Misconception(
        id="train_loss_afterwards",
        exercise="train_epoch",
        hint="Your losses are too small: you compute them again after each step. Report the loss that you stepped on.",
        edits=(("total += loss.item() * len(y)", "total += nn.functional.cross_entropy(model(x), y).item() * len(y)"),),
    ),
    Misconception(
        id="train_loss_tensor",
        exercise="train_epoch",
        hint="You return a tensor: adding up `loss` itself keeps the graph of every batch in memory. Use loss.item().",
        edits=(("total += loss.item() * len(y)", "total = total + loss * len(y)"),),
    ),
    Misconception(
        id="train_softmax_twice",
        exercise="train_epoch",
        hint="You apply softmax before cross_entropy, which does it again: the loss is flat and learning slow. Give it the scores.",
        edits=(("cross_entropy(model(x), y)", "cross_entropy(model(x).softmax(dim=1), y)"),),
    ),
    Misconception(
        id="train_summed_loss",
        exercise="train_epoch",
        hint="Your steps grow with the size of the batch: the loss is the sum over the batch, not its mean.",
        edits=(
            ("cross_entropy(model(x), y)\n", 'cross_entropy(model(x), y, reduction="sum")\n'),
            ("total += loss.item() * len(y)", "total += loss.item()"),
        ),
    ),
    Misconception(
        id="train_own_optimizer",
        exercise="train_epoch",
        hint="You make an optimizer of your own: the learning rate and the momentum of the given one have no effect.",
        edits=(
            ("    total, count = 0.0, 0\n", "    total, count = 0.0, 0\n    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)\n"),
        ),
    ),
    Misconception(
        id="train_not_moved",
        exercise="train_epoch",
        hint="You do not move the batches to the device: on a GPU, model and data would be on different devices.",
        edits=(
            ("        x, y = x.to(device), y.to(device)\n        optimizer", "        optimizer"),
            ("            x, y = x.to(device), y.to(device)\n", ""),
        ),
    ),
    Misconception(
        id="train_to_forgotten",
        exercise="train_epoch",
        hint="`x.to(device)` returns the moved tensor and leaves x where it is: your evaluation throws the result away or never asks for it.",
        edits=(("            x, y = x.to(device), y.to(device)\n", ""),),
    ),
    Misconception(
        id="train_first_batch_only",
        exercise="train_epoch",
        hint="Only the first batch is used: the `return` stands inside the loop.",
        edits=(("    return total / count\n\n\ndef", "        return total / count\n\n\ndef"),),
    ),
    Misconception(
        id="evaluate_no_eval",
        exercise="train_epoch",
        hint="evaluate runs in training mode: batch normalisation looks at the batch and even moves its running averages on validation data. Call model.eval().",
        edits=(("    model.eval()\n", ""),),
    ),
    Misconception(
        id="evaluate_train_mode",
        exercise="train_epoch",
        hint="evaluate switches the model to training mode: it must be model.eval().",
        edits=(("    model.eval()\n", "    model.train()\n"),),
    ),
    Misconception(
        id="evaluate_records_gradients",
        exercise="train_epoch",
        hint="evaluate records gradients, which costs memory and time for nothing: use torch.no_grad().",
        edits=(("with torch.no_grad():", "with torch.enable_grad():"),),
    ),
    Misconception(
        id="evaluate_mean_of_batches",
        exercise="train_epoch",
        hint="You average the accuracies of the batches. A last batch that is smaller then counts too much: count right answers over all examples.",
        edits=(
            ("(model(x).argmax(dim=1) == y).sum().item()", "(model(x).argmax(dim=1) == y).double().mean().item()"),
            ("            count += len(y)", "            count += 1"),
        ),
    ),
    Misconception(
        id="evaluate_percent",
        exercise="train_epoch",
        hint="You return per cent; asked for is a fraction from 0 to 1.",
        edits=(("return correct / count", "return 100.0 * correct / count"),),
    ),
    Misconception(
        id="evaluate_count",
        exercise="train_epoch",
        hint="You return the number of right answers, not their fraction.",
        edits=(("return correct / count", "return float(correct)"),),
    ),
    Misconception(
        id="evaluate_error_rate",
        exercise="train_epoch",
        hint="You return the share of wrong answers.",
        edits=(("== y).sum()", "!= y).sum()"),),
    ),
    Misconception(
        id="evaluate_last_batch",
        exercise="train_epoch",
        hint="Your accuracy is that of the last batch: add up over the batches.",
        edits=(("correct += ", "correct = "), ("            count += len(y)", "            count = len(y)")),
    ),
    Misconception(
        id="evaluate_argmin",
        exercise="train_epoch",
        hint="You take the class with the lowest score; the prediction is the largest one.",
        edits=(("argmax(dim=1)", "argmin(dim=1)"),),
    ),
)

MISCONCEPTIONS = (
    SIZES
    + PADDING
    + CONV_FORWARD
    + FILTERS
    + CONV_BACKWARD
    + POOLING
    + IM2COL
    + COL2IM
    + BATCHNORM
    + SPATIAL
    + LAYERNORM
    + BLOCKS
    + RESIDUAL
    + DEFAULT_VALUES
    + TRAINING
)
