"""Right answers of this unit, written differently from the reference."""

from __future__ import annotations

from autograder.authoring.variants import Alternative

GRADIENT_DESCENT = (
    Alternative(
        id="gd_list",
        exercise="gradient_descent",
        note="lists of points and values, stacked at the end",
        source="""def gradient_descent(f, df, x0, lr, steps):
    x = np.array(x0, dtype=float)
    points, values = [x], [f(x)]
    for _ in range(steps):
        x = x - lr * np.asarray(df(x))
        points.append(x)
        values.append(f(x))
    return np.stack(points), np.array(values, dtype=np.float64)""",
    ),
    Alternative(
        id="gd_recursive",
        exercise="gradient_descent",
        note="recursion, in-place update of a private copy, Fortran-ordered path",
        source="""def gradient_descent(f, df, x0, lr, steps):
    def walk(x, left):
        if left == 0:
            return [x.copy()]
        here = x.copy()
        x -= lr * df(x)
        return [here, *walk(x, left - 1)]

    points = walk(np.array(x0, dtype=np.float64), steps)
    path = np.asfortranarray(np.vstack(points))
    return path, np.fromiter((float(f(p)) for p in points), dtype=float)""",
    ),
)

MINIBATCHES = (
    Alternative(
        id="mb_list",
        exercise="minibatches",
        note="returns a list; shuffles copies of both arrays with one order",
        source="""def minibatches(X, y, batch_size, rng):
    order = np.arange(len(X))
    rng.shuffle(order)
    X, y = X[order], y[order]
    return [(X[i : i + batch_size], y[i : i + batch_size]) for i in range(0, len(X), batch_size)]""",
    ),
    Alternative(
        id="mb_split",
        exercise="minibatches",
        note="argsort of random keys, np.split, a list of lists",
        source="""def minibatches(X, y, batch_size, rng):
    order = np.argsort(rng.random(X.shape[0]))
    cuts = range(batch_size, len(order), batch_size)
    return [[X.take(rows, axis=0), y.take(rows, axis=0)] for rows in np.split(order, list(cuts))]""",
    ),
    Alternative(
        id="mb_while",
        exercise="minibatches",
        note="a while loop over a shrinking list of row numbers",
        source="""def minibatches(X, y, batch_size, rng):
    left = [int(i) for i in rng.permutation(X.shape[0])]
    while left:
        rows, left = left[:batch_size], left[batch_size:]
        yield np.array([X[i] for i in rows]), np.array([y[i] for i in rows])""",
    ),
)

SGD = (
    Alternative(
        id="sgd_setdefault",
        exercise="sgd",
        note="fills in the old dictionary",
        source="""def sgd(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    next_w = w.copy()
    next_w -= config["learning_rate"] * dw
    return next_w, config""",
    ),
    Alternative(
        id="sgd_new_config",
        exercise="sgd",
        note="a new dictionary and a list as the returned pair",
        source="""def sgd(w, dw, config=None):
    rate = 0.01 if config is None else config.get("learning_rate", 0.01)
    return [np.subtract(w, np.multiply(rate, dw)), dict(learning_rate=rate)]""",
    ),
)

MOMENTUM = (
    Alternative(
        id="mom_in_place_velocity",
        exercise="sgd_momentum",
        note="changes the velocity in place, inside the old dictionary",
        source="""def sgd_momentum(w, dw, config=None):
    if config is None:
        config = {}
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("momentum", 0.9)
    v = config.get("velocity", np.zeros(w.shape))
    v *= config["momentum"]
    v -= config["learning_rate"] * dw
    config["velocity"] = v
    return w + v, config""",
    ),
    Alternative(
        id="mom_none_first",
        exercise="sgd_momentum",
        note="no zeros: the first velocity is the first step; a fresh config",
        source="""def sgd_momentum(w, dw, config=None):
    old = config or {}
    lr, mu = old.get("learning_rate", 1e-2), old.get("momentum", 0.9)
    pull = -lr * dw
    v = pull if old.get("velocity") is None else mu * old["velocity"] + pull
    return np.add(w, v), {"learning_rate": lr, "momentum": mu, "velocity": v}""",
    ),
)

