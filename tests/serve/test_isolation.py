"""Students with accounts on the server's machine reach their own repository and nothing else."""

from __future__ import annotations

import json
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.grading.material import Material
from tests.grading_e2e.command import wait_until
from tests.grading_e2e.small_course import UNIT, notebook
from tests.serve.remote import Remote, Student

pytestmark = [
    pytest.mark.usefixtures("needs_sandbox"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can act as several users"),
]
ALICE, BOB, GRADER = 61001, 61002, 61003
Join = Callable[..., Student]


def as_user(user: int, program: str, *arguments: str | Path) -> str:
    """Run a Python program as a user and return what it prints; the system's Python, which everybody may run."""
    done = subprocess.run(
        ["/usr/bin/python3", "-IS", "-c", program, *map(str, arguments)], user=user, group=user, extra_groups=[], capture_output=True, text=True, check=False, cwd="/"
    )  # fmt: skip
    return done.stdout + done.stderr


def ask(remote: Remote, user: int, request: dict[str, object]) -> str:
    """Return what the grader answers a user who sends any request to its socket."""
    program = "import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\ns.sendall(sys.argv[2].encode() + b'\\n')\nprint(s.recv(65536).decode())"
    return as_user(user, program, remote.server.socket, json.dumps(request))


def test_students_with_accounts_push_and_read_their_score(remote: Remote, join: Join, material: Material) -> None:
    """Two students of different accounts each push to their own repository and read their own score."""
    alice, bob = join(remote, ALICE), join(remote, BOB)
    alice.commit(notebook(material))
    bob.commit(notebook(material, {"double": "def double(x):\n    return 3 * x\n"}))
    assert "100 of 100 points" in alice.push()
    assert "60 of 100 points" in bob.push()
    assert alice.record().score == 100.0
    assert bob.record().score == 60.0


def test_another_students_repository_and_queue_are_closed(remote: Remote, join: Join, material: Material) -> None:
    """Bob can neither fetch from, push to, list nor queue for Alice, whatever he calls himself."""
    alice, bob = join(remote, ALICE), join(remote, BOB)
    alice.commit(notebook(material))
    alice.push()
    bob.commit(notebook(material))
    theirs = str(remote.server.repository(alice.name))
    for command in (("fetch", theirs), ("push", theirs, "main"), ("ls-remote", theirs)):
        assert bob.git(*command, check=False).returncode != 0
    bob.environment = {"AUTOGRADER_STUDENT": alice.name}
    assert "Your push is stored" in bob.push()
    assert len(remote.records(alice.name)) == 1
    assert remote.records(bob.name) == []
    for path in (theirs, remote.server.spool(alice.name), remote.server.results, remote.server.config, remote.root / "spool", remote.root / "repos", remote.root):
        said = as_user(BOB, "import os, sys; print(os.listdir(sys.argv[1]) if os.path.isdir(sys.argv[1]) else open(sys.argv[1]).read())", path)
        assert "PermissionError" in said, path
    for path in (remote.server.spool(alice.name), remote.server.hooks, remote.server.socket.parent, remote.root, remote.root / "repos", remote.root / "spool"):
        assert "PermissionError" in as_user(BOB, "import sys; open(sys.argv[1] + '/x.job', 'w')", path), path
    assert "PermissionError" in as_user(BOB, "import sys; open(sys.argv[1], 'a')", remote.server.hooks / "post-receive")


def test_another_students_grades_are_not_told(remote: Remote, join: Join, material: Material) -> None:
    """The socket tells a student's grades, and the course of a push, to the student's account only; the state of the server to nobody's."""
    alice = join(remote, ALICE)
    alice.commit(notebook(material))
    alice.push()
    job = remote.records(alice.name)[0].job
    grades: dict[str, object] = {"do": "grades", "student": alice.name}
    watch: dict[str, object] = {"do": "watch", "student": alice.name, "jobs": [job]}
    for request in (grades, watch):
        assert "100 of 100" in ask(remote, ALICE, request)
        assert "not yours" in ask(remote, BOB, request)
    bob = join(remote, BOB)
    assert "100 of 100" not in ask(remote, BOB, {"do": "watch", "student": bob.name, "jobs": [job]})
    for request in ({"do": "status"}, {"do": "grades", "student": "../results"}, {"do": "grades", "student": "nobody"}):
        assert "not yours" in ask(remote, BOB, request)


def test_job_of_another_student_is_not_told_by_its_id(remote: Remote, join: Join, material: Material) -> None:
    """Who knows the id of another's job and asks in the own name learns that it is not there."""
    alice, bob = join(remote, ALICE), join(remote, BOB)
    alice.commit(notebook(material))
    alice.push()
    said = ask(remote, BOB, {"do": "watch", "student": bob.name, "jobs": [remote.records(alice.name)[0].job]})
    assert "not in the queue" in said
    assert UNIT not in said


def test_hostile_repository_runs_nothing_as_the_grader(remote: Remote, join: Join, material: Material, open_folder: Path) -> None:
    """A repository's configuration and hooks are the student's own: nothing in them runs as another user, also when the daemon starts."""
    bob = join(remote, BOB)
    traces = open_folder / "traces"
    traces.mkdir(mode=0o777, exist_ok=True)
    traces.chmod(0o777)
    program = traces / "program"
    program.write_text(f"#!/bin/sh\ntouch {traces}/$(id -u)-$$\nexit 0\n")
    program.chmod(0o755)
    repository = remote.server.repository(bob.name)
    config = f'[core]\n\tfsmonitor = {program}\n\tsshCommand = {program}\n\tpager = {program}\n\thooksPath = {traces}\n[alias]\n\tcat-file = !{program}\n[remote "o"]\n\tpromisor = true\n\turl = ext::{program}\n'
    with (repository / "config").open("a") as file:
        file.write(config)
    (traces / "post-receive").write_text(program.read_text())
    (traces / "post-receive").chmod(0o755)
    bob.commit(notebook(material))
    bob.push()
    remote.stop()
    remote.start("--jobs", "1")
    ran_as = {path.name.split("-")[0] for path in traces.iterdir() if path.name[0].isdigit()}
    assert ran_as == {str(BOB)}
    assert remote.records(bob.name) == []


def test_hostile_queue_files_harm_nobody(remote: Remote, join: Join, material: Material) -> None:
    """Links, pipes, folders, huge and forged files in a student's own queue are dropped; the next push of anybody is graded."""
    alice, bob = join(remote, ALICE), join(remote, BOB)
    spool = remote.server.spool(bob.name)
    program = (
        "import os, sys\nos.chdir(sys.argv[1])\n"
        "name = lambda n: '%032x.job' % n\n"
        "os.symlink('/etc/passwd', name(1)); os.mkfifo(name(2)); os.mkdir(name(3)); os.mkdir(name(3) + '/x')\n"
        "open(name(4), 'wb').write(b'x' * 100); open(name(5), 'wb').truncate(10**12)\n"
        "open(name(6), 'w').write('{\"unit\": \"u90_small\", \"commit\": \"' + '0' * 40 + '\", \"ref\": \"r\", \"path\": \"p\", \"problem\": \"\", \"sizes\": [0, 0, 0]}\\n')\n"
        "open(name(7), 'w').write('{\"unit\": \"../x\", \"commit\": \"' + '0' * 40 + '\", \"ref\": \"r\", \"path\": \"p\", \"problem\": \"\\\\u001b[2J\", \"sizes\": []}\\n')\n"
        "open(name(8), 'w').close(); os.chmod(name(8), 0)\n"
        "[open('.%d.part' % n, 'w').close() for n in range(50)]\n"
    )
    assert as_user(BOB, program, spool) == ""
    bob.commit(notebook(material))
    assert "100 of 100 points" in bob.push()
    alice.commit(notebook(material))
    assert "100 of 100 points" in alice.push()
    assert wait_until(lambda: not [p for p in remote.queued(bob.name) if p.is_file() and not p.is_symlink() and p.suffix == ".job"])
    assert [r.score for r in remote.records(bob.name)] == [100.0]
    assert "\x1b" not in remote.said()


def test_idle_connections_do_not_keep_others_out(remote: Remote, join: Join, material: Material) -> None:
    """A user who opens many connections and sends garbage or nothing delays nobody's grade."""
    alice = join(remote, ALICE)
    held = []
    for number in range(200):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(remote.server.socket))
        connection.sendall([b"", b"{", b"\n", b"[" * 1000, b"\xff\n"][number % 5])
        held.append(connection)
    alice.commit(notebook(material))
    assert "100 of 100 points" in alice.push()
    for connection in held:
        connection.close()


