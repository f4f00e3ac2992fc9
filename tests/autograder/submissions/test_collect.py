"""Tests of finding submissions in folders, trees and single files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.submissions import files
from autograder.submissions.collect import Submission, collect
from autograder.submissions.files import read_regular
from autograder.submissions.notebook import MAX_BYTES

UNIT = "u03_backprop"


def put(path: Path, data: bytes = b"{}") -> Path:
    """Write a file with its folders."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def found(*paths: Path) -> dict[str, bytes | str]:
    """Return each student's bytes or problem."""
    submissions = collect(paths, UNIT)
    assert len({one.student for one in submissions}) == len(submissions)
    loaded = [one.loaded() for one in submissions]
    return {one.student: one.data or one.problem for one in loaded}


def test_nbgrader_tree(tmp_path: Path) -> None:
    """Students are the folders of nbgrader's tree; other assignments and those who did not submit are passed over."""
    path = put(tmp_path / "submitted" / "bob" / UNIT / f"{UNIT}.ipynb", b"b")
    put(tmp_path / "submitted" / "alice" / UNIT / f"{UNIT}.ipynb", b"a")
    put(tmp_path / "submitted" / "alice" / UNIT / "timestamp.txt")
    put(tmp_path / "submitted" / "alice" / UNIT / ".ipynb_checkpoints" / f"{UNIT}-checkpoint.ipynb")
    put(tmp_path / "submitted" / "alice" / "u04_other" / "u04_other.ipynb")
    put(tmp_path / "submitted" / "carol" / "u04_other" / "u04_other.ipynb")
    assert collect([tmp_path], UNIT) == collect([tmp_path / "submitted"], UNIT)
    assert [one.student for one in collect([tmp_path], UNIT)] == ["alice", "bob"]
    assert collect([tmp_path], UNIT)[1].loaded() == Submission("bob", path, b"b")
    assert found(tmp_path / "submitted" / "bob") == {"bob": b"b"}
    assert found(tmp_path / "submitted" / "bob" / UNIT) == {"bob": b"b"}


def test_nbgrader_submission_without_notebook_is_a_problem(tmp_path: Path) -> None:
    """A student whose assignment folder holds no notebook has a record that says so."""
    put(tmp_path / "alice" / UNIT / f"{UNIT}.ipynb")
    put(tmp_path / "bob" / UNIT / "timestamp.txt")
    assert found(tmp_path) == {"alice": b"{}", "bob": f"bob/{UNIT}: the folder holds no {UNIT}.ipynb"}


def test_folder_of_notebooks(tmp_path: Path) -> None:
    """Notebooks beside each other belong to those they are named after; other files are passed over."""
    put(tmp_path / "alice.ipynb", b"a")
    put(tmp_path / f"bob_{UNIT}.ipynb", b"b")
    put(tmp_path / "Doe Jane_12345_assignsubmission_file_x.ipynb", b"j")
    put(tmp_path / "grades.csv")
    put(tmp_path / ".hidden.ipynb")
    assert found(tmp_path) == {"alice": b"a", "bob": b"b", "Doe Jane": b"j"}


def test_folder_per_student(tmp_path: Path) -> None:
    """Notebooks in folders belong to the folder's student; an empty folder is a problem."""
    put(tmp_path / "alice" / "homework.ipynb", b"a")
    put(tmp_path / "bob" / f"{UNIT}.ipynb", b"b")
    put(tmp_path / "bob" / "scratch.ipynb", b"x")
    put(tmp_path / "carol" / "work" / "final.ipynb", b"c")
    put(tmp_path / "dave" / "notes.txt")
    put(tmp_path / "Doe Jane_12345_assignsubmission_file_" / f"{UNIT}.ipynb", b"j")
    expected = {"alice": b"a", "bob": b"b", "carol": b"c", "dave": f"the folder holds no {UNIT}.ipynb", "Doe Jane": b"j"}
    assert {student: text if isinstance(text, bytes) else text.removeprefix("dave: ") for student, text in found(tmp_path).items()} == expected


def test_single_notebook(tmp_path: Path) -> None:
    """One notebook is named after its student, or stands in the student's folder."""
    assert found(put(tmp_path / "alice.ipynb")) == {"alice": b"{}"}
    assert found(put(tmp_path / "bob" / f"{UNIT}.ipynb")) == {"bob": b"{}"}
    assert found(put(tmp_path / "carol" / UNIT / f"{UNIT}.ipynb")) == {"carol": b"{}"}


