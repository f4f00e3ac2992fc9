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
# # Unit 3: backpropagation
#
# A network is a long chain of simple operations, and training needs one number per weight: *by how much does the loss change when this
# weight changes a little?* Backpropagation finds all of them in one pass from right to left. You will
#
# 1. measure gradients numerically, so that you can check everything that follows,
# 2. build a scalar autograd engine in which the computer applies the chain rule for you,
# 3. write the backward pass of each layer of a two-layer network, and train it on handwritten digits.
#
# Notation: `dout` is the gradient of the loss with respect to a layer's *output*; `dx`, `dw`, `db` are the gradients with respect to
# its inputs. A gradient always has the shape of the thing it belongs to. All arrays are float64.
#
# **How to work.** Run a cell with Shift+Enter. In an exercise, replace `raise NotImplementedError(…)` by your code, run the cell, then run
# the check below it, as often as you like: ✓ is right, ✗ is not right yet, ○ is not written yet. In a question, replace `None` by your
# answer. Grading runs more tests of the same kind, so read the text of an exercise, not only its check.
#
# The next cell holds ready-made functions for this unit. Run it; you will meet each of them where it is used.

# %% tags=["setup"]
import math

import numpy as np

from autograder import check


def affine_forward(x, w, b):
    """Return x·w + b and a cache: x (N, d1, …, dk), w (D, M) with D = d1⋯dk, b (M,) → out (N, M)."""
    out = x.reshape(x.shape[0], -1) @ w + b
    return out, (x, w, b)


def relu_forward(x):
    """Return max(0, x) elementwise, and the cache x."""
    return np.maximum(x, 0.0), x


def sigmoid(x):
    """Return 1 / (1 + e⁻ˣ) elementwise, without overflow."""
    return np.exp(-np.logaddexp(0.0, -x))


def sigmoid_forward(x):
    """Return σ(x) elementwise, and the cache: the output itself."""
    out = sigmoid(x)
    return out, out


def tanh_layer_forward(x, w, b):
    """Return tanh(x·w + b) and the cache (x, w, out): x (N, D), w (D, M), b (M,) → out (N, M)."""
    out = np.tanh(x @ w + b)
    return out, (x, w, out)


def gated_residual_forward(x, u):
    """Return x + s∘x with the gate s = σ(x∘u), and the cache (x, u, s): x (N, D), u (D,) → out (N, D)."""
    s = sigmoid(x * u)
    return x + s * x, (x, u, s)


def init_two_layer(rng, D, H, C):
    """Return params W1 (D, H), b1 (H,), W2 (H, C), b2 (C,): He initialisation, and small scores to start with."""
    W1 = rng.normal(size=(D, H)) * np.sqrt(2.0 / D)
    return {"W1": W1, "b1": np.zeros(H), "W2": rng.normal(size=(H, C)) * 0.01, "b2": np.zeros(C)}


# %% [markdown]
# ## The chain rule on a graph
#
# Take one weight, one input and one bias, $x_1 = w\cdot x$, $x_2 = x_1 + b$, and the loss $|4 - x_2|$, at $x=2$, $w=3$, $b=1$.
# **Forward**, left to right, each node computes and stores its value. **Backward**, right to left, each edge contributes one simple
# derivative, and a path multiplies its edges:
#
# $$\frac{\partial\,\text{loss}}{\partial w} = \frac{\partial\,\text{loss}}{\partial x_2}\cdot\frac{\partial x_2}{\partial x_1}\cdot\frac{\partial x_1}{\partial w} = 1\cdot 1\cdot 2 = 2,
# \qquad \frac{\partial\,\text{loss}}{\partial b} = 1\cdot 1 = 1.$$

# %% tags=["demo"]
import matplotlib.pyplot as plt

from autograder import milestone

BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#666666"  # told apart by colour-blind readers too
plt.rcParams.update({"figure.dpi": 100, "font.size": 11, "axes.titlesize": 12, "axes.spines.top": False, "axes.spines.right": False})


def graph_layout(n, edges):
    """Return x and y of n nodes numbered in topological order; edges are (child, parent) pairs."""
    depth = [0] * n
    for child, parent in sorted(edges, key=lambda edge: edge[1]):
        depth[parent] = max(depth[parent], depth[child] + 1)
    parents = [[p for c, p in edges if c == i] for i in range(n)]
    has_children = {p for _, p in edges}
    for i in range(n):
        if i not in has_children and parents[i]:
            depth[i] = min(depth[p] for p in parents[i]) - 1
    y = [0.0] * n
    for column in sorted(set(depth), reverse=True):
        members = [i for i in range(n) if depth[i] == column]
        wish = {i: sum(y[p] for p in parents[i]) / max(len(parents[i]), 1) for i in members}
        members.sort(key=lambda i: (wish[i], i))
        centre = sum(wish.values()) / len(members)
        for k, i in enumerate(members):
            y[i] = centre + k - (len(members) - 1) / 2
    return np.array(depth, float), np.array(y)


