"""What students read when they push, whatever they push: each gets a clear answer and nothing else is affected."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading.journal import stored_records
from autograder.grading.material import Material
from tests.grading_e2e.small_course import UNIT, notebook, unanswered
from tests.serve.remote import NOTEBOOK, Remote, Student
from tests.serve.trees import FILE, FOLDER, commit_tree, put, tree

Join = Callable[..., Student]
NAME = f"{UNIT}.ipynb".encode()


@pytest.fixture(autouse=True)
def _the_next_push_is_graded_as_ever(request: pytest.FixtureRequest, remote: Remote, join: Join, material: Material) -> Iterator[None]:
    """Whatever a test pushes, the daemon and the next student's grade are unharmed."""
    before = remote._daemon
    yield
    honest = join(remote)
    honest.commit(notebook(material))
    assert "100 of 100 points" in honest.push()
    assert before is remote._daemon
    assert before is not None
    assert before.poll() is None


def test_two_exercises_solved_are_scored_in_the_output_of_the_push(remote: Remote, join: Join, material: Material) -> None:
    """A student who solves two exercises of a published notebook reads the score, and a hint for what is wrong."""
    student = join(remote)
    student.commit((material.course.assignment(UNIT) / f"{UNIT}.ipynb").read_bytes())
    assert "No notebook to grade has changed" in student.push()
    student.commit(notebook(material, {k: v for k, v in material.stub.items() if k not in ("double", "moments")}))
    said = student.push()
    assert "60 of 100 points" in said
    assert "✓ double" in said
    assert "○ apply_twice" in said
    commit = student.commit(notebook(material, {"double": "def double(x):\n    return x * x\n", "half_of_ten": "half_of_ten = 4"}))
    said = student.push()
    assert f"{UNIT} at {commit[:10]}: 50 of 100 points, 60 before" in said
    assert "0 of 40   -40" in said
    assert "30 of 30   +30" in said
    assert "You square x" in said
    assert "where" in said
    record = student.record()
    assert (record.commit, record.ref, record.path) == (commit, "refs/heads/main", f"{commit[:12]}:{NOTEBOOK}")
    assert len(remote.records(student.name)) == 2
    assert remote.queued(student.name) == []


def test_only_what_changed_is_told_at_length(remote: Remote, join: Join, material: Material) -> None:
    """A failing exercise whose cell did not change is one line; the changed one has its story."""
    student = join(remote)
    wrong = {"double": "def double(x):\n    return x * x\n", "moments": "def moments(x):\n    return 0.0, 0.0\n"}
    student.commit(notebook(material, wrong))
    assert "Mean and spread are right." in student.push()
    student.commit(notebook(material, {**wrong, "double": "def double(x):\n    return 3 * x\n"}))
    said = student.push()
    assert "Every entry is doubled." in said
    assert "✗ moments" in said
    assert "Mean and spread are right." not in said
    student.commit(notebook(material, {**wrong, "double": "def double(x):\n    return 3 * x  # again\n"}))
    assert "Every entry is doubled." in student.push()


def test_unchanged_notebook_is_not_graded_again(remote: Remote, join: Join, material: Material) -> None:
    """A commit that changes other files only is stored without a grade."""
    student = join(remote)
    student.commit(notebook(material))
    student.push()
    student.write(b"notes", "notes.txt")
    student.commit()
    assert "No notebook to grade has changed" in student.push()
    assert len(remote.records(student.name)) == 1


def test_hostile_notebook_earns_what_it_answers(remote: Remote, join: Join, material: Material) -> None:
    """Code that exits, prints control characters and floods the output earns nothing, and its output stays away from the terminal."""
    student = join(remote)
    cell = (
        "import os, sys\nprint('\\x1b[2J' + 'x' * 100_000)\n"
        "def double(x):\n    raise ValueError('\\x1b[2J\\x07<script>' * 50)\n"
        "def apply_twice(f, x):\n    os._exit(0)\n"
        "def moments(x):\n    while True: pass\n"
    )
    student.commit(unanswered(material, cell))
    said = student.push()
    assert "0 of 100 points" in said
    assert "\x1b[2J" not in said
    assert "\x07" not in said
    assert len(said) < 20_000


def test_huge_notebook_gets_a_clear_answer(remote: Remote, join: Join, material: Material) -> None:
    """A notebook of 100 MB is stored and not read; git refuses one that does not compress, and nothing is recorded for it."""
    student = join(remote)
    student.commit(b"0" * 100_000_000)
    said = student.push()
    assert "could not be graded" in said
    assert "has 100000000 bytes, at most" in said
    assert student.record().status == "ungradable"
    student.commit(os.urandom(100_000_000))
    said = student.push(check=False)
    assert "exceeds maximum allowed size" in said
    assert len(remote.records(student.name)) == 1
    student.git("reset", "--quiet", "--hard", "HEAD~1")
    student.commit(notebook(material))
    assert "100 of 100 points" in student.push()


