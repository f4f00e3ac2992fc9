"""The root of the ``ns`` level, built in a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.sandbox import available_levels, linux, root
from autograder.sandbox.view import View
from tests.autograder.sandbox import throwaway

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="namespaces are Linux's"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Return a view of a small tree with a link, a hidden folder, a site inside of that, and data."""
    reason = available_levels()["ns"]
    if reason:
        pytest.skip(f"level ns does not work here: {reason}")
    for file in (
        "lib/real/os.py",
        "lib/real/site/numpy/a.py",
        "lib/real/site/scipy/b.py",
        "lib/real/site/one.py",
        "sets/numbers",
        "secret",
    ):
        path = tmp_path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file)
    (tmp_path / "lib" / "python").symlink_to("real")
    library = str(tmp_path / "lib" / "python")
    site = f"{library}/site"
    return View((library,), (site,), (f"{site}/numpy", f"{site}/one.py"), (site,), str(tmp_path / "sets"))


def inside(view: View, action: Callable[[], object]) -> str:
    """Run ``action`` with the view as its root."""

    def run() -> object:
        root.enter_namespaces(60000)
        root.build(view)
        return action()

    return throwaway.run(run)


def test_only_the_view_is_there(view: View) -> None:
    """The new root holds what is shown, under all of its names, and nothing beside it."""

    def look() -> list[str]:
        found = [str(Path(folder) / name) for folder, _, names in os.walk("/") if not folder.startswith("/dev") for name in names]
        return sorted(f for f in found if not f.startswith(f"{root.KEPT}/"))  # a child covers that folder; see the next test

    base = Path(view.data).parent
    shown = ["lib/real/os.py", "lib/real/site/numpy/a.py", "lib/real/site/one.py"]
    assert inside(view, look) == str(sorted([*(str(base / name) for name in shown), "/submission/data/numbers"]))
    assert inside(view, lambda: Path(view.shown[0], "os.py").read_text()) == "lib/real/os.py"
    assert inside(view, lambda: sorted(p.name for p in Path("/dev").iterdir())) == "['null', 'random', 'urandom', 'zero']"


def test_a_private_tmp_does_not_cover_what_is_shown(view: View) -> None:
    """What lies below /tmp stays where it was, read-only and without what is hidden, and its second place is covered."""

    def look() -> object:
        kept = root.build(view)
        root.mount_private_tmp(1, kept)
        first = Path(view.shown[0], "os.py")
        hidden = sorted(p.name for p in Path(view.shown[0], "site").rglob("*.py"))
        try:
            first.write_text("x")
        except OSError as error:
            return first.read_text(), hidden, error.errno, sorted(p.name for p in Path("/").iterdir() if p.name == ".kept"), list(Path(root.KEPT).iterdir())
        return "written"

    below = str(view.data).startswith("/tmp/")
    if not below:
        pytest.skip("the test's own folder is not below /tmp")
    assert throwaway.run(lambda: (root.enter_namespaces(0), look())[1]) == "('lib/real/os.py', ['a.py', 'one.py'], 30, ['.kept'], [])"


def test_nothing_is_writable(view: View) -> None:
    """No part of the root takes a new file or a change, though the builder still has its privileges."""
    for place in (
        "/new",
        "/submission/new",
        "/submission/data/numbers",
        f"{view.shown[0]}/os.py",
        f"{view.sites[0]}/new",
        f"{view.packages[0]}/new",
        "/dev/new",
        "/tmp/new",
    ):
        assert inside(view, lambda place=place: Path(place).write_text("x")).startswith("OSError: [Errno 30]"), place  # type: ignore[misc]


def test_private_tmp_is_writable_and_small(view: View) -> None:
    """The child's own ``/tmp`` takes files up to its size and number."""

    def fill() -> object:
        root.mount_private_tmp(1)
        Path("/tmp/small").write_text("x")
        try:
            Path("/tmp/big").write_bytes(bytes(2 << 20))
        except OSError as error:
            return error.strerror
        return "no limit"

    assert inside(view, fill) == "No space left on device"


def test_old_root_is_gone(view: View) -> None:
    """No way leads back: neither upwards from the root nor to a mount of the old one."""
    assert inside(view, lambda: os.path.samestat(Path("/..").stat(), Path("/").stat())) == "True"
    assert inside(view, lambda: linux.mount("proc", "/proc", "proc")).startswith("FileNotFoundError")


def test_machine_is_untouched(view: View) -> None:
    """Building leaves the machine's mounts and the places it built on as they were."""
    before = Path("/proc/mounts").read_text()
    assert inside(view, lambda: "built") == "built"
    assert Path("/proc/mounts").read_text() == before
    assert Path("/sys/kernel").is_dir() or not Path("/sys").is_dir()
