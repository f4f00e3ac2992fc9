# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Unit 2: the forward pass
#
# A neural network is a function with many numbers in it. You put in an image, it multiplies, adds, bends, and out come ten scores, one
# for each digit. Running the function from input to output is called the **forward pass**. In this unit you write every part of it in
# NumPy: activations, the perceptron, layers, softmax, losses, the starting weights, and a two-layer network on real digits. Nothing is
# learned yet: how the numbers are found is the subject of the next two units.
#
# **Conventions.** A batch `x` holds one example per row, shape `(N, D)`. A layer with `M` units has a weight matrix `w` of shape `(D, M)`
# and a bias `b` of shape `(M,)`; it computes `x @ w + b`. Arrays are float64. Functions leave their inputs as they were.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.

# %% tags=["setup"]
import numpy as np

from autograder import check


def make_rng(seed):
    """Return a random generator: the same seed gives the same numbers."""
    return np.random.default_rng(seed)


# %% tags=["demo"]
import matplotlib.pyplot as plt

from autograder import milestone

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8C8C8C"  # told apart by colour-blind readers too
plt.rcParams.update(
    {
        "figure.dpi": 100,
        "font.size": 9,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": 10,
        "legend.frameon": False,
    }
)

# %% [markdown]
# ## 1. Activations
#
# A layer without an activation is `x @ w + b`. Put two of them in a row:
#
# $$(xW_1 + b_1)\,W_2 + b_2 = x\,(W_1W_2) + (b_1W_2 + b_2).$$
#
# That is one layer again, with the matrix $W_1W_2$. A hundred linear layers can say no more than one. What makes depth worth having is a
# bend between the layers, the **activation function** $g$, applied to each number on its own.

# %% tags=["demo"]
rng = np.random.default_rng(0)
x = rng.normal(size=(5, 3))
W1, b1, W2, b2 = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(4, 2)), rng.normal(size=2)
two_layers = (x @ W1 + b1) @ W2 + b2
one_layer = x @ (W1 @ W2) + (b1 @ W2 + b2)
print("largest difference between two linear layers and one:", f"{np.abs(two_layers - one_layer).max():.1e}")

# %% [markdown]
# The activations you will meet:
#
# | name | $g(x)$ | |
# |---|---|---|
# | step | 1 if $x>0$, else 0 | the first perceptrons; slope 0, so nothing to learn from |
# | sign | −1, 0 or 1 | the same with values −1 and 1 |
# | linear | $x$ | adds nothing, see above; used for the last layer |
# | piecewise linear | $x$ cut off at −1 and 1 | a cheap tanh |
# | sigmoid | $\sigma(x) = 1/(1+e^{-x})$ | a probability between 0 and 1 |
# | tanh | $(e^x-e^{-x})/(e^x+e^{-x})$ | a sigmoid between −1 and 1 |
# | softplus | $\log(1+e^x)$ | a rounded ReLU; its slope is $\sigma(x)$ |
# | swish | $x\,\sigma(x)$ | dips a little below 0 |
# | ReLU | $\max(x, 0)$ | the default in hidden layers |
# | leaky ReLU | $x$ if $x>0$, else $\alpha x$ | keeps a small slope on the left |
# | ELU | $x$ if $x>0$, else $\alpha(e^x-1)$ | bends smoothly down to $-\alpha$ |
# | maxout | $\max_k\,(xW_k+b_k)$ | the largest of $K$ linear layers: it learns its own bends |
#
# ### Exercise: smooth activations
#
# On paper sigmoid, tanh, softplus and swish are one line each. On a computer $e^{1000}$ is `inf`, and `inf / inf` is `nan`: one such entry spoils everything after
# it. Use only powers that cannot overflow, $e^{-|x|} \le 1$:
#
# $$\sigma(x) = \frac{1}{1+e^{-x}} = \frac{e^{x}}{1+e^{x}}, \qquad \log(1+e^x) = \max(x,0) + \log\left(1+e^{-|x|}\right).$$
#
# The first form of $\sigma$ is safe for $x\ge0$, the second for $x<0$. For softplus, pull the factor $e^x$ out of the logarithm when $x>0$:
# $\log(1+e^x) = x + \log(e^{-x}+1)$. And tanh needs no new work, since
#
# $$\tanh(x) = \frac{e^x-e^{-x}}{e^x+e^{-x}} = \frac{1-e^{-2x}}{1+e^{-2x}} = 2\sigma(2x)-1.$$
#
# <details><summary>Hint</summary>
#
# Compute `e = np.exp(-np.abs(x))` once and choose between the two forms with `np.where(x >= 0, …, …)`. `np.log1p(e)` is `log(1 + e)`
# without losing digits when `e` is tiny. Swish is one product of things you have.
#
# </details>


# %% exercise="sigmoid"
def sigmoid(x):
    """Return 1 / (1 + exp(-x)), entry by entry.

    Args:
        x: array of any shape, floats or integers; entries may be as large as ±1000.

    Returns:
        Float64 array of the same shape; never nan.
    """
    ### BEGIN SOLUTION
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + e), e / (1 + e))
    ### END SOLUTION


def tanh(x):
    """Return (exp(x) - exp(-x)) / (exp(x) + exp(-x)), entry by entry; same input and output as sigmoid."""
    ### BEGIN SOLUTION
    return 2 * sigmoid(2 * x) - 1
    ### END SOLUTION


