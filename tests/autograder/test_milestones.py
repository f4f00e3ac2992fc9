"""Tests of running a reference notebook for its milestones' numbers."""

from __future__ import annotations

import numpy as np
import pytest

from autograder.authoring.milestones import script_of, store_milestones
from autograder.course import Course
from autograder.errors import AuthorError
from autograder.grading.material import Material

TINY = "u99_tiny"


def test_the_references_numbers_are_stored(own_course: Course) -> None:
    """The notebook runs from top to bottom in a copy of its assignment, and each milestone's numbers land in the unit's data."""
    (path,) = store_milestones(own_course, TINY)
    assert path == own_course.solutions(TINY) / "data" / "growth.npz"
    with np.load(path, allow_pickle=False) as stored:
        assert stored["total"] == 12.0
        assert stored["parts"].tolist() == [3, 3]


def test_a_cell_that_fails_is_an_author_error(own_course: Course) -> None:
    """The message holds the end of the traceback; nothing is stored."""
    path = own_course.solutions(TINY) / f"{TINY}.py"
    path.write_text(path.read_text().replace('parts": scale', 'parts": scael'))
    with pytest.raises(AuthorError, match="scael"):
        store_milestones(own_course, TINY)
    assert list((own_course.solutions(TINY) / "data").iterdir()) == []


def test_the_script_is_all_code_in_order(tiny: Material) -> None:
    """Set-up, solutions, demos and milestones are in the script, prose is not; it is Python."""
    text = script_of(tiny.notebook)
    compile(text, "script", "exec")
    assert text.index("import numpy") < text.index("def scale") < text.index("def linear_backward") < text.index("milestone(")
    assert "# ## Why" not in text