ADAPTIVE = (
    Alternative(
        id="ada_setdefault",
        exercise="adagrad",
        note="fills in the old dictionary and adds to the cache in place",
        source="""def adagrad(w, dw, config=None):
    config = {} if config is None else config
    config.setdefault("learning_rate", 1e-2)
    config.setdefault("epsilon", 1e-8)
    config.setdefault("cache", np.zeros(w.shape))
    config["cache"] += dw * dw
    return w - config["learning_rate"] / (config["cache"] ** 0.5 + config["epsilon"]) * dw, config


def rmsprop(w, dw, config=None):
    config = {} if config is None else config
    for key, value in (("learning_rate", 1e-2), ("decay_rate", 0.99), ("epsilon", 1e-8), ("cache", np.zeros(w.shape))):
        config.setdefault(key, value)
    config["cache"] *= config["decay_rate"]
    config["cache"] += (1 - config["decay_rate"]) * dw * dw
    return w - config["learning_rate"] / (config["cache"] ** 0.5 + config["epsilon"]) * dw, config""",
    ),
    Alternative(
        id="ada_one_helper",
        exercise="adagrad",
        note="one helper for both; the average as old + (1 − ρ)·(new − old)",
        source="""def _scaled_step(w, dw, config, renew):
    config = dict(config or {})
    lr = config.setdefault("learning_rate", 0.01)
    eps = config.setdefault("epsilon", 1e-8)
    config["cache"] = renew(config.get("cache", 0 * w), np.square(dw), config)
    return w + -lr * dw / np.add(np.sqrt(config["cache"]), eps), config


def adagrad(w, dw, config=None):
    return _scaled_step(w, dw, config, lambda old, new, _: old + new)


def rmsprop(w, dw, config=None):
    def renew(old, new, settings):
        return old + (1 - settings.setdefault("decay_rate", 0.99)) * (new - old)

    return _scaled_step(w, dw, config, renew)""",
    ),
)

ADADELTA = (
    Alternative(
        id="ad_setdefault",
        exercise="adadelta",
        note="fills in the old dictionary; one root of the quotient",
        source="""def adadelta(w, dw, config=None):
    config = {} if config is None else config
    for key, value in (("decay_rate", 0.99), ("epsilon", 1e-6), ("cache", np.zeros(w.shape)), ("delta", np.zeros(w.shape))):
        config.setdefault(key, value)
    rho, eps = config["decay_rate"], config["epsilon"]
    config["cache"] = rho * config["cache"] + (1 - rho) * np.square(dw)
    step = np.sqrt((config["delta"] + eps) / (config["cache"] + eps)) * dw
    config["delta"] = rho * config["delta"] + (1 - rho) * np.square(step)
    return w - step, config""",
    ),
    Alternative(
        id="ad_in_place_memory",
        exercise="adadelta",
        note="both averages changed in place in private copies",
        source="""def adadelta(w, dw, config=None):
    old = config or {}
    rho, eps = old.get("decay_rate", 0.99), old.get("epsilon", 1e-6)
    cache = np.array(old.get("cache", np.zeros(w.shape)))
    delta = np.array(old.get("delta", np.zeros(w.shape)))
    cache += (1 - rho) * (dw**2 - cache)
    rms = lambda a: (a + eps) ** 0.5
    step = rms(delta) / rms(cache) * -dw
    delta += (1 - rho) * (step**2 - delta)
    return w + step, {"decay_rate": rho, "epsilon": eps, "cache": cache, "delta": delta}""",
    ),
)

ADAM = (
    Alternative(
        id="adam_setdefault",
        exercise="adam",
        note="fills in the old dictionary and changes its arrays in place",
        source="""def adam(w, dw, config=None):
    config = {} if config is None else config
    defaults = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": np.zeros(w.shape), "v": np.zeros(w.shape), "t": 0}
    for key, value in defaults.items():
        config.setdefault(key, value)
    config["t"] += 1
    config["m"] *= config["beta1"]
    config["m"] += (1 - config["beta1"]) * dw
    config["v"] *= config["beta2"]
    config["v"] += (1 - config["beta2"]) * dw * dw
    step = config["learning_rate"] / (1 - config["beta1"] ** config["t"]) * config["m"]
    step /= np.sqrt(config["v"] / (1 - config["beta2"] ** config["t"])) + config["epsilon"]
    return w - step, config""",
    ),
    Alternative(
        id="adam_paper",
        exercise="adam",
        note="the corrections folded into the rate and ε (the efficient form of the paper), t as a NumPy integer",
        source="""def adam(w, dw, config=None):
    c = dict(learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8, m=0.0, v=0.0, t=np.int64(0))
    c.update(config or {})
    c["t"] = c["t"] + 1
    c["m"] = c["m"] + (1 - c["beta1"]) * (dw - c["m"])
    c["v"] = c["v"] + (1 - c["beta2"]) * (dw**2 - c["v"])
    root = math.sqrt(1 - c["beta2"] ** int(c["t"]))
    rate = c["learning_rate"] * root / (1 - c["beta1"] ** int(c["t"]))
    return w - rate * c["m"] / (np.sqrt(c["v"]) + root * c["epsilon"]), c""",
    ),
)

