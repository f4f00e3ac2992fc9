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
# # Unit 1: linear algebra with arrays
#
# A neural network is a long chain of two things: sums of products, and a simple function applied to every number.
# This unit is about the sums of products. You write them first as loops, so that every index is visible, then as
# whole-array operations, which are shorter and a hundred times faster. At the end your own functions recognise
# handwritten digits, compress them and draw what they learned.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.
#
# **Words.** A *vector* is a row of numbers, shape `(n,)`. A *matrix* is a table, shape `(rows, columns)`. A *tensor* is
# the general case: an N-dimensional array. A grey image has shape `(H, W)`, a colour image `(H, W, 3)`, a batch of them
# `(N, H, W, 3)`. The shape is the first thing to write down and the first thing to check.
#
# **The rule of this unit.** Inputs may have any number type; results are `float64`. Convert first, with
# `np.asarray(x, dtype=np.float64)`: the digits' pixels are stored as `uint8`, whole numbers from 0 to 255, and in `uint8`
# 200 + 100 is 44. Never change an argument in place: the caller still needs it.

# %% tags=["setup"]
import time

import numpy as np

from autograder import check, milestone


def make_rng(seed):
    """Return a random number generator (`np.random.Generator`) that always gives the same numbers for the same seed."""
    return np.random.default_rng(seed)


# %% tags=["demo"]
import matplotlib.pyplot as plt

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#8A8A8A"
IMAGE = {"xticks": [], "yticks": [], "frame_on": False}
plt.rcParams.update({"figure.dpi": 110, "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False, "axes.spines.right": False})

tensor = np.zeros((2, 8, 8, 3))
print("tensor: ", tensor.ndim, "dimensions, shape", tensor.shape, "= 2 images of 8 x 8 pixels with 3 colours")
print("uint8:  ", np.array([200], dtype=np.uint8) + np.array([100], dtype=np.uint8), "is what 200 + 100 gives in uint8")

# %% [markdown]
# ## 1. Vectors and the inner product
#
# Two vectors of the same length are added entry by entry, and a number stretches a vector:
#
# $$4\cdot(2,7,3)=(8,28,12) \qquad (2,7,3)+(1,3,6)=(3,10,9)$$
#
# The **inner product** multiplies entry by entry and adds everything up. Two vectors go in, one number comes out:
#
# $$u\cdot v=\sum_{i=1}^{n}u_iv_i \qquad (2,7,3)\cdot(1,3,6)=2\cdot1+7\cdot3+3\cdot6=41$$
#
# It is positive when the two point in similar directions, zero when they are perpendicular, negative when they point
# apart: $u\cdot v=\|u\|\,\|v\|\cos\theta$. That is why a network uses it as its measure of "how much of the pattern $u$
# is in the input $v$".

# %% tags=["demo"]
u, v = np.array([2, 7, 3]), np.array([1, 3, 6])
print("4 u  =", 4 * u)
print("u+v  =", u + v)
print("u*v  =", u * v, " <- entry by entry: still a vector, not the inner product")


def arrow(axis, start, end, colour, label, offset=(4, 4)):
    """Draw an arrow from start to end and write the label beside its tip."""
    axis.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2, "shrinkA": 0, "shrinkB": 0})
    axis.annotate(label, xy=end, xytext=offset, textcoords="offset points", color=colour)


figure, axes = plt.subplots(1, 3, figsize=(10, 3.2))
a, b = np.array([3.0, 1.0]), np.array([1.0, 2.0])
arrow(axes[0], (0, 0), a, BLUE, "a", offset=(4, -12))
arrow(axes[0], a, a + b, ORANGE, "b", offset=(5, -18))
arrow(axes[0], (0, 0), a + b, GREEN, "a + b", offset=(-28, 6))
axes[0].set(title="Adding: put b at the tip of a", xlim=(-0.5, 5.5), ylim=(-0.5, 4))
arrow(axes[1], (0, 0), a / 2, ORANGE, "½ a", offset=(-4, 8))
arrow(axes[1], (0, -0.5), a * 1.5 - [0, 0.5], GREEN, "1½ a", offset=(-8, 7))
arrow(axes[1], (0, -1), a - [0, 1], BLUE, "a", offset=(4, -2))
axes[1].set(title="Scaling: same direction, other length", xlim=(-0.5, 5.5), ylim=(-1.5, 3))
angles = np.linspace(0, np.pi, 100)
axes[2].plot(np.degrees(angles), np.cos(angles), color=BLUE, lw=2)
axes[2].axhline(0, color=GREY, lw=0.8)
axes[2].annotate("perpendicular: 0", xy=(90, 0), xytext=(98, 0.35), color=GREY, arrowprops={"arrowstyle": "-", "color": GREY})
axes[2].set(title="u · v for two vectors of length 1", xlabel="angle between them (degrees)", xticks=[0, 45, 90, 135, 180])
for axis in axes[:2]:
    axis.set_aspect("equal")
figure.tight_layout()
plt.show()

# %% [markdown]
# ### Exercise: `inner_product`
#
# Write the sum of products with basic operations. What you are building is not allowed here: `@`, `np.dot`, `np.inner`, `np.vdot`,
# `np.vecdot`, `np.matmul`, `np.einsum`, `np.tensordot` and `np.linalg`.
#
# <details><summary>Hint</summary>
#
# `u * v` gives the products as a vector. What is missing is one sum. Convert both to `float64` before you multiply.
# </details>

# %% exercise="inner_product"
def inner_product(u, v):
    """Return the inner product, the sum of u_i * v_i.

    Args:
        u: vector, shape (n,), any number type.
        v: vector, shape (n,), any number type.

    Returns:
        one float (not an array of shape (1,)).
    """
    ### BEGIN SOLUTION
    u = np.asarray(u, dtype=np.float64)  # float64 times any type is float64
    return np.sum(u * v)
    ### END SOLUTION


