"""The command line: parses arguments, calls one function, prints what it gave."""

from __future__ import annotations

import os
import sys
import webbrowser
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Literal

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # BLAS reads its threads when NumPy is first imported

import typer
from rich.console import Console

from autograder import __version__
from autograder.course import Course
from autograder.errors import CHECK_FAILED, GRADER_FAILED, AutograderError

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


ServerDir = Annotated[Path, typer.Argument(metavar="DIR", help="The server's folder.")]
serve_app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Run a git remote that grades what is pushed.\n\nExample: autograder serve run /srv/pushes")
app.add_typer(serve_app, name="serve")


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
    notebooks: Annotated[list[Path], typer.Argument(metavar="NOTEBOOK...", help="Notebooks to check, or folders of assignments.")],
    exercise: Annotated[str | None, typer.Option("--exercise", "-e", help="Only this exercise or question.")] = None,
    format_: Annotated[Literal["text", "github"], typer.Option("--format", help="github: annotations, a step summary, fenced output.")] = "text",
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Also write JUnit XML here.")] = None,
    code_quality: Annotated[Path | None, typer.Option("--code-quality", metavar="FILE", help="Also write GitLab's code-quality report here.")] = None,
) -> None:
    """Run the visible checks on notebooks, as their check cells do; exit with 1 when a check fails.

    Below a folder, an assignment that nobody has begun is passed over.

    Example: autograder check assignments/u03_backprop/u03_backprop.ipynb --exercise affine_backward
    """
    if format_ == "text" and junit is None and code_quality is None and len(notebooks) == 1 and not notebooks[0].is_dir():
        from autograder.checking import check_notebook

        report = check_notebook(notebooks[0], exercise)
        say(report.text)
        raise typer.Exit(0 if report.passed else CHECK_FAILED)
    from autograder.ci.checks import run_checks

    passed = run_checks(notebooks, exercise, typer.echo, github=format_ == "github", junit=junit, code_quality=code_quality)
    raise typer.Exit(0 if passed else CHECK_FAILED)


@app.command()
def grade(
    unit: Annotated[str, typer.Argument(help="The unit, such as u03_backprop.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Folders of submissions, notebooks, an LMS zip, or a list of git remotes.")],
    out: Out = Path("grades"),
    jobs: Jobs = None,
    sandbox: LevelOption = None,
    scheduler: Annotated[str | None, typer.Option("--scheduler", metavar="ADDR", help="Grade on the workers of this Dask cluster, such as tcp://10.0.0.1:8786.")] = None,
    resume: Annotated[bool, typer.Option("--resume/--no-resume", help="Keep records that are up to date.")] = True,
    gradebook: Annotated[str | None, typer.Option("--gradebook", metavar="URL", help="Also write the grades into this gradebook of nbgrader's.")] = None,
) -> None:
    """Grade submissions with the hidden tests, in a sandbox.

    Where 'autograder collect' found that nobody has the unit's notebook yet, there is nothing to do, which is no mistake.

    Example: autograder grade u03_backprop submitted/ --out grades
    """
    from autograder.ci.collect import nobody_yet
    from autograder.gradebook import recorder
    from autograder.grading.run import Plan
    from autograder.grading.run import grade as grade_class
    from autograder.progress import GradingProgress
    from autograder.records import SubmissionRecord
    from autograder.report.summary import summary_table

    course = Course.find()
    if course.unit(unit) and nobody_yet(paths, unit):
        say(f"{unit}: nothing to grade, nobody has its notebook yet")
        return
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
            run = grade_class(
                course, unit, paths, out, jobs=jobs, sandbox=sandbox, scheduler=scheduler, resume=resume, on_plan=on_plan, on_record=on_record
            )
            if book is not None:
                book.rest(run.records)
        except KeyboardInterrupt:
            progress.stop()
            say(f"stopped: {progress.done} of {progress.total} graded, all kept in {out}; run the same command to go on")
            raise typer.Exit(INTERRUPTED) from None
    console.print(summary_table(run.records.of(unit)))
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
    from autograder.grading.journal import stored_records
    from autograder.grading.run import titles
    from autograder.report.pages import write_reports

    records = stored_records(folder)
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
    format_: Annotated[str, typer.Option("--format", help="csv, json, junit, gradescope, github, canvas, moodle; several with commas.")] = "csv",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Folder to write to; DIR/export by default.")] = None,
) -> None:
    """Write the records in the form another system reads.

    Example: autograder export grades --format csv,junit
    """
    from autograder.grading.journal import stored_records
    from autograder.report.export import write_exports

    for path in write_exports(stored_records(folder), out or folder / "export", format_.split(",")):
        say(f"wrote {path}")


