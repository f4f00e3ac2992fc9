"""Wrong answers that people give in this unit, each with the hint its author reads."""

from __future__ import annotations

from autograder.authoring.variants import Misconception


def edit(id_: str, exercise: str, hint: str, *edits: tuple[str, str]) -> Misconception:
    """Return a misconception that changes a few lines of the reference's cell."""
    return Misconception(id=id_, exercise=exercise, hint=hint, edits=edits)


GRADIENT_DESCENT = (
    edit(
        "gd_ascent",
        "gradient_descent",
        "You walk uphill: the gradient points to where f grows fastest, so the step goes against it.",
        ("- lr * df(path[t])", "+ lr * df(path[t])"),
    ),
    Misconception(
        id="gd_same_array",
        exercise="gradient_descent",
        hint="All rows of your path are the last point. `x -= …` changes the array that is already in your list; put a new array in for each point.",
        source="""def gradient_descent(f, df, x0, lr, steps):
    x = np.array(x0, dtype=float)
    path = [x]
    for _ in range(steps):
        x -= lr * df(x)
        path.append(x)
    path = np.array(path)
    return path, np.array([f(p) for p in path], dtype=float)""",
    ),
    edit(
        "gd_without_start",
        "gradient_descent",
        "Your path has a row too few: the start belongs to it, so `steps` updates give `steps + 1` points.",
        ("return path, values", "return path[1:], values[1:]"),
    ),
    edit(
        "gd_first_gradient",
        "gradient_descent",
        "Every step of yours has the direction and length of the first one. The slope has to be measured anew at each point.",
        ("df(path[t])", "df(path[0])"),
    ),
    edit(
        "gd_truncated",
        "gradient_descent",
        "Started from integers, your path holds integers: the array took the dtype of x0 and cut the decimals off. Make it a float array.",
        ("np.empty((steps + 1, len(x0)))", "np.empty((steps + 1, len(x0)), dtype=x0.dtype)"),
    ),
    Misconception(
        id="gd_moves_start",
        exercise="gradient_descent",
        hint="Your function moves the caller's x0: `x = np.asarray(x0)` is no copy, and `x -= …` changes it in place.",
        source="""def gradient_descent(f, df, x0, lr, steps):
    x = np.asarray(x0)
    path = [x.astype(float)]
    for _ in range(steps):
        x -= (lr * df(x)).astype(x.dtype)
        path.append(x.astype(float))
    return np.array(path), np.array([f(p) for p in path], dtype=float)""",
    ),
    edit(
        "gd_values_short",
        "gradient_descent",
        "The value at the last point is missing from `values`: it has one entry for each row of path.",
        ("for x in path]", "for x in path[:-1]]"),
    ),
    edit(
        "gd_unit_steps",
        "gradient_descent",
        "All your steps have the same length. The gradient is not normalised: where the slope is gentle the step is short.",
        ("- lr * df(path[t])", "- lr * df(path[t]) / max(np.linalg.norm(df(path[t])), 1e-300)"),
    ),
    edit(
        "gd_extra_step",
        "gradient_descent",
        "You take one step too many: `steps` counts the updates, not the points.",
        ("np.empty((steps + 1,", "np.empty((steps + 2,"),
        ("in range(steps)", "in range(steps + 1)"),
    ),
    edit(
        "gd_downhill_only",
        "gradient_descent",
        "You leave out the steps that go uphill. The rule steps every time; a learning rate that is too large shows in the values.",
        (
            "        path[t + 1] = path[t] - lr * df(path[t])",
            "        new = path[t] - lr * df(path[t])\n        path[t + 1] = new if f(new) < f(path[t]) else path[t]",
        ),
    ),
    edit(
        "gd_value_before",
        "gradient_descent",
        "Your values lag one step behind: values[t] is f at path[t], the point after t updates.",
        ("for x in path]", "for x in path[[0, *range(steps)]]]"),
    ),
)

MINIBATCHES = (
    edit(
        "mb_shuffled_apart",
        "minibatches",
        "Examples and labels do not belong together any more: you shuffled X and y with two different orders. Draw one order and index both with it.",
        ("    order = rng.permutation(len(X))", "    order, other = rng.permutation(len(X)), rng.permutation(len(X))"),
        ("y[rows]", "y[other[start : start + batch_size]]"),
    ),
    edit(
        "mb_labels_in_order",
        "minibatches",
        "The labels are still in the order of the data while the examples are shuffled. Index both with the same rows.",
        ("y[rows]", "y[start : start + batch_size]"),
    ),
    edit(
        "mb_last_dropped",
        "minibatches",
        "The last, short batch is missing, so some examples are never used in an epoch.",
        ("range(0, len(X), batch_size)", "range(0, len(X) - batch_size + 1, batch_size)"),
    ),
    edit(
        "mb_with_replacement",
        "minibatches",
        "Some examples turn up several times in an epoch and others never: you draw with replacement. A permutation uses each exactly once.",
        ("rng.permutation(len(X))", "rng.integers(0, len(X), len(X))"),
    ),
    Misconception(
        id="mb_fresh_draw",
        exercise="minibatches",
        hint="Each batch is a fresh draw from all examples, so an epoch repeats some and misses others. Draw one order for the whole epoch and cut it into pieces.",
        source="""def minibatches(X, y, batch_size, rng):
    for start in range(0, len(X), batch_size):
        rows = rng.choice(len(X), min(batch_size, len(X) - start), replace=False)
        yield X[rows], y[rows]""",
    ),
    edit(
        "mb_not_shuffled",
        "minibatches",
        "The batches come in the order of the data. If the data are sorted by class, each batch then shows the network a single class.",
        ("rng.permutation(len(X))", "np.arange(len(X))"),
    ),
    edit(
        "mb_same_order",
        "minibatches",
        "Every epoch has the same order: you make a generator of your own with a fixed seed. Use the one that is passed in; it goes on from call to call.",
        ("rng.permutation(len(X))", "np.random.default_rng(0).permutation(len(X))"),
    ),
    edit(
        "mb_in_place",
        "minibatches",
        "You shuffled the caller's X and y themselves. Shuffle row numbers, and take the rows by indexing.",
        ("        yield X[rows], y[rows]", "        yield X[start : start + batch_size].copy(), y[start : start + batch_size].copy()"),
        ("    for start in", "    X[:], y[:] = X[order], y[order]\n    for start in"),
    ),
    Misconception(
        id="mb_batches_shuffled",
        exercise="minibatches",
        hint="You shuffle the order of the batches, but each batch is still a stretch of neighbours in the data. Shuffle the examples.",
        source="""def minibatches(X, y, batch_size, rng):
    starts = np.arange(0, len(X), batch_size)
    full, rest = starts[: len(X) // batch_size], starts[len(X) // batch_size :]
    for start in [*rng.permutation(full), *rest]:
        yield X[start : start + batch_size], y[start : start + batch_size]""",
    ),
    edit(
        "mb_last_filled",
        "minibatches",
        "You fill the last batch up with examples from the beginning of the order, so these are used twice in the epoch.",
        ("order[start : start + batch_size]", "order[np.arange(start, start + batch_size) % len(X)]"),
    ),
    edit(
        "mb_empty_batch",
        "minibatches",
        "There is an empty batch at the end when the batch size divides the number of examples. Stop before the start runs past the data.",
        ("range(0, len(X), batch_size)", "range(0, len(X) + 1, batch_size)"),
    ),
    edit(
        "mb_squeezed",
        "minibatches",
        "An axis of length one disappears from your batches: a batch of one example still is a batch, of shape (1, …).",
        ("yield X[rows], y[rows]", "yield np.squeeze(X[rows]), np.atleast_1d(np.squeeze(y[rows]))"),
    ),
    edit(
        "mb_flattened",
        "minibatches",
        "Your batches are flattened: an image (H, W) stays an image in its batch (B, H, W).",
        ("yield X[rows],", "yield X[rows].reshape(len(rows), -1),"),
    ),
    edit(
        "mb_one_short",
        "minibatches",
        "Each of your batches is one example short: a slice start : end already leaves its end out.",
        ("start + batch_size]", "start + max(batch_size - 1, 1)]"),
    ),
)

