"""Hidden tests of gradient_descent: bowls, a curved valley, and the ends."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Function, assert_close, assert_shape, assert_unchanged, dims, exercise, seeds

from ..visible.cases import assert_moved, assert_same, bowl

# f(p) = (1 − x)² + 2(y − x²)², whose gradient is not linear in p
VALLEY = Function("lambda p: float((1 - p[0]) ** 2 + 2 * (p[1] - p[0] ** 2) ** 2)")
VALLEY_GRADIENT = Function("lambda p: np.array([-2 * (1 - p[0]) - 8 * p[0] * (p[1] - p[0] ** 2), 4 * (p[1] - p[0] ** 2)])")


def path_of(student, case, x0, lr, steps):
    """Return the student's path of a bowl: of the right shape, and not standing still when there are steps."""
    f, df, _, _ = case
    path, _ = student.gradient_descent(f, df, x0, lr, steps)
    assert_shape(path, (steps + 1, len(x0)), "path")
    if steps:
        assert_moved(path[-1], path[0], "path[-1]")
    return path


@exercise("gradient_descent", weight=4)
@given(seed=seeds(), shape=dims("D steps", hi=7), lr=st.sampled_from([0.05, 0.2, 0.3]))
def test_path(student, reference, seed, shape, lr):
    """path holds the start and every point after it, one row each, in floating point."""
    D, steps = shape
    f, df, _, _ = bowl(seed, D)
    x0 = Draw(seed + 1).normal(D)
    for rate, count in ((lr, steps), (0.9, 3)):  # with 0.9 some steps go uphill, on the other side of the bowl
        path, _ = student.gradient_descent(f, df, x0, rate, count)
        assert_close(path, reference.gradient_descent(f, df, x0, rate, count)[0], "path")


@exercise("gradient_descent", weight=3)
@given(seed=seeds(), shape=dims("D steps", hi=7))
def test_values(student, seed, shape):
    """values[t] is f at path[t], for the start, the end and all points between."""
    D, steps = shape
    f, df, c, q = bowl(seed, D)
    path, values = student.gradient_descent(f, df, Draw(seed + 1).normal(D) + 5.0, 0.2, steps)
    if not isinstance(path, np.ndarray) or path.ndim != 2 or path.shape[1] != D:
        assert_shape(path, (steps + 1, D), "path")
    assert_moved(path[-1], path[0], "path[-1]")
    assert_close(values, (c * (path - q) ** 2).sum(axis=1) / 2, "values, beside f of each row of your path")


@exercise("gradient_descent", weight=2)
@given(seed=seeds(), steps=st.integers(2, 6))
def test_curved_valley(student, reference, seed, steps):
    """In a curved valley the gradient is taken anew at every point."""
    x0 = Draw(seed).uniform(2)
    got = student.gradient_descent(VALLEY, VALLEY_GRADIENT, x0, 0.02, steps)
    for name, value, right in zip(
        ("path", "values"), got, reference.gradient_descent(VALLEY, VALLEY_GRADIENT, x0, 0.02, steps), strict=True
    ):
        assert_close(value, right, name)


@exercise("gradient_descent")
@given(seed=seeds(), D=st.integers(1, 5))
def test_no_steps(student, seed, D):
    """With steps = 0 the path is the start alone, of shape (1, D)."""
    f, df, c, q = bowl(seed, D)
    x0 = Draw(seed + 1).normal(D)
    path, values = student.gradient_descent(f, df, x0, 0.1, 0)
    assert_close(path, x0[None, :], "path")
    assert_close(values, np.array([(c * (x0 - q) ** 2).sum() / 2]), "values")


@exercise("gradient_descent")
@given(seed=seeds(), shape=dims("D steps"))
def test_integer_and_strided_starts(student, seed, shape):
    """A start of integers, or one that is every second entry of an array, gives the same path as its floats."""
    D, steps = shape
    case, wide = bowl(seed, D), Draw(seed + 1).integers(-4, 5, 2 * D) * 2 + 9  # far from q, and odd
    for x0 in (wide[:D].copy(), wide[::2], wide.astype(float)[::2]):
        floats = path_of(student, case, x0.astype(float), 0.2, steps)
        assert_same(path_of(student, case, x0, 0.2, steps), floats, "path")


@exercise("gradient_descent")
@given(seed=seeds(), shape=dims("D steps"))
def test_leaves_the_start_alone(student, seed, shape):
    """x0 is not changed, the first row of path is still x0 at the end, and a second call gives the same path."""
    D, steps = shape
    case, x0 = bowl(seed, D), Draw(seed + 1).normal(D) + 5.0
    path = path_of(student, case, x0, 0.1, steps)
    assert_unchanged(student)
    assert_close(path[0], x0, "path[0]")
    assert_same(path_of(student, case, x0, 0.1, steps), path, "path of a second call")
