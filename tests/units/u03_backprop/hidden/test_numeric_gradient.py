"""Hidden tests of eval_numerical_gradient_array and rel_error."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import Draw, Function, assert_close, assert_gradient, assert_unchanged, dims, exercise, seeds

from ..visible.cases import relayout

CUBE = Function("lambda x: x ** 3")
MIXED = Function("lambda x: np.sin(x.sum(axis=-1)) * x.flat[0]")


@exercise("eval_numerical_gradient_array", weight=2)
@given(seed=seeds(), shape=dims("N D", hi=5), step=st.sampled_from([0.1, 0.05, 0.02]))
def test_numeric_uses_both_sides_and_h(student, seed, shape, step):
    """The difference is central, (f(x + h) − f(x − h)) / 2h, with the step h that was given: x³ gives df · (3x² + h²)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape)
    got = student.eval_numerical_gradient_array(CUBE, x, df, step)
    assert_close(got, df * (3 * x**2 + step**2), "grad", rtol=1e-6)


@exercise("eval_numerical_gradient_array", weight=2)
@given(seed=seeds(), shape=dims("a b c", hi=4))
def test_numeric_when_entries_mix(student, reference, seed, shape):
    """Each entry of a three-dimensional x moves alone, and all outputs that it changes count, each with its weight in df."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(*shape[:2])
    got = student.eval_numerical_gradient_array(MIXED, x, df)
    assert_gradient(got, reference.eval_numerical_gradient_array(MIXED, x.copy(), df), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5), df=st.sampled_from([1.0, -2.5, 0.25]))
def test_numeric_of_a_loss(student, seed, shape, df):
    """When f returns one number and df is a number, the gradient has the shape of x."""
    x = Draw(seed).normal(*shape)
    got = student.eval_numerical_gradient_array(Function("lambda x: np.sum(x) ** 2"), x, df)
    assert_gradient(got, np.full(shape, 2 * df * x.sum()), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", lo=2, hi=5), layout=st.sampled_from(["fortran", "strided"]))
def test_numeric_memory_layout(student, seed, shape, layout):
    """The answer does not depend on how x lies in memory (Fortran order, every second entry of a larger array)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.normal(*shape)
    got = student.eval_numerical_gradient_array(Function("lambda x: np.sin(x)"), relayout(x, layout), df)
    assert_gradient(got, df * np.cos(x), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_numeric_leaves_x_alone(student, seed, shape):
    """x and df hold the same numbers after the call, bit for bit, and the default step is 1e-5, which shows where f is as steep as sin(1000x)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape)
    got = student.eval_numerical_gradient_array(Function("lambda x: np.exp(2 * x)"), x, df)
    assert_close(got, 2 * df * np.exp(2 * x), "grad", rtol=1e-6)
    assert_unchanged(student)
    steep = student.eval_numerical_gradient_array(Function("lambda x: np.sin(1000 * x)"), x, df)
    assert_close(steep, df * np.cos(1000 * x) * np.sin(0.01) / 1e-5, "grad of sin(1000x)", rtol=1e-6)


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_numeric_when_f_returns_a_view(student, seed, shape):
    """When f returns a view of its argument, as np.transpose does, moving x on must not change what f returned before."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape[::-1])
    transpose = student.value("np").transpose  # runs beside the student's code: a function of the test would return a copy
    assert_gradient(student.eval_numerical_gradient_array(transpose, x, df), df.T, "grad")


@exercise("rel_error", weight=2)
@given(seed=seeds(), shape=dims("N D"))
def test_rel_error_of_random_arrays(student, reference, seed, shape):
    """The error is the largest of the entries' relative errors, for either order of the arguments."""
    draw = Draw(seed)
    x, y = draw.normal(*shape), draw.normal(*shape)
    expected = float(reference.rel_error(x, y))
    assert_close(student.rel_error(x, y), expected, "error")
    assert_close(student.rel_error(y, x), expected, "error")
    assert_unchanged(student)


@exercise("rel_error", weight=2)
@given(seed=seeds(), shape=dims("a b c", hi=4))
def test_rel_error_of_mixed_sizes(student, reference, seed, shape):
    """A small entry that is badly wrong shows, even beside entries a million times larger."""
    draw = Draw(seed)
    x = draw.away_from_zero(*shape) * 10.0 ** draw.integers(-3, 4, *shape)
    y = x * (1 + 0.1 * draw.normal(*shape))
    assert_close(student.rel_error(x, y), float(reference.rel_error(x, y)), "error")


@exercise("rel_error")
@given(seed=seeds(), count=st.integers(1, 6))
def test_rel_error_near_zero(student, seed, count):
    """Entries below 1e-8 are compared with 1e-8, and 0 with 0 gives 0, so that nothing becomes NaN."""
    x = Draw(seed).away_from_zero(count) * 1e-9
    y = np.zeros(count)
    assert_close(student.rel_error(x, y), float(np.abs(x).max() / 1e-8), "error")
    assert_close(student.rel_error(y, y), 0.0, "error")
