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
# # Unit 6: recurrent networks and LSTM
#
# A text has no fixed length, and what a letter means depends on the letters before it. A recurrent network reads one element after the
# other and keeps what it needs in a *state*. You will
#
# 1. turn text into numbers and numbers into vectors,
# 2. write a recurrent network, and send gradients back through time,
# 3. see these gradients vanish and explode, clip them, and build the LSTM, in which they survive,
# 4. train a network on Shakespeare's sonnets, letter by letter, and let it write,
# 5. do the same in PyTorch.
#
# Notation: $N$ sequences in a batch, $T$ time steps, $D$ numbers per input, $H$ per state, $V$ tokens in the vocabulary. All arrays of
# the NumPy part are float64. `cache` is whatever your own forward function keeps for its backward function.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.
#
# The next cell holds ready-made functions for this unit. Run it; you will meet each of them where it is used.

# %% tags=["setup"]
import numpy as np

from autograder import check


def sigmoid(x):
    """Return 1 / (1 + e⁻ˣ) elementwise, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * x))


def make_rng(seed):
    """Return NumPy's random generator with this seed."""
    return np.random.default_rng(seed)


def temporal_affine_forward(h, W, b):
    """Return h·W + b at every time step, and a cache: h (N, T, H), W (H, V), b (V,) → out (N, T, V)."""
    return h @ W + b, (h, W)


def temporal_affine_backward(dout, cache):
    """Return dh (N, T, H), dW (H, V), db (V,) from dout (N, T, V)."""
    h, W = cache
    return dout @ W.T, h.reshape(-1, W.shape[0]).T @ dout.reshape(-1, W.shape[1]), dout.sum(axis=(0, 1))


# %% tags=["demo"]
import time

import matplotlib.pyplot as plt

from autograder import milestone

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"  # told apart by colour-blind readers too
plt.rcParams.update({"figure.dpi": 100, "font.size": 11, "axes.titlesize": 12, "axes.spines.top": False, "axes.spines.right": False})


def draw_box(ax, x, y, text, colour, size=11):
    """Draw a labelled box around (x, y)."""
    paper = {"boxstyle": "round,pad=0.35", "fc": "white", "ec": colour, "lw": 1.6}
    ax.text(x, y, text, ha="center", va="center", bbox=paper, fontsize=size)


def draw_arrow(ax, start, end, colour=GREY, style="-"):
    """Draw an arrow from one point to another."""
    ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": colour, "linestyle": style, "shrinkA": 13, "shrinkB": 13})


# %% [markdown]
# ## Sequences in, sequences out
#
# The networks of the earlier units map one thing to one thing. A recurrent network can read at any step and answer at any step:

# %% tags=["demo"]
shapes = {
    "one to one\ndigit → class": ([0], [0], 1),
    "one to many\nimage → caption": ([0], [0, 1, 2], 3),
    "many to one\nreview → good or bad": ([0, 1, 2], [2], 3),
    "many to many, first read\ntranslation": ([0, 1, 2], [3, 4], 5),
    "many to many, step by step\nnext letter, video frames": ([0, 1, 2], [0, 1, 2], 3),
}
fig, axes = plt.subplots(1, 5, figsize=(14, 2.9), width_ratios=[1.6, 3, 3, 5, 3.4])
for ax, (title, (reads, answers, steps)) in zip(axes, shapes.items()):
    for t in range(steps):
        draw_box(ax, t, 1, "h", BLUE)
        if t:
            draw_arrow(ax, (t - 1, 1), (t, 1), BLUE)
        if t in reads:
            draw_box(ax, t, 0, "x", GREEN)
            draw_arrow(ax, (t, 0), (t, 1))
        if t in answers:
            draw_box(ax, t, 2, "y", ORANGE)
            draw_arrow(ax, (t, 1), (t, 2))
    ax.set(xlim=(-0.6, steps - 0.4), ylim=(-0.4, 2.4))
    ax.set_title(title, fontsize=10)
    ax.axis("off")
fig.suptitle("Where a recurrent network reads (green) and answers (orange); time runs to the right", y=1.08)
plt.show()

# %% [markdown]
# ### Question: which shape?
#
# Speech comes in, frame by frame; at the end the network says which of five languages it was. Which shape is that?
#
# - `"a"`: one to one
# - `"b"`: one to many
# - `"c"`: many to one
# - `"d"`: many to many

# %% question="language_shape"
### BEGIN SOLUTION
#| language_shape = None  # "a", "b", "c" or "d"
language_shape = "c"
### END SOLUTION

# %% [markdown]
# ### Question: how many scores?
#
# A network reads 8 sentences of 50 words each and gives every word one of 12 labels (noun, verb, …). How many numbers does its array of
# scores hold?

# %% question="label_scores"
### BEGIN SOLUTION
#| label_scores = None  # a number
label_scores = 4800
### END SOLUTION

# %% [markdown]
# ## Exercise 1: text into numbers
#
# **Why.** A network computes with numbers. Here every *character* is a token; its number is its position in the vocabulary, a string in
# which each character occurs once. With the vocabulary `"abn"`, the word `"banana"` is `[1, 0, 2, 0, 2, 0]`.
#
# A character that the vocabulary lacks must not pass in silence: let the function raise an exception (`ValueError` or `KeyError`).
#
# <details><summary>Hint</summary>
#
# A dictionary from character to position is quick to look up. `np.array([])` holds floats: say `dtype=np.int64`, so that the empty text
# works as well. `"".join(…)` glues characters together.
# </details>


# %% exercise="encode"
def encode(text, vocab):
    """Return the numbers of a text's characters.

    Args:
        text: string, possibly empty.
        vocab: string in which each character occurs once, in any order.

    Returns:
        int64 array of shape (len(text),): positions in ``vocab``.

    Raises:
        ValueError or KeyError: a character is not in the vocabulary.
    """
    ### BEGIN SOLUTION
    position = {character: i for i, character in enumerate(vocab)}
    return np.array([position[character] for character in text], dtype=np.int64)
    ### END SOLUTION


def decode(ids, vocab):
    """Return the text whose characters have these numbers.

    Args:
        ids: integer array of shape (T,).
        vocab: as in ``encode``.

    Returns:
        string of length T.
    """
    ### BEGIN SOLUTION
    return "".join(vocab[i] for i in ids)
    ### END SOLUTION


# %% [markdown]
# ## Exercise 2: numbers into vectors
#
# **Why.** The number 17 is not "more" than the number 3: a token's number is a name. So each token gets a vector of $D$ numbers of its
# own, a row of a matrix $W$ of shape $(V, D)$, and the network learns these rows like any other weight.
#
# Forward is a look-up: $\text{out}_{nt} = W_{x_{nt}}$. (That is the matrix product of a one-hot vector with $W$, without the zeros.)
# Backward, follow each row of $W$ along its edges: it was copied to every place where its token stands, so the gradients of all these
# places add up:
#
# $$dW_v = \sum_{n,t\,:\,x_{nt} = v} \text{dout}_{nt}.$$
#
# The token numbers themselves have no gradient. Tokens repeat, and here NumPy has a trap:

# %% tags=["demo"]
counts = np.zeros(3)
counts[[0, 2, 2, 2]] += 1
print("counts[[0, 2, 2, 2]] += 1 gives", counts, "because the right-hand side is computed once, and then written four times")

# %% [markdown]
# <details><summary>Hint</summary>
#
# Indexing a matrix with an array of integers, `W[x]`, looks up a row for every entry. For the way back, look up `np.add.at`; or loop over
# the tokens.
# </details>


# %% exercise="word_embedding_forward"
def word_embedding_forward(x, W):
    """Look up the vector of every token.

    Args:
        x: tokens, int64 (N, T), each in 0 … V−1.
        W: one row per token, float64 (V, D).

    Returns:
        out: float64 (N, T, D).
        cache: whatever ``word_embedding_backward`` needs.
    """
    ### BEGIN SOLUTION
    return W[x], (x, W.shape)
    ### END SOLUTION