def test_force_push_is_graded_and_hides_nothing(remote: Remote, join: Join, material: Material) -> None:
    """After a force-push the new commit counts; the old one stays in the records and in the repository."""
    student = join(remote)
    old = student.commit(notebook(material))
    student.push()
    student.git("checkout", "--quiet", "--orphan", "other")
    new = student.commit(notebook(material, {"double": "def double(x):\n    return 3 * x\n"}))
    assert "rejected" in student.push("other:main", check=False)
    assert "60 of 100 points" in student.push("--force", "other:main")
    assert [r.commit for r in remote.records(student.name)] == [old, new]
    assert student.git("--git-dir", str(remote.server.repository(student.name)), "cat-file", "-t", old).stdout.strip() == "commit"


def test_going_back_counts_again(remote: Remote, join: Join, material: Material) -> None:
    """Pushing an earlier notebook again makes it the latest grade."""
    student = join(remote)
    right, wrong = notebook(material), notebook(material, {"double": "def double(x):\n    return 3 * x\n"})
    for data in (right, wrong, right):
        student.commit(data)
        student.push()
    assert [r.score for r in remote.records(student.name)] == [100.0, 60.0, 100.0]


def test_renamed_notebook_is_named_and_keeps_its_grade(remote: Remote, join: Join, material: Material) -> None:
    """A notebook under another name is not graded, and the answer says how it is called now; in another folder it is found."""
    student = join(remote)
    student.commit(notebook(material))
    student.push()
    student.git("mv", NOTEBOOK, "mine.ipynb")
    student.commit()
    said = student.push()
    assert f"{NOTEBOOK} is called mine.ipynb now" in said
    assert len(remote.records(student.name)) == 1
    student.git("mv", "mine.ipynb", f"{UNIT}.ipynb")
    student.commit()
    assert "100 of 100 points" in student.push()
    assert student.record().path.endswith(f":{UNIT}.ipynb")


def test_two_notebooks_of_one_unit_are_refused(remote: Remote, join: Join, material: Material) -> None:
    """When it is unclear which notebook counts, the answer names both."""
    student = join(remote)
    student.write(notebook(material), f"a/{UNIT}.ipynb")
    student.write(notebook(material, material.stub), f"b/{UNIT}.ipynb")
    student.commit()
    said = " ".join(student.push().replace("remote:", " ").split())
    assert f"2 notebooks called {UNIT}.ipynb (a/{UNIT}.ipynb, b/{UNIT}.ipynb); keep one" in said


def test_other_branches_are_stored_only(remote: Remote, join: Join, material: Material) -> None:
    """Of two branches pushed at once the graded one is graded; the other is stored, and the answer says so."""
    student = join(remote)
    commit = student.commit(notebook(material))
    student.git("branch", "draft")
    student.git("tag", "v1")
    said = student.push("main", "draft", "v1")
    assert "100 of 100 points" in said
    assert "refs/heads/draft: stored, not graded; only main is graded." in said
    assert [r.commit for r in remote.records(student.name)] == [commit]
    assert "[deleted]" in student.push("--delete", "draft")


def test_submodule_and_links_are_not_followed(remote: Remote, join: Join, material: Material, open_folder: Path) -> None:
    """A submodule and symbolic links out of the tree are named and never looked into."""
    student = join(remote)
    other = join(remote)
    other.commit(notebook(material))
    student.git("submodule", "--quiet", "add", str(other.clone), "assignments")
    (student.clone / "root").symlink_to("/")
    student.commit()
    said = student.push()
    assert "assignments is a submodule" in said
    assert "root is a symbolic link" in said
    assert remote.records(student.name) == []
    secret = open_folder / "secret.ipynb"
    secret.write_bytes(notebook(material))
    (student.clone / f"{UNIT}.ipynb").symlink_to(secret)
    student.commit()
    said = student.push()
    assert "is a symbolic link; commit the notebook itself" in said
    assert student.record().status == "ungradable"


def test_strange_names_are_shown_harmlessly(remote: Remote, join: Join, material: Material) -> None:
    """Names of files and branches cannot control the terminal."""
    student = join(remote)
    student.write(notebook(material), f"\x1b[2Jdir/{UNIT}.ipynb")
    student.commit()
    said = student.push("main", "main:refs/heads/a\u202eb")
    assert "100 of 100 points" in said
    assert "\x1b[2J" not in said
    assert "refs/heads/a\\u202eb: stored" in said
    assert "\x1b" not in student.record().path


def test_replaced_commit_is_graded_as_it_is(remote: Remote, join: Join, material: Material) -> None:
    """A pushed ``refs/replace`` puts nothing in a commit's place: what the commit holds is graded."""
    student = join(remote)
    right = student.commit(notebook(material))
    student.git("checkout", "--quiet", "--orphan", "other")
    wrong = student.commit(notebook(material, {"double": "def double(x):\n    return 3 * x\n"}))
    student.environment = {"GIT_NO_REPLACE_OBJECTS": "1"}  # the student's own git would push the other one
    student.push(f"{right}:refs/replace/{wrong}")
    del student.environment["GIT_NO_REPLACE_OBJECTS"]
    student.git("replace", "--delete", wrong, check=False)
    assert "60 of 100 points" in student.push(f"{wrong}:refs/heads/main")
    assert student.record().commit == wrong


