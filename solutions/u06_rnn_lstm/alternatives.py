"""Right answers to u06_rnn_lstm that are written differently."""

from autograder.authoring.variants import Alternative

TEXT = (
    Alternative(
        id="text_index",
        exercise="encode",
        note="str.index, int32, an explicit loop for the way back",
        source="""
def encode(text, vocab):
    ids = np.empty(len(text), dtype=np.int32)
    for k, character in enumerate(text):
        ids[k] = vocab.index(character)
    return ids


def decode(ids, vocab):
    text = ""
    for i in ids:
        text += vocab[int(i)]
    return text
""",
    ),
    Alternative(
        id="text_numpy",
        exercise="encode",
        note="arrays of characters, comparison with all of them",
        source="""
def encode(text, vocab):
    letters, known = np.array(list(text), dtype="U1"), np.array(list(vocab), dtype="U1")
    same = letters[:, None] == known[None, :]
    if not same.any(axis=1).all():
        raise ValueError("a character is not in the vocabulary")
    return same.argmax(axis=1) if len(text) else np.array([], dtype=int)


def decode(ids, vocab):
    return "".join(map(vocab.__getitem__, ids.tolist()))
""",
    ),
)

EMBEDDING = (
    Alternative(
        id="embedding_one_hot",
        exercise="word_embedding_forward",
        note="one-hot matrices and products, a dict as cache",
        source="""
def word_embedding_forward(x, W):
    hot = np.eye(W.shape[0])[x]  # (N, T, V)
    return hot @ W, {"hot": hot}


def word_embedding_backward(dout, cache):
    return np.einsum("ntv,ntd->vd", cache["hot"], dout)
""",
    ),
    Alternative(
        id="embedding_loops",
        exercise="word_embedding_forward",
        note="loops over all places, a closure as cache",
        source="""
def word_embedding_forward(x, W):
    N, T = x.shape
    out = np.empty((N, T, W.shape[1]))
    for n in range(N):
        for t in range(T):
            out[n, t] = W[x[n, t]]

    def backward(dout):
        dW = W * 0
        for n in range(N):
            for t in range(T):
                dW[x[n, t]] += dout[n, t]
        return dW

    return out, backward


def word_embedding_backward(dout, cache):
    return cache(dout)
""",
    ),
    Alternative(
        id="embedding_bincount",
        exercise="word_embedding_forward",
        note="take, and a bincount per column",
        source="""
def word_embedding_forward(x, W):
    return np.take(W, x, axis=0), (x.copy(), len(W))


def word_embedding_backward(dout, cache):
    x, V = cache
    columns = [np.bincount(x.ravel(), weights=dout[:, :, d].ravel(), minlength=V) for d in range(dout.shape[2])]
    return np.stack(columns, axis=1)
""",
    ),
)

STEP = (
    Alternative(
        id="step_one_product",
        exercise="rnn_step_forward",
        note="inputs and weights glued together, one product",
        source="""
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = np.concatenate([x, prev_h], axis=1) @ np.concatenate([Wx, Wh]) + b
    next_h = np.tanh(a)
    return next_h, (x, prev_h, Wx, Wh, next_h)
""",
    ),
    Alternative(
        id="step_by_sigmoid",
        exercise="rnn_step_forward",
        note="tanh as 2σ(2a) − 1, result in Fortran order, a list as result",
        source="""
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = np.einsum("nd,dh->nh", x, Wx) + np.einsum("nk,kh->nh", prev_h, Wh)
    next_h = np.asfortranarray(2 * sigmoid(2 * (a + b)) - 1)
    return [next_h, [x, prev_h, Wx, Wh, next_h]]
""",
    ),
)