def draw_graph(ax, labels, data, grad, edges, edge_labels=None):
    """Draw a computation graph: a box per node with its value (black) and its gradient (orange)."""
    x, y = graph_layout(len(labels), edges)
    x, half = 1.9 * x, 0.62
    for k, (child, parent) in enumerate(edges):
        start, end = (x[child] + half, y[child]), (x[parent] - half, y[parent])
        ax.annotate("", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": GREY, "shrinkA": 0, "shrinkB": 0})
        if edge_labels is not None:
            middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            paper = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none"}
            ax.text(*middle, edge_labels[k], color=ORANGE, ha="center", va="center", bbox=paper)
    for i, label in enumerate(labels):
        ax.add_patch(plt.Rectangle((x[i] - half, y[i] - 0.38), 2 * half, 0.76, fc="#EAF2F8", ec=BLUE))
        ax.text(x[i], y[i] + 0.23, label, ha="center", va="center", fontweight="bold")
        ax.text(x[i], y[i], f"{data[i]:.4g}", ha="center", va="center")
        ax.text(x[i], y[i] - 0.23, f"grad {grad[i]:.3g}", ha="center", va="center", color=ORANGE)
    ax.set(xlim=(x.min() - 0.8, x.max() + 0.8), ylim=(y.min() - 0.6, y.max() + 0.6))
    ax.axis("off")


fig, ax = plt.subplots(figsize=(10, 4))
draw_graph(ax, ["x", "w", "b", "x₁ = w·x", "x₂ = x₁ + b", "|4 − x₂|"], [2, 3, 1, 6, 7, 3], [3, 2, 1, 1, 1, 1],
           [(0, 3), (1, 3), (3, 4), (2, 4), (4, 5)], ["3", "2", "1", "1", "1"])
ax.set_title("Forward: values (black). Backward: the derivative along each edge,\nand the gradient of the loss in each node (orange)")
plt.show()

# %% [markdown]
# ### Question: one gradient by hand
#
# In the same graph set $x=-3$, $w=1$, $b=2$. What is $\partial\,\text{loss}/\partial w$? Answer with a number.

# %% question="edge_gradient"
### BEGIN SOLUTION
#| edge_gradient = None  # a number
edge_gradient = 3.0
### END SOLUTION

# %% [markdown]
# ## Exercise 1: numeric gradient
#
# **Why.** A numeric gradient is slow but needs no calculus, so it is the judge of every backward pass you will ever write.
#
# Let $f$ take an array $x$ and return an array. We want the gradient of the loss $L = \sum_k \text{df}_k\, f(x)_k$, where `df` is the
# gradient that arrives from the right. Move one entry of $x$ by $\pm h$ and leave the others where they are:
#
# $$\frac{\partial L}{\partial x_i} \approx \sum_k \text{df}_k\,\frac{f(x + h e_i)_k - f(x - h e_i)_k}{2h}.$$
#
# Why both sides? Expand $f(x\pm h) = f \pm h f' + \tfrac{h^2}{2} f'' \pm \tfrac{h^3}{6} f''' + \dots$ In the difference the even terms
# cancel, so the error is $\tfrac{h^2}{6}f'''$. The one-sided quotient $(f(x+h)-f(x))/h$ keeps $\tfrac{h}{2}f''$, which is far larger.
# Below $h\approx 10^{-5}$ rounding takes over:

# %% tags=["demo"]
steps = 10.0 ** np.arange(-12, 0.1, 0.25)
forward_error = np.abs((np.sin(1 + steps) - np.sin(1)) / steps - np.cos(1))
central_error = np.abs((np.sin(1 + steps) - np.sin(1 - steps)) / (2 * steps) - np.cos(1))
fig, ax = plt.subplots(figsize=(7, 3.6))
ax.loglog(steps, forward_error, color=ORANGE, label="one-sided: error ∝ h")
ax.loglog(steps, central_error, color=BLUE, label="central: error ∝ h²")
ax.axvline(1e-5, color=GREY, linestyle=":", label="h = 1e-5")
ax.set(xlabel="step h", ylabel="|numeric − cos(1)|", title="Derivative of sin at 1: central differences are far more accurate")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# <details><summary>Hint</summary>
#
# `for i in np.ndindex(x.shape)` visits every index of an array with any number of axes. If you change `x[i]` in place, put the old
# value back before you go on; and copy what `f` returns, because `f` may hand you the very array that you are about to change.
# </details>

# %% exercise="eval_numerical_gradient_array"
def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Return the gradient of sum(f(x) · df) with respect to x by central differences.

    Args:
        f: function of one array like x; returns an array or a number.
        x: float64 array of any shape; unchanged when the function returns.
        df: upstream gradient, float64 of the shape of f(x) (a number when f returns a number).
        h: step.

    Returns:
        float64 array of the shape of x.
    """
    ### BEGIN SOLUTION
    grad = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        old = x[i]
        x[i] = old + h
        plus = np.array(f(x))
        x[i] = old - h
        minus = np.array(f(x))
        x[i] = old
        grad[i] = np.sum((plus - minus) * df) / (2 * h)
    return grad
    ### END SOLUTION


# %% [markdown]
# ## Exercise 2: relative error
#
# **Why.** Is a difference of 0.001 large? Not between gradients of size 1000; very much so between gradients of size 0.001. So we
# compare relative to the size of the numbers, and report the worst entry:
#
# $$\text{error} = \max_i \frac{|x_i - y_i|}{\max(10^{-8},\; |x_i| + |y_i|)}.$$
#
# The $10^{-8}$ keeps $0/0$ from becoming NaN. The error is 0 for equal arrays and 1 for opposite signs. Correct backward code measures
# about $10^{-9}$; from $10^{-4}$ on, suspect a bug.
#
# <details><summary>Hint</summary>
#
# `np.abs`, `np.maximum` (elementwise, of two things) and `np.max` (of one array) are all you need. The division happens entry by entry,
# the maximum last.
# </details>

# %% exercise="rel_error"
def rel_error(x, y):
    """Return the largest relative error between two arrays.

    Args:
        x, y: float64 arrays of the same shape, any shape.

    Returns:
        float: max over all entries of |x − y| / max(1e-8, |x| + |y|).
    """
    ### BEGIN SOLUTION
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))
    ### END SOLUTION


# %% [markdown]
# ### Question: why a random `df`?
#
# Gradient checks in this course draw `df` at random. Why not simply use ones?
#
# - `"a"`: ones are too large, so the relative error is not meaningful
# - `"b"`: a random `df` needs fewer evaluations of `f`
# - `"c"`: with ones only the sum of the outputs is checked, and errors that cancel in the sum stay hidden
# - `"d"`: central differences are more accurate for random numbers

# %% question="why_random_upstream"
### BEGIN SOLUTION
#| why_random_upstream = None  # "a", "b", "c" or "d"
why_random_upstream = "c"
### END SOLUTION

# %% [markdown]
# ## Exercise 3: a number that remembers where it came from
#
# **Why.** If each operation records its inputs and how to send a gradient back to them, the chain rule can run by itself. This is what
# PyTorch does, with arrays instead of numbers.
#
# A `Value` holds `.data`, its gradient `.grad`, its `.children` (the Values it was computed from) and a function `._backward()`. When
# `_backward` is called, `.grad` of the *result* is known, and each child's gradient grows by *edge derivative × gradient of the
# result*:
#
# | operation | edge derivatives | | operation | edge derivative |
# |---|---|---|---|---|
# | $a + b$ | $1,\; 1$ | | $a^n$ ($n$ a plain number) | $n\,a^{n-1}$ |
# | $a - b$ | $1,\; -1$ | | $e^a$ | $e^a$ |
# | $a \cdot b$ | $b,\; a$ | | $\tanh a$ | $1-\tanh^2 a$ |
# | $a / b$ | $1/b,\; -a/b^2$ | | $\text{relu}(a) = \max(0,a)$ | 1 if $a>0$, else 0 (also at $a = 0$) |
#
# **Grows by**, `+=`: a Value that is used twice gets a gradient from both uses, and they add up. In $a\cdot a$ both edges lead to the
# same $a$, and $a + a$ has derivative 2.
#
# `__neg__` is written for you as a pattern. `2.0 * a` makes Python call `a.__rmul__(2.0)`, since a float does not know what to do with
# a Value: that is what the reflected operators are for.
#
# <details><summary>Hint</summary>
#
# Turn a plain number into a Value first: `other = other if isinstance(other, Value) else Value(other)`. Subtraction and division need
# nothing new: $a - b = a + (-b)$ and $a / b = a\cdot b^{-1}$. In the reflected operators mind the order: `5.0 - a` calls
# `a.__rsub__(5.0)`.
# </details>

# %% exercise="Value"
class Value:
    """A number in a computation graph.

    Attributes:
        data: float, the number.
        grad: float, the derivative of the final result with respect to this number; 0.0 until a backward pass.
        children: tuple of the Values this one was computed from.
        op: text for pictures, such as "+".
    """

    def __init__(self, data, children=(), op=""):
        self.data = data
        self.grad = 0.0
        self.children = tuple(children)
        self.op = op
        self._backward = lambda: None  # a leaf has nothing to send back

    def __repr__(self):
        return f"Value(data={self.data:.4g}, grad={self.grad:.4g})"

    def __neg__(self):
        """-a: a complete example of an operation."""
        out = Value(-self.data, (self,), "−")

        def _backward():
            self.grad += -1.0 * out.grad

        out._backward = _backward
        return out

    def __add__(self, other):
        """a + b, where b is a Value or a number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other), "+")

        def _backward():
            self.grad += out.grad
            other.grad += out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __mul__(self, other):
        """a * b, where b is a Value or a number."""
        ### BEGIN SOLUTION
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other), "·")

        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __pow__(self, exponent):
        """a ** n, where n is an int or a float (not a Value)."""
        ### BEGIN SOLUTION
        out = Value(self.data**exponent, (self,), f"^{exponent}")

        def _backward():
            self.grad += exponent * self.data ** (exponent - 1) * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def __sub__(self, other):
        """a - b, where b is a Value or a number."""
        ### BEGIN SOLUTION
        return self + (-other)
        ### END SOLUTION

    def __truediv__(self, other):
        """a / b, where b is a Value or a number."""
        ### BEGIN SOLUTION
        return self * other**-1.0
        ### END SOLUTION

    def __radd__(self, other):
        """other + a, where other is a number."""
        ### BEGIN SOLUTION
        return self + other
        ### END SOLUTION

    def __rmul__(self, other):
        """other * a, where other is a number."""
        ### BEGIN SOLUTION
        return self * other
        ### END SOLUTION

    def __rsub__(self, other):
        """other - a, where other is a number."""
        ### BEGIN SOLUTION
        return -self + other
        ### END SOLUTION

    def __rtruediv__(self, other):
        """other / a, where other is a number."""
        ### BEGIN SOLUTION
        return self**-1.0 * other
        ### END SOLUTION

    def tanh(self):
        """Hyperbolic tangent, a Value; a may be of any size, also ±400."""
        ### BEGIN SOLUTION
        out = Value(math.tanh(self.data), (self,), "tanh")

        def _backward():
            self.grad += (1.0 - out.data**2) * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def exp(self):
        """e to the power of a, a Value."""
        ### BEGIN SOLUTION
        out = Value(math.exp(self.data), (self,), "exp")

        def _backward():
            self.grad += out.data * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION

    def relu(self):
        """max(0, a), a Value; the derivative at 0 is taken as 0."""
        ### BEGIN SOLUTION
        out = Value(max(0.0, self.data), (self,), "relu")

        def _backward():
            self.grad += float(self.data > 0) * out.grad

        out._backward = _backward
        return out
        ### END SOLUTION


