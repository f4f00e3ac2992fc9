"""Right answers to u03_backprop that look different from the reference."""

from autograder.authoring.variants import Alternative

NUMERIC = (
    Alternative(
        id="numeric_copies",
        exercise="eval_numerical_gradient_array",
        note="moves a copy and never touches x; unravels a flat index",
        source="""
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    grad = []
    for k in range(x.size):
        step = np.zeros(x.shape)
        step[np.unravel_index(k, x.shape)] = h
        grad.append(((f(x + step) - f(x - step)) * df).sum() / 2 / h)
    return np.array(grad).reshape(x.shape)
""",
    ),
    Alternative(
        id="numeric_nditer",
        exercise="eval_numerical_gradient_array",
        note="np.nditer in place, inner product of flattened arrays, result in Fortran order",
        source="""
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    grad = np.zeros(x.shape, order="F")
    it = np.nditer(x, flags=["multi_index"], op_flags=["readwrite"])
    while not it.finished:
        ix = it.multi_index
        old = x[ix].copy()
        x[ix] = old + h
        pos = np.asarray(f(x)).copy()
        x[ix] = old - h
        neg = np.asarray(f(x)).copy()
        x[ix] = old
        grad[ix] = np.dot((pos - neg).ravel() / (2.0 * h), np.ravel(df))
        it.iternext()
    return grad
""",
    ),
)

REL_ERROR = (
    Alternative(
        id="rel_error_loop",
        exercise="rel_error",
        note="a plain loop, returns a Python float",
        source="""
def rel_error(x, y):
    worst = 0.0
    for a, b in zip(x.ravel().tolist(), y.ravel().tolist()):
        worst = max(worst, abs(a - b) / max(1e-8, abs(a) + abs(b)))
    return worst
""",
    ),
    Alternative(
        id="rel_error_clip",
        exercise="rel_error",
        note="fabs, clip and a 0-d array as result",
        source="""
def rel_error(x, y):
    size = np.clip(np.fabs(x) + np.fabs(y), 1e-8, None)
    return np.array(np.divide(np.fabs(np.subtract(y, x)), size).max())
""",
    ),
)

VALUE = (
    Alternative(
        id="value_local_derivatives",
        exercise="Value",
        note="one helper makes every operation from its value and edge derivatives; slots; own sub and div",
        source="""
class Value:
    __slots__ = ("data", "grad", "children", "op", "_backward")

    def __init__(self, data, children=(), op=""):
        self.data, self.grad, self.children, self.op = data, 0.0, tuple(children), op
        self._backward = lambda: None

    def _make(self, data, edges, op):
        out = Value(data, [child for child, _ in edges], op)

        def send():
            for child, slope in edges:
                child.grad = child.grad + slope * out.grad

        out._backward = send
        return out

    @staticmethod
    def of(x):
        return x if isinstance(x, Value) else Value(x)

    def __neg__(self):
        return self._make(-self.data, [(self, -1)], "-")

    def __add__(self, other):
        other = Value.of(other)
        return self._make(self.data + other.data, [(self, 1), (other, 1)], "+")

    def __sub__(self, other):
        other = Value.of(other)
        return self._make(self.data - other.data, [(self, 1), (other, -1)], "-")

    def __mul__(self, other):
        other = Value.of(other)
        return self._make(self.data * other.data, [(self, other.data), (other, self.data)], "*")

    def __truediv__(self, other):
        other = Value.of(other)
        q = self.data / other.data
        return self._make(q, [(self, 1 / other.data), (other, -q / other.data)], "/")

    def __pow__(self, n):
        return self._make(self.data**n, [(self, n * self.data ** (n - 1))], "**")

    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other):
        return Value.of(other) - self

    def __rtruediv__(self, other):
        return Value.of(other) / self

    def tanh(self):
        t = np.tanh(self.data)
        return self._make(t, [(self, 1 - t * t)], "tanh")

    def exp(self):
        e = np.exp(self.data)
        return self._make(e, [(self, e)], "exp")

    def relu(self):
        return self._make(self.data if self.data > 0 else 0.0, [(self, 1.0 if self.data > 0 else 0.0)], "relu")
""",
    ),
    Alternative(
        id="value_numpy_scalars",
        exercise="Value",
        note="NumPy scalars inside, tanh from a falling exponential, relu by multiplication, division through pow, lambdas as closures",
        source="""
class Value:
    def __init__(self, data, children=(), op=""):
        self.data = np.float64(data)
        self.grad = np.float64(0)
        self.children = tuple(children)
        self.op = op
        self._backward = lambda: None

    def __repr__(self):
        return f"Value({self.data})"

    def add(self, amount):
        self.grad += amount

    def __add__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        out = Value(self.data + other.data, (self, other), "+")
        out._backward = lambda: (self.add(out.grad), other.add(out.grad))
        return out

    def __mul__(self, other):
        if not isinstance(other, Value):
            other = Value(other)
        out = Value(self.data * other.data, (self, other), "*")
        out._backward = lambda: (self.add(out.grad * other.data), other.add(out.grad * self.data))
        return out

    def __pow__(self, n):
        out = Value(self.data ** float(n), (self,), "**")
        out._backward = lambda: self.add(out.grad * n * self.data ** float(n - 1))
        return out

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + other * -1.0

    def __truediv__(self, other):
        return self * other**-1 if isinstance(other, Value) else self * (1 / other)

    def __radd__(self, other):
        return Value(other) + self

    def __rmul__(self, other):
        return Value(other) * self

    def __rsub__(self, other):
        return Value(other) - self

    def __rtruediv__(self, other):
        return Value(other) / self

    def exp(self):
        out = Value(np.exp(self.data), (self,), "exp")
        out._backward = lambda: self.add(out.grad * out.data)
        return out

    def tanh(self):
        e = np.exp(-2 * np.abs(self.data))
        out = Value(np.sign(self.data) * (1 - e) / (1 + e), (self,), "tanh")
        out._backward = lambda: self.add(out.grad * (1 - out.data) * (1 + out.data))
        return out

    def relu(self):
        out = Value(self.data * (self.data > 0), (self,), "relu")
        out._backward = lambda: self.add(out.grad * (out.data > 0))
        return out
""",
    ),
)