def word_embedding_backward(dout, cache):
    """Propagate a gradient back to the rows that were looked up.

    Args:
        dout: gradient with respect to the output, float64 (N, T, D).
        cache: the second value of ``word_embedding_forward``.

    Returns:
        dW: float64 (V, D).
    """
    ### BEGIN SOLUTION
    x, shape = cache
    dW = np.zeros(shape)
    np.add.at(dW, x, dout)
    return dW
    ### END SOLUTION


# %% [markdown]
# ## Exercise 3: one step of a recurrent network
#
# **Why.** At each step the network mixes what it reads, $x_t$, with what it remembers, $h_{t-1}$, and squashes the result:
#
# $$h_t = \tanh(W_{hh}\,h_{t-1} + W_{xh}\,x_t + b),\qquad y_t = W_{hy}\,h_t .$$
#
# **The same matrices at every step**: the picture on the right is the one on the left, unrolled in time. That is why the network can read
# texts of any length, and why what it learns at one place it knows at all places.

# %% tags=["demo"]
fig, (left, right) = plt.subplots(1, 2, figsize=(12, 3), width_ratios=[1, 3.4])
for ax, places, names in ((left, [0], [""]), (right, [0, 1.5, 3, 4.5], ["₁", "₂", "₃", "₄"])):
    for k, (place, name) in enumerate(zip(places, names)):
        for row, letter, colour in ((0, "x", GREEN), (1, "h", BLUE), (2, "y", ORANGE)):
            draw_box(ax, place, row, letter + name, colour)
        draw_arrow(ax, (place, 0), (place, 1))
        draw_arrow(ax, (place, 1), (place, 2))
        ax.text(place + 0.08, 0.5, "Wx", color=GREY, va="center")
        ax.text(place + 0.08, 1.5, "Wy", color=GREY, va="center")
        if ax is right:
            draw_arrow(ax, (place - 1.5, 1), (place, 1), BLUE)
            ax.text(place - 0.75, 1.16, "Wh", color=BLUE, ha="center")
    ax.set(ylim=(-0.4, 2.4))
    ax.axis("off")
draw_box(right, -1.5, 1, "h₀", BLUE)
right.set(xlim=(-2, 5), title="… unrolled in time: the same Wx, Wh, Wy everywhere")
loop = {"arrowstyle": "-|>", "color": BLUE, "connectionstyle": "arc3,rad=-1.6", "shrinkA": 2, "shrinkB": 2}
left.annotate("", xy=(0.12, 0.82), xytext=(0.12, 1.18), arrowprops=loop)
left.text(0.55, 1.16, "Wh", color=BLUE)
left.set(xlim=(-1, 1), title="A network with a loop …")
plt.show()

# %% [markdown]
# A batch has an example in each *row*, so we write the products the other way round, $x\,W_x$ and $h\,W_h$:
# $W_x$ is $(D, H)$ and $W_h$ is $(H, H)$.
#
# <details><summary>Hint</summary>
#
# One line of NumPy. Before you write the cache, look at the next exercise: which of these numbers will the way back need?
# </details>


# %% exercise="rnn_step_forward"
def rnn_step_forward(x, prev_h, Wx, Wh, b):
    """Go one time step forward.

    Args:
        x: what is read at this step, float64 (N, D).
        prev_h: the state before, float64 (N, H).
        Wx, Wh, b: weights, float64 (D, H), (H, H), (H,).

    Returns:
        next_h: the state after, float64 (N, H).
        cache: whatever ``rnn_step_backward`` needs.
    """
    ### BEGIN SOLUTION
    next_h = np.tanh(x @ Wx + prev_h @ Wh + b)
    return next_h, (x, prev_h, Wx, Wh, next_h)
    ### END SOLUTION


# %% [markdown]
# ### Question: how many weights?
#
# A recurrent network has $D = 10$ and $H = 20$ and reads $T = 100$ steps. How many numbers do $W_x$, $W_h$ and $b$ hold together?

# %% question="weight_count"
### BEGIN SOLUTION
#| weight_count = None  # a number
weight_count = 620
### END SOLUTION

# %% [markdown]
# ## Exercise 4: one step back
#
# **Why.** All of backpropagation through time is this one step, again and again.
#
# Write $a = x W_x + h_{t-1} W_h + b$ for what goes into tanh, so $h_t = \tanh(a)$. You know the derivative: $\tanh'(a) = 1 - \tanh^2(a) =
# 1 - h_t^2$. It needs only the *output*. Hence
#
# $$da = \text{dnext\_h}\circ(1 - h_t^2),$$
#
# and from there on it is an affine layer with two inputs:
#
# | for | gradient | shapes |
# |---|---|---|
# | $x$ | $da\;W_x^\top$ | $(N,H)(H,D) = (N,D)$ |
# | $h_{t-1}$ | $da\;W_h^\top$ | $(N,H)(H,H) = (N,H)$ |
# | $W_x$ | $x^\top da$ | $(D,N)(N,H) = (D,H)$ |
# | $W_h$ | $h_{t-1}^\top\, da$ | $(H,N)(N,H) = (H,H)$ |
# | $b$ | column sums of $da$ | $(H,)$ |
#
# $W_h$ is square: here the shapes do **not** tell you when a transpose is missing.
#
# <details><summary>Hint</summary>
#
# Compute `da` first and use nothing but `da` afterwards. `dnext_h` belongs to the caller: do not change it in place.
# </details>


# %% exercise="rnn_step_backward"
def rnn_step_backward(dnext_h, cache):
    """Propagate a gradient back through ``rnn_step_forward``.

    Args:
        dnext_h: gradient with respect to the state after the step, float64 (N, H).
        cache: the second value of ``rnn_step_forward``.

    Returns:
        dx (N, D), dprev_h (N, H), dWx (D, H), dWh (H, H), db (H,), all float64.
    """
    ### BEGIN SOLUTION
    x, prev_h, Wx, Wh, next_h = cache
    da = dnext_h * (1.0 - next_h**2)  # (N, H)
    dx = da @ Wx.T
    dprev_h = da @ Wh.T
    dWx = x.T @ da
    dWh = prev_h.T @ da
    db = da.sum(axis=0)
    return dx, dprev_h, dWx, dWh, db
    ### END SOLUTION


# %% [markdown]
# ## Exercise 5: a whole sequence
#
# **Why.** Now unroll: the state that leaves one step enters the next.
#
# `x` holds whole sequences, shape $(N, T, D)$, so `x[:, t]` is what all of them read at step $t$. Return the states after every step,
# $h_1, \dots, h_T$, as an array of shape $(N, T, H)$; $h_0$ is given and is not among them.
#
# <details><summary>Hint</summary>
#
# Keep the caches of the steps in a list. `np.stack(states, axis=1)` puts $T$ arrays of shape $(N, H)$ side by side along a new axis 1.
# </details>


# %% exercise="rnn_forward"
def rnn_forward(x, h0, Wx, Wh, b):
    """Run a recurrent network over whole sequences.

    Args:
        x: float64 (N, T, D), T ≥ 1.
        h0: the state before the first step, float64 (N, H).
        Wx, Wh, b: weights, float64 (D, H), (H, H), (H,).

    Returns:
        h: the states after the steps, float64 (N, T, H).
        cache: whatever ``rnn_backward`` needs.
    """
    ### BEGIN SOLUTION
    states, caches = [], []
    state = h0
    for t in range(x.shape[1]):
        state, step = rnn_step_forward(x[:, t], state, Wx, Wh, b)
        states.append(state)
        caches.append(step)
    return np.stack(states, axis=1), caches
    ### END SOLUTION


# %% [markdown]
# ## Exercise 6: back through time
#
# **Why.** Here the gradient of a recurrent network is put together. Each state $h_t$ is used **twice**: by the output above it, and by
# the next step. Gradients of all uses add up, so two arrive at every state:

