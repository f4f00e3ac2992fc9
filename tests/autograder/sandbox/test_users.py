"""The user of a child and the number of its processes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from autograder.sandbox.linux import DAC_READ_SEARCH
from autograder.sandbox.users import FIRST_USER, capabilities_to_read, process_limit

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="users are switched on Linux only"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
root_only = pytest.mark.skipif(os.getuid() != 0, reason="needs root")


@root_only
def test_open_files_need_no_capability() -> None:
    """What everybody may read is read without a capability."""
    assert capabilities_to_read(FIRST_USER, ["/usr"], "/") == 0


@root_only
def test_closed_files_need_one_capability(tmp_path: Path) -> None:
    """What lies behind a folder of root's own needs the capability to read, and no other."""
    tmp_path.chmod(0o700)
    (tmp_path / "file").write_text("")
    assert capabilities_to_read(FIRST_USER, [str(tmp_path / "file")], "/") == DAC_READ_SEARCH
    assert capabilities_to_read(FIRST_USER, [], str(tmp_path)) == DAC_READ_SEARCH


def test_absent_file_cannot_be_read(tmp_path: Path) -> None:
    """A path that is not there is read by nobody."""
    assert capabilities_to_read(FIRST_USER, [str(tmp_path / "absent")], "/") is None


def test_own_user_has_the_wanted_limit() -> None:
    """A user of its own may have just the processes asked for."""
    assert process_limit(7, private=True) == 7


def test_shared_user_has_room_for_others() -> None:
    """A user with other processes gets more, and user 0, for whom the kernel does not count, no limit."""
    limit = process_limit(7, private=False)
    assert limit is None if os.getuid() == 0 else limit is not None and limit > 7
