"""Right answers to u05_cnn_layers that look different from the reference."""

from autograder.authoring.variants import Alternative

SIZES = (
    Alternative(
        id="size_floor",
        exercise="conv_out_size",
        note="floating-point division, rounded down and made an int",
        source="""
def conv_out_size(W, F, S, P):
    return int(np.floor((W + 2 * P - F) / S)) + 1
""",
    ),
    Alternative(
        id="size_counts",
        exercise="conv_out_size",
        note="counts the places; returns a NumPy integer",
        source="""
def conv_out_size(W, F, S, P):
    return np.arange(0, W + 2 * P - F + 1, S).size * np.int64(1)
""",
    ),
)

PADDING = (
    Alternative(
        id="pad_np_pad",
        exercise="zero_pad",
        note="np.pad",
        source="""
def zero_pad(x, pad):
    return np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)), mode="constant")
""",
    ),
    Alternative(
        id="pad_concatenate",
        exercise="zero_pad",
        note="glues strips of zeros to the image, result in another memory order",
        source="""
def zero_pad(x, pad):
    rows = np.zeros(x.shape[:2] + (pad, x.shape[3]))
    tall = np.concatenate([rows, x, rows], axis=2)
    columns = np.zeros(tall.shape[:3] + (pad,))
    return np.asfortranarray(np.concatenate([columns, tall, columns], axis=-1))
""",
    ),
)

CONV_FORWARD = (
    Alternative(
        id="conv_six_loops",
        exercise="conv_forward_naive",
        note="loops over everything, with a Python number as the sum",
        source="""
def conv_forward_naive(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    padded = np.pad(x, ((0,), (0,), (p,), (p,)))
    N, F = len(x), len(w)
    _, C, HH, WW = w.shape
    OH, OW = 1 + (padded.shape[2] - HH) // s, 1 + (padded.shape[3] - WW) // s
    out = np.empty((N, F, OH, OW))
    for n in range(N):
        for f in range(F):
            for i in range(OH):
                for j in range(OW):
                    total = float(b[f])
                    for c in range(C):
                        total += (padded[n, c, i * s : i * s + HH, j * s : j * s + WW] * w[f, c]).sum()
                    out[n, f, i, j] = total
    return out, [x, w, b, conv_param]
""",
    ),
    Alternative(
        id="conv_tensordot",
        exercise="conv_forward_naive",
        note="one tensordot per place, over all filters at once",
        source="""
def conv_forward_naive(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    HH, WW = w.shape[2:]
    xp = zero_pad(x, pad)
    starts_i = range(0, xp.shape[2] - HH + 1, stride)
    starts_j = range(0, xp.shape[3] - WW + 1, stride)
    out = np.zeros((x.shape[0], w.shape[0], len(starts_i), len(starts_j)))
    for i, top in enumerate(starts_i):
        for j, left in enumerate(starts_j):
            out[..., i, j] = np.tensordot(xp[:, :, top : top + HH, left : left + WW], w, ([1, 2, 3], [1, 2, 3]))
    return out + b.reshape(1, -1, 1, 1), (x, w, b, conv_param)
""",
    ),
    Alternative(
        id="conv_sliding_windows",
        exercise="conv_forward_naive",
        note="sliding_window_view and einsum, no loop at all",
        source="""
def conv_forward_naive(x, w, b, conv_param):
    s = conv_param["stride"]
    windows = np.lib.stride_tricks.sliding_window_view(zero_pad(x, conv_param["pad"]), w.shape[2:], axis=(2, 3))[:, :, ::s, ::s]
    out = np.einsum("ncijpq,fcpq->nfij", windows, w) + b[None, :, None, None]
    return out, (x, w, b, conv_param)
""",
    ),
)

FILTERS = (
    Alternative(
        id="filters_sobel",
        exercise="edge_filters",
        note="Sobel filters and the eight-neighbour Laplacian",
        source="""
def edge_filters():
    w = np.zeros((4, 1, 3, 3))
    w[0, 0] = np.outer([1, 2, 1], [1, 0, -1])
    w[1, 0] = np.outer([1, 0, -1], [1, 2, 1])
    w[2, 0] = 1 / 9
    w[3, 0] = -1.0
    w[3, 0, 1, 1] = 8.0
    return w
""",
    ),
    Alternative(
        id="filters_scharr",
        exercise="edge_filters",
        note="Scharr filters, small numbers, spots against the corners",
        source="""
def edge_filters():
    scharr = np.array([[3.0, 0, -3], [10, 0, -10], [3, 0, -3]]) / 32
    spots = np.array([[-0.25, 0, -0.25], [0, 1, 0], [-0.25, 0, -0.25]])
    return np.array([[scharr], [scharr.transpose()], [np.ones((3, 3)) / 9], [spots]])
""",
    ),
)