# %% [markdown]
# ## 2. Matrix times vector, seen twice
#
# $A$ has $M$ rows and $N$ columns, $x$ has $N$ entries, $Ax$ has $M$ entries. There are two ways to see the same numbers.
#
# **Columns**: $x$ says how much of each column to take.
#
# $$\begin{pmatrix}2&4&2\\1&3&7\\0&7&3\end{pmatrix}\begin{pmatrix}1\\3\\2\end{pmatrix}
# =1\begin{pmatrix}2\\1\\0\end{pmatrix}+3\begin{pmatrix}4\\3\\7\end{pmatrix}+2\begin{pmatrix}2\\7\\3\end{pmatrix}
# =\begin{pmatrix}18\\24\\27\end{pmatrix}$$
#
# **Rows**: each entry of the result is an inner product of one row with $x$: $(2,4,2)\cdot(1,3,2)=18$,
# $(1,3,7)\cdot(1,3,2)=24$, $(0,7,3)\cdot(1,3,2)=27$.
#
# The row view is how a neuron works: one row holds one neuron's weights. The column view tells what can come out at all:
# only mixtures of the columns.

# %% tags=["demo"]
A2, x2 = np.array([[2.0, 1.0], [0.5, 2.0]]), np.array([1.5, 1.0])
figure, axes = plt.subplots(1, 2, figsize=(8, 3.2))
arrow(axes[0], (0, 0), A2[:, 0], BLUE, "a₁", offset=(-4, -15))
arrow(axes[0], (0, 0), A2[:, 1], ORANGE, "a₂", offset=(-14, 4))
axes[0].set_title("The columns of A")
arrow(axes[1], (0, 0), 1.5 * A2[:, 0], BLUE, "1.5 a₁", offset=(-10, -15))
arrow(axes[1], 1.5 * A2[:, 0], A2 @ x2, ORANGE, "", offset=(0, 0))
axes[1].annotate("1 a₂", xy=1.5 * A2[:, 0] + 0.5 * A2[:, 1], xytext=(6, -6), textcoords="offset points", color=ORANGE)
arrow(axes[1], (0, 0), A2 @ x2, GREEN, "A x", offset=(-24, 4))
axes[1].set_title("A x for x = (1.5, 1): a mixture of the columns")
for axis in axes:
    axis.set(xlim=(-0.3, 4.6), ylim=(-0.4, 3.2), aspect="equal", xticks=range(5), yticks=range(4))
figure.tight_layout()
plt.show()

# %% [markdown]
# ### Exercise: `matvec_columns` and `matvec_rows`
#
# Write the two views. Both give the same vector. Not allowed here, not even for a single row: `@`, `np.dot`, `np.matmul`, `np.matvec`,
# `np.einsum`, `np.tensordot` and `np.linalg`; for a row you have `inner_product`.
#
# <details><summary>Hint</summary>
#
# Columns: start from `np.zeros(M)` and add `x[j] * A[:, j]` for each `j`. Do not start from `A[:, 0]` itself: it is a *view*,
# and adding to it changes the caller's `A`. Rows: one inner product per row, `A[i]` is row `i`.
# </details>

# %% exercise="matvec_columns"
def matvec_columns(A, x):
    """Return A times x, built as a sum of columns: x_1 a_1 + ... + x_N a_N.

    Args:
        A: matrix, shape (M, N), any number type.
        x: vector, shape (N,), any number type.

    Returns:
        array, shape (M,), float64.
    """
    ### BEGIN SOLUTION
    A = np.asarray(A, dtype=np.float64)
    result = np.zeros(A.shape[0])
    for j in range(A.shape[1]):
        result += x[j] * A[:, j]
    return result
    ### END SOLUTION


def matvec_rows(A, x):
    """Return A times x, built row by row: entry i is the inner product of row i with x.

    Args:
        A: matrix, shape (M, N), any number type.
        x: vector, shape (N,), any number type.

    Returns:
        array, shape (M,), float64.
    """
    ### BEGIN SOLUTION
    A = np.asarray(A, dtype=np.float64)
    entries = np.zeros(A.shape[0])
    for i in range(A.shape[0]):
        entries[i] = np.sum(A[i] * x)
    return entries
    ### END SOLUTION


# %% [markdown]
# ## 3. Matrix times matrix
#
# $AB$ is $A$ applied to every column of $B$. Entry $(i,j)$ is row $i$ of $A$ times column $j$ of $B$:
#
# $$C_{ij}=\sum_{k=1}^{K}A_{ik}B_{kj}\qquad (N\times K)\cdot(K\times M)=(N\times M)$$
#
# The inner sizes must agree and disappear: a 3×8 matrix times an 8×1 matrix is 3×1. With the matrix from above
#
# $$\begin{pmatrix}2&4&2\\1&3&7\\0&7&3\end{pmatrix}\begin{pmatrix}1&9\\3&0\\2&4\end{pmatrix}
# =\begin{pmatrix}18&26\\24&37\\27&12\end{pmatrix}$$
#
# and its first column is the result of section 2. In NumPy, `A * B` is *not* this product; it multiplies entry by entry.
# The product is `A @ B`.
#
# **With broadcasting.** Put the three indices on three axes: $P_{ikj}=A_{ik}B_{kj}$ is an array of shape `(N, K, M)`, made
# from `A` with a new last axis and `B` with a new first axis. Summing over the middle axis leaves $C$:
#
# ```
# A[:, :, None]   (N, K, 1)
# B[None, :, :]   (1, K, M)
# product         (N, K, M)   -> sum over axis 1 ->   (N, M)
# ```
#
# This is fast but stores N·K·M numbers. `A @ B` calls a BLAS library, which needs no such array and is faster still; the
# last section of the notebook measures all three.
#
# ### Exercise: `matmul_loops` and `matmul_broadcast`
#
# Write the product twice: with three loops over single numbers, and without any loop. Not allowed here, in either: `@`, `np.dot`,
# `np.inner`, `np.matmul`, `np.einsum`, `np.tensordot` and `np.linalg`.
#
# <details><summary>Hint</summary>
#
# Loops: `C = np.zeros((N, M))`, then three nested `for` with `C[i, j] += A[i, k] * B[k, j]`. Broadcasting: `None` inside an
# index inserts an axis of size 1; `.sum(axis=1)` removes the middle one.
# </details>

