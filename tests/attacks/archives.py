"""Attacks on what reads archives and repositories: inputs to that part, each beside an honest one that must be read all the same."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.submissions.collect import collect
from tests.attacks.machine import place
from tests.attacks.rows import Result, Row

UNIT, WHERE = "u90_small", "collect"
HONEST = b'{"cells": []}'
Put = Callable[[zipfile.ZipFile], object]


def _hostile(put: Put, words: str = "") -> Callable[[Path], str]:
    """Return a probe: a zip with an honest member and a hostile one, of which nothing but a problem comes."""

    def probe(folder: Path) -> str:
        path = folder / "in" / "class.zip"
        path.parent.mkdir()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(f"honest/{UNIT}.ipynb", HONEST)
            put(archive)
        before = _files(folder)
        found = {s.student: s for s in (one.loaded() if hasattr(one, "loaded") else one for one in collect([path], UNIT))}
        if _files(folder) != before:
            return f"files appeared: {sorted(_files(folder) - before)}"
        if found["honest"].data != HONEST:
            return f"the honest member was not read: {found['honest'].problem}"
        others = [s for name, s in found.items() if name != "honest"]
        if any(s.data is not None for s in others):
            return f"it was read: {[s.student for s in others]}"
        said = "; ".join(s.problem for s in others)
        return f"held: {said}" if words in said else f"it is not said: {said}"

    return probe


def _refused(make: Callable[[Path], Path]) -> Callable[[Path], str]:
    """Return a probe: a file that is refused as a whole, with a sentence."""

    def probe(folder: Path) -> str:
        path = make(folder)
        before = _files(folder)
        try:
            collect([path], UNIT)
        except UsageError as error:
            said = str(error).replace(str(folder), "…")
            return f"held: {said}" if _files(folder) == before else "files appeared"
        return "it was read"

    return probe


def _files(folder: Path) -> set[str]:
    return {str(p) for p in folder.parent.rglob("*")}


def _member(name: str, data: bytes = b"{}", mode: int = 0o644 | stat.S_IFREG) -> Put:
    def put(archive: zipfile.ZipFile) -> None:
        info = zipfile.ZipInfo("x")
        info.filename, info.external_attr, info.compress_type = name, mode << 16, zipfile.ZIP_DEFLATED
        archive.writestr(info, data)

    return put


def _lying(archive: zipfile.ZipFile) -> None:
    """Put in a member that says it is small and inflates to 200 MB."""
    archive.writestr(f"eve/{UNIT}.ipynb", bytes(200_000_000))
    archive.getinfo(f"eve/{UNIT}.ipynb").file_size = 1000


def _encrypted(archive: zipfile.ZipFile) -> None:
    archive.writestr(f"eve/{UNIT}.ipynb", b"{}")
    archive.getinfo(f"eve/{UNIT}.ipynb").flag_bits |= 1


def _crowd(folder: Path) -> Path:
    path = folder / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(20_001):
            archive.writestr(f"{number}.txt", b"")
    return path


def _torn(folder: Path) -> Path:
    path = folder / "class.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"eve/{UNIT}.ipynb", b"{}" * 1000)
    path.write_bytes(path.read_bytes()[:-30])
    return path


def _far_offset(folder: Path) -> Path:
    """Return a zip whose directory stands, by its own words, four gigabytes behind its end."""
    path = folder / "class.zip"
    path.write_bytes(b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, 0xFFFFFFF0, 0xFFFFFFF0, 0))
    return path


def _tar(folder: Path) -> Path:
    path = folder / "class.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo("../../owned")
        info.size = 5
        archive.addfile(info, io.BytesIO(b"owned"))
    return path


def _nested(archive: zipfile.ZipFile) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as packed:
        packed.writestr(f"{UNIT}.ipynb", bytes(1_000_000))
    archive.writestr("eve/inner.zip", inner.getvalue())


# ---------------------------------------------------------------------- repositories
_GIT = {**{k: v for k, v in os.environ.items() if not k.startswith("GIT_")}, "GIT_AUTHOR_NAME": "x", "GIT_AUTHOR_EMAIL": "x", "GIT_COMMITTER_NAME": "x", "GIT_COMMITTER_EMAIL": "x", "GIT_CONFIG_NOSYSTEM": "1"}


def _git(where: Path, *arguments: str) -> None:
    subprocess.run(["git", "-c", "protocol.file.allow=always", *arguments], cwd=where, env=_GIT, check=True, capture_output=True)


def _repository(change: Callable[[Path], object], words: str = "") -> Callable[[Path], str]:
    """Return a probe: a list of an honest remote and a hostile one."""

    def probe(folder: Path) -> str:
        lines = []
        for name in ("honest", "eve"):
            where = folder / name
            where.mkdir()
            _git(where, "init", "-q", "-b", "main")
            (where / f"{UNIT}.ipynb").write_bytes(HONEST)
            if name == "eve":
                change(where)
            _git(where, "add", "-A")
            _git(where, "commit", "-q", "-m", "x")
            lines.append(f"{name},{where}")
        (folder / "list.csv").write_text("\n".join(lines) + "\n")
        found = {s.student: s for s in (one.loaded() if hasattr(one, "loaded") else one for one in collect([folder / "list.csv"], UNIT))}
        owned = [str(p) for p in (folder / "owned", Path("/tmp/owned-by-git")) if p.exists()]
        if owned:
            return f"it ran a program: {owned}"
        if found["honest"].data != HONEST:
            return f"the honest remote was not read: {found['honest'].problem}"
        eve = found["eve"]
        if words and words not in eve.problem:
            return f"it is not said: {eve.problem or eve.data!r}"
        return f"held: {eve.problem.replace(str(folder), '…') or 'read as it is, nothing was run'}"

    return probe


def _hooks(where: Path) -> None:
    for name in ("post-checkout", "post-merge", "pre-commit", "post-update"):
        hook = where / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch ../owned /tmp/owned-by-git\n")
        hook.chmod(0o755)
    (where / ".git" / "hooks" / "pre-commit").unlink()


def _filters(where: Path) -> None:
    (where / ".gitattributes").write_text("*.ipynb filter=evil diff=evil\n")
    _git(where, "config", "filter.evil.smudge", "touch /tmp/owned-by-git; cat")


def _link(where: Path) -> None:
    (where / f"{UNIT}.ipynb").unlink()
    (where / f"{UNIT}.ipynb").symlink_to("/etc/passwd")


def _submodule(where: Path) -> None:
    (where / ".gitmodules").write_text('[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch /tmp/owned-by-git"\n')


def _large(where: Path) -> None:
    (where / f"{UNIT}.ipynb").write_bytes(HONEST + b" " * 20_000_001)


def _transport(folder: Path) -> Path:
    path = folder / "list.csv"
    path.write_text("eve,https://127.0.0.1:1/x.git --upload-pack=touch\n")
    return path


def _row(id_: str, aim: str, probe: Callable[[Path], str], *listed: int) -> Row:
    return Row(id=id_, aim=aim, category="notebook", listed=listed, probe=probe)


ARCHIVES: tuple[Row, ...] = (
    _row("zip: step to the folder above", "write outside of the target", _hostile(_member(f"../../../../tmp/owned/{UNIT}.ipynb"), "unsafe"), 116),
    _row("zip: absolute path", "write outside of the target", _hostile(_member(f"/tmp/owned/{UNIT}.ipynb"), "unsafe"), 116),
    _row("zip: drive and backslashes", "write outside of the target", _hostile(_member(f"C:\\owned\\{UNIT}.ipynb"), "unsafe"), 116),
    _row("zip: link", "have another file read", _hostile(_member(f"eve/{UNIT}.ipynb", b"/etc/passwd", 0o777 | stat.S_IFLNK), "link"), 116, 119),
    _row("zip: device", "have a device read", _hostile(_member(f"eve/{UNIT}.ipynb", b"", 0o666 | stat.S_IFCHR), "special"), 119),
    _row("zip: bomb", "fill the memory", _hostile(_member(f"eve/{UNIT}.ipynb", bytes(200_000_000)), ""), 118),
    _row("zip: bomb below the greatest size", "fill the memory", _hostile(_member(f"eve/{UNIT}.ipynb", bytes(19_000_000)), "inflates"), 118),
    _row("zip: size that lies", "fill the memory", _hostile(_lying), 118),
    _row("zip: encrypted member", "crash the reader", _hostile(_encrypted)),
    _row("zip: zip in the zip", "have an archive opened", _hostile(_nested, "archive"), 118),
    _row("zip: 20 001 members", "hold the reader", _refused(_crowd), 118),
    _row("zip: torn", "crash the reader", _refused(_torn)),
    _row("zip: directory far behind its end", "crash the reader", _refused(_far_offset)),
    _row("tar in place of a zip", "write outside of the target", _refused(_tar), 116),
    _row("git: hooks", "run a program", _repository(_hooks)),
    _row("git: filters", "run a program", _repository(_filters)),
    _row("git: link", "have another file read", _repository(_link, "link"), 119),
    _row("git: submodule with a command", "run a program", _repository(_submodule)),
    _row("git: notebook over the greatest size", "fill the memory", _repository(_large, "bytes"), 118),
    _row("git: option in the address", "run a program", _refused(_transport)),
)


def attack_archives(rows: Sequence[Row]) -> list[Result]:
    """Return what came of each probe, each in a folder of its own."""
    results = []
    with place("archives-") as folder:
        for number, row in enumerate(rows):
            own = folder / str(number)
            own.mkdir()
            assert row.probe is not None
            try:
                said = row.probe(own)
            except Exception as error:  # a reader that raises anything but its own errors has failed
                said = f"{type(error).__name__}: {error}"
            results.append(Result(row=row.id, where=WHERE, held=said.startswith("held"), how=said.removeprefix("held: ")))
    return results