@pytest.mark.parametrize(
    ("folder", "words"),
    [
        (b"\xdcbung", "has a name that is not UTF-8; rename it"),
        (b"/".join([b"x" * 200] * 4), "lies too deep"),
        (b"/".join([b"x"] * 20), "lies too deep"),
        (b"a\nb", "has a line break in its name"),
    ],
    ids=["no UTF-8", "long", "deep", "line break"],
)
def test_path_that_is_not_read_is_ungradable_with_its_reason(remote: Remote, join: Join, material: Material, folder: bytes, words: str) -> None:
    """A notebook in a folder with an impossible name gets a record, and the answer says what to do."""
    student = join(remote)
    below = tree(student, [(FILE, NAME, put(student, notebook(material)))])
    for name in reversed(folder.split(b"/")):
        below = tree(student, [(FOLDER, name, below)])
    commit_tree(student, below)
    assert words in " ".join(student.push().replace("remote:", " ").split())
    assert student.record().status == "ungradable"


def test_many_notebooks_with_unprintable_names_are_refused_with_a_reason(remote: Remote, join: Join, material: Material) -> None:
    """However long and unprintable the names of two notebooks of a unit are, the answer names them."""
    student = join(remote)
    same = [(FILE, NAME, put(student, notebook(material)))]
    commit_tree(student, tree(student, [(FOLDER, b"\x01" * 190 + b"%d" % n, tree(student, same)) for n in range(5)]))
    assert "5 notebooks called" in student.push()
    assert student.record().status == "ungradable"


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 100_000, b'{"cells": 3}', b"\xff\xfe"], ids=["empty", "no notebook", "deep", "wrong", "no text"])
def test_what_is_no_notebook_is_ungradable(remote: Remote, join: Join, data: bytes) -> None:
    """A file that is no notebook is ungradable with its reason, not zero points."""
    student = join(remote)
    student.commit(data)
    assert "could not be graded" in student.push()
    assert student.record().status == "ungradable"
    assert student.record().reason


def test_broken_push_takes_no_grade_away(remote: Remote, join: Join, material: Material) -> None:
    """After a cut-off notebook the grade before is what the student reads, what is exported, and what the next push is compared with."""
    student = join(remote)
    right = notebook(material)
    good = student.commit(right)
    student.push()
    broken = student.commit(right[: len(right) // 2])
    said = " ".join(student.push().replace("remote:", " ").split())
    assert f"Your last grade, 100 of 100 points at {good[:10]}, stays." in said
    assert f"git checkout {good[:10]} -- {NOTEBOOK}" in said
    (counted,) = [record for record in stored_records(remote.server.results) if record.student == student.name]
    assert (counted.status, counted.score, counted.path) == ("graded", 100.0, f"{good[:12]}:{NOTEBOOK}")
    hook = str(remote.server.hooks / "post-receive")
    told = subprocess.run([hook, "grades", student.name], check=True, capture_output=True, text=True).stdout
    assert f"{good[:10]}: 100 of 100 points" in told
    assert f"{broken[:10]}: could not be graded" in told
    (line,) = [line for line in remote.run("status", remote.root).stdout.splitlines() if line.startswith(f"{student.name} ")]
    assert line.split()[2:4] == ["100", good[:10]]
    assert line.endswith(f"; {broken[:10]} could not be graded")
    student.commit(notebook(material, {"double": "def double(x):\n    return 3 * x\n"}))
    assert "60 of 100 points, 100 before" in student.push()
    (counted,) = [record for record in stored_records(remote.server.results) if record.student == student.name]
    assert counted.score == 60.0
    assert "could not be graded" not in "".join(line for line in remote.run("status", remote.root).stdout.splitlines() if line.startswith(f"{student.name} "))


def test_grades_can_be_asked_for(remote: Remote, join: Join, material: Material) -> None:
    """``post-receive grades STUDENT`` prints the latest grade again."""
    student = join(remote)
    hook = str(remote.server.hooks / "post-receive")
    assert "Nothing of yours" in subprocess.run([hook, "grades", student.name], check=True, capture_output=True, text=True).stdout
    student.commit(notebook(material))
    student.push()
    said = subprocess.run([hook, "grades", student.name], check=True, capture_output=True, text=True).stdout
    assert "100 of 100 points" in said


def test_status_tells_the_queue_and_the_grades(remote: Remote, join: Join, material: Material) -> None:
    """``autograder serve status`` tells what runs, waits and was graded."""
    student = join(remote)
    commit = student.commit(notebook(material))
    student.push()
    said = remote.run("status", remote.root).stdout
    assert "running; 0 wait" in said
    assert any(line.split()[:4] == [student.name, UNIT, "100", commit[:10]] for line in said.splitlines())


def test_second_daemon_is_refused(remote: Remote) -> None:
    """One daemon serves a folder; a second says why it does not start."""
    done = remote.run("run", remote.root)
    assert done.returncode == 2
    assert "another grader is writing there" in done.stderr
    assert stat.S_ISSOCK(remote.server.socket.stat().st_mode)