# %% [markdown]
# ## Exercise 4: backward through any graph
#
# **Why.** A node may send its gradient on only when it is complete, that is, when *all* the nodes that use it have sent theirs. Below,
# $a$ is used by $b$ and by $c$: if $a$ acted after hearing from $b$ alone, the part that comes through $c$ would be lost.

# %% tags=["demo"]
fig, ax = plt.subplots(figsize=(9, 3.4))
draw_graph(ax, ["z", "a = z²", "b = 2a", "c = a + 1", "d = b·c"], [1, 1, 2, 2, 4], [12, 6, 2, 2, 1],
           [(0, 1), (1, 2), (1, 3), (2, 4), (3, 4)], ["2", "2", "1", "2", "2"])
ax.set_title("a gets 2·2 through b and 1·2 through c: 6 in all.\nOnly then may a pass it on to z")
plt.show()

# %% [markdown]
# A **topological order** lists each node exactly once, after all its children. Reversed, it is the order in which gradients may flow.
# Depth-first search finds it: visit a node's children first, then append the node; remember which nodes you have seen.
#
# `backward` sets the gradient of the result itself, $\partial L/\partial L = 1$, and calls each node's `_backward` in the right order.
# It *adds* to the gradients that are there: before another step of training they must be set back to 0.
#
# <details><summary>Hint</summary>
#
# A small recursive function `visit(node)` inside `topological_sort`, with a list `order` and a set `seen` around it. Check `seen`
# before the recursion; append after it.
# </details>


# %% exercise="topological_sort"
def topological_sort(value):
    """Return all nodes that a Value was computed from, children before parents.

    Args:
        value: the Value at the end of a graph.

    Returns:
        list of Values: each node once, after all its children; the last is ``value`` itself.
    """
    ### BEGIN SOLUTION
    order, seen = [], set()

    def visit(node):
        if node not in seen:
            seen.add(node)
            for child in node.children:
                visit(child)
            order.append(node)

    visit(value)
    return order
    ### END SOLUTION


