"""An exercise as an HTML fragment for a notebook."""

from __future__ import annotations

import random
import re

import pytest
from jinja2 import UndefinedError

from autograder.feedback.html import environment, feedback_css, prose, render_exercise_html
from tests.autograder.report import samples
from tests.autograder.report.htmlcheck import Page


def test_fragment_is_balanced_and_complete() -> None:
    """Sentence, message, numbers, hint, code and picture are in one element, without script or reference."""
    html = render_exercise_html(samples.exercises(random.Random(1), 3)[1])
    page = Page(html)
    assert page.problems == []
    assert page.tags[0][0] == "div"
    assert html.strip().endswith("</div>")
    for part in ("db: values differ", "db[1]", "0.3625", samples.DB_HINT, "affine_backward(dout, cache)", "7 of 35 points"):
        assert part in page.text
    assert "<svg" in html


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_hostile_text_is_only_text(text: str) -> None:
    """Markup is shown, not interpreted; control characters are shown as escapes."""
    for exercise in samples.hostile(text).exercises:
        html = render_exercise_html(exercise)
        html.encode("utf-8")
        assert Page(html).problems == []
        assert not any(c in html for c in "\x00\x1b\x07\u202e\u200b\u2028")


def test_styles_stay_in_the_fragment() -> None:
    """Every rule applies below ``.ag-fb`` only, so that a notebook looks the same around it."""
    for selectors in re.findall(r"([^{}]+)\{", feedback_css()):
        assert all(".ag-fb" in selector for selector in selectors.split(","))


def test_points_are_left_out_where_there_are_none() -> None:
    """A check in a notebook gives no points and shows none."""
    exercise = samples.exercises(random.Random(1), 0)[0]
    free = type(exercise)(id=exercise.id, title=exercise.title, points=0.0, max_points=0.0, tests=exercise.tests)
    assert "points" not in Page(render_exercise_html(free)).text


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    """Templates cannot print nothing in silence."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_templates_escape_and_clean_by_default() -> None:
    """A template that forgets to clean is still safe."""
    assert environment().from_string("{{ x }}").render(x="<\u202e\x1b[1m>") == "&lt;\\u202e&gt;"


def test_backticks_set_code() -> None:
    """Words between backticks are code; everything else, and what is inside, stays text."""
    assert prose("`a < b` and <i> `\n`") == "<code>a &lt; b</code> and &lt;i&gt; `\n`"
