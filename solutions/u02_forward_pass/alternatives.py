"""Right answers to u02_forward_pass written differently."""

from autograder.authoring.variants import Alternative

SMOOTH = (
    Alternative(
        id="smooth_by_numpy",
        exercise="sigmoid",
        note="clipped exponent, np.tanh, np.logaddexp",
        source="""
def sigmoid(x):
    return 1.0 / (1.0 + np.exp(-np.clip(x, -500, 500)))


def tanh(x):
    return np.tanh(x)


def softplus(x):
    return np.logaddexp(0, x)


def swish(x):
    return x / (1.0 + np.exp(-np.clip(x, -500, 500)))
""",
    ),
    Alternative(
        id="smooth_by_tanh",
        exercise="sigmoid",
        note="sigmoid from tanh (0 in its far tail), softplus with a threshold",
        source="""
def tanh(x):
    t = np.exp(-2.0 * np.abs(x))
    return np.sign(x) * (1 - t) / (1 + t)


def sigmoid(x):
    return 0.5 * (1 + tanh(x / 2))


def softplus(x):
    return np.where(x > 30, x, np.log(1 + np.exp(np.minimum(x, 30))))


def swish(x):
    return sigmoid(x) * x
""",
    ),
    Alternative(
        id="smooth_entry_by_entry",
        exercise="sigmoid",
        note="loops over the entries with the standard library's math",
        source="""
import math


def each(g, x):
    out = np.empty(x.shape)
    for i, value in np.ndenumerate(x):
        out[i] = g(float(value))
    return out


def sigmoid(x):
    return each(lambda v: 1 / (1 + math.exp(-v)) if v >= 0 else math.exp(v) / (1 + math.exp(v)), x)


def tanh(x):
    return each(math.tanh, x)


def softplus(x):
    return each(lambda v: v + math.log1p(math.exp(-v)) if v > 0 else math.log1p(math.exp(v)), x)


def swish(x):
    return np.multiply(x, sigmoid(x), order="F")
""",
    ),
)

PIECEWISE = (
    Alternative(
        id="pieces_by_masks",
        exercise="relu",
        note="products with masks, maximum of two lines, overflow in the branch that is not taken, einsum",
        source="""
def relu(x):
    return x * (x > 0)


def leaky_relu(x, alpha):
    return np.maximum(x, alpha * x)


def elu(x, alpha):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def maxout(x, W, b):
    return np.max(np.einsum("nd,kdm->nkm", x, W) + b, axis=1)
""",
    ),
    Alternative(
        id="pieces_by_copies",
        exercise="relu",
        note="boolean assignment into float copies, a loop over the pieces",
        source="""
def relu(x):
    return (x + np.abs(x)) / 2


def leaky_relu(x, alpha):
    out = np.array(x, dtype=float)
    out[out < 0] *= alpha
    return out


def elu(x, alpha):
    out = np.array(x, dtype=float)
    left = out <= 0
    out[left] = alpha * np.expm1(out[left])
    return out


def maxout(x, W, b):
    best = np.full((x.shape[0], W.shape[2]), -np.inf)
    for k in range(W.shape[0]):
        best = np.maximum(best, x @ W[k] + b[k])
    return best
""",
    ),
)

PERCEPTRON = (
    Alternative(
        id="perceptron_plain_formula",
        exercise="perceptron",
        note="the formula as it stands, whose overflow is harmless",
        source="""
def perceptron(x, w, b):
    return 1 / (1 + np.exp(-(np.einsum("nd,d->n", x, w) + b)))
""",
    ),
    Alternative(
        id="perceptron_row_by_row",
        exercise="perceptron",
        note="a Python loop, without the sigmoid of the notebook",
        source="""
def perceptron(x, w, b):
    out = []
    for row in x:
        z = float(b)
        for xi, wi in zip(row, w):
            z += xi * wi
        out.append(1 / (1 + np.exp(-z)))
    return np.array(out)
""",
    ),
    Alternative(
        id="perceptron_sum",
        exercise="perceptron",
        note="products and a sum instead of a matrix product",
        source="""
def perceptron(x, w, b):
    z = np.sum(x * w, axis=1) + b
    return 0.5 * (1 + np.tanh(z / 2))
""",
    ),
)

XOR = (
    Alternative(
        id="xor_or_minus_and",
        exercise="xor_weights",
        note="OR and not AND",
        source="""
def xor_weights():
    W1 = np.full((2, 2), 40.0)
    return W1, np.array([-20.0, -60.0]), np.array([30.0, -30.0]), np.float64(-15)
""",
    ),
    Alternative(
        id="xor_one_without_the_other",
        exercise="xor_weights",
        note="x₁ without x₂, x₂ without x₁; integers and lists",
        source="""
def xor_weights():
    return [[[30, -30], [-30, 30]], [-15, -15], np.array([12, 12]), -6]
""",
    ),
)