TOPOLOGICAL = (
    Alternative(
        id="topo_iterative",
        exercise="topological_sort",
        note="an explicit stack instead of recursion, ids instead of objects",
        source="""
def topological_sort(value):
    order, done, stack = [], set(), [(value, False)]
    while stack:
        node, ready = stack.pop()
        if id(node) in done:
            continue
        if ready:
            done.add(id(node))
            order.append(node)
        else:
            stack.append((node, True))
            stack.extend((child, False) for child in node.children)
    return order


def backward(self):
    order = topological_sort(self)
    self.grad = 1.0
    while order:
        order.pop()._backward()


Value.backward = backward
""",
    ),
    Alternative(
        id="topo_count_users",
        exercise="topological_sort",
        note="Kahn's algorithm: a node is ready when all its users have acted",
        source="""
def topological_sort(value):
    from collections import deque

    users, found, todo = {value: 0}, {value}, deque([value])
    while todo:
        for child in todo.popleft().children:
            users[child] = users.get(child, 0) + 1
            if child not in found:
                found.add(child)
                todo.append(child)
    order, ready = [], deque([value])
    while ready:
        node = ready.popleft()
        order.insert(0, node)
        for child in node.children:
            users[child] -= 1
            if users[child] == 0:
                ready.append(child)
    return order


def _run(self):
    self.grad = 1
    for node in topological_sort(self)[::-1]:
        node._backward()


Value.backward = _run
""",
    ),
)

AFFINE = (
    Alternative(
        id="affine_einsum",
        exercise="affine_backward",
        note="einsum, and a closure as cache",
        source="""
def affine_forward(x, w, b):
    def backward(dout):
        rows = x.reshape(len(x), -1)
        return np.einsum("nm,dm->nd", dout, w).reshape(x.shape), np.einsum("nd,nm->dm", rows, dout), np.einsum("nm->m", dout)

    return np.einsum("nd,dm->nm", x.reshape(len(x), -1), w) + b, backward


def affine_backward(dout, cache):
    return cache(dout)
""",
    ),
    Alternative(
        id="affine_loops",
        exercise="affine_backward",
        note="one example after the other, outer products, a dict as cache, a list as result",
        source="""
def affine_forward(x, w, b):
    out = np.stack([example.ravel() @ w + b for example in x])
    return out, {"x": x.copy(), "w": w.copy()}


def affine_backward(dout, cache):
    x, w = cache["x"], cache["w"]
    dx, dw, db = np.empty(x.shape), np.zeros(w.shape), np.zeros(w.shape[1])
    for n in range(len(x)):
        dx[n] = np.dot(w, dout[n]).reshape(x.shape[1:])
        dw += np.outer(x[n].ravel(), dout[n])
        db += dout[n]
    return [dx, dw, db]
""",
    ),
    Alternative(
        id="affine_namedtuple",
        exercise="affine_backward",
        note="a named tuple as cache, ones as a matrix product, results as views and in Fortran order",
        source="""
import collections

Cache = collections.namedtuple("Cache", "shape rows w")


def affine_forward(x, w, b):
    rows = x.reshape(x.shape[0], int(np.prod(x.shape[1:])))
    return np.dot(rows, w) + b, Cache(x.shape, rows, w)


def affine_backward(dout, cache):
    dx = (cache.w @ dout.T).T
    dw = (dout.T @ cache.rows).T
    return np.reshape(dx, cache.shape), dw, np.ones(len(dout)) @ dout
""",
    ),
)