STEP_BACK = (
    Alternative(
        id="step_back_einsum",
        exercise="rnn_step_backward",
        note="einsum, 1/cosh² of the sum, its own forward with a dict as cache",
        source="""
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    a = x @ Wx + prev_h @ Wh + b
    return np.tanh(a), {"a": a, "x": x, "h": prev_h, "Wx": Wx, "Wh": Wh}


def rnn_step_backward(dnext_h, cache):
    da = dnext_h / np.cosh(np.clip(cache["a"], -300, 300)) ** 2
    dx, dh = np.einsum("nh,dh->nd", da, cache["Wx"]), np.einsum("nh,kh->nk", da, cache["Wh"])
    return dx, dh, np.einsum("nd,nh->dh", cache["x"], da), np.einsum("nk,nh->kh", cache["h"], da), np.einsum("nh->h", da)
""",
    ),
    Alternative(
        id="step_back_by_examples",
        exercise="rnn_step_backward",
        note="one example after the other, outer products, (1 − h)(1 + h)",
        source="""
def rnn_step_backward(dnext_h, cache):
    x, prev_h, Wx, Wh, next_h = cache
    dx, dh = np.empty(x.shape), np.empty(prev_h.shape)
    dWx, dWh, db = np.zeros(Wx.shape), np.zeros(Wh.shape), np.zeros(Wh.shape[1])
    for n in range(len(x)):
        da = dnext_h[n] * (1 - next_h[n]) * (1 + next_h[n])
        dx[n], dh[n] = Wx @ da, Wh @ da
        dWx += np.outer(x[n], da)
        dWh += np.outer(prev_h[n], da)
        db += da
    return [dx, dh, dWx, dWh, db]
""",
    ),
)

SEQUENCE = (
    Alternative(
        id="sequence_filled",
        exercise="rnn_forward",
        note="an array that is filled, x turned to time first",
        source="""
def rnn_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.zeros((N, T, h0.shape[1]))
    caches = []
    for t, piece in enumerate(x.transpose(1, 0, 2)):
        h[:, t], step = rnn_step_forward(piece, h0 if t == 0 else h[:, t - 1], Wx, Wh, b)
        caches.append(step)
    return h, caches
""",
    ),
    Alternative(
        id="sequence_view",
        exercise="rnn_forward",
        note="states in time-first order, returned as a transposed view; caches in a tuple",
        source="""
def rnn_forward(x, h0, Wx, Wh, b):
    states, caches = [h0.copy()], ()
    for t in range(x.shape[1]):
        out = rnn_step_forward(np.ascontiguousarray(x[:, t, :]), states[-1], Wx, Wh, b)
        states.append(out[0])
        caches += (out[1],)
    return np.array(states[1:]).transpose(1, 0, 2), caches
""",
    ),
)

SEQUENCE_BACK = (
    Alternative(
        id="sequence_back_filled",
        exercise="rnn_backward",
        note="arrays that are filled in place, += in fresh arrays",
        source="""
def rnn_backward(dh, cache):
    N, T, H = dh.shape
    future = np.zeros((N, H))
    for t in range(T - 1, -1, -1):
        dx_t, future, dWx_t, dWh_t, db_t = rnn_step_backward(dh[:, t, :] + future, cache[t])
        if t == T - 1:
            dx = np.zeros((N, T, dx_t.shape[1]))
            dWx, dWh, db = np.zeros(dWx_t.shape), np.zeros(dWh_t.shape), np.zeros(db_t.shape)
        dx[:, t] = dx_t
        dWx += dWx_t
        dWh += dWh_t
        db += db_t
    return dx, future, dWx, dWh, db
""",
    ),
    Alternative(
        id="sequence_back_whole",
        exercise="rnn_backward",
        note="its own forward and backward without the step functions: weight gradients as one product over all steps",
        source="""
def rnn_forward(x, h0, Wx, Wh, b):
    h, state = np.empty((*x.shape[:2], len(b))), h0
    for t in range(x.shape[1]):
        h[:, t] = state = np.tanh(x[:, t] @ Wx + state @ Wh + b)
    return h, dict(x=x, h0=h0, Wx=Wx, Wh=Wh, h=h.copy())


def rnn_backward(dh, cache):
    x, h0, Wx, Wh, h = (cache[k] for k in ("x", "h0", "Wx", "Wh", "h"))
    da, back = np.empty(h.shape), np.zeros(h0.shape)
    for t in range(h.shape[1])[::-1]:
        da[:, t] = (dh[:, t] + back) * (1 - h[:, t] ** 2)
        back = da[:, t] @ Wh.T
    before = np.concatenate([h0[:, None], h[:, :-1]], axis=1)
    return da @ Wx.T, back, np.einsum("ntd,nth->dh", x, da), np.einsum("ntk,nth->kh", before, da), da.sum((0, 1))
""",
    ),
)

