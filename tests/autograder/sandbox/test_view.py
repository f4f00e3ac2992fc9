"""Which files a child may see."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

import pytest

from autograder.sandbox.view import View, is_inside, make_view, top_levels

SITE = sysconfig.get_path("purelib")
LIBRARY = tuple(p for p in sys.path if p.startswith(sys.base_prefix + os.sep) and "site-packages" not in p)
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="views are made on Linux")


def install(site: Path, name: str, files: list[str], requires: tuple[str, ...] = ()) -> None:
    """Write a distribution as an installer leaves it."""
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    needs = "".join(f"Requires-Dist: {r}\n" for r in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    (info / "RECORD").write_text("".join(f"{f},,\n" for f in [*files, f"{info.name}/METADATA"]))
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("")


def test_requirements_come_along(tmp_path: Path) -> None:
    """A package brings its library folder and what it requires, over several steps and in a circle, but no extras."""
    install(
        tmp_path,
        "torch",
        ["torch/__init__.py", "torch.libs/x.so", "functorch/__init__.py"],
        ("typing-extensions>=4", "Net_Work (>=2)", "fast; extra == 'x'"),
    )
    install(tmp_path, "typing_extensions", ["typing_extensions.py"])
    install(tmp_path, "net-work", ["network/__init__.py"], ("torch",))
    install(tmp_path, "fast", ["fast/__init__.py"])
    install(tmp_path, "other", ["other/__init__.py"])
    names = {n for n in top_levels(str(tmp_path), ("torch",)) if not n.endswith("-info")}
    assert names == {"torch", "torch.libs", "functorch", "typing_extensions.py", "network"}


def test_package_without_metadata_is_found(tmp_path: Path) -> None:
    """A folder or module without a distribution is shown by its own name."""
    (tmp_path / "bare").mkdir()
    (tmp_path / "single.py").write_text("")
    assert top_levels(str(tmp_path), ("bare", "single", "absent")) == {"bare", "single.py"}


def test_files_outside_the_site_are_not_shown(tmp_path: Path) -> None:
    """A distribution's list of files cannot name a script folder or anything above its site."""
    install(tmp_path / "site", "tool", ["tool/__init__.py"])
    record = tmp_path / "site" / "tool-1.0.dist-info" / "RECORD"
    record.write_text(record.read_text() + "../../../bin/tool,,\n/etc/passwd,,\n")
    assert top_levels(str(tmp_path / "site"), ("tool",)) == {"tool", "tool-1.0.dist-info"}


@linux_only
def test_only_the_profile_is_shown() -> None:
    """NumPy's view holds NumPy, the standard library and shared libraries; no other package and no project."""
    view = make_view(LIBRARY, (SITE,), ("numpy",), "")
    pieces = [os.path.realpath(p) for p in view.pieces()]
    assert str((Path(SITE) / "numpy").resolve()) in pieces
    for forbidden in (Path(SITE) / "pytest", Path(SITE), Path(__file__).parents[3], Path.home(), Path("/etc"), Path("/home")):
        assert not any(is_inside(str(forbidden.resolve()), p) for p in pieces), forbidden


@linux_only
def test_base_site_packages_stay_hidden() -> None:
    """The interpreter's own site-packages are inside its library folder, and are left out all the same."""
    view = make_view(LIBRARY, (SITE,), (), "")
    base = Path(os.__file__).resolve().parent / "site-packages"
    if not base.is_dir():
        pytest.skip("this interpreter has no site-packages of its own")
    assert str(base) in view.hidden
    assert not any(is_inside(str(base), p) for p in view.pieces())


def test_pieces_leave_out_what_is_hidden(tmp_path: Path) -> None:
    """A folder with a hidden one inside falls into its other entries, and into nothing else."""
    for name in ("lib/os", "lib/deep/hidden", "lib/deep/seen", "data"):
        (tmp_path / name).mkdir(parents=True)
    view = View((str(tmp_path / "lib"),), (str(tmp_path / "lib/deep/hidden"),), (), (), str(tmp_path / "data"))
    assert {str(Path(p).relative_to(tmp_path)) for p in view.pieces()} == {"lib/os", "lib/deep/seen", "data"}


@pytest.mark.parametrize(
    ("path", "folder", "inside"), [("/a/b", "/a", True), ("/a", "/a", True), ("/ab", "/a", False), ("/a", "/a/b", False), ("/a", "/", True)]
)
def test_inside(path: str, folder: str, inside: bool) -> None:
    """A path is inside a folder by whole components."""
    assert is_inside(path, folder) is inside
