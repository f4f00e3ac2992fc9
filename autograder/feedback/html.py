"""An exercise's outcome as an HTML fragment that a notebook or a page can show: no script, no reference to anything else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from autograder.feedback.picture import difference_picture
from autograder.feedback.safe import clean, one_line
from autograder.feedback.text import MARKS, facts, hints, mark, number, sentence, state, unrun, untouched, verdict
from autograder.records import Difference, ExerciseRecord

TEMPLATES = Path(__file__).parent / "templates"
STATES = {"passed": "passed", "failed": "not yet right", "not_run": "not run"}  # of a waiting test its message says it
_CODE = re.compile(r"`([^`\n]+)`")
_EMPHASIS = re.compile(r"(?<![\w*\\])\*(?=[^\s*])([^*\n]{0,60}[^\s*])\*(?![\w*])")
_BREAKS = re.compile(r"(?<=[_/])")
_LIMIT = 20_000  # a second line of defence: no text that a template prints is longer


def environment(*folders: Path) -> Environment:
    """Return a Jinja2 environment that escapes and cleans everything it prints.

    Args:
        folders: template folders searched before the fragment's own.
    """
    loaders: list[BaseLoader] = [FileSystemLoader(folder) for folder in (*folders, TEMPLATES)]
    env = Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.globals.update(
        clean=clean,
        line=one_line,
        number=number,
        verdict=verdict,
        facts=facts,
        hints=hints,
        prose=prose,
        name=name,
        sentence=sentence,
        state=state,
        untouched=untouched,
        unrun=unrun,
        mark=mark,
        marks=MARKS,
        states=STATES,
        picture=picture,
        split=_split,
    )
    return env


def _finalize(value: Any) -> Any:
    return clean(value, _LIMIT) if isinstance(value, str) and not isinstance(value, Markup) else value


def _split(message: str) -> tuple[str, str]:
    """Return a message's first line, which is a sentence, and the rest, which is a traceback or code."""
    head, _, rest = clean(message).strip("\n").partition("\n")
    return head, rest.rstrip()


def prose(text: str) -> Markup:
    """Return clean, escaped text in which words between backticks on one line are set as code, and between asterisks with emphasis."""
    parts = _CODE.split(clean(text))
    return Markup("").join(Markup("<code>{}</code>").format(part) if i % 2 else _emphasised(part) for i, part in enumerate(parts))


def _emphasised(text: str) -> Markup:
    parts = _EMPHASIS.split(text)
    return Markup("").join(Markup("<em>{}</em>").format(part) if i % 2 else part for i, part in enumerate(parts))


def name(text: str) -> Markup:
    """Return a name or a path in code type; where it has to, it breaks after an underscore or a slash."""
    return Markup("<code>{}</code>").format(Markup("<wbr>").join(_BREAKS.split(one_line(text, 160))))


def picture(difference: Difference) -> Markup:
    """Return the picture as markup; it holds numbers and one escaped label only."""
    return Markup(difference_picture(difference))


@cache
def feedback_css() -> Markup:
    """Return the style sheet of the fragment; every rule is scoped to ``.ag-fb``."""
    return Markup((TEMPLATES / "feedback.css").read_text(encoding="utf-8"))


@cache
def _environment() -> Environment:
    return environment()


def render_exercise_html(exercise: ExerciseRecord) -> str:
    """Return a self-contained fragment, meant for a notebook's ``_repr_html_``; readable in light and dark themes."""
    return _environment().get_template("fragment.html").render(exercise=exercise, css=feedback_css())


def render_overview_html(exercises: Sequence[ExerciseRecord], closing: str) -> str:
    """Return a line for each exercise and a closing sentence as a self-contained fragment."""
    return _environment().get_template("overview.html").render(exercises=exercises, closing=closing, css=feedback_css())
