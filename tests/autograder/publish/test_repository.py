"""Tests of writing the students' repository, with real git."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from autograder.assembly import build_assignment
from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.grading.material import Material
from autograder.publish.leaks import LeakError
from autograder.publish.repository import export_students, history, verify
from autograder.publish.untouched import MANIFEST
from tests.autograder.publish.conftest import LONG
from tests.conftest import TINY

ROOT = Path(__file__).resolve().parents[3]


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it printed."""
    return subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=True).stdout.strip()


def content(folder: Path) -> dict[str, bytes]:
    """Return every file of a folder except git's."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file() and ".git" not in p.relative_to(folder).parts[:1]}


def test_the_tree_has_all_that_students_need(built_course: Course, tmp_path: Path) -> None:
    """Assignments with checks and data, the wheel, locked requirements, instructions and workflows are there."""
    target = tmp_path / "students"
    done = export_students(built_course, target)
    names = set(content(target))
    assert set(done.written) == names
    unit = f"assignments/{TINY}"
    assert {f"{unit}/{TINY}.ipynb", f"{unit}/checks/plan.bin", f"{unit}/checks/test_tiny.py", f"{unit}/data/growth.npz"} <= names
    assert {"README.md", "LICENSE", "requirements.txt", ".github/workflows/checks.yml", ".gitlab-ci.yml", ".gitignore", ".gitattributes", MANIFEST} <= names
    assert "requirements-torch.txt" not in names
    readme = (target / "README.md").read_text("utf-8")
    for word in ("Linux", "macOS", "Windows", "JupyterLab", "VS Code", "Colab", TINY, 'check("scale")'):
        assert word in readme, word
    assert "{{" not in readme
    assert "{%" not in readme


def test_requirements_are_exact(built_course: Course, tmp_path: Path) -> None:
    """The wheel is named by its file, everything else by one version, and what only Windows needs by a marker."""
    export_students(built_course, tmp_path / "students")
    lines = (tmp_path / "students" / "requirements.txt").read_text("utf-8").splitlines()[1:]
    assert (tmp_path / "students" / lines[0]).is_file()
    assert all(re.fullmatch(r"[a-z0-9._-]+==[0-9][\w.+!]*( ; sys_platform == \"win32\")?", line) for line in lines[1:])
    locked = {line for line in (ROOT / "requirements" / "core.lock").read_text("utf-8").splitlines() if "==" in line}
    assert locked <= set(lines)


def test_torch_is_an_extra_file(built_course: Course, tmp_path: Path) -> None:
    """A course with a PyTorch unit names torch in exact versions, in a file of its own, and tells how to install it."""
    path = built_course.solutions(TINY) / "unit.toml"
    path.write_text('runtime = "torch"\n' + path.read_text("utf-8"), encoding="utf-8")
    about = built_course.assignment(TINY) / "checks" / "unit.json"
    about.write_text(about.read_text("utf-8").replace('"runtime": "numpy"', '"runtime": "torch"'), encoding="utf-8")
    export_students(built_course, tmp_path / "students")
    extra = (tmp_path / "students" / "requirements-torch.txt").read_text("utf-8").splitlines()[1:]
    assert any(re.fullmatch(r"torch==[\d.]+", line) for line in extra)
    assert "torch" not in (tmp_path / "students" / "requirements.txt").read_text("utf-8")
    assert "requirements-torch.txt" in (tmp_path / "students" / "README.md").read_text("utf-8")


def test_publishing_again_changes_nothing(built_course: Course, tmp_path: Path) -> None:
    """A second export writes no file and makes no commit."""
    target = tmp_path / "students"
    first = export_students(built_course, target, commit=True)
    before = content(target)
    again = export_students(built_course, target, commit=True)
    assert first.commit == git(target, "rev-parse", "HEAD")
    assert (again.written, again.removed, again.commit) == ((), (), "")
    assert content(target) == before
    assert git(target, "status", "--porcelain") == ""


def test_an_update_keeps_history_and_files_of_others(built_course: Course, tmp_path: Path) -> None:
    """What changed is written and committed, what is gone is removed, and commits and others' files stay."""
    target = tmp_path / "students"
    first = export_students(built_course, target, commit=True).commit
    (target / "CODEOWNERS").write_text("* @ada\n")
    git(target, "add", "CODEOWNERS")
    git(target, "commit", "-q", "-m", "owners")
    stale = "assignments/old/checks/old.py"
    listed = json.loads((target / MANIFEST).read_text("utf-8"))
    listed["sha256"][stale] = ""
    (target / MANIFEST).write_text(json.dumps(listed))
    (target / stale).parent.mkdir(parents=True)
    (target / stale).write_text("old")
    (target / "README.md").write_text("changed by hand")
    done = export_students(built_course, target, commit=True)
    assert set(done.written) == {"README.md", MANIFEST}
    assert done.removed == (stale,)
    assert not (target / "assignments" / "old").exists()
    assert (target / "CODEOWNERS").read_text() == "* @ada\n"
    assert first in git(target, "log", "--format=%H").split()
    assert git(target, "status", "--porcelain") == ""