# %% tags=["demo"]
fig, ax = plt.subplots(figsize=(9, 3.1))
for t in range(4):
    draw_box(ax, 2 * t, 1, f"h{'₀₁₂₃'[t]}", BLUE)
    if t:
        draw_box(ax, 2 * t, 2, f"y{'₀₁₂₃'[t]}", ORANGE)
        draw_arrow(ax, (2 * t, 2), (2 * t, 1), ORANGE)
        draw_arrow(ax, (2 * t, 1), (2 * t - 2, 1), BLUE, "--")
        ax.text(2 * t + 0.1, 1.5, f"dh[:, {t - 1}]", color=ORANGE, va="center")
        ax.text(2 * t - 1, 1.12, "dprev_h", color=BLUE, ha="center")
        ax.text(2 * t - 1, 0.72, "+= dWx, dWh, db", color=GREY, ha="center", fontsize=9)
ax.text(0, 0.55, "dh0", color=BLUE, ha="center")
ax.set(xlim=(-0.6, 7), ylim=(0.4, 2.3), title="From above (orange) and from the future (blue): the sum goes on to the left")
ax.axis("off")
plt.show()

# %% [markdown]
# - Start at the last step, where nothing comes from the future, and walk to the first.
# - At each step, the gradient that enters `rnn_step_backward` is `dh[:, t]` **plus** the `dprev_h` that came out of the step to the right.
# - The same weights served at every step, so their gradients **add up** over all steps.
# - What comes out of the first step, on the left, is `dh0`.
#
# <details><summary>Hint</summary>
#
# `for t in reversed(range(T))`. Let a variable hold what comes from the future; it starts as zeros of the shape of $h_0$. Do not write into
# `dh`.
# </details>


# %% exercise="rnn_backward"
def rnn_backward(dh, cache):
    """Propagate gradients back through ``rnn_forward``.

    Args:
        dh: gradient that each state gets from above, float64 (N, T, H).
        cache: the second value of ``rnn_forward``.

    Returns:
        dx (N, T, D), dh0 (N, H), dWx (D, H), dWh (H, H), db (H,), all float64.
    """
    ### BEGIN SOLUTION
    T = dh.shape[1]
    future = np.zeros_like(dh[:, 0])
    dx = [None] * T
    dWx, dWh, db = 0.0, 0.0, 0.0
    for t in reversed(range(T)):
        dx[t], future, step_Wx, step_Wh, step_b = rnn_step_backward(dh[:, t] + future, cache[t])
        dWx, dWh, db = dWx + step_Wx, dWh + step_Wh, db + step_b
    return np.stack(dx, axis=1), future, dWx, dWh, db
    ### END SOLUTION


# %% [markdown]
# ## Vanishing and exploding gradients
#
# What becomes of a gradient on its way? Every step back multiplies it by $W_h^\top$ (and by tanh$'$ ≤ 1). Over $k$ steps that is
# $W_h^\top$ to the power $k$: if all its singular values are 0.9, a gradient shrinks to $0.9^{100} \approx 0.00003$ over 100 steps; if
# they are 1.1, it grows to $1.1^{100} \approx 13\,781$.
#
# ### Question: how much is left?
#
# All singular values of $W_h$ are ½, and tanh is nearly linear (tanh$' ≈ 1$). A gradient of norm 1 arrives at step 30 and nothing is added
# later. What is its norm at step 20?

# %% question="gradient_left"
### BEGIN SOLUTION
#| gradient_left = None  # a number
gradient_left = 0.5**10
### END SOLUTION

# %% [markdown]
# ### Milestone: gradients on their way back
#
# 60 steps of your own `rnn_step_forward` and `rnn_step_backward`. $W_h$ is a rotation times a number $s$, so all its singular values are
# $s$. A gradient of norm 1 starts at the last state; how large is it when it reaches the earlier ones? Small inputs keep tanh nearly linear.


# %% tags=["milestone"]
def rnn_gradient_norms():
    """Return the norm of the gradient at the states 0 … 60, for each singular value s."""
    N, T, D, H = 4, 60, 5, 32
    norms = []
    for s in (0.8, 1.0, 1.2):
        rng = make_rng(0)
        Wh = s * np.linalg.qr(rng.normal(size=(H, H)))[0]
        Wx, b = rng.normal(size=(D, H)) / np.sqrt(D), np.zeros(H)
        h, caches = np.zeros((N, H)), []
        for _ in range(T):
            h, cache = rnn_step_forward(1e-6 * rng.normal(size=(N, D)), h, Wx, Wh, b)
            caches.append(cache)
        gradient = rng.normal(size=(N, H))
        gradient /= np.linalg.norm(gradient)
        row = [1.0]
        for cache in reversed(caches):
            gradient = rnn_step_backward(gradient, cache)[1]
            row.append(np.linalg.norm(gradient))
        norms.append(row[::-1])
    return {"norms": np.array(norms)}


rnn_norms = milestone("rnn_gradient_norms", rnn_gradient_norms, needs=["rnn_step_forward", "rnn_step_backward"])["norms"]
print("what arrives at the first state:", ", ".join(f"{row[0]:.2g} for s = {s}" for s, row in zip((0.8, 1.0, 1.2), rnn_norms)))
assert rnn_norms[0, 0] < 1e-5 < 0.5 < rnn_norms[1, 0] < 1.5 < 1e4 < rnn_norms[2, 0]
fig, ax = plt.subplots(figsize=(8, 3.4))
for s, row, colour, style in zip((0.8, 1.0, 1.2), rnn_norms, (BLUE, GREEN, ORANGE), ("--", "-", "-.")):
    ax.semilogy(row, color=colour, linestyle=style, label=f"singular values {s}")
ax.set(xlabel="time step", ylabel="norm of the gradient", title="From right to left: gradients vanish (0.8) or explode (1.2)")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# A gradient that vanishes tells the network nothing about what happened long ago; one that explodes throws the weights far away. The
# second is easily cured (exercise 8), the first takes another architecture (exercise 9).
#
# ## Exercise 7: a loss at every time step
#
# **Why.** A network that predicts the next letter answers at every step, so each step has a softmax loss. And sequences of different
# lengths are padded to the same $T$: the padding must not count.
#
# For scores $x$ (N, T, V), right answers $y$ (N, T) and a mask $m$ (N, T) that is True where a step counts, let $p_{nt}$ be the softmax of
# $x_{nt}$ over the vocabulary. The loss **sums over time and averages over the batch**:
#
# $$L = \frac1N \sum_{n}\sum_{t} m_{nt}\,\big(-\log p_{nt,y_{nt}}\big),\qquad
# \frac{\partial L}{\partial x_{ntv}} = \frac{m_{nt}}{N}\,\big(p_{ntv} - [v = y_{nt}]\big).$$
#
# Note the $N$: it is the number of sequences, not of steps, and not of steps that count. Scores of size 1000 must not overflow: subtract
# the largest score of each step first.
#
# <details><summary>Hint</summary>
#
# Work along the last axis throughout, with `keepdims=True`. `np.take_along_axis(logp, y[:, :, None], axis=2)` picks the right entries. Or
# reshape to $(N\cdot T, V)$ and do what you did for one softmax loss.
# </details>


# %% exercise="temporal_softmax_loss"
def temporal_softmax_loss(x, y, mask):
    """Return the softmax loss of a batch of sequences and its gradient.

    Args:
        x: scores, float64 (N, T, V).
        y: right answers, int64 (N, T), each in 0 … V−1.
        mask: booleans (N, T); where it is False, the step does not count.

    Returns:
        loss: a number; summed over time, averaged over the N sequences.
        dx: gradient with respect to x, float64 (N, T, V).
    """
    ### BEGIN SOLUTION
    N = x.shape[0]
    shifted = x - x.max(axis=2, keepdims=True)
    logp = shifted - np.log(np.exp(shifted).sum(axis=2, keepdims=True))  # (N, T, V)
    right = np.take_along_axis(logp, y[:, :, None], axis=2)[:, :, 0]  # (N, T)
    loss = -np.sum(right * mask) / N
    dx = np.exp(logp)
    np.put_along_axis(dx, y[:, :, None], np.exp(right)[:, :, None] - 1.0, axis=2)
    dx = dx * mask[:, :, None] / N
    return loss, dx
    ### END SOLUTION


# %% [markdown]
# ### Question: the loss before any training
#
# Sequences of $T = 25$ letters, 36 different letters, all scores near 0, no padding. What is the loss of `temporal_softmax_loss`?

