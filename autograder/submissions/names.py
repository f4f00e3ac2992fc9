"""Names of students: cleaned for people, made safe for paths, and found in the file names that learning platforms give."""

from __future__ import annotations

import hashlib
import re
import unicodedata

import msgspec

from autograder.feedback.safe import clean

_MAX_NAME, _MAX_SLUG = 80, 60
_RESERVED = {"con", "prn", "aux", "nul"} | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
_MOODLE = re.compile(r"(?P<name>.{1,200}?)_(?P<number>\d{1,20})_assignsubmission_[a-z]{1,20}(_.*)?", re.DOTALL)
_CANVAS = re.compile(r"(?P<name>.{1,200}?)(_LATE)?_(?P<number>\d{3,20})_\d{3,20}_.*", re.DOTALL)  # shorter numbers are a group's, a year's, an exercise's
_HASHED = re.compile(r"-[0-9a-f]{8}$")  # a name that looks like an altered one gets a hash too, so that nobody can claim another's
_COPY = re.compile(r"\s*\(\d{1,4}\)$")


class FileName(msgspec.Struct, frozen=True):
    """What a file's or folder's name tells: the student and the platform's number for them; either may be empty."""

    name: str
    number: str = ""


def student_name(text: str) -> str:
    """Return a name that is one printable line of at most 80 characters; a longer one ends in a hash, so it stays unique."""
    name = " ".join(clean(text.encode("utf-8", "backslashreplace").decode(), 2000).split())
    if len(name) > _MAX_NAME:
        name = f"{name[:_MAX_NAME - 10]}… {_digest(text)}"
    return name or "unnamed"


def slug(student: str) -> str:
    """Return a name for files and links: ASCII letters, digits, ``_``, ``-`` and inner dots; altered names end in a hash.

    Different students get different slugs, also on a file system that ignores case.
    """
    ascii_ = unicodedata.normalize("NFKD", student).encode("ascii", "ignore").decode()
    text = re.sub(r"\.{2,}", ".", re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_)).strip("-.")[:_MAX_SLUG].rstrip("-.")
    reserved = text.split(".")[0].lower() in _RESERVED
    if text and text == student == text.lower() and not reserved and not _HASHED.search(text):
        return text
    return f"{'student' if reserved or not text else text.lower()}-{_digest(student)}"


def from_folder_name(name: str) -> FileName:
    """Return whose a folder is: the student that Moodle's ``…_12345_assignsubmission_file_`` names, else the folder's whole name as it is."""
    match = _MOODLE.fullmatch(name)
    return FileName(match["name"], match["number"]) if match else FileName(name)


def from_file_name(stem: str, unit: str) -> FileName:
    """Return whose a notebook or zip is that lies beside others, by its name without the ending.

    In this order: Moodle's ``Lastname Firstname_12345_assignsubmission_file_…``; Canvas's ``alice_12345_67890_…`` or
    ``alice_LATE_12345_67890_…``; ``alice_<unit>`` or ``<unit>_alice``; else the whole stem.  A browser's ``(1)`` is dropped.
    The name is empty when the stem is the unit's name alone: then the folder around it names the student.
    """
    for pattern in (_MOODLE, _CANVAS):
        if match := pattern.fullmatch(stem):
            return FileName(match["name"], match["number"])
    text = _COPY.sub("", stem)
    quoted = re.escape(unit)
    if re.fullmatch(rf"{quoted}(-\d{{1,3}})?", text):
        return FileName("")
    text = re.sub(rf"^{quoted}[-_. ]+|[-_. ]+{quoted}(-\d{{1,3}})?$", "", text)
    return FileName(text)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:8]