def softplus(x):
    """Return log(1 + exp(x)), entry by entry; same input and output as sigmoid."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    ### END SOLUTION


def swish(x):
    """Return x times sigmoid(x), entry by entry; same input and output as sigmoid."""
    ### BEGIN SOLUTION
    return x * sigmoid(x)
    ### END SOLUTION


# %% [markdown]
# ### Exercise: activations made of pieces
#
# ReLU, leaky ReLU and ELU all return $x$ for positive $x$ and differ on the left. **Maxout** has weights of its own: it computes $K$ linear
# layers and keeps, for every example and unit, the largest value,
#
# $$\mathrm{out}_{nm} = \max_{k=1..K} \Big(\sum_d x_{nd}\,W_{kdm} + b_{km}\Big).$$
#
# With $K=2$, $W_1=1$, $W_2=0$ and no bias it is ReLU; with $W_1=1$, $W_2=-1$ it is $|x|$.
#
# Integers are welcome as input here too: take care that $0.1\cdot(-3)$ does not become 0 on the way into an integer array.
#
# <details><summary>Hint</summary>
#
# `np.where(x > 0, a, b)` computes both `a` and `b` everywhere, then picks: for ELU, make sure that the branch which is not picked cannot
# spoil the result. For maxout, `x @ W` with `x` of shape `(N, D)` and `W` of shape `(K, D, M)` gives `(K, N, M)`. A bias of
# shape `(K, M)` needs one more axis before it can be added to that.
#
# </details>


# %% exercise="relu"
def relu(x):
    """Return max(x, 0), entry by entry.

    Args:
        x: array of any shape, floats or integers.

    Returns:
        New array of the same shape.
    """
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION


def leaky_relu(x, alpha):
    """Return x where x > 0 and alpha * x elsewhere.

    Args:
        x: array of any shape, floats or integers.
        alpha: slope on the left, 0 <= alpha < 1.

    Returns:
        New float64 array of the same shape.
    """
    ### BEGIN SOLUTION
    return np.where(x > 0, x, alpha * x)
    ### END SOLUTION


def elu(x, alpha):
    """Return x where x > 0 and alpha * (exp(x) - 1) elsewhere.

    Args:
        x: array of any shape, floats or integers; entries may be as large as ±1000.
        alpha: depth of the left side, alpha > 0.

    Returns:
        New float64 array of the same shape; never nan.
    """
    ### BEGIN SOLUTION
    left = alpha * np.expm1(np.minimum(x, 0))
    return np.where(x > 0, x, left)
    ### END SOLUTION


def maxout(x, W, b):
    """Return the largest of K linear layers, for each example and unit.

    Args:
        x: (N, D).
        W: (K, D, M), one matrix for each piece.
        b: (K, M), one bias vector for each piece.

    Returns:
        (N, M).
    """
    ### BEGIN SOLUTION
    pieces = x @ W + b[:, None, :]  # (K, N, M)
    return pieces.max(axis=0)
    ### END SOLUTION


# %% [markdown]
# Below, your activations (blue) and their slopes (orange, by small differences). The slope decides how much a unit can learn: where it is
# 0, a wrong output sends nothing back. See how sigmoid and tanh go flat on both sides, ReLU on one, leaky ReLU on none.


# %% tags=["milestone"]
def activation_curves():
    """Return x, each activation on x and its slope."""
    x, h = np.linspace(-4, 4, 161), 1e-4
    W, b = np.array([-1.0, 0.2, 1.0]).reshape(3, 1, 1), np.array([-1.5, 0.5, -0.5]).reshape(3, 1)
    functions = {
        "step": lambda x: np.where(x > 0, 1.0, 0.0),
        "sign": np.sign,
        "linear": lambda x: x,
        "piecewise linear": lambda x: np.clip(x, -1, 1),
        "sigmoid": sigmoid,
        "tanh": tanh,
        "softplus": softplus,
        "swish": swish,
        "ReLU": relu,
        "leaky ReLU, α = 0.1": lambda x: leaky_relu(x, 0.1),
        "ELU, α = 1": lambda x: elu(x, 1.0),
        "maxout of 3 lines": lambda x: maxout(x[:, None], W, b)[:, 0],
    }
    curves = {"x": x}
    for name, g in functions.items():
        curves[name] = g(x)
        curves["slope of " + name] = (g(x + h) - g(x - h)) / (2 * h)
    return curves


curves = milestone("activation_curves", activation_curves, needs=["sigmoid", "relu"])
names = [name for name in curves if name != "x" and not name.startswith("slope of ")]
fig, axes = plt.subplots(3, 4, figsize=(10, 6.4), sharex=True, sharey=True, layout="constrained")
for ax, name in zip(axes.flat, names, strict=True):
    jump = name in ("step", "sign")  # the slope is 0 except at the jump, where there is none
    slope = np.where(curves["x"] == 0, np.nan, 0) if jump else curves["slope of " + name]
    ax.axhline(0, color="0.85", lw=0.8)
    ax.axvline(0, color="0.85", lw=0.8)
    ax.plot(curves["x"], curves[name], color=BLUE, lw=2, label="g(x)")
    ax.plot(curves["x"], slope, color=ORANGE, lw=1.5, ls="--", label="slope g′(x)")
    ax.set(title=name, ylim=(-1.6, 3.1))
axes[0, 2].legend(loc="upper left")
plt.show()

# %% [markdown]
# ## 2. The perceptron
#
# One unit: weigh the inputs, add a bias, bend.
#
# $$\hat y = g\Big(b + \sum_d w_d x_d\Big)$$
#
# Take $w = (3, -2)$, $b = 1$ and $g = \sigma$, so $\hat y = \sigma(1 + 3x_1 - 2x_2)$. The point $(-1, 2)$ gives $1 - 3 - 4 = -6$ and
# $\sigma(-6) \approx 0.002$. Where $1 + 3x_1 - 2x_2 = 0$ the answer is exactly ½, and this is the equation of a **line**: on one side the
# unit says more than ½, on the other less. $w$ is at right angles to the line, $b$ moves it away from the origin.

# %% tags=["demo"]
x1, x2 = np.meshgrid(np.linspace(-4, 4, 200), np.linspace(-4, 4, 200))
y_hat = 1 / (1 + np.exp(-(1 + 3 * x1 - 2 * x2)))
fig, ax = plt.subplots(figsize=(5.2, 4.2), layout="constrained")
shade = ax.pcolormesh(x1, x2, y_hat, cmap="cividis", vmin=0, vmax=1, shading="auto")
fig.colorbar(shade, label="ŷ = σ(1 + 3x₁ − 2x₂)")
line = np.array([-3.0, 7 / 3])
ax.plot(line, (1 + 3 * line) / 2, color="white", lw=2)
ax.annotate("1 + 3x₁ − 2x₂ = 0", (0.2, 1.15), color="white", rotation=56, ha="center", rotation_mode="anchor")
ax.annotate("", (1.5, -1.0), (0, 0), arrowprops={"arrowstyle": "->", "color": "black", "lw": 1.5})
ax.annotate("direction of w", (1.6, -1.2), color="black")
ax.plot(-1, 2, "o", color=ORANGE, ms=8)
ax.annotate("(−1, 2):\n1 − 3 − 4 = −6\nσ(−6) ≈ 0.002", (-3.8, 1.7), color="white")
ax.set(xlabel="x₁", ylabel="x₂", xlim=(-4, 4), ylim=(-4, 4), aspect="equal")
plt.show()
print("ŷ at (−1, 2):", round(float(1 / (1 + np.exp(6))), 5))

# %% [markdown]
# ### Exercise: the perceptron
#
# Write the perceptron for a whole batch: one row of `x` is one example, one number comes out for each.
#
# <details><summary>Hint</summary>
#
# A matrix times a vector gives all the weighted sums at once, `(N, D) @ (D,)` → `(N,)`. You have the sigmoid already.
#
# </details>


# %% exercise="perceptron"
def perceptron(x, w, b):
    """Return sigmoid(w · x + b) for every row of x.

    Args:
        x: (N, D), one example per row, floats or integers; the sum may be as large as ±1000.
        w: (D,), the weights.
        b: number, the bias.

    Returns:
        (N,), numbers between 0 and 1; never nan.
    """
    ### BEGIN SOLUTION
    return sigmoid(x @ w + b)
    ### END SOLUTION


# %% [markdown]
# ### What one line cannot do
#
# XOR is 1 when exactly one of two inputs is 1. Could a perceptron with threshold ½ say so? It would need
#
# | $x_1$ | $x_2$ | XOR | so |
# |---|---|---|---|
# | 0 | 0 | 0 | $b \le 0$ |
# | 1 | 0 | 1 | $w_1 + b > 0$ |
# | 0 | 1 | 1 | $w_2 + b > 0$ |
# | 1 | 1 | 0 | $w_1 + w_2 + b \le 0$ |
#
# Add the two middle rows: $w_1 + w_2 + 2b > 0$, so $w_1 + w_2 + b > -b \ge 0$. This contradicts the last row. No weights exist; the picture
# says the same, since no line has both blue points on one side and both orange points on the other.
#
# Two ways out. Either somebody finds **better features**: two rings cannot be cut apart by a line in $(x_1, x_2)$, but in polar coordinates
# $r = \sqrt{x_1^2+x_2^2}$ and $\theta$ the line $r = 1.5$ does it. Or the network finds them itself, in a **hidden layer**.

# %% tags=["demo"]
rng = np.random.default_rng(1)
theta = rng.uniform(-np.pi, np.pi, 240)
radius = np.where(np.arange(240) < 120, 1.0, 2.0) + 0.12 * rng.normal(size=240)
ring = np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=1)
r, angle = np.hypot(ring[:, 0], ring[:, 1]), np.arctan2(ring[:, 1], ring[:, 0])

fig, axes = plt.subplots(1, 3, figsize=(10, 3.3), layout="constrained")
axes[0].plot([0, 1], [0, 1], "o", color=ORANGE, ms=11, label="XOR = 0")
axes[0].plot([0, 1], [1, 0], "s", color=BLUE, ms=11, label="XOR = 1")
axes[0].axline((0.0, 0.5), slope=-1, color=GREY, ls="--")
axes[0].axline((-0.5, 0.5), slope=0, color=GREY, ls="--")
axes[0].axline((0.0, 1.5), slope=-1, color=GREY, ls="--")
axes[0].set(title="XOR: every line leaves a mistake", xlabel="x₁", ylabel="x₂", xlim=(-0.5, 1.9), ylim=(-0.5, 1.9), aspect="equal")
axes[0].legend(loc="upper right")
for ax, u, v in ((axes[1], ring[:, 0], ring[:, 1]), (axes[2], r, angle)):
    ax.plot(u[:120], v[:120], "o", color=ORANGE, ms=4, label="inner ring")
    ax.plot(u[120:], v[120:], "s", color=BLUE, ms=4, label="outer ring")
axes[1].set(title="two rings: no line will do", xlabel="x₁", ylabel="x₂", aspect="equal")
axes[2].axvline(1.5, color=GREY, ls="--")
axes[2].set(title="the same points in polar features", xlabel="r", ylabel="θ", xlim=(0, 2.6), ylim=(-3.6, 5.4), yticks=range(-3, 4))
axes[2].annotate("r = 1.5", (1.55, 3.6))
axes[2].legend(loc="upper left", ncols=2)
plt.show()

# %% [markdown]
# ### Question: XOR with one perceptron
#
# Of the four XOR points, how many can one perceptron get right at best? Give the number.

# %% question="most_xor_correct"
### BEGIN SOLUTION
#| most_xor_correct = None  # a number
most_xor_correct = 3
### END SOLUTION

# %% [markdown]
# ### Exercise: XOR by hand
#
# Three perceptrons, two of them in a hidden layer, can do it:
#
# $$h = \sigma(x W_1 + b_1), \qquad \hat y = \sigma(h \cdot w_2 + b_2).$$
#
# Choose the weights by hand. "At least one input is 1" (OR) is a line, "not both are 1" (NAND) is a line, and XOR is both at once (AND),
# which is a line again, in the plane of $h_1, h_2$. Your $\hat y$ must be above 0.9 where XOR is 1 and below 0.1 where it is 0.
#
# <details><summary>Hint</summary>
#
# OR is $x_1 + x_2 - 0.5 > 0$. A sigmoid is a step only when it gets large numbers: $\sigma(0.5) = 0.62$, $\sigma(10) = 0.99995$. So
# multiply all weights and the bias of a unit by 20; the line stays where it is.
#
# </details>


# %% exercise="xor_weights"
def xor_weights():
    """Return weights of a 2-2-1 network of sigmoid perceptrons that computes XOR.

    Returns:
        W1: (2, 2), column j holds the weights of hidden unit j.
        b1: (2,), the biases of the hidden units.
        w2: (2,), the weights of the output unit.
        b2: number, its bias.
    """
    ### BEGIN SOLUTION
    W1 = np.array([[20.0, -20.0], [20.0, -20.0]])  # columns: OR, NAND
    b1 = np.array([-10.0, 30.0])
    w2 = np.array([20.0, 20.0])  # AND
    b2 = -30.0
    return W1, b1, w2, b2
    ### END SOLUTION


# %% [markdown]
# ## 3. Layers
#
# A layer is $M$ perceptrons that look at the same input. Lecture slides write one example as a column and one unit as a row of the matrix:
#
# $$g\left(\begin{bmatrix}2&4&2\\1&3&7\\0&7&3\end{bmatrix}\begin{bmatrix}1\\3\\2\end{bmatrix} + \begin{bmatrix}-3\\0\\2\end{bmatrix}\right)
# = g\left(\begin{bmatrix}15\\24\\29\end{bmatrix}\right).$$
#
# Code has a batch of examples in rows, so everything is transposed: one *column* of `w` is one unit, and `out = x @ w + b`. A hidden
# layer from 32 inputs to 8 units is an 8×32 matrix on the slide and has shape `(32, 8)` here.
#
# **Counting.** A layer from $D$ to $M$ has $D\cdot M$ weights and $M$ biases. So the 3-4-2 network below has
# $(3\cdot4+4) + (4\cdot2+2) = 26$ parameters, and a 3-4-4-1 network has $16 + 20 + 5 = 41$.

# %% tags=["demo"]
W_slide = np.array([[2.0, 4, 2], [1, 3, 7], [0, 7, 3]])
print("as on the slide:", W_slide @ np.array([1.0, 3, 2]) + np.array([-3.0, 0, 2]))
print("as a batch of one:", np.array([[1.0, 3, 2]]) @ W_slide.T + np.array([-3.0, 0, 2]))
for sizes in ((3, 4, 2), (3, 4, 4, 1)):
    print("-".join(map(str, sizes)), "has", sum(D * M + M for D, M in zip(sizes, sizes[1:])), "parameters")
print("32 -> 8, slide: an 8×32 matrix times (32,) has shape", (np.zeros((8, 32)) @ np.zeros(32)).shape)
print("32 -> 8, code: (1, 32) times a (32, 8) matrix has shape", (np.zeros((1, 32)) @ np.zeros((32, 8))).shape)

fig, ax = plt.subplots(figsize=(6, 2.9), layout="constrained")
places = [[(i, (n - 1) / 2 - j) for j in range(n)] for i, n in enumerate((3, 4, 2))]
for left, right in zip(places, places[1:]):
    for x_left, y_left in left:
        for x_right, y_right in right:
            ax.plot([x_left, x_right], [y_left, y_right], color="0.75", lw=1, zorder=1)
for column, name, colour in zip(places, "xhy", (GREY, BLUE, ORANGE)):
    for j, (px, py) in enumerate(column):
        ax.scatter(px, py, s=430, color="white", edgecolor=colour, lw=2, zorder=2)
        ax.text(px, py, f"{name}{'₁₂₃₄'[j]}", ha="center", va="center", zorder=3)
ax.text(0.5, -2.1, "W₁: 3×4, b₁: 4", ha="center")
ax.text(1.5, -2.1, "W₂: 4×2, b₂: 2", ha="center")
ax.set(title="3-4-2: 20 lines and 6 biases are 26 parameters", ylim=(-2.4, 1.9))
ax.axis("off")
plt.show()

# %% [markdown]
# ### Question: counting parameters
#
# How many parameters (weights and biases) does a 64-50-10 network have? It is the one you will run on 8×8 digits below.

# %% question="digits_parameters"
### BEGIN SOLUTION
#| digits_parameters = None  # a number
digits_parameters = 64 * 50 + 50 + 50 * 10 + 10
### END SOLUTION

# %% [markdown]
# ### Exercise: the affine layer
#
# An input may be an image: `x` of shape `(N, d1, …, dk)`. Flatten every example to one row of $D = d_1\cdots d_k$ numbers first, in
# NumPy's usual row-major order (last axis fastest). Then
#
# $$\mathrm{out} = \mathrm{flat}(x)\,w + b, \qquad (N, D)\,(D, M) + (M,) \to (N, M).$$
#
# Every forward function also returns a **cache**: whatever its backward pass will want (here x, w and b). The next unit uses it.
#
# <details><summary>Hint</summary>
#
# `x.reshape(N, -1)` flattens each example and leaves `x` as it was. With a batch of one it must still give `(1, D)`.
#
# </details>


# %% exercise="affine_forward"
def affine_forward(x, w, b):
    """Return the output of an affine (fully connected) layer.

    Args:
        x: (N, d1, ..., dk), a batch of N examples, floats or integers (pixels).
        w: (D, M) with D = d1 * ... * dk.
        b: (M,).

    Returns:
        out: (N, M).
        cache: (x, w, b), for the backward pass.
    """
    ### BEGIN SOLUTION
    out = x.reshape(x.shape[0], -1) @ w + b
    cache = (x, w, b)
    return out, cache
    ### END SOLUTION


# %% [markdown]
# ### Exercise: the ReLU layer
#
# Write the same ReLU as before, now with a cache. The backward pass must know which inputs were positive, so the cache is `x` itself, and `x`
# must still be there: do not overwrite it.


# %% exercise="relu_forward"
def relu_forward(x):
    """Return max(x, 0) and what its backward pass needs.

    Args:
        x: array of any shape.

    Returns:
        out: new array of the same shape.
        cache: x.
    """
    ### BEGIN SOLUTION
    out = np.maximum(x, 0)
    cache = x
    return out, cache
    ### END SOLUTION


# %% [markdown]
# ## 4. From scores to probabilities
#
# The last layer gives $C$ **scores**, any real numbers. Softmax turns a row of scores into probabilities: make them positive, then divide
# by the sum.
#
# $$p_c = \frac{e^{s_c}}{\sum_j e^{s_j}}, \qquad \log p_c = s_c - \log\sum_j e^{s_j}.$$
#
# It overflows at once when a score is 1000. But a constant $m$ added to a whole row cancels, $\frac{e^{s_c-m}}{\sum_j e^{s_j-m}} =
# \frac{e^{-m}e^{s_c}}{e^{-m}\sum_j e^{s_j}}$, so take $m$ to be the largest score **of that row**: then all exponents are at most 0 and
# one of them is 0, so the sum is at least 1 and its logarithm is safe.

# %% tags=["demo"]
scores = np.array([1.1, 0.4, -8.2, -0.9, 3.7])
p = np.exp(scores) / np.exp(scores).sum()
print("softmax(1.1, 0.4, −8.2, −0.9, 3.7) =", p.round(2), " sum", p.sum().round(6))
with np.errstate(over="ignore", invalid="ignore"):
    huge = np.array([1000.0, 1001.0])
    print("the same formula at 1000 and 1001:", np.exp(huge) / np.exp(huge).sum())

# %% [markdown]
# ### Exercise: log-softmax, softmax, one-hot labels
#
# Write `log_softmax` first (without ever taking the logarithm of a softmax: $p_c$ can round to 0, and $\log 0 = -\infty$), then softmax
# from it.
#
# `one_hot` writes a label as a row of zeros with a single 1. The row is what softmax would give if it were certain and right:
# with $C = 4$, label 2 is $(0, 0, 1, 0)$.
#
# <details><summary>Hint</summary>
#
# `x.max(axis=1, keepdims=True)` has shape `(N, 1)` and can be subtracted from `(N, C)`; without `keepdims` it cannot, or worse, it can when
# $N = C$. For `one_hot`, index an array of zeros with `np.arange(N)` and `y`.
#
# </details>


# %% exercise="log_softmax"
def log_softmax(x):
    """Return the logarithm of softmax for every row.

    Args:
        x: (N, C), scores, floats or integers; entries may be as large as ±1000.

    Returns:
        (N, C), float64, every entry at most 0 and finite.
    """
    ### BEGIN SOLUTION
    shifted = x - x.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    ### END SOLUTION


def softmax(x):
    """Return the class probabilities of every row of scores; each row sums to 1.

    Args:
        x: (N, C), scores, floats or integers; entries may be as large as ±1000.

    Returns:
        (N, C), float64.
    """
    ### BEGIN SOLUTION
    return np.exp(log_softmax(x))
    ### END SOLUTION


def one_hot(y, C):
    """Return the labels as rows with a single 1.

    Args:
        y: (N,), integer labels 0 .. C-1.
        C: number of classes.

    Returns:
        (N, C), float64.
    """
    ### BEGIN SOLUTION
    rows = np.zeros((len(y), C))
    rows[np.arange(len(y)), y] = 1
    return rows
    ### END SOLUTION


# %% [markdown]
# ### Question: why each row has its own shift
#
# Why subtract the largest score of *each row*, and not simply the largest score of the whole batch?
#
# - `"a"`: The result would have the wrong shape.
# - `"b"`: A row far below the batch's largest score would underflow: all its exponentials become 0, and log 0 is −∞.
# - `"c"`: A row's exponentials could still overflow to infinity.
# - `"d"`: Softmax would give other probabilities, even with exact arithmetic.

# %% question="why_row_max"
### BEGIN SOLUTION
#| why_row_max = None  # "a", "b", "c" or "d"
why_row_max = "b"
### END SOLUTION

# %% [markdown]
# ## 5. Losses
#
# A loss is one number that says how wrong a batch is. Each of these is an **average over the N examples**, so that its size does not
# depend on the batch.
#
# **Mean squared error**, for numbers: $L = \frac1N \sum_n (\mathrm{pred}_n - y_n)^2.$
#
# **Binary cross-entropy**, for yes/no. The network gives $p$, the probability of yes. The probability of what did happen is $p$ if $y=1$
# and $1-p$ if $y=0$, in one formula $p^y(1-p)^{1-y}$. Its negative logarithm is the loss:
#
# $$L = -\frac1N \sum_n \Big( y_n \log p_n + (1-y_n) \log(1-p_n) \Big).$$
#
# The formula needs a rule for $p = 0$ and $p = 1$. Ours: **each logarithm is cut off at −100**, $\max(\log p, -100)$, as PyTorch does. So a
# certain and right answer costs 0, a certain and wrong one costs 100 instead of infinity, and every other $p$ is left exactly as it is.
#
# **Cross-entropy**, for $C$ classes: the negative log-probability that softmax gives to the right class,
#
# $$L = -\frac1N \sum_n \log p_{n,\,y_n}, \qquad \log p = \mathrm{log\_softmax}(\mathrm{scores}).$$
#
# It takes raw scores, not probabilities: so the logarithm and the exponential never meet, and a score of ±1000 does no harm.

# %% tags=["demo"]
p = np.linspace(0.002, 1, 400)
fig, ax = plt.subplots(figsize=(5.2, 3), layout="constrained")
ax.plot(p, -np.log(p), color=BLUE, lw=2, label="cross-entropy, −log p")
ax.plot(p, (1 - p) ** 2, color=ORANGE, lw=2, ls="--", label="squared error, (1 − p)²")
ax.set(title="the price of giving probability p to what happened", xlabel="p", ylabel="loss")
ax.legend()
plt.show()

# %% [markdown]
# ### Exercise: three losses
#
# One trap in the first two. A layer with one unit returns a column `(N, 1)`, the targets have shape `(N,)`, and NumPy's broadcasting
# makes their difference an `(N, N)` table without a word. Both functions must take `(N,)` and `(N, 1)` for their first argument and mean
# the same.
#
# <details><summary>Hint</summary>
#
# `pred.reshape(-1)` turns both shapes into `(N,)`. `np.log(0)` is `-inf` with a warning, and `0 * -inf` is `nan`, so cut off the logarithm
# before you multiply. `with np.errstate(divide="ignore"):` silences the warning. To pick one entry from every row, index with
# `np.arange(N)` and `y`.
#
# </details>


# %% exercise="mse_loss"
def mse_loss(pred, y):
    """Return the mean squared error.

    Args:
        pred: (N,) or (N, 1), predictions.
        y: (N,), targets.

    Returns:
        The loss, a number.
    """
    ### BEGIN SOLUTION
    error = pred.reshape(-1) - y
    return np.mean(error**2)
    ### END SOLUTION


def binary_cross_entropy(p, y):
    """Return the mean binary cross-entropy, each logarithm cut off at -100.

    Args:
        p: (N,) or (N, 1), probabilities of y = 1, from 0 to 1 inclusive.
        y: (N,), targets from 0 to 1; mostly exactly 0 or 1.

    Returns:
        The loss, a number.
    """
    ### BEGIN SOLUTION
    p = p.reshape(-1)
    with np.errstate(divide="ignore"):
        log_p = np.maximum(np.log(p), -100)
        log_q = np.maximum(np.log(1 - p), -100)
    return -np.mean(y * log_p + (1 - y) * log_q)
    ### END SOLUTION


def cross_entropy(scores, y):
    """Return the mean cross-entropy of softmax(scores).

    Args:
        scores: (N, C), raw scores, floats or integers; entries may be as large as ±1000.
        y: (N,), integer labels 0 .. C-1.

    Returns:
        The loss, a number.
    """
    ### BEGIN SOLUTION
    log_p = log_softmax(scores)
    return -np.mean(log_p[np.arange(len(y)), y])
    ### END SOLUTION


# %% [markdown]
# ## 6. Starting weights
#
# Weights start as small random numbers: if all were equal, all units would stay equal for ever. But how small? Look at one unit,
# $z = \sum_{d=1}^{D} x_d w_d$, with independent weights of mean 0. Variances of independent terms add:
#
# $$\mathrm{Var}(z) = D \cdot \mathrm{Var}(w) \cdot \mathrm{E}[x^2].$$
#
# So each layer multiplies the size of its signal by $D\cdot\mathrm{Var}(w)$, and ten layers do it ten times. It should be 1.
#
# - **He** (for ReLU): ReLU sets half of a symmetric $z$ to 0 and so halves $\mathrm{E}[z^2]$. To make up for it,
#   $\mathrm{Var}(w) = 2/\text{fan\_in}$, where $\text{fan\_in} = D$ is the number of inputs.
# - **Xavier** (for tanh, which is almost $x$ near 0): forwards one wants $1/\text{fan\_in}$, and the same argument backwards wants
#   $1/\text{fan\_out}$. Xavier takes the middle: $\mathrm{Var}(w) = 2/(\text{fan\_in}+\text{fan\_out})$.
#
# ### Exercise: starting weights
#
# The generator `rng` comes from outside (`make_rng(0)`), so that whoever calls decides about repeatability. Draw from it and from nothing
# else. Any distribution with mean 0 and this variance will do; the normal one is usual.
#
# <details><summary>Hint</summary>
#
# `rng.normal(0, s, size)` takes the standard deviation `s`, which is the square root of the variance.
#
# </details>


# %% exercise="he_init"
def he_init(rng, fan_in, fan_out):
    """Return random weights with mean 0 and variance 2 / fan_in.

    Args:
        rng: np.random.Generator, the only source of randomness.
        fan_in: number of inputs D.
        fan_out: number of units M.

    Returns:
        (fan_in, fan_out), float64.
    """
    ### BEGIN SOLUTION
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / fan_in)
    ### END SOLUTION


def xavier_init(rng, fan_in, fan_out):
    """Return random weights with mean 0 and variance 2 / (fan_in + fan_out); arguments and shape as for he_init."""
    ### BEGIN SOLUTION
    return rng.standard_normal((fan_in, fan_out)) * np.sqrt(2 / (fan_in + fan_out))
    ### END SOLUTION


# %% [markdown]
# ## 7. A network
#
# Put the parts together: affine, ReLU, affine.
#
# $$\mathrm{scores} = \max(X W_1 + b_1,\, 0)\; W_2 + b_2$$
#
# There is nothing after the last layer: scores may be negative, and the softmax is inside the loss.
#
# ### Exercise: a two-layer network
#
# Write the network with the functions you have.
#
# <details><summary>Hint</summary>
#
# Three lines: `affine_forward`, `relu_forward`, `affine_forward`. Their caches are not needed yet.
#
# </details>


# %% exercise="two_layer_forward"
def two_layer_forward(params, X):
    """Return the scores of a two-layer network with ReLU.

    Args:
        params: dict with W1 (D, H), b1 (H,), W2 (H, C), b2 (C,).
        X: (N, D).

    Returns:
        (N, C), raw scores.
    """
    ### BEGIN SOLUTION
    a, _ = affine_forward(X, params["W1"], params["b1"])
    h, _ = relu_forward(a)
    scores, _ = affine_forward(h, params["W2"], params["b2"])
    return scores
    ### END SOLUTION


# %% [markdown]
# ## 8. Predictions, and a first look at real data
#
# The predicted class is the one with the largest score; softmax would not change which one that is. If several classes share the largest
# score, take the smallest class number. Accuracy is the share of rows whose prediction is the label.
#
# ### Exercise: predictions and accuracy
#
# Write both functions for a whole batch of scores.
#
# <details><summary>Hint</summary>
#
# `np.argmax` returns the first of several maxima. Mind the axis: one answer for each row.
#
# </details>


# %% exercise="predict"
def predict(scores):
    """Return the class with the largest score in every row; the smallest class number among equals.

    Args:
        scores: (N, C).

    Returns:
        (N,), integers.
    """
    ### BEGIN SOLUTION
    return np.argmax(scores, axis=1)
    ### END SOLUTION


def accuracy(scores, y):
    """Return the share of rows that are predicted right.

    Args:
        scores: (N, C).
        y: (N,), integer labels.

    Returns:
        Number from 0 to 1.
    """
    ### BEGIN SOLUTION
    return np.mean(predict(scores) == y)
    ### END SOLUTION


# %% [markdown]
# ### Question: the loss of an untrained network
#
# A network with very small starting weights gives all $C = 10$ classes nearly the same score. What is its cross-entropy
# loss, whatever the labels are? Give the number to two decimals or more.

# %% question="initial_loss"
### BEGIN SOLUTION
#| initial_loss = None  # a number
initial_loss = np.log(10)
### END SOLUTION

# %% [markdown]
# This is the first step of every training run: **before** training, the loss must be near $-\log(1/C) = \log C$. If it is far above, the
# starting weights are too large (the network is certain and mostly wrong) or the loss is broken. The picture runs *your* 64-50-10 network
# on 1797 handwritten digits of 8×8 pixels, with starting weights of different sizes.


# %% tags=["milestone"]
def digits_first_pass():
    """Return the loss and accuracy of untrained networks on digits, and the probabilities they give to one digit."""
    digits = np.load("data/digits.npz")
    X, y = digits["images"].reshape(-1, 64) / 16, digits["labels"]
    scales = np.array([0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0])
    losses, accuracies, first = [], [], []
    for scale in scales:
        rng = make_rng(0)
        params = {"W1": scale * rng.normal(size=(64, 50)), "b1": np.zeros(50), "W2": scale * rng.normal(size=(50, 10)), "b2": np.zeros(10)}
        scores = two_layer_forward(params, X)
        losses.append(cross_entropy(scores, y))
        accuracies.append(accuracy(scores, y))
        first.append(softmax(scores)[0])
    rng = make_rng(0)
    he = {"W1": he_init(rng, 64, 50), "b1": np.zeros(50), "W2": he_init(rng, 50, 10), "b2": np.zeros(10)}
    return {
        "image": X[0].reshape(8, 8),
        "scales": scales,
        "losses": np.array(losses),
        "accuracies": np.array(accuracies),
        "probabilities": np.array(first),
        "he_loss": float(cross_entropy(two_layer_forward(he, X), y)),
    }


needs = ["affine_forward", "relu_forward", "log_softmax", "mse_loss", "he_init", "two_layer_forward", "predict"]
result = milestone("digits_first_pass", digits_first_pass, needs=needs)
print("log 10 =", round(float(np.log(10)), 4), " loss with weights of 0.001:", round(float(result["losses"][0]), 4))
print("loss with He weights:", round(float(result["he_loss"]), 2), " accuracy of untrained networks:", result["accuracies"].mean().round(2))

fig, axes = plt.subplots(1, 3, figsize=(10, 3), layout="constrained", width_ratios=(1.0, 0.55, 1.2))
axes[0].axhline(np.log(10), color=GREY, ls="--")
axes[0].text(0.0011, np.log(10) * 1.12, "log 10", color="0.35")
axes[0].loglog(result["scales"], result["losses"], "o-", color=BLUE)
axes[0].set(title="loss before training", xlabel="standard deviation of the weights", ylabel="cross-entropy")
axes[0].set_yticks([2, 5, 10, 50, 200], ["2", "5", "10", "50", "200"])
axes[0].minorticks_off()
axes[1].imshow(result["image"], cmap="gray_r")
axes[1].set(title="the first digit, a 0")
axes[1].axis("off")
for index, shift, colour, hatch in ((0, -0.2, BLUE, ""), (6, 0.2, ORANGE, "//")):
    label = f"weights of {result['scales'][index]:g}"
    axes[2].bar(np.arange(10) + shift, result["probabilities"][index], 0.4, color=colour, hatch=hatch, edgecolor="white", label=label)
axes[2].set(title="what untrained networks say about it", xlabel="class", ylabel="probability", xticks=range(10))
axes[2].legend()
plt.show()

# %% [markdown]
# ## 9. What depth does to the signal
#
# Stack ten layers and watch. For layer $l = 1..L$ let $h_0 = X$ and $h_l = \max(h_{l-1}W_l + b_l, 0)$. Measure after every layer, over
# **all** numbers in $h_l$: their mean and their standard deviation.
#
# ### Exercise: activations over depth
#
# Return the $L$ means and the $L$ standard deviations.
#
# <details><summary>Hint</summary>
#
# Keep one variable `h` that every layer replaces, and append to two lists. `np.array(list)` makes the results.
#
# </details>


# %% exercise="activation_stats"
def activation_stats(params_list, X):
    """Return mean and standard deviation of the activations after each ReLU layer.

    Args:
        params_list: list of L pairs (W, b), W of shape (D_in, D_out), b of shape (D_out,).
        X: (N, D), the input of the first layer.

    Returns:
        means: array (L,), mean over all entries after each layer's ReLU.
        stds: array (L,), standard deviation over the same entries (divide by their number).
    """
    ### BEGIN SOLUTION
    means, stds = [], []
    h = X
    for W, b in params_list:
        a, _ = affine_forward(h, W, b)
        h, _ = relu_forward(a)
        means.append(h.mean())
        stds.append(h.std())
    return np.array(means), np.array(stds)
    ### END SOLUTION


# %% [markdown]
# The picture: 500 digits through ten layers of 200 units, with three kinds of starting weights. With standard deviation 0.02 the signal
# shrinks to a fifth in each layer, and after ten layers every image looks the same to the network: all numbers are nearly 0. Xavier does
# not make up for what ReLU takes and shrinks by $1/\sqrt2$ in each layer. He keeps the size of the signal.


# %% tags=["milestone"]
def depth_histograms():
    """Return histograms of the activations of ten layers, and their means and standard deviations, for three initialisations."""
    images = np.load("data/digits.npz")["images"][:500].reshape(500, 64)
    X = (images - images.mean()) / images.std()
    edges = np.linspace(0, 4, 41)
    result = {"edges": edges}
    starts = {"small": lambda rng, D, M: 0.02 * rng.normal(size=(D, M)), "Xavier": xavier_init, "He": he_init}
    for name, start in starts.items():
        rng, D, params_list, h, counts = make_rng(1), 64, [], X, []
        for _ in range(10):
            params_list.append((start(rng, D, 200), np.zeros(200)))
            h = relu_forward(affine_forward(h, *params_list[-1])[0])[0]
            counts.append(np.histogram(np.minimum(h, 4), edges)[0] / h.size)
            D = 200
        result[name + " counts"] = np.array(counts)
        result[name + " means"], result[name + " stds"] = activation_stats(params_list, X)
    return result


result = milestone("depth_histograms", depth_histograms, needs=["affine_forward", "relu_forward", "he_init", "activation_stats"])
fig = plt.figure(figsize=(11, 5), layout="constrained")
grid = fig.add_gridspec(3, 7)
titles = {"small": "std 0.02", "Xavier": "Xavier", "He": "He"}
colours = {"small": GREY, "Xavier": ORANGE, "He": BLUE}
for row, name in enumerate(titles):
    for column, layer in enumerate((1, 3, 5, 7, 10)):
        ax = fig.add_subplot(grid[row, column])
        ax.stairs(result[name + " counts"][layer - 1], result["edges"], fill=True, color=colours[name])
        ax.set(ylim=(0, 0.25), xticks=[0, 2, 4], yticks=[], title=f"layer {layer}" if row == 0 else None)
        if column == 0:
            ax.set_ylabel(titles[name], fontweight="bold")
        if row == 2 and column == 2:
            ax.set_xlabel("activation (the bar at 0 is cut off)")
ax = fig.add_subplot(grid[:, 5:])
for name, marker in zip(titles, "^so"):
    ax.semilogy(range(1, 11), result[name + " stds"], marker + "-", color=colours[name], label=titles[name])
ax.set(title="standard deviation after each layer", xlabel="layer", xticks=range(1, 11))
ax.legend()
plt.show()

# %% [markdown]
# ## 10. A network that somebody trained
#
# Here are 42 numbers, found by the methods of the next units for the data set of two moons. They make a 2-8-2 network. Your code runs it
# on every point of the plane: the colour is the probability of class 1, the black line is where both classes have ½. Left, the eight
# lines where a hidden unit switches on; ReLU bends the plane along them, and the border is made of straight pieces that meet there. No
# single line could do this.

# %% tags=["milestone"]
moons_net = {
    "W1": np.array([[0.9, -2.5, 0.8, -1.0, 2.2, 0.7, 1.3, 2.6], [1.1, 0.7, 0.9, 0.3, -0.4, 0.6, 1.6, 0.9]]),
    "b1": np.array([-0.2, -0.2, -0.2, -0.1, -2.1, -0.2, -0.3, -2.8]),
    "W2": np.array([[1.0, -1.0], [1.9, -1.9], [0.9, -0.9], [0.8, -0.8], [-1.6, 1.6], [0.6, -0.6], [1.4, -1.4], [-2.0, 2.0]]),
    "b2": np.array([-2.2, 2.2]),
}


def make_moons(rng, n, noise):
    """Return two interleaved half circles of n points each, and their labels."""
    t = np.pi * rng.random(n)
    upper = np.stack([np.cos(t), np.sin(t)], axis=1)
    lower = np.stack([1 - np.cos(t), 0.5 - np.sin(t)], axis=1)
    return np.concatenate([upper, lower]) + noise * rng.standard_normal((2 * n, 2)), np.repeat([0, 1], n)


def moons_boundary():
    """Return points, labels, accuracy and the probability of class 1 on a grid."""
    X, y = make_moons(make_rng(7), 150, 0.15)
    u, v = np.linspace(-1.8, 2.8, 140), np.linspace(-1.4, 1.9, 110)
    plane = np.stack(np.meshgrid(u, v), axis=-1).reshape(-1, 2)
    probability = softmax(two_layer_forward(moons_net, plane))[:, 1].reshape(110, 140).round(3)
    scores = two_layer_forward(moons_net, X)
    loss, share = float(cross_entropy(scores, y)), float(accuracy(scores, y))
    return {"X": X, "y": y, "u": u, "v": v, "probability": probability, "loss": loss, "accuracy": share}


needs = ["affine_forward", "relu_forward", "log_softmax", "mse_loss", "two_layer_forward", "predict"]
result = milestone("moons_boundary", moons_boundary, needs=needs)
fig, axes = plt.subplots(1, 2, figsize=(10, 3.7), layout="constrained", sharex=True, sharey=True)
X, y = result["X"], result["y"]
for j in range(8):
    w1, w2, bias = *moons_net["W1"][:, j], moons_net["b1"][j]
    start = -bias * np.array([w1, w2]) / (w1**2 + w2**2)
    axes[0].axline(start, start + np.array([-w2, w1]), color=GREY, lw=1, ls="--")
shade = axes[1].pcolormesh(result["u"], result["v"], result["probability"], cmap="cividis", vmin=0, vmax=1, shading="auto")
fig.colorbar(shade, ax=axes[1], label="probability of class 1")
axes[1].contour(result["u"], result["v"], result["probability"], [0.5], colors="black", linewidths=2)
for ax, edge in ((axes[0], "none"), (axes[1], "white")):
    ax.plot(*X[y == 0].T, "o", color=ORANGE, ms=5, mec=edge, mew=0.6, label="class 0")
    ax.plot(*X[y == 1].T, "s", color=BLUE, ms=5, mec=edge, mew=0.6, label="class 1")
    ax.set(xlim=(-1.8, 2.8), ylim=(-1.4, 1.9), xlabel="x₁", aspect="equal")
axes[0].set(title="where the 8 hidden units switch on", ylabel="x₂")
axes[1].set_title(f"accuracy {float(result['accuracy']):.1%}, loss {float(result['loss']):.3f} (untrained: log 2 = 0.693)")
axes[0].legend(loc="lower left")
plt.show()

# %% [markdown]
# You have the whole road from numbers to a loss. Next: which way to move each of these parameters to make the loss smaller.
