"""Tests of the repository: dependencies agree, generated files are in step, nothing private is committed."""

from __future__ import annotations

import inspect
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from autograder import __version__, cli
from autograder.assembly import drift
from autograder.authoring import build as authoring
from autograder.course import Course
from autograder.grading.material import Material

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
UNITS = Course(ROOT).units()
PINNED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([0-9][A-Za-z0-9.+!]*)( ;.*)?$")


def normal(name: str) -> str:
    """Return a distribution's normal name without its version."""
    return re.split(r"[<>=!~\[ ;]", name.strip(), maxsplit=1)[0].lower().replace("_", "-").replace(".", "-")


# ---------------------------------------------------------------------- dependencies
def test_conda_and_pip_install_the_same() -> None:
    """environment.yml lists exactly the dependencies of pyproject.toml, extras included, with the same bounds."""
    text = (ROOT / "environment.yml").read_text("utf-8")
    listed = re.findall(r"^ {6}- (\S.*)$", text, re.MULTILINE)
    wanted = [*PROJECT["dependencies"], *(d for extra in PROJECT["optional-dependencies"].values() for d in extra)]
    assert sorted(listed) == sorted(wanted)
    conda = re.findall(r"^ {2}- ([^\s:]+)$", text, re.MULTILINE)
    assert f"python{PROJECT['requires-python']}" in conda
    assert "pip" in conda


@pytest.mark.parametrize(("lock", "extras"), [("core.lock", ()), ("dev.lock", ("dev",))])
def test_locks_pin_everything(lock: str, extras: tuple[str, ...]) -> None:
    """Every line of a lock is one exact version, each name once, and every dependency is among them, within its bounds."""
    lines = [line for line in (ROOT / "requirements" / lock).read_text("utf-8").splitlines() if line and not line.lstrip().startswith("#")]
    matches = [PINNED.match(line) for line in lines]
    assert all(matches), [line for line, match in zip(lines, matches, strict=True) if not match]
    versions = {normal(m[1]): m[2] for m in matches if m}
    assert len(versions) == len(lines)
    for text in (*PROJECT["dependencies"], *(d for extra in extras for d in PROJECT["optional-dependencies"][extra])):
        name = normal(text)
        assert name in versions, f"{name} is not locked in {lock}"
        low = re.search(r">=([0-9.]+)", text)
        assert low is None or numbers(versions[name]) >= numbers(low[1]), text


def numbers(version: str) -> tuple[int, ...]:
    """Return a version's leading numbers, to be compared."""
    return tuple(int(n) for n in re.findall(r"\d+", version)[:3])


@pytest.mark.parametrize("name", ["dev.lock", "torch.lock"])
def test_other_locks_extend_the_core_lock(name: str) -> None:
    """Everything in the core lock is in the others too, with the same version."""
    core, other = ({normal(line): line for line in (ROOT / "requirements" / f).read_text("utf-8").splitlines() if "==" in line} for f in ("core.lock", name))
    assert core.items() <= other.items()


def test_the_torch_lock_names_no_build_of_torch() -> None:
    """The lock takes whatever build of the version the index has: for a processor or for a GPU."""
    assert "torch==2.13.0" in (ROOT / "requirements" / "torch.lock").read_text("utf-8").splitlines()


def test_the_version_is_in_one_place() -> None:
    """pyproject.toml takes the version from the package."""
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", __version__)


# ---------------------------------------------------------------------- generated files
@pytest.mark.parametrize("unit", UNITS)
def test_assignments_are_in_step(unit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed in assignments/ is what the build makes now; run 'autograder build' when it is not."""
    monkeypatch.chdir(ROOT)
    assert "\n".join(drift(Material(Course(ROOT), unit))) == ""


@pytest.mark.parametrize("unit", UNITS)
def test_notebooks_are_valid_and_empty(unit: str) -> None:
    """A built notebook is valid nbformat, has unique ids, no outputs and no marker or solution line."""
    import nbformat

    path = ROOT / "assignments" / unit / f"{unit}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert len({c.id for c in notebook.cells}) == len(notebook.cells)
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
        assert "SOLUTION" not in cell.source
        assert not re.search(r"^\s*#\|", cell.source, re.MULTILINE)


@pytest.mark.parametrize("unit", UNITS)
def test_nothing_hidden_is_in_an_assignment(unit: str) -> None:
    """No hidden test's code, no misconception's code and no answer's explanation is in what students get, in any file."""
    folder = ROOT / "assignments" / unit
    text = "\n".join(p.read_text("utf-8", "replace") for p in sorted(folder.rglob("*")) if p.is_file() and p.suffix in (".py", ".json", ".ipynb"))
    course = Course(ROOT)
    for path in sorted((course.tests(unit) / "hidden").glob("test_*.py")):
        assert not (folder / "checks" / path.name).is_file() or (course.tests(unit) / "visible" / path.name).is_file()
        for name in re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE):
            shared = any(f"def {name}(" in p.read_text("utf-8") for p in (course.tests(unit) / "visible").glob("*.py"))
            assert shared or f"def {name}(" not in text, name
    for question in course.unit(unit).questions:
        assert question.explanation not in text
    described = json.loads((folder / "checks" / "unit.json").read_text("utf-8"))
    assert re.fullmatch("[0-9a-f]{64}", described.pop("untouched"))
    assert described == json.loads(json.dumps(authoring.describe(course.unit(unit))))