CONV_BACKWARD = (
    Alternative(
        id="conv_backward_einsum",
        exercise="conv_backward_naive",
        note="einsum over all filters at each place",
        source="""
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    xp = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    dxp, dw = xp * 0.0, w * 0.0
    HH, WW = w.shape[-2:]
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            window = np.s_[:, :, s * i : s * i + HH, s * j : s * j + WW]
            dw = dw + np.einsum("nf,ncpq->fcpq", dout[:, :, i, j], xp[window])
            dxp[window] += np.einsum("nf,fcpq->ncpq", dout[:, :, i, j], w)
    return dxp[:, :, p : dxp.shape[2] - p, p : dxp.shape[3] - p], dw, np.einsum("nfij->f", dout)
""",
    ),
    Alternative(
        id="conv_backward_by_weight",
        exercise="conv_backward_naive",
        note="loops over the places inside the filter instead of the places of the filter",
        source="""
def conv_backward_naive(dout, cache):
    x, w, b, conv_param = cache
    s, p = conv_param["stride"], conv_param["pad"]
    (N, C, H, W), (F, _, HH, WW), (_, _, OH, OW) = x.shape, w.shape, dout.shape
    xp = zero_pad(x, p)
    dxp, dw = np.zeros_like(xp), np.empty_like(w)
    for a in range(HH):
        for c in range(WW):
            part = np.s_[:, :, a : a + s * (OH - 1) + 1 : s, c : c + s * (OW - 1) + 1 : s]
            dw[:, :, a, c] = np.tensordot(dout, xp[part], axes=([0, 2, 3], [0, 2, 3]))
            dxp[part] += np.moveaxis(np.tensordot(dout, w[:, :, a, c], axes=([1], [0])), 3, 1)
    db = np.array([dout[:, f].sum() for f in range(F)])
    return dxp[:, :, p : p + H, p : p + W].copy(), dw, db
""",
    ),
)

POOLING = (
    Alternative(
        id="pool_loops",
        exercise="max_pool_forward_naive",
        note="plain loops; remembers the winners in the cache",
        source="""
def max_pool_forward_naive(x, pool_param):
    ph, pw, s = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    out = np.full((N, C, (H - ph) // s + 1, (W - pw) // s + 1), -np.inf)
    winners = {}
    for n, c, i, j in np.ndindex(out.shape):
        for p in range(i * s, i * s + ph):
            for q in range(j * s, j * s + pw):
                if x[n, c, p, q] > out[n, c, i, j]:
                    out[n, c, i, j] = x[n, c, p, q]
                    winners[n, c, i, j] = (n, c, p, q)
    return out, (x.shape, winners)


def max_pool_backward_naive(dout, cache):
    shape, winners = cache
    dx = np.zeros(shape)
    for place, winner in winners.items():
        dx[winner] += dout[place]
    return dx
""",
    ),
    Alternative(
        id="pool_windows",
        exercise="max_pool_forward_naive",
        note="sliding windows, argmax over the flattened window, np.add.at",
        source="""
def max_pool_forward_naive(x, pool_param):
    size, s = (pool_param["pool_height"], pool_param["pool_width"]), pool_param["stride"]
    view = np.lib.stride_tricks.sliding_window_view(x, size, axis=(2, 3))[:, :, ::s, ::s]
    flat = view.reshape(view.shape[:4] + (-1,))
    k = flat.argmax(axis=-1)
    return flat.max(-1), [k, x.shape, size[1], s]


def max_pool_backward_naive(dout, cache):
    k, shape, width, s = cache
    dx = np.zeros(shape)
    n, c, i, j = np.indices(dout.shape)
    np.add.at(dx, (n, c, i * s + k // width, j * s + k % width), dout)
    return dx
""",
    ),
)

