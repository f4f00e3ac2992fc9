# %% [markdown]
# # Unit 4: gradient descent, from a slope to a trained network
#
# Backpropagation tells you, for every weight, how the loss changes when that weight changes. This unit is about what to do with that
# number. You write the optimizers that train today's networks, each only a few lines, and then the loop around them. At the end your own
# code trains a network on handwritten digits, and you see what overfitting looks like and two ways to stop it.
#
# All arrays are `float64` unless the text says otherwise.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.
#
# The next cell holds ready-made functions for this unit. Run it; you will meet `make_rng` and the small network (`init_net`, `net_scores`,
# `net_loss`, `net_accuracy`) where they are used. The other four belong to the checks: they call functions that you are going to write.

# %% tags=["setup"]
import math

import numpy as np

from autograder import check, milestone


def make_rng(seed):
    """Return a random generator; the same seed gives the same numbers."""
    return np.random.default_rng(seed)


def take_batches(X, y, batch_size, seed):
    """Return one epoch of your ``minibatches`` as a list of pairs."""
    return [(Xb, yb) for Xb, yb in minibatches(X, y, batch_size, make_rng(seed))]


def take_epochs(X, y, batch_size, seed, epochs):
    """Return several epochs of your ``minibatches``, all from one generator, as a list of lists of pairs."""
    rng = make_rng(seed)
    return [[(Xb, yb) for Xb, yb in minibatches(X, y, batch_size, rng)] for _ in range(epochs)]


def masks_differ(x, p):
    """Call your ``dropout_forward`` twice without a seed; tell whether the two results differ."""
    first, second = (dropout_forward(x, {"p": p, "mode": "train"})[0] for _ in range(2))
    return not np.array_equal(first, second)


def train_solver(params, loss_fn, update, config, batches, epochs, val_loss=None):
    """Train with your ``Solver``; return what ``train`` returned and the trained parameters."""
    solver = Solver(params, loss_fn, update, config)
    history = solver.train(batches, epochs) if val_loss is None else solver.train(batches, epochs, val_loss)
    return history, solver.params


def init_net(seed, D, H, C):
    """Return the parameters of a D-H-C network: weights of deviation 1/√fan_in, zero biases."""
    rng = make_rng(seed)
    W1, W2 = rng.normal(size=(D, H)) / math.sqrt(D), rng.normal(size=(H, C)) / math.sqrt(H)
    return {"W1": W1, "b1": np.zeros(H), "W2": W2, "b2": np.zeros(C)}


def net_scores(params, X):
    """Return the class scores (N, C) of a two-layer network with tanh hidden units."""
    return np.tanh(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]


def net_loss(params, X, y, reg=0.0):
    """Return the mean cross-entropy + ½·reg·(‖W1‖² + ‖W2‖²) of the two-layer network, and its gradients."""
    h = np.tanh(X @ params["W1"] + params["b1"])  # (N, H)
    s = h @ params["W2"] + params["b2"]  # (N, C)
    s = s - s.max(axis=1, keepdims=True)
    log_p = s - np.log(np.exp(s).sum(axis=1, keepdims=True))
    rows = np.arange(len(y))
    penalty = 0.5 * reg * ((params["W1"] ** 2).sum() + (params["W2"] ** 2).sum())
    ds = np.exp(log_p)
    ds[rows, y] -= 1
    ds /= len(y)
    da = ds @ params["W2"].T * (1 - h**2)
    grads = {"W1": X.T @ da + reg * params["W1"], "b1": da.sum(axis=0), "W2": h.T @ ds + reg * params["W2"], "b2": ds.sum(axis=0)}
    return -log_p[rows, y].mean() + penalty, grads


def net_accuracy(params, X, y):
    """Return the share of rows whose highest score is the right class."""
    return float((net_scores(params, X).argmax(axis=1) == y).mean())


# %% [markdown]
# ## 1. One rule
#
# Near a point $w$ a smooth loss is almost a plane: $L(w + \Delta) \approx L(w) + \Delta \cdot \nabla L(w)$. Among all small moves $\Delta$
# of the same length, the one along $-\nabla L$ lowers this plane fastest, because $\Delta \cdot \nabla L$ is smallest when the two vectors
# point in opposite directions. So step against the gradient, look again, and repeat:
#
# $$ w \leftarrow w - \eta\, \frac{\partial L}{\partial w} $$
#
# The **learning rate** $\eta$ says how far to trust the plane. By hand: $L(w) = w^2$ has slope $2w$. From $w = 3$ with $\eta = 0.1$ the
# first step goes to $3 - 0.1 \cdot 6 = 2.4$, the second to $2.4 - 0.1 \cdot 4.8 = 1.92$.
#
# ### Exercise: `gradient_descent`
#
# Write the rule for any function of a vector, and keep every point you visit, the start included.
#
# <details><summary>Hint</summary>
#
# `steps` updates visit `steps + 1` points. If you collect points in a list and update with `x -= …`, every entry of the list is the same
# array: make a new array in each step, or fill the rows of one array made with `np.empty((steps + 1, len(x0)))`.
#
# </details>


# %% exercise="gradient_descent"
def gradient_descent(f, df, x0, lr, steps):
    """Walk against the gradient and keep the path.

    Args:
        f: the function to minimise; takes a point (D,), returns a number.
        df: its gradient; takes a point (D,), returns (D,).
        x0: the start, (D,), floats or integers; it is not changed.
        lr: the learning rate η, a float.
        steps: number of updates, an int ≥ 0.

    Returns:
        path: (steps + 1, D) float64; path[0] is x0 and path[t] the point after t updates.
        values: (steps + 1,) float64; values[t] = f(path[t]).
    """
    ### BEGIN SOLUTION
    path = np.empty((steps + 1, len(x0)))
    path[0] = x0
    for t in range(steps):
        path[t + 1] = path[t] - lr * df(path[t])
    values = np.array([f(x) for x in path])
    return path, values
    ### END SOLUTION


# %% [markdown]
# ### What the learning rate does, and why the start matters
#
# Left: 25 steps in a bowl that is steeper in one direction than in the other. On $\frac12 c x^2$ one step multiplies $x$ by $1 - \eta c$,
# so it shrinks only when $\eta < 2/c$: the steepest direction sets the limit, and the flat one then crawls. Right: a loss with several
# valleys. Gradient descent ends in the valley it starts in, so people run it from **several random starts** and keep the best.

# %% tags=["milestone"]
import matplotlib.pyplot as plt

