"""What a unit's tests import: marks, draws, strict comparisons and numerical gradients."""

from autograder.channel.client import same_object
from autograder.channel.functions import Function
from autograder.testing.cases import exercise
from autograder.testing.compare import (
    assert_array_equal,
    assert_close,
    assert_depends,
    assert_equal_int,
    assert_gradient,
    assert_no_loop,
    assert_same,
    assert_shape,
    assert_unchanged,
    either,
    raises,
)
from autograder.testing.draws import Draw, dims, seeds
from autograder.testing.drivers import Driver
from autograder.testing.failures import comparing, fail
from autograder.testing.gradcheck import numeric_gradient

__all__ = [
    "Draw",
    "Driver",
    "Function",
    "assert_array_equal",
    "assert_close",
    "assert_depends",
    "assert_equal_int",
    "assert_gradient",
    "assert_no_loop",
    "assert_same",
    "assert_shape",
    "assert_unchanged",
    "comparing",
    "dims",
    "either",
    "exercise",
    "fail",
    "numeric_gradient",
    "raises",
    "same_object",
    "seeds",
]