LAYERS = (
    Alternative(
        id="affine_einsum",
        exercise="affine_forward",
        note="einsum over flattened examples, a dict as cache",
        source="""
def affine_forward(x, w, b):
    rows = np.stack([example.ravel() for example in x])
    out = np.einsum("nd,dm->nm", rows, w) + b[None, :]
    return out, {"x": x, "w": w, "b": b}
""",
    ),
    Alternative(
        id="affine_ones_column",
        exercise="affine_forward",
        note="the bias as the weights of a constant input, a closure as cache",
        source="""
def affine_forward(x, w, b):
    N = len(x)
    rows = np.hstack([x.reshape(N, -1), np.ones((N, 1))])
    return rows.dot(np.vstack([w, b])), lambda: (x, w, b)
""",
    ),
    Alternative(
        id="affine_units",
        exercise="affine_forward",
        note="one column at a time into a Fortran-ordered array, returned in a list",
        source="""
def affine_forward(x, w, b):
    flat = x.reshape(-1, w.shape[0])
    out = np.empty((flat.shape[0], w.shape[1]), order="F")
    for j, bias in enumerate(b):
        out[:, j] = (flat * w[:, j]).sum(axis=1) + bias
    return [out, (x, w, b)]
""",
    ),
    Alternative(
        id="relu_forward_where",
        exercise="relu_forward",
        note="np.where, the mask as cache",
        source="""
def relu_forward(x):
    mask = x > 0
    return np.where(mask, x, 0.0), mask
""",
    ),
    Alternative(
        id="relu_forward_copy",
        exercise="relu_forward",
        note="assignment into a copy, a closure as cache",
        source="""
def relu_forward(x):
    out = x.copy()
    out[out < 0] = 0
    return out, lambda dout: dout * (x > 0)
""",
    ),
)

SOFT = (
    Alternative(
        id="softmax_logaddexp",
        exercise="log_softmax",
        note="np.logaddexp.reduce, an own shifted softmax, rows of the identity",
        source="""
def log_softmax(x):
    return x - np.logaddexp.reduce(x.astype(float), axis=1)[:, None]


def softmax(x):
    e = np.exp(x - np.max(x, axis=1)[:, None])
    return e / np.sum(e, axis=1)[:, None]


def one_hot(y, C):
    return np.eye(C)[y]
""",
    ),
    Alternative(
        id="softmax_row_by_row",
        exercise="log_softmax",
        note="rows in a loop, comparison with all classes",
        source="""
def log_softmax(x):
    out = np.empty(x.shape)
    for n, row in enumerate(x):
        top = max(row)
        total = sum(np.exp(s - top) for s in row)
        out[n] = [s - top - np.log(total) for s in row]
    return out


def softmax(x):
    e = np.exp((x.T - x.max(axis=1)).T)
    return (e.T / e.sum(axis=1)).T


def one_hot(y, C):
    return (y.reshape(-1, 1) == np.arange(C)).astype(np.float64)
""",
    ),
)

LOSSES = (
    Alternative(
        id="losses_with_where",
        exercise="mse_loss",
        note="logarithms only where they are finite, take_along_axis, the log of the sum for each row",
        source="""
def mse_loss(pred, y):
    return float(np.linalg.norm(pred.flatten() - y) ** 2 / len(y))


def binary_cross_entropy(p, y):
    p = np.asarray(p, dtype=float).ravel()
    log_p, log_q = np.full(p.shape, -100.0), np.full(p.shape, -100.0)
    np.log(p, out=log_p, where=p > 0)
    np.log(1 - p, out=log_q, where=p < 1)
    return float(np.mean(-y * np.clip(log_p, -100, None) - (1 - y) * np.clip(log_q, -100, None)))


def cross_entropy(scores, y):
    top = scores.max(axis=1)
    right = np.take_along_axis(scores, y[:, None].astype(int), axis=1)[:, 0]
    return np.average(np.log(np.exp(scores - top[:, None]).sum(axis=1)) + top - right)
""",
    ),
    Alternative(
        id="losses_in_python",
        exercise="mse_loss",
        note="Python floats and loops, np.where for the cut",
        source="""
def mse_loss(pred, y):
    total = 0.0
    for p, t in zip(pred.ravel().tolist(), y.tolist()):
        total += (p - t) ** 2
    return total / len(y)


def binary_cross_entropy(p, y):
    total = 0.0
    for q, t in zip(p.ravel().tolist(), y.tolist()):
        log_q = max(np.log(q), -100.0) if q > 0 else -100.0
        log_not = max(np.log1p(-q), -100.0) if q < 1 else -100.0
        total -= t * log_q + (1 - t) * log_not
    return total / len(y)


def cross_entropy(scores, y):
    rows = [top + np.log(np.exp(row - top).sum()) - row[label] for row, top, label in zip(scores, scores.max(axis=1), y)]
    return float(sum(rows)) / len(rows)
""",
    ),
    Alternative(
        id="losses_as_products",
        exercise="mse_loss",
        note="inner products, clipping at exp(−100), one-hot labels, 0-d arrays",
        source="""
def mse_loss(pred, y):
    d = np.squeeze(pred, axis=1) - y if pred.ndim == 2 else pred - y
    return np.asarray(d @ d / d.size)


def binary_cross_entropy(p, y):
    p = p.flatten()
    low = np.exp(-100.0)
    return -(y @ np.log(np.clip(p, low, 1.0)) + (1 - y) @ np.log(np.clip(1 - p, low, 1.0))) / p.size


def cross_entropy(scores, y):
    return np.asarray(-(one_hot(y, scores.shape[1]) * log_softmax(scores)).sum(axis=1).mean())
""",
    ),
)