# %% question="first_loss"
### BEGIN SOLUTION
#| first_loss = None  # a number
first_loss = 25 * np.log(36)
### END SOLUTION

# %% [markdown]
# ### Milestone: the sanity ladder
#
# Put together what you have, and you own a language model: embedding, recurrent network, scores, loss. The text is by William Shakespeare:
# fourteen of his *Sonnets* (1609, in the public domain), in lower case.

# %% tags=["demo"]
def init_char_model(rng, V, D, H, cell):
    """Return the parameters of a character model whose ``cell`` is "rnn" or "lstm"."""
    G = 4 * H if cell == "lstm" else H
    params = {
        "We": 0.5 * rng.normal(size=(V, D)),
        "Wx": rng.normal(size=(D, G)) / np.sqrt(D),
        "Wh": rng.normal(size=(H, G)) / np.sqrt(H),
        "b": np.zeros(G),
        "Wy": 0.01 * rng.normal(size=(H, V)),
        "by": np.zeros(V),
    }
    if cell == "lstm":
        params["b"][H : 2 * H] = 1.0  # open forget gates to start with
    return params


def char_loss(params, x, y, h0, cell):
    """Return the loss of predicting y from x, both int64 (N, T), and the gradients by the parameters' names."""
    forward, backward = (lstm_forward, lstm_backward) if cell == "lstm" else (rnn_forward, rnn_backward)
    vectors, embed_cache = word_embedding_forward(x, params["We"])
    h, cell_cache = forward(vectors, h0, params["Wx"], params["Wh"], params["b"])
    scores, score_cache = temporal_affine_forward(h, params["Wy"], params["by"])
    loss, dscores = temporal_softmax_loss(scores, y, np.ones(y.shape, dtype=bool))
    dh, dWy, dby = temporal_affine_backward(dscores, score_cache)
    dvectors, _, dWx, dWh, db = backward(dh, cell_cache)
    dWe = word_embedding_backward(dvectors, embed_cache)
    return loss, {"We": dWe, "Wx": dWx, "Wh": dWh, "b": db, "Wy": dWy, "by": dby}


# %% tags=["demo"]
from pathlib import Path

text = Path("data/sonnets.txt").read_text(encoding="utf-8").lower()
vocab = "".join(sorted(set(text)))
print(text[:250], "…\n")
print(f"{len(text)} characters, {len(vocab)} different ones: {vocab!r}")


# %% tags=["milestone"]
def windows(ids, starts, T):
    """Return x and y (N, T): pieces of a text, and the same pieces one character later."""
    pieces = ids[starts[:, None] + np.arange(T + 1)]
    return pieces[:, :-1], pieces[:, 1:]


def adam_step(params, grads, memory, lr):
    """Change the parameters by one step of Adam; ``memory`` is an empty dict at first."""
    memory["t"] = memory.get("t", 0) + 1
    for name, grad in grads.items():
        m, v = memory.get(name, (0.0, 0.0))
        m, v = 0.9 * m + 0.1 * grad, 0.99 * v + 0.01 * grad**2
        memory[name] = m, v
        params[name] -= lr * (m / (1 - 0.9 ** memory["t"])) / (np.sqrt(v / (1 - 0.99 ** memory["t"])) + 1e-8)


def climb_ladder():
    """Return the first loss, the gradient check of all parameters, and the curve of learning 50 characters by heart."""
    ids = encode(text, vocab)
    V, T = len(vocab), 25
    rng = make_rng(1)
    params = init_char_model(rng, V, 16, 64, "rnn")
    x, y = windows(ids, rng.integers(0, len(ids) - T, 20), T)
    first_loss, _ = char_loss(params, x, y, np.zeros((20, 64)), "rnn")

    small = {name: rng.normal(size=value.shape) for name, value in init_char_model(rng, 5, 3, 4, "rnn").items()}
    x, y, h0 = rng.integers(0, 5, (2, 6)), rng.integers(0, 5, (2, 6)), rng.normal(size=(2, 4))
    _, grads = char_loss(small, x, y, h0, "rnn")
    errors = []
    for name, value in small.items():
        numeric = np.zeros(value.shape)
        for i in np.ndindex(value.shape):
            ends = []
            for step in (1e-5, -1e-5):
                moved = {**small, name: value.copy()}
                moved[name][i] += step
                ends.append(char_loss(moved, x, y, h0, "rnn")[0])
            numeric[i] = (ends[0] - ends[1]) / 2e-5
        errors.append(np.max(np.abs(numeric - grads[name])) / np.max(np.abs(numeric)))

    x, y = windows(ids, np.array([0]), 50)
    losses, memory = [], {}
    for _ in range(150):
        loss, grads = char_loss(params, x, y, np.zeros((1, 64)), "rnn")
        losses.append(loss)
        adam_step(params, grads, memory, 0.01)
    return {"first_loss": float(first_loss), "errors": np.array(errors), "losses": np.array(losses)}


needs = ["encode", "word_embedding_forward", "rnn_forward", "rnn_backward", "temporal_softmax_loss"]
ladder = milestone("sanity_ladder", climb_ladder, needs=needs)
print(f"1. first loss {ladder['first_loss']:.2f}, expected about 25 · log 36 = {25 * np.log(36):.2f}")
print("2. gradient check:", ", ".join(f"{name} {error:.0e}" for name, error in zip(("We", "Wx", "Wh", "b", "Wy", "by"), ladder["errors"])))
print(f"3. loss on 50 characters after 150 steps: {ladder['losses'][-1]:.3f}")
assert abs(ladder["first_loss"] - 25 * np.log(36)) < 1.0 and max(ladder["errors"]) < 1e-5 and ladder["losses"][-1] < 1.0
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.semilogy(ladder["losses"], color=BLUE)
ax.axhline(50 * np.log(36), color=GREY, linestyle=":", label="50 · log 36")
ax.set(xlabel="step", ylabel="loss", title="The network learns 50 characters by heart")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Exercise 8: clip the gradient
#
# **Why.** Where gradients explode, the loss has cliffs. One step of ordinary length from the edge of a cliff, with a gradient a thousand
# times as large as usual, undoes everything that was learnt. The cure is blunt: keep the gradient's *direction*, limit its *length*.
#
# Think of all gradients together as one long vector; its norm is $\lVert g\rVert = \sqrt{\sum_{\text{arrays}}\sum_i g_i^2}$. If it exceeds the
# limit, all arrays are multiplied by the same factor:
#
# $$g \leftarrow g\cdot\min\!\left(1,\ \frac{\text{max\_norm}}{\lVert g\rVert}\right).$$
#
# Clipping each number, or each array, for itself would turn the vector into another direction, which is no longer downhill in the same way.
# A gradient that is 0 everywhere stays as it is.
#
# <details><summary>Hint</summary>
#
# Compute one norm over all arrays first. Decide with `if`, so that nothing is divided by 0. Build a new dictionary of new arrays.
# </details>


# %% exercise="clip_grad_norm"
def clip_grad_norm(grads, max_norm):
    """Limit the norm of all gradients together.

    Args:
        grads: dict from name to float64 array of any shape; unchanged when the function returns.
        max_norm: a positive number.

    Returns:
        clipped: dict with the same names, arrays of the same shapes.
        norm: the norm before clipping, a number.
    """
    ### BEGIN SOLUTION
    norm = np.sqrt(sum(np.sum(grad**2) for grad in grads.values()))
    scale = max_norm / norm if norm > max_norm else 1.0
    return {name: grad * scale for name, grad in grads.items()}, norm
    ### END SOLUTION


# %% [markdown]
# ### Question: clipped by hand
#
# The gradients are $a = (6, 0)$ and $b = (8)$, and `max_norm` is 5. What is $b$ after clipping?

# %% question="clipped_b"
### BEGIN SOLUTION
#| clipped_b = None  # a number
clipped_b = 4.0
### END SOLUTION

# %% [markdown]
# ### Milestone: what clipping does
#
# A recurrent network whose $W_h$ starts with singular values 1.4 learns the sonnets with plain gradient descent: once with the raw
# gradient, once with clipping, everything else the same.


