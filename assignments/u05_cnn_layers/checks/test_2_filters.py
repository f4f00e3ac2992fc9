"""Visible checks of the hand-made filters, on pictures of a few pixels."""

import numpy as np

from autograder.testing import assert_array_equal, assert_close, exercise, fail

from .filters import BRIGHT_LEFT, answer, sign_of


@exercise("edge_filters")
def test_filters_shape(student):
    """Four filters of 3×3 for images with one channel."""
    assert_array_equal(np.array(np.shape(student.edge_filters())), np.array([4, 1, 3, 3]), "shape of w")


@exercise("edge_filters")
def test_vertical_edge(student):
    """Filter 0 is positive where the left is bright, negative where the right is bright, and silent on a horizontal edge."""
    w = student.edge_filters()
    got = [sign_of(answer(w, 0, picture)) for picture in (BRIGHT_LEFT, BRIGHT_LEFT[:, ::-1], BRIGHT_LEFT.T)]
    if got != ["positive", "negative", "zero"]:
        fail(
            "Filter 0 on a picture that is bright on the left, on the right, at the top:",
            "answers",
            ", ".join(got),
            "positive, negative, zero",
        )


@exercise("edge_filters")
def test_horizontal_edge(student):
    """Filter 1 is positive where the top is bright, negative where the bottom is bright, and silent on a vertical edge."""
    w = student.edge_filters()
    got = [sign_of(answer(w, 1, picture)) for picture in (BRIGHT_LEFT.T, BRIGHT_LEFT.T[::-1], BRIGHT_LEFT)]
    if got != ["positive", "negative", "zero"]:
        fail(
            "Filter 1 on a picture that is bright at the top, at the bottom, on the left:",
            "answers",
            ", ".join(got),
            "positive, negative, zero",
        )


@exercise("edge_filters")
def test_blur(student):
    """Filter 2 turns the pixels 0, 1, …, 8 into their mean, 4."""
    assert_close(answer(student.edge_filters(), 2, np.arange(9.0).reshape(3, 3)), 4.0, "answer of filter 2")


@exercise("edge_filters")
def test_spot(student):
    """Filter 3 is positive on a bright pixel in the dark and silent on a flat area."""
    w = student.edge_filters()
    spot = np.zeros((3, 3))
    spot[1, 1] = 1.0
    got = [sign_of(answer(w, 3, picture)) for picture in (spot, np.full((3, 3), 5.0))]
    if got != ["positive", "zero"]:
        fail("Filter 3 on a bright spot and on a flat area:", "answers", ", ".join(got), "positive, zero")