# Okabe-Ito colours: safe for colour-blind readers
BLUE, ORANGE, GREEN, PINK, SKY, RED = "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"
plt.rcParams.update({"axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False, "axes.titlesize": 11})


def bowl(p):
    """Return ½(x² + 12y²)."""
    return 0.5 * (p[0] ** 2 + 12 * p[1] ** 2)


def valleys(x):
    """Return 0.08x² + sin(1.6x), a curve with several minima."""
    return 0.08 * x[0] ** 2 + np.sin(1.6 * x[0])


def first_walks():
    """Walk in a bowl with three learning rates, and into the valleys from eight random starts."""
    walks = {}
    for lr in (0.01, 0.08, 0.16):
        walks[f"bowl_{lr}"], _ = gradient_descent(bowl, lambda p: np.array([p[0], 12 * p[1]]), np.array([-4.0, 1.2]), lr, 25)
    for i, start in enumerate(make_rng(3).uniform(-8, 8, size=8)):
        path, _ = gradient_descent(valleys, lambda x: 0.16 * x + 1.6 * np.cos(1.6 * x), np.array([start]), 0.15, 60)
        walks[f"start_{i}"] = path[:, 0]
    return walks


walks = milestone("first_walks", first_walks, needs=["gradient_descent"])

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), width_ratios=(3, 2), layout="constrained")
gx, gy = np.meshgrid(np.linspace(-4.6, 1.5, 120), np.linspace(-2, 2, 120))
left.contour(gx, gy, bowl((gx, gy)), levels=[0.1, 0.5, 1.5, 3, 5.5, 9, 14], colors="0.75", linewidths=0.8)
for lr, color, word in ((0.01, SKY, "too small"), (0.08, BLUE, "good"), (0.16, RED, "just below the limit 2/12")):
    left.plot(*walks[f"bowl_{lr}"].T, "o-", ms=3, lw=1.2, color=color, label=f"η = {lr}: {word}")
left.plot(0, 0, "k+", ms=10, mew=2)
left.set(title="25 steps from the same point (+ is the minimum)", xlabel="x", ylabel="y", xlim=(-4.6, 1.5), ylim=(-2, 2))
left.legend(loc="lower right", fontsize=8)
grid = np.linspace(-8, 8, 400)
right.plot(grid, valleys((grid,)), color="0.6")
for i in range(8):
    ends = walks[f"start_{i}"][[0, -1]]
    right.plot(ends, valleys((ends,)), ":", color="0.5", lw=1)
    right.plot(ends[0], valleys((ends[0],)), "o", mfc="white", mec=BLUE, label="start" if i == 0 else None)
    right.plot(ends[1], valleys((ends[1],)), "o", color=RED, label="after 60 steps" if i == 0 else None)
right.set(title="eight random starts, several valleys", xlabel="w", ylabel="loss")
right.legend(loc="upper center", fontsize=8)
plt.show()

# %% [markdown]
# ## 2. Minibatches: a cheap estimate of the gradient
#
# The loss over a data set is a mean over its examples, and so is its gradient. The mean over a random handful of examples has the same
# expected value and costs a fraction: 100 examples instead of 10 000 give 100 noisy steps for the price of one exact step. **One epoch**
# means that every example has been used once: shuffle, cut into batches, and let the last batch be short if the numbers do not divide.
#
# ```
# order     3 0 6 | 5 1 2 | 4          7 examples, batch size 3: three batches, the last holds one example
# ```
#
# Images and labels must be shuffled *together*. A single wrong pair teaches the network nonsense.
#
# ### Exercise: `minibatches`
#
# Give the batches of one epoch.
#
# <details><summary>Hint</summary>
#
# Shuffle the row numbers, not the data: `order = rng.permutation(len(X))`. Then take slices of `order` and index both arrays with the same
# slice. A slice past the end is simply short.
#
# </details>


# %% exercise="minibatches"
def minibatches(X, y, batch_size, rng):
    """Give the batches of one epoch, in random order.

    Args:
        X: the examples, (N, …), any number of dimensions and any dtype; not changed.
        y: their labels, (N,) or (N, …); not changed.
        batch_size: examples in a batch, an int ≥ 1; the last batch holds the rest.
        rng: np.random.Generator, the only source of randomness: each call continues it, so each epoch has a new order.

    Returns:
        A list (or a generator) of pairs Xb (B, …), yb (B, …), with the dtypes of X and y. No batch is empty.
    """
    ### BEGIN SOLUTION
    order = rng.permutation(len(X))
    for start in range(0, len(X), batch_size):
        rows = order[start : start + batch_size]
        yield X[rows], y[rows]
    ### END SOLUTION


# %% [markdown]
# ### Question: iterations in an epoch
#
# A training set has 10 000 images and the batch size is 200. How many iterations (weight updates) make one epoch?

# %% question="iterations_per_epoch"
### BEGIN SOLUTION
#| iterations_per_epoch = None  # a number
iterations_per_epoch = 10_000 / 200
### END SOLUTION

# %% [markdown]
# ## 3. The form of an optimizer
#
# All optimizers below have one form, so that a training loop can swap them:
#
# ```python
# next_w, config = update(w, dw, config)
# ```
#
# `w` and its gradient `dw` have the same shape. `config` is a dictionary: it carries the settings (`learning_rate`, …) and whatever the
# optimizer has to *remember* until the next call. Three rules hold for all of them:
#
# - a setting that is missing from `config`, or `config=None`, means the default in the docstring; memory that is missing starts at zeros of
#   `w`'s shape;
# - the returned `config` holds all settings and the new memory, and the caller hands it back next time; you may fill in the old dictionary
#   or make a new one;
# - **each tensor has its own `config`**, and `w` and `dw` are not changed in place: someone else may still need them.
#
# ### Exercise: `sgd`
#
# Stochastic gradient descent is the one rule, on the gradient of a minibatch. It remembers nothing.
#
# <details><summary>Hint</summary>
#
# `config = {"learning_rate": 1e-2, **(config or {})}` fills in the default and keeps what the caller gave.
#
# </details>


