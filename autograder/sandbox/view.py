"""What a child may see of the machine's files: the interpreter's library, the profile's packages, the shared libraries, data.

Both backends follow one :class:`View`: ``ns`` mounts it, ``ll`` grants it.
"""

from __future__ import annotations

import importlib.metadata
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_LOADER_CACHE = "/etc/ld.so.cache"
_PACKAGE_FOLDERS = ("site-packages", "dist-packages")
_REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_DROPPED = ("__pycache__", "..", "bin")


@dataclass(frozen=True)
class View:
    """Paths to show.

    Args:
        shown: files and folders, as the interpreter names them; a folder is shown whole but for ``hidden``.
        hidden: folders inside shown ones whose content stays out of sight.
        packages: entries of ``sites`` that are shown.
        sites: folders that hold ``packages``; nothing else in them is shown.
        data: folder to show as ``./data``, or an empty string.
    """

    shown: tuple[str, ...]
    hidden: tuple[str, ...]
    packages: tuple[str, ...]
    sites: tuple[str, ...]
    data: str

    def pieces(self) -> Iterator[str]:
        """Yield the real paths that together are all that is shown, where a path cannot be shown in part."""
        hidden = [os.path.realpath(p) for p in self.hidden]
        for path in self.shown:
            yield from _without(os.path.realpath(path), hidden)
        yield from (os.path.realpath(p) for p in (*self.packages, *((self.data,) if self.data else ())))


def _without(path: str, hidden: list[str]) -> Iterator[str]:
    if path in hidden:
        return
    if not any(is_inside(h, path) for h in hidden):
        yield path
        return
    for entry in sorted(os.listdir(path)):
        child = os.path.join(path, entry)
        if not os.path.islink(child):
            yield from _without(child, hidden)
        elif os.path.isfile(child):  # a link to a folder could lead anywhere
            yield os.path.realpath(child)


def is_inside(path: str, folder: str) -> bool:
    """Tell whether ``path`` is ``folder`` or below it; both are normalised."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def make_view(standard_library: Iterable[str], sites: tuple[str, ...], packages: tuple[str, ...], data: str) -> View:
    """Return what to show to a child of this process, which has imported all that children need.

    Args:
        standard_library: the interpreter's own ``sys.path``.
        sites: folders that third-party packages are installed in.
        packages: top-level packages of the profile.
        data: folder to show as ``./data``, or an empty string.
    """
    library = [p for p in standard_library if os.path.exists(p)]
    entries = tuple(os.path.join(site, name) for site in sites for name in sorted(top_levels(site, packages)))
    packages_found = tuple(p for p in entries if os.path.exists(p))
    folders = _shared_library_folders(outside=(*library, *sites))
    shown = (*library, *folders, *((_LOADER_CACHE,) if os.path.exists(_LOADER_CACHE) else ()))
    hidden = tuple(_hidden_in(library, folders))
    return View(shown, hidden, packages_found, tuple(s for s in sites if os.path.isdir(s)), data)


def _shared_library_folders(outside: tuple[str, ...]) -> list[str]:
    """Return the folders of the shared libraries that this process has mapped, the interpreter's and packages' own left out."""
    with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
        files = {line.split(maxsplit=5)[5].rstrip("\n") for line in maps if ".so" in line and "/" in line}
    real = [os.path.realpath(p) for p in outside]
    folders = {os.path.dirname(os.path.realpath(f)) for f in files if os.path.exists(f)}
    return sorted(f for f in folders if not any(is_inside(f, p) for p in real))


def _hidden_in(library: list[str], folders: list[str]) -> Iterator[str]:
    """Yield the folders with other people's Python packages inside what is shown."""
    real = [os.path.realpath(p) for p in library]
    for path in (*real, *folders):
        if not os.path.isdir(path):
            continue
        for entry in sorted(os.listdir(path)):
            child = os.path.join(path, entry)
            foreign = entry in _PACKAGE_FOLDERS or (path in folders and entry.startswith("python"))
            if foreign and os.path.isdir(child) and not any(is_inside(p, child) for p in real):
                yield child


def top_levels(site: str, packages: Iterable[str]) -> set[str]:
    """Return the names in ``site`` that belong to ``packages`` and to what they require, extras left out.

    A package's distribution is found by the package's name; its list of files tells of others, such as ``numpy.libs``.
    """
    found: set[str] = set()
    seen: set[str] = set()
    queue = [_normal(p) for p in packages]
    for name in packages:
        found |= {name, f"{name}.py", f"{name}.libs"}
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        for distribution in importlib.metadata.Distribution.discover(name=name, path=[site]):
            found |= {file.parts[0] for file in distribution.files or () if file.parts[0] not in _DROPPED and not file.is_absolute()}
            queue += [_normal(r) for r in _required(distribution.requires or ())]
    return {name for name in found if os.path.exists(os.path.join(site, name))}


def _required(requirements: Iterable[str]) -> Iterator[str]:
    for text in requirements:
        match = _REQUIREMENT_NAME.match(text)
        if match and "extra" not in text.partition(";")[2]:
            yield match[0]


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