# %% exercise="matmul_loops"
def matmul_loops(A, B):
    """Return the matrix product of A and B with three loops over single numbers.

    Args:
        A: matrix, shape (N, K), any number type.
        B: matrix, shape (K, M), any number type.

    Returns:
        array, shape (N, M), float64.
    """
    ### BEGIN SOLUTION
    A = np.asarray(A, dtype=np.float64)
    N, K = A.shape
    M = B.shape[1]
    C = np.zeros((N, M))
    for i in range(N):
        for j in range(M):
            for k in range(K):
                C[i, j] += A[i, k] * B[k, j]
    return C
    ### END SOLUTION


def matmul_broadcast(A, B):
    """Return the matrix product of A and B without a Python loop, by broadcasting to (N, K, M) and summing.

    Args:
        A: matrix, shape (N, K), any number type.
        B: matrix, shape (K, M), any number type.

    Returns:
        array, shape (N, M), float64.
    """
    ### BEGIN SOLUTION
    left = np.asarray(A, dtype=np.float64)[:, :, None]  # (N, K, 1)
    right = B[None, :, :]  # (1, K, M)
    return (left * right).sum(axis=1)
    ### END SOLUTION


# %% [markdown]
# ### Question: what does a product cost?
#
# How many multiplications of two numbers does a 3×8 matrix times an 8×5 matrix need? Assign the number.

# %% question="matmul_cost"
### BEGIN SOLUTION
#| matmul_cost = None  # a number
matmul_cost = 120
### END SOLUTION

# %% [markdown]
# ## 4. Broadcasting, and standardizing data
#
# NumPy combines arrays of different shapes by **broadcasting**. Line the shapes up *at the right*, put 1s in front of the
# shorter one; each pair of sizes must be equal or contain a 1; an axis of size 1 is repeated.
#
# ```
# X      (5, 3)        u          (5,)  ->  (1, 5)
# mean      (3,)       v       (5, 1)
# X-mean (5, 3)        u - v   (5, 5)   no error, but hardly what was meant
# ```
#
# **Standardizing.** A data set is a matrix `X` of shape `(N, D)`: one example per row, one feature per column. One feature
# may be in metres, another in grams. Subtract each column's mean and divide by its standard deviation, and every column has
# mean 0 and deviation 1:
#
# $$\mu_d=\frac1N\sum_nX_{nd}\qquad \sigma_d=\sqrt{\frac1N\sum_n(X_{nd}-\mu_d)^2}\qquad Z_{nd}=\frac{X_{nd}-\mu_d}{\sigma_d+\varepsilon}$$
#
# A pixel that is black in every image has $\sigma_d=0$. The small $\varepsilon$ keeps the division finite: 0/ε = 0.
# Compute $\mu$ first and then the mean of $(X-\mu)^2$. The shortcut $\overline{X^2}-\mu^2$ subtracts two large, nearly equal
# numbers and loses its digits when the mean is large.

# %% tags=["demo"]
row, column = np.arange(5.0), np.arange(5.0)[:, None]
print("row", row.shape, "- column", column.shape, "=", (row - column).shape)

# %% [markdown]
# ### Question: an innocent subtraction
#
# A network returns predictions of shape `(100, 1)`; the targets have shape `(100,)`. What is
# `np.mean((predictions - targets) ** 2)`?
#
# - `"a"`: the mean over the 100 squared errors
# - `"b"`: the mean over 10 000 squared differences, every prediction against every target
# - `"c"`: an error, because the shapes differ

# %% question="broadcast_error"
### BEGIN SOLUTION
#| broadcast_error = None  # "a", "b" or "c"
broadcast_error = "b"
### END SOLUTION

# %% [markdown]
# ### Exercise: `standardize`
#
# Return the standardized data together with the means and the deviations you used.
#
# <details><summary>Hint</summary>
#
# Columns are averaged *over the rows*: `axis=0`. `mu` has shape `(D,)` and broadcasts against `(N, D)`. `X -= mu` would change
# the caller's data; `X - mu` makes a new array.
# </details>

# %% exercise="standardize"
def standardize(X, eps):
    """Return the standardized data with the means and deviations used.

    Args:
        X: data, shape (N, D), any number type, one example per row.
        eps: float >= 0, added to the standard deviation before dividing.

    Returns:
        Z: array, shape (N, D), float64: (X - mu) / (sd + eps).
        mu: array, shape (D,), float64: mean of each column.
        sd: array, shape (D,), float64: standard deviation of each column, with 1/N, without eps.
    """
    ### BEGIN SOLUTION
    X = np.asarray(X, dtype=np.float64)
    mu = X.mean(axis=0)
    centred = X - mu
    sd = np.sqrt((centred**2).mean(axis=0))
    return centred / (sd + eps), mu, sd
    ### END SOLUTION