# %% exercise="sgd"
def sgd(w, dw, config=None):
    """Take one step of stochastic gradient descent: w − η·dw.

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict with `learning_rate` (default 1e-2), or None.

    Returns:
        next_w: the new weights, same shape.
        config: dict with `learning_rate`.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, **(config or {})}
    return w - config["learning_rate"] * dw, config
    ### END SOLUTION


# %% [markdown]
# ## 4. Momentum: let the step remember
#
# In a long valley the gradient points mostly from wall to wall and only a little along the floor. Give the weight a velocity, like a ball
# with friction:
#
# $$ v \leftarrow \mu v - \eta\, dw, \qquad w \leftarrow w + v $$
#
# The parts that flip sign from step to step cancel in $v$; the parts that agree add up. If the gradient stays at $g$, the velocity settles
# where $v = \mu v - \eta g$, so $v = -\eta g / (1 - \mu)$: with $\mu = 0.9$ the ball ends up ten times faster than plain descent.
#
# ### Exercise: `sgd_momentum`
#
# Write the step above; the docstring has the defaults.
#
# <details><summary>Hint</summary>
#
# The learning rate belongs inside the velocity, which is the step itself. Store the new velocity in the `config` that you return: without
# that there is no memory.
#
# </details>


# %% exercise="sgd_momentum"
def sgd_momentum(w, dw, config=None):
    """Take one step with (classical) momentum: v ← μ·v − η·dw, then w + v.

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict or None, with `learning_rate` (default 1e-2), `momentum` (μ, default 0.9), `velocity` (v, w's shape; default zeros).

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `velocity`.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "momentum": 0.9, "velocity": np.zeros_like(w), **(config or {})}
    velocity = config["momentum"] * config["velocity"] - config["learning_rate"] * dw
    config["velocity"] = velocity
    return w + velocity, config
    ### END SOLUTION


# %% [markdown]
# ## 5. A learning rate for each weight
#
# One $\eta$ for all weights is a compromise: weights with large gradients want a small rate, weights that rarely get a gradient want a
# large one. **Adagrad** divides each weight's step by the size of its own gradients so far (all operations are per entry):
#
# $$ c \leftarrow c + dw^2, \qquad w \leftarrow w - \eta\, \frac{dw}{\sqrt{c} + \varepsilon} $$
#
# With a constant gradient $g$, $c = t g^2$ after $t$ steps, so step $t$ has length $\eta / \sqrt{t}$ whatever $g$ is: the scale of the
# gradient drops out, but the steps die away. **RMSProp** forgets, so they do not: it keeps a moving average instead of a sum.
#
# $$ c \leftarrow \rho\, c + (1 - \rho)\, dw^2, \qquad w \leftarrow w - \eta\, \frac{dw}{\sqrt{c} + \varepsilon} $$
#
# The small $\varepsilon$ keeps a weight with no gradient yet from $0/0$. It is added *outside* the root.
#
# ### Exercise: `adagrad` and `rmsprop`
#
# Write the two steps above; the docstrings have the defaults.
#
# <details><summary>Hint</summary>
#
# Update `cache` first and divide by the *new* one. Take care which factor belongs to the old cache: with `decay_rate` 0.99 the memory is
# long, so the old value gets 0.99.
#
# </details>