def backward(self):
    """Add the derivative of ``self`` with respect to each node of its graph to that node's ``grad``."""
    ### BEGIN SOLUTION
    self.grad = 1.0
    for node in reversed(topological_sort(self)):
        node._backward()
    ### END SOLUTION


Value.backward = backward

# %% [markdown]
# ### Milestone: your own graph
#
# The graph from the beginning, built and differentiated by your `Value`. The absolute value is written as $|d| = (d^2)^{1/2}$.


# %% tags=["milestone"]
def trace_graph():
    """Build |4 − (w·x + b)| from Values, run it backward and list its nodes and edges."""
    x, w, b = Value(2.0), Value(3.0), Value(1.0)
    loss = ((4.0 - (w * x + b)) ** 2) ** 0.5
    loss.backward()
    order = topological_sort(loss)
    names = {id(x): "x", id(w): "w", id(b): "b", id(loss): "loss"}
    number = {id(node): i for i, node in enumerate(order)}
    edges = {(number[id(child)], i) for i, node in enumerate(order) for child in node.children}
    return {
        "labels": np.array([" ".join(filter(None, (names.get(id(node), ""), node.op))) or "const" for node in order]),
        "data": np.array([node.data for node in order], dtype=float),
        "grad": np.array([node.grad for node in order], dtype=float),
        "edges": np.array(sorted(edges)),
    }


graph = milestone("computation_graph", trace_graph, needs=["Value", "topological_sort"])
fig, ax = plt.subplots(figsize=(14, 4.4))
draw_graph(ax, graph["labels"], graph["data"], graph["grad"], [tuple(edge) for edge in graph["edges"]])
ax.set_title("|4 − (w·x + b)| traced by Value: data (black) and grad (orange)")
plt.show()

# %% [markdown]
# ## Exercise 5: backward through an affine layer
#
# **Why.** Millions of scalar nodes would be slow. A layer does the same on whole arrays: one function for all its edges.
#
# With $\text{out} = xw + b$, one entry is $\text{out}_{nm} = \sum_d x_{nd}\,w_{dm} + b_m$. Follow each input along its edges and add up
# what comes back:
#
# | input | appears in | so its gradient is | as matrices | shapes |
# |---|---|---|---|---|
# | $x_{nd}$ | $\text{out}_{nm}$ for every $m$, factor $w_{dm}$ | $\sum_m \text{dout}_{nm}\,w_{dm}$ | $\text{dout}\;w^\top$ | $(N,M)(M,D) = (N,D)$ |
# | $w_{dm}$ | $\text{out}_{nm}$ for every $n$, factor $x_{nd}$ | $\sum_n x_{nd}\,\text{dout}_{nm}$ | $x^\top\,\text{dout}$ | $(D,N)(N,M) = (D,M)$ |
# | $b_m$ | $\text{out}_{nm}$ for every $n$, factor 1 | $\sum_n \text{dout}_{nm}$ | column sums | $(M,)$ |
#
# Images come as `x` of shape (N, d1, …, dk). The layer flattens each example to $D = d_1\cdots d_k$ numbers, so `dx` must be folded
# back.
#
# <details><summary>Hint</summary>
#
# Work with `x.reshape(N, -1)` throughout, and only at the very end give `dx` the shape of `x`. If you are unsure about a transpose,
# write the shapes under the product: usually only one arrangement fits.
# </details>


# %% exercise="affine_backward"
def affine_backward(dout, cache):
    """Propagate a gradient back through ``affine_forward``.

    Args:
        dout: gradient of the loss with respect to the output, float64 (N, M).
        cache: the second value of ``affine_forward``: the tuple (x, w, b).

    Returns:
        dx: float64, shape of x, (N, d1, …, dk).
        dw: float64 (D, M).
        db: float64 (M,).
    """
    ### BEGIN SOLUTION
    x, w, b = cache
    rows = x.reshape(x.shape[0], -1)  # (N, D)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout
    db = dout.sum(axis=0)
    return dx, dw, db
    ### END SOLUTION


# %% [markdown]
# ### Question: why a sum over the batch?
#
# Why is `db` the *sum* of `dout` over the batch?
#
# - `"a"`: only the sum has the right shape
# - `"b"`: the same bias is added in every row, so the gradients that come back from all rows add up
# - `"c"`: because the loss is an average over the batch
# - `"d"`: it is an approximation that becomes exact for large batches

# %% question="why_db_sums"
### BEGIN SOLUTION
#| why_db_sums = None  # "a", "b", "c" or "d"
why_db_sums = "b"
### END SOLUTION

# %% [markdown]
# ## Exercise 6: backward through ReLU and sigmoid
#
# **Why.** An elementwise function has one edge per entry, so its backward pass is one product per entry:
# $\text{dx} = \text{dout}\cdot f'(x)$. What differs is what the forward pass keeps.
#
# - ReLU keeps its input: the gradient passes where $x > 0$ and stops elsewhere. At $x = 0$, where there is no derivative, we take 0.
# - Sigmoid keeps its output, because its derivative needs nothing else. From $\sigma = (1+e^{-x})^{-1}$:
#
# $$\sigma'(x) = \frac{e^{-x}}{(1+e^{-x})^2} = \underbrace{\frac{1}{1+e^{-x}}}_{\sigma}\cdot\underbrace{\frac{e^{-x}}{1+e^{-x}}}_{1-\sigma} = \sigma\,(1-\sigma),
# \qquad\text{and likewise}\quad \tanh' = 1-\tanh^2 .$$

# %% tags=["demo"]
grid = np.linspace(-4, 4, 401)
squash = 1 / (1 + np.exp(-grid))
curves = {
    "sigmoid": (squash, squash * (1 - squash), "σ′ = σ(1 − σ) ≤ 1/4"),
    "tanh": (np.tanh(grid), 1 - np.tanh(grid) ** 2, "tanh′ = 1 − tanh² ≤ 1"),
    "ReLU": (np.maximum(grid, 0), np.where(grid > 0, 1.0, 0.0), "ReLU′ is 0 or 1"),
}
fig, axes = plt.subplots(1, 3, figsize=(11, 3.2), sharex=True)
for ax, (name, (curve, slope, title)) in zip(axes, curves.items()):
    ax.plot(grid, curve, color=BLUE, label=name)
    ax.plot(grid, slope, color=ORANGE, linestyle="--", label="derivative")
    ax.set(xlabel="x", title=title, ylim=(-1.15, 2.15))
    ax.legend(frameon=False, loc="upper left")