# %% [markdown]
# ## 5. All distances at once
#
# To recognise a digit we will look for the most similar known ones. "Similar" is the Euclidean distance between two rows:
#
# $$d(x,y)=\sqrt{\textstyle\sum_d(x_d-y_d)^2}$$
#
# For `X` with N rows and `Y` with M rows that makes an `(N, M)` table. Two loops are the definition. The fast version expands
# the square:
#
# $$\|x-y\|^2=\|x\|^2-2\,x\cdot y+\|y\|^2$$
#
# The middle term for all pairs is one matrix product `X @ Y.T` of shape `(N, M)`; the first is a column `(N, 1)`, the last a
# row `(M,)`; broadcasting adds the three.
#
# **A trap.** For two equal rows the three terms should cancel exactly, but they are rounded, and the result may be −10⁻¹⁴. The
# square root of that is NaN, and one NaN is enough to spoil everything after it. Replace negative values by 0 before the root.
#
# ### Exercise: `compute_distances_two_loops` and `compute_distances_no_loops`
#
# Write the definition, then the fast version, without a loop or a comprehension over rows. Both give the same table, whatever the unit of
# the data: add no small number under the root, and do not take a small distance for 0.
#
# <details><summary>Hint</summary>
#
# `np.sum(X**2, axis=1)[:, None]` has shape (N, 1) and `np.sum(Y**2, axis=1)` has shape (M,). `np.maximum(squared, 0)` removes the
# tiny negatives.
# </details>

# %% exercise="compute_distances_two_loops"
def compute_distances_two_loops(X, Y):
    """Return the Euclidean distance of every row of X to every row of Y with two loops.

    Args:
        X: data, shape (N, D), any number type.
        Y: data, shape (M, D), any number type.

    Returns:
        array, shape (N, M), float64; entry (i, j) belongs to X[i] and Y[j].
    """
    ### BEGIN SOLUTION
    X = np.asarray(X, dtype=np.float64)
    dists = np.zeros((X.shape[0], Y.shape[0]))
    for i in range(X.shape[0]):
        for j in range(Y.shape[0]):
            dists[i, j] = np.sqrt(np.sum((X[i] - Y[j]) ** 2))
    return dists
    ### END SOLUTION


def compute_distances_no_loops(X, Y):
    """Return the Euclidean distance of every row of X to every row of Y without a Python loop.

    Args:
        X: data, shape (N, D), any number type.
        Y: data, shape (M, D), any number type.

    Returns:
        array, shape (N, M), float64, never NaN: rounding error below zero counts as zero.
    """
    ### BEGIN SOLUTION
    left = np.asarray(X, dtype=np.float64)
    right = np.asarray(Y, dtype=np.float64)
    squares_x = np.sum(left**2, axis=1)[:, None]  # (N, 1)
    squares_y = np.sum(right**2, axis=1)  # (M,)
    squared = squares_x - 2 * left @ right.T + squares_y  # (N, M)
    return np.sqrt(np.maximum(squared, 0))
    ### END SOLUTION


# %% [markdown]
# ## 6. k nearest neighbours
#
# The simplest classifier has no training at all. To label a new example, find its k nearest training examples and let them
# vote. Two kinds of ties need a rule, or two correct programs would disagree:
#
# - **equal distances**: the training example with the *smaller index* counts as nearer;
# - **equal votes**: the *smallest label* wins.
#
# ### Exercise: `predict_labels`
#
# Let the k nearest neighbours vote, with the two rules for ties.
#
# <details><summary>Hint</summary>
#
# `np.argsort(..., kind="stable")` keeps equal values in their order, and its first k entries are the nearest. `np.bincount` counts
# votes and `argmax` returns the first maximum, which is the smallest label.
# </details>

# %% exercise="predict_labels"
def predict_labels(dists, y_train, k):
    """Return the majority label among the k nearest training examples of each test example.

    Ties: of equal distances the smaller training index is nearer; of equally frequent labels the smallest wins.

    Args:
        dists: distances, shape (num_test, num_train).
        y_train: labels of the training examples, shape (num_train,), integers >= 0.
        k: number of neighbours, 1 <= k <= num_train.

    Returns:
        array, shape (num_test,), integers: the predicted labels.
    """
    ### BEGIN SOLUTION
    order = np.argsort(dists, axis=1, kind="stable")  # (num_test, num_train)
    labels = np.zeros(len(dists), dtype=np.int64)
    for i in range(len(dists)):
        votes = np.bincount(y_train[order[i, :k]])
        labels[i] = np.argmax(votes)
    return labels
    ### END SOLUTION


# %% [markdown]
# ### Question: a perfect score
#
# All training images are different. What accuracy, in per cent, does k-NN with k = 1 reach when it is tested on its own training
# images? Assign the number.

# %% question="knn_train_accuracy"
### BEGIN SOLUTION
#| knn_train_accuracy = None  # a number, in per cent
knn_train_accuracy = 100
### END SOLUTION

# %% [markdown]
# ## 7. Undoing a broadcast
#
# Broadcasting copies a small array many times. When a network is trained, a derivative arrives for every copy, and the small
# array's derivative is the **sum** over its copies: if $c_{nd}=x_{nd}+b_d$ and $L$ depends on $c$, then by the chain rule
#
# $$\frac{\partial L}{\partial b_d}=\sum_n\frac{\partial L}{\partial c_{nd}}\cdot\frac{\partial c_{nd}}{\partial b_d}=\sum_n\frac{\partial L}{\partial c_{nd}}$$
#
# So undoing a broadcast from `shape` to `grad.shape` means: sum over the axes that broadcasting put in front, and sum over the
# axes that had size 1, keeping them as size 1.
#
# ```
# shape           (3, 1)          forward:  (3, 1) -> (1, 3, 1) -> (5, 3, 4)
# grad         (5, 3, 4)          backward: sum axis 0 -> (3, 4), then sum axis 1 and keep it -> (3, 1)
# ```
#
# Every automatic-differentiation library has this function inside. You will meet it again in unit 3.
#
# ### Exercise: `unbroadcast`
#
# Sum away what broadcasting has repeated.
#
# <details><summary>Hint</summary>
#
# The number of axes in front is `grad.ndim - len(shape)`. `grad.sum(axis=(0, 1))` sums over several axes at once, and
# `keepdims=True` leaves them in place with size 1.
# </details>

