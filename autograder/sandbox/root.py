"""The ``ns`` backend's file tree: a read-only root that holds only what the view shows."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from autograder.sandbox import linux
from autograder.sandbox.view import DEVICES, View, is_inside

HOME = "/submission"
HOST_NAME = "sandbox"
TMP, KEPT = "/tmp", "/.kept"  # noqa: S108 - of the private root, mounted here
_BASES = ("/sys", "/mnt", "/media", "/srv", "/boot", "/proc/sys")
_NAMESPACES = linux.CLONE_NEWNS | linux.CLONE_NEWNET | linux.CLONE_NEWIPC | linux.CLONE_NEWUTS


def enter_namespaces(inner: int) -> bool:
    """Move into new mount, network, IPC and UTS namespaces.

    Args:
        inner: the user and group that an unprivileged caller becomes.

    Returns:
        Whether a user namespace was needed, so that the user cannot be switched any more.
    """
    uid, gid = os.getuid(), os.getgid()
    if uid == 0:
        try:
            linux.unshare(_NAMESPACES)
        except PermissionError:
            pass  # root without CAP_SYS_ADMIN, as in most containers
        else:
            linux.set_host_name(HOST_NAME)
            return False
    linux.unshare(_NAMESPACES | linux.CLONE_NEWUSER)
    linux.map_identity(uid, gid, inner)
    linux.set_host_name(HOST_NAME)
    return True


class Kept(NamedTuple):
    """What lies below ``/tmp``, where a child's own ``/tmp`` would cover it.

    Args:
        mounts: a second place and the first, of each folder or file.
        links: path and text of each symbolic link on the way to them.
    """

    mounts: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()


def build(view: View) -> Kept:
    """Make the view this process's root.  The mounts are private: the machine's own table of mounts never shows them.

    Returns:
        What a child's own ``/tmp`` must not cover.
    """
    linux.mount(None, "/", None, linux.MS_REC | linux.MS_PRIVATE)
    sources = [os.path.realpath(p) for p in (*view.shown, *view.packages, *((view.data,) if view.data else ()))]
    new = _base(sources)
    linux.mount("root", new, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,nr_inodes=4k,mode=755")
    for folder in ("tmp", "dev", HOME.strip("/")):
        os.makedirs(f"{new}/{folder}", exist_ok=True)
    for path in (*_outermost(view.shown), *DEVICES):
        _bind(path, new)
    for path in view.hidden:
        linux.mount("hidden", new + os.path.realpath(path), "tmpfs", linux.MS_NOSUID | linux.MS_NODEV, "size=1m,nr_inodes=1k,mode=755")
    for path in view.packages:
        _bind(path, new)
    below = _outermost(tuple(real for s in (*view.shown, *view.packages) if is_inside(real := os.path.realpath(s), TMP)))
    mounts = tuple((f"{KEPT}/{i}", path) for i, path in enumerate(below))
    links = tuple(link for path in (*view.shown, *view.packages) for link in _links(path) if is_inside(link[0], TMP))
    for place, path in mounts:  # as it is shown, with what is hidden in it covered
        _make_target(new + place, path)
        linux.mount(new + path, new + place, None, linux.MS_BIND | linux.MS_REC)
    if view.data:
        target = f"{new}{HOME}/data"
        os.mkdir(target)
        linux.mount(os.path.realpath(view.data), target, None, linux.MS_BIND | linux.MS_REC)
    _make_read_only(new)
    linux.change_root(new)
    _remount_read_only("/", device=False)
    return Kept(mounts, links)


def mount_private_tmp(megabytes: int, kept: Kept = Kept()) -> None:  # noqa: B008 - immutable
    """Give this process a ``/tmp`` of its own, limited in bytes and in files.

    Args:
        megabytes: how much it may hold.
        kept: what is to be seen below it all the same, from :func:`build`.
    """
    # One is mounted for each child, so nothing can lie in wait in it.
    options = f"size={megabytes}m,nr_inodes=1k,mode=1777"
    linux.mount("tmp", TMP, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, options)
    mask = os.umask(0o022)
    for place, path in kept.mounts:
        _make_target(path, place)
        linux.mount(place, path, None, linux.MS_BIND | linux.MS_REC)
    for link, text in kept.links:
        if not os.path.lexists(link):
            os.makedirs(os.path.dirname(link), exist_ok=True)
            os.symlink(text, link)
    if kept.mounts:
        linux.mount("hidden", KEPT, "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_RDONLY, "size=4k,nr_inodes=1,mode=755")
    os.umask(mask)


def _make_target(target: str, like: str) -> None:
    """Make an empty folder, or an empty file, to mount ``like`` on."""
    if os.path.isdir(like):
        os.makedirs(target, exist_ok=True)
        return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    if not os.path.exists(target):
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))


def _base(sources: list[str]) -> str:
    """Return a folder to build on: one that nothing shown comes from, so that no temporary folder is needed."""
    for base in _BASES:
        if os.path.isdir(base) and not any(is_inside(s, base) for s in sources):
            return base
    raise OSError(f"no folder to mount the new root on; one of {', '.join(_BASES)} must exist")


def _outermost(paths: tuple[str, ...]) -> list[str]:
    real = sorted({os.path.realpath(p) for p in paths})
    inner = {p for p in real for q in real if p != q and is_inside(p, q)}
    return [p for p in real if p not in inner] + [p for p in paths if os.path.realpath(p) != p]


def _bind(path: str, new: str) -> None:
    """Show ``path`` in the new root under every name that leads to it."""
    real = os.path.realpath(path)
    _place_links(path, new)
    target = new + real
    _make_target(target, real)
    if not os.path.samestat(os.stat(real), os.stat(target)):
        linux.mount(real, target, None, linux.MS_BIND | linux.MS_REC)


def _place_links(path: str, new: str) -> None:
    """Repeat in the new root the symbolic links on the way to ``path``."""
    for link, text in _links(path):
        if not os.path.lexists(new + link):
            os.makedirs(os.path.dirname(new + link), exist_ok=True)
            os.symlink(text, new + link)


def _links(path: str) -> Iterator[tuple[str, str]]:
    """Yield the symbolic links on the way to ``path`` with their texts."""
    walked = ""
    for part in [p for p in path.split("/") if p]:
        walked = f"{walked}/{part}"
        if os.path.islink(walked):
            text = os.readlink(walked)
            yield walked, text
            yield from _links(os.path.normpath(os.path.join(os.path.dirname(walked), text)) + path[len(walked) :])
            return


def _make_read_only(new: str) -> None:
    """Make every mount below ``new`` read-only; whole folders may have brought mounts of their own along."""
    with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as table:
        rows = [line.split()[:5] for line in table]  # number, parent's number, device, root, point
    device = os.stat(new).st_dev
    known = {row[0] for row in rows if row[2] == f"{os.major(device)}:{os.minor(device)}" and row[4] == new}
    while True:
        below = [row for row in rows if row[1] in known and row[0] not in known]
        if not below:
            return
        known |= {row[0] for row in below}
        for row in below:
            point = re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), row[4])
            _remount_read_only(point, device=point.startswith(f"{new}/dev/"))


def _remount_read_only(point: str, *, device: bool) -> None:
    kept = os.statvfs(point).f_flag & (linux.MS_NOEXEC | linux.MS_NODEV)  # flags that a user namespace may not take off
    flags = kept | linux.MS_RDONLY | linux.MS_NOSUID | (0 if device else linux.MS_NODEV)
    linux.mount(None, point, None, linux.MS_BIND | linux.MS_REMOUNT | flags)