LOSS = (
    Alternative(
        id="loss_flat",
        exercise="temporal_softmax_loss",
        note="reshaped to (N·T, V), a flat softmax loss, weights from the mask",
        source="""
def temporal_softmax_loss(x, y, mask):
    N, T, V = x.shape
    flat, labels, weights = x.reshape(N * T, V), y.reshape(-1), mask.reshape(-1).astype(float)
    p = np.exp(flat - np.max(flat, axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    rows = np.arange(N * T)
    top = flat.max(axis=1)
    logs = flat[rows, labels] - top - np.log(np.exp(flat - top[:, None]).sum(axis=1))
    dx = p.copy()
    dx[rows, labels] -= 1
    dx *= weights[:, None] / N
    return -(weights * logs).sum() / N, dx.reshape(N, T, V)
""",
    ),
    Alternative(
        id="loss_one_hot",
        exercise="temporal_softmax_loss",
        note="one-hot answers, logaddexp.reduce, np.where for the mask, a Python float",
        source="""
def temporal_softmax_loss(x, y, mask):
    logp = x - np.logaddexp.reduce(x, axis=-1)[..., None]
    hot = np.eye(x.shape[2])[y]
    steps = np.where(mask, -(hot * logp).sum(axis=-1), 0.0)
    return float(steps.sum(axis=1).mean()), np.where(mask[..., None], np.exp(logp) - hot, 0.0) / len(x)
""",
    ),
    Alternative(
        id="loss_step_by_step",
        exercise="temporal_softmax_loss",
        note="a loop over time, only the rows that count",
        source="""
def temporal_softmax_loss(x, y, mask):
    loss, dx = 0.0, np.zeros(x.shape)
    for t in range(x.shape[1]):
        rows = np.flatnonzero(mask[:, t])
        s = x[rows, t] - x[rows, t].max(axis=1)[:, None]
        p = np.exp(s) / np.exp(s).sum(axis=1)[:, None]
        loss += np.sum(np.log(np.exp(s).sum(axis=1)) - s[range(len(rows)), y[rows, t]])
        p[range(len(rows)), y[rows, t]] -= 1
        dx[rows, t] = p / len(x)
    return loss / len(x), dx
""",
    ),
)

CLIP = (
    Alternative(
        id="clip_one_vector",
        exercise="clip_grad_norm",
        note="all gradients as one vector, np.linalg.norm, min",
        source="""
def clip_grad_norm(grads, max_norm):
    norm = float(np.linalg.norm(np.concatenate([g.ravel() for g in grads.values()])))
    factor = min(1.0, max_norm / (norm + 1e-300))
    return dict((name, factor * g) for name, g in grads.items()), norm
""",
    ),
    Alternative(
        id="clip_early_return",
        exercise="clip_grad_norm",
        note="copies when nothing is to do, vdot, an ordered dict",
        source="""
from collections import OrderedDict


def clip_grad_norm(grads, max_norm):
    norm = sum(np.vdot(g, g) for g in grads.values()) ** 0.5
    clipped = OrderedDict((name, g.copy()) for name, g in grads.items())
    if norm <= max_norm:
        return clipped, norm
    for name in clipped:
        clipped[name] /= norm / max_norm
    return clipped, norm
""",
    ),
)

LSTM = (
    Alternative(
        id="lstm_slices",
        exercise="lstm_step_forward",
        note="slices of z, gates in one call of sigmoid",
        source="""
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    z = np.dot(x, Wx) + np.dot(prev_h, Wh) + b
    gates = sigmoid(z[:, : 3 * H])
    i, f, o = gates[:, :H], gates[:, H : 2 * H], gates[:, 2 * H :]
    g = np.tanh(z[:, 3 * H :])
    next_c = np.add(np.multiply(f, prev_c), np.multiply(i, g))
    return o * np.tanh(next_c), next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, np.tanh(next_c))
""",
    ),
    Alternative(
        id="lstm_four_products",
        exercise="lstm_step_forward",
        note="four products with a part of the weights each, sigmoid as (1 + tanh(z/2))/2",
        source="""
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_c.shape[1]
    parts = []
    for k in range(4):
        block = slice(k * H, (k + 1) * H)
        parts.append(x @ Wx[:, block] + prev_h @ Wh[:, block] + b[block])
    i, f, o = (0.5 + 0.5 * np.tanh(z / 2) for z in parts[:3])
    g = np.tanh(parts[3])
    next_c = prev_c * f + g * i
    t = np.tanh(next_c)
    return [t * o, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, t)]
""",
    ),
)