IM2COL = (
    Alternative(
        id="im2col_sliding",
        exercise="im2col",
        note="sliding_window_view; einsum instead of @",
        source="""
def im2col(x, HH, WW, stride, pad):
    view = np.lib.stride_tricks.sliding_window_view(zero_pad(x, pad), (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    return view.transpose(0, 2, 3, 1, 4, 5).reshape(-1, x.shape[1] * HH * WW)


def conv_forward_im2col(x, w, b, conv_param):
    s, p = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape
    N, _, H, W = x.shape
    cols = im2col(x, HH, WW, s, p)
    rows = np.einsum("kd,fd->fk", cols, w.reshape(F, C * HH * WW)) + b[:, None]
    out = np.moveaxis(rows.reshape(F, N, (H - HH + 2 * p) // s + 1, (W - WW + 2 * p) // s + 1), 0, 1)
    return np.ascontiguousarray(out), None
""",
    ),
    Alternative(
        id="im2col_windows_loop",
        exercise="im2col",
        note="collects windows in a list, one after the other",
        source="""
def im2col(x, HH, WW, stride, pad):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    rows = []
    for image in xp:
        for top in range(0, image.shape[1] - HH + 1, stride):
            for left in range(0, image.shape[2] - WW + 1, stride):
                rows.append(image[:, top : top + HH, left : left + WW].ravel())
    return np.array(rows)


def conv_forward_im2col(x, w, b, conv_param):
    stride, pad = conv_param["stride"], conv_param["pad"]
    OH = conv_out_size(x.shape[2], w.shape[2], stride, pad)
    cols = im2col(x, w.shape[2], w.shape[3], stride, pad)
    out = np.dot(cols, w.reshape(w.shape[0], -1).T)
    out += b
    return out.reshape(len(x), OH, -1, len(w)).transpose(0, 3, 1, 2), (x, w, b, conv_param, cols)
""",
    ),
    Alternative(
        id="im2col_indices",
        exercise="im2col",
        note="index arrays",
        source="""
def im2col(x, HH, WW, stride, pad):
    N, C, H, W = x.shape
    OH, OW = (H + 2 * pad - HH) // stride + 1, (W + 2 * pad - WW) // stride + 1
    xp = zero_pad(x, pad)
    i = stride * np.repeat(np.arange(OH), OW)[:, None] + np.tile(np.repeat(np.arange(HH), WW), C)
    j = stride * np.tile(np.arange(OW), OH)[:, None] + np.tile(np.arange(WW), HH * C)
    c = np.repeat(np.arange(C), HH * WW)
    return xp[:, c, i, j].reshape(N * OH * OW, -1)


def conv_forward_im2col(x, w, b, conv_param):
    cols = im2col(x, *w.shape[2:], conv_param["stride"], conv_param["pad"])
    OH = conv_out_size(x.shape[2], w.shape[2], conv_param["stride"], conv_param["pad"])
    out = (w.reshape(len(w), -1) @ cols.T).reshape(len(w), len(x), OH, -1).transpose(1, 0, 2, 3)
    return out + b.reshape(1, -1, 1, 1), cols
""",
    ),
)

COL2IM = (
    Alternative(
        id="col2im_windows",
        exercise="col2im",
        note="adds window by window",
        source="""
def col2im(cols, x_shape, HH, WW, stride, pad):
    N, C, H, W = x_shape
    image = np.zeros((N, C, H + 2 * pad, W + 2 * pad))
    row = 0
    for n in range(N):
        for top in range(0, H + 2 * pad - HH + 1, stride):
            for left in range(0, W + 2 * pad - WW + 1, stride):
                image[n, :, top : top + HH, left : left + WW] += cols[row].reshape(C, HH, WW)
                row += 1
    return image[:, :, pad : H + pad, pad : W + pad].copy()
""",
    ),
    Alternative(
        id="col2im_add_at",
        exercise="col2im",
        note="im2col of the pixels' numbers, then bincount",
        source="""
def col2im(cols, x_shape, HH, WW, stride, pad):
    size = int(np.prod(x_shape))
    numbers = np.arange(1.0, size + 1.0).reshape(x_shape)
    xp = np.pad(numbers, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    view = np.lib.stride_tricks.sliding_window_view(xp, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    places = view.transpose(0, 2, 3, 1, 4, 5).reshape(-1).astype(int)
    return np.bincount(places, weights=cols.ravel(), minlength=size + 1)[1:].reshape(x_shape)
""",
    ),
)