fig.suptitle("Where a curve is flat, no gradient comes back")
fig.tight_layout()
plt.show()

# %% [markdown]
# <details><summary>Hint</summary>
#
# A comparison gives an array of booleans, and multiplying by it keeps or drops entries. Make a new array: `dout` belongs to the caller
# and may be needed elsewhere.
# </details>


# %% exercise="relu_backward"
def relu_backward(dout, cache):
    """Propagate a gradient back through ``relu_forward``.

    Args:
        dout: gradient with respect to the output, float64, any shape.
        cache: the second value of ``relu_forward``: its input x, same shape.

    Returns:
        dx: float64, same shape; 0 where x ≤ 0.
    """
    ### BEGIN SOLUTION
    x = cache
    dx = dout * (x > 0)
    return dx
    ### END SOLUTION


def sigmoid_backward(dout, cache):
    """Propagate a gradient back through ``sigmoid_forward``.

    Args:
        dout: gradient with respect to the output, float64, any shape.
        cache: the second value of ``sigmoid_forward``: its output σ(x), same shape.

    Returns:
        dx: float64, same shape.
    """
    ### BEGIN SOLUTION
    out = cache
    return dout * out * (1.0 - out)
    ### END SOLUTION


# %% [markdown]
# ## Exercise 7: softmax loss and its gradient
#
# **Why.** The loss is where the backward pass begins, and its gradient is beautifully simple.
#
# For scores $x$ (N, C) and labels $y$ (N,), the probabilities are $p_{nc} = e^{x_{nc}} / \sum_j e^{x_{nj}}$ and the loss is the mean of
# $-\log p_{n,y_n}$:
#
# $$L = \frac1N\sum_n \Big(\log\sum_j e^{x_{nj}} - x_{n,y_n}\Big).$$
#
# Differentiate one row: $\dfrac{\partial}{\partial x_c}\log\sum_j e^{x_j} = \dfrac{e^{x_c}}{\sum_j e^{x_j}} = p_c$, and $x_{y}$
# contributes $-1$ to its own class only. So
#
# $$\frac{\partial L}{\partial x_{nc}} = \frac{1}{N}\,\big(p_{nc} - [c = y_n]\big):$$
#
# *what the network believes minus what is true.* Each row sums to 0: what the right class gains, the others lose.
#
# **Stability.** $e^{1000}$ overflows. Subtracting the largest score of each row changes nothing, since
# $\log\sum_j e^{x_j} = m + \log\sum_j e^{x_j-m}$, and keeps every exponent ≤ 0. And compute $\log p$ by this formula, not as the
# logarithm of a $p$ that may have become 0.

# %% tags=["demo"]
scores = np.array([1.1, 0.4, -8.2, -0.9, 3.7])
p = np.exp(scores - scores.max())
p /= p.sum()
fig, axes = plt.subplots(1, 2, figsize=(10, 3.2), sharex=True)
axes[0].bar(range(5), p, color=BLUE)
axes[0].set(title="probabilities of the scores (1.1, 0.4, −8.2, −0.9, 3.7)", xlabel="class", ylim=(-1.05, 1.05))
axes[1].bar(range(5), p - np.eye(5)[0], color=[ORANGE] + [BLUE] * 4)
axes[1].set(title="gradient when the right class is 0: raise 0, lower 4", xlabel="class", ylim=(-1.05, 1.05))
for ax in axes:
    ax.axhline(0, color=GREY, linewidth=0.8)
fig.tight_layout()
plt.show()

# %% [markdown]
# <details><summary>Hint</summary>
#
# `np.max(x, axis=1, keepdims=True)` keeps the shape (N, 1), so that each row is shifted by its own maximum. With `rows = np.arange(N)`,
# `a[rows, y]` picks one entry per row, for reading and for writing. Subtract into a new array: `x` belongs to the caller.
# </details>


# %% exercise="softmax_loss"
def softmax_loss(x, y):
    """Return the mean cross-entropy of softmax scores, and its gradient.

    Args:
        x: scores, float64 (N, C); any size of numbers, also ±1e3.
        y: right classes, integers (N,) in 0..C−1.

    Returns:
        loss: float, the mean over the N examples.
        dx: float64 (N, C), gradient of the loss with respect to x.
    """
    ### BEGIN SOLUTION
    N = x.shape[0]
    rows = np.arange(N)
    shifted = x - x.max(axis=1, keepdims=True)  # (N, C)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_p[rows, y].mean()
    dx = np.exp(log_p)
    dx[rows, y] -= 1.0
    dx /= N
    return loss, dx
    ### END SOLUTION


# %% [markdown]
# ### Question: the loss before any training
#
# A new network with small random weights gives scores near 0. With 10 classes, what loss do you expect before training?
# Answer with a number, to two decimals.

# %% question="initial_loss"
### BEGIN SOLUTION
#| initial_loss = None  # a number
initial_loss = 2.302585092994046
### END SOLUTION

# %% [markdown]
# ## Exercise 8: a whole network: loss and all gradients
#
# **Why.** Everything you have written so far, in one line from left to right and back:
#
# $$X \xrightarrow{\;W_1,\,b_1\;} \text{hidden} \xrightarrow{\;\text{ReLU}\;} \text{active} \xrightarrow{\;W_2,\,b_2\;} \text{scores} \xrightarrow{\;\text{softmax, } y\;} \text{data loss},$$
# $$L = \text{data loss} + \tfrac12\,\text{reg}\,\big(\lVert W_1\rVert^2 + \lVert W_2\rVert^2\big).$$
#
# $\lVert W\rVert^2$ is the sum of the squares of all entries. The ½ makes its derivative simply $\text{reg}\cdot W$, which is *added*
# to the gradient from the data (two paths lead from $W$ to the loss). Biases are not regularised.
#
# Without labels (`y is None`) the function returns the scores: that is how the network predicts.
#
# Use your functions from above. If one of them still fails its check, repair it first: here its error comes back in all gradients. (A wrong
# number in it costs no points a second time: gradients that fit your own functions count as right. A wrong shape does: nothing fits then.)
#
# <details><summary>Hint</summary>
#
# Forward: affine, ReLU, affine, each with its cache; then `softmax_loss`. Backward: the same in reverse, and what comes out as `dx` of
# one is the `dout` of the next. There are seven calls in all.
# </details>


