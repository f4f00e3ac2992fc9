"""Tests of reading zips."""

from __future__ import annotations

import gc
import stat
import zipfile
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.submissions import archive
from autograder.submissions.collect import collect
from autograder.submissions.notebook import MAX_BYTES

UNIT = "u03_backprop"


def packed(path: Path, members: dict[str, bytes]) -> Path:
    """Write a zip with these members."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def found(path: Path) -> dict[str, bytes | str]:
    """Return each student's bytes or problem."""
    loaded = [one.loaded() for one in collect([path], UNIT)]
    return {one.student: one.data or one.problem for one in loaded}


@pytest.mark.parametrize(
    "members",
    [
        {"alice.ipynb": b"a", "bob.ipynb": b"b"},
        {"class/alice.ipynb": b"a", "class/bob.ipynb": b"b", "class/readme.txt": b""},
        {f"alice/{UNIT}.ipynb": b"a", f"bob/{UNIT}.ipynb": b"b", "bob/scratch.ipynb": b"x"},
        {f"submitted/alice/{UNIT}/{UNIT}.ipynb": b"a", f"submitted/bob/{UNIT}/{UNIT}.ipynb": b"b", "submitted/bob/u04/u04.ipynb": b"x"},
        {f"alice_123_456_{UNIT}.ipynb": b"a", f"bob_LATE_124_457_{UNIT}-1.ipynb": b"b"},
        {f"alice_1_assignsubmission_file_{UNIT}.ipynb": b"a", "bob_2_assignsubmission_file_x.ipynb": b"b"},
        {f"alice_1_assignsubmission_file_/{UNIT}.ipynb": b"a", "bob_2_assignsubmission_file_/x.ipynb": b"b"},
        {"__MACOSX/._alice.ipynb": b"x", "alice.ipynb": b"a", "bob.ipynb": b"b", ".ipynb_checkpoints/bob.ipynb": b"x"},
    ],
)
def test_layouts_of_platforms(tmp_path: Path, members: dict[str, bytes]) -> None:
    """The layouts in which platforms pack submissions all give the same two students."""
    assert found(packed(tmp_path / "all.zip", members)) == {"alice": b"a", "bob": b"b"}


@pytest.mark.parametrize("member", [f"alice/{UNIT}.ipynb", "alice/final.ipynb", f"alice/{UNIT}/{UNIT}.ipynb", f"submitted/alice/{UNIT}/{UNIT}.ipynb"])
def test_zip_of_one_student(tmp_path: Path, member: str) -> None:
    """One student's folder in a zip names the student."""
    assert found(packed(tmp_path / "all.zip", {member: b"a"})) == {"alice": b"a"}


def test_zip_named_after_its_student(tmp_path: Path) -> None:
    """A zip that holds just the unit's notebook is named after its student."""
    assert found(packed(tmp_path / "alice.zip", {f"{UNIT}.ipynb": b"a"})) == {"alice": b"a"}


@pytest.mark.parametrize("name", ["../alice.ipynb", "/etc/alice.ipynb", "a/../../alice.ipynb", "..\\alice.ipynb", "C:/alice.ipynb"])
def test_unsafe_names_are_problems(tmp_path: Path, name: str) -> None:
    """A member that points outside is not read, nothing is written, and the others are."""
    result = found(packed(tmp_path / "all.zip", {name: b"evil", "bob.ipynb": b"b"}))
    assert result.pop("bob") == b"b"
    (problem,) = result.values()
    assert "unsafe" in str(problem)
    assert [path.name for path in tmp_path.rglob("*")] == ["all.zip"]


def test_bombs_are_problems(tmp_path: Path) -> None:
    """A member that inflates out of all proportion is refused, as is one above the size limit."""
    result = found(packed(tmp_path / "all.zip", {"alice.ipynb": b"0" * 10_000_000, "bob.ipynb": b"0" * (MAX_BYTES + 1), "carol.ipynb": b"c"}))
    assert "zip bomb" in str(result["alice"])
    assert "at most" in str(result["bob"])
    assert result["carol"] == b"c"


def test_forged_size_is_found_while_reading(tmp_path: Path) -> None:
    """A member that claims to be small is damaged, not inflated without bound."""
    path = packed(tmp_path / "all.zip", {"alice.ipynb": b"0" * 10_000_000, "bob.ipynb": b"b"})
    size = (10_000_000).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (10).to_bytes(4, "little")))
    result = found(path)
    assert isinstance(result["alice"], str)
    assert result["bob"] == b"b"


def test_links_nested_archives_and_encryption_are_problems(tmp_path: Path) -> None:
    """What is no plain notebook in a zip is named as what it is."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("alice.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("bob.zip", b"PK")
        file.writestr("carol.ipynb", b"c")
        file.writestr("dave.ipynb", b"d")
        file.getinfo("dave.ipynb").flag_bits |= 1
    result = found(path)
    assert "link" in str(result["alice"])
    assert "archive within" in str(result["bob"])
    assert result["carol"] == b"c"
    assert "encrypted" in str(result["dave"])


def test_damaged_member_costs_itself_alone(tmp_path: Path) -> None:
    """A member whose bytes were damaged is a problem of its own."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("alice.ipynb", b"findme")
        file.writestr("bob.ipynb", b"b")
    path.write_bytes(path.read_bytes().replace(b"findme", b"fundme"))
    assert "damaged" in str(found(path)["alice"])
    assert found(path)["bob"] == b"b"


def test_same_name_twice_is_a_problem(tmp_path: Path) -> None:
    """Two members of one name are two notebooks of one student."""
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("alice.ipynb", b"1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            file.writestr("alice.ipynb", b"2")
    assert "2 notebooks" in str(found(path)["alice"])


def test_total_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What exceeds the archive's total or number of members is not read."""
    path = packed(tmp_path / "all.zip", {"alice.ipynb": b"1234", "bob.ipynb": b"5678"})
    monkeypatch.setattr(archive, "MAX_TOTAL", 6)
    assert found(path)["alice"] == b"1234"
    assert "at most 2" in str(found(path)["bob"])
    monkeypatch.setattr(archive, "MAX_MEMBERS", 1)
    with pytest.raises(UsageError, match="2 members"):
        found(path)


def test_what_is_no_zip_is_a_usage_error(tmp_path: Path) -> None:
    """A file that only claims to be a zip is reported with what to do."""
    path = tmp_path / "all.zip"
    path.write_bytes(b"PK\x03\x04 no")
    with pytest.raises(UsageError, match="not a readable zip"):
        found(path)


def test_members_are_inflated_when_they_are_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Collecting inflates nothing; the archive is open as long as a submission of it is there, even when its file is gone."""
    path = packed(tmp_path / "all.zip", {"alice.ipynb": b"a", "bob.ipynb": b"b"})
    inflated: list[str] = []
    real = archive._read
    monkeypatch.setattr(archive, "_read", lambda file, member: inflated.append(member.filename) or real(file, member))
    submissions = collect([path], UNIT)
    path.unlink()
    assert inflated == []
    assert submissions[1].data == b"b"
    assert inflated == ["bob.ipynb"]
    assert is_open(path)
    del submissions
    assert not is_open(path)


def is_open(path: Path) -> bool:
    """Return whether this process has a file open, also one that has been deleted."""
    gc.collect()
    return any(str(path) in str(entry.readlink()) for entry in Path("/proc/self/fd").iterdir() if entry.is_symlink())
