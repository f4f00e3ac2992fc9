"""Hidden tests of eval_numerical_gradient_array and rel_error."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.testing import (
    Draw,
    Function,
    assert_close,
    assert_depends,
    assert_gradient,
    assert_same,
    assert_unchanged,
    dims,
    exercise,
    seeds,
)

from ..visible.cases import relayout

CUBE = Function("lambda x: x ** 3")
MIXED = Function("lambda x: np.sin(x.sum(axis=-1)) * x.flat[0]")
SINE = Function("lambda x: np.sin(x)")
EXP = Function("lambda x: np.exp(2 * x)")
STEEP = Function("lambda x: np.sin(1000 * x)")
COPIED_TRANSPOSE = Function("lambda x: x.T.copy()")


@exercise("eval_numerical_gradient_array", weight=4)
@given(seed=seeds(), shape=dims("N D", hi=5), step=st.sampled_from([0.1, 0.05, 0.02]))
def test_numeric_uses_both_sides_and_h(student, seed, shape, step):
    """The difference is central, (f(x + h) − f(x − h)) / 2h, with the step h that was given: x³ gives df · (3x² + h²)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape)
    h = step / 100
    cube, steep = (student.eval_numerical_gradient_array(*case) for case in ((CUBE, x, df, step), (STEEP, x, df, h)))
    assert_close(cube, df * (3 * x**2 + step**2), "grad of x³", rtol=1e-6)
    assert_close(steep, df * np.cos(1000 * x) * np.sin(1000 * h) / h, "grad of sin(1000x)", rtol=1e-6, atol=1e-3)


@exercise("eval_numerical_gradient_array", weight=4)
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
    x, df = draw.away_from_zero(*shape), draw.away_from_zero(*shape)
    plain = student.eval_numerical_gradient_array(SINE, x, df)
    assert_same(student.eval_numerical_gradient_array(SINE, relayout(x, layout), df), plain, "grad")
    assert_depends(plain, student.eval_numerical_gradient_array(SINE, 2.0 * x, df), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_numeric_leaves_x_alone(student, seed, shape):
    """x and df hold the same numbers after the call, bit for bit, and a second call gives the same gradient."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape)
    first = student.eval_numerical_gradient_array(EXP, x, df)
    assert_unchanged(student)
    assert_same(student.eval_numerical_gradient_array(EXP, x, df), first, "grad of the second call")
    assert_depends(first, student.eval_numerical_gradient_array(EXP, x + 1.0, df), "grad")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_numeric_default_step(student, seed, shape):
    """Left out, the step is 1e-5, which shows where f is as steep as sin(1000x)."""
    draw = Draw(seed)
    x, df = draw.normal(*shape) + 0.0001, draw.away_from_zero(*shape)
    given_step = student.eval_numerical_gradient_array(STEEP, x, df, 1e-5)
    assert_same(student.eval_numerical_gradient_array(STEEP, x, df), given_step, "grad of sin(1000x)")
    assert_depends(given_step, student.eval_numerical_gradient_array(STEEP, x + 1.0, df, 1e-5), "grad of sin(1000x)")


@exercise("eval_numerical_gradient_array")
@given(seed=seeds(), shape=dims("N D", hi=5))
def test_numeric_when_f_returns_a_view(student, seed, shape):
    """When f returns a view of its argument, as np.transpose does, moving x on must not change what f returned before."""
    draw = Draw(seed)
    x, df = draw.normal(*shape), draw.away_from_zero(*shape[::-1])
    transpose = student.value("np").transpose  # runs beside the student's code: a function of the test would return a copy
    copied = student.eval_numerical_gradient_array(COPIED_TRANSPOSE, x, df)
    assert_same(student.eval_numerical_gradient_array(transpose, x, df), copied, "grad")


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
    x = np.append(Draw(seed).away_from_zero(count) * 1e-9, 0.0)
    y = np.zeros(count + 1)
    assert_close(student.rel_error(x, y), float(np.abs(x).max() / 1e-8), "error")
    assert_close(student.rel_error(y, y), 0.0, "error")