def commands(readme: str, first: str) -> str:
    """Return the git commands of the README's block that begins with some words."""
    (block,) = [block for block in re.findall(r"```sh\n(.*?)```", readme, re.DOTALL) if block.startswith(first)]
    return "".join(line + "\n" for line in block.splitlines() if line.startswith("git ") and line != "git push")


def run(folder: Path, script: str) -> int:
    """Run a shell script in a folder and return its exit code."""
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, capture_output=True, check=False).returncode


@pytest.mark.parametrize("copy", ["fork", "template", "template, joined late"])
def test_a_copy_is_updated_as_the_instructions_say(built_course: Course, tmp_path: Path, copy: str) -> None:
    """The README's own commands bring a new version into a fork and into a copy without the course's history; the student's notebook stays theirs."""
    target, own = tmp_path / "students", tmp_path / "own"
    export_students(built_course, target, commit=True)
    if copy == "fork":
        git(tmp_path, "clone", "-q", str(target), str(own))
    else:
        shutil.copytree(target, own, ignore=shutil.ignore_patterns(".git"))
        git(own, "init", "-q", "-b", "main")
        git(own, "add", "--all")
        git(own, "commit", "-q", "-m", "Initial commit")
    readme = (own / "README.md").read_text("utf-8")
    join = commands(readme, "git remote add course").replace("https://github.com/YOUR-COURSE/REPOSITORY.git", str(target))
    update, resolve = commands(readme, "git pull"), commands(readme, "git checkout --theirs")
    assert update
    if "late" not in copy:
        assert run(own, join) == 0
    notebook = own / "assignments" / TINY / f"{TINY}.ipynb"
    answered = notebook.read_text("utf-8").replace("raise NotImplementedError", "return k * x #")
    assert answered != notebook.read_text("utf-8")
    notebook.write_text(answered, encoding="utf-8")
    git(own, "commit", "-q", "-a", "-m", "scale")

    toml = built_course.solutions(TINY) / "unit.toml"
    toml.write_text(toml.read_text("utf-8").replace("The shapes leave no other product.", "No other product has the right shape."), encoding="utf-8")
    check = built_course.tests(TINY) / "visible" / "test_tiny.py"
    check.write_text(check.read_text("utf-8") + "\n# a new version\n", encoding="utf-8")
    build_assignment(Material(built_course, TINY))
    assert export_students(built_course, target, commit=True).commit
    if "late" in copy:
        assert run(own, join) == 1, "all that both sides changed is a conflict"
        assert run(own, resolve) == 0
    assert run(own, update) == 0
    assert git(own, "status", "--porcelain") == ""
    assert notebook.read_text("utf-8") == answered
    theirs = content(target)
    assert {name for name, data in content(own).items() if theirs.get(name) != data} == {notebook.relative_to(own).as_posix()}
    assert b"a new version" in content(own)[f"assignments/{TINY}/checks/test_tiny.py"]


def test_a_fresh_clone_can_be_filled(built_course: Course, tmp_path: Path) -> None:
    """An empty repository from the code host is filled and its remote kept."""
    target = tmp_path / "students"
    target.mkdir()
    git(target, "init", "-q", "-b", "main")
    git(target, "remote", "add", "origin", "https://example.org/course.git")
    export_students(built_course, target, commit=True)
    assert git(target, "remote", "-v")
    assert len(git(target, "log", "--format=%H").split()) == 1