# %% exercise="unbroadcast"
def unbroadcast(grad, shape):
    """Return grad summed over the axes that broadcasting an array of the given shape to grad.shape has repeated.

    Args:
        grad: array whose shape is what `shape` broadcasts to, any number type.
        shape: tuple of ints, the shape before broadcasting; may be ().

    Returns:
        array, float64, of exactly the given shape (for (): a single number).
    """
    ### BEGIN SOLUTION
    grad = np.asarray(grad, dtype=np.float64)
    leading = grad.ndim - len(shape)
    grad = grad.sum(axis=tuple(range(leading)))
    repeated = tuple(axis for axis, size in enumerate(shape) if size == 1)
    return grad.sum(axis=repeated, keepdims=True)
    ### END SOLUTION


# %% [markdown]
# ## 8. Ridge regression
#
# Fit a linear model $\hat y=Xw+b$ by the smallest squared error, with a **penalty** on large weights, the price of using them:
#
# $$L(w,b)=\sum_{n=1}^{N}(x_n\cdot w+b-y_n)^2+\lambda\sum_{d=1}^{D}w_d^2$$
#
# The penalty is on $w$ only. The bias $b$ just says where zero is; shrinking it would make the fit depend on the unit of $y$.
#
# **Derivation.** $\partial L/\partial b=0$ gives $b=\bar y-\bar x\cdot w$: the plane goes through the means. Put that in, and only
# centred data remain, $\tilde X=X-\bar x$ and $\tilde y=y-\bar y$. Then $\partial L/\partial w=2\tilde X^\top(\tilde Xw-\tilde y)+2\lambda w=0$, so
#
# $$(\tilde X^\top\tilde X+\lambda I)\,w=\tilde X^\top\tilde y$$
#
# Solve this system with `np.linalg.solve`. Multiplying by `np.linalg.inv(...)` costs more and loses digits when columns are nearly
# equal: your $w$ must satisfy the equations to 10 digits.
#
# ### Exercise: `ridge_fit`
#
# Solve for $w$, then find $b$.
#
# <details><summary>Hint</summary>
#
# $\lambda I$ is `lam * np.eye(D)`; adding the bare number `lam` would add it to *every* entry of the matrix.
# </details>

# %% exercise="ridge_fit"
def ridge_fit(X, y, lam):
    """Return weights and bias that minimise sum((X w + b - y)^2) + lam * sum(w^2); the bias is not penalised.

    Args:
        X: data, shape (N, D), any number type.
        y: targets, shape (N,), any number type.
        lam: float > 0.

    Returns:
        w: array, shape (D,), float64.
        b: one float.
    """
    ### BEGIN SOLUTION
    X = np.asarray(X, dtype=np.float64)
    y = np.asarray(y, dtype=np.float64)
    x_mean, y_mean = X.mean(axis=0), y.mean()
    Xc, yc = X - x_mean, y - y_mean
    w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ yc)
    return w, y_mean - x_mean @ w
    ### END SOLUTION


# %% [markdown]
# **See it work.** Twelve noisy points, and a polynomial of degree 9 whose ten coefficients your `ridge_fit` finds. Almost no
# penalty: the curve chases the noise. A very large one: the curve goes flat at the mean, because $b$ stays free.

# %% tags=["milestone"]
def ridge_curves():
    """Fit the same twelve points with three values of lambda."""
    rng = make_rng(3)
    x = np.linspace(-1, 1, 12)
    y = np.sin(3 * x) + 0.25 * rng.standard_normal(12) + 2
    grid = np.linspace(-1, 1, 200)
    powers = np.arange(1, 10)
    curves = []
    for lam in (1e-9, 1e-2, 1e3):
        w, b = ridge_fit(x[:, None] ** powers, y, lam)
        curves.append((grid[:, None] ** powers) @ w + b)
    return {"x": x, "y": y, "grid": grid, "curves": np.array(curves)}


fits = milestone("ridge_curves", ridge_curves, needs=["ridge_fit"])
figure, axes = plt.subplots(1, 3, figsize=(10, 2.8), sharey=True)
titles = ("λ = 10⁻⁹: chases the noise", "λ = 0.01: follows the trend", "λ = 1000: flat at the mean")
for axis, curve, name in zip(axes, fits["curves"], titles, strict=True):
    axis.plot(fits["grid"], np.sin(3 * fits["grid"]) + 2, color=GREY, lw=1, ls="--", label="truth")
    axis.plot(fits["grid"], curve, color=BLUE, lw=2, label="fit")
    axis.plot(fits["x"], fits["y"], "o", color=ORANGE, ms=4, label="data")
    axis.set(title=name, xlabel="x", ylim=(0, 4))
