"""Tests of students' names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.submissions.names import FileName, from_file_name, from_folder_name, slug, student_name

UNIT = "u03_backprop"
ANY_TEXT = st.text(st.characters())  # surrogates included


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("alice", FileName("alice")),
        (f"alice_{UNIT}", FileName("alice")),
        (f"{UNIT}_alice", FileName("alice")),
        (f"{UNIT}-alice (2)", FileName("alice")),
        (f"alice {UNIT}-1", FileName("alice")),
        (UNIT, FileName("")),
        (f"{UNIT} (1)", FileName("")),
        (f"{UNIT}-2", FileName("")),
        ("Doe Jane_12345_assignsubmission_file_u03_backprop", FileName("Doe Jane", "12345")),
        ("Doe Jane_12345_assignsubmission_file_", FileName("Doe Jane", "12345")),
        ("Doe_Jane_12345_assignsubmission_file_x", FileName("Doe_Jane", "12345")),
        ("alice_123_456_u03_backprop", FileName("alice", "123")),
        ("alice_LATE_123_456_u03_backprop", FileName("alice", "123")),
        ("Doe, Jane_LATE_12345_67890_", FileName("Doe, Jane", "12345")),
        ("alice_123_456", FileName("alice_123_456")),
        ("smith_2026_01", FileName("smith_2026_01")),
        ("smith_2026_01_final", FileName("smith_2026_01_final")),
        ("group_1_2", FileName("group_1_2")),
        ("late_1_2_x", FileName("late_1_2_x")),
        ("alice_2024", FileName("alice_2024")),
        ("u04_alice", FileName("u04_alice")),
    ],
)
def test_names_of_platforms_are_recognised(stem: str, expected: FileName) -> None:
    """Moodle's, Canvas's and plain file names tell whose a notebook is."""
    assert from_file_name(stem, UNIT) == expected


@pytest.mark.parametrize("name", ["smith_2026_01", "group_1_2", "late_1_2_x", "alice_12345_67890_u03_backprop", f"alice_{UNIT}", f"{UNIT} (1)", "alice (1)", "", "a\nb"])
def test_folders_name_their_student_in_full(name: str) -> None:
    """Nothing is taken off a folder's name, whatever it looks like."""
    assert from_folder_name(name) == FileName(name)


def test_moodles_folders_are_recognised() -> None:
    """Moodle's name of a folder gives the student and the number."""
    assert from_folder_name("Doe Jane_12345_assignsubmission_file_") == FileName("Doe Jane", "12345")


@given(ANY_TEXT)
def test_student_name_is_one_short_printable_line(text: str) -> None:
    """A display name encodes, prints and fits, whatever the file was called."""
    name = student_name(text)
    assert name
    assert len(name) <= 80
    assert name.isprintable()
    name.encode()


def test_control_and_direction_characters_are_shown() -> None:
    """What would redraw a terminal or turn the reading order becomes a visible escape."""
    assert student_name("a\u202eb\x07") == "a\\u202eb\\x07"
    assert student_name("a\x1b[31mb") == "ab"
    assert student_name("  a \n b ") == "a b"


def test_long_names_stay_different() -> None:
    """Two long names that begin alike are not taken for one student."""
    assert student_name("x" * 500 + "a") != student_name("x" * 500 + "b")


@given(ANY_TEXT)
def test_slug_is_safe_in_paths(text: str) -> None:
    """A slug is a plain ASCII file name on every system."""
    made = slug(text)
    assert re.fullmatch(r"[a-z0-9_][a-z0-9._-]{0,79}", made)
    assert ".." not in made
    assert not made.endswith(".")
    assert made.split(".")[0] not in {"con", "prn", "aux", "nul", "com1", "lpt9"}


@given(ANY_TEXT, ANY_TEXT)
def test_different_students_have_different_slugs(one: str, other: str) -> None:
    """Slugs do not collide, also where case is ignored."""
    assert (slug(one) == slug(other)) == (one == other)


@pytest.mark.parametrize("name", ["alice", "a.b-c_d", "u1"])
def test_plain_names_are_their_own_slug(name: str) -> None:
    """A name that is safe as it is stays as it is."""
    assert slug(name) == name


@pytest.mark.parametrize("name", ["Alice", "../etc/passwd", ".hidden", "CON", "nul.txt", "=HYPERLINK(1)", "; rm -rf", "Zoë", "", "..", "a/b", "-x"])
def test_other_names_get_a_hash(name: str) -> None:
    """An altered name ends in a hash; so does one that poses as an altered one."""
    assert re.search(r"-[0-9a-f]{8}$", slug(name))
    assert slug(slug(name)) != slug(name)
