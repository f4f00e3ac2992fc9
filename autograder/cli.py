"""The command line: parses arguments, calls one function, prints what it gave."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")

import typer  # noqa: E402 - BLAS reads its threads when NumPy is first imported
from rich.console import Console  # noqa: E402

from autograder import __version__  # noqa: E402
from autograder.course import Course  # noqa: E402
from autograder.errors import CHECK_FAILED, GRADER_FAILED, AutograderError  # noqa: E402

INTERRUPTED = 130
app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
console = Console(highlight=False)
errors = Console(stderr=True, highlight=False)

Units = Annotated[list[str] | None, typer.Argument(metavar="[UNIT]...", help="Units; all when none is named.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Folder for records, grades, report and feedback.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Worker processes; one per core by default.")]
LevelOption = Annotated[Literal["ns", "ll", "none"] | None, typer.Option(help="Sandbox level; the best there is by default, 'none' only when asked for.")]


def say(text: str) -> None:
    """Print a line as it is."""
    console.print(text, markup=False, soft_wrap=True)


@app.callback(invoke_without_command=True)
def _main(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """Build, check and grade an auto-graded deep-learning course."""
    if version:
        say(__version__)
        raise typer.Exit


@app.command()
def build(
    units: Units = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail with a diff when a generated file is out of step.")] = False,
    milestones: Annotated[bool, typer.Option("--milestones", help="Run the reference notebooks first and store the numbers of their milestones.")] = False,
) -> None:
    """Build student assignments from the references.

    Example: autograder build u03_backprop
    """
    from autograder.assembly import build_assignment, drift
    from autograder.grading.material import Material

    course = Course.find()
    stale = False
    for name in units or _runnable(course):
        material = Material(course, name)
        if check:
            for diff in drift(material):
                stale = True
                say(diff)
            continue
        if milestones:
            from autograder.authoring.milestones import store_milestones

            for path in store_milestones(course, name):
                say(f"stored {path}")
        say(f"built {build_assignment(material)}")
    if stale:
        say("generated files are out of step; run 'autograder build'")
        raise typer.Exit(CHECK_FAILED)


@app.command()
def check(
    notebook: Annotated[Path, typer.Argument(help="The notebook to check.")],
    exercise: Annotated[str | None, typer.Option("--exercise", "-e", help="Only this exercise or question.")] = None,
) -> None:
    """Run the visible checks on a notebook, as its check cells do.

    Example: autograder check assignments/u03_backprop/u03_backprop.ipynb --exercise affine_backward
    """
    from autograder.checking import check_notebook

    report = check_notebook(notebook, exercise)
    say(report.text)
    raise typer.Exit(0 if report.passed else CHECK_FAILED)


@app.command()
def grade(
    unit: Annotated[str, typer.Argument(help="The unit, such as u03_backprop.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders of submissions, notebooks, an LMS zip, or a list of git remotes.")],
    out: Out = Path("grades"),
    jobs: Jobs = None,
    sandbox: LevelOption = None,
    resume: Annotated[bool, typer.Option("--resume/--no-resume", help="Keep records that are up to date.")] = True,
    gradebook: Annotated[str | None, typer.Option("--gradebook", metavar="URL", help="Also write the grades into this gradebook of nbgrader's.")] = None,
) -> None:
    """Grade submissions with the hidden tests, in a sandbox.

    Example: autograder grade u03_backprop submitted/ --out grades
    """
    from autograder.gradebook import recorder
    from autograder.grading.run import Plan
    from autograder.grading.run import grade as grade_class
    from autograder.progress import GradingProgress
    from autograder.records import SubmissionRecord
    from autograder.report.summary import summary_table

    course = Course.find()
    with ExitStack() as stack:
        book = stack.enter_context(recorder(course, unit, paths, gradebook)) if gradebook is not None else None
        progress = stack.enter_context(GradingProgress(console))

        def on_plan(plan: Plan) -> None:
            progress.plan(plan)
            if book is not None:
                book.plan(plan)

        def on_record(record: SubmissionRecord) -> None:
            if book is not None:
                book.record(record)
            progress.record(record)

        try:
            run = grade_class(course, unit, paths, out, jobs=jobs, sandbox=sandbox, resume=resume, on_plan=on_plan, on_record=on_record)
            if book is not None:
                book.rest(run.records)
        except KeyboardInterrupt:
            progress.stop()
            say(f"stopped: {progress.done} of {progress.total} graded, all kept in {out}; run the same command to go on")
            raise typer.Exit(INTERRUPTED) from None
    console.print(summary_table([r for r in run.records if r.unit == unit]))
    say(progress.sentence())
    say(f"report: {run.report}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The --out folder of a grading run.")],
    open_: Annotated[bool, typer.Option("--open", help="Open the class page in a browser.")] = False,
) -> None:
    """Write the class report and feedback pages again from the records.

    Example: autograder report grades --open
    """
    from autograder.grading.journal import read_records
    from autograder.grading.run import titles
    from autograder.report.pages import write_reports

    records = read_records(folder)
    page = write_reports(records, folder, unit_title=titles(Course.find(), records))
    say(f"report: {page}")
    if open_:
        webbrowser.open(page.resolve().as_uri())


def _runnable(course: Course) -> list[str]:
    """Return the units that this machine can run; say which it cannot, and why."""
    from autograder.runtimes import lacking

    found = []
    for name in course.units():
        if missing := lacking(course.unit(name)):
            say(f"{name}: left out, its exercises need {missing}, which is not installed (pip install 'autograder[torch]')")
        else:
            found.append(name)
    return found


@app.command()
def selfcheck(
    units: Units = None,
    json: Annotated[Path | None, typer.Option("--json", help="Also write the result here.")] = None,
    jobs: Jobs = None,
    sandbox: LevelOption = None,
    channel: Annotated[bool, typer.Option("--channel/--no-channel", help="Compare every outcome with the one through the sandbox.")] = True,
) -> None:
    """Prove the quality of units' tests: right answers pass, wrong ones fail and are named.

    Example: autograder selfcheck u03_backprop
    """
    import msgspec

    from autograder.checkall import selfcheck_units

    course = Course.find()
    results = []
    for result in selfcheck_units(course, units or _runnable(course), jobs=jobs, sandbox=sandbox, channel=channel):
        results.append(result)
        say(result.sentence())
        for finding in result.findings:
            say(f"  {finding.subject} {finding.problem}")
    if json is not None:
        json.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))
    raise typer.Exit(CHECK_FAILED if any(r.findings for r in results) else 0)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The --out folder of a grading run.")],
    format_: Annotated[str, typer.Option("--format", help="csv, json, junit, gradescope, github; several with commas.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write to; DIR/export by default.")] = None,
) -> None:
    """Write the records in the form another system reads.

    Example: autograder export grades --format csv,junit
    """
    from autograder.grading.journal import read_records
    from autograder.report.export import write_exports

    for path in write_exports(read_records(folder), out or folder / "export", format_.split(",")):
        say(f"wrote {path}")


@app.command()
def doctor() -> None:
    """Say what this machine can do, and how to get what is missing.

    Example: autograder doctor
    """
    from autograder.sandbox import diagnose

    for row in diagnose():
        say(f"{'✓' if row.ok else '✗'} {row.name}: {row.detail}" + (f"\n    → {row.advice}" if row.advice else ""))


@app.command()
def demo(out: Out = Path("demo-run"), unit: str = "u03_backprop", jobs: Jobs = None, sandbox: LevelOption = None) -> None:
    """Build a small class of right, wrong and hostile submissions, grade it and write the report.

    Example: autograder demo --out demo-run
    """
    from autograder.demo import write_class
    from autograder.grading.material import Material

    course = Course.find()
    folder = out / "submitted"
    count = write_class(Material(course, unit), folder)
    say(f"{count} submissions of {unit} in {folder}")
    grade(unit, [folder], out=out / "grades", jobs=jobs, sandbox=sandbox)


def main() -> None:
    """Run the command line and exit with the code of what happened."""
    try:
        app(standalone_mode=True)
    except AutograderError as error:
        errors.print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        errors.print("stopped")
        sys.exit(INTERRUPTED)
    except OSError as error:
        errors.print(f"error: {error}", markup=False, soft_wrap=True)
        sys.exit(GRADER_FAILED)