ADAMW = (
    Alternative(
        id="aw_decay_first",
        exercise="adamw",
        note="shrinks first, then takes the Adam step of the old w (PyTorch's order)",
        source="""def adamw(w, dw, config=None):
    config = {"learning_rate": 1e-3, "weight_decay": 1e-2, **(config or {})}
    stepped, config = adam(np.zeros(w.shape), dw, config)
    return w * (1 - config["learning_rate"] * config["weight_decay"]) + stepped, config""",
    ),
    Alternative(
        id="aw_in_full",
        exercise="adamw",
        note="without calling adam, filling in the old dictionary",
        source="""def adamw(w, dw, config=None):
    if config is None:
        config = {}
    for key, value in (("learning_rate", 1e-3), ("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8), ("weight_decay", 1e-2), ("t", 0)):
        config.setdefault(key, value)
    b1, b2 = config["beta1"], config["beta2"]
    config["t"] += 1
    config["m"] = b1 * config.get("m", 0) + (1 - b1) * dw
    config["v"] = b2 * config.get("v", 0) + (1 - b2) * dw**2
    direction = config["m"] / (1 - b1 ** config["t"]) / (np.sqrt(config["v"] / (1 - b2 ** config["t"])) + config["epsilon"])
    return w - config["learning_rate"] * (direction + config["weight_decay"] * w), config""",
    ),
)

SCHEDULES = (
    Alternative(
        id="sd_loops",
        exercise="step_decay",
        note="repeated multiplication; the cosine as a squared half angle, NumPy numbers",
        source="""def step_decay(t, lr0, drop, every):
    lr = np.float64(lr0)
    for _ in range(every, t + 1, every):
        lr *= drop
    return lr


def cosine_lr(t, T, lr_max, lr_min=0.0):
    if t >= T:
        return np.float64(lr_min)
    return lr_min + (lr_max - lr_min) * np.cos(np.pi * t / (2 * T)) ** 2""",
    ),
    Alternative(
        id="sd_floor",
        exercise="step_decay",
        note="floor and powers from NumPy, the cosine as a weighted mean, 0-d arrays",
        source="""def step_decay(t, lr0, drop, every):
    return np.multiply(lr0, np.power(float(drop), np.floor(t / every)))


def cosine_lr(t, T, lr_max, lr_min=0.0):
    share = (1 + np.cos(np.pi * np.minimum(1.0, t / T))) / 2
    return np.asarray(share * lr_max + (1 - share) * lr_min)""",
    ),
)

DROPOUT = (
    Alternative(
        id="do_dictionary",
        exercise="dropout_forward",
        note="the global generator, ≤, a dictionary as cache, boolean mask and division in backward",
        source="""def dropout_forward(x, dropout_param):
    if "seed" in dropout_param:
        np.random.seed(dropout_param["seed"] % 2**32)
    p, mode = dropout_param["p"], dropout_param["mode"]
    mask = None
    out = x.copy()
    if mode == "train":
        mask = np.random.rand(*x.shape) <= p
        out[~mask] = 0.0
        out /= p
    return out, {"mask": mask, "p": p, "mode": mode}


def dropout_backward(dout, cache):
    if cache["mode"] == "test":
        return dout.copy()
    dx = dout / cache["p"]
    dx[~cache["mask"]] = 0.0
    return dx""",
    ),
    Alternative(
        id="do_closure",
        exercise="dropout_forward",
        note="a binomial mask of ones in test mode too, a closure as cache",
        source="""def dropout_forward(x, dropout_param):
    p = dropout_param["p"] if dropout_param["mode"] == "train" else 1.0
    rng = np.random.default_rng(dropout_param["seed"]) if "seed" in dropout_param else np.random.default_rng()
    mask = rng.binomial(1, p, size=x.shape)
    return x * mask / p, lambda dout: mask * dout / p


def dropout_backward(dout, cache):
    return cache(dout)""",
    ),
    Alternative(
        id="do_old_generator",
        exercise="dropout_forward",
        note="RandomState, np.where, a tuple as cache",
        source="""def dropout_forward(x, dropout_param):
    if dropout_param["mode"] == "test":
        return x, ("test", None)
    p, seed = dropout_param["p"], dropout_param.get("seed")
    keep = np.random.RandomState(seed).uniform(size=x.shape) < p
    return np.where(keep, x / p, 0.0), ("train", np.where(keep, 1 / p, 0.0))


def dropout_backward(dout, cache):
    mode, scale = cache
    return dout if mode == "test" else np.multiply(scale, dout)""",
    ),
)