# %% exercise="two_layer_loss"
def two_layer_loss(params, X, y=None, reg=0.0):
    """Return the loss of affine – ReLU – affine – softmax and all its gradients, or the scores.

    Args:
        params: dict with W1 (D, H), b1 (H,), W2 (H, C), b2 (C,), all float64; left unchanged.
        X: inputs, float64 (N, D).
        y: right classes, integers (N,), or None.
        reg: strength of the regularisation, a number ≥ 0.

    Returns:
        If y is None: scores, float64 (N, C). Otherwise the pair
        loss: float, and
        grads: dict with the keys of params; each gradient has the shape of its parameter.
    """
    ### BEGIN SOLUTION
    hidden, affine1_cache = affine_forward(X, params["W1"], params["b1"])  # (N, H)
    active, relu_cache = relu_forward(hidden)
    scores, affine2_cache = affine_forward(active, params["W2"], params["b2"])  # (N, C)
    if y is None:
        return scores
    data_loss, dscores = softmax_loss(scores, y)
    loss = data_loss + 0.5 * reg * (np.sum(params["W1"] ** 2) + np.sum(params["W2"] ** 2))
    dactive, dW2, db2 = affine_backward(dscores, affine2_cache)
    dhidden = relu_backward(dactive, relu_cache)
    _, dW1, db1 = affine_backward(dhidden, affine1_cache)
    dW1 = dW1 + reg * params["W1"]
    dW2 = dW2 + reg * params["W2"]
    return loss, {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}
    ### END SOLUTION


# %% [markdown]
# ### Milestone: the sanity ladder
#
# Before you train anything for long, climb three steps. Each takes a second and catches a different kind of mistake:
#
# 1. the **first loss** is about $\log C$,
# 2. your gradients pass the **gradient check**,
# 3. the network can **overfit 50 examples**: if it cannot learn even those by heart, something is broken.


# %% tags=["milestone"]
def load_digits():
    """Return X_train (1297, 64), y_train, X_val (500, 64), y_val: a fixed split, pixels scaled to 0..1 and centred."""
    file = np.load("data/digits.npz")
    X, y = file["images"].reshape(-1, 64) / 16.0, file["labels"].astype(int)
    order = np.random.default_rng(0).permutation(len(y))
    train, val = order[500:], order[:500]
    mean = X[train].mean(axis=0)
    return X[train] - mean, y[train], X[val] - mean, y[val]


def climb_ladder():
    """Return the first loss, the gradient check of all parameters, and the curve of overfitting 50 examples."""
    rng = np.random.default_rng(1)
    X, y, _, _ = load_digits()
    params = init_two_layer(rng, 64, 50, 10)
    first_loss, _ = two_layer_loss(params, X, y, 0.0)

    small = {name: rng.normal(size=value.shape) for name, value in init_two_layer(rng, 4, 5, 3).items()}
    inputs, labels = rng.normal(size=(6, 4)), np.array([0, 1, 2, 0, 1, 2])
    _, grads = two_layer_loss(small, inputs, labels, 0.1)
    errors = []
    for name in small:

        def loss_of(p, name=name):
            return two_layer_loss({**small, name: p}, inputs, labels, 0.1)[0]

        numeric = eval_numerical_gradient_array(loss_of, small[name].copy(), 1.0)
        errors.append(rel_error(grads[name], numeric))

    losses = []
    for _ in range(200):
        loss, grads = two_layer_loss(params, X[:50], y[:50], 0.0)
        losses.append(loss)
        for name in params:
            params[name] -= 0.5 * grads[name]
    accuracy = np.mean(np.argmax(two_layer_loss(params, X[:50]), axis=1) == y[:50])
    return {"first_loss": float(first_loss), "errors": np.array(errors), "losses": np.array(losses), "accuracy": float(accuracy)}


ladder = milestone("sanity_ladder", climb_ladder, needs=["two_layer_loss", "eval_numerical_gradient_array", "rel_error"])
print(f"1. first loss {ladder['first_loss']:.3f}, expected about log 10 = {np.log(10):.3f}")
print("2. gradient check:", ", ".join(f"{name} {error:.0e}" for name, error in zip(("W1", "b1", "W2", "b2"), ladder["errors"])))
print(f"3. accuracy on the 50 examples: {ladder['accuracy']:.0%}")
assert abs(ladder["first_loss"] - np.log(10)) < 0.1 and max(ladder["errors"]) < 1e-5 and ladder["accuracy"] == 1.0
fig, ax = plt.subplots(figsize=(7, 3.2))
ax.plot(ladder["losses"], color=BLUE)
ax.axhline(np.log(10), color=GREY, linestyle=":", label="log 10")
ax.set(xlabel="step", ylabel="loss", title="The network learns 50 digits by heart")
ax.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Exercise 9: find the planted bugs
#
# **Why.** You will read more gradients than you write. The two functions below are wrong in one place each, although their author
# checked them and "everything agreed":
#
# - `tanh_layer_backward` was checked with weights of size 0.001;
# - `gated_residual_backward` was checked at the usual start `u = 0`.
#
# The forward passes are right: $\text{out} = \tanh(xw + b)$ with the cache $(x, w, \text{out})$, and $\text{out} = x + s\circ x$ with
# the gate $s = \sigma(x\circ u)$ and the cache $(x, u, s)$. In the second one, count the paths from $x$ to the output:

# %% tags=["demo"]
fig, ax = plt.subplots(figsize=(8, 3.6))
spots = {"u": (0, 1), "x": (0, 0), "x∘u": (1, 0.8), "s = σ(x∘u)": (2.1, 0.8), "s∘x": (3.2, 0.3), "out": (4, 0)}
edges = [("u", "x∘u", 0), ("x∘u", "s = σ(x∘u)", 0), ("s = σ(x∘u)", "s∘x", 0), ("s∘x", "out", 0)]
edges += [("x", "x∘u", 0), ("x", "s∘x", 0.05), ("x", "out", 0.22)]
for start, end, bend in edges:
    arrow = {"arrowstyle": "-|>", "color": ORANGE if start == "x" else GREY, "connectionstyle": f"arc3,rad={bend}"}
    arrow |= {"shrinkA": 26 if "σ" in start else 12, "shrinkB": 38 if "σ" in end else 14}
    ax.annotate("", xy=spots[end], xytext=spots[start], arrowprops=arrow)
