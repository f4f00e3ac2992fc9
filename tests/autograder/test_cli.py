"""Tests of the command line: help, exit codes, one message per mistake."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from typer.main import get_command

from autograder import __version__, cli
from autograder.assembly import build_assignment
from autograder.ci.log import VARIABLE
from autograder.course import Course
from autograder.errors import GraderError
from autograder.grading.material import Material
from tests.attacks.checks import obeyed

TINY = "u99_tiny"
COMMANDS = sorted(get_command(cli.app).commands)  # type: ignore[attr-defined]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(own_course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A function that runs a command in the tiny course; returns exit code, output and errors."""
    monkeypatch.chdir(own_course.root)

    def command(*words: Any) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["autograder", *map(str, words)])
        capsys.readouterr()
        for console, stream in ((cli.console, sys.stdout), (cli.errors, sys.stderr)):
            monkeypatch.setattr(console, "_file", stream)
        with pytest.raises(SystemExit) as caught:
            cli.main()
        said = capsys.readouterr()
        code = caught.value.code
        return (code if isinstance(code, int) else 0), said.out, said.err

    return command


# ---------------------------------------------------------------------- help
def test_the_commands_are_those_of_the_design() -> None:
    """All commands are there."""
    assert {"build", "check", "grade", "report", "selfcheck", "export", "doctor", "demo"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_commands_help_has_an_example(run: Run, command: str) -> None:
    """The help says what a command does and shows a line that can be copied, which names the command."""
    code, out, err = run(command, "--help")
    assert code == 0
    assert f"Example: autograder {command}" in " ".join(out.split())
    assert err == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_described(command: str) -> None:
    """No option or argument of a command is left without a word, except those that explain themselves."""
    parameters = get_command(cli.app).commands[command].params  # type: ignore[attr-defined]
    silent = [p.name for p in parameters if not getattr(p, "help", None)]
    assert set(silent) <= {"unit"}


def test_help_and_version(run: Run) -> None:
    """Without a command the help is shown; -h is --help; --version prints the version alone."""
    assert "Usage" in run("-h")[1]
    assert run("--version")[:2] == (0, f"{__version__}\n")
    code, out, err = run()
    assert "build" in out + err
    assert code in (0, 2)


def test_module_and_script_are_the_same() -> None:
    """``python -m autograder`` is the command."""
    done = subprocess.run([sys.executable, "-m", "autograder", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == __version__


# ---------------------------------------------------------------------- exit codes
def one_message(err: str, *words: str) -> None:
    """Assert that an error is one line without a traceback that holds the words."""
    assert "Traceback" not in err
    assert err.startswith("error: ")
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("build", "u98"), ("unit='u98' does not exist", TINY)),
        (("selfcheck", "u98"), ("unit='u98' does not exist",)),
        (("grade", "u98", "."), ("unit='u98' does not exist",)),
        (("grade", TINY, "absent"), ("absent",)),
        (("check", "absent.ipynb"), ("absent.ipynb", "cannot read")),
        (("report", "absent"), ("absent", "results.jsonl")),
        (("export", "absent"), ("absent", "results.jsonl")),
    ],
)
def test_wrong_use_is_one_message_and_exit_2(run: Run, words: tuple[str, ...], said: tuple[str, ...]) -> None:
    """Unknown units, paths and folders without records exit with 2 and one line on stderr; nothing is written."""
    before = sorted(Path().rglob("*"))
    code, out, err = run(*words)
    assert code == 2
    assert out == ""
    one_message(err, *said)
    assert sorted(p for p in Path().rglob("*") if ".autograder" not in p.parts) == [p for p in before if ".autograder" not in p.parts]


@pytest.mark.parametrize("words", [("nonsense",), ("grade",), ("grade", TINY), ("build", "--no-such-option"), ("grade", TINY, ".", "--jobs", "0"), ("grade", TINY, ".", "--sandbox", "vm")])
def test_wrong_words_exit_2(run: Run, words: tuple[str, ...]) -> None:
    """What the parser refuses exits with 2 as well, on stderr."""
    code, _, err = run(*words)
    assert code == 2
    assert "Traceback" not in err
    assert err


