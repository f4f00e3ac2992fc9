"""Writes the students' repository: updates an earlier export, keeps its history, and refuses to publish anything hidden."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from autograder.atomic import write_atomic
from autograder.course import Course
from autograder.errors import GraderError, UsageError
from autograder.publish.leaks import Hidden, Leak, LeakError, find_leaks, scan
from autograder.publish.tree import student_tree
from autograder.publish.untouched import MANIFEST

_SHOWN = 10
_BATCH = ("cat-file", "--batch-all-objects", "--batch", "--unordered")


class Export(msgspec.Struct, frozen=True):
    """What an export did.

    Args:
        folder: the students' repository.
        written, removed: paths that changed.
        commit: the new commit, or an empty string.
    """

    folder: Path
    written: tuple[str, ...]
    removed: tuple[str, ...]
    commit: str = ""


def export_students(course: Course, target: Path, units: Sequence[str] | None = None, *, commit: bool = False) -> Export:
    """Write or update the students' repository.

    Args:
        course: the course.
        target: its folder; empty, an earlier export, or a clone of one.  ``.git`` and files of others stay as they are.
        units: what to publish; all units by default.
        commit: also commit the changes, in a new repository when there is none.

    Raises:
        UsageError: the folder holds something else, or an assignment is out of step.
        LeakError: something hidden would be published, or is in a commit of the folder's repository.
    """
    earlier = _earlier(course, target)
    files = student_tree(course, units or course.units())
    hidden = Hidden.of(course)
    _refuse(find_leaks(hidden, files))
    _refuse(scan(hidden, history(target)))
    written = tuple(name for name, content in files.items() if _content(target / name) != content)
    removed = tuple(sorted(name for name in earlier - set(files) if (target / name).is_file()))
    for name in written:
        write_atomic(target / name, files[name])
    for name in removed:
        (target / name).unlink()
        _prune(target, (target / name).parent)
    return Export(target, written, removed, _commit(target, [*files, *removed]) if commit else "")


def verify(course: Course, target: Path) -> list[Leak]:
    """Return what is hidden and yet in a students' repository: in its files or in any object of its history.

    Raises:
        UsageError: the folder is no export.
    """
    if not (target / MANIFEST).is_file():
        raise UsageError(f"folder={str(target)!r}: there is no {MANIFEST}; expected a folder that 'autograder export-students' wrote")
    hidden = Hidden.of(course)
    files = {path.relative_to(target).as_posix(): path.read_bytes() for path in _files(target)}
    ours = _names(target) & set(files)
    others = [(name, data) for name, data in files.items() if name not in ours]
    return [*find_leaks(hidden, {name: files[name] for name in sorted(ours)}), *scan(hidden, others), *scan(hidden, history(target))]


def history(target: Path) -> Iterator[tuple[str, bytes]]:
    """Yield every file version, commit message and tag that the folder's repository holds, reachable or not."""
    if not (target / ".git").exists():
        return
    process = subprocess.Popen(["git", "-C", str(target), *_BATCH], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        while header := process.stdout.readline().split():
            name, kind, size = header
            data = process.stdout.read(int(size) + 1)[:-1]
            if kind != b"tree":
                yield f"git {kind.decode()} {name.decode()[:12]}", data
    if process.returncode:
        raise GraderError(f"folder={str(target)!r}: git cannot list what its repository holds (exit {process.returncode})")


def _earlier(course: Course, target: Path) -> set[str]:
    """Return the paths an earlier export wrote; an empty folder has none."""
    absolute = target.resolve()
    inside = any(absolute.is_relative_to(course.root / name) for name in ("solutions", "tests", "assignments", ".git", ".autograder"))
    if course.root.is_relative_to(absolute) or inside:
        raise UsageError(f"folder={str(target)!r}: this is the course itself; name a folder of its own")
    if target.exists() and not target.is_dir():
        raise UsageError(f"folder={str(target)!r}: expected a folder, got a file")
    if (target / MANIFEST).is_file():
        return _names(target)
    if target.is_dir() and {path.name for path in target.iterdir()} - {".git"}:
        raise UsageError(f"folder={str(target)!r}: it is not empty and no earlier export (no {MANIFEST}); name an empty folder")
    return set()


def _names(target: Path) -> set[str]:
    try:
        names = json.loads((target / MANIFEST).read_text("utf-8"))["sha256"]
        return {str(name) for name in names if not {"..", ""} & set(str(name).split("/"))} | {MANIFEST}
    except (ValueError, KeyError, TypeError) as error:
        raise UsageError(f"folder={str(target)!r}: {MANIFEST} is damaged; take it from the repository's last commit") from error


def _files(target: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(target):
        folders[:] = sorted(set(folders) - {".git", ".venv"})
        yield from (path for name in sorted(names) if not (path := Path(folder) / name).is_symlink())


def _content(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() and not path.is_symlink() else None


def _prune(target: Path, folder: Path) -> None:
    while folder != target and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _refuse(leaks: Sequence[Leak]) -> None:
    if leaks:
        shown = "; ".join(map(str, leaks[:_SHOWN])) + (f"; and {len(leaks) - _SHOWN} more" if len(leaks) > _SHOWN else "")
        raise LeakError(f"nothing was published: {shown}")


def _commit(target: Path, names: Sequence[str]) -> str:
    """Commit what the export wrote or removed, and nothing else; return the commit, or an empty string when nothing changed."""
    if not (target / ".git").exists():
        _git(target, "init", "--quiet", "--initial-branch=main")
    _git(
        target,
        "add",
        "--all",
        "--force",
        "--",
        *[name for name in names if (target / name).exists() or _git(target, "ls-files", "--", name)],
    )
    if not _git(target, "diff", "--cached", "--name-only"):
        return ""
    units = ", ".join(json.loads((target / MANIFEST).read_text("utf-8"))["units"])
    _git(target, "commit", "--quiet", "-m", f"Course material: {units}")
    return _git(target, "rev-parse", "HEAD")


def _git(target: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(target), *arguments], capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        raise GraderError(f"git {arguments[0]} failed in {str(target)!r}: {lines[-1] if lines else f'exit {done.returncode}'}")
    return done.stdout.strip()