def test_students_own_folder(tmp_path: Path) -> None:
    """A folder that itself holds the unit's notebook is one student's."""
    put(tmp_path / "alice" / f"{UNIT}.ipynb", b"a")
    put(tmp_path / "alice" / "scratch.ipynb", b"x")
    assert found(tmp_path / "alice") == {"alice": b"a"}


def test_two_notebooks_of_one_student_are_a_problem(tmp_path: Path) -> None:
    """Neither is silently taken; the problem names both."""
    put(tmp_path / "alice" / "one.ipynb", b"1")
    put(tmp_path / "alice" / "two.ipynb", b"2")
    put(tmp_path / "bob.ipynb", b"b")
    problem = found(tmp_path)["alice"]
    assert isinstance(problem, str)
    assert "alice/one.ipynb and alice/two.ipynb" in problem


def test_notebook_with_the_units_name_wins(tmp_path: Path) -> None:
    """Of two notebooks the one called as the unit is taken; two of those are a problem unless they are equal."""
    put(tmp_path / "alice" / f"{UNIT}.ipynb", b"1")
    put(tmp_path / "alice.ipynb", b"2")
    assert found(tmp_path) == {"alice": b"1"}
    again = put(tmp_path / "late" / "alice" / f"{UNIT}.ipynb", b"3")
    assert "2 notebooks" in str(found(tmp_path / "alice", again.parent)["alice"])
    again.write_bytes(b"1")
    assert found(tmp_path / "alice", again.parent) == {"alice": b"1"}


def test_namesakes_are_told_apart_by_the_platforms_number(tmp_path: Path) -> None:
    """Two people of one name are two students."""
    put(tmp_path / f"Doe Jane_1_assignsubmission_file_{UNIT}.ipynb", b"1")
    put(tmp_path / f"Doe Jane_2_assignsubmission_file_{UNIT}.ipynb", b"2")
    assert found(tmp_path) == {"Doe Jane (1)": b"1", "Doe Jane (2)": b"2"}


@pytest.mark.parametrize("layout", [f"{{}}/{UNIT}/{UNIT}.ipynb", f"{{}}/{UNIT}.ipynb", "{}/work.ipynb"])
def test_a_folder_is_its_student(tmp_path: Path, layout: str) -> None:
    """Folders that look like a platform's files are students of their own, under their whole names."""
    names = ["smith_2026_01", "smith_2026_02", "group_1_2", "group", "late_1_2_x", "late", "ada_12345_678_x", f"ada_{UNIT}", "ada", "ada (1)"]
    for name in names:
        put(tmp_path / layout.format(name), name.encode())
    assert found(tmp_path) == {name: name.encode() for name in names}
    for name in names if UNIT in layout else ():
        assert found(tmp_path / name) == {name: name.encode()}


def test_a_folder_without_notebook_keeps_its_name(tmp_path: Path) -> None:
    """A student who handed in nothing is not taken for a namesake who did."""
    put(tmp_path / "smith" / UNIT / f"{UNIT}.ipynb")
    put(tmp_path / "smith_2026_01" / UNIT / "timestamp.txt")
    assert set(found(tmp_path)) == {"smith", "smith_2026_01"}


def test_folders_that_print_alike_are_different_students(tmp_path: Path) -> None:
    """Names that differ only in what cannot be shown, or that pose as another's shown name, do not become one student."""
    names = ["ab", "a\x1b[31mb", "a b", "a  b", " a b", "Doe Jane", "Doe Jane (1)", "Doe Jane_1_assignsubmission_file_", "Doe Jane_2_assignsubmission_file_"]
    for number, name in enumerate(names):
        put(tmp_path / name / f"{UNIT}.ipynb", str(number).encode())
    result = found(tmp_path)
    assert sorted(result.values(), key=str) == [str(number).encode() for number in range(len(names))]
    assert {name: result[name] for name in ("ab", "a b", "Doe Jane", "Doe Jane (1)")} == {"ab": b"0", "a b": b"2", "Doe Jane": b"5", "Doe Jane (1)": b"6"}
    assert result["Doe Jane (2)"] == b"8"


def test_a_file_in_a_students_folder_cannot_name_another(tmp_path: Path) -> None:
    """A platform's name of a file counts where the file lies beside others, or in the only folder, not in one student's."""
    put(tmp_path / "alice" / "work.ipynb", b"a")
    put(tmp_path / "eve" / "alice_12345_67890_work.ipynb", b"e")
    assert found(tmp_path) == {"alice": b"a", "eve": b"e"}
    put(tmp_path / "class" / "export" / "alice_12345_67890_work.ipynb", b"a")
    put(tmp_path / "class" / "export" / "bob_12346_67891_work.ipynb", b"b")
    assert found(tmp_path / "class") == {"alice": b"a", "bob": b"b"}