BATCHNORM = (
    Alternative(
        id="bn_staged",
        exercise="batchnorm_forward",
        note="every intermediate in the cache, backward node by node",
        source="""
def batchnorm_forward(x, gamma, beta, bn_param):
    mode = bn_param["mode"]
    eps = bn_param.get("eps", 1e-5)
    momentum = bn_param.get("momentum", 0.9)
    D = x.shape[1]
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    if mode == "test":
        return (x - running_mean) / np.sqrt(running_var + eps) * gamma + beta, None
    if mode != "train":
        raise ValueError(mode)
    mu = np.sum(x, axis=0) / len(x)
    centred = x - mu
    var = np.mean(centred**2, axis=0)
    std = np.sqrt(var + eps)
    bn_param["running_mean"] = running_mean * momentum + mu * (1.0 - momentum)
    bn_param["running_var"] = running_var * momentum + var * (1.0 - momentum)
    return gamma * (centred / std) + beta, dict(centred=centred, std=std, gamma=gamma)


def batchnorm_backward(dout, cache):
    centred, std, gamma = cache["centred"], cache["std"], cache["gamma"]
    N = len(dout)
    dbeta = np.sum(dout, 0)
    dgamma = np.sum(dout * centred / std, 0)
    dhat = dout * gamma
    dstd = np.sum(-dhat * centred / std**2, 0)
    dvar = dstd / (2 * std)
    dcentred = dhat / std + 2.0 * centred * dvar / N
    dx = dcentred - np.sum(dcentred, 0) / N
    return dx, dgamma, dbeta
""",
    ),
    Alternative(
        id="bn_keeps_x",
        exercise="batchnorm_forward",
        note="the cache keeps the inputs; the dictionary is updated at once; backward as one matrix product",
        source="""
def batchnorm_forward(x, gamma, beta, bn_param):
    m = bn_param.setdefault("momentum", 0.9)
    eps = bn_param["eps"] if "eps" in bn_param else 1e-5
    zero = np.zeros_like(gamma)
    old = bn_param.get("running_mean", zero), bn_param.get("running_var", zero)
    now = (x.mean(0), x.var(0)) if bn_param["mode"] == "train" else old
    if bn_param["mode"] == "train":
        bn_param.update({k: m * o + (1 - m) * n for k, o, n in zip(("running_mean", "running_var"), old, now)})
    x_hat = (x - now[0]) / (now[1] + eps) ** 0.5
    return x_hat * gamma + beta, [x_hat, now[1] + eps, gamma]


def batchnorm_backward(dout, cache):
    x_hat, spread, gamma = cache
    N = x_hat.shape[0]
    dgamma = np.einsum("nd,nd->d", dout, x_hat)
    dbeta = dout.sum(0)
    return gamma / (N * spread**0.5) * (N * dout - dbeta - x_hat * dgamma), dgamma, dbeta
""",
    ),
)

SPATIAL = (
    Alternative(
        id="spatial_moveaxis",
        exercise="spatial_batchnorm_forward",
        note="channels first, then a transpose; result in another memory order",
        source="""
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    N, C, H, W = x.shape
    columns = np.swapaxes(x, 0, 1).reshape(C, -1)
    out, cache = batchnorm_forward(columns.T, gamma, beta, bn_param)
    return np.swapaxes(out.T.reshape(C, N, H, W), 0, 1), cache
""",
    ),
    Alternative(
        id="spatial_direct",
        exercise="spatial_batchnorm_forward",
        note="no call to batchnorm_forward: statistics over three axes",
        source="""
def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    C = x.shape[1]
    eps, m = bn_param.get("eps", 1e-5), bn_param.get("momentum", 0.9)
    mean, var = bn_param.get("running_mean", np.zeros(C)), bn_param.get("running_var", np.zeros(C))
    if bn_param["mode"] == "train":
        now = x.mean(axis=(0, 2, 3)), x.var(axis=(0, 2, 3))
        bn_param["running_mean"] = m * mean + (1 - m) * now[0]
        bn_param["running_var"] = m * var + (1 - m) * now[1]
        mean, var = now
    wide = (slice(None), None, None)
    x_hat = (x - mean[wide]) / np.sqrt(var + eps)[wide]
    return gamma[wide] * x_hat + beta[wide], (x_hat, gamma)
""",
    ),
)

