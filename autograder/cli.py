"""The command line."""

from __future__ import annotations

import os
import sys
from typing import Annotated

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import typer  # noqa: E402 - BLAS reads its threads when NumPy is first imported
from rich.console import Console  # noqa: E402

from autograder.course import Course  # noqa: E402
from autograder.errors import CHECK_FAILED, AutograderError  # noqa: E402

app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False, context_settings={"help_option_names": ["-h", "--help"]})
console = Console()
errors = Console(stderr=True)

Units = Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Units; all when none is named.")]


@app.callback()
def _main() -> None:
    """Build, grade and check an auto-graded deep-learning course."""


@app.command()
def selfcheck(units: Units = None) -> None:
    """Prove the quality of units' tests. Example: autograder selfcheck u03_backprop"""
    from autograder.grading.material import Material
    from autograder.selfcheck import selfcheck as check_unit

    course = Course.find()
    bad = False
    for name in units or course.units():
        result = check_unit(Material(course, name))
        console.print(
            f"{name}: {result.exercises} exercises, {result.questions} questions, {result.visible_tests} visible and {result.hidden_tests} hidden tests, "
            f"{result.misconceptions} misconceptions, {result.alternatives} alternatives: "
            + ("green" if not result.findings else f"{len(result.findings)} findings"),
            highlight=False, markup=False, soft_wrap=True,
        )  # fmt: skip
        for finding in result.findings:
            console.print(f"  {finding.subject} {finding.problem}", highlight=False, markup=False, soft_wrap=True)
        bad = bad or bool(result.findings)
    raise typer.Exit(CHECK_FAILED if bad else 0)


@app.command()
def build(units: Units = None) -> None:
    """Build student assignments. Example: autograder build u03_backprop"""
    from autograder.authoring.build import build_unit

    course = Course.find()
    for name in units or course.units():
        folder = build_unit(course.root, name)
        console.print(f"built {folder}")


def main() -> None:
    """Run the command line and exit with the code of what happened."""
    try:
        app(standalone_mode=True)
    except AutograderError as error:
        errors.print(f"error: {error}", markup=False, highlight=False, soft_wrap=True)
        sys.exit(error.exit_code)