LSTM_BACK = (
    Alternative(
        id="lstm_back_filled",
        exercise="lstm_step_backward",
        note="its own forward with a dict as cache; dz filled block by block, σ − σ²",
        source="""
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    H = prev_h.shape[1]
    z = x @ Wx + prev_h @ Wh + b
    kept = dict(x=x, h=prev_h, c=prev_c, Wx=Wx, Wh=Wh, s=sigmoid(z), g=np.tanh(z[:, 3 * H :]))
    kept["next_c"] = kept["s"][:, H : 2 * H] * prev_c + kept["s"][:, :H] * kept["g"]
    return kept["s"][:, 2 * H : 3 * H] * np.tanh(kept["next_c"]), kept["next_c"].copy(), kept


def lstm_step_backward(dnext_h, dnext_c, cache):
    H = dnext_h.shape[1]
    i, f, o = (cache["s"][:, k * H : (k + 1) * H] for k in range(3))
    t = np.tanh(cache["next_c"])
    dc = dnext_c + dnext_h * o - dnext_h * o * t * t
    dz = np.zeros(cache["s"].shape)
    dz[:, :H] = dc * cache["g"]
    dz[:, H : 2 * H] = dc * cache["c"]
    dz[:, 2 * H : 3 * H] = dnext_h * t
    dz[:, : 3 * H] *= cache["s"][:, : 3 * H] - cache["s"][:, : 3 * H] ** 2
    dz[:, 3 * H :] = dc * i * (1 - cache["g"]) * (1 + cache["g"])
    return dz @ cache["Wx"].T, dz @ cache["Wh"].T, f * dc, cache["x"].T @ dz, cache["h"].T @ dz, np.sum(dz, axis=0)
""",
    ),
    Alternative(
        id="lstm_back_einsum",
        exercise="lstm_step_backward",
        note="einsum, hstack, a list as result",
        source="""
def lstm_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, t = cache
    total = np.array(dnext_c)
    total += np.einsum("nh,nh,nh->nh", dnext_h, o, 1 - np.square(t))
    blocks = (total * g * i * (1 - i), total * prev_c * f * (1 - f), dnext_h * t * o * (1 - o), total * i * (1 - np.square(g)))
    dz = np.hstack(blocks)
    dx, dh = np.einsum("nz,dz->nd", dz, Wx), np.einsum("nz,hz->nh", dz, Wh)
    return [dx, dh, total * f, np.einsum("nd,nz->dz", x, dz), np.einsum("nh,nz->hz", prev_h, dz), np.ones(len(x)) @ dz]
""",
    ),
)

LSTM_SEQUENCE = (
    Alternative(
        id="lstm_sequence_filled",
        exercise="lstm_forward",
        note="an array that is filled; the pair of states in one variable",
        source="""
def lstm_forward(x, h0, Wx, Wh, b):
    N, T, _ = x.shape
    h = np.empty((N, T, Wh.shape[0]))
    pair, caches = (h0, np.zeros((N, Wh.shape[0]))), []
    for t in range(T):
        *pair, step = lstm_step_forward(x[:, t], *pair, Wx, Wh, b)
        h[:, t] = pair[0]
        caches.append(step)
    return h, caches
""",
    ),
    Alternative(
        id="lstm_sequence_recursive",
        exercise="lstm_forward",
        note="recursion over the time steps",
        source="""
def lstm_forward(x, h0, Wx, Wh, b):
    def run(t, h, c):
        if t == x.shape[1]:
            return [], []
        h, c, step = lstm_step_forward(x[:, t], h, c, Wx, Wh, b)
        later, steps = run(t + 1, h, c)
        return [h, *later], [step, *steps]

    states, caches = run(0, h0, 0.0 * h0)
    return np.array(states).swapaxes(0, 1), caches
""",
    ),
)