LAYERNORM = (
    Alternative(
        id="ln_transposed",
        exercise="layernorm_forward",
        note="works on the transposed batch",
        source="""
def layernorm_forward(x, gamma, beta, ln_param):
    t = x.T
    mean, var = t.mean(axis=0), t.var(axis=0)
    std = np.sqrt(var + ln_param.get("eps", 1e-5))
    hat = (t - mean) / std
    return (hat * gamma[:, None] + beta[:, None]).T, (hat, std, gamma)


def layernorm_backward(dout, cache):
    hat, std, gamma = cache
    d = dout.T
    D = len(gamma)
    g = d * gamma[:, None]
    dx = (D * g - g.sum(axis=0) - hat * (g * hat).sum(axis=0)) / (D * std)
    return dx.T, (d * hat).sum(axis=1), d.sum(axis=1)
""",
    ),
    Alternative(
        id="ln_row_by_row",
        exercise="layernorm_forward",
        note="a loop over examples, with the Jacobian of each row",
        source="""
def layernorm_forward(x, gamma, beta, ln_param):
    eps = ln_param.get("eps", 1e-5)
    hats, stds = [], []
    for row in x:
        std = (np.mean((row - row.mean()) ** 2) + eps) ** 0.5
        hats.append((row - row.mean()) / std)
        stds.append(std)
    hats = np.array(hats)
    return hats * gamma + beta, (hats, stds, gamma)


def layernorm_backward(dout, cache):
    hats, stds, gamma = cache
    D = len(gamma)
    dx = np.zeros(dout.shape)
    for n in range(len(dout)):
        jacobian = (np.eye(D) - 1.0 / D - np.outer(hats[n], hats[n]) / D) / stds[n]
        dx[n] = jacobian @ (gamma * dout[n])
    return dx, np.sum(dout * hats, axis=0), np.sum(dout, axis=0)
""",
    ),
)

BLOCKS = (
    Alternative(
        id="blocks_module_lists",
        exercise="VGGBlock",
        note="ModuleList and functional ReLU and pooling; branches in another order of definition",
        source="""
class VGGBlock(nn.Module):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        sizes = [in_channels] + [out_channels] * num_convs
        self.convs = nn.ModuleList([nn.Conv2d(a, b, kernel_size=(3, 3), padding="same") for a, b in zip(sizes, sizes[1:])])

    def forward(self, x):
        for conv in self.convs:
            x = nn.functional.relu(conv(x))
        return nn.functional.max_pool2d(x, 2)


class InceptionModule(nn.Module):
    def __init__(self, in_channels, c1, c3, c5, cp):
        super().__init__()
        self.pool = nn.MaxPool2d(3, 1, 1)
        self.pool_conv = nn.Conv2d(in_channels, cp, 1)
        self.thin5, self.wide5 = nn.Conv2d(in_channels, c5[0], 1), nn.Conv2d(c5[0], c5[1], 5, padding=2)
        self.thin3, self.wide3 = nn.Conv2d(in_channels, c3[0], 1), nn.Conv2d(c3[0], c3[1], 3, padding=1)
        self.point = nn.Conv2d(in_channels, c1, 1)

    def forward(self, x):
        parts = [
            self.point(x),
            self.wide3(torch.relu(self.thin3(x))),
            self.wide5(self.thin5(x).clamp(min=0)),
            self.pool_conv(self.pool(x)),
        ]
        return torch.relu(torch.cat(parts, 1))
""",
    ),
    Alternative(
        id="blocks_subclass_sequential",
        exercise="VGGBlock",
        note="subclasses nn.Sequential; ReLU in place; pooling before ReLU, which gives the same",
        source="""
class VGGBlock(nn.Sequential):
    def __init__(self, in_channels, out_channels, num_convs):
        super().__init__()
        for k in range(num_convs):
            self.add_module(f"conv{k}", nn.Conv2d(in_channels, out_channels, 3, 1, 1))
            if k < num_convs - 1:
                self.add_module(f"relu{k}", nn.ReLU(inplace=True))
            in_channels = out_channels
        self.add_module("pool", nn.MaxPool2d(kernel_size=2))
        self.add_module("relu", nn.ReLU(inplace=True))


def conv_relu(a, b, size):
    return nn.Sequential(nn.Conv2d(a, b, size, padding=size // 2), nn.ReLU(inplace=True))


class InceptionModule(nn.Module):
    def __init__(self, in_channels, c1, c3, c5, cp):
        super().__init__()
        self.branches = nn.ModuleList(
            [
                conv_relu(in_channels, c1, 1),
                nn.Sequential(conv_relu(in_channels, c3[0], 1), conv_relu(c3[0], c3[1], 3)),
                nn.Sequential(conv_relu(in_channels, c5[0], 1), conv_relu(c5[0], c5[1], 5)),
                nn.Sequential(nn.MaxPool2d(3, 1, padding=1), conv_relu(in_channels, cp, 1)),
            ]
        )

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], dim=-3)
""",
    ),
)