# %% tags=["milestone"]
def train_with_and_without_clipping():
    """Return the losses per character and the gradient's norm of each step, without and with clipping."""
    ids, T, H = encode(text, vocab), 30, 64
    curves = {}
    for name, limit in (("raw", np.inf), ("clipped", 5.0)):
        rng = make_rng(3)
        params = init_char_model(rng, len(vocab), 16, H, "rnn")
        params["Wh"] = 1.4 * np.linalg.qr(rng.normal(size=(H, H)))[0]
        losses, norms = [], []
        for _ in range(200):
            x, y = windows(ids, rng.integers(0, len(ids) - T, 16), T)
            loss, grads = char_loss(params, x, y, np.zeros((16, H)), "rnn")
            grads, norm = clip_grad_norm(grads, limit)
            for key in params:
                params[key] -= 0.2 * grads[key]
            losses.append(loss / T)
            norms.append(norm)
        curves[f"{name}_losses"], curves[f"{name}_norms"] = np.array(losses), np.array(norms)
    return curves


needs = ["encode", "word_embedding_forward", "rnn_forward", "rnn_backward", "temporal_softmax_loss", "clip_grad_norm"]
clipping = milestone("clipping", train_with_and_without_clipping, needs=needs)
last = {name: clipping[f"{name}_losses"][-50:].mean() for name in ("raw", "clipped")}
print(f"loss per character at the end: {last['raw']:.2f} raw, {last['clipped']:.2f} clipped, {np.log(36):.2f} untrained")
assert last["clipped"] < 2.5 < np.log(36) < last["raw"]
fig, axes = plt.subplots(1, 2, figsize=(11, 3.4))
for name, colour in (("raw", ORANGE), ("clipped", BLUE)):
    axes[0].semilogy(clipping[f"{name}_losses"], color=colour, label=name, linewidth=1)
    axes[1].semilogy(clipping[f"{name}_norms"], color=colour, label=f"{name}: before clipping" if name == "clipped" else name, linewidth=1)
axes[0].axhline(np.log(36), color=GREY, linestyle=":", label="log 36")
axes[1].axhline(5, color=GREY, linestyle="--", label="limit of the clipped run")
axes[0].set(xlabel="step", ylabel="loss per character", title="Without clipping, one step throws the weights far away")
axes[1].set(xlabel="step", ylabel="norm of the gradient", title="The gradients that the two runs meet")
for ax in axes:
    ax.legend(frameon=False)
fig.tight_layout()
plt.show()

# %% [markdown]
# ## Exercise 9: one step of an LSTM
#
# **Why.** In the plain network everything that is remembered passes through $W_h$ and tanh at every step. The LSTM gives memory a lane of
# its own, the *cell state* $c$, which changes by multiplication and addition of single entries only:
#
# $$c_t = f\circ c_{t-1} + i\circ g,\qquad h_t = o\circ\tanh(c_t).$$
#
# Three **gates** between 0 and 1 decide, entry by entry: $f$, what to keep (*forget* gate); $i$, what to write (*input* gate); $o$, what to
# show (*output* gate). The *candidate* $g$, between −1 and 1, is what could be written. All four look at $x_t$ and $h_{t-1}$, and are computed
# by one product with matrices four times as wide:
#
# $$z = x W_x + h_{t-1} W_h + b \quad (N, 4H),\qquad
# i = \sigma(z_{0:H}),\quad f = \sigma(z_{H:2H}),\quad o = \sigma(z_{2H:3H}),\quad g = \tanh(z_{3H:4H}).$$
#
# The order **i, f, o, g** is a convention; libraries differ. We keep this one.

# %% tags=["demo"]
fig, ax = plt.subplots(figsize=(10.5, 4))
nodes = {
    "c[t−1]": (0, 3), "×f": (2, 3), "+": (4.2, 3), "c[t]": (8.4, 3), "h[t−1], x[t]": (0, 0.3), "f = σ": (2, 1.3), "i = σ": (3.4, 1.3),
    "g = tanh": (5, 1.3), "×i": (4.2, 2.15), "o = σ": (6.6, 1.3), "tanh": (6.6, 2.4), "×o": (7.5, 1.8), "h[t]": (8.4, 1.8),
}  # fmt: skip
arrows = [("c[t−1]", "×f"), ("×f", "+"), ("+", "c[t]"), ("f = σ", "×f"), ("i = σ", "×i"), ("g = tanh", "×i"), ("×i", "+"), ("tanh", "×o"), ("o = σ", "×o"), ("×o", "h[t]")]
for start, end in arrows:
    draw_arrow(ax, nodes[start], nodes[end], BLUE if end in ("×f", "+", "c[t]") and start in ("c[t−1]", "×f", "+") else GREY)
draw_arrow(ax, (6.6, 3.1), nodes["tanh"])
ax.plot([0.9, 6.6], [0.3, 0.3], color=GREY, linewidth=1)
for gate in ("f = σ", "i = σ", "g = tanh", "o = σ"):
    draw_arrow(ax, (nodes[gate][0], 0.15), nodes[gate])
for label, place in nodes.items():
    draw_box(ax, *place, label[0] if label[0] == "×" else label, BLUE if label[0] in "c×+" else ORANGE if "=" in label else GREY)
ax.set(xlim=(-0.9, 9.1), ylim=(-0.2, 3.5), title="The cell state's lane (blue) has no matrix product; the gates (orange) open and close it")
ax.axis("off")
plt.show()

# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.split(z, 4, axis=1)` gives the four parts in order. `sigmoid` is in the first cell of the notebook. Keep the gates, and tanh(c), for the
# way back.
# </details>


# %% exercise="lstm_step_forward"
def lstm_step_forward(x, prev_h, prev_c, Wx, Wh, b):
    """Go one time step forward.

    Args:
        x: what is read at this step, float64 (N, D).
        prev_h, prev_c: hidden state and cell state before, float64 (N, H).
        Wx, Wh, b: weights of i, f, o, g side by side, float64 (D, 4H), (H, 4H), (4H,).

    Returns:
        next_h, next_c: the states after, float64 (N, H).
        cache: whatever ``lstm_step_backward`` needs.
    """
    ### BEGIN SOLUTION
    zi, zf, zo, zg = np.split(x @ Wx + prev_h @ Wh + b, 4, axis=1)
    i, f, o, g = sigmoid(zi), sigmoid(zf), sigmoid(zo), np.tanh(zg)
    next_c = f * prev_c + i * g
    tanh_c = np.tanh(next_c)
    next_h = o * tanh_c
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c)
    ### END SOLUTION


# %% [markdown]
# ### Question: the weights of an LSTM
#
# An LSTM has $D = 10$ and $H = 20$. How many numbers do its $W_x$, $W_h$ and $b$ hold together?

# %% question="lstm_weight_count"
### BEGIN SOLUTION
#| lstm_weight_count = None  # a number
lstm_weight_count = 2480
### END SOLUTION

# %% [markdown]
# ## Exercise 10: one LSTM step back
#
# **Why.** If you can do this one, no layer will frighten you. Take the paths one by one.
#
# **1. What arrives at $c_t$.** The cell state leaves the step in two ways: directly to the next step (`dnext_c`), and through
# $h_t = o\circ\tanh(c_t)$. Both add up:
#
# $$dc = \text{dnext\_c} + \text{dnext\_h}\circ o\circ(1-\tanh^2 c_t).$$
#
# **2. From $c_t = f\circ c_{t-1} + i\circ g$ and $h_t = o\circ\tanh(c_t)$**, product rule:
#
# $$df = dc\circ c_{t-1},\qquad di = dc\circ g,\qquad dg = dc\circ i,\qquad do = \text{dnext\_h}\circ\tanh(c_t),\qquad
# dc_{t-1} = dc\circ f .$$
#
# The last one is the point of the whole construction: **back along the cell state there is no matrix product**, only the forget gate.
#
# **3. Through sigmoid and tanh**, to $z$: multiply by $\sigma(1-\sigma)$ for the gates and by $1-g^2$ for the candidate, and put the four
# parts side by side in the order i, f, o, g: $dz$ of shape $(N, 4H)$.
#
# **4. The affine part** as in exercise 4, with $dz$ in the place of $da$.
#
# <details><summary>Hint</summary>
#
# `np.concatenate([…], axis=1)` puts parts side by side. Do not write `dnext_c += …`: the array belongs to the caller.
# </details>