LSTM_SEQUENCE_BACK = (
    Alternative(
        id="lstm_sequence_back_filled",
        exercise="lstm_backward",
        note="arrays that are filled, += in fresh arrays",
        source="""
def lstm_backward(dh, cache):
    N, T, H = dh.shape
    along_h, along_c, dx, sums = np.zeros((N, H)), np.zeros((N, H)), [], None
    for t in range(T - 1, -1, -1):
        dx_t, along_h, along_c, *weights = lstm_step_backward(along_h + dh[:, t], along_c, cache[t])
        dx.append(dx_t)
        sums = [w.copy() for w in weights] if sums is None else [s + w for s, w in zip(sums, weights)]
    return np.stack(dx[::-1], axis=1), along_h, *sums
""",
    ),
    Alternative(
        id="lstm_sequence_back_collected",
        exercise="lstm_backward",
        note="the steps' weight gradients collected and summed at the end, a list as result",
        source="""
def lstm_backward(dh, cache):
    T = dh.shape[1]
    found = [None] * T
    for t in reversed(range(T)):
        h_back, c_back = (found[t + 1][1], found[t + 1][2]) if t + 1 < T else (0.0, np.zeros(dh[:, t].shape))
        found[t] = lstm_step_backward(dh[:, t] + h_back, c_back, cache[t])
    dx = np.concatenate([step[0][:, None] for step in found], axis=1)
    return [dx, found[0][1], *(np.sum([step[k] for step in found], axis=0) for k in (3, 4, 5))]
""",
    ),
)

SAMPLE = (
    Alternative(
        id="sample_inverse",
        exercise="sample",
        note="inverse of the cumulative distribution, one uniform number per token",
        source="""
def sample(step, h0, start, length, temperature, rng):
    tokens = []
    for _ in range(length):
        scores, h0 = step(tokens[-1] if tokens else start, h0)
        if temperature <= 0:
            tokens.append(int(np.argmax(scores)))
            continue
        total = np.cumsum(np.exp((scores - scores.max()) / temperature))
        tokens.append(int(np.searchsorted(total, rng.random() * total[-1], side="right")))
    return np.array(tokens, dtype=int)
""",
    ),
    Alternative(
        id="sample_gumbel",
        exercise="sample",
        note="the largest score after adding Gumbel noise times the temperature",
        source="""
def sample(step, h0, start, length, temperature, rng):
    out, state, token = np.empty(length, dtype=np.int64), h0, start
    for t in range(length):
        scores, state = step(int(token), state)
        token = np.argmax(scores + temperature * rng.gumbel(size=scores.shape))
        out[t] = token
    return out
""",
    ),
    Alternative(
        id="sample_multinomial",
        exercise="sample",
        note="rng.multinomial, log-softmax, int32",
        source="""
def sample(step, h0, start, length, temperature, rng):
    token, tokens = start, []
    while len(tokens) < length:
        scores, h0 = step(token, h0)
        if temperature:
            scaled = scores / temperature
            p = np.exp(scaled - np.logaddexp.reduce(scaled))
            token = int(np.flatnonzero(rng.multinomial(1, p / p.sum()))[0])
        else:
            token = int(max(range(len(scores)), key=lambda v: scores[v]))
        tokens.append(token)
    return np.array(tokens, dtype=np.int32)
""",
    ),
)

GRU = (
    Alternative(
        id="gru_split",
        exercise="gru_step_forward",
        note="weights split in three, n + z·(h − n)",
        source="""
def gru_step_forward(x, prev_h, Wx, Wh, b):
    (Wxr, Wxz, Wxn), (Whr, Whz, Whn), (br, bz, bn) = (np.split(a, 3, axis=-1) for a in (Wx, Wh, b))
    r = sigmoid(x @ Wxr + prev_h @ Whr + br)
    z = sigmoid(x @ Wxz + prev_h @ Whz + bz)
    n = np.tanh(x @ Wxn + np.multiply(r, prev_h) @ Whn + bn)
    return n + z * (prev_h - n)
""",
    ),
    Alternative(
        id="gru_einsum",
        exercise="gru_step_forward",
        note="all of x·Wx at once, einsum for the candidate",
        source="""
def gru_step_forward(x, prev_h, Wx, Wh, b):
    N, H = prev_h.shape
    read = (x @ Wx + b).reshape(N, 3, H)
    past = (prev_h @ Wh[:, : 2 * H]).reshape(N, 2, H)
    r, z = sigmoid(read[:, 0] + past[:, 0]), sigmoid(read[:, 1] + past[:, 1])
    n = np.tanh(read[:, 2] + np.einsum("nk,nk,kh->nh", r, prev_h, Wh[:, -H:]))
    return np.where(z > 0.5, prev_h * z + n * (1 - z), n - z * n + z * prev_h)
""",
    ),
)