@pytest.fixture(scope="module")
def grader(open_folder: Path, course: Course) -> Iterator[Remote]:
    """A server whose commands all run as an ordinary user, who owns the course and the server."""
    home = open_folder / "grader"
    home.mkdir()
    subprocess.run(["cp", "-r", str(course.root), str(home / "course")], check=True)
    subprocess.run(["chown", "-R", f"{GRADER}:{GRADER}", str(home)], check=True)
    remote = Remote(home / "server", home / "course", GRADER)
    try:
        done = remote.run("init", remote.root, "--unit", UNIT)
        assert done.returncode == 0, done.stderr
        yield remote
    finally:
        remote.stop()


def test_everything_works_without_root(grader: Remote, open_folder: Path, material: Material) -> None:
    """An ordinary user makes the server, adds a student, runs it and pushes to it."""
    done = grader.run("add", grader.root, "ada")
    assert done.returncode == 0, done.stderr
    refused = grader.run("add", grader.root, "bob", "--user", str(BOB))
    assert refused.returncode == 2
    assert "only root can give files" in refused.stderr
    grader.start("--jobs", "1")
    student = Student(grader, "ada", open_folder, GRADER)
    student.commit(notebook(material))
    assert "100 of 100 points" in student.push()
    grader.stop()


def test_students_of_other_accounts_reach_a_grader_without_root(grader: Remote, join: Join, material: Material) -> None:
    """When root adds students with accounts of their own, an ordinary user's daemon grades them all the same."""
    bob = join(grader, BOB)
    bob.commit(notebook(material))
    assert "the grade will follow" in bob.push()
    grader.start("--jobs", "1")
    assert wait_until(lambda: bool(grader.records(bob.name)))
    bob.commit(notebook(material, {"double": "def double(x):\n    return 3 * x\n"}))
    assert "60 of 100 points" in bob.push()
    assert grader.queued(bob.name) == []
    grader.stop()