for label, place in spots.items():
    ax.text(*place, label, ha="center", va="center", bbox={"boxstyle": "round,pad=0.4", "fc": "#EAF2F8", "ec": BLUE})
ax.set(xlim=(-0.5, 4.5), ylim=(-0.7, 1.3), title="out = x + s∘x: the orange edges leave x")
ax.axis("off")
plt.show()

# %% [markdown]
# Repair both. Your tools: the formulas, and the gradient check with *ordinary* random inputs.
#
# <details><summary>Hint</summary>
#
# Which two numbers agree when they are tiny, and differ when they are not? And which term of a product rule vanishes when `u = 0`?
# </details>


# %% exercise="tanh_layer_backward"
def tanh_layer_backward(dout, cache):
    """Propagate a gradient back through ``tanh_layer_forward``.

    Args:
        dout: gradient with respect to the output, float64 (N, M).
        cache: the tuple (x, w, out) with x (N, D), w (D, M), out (N, M).

    Returns:
        dx (N, D), dw (D, M), db (M,), all float64.
    """
    ### BEGIN SOLUTION
    #| x, w, out = cache
    #| dz = dout * (1.0 - np.tanh(out) ** 2)  # tanh' = 1 - tanh^2
    #| return dz @ w.T, x.T @ dz, dz.sum(axis=0)
    x, w, out = cache
    dz = dout * (1.0 - out**2)
    return dz @ w.T, x.T @ dz, dz.sum(axis=0)
    ### END SOLUTION


def gated_residual_backward(dout, cache):
    """Propagate a gradient back through ``gated_residual_forward``.

    Args:
        dout: gradient with respect to the output, float64 (N, D).
        cache: the tuple (x, u, s) with x (N, D), u (D,), s (N, D).

    Returns:
        dx (N, D), du (D,), both float64.
    """
    ### BEGIN SOLUTION
    #| x, u, s = cache
    #| ds = dout * x  # product rule for s * x
    #| dz = ds * s * (1.0 - s)  # z = x * u
    #| dx = dout + dout * s
    #| du = (dz * x).sum(axis=0)
    #| return dx, du
    x, u, s = cache
    ds = dout * x  # product rule for s * x
    dz = ds * s * (1.0 - s)  # z = x * u
    dx = dout + dout * s + dz * u
    du = (dz * x).sum(axis=0)
    return dx, du
    ### END SOLUTION


# %% [markdown]
# ## Exercise 10 (stretch): batch normalisation, backward in one step
#
# **Why.** Batch normalisation makes every example depend on every other example of its batch. It is the best test of whether you have
# understood "sum over all paths".
#
# Per column, with $\mu = \frac1N\sum_n x_n$, $v = \frac1N\sum_n (x_n-\mu)^2$ and $r = 1/\sqrt{v+\varepsilon}$:
#
# $$\hat x_n = (x_n - \mu)\,r,\qquad \text{out}_n = \gamma\,\hat x_n + \beta .$$
#
# $\gamma$ and $\beta$ are like a weight and a bias: $d\gamma = \sum_n \text{dout}_n\hat x_n$, $d\beta = \sum_n \text{dout}_n$. An $x_n$
# has three paths to the loss: directly, through $\mu$ and through $v$. Write $g_n = \gamma\,\text{dout}_n$ for the gradient of
# $\hat x_n$:
#
# - directly: $g_n\, r$;
# - through $\mu$ (each $\partial\hat x_m/\partial\mu = -r$, and $\partial\mu/\partial x_n = \frac1N$): $-\frac{r}{N}\sum_m g_m$;
# - through $v$ (each $\partial \hat x_m/\partial v = -\tfrac12 (x_m-\mu)\,r^3 = -\tfrac12\hat x_m r^2$, and
#   $\partial v/\partial x_n = \tfrac{2}{N}(x_n-\mu) = \tfrac2N\hat x_n/r$): $-\frac{r}{N}\,\hat x_n\sum_m g_m\hat x_m$.
#
# ($\mu$ inside $v$ adds nothing, since $\sum_n (x_n-\mu) = 0$.) Together, in one step:
#
# $$\text{dx}_n = r\,\Big(g_n - \overline{g} - \hat x_n\,\overline{g\,\hat x}\Big),$$
#
# where the bar is the mean over the batch. In words: take the gradient, remove its mean, and remove the part that would only rescale
# the column, because the layer undoes shifts and scalings anyway.
#
# <details><summary>Hint</summary>
#
# Keep $\hat x$, $r$ and $\gamma$ in the cache. All means are over axis 0. `x.var(axis=0)` divides by $N$, as it should here.
# </details>


# %% exercise="batchnorm_forward"
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    """Normalise each column over the batch, then scale and shift it.

    Args:
        x: float64 (N, D).
        gamma, beta: float64 (D,).
        eps: added to the variance (inside the root).

    Returns:
        out: float64 (N, D).
        cache: whatever ``batchnorm_backward`` needs.
    """
    ### BEGIN SOLUTION
    r = 1.0 / np.sqrt(x.var(axis=0) + eps)  # (D,)
    x_hat = (x - x.mean(axis=0)) * r  # (N, D)
    return gamma * x_hat + beta, (x_hat, r, gamma)
    ### END SOLUTION


def batchnorm_backward(dout, cache):
    """Propagate a gradient back through ``batchnorm_forward``.

    Args:
        dout: gradient with respect to the output, float64 (N, D).
        cache: the second value of ``batchnorm_forward``.

    Returns:
        dx: float64 (N, D).
        dgamma: float64 (D,).
        dbeta: float64 (D,).
    """
    ### BEGIN SOLUTION
    x_hat, r, gamma = cache
    g = dout * gamma  # gradient with respect to x_hat
    dx = r * (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0))
    dgamma = (dout * x_hat).sum(axis=0)
    dbeta = dout.sum(axis=0)
    return dx, dgamma, dbeta
    ### END SOLUTION