axes[0].set_ylabel("y")
axes[0].legend(frameon=False, loc="upper left")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## 9. Principal components
#
# Eight-by-eight digits are points in 64 dimensions, but they do not fill that space. **PCA** finds the directions in which the
# data vary most. The variance of centred data $\tilde X=X-\bar x$ along a direction $w$ of length 1 is
#
# $$\frac1N\sum_n(\tilde x_n\cdot w)^2=\frac1N\|\tilde Xw\|^2=w^\top Cw \qquad\text{with}\qquad C=\frac1N\tilde X^\top\tilde X$$
#
# It is largest for the eigenvector of $C$ with the largest eigenvalue, and that eigenvalue *is* the variance. The next direction,
# perpendicular to the first, is the next eigenvector, and so on. The singular value decomposition
# $\tilde X=U\,\mathrm{diag}(s)\,V^\top$ gives the same without forming $C$: the directions are the rows of $V^\top$, the variances
# $s_i^2/N$.
#
# With $k$ directions as the columns of $W$, an example is described by $k$ numbers $z=(x-\bar x)W$ and rebuilt as
# $\hat x=\bar x+zW^\top$. No other $k$ directions rebuild the data with less squared error.

# %% tags=["demo"]
cloud_rng = make_rng(1)
turn = np.array([[np.cos(0.5), np.sin(0.5)], [-np.sin(0.5), np.cos(0.5)]])
cloud = cloud_rng.standard_normal((300, 2)) * [2.0, 0.5] @ turn + [4, 3]
figure, axis = plt.subplots(figsize=(5, 3.4))
axis.plot(cloud[:, 0], cloud[:, 1], ".", color=GREY, alpha=0.5, ms=4)
arrow(axis, (4, 3), (4, 3) + 4.0 * turn[0], BLUE, "first direction", offset=(-30, 8))
arrow(axis, (4, 3), (4, 3) + 1.5 * turn[1], ORANGE, "second", offset=(-30, 6))
arrow(axis, (0, 0), (4, 3), GREEN, "", offset=(0, 0))
axis.annotate("mean (subtract it first)", xy=(2, 1.5), xytext=(14, -16), textcoords="offset points", color=GREEN)
axis.set(title="Directions of most and least variance", aspect="equal", xlim=(-2.5, 11), ylim=(-1, 7))
figure.tight_layout()
plt.show()

# %% [markdown]
# ### Question: without centring
#
# All pixels of a set of photographs lie around 200, with small differences between images. You forget to subtract the mean. What
# does the first direction show?
#
# - `"a"`: the same as with centring; the mean does not matter
# - `"b"`: roughly the mean image: the uncentred data vary most in the direction from zero to their mean
# - `"c"`: the direction of least variance

# %% question="why_center"
### BEGIN SOLUTION
#| why_center = None  # "a", "b" or "c"
why_center = "b"
### END SOLUTION

# %% [markdown]
# ### Exercise: `pca`
#
# Return the k directions and the variances along them. A direction may have either sign; both are right.
#
# <details><summary>Hint</summary>
#
# `np.linalg.svd(Xc, full_matrices=False)` returns `U, s, Vt` with the singular values *descending* and the directions as the *rows* of
# `Vt`. `np.linalg.eigh` returns eigenvalues *ascending* and eigenvectors as *columns*.
# </details>

# %% exercise="pca"
def pca(X, k):
    """Return the k directions of largest variance and the variances along them.

    Args:
        X: data, shape (N, D), any number type, one example per row; not centred.
        k: number of directions, 1 <= k <= min(N, D).

    Returns:
        W: array, shape (D, k), float64; its columns have length 1, are perpendicular, and are ordered by decreasing variance;
            the sign of each column is free.
        var: array, shape (k,), float64, decreasing: variance of the data along each column, with 1/N.
    """
    ### BEGIN SOLUTION
    X = np.asarray(X, dtype=np.float64)
    Xc = X - X.mean(axis=0)
    _, s, Vt = np.linalg.svd(Xc, full_matrices=False)
    return Vt[:k].T, s[:k] ** 2 / X.shape[0]
    ### END SOLUTION


# %% [markdown]
# ## 10. Power iteration
#
# How does a computer find an eigenvector? For the largest one: multiply a random vector by $A$ again and again. Write the start
# as a mixture of eigenvectors, $v=\sum_ic_iq_i$; then
#
# $$A^tv=\sum_ic_i\lambda_i^t\,q_i$$
#
# and the term with the largest $|\lambda_i|$ outgrows all others by a factor $|\lambda_2/\lambda_1|$ per step. Divide by the length after
# every multiplication, or the numbers overflow. The eigenvalue follows from the vector by the Rayleigh quotient $\lambda=v\cdot(Av)$,
# which also has the right sign.
#
# A random start matters: a fixed start such as $(1,\dots,1)$ may be perpendicular to the eigenvector and never find it. The same
# factor $\lambda^t$ will decide in unit 6 whether gradients through time explode or vanish.
#
# ### Exercise: `power_iteration`
#
# Write the iteration with a random start, drawn with the `rng` that is given, and exactly `iters` multiplications (fewer only if $Av$ is
# zero).
#
# <details><summary>Hint</summary>
#
# One step is `v = A @ v; v = v / np.linalg.norm(v)`. If `A @ v` is the zero vector, `v` is an eigenvector with eigenvalue 0: stop there
# instead of dividing by zero.
# </details>

# %% exercise="power_iteration"
def power_iteration(A, iters, rng):
    """Return the eigenvalue of largest absolute value of a symmetric matrix, with its eigenvector.

    Start from a random vector drawn with rng, such as rng.standard_normal(D), scaled to length 1; then iters times: multiply by A and
    scale to length 1. Stop early if A v is zero.

    Args:
        A: symmetric matrix, shape (D, D), any number type.
        iters: int >= 0, number of multiplications by A; with 0 the start vector itself is returned.
        rng: np.random.Generator.

    Returns:
        eigenvalue: one float, v . (A v) for the returned eigenvector v.
        eigenvector: array, shape (D,), float64, length 1, either sign.
    """
    ### BEGIN SOLUTION
    v = rng.standard_normal(A.shape[0])
    v = v / np.linalg.norm(v)
    for _ in range(iters):
        product = A @ v
        length = np.linalg.norm(product)
        if length == 0:
            break
        v = product / length
    return v @ A @ v, v
    ### END SOLUTION