def test_outside_a_course(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A command that needs a course says so and how to name one."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run("build")
    assert code == 2
    one_message(err, "no course here", "AUTOGRADER_COURSE")


def test_an_author_error_exits_2(run: Run, own_course: Course) -> None:
    """A unit that contradicts itself is told with its name."""
    path = own_course.solutions(TINY) / "unit.toml"
    path.write_text(path.read_text().replace("points = 40", "points = 41"))
    code, _, err = run("build")
    assert code == 2
    one_message(err, "unit=u99_tiny", "points sum to 101")


@pytest.mark.parametrize(("error", "exit_code", "said"), [(GraderError("it broke"), 3, "it broke"), (OSError(28, "No space left on device"), 3, "No space left"), (KeyboardInterrupt(), 130, "")])
def test_failures_of_ours_exit_3(run: Run, monkeypatch: pytest.MonkeyPatch, error: BaseException, exit_code: int, said: str) -> None:
    """A failure of the grader or its machine exits with 3, an interruption with 130; neither shows a traceback."""

    def broken() -> None:
        raise error

    monkeypatch.setattr(cli.Course, "find", broken)
    code, _, err = run("build")
    assert code == exit_code
    assert said in err
    assert "Traceback" not in err


# ---------------------------------------------------------------------- commands
def test_build_and_its_check(run: Run, own_course: Course) -> None:
    """Building exits with 0 and says where; --check writes nothing and exits with 1 and a diff when something is out of step."""
    code, out, _ = run("build", "--check")
    assert code == 1
    assert "out of step" in out
    assert not own_course.assignment(TINY).exists()
    code, out, _ = run("build", TINY)
    assert code == 0
    assert TINY in out
    assert run("build", "--check")[:2] == (0, "")
    path = own_course.assignment(TINY) / "checks" / "unit.json"
    path.write_text(path.read_text().replace("Tiny", "Huge"))
    code, out, _ = run("build", "--check")
    assert code == 1
    assert "-" in out
    assert "Huge" in out


def test_build_with_milestones(run: Run, own_course: Course) -> None:
    """The milestones' numbers are stored and come into the assignment."""
    code, out, _ = run("build", "--milestones", TINY)
    assert code == 0
    assert "growth.npz" in out
    assert (own_course.assignment(TINY) / "data" / "growth.npz").is_file()
    assert run("build", "--check")[0] == 0


def test_check_exits_by_the_outcome(run: Run, own_course: Course, tiny_notebook: Callable[..., bytes]) -> None:
    """A notebook whose checks pass exits with 0, one with a failure with 1; the report is printed as it is."""
    build_assignment(Material(own_course, TINY))
    notebook = own_course.assignment(TINY) / f"{TINY}.ipynb"
    code, out, _ = run("check", notebook)
    assert code == 1
    assert "Not written yet." in out
    notebook.write_bytes(tiny_notebook({"linear_backward": "pass"}))
    assert run("check", notebook, "--exercise", "scale")[0] == 0
    assert run("check", notebook)[0] == 1
    notebook.write_bytes(tiny_notebook())
    code, out, _ = run("check", notebook)
    assert code == 0
    assert "2 of 2 exercises and 1 of 1 question pass their visible checks" in out
    code, _, err = run("check", notebook, "-e", "scael")
    assert code == 2
    one_message(err, "exercise='scael'")


def test_grade_report_and_export(run: Run, tmp_path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """A class is graded whatever its scores, with exit 0; a second run finds nothing new; reports and exports are written from the records."""
    for student, data in {"ada": tiny_notebook(), "bob": tiny_notebook({"scale": "def scale(x, k): return k + x"}), "cyd": b"{"}.items():
        folder = tmp_path / "submitted" / student / TINY
        folder.mkdir(parents=True)
        (folder / f"{TINY}.ipynb").write_bytes(data)
    out_folder = tmp_path / "grades"
    words = ("grade", TINY, tmp_path / "submitted", "--out", out_folder, "--jobs", 1, "--sandbox", "none")
    code, out, err = run(*words)
    assert (code, err) == (0, "")
    assert "grading 3 submissions; 1 worker, sandbox none" in out
    assert "graded 3 in" in out
    assert "report.html" in out
    code, out, _ = run(*words)
    assert code == 0
    assert "nothing new to grade; 3 records are up to date" in out
    (out_folder / "report.html").unlink()
    code, out, _ = run("report", out_folder)
    assert code == 0
    assert (out_folder / "report.html").is_file()
    code, out, _ = run("export", out_folder, "--format", "csv,json,junit", "--out", tmp_path / "export")
    assert code == 0
    assert out.count("wrote ") == 3
    code, _, err = run("export", out_folder, "--format", "pdf")
    assert code == 2
    one_message(err, "pdf")


@pytest.mark.parametrize("runner", ["", "true"])
def test_a_class_gives_the_runner_no_orders(run: Run, tiny_notebook: Callable[..., bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runner: str) -> None:
    """A student's name, a path and an exception are text to a runner; without its variable, they are printed as they are and would be orders."""
    monkeypatch.setenv(VARIABLE, runner)
    monkeypatch.setattr(cli.console, "_width", 120)
    raising = tiny_notebook({"scale": 'raise ValueError("##[add-mask]e ")'})
    for folder, name, notebook in (("in", "::add-mask::e", tiny_notebook()), ("in", "two", raising), ("before", "two", tiny_notebook())):
        (tmp_path / folder / name).mkdir(parents=True)
        (tmp_path / folder / name / f"{TINY}.ipynb").write_bytes(notebook)
    options = ("--jobs", 1, "--sandbox", "none")
    words: dict[str, tuple[Any, ...]] = {
        "grade": ("grade", TINY, tmp_path / "in", "--out", tmp_path / "grades", *options),
        "before": ("grade", TINY, tmp_path / "before", "--out", tmp_path / "old", *options),
        "compare": ("compare", tmp_path / "old", tmp_path / "grades"),
        "error": ("grade", TINY, tmp_path / "::add-mask::g ##[add-mask]g"),
    }
    found = {}
    for name, command in words.items():
        code, out, err = run(*command)
        assert (code == 0) is (name != "error")
        found[name] = obeyed(f"{out}\n{err}")
    assert {name: len(orders) for name, orders in found.items() if orders} == ({} if runner else {"grade": 2, "compare": 2, "error": 1})


def test_nobody_yet_is_no_mistake(run: Run, tmp_path: Path) -> None:
    """Grading and posting a class in which nobody has a notebook yet exit with 0 and do nothing; where nothing was collected, they fail."""
    repository, submitted, grades = tmp_path / "ada", tmp_path / "submitted", tmp_path / "grades"
    subprocess.run(["git", "init", "-q", str(repository)], check=True)
    subprocess.run(["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a", "commit", "-q", "--allow-empty", "-m", "x"], check=True)
    (tmp_path / "roster.csv").write_text(f"student,remote\nada,{repository}\n")
    grade, post = ("grade", TINY, submitted, "--out", grades, "--sandbox", "none"), ("post", grades, "--submitted", submitted)
    submitted.mkdir()
    assert run(*grade)[0] == 2
    code, out, _ = run("collect", tmp_path / "roster.csv", "--out", submitted)
    assert code == 0
    assert "0 of 1 notebooks collected" in out
    assert run(*grade) == (0, f"{TINY}: nothing to grade, nobody has its notebook yet\n", "")
    assert run(*post) == (0, "nothing to give back, nobody has a notebook yet\n", "")
    assert not grades.exists()
    assert run("grade", "u98", submitted)[0] == 2
    shutil.rmtree(repository)
    run("collect", tmp_path / "roster.csv", "--out", submitted)
    assert run(*grade)[0] == 2
    assert run(*post)[0] == 2


def test_an_interrupted_run_says_how_to_go_on(run: Run, tmp_path: Path, tiny_notebook: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits with 130 and says what is kept."""
    (tmp_path / "ada.ipynb").write_bytes(tiny_notebook())

    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("autograder.grading.run.grade_all", interrupted)
    code, out, _ = run("grade", TINY, tmp_path / "ada.ipynb", "--out", tmp_path / "grades", "--sandbox", "none")
    assert code == 130
    assert "run the same command to go on" in out


def test_selfcheck_exits_by_its_findings(run: Run, own_course: Course, tmp_path: Path) -> None:
    """A green unit exits with 0, one with a finding with 1; the result can be had as JSON."""
    code, out, _ = run("selfcheck", TINY, "--no-channel", "--json", tmp_path / "result.json")
    assert code == 0
    assert out.strip().endswith("green")
    (result,) = msgspec.json.decode((tmp_path / "result.json").read_bytes())
    assert (result["unit"], result["findings"]) == (TINY, [])
    path = own_course.solutions(TINY) / "misconceptions.py"
    path.write_text(path.read_text().replace("k + x", "x * k"))
    code, out, _ = run("selfcheck", TINY, "--no-channel")
    assert code == 1
    assert "misconception scale_adds passes every hidden test" in out


def test_doctor_says_what_there_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row is a line, with advice where something could be better."""
    from autograder.sandbox import Finding

    monkeypatch.setattr("autograder.sandbox.diagnose", lambda: [Finding("level ns", True, "works"), Finding("level ll", False, "no Landlock", "a newer kernel")])
    assert run("doctor")[:2] == (0, "✓ level ns: works\n✗ level ll: no Landlock\n    → a newer kernel\n")


def test_defaults_are_those_of_the_functions() -> None:
    """An option that is not given leaves the default of the function that is called."""
    import inspect

    from autograder.checkall import selfcheck_units
    from autograder.grading.run import grade

    for command, function, names in ((cli.grade, grade, ("jobs", "sandbox", "resume")), (cli.selfcheck, selfcheck_units, ("jobs", "sandbox", "channel"))):
        for name in names:
            assert inspect.signature(command).parameters[name].default == inspect.signature(function).parameters[name].default


def test_typer_is_not_pretty_about_errors() -> None:
    """Errors are ours to word; markup in messages is not interpreted."""
    assert isinstance(cli.app, typer.Typer)
    assert cli.app.pretty_exceptions_enable is False