MODEL = (
    Alternative(
        id="model_transposes",
        exercise="CharLSTM",
        note="time first inside, with transposes; zeros as the default state; super() in the old style",
        source="""
class CharLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size):
        super(CharLSTM, self).__init__()
        self.hidden_size = hidden_size
        self.head = nn.Linear(hidden_size, vocab_size)
        self.lstm = nn.LSTM(input_size=embed_dim, hidden_size=hidden_size, num_layers=1)
        self.embedding = nn.Embedding(num_embeddings=vocab_size, embedding_dim=embed_dim)

    def forward(self, x, hidden=None):
        vectors = self.embedding(x.t())
        if hidden is None:
            zeros = vectors.new_zeros(1, x.size(0), self.hidden_size)
            hidden = (zeros, zeros.clone())
        out, (h, c) = self.lstm(vectors, hidden)
        return self.head(out).transpose(0, 1), [h, c]
""",
    ),
    Alternative(
        id="model_step_by_step",
        exercise="CharLSTM",
        note="one call of the LSTM per letter, functional embedding and linear, a dropout of 0 that has no weights",
        source="""
class CharLSTM(nn.Module):
    def __init__(self, vocab_size, embed_dim, hidden_size):
        super().__init__()
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.drop = nn.Dropout(0.0)
        self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size)

    def forward(self, x, hidden=None):
        scores = []
        for t in range(x.shape[1]):
            out, hidden = self.lstm(self.drop(F.embedding(x[:, t : t + 1], self.embedding.weight)), hidden)
            scores.append(F.linear(out[:, 0], self.head.weight, self.head.bias))
        return torch.stack(scores, dim=1), hidden
""",
    ),
)

TRAIN = (
    Alternative(
        id="train_transposed_loss",
        exercise="train_step",
        note="classes moved to axis 1, gradients cleared at the end as well, detach with clone, a list as result",
        source="""
def train_step(model, batch, hidden, optimizer, max_norm):
    inputs, targets = batch
    model.zero_grad()
    logits, (h, c) = model(inputs, hidden)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(logits.transpose(1, 2), targets)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(list(model.parameters()), max_norm=max_norm)
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    return [float(loss), (h.detach().clone(), c.detach().clone())]
""",
    ),
    Alternative(
        id="train_clips_by_hand",
        exercise="train_step",
        note="own clipping, log_softmax and nll_loss, the incoming state detached too",
        source="""
def train_step(model, batch, hidden, optimizer, max_norm):
    x, y = batch
    if hidden is not None:
        hidden = tuple(s.detach() for s in hidden)
    optimizer.zero_grad()
    logits, hidden = model(x, hidden)
    logp = F.log_softmax(logits, dim=-1)
    loss = -logp.gather(2, y.unsqueeze(2)).mean()
    loss.backward()
    with torch.no_grad():
        grads = [p.grad for p in model.parameters() if p.grad is not None]
        norm = torch.sqrt(sum((g**2).sum() for g in grads))
        if norm > max_norm:
            for g in grads:
                g.mul_(max_norm / norm)
    optimizer.step()
    return loss.detach().cpu().numpy().item(), tuple(s.data for s in hidden)
""",
    ),
)

ALTERNATIVES = (
    TEXT
    + EMBEDDING
    + STEP
    + STEP_BACK
    + SEQUENCE
    + SEQUENCE_BACK
    + LOSS
    + CLIP
    + LSTM
    + LSTM_BACK
    + LSTM_SEQUENCE
    + LSTM_SEQUENCE_BACK
    + SAMPLE
    + GRU
    + MODEL
    + TRAIN
)