@pytest.mark.parametrize("where", ["other", "course", "course/solutions/x", "", "file"])
def test_other_folders_are_left_alone(built_course: Course, tmp_path: Path, where: str) -> None:
    """A folder with other things, the course, what holds it, and a file are refused and unchanged."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("x")
    (tmp_path / "file").write_text("x")
    before = content(tmp_path)
    with pytest.raises(UsageError, match="folder="):
        export_students(built_course, tmp_path / where)
    assert content(tmp_path) == before


def test_a_stale_assignment_is_refused(built_course: Course, tmp_path: Path) -> None:
    """An assignment that is not what its reference gives, or misses a file, is not published."""
    path = built_course.assignment(TINY) / f"{TINY}.ipynb"
    path.write_bytes(path.read_bytes().replace(b"Tiny", b"Tinier"))
    with pytest.raises(UsageError, match="out of step"):
        export_students(built_course, tmp_path / "students")
    path.unlink()
    with pytest.raises(UsageError, match="is missing; run 'autograder build"):
        export_students(built_course, tmp_path / "students")
    assert not (tmp_path / "students").exists()


def test_a_leak_is_refused_before_anything_is_written(built_course: Course, tmp_path: Path) -> None:
    """A solution that an author copied into the data is named and nothing is published."""
    for folder in (built_course.solutions(TINY), built_course.assignment(TINY)):
        (folder / "data" / "growth.npz").write_bytes(b"\0\0" + LONG.encode())
    with pytest.raises(LeakError, match=f"growth.npz: a line of solutions/{TINY}/{TINY}.py") as caught:
        export_students(built_course, tmp_path / "students")
    assert LONG not in str(caught.value)
    assert caught.value.exit_code == 1
    assert not (tmp_path / "students").exists()


@pytest.mark.parametrize("how", ["a deleted file", "a commit message", "an unreachable commit", "a tag", "a packed object"])
def test_a_leak_in_the_history_is_found(built_course: Course, tmp_path: Path, how: str) -> None:
    """What a commit once held is found in any object, also when no branch leads there, and publishing is refused."""
    target = tmp_path / "students"
    export_students(built_course, target, commit=True)
    assert verify(built_course, target) == []
    note = target / "note.txt"
    note.write_text(LONG if how != "a commit message" else "x")
    git(target, "add", "note.txt")
    git(target, "commit", "-q", "-m", LONG if how == "a commit message" else "x")
    if how == "a tag":
        git(target, "tag", "-a", "v1", "-m", LONG)
    if how in ("an unreachable commit", "a commit message", "a tag"):
        git(target, "reset", "-q", "--hard", "HEAD~1")
    else:
        git(target, "rm", "-q", "note.txt")
        git(target, "commit", "-q", "-m", "gone")
    if how == "a packed object":
        git(target, "repack", "-q", "-a", "-d")
    found = verify(built_course, target)
    assert found
    assert all(leak.where.startswith("git ") for leak in found)
    with pytest.raises(LeakError, match="git "):
        export_students(built_course, target)


def test_verify_looks_at_files_of_others(built_course: Course, tmp_path: Path) -> None:
    """A hidden line in a file that the export did not write is found too."""
    target = tmp_path / "students"
    export_students(built_course, target)
    assert verify(built_course, target) == []
    (target / "hint.ipynb").write_bytes(json.dumps({"cells": [{"outputs": [{"text": LONG}]}]}).encode())
    assert [leak.where for leak in verify(built_course, target)] == ["hint.ipynb"]


def test_verify_wants_an_export(built_course: Course, tmp_path: Path) -> None:
    """A folder that is no export is wrong use."""
    with pytest.raises(UsageError, match="export-students"):
        verify(built_course, tmp_path)


def test_a_damaged_repository_is_our_error(tmp_path: Path) -> None:
    """When git cannot list what it holds, nothing is called clean."""
    (tmp_path / ".git").mkdir()
    with pytest.raises(GraderError, match="cannot list"):
        list(history(tmp_path))


def test_a_damaged_list_is_wrong_use(built_course: Course, tmp_path: Path) -> None:
    """An export whose list cannot be read is not updated by guessing."""
    target = tmp_path / "students"
    export_students(built_course, target)
    (target / MANIFEST).write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        export_students(built_course, target)


def test_this_course_can_be_published(tmp_path: Path) -> None:
    """The students' repository of this very course holds nothing hidden: in no file, no commit, no output and no metadata."""
    course = Course(ROOT)
    target = tmp_path / "students"
    done = export_students(course, target, commit=True)
    assert {name.split("/")[1] for name in done.written if name.startswith("assignments/")} == set(course.units())
    assert [str(leak) for leak in verify(course, target)] == []
    assert len(list(history(target))) > 50