SGD = (
    edit("sgd_ascent", "sgd", "The loss grows: step against the gradient, w − η·dw.", ("return w - config", "return w + config")),
    edit(
        "sgd_in_place",
        "sgd",
        "Your function changes w itself. `w -= …` works on the caller's array; compute a new one.",
        ('    return w - config["learning_rate"] * dw, config', '    w -= config["learning_rate"] * dw\n    return w, config'),
    ),
    edit(
        "sgd_default_rate",
        "sgd",
        "Without a config your step has the wrong length: the default learning rate is 1e-2.",
        ('{"learning_rate": 1e-2,', '{"learning_rate": 1e-3,'),
    ),
    edit(
        "sgd_ignores_rate",
        "sgd",
        "Your step does not depend on the learning rate in config.",
        ('config["learning_rate"] * dw', "1e-2 * dw"),
    ),
    edit(
        "sgd_loses_config",
        "sgd",
        "The config you return has lost the learning rate, so the next step falls back to the default.",
        ("* dw, config", "* dw, {}"),
    ),
    edit(
        "sgd_averages",
        "sgd",
        "Your step is too short by the length of dw: dw is the gradient of the mean loss already, there is nothing left to average.",
        ("* dw, config", "* dw / len(dw), config"),
    ),
    edit(
        "sgd_default_wins",
        "sgd",
        "The default overwrites the learning rate that was given: fill in only what is missing.",
        ('{"learning_rate": 1e-2, **(config or {})}', '{**(config or {}), "learning_rate": 1e-2}'),
    ),
)

MOMENTUM = (
    edit(
        "mom_not_stored",
        "sgd_momentum",
        "From the second step on you have plain SGD: the new velocity never gets into the config that you return.",
        ('    config["velocity"] = velocity\n', ""),
    ),
    edit(
        "mom_ema",
        "sgd_momentum",
        "Your steps are 1 − μ times too short: this is a moving average of the gradient. Classical momentum adds the whole step −η·dw to μ·v.",
        ('- config["learning_rate"] * dw', '- (1 - config["momentum"]) * config["learning_rate"] * dw'),
    ),
    edit(
        "mom_nesterov",
        "sgd_momentum",
        "This is Nesterov's variant, which looks ahead. Classical momentum moves w by the new velocity itself.",
        ("return w + velocity", 'return w + config["momentum"] * velocity - config["learning_rate"] * dw'),
    ),
    edit(
        "mom_ascent",
        "sgd_momentum",
        "The gradient enters the velocity with the wrong sign: v ← μ·v − η·dw.",
        ('- config["learning_rate"] * dw', '+ config["learning_rate"] * dw'),
    ),
    edit(
        "mom_subtracted",
        "sgd_momentum",
        "You subtract a velocity that already points downhill, and so you climb. The minus sign is in the velocity; w moves by + v.",
        ("return w + velocity", "return w - velocity"),
    ),
    edit(
        "mom_gradient_sum",
        "sgd_momentum",
        "Your velocity collects gradients and the learning rate comes in later (PyTorch's convention). Here the velocity is the step itself, v ← μ·v − η·dw.",
        ('- config["learning_rate"] * dw', "+ dw"),
        ("return w + velocity", 'return w - config["learning_rate"] * velocity'),
    ),
    edit(
        "mom_rate_twice",
        "sgd_momentum",
        "The learning rate enters twice: it is in the velocity already, so w moves by v itself.",
        ("return w + velocity", 'return w + config["learning_rate"] * velocity'),
    ),
    edit(
        "mom_rate_on_both",
        "sgd_momentum",
        "You multiply the old velocity by the learning rate as well: only the gradient is, v ← μ·v − η·dw.",
        (
            'config["momentum"] * config["velocity"] - config["learning_rate"] * dw',
            'config["learning_rate"] * (config["momentum"] * config["velocity"] - dw)',
        ),
    ),
    Misconception(
        id="mom_shared",
        exercise="sgd_momentum",
        hint="The velocity of one tensor turns up in another: you keep it in a global variable. Each tensor's memory lives in its own config.",
        source="""VELOCITY = 0.0


def sgd_momentum(w, dw, config=None):
    global VELOCITY
    if config is None or "velocity" not in config:
        VELOCITY = np.zeros_like(w)
    config = {"learning_rate": 1e-2, "momentum": 0.9, **(config or {})}
    VELOCITY = config["momentum"] * VELOCITY - config["learning_rate"] * dw
    config["velocity"] = VELOCITY
    return w + VELOCITY, config""",
    ),
    edit(
        "mom_in_place",
        "sgd_momentum",
        "Your function changes w itself. `w += …` works on the caller's array; compute a new one.",
        ("    return w + velocity, config", "    w += velocity\n    return w, config"),
    ),
    edit("mom_default", "sgd_momentum", "Without a config your momentum is not the default 0.9.", ('"momentum": 0.9', '"momentum": 0.99')),
    edit(
        "mom_old_velocity",
        "sgd_momentum",
        "You move by the old velocity and only then renew it, so every gradient comes a step too late.",
        (
            '    config["velocity"] = velocity\n    return w + velocity, config',
            '    next_w = w + config["velocity"]\n    config["velocity"] = velocity\n    return next_w, config',
        ),
    ),
)