# %% exercise="lstm_step_backward"
def lstm_step_backward(dnext_h, dnext_c, cache):
    """Propagate gradients back through ``lstm_step_forward``.

    Args:
        dnext_h, dnext_c: gradients with respect to the states after the step, float64 (N, H).
        cache: the third value of ``lstm_step_forward``.

    Returns:
        dx (N, D), dprev_h (N, H), dprev_c (N, H), dWx (D, 4H), dWh (H, 4H), db (4H,), all float64.
    """
    ### BEGIN SOLUTION
    x, prev_h, prev_c, Wx, Wh, i, f, o, g, tanh_c = cache
    dc = dnext_c + dnext_h * o * (1.0 - tanh_c**2)
    di = dc * g
    df = dc * prev_c
    do = dnext_h * tanh_c
    dg = dc * i
    dz = np.concatenate([di * i * (1.0 - i), df * f * (1.0 - f), do * o * (1.0 - o), dg * (1.0 - g**2)], axis=1)  # (N, 4H)
    dprev_c = dc * f
    return dz @ Wx.T, dz @ Wh.T, dprev_c, x.T @ dz, prev_h.T @ dz, dz.sum(axis=0)
    ### END SOLUTION


# %% [markdown]
# ### Question: why the gradient survives
#
# Why do gradients live longer along the cell state of an LSTM than in a plain recurrent network?
#
# - `"a"`: it has four times as many weights, so more gradient comes back
# - `"b"`: the step from $c_t$ back to $c_{t-1}$ multiplies by the forget gate entry by entry, and the network can learn to keep that near 1
# - `"c"`: sigmoid has a larger derivative than tanh
# - `"d"`: the gates clip gradients that are too small

# %% question="why_cell_state"
### BEGIN SOLUTION
#| why_cell_state = None  # "a", "b", "c" or "d"
why_cell_state = "b"
### END SOLUTION

# %% [markdown]
# ## Exercise 11: an LSTM over a sequence
#
# **Why.** As in exercise 5, but two things are carried from step to step. The cell state starts as **zeros**; the hidden state starts as
# $h_0$. Return the hidden states only: the cell state is the network's private memory.
#
# <details><summary>Hint</summary>
#
# The cell state before the first step has the shape of $h_0$. The caches of the steps go into a list.
# </details>


# %% exercise="lstm_forward"
def lstm_forward(x, h0, Wx, Wh, b):
    """Run an LSTM over whole sequences, starting with a cell state of zeros.

    Args:
        x: float64 (N, T, D), T ≥ 1.
        h0: the hidden state before the first step, float64 (N, H).
        Wx, Wh, b: weights, float64 (D, 4H), (H, 4H), (4H,).

    Returns:
        h: the hidden states after the steps, float64 (N, T, H).
        cache: whatever ``lstm_backward`` needs.
    """
    ### BEGIN SOLUTION
    states, caches = [], []
    state, cell = h0, np.zeros_like(h0)
    for t in range(x.shape[1]):
        state, cell, step = lstm_step_forward(x[:, t], state, cell, Wx, Wh, b)
        states.append(state)
        caches.append(step)
    return np.stack(states, axis=1), caches
    ### END SOLUTION


# %% [markdown]
# ## Exercise 12: an LSTM back through time
#
# **Why.** As in exercise 6, with two gradients that travel from right to left: one along $h$, to which `dh[:, t]` is added at every step,
# and one along $c$, which gets nothing from above. Both start as zeros at the end. Forget to carry the second one, and the LSTM forgets
# like any other network.
#
# <details><summary>Hint</summary>
#
# Start from your `rnn_backward`; what comes out of `lstm_step_backward` as `dprev_c` is the `dnext_c` of the step to the left. The cell
# state's own start is a constant: its gradient is not asked for.
# </details>


# %% exercise="lstm_backward"
def lstm_backward(dh, cache):
    """Propagate gradients back through ``lstm_forward``.

    Args:
        dh: gradient that each hidden state gets from above, float64 (N, T, H).
        cache: the second value of ``lstm_forward``.

    Returns:
        dx (N, T, D), dh0 (N, H), dWx (D, 4H), dWh (H, 4H), db (4H,), all float64.
    """
    ### BEGIN SOLUTION
    T = dh.shape[1]
    future_h, future_c = np.zeros_like(dh[:, 0]), np.zeros_like(dh[:, 0])
    dx = [None] * T
    dWx, dWh, db = 0.0, 0.0, 0.0
    for t in reversed(range(T)):
        dx[t], future_h, future_c, step_Wx, step_Wh, step_b = lstm_step_backward(dh[:, t] + future_h, future_c, cache[t])
        dWx, dWh, db = dWx + step_Wx, dWh + step_Wh, db + step_b
    return np.stack(dx, axis=1), future_h, dWx, dWh, db
    ### END SOLUTION


# %% [markdown]
# ### Milestone: the same way back, with a cell state
#
# The experiment from above once more: 60 steps back from the last state, for three LSTMs that differ only in the bias of their forget
# gates. With bias $b_f$ and small inputs, $f \approx \sigma(b_f)$: 0.5, 0.73 and 0.95. Compare with the plain network at $s = 0.8$.


# %% tags=["milestone"]
def lstm_gradient_norms():
    """Return the norm of the gradient of both states together at the states 0 … 60, for each bias of the forget gate."""
    N, T, D, H = 4, 60, 5, 32
    norms = []
    for forget_bias in (0.0, 1.0, 3.0):
        rng = make_rng(0)
        Wx, Wh, b = 0.05 * rng.normal(size=(D, 4 * H)), 0.05 * rng.normal(size=(H, 4 * H)), np.zeros(4 * H)
        b[H : 2 * H] = forget_bias
        h, c, caches = np.zeros((N, H)), np.zeros((N, H)), []
        for _ in range(T):
            h, c, cache = lstm_step_forward(rng.normal(size=(N, D)), h, c, Wx, Wh, b)
            caches.append(cache)
        dh, dc = rng.normal(size=(N, H)), np.zeros((N, H))
        dh /= np.linalg.norm(dh)
        row = [1.0]
        for cache in reversed(caches):
            _, dh, dc, *_ = lstm_step_backward(dh, dc, cache)
            row.append(np.hypot(np.linalg.norm(dh), np.linalg.norm(dc)))
        norms.append(row[::-1])
    return {"norms": np.array(norms)}


lstm_norms = milestone("lstm_gradient_norms", lstm_gradient_norms, needs=["lstm_step_forward", "lstm_step_backward"])["norms"]
print("what arrives at the first state:", ", ".join(f"{row[0]:.1e} for f ≈ {f}" for f, row in zip((0.5, 0.73, 0.95), lstm_norms)))
assert lstm_norms[0, 0] < 1e-6 and 1e-3 < lstm_norms[2, 0] < 1
fig, ax = plt.subplots(figsize=(8, 3.6))
for f, row, colour, style in zip((0.5, 0.73, 0.95), lstm_norms, (GREEN, ORANGE, BLUE), (":", "-.", "-")):
    ax.semilogy(row, color=colour, linestyle=style, label=f"LSTM, f ≈ {f}")