# %% [markdown]
# ## Milestone: reading digits
#
# The whole training loop: take a batch, get the loss and its gradients from *your* `two_layer_loss`, step downhill. 1297 images to
# learn from, 500 to test on.


# %% tags=["milestone"]
def train_digits():
    """Train a 64-100-10 network by plain gradient descent on batches of 50, and return the curves."""
    rng = np.random.default_rng(2)
    X, y, X_val, y_val = load_digits()
    params = init_two_layer(rng, 64, 100, 10)
    losses, train_accuracy, val_accuracy = [], [], []
    for _ in range(30):
        order = rng.permutation(len(y))
        for start in range(0, len(y), 50):
            batch = order[start : start + 50]
            loss, grads = two_layer_loss(params, X[batch], y[batch], 1e-3)
            losses.append(loss)
            for name in params:
                params[name] -= 0.3 * grads[name]
        train_accuracy.append(np.mean(np.argmax(two_layer_loss(params, X), axis=1) == y))
        predictions = np.argmax(two_layer_loss(params, X_val), axis=1)
        val_accuracy.append(np.mean(predictions == y_val))
    return {
        "losses": np.array(losses),
        "train_accuracy": np.array(train_accuracy),
        "val_accuracy": np.array(val_accuracy),
        "predictions": predictions,
    }


history = milestone("digits_training", train_digits, needs=["two_layer_loss", "softmax_loss", "affine_backward", "relu_backward"])
print(f"validation accuracy: {history['val_accuracy'][-1]:.1%}")
assert 0.95 <= history["val_accuracy"][-1] <= 1.0, "expected at least 95 % on the validation digits"

fig, axes = plt.subplots(1, 2, figsize=(11, 3.4))
axes[0].plot(history["losses"], color=BLUE, linewidth=0.8)
axes[0].axhline(np.log(10), color=GREY, linestyle=":", label="log 10")
axes[0].set(xlabel="step", ylabel="loss of the batch", title="The loss starts near log 10 and falls", ylim=(0, None))
axes[0].legend(frameon=False)
epochs = np.arange(1, len(history["val_accuracy"]) + 1)
axes[1].plot(epochs, history["train_accuracy"], color=BLUE, label="training")
axes[1].plot(epochs, history["val_accuracy"], color=ORANGE, linestyle="--", label="validation")
axes[1].set(xlabel="epoch", ylabel="accuracy", title="Accuracy after each pass over the data", ylim=(0.6, 1.01))
axes[1].legend(frameon=False, loc="lower right")
fig.tight_layout()
plt.show()

# %% [markdown]
# What does it still get wrong? Would you have known?

# %% tags=["demo"]
_, _, X_val, y_val = load_digits()
images = np.load("data/digits.npz")["images"][np.random.default_rng(0).permutation(1797)[:500]]
wrong = np.flatnonzero(history["predictions"] != y_val)[:8]
fig, axes = plt.subplots(1, 8, figsize=(11, 2.2))
for ax in axes:
    ax.axis("off")
for ax, i in zip(axes, wrong):
    ax.imshow(images[i], cmap="gray_r")
    ax.set_title(f"read {history['predictions'][i]}, is {y_val[i]}", fontsize=10)
fig.suptitle("Validation digits that the network misreads")
plt.show()

# %% [markdown]
# ## Milestone: a boundary that is not a line
#
# Two interleaved half-moons cannot be told apart by a line. The same network, with two inputs and two classes, bends its boundary
# around them.


# %% tags=["milestone"]
def train_moons():
    """Train a 2-32-2 network on two half-moons and return the points and the probability of class 1 on a grid."""
    rng = np.random.default_rng(3)
    angle, y = rng.uniform(0, np.pi, 300), np.arange(300) % 2
    X = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    X[y == 1] = [1.0, 0.5] - X[y == 1]
    X += 0.15 * rng.normal(size=X.shape)

    params = init_two_layer(rng, 2, 32, 2)
    losses = []
    for _ in range(1500):
        loss, grads = two_layer_loss(params, X, y, 1e-4)
        losses.append(loss)
        for name in params:
            params[name] -= 0.5 * grads[name]
    gx, gy = np.meshgrid(np.linspace(-1.6, 2.6, 120), np.linspace(-1.2, 1.7, 90))
    scores = two_layer_loss(params, np.stack([gx.ravel(), gy.ravel()], axis=1))
    accuracy = np.mean(np.argmax(two_layer_loss(params, X), axis=1) == y)
    p1 = 1 / (1 + np.exp(scores[:, 0] - scores[:, 1]))
    return {"X": X, "y": y, "p1": np.round(p1, 3).reshape(gx.shape), "losses": np.array(losses), "accuracy": float(accuracy)}


moons = milestone("moons_boundary", train_moons, needs=["two_layer_loss", "softmax_loss", "affine_backward", "relu_backward"])
print(f"accuracy on the moons: {moons['accuracy']:.1%}")
fig, axes = plt.subplots(1, 2, figsize=(11, 3.8), width_ratios=[1, 1.4])
axes[0].plot(moons["losses"], color=BLUE)
axes[0].axhline(np.log(2), color=GREY, linestyle=":", label="log 2")
axes[0].set(xlabel="step", ylabel="loss", title="The loss starts near log 2", ylim=(0, None))
axes[0].legend(frameon=False)
gx, gy = np.linspace(-1.6, 2.6, 120), np.linspace(-1.2, 1.7, 90)
shade = axes[1].contourf(gx, gy, moons["p1"], levels=np.linspace(0, 1, 11), cmap="PuOr", alpha=0.6)
axes[1].contour(gx, gy, moons["p1"], levels=[0.5], colors="black")
for label, marker, colour in [(0, "o", "#7F3B08"), (1, "^", "#2D004B")]:
    axes[1].scatter(*moons["X"][moons["y"] == label].T, s=14, marker=marker, color=colour, label=f"class {label}")
axes[1].set(xlabel="first input", ylabel="second input", title="Probability of class 1; the black line is ½")
axes[1].legend(frameon=True, loc="upper right", fontsize=9)
fig.colorbar(shade, ax=axes[1], label="probability of class 1")
fig.tight_layout()
plt.show()

# %% [markdown]
# You have written the core of a deep-learning library: everything that follows in this course, and every training run anywhere, is this
# pass from right to left. In the next unit the plain step downhill gets better.