ELEMENTWISE = (
    Alternative(
        id="elementwise_where",
        exercise="relu_backward",
        note="where and copies; a boolean mask and a deque as caches",
        source="""
from collections import deque


def relu_forward(x):
    mask = x > 0
    return np.where(mask, x, 0.0), mask


def relu_backward(dout, cache):
    dx = dout.copy()
    dx[~cache] = 0.0
    return dx


def sigmoid_forward(x):
    out = sigmoid(x)
    return out, deque([out, 1.0 - out])


def sigmoid_backward(dout, cache):
    return np.multiply(dout, np.multiply(cache[0], cache[1]))
""",
    ),
    Alternative(
        id="elementwise_algebra",
        exercise="relu_backward",
        note="heaviside, and sigma - sigma squared",
        source="""
def relu_backward(dout, cache):
    return np.heaviside(cache, 0.0) * dout


def sigmoid_backward(dout, cache):
    return dout * (cache - cache**2)
""",
    ),
    Alternative(
        id="elementwise_cosh",
        exercise="relu_backward",
        note="the derivative of sigmoid as 1 / (4 cosh²(x/2)) from the input, an object as cache",
        source="""
class Kept:
    def __init__(self, x):
        self.x = x


def relu_forward(x):
    return (np.abs(x) + x) / 2, Kept(x)


def relu_backward(dout, cache):
    return dout * (np.sign(cache.x) > 0).astype(float)


def sigmoid_forward(x):
    return sigmoid(x), Kept(x)


def sigmoid_backward(dout, cache):
    return dout / (4 * np.cosh(cache.x / 2) ** 2)
""",
    ),
)

SOFTMAX = (
    Alternative(
        id="softmax_one_hot",
        exercise="softmax_loss",
        note="a one-hot matrix and logaddexp.reduce",
        source="""
def softmax_loss(x, y):
    hot = np.eye(x.shape[1])[y]
    log_p = x - np.logaddexp.reduce(x, axis=1)[:, None]
    return float(-(hot * log_p).sum() / len(x)), (np.exp(log_p) - hot) / len(x)
""",
    ),
    Alternative(
        id="softmax_loops",
        exercise="softmax_loss",
        note="plain Python numbers, example by example",
        source="""
def softmax_loss(x, y):
    N, C = x.shape
    loss, dx = 0.0, np.zeros((N, C))
    for n in range(N):
        top = max(x[n])
        powers = [math.exp(s - top) for s in x[n]]
        total = math.fsum(powers)
        loss += (top - x[n, y[n]] + math.log(total)) / N
        for c in range(C):
            dx[n, c] = (powers[c] / total - (1.0 if c == y[n] else 0.0)) / N
    return loss, dx
""",
    ),
    Alternative(
        id="softmax_take",
        exercise="softmax_loss",
        note="take_along_axis, and a loss that is a 0-d array",
        source="""
def softmax_loss(x, y):
    shifted = x - np.amax(x, axis=-1)[:, np.newaxis]
    powers = np.exp(shifted)
    sums = powers.sum(1)
    right = np.take_along_axis(shifted, y[:, None].astype(int), axis=1)[:, 0]
    weights = powers / sums[:, None]
    np.subtract.at(weights, (range(len(x)), y), 1)
    return np.asarray(np.mean(np.log(sums) - right)), weights * (1 / len(x))
""",
    ),
)

NETWORK = (
    Alternative(
        id="network_by_hand",
        exercise="two_layer_loss",
        note="all matrix products written out, no layer functions",
        source="""
def two_layer_loss(params, X, y=None, reg=0.0):
    W1, b1, W2, b2 = (params[k] for k in ("W1", "b1", "W2", "b2"))
    H = np.clip(X.dot(W1) + b1, 0, None)
    S = H.dot(W2) + b2
    if y is None:
        return S
    Z = S - S.max(1, keepdims=True)
    L = np.log(np.exp(Z).sum(1))
    n = np.arange(X.shape[0])
    G = np.exp(Z - L[:, None])
    G[n, y] -= 1
    G /= X.shape[0]
    dH = G.dot(W2.T)
    dH[H <= 0] = 0
    grads = dict(W2=H.T.dot(G), b2=np.sum(G, 0), W1=X.T.dot(dH), b1=np.sum(dH, 0))
    for k in ("W1", "W2"):
        grads[k] += reg * params[k]
    return np.mean(L - Z[n, y]) + reg / 2 * (np.vdot(W1, W1) + np.vdot(W2, W2)), grads
""",
    ),
    Alternative(
        id="network_loop_over_layers",
        exercise="two_layer_loss",
        note="a list of layers with their backward functions, an ordered dict with one key more, a list as result",
        source="""
from collections import OrderedDict


def two_layer_loss(params, X, y=None, reg=0.0):
    out, tape = X, []
    for k in (1, 2):
        out, cache = affine_forward(out, params[f"W{k}"], params[f"b{k}"])
        tape.append((k, affine_backward, cache))
        if k == 1:
            out, cache = relu_forward(out)
            tape.append((0, relu_backward, cache))
    if y is None:
        return out
    loss, flow = softmax_loss(out, y)
    grads = OrderedDict()
    while tape:
        k, back, cache = tape.pop()
        if k:
            flow, dw, db = back(flow, cache)
            grads[f"W{k}"], grads[f"b{k}"] = dw + reg * params[f"W{k}"], db
            loss = loss + 0.5 * reg * float((params[f"W{k}"] ** 2).sum())
        else:
            flow = back(flow, cache)
    grads["X"] = flow
    return [loss, grads]
""",
    ),
)