_GRAD_STEP = 'return w - config["learning_rate"] * dw / scale, config'
_RMS_STEP = 'return w - config["learning_rate"] * dw / (np.sqrt(average) + config["epsilon"]), config'
ADAPTIVE = (
    edit(
        "ada_forgets",
        "adagrad",
        "Your Adagrad cache holds only the last squared gradient, so every step has the length η. Add to what was there.",
        ('config["cache"] = config["cache"] + dw**2', 'config["cache"] = dw**2'),
    ),
    edit(
        "ada_no_root",
        "adagrad",
        "Adagrad divides by the root of the cache: without it a step shrinks when the gradient grows.",
        ('np.sqrt(config["cache"]) + config["epsilon"]', 'config["cache"] + config["epsilon"]'),
    ),
    edit(
        "ada_eps_inside",
        "adagrad",
        "In your Adagrad ε is under the root; here it is added outside: √c + ε.",
        ('np.sqrt(config["cache"]) + config["epsilon"]', 'np.sqrt(config["cache"] + config["epsilon"])'),
    ),
    edit(
        "ada_abs",
        "adagrad",
        "Your Adagrad cache adds up |dw|; it should add up squares.",
        ('config["cache"] + dw**2', 'config["cache"] + np.abs(dw)'),
    ),
    edit(
        "ada_old_cache",
        "adagrad",
        "Your Adagrad divides by the cache from before this gradient, which is 0 in the first step. Renew the cache first.",
        (
            '    config["cache"] = config["cache"] + dw**2\n    scale = np.sqrt(config["cache"]) + config["epsilon"]',
            '    scale = np.sqrt(config["cache"]) + config["epsilon"]\n    config["cache"] = config["cache"] + dw**2',
        ),
    ),
    edit(
        "ada_not_stored",
        "adagrad",
        "Your Adagrad cache never grows beyond one gradient: store the new cache in the config that you return.",
        (
            '    config["cache"] = config["cache"] + dw**2\n    scale = np.sqrt(config["cache"])',
            '    new = config["cache"] + dw**2\n    scale = np.sqrt(new)',
        ),
    ),
    edit(
        "ada_no_eps",
        "adagrad",
        "Your Adagrad has no ε: a weight whose gradient has always been 0 becomes 0/0 = NaN.",
        ('    scale = np.sqrt(config["cache"]) + config["epsilon"]', '    scale = np.sqrt(config["cache"])'),
    ),
    edit(
        "ada_in_place",
        "adagrad",
        "Your adagrad changes w itself. `w -= …` works on the caller's array; compute a new one.",
        (_GRAD_STEP, 'w -= config["learning_rate"] * dw / scale\n    return w, config'),
    ),
    edit(
        "ada_ascent",
        "adagrad",
        "Your Adagrad climbs: step against the gradient.",
        ('return w - config["learning_rate"] * dw / scale', 'return w + config["learning_rate"] * dw / scale'),
    ),
    edit(
        "ada_averages",
        "adagrad",
        "Your Adagrad cache is a mean of squares; Adagrad adds them up (the average is RMSProp's idea).",
        ('config["cache"] = config["cache"] + dw**2', 'config["cache"] = 0.99 * config["cache"] + 0.01 * dw**2'),
    ),
    Misconception(
        id="ada_shared",
        exercise="adagrad",
        hint="Adagrad's cache of one tensor turns up in another: you keep it in a global variable. Each tensor's memory lives in its own config.",
        edits=(
            ("def adagrad(", "CACHE = 0.0\n\n\ndef adagrad("),
            (
                '    config["cache"] = config["cache"] + dw**2',
                '    global CACHE\n    if not np.any(config["cache"]):\n        CACHE = np.zeros(w.shape)\n    config["cache"] = CACHE = CACHE + dw**2',
            ),
        ),
    ),
    Misconception(
        id="rms_shared",
        exercise="adagrad",
        hint="RMSProp's cache of one tensor turns up in another: you keep it in a global variable. Each tensor's memory lives in its own config.",
        edits=(
            ("def rmsprop(", "AVERAGE = 0.0\n\n\ndef rmsprop("),
            (
                '    average = rho * config["cache"] + (1 - rho) * dw**2\n',
                '    global AVERAGE\n    if not np.any(config["cache"]):\n        AVERAGE = np.zeros(w.shape)\n    AVERAGE = average = rho * AVERAGE + (1 - rho) * dw**2\n',
            ),
        ),
    ),
    edit(
        "ada_default_rate",
        "adagrad",
        "Without a config your Adagrad step has the wrong length: the default learning rate is 1e-2.",
        ('{"learning_rate": 1e-2, "epsilon": 1e-8, "cache"', '{"learning_rate": 1e-3, "epsilon": 1e-8, "cache"'),
    ),
    edit(
        "ada_one_scale",
        "adagrad",
        "Your Adagrad divides the whole tensor by one number. Every entry has its own cache and its own step.",
        ('config["cache"] = config["cache"] + dw**2', 'config["cache"] = config["cache"] + np.sum(dw**2)'),
    ),
    edit(
        "rms_swapped",
        "adagrad",
        "The two factors of your RMSProp average are swapped: with ρ = 0.99 the old cache keeps 0.99 and the new square gets 0.01.",
        ('rho * config["cache"] + (1 - rho) * dw**2', '(1 - rho) * config["cache"] + rho * dw**2'),
    ),
    edit(
        "rms_eps_inside",
        "adagrad",
        "In your RMSProp ε is under the root; here it is added outside: √c + ε.",
        ('(np.sqrt(average) + config["epsilon"])', 'np.sqrt(average + config["epsilon"])'),
    ),
    edit(
        "rms_no_root",
        "adagrad",
        "RMSProp divides by the root of the cache: the mean square has the wrong unit.",
        ('(np.sqrt(average) + config["epsilon"])', '(average + config["epsilon"])'),
    ),
    edit(
        "rms_sums",
        "adagrad",
        "The new square enters your RMSProp cache with its full weight. In a moving average it gets 1 − ρ.",
        ("+ (1 - rho) * dw**2", "+ dw**2"),
    ),
    edit(
        "rms_old_cache",
        "adagrad",
        "Your RMSProp divides by the cache from before this gradient, which is 0 in the first step. Renew the cache first.",
        (
            '    config["cache"] = average\n    ' + _RMS_STEP,
            '    old, config["cache"] = config["cache"], average\n    ' + _RMS_STEP.replace("average", "old"),
        ),
    ),
    edit(
        "rms_abs",
        "adagrad",
        "Your RMSProp cache averages |dw|; it should average squares.",
        ("(1 - rho) * dw**2", "(1 - rho) * np.abs(dw)"),
    ),
    edit(
        "rms_not_stored",
        "adagrad",
        "Your RMSProp forgets everything between two steps: store the new cache in the config that you return.",
        ('    config["cache"] = average\n', ""),
    ),
    edit(
        "rms_default_decay",
        "adagrad",
        "Without a config your RMSProp's decay rate is not the default 0.99.",
        ('"decay_rate": 0.99', '"decay_rate": 0.9'),
    ),
    edit(
        "rms_no_eps",
        "adagrad",
        "Your RMSProp has no ε: a weight whose gradient has always been 0 becomes 0/0 = NaN.",
        ('(np.sqrt(average) + config["epsilon"])', "np.sqrt(average)"),
    ),
    edit(
        "rms_in_place",
        "adagrad",
        "Your rmsprop changes w itself. `w -= …` works on the caller's array; compute a new one.",
        (_RMS_STEP, 'w -= config["learning_rate"] * dw / (np.sqrt(average) + config["epsilon"])\n    return w, config'),
    ),
    edit(
        "rms_ascent",
        "adagrad",
        "Your RMSProp climbs: step against the gradient.",
        ('return w - config["learning_rate"] * dw / (np.sqrt(average)', 'return w + config["learning_rate"] * dw / (np.sqrt(average)'),
    ),
    edit(
        "rms_corrected",
        "adagrad",
        "Your RMSProp corrects the average for its start at zero. That is Adam's idea; RMSProp uses the average as it is.",
        (
            '    config["cache"] = average\n',
            '    config["cache"] = average\n    config["t"] = config.get("t", 0) + 1\n    average = average / (1 - rho ** config["t"])\n',
        ),
    ),
)

