"""Finds submissions: nbgrader's tree, a folder of notebooks, one notebook, a platform's zip, or a list of git remotes.

Nothing submitted is followed, extracted, checked out or executed.  What cannot be read is a submission with a problem, so
that every student who handed something in has a record.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from autograder.errors import UsageError
from autograder.feedback.safe import one_line
from autograder.submissions.archive import read_zip
from autograder.submissions.files import Entry, File, Problem, Source, is_archive, is_notebook, walk
from autograder.submissions.names import FileName, from_file_name, from_folder_name, slug, student_name
from autograder.submissions.remotes import fetch, read_list

__all__ = ["Submission", "collect", "slug"]


class Submission(msgspec.Struct, frozen=True):
    """What one student handed in.

    Args:
        student: name.
        path: where it came from on this machine, for a zip the zip itself, and None for a git remote.
        content: the notebook's bytes, or where they are, or None with the problem that kept it from being found.
        problem: why it cannot be read, as far as that is known.
        shown: how a problem that reading shows names the file.
    """

    student: str
    path: Path | None
    content: bytes | Source | None
    problem: str = ""
    shown: str = ""

    def loaded(self) -> Submission:
        """Return the submission with its bytes as they are now, or with the problem that kept them from being read."""
        if self.content is None or isinstance(self.content, bytes):
            return self
        try:
            return Submission(self.student, self.path, self.content.read(), self.problem)
        except Problem as problem:
            return Submission(self.student, self.path, None, f"{self.shown}: {problem}" if self.shown else str(problem))

    @property
    def data(self) -> bytes | None:
        """The notebook's bytes as they are now, or None when they cannot be read."""
        content = self.loaded().content
        return content if isinstance(content, bytes) else None


class _Candidate(msgspec.Struct, frozen=True):
    """A file that may be a student's submission; ``exact`` when it is called ``<unit>.ipynb``, ``archive`` when no notebook."""

    who: FileName
    shown: str
    exact: bool
    archive: bool
    path: Path | None
    data: bytes | Source | None
    problem: str


def collect(paths: Sequence[Path], unit: str) -> list[Submission]:
    """Return all submissions of a unit below the given paths, one per student, sorted by name; notebooks are not read yet.

    Args:
        paths: folders, notebooks, zips, or ``.txt``/``.csv`` lists of git remotes.
        unit: the unit's name; a notebook called ``<unit>.ipynb`` wins over other notebooks of the same student.

    Raises:
        UsageError: a path does not exist or is of another kind, or nothing was found at all.
    """
    candidates = [candidate for path in paths for candidate in _gather(path, unit)]
    if not candidates:
        where = ", ".join(str(path) for path in paths) or "no path"
        wanted = f"<student>/{unit}/{unit}.ipynb (nbgrader), <student>/*.ipynb or <student>.ipynb"
        raise UsageError(f"{where}: no submission of {unit} found; expected {wanted}. Check the path and the unit's name.")
    return sorted(_resolved(candidates), key=lambda submission: (submission.student.casefold(), submission.student))


def _gather(path: Path, unit: str) -> list[_Candidate]:
    root = path.absolute()
    if os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir, false for an impossible name
        if (root / "submitted").is_dir():
            root /= "submitted"
        return _from_folder(root, unit)
    if not os.path.lexists(path):
        raise UsageError(f"{path}: no such file or folder; expected a folder of submissions, a notebook, a zip or a list of git remotes")
    if is_notebook(path.name):
        return _candidates([Entry((path.name,), root, File(root))], _around(root.parent, unit), unit)
    if path.suffix.lower() == ".zip":
        entries, inside = _unwrapped(read_zip(path), unit)
        around = from_folder_name(inside) if inside else _around(root.parent, unit) if path.stem == unit else from_file_name(path.stem, unit)
        return _candidates(entries, around, unit)
    if path.suffix.lower() in (".txt", ".csv"):
        return [
            _Candidate(FileName(item.remote.student), f"{item.remote.shown} {item.name}".strip(), False, False, None, item.data, item.problem)
            for item in fetch(read_list(path), unit)
        ]
    raise UsageError(f"{path}: got a file of kind {path.suffix!r}; expected a folder, .ipynb, .zip, or .txt/.csv with git remotes")


def _from_folder(root: Path, unit: str) -> list[_Candidate]:
    entries, folders = walk(root)
    found = _candidates(entries, _around(root, unit), unit)
    if not found:
        return []
    with_one = {candidate.path.relative_to(root).parts[0] for candidate in found if candidate.path is not None}
    nbgrader = any(unit in parts[1:] for parts in folders)
    per_student = not any(len(entry.parts) == 1 for entry in entries)
    holding = {entry.parts[0] for entry in entries}
    for parts in folders:
        if parts[0] in with_one:
            continue
        empty_handed = (len(parts) == 2 and parts[1] == unit) if nbgrader else len(parts) == 1 and (per_student or parts[0] in holding)
        if empty_handed and parts[0] != unit:
            found.append(_Candidate(from_folder_name(parts[0]), one_line("/".join(parts)), False, False, root.joinpath(*parts), None, f"the folder holds no {unit}.ipynb"))
    return found