INIT = (
    Alternative(
        id="init_normal",
        exercise="he_init",
        note="rng.normal with a standard deviation, one helper for both",
        source="""
def init(rng, fan_in, fan_out, fan):
    return rng.normal(loc=0.0, scale=(2 / fan) ** 0.5, size=fan_in * fan_out).reshape(fan_in, fan_out)


def he_init(rng, fan_in, fan_out):
    return init(rng, fan_in, fan_out, fan_in)


def xavier_init(rng, fan_in, fan_out):
    return init(rng, fan_in, fan_out, fan_in + fan_out)
""",
    ),
    Alternative(
        id="init_uniform",
        exercise="he_init",
        note="uniform distributions of the right variance",
        source="""
def he_init(rng, fan_in, fan_out):
    limit = np.sqrt(6 / fan_in)
    return rng.uniform(-limit, limit, (fan_in, fan_out))


def xavier_init(rng, fan_in, fan_out):
    limit = np.sqrt(6 / (fan_in + fan_out))
    return limit * (2 * rng.random((fan_in, fan_out)) - 1)
""",
    ),
)

NETWORK = (
    Alternative(
        id="two_layer_one_line",
        exercise="two_layer_forward",
        note="NumPy only, without the layers of the notebook",
        source="""
def two_layer_forward(params, X):
    return np.maximum(X.dot(params["W1"]) + params["b1"], 0).dot(params["W2"]) + params["b2"]
""",
    ),
    Alternative(
        id="two_layer_example_by_example",
        exercise="two_layer_forward",
        note="one example and one hidden unit at a time",
        source="""
def two_layer_forward(params, X):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    out = np.empty((len(X), len(b2)))
    for n, x in enumerate(X):
        score = b2.astype(float)
        for j in range(len(b1)):
            z = float(x @ W1[:, j]) + b1[j]
            if z > 0:
                score = score + z * W2[j]
        out[n] = score
    return out
""",
    ),
    Alternative(
        id="predict_by_sorting",
        exercise="predict",
        note="stable sorting, a Python float",
        source="""
def predict(scores):
    return np.argsort(-scores, axis=1, kind="stable")[:, 0]


def accuracy(scores, y):
    right = sum(int(a == b) for a, b in zip(predict(scores), y))
    return right / len(y)
""",
    ),
    Alternative(
        id="predict_in_a_loop",
        exercise="predict",
        note="a loop over the classes, int32 labels",
        source="""
def predict(scores):
    labels = np.zeros(scores.shape[0], dtype=np.int32)
    for c in range(1, scores.shape[1]):
        better = scores[:, c] > scores[np.arange(len(scores)), labels]
        labels[better] = c
    return labels


def accuracy(scores, y):
    return 1 - np.count_nonzero(predict(scores) - y.astype(int)) / y.size
""",
    ),
)

STATS = (
    Alternative(
        id="stats_plain_numpy",
        exercise="activation_stats",
        note="NumPy only, arrays filled in place",
        source="""
def activation_stats(params_list, X):
    L = len(params_list)
    means, stds = np.zeros(L), np.zeros(L)
    for i in range(L):
        W, b = params_list[i]
        X = np.maximum(X @ W + b, 0)
        means[i] = X.sum() / X.size
        stds[i] = np.sqrt(((X - means[i]) ** 2).sum() / X.size)
    return means, stds
""",
    ),
    Alternative(
        id="stats_recursive",
        exercise="activation_stats",
        note="recursion over the layers, returned in a list",
        source="""
def activation_stats(params_list, X):
    if not params_list:
        return [np.empty(0), np.empty(0)]
    h = relu_forward(affine_forward(X, *params_list[0])[0])[0]
    means, stds = activation_stats(params_list[1:], h)
    return [np.append(h.mean(), means), np.append(np.var(h) ** 0.5, stds)]
""",
    ),
)

ALTERNATIVES = (*SMOOTH, *PIECEWISE, *PERCEPTRON, *XOR, *LAYERS, *SOFT, *LOSSES, *INIT, *NETWORK, *STATS)