@app.command("export-students")
def export_students_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The students' repository; made when it is not there, updated when it is.")],
    units: Annotated[list[str] | None, typer.Option("--unit", help="Publish only this unit; may be given again. All by default.")] = None,
    commit: Annotated[bool, typer.Option("--commit", help="Also commit the changes, in a new git repository when there is none.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; look for hidden things in DIR, its files and its whole history.")] = False,
) -> None:
    """Write the repository that students get, and prove that nothing hidden is in it.

    Example: autograder export-students ../course-students --commit
    """
    from autograder.publish.repository import export_students, verify

    course = Course.find()
    if check:
        leaks = verify(course, folder)
        for leak in leaks:
            say(str(leak))
        say(f"{folder}: {f'{len(leaks)} hidden things found' if leaks else 'nothing hidden'}")
        raise typer.Exit(CHECK_FAILED if leaks else 0)
    done = export_students(course, folder, units, commit=commit)
    say(f"{folder}: {len(done.written)} files written, {len(done.removed)} removed, nothing hidden" + (f", commit {done.commit[:12]}" if done.commit else ""))


@app.command("collect")
def collect_command(
    roster: Annotated[Path, typer.Argument(help="CSV or text with a git remote per line: 'student,remote'.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the notebooks; keep it, its ledger dates later pushes.")] = Path("submitted"),
    units: Annotated[list[str] | None, typer.Option("--unit", help="Collect this unit; may be given again. All by default.")] = None,
    deadline: Annotated[list[str] | None, typer.Option("--deadline", metavar="[UNIT=]TIME", help="ISO 8601 with a zone; late notebooks are marked, not dropped.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Take what was each student's newest known commit at that time.")] = None,
    again: Annotated[Path | None, typer.Option("--again", metavar="DIR", help="Take exactly the commits that were collected into this folder.")] = None,
    server: Annotated[Path | None, typer.Option("--server", metavar="DIR", help="Folder 'results' of a push server: it knows when it received a commit.")] = None,
) -> None:
    """Fetch a class's repositories, note when each push was received, and lay the notebooks out for grading.

    With STUDENT_REPOS_TOKEN in the environment, GitHub is asked when it received a commit.

    Example: autograder collect roster.csv --deadline 2026-11-20T23:59:00+01:00
    """
    from autograder.ci.collect import collect_class, parse_deadlines, read_collected, sentence
    from autograder.ci.github import GitHub
    from autograder.ci.received import moment, server_times

    course = Course.find()
    names = units or list(course.units())
    for name in names:
        course.unit(name)
    collected = collect_class(
        roster,
        names,
        out,
        deadlines=parse_deadlines(deadline or [], names),
        github=GitHub.from_environment(),
        served=server_times(server) if server is not None else None,
        until=moment(until, "until") if until is not None else None,
        commits={c.student: c.commit for c in read_collected(again)} if again is not None else None,
    )
    for item in collected:
        if item.problem:
            say(f"{item.student}: {item.problem}")
    say(sentence(collected, out))


@app.command("post")
def post_command(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The --out folder of a grading run.")],
    submitted: Annotated[Path, typer.Option("--submitted", help="The --out folder of 'autograder collect'.")] = Path("submitted"),
    url: Annotated[str, typer.Option("--url", help="The address that a commit's status links to.")] = "",
) -> None:
    """Write each student's summary, and show it at their commit when STUDENT_REPOS_TOKEN is set.

    Example: autograder post grades --submitted submitted
    """
    from autograder.ci.collect import nobody_yet, read_collected
    from autograder.ci.github import GitHub
    from autograder.ci.post import Results, class_summary, post_statuses, write_results
    from autograder.grading.journal import NAME, stored_records

    collected = read_collected(submitted)
    if not (folder / NAME).exists() and nobody_yet([submitted], *{c.unit for c in collected}):
        say("nothing to give back, nobody has a notebook yet")
        return
    found = Results(collected, stored_records(folder))
    written = write_results(found, folder)
    say(f"wrote {written[0]} and {len(written) - 1} summaries")
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(class_summary(found))
    if (github := GitHub.from_environment()) is not None and (failed := post_statuses(found, github, folder, target=url, say=say)):
        say(f"{failed} statuses could not be shown; run the same command again")
        raise typer.Exit(GRADER_FAILED)


@app.command("compare")
def compare_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The --out folder of a grading run.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="That of a later one.")],
    format_: Annotated[Literal["text", "markdown", "json"], typer.Option("--format", help="How to print it.")] = "text",
) -> None:
    """Say whose score changed between two gradings, in which tests, and why.

    Example: autograder compare grades regraded
    """
    from autograder.grading.journal import stored_records
    from autograder.report.compare import RENDERERS, compare

    typer.echo(RENDERERS[format_](compare(stored_records(old), stored_records(new))), console.file, nl=False)