ADADELTA = (
    edit(
        "ad_gradient_twice",
        "adadelta",
        "Your delta averages squared gradients. It averages the squares of your own steps.",
        ("(1 - rho) * step**2", "(1 - rho) * dw**2"),
    ),
    edit(
        "ad_eps_outside",
        "adadelta",
        "ε belongs inside both roots here: outside, the first step is far too small to get going.",
        ('-np.sqrt(config["delta"] + eps) / np.sqrt(cache + eps)', '-(np.sqrt(config["delta"]) + eps) / (np.sqrt(cache) + eps)'),
    ),
    edit(
        "ad_swapped",
        "adadelta",
        "The two factors of your averages are swapped: the old average keeps ρ and the new square gets 1 − ρ.",
        ('rho * config["cache"] + (1 - rho) * dw**2', '(1 - rho) * config["cache"] + rho * dw**2'),
        ('rho * config["delta"] + (1 - rho) * step**2', '(1 - rho) * config["delta"] + rho * step**2'),
    ),
    edit(
        "ad_old_cache",
        "adadelta",
        "You divide by the cache from before this gradient. Only delta is the old one; the cache is renewed first.",
        ("np.sqrt(cache + eps)", 'np.sqrt(config["cache"] + eps)'),
    ),
    edit(
        "ad_inverted",
        "adadelta",
        "The ratio is upside down: the size of past steps is on top, the size of the gradients below.",
        ('-np.sqrt(config["delta"] + eps) / np.sqrt(cache + eps)', '-np.sqrt(cache + eps) / np.sqrt(config["delta"] + eps)'),
    ),
    edit(
        "ad_ascent",
        "adadelta",
        "You walk uphill: the step goes against the gradient.",
        ('step = -np.sqrt(config["delta"] + eps)', 'step = np.sqrt(config["delta"] + eps)'),
    ),
    edit(
        "ad_rate",
        "adadelta",
        "You still multiply by a learning rate. Adadelta has none: past steps set the length.",
        ("return w + step, config", "return w + 0.01 * step, config"),
    ),
    edit(
        "ad_delta_fixed",
        "adadelta",
        "Your delta never changes, so the steps cannot grow. Store the new average of squared steps.",
        ('    config["delta"] = rho * config["delta"] + (1 - rho) * step**2\n', ""),
    ),
    edit(
        "ad_abs",
        "adadelta",
        "Your delta averages |step|; under the root there must be an average of squares.",
        ("(1 - rho) * step**2", "(1 - rho) * np.abs(step)"),
    ),
    edit(
        "ad_new_delta",
        "adadelta",
        "Your delta already includes this step when the step is taken: compute the step from the old delta, then renew it.",
        ("return w + step, config", 'return w - np.sqrt(config["delta"] + eps) / np.sqrt(cache + eps) * dw, config'),
    ),
    edit(
        "ad_in_place",
        "adadelta",
        "Your function changes w itself. `w += …` works on the caller's array; compute a new one.",
        ("    return w + step, config", "    w += step\n    return w, config"),
    ),
    Misconception(
        id="ad_shared",
        exercise="adadelta",
        hint="The memory of one tensor turns up in another: you keep cache or delta in a global variable. Each tensor's memory lives in its own config.",
        edits=(
            ("def adadelta(", "CACHE = 0.0\n\n\ndef adadelta("),
            (
                '    cache = rho * config["cache"] + (1 - rho) * dw**2\n',
                '    global CACHE\n    if "begun" not in config:\n        CACHE, config["begun"] = config["cache"], True\n    CACHE = cache = rho * CACHE + (1 - rho) * dw**2\n',
            ),
        ),
    ),
    edit("ad_default_eps", "adadelta", "Without a config your ε is not Adadelta's default 1e-6.", ('"epsilon": 1e-6', '"epsilon": 1e-8')),
    Misconception(
        id="ad_shared_memory",
        exercise="adadelta",
        hint="cache and delta are one array in your config: `a = b = np.zeros(…)` makes two names for the same memory.",
        source="""def adadelta(w, dw, config=None):
    zeros = np.zeros(w.shape)
    config = {"decay_rate": 0.99, "epsilon": 1e-6, "cache": zeros, "delta": zeros, **(config or {})}
    rho, eps = config["decay_rate"], config["epsilon"]
    config["cache"] *= rho
    config["cache"] += (1 - rho) * dw**2
    step = -np.sqrt(config["delta"] + eps) / np.sqrt(config["cache"] + eps) * dw
    config["delta"] *= rho
    config["delta"] += (1 - rho) * step**2
    return w + step, config""",
    ),
)