# %% [markdown]
# **See it converge.** The axis is logarithmic: each error falls on a straight line, the steeper the smaller $\lambda_2/\lambda_1$.

# %% tags=["milestone"]
def power_convergence():
    """Measure the error of the eigenvector after each number of steps, for three ratios of the two largest eigenvalues."""
    basis, _ = np.linalg.qr(make_rng(0).standard_normal((6, 6)))
    steps = np.arange(0, 41, 2)
    first = basis[:, 0]
    errors = []
    for ratio in (0.5, 0.8, 0.95):
        A = basis @ np.diag([1, ratio, 0.3, 0.2, 0.1, 0.0]) @ basis.T
        vectors = [power_iteration(A, int(t), make_rng(4))[1] for t in steps]
        errors.append([np.linalg.norm(v - first * (v @ first)) for v in vectors])
    return {"steps": steps, "errors": np.array(errors)}


convergence = milestone("power_convergence", power_convergence, needs=["power_iteration"])
figure, axis = plt.subplots(figsize=(5, 3))
for ratio, errors, colour, marker in zip((0.5, 0.8, 0.95), convergence["errors"], (BLUE, ORANGE, GREEN), "os^", strict=True):
    axis.semilogy(convergence["steps"], errors, marker + "-", ms=3.5, color=colour, label=f"λ₂/λ₁ = {ratio}")
axis.set(title="The error shrinks by λ₂/λ₁ per step", xlabel="iterations", ylabel="distance to the eigenvector", ylim=(1e-13, 3))
axis.legend(frameon=False)
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Milestone 1: your functions read handwriting
#
# 700 digits are known, 700 are new. Your distances and your vote label them. Look at the mistakes: each new digit (top) stands above
# the training digit that was nearest to it (bottom). Some of them a person could make.

# %% tags=["milestone"]
def knn_digits():
    """Classify 700 digits by their neighbours among 700 others, for several k."""
    with np.load("data/digits.npz") as data:
        X, y = data["images"].reshape(-1, 64), data["labels"].astype(np.int64)
    order = make_rng(0).permutation(len(X))
    train, test = order[:700], order[700:1400]
    dists = compute_distances_no_loops(X[test], X[train])
    ks = np.array([1, 3, 5, 9, 15, 25, 51, 101, 201])
    accuracy = [np.mean(predict_labels(dists, y[train], int(k)) == y[test]) for k in ks]
    predicted = predict_labels(dists, y[train], 1)
    wrong = np.flatnonzero(predicted != y[test])[:8]
    nearest = dists[wrong].argmin(axis=1)
    return {
        "ks": ks,
        "accuracy": np.array(accuracy),
        "mistakes": X[test][wrong].reshape(-1, 8, 8),
        "neighbours": X[train][nearest].reshape(-1, 8, 8),
        "truth": y[test][wrong],
        "predicted": predicted[wrong],
    }


knn = milestone("knn_digits", knn_digits, needs=["compute_distances_two_loops", "predict_labels"])
best = int(np.argmax(knn["accuracy"]))
print(f"best accuracy {knn['accuracy'][best]:.1%} at k = {int(knn['ks'][best])}; guessing gives 10%")
figure, axis = plt.subplots(figsize=(5, 2.6))
axis.semilogx(knn["ks"], 100 * knn["accuracy"], "o-", color=BLUE)
axis.set(title="Too many neighbours blur the vote", xlabel="k", ylabel="accuracy on new digits (%)")
axis.set_xticks(knn["ks"], [str(int(k)) for k in knn["ks"]])
axis.minorticks_off()
figure.tight_layout()
count = len(knn["mistakes"])
figure, axes = plt.subplots(2, count, figsize=(1.15 * count, 3.1), squeeze=False)
for i in range(count):
    axes[0, i].imshow(knn["mistakes"][i], cmap="gray_r")
    axes[0, i].set_title(f"is {int(knn['truth'][i])}", color=BLUE)
    axes[1, i].imshow(knn["neighbours"][i], cmap="gray_r")
    axes[1, i].set_title(f"said {int(knn['predicted'][i])}", color=ORANGE)
for axis in axes.flat:
    axis.set(**IMAGE)
axes[0, 0].set_ylabel("new digit")
axes[1, 0].set_ylabel("its nearest")
figure.suptitle("Mistakes of k-NN with k = 1")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Milestone 2: 64 numbers, rebuilt from a few
#
# Your `pca` describes each digit by k numbers instead of 64 and rebuilds the image from them. Then the digits are drawn where their first
# two numbers put them: without ever seeing a label, PCA has put equal digits near each other.

# %% tags=["milestone"]
def pca_digits():
    """Rebuild digits from their first k principal components."""
    with np.load("data/digits.npz") as data:
        X, y = data["images"].reshape(-1, 64) / 16.0, data["labels"].astype(np.int64)
    mean = X.mean(axis=0)
    W, var = pca(X, 64)
    shown = np.array([np.flatnonzero(y == digit)[0] for digit in (0, 2, 3, 4, 6, 9)])
    ks = np.array([1, 4, 8, 16, 32])
    rebuilt = [mean + (X[shown] - mean) @ W[:, :k] @ W[:, :k].T for k in ks]
    return {
        "ks": ks,
        "originals": X[shown].reshape(-1, 8, 8),
        "rebuilt": np.array(rebuilt).reshape(len(ks), -1, 8, 8),
        "directions": W[:, :8].T.reshape(-1, 8, 8),
        "var": var,
        "scores": (X[:250] - mean) @ W[:, :2],
        "labels": y[:250],
    }


