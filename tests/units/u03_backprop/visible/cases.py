"""Inputs and small helpers that visible and hidden tests share; nothing here solves an exercise."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograder.testing import Draw, fail


def relayout(array: np.ndarray, layout: str) -> np.ndarray:
    """Return an array of the same values in another memory layout: ``"fortran"`` or ``"strided"``."""
    if layout == "fortran":
        return np.asfortranarray(array)
    wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]))
    wide[..., ::2] = array
    return wide[..., ::2]


def affine_case(seed: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x, w, b, dout for an affine layer of shape (N, d1, …, dk, M)."""
    draw = Draw(seed)
    *lead, M = shape
    D = int(np.prod(lead[1:]))
    return draw.normal(*lead), draw.normal(D, M), draw.normal(M), draw.normal(lead[0], M)


# ------------------------------------------------------------------ scalar graphs
def send_back(out: Any, gradient: float) -> None:
    """Give a freshly computed Value a gradient and send it down its tree by hand, without the student's backward()."""
    out.grad = gradient
    _descend(out)


def _descend(node: Any) -> None:
    node._backward()
    for child in node.children:
        _descend(child)


def central_difference(f: Any, numbers: list[float], position: int, h: float = 1e-5) -> float:
    """Return the derivative of a plain function of numbers with respect to one of them."""
    plus, minus = list(numbers), list(numbers)
    plus[position] += h
    minus[position] -= h
    return float((f(*plus) - f(*minus)) / (2 * h))


def check_order(order: Any, nodes: list[Any]) -> None:
    """Fail unless ``order`` lists the given nodes (with pairwise different data) once each, children before parents.

    Args:
        order: what topological_sort returned.
        nodes: handles of all nodes that belong in the list, the end of the graph last.
    """
    if not isinstance(order, (list, tuple)):
        fail("topological_sort should return a list of Values.", "order", type(order).__name__, "list")
    got = [node.data for node in order]
    wanted = [node.data for node in nodes]
    if sorted(got) != sorted(wanted):
        fail("The list should hold every node of the graph exactly once (shown: the data of the nodes).", "order", got, sorted(wanted))
    place = {data: i for i, data in enumerate(got)}
    for node in nodes:
        for child in node.children:
            if place[child.data] > place[node.data]:
                fail(f"The node with data {node.data:g} stands before its child with data {child.data:g}.", "order", got, "children first")
    if got[-1] != wanted[-1]:
        fail("The value itself should come last.", "order", got, wanted[-1])


# ------------------------------------------------------------------ a two-layer network
def network_case(seed: int, shape: tuple[int, int, int, int]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return params, X, y of an N-D-H-C network; no hidden unit is near the kink of ReLU."""
    N, D, H, C = shape
    for attempt in range(200):
        draw = Draw(seed + 7919 * attempt)
        params = {"W1": draw.normal(D, H), "b1": draw.normal(H), "W2": draw.normal(H, C), "b2": draw.normal(C)}
        X, y = draw.normal(N, D), draw.labels(N, C)
        if np.abs(X @ params["W1"] + params["b1"]).min() > 0.01:
            break
    return params, X, y


def loss_and_grads(result: Any) -> tuple[Any, dict[str, Any]]:
    """Return the pair that two_layer_loss should return when labels are given."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        fail("With labels, two_layer_loss should return the pair (loss, grads).", "result", type(result).__name__, "(loss, grads)")
    loss, grads = result
    if not isinstance(grads, dict) or not {"W1", "b1", "W2", "b2"} <= set(grads):
        got = sorted(map(str, grads)) if isinstance(grads, dict) else type(grads).__name__
        fail("grads should be a dict with the keys W1, b1, W2 and b2.", "grads", got, "W1, W2, b1, b2")
    return loss, grads


def numeric_param_gradient(student: Any, params: dict[str, np.ndarray], name: str, X: np.ndarray, y: np.ndarray, reg: float) -> np.ndarray:
    """Return the central difference of the student's own two-layer loss with respect to one parameter."""
    h, calls = 1e-5, []
    for i in range(params[name].size):
        for step in (h, -h):
            moved = params[name].copy()
            moved.flat[i] += step
            calls.append(({**params, name: moved}, X, y, reg))
    values = [float(loss_and_grads(result)[0]) for result in student.two_layer_loss.map(calls)]
    pairs = np.array(values).reshape(-1, 2)
    return ((pairs[:, 0] - pairs[:, 1]) / (2 * h)).reshape(params[name].shape)


def batchnorm_case(seed: int, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return x, gamma, beta, dout for a batch normalisation layer."""
    draw = Draw(seed)
    N, D = shape
    return np.round(draw.normal(N, D, scale=2.0) + 1.0, 2), draw.uniform(D, low=0.5, high=2.0), draw.normal(D), draw.normal(N, D)