_HATS = "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n"
ADAM = (
    edit(
        "adam_uncorrected",
        "adam",
        "Your first steps are too long or too short: m and v start at 0 and have to be divided by 1 − βᵗ.",
        (_HATS, "    m_hat, v_hat = m, v\n"),
    ),
    edit("adam_v_uncorrected", "adam", "You correct m but not v. Both averages start at zero.", ("v / (1 - beta2**t)", "v")),
    edit("adam_m_uncorrected", "adam", "You correct v but not m. Both averages start at zero.", ("m / (1 - beta1**t)", "m")),
    edit(
        "adam_t_not_stored",
        "adam",
        "Each of your steps thinks it is the first: t has to go into the config that you return.",
        ("config.update(m=m, v=v, t=t)", "config.update(m=m, v=v)"),
    ),
    edit(
        "adam_t_late",
        "adam",
        "Your first step divides by 1 − β⁰ = 0: t has to be increased before it is used.",
        ("beta1**t)", 'beta1 ** config["t"])'),
        ("beta2**t)", 'beta2 ** config["t"])'),
    ),
    edit(
        "adam_t_ahead",
        "adam",
        "Your t is one ahead: in the first step the correction uses t = 1.",
        ("beta1**t)", "beta1 ** (t + 1))"),
        ("beta2**t)", "beta2 ** (t + 1))"),
    ),
    edit(
        "adam_corrected_stored",
        "adam",
        "You store the corrected averages and correct them again in the next step. Keep the plain m and v.",
        ("config.update(m=m, v=v, t=t)", "config.update(m=m_hat, v=v_hat, t=t)"),
    ),
    edit(
        "adam_abs",
        "adam",
        "Your v averages |dw|; it should average squares, since you take its root.",
        ("(1 - beta2) * dw**2", "(1 - beta2) * np.abs(dw)"),
    ),
    edit(
        "adam_betas_swapped",
        "adam",
        "β1 and β2 are swapped: β1 belongs to m, β2 to v.",
        ('beta1, beta2 = config["beta1"], config["beta2"]', 'beta2, beta1 = config["beta1"], config["beta2"]'),
    ),
    edit(
        "adam_factors_swapped",
        "adam",
        "The factors of your averages are swapped: the old average keeps β and the new gradient gets 1 − β.",
        ('beta1 * config["m"] + (1 - beta1) * dw\n', '(1 - beta1) * config["m"] + beta1 * dw\n'),
        ('beta2 * config["v"] + (1 - beta2) * dw**2', '(1 - beta2) * config["v"] + beta2 * dw**2'),
    ),
    edit(
        "adam_sums",
        "adam",
        "The new gradient enters m and v with its full weight. In a moving average it gets 1 − β.",
        ("+ (1 - beta1) * dw\n", "+ dw\n"),
        ("+ (1 - beta2) * dw**2", "+ dw**2"),
    ),
    edit(
        "adam_eps_inside",
        "adam",
        "Your ε is under the root; here it is added outside: √v̂ + ε.",
        ('(np.sqrt(v_hat) + config["epsilon"])', 'np.sqrt(v_hat + config["epsilon"])'),
    ),
    edit(
        "adam_eps_uncorrected",
        "adam",
        "Your ε is added to √v before the correction, which makes it larger in the first steps. Correct v first, then take the root and add ε.",
        ('m_hat / (np.sqrt(v_hat) + config["epsilon"])', 'm_hat * np.sqrt(1 - beta2**t) / (np.sqrt(v) + config["epsilon"])'),
    ),
    edit("adam_no_root", "adam", "You divide by v̂ instead of its root.", ("np.sqrt(v_hat)", "v_hat")),
    edit(
        "adam_gradient_on_top",
        "adam",
        "On top of your fraction is dw instead of the corrected m: that is RMSProp with a correction, without momentum.",
        ('config["learning_rate"] * m_hat', 'config["learning_rate"] * dw'),
    ),
    edit(
        "adam_product",
        "adam",
        "The correction is a power, 1 − βᵗ, not a product with t.",
        ("1 - beta1**t", "(1 - beta1) * t"),
        ("1 - beta2**t", "(1 - beta2) * t"),
    ),
    edit("adam_ascent", "adam", "You walk uphill: the step goes against m̂.", ("next_w = w - config", "next_w = w + config")),
    edit(
        "adam_in_place",
        "adam",
        "Your function changes w itself. `w -= …` works on the caller's array; compute a new one.",
        ('    next_w = w - config["learning_rate"]', '    next_w = w\n    next_w -= config["learning_rate"]'),
    ),
    edit(
        "adam_default_rate",
        "adam",
        "Without a config your step has the wrong length: Adam's default learning rate is 1e-3.",
        ('"learning_rate": 1e-3', '"learning_rate": 1e-2'),
    ),
    edit("adam_default_beta2", "adam", "Without a config your β2 is not the default 0.999.", ('"beta2": 0.999', '"beta2": 0.99')),
    edit(
        "adam_no_eps",
        "adam",
        "ε is not added to √v̂ in your step. Without it a weight whose gradient has always been 0 becomes 0/0 = NaN.",
        ('(np.sqrt(v_hat) + config["epsilon"])', "np.sqrt(v_hat)"),
    ),
    edit(
        "adam_memory_lost",
        "adam",
        "Your m and v start from zero in every step: they have to go into the config that you return.",
        ("config.update(m=m, v=v, t=t)", "config.update(t=t)"),
    ),
    Misconception(
        id="adam_one_array",
        exercise="adam",
        hint="m and v are one array in your config: `m = v = np.zeros(…)` makes two names for the same memory, and `+=` changes both.",
        source="""def adam(w, dw, config=None):
    zeros = np.zeros(w.shape)
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "m": zeros, "v": zeros, "t": 0, **(config or {})}
    config["t"] += 1
    config["m"] *= config["beta1"]
    config["m"] += (1 - config["beta1"]) * dw
    config["v"] *= config["beta2"]
    config["v"] += (1 - config["beta2"]) * dw**2
    m_hat = config["m"] / (1 - config["beta1"] ** config["t"])
    v_hat = config["v"] / (1 - config["beta2"] ** config["t"])
    return w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"]), config""",
    ),
    Misconception(
        id="adam_shared",
        exercise="adam",
        hint="The memory of one tensor turns up in another: you keep m, v or t in a global variable. Each tensor's memory lives in its own config.",
        source="""STEPS = 0


def adam(w, dw, config=None):
    global STEPS
    start = {"m": np.zeros(w.shape), "v": np.zeros(w.shape)}
    if config is None or "m" not in config:
        STEPS = 0
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **start, **(config or {})}
    STEPS += 1
    m = config["beta1"] * config["m"] + (1 - config["beta1"]) * dw
    v = config["beta2"] * config["v"] + (1 - config["beta2"]) * dw**2
    m_hat, v_hat = m / (1 - config["beta1"] ** STEPS), v / (1 - config["beta2"] ** STEPS)
    config.update(m=m, v=v, t=STEPS)
    return w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"]), config""",
    ),
)

_DECAY = 'next_w = next_w - config["learning_rate"] * config["weight_decay"] * w'
ADAMW = (
    edit(
        "aw_through_gradient",
        "adamw",
        "The decay goes through the gradient and is rescaled by √v̂: that is Adam with an L2 penalty. AdamW shrinks w beside the Adam step.",
        (
            'adam(w, dw, {"weight_decay": 1e-2, **(config or {})})',
            'adam(w, dw + (config or {}).get("weight_decay", 1e-2) * w, {"weight_decay": 1e-2, **(config or {})})',
        ),
        ("    " + _DECAY + "\n", ""),
    ),
    edit(
        "aw_no_rate",
        "adamw",
        "Your weights shrink by λ in each step. The decay is multiplied by the learning rate too: η·λ·w.",
        (_DECAY, 'next_w = next_w - config["weight_decay"] * w'),
    ),
    edit(
        "aw_after",
        "adamw",
        "You let the new weights decay. Both terms use the w from before the step.",
        (_DECAY, 'next_w = next_w - config["learning_rate"] * config["weight_decay"] * next_w'),
    ),
    edit(
        "aw_grows",
        "adamw",
        "The decay has the wrong sign: your weights grow.",
        (_DECAY, 'next_w = next_w + config["learning_rate"] * config["weight_decay"] * w'),
    ),
    edit("aw_missing", "adamw", "There is no decay in your step: this is plain Adam.", ("    " + _DECAY + "\n", "")),
    edit(
        "aw_default",
        "adamw",
        "Without a config your weight decay is not the default 1e-2.",
        ('"weight_decay": 1e-2', '"weight_decay": 1e-1'),
    ),
    edit(
        "aw_half",
        "adamw",
        "Your decay has the wrong size: the ½ of the penalty ½·λ·‖w‖² is gone once you take its gradient, λ·w.",
        (_DECAY, 'next_w = next_w - 0.5 * config["learning_rate"] * config["weight_decay"] * w'),
    ),
    edit(
        "aw_twice",
        "adamw",
        "The decay enters twice: once with the gradient and once directly. Only the second belongs there.",
        (
            'adam(w, dw, {"weight_decay": 1e-2, **(config or {})})',
            'adam(w, dw + (config or {}).get("weight_decay", 1e-2) * w, {"weight_decay": 1e-2, **(config or {})})',
        ),
    ),
    edit(
        "aw_in_place",
        "adamw",
        "Your function changes w itself. `w *= …` works on the caller's array; compute a new one.",
        (
            _DECAY,
            'w *= 1 - config["learning_rate"] * config["weight_decay"]\n    next_w = next_w + w - w / (1 - config["learning_rate"] * config["weight_decay"])',
        ),
    ),
    edit(
        "aw_memory_lost",
        "adamw",
        "Each of your steps is a first step: return the config with the new m, v and t.",
        ("return next_w, config", 'return next_w, {k: v for k, v in config.items() if k not in ("m", "v", "t")}'),
    ),
    Misconception(
        id="aw_shared",
        exercise="adamw",
        hint="The memory of one tensor turns up in another: you keep it in a global variable. Each tensor's memory lives in its own config.",
        edits=(
            ("def adamw(", "MEMORY = {}\n\n\ndef adamw("),
            (
                '    next_w, config = adam(w, dw, {"weight_decay": 1e-2, **(config or {})})\n',
                (
                    '    global MEMORY\n    if config is None or "m" not in config:\n        MEMORY = {}\n'
                    '    next_w, config = adam(w, dw, {"weight_decay": 1e-2, **(config or {}), **MEMORY})\n'
                    '    MEMORY = {key: config[key] for key in ("m", "v", "t")}\n'
                ),
            ),
        ),
    ),
    edit(
        "aw_no_eps",
        "adamw",
        "There is no ε in your step: a weight whose gradient has always been 0 becomes 0/0 = NaN.",
        (
            'adam(w, dw, {"weight_decay": 1e-2, **(config or {})})\n',
            'adam(w, dw, {"weight_decay": 1e-2, **(config or {}), "epsilon": 0.0})\n',
        ),
    ),
    edit(
        "aw_sign",
        "adamw",
        "Your decay takes off the same amount from every weight. Decay is in proportion: large weights lose more.",
        (_DECAY, 'next_w = next_w - config["learning_rate"] * config["weight_decay"] * np.sign(w)'),
    ),
)