@pytest.mark.parametrize("kind", ["symlink", "dangling", "fifo", "folder link", "large", "device", "archive"])
def test_special_files_are_problems(tmp_path: Path, kind: str) -> None:
    """Links, pipes, devices, archives and huge files are neither followed nor read, and cost only their own submission."""
    secret = put(tmp_path / "elsewhere" / f"{UNIT}.ipynb", b"secret")
    put(tmp_path / "class" / "bob.ipynb", b"b")
    path = tmp_path / "class" / "alice.ipynb"
    if kind == "symlink":
        path.symlink_to(secret)
    elif kind == "dangling":
        path.symlink_to(tmp_path / "nowhere")
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder link":
        path.with_suffix("").symlink_to(secret.parent)
    elif kind == "archive":
        put(path.with_suffix(".zip"))
    else:
        with path.open("wb") as file:
            file.truncate(MAX_BYTES + 1)
    result = found(tmp_path / "class")
    assert result["bob"] == b"b"
    assert isinstance(result["alice"], str)
    assert len(result) == 2


def test_single_notebook_that_is_a_link_is_a_problem(tmp_path: Path) -> None:
    """A link given by name is not followed either."""
    link = tmp_path / "alice.ipynb"
    link.symlink_to(put(tmp_path / "secret.ipynb"))
    assert "symbolic link" in str(found(link)["alice"])


def test_archive_beside_a_notebook_is_passed_over(tmp_path: Path) -> None:
    """Data that a student packed does not compete with the notebook."""
    put(tmp_path / "alice" / "homework.ipynb", b"a")
    put(tmp_path / "alice" / "data.tar.gz")
    assert found(tmp_path) == {"alice": b"a"}


def test_hostile_file_names_are_cleaned(tmp_path: Path) -> None:
    """A name with control characters, bad bytes or a formula becomes a printable name of its own student."""
    for name in (b"=HYPERLINK(1).ipynb", b"a\x1b[2Jb.ipynb", b"\xff\xfe.ipynb", "x\u202ey.ipynb".encode(), b"a\nb.ipynb"):
        with open(os.path.join(os.fsencode(tmp_path), name), "wb") as file:
            file.write(b"{}")
    students = [one.student for one in collect([tmp_path], UNIT)]
    assert len(students) == 5
    assert all(student.isprintable() and student.encode() for student in students)


def test_order_does_not_depend_on_the_file_system(tmp_path: Path) -> None:
    """Submissions come sorted by name, whatever the order of paths."""
    paths = [put(tmp_path / f"{name}.ipynb") for name in ("bob", "Alice", "carol", "alice")]
    assert [one.student for one in collect(paths, UNIT)] == ["Alice", "alice", "bob", "carol"]
    assert collect(paths, UNIT) == collect(paths[::-1], UNIT)


@pytest.mark.parametrize("name", ["nothing", "empty", "notes.pdf", "other"])
def test_nothing_found_is_a_usage_error(tmp_path: Path, name: str) -> None:
    """A wrong path, a wrong kind of file, an empty folder or one of other units says what was expected."""
    (tmp_path / "empty").mkdir()
    put(tmp_path / "notes.pdf")
    put(tmp_path / "other" / "alice" / "u04_other" / "u04_other.ipynb")
    with pytest.raises(UsageError, match="expected"):
        collect([tmp_path / name], UNIT)
    with pytest.raises(UsageError, match="expected"):
        collect([], UNIT)
    with pytest.raises(UsageError, match="expected"):
        collect([Path("x" * 5000)], UNIT)


def test_nothing_is_read_before_it_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting a class reads no notebook; a submission that is loaded has been read once and stays as it was."""
    path = put(tmp_path / "alice.ipynb", b"first")
    put(tmp_path / "bob.ipynb", b"b")
    read: list[Path] = []
    monkeypatch.setattr(files, "read_regular", lambda path: read.append(path) or read_regular(path))
    alice, _ = collect([tmp_path], UNIT)
    assert read == []
    path.write_bytes(b"second")
    loaded = alice.loaded()
    path.write_bytes(b"third")
    assert read == [path]
    assert (loaded.data, loaded.loaded().data, alice.data) == (b"second", b"second", b"third")


def test_a_notebook_that_is_gone_when_it_is_read_is_a_problem(tmp_path: Path) -> None:
    """The problem names the file, as one found while collecting does."""
    path = put(tmp_path / "alice" / "work.ipynb")
    (alice,) = collect([path.parent], UNIT)
    path.unlink()
    assert (alice.problem, alice.data) == ("", None)
    assert alice.loaded().problem == "work.ipynb: it cannot be opened (No such file or directory)"