REPAIRS = (
    Alternative(
        id="repair_other_algebra",
        exercise="tanh_layer_backward",
        note="(1 − out)(1 + out), einsum, and the gate recomputed from x and u",
        source="""
def tanh_layer_backward(dout, cache):
    x, w, out = cache
    dz = dout * (1 - out) * (1 + out)
    return np.einsum("nm,dm->nd", dz, w), np.einsum("nd,nm->dm", x, dz), np.einsum("nm->m", dz)


def gated_residual_backward(dout, cache):
    x, u, _ = cache
    s = sigmoid(x * u)
    slope = s - s * s
    return dout * (1 + s + x * u * slope), np.sum(dout * x * x * slope, axis=0)
""",
    ),
    Alternative(
        id="repair_accumulates",
        exercise="tanh_layer_backward",
        note="1/cosh², affine_backward reused, gradients collected with += in fresh arrays",
        source="""
def tanh_layer_backward(dout, cache):
    x, w, out = cache
    dz = dout / np.cosh(np.arctanh(out)) ** 2
    return affine_backward(dz, (x, w, None))


def gated_residual_backward(dout, cache):
    x, u, s = cache
    dx = np.array(dout)
    dx += dout * s
    dz = sigmoid_backward(dout * x, s)
    dx += dz * u
    du = np.zeros(len(u))
    for row, grad in zip(x, dz):
        du += row * grad
    return dx, du
""",
    ),
)

BATCHNORM = (
    Alternative(
        id="bn_graph",
        exercise="batchnorm_forward",
        note="node by node through the computation graph, as in the original derivation; a dict as cache",
        source="""
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    N = x.shape[0]
    centred = x - x.sum(axis=0) / N
    var = (centred**2).sum(axis=0) / N
    root = np.sqrt(var + eps)
    x_hat = centred / root
    return x_hat * gamma + beta, dict(centred=centred, root=root, gamma=gamma, N=N)


def batchnorm_backward(dout, cache):
    centred, root, N = cache["centred"], cache["root"], cache["N"]
    dx_hat = dout * cache["gamma"]
    dinv = (dx_hat * centred).sum(axis=0)
    dcentred = dx_hat / root
    droot = -dinv / root**2
    dvar = 0.5 * droot / root
    dcentred = dcentred + 2.0 / N * centred * dvar
    dmu = -dcentred.sum(axis=0)
    dx = dcentred + dmu / N
    return dx, (dout * centred / root).sum(axis=0), dout.sum(axis=0)
""",
    ),
    Alternative(
        id="bn_centred_projection",
        exercise="batchnorm_forward",
        note="an explicit Jacobian per column, an object as cache",
        source="""
class BatchnormCache:
    pass


def batchnorm_forward(x, gamma, beta, eps=1e-5):
    kept = BatchnormCache()
    kept.gamma = np.array(gamma)
    kept.sd = (np.mean(x**2 - 2 * x * x.mean(0) + x.mean(0) ** 2, axis=0) + eps) ** 0.5
    kept.z = np.divide(np.subtract(x, np.average(x, axis=0)), kept.sd)
    return np.add(np.multiply(kept.gamma, kept.z), beta), kept


def batchnorm_backward(dout, cache):
    N, D = dout.shape
    dx = np.zeros((N, D))
    for d in range(D):
        z = cache.z[:, d]
        jacobian = (np.eye(N) - 1.0 / N - np.outer(z, z) / N) / cache.sd[d]
        dx[:, d] = cache.gamma[d] * jacobian @ dout[:, d]
    return dx, np.einsum("nd,nd->d", dout, cache.z), np.ones(N) @ dout
""",
    ),
)

ALTERNATIVES = NUMERIC + REL_ERROR + VALUE + TOPOLOGICAL + AFFINE + ELEMENTWISE + SOFTMAX + NETWORK + REPAIRS + BATCHNORM
