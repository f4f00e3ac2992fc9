"""An exercise as an HTML fragment for a notebook."""

from __future__ import annotations

import random
import re

import pytest
from jinja2 import UndefinedError

from autograder.feedback.html import environment, feedback_css, name, prose, render_exercise_html
from autograder.records import ExerciseRecord
from tests.autograder.report import samples
from tests.autograder.report.htmlcheck import Page


def test_fragment_is_balanced_and_complete() -> None:
    """Sentence, message, numbers, hint, code and picture are in one element, without script or reference."""
    html = render_exercise_html(samples.exercises(random.Random(1), 3)[1])
    page = Page(html)
    assert page.problems == []
    assert page.tags[0][0] == "div"
    assert html.strip().endswith("</div>")
    for part in ("db: values differ", "db[1]", "0.3625", samples.DB_HINT, "affine_backward(dout, cache)", "1 of 4 tests passed."):
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


def test_a_check_shows_no_points() -> None:
    """A check in a notebook runs the visible tests only, so it says nothing of points."""
    assert "points" not in Page(render_exercise_html(samples.exercises(random.Random(1), 0)[0])).text


def test_an_untouched_exercise_is_shown_briefly() -> None:
    """What is not written yet is said once, and the tests are listed as what is waited for, not as mistakes."""
    waiting = samples.tested("a", "One.", "failed", message="Not written yet.")
    exercise = ExerciseRecord(id="f", title="F", points=0.0, max_points=1.0, tests=(waiting, waiting))
    text = Page(render_exercise_html(exercise)).text
    assert (text.count("Not written yet."), text.count("○"), text.count("✗"), "not yet right" in text) == (1, 2, 0, False)


def test_a_half_written_exercise_says_which_tests_wait() -> None:
    """Beside a mistake, a test of a function that is not written is marked as waiting."""
    tests = (samples.tested("a", "One.", "failed", message="Not written yet."), samples.tested("b", "Two.", "failed", message="x is 1"))
    text = Page(render_exercise_html(ExerciseRecord(id="f", title="F", points=0.0, max_points=1.0, tests=tests))).text
    assert "One. not written yet" in text
    assert "Two. not yet right" in text


def test_the_explanation_of_a_right_answer_is_shown() -> None:
    """A passed test may carry a message."""
    told = samples.tested("a", "One.", message="Because `x` is *not* 1.")
    html = render_exercise_html(ExerciseRecord(id="q", title="Q", points=1.0, max_points=1.0, tests=(told,)))
    assert "Because <code>x</code> is <em>not</em> 1." in html


def test_a_misspelt_name_in_a_template_is_an_error() -> None:
    """Templates cannot print nothing in silence."""
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nothing }}").render()


def test_templates_escape_and_clean_by_default() -> None:
    """A template that forgets to clean is still safe."""
    assert environment().from_string("{{ x }}").render(x="<\u202e\x1b[1m>") == "&lt;\\u202e&gt;"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("whether the *input* was", "whether the <em>input</em> was"),
        ("*new* <b>", "<em>new</em> &lt;b&gt;"),
        ("`a *b* c`", "<code>a *b* c</code>"),
        ("2 * 3 * 4", "2 * 3 * 4"),
        ("x*w*b", "x*w*b"),
        ("f(*args, **kwargs)", "f(*args, **kwargs)"),
        ("a *b\nc*", "a *b\nc*"),
        ("**bold**", "**bold**"),
    ],
)
def test_asterisks_set_emphasis(text: str, shown: str) -> None:
    """Words between asterisks on one line are set with emphasis; products and stars of code stay."""
    assert prose(text) == shown


def test_names_may_break_after_underscores() -> None:
    """A name is code, breaks after an underscore or a slash, and is escaped."""
    assert name("a_b/<c>") == "<code>a_<wbr>b/<wbr>&lt;c&gt;</code>"


def test_backticks_set_code() -> None:
    """Words between backticks are code; everything else, and what is inside, stays text."""
    assert prose("`a < b` and <i> `\n`") == "<code>a &lt; b</code> and &lt;i&gt; `\n`"
