"""What an ssh key may do: its student's own repository, and the grades."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.grading.material import Material
from autograder.serve.shell import service
from autograder.serve.students import add
from tests.grading_e2e.small_course import notebook
from tests.serve.remote import Remote, Student

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample0123456789abcdefghijklmnopqrstu"


def forced_command(remote: Remote, student: str) -> str:
    """Return what sshd runs for a student's key."""
    line = next(line for line in (remote.root / "authorized_keys").read_text().splitlines() if line.endswith(f" {student}"))
    assert line.startswith('command="')
    return line[len('command="') : line.index('",restrict ssh-ed25519 ')]


@pytest.fixture
def ssh(remote: Remote, open_folder: Path, tmp_path: Path) -> Callable[[str], Student]:
    """A function that adds a student by key; their git reaches the server by a program that stands where ssh and sshd would."""

    def by_key(name: str) -> Student:
        key = tmp_path / f"{name}.pub"
        key.write_text(f"{KEY[:-len(name)]}{name} laptop\n")
        add(remote.server, name, key=key)
        program = tmp_path / f"ssh-{name}"
        program.write_text(f'#!/bin/sh\nshift\nSSH_ORIGINAL_COMMAND="$*" exec env -u GIT_DIR {forced_command(remote, name)}\n')
        program.chmod(0o755)
        student = Student(remote, name, tmp_path, address=f"git@course:{name}.git")
        student.environment = {"GIT_SSH": str(program), "GIT_SSH_VARIANT": "simple"}
        return student

    return by_key


def call(remote: Remote, student: str, command: str) -> subprocess.CompletedProcess[str]:
    """Run a student's forced command as sshd does."""
    environment = {"PATH": os.environ["PATH"], "SSH_ORIGINAL_COMMAND": command}
    return subprocess.run(
        shlex.split(forced_command(remote, student)), env=environment, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )


def test_push_clone_and_grades_work_by_key(remote: Remote, ssh: Callable[[str], Student], material: Material, tmp_path: Path) -> None:
    """With a key alone a student pushes, reads the score, clones again and asks for the grades."""
    student = ssh("keyed")
    commit = student.commit(notebook(material))
    assert "100 of 100 points" in student.push()
    student.git("clone", "--quiet", "git@course:keyed.git", "again")
    assert student.git("-C", "again", "rev-parse", "HEAD").stdout.strip() == commit
    assert "100 of 100 points" in call(remote, "keyed", "grades").stdout


@pytest.mark.parametrize(
    "command",
    ["", "sh", "git-receive-pack", "git-upload-archive 'ada.git'", "git-receive-pack 'ada.git' 'x'", "git-receive-pack --help", "grades bob",
     "git-receive-pack 'bob.git'", "git-receive-pack '/srv/repos/bob.git/'", "git-upload-pack '../repos/bob'", "git-upload-pack 'ada.git'; sh", "scp -f x",
     "git-receive-pack 'ada.git\nsh'", "git config --global x", "git-receive-pack '"],
)  # fmt: skip
def test_nothing_else_is_run(command: str) -> None:
    """Another repository, another program, options and broken quoting are refused."""
    with pytest.raises(ValueError, match=r"ada\.git"):
        service(command, "ada")


@pytest.mark.parametrize("command", ["git-receive-pack 'ada.git'", "git receive-pack '/any/where/ada.git/'", "git-receive-pack ada"])
def test_own_repository_is_meant_however_it_is_written(command: str) -> None:
    """The path before the repository's name does not matter: it is not used."""
    assert service(command, "ada") == "receive-pack"


def test_refusal_is_told(remote: Remote, ssh: Callable[[str], Student], material: Material) -> None:
    """Who asks for another's repository is told whose key this is, and gets nothing."""
    ssh("ann")
    ben = ssh("ben")
    ben.commit(notebook(material))
    ben.git("remote", "set-url", "grade", "git@course:ann.git")
    assert "This key is ben's" in ben.push(check=False)
    assert not any(remote.server.repository("ann").joinpath("refs", "heads").iterdir())
    assert remote.records("ann") == []


def test_full_repository_takes_no_more(new_remote: Callable[[], Remote], tmp_path: Path) -> None:
    """A repository over its size refuses pushes with a reason."""
    remote = new_remote()
    key = tmp_path / "k.pub"
    key.write_text(f"{KEY} x\n")
    add(remote.server, "big", key=key)
    settings = remote.root / "hooks" / "serve.json"
    settings.write_text(settings.read_text().replace('"max_repository_mb": 500', '"max_repository_mb": 1'))
    (remote.server.repository("big") / "filler").write_bytes(b"x" * (2 << 20))
    done = call(remote, "big", "git-receive-pack 'big.git'")
    assert done.returncode == 1
    assert "holds more than 1 MB" in done.stderr


@pytest.mark.parametrize("text", ['command="sh" ' + KEY, f"{KEY}\n{KEY}", "", "ssh-dss AAAA", f"no-pty {KEY}", "-----BEGIN OPENSSH PRIVATE KEY-----"])
def test_only_one_plain_public_key_is_taken(new_remote: Callable[[], Remote], tmp_path: Path, text: str) -> None:
    """Options, several keys and private keys are refused before anything is made."""
    remote = new_remote()
    key = tmp_path / "k.pub"
    key.write_text(text)
    with pytest.raises(UsageError, match="one public key"):
        add(remote.server, "ada", key=key)
    assert not remote.server.repository("ada").exists()


def test_a_key_belongs_to_one_student(new_remote: Callable[[], Remote], tmp_path: Path) -> None:
    """A second key replaces a student's first; another student's key is refused."""
    remote = new_remote()
    first, second = tmp_path / "1.pub", tmp_path / "2.pub"
    first.write_text(f"{KEY} x\n")
    second.write_text(f"{KEY[:-1]}w x\n")
    add(remote.server, "ada", key=first)
    with pytest.raises(UsageError, match="another student's"):
        add(remote.server, "bob", key=first)
    add(remote.server, "ada", key=second)
    keys = (remote.root / "authorized_keys").read_text()
    assert keys.count(" ada") == 2  # the command's argument and the comment of one line
    assert f"{KEY[:-1]}w" in keys


@pytest.mark.parametrize("name", ["..", "a/b", "Ada", "", ".hidden", "a b", "-x", "ada.git", "a\nb", "con"])
def test_names_that_are_unsafe_as_folders_are_refused(new_remote: Callable[[], Remote], name: str) -> None:
    """A student's name is a plain folder name."""
    with pytest.raises(UsageError, match="expected small letters"):
        add(new_remote().server, name)