EARLY_STOPPING = (
    Alternative(
        id="es_counter",
        exercise="early_stopping",
        note="counts the waiting; NumPy integers",
        source="""def early_stopping(val_losses, patience):
    best, best_epoch, waited = np.inf, np.int64(-1), 0
    for epoch in range(len(val_losses)):
        if not np.isnan(val_losses[epoch]) and val_losses[epoch] < best:
            best, best_epoch, waited = val_losses[epoch], np.int64(epoch), 0
        else:
            waited += 1
            if waited == patience:
                break
    return best_epoch, np.int64(epoch)""",
    ),
    Alternative(
        id="es_running_minimum",
        exercise="early_stopping",
        note="finds all new bests with a running minimum, then the first long gap; a list of two",
        source="""def early_stopping(val_losses, patience):
    losses = np.array(val_losses, dtype=float)
    losses[np.isnan(losses)] = np.inf
    before = np.minimum.accumulate(np.concatenate([[np.inf], losses[:-1]]))
    last = -1
    for epoch in [*np.flatnonzero(losses < before), len(losses) + patience]:
        if epoch - last > patience and last + patience < len(losses):
            return [int(last), int(last + patience)]
        if epoch >= len(losses):
            return [int(last), len(losses) - 1]
        last = epoch""",
    ),
)

SOLVER = (
    Alternative(
        id="so_new_dictionaries",
        exercise="Solver",
        note="new dictionaries for each batch instead of changes; validation losses searched at the end",
        source="""class Solver:
    def __init__(self, params, loss_fn, update, config=None):
        self.params, self.loss_fn, self.update = params, loss_fn, update
        self.states = {k: None if config is None else config.copy() for k in params}

    def train(self, batches, epochs, val_loss=None):
        losses, vals, snapshots = [], [], []
        for epoch in range(epochs):
            for X, y in list(batches()):
                loss, grads = self.loss_fn(self.params, X, y)
                results = {k: self.update(w, grads[k], self.states[k]) for k, w in self.params.items()}
                self.params = {k: r[0] for k, r in results.items()}
                self.states = {k: r[1] for k, r in results.items()}
                losses.append(loss)
            if val_loss:
                vals.append(val_loss(self.params))
                snapshots.append(self.params)
        if vals:
            self.params = snapshots[vals.index(min(vals))]
        return {"loss": losses, "val_loss": vals}""",
    ),
    Alternative(
        id="so_in_place",
        exercise="Solver",
        note="keeps the parameters in a private attribute with a property, copies arrays, history with a key more",
        source="""import copy


class Solver:
    def __init__(self, params, loss_fn, update, config=None):
        self._weights = {k: np.array(v, dtype=float) for k, v in params.items()}
        self._loss, self._update = loss_fn, update
        self._config = {}
        self._first = config

    @property
    def params(self):
        return self._weights

    def train(self, batches, epochs, val_loss=None):
        history = {"loss": [], "val_loss": [], "epochs": epochs}
        best = None
        for epoch in range(epochs):
            for batch in batches():
                value, grads = self._loss(self._weights, *batch)
                history["loss"].append(np.float64(value))
                for k in sorted(self._weights):
                    state = self._config.get(k, copy.deepcopy(self._first) or {})
                    self._weights[k][...], self._config[k] = self._update(self._weights[k], grads[k], state)
            if val_loss is None:
                continue
            history["val_loss"].append(np.float64(val_loss(self._weights)))
            if best is None or history["val_loss"][-1] < best[0]:
                best = history["val_loss"][-1], copy.deepcopy(self._weights)
        if best is not None:
            self._weights = best[1]
        return history""",
    ),
)

ALTERNATIVES = (
    *GRADIENT_DESCENT,
    *MINIBATCHES,
    *SGD,
    *MOMENTUM,
    *ADAPTIVE,
    *ADADELTA,
    *ADAM,
    *ADAMW,
    *SCHEDULES,
    *DROPOUT,
    *EARLY_STOPPING,
    *SOLVER,
)