ax.semilogy(rnn_norms[0], color=GREY, linestyle="--", label="plain network, singular values 0.8")
ax.set(xlabel="time step", ylabel="norm of the gradient", title="An open forget gate lets the gradient reach the first step")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Exercise 13: let it write
#
# **Why.** A network that predicts the next token can write: draw a token from its prediction, feed it back in, and so on.
#
# The **temperature** $\tau$ divides the scores before the softmax:
#
# $$p_v = \frac{e^{s_v/\tau}}{\sum_u e^{s_u/\tau}}.$$
#
# $\tau = 1$ draws what the network believes; a smaller one prefers what is likely; a larger one dares more. In the limit $\tau \to 0$ only
# the largest score is left: for $\tau = 0$ take it, without dividing by 0 and without drawing.
#
# So that it works for every network, `sample` gets one *step* of it as a function: `scores, state = step(token, state)`. What the state is,
# one array or a pair, does not concern `sample`: it hands it on.
#
# <details><summary>Hint</summary>
#
# Scores may be large: subtract the largest before the exponential. `rng.choice(V, p=p)` draws a number from 0 … V−1. The token that you draw
# is the next one that you feed; the first one is `start`.
# </details>


# %% exercise="sample"
def sample(step, h0, start, length, temperature, rng):
    """Draw tokens one after the other, each fed back as the next input.

    Args:
        step: function of a token (an int) and a state; returns scores, float64 (V,), and the next state.
        h0: the state before the first step.
        start: the first token to feed; not part of the result.
        length: how many tokens to draw.
        temperature: divides the scores; 0 means: always the most likely token.
        rng: NumPy's random generator; all randomness comes from it.

    Returns:
        int64 array (length,).
    """
    ### BEGIN SOLUTION
    token, state = start, h0
    tokens = np.zeros(length, dtype=np.int64)
    for t in range(length):
        scores, state = step(token, state)
        if temperature == 0:
            token = int(np.argmax(scores))
        else:
            scaled = (scores - np.max(scores)) / temperature
            p = np.exp(scaled)
            token = int(rng.choice(len(p), p=p / p.sum()))
        tokens[t] = token
    return tokens
    ### END SOLUTION


# %% [markdown]
# ## Milestone: a network that writes sonnets
#
# Everything together: your LSTM reads the sonnets letter by letter, in pieces of 40 letters from all over the text, and learns to predict
# the next one. Before training it writes noise. After 300 steps it has found out, from nothing but letters, which of them go together, how
# long words are and where lines end.


# %% tags=["milestone"]
def stepper(params):
    """Return the function that ``sample`` needs, for an LSTM character model: its state is the pair (h, c)."""

    def step(token, state):
        h, c, _ = lstm_step_forward(params["We"][[token]], *state, params["Wx"], params["Wh"], params["b"])
        return (h @ params["Wy"] + params["by"])[0], (h, c)

    return step


def write(params, length, temperature, seed):
    """Return text that the model writes after a line end."""
    H = len(params["Wh"])
    state = (np.zeros((1, H)), np.zeros((1, H)))
    return decode(sample(stepper(params), state, vocab.index("\n"), length, temperature, make_rng(seed)), vocab)


def train_on_sonnets():
    """Train an LSTM character model; return its losses per letter, its clipped gradients' norms and what it writes."""
    ids, T, H = encode(text, vocab), 40, 96
    rng = make_rng(4)
    params = init_char_model(rng, len(vocab), 24, H, "lstm")
    before = write(params, 200, 1.0, 0)
    losses, norms, memory = [], [], {}
    for _ in range(300):
        x, y = windows(ids, rng.integers(0, len(ids) - T, 16), T)
        loss, grads = char_loss(params, x, y, np.zeros((16, H)), "lstm")
        grads, norm = clip_grad_norm(grads, 20.0)
        adam_step(params, grads, memory, 0.008)
        losses.append(loss / T)
        norms.append(norm)
    written = {f"after_{tau}": write(params, 300, tau, 5) for tau in (0.2, 0.6, 1.0, 1.5)}
    return {"losses": np.array(losses), "norms": np.array(norms), "before": before, **written}


needs = ["encode", "word_embedding_forward", "temporal_softmax_loss", "clip_grad_norm", "lstm_step_forward", "lstm_forward", "lstm_backward", "sample"]
sonnets = milestone("sonnets_lstm", train_on_sonnets, needs=needs)
print(f"loss per letter: {sonnets['losses'][0]:.2f} at first, {sonnets['losses'][-20:].mean():.2f} at the end\n")
assert abs(sonnets["losses"][0] - np.log(36)) < 0.1 and sonnets["losses"][-20:].mean() < 2.0
print(f"BEFORE TRAINING\n{sonnets['before']}")
for tau in (0.2, 0.6, 1.0, 1.5):
    print(f"\nAFTER TRAINING, temperature {tau}\n{sonnets[f'after_{tau}']}")
fig, ax = plt.subplots(figsize=(7.5, 3.2))
ax.plot(sonnets["losses"], color=BLUE, linewidth=1)
ax.axhline(np.log(36), color=GREY, linestyle=":", label="log 36: every letter equally likely")
ax.set(xlabel="step", ylabel="loss per letter", title="The network learns what follows what")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Exercise 14 (stretch): a gated recurrent unit
#
# **Why.** The GRU gets along with one state and two gates. The *reset* gate $r$ decides how much of the past the candidate may see; the
# *update* gate $z$ decides how much of the past stays:
#
# $$r = \sigma(a_{0:H}),\qquad z = \sigma(a_{H:2H}),\qquad\text{with}\quad a = x W_x + h_{t-1} W_h + b,$$
#
# $$n = \tanh\big(x\,W_x^{(n)} + (r\circ h_{t-1})\,W_h^{(n)} + b^{(n)}\big),\qquad h_t = z\circ h_{t-1} + (1-z)\circ n .$$
#
# $W_x^{(n)}$, $W_h^{(n)}$, $b^{(n)}$ are the columns $2H{:}3H$. The reset gate acts on the state **before** the product with $W_h^{(n)}$.
# (Some libraries let it act after the product, and some exchange $z$ and $1-z$: look before you compare.) Where $z = 1$ the state passes
# unchanged, and so does its gradient.
#
# <details><summary>Hint</summary>
#
# Compute $r$ and $z$ from the first $2H$ columns, then the candidate from the last $H$.
# </details>


# %% exercise="gru_step_forward"
def gru_step_forward(x, prev_h, Wx, Wh, b):
    """Go one time step forward.

    Args:
        x: what is read at this step, float64 (N, D).
        prev_h: the state before, float64 (N, H).
        Wx, Wh, b: weights of r, z, n side by side, float64 (D, 3H), (H, 3H), (3H,).

    Returns:
        next_h: the state after, float64 (N, H).
    """
    ### BEGIN SOLUTION
    H = prev_h.shape[1]
    gates = sigmoid(x @ Wx[:, : 2 * H] + prev_h @ Wh[:, : 2 * H] + b[: 2 * H])
    r, z = gates[:, :H], gates[:, H:]
    n = np.tanh(x @ Wx[:, 2 * H :] + (r * prev_h) @ Wh[:, 2 * H :] + b[2 * H :])
    return z * prev_h + (1.0 - z) * n
    ### END SOLUTION


# %% [markdown]
# ## The same in PyTorch
#
# You know now what happens inside; from here on PyTorch does the backward passes. This part needs PyTorch (everything above works without
# it) and runs on a GPU where there is one.

# %% tags=["setup"]
import torch
from torch import nn
from torch.nn import functional as F

# %% [markdown]
# ## Exercise 15: a character model as a module
#
# **Why.** The three layers of your language model exist ready-made: `nn.Embedding` (exercise 2), `nn.LSTM` (exercises 9 to 12) and
# `nn.Linear`. What is left to do is to connect them, and to get the axes right: by default `nn.LSTM` takes time first, $(T, N, D)$, and if
# you hand it $(N, T, D)$ it does not complain. It then mixes your sequences. `batch_first=True` makes it take $(N, T, D)$.
#
# Name the three layers `embedding`, `lstm` and `head`, so that saved weights fit: one LSTM layer, with biases. The module returns raw scores
# (*logits*, no softmax) for every position, and the LSTM's final state, the pair $(h, c)$, each of shape $(1, N, H)$, so that the next piece
# of text can go on where this one stopped.
#
# <details><summary>Hint</summary>
#
# `out, hidden = self.lstm(vectors, hidden)`; with `hidden=None` it starts from zeros. `out` holds the hidden states of all steps.
# </details>