def _unwrapped(entries: list[Entry], unit: str) -> tuple[list[Entry], str]:
    """Strip folders that wrap the whole archive, and name the last of them; a folder that directly holds ``<unit>.ipynb`` is a student's."""
    stripped = ""
    while entries and len({entry.parts[0] for entry in entries}) == 1:
        top = entries[0].parts[0]
        direct = [entry for entry in entries if len(entry.parts) == 2]
        lone = len(entries) == 1 and bool(direct)
        if any(len(entry.parts) == 1 for entry in entries) or lone or from_folder_name(top).number:
            break
        if top == unit or any(not from_file_name(entry.stem, unit).name for entry in direct):
            break
        stripped = top
        entries = [msgspec.structs.replace(entry, parts=entry.parts[1:]) for entry in entries]
    return entries, stripped


def _around(folder: Path, unit: str) -> FileName:
    """Return whose a folder is that was given, or holds what was given: the one above counts where it is called as the unit."""
    return from_folder_name(folder.parent.name if folder.name == unit else folder.name)


def _candidates(entries: Iterable[Entry], around: FileName, unit: str) -> list[_Candidate]:
    entries = list(entries)
    own_folder = any(entry.parts == (f"{unit}.ipynb",) for entry in entries)  # what was given is one student's own folder
    nbgrader = any(unit in entry.parts[1:-1] for entry in entries)
    download = len({entry.parts[0] for entry in entries}) == 1  # one folder around a whole class
    found = []
    for entry in entries:
        if len(entry.parts) > 2 and unit not in entry.parts[:-1] and (nbgrader or entry.parts[-2] == entry.stem):
            continue  # another assignment in nbgrader's tree
        who = _who(entry, around, unit, own_folder=own_folder, download=download)
        shown, name = one_line("/".join(entry.parts).rstrip("/")), entry.parts[-1]
        found.append(_Candidate(who, shown, name == f"{unit}.ipynb", is_archive(name), entry.path, entry.data, entry.problem))
    return found


def _who(entry: Entry, around: FileName, unit: str, *, own_folder: bool, download: bool) -> FileName:
    """Return whose file it is: its folder's student, or where it lies in none, or in a download's only folder, the one its own name tells."""
    *folders, _ = entry.parts
    by_file = from_file_name(_stem(entry), unit)
    if unit in folders:
        above = folders[: folders.index(unit)]
        return from_folder_name(above[-1]) if above else around
    if not folders:
        return around if not by_file.name or (own_folder and not by_file.number) else by_file
    owner = from_folder_name(folders[0])
    return by_file if download and by_file.number and not owner.number else owner


def _stem(entry: Entry) -> str:
    name = entry.parts[-1]
    return name.split(".")[0] if is_archive(name) else entry.stem


def _resolved(candidates: list[_Candidate]) -> list[Submission]:
    numbers: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        numbers[candidate.who.name].add(candidate.who.number)
    groups: dict[FileName, list[_Candidate]] = defaultdict(list)
    for candidate in candidates:
        who = candidate.who
        namesake = len(numbers[who.name]) > 1  # people of one name, told apart by the platform's number
        groups[who if namesake else FileName(who.name)].append(candidate)
    return [_one(student, groups[who]) for who, student in _names(groups).items()]


def _names(people: Iterable[FileName]) -> dict[FileName, str]:
    """Return a printable name for each; what only looks alike once it is printable stays apart by a hash."""
    plain = {who: f"{who.name} ({who.number})" if who.number else who.name for who in people}
    names: dict[FileName, str] = {}
    taken: set[str] = set()
    for who in sorted(plain, key=lambda who: (student_name(plain[who]) != plain[who], bool(who.number), plain[who])):
        name = wanted = student_name(plain[who])
        digest = hashlib.sha256(repr((who.name, who.number)).encode("utf-8", "surrogatepass")).hexdigest()
        length = 8
        while name in taken:
            name, length = student_name(f"{wanted} {digest[:length]}"), length + 8
        names[who] = name
        taken.add(name)
    return names


def _one(student: str, group: list[_Candidate]) -> Submission:
    exact = [candidate for candidate in group if candidate.exact]
    chosen = exact if len(exact) == 1 else [candidate for candidate in group if not candidate.archive] or group
    if len(chosen) == 1 or _same(chosen):
        one = chosen[0]
        return Submission(student, one.path, one.data, f"{one.shown}: {one.problem}" if one.problem else "", one.shown)
    names = " and ".join(sorted(candidate.shown for candidate in chosen))
    return Submission(student, chosen[0].path, None, f"{len(chosen)} notebooks of the same student ({names}); keep one and grade again")


def _same(candidates: list[_Candidate]) -> bool:
    """Tell whether all candidates can be read and have the same bytes."""
    digests = set()
    for candidate in candidates:
        data = Submission("", None, candidate.data).data
        if data is None:
            return False
        digests.add(hashlib.sha256(data).digest())
    return len(digests) == 1