_WAVE = "wave = 1 + math.cos(math.pi * min(t, T) / T)"
SCHEDULES = (
    edit(
        "sd_smooth",
        "step_decay",
        "Your step decay falls at every step. It stays put and drops only every `every` steps: the exponent is a whole number.",
        ("drop ** (t // every)", "drop ** (t / every)"),
    ),
    edit(
        "sd_early",
        "step_decay",
        "Your step decay drops one step too early: the first drop is at t = every.",
        ("(t // every)", "((t + 1) // every)"),
    ),
    edit(
        "sd_late",
        "step_decay",
        "Your step decay drops one step too late: the first drop is at t = every, not after it.",
        ("(t // every)", "(max(t - 1, 0) // every)"),
    ),
    edit(
        "sd_product",
        "step_decay",
        "The number of drops is an exponent, not a factor: before the first drop your rate is 0.",
        ("drop ** (t // every)", "drop * (t // every)"),
    ),
    edit(
        "sd_once",
        "step_decay",
        "Your step decay drops only once. It drops again after every `every` steps.",
        ("drop ** (t // every)", "drop ** min(t // every, 1)"),
    ),
    edit(
        "sd_rounded",
        "step_decay",
        "Your step decay rounds t/every to the nearest whole number and drops half an interval too early. Round down.",
        ("(t // every)", "math.floor(t / every + 0.5)"),
    ),
    edit(
        "sd_modulo",
        "step_decay",
        "You use the rest of t/every: the rate jumps back up after every interval. Use the quotient.",
        ("(t // every)", "(t % every)"),
    ),
    edit(
        "sd_each_step",
        "step_decay",
        "Your step decay multiplies by `drop` in every step and takes no notice of `every`.",
        ("(t // every)", "t"),
    ),
    edit(
        "sd_lost_rest",
        "step_decay",
        "You subtract instead of multiplying: after some drops your rate is negative. Each drop multiplies by `drop`.",
        ("lr0 * drop ** (t // every)", "lr0 - lr0 * (1 - drop) * (t // every)"),
    ),
    edit(
        "cos_full_wave",
        "step_decay",
        "Your cosine goes down and comes up again before T: half a wave ends at π, a whole one at 2π.",
        ("math.pi * min(t, T) / T", "2 * math.pi * min(t, T) / T"),
    ),
    edit(
        "cos_quarter_wave",
        "step_decay",
        "Your cosine does not start flat and end flat: it uses a quarter of a wave (π/2). Half a wave ends at π.",
        (_WAVE, "wave = 2 * math.cos(math.pi * min(t, T) / (2 * T))"),
    ),
    edit("cos_rises", "step_decay", "After T your cosine rises again. From T on the rate stays at lr_min.", ("min(t, T)", "t")),
    edit(
        "cos_no_half",
        "step_decay",
        "Your cosine starts at twice the height: 1 + cos goes from 2 to 0, so it needs the ½.",
        ("0.5 * (lr_max - lr_min)", "(lr_max - lr_min)"),
    ),
    edit(
        "cos_min_added",
        "step_decay",
        "Your cosine starts at lr_max + lr_min/2 or more: the wave spans lr_max − lr_min, on top of lr_min.",
        ("0.5 * (lr_max - lr_min)", "0.5 * lr_max"),
    ),
    edit(
        "cos_min_ignored",
        "step_decay",
        "Your cosine ends at 0 and takes no notice of lr_min.",
        ("lr_min + 0.5 * (lr_max - lr_min)", "0.5 * lr_max"),
    ),
    edit(
        "cos_floor",
        "step_decay",
        "You cut the cosine off at lr_min instead of scaling it between lr_max and lr_min.",
        ("lr_min + 0.5 * (lr_max - lr_min) * wave", "max(lr_min, 0.5 * lr_max * wave)"),
    ),
    edit(
        "cos_zero_after",
        "step_decay",
        "After T your rate is 0. It stays at lr_min.",
        ("return lr_min + 0.5 * (lr_max - lr_min) * wave", "return lr_min + 0.5 * (lr_max - lr_min) * wave if t <= T else 0.0"),
    ),
    edit(
        "cos_upside_down",
        "step_decay",
        "Your rate climbs from lr_min to lr_max: it should start high, then decay.",
        ("1 + math.cos", "1 - math.cos"),
    ),
    edit(
        "cos_straight",
        "step_decay",
        "Your rate falls along a straight line. The cosine falls slowly at both ends and fast in the middle.",
        (_WAVE, "wave = 2 * (1 - min(t, T) / T)"),
    ),
    edit(
        "cos_short",
        "step_decay",
        "Your cosine reaches lr_min one step too early: t runs from 0 to T, so divide by T.",
        ("min(t, T) / T)", "min(t, max(T - 1, 1)) / max(T - 1, 1))"),
    ),
)