@app.command("regrade")
def regrade_command(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="The --out folder of the grading run to compare with.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="The submissions, as for 'grade'.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the new records and the comparison.")] = Path("regraded"),
    tests: Annotated[str, typer.Option("--tests", metavar="COMMIT|A..B", help="Grade with the course's tests of a commit, or compare those of two.")] = "",
    units: Annotated[list[str] | None, typer.Option("--unit", help="Only this unit; may be given again. Those of OLD by default.")] = None,
    jobs: Jobs = None,
    sandbox: LevelOption = None,
) -> None:
    """Grade a class again after a test was mended, and say whose score changed and why.

    Example: autograder regrade grades submitted/ --out regraded
    """
    from autograder.ci.regrade import regrade
    from autograder.report.compare import to_text

    done = regrade(Course.find(), old, paths, out, tests=tests, units=units, jobs=jobs, sandbox=sandbox)
    typer.echo(to_text(done.comparison), console.file, nl=False)
    say(f"tables: {out / 'compare.md'}, {out / 'compare.json'}")


@app.command("similarity")
def similarity_command(
    unit: Annotated[str, typer.Argument(help="The unit, such as u03_backprop.")],
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="The submissions, as for 'grade'.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The CSV file to write.")] = Path("similarity.csv"),
    most: Annotated[int, typer.Option("--most", min=1, help="List at most this many pairs.")] = 30,
) -> None:
    """Rank pairs of students whose answers have much in common, for a person to read.

    Example: autograder similarity u03_backprop submitted/
    """
    from autograder.feedback.safe import one_line
    from autograder.grading.material import Material
    from autograder.similarity import NOTICE, similar_pairs, write_pairs
    from autograder.submissions.collect import collect

    pairs = similar_pairs(Material(Course.find(), unit), collect(paths, unit), most)
    write_pairs(pairs, out)
    for pair in pairs:
        say(f"{pair.share:4.0%}  {one_line(pair.first, 40)} · {one_line(pair.second, 40)}: {', '.join(f'{name} {part:.0%}' for name, part in pair.exercises)}")
    say(f"{NOTICE}\nwrote {out}" if pairs else f"no two answers have much in common\nwrote {out}")


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


@serve_app.command("init")
def serve_init(
    folder: ServerDir,
    unit: Annotated[list[str], typer.Option("--unit", "-u", help="A unit to grade; several times for several.")],
    branch: Annotated[str, typer.Option(help="The branch that is graded.")] = "main",
    attempts: Annotated[int | None, typer.Option(min=1, help="Results of an exercise that are shown within --hours, for units that name no limit.")] = None,
    hours: Annotated[float, typer.Option(min=0.001, help="See --attempts.")] = 24.0,
) -> None:
    """Make the folder of a push server.

    Example: autograder serve init /srv/pushes --unit u03_backprop
    """
    from autograder.serve.config import init
    from autograder.unit import Attempts

    server = init(folder, Course.find(), unit, branch=branch, attempts=Attempts(attempts, hours) if attempts is not None else None)
    say(f"made {server.root}; its settings are in {server.config}")
    say(f"next: autograder serve add {folder} STUDENT, and: autograder serve run {folder}")


@serve_app.command("add")
def serve_add(
    folder: ServerDir,
    student: Annotated[str, typer.Argument(help="Name; also that of the repository.")],
    user: Annotated[str | None, typer.Option("--user", help="The account on this machine that pushes; by default the folder's owner.")] = None,
    key: Annotated[Path | None, typer.Option("--key", help="File with the student's public ssh key.")] = None,
) -> None:
    """Add a student, or give one another key.

    Example: autograder serve add /srv/pushes ada --key ada.pub
    """
    from autograder.serve.config import Server
    from autograder.serve.students import add

    say(f"repository: {add(Server.at(folder), student, user=user, key=key)}")


@serve_app.command("run")
def serve_run(folder: ServerDir, jobs: Jobs = None, sandbox: LevelOption = None) -> None:
    """Grade what is pushed, until stopped.

    Example: autograder serve run /srv/pushes
    """
    import asyncio

    from autograder.grading.run import default_jobs
    from autograder.sandbox import choose_level
    from autograder.serve.config import Server
    from autograder.serve.daemon import Daemon

    server, level = Server.at(folder), choose_level(sandbox)
    daemon = Daemon(server, level=level, jobs=jobs or default_jobs(), log=say)
    asyncio.run(daemon.run(lambda: say(f"serving {server.root} in sandbox {level}")))
    say("stopped; what was not graded stays in the queue")


@serve_app.command("status")
def serve_status(folder: ServerDir) -> None:
    """Say how the server is, what waits, and everybody's latest grades.

    Example: autograder serve status /srv/pushes
    """
    from autograder.serve.config import Server
    from autograder.serve.status import status

    for line in status(Server.at(folder)):
        say(line)


def main() -> None:
    """Run the command line and exit with the code of what happened."""
    from autograder.ci.log import protect_runner

    protect_runner(console, errors)
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
