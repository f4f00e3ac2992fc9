"""The ``ns`` backend's file tree: a read-only root that holds only what the view shows."""

from __future__ import annotations

import os
import re

from autograder.sandbox import linux
from autograder.sandbox.view import DEVICES, View, is_inside

HOME = "/submission"
HOST_NAME = "sandbox"
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


def build(view: View) -> None:
    """Make the view this process's root.  The mounts are private: the machine's own table of mounts never shows them."""
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
    if view.data:
        target = f"{new}{HOME}/data"
        os.mkdir(target)
        linux.mount(os.path.realpath(view.data), target, None, linux.MS_BIND | linux.MS_REC)
    _make_read_only(new)
    linux.change_root(new)
    _remount_read_only("/", device=False)


def mount_private_tmp(megabytes: int) -> None:
    """Give this process a ``/tmp`` of its own, limited in bytes and in files."""
    # One is mounted for each child, so nothing can lie in wait in it.
    options = f"size={megabytes}m,nr_inodes=1k,mode=1777"
    linux.mount("tmp", "/tmp", "tmpfs", linux.MS_NOSUID | linux.MS_NODEV | linux.MS_NOEXEC, options)  # noqa: S108


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
    if os.path.isdir(real):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        if not os.path.exists(target):
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    if not os.path.samestat(os.stat(real), os.stat(target)):
        linux.mount(real, target, None, linux.MS_BIND | linux.MS_REC)


def _place_links(path: str, new: str) -> None:
    """Repeat in the new root the symbolic links on the way to ``path``."""
    walked = ""
    for part in [p for p in path.split("/") if p]:
        walked = f"{walked}/{part}"
        if os.path.islink(walked):
            if not os.path.lexists(new + walked):
                os.makedirs(os.path.dirname(new + walked), exist_ok=True)
                os.symlink(os.readlink(walked), new + walked)
            rest = path[len(walked) :]
            return _place_links(os.path.normpath(os.path.join(os.path.dirname(walked), os.readlink(walked))) + rest, new)
    return None


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