# %% exercise="adagrad"
def adagrad(w, dw, config=None):
    """Take one Adagrad step: c ← c + dw², then w − η·dw / (√c + ε).

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict or None, with `learning_rate` (default 1e-2), `epsilon` (default 1e-8), `cache` (c, w's shape; default zeros).

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `cache`.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "epsilon": 1e-8, "cache": np.zeros_like(w), **(config or {})}
    config["cache"] = config["cache"] + dw**2
    scale = np.sqrt(config["cache"]) + config["epsilon"]
    return w - config["learning_rate"] * dw / scale, config
    ### END SOLUTION


def rmsprop(w, dw, config=None):
    """Take one RMSProp step: c ← ρ·c + (1 − ρ)·dw², then w − η·dw / (√c + ε).

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict or None, with `learning_rate` (default 1e-2), `decay_rate` (ρ, default 0.99), `epsilon` (default 1e-8),
            `cache` (c, w's shape; default zeros).

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `cache`.
    """
    ### BEGIN SOLUTION
    config = {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8, "cache": np.zeros_like(w), **(config or {})}
    rho = config["decay_rate"]
    average = rho * config["cache"] + (1 - rho) * dw**2
    config["cache"] = average
    return w - config["learning_rate"] * dw / (np.sqrt(average) + config["epsilon"]), config
    ### END SOLUTION


# %% [markdown]
# ## 6. Adadelta: no learning rate at all (stretch)
#
# A step should have the unit of the weight, but $dw/\sqrt{c}$ has no unit: the learning rate supplies it. Adadelta takes it from the size
# of its own recent steps instead. With $s$ the step of this call:
#
# $$ c \leftarrow \rho\, c + (1 - \rho)\, dw^2, \qquad s = -\frac{\sqrt{d + \varepsilon}}{\sqrt{c + \varepsilon}}\, dw, \qquad d \leftarrow \rho\, d + (1 - \rho)\, s^2, \qquad w \leftarrow w + s $$
#
# Here alone $\varepsilon$ is *inside* both roots (as in Zeiler's paper of 2012) and larger: at the start $d = 0$, and $\sqrt{\varepsilon}$
# is what makes the first step.
#
# ### Exercise: `adadelta`
#
# Write the step above; the docstring has the defaults.
#
# <details><summary>Hint</summary>
#
# Four lines in the order of the four formulas. The step uses the *new* `cache` and the *old* `delta`.
#
# </details>


# %% exercise="adadelta"
def adadelta(w, dw, config=None):
    """Take one Adadelta step: the root mean square of past steps over that of the gradients, times −dw.

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict or None, with `decay_rate` (ρ, default 0.99), `epsilon` (default 1e-6, inside both roots),
            `cache` (c, mean of squared gradients) and `delta` (d, mean of squared steps), both of w's shape, default zeros.

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `cache` and `delta`.
    """
    ### BEGIN SOLUTION
    config = {"decay_rate": 0.99, "epsilon": 1e-6, "cache": np.zeros_like(w), "delta": np.zeros_like(w), **(config or {})}
    rho, eps = config["decay_rate"], config["epsilon"]
    cache = rho * config["cache"] + (1 - rho) * dw**2
    step = -np.sqrt(config["delta"] + eps) / np.sqrt(cache + eps) * dw
    config["cache"] = cache
    config["delta"] = rho * config["delta"] + (1 - rho) * step**2
    return w + step, config
    ### END SOLUTION


# %% [markdown]
# ## 7. Adam: momentum and RMSProp together
#
# Adam keeps a moving average $m$ of the gradient (a direction) and $v$ of its square (a scale):
#
# $$ m \leftarrow \beta_1 m + (1 - \beta_1)\, dw, \qquad v \leftarrow \beta_2 v + (1 - \beta_2)\, dw^2 $$
#
# Both start at zero, so the first averages are too small. How much? With a constant gradient $g$, $m$ after $t$ steps is
# $(1-\beta_1)(1 + \beta_1 + \dots + \beta_1^{t-1})\, g = (1 - \beta_1^t)\, g$. Divide that factor out, for $v$ likewise:
#
# $$ \hat m = \frac{m}{1 - \beta_1^t}, \qquad \hat v = \frac{v}{1 - \beta_2^t}, \qquad w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} $$
#
# $t$ counts the steps, the current one included: it is 1 in the first.
#
# ### Exercise: `adam`
#
# Write the step with both corrections; the docstring has the defaults.
#
# <details><summary>Hint</summary>
#
# Increase `t` before you use it. The corrected averages are for this step only: what goes into `config` are the uncorrected `m` and `v`.
#
# </details>


# %% exercise="adam"
def adam(w, dw, config=None):
    """Take one Adam step: moving averages of dw and dw², corrected for their start at zero.

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss, same shape; not changed.
        config: dict or None, with `learning_rate` (default 1e-3), `beta1` (default 0.9), `beta2` (default 0.999),
            `epsilon` (default 1e-8, outside the root), `m` and `v` (w's shape; default zeros), `t` (steps done so far, an int; default 0).

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `m`, `v` (both uncorrected) and `t` (1 after the first step).
    """
    ### BEGIN SOLUTION
    start = {"m": np.zeros_like(w), "v": np.zeros_like(w), "t": 0}
    config = {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, **start, **(config or {})}
    beta1, beta2 = config["beta1"], config["beta2"]
    t = config["t"] + 1
    m = beta1 * config["m"] + (1 - beta1) * dw
    v = beta2 * config["v"] + (1 - beta2) * dw**2
    m_hat = m / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    config.update(m=m, v=v, t=t)
    return next_w, config
    ### END SOLUTION


# %% [markdown]
# ### Question: Adam's first step
#
# A weight gets the gradient 250 in Adam's very first step, with the default settings. By how much does the weight change? Give the size of
# the change, without sign.

# %% question="adam_first_step"
### BEGIN SOLUTION
#| adam_first_step = None  # a number
adam_first_step = 1e-3
### END SOLUTION

# %% [markdown]
# ## 8. AdamW: weight decay that Adam does not rescale
#
# An L2 penalty $\frac12 \lambda \|w\|^2$ adds $\lambda w$ to the gradient, and under plain SGD that shrinks every weight by the factor
# $1 - \eta\lambda$ per step. Under Adam the added $\lambda w$ is divided by $\sqrt{\hat v}$ as well, so weights with large gradients are
# hardly shrunk at all. AdamW takes the decay out of the gradient and applies it to the weight directly:
#
# $$ w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon} - \eta\, \lambda\, w $$
#
# Both terms use the $w$ from before the step.
#
# ### Exercise: `adamw`
#
# Write the step above; the docstring has the defaults.
#
# <details><summary>Hint</summary>
#
# You may call your `adam` and subtract the decay from its result. It is the old `w` that decays.
#
# </details>


# %% exercise="adamw"
def adamw(w, dw, config=None):
    """Take one AdamW step: an Adam step on dw, and besides it w shrinks by η·λ·w.

    Args:
        w: weights, any shape; not changed.
        dw: gradient of the loss without penalty, same shape; not changed.
        config: dict or None, with the keys and defaults of `adam`, and `weight_decay` (λ, default 1e-2).

    Returns:
        next_w: the new weights, same shape.
        config: dict with the same keys and the new `m`, `v` and `t`.
    """
    ### BEGIN SOLUTION
    next_w, config = adam(w, dw, {"weight_decay": 1e-2, **(config or {})})
    next_w = next_w - config["learning_rate"] * config["weight_decay"] * w
    return next_w, config
    ### END SOLUTION


# %% [markdown]
# ## The race on a contour
#
# Six optimizers, the same start, the same 40 steps, the same axes. The valley is 20 times steeper across than along. Look for: SGD
# zigzagging between the walls, momentum overshooting and coming back, the adaptive ones heading off diagonally because they even out the
# two slopes. (Adadelta gets `epsilon` 1e-2; with its default it would need thousands of steps to get going.)

# %% tags=["milestone"]
START = np.array([-7.0, 2.0])


def valley(p):
    """Return x²/20 + y²."""
    return p[0] ** 2 / 20 + p[1] ** 2


def walk(update, config, steps=40):
    """Return the path (steps + 1, 2) of an optimizer in the valley."""
    path = [START]
    for _ in range(steps):
        w, config = update(path[-1], np.array([path[-1][0] / 10, 2 * path[-1][1]]), config)
        path.append(w)
    return np.array(path)


def race_contour():
    """Run the five optimizers in the valley."""
    return {
        "SGD": walk(sgd, {"learning_rate": 0.93}),
        "momentum": walk(sgd_momentum, {"learning_rate": 0.1}),
        "Adagrad": walk(adagrad, {"learning_rate": 1.5}),
        "RMSProp": walk(rmsprop, {"learning_rate": 0.3, "decay_rate": 0.9}),
        "Adam": walk(adam, {"learning_rate": 0.5}),
    }


def race_adadelta():
    """Run Adadelta in the valley."""
    return {"Adadelta": walk(adadelta, {"decay_rate": 0.9, "epsilon": 1e-2})}


race = milestone("race_contour", race_contour, needs=["sgd", "sgd_momentum", "adagrad", "adam"])
race = {**race, **milestone("race_adadelta", race_adadelta, needs=["adadelta"])}

fig, axes = plt.subplots(2, 3, figsize=(11, 5.2), sharex=True, sharey=True, layout="constrained")
gx, gy = np.meshgrid(np.linspace(-8, 4, 150), np.linspace(-3, 3, 100))
for ax, (name, path), color in zip(axes.flat, race.items(), (SKY, BLUE, GREEN, ORANGE, RED, PINK), strict=True):
    ax.contour(gx, gy, valley((gx, gy)), levels=[0.05, 0.3, 1, 2, 3.5, 5.5, 8, 11], colors="0.8", linewidths=0.8)
    ax.plot(*path.T, "o-", ms=3, lw=1.2, color=color)
    ax.plot(*START, "o", mfc="white", mec="k", ms=7)
    ax.plot(0, 0, "k+", ms=10, mew=2)
    ax.set(title=f"{name}: loss {valley(path[-1]):.1g} after 40 steps", xlim=(-8, 4), ylim=(-3, 3))
fig.supxlabel("x (gentle: slope x/10)", fontsize=10)
fig.supylabel("y (steep: slope 2y)", fontsize=10)
plt.show()

# %% [markdown]
# ## 9. Start high, then decay
#
# A high learning rate gets across the landscape quickly but jitters around the minimum, because each minibatch pulls in a slightly
# different direction. A low one settles but takes for ever to arrive. So start high and decay. Two common schedules, for step
# $t = 0, 1, 2, \dots$:
#
# - **step decay**: multiply by `drop` every `every` steps: $\eta_t = \eta_0 \cdot \text{drop}^{\lfloor t / \text{every} \rfloor}$;
# - **cosine**: half a wave from $\eta_{max}$ at $t = 0$ down to $\eta_{min}$ at $t = T$, and $\eta_{min}$ from then on:
#   $\eta_t = \eta_{min} + \frac12 (\eta_{max} - \eta_{min})\left(1 + \cos \frac{\pi t}{T}\right)$.
#
# ### Exercise: `step_decay` and `cosine_lr`
#
# Write both schedules as functions of the step.
#
# <details><summary>Hint</summary>
#
# $\lfloor t / \text{every} \rfloor$ is `t // every`. The cosine turns round at $\pi$ and would climb again after $T$: do not let `t` grow
# beyond `T`.
#
# </details>


# %% exercise="step_decay"
def step_decay(t, lr0, drop, every):
    """Return the learning rate at step t: lr0 · drop^⌊t / every⌋.

    Args:
        t: step, an int ≥ 0.
        lr0: learning rate at t = 0.
        drop: factor at each drop, between 0 and 1.
        every: steps between two drops, an int ≥ 1; the first drop is at t = every.

    Returns:
        lr: a float.
    """
    ### BEGIN SOLUTION
    return lr0 * drop ** (t // every)
    ### END SOLUTION


def cosine_lr(t, T, lr_max, lr_min=0.0):
    """Return the learning rate at step t: half a cosine wave from lr_max down to lr_min, and lr_min after T.

    Args:
        t: step, an int ≥ 0.
        T: length of the decay in steps, an int ≥ 1.
        lr_max: learning rate at t = 0.
        lr_min: learning rate at t = T and later.

    Returns:
        lr: a float.
    """
    ### BEGIN SOLUTION
    wave = 1 + math.cos(math.pi * min(t, T) / T)
    return lr_min + 0.5 * (lr_max - lr_min) * wave
    ### END SOLUTION


# %% [markdown]
# Two constant rates and the two schedules on a noisy bowl: the high rate arrives at once and then jitters, the low one is still on its
# way, the schedules arrive early and then settle.

# %% tags=["milestone"]
def schedules():
    """Return the two schedules over 300 steps, and how far noisy descent is from the minimum under three of them."""
    T = 300
    rates = {
        "high": [0.4] * T,
        "low": [0.01] * T,
        "step decay": [step_decay(t, 0.4, 0.3, 75) for t in range(T)],
        "cosine": [cosine_lr(t, T, 0.4, 0.002) for t in range(T)],
    }
    out = {}
    for name, lrs in rates.items():
        w, noise, distance = np.full(400, 5.0), make_rng(0), []  # 400 runs at once, loss w²/2, noisy gradient
        for lr in lrs:
            w = w - lr * (w + noise.normal(size=400))
            distance.append(np.sqrt((w**2).mean()))
        out[f"rate {name}"], out[f"distance {name}"] = np.array(lrs, dtype=float), np.array(distance)
    return out


curves = milestone("schedules", schedules, needs=["step_decay"])

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.4), layout="constrained")
for name, color in (("high", ORANGE), ("low", SKY), ("step decay", GREEN), ("cosine", BLUE)):
    left.plot(curves[f"rate {name}"], color=color, label=name if " " in name or name == "cosine" else f"constant, {name}")
    right.semilogy(curves[f"distance {name}"], color=color)
left.set(title="learning rate", xlabel="step t", ylabel="η")
left.legend(fontsize=8)
right.set(title="mean distance from the minimum (400 noisy runs)", xlabel="step t", ylabel="distance")
plt.show()

# %% [markdown]
# ## 10. Dropout
#
# A large network can memorise its training set by letting units rely on each other's quirks. Dropout switches off a random part of the
# units in every training step, so that no unit can count on another. Each entry is **kept** with probability $p$, independently of all
# others:
#
# $$ \text{train: } out = \frac{mask \cdot x}{p}, \quad mask_i = 1 \text{ with probability } p, \text{ else } 0 \qquad\qquad \text{test: } out = x $$
#
# Why the $1/p$: the expected value of $mask_i\, x_i / p$ is $p \cdot x_i / p = x_i$. Scaling while training ("inverted" dropout) keeps the
# next layer's inputs at the same average size in both modes, and test time needs no correction. Backward, an entry that was dropped had no
# influence and gets no gradient; an entry that was kept was multiplied by $1/p$, and so is its gradient.
#
# ### Exercise: `dropout_forward` and `dropout_backward`
#
# Write both directions for both modes.
#
# <details><summary>Hint</summary>
#
# Draw one uniform number for each entry of `x` and compare it with `p`. Put what you multiplied with into the cache, so that backward
# multiplies by the very same array. A seed, if there is one, makes the mask repeatable: `np.random.default_rng(dropout_param.get("seed"))`
# also works when there is none.
#
# </details>


# %% exercise="dropout_forward"
def dropout_forward(x, dropout_param):
    """Keep each entry with probability p and divide by p (train), or do nothing (test).

    Args:
        x: input, any shape; not changed.
        dropout_param: dict with `p` (probability to KEEP an entry, 0 < p ≤ 1), `mode` ("train" or "test") and optionally `seed`
            (an int: the same seed gives the same mask; without it each call draws a new one).

    Returns:
        out: same shape as x.
        cache: whatever dropout_backward needs.
    """
    ### BEGIN SOLUTION
    p = dropout_param["p"]
    if dropout_param["mode"] == "test":
        return x, None
    rng = np.random.default_rng(dropout_param.get("seed"))
    mask = (rng.random(x.shape) < p) / p
    return x * mask, mask
    ### END SOLUTION


def dropout_backward(dout, cache):
    """Send the gradient back through the same mask (train), or unchanged (test).

    Args:
        dout: gradient of the loss with respect to out, same shape; not changed.
        cache: what dropout_forward returned.

    Returns:
        dx: gradient with respect to x, same shape.
    """
    ### BEGIN SOLUTION
    return dout if cache is None else dout * cache
    ### END SOLUTION


# %% [markdown]
# ### Question: dropout without the division
#
# You train with $p = 0.5$ and forget the division by $p$; at test time nothing is dropped. What happens at test time?
#
# - `"a"`: nothing changes: the mask is random, so the scale averages out
# - `"b"`: the inputs of the next layer are about twice as large as the ones it was trained on
# - `"c"`: the inputs of the next layer are about half as large as the ones it was trained on
# - `"d"`: half of the units stay off for good

# %% question="dropout_scale"
### BEGIN SOLUTION
#| dropout_scale = None  # "a", "b", "c" or "d"
dropout_scale = "b"
### END SOLUTION

# %% [markdown]
# ## 11. Early stopping
#
# The training loss keeps falling; the loss on held-out data falls, reaches a minimum and rises again when the network starts to memorise.
# Stop at the **validation minimum**. The curve is noisy, so wait a little before you give up:
#
# - go through the epochs in order; a loss *strictly* below the best so far is a new best (an equal one is not, and a NaN never is);
# - stop at the end of the first epoch at which the last `patience` epochs have brought no new best;
# - the weights to use are those of the best epoch.
#
# ```
# epoch      0    1    2    3    4    5    6
# loss      0.9  0.7  0.6  0.6  0.8  0.5  0.4
# ```
#
# With patience 2, epochs 3 and 4 brought no new best: stop at 4, and keep epoch 2. The better losses later on were never seen: training
# had stopped.
#
# ### Exercise: `early_stopping`
#
# Find the epoch to keep and the epoch at which to stop.
#
# <details><summary>Hint</summary>
#
# One loop with two variables: the best loss so far (start at infinity) and the epoch it came from (start at −1). Every comparison with NaN
# is false, so `if loss < best` already does the right thing. `np.argmin` does not.
#
# </details>


# %% exercise="early_stopping"
def early_stopping(val_losses, patience):
    """Find the epoch whose weights to keep, and the epoch at which training stops.

    Args:
        val_losses: validation loss after each epoch, a list or an array (E,); may contain NaN.
        patience: epochs without a new best that end the training, an int ≥ 1.

    Returns:
        best_epoch: epoch of the lowest loss up to stop_epoch, the earliest if several are equal; −1 if no loss so far was a number.
        stop_epoch: the last epoch that was run; E − 1 if patience never ran out.
    """
    ### BEGIN SOLUTION
    best, best_epoch = math.inf, -1
    for epoch, loss in enumerate(val_losses):
        if loss < best:
            best, best_epoch = loss, epoch
        if epoch - best_epoch >= patience:
            return best_epoch, epoch
    return best_epoch, len(val_losses) - 1
    ### END SOLUTION


# %% [markdown]
# ## 12. The training loop
#
# All of deep learning's training loops grow out of twenty lines like these: forward, loss, backward, update, again. Here they are in full,
# for a network with one hidden layer and a squared error. Read them line by line; the three gradient lines are backpropagation by hand.

# %% tags=["demo"]
import time

started = time.perf_counter()
rng = make_rng(1)
N, D, H, C = 64, 20, 30, 5
x, y = rng.normal(size=(N, D)), rng.normal(size=(N, C))  # random inputs, random targets
w1, w2 = 0.3 * rng.normal(size=(D, H)), 0.3 * rng.normal(size=(H, C))
learning_rate = 2e-3

for t in range(2001):
    h = 1 / (1 + np.exp(-x @ w1))  # forward: (N, H)
    y_pred = h @ w2  # (N, C)
    loss = ((y_pred - y) ** 2).sum()

    dy_pred = 2 * (y_pred - y)  # backward: (N, C)
    dw2 = h.T @ dy_pred
    dw1 = x.T @ (dy_pred @ w2.T * h * (1 - h))

    w1 -= learning_rate * dw1  # update
    w2 -= learning_rate * dw2

    if t % 500 == 0:
        print(f"step {t:4d}   loss {loss:8.3f}")
print(f"{time.perf_counter() - started:.1f} s")

# %% [markdown]
# A `Solver` is this loop with the parts made exchangeable: any parameters, any loss, any of your optimizers. What it has to get right is
# the bookkeeping:
#
# - one forward and backward pass per batch gives the gradients of *all* parameters, and then all of them are updated;
# - **each parameter has its own optimizer `config`**, kept from step to step;
# - with validation, the parameters of the epoch with the lowest validation loss are kept.
#
# ### Exercise: `Solver`
#
# Write the loop.
#
# <details><summary>Hint</summary>
#
# Keep a dictionary `self.configs` with the names of the parameters as keys. Call `loss_fn` once per batch, *before* you change any
# parameter. To remember the best parameters copy the dictionary: `best = self.params` is a second name for the dictionary that goes on
# changing.
#
# </details>


# %% exercise="Solver"
class Solver:
    """Train any parameters on any loss with any optimizer of the form above."""

    def __init__(self, params, loss_fn, update, config=None):
        """Remember what to train and how.

        Args:
            params: dict of name → array; kept in `self.params`.
            loss_fn: loss_fn(params, X, y) -> loss, grads; grads has the keys of params.
            update: update(w, dw, config) -> next_w, config, for example `adam`.
            config: first config of every parameter, a dict of settings such as {"learning_rate": 0.1}; or None.
        """
        ### BEGIN SOLUTION
        self.params = dict(params)
        self.loss_fn, self.update = loss_fn, update
        self.configs = {name: dict(config or {}) for name in params}
        ### END SOLUTION

    def train(self, batches, epochs, val_loss=None):
        """Train for some epochs; afterwards `self.params` is the dict of the trained parameters.

        Args:
            batches: batches() -> a list (or generator) of pairs X, y; called once per epoch.
            epochs: number of epochs, an int ≥ 1.
            val_loss: val_loss(params) -> float, called once after each epoch; or None.

        Returns:
            history: dict of two lists of floats: `loss`, one for each batch, as loss_fn gave it; `val_loss`, one for each epoch
                (empty without val_loss).

        With val_loss, `self.params` ends as it was after the epoch with the lowest val_loss (the first, if several).
        """
        ### BEGIN SOLUTION
        history = {"loss": [], "val_loss": []}
        lowest, best = math.inf, None
        for _ in range(epochs):
            for X, y in batches():
                loss, grads = self.loss_fn(self.params, X, y)
                history["loss"].append(float(loss))
                for name in self.params:
                    self.params[name], self.configs[name] = self.update(self.params[name], grads[name], self.configs[name])
            if val_loss is not None:
                current = float(val_loss(self.params))
                history["val_loss"].append(current)
                if current < lowest:
                    lowest, best = current, dict(self.params)
        if best is not None:
            self.params = best
        return history
        ### END SOLUTION


# %% [markdown]
# ## The sanity ladder
#
# Before you train on everything, climb these steps. Each takes a second and finds a different kind of bug.
#
# 1. **First loss.** An untrained network knows nothing, so its loss on 10 classes is about $-\log(1/10) = 2.30$.
# 2. **Gradient check.** One entry of the gradient against a central difference.
# 3. **Overfit 50 examples.** A network that cannot memorise 50 images will not learn 1300.
# 4. Then train on everything.

# %% tags=["milestone"]
digits = np.load("data/digits.npz")
shuffled = make_rng(0).permutation(len(digits["images"]))
X_all = digits["images"].reshape(-1, 64)[shuffled] / 8.0 - 1.0  # pixels from −1 to 1
y_all = digits["labels"][shuffled].astype(np.int64)
X_train, y_train, X_val, y_val = X_all[:1300], y_all[:1300], X_all[1300:], y_all[1300:]

params = init_net(0, 64, 50, 10)
loss, grads = net_loss(params, X_train, y_train)
print(f"1. first loss {loss:.2f}, −log(1/10) = {math.log(10):.2f}")
nudged = [{**params, "b2": params["b2"] + h * np.eye(10)[3]} for h in (1e-5, -1e-5)]
numeric = (net_loss(nudged[0], X_train, y_train)[0] - net_loss(nudged[1], X_train, y_train)[0]) / 2e-5
print(f"2. gradient of b2[3]: {grads['b2'][3]:.8f}, central difference {numeric:.8f}")


def overfit_50():
    """Train on 50 images until they are known by heart."""
    few = X_train[:50], y_train[:50]
    rng = make_rng(1)
    solver = Solver(params, net_loss, adam, {"learning_rate": 0.01})
    history = solver.train(lambda: minibatches(*few, 10, rng), 40)
    return {"loss": np.array(history["loss"]), "accuracy": net_accuracy(solver.params, *few)}


ladder = milestone("overfit_50", overfit_50, needs=["Solver", "minibatches", "adam"])
print(f"3. fifty examples: loss {ladder['loss'][0]:.2f} → {ladder['loss'][-1]:.4f}, accuracy {float(ladder['accuracy']):.0%}")

# %% [markdown]
# ## Milestone: the race on digits
#
# The same network, the same start, the same batches, each optimizer with a learning rate that suits it. 1300 images at batch size 50 are 26
# iterations an epoch.

# %% tags=["milestone"]
RACERS = (("SGD", 0.3, SKY), ("momentum", 0.1, BLUE), ("Adagrad", 0.05, GREEN), ("RMSProp", 0.003, ORANGE), ("Adam", 0.005, RED))


def race_digits():
    """Train the network once with each optimizer."""
    updates = {"SGD": sgd, "momentum": sgd_momentum, "Adagrad": adagrad, "RMSProp": rmsprop, "Adam": adam}
    out = {}
    for name, lr, _ in RACERS:
        rng = make_rng(2)
        solver = Solver(init_net(0, 64, 50, 10), lambda p, X, y: net_loss(p, X, y, 1e-4), updates[name], {"learning_rate": lr})
        history = solver.train(lambda rng=rng: minibatches(X_train, y_train, 50, rng), 8, lambda p: net_loss(p, X_val, y_val)[0])
        out[f"loss {name}"], out[f"val {name}"] = np.array(history["loss"]), np.array(history["val_loss"])
        out[f"accuracy {name}"] = net_accuracy(solver.params, X_val, y_val)
    return out


digits_race = milestone("race_digits", race_digits, needs=["Solver", "minibatches", "sgd", "sgd_momentum", "adagrad", "adam"])

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
for name, lr, color in RACERS:
    smooth = np.convolve(digits_race[f"loss {name}"], np.ones(13) / 13, mode="valid")
    left.semilogy(np.arange(len(smooth)) + 13, smooth, color=color, label=f"{name}, η = {lr}")
    label = f"{name}: {float(digits_race[f'accuracy {name}']):.1%}"
    right.semilogy(np.arange(1, 9), digits_race[f"val {name}"], "o-", ms=4, color=color, label=label)
left.set(title="training loss (mean of 13 batches)", xlabel="iteration", ylabel="loss")
right.set(title="validation loss, and accuracy of the best epoch", xlabel="epoch", ylabel="loss")
left.legend(fontsize=8)
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# ## Milestone: a sweep of learning rates
#
# If you can tune only one number, tune this one. Plain SGD, four epochs, learning rates a factor of about three apart, and each run three
# times from different random starts.

# %% tags=["milestone"]
RATES = np.array([0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0])


def learning_rate_sweep():
    """Train with SGD for four epochs at each rate, from three random starts."""
    final = np.zeros((len(RATES), 3))
    curves = []
    for i, lr in enumerate(RATES):
        for start in range(3):
            rng = make_rng(start)
            solver = Solver(init_net(start, 64, 50, 10), net_loss, sgd, {"learning_rate": float(lr)})
            history = solver.train(lambda rng=rng: minibatches(X_train, y_train, 50, rng), 4)
            final[i, start] = net_loss(solver.params, X_val, y_val)[0]
        curves.append(history["loss"])
    return {"final": final, "curves": np.array(curves)}


sweep = milestone("learning_rate_sweep", learning_rate_sweep, needs=["Solver", "minibatches", "sgd"])

fig, (left, right) = plt.subplots(1, 2, figsize=(11, 3.6), layout="constrained")
for i, color, word in ((0, SKY, "too small"), (4, BLUE, "good"), (8, RED, "too large")):
    left.semilogy(sweep["curves"][i], color=color, lw=1.2, label=f"η = {RATES[i]:g}: {word}")
left.axhline(math.log(10), color="0.6", ls=":", lw=1)
left.text(103, math.log(10) * 1.5, "knows nothing: log 10", fontsize=8, color="0.4", ha="right")
left.set(title="training loss of each batch", xlabel="iteration", ylabel="loss")
left.legend(fontsize=8)
right.loglog(RATES, sweep["final"], "o", ms=4, color="0.6", label=["each of three starts", None, None])
right.loglog(RATES, sweep["final"].mean(axis=1), "-", color=BLUE, label="mean")
right.axhline(math.log(10), color="0.6", ls=":", lw=1)
right.set(title="validation loss after four epochs", xlabel="learning rate η", ylabel="loss")
right.legend(fontsize=8)
plt.show()

# %% [markdown]
# ## Milestone: underfitting, overfitting and λ
#
# A network with 50 hidden units and 50 noisy points. Without a penalty it bends its boundary around single points: it *overfits*. With a
# penalty $\frac12 \lambda \|W\|^2$ that is too strong the boundary is nearly a straight line: it *underfits*. In between it follows the two
# moons.
#
# Would a smaller network do as well? The last panel trains networks of 3 and of 50 hidden units from five random starts each.

# %% tags=["milestone"]
LAMBDAS = (0.0, 0.003, 0.3)


def make_moons(seed, N, noise):
    """Return two interleaved half circles, X (N, 2) with Gaussian noise and y (N,) in {0, 1}."""
    rng = make_rng(seed)
    angle, y = rng.uniform(0, np.pi, N), np.arange(N) % 2
    X = np.stack([np.where(y == 0, np.cos(angle), 1 - np.cos(angle)), np.where(y == 0, np.sin(angle), 0.5 - np.sin(angle))], axis=1)
    return X + noise * rng.normal(size=(N, 2)), y


moons_X, moons_y = make_moons(7, 50, 0.25)
moons_X_test, moons_y_test = make_moons(99, 2000, 0.25)
gx, gy = np.meshgrid(np.linspace(-1.7, 2.8, 90), np.linspace(-1.4, 1.9, 70))


def fit(H, lam, start):
    """Return the parameters of a network with H hidden units, trained on the moons with penalty λ."""
    rng = make_rng(start)
    solver = Solver(init_net(start, 2, H, 2), lambda p, X, y: net_loss(p, X, y, lam), adam, {"learning_rate": 0.03})
    solver.train(lambda: minibatches(moons_X, moons_y, 25, rng), 1000)
    return solver.params


def fit_moons():
    """Train one network with three strengths of the penalty, and two sizes from five random starts."""
    out = {}
    for lam in LAMBDAS:
        params = fit(50, lam, 0)
        scores = net_scores(params, np.stack([gx.ravel(), gy.ravel()], axis=1))
        out[f"map {lam}"] = (scores[:, 1] - scores[:, 0]).reshape(gx.shape).astype(np.float32)
        out[f"train {lam}"] = net_accuracy(params, moons_X, moons_y)
        out[f"test {lam}"] = net_accuracy(params, moons_X_test, moons_y_test)
    for name, H, lam in (("small", 3, 0.0), ("large", 50, 0.0), ("large, penalty", 50, 0.003)):
        out[name] = np.array([net_accuracy(fit(H, lam, start), moons_X_test, moons_y_test) for start in range(1, 6)])
    return out


moons = milestone("fit_moons", fit_moons, needs=["Solver", "minibatches", "adam"])

fig, axes = plt.subplots(1, 4, figsize=(13, 3.2), width_ratios=(1, 1, 1, 0.8), layout="constrained")
for ax, lam, word in zip(axes, LAMBDAS, ("overfits", "about right", "underfits"), strict=False):
    ax.contourf(gx, gy, moons[f"map {lam}"] > 0, levels=[-0.5, 0.5, 1.5], colors=["#DCEAF5", "#FBE6D0"])
    ax.contour(gx, gy, moons[f"map {lam}"], levels=[0], colors="k", linewidths=1)
    for label, color, marker in ((0, BLUE, "o"), (1, RED, "^")):
        ax.scatter(*moons_X[moons_y == label].T, s=22, c=color, marker=marker, edgecolors="white", linewidths=0.5)
    train, test = float(moons[f"train {lam}"]), float(moons[f"test {lam}"])
    ax.set(title=f"λ = {lam:g}: {word}\ntrain {train:.0%}, test {test:.0%}", xticks=[], yticks=[], aspect="equal")
for i, (name, text) in enumerate((("small", "3 units\nλ = 0"), ("large", "50 units\nλ = 0"), ("large, penalty", "50 units\nλ = 0.003"))):
    axes[3].plot(np.full(5, i), 100 * moons[name], "o", color=(SKY, ORANGE, GREEN)[i])
    axes[3].text(i, 79.5, text, ha="center", fontsize=8)
axes[3].set(title="test accuracy in %,\nfive random starts", xticks=[], xlim=(-0.6, 2.6), ylim=(79, 94))
plt.show()

# %% [markdown]
# ### Question: a remedy against overfitting
#
# Your network does well on the training set and badly on the validation set. What is the better remedy?
#
# - `"a"`: a much smaller network with the same λ
# - `"b"`: a higher learning rate
# - `"c"`: the same network with a stronger λ
# - `"d"`: training for more epochs

# %% question="overfitting_remedy"
### BEGIN SOLUTION
#| overfitting_remedy = None  # "a", "b", "c" or "d"
overfitting_remedy = "c"
### END SOLUTION

# %% [markdown]
# ## Milestone: early stopping
#
# Few training images, some wrong labels, and a large network: the training loss falls to zero while the validation loss turns round. Your
# `early_stopping` says when to stop, and your `Solver` has kept the weights of the best epoch.

# %% tags=["milestone"]
PATIENCE = 5


def stop_early():
    """Train on 150 images, 40 of them with a random label, far beyond the validation minimum."""
    rng = make_rng(3)
    X, y = X_train[:150], y_train[:150].copy()
    y[:40] = rng.integers(0, 10, 40)
    solver = Solver(init_net(3, 64, 100, 10), net_loss, adam, {"learning_rate": 0.003})
    train_loss = []

    def val_loss(p):
        train_loss.append(net_loss(p, X, y)[0])
        return net_loss(p, X_val, y_val)[0]

    history = solver.train(lambda: minibatches(X, y, 25, rng), 50, val_loss)
    best, stop = early_stopping(history["val_loss"], PATIENCE)
    return {"train": np.array(train_loss), "val": np.array(history["val_loss"]), "best": float(best), "stop": float(stop)}


stopping = milestone("stop_early", stop_early, needs=["Solver", "minibatches", "adam", "early_stopping"])

best, stop = int(stopping["best"]), int(stopping["stop"])
fig, ax = plt.subplots(figsize=(8, 3.6), layout="constrained")
ax.plot(stopping["train"], color=BLUE, label="training loss")
ax.plot(stopping["val"], color=RED, label="validation loss")
ax.plot(best, stopping["val"][best], "o", ms=9, mfc="white", mec=RED, mew=2)
ax.annotate(
    f"best epoch {best}: keep these weights",
    (best, stopping["val"][best]),
    (1.5, 0.25),
    arrowprops={"arrowstyle": "-", "color": "0.5"},
)
ax.axvline(stop, color="0.5", ls="--", lw=1)
ax.text(stop + 0.6, 1.9, f"stop at epoch {stop} (patience {PATIENCE})", fontsize=9, color="0.3")
ax.axvspan(stop, len(stopping["val"]) - 1, color="0.95", zorder=0)
ax.set(title="what early stopping saves (grey: never trained)", xlabel="epoch", ylabel="loss")
ax.set(xlim=(0, len(stopping["val"]) - 1), ylim=(0, None))
ax.legend(loc="upper right")
plt.show()

# %% [markdown]
# ## What to take along
#
# - The rule is $w \leftarrow w - \eta\, \partial L / \partial w$; every optimizer here only changes the direction or the length of that
#   step.
# - Tune the learning rate first; start high, then decay. Adam is a good default, SGD with momentum often a little better when tuned.
# - Climb the sanity ladder before a long training.
# - Against overfitting: stronger λ, dropout, early stopping; and more data whenever you can get it.