parts = milestone("pca_digits", pca_digits, needs=["pca"])
rows = [*parts["rebuilt"], parts["originals"]]
names = [*(f"k = {int(k)}" for k in parts["ks"]), "original"]
figure, axes = plt.subplots(len(rows), 6, figsize=(5, 5.2))
for images, name, line in zip(rows, names, axes, strict=True):
    for image, axis in zip(images, line, strict=True):
        axis.imshow(image, cmap="gray_r", vmin=0, vmax=1)
        axis.set(**IMAGE)
    line[0].set_ylabel(name, rotation=0, ha="right", va="center")
figure.suptitle("Digits rebuilt from k of 64 numbers")
figure.tight_layout()

figure, axes = plt.subplots(1, 8, figsize=(9, 1.7))
for i, (axis, image) in enumerate(zip(axes, parts["directions"], strict=True)):
    limit = np.abs(image).max()
    axis.imshow(image, cmap="PuOr", vmin=-limit, vmax=limit)
    axis.set(title=f"{i + 1}", **IMAGE)
figure.suptitle("The first eight directions (orange and purple: opposite signs)")
figure.tight_layout()

figure, axes = plt.subplots(1, 2, figsize=(10, 4), width_ratios=(2, 3))
share = 100 * np.cumsum(parts["var"]) / np.sum(parts["var"])
axes[0].plot(np.arange(1, 65), share, color=BLUE, lw=2)
for k in (8, 16, 32):
    axes[0].annotate(f"{k}: {share[k - 1]:.0f}%", xy=(k, share[k - 1]), xytext=(8, -14), textcoords="offset points", color=BLUE)
    axes[0].plot(k, share[k - 1], "o", color=BLUE, ms=5)
axes[0].set(title="Variance kept by the first k directions", xlabel="k", ylabel="per cent", ylim=(0, 105))
colours = plt.get_cmap("viridis")(np.linspace(0, 0.8, 10))
for (first, second), label in zip(parts["scores"], parts["labels"], strict=True):
    axes[1].text(first, second, str(int(label)), color=colours[int(label)], fontsize=9, ha="center", va="center")
limits = 1.08 * np.abs(parts["scores"]).max(axis=0)
axes[1].set(xlim=(-limits[0], limits[0]), ylim=(-limits[1], limits[1]))
axes[1].set(title="250 digits by their first two numbers", xlabel="first direction", ylabel="second direction")
figure.tight_layout()
plt.show()

# %% [markdown]
# ## Milestone 3: loops, broadcasting, BLAS
#
# The same product three ways, and the same distances two ways. The axis is logarithmic: each grid line is ten times slower than the one
# below. Broadcasting runs the loops in compiled code; BLAS also arranges them so that numbers are reused while they are in the
# processor's cache.

# %% tags=["milestone"]
def best_seconds(function, *args, repeats):
    """Return the shortest time of several calls: what else the machine does only makes a call longer."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function(*args)
        times.append(time.perf_counter() - start)
    return min(times)


def speed():
    """Time the matrix product at three sizes, and the distances of 100 to 500 digits."""
    rng = make_rng(0)
    sizes = np.array([16, 48, 96])
    seconds = []
    for n in sizes:
        A, B = rng.standard_normal((n, n)), rng.standard_normal((n, n))
        ways = ((matmul_loops, 1), (matmul_broadcast, 5), (np.matmul, 20))
        seconds.append([best_seconds(product, A, B, repeats=repeats) for product, repeats in ways])
    X, Y = rng.standard_normal((100, 64)), rng.standard_normal((500, 64))
    distances = [best_seconds(compute_distances_two_loops, X, Y, repeats=1), best_seconds(compute_distances_no_loops, X, Y, repeats=5)]
    return {"sizes": sizes, "seconds": np.array(seconds), "distances": np.array(distances)}


def readable(seconds):
    """Return a time as text with a fitting unit."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


timing = milestone("speed", speed, needs=["matmul_loops", "compute_distances_two_loops"])
figure, axes = plt.subplots(1, 2, figsize=(10, 3.6), width_ratios=(5, 2), sharey=True)
places = np.arange(len(timing["sizes"]))
for i, (name, colour) in enumerate((("three loops", ORANGE), ("broadcasting", BLUE), ("BLAS (A @ B)", GREEN))):
    bars = axes[0].bar(places + 0.27 * (i - 1), timing["seconds"][:, i], 0.25, color=colour, label=name)
    axes[0].bar_label(bars, [readable(s) for s in timing["seconds"][:, i]], fontsize=7, padding=2)
axes[0].set_xticks(places, [f"{int(n)} × {int(n)}" for n in timing["sizes"]])
axes[0].set(title="Matrix product", yscale="log", ylabel="seconds", ylim=(5e-7, 5))
axes[0].legend(frameon=False, loc="upper left")
bars = axes[1].bar(["two loops", "no loops"], timing["distances"], 0.5, color=[ORANGE, BLUE])
axes[1].bar_label(bars, [readable(s) for s in timing["distances"]], fontsize=7, padding=2)
axes[1].set(title="Distances, 100 to 500 digits")
for axis in axes:
    axis.grid(axis="y", color="#DDDDDD", lw=0.6)
    axis.set_axisbelow(True)
figure.tight_layout()
plt.show()
faster = timing["seconds"][-1, 0] / timing["seconds"][-1, 1:]
n = int(timing["sizes"][-1])
print(f"{n} x {n}: broadcasting is {faster[0]:,.0f} times, BLAS {faster[1]:,.0f} times as fast as the loops")

# %% [markdown]
# **What to take along.** Write the shapes first. A layer of a network is `x @ W + b`: section 3 with the broadcasting of section 4.
# `unbroadcast` is why the bias gradient sums over the batch. Unit 2 stacks these layers.