RESIDUAL = (
    Alternative(
        id="residual_sequential",
        exercise="ResidualBlock",
        note="one Sequential for f, None for the plain shortcut, ReLU in place; adaptive pooling and flatten",
        source="""
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.down = None
        if in_channels != out_channels or stride > 1:
            self.down = nn.Sequential(nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels))
        self.f = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
            nn.Conv2d(out_channels, out_channels, 3, 1, 1, bias=False),
            nn.BatchNorm2d(out_channels),
        )
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x):
        out = self.f(x)
        out += x if self.down is None else self.down(x)
        return self.relu(out)


class SmallConvNet(nn.Sequential):
    def __init__(self, in_channels, num_classes, width=32):
        super().__init__(
            VGGBlock(in_channels, width, num_convs=2),
            ResidualBlock(width, width * 2, 2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(width * 2, num_classes),
        )
""",
    ),
    Alternative(
        id="residual_own_names",
        exercise="ResidualBlock",
        note="other names, functional calls, a mean over the flattened places, the stride of the network given as a pair",
        source="""
class ResidualBlock(nn.Module):
    def __init__(self, in_channels, out_channels, stride=1):
        super().__init__()
        self.project = (in_channels, stride) != (out_channels, 1) and stride != (1, 1)
        self.bn_a, self.bn_b = nn.BatchNorm2d(out_channels), nn.BatchNorm2d(out_channels)
        if self.project:
            self.bn_c = nn.BatchNorm2d(out_channels)
            self.c = nn.Conv2d(in_channels, out_channels, kernel_size=1, stride=stride, padding=0, bias=False)
        self.b = nn.Conv2d(out_channels, out_channels, kernel_size=3, stride=1, padding=1, bias=False)
        self.a = nn.Conv2d(in_channels, out_channels, kernel_size=3, stride=stride, padding=1, bias=False)

    def forward(self, x):
        skip = self.bn_c(self.c(x)) if self.project else x
        return nn.functional.relu(skip + self.bn_b(self.b(nn.functional.relu(self.bn_a(self.a(x))))))


class SmallConvNet(nn.Module):
    def __init__(self, in_channels, num_classes, width=32):
        super().__init__()
        self.linear = nn.Linear(width + width, num_classes)
        self.features = nn.Sequential(VGGBlock(in_channels, width, 2), ResidualBlock(width, width + width, (2, 2)))

    def forward(self, x):
        maps = self.features(x)
        return self.linear(maps.flatten(start_dim=2).mean(-1))
""",
    ),
)

TRAINING = (
    Alternative(
        id="train_criterion",
        exercise="train_epoch",
        note="nn.CrossEntropyLoss, gradients cleared after the step, sizes from the tensors, inference mode",
        source="""
def train_epoch(model, loader, optimizer, device):
    criterion = nn.CrossEntropyLoss()
    model.train(True)
    losses, sizes = [], []
    for batch in loader:
        inputs, targets = (part.to(device=device, non_blocking=True) for part in batch)
        scores = model(inputs)
        loss = criterion(scores, targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad(set_to_none=False)
        losses.append(loss.detach().cpu().numpy() * targets.size(0))
        sizes.append(targets.size(0))
    return float(np.sum(losses)) / sum(sizes)


@torch.inference_mode()
def evaluate(model, loader, device):
    model.train(False)
    hits = torch.cat([model(x.to(device)).max(1).indices.eq(y.to(device)) for x, y in loader])
    return hits.double().mean().item()
""",
    ),
    Alternative(
        id="train_closure",
        exercise="train_epoch",
        note="summed loss divided by hand, log-softmax and nll, argmax of probabilities; restores the mode after evaluating",
        source="""
def train_epoch(model, loader, optimizer, device):
    model.train()
    history = []
    for x, y in loader:
        x = x.to(device)
        y = y.to(device)
        log_p = torch.log_softmax(model(x), dim=-1)
        loss = -log_p[torch.arange(len(y), device=device), y].sum() / x.shape[0]
        for group in optimizer.param_groups:
            for p in group["params"]:
                p.grad = None
        loss.backward()
        optimizer.step()
        history.extend([loss.item()] * x.shape[0])
    return np.mean(history)


def evaluate(model, loader, device):
    before = model.training
    model.eval()
    hits = []
    for x, y in loader:
        with torch.no_grad():
            guess = torch.softmax(model(x.to(device)), dim=1).cpu().numpy().argmax(1)
        hits += (guess == y.to(device).cpu().numpy()).tolist()
    model.train(before)
    return sum(hits) / len(hits)
""",
    ),
)

ALTERNATIVES = (
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
    + TRAINING
)