# %% exercise="CharLSTM"
class CharLSTM(nn.Module):
    """A character model: embedding, one LSTM layer, scores for the next character.

    Args:
        vocab_size: number of different characters, V.
        embed_dim: numbers per character vector, D.
        hidden_size: numbers per state, H.
    """

    def __init__(self, vocab_size, embed_dim, hidden_size):
        super().__init__()
        ### BEGIN SOLUTION
        self.embedding = nn.Embedding(vocab_size, embed_dim)
        self.lstm = nn.LSTM(embed_dim, hidden_size, batch_first=True)
        self.head = nn.Linear(hidden_size, vocab_size)
        ### END SOLUTION

    def forward(self, x, hidden=None):
        """Return the logits of every position and the final state.

        Args:
            x: tokens, int64 (N, T).
            hidden: the pair (h, c), each (1, N, H), to start from; None starts from zeros.

        Returns:
            logits: (N, T, V).
            hidden: the pair (h, c) after the last step, each (1, N, H).
        """
        ### BEGIN SOLUTION
        out, hidden = self.lstm(self.embedding(x), hidden)
        return self.head(out), hidden
        ### END SOLUTION


# %% [markdown]
# ## Exercise 16: training step with truncated backpropagation through time
#
# **Why.** A text of a million letters cannot be unrolled as a whole: the graph would not fit into memory. So one cuts it into pieces of, say,
# 50 letters. The **state** is carried from piece to piece, so the network knows what came before; the **gradient** stops at the border:
#
# ```text
#   piece 1              piece 2              piece 3
#   h → h → h → h  ──→  h → h → h → h  ──→  h → h → h → h      states: carried on
#   ←─ gradient ──  ✂   ←─ gradient ──  ✂   ←─ gradient ──     gradients: cut, by .detach()
# ```
#
# One step on one piece: run the model from the given state; take the mean cross-entropy over all $N\cdot T$ positions; compute gradients
# (of this piece only: old ones must go); clip them to a norm of `max_norm`, all parameters together; let the optimizer step; return the loss
# as a plain number, and the state **cut from its graph** (neither $h$ nor $c$ may require a gradient).
#
# <details><summary>Hint</summary>
#
# `F.cross_entropy` wants classes on axis 1: flatten logits to $(N\cdot T, V)$ and answers to $(N\cdot T)$. `nn.utils.clip_grad_norm_` is your
# exercise 8; it has its place between `backward()` and `step()`.
# </details>


# %% exercise="train_step"
def train_step(model, batch, hidden, optimizer, max_norm):
    """Train on one piece of text, going on from the state that the piece before left.

    Args:
        model: module with ``logits, hidden = model(x, hidden)``, such as CharLSTM.
        batch: the pair (x, y) of int64 tensors (N, T): tokens and the tokens that follow them.
        hidden: the pair of states before the piece, or None at the beginning of a text.
        optimizer: of the model's parameters.
        max_norm: limit for the norm of all gradients together.

    Returns:
        loss: mean cross-entropy over all positions, before the step; a Python float.
        hidden: the pair of states after the piece, without a graph.
    """
    ### BEGIN SOLUTION
    x, y = batch
    logits, hidden = model(x, hidden)
    loss = F.cross_entropy(logits.flatten(0, 1), y.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), max_norm)
    optimizer.step()
    return loss.item(), tuple(state.detach() for state in hidden)
    ### END SOLUTION


# %% [markdown]
# ### Question: why detach?
#
# You return the state without `.detach()` and feed it to the next `train_step`. What happens in its `loss.backward()`?
#
# - `"a"`: nothing, since `zero_grad` has removed the old graph
# - `"b"`: it runs on into the graph of the piece before, whose stored values are gone: an error, "backward through the graph a second time"
# - `"c"`: all gradients become 0
# - `"d"`: the state is set back to zeros

# %% question="why_detach"
### BEGIN SOLUTION
#| why_detach = None  # "a", "b", "c" or "d"
why_detach = "b"
### END SOLUTION

# %% [markdown]
# ### Milestone: sonnets, with truncated backpropagation
#
# The text is laid out in 16 rows; each step moves on by 50 letters in every row, and the state goes along. After one pass over the text the
# state starts from zeros again.


# %% tags=["milestone"]
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


def pieces_of(ids, rows, T):
    """Return the text in ``rows`` long rows, cut into pairs (x, y) of T letters, in order."""
    ids = torch.from_numpy(ids)
    length = (len(ids) - 1) // rows
    x, y = (ids[k : k + rows * length].view(rows, length) for k in (0, 1))
    return [(x[:, t : t + T], y[:, t : t + T]) for t in range(0, length - T + 1, T)]


def torch_stepper(model):
    """Return the function that ``sample`` needs."""

    def step(token, state):
        with torch.no_grad():
            logits, state = model(torch.tensor([[token]], device=device), state)
        return logits[0, 0].double().cpu().numpy(), state

    return step


def train_torch_on_sonnets():
    """Train a CharLSTM; return its losses and what it writes."""
    torch.manual_seed(0)
    model = CharLSTM(len(vocab), 32, 96).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    pieces = [(x.to(device), y.to(device)) for x, y in pieces_of(encode(text, vocab), 16, 50)]
    losses = []
    for _ in range(20):
        hidden = None
        for batch in pieces:
            loss, hidden = train_step(model, batch, hidden, optimizer, 1.0)
            losses.append(loss)
    written = decode(sample(torch_stepper(model), None, vocab.index("\n"), 400, 0.6, make_rng(0)), vocab)
    return {"losses": np.array(losses), "written": written}


torch_sonnets = milestone("sonnets_torch", train_torch_on_sonnets, needs=["encode", "sample", "CharLSTM", "train_step"])
print(f"loss per letter: {torch_sonnets['losses'][0]:.2f} at first, {torch_sonnets['losses'][-10:].mean():.2f} at the end\n")
assert abs(torch_sonnets["losses"][0] - np.log(36)) < 0.2 and torch_sonnets["losses"][-10:].mean() < 2.0
print(torch_sonnets["written"])
fig, ax = plt.subplots(figsize=(7.5, 3.2))
ax.plot(torch_sonnets["losses"], color=BLUE, linewidth=1)
ax.axhline(np.log(36), color=GREY, linestyle=":", label="log 36: every letter equally likely")
ax.set(xlabel="step", ylabel="loss per letter", title="CharLSTM on the sonnets, 50 letters at a time")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# How fast is it? On a GPU the same code runs with a larger batch in mixed precision; here is what one second is worth.


# %% tags=["milestone"]
def tokens_per_second(place, steps=4):
    """Return how many letters per second a larger CharLSTM trains on, on one device."""
    model = CharLSTM(len(vocab), 64, 256).to(place)
    optimizer = torch.optim.Adam(model.parameters())
    x, y = (torch.randint(len(vocab), (32, 64), device=place) for _ in range(2))
    hidden = None
    for k in range(steps + 1):
        if k == 1:  # the first step warms up
            if place.type == "cuda":
                torch.cuda.synchronize()
            started = time.perf_counter()
        with torch.autocast(place.type, dtype=torch.bfloat16, enabled=place.type == "cuda"):
            _, hidden = train_step(model, (x, y), hidden, optimizer, 1.0)
    if place.type == "cuda":
        torch.cuda.synchronize()
    return steps * x.numel() / (time.perf_counter() - started)


if check("CharLSTM").passed and check("train_step").passed:
    on_cpu = tokens_per_second(torch.device("cpu"))
    print(f"processor: {on_cpu:,.0f} letters per second")
    if device.type == "cuda":
        on_gpu = tokens_per_second(device, steps=50)
        print(f"{torch.cuda.get_device_name()}: {on_gpu:,.0f} letters per second, {on_gpu / on_cpu:.1f} times as many")
    else:
        print("There is no GPU here.")
else:
    print("This cell measures your CharLSTM and train_step; their checks do not pass yet.")

# %% [markdown]
# Your network has read some eight thousand letters. Those that answer questions today have read more than a trillion, look back further than
# a state can reach, and are trained by the same loop: predict the next token, measure the surprise, send the gradient back.
