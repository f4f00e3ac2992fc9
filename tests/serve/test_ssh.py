"""The whole way over a real ssh server on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.grading.material import Material
from autograder.serve.students import add
from tests.grading_e2e.command import wait_until
from tests.grading_e2e.small_course import notebook
from tests.serve.remote import Remote, Student

SSHD = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin:/sbin")
pytestmark = [
    pytest.mark.usefixtures("needs_sandbox"),
    pytest.mark.skipif(SSHD is None or shutil.which("ssh-keygen") is None, reason="no ssh server is installed here"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can run an ssh server that logs others in"),
]


def keypair(path: Path) -> Path:
    """Make a key and return its public half's file."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path.with_suffix(".pub")


@pytest.fixture(scope="module")
def port(remote: Remote, open_folder: Path) -> Iterator[int]:
    """The port of an ssh server that knows the keys of a push server's students."""
    folder = open_folder / "sshd"
    folder.mkdir()
    keypair(folder / "host")
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    (folder / "config").write_text(
        f"Port {number}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nPidFile none\nUsePAM no\nPasswordAuthentication no\nStrictModes no\n"
        f"PermitRootLogin forced-commands-only\nAuthorizedKeysFile {remote.root}/authorized_keys\n"
    )
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    assert SSHD is not None
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([SSHD, "-D", "-e", "-f", str(folder / "config")], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: b"listening" in (folder / "log").read_bytes() or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield number
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def ssh_student(remote: Remote, port: int, open_folder: Path, tmp_path: Path) -> Callable[[str], Student]:
    """A function that adds a student by a new key and returns their clone."""

    def make(name: str) -> Student:
        add(remote.server, name, key=keypair(tmp_path / name))
        student = Student(remote, name, open_folder, address=f"ssh://root@127.0.0.1:{port}/{name}.git")
        options = "-oStrictHostKeyChecking=no -oUserKnownHostsFile=/dev/null -oLogLevel=ERROR -oIdentitiesOnly=yes -oBatchMode=yes"
        student.environment = {"GIT_SSH_COMMAND": f"ssh -F none {options} -i {tmp_path / name}"}
        return student

    return make


def ssh(student: Student, port: int, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command over ssh with a student's key."""
    command = [*student.environment["GIT_SSH_COMMAND"].split(), "-p", str(port), "root@127.0.0.1", *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)


def test_push_over_ssh(remote: Remote, port: int, ssh_student: Callable[[str], Student], material: Material) -> None:
    """A student pushes with a key, reads the score, and asks for it again."""
    student = ssh_student("sue")
    commit = student.commit(notebook(material))
    assert "100 of 100 points" in student.push()
    assert student.record().commit == commit
    assert "100 of 100 points" in ssh(student, port, "grades").stdout


def test_key_gives_no_shell_and_no_other_repository(remote: Remote, port: int, ssh_student: Callable[[str], Student], material: Material) -> None:
    """A key runs no other command, copies no file, forwards nothing, and reaches no other student."""
    ann, ben = ssh_student("ann"), ssh_student("ben")
    ann.commit(notebook(material))
    ann.push()
    for words in (("id",), ("cat", "/etc/passwd"), (f"git-upload-pack '{remote.server.repository('ann')}'",), ("git-receive-pack 'ann.git'",), ()):
        done = ssh(ben, port, *words)
        assert done.returncode != 0
        assert "This key is" in done.stderr
        assert done.stdout == ""
    ben.git("remote", "set-url", "grade", f"ssh://root@127.0.0.1:{port}/ann.git")
    assert "This key is ben's" in ben.git("fetch", "grade", check=False).stdout
    copied = subprocess.run(
        ["sftp", *ben.environment["GIT_SSH_COMMAND"].split()[1:], "-P", str(port), "root@127.0.0.1:/etc/passwd", "/dev/null"], check=False, capture_output=True, text=True
    )  # fmt: skip
    assert copied.returncode != 0