_MASK = "mask = (rng.random(x.shape) < p) / p"
DROPOUT = (
    edit(
        "do_unscaled",
        "dropout_forward",
        "The entries you keep are not divided by p, so the output is on average p times too small while training.",
        (_MASK, "mask = (rng.random(x.shape) < p) * 1.0"),
    ),
    edit(
        "do_multiplied",
        "dropout_forward",
        "You multiply by p what is kept; to make up for the dropped entries it has to be divided by p.",
        (_MASK, "mask = (rng.random(x.shape) < p) * p"),
    ),
    edit(
        "do_inverted",
        "dropout_forward",
        "You drop with probability p and keep the rest. Here p is the probability to KEEP an entry.",
        (_MASK, "mask = (rng.random(x.shape) >= p) / (1 - p if p < 1 else 1.0)"),
    ),
    edit(
        "do_inverted_unfit",
        "dropout_forward",
        "You keep an entry with probability 1 − p but divide by p. Here p is the probability to KEEP.",
        (_MASK, "mask = (rng.random(x.shape) >= p) / p"),
    ),
    edit(
        "do_per_feature",
        "dropout_forward",
        "You draw one number per feature, so a feature is dropped for the whole batch. Draw one for each entry of x.",
        ("rng.random(x.shape)", "rng.random((1, *x.shape[1:])) + np.zeros(x.shape)"),
    ),
    edit(
        "do_per_example",
        "dropout_forward",
        "You draw one number per example, so an example is dropped as a whole. Draw one for each entry of x.",
        ("rng.random(x.shape)", "rng.random((len(x),) + (1,) * (x.ndim - 1)) + np.zeros(x.shape)"),
    ),
    edit(
        "do_at_test",
        "dropout_forward",
        "You drop entries in test mode as well. At test time the layer does nothing.",
        ('dropout_param["mode"] == "test"', 'dropout_param["mode"] == "never"'),
    ),
    edit(
        "do_scaled_at_test",
        "dropout_forward",
        "In test mode you multiply by p. Inverted dropout has scaled in train mode already; at test time nothing happens.",
        ("return x, None", "return x * p, None"),
    ),
    edit(
        "do_plain",
        "dropout_forward",
        "You scale at test time (multiply by p) instead of while training (divide by p). On average that comes to the same, but here test mode does nothing.",
        (_MASK, "mask = (rng.random(x.shape) < p) * 1.0"),
        ("return x, None", "return x * p, None"),
    ),
    edit(
        "do_boolean_backward",
        "dropout_forward",
        "Your backward pass lets the right entries through but forgets the factor 1/p that forward multiplied with.",
        ("return x * mask, mask", "return x * mask, mask > 0"),
    ),
    edit(
        "do_resampled",
        "dropout_forward",
        "Your backward pass draws a new mask. The gradient has to pass through exactly the entries that forward kept: put the mask into the cache.",
        ("return x * mask, mask", "return x * mask, (rng, p)"),
        (
            "dout if cache is None else dout * cache",
            "dout if cache is None else dout * ((cache[0].random(dout.shape) < cache[1]) / cache[1])",
        ),
    ),
    edit(
        "do_no_mask_backward",
        "dropout_forward",
        "Your backward pass sends the whole gradient back. A dropped entry had no influence on the loss, so its gradient is 0.",
        ("return x * mask, mask", "return x * mask, p"),
        ("dout * cache", "dout / cache"),
    ),
    edit(
        "do_twice",
        "dropout_forward",
        "Your backward pass divides by p once more: the cache holds the scaled mask already.",
        ("return x * mask, mask", "return x * mask, mask / p"),
    ),
    edit(
        "do_sign_backward",
        "dropout_forward",
        "Your backward pass also stops the gradient where x is negative: you rebuild the mask from the sign of the output.",
        ("return x * mask, mask", "return x * mask, (x * mask > 0) / p"),
    ),
    edit(
        "do_in_place",
        "dropout_forward",
        "Your function changes x itself: `x *= mask` works on the caller's array.",
        ("    return x * mask, mask", "    x *= mask\n    return x, mask"),
    ),
    edit(
        "do_same_mask",
        "dropout_forward",
        "Without a seed you drop the same entries in every call: a fixed default seed makes dropout a smaller network. Draw anew in each call.",
        ('dropout_param.get("seed")', 'dropout_param.get("seed", 0)'),
    ),
    edit(
        "do_seed_ignored",
        "dropout_forward",
        "Your mask is the same for every seed: seed the generator with dropout_param['seed'] if there is one.",
        ('dropout_param.get("seed")', "1234"),
    ),
    edit(
        "do_global_mask",
        "dropout_forward",
        "The backward pass of one layer uses the mask of another: you keep the mask in a global variable. It belongs in the cache.",
        ("    mask = (rng", "    global MASK\n    MASK = mask = (rng"),
        ("return x * mask, mask", "return x * mask, True"),
        ("dout * cache", "dout * MASK"),
    ),
    edit(
        "do_test_backward",
        "dropout_forward",
        "In test mode your backward pass returns no gradient: the layer passes x through, so it passes dout through.",
        ("return dout if cache is None", "return np.zeros(dout.shape) if cache is None"),
    ),
    edit(
        "do_counted",
        "dropout_forward",
        "You always keep the first entries and drop the last ones. Each entry is kept or dropped at random.",
        ("rng.random(x.shape)", "(np.arange(x.size) / x.size).reshape(x.shape)"),
    ),
)

EARLY_STOPPING = (
    Misconception(
        id="es_whole_curve",
        exercise="early_stopping",
        hint="You take the minimum of the whole curve, epochs included that were never run. Only epochs up to the stop count.",
        source="""def early_stopping(val_losses, patience):
    best, best_epoch, stop = math.inf, -1, len(val_losses) - 1
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            stop = epoch
            break
    numbers = [math.inf if loss != loss else loss for loss in val_losses]
    return (int(np.argmin(numbers)) if best_epoch >= 0 else -1), stop""",
    ),
    edit(
        "es_ties_count",
        "early_stopping",
        "An equal loss starts your waiting anew, so a plateau never ends. A new best is strictly below the old one.",
        ("if loss < best:", "if loss <= best:"),
    ),
    edit(
        "es_swapped",
        "early_stopping",
        "The two returned epochs are swapped: first the best one, then the one at which training stops.",
        ("return best_epoch, epoch", "return epoch, best_epoch"),
        ("return best_epoch, len(val_losses) - 1", "return len(val_losses) - 1, best_epoch"),
    ),
    edit(
        "es_late",
        "early_stopping",
        "You stop one epoch too late: after `patience` epochs without a new best it is over.",
        ("epoch - best_epoch >= patience", "epoch - best_epoch > patience"),
    ),
    edit(
        "es_early",
        "early_stopping",
        "You stop one epoch too early: the best epoch itself is not one of the epochs you wait.",
        ("epoch - best_epoch >= patience", "epoch - best_epoch >= patience - 1 and epoch > best_epoch"),
    ),
    Misconception(
        id="es_previous",
        exercise="early_stopping",
        hint="You compare each loss with the one before it. A loss that falls from 9 to 8 is no new best if there has been a 3.",
        source="""def early_stopping(val_losses, patience):
    previous, best_epoch = math.inf, -1
    for epoch, loss in enumerate(val_losses):
        if loss < previous:
            best_epoch = epoch
        if loss == loss:
            previous = loss
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1""",
    ),
    edit(
        "es_starts_with_first",
        "early_stopping",
        "If the first loss is NaN nothing is ever below it, and you never find a best epoch. Start with infinity.",
        ("best, best_epoch = math.inf, -1", "best, best_epoch = val_losses[0], 0"),
    ),
    edit(
        "es_nan_improves",
        "early_stopping",
        "A NaN becomes your best epoch: every comparison with NaN is false, so `not (loss >= best)` is true for it.",
        ("if loss < best:", "if not (loss >= best):"),
    ),
    Misconception(
        id="es_total_bad",
        exercise="early_stopping",
        hint="You count all epochs without a new best, since the beginning. The waiting starts anew with each new best.",
        source="""def early_stopping(val_losses, patience):
    best, best_epoch, bad = math.inf, -1, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        else:
            bad += 1
        if bad >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1""",
    ),
    edit(
        "es_returns_loss",
        "early_stopping",
        "You return the best loss; wanted is the epoch it came from.",
        ("return best_epoch, epoch", "return best, epoch"),
        ("return best_epoch, len(val_losses) - 1", "return best, len(val_losses) - 1"),
    ),
    edit(
        "es_from_one",
        "early_stopping",
        "Your epochs count from 1; they count from 0, like the entries of the list.",
        ("return best_epoch, epoch", "return best_epoch + 1, epoch + 1"),
        ("return best_epoch, len(val_losses) - 1", "return best_epoch + 1, len(val_losses)"),
    ),
    edit(
        "es_no_end",
        "early_stopping",
        "If patience never runs out your stop epoch is past the last one: with E epochs the last is E − 1.",
        ("return best_epoch, len(val_losses) - 1", "return best_epoch, len(val_losses)"),
    ),
    edit(
        "es_impatient",
        "early_stopping",
        "You stop at the first epoch without a new best and take no notice of patience.",
        ("epoch - best_epoch >= patience", "epoch - best_epoch >= 1"),
    ),
    Misconception(
        id="es_nan_skipped",
        exercise="early_stopping",
        hint="You leave NaN epochs out of the waiting. An epoch whose loss is NaN has been run and brought no new best, so it counts.",
        source="""def early_stopping(val_losses, patience):
    best, best_epoch, waited = math.inf, -1, 0
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch, waited = loss, epoch, 0
        elif loss == loss:
            waited += 1
        if waited >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1""",
    ),
    edit(
        "es_best_to_stop",
        "early_stopping",
        "Your stop epoch is always the best one. Training notices only `patience` epochs later that there was nothing better.",
        ("return best_epoch, epoch", "return best_epoch, best_epoch"),
    ),
    edit(
        "es_highest",
        "early_stopping",
        "You keep the epoch with the highest loss. Losses are better when they are lower.",
        ("math.inf, -1", "-math.inf, -1"),
        ("if loss < best:", "if loss > best:"),
    ),
    edit(
        "es_never_stops",
        "early_stopping",
        "You never stop: you look at the whole curve. Leave as soon as the last `patience` epochs brought no new best.",
        ("return best_epoch, epoch", "pass"),
    ),
    edit(
        "es_nan_stops",
        "early_stopping",
        "You stop at the first NaN. A NaN is only an epoch without a new best.",
        ("if epoch - best_epoch >= patience:", "if epoch - best_epoch >= patience or loss != loss:"),
    ),
)