# ---------------------------------------------------------------------- what is committed
def committed() -> list[Path]:
    """Return the files that git tracks or would track."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    done = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_private_things_are_ignored() -> None:
    """The secret, caches and outputs cannot be committed by accident."""
    tracked = committed()
    ignored = [".autograder/secret", ".autograder/examples/x.bin", ".venv/x", "demo-run/x", "autograder/__pycache__/x.pyc", "assignments/u/.ipynb_checkpoints/x", ".hypothesis/x"]
    done = subprocess.run(["git", "check-ignore", "--no-index", *ignored], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ignored
    assert not [p for p in tracked if ".autograder" in p.parts or p.suffix == ".pyc"]


@pytest.mark.parametrize("where", ["here", "the students' repository"])
def test_grades_are_never_added(where: str, tmp_path: Path) -> None:
    """``git add .`` adds nothing of what grading, collecting, regrading, comparing and nbgrader write, by default or as the documents name it; notebooks it adds."""
    commands = (cli.grade, cli.collect_command, cli.regrade_command, cli.similarity_command, cli.demo)
    defaults = {str(inspect.signature(command).parameters["out"].default) for command in commands}
    texts = "".join(path.read_text("utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")))
    documented = set(re.findall(r"--out ([a-z][\w-]*)\b", texts))
    assert {"submitted", "regraded", "again"} <= documented
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    others = {"grades.csv", "grades-late/grades.csv", "gradebook.db", "gradebook.db.2026-11-20", "feedback/ada/u.html"}
    if where == "here":
        others |= {"autograded/ada/u.ipynb", "downloaded/u/archive/x.zip", ".nbgrader.log", "export/canvas.csv"}
    else:
        defaults -= {"demo-run"}
        documented -= {"demo-run", "again"}
    template = ROOT / (".gitignore" if where == "here" else "autograder/publish/templates/gitignore")
    shutil.copy(template, tmp_path / ".gitignore")
    kept = {".gitignore", "assignments/u/u.ipynb", "autograder/feedback/x.py", "roster.csv"}
    for name in (others | defaults | documented | kept) - {".gitignore"}:
        path = tmp_path / name if "." in name else tmp_path / name / "results.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    subprocess.run(["git", "-C", tmp_path, "add", "."], check=True)
    added = subprocess.run(["git", "-C", tmp_path, "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    assert set(added) == kept


FOLDERS = "work|root|home|Users|mnt|scratch"
PRIVATE = re.compile(rf"(?<![\w.~)\]}}/-])/(?:{FOLDERS})/[A-Za-z0-9_.-]+|[A-Z]:\\Users\\")


def test_the_search_for_private_paths_finds_them() -> None:
    """Absolute paths of a machine are found; relative ones, addresses and sets of words are passed over."""
    slash = "/"
    for text in (f"see {slash}home{slash}ada/x", f'"{slash}work{slash}main"', f"open({slash}root{slash}.ssh)"):
        assert PRIVATE.search(text), text
    for text in ("solutions/home/x", "https://example.org/home/page", "a/root/b", "work/main", "/tmp/x"):
        assert not PRIVATE.search(text), text


def test_no_file_names_this_machine() -> None:
    """No committed text has an absolute path of somebody's machine or a home folder."""
    found = []
    for path in committed():
        data = path.read_bytes()
        if b"\0" in data[:4096] or path.suffix in (".npz", ".bin", ".png", ".zip", ".pdf"):
            continue
        for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
            if match := PRIVATE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {match[0]}")
    assert found == []


def test_committed_files_are_small() -> None:
    """No file over a megabyte is committed; a course is text and a few small arrays."""
    large = {str(p.relative_to(ROOT)): p.stat().st_size for p in committed() if p.stat().st_size > 1_000_000}
    assert large == {}


def test_text_files_end_with_a_newline() -> None:
    """Every Python, TOML, YAML and Markdown file is UTF-8, without tabs in its indentation or carriage returns, and ends with a newline."""
    for path in committed():
        if path.suffix in (".py", ".toml", ".yml", ".yaml", ".md") and path.stat().st_size:
            text = path.read_bytes().decode("utf-8")
            assert text.endswith("\n"), path
            assert "\r" not in text, path


def test_every_test_has_a_docstring() -> None:
    """Each test of the project states what holds."""
    import ast

    silent = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []


# ---------------------------------------------------------------------- silenced checks
SILENCED = re.compile(r"#\s*(?:noqa|nosec|type: ignore)\b(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?(?:\[[a-z, -]+\])?")


def unexplained(text: str) -> list[str]:
    """Return the lines that silence a check and say nothing more."""
    lines = [line for line in text.splitlines() if SILENCED.search(line)]
    return [line.strip() for line in lines if not re.search(r"[a-z]{2}", SILENCED.sub("", line[SILENCED.search(line).start() :]))]  # type: ignore[union-attr]  # found above


def test_silenced_checks_give_their_reason() -> None:
    """Wherever the package silences ruff or mypy, a few words on the same line say why."""
    assert unexplained("x = 1  # noqa: S105\ny = 2  # noqa: S105 - a name\nz = f()  # type: ignore[misc]  # no types\nw = g()  # type: ignore[misc]") == [
        "x = 1  # noqa: S105",
        "w = g()  # type: ignore[misc]",
    ]
    for path in sorted((ROOT / "autograder").rglob("*.py")):
        assert not unexplained(path.read_text("utf-8")), path.name