SOLVER = (
    edit(
        "so_one_config",
        "Solver",
        "All parameters share one config, so the memory of one (velocity, m, v, t) goes into the update of the next.",
        ("{name: dict(config or {}) for name in params}", "dict(config or {})"),
        (
            "self.params[name], self.configs[name] = self.update(self.params[name], grads[name], self.configs[name])",
            "self.params[name], self.configs = self.update(self.params[name], grads[name], self.configs)",
        ),
    ),
    edit(
        "so_config_lost",
        "Solver",
        "Your optimizer forgets after every step: hand the config that update returned to its next call.",
        ("self.params[name], self.configs[name] = self.update", "self.params[name], _ = self.update"),
    ),
    edit(
        "so_config_unused",
        "Solver",
        "The settings given to Solver never reach the optimizer: it works with its defaults.",
        ("dict(config or {}) for name", "{} for name"),
    ),
    edit(
        "so_new_epoch_new_config",
        "Solver",
        "Your optimizer forgets at the beginning of every epoch. Its memory lasts for the whole training.",
        (
            "        for _ in range(epochs):\n",
            "        fresh = {name: dict(state) for name, state in self.configs.items()}\n        for _ in range(epochs):\n            self.configs = {name: dict(state) for name, state in fresh.items()}\n",
        ),
    ),
    edit(
        "so_best_alias",
        "Solver",
        "With validation you still end with the last parameters, not the best. If you do put them back: `best = self.params` is only a second name for the dictionary that goes on changing; copy it.",
        ("lowest, best = current, dict(self.params)", "lowest, best = current, self.params"),
    ),
    edit(
        "so_highest",
        "Solver",
        "You keep the epoch with the highest validation loss.",
        ("lowest, best = math.inf, None", "lowest, best = -math.inf, None"),
        ("if current < lowest:", "if current > lowest:"),
    ),
    edit(
        "so_later_tie",
        "Solver",
        "Of several epochs with the same validation loss you keep the last; keep the first, it has trained less for the same result.",
        ("if current < lowest:", "if current <= lowest:"),
    ),
    edit(
        "so_gradient_again",
        "Solver",
        "You compute the gradients again after each parameter, at weights that are half old and half new. One backward pass gives all gradients of a batch.",
        (
            "                for name in self.params:\n",
            "                for name in self.params:\n                    _, grads = self.loss_fn(self.params, X, y)\n",
        ),
    ),
    edit(
        "so_by_position",
        "Solver",
        "Parameters get each other's gradients: you match them by position. The names tell which belongs to which.",
        ("                for name in self.params:\n", "                for name, gradient in zip(self.params, grads.values()):\n"),
        ("grads[name]", "gradient"),
    ),
    edit(
        "so_first_batch",
        "Solver",
        "You train on one batch per epoch only: something leaves the loop over the batches.",
        (
            "                    self.params[name], self.configs[name] = self.update(self.params[name], grads[name], self.configs[name])\n",
            "                    self.params[name], self.configs[name] = self.update(self.params[name], grads[name], self.configs[name])\n                break\n",
        ),
    ),
    edit(
        "so_batches_once",
        "Solver",
        "Every epoch sees the same batches: call batches() anew at the start of each epoch.",
        ("        for _ in range(epochs):\n", "        epoch_batches = list(batches())\n        for _ in range(epochs):\n"),
        ("for X, y in batches():", "for X, y in epoch_batches:"),
    ),
    edit(
        "so_loss_per_epoch",
        "Solver",
        "Your history has one loss per epoch; it should have one for each batch.",
        ('                history["loss"].append(float(loss))\n', ""),
        (
            "            if val_loss is not None:\n",
            '            history["loss"].append(float(loss))\n            if val_loss is not None:\n',
        ),
    ),
    edit(
        "so_loss_after",
        "Solver",
        "Your losses are measured after the update of their batch. Record the loss that came with the gradients.",
        ('                history["loss"].append(float(loss))\n', ""),
        (
            "            if val_loss is not None:\n                current",
            '                history["loss"].append(float(self.loss_fn(self.params, X, y)[0]))\n            if val_loss is not None:\n                current',
        ),
    ),
    edit(
        "so_one_parameter",
        "Solver",
        "Only one parameter is trained: the update belongs inside the loop over the names.",
        ("for name in self.params:", "for name in list(self.params)[:1]:"),
    ),
    edit(
        "so_val_each_batch",
        "Solver",
        "You validate after every batch; it should be once, after each epoch.",
        (
            '            if val_loss is not None:\n                current = float(val_loss(self.params))\n                history["val_loss"].append(current)\n                if current < lowest:\n                    lowest, best = current, dict(self.params)\n',
            '                if val_loss is not None:\n                    current = float(val_loss(self.params))\n                    history["val_loss"].append(current)\n                    if current < lowest:\n                        lowest, best = current, dict(self.params)\n',
        ),
    ),
    edit(
        "so_one_epoch",
        "Solver",
        "Your training ends after the first epoch: something leaves the outer loop.",
        ("        for _ in range(epochs):\n", "        for _ in range(min(epochs, 1)):\n"),
    ),
    edit(
        "so_train_loss_decides",
        "Solver",
        "The loss of the last training batch decides which parameters you keep; it should be the validation loss.",
        (
            "if current < lowest:\n                    lowest, best = current,",
            "if loss < lowest:\n                    lowest, best = loss,",
        ),
    ),
)

MISCONCEPTIONS = (
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
