"""Attacks on the push server itself: repositories that no honest git makes, other students' repositories, the queue, the terminal.

Where a test of ``tests/serve`` makes the attack already, the row runs that test against the server.
"""

from __future__ import annotations

import inspect
import os
import random
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from _pytest.outcomes import OutcomeException

from autograder.sandbox import Level
from autograder.serve import hook
from autograder.serve.students import add
from tests.attacks.pushes import said_wrong, site_of
from tests.attacks.rows import Category, Result, Row
from tests.attacks.site import Site
from tests.grading_e2e.command import wait_until
from tests.grading_e2e.small_course import UNIT, notebook, unanswered
from tests.serve import test_down, test_hook, test_isolation, test_push
from tests.serve.remote import NOTEBOOK, Student
from tests.serve.test_down import SLOW, Pushing
from tests.serve.test_shell import KEY, forced_command
from tests.serve.trees import FILE, FOLDER, SUBMODULE, commit_tree, endless, put, tree

WHERE = "push server"
NAME = f"{UNIT}.ipynb".encode()
WRONG = {"double": "def double(x):\n    return 3 * x\n"}  # 60 points
_CODES = "\x1b[2J\x1b]0;owned\x07\u202e\x9b31m\r"
_FLOOD = 300


def _row(id_: str, aim: str, push: Callable[[Site], str], *, category: Category = "notebook", listed: tuple[int, ...] = (), slow: bool = False) -> Row:
    return Row(id=f"push: {id_}", aim=aim, category=category, listed=listed, push=push, slow=slow)


def _tested(test: Callable[..., None], *, own: bool = False) -> Callable[[Site], str]:
    """Return an attack that a test of ``tests/serve`` makes; its fixtures are the site's, with ``own`` a server of its own."""

    def push(site: Site) -> str:
        remote = site.new_remote() if own else site.remote
        if own:
            remote.start("--jobs", "1", "--sandbox", site.level)
        with tempfile.TemporaryDirectory(dir=site.clones) as folder:
            made: dict[str, Callable[[], object]] = {
                "remote": lambda: remote, "join": lambda: lambda remote, user=None: site.join(remote, user), "material": lambda: site.material,
                "course": lambda: site.course, "open_folder": lambda: site.world.folder, "new_remote": lambda: site.new_remote,
                "hasty": lambda: test_hook.hurried(site.new_remote()), "tmp_path": lambda: Path(folder),
            }  # fmt: skip
            try:
                test(**{name: made[name]() for name in inspect.signature(test).parameters})
            except (AssertionError, OutcomeException) as failure:
                return f"got through: {' '.join(str(failure).split())[:300]}"
        return f"held: {(test.__doc__ or '').strip()}"

    return push


def _words(said: str) -> str:
    return " ".join(said.replace("remote:", " ").split())


def _held(site: Site, student: Student, said: str, expression: str, *, scores: Sequence[float | None] = ()) -> str:
    """Return whether a push was told something and recorded these scores, None for ungradable, and no others."""
    found = [r.score if r.status == "graded" else None for r in site.remote.records(student.name)]
    if found != list(scores):
        return f"got through: recorded {found}; {said[-200:]}"
    match = re.search(expression, _words(said))
    return f"held: {match[0]}" if match else f"it is not said: {_words(said)[:300]}"


# ---------------------------------------------------------------------------------------------- trees
def _bad_path(name: bytes) -> Callable[[Site], str]:
    def push(site: Site) -> str:
        student = site.join()
        below = tree(student, [(FILE, b"post-receive", put(student, b"#!/bin/sh\ntouch /tmp/owned\n")), (FILE, NAME, put(student, notebook(site.material)))])
        commit_tree(student, tree(student, [(FOLDER, name, below)]))
        said = student.push(check=False)
        if "[remote rejected]" not in said or any((site.remote.server.repository(student.name) / "refs" / "heads").iterdir()):
            return f"got through: {said[-300:]}"
        return _held(site, student, said, r"has\w+: contains '[^']+'|contains full pathnames")

    return push


def _twice(site: Site) -> str:
    student = site.join()
    right, wrong = put(student, notebook(site.material)), put(student, notebook(site.material, WRONG))
    commit_tree(student, tree(student, [(FILE, NAME, wrong), (FILE, NAME, right)]))
    return _held(site, student, student.push(check=False), "contains duplicate file entries")


def _submodule(site: Site) -> str:
    student = site.join()
    commit_tree(student, tree(student, [(SUBMODULE, NAME, "1" * 40)]))
    return _held(site, student, student.push(), "is a submodule; commit the notebook itself", scores=[None])


def _with_folder(make: Callable[[Student], str], expression: str, scores: Sequence[float | None]) -> Callable[[Site], str]:
    """Return the push of a right notebook beside a hostile folder."""

    def push(site: Site) -> str:
        student = site.join()
        commit_tree(student, tree(student, [(FOLDER, b"a", make(student)), (FILE, NAME, put(student, notebook(site.material)))]))
        started = time.monotonic()
        said = student.push(check=False)
        if (took := time.monotonic() - started) > 60:
            return f"got through: the hook took {took:.0f} s"
        return _held(site, student, said, expression, scores=scores)

    return push


def _many_files(student: Student) -> str:
    same = put(student, b"{}")
    return tree(student, [(FILE, b"%0100d" % n, same) for n in range(150_000)])


def _deep(student: Student) -> str:
    below = tree(student, [(FILE, b"x", put(student, b"{}"))])
    for _ in range(2000):
        below = tree(student, [(FOLDER, b"a", below)])
    return below


def _long_message(site: Site) -> str:
    student = site.join()
    commit_tree(student, tree(student, [(FILE, NAME, put(student, notebook(site.material)))]), b"x" * 10_000_000)
    return _held(site, student, student.push(), "cannot be read", scores=[None])


def _programs_in_the_tree(site: Site) -> str:
    trace = site.clones / "trace"
    program = f"#!/bin/sh\ntouch {trace}\n".encode()
    student = site.join()
    for name in ("hooks/post-receive", "hooks/pre-receive", ".githooks/update", ".husky/pre-push", "sitecustomize.py", "git", "conftest.py"):
        student.write(program, name)
        (student.clone / name).chmod(0o755)
    student.write(b"* filter=owned diff=owned merge=owned\n*.ipynb ident working-tree-encoding=UTF-16 export-subst\n", ".gitattributes")
    student.write(f'[filter "owned"]\n\tsmudge = {trace}\n\tclean = {trace}\n[core]\n\thooksPath = hooks\n\tfsmonitor = hooks/post-receive\n'.encode(), ".gitconfig")
    student.git("add", "--all")
    blob = put(student, notebook(site.material))  # as it is: the attributes would not let it be added
    student.git("update-index", "--add", "--cacheinfo", f"{FILE},{blob},{NOTEBOOK}")
    student.git("commit", "--quiet", "-m", "work")
    said = student.push()
    return "got through: a program of the tree ran" if trace.exists() else _held(site, student, said, "100 of 100 points", scores=[100.0])


# ---------------------------------------------------------------------------------------------- what is shown
def _terminal(site: Site) -> str:
    student = site.join()
    cell = f"import os\nos.write(1, {_CODES!r}.encode())\nos.write(2, {_CODES!r}.encode())\ndef double(x):\n    raise type({_CODES!r}, (Exception,), {{}})({_CODES!r})\nraise KeyError({_CODES!r})\n"
    student.write(unanswered(site.material, cell))
    student.write(b"{}", f"{_CODES}/{UNIT}2.ipynb")
    (student.clone / f"{_CODES}link").symlink_to(_CODES)
    student.git("add", "--all")
    student.git("-c", f"user.name={_CODES}", "commit", "--quiet", "-m", _CODES)
    said = student.push()
    wrong = said_wrong(said)
    return f"got through: {wrong}" if wrong else _held(site, student, said, "0 of 100 points", scores=[0.0])


def _branches(site: Site) -> str:
    student = site.join()
    commit = student.commit(notebook(site.material))
    student.git("update-ref", "--stdin", given="".join(f"create refs/heads/b{n:04} {commit}\n" for n in range(2000)).encode())
    said = student.push("--all")
    told = sum(": stored, not graded" in line for line in said.splitlines())
    return f"got through: {told} lines" if told > hook.MAX_LINES else _held(site, student, said, "100 of 100 points", scores=[100.0])


# ---------------------------------------------------------------------------------------------- who and when
def _backdated(site: Site) -> str:
    student = site.join()
    student.environment = {"GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2001-01-01T00:00:00Z"}
    started = time.time()
    student.commit(notebook(site.material))
    said = student.push()
    late = [r for r in site.remote.records(student.name) if not started - 1 <= r.received_at <= time.time() + 1]
    return "got through: received at the commit's time" if late else _held(site, student, said, "100 of 100 points", scores=[100.0])


def _somebody_elses_name(site: Site) -> str:
    victim, student = site.join(), site.join()
    student.write(notebook(site.material, WRONG))
    student.git("add", "--all")
    student.git("commit", "--quiet", "-m", "work", "--author", f"{victim.name} <{victim.name}@example.org>")
    said = student.push()
    return "got through: recorded for another" if site.remote.records(victim.name) else _held(site, student, said, "60 of 100 points", scores=[60.0])


def _keyed(site: Site, environment: str = "") -> Student:
    """Add a student by key; their git reaches the server by a program that stands where ssh and sshd would, and sets variables."""
    name, letters = f"keyed{next(site._numbers)}", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
    key = site.clones / f"{name}.pub"
    key.write_text(f"{KEY[:-20]}{''.join(random.Random(name).choices(letters, k=20))} laptop\n")
    add(site.remote.server, name, key=key)
    program = site.clones / f"ssh-{name}"
    program.write_text(f'#!/bin/sh\nshift\nSSH_ORIGINAL_COMMAND="$*" exec env -u GIT_DIR {environment} {forced_command(site.remote, name)}\n')
    program.chmod(0o755)
    student = Student(site.remote, name, site.clones, site.remote.user, address=f"git@course:{name}.git")
    student.environment = {"GIT_SSH": str(program), "GIT_SSH_VARIANT": "simple"}
    return student


def _environment(site: Site) -> str:
    victim, trace = site.join(), site.clones / "trace-of-environment"
    program = site.clones / "program"
    program.write_text(f"#!/bin/sh\ntouch {trace}\n")
    program.chmod(0o755)
    theirs = site.remote.server.repository(victim.name)
    student = _keyed(
        site,
        f"AUTOGRADER_STUDENT={victim.name} GIT_DIR={theirs} GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0={site.clones} "
        f"GIT_ALTERNATE_OBJECT_DIRECTORIES={theirs}/objects GIT_TRACE={trace} GIT_PROTOCOL=version=2:x GIT_EXTERNAL_DIFF={program} PYTHONSTARTUP={program}",
    )
    student.commit(notebook(site.material, WRONG))
    said = student.push()
    if trace.exists() or site.remote.records(victim.name) or any((theirs / "refs" / "heads").iterdir()):
        return "got through: a variable counted"
    return _held(site, student, said, "60 of 100 points", scores=[60.0])


def _by_another_key(site: Site) -> str:
    victim, student = _keyed(site), _keyed(site)
    victim.commit(notebook(site.material))
    victim.push()
    student.commit(notebook(site.material, WRONG))
    student.git("remote", "set-url", "grade", f"git@course:{victim.name}.git")
    said = student.push("--force", "main", check=False)
    if len(site.remote.records(victim.name)) != 1 or site.remote.records(victim.name)[0].score != 100.0:
        return "got through: another's grade changed"
    return _held(site, student, said, r"This key is \w+'s", scores=()).replace(student.name, "…")


def _options(site: Site) -> str:
    student = site.join()
    student.commit(notebook(site.material))
    said = student.push("-o", "ci.skip", "-o", "score=100", "main", check=False)
    return _held(site, student, said, "does not support push options")


def _branch_as_a_folder(site: Site) -> str:
    student = site.join()
    student.commit(notebook(site.material))
    student.push("main:refs/heads/main/x")
    return _held(site, student, student.push(check=False), r"\[remote rejected\] main -> main")


# ---------------------------------------------------------------------------------------------- many at once
def _at_once(site: Site) -> str:
    student = site.join()
    student.commit(notebook(site.material))
    student.push()
    commits = []
    for n in range(8):
        student.git("checkout", "--quiet", "--orphan", f"o{n}")
        commits.append(student.commit(notebook(site.material, WRONG) + b" " * n))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda c: student.push("--force", f"{c}:refs/heads/main", check=False), commits))
    if not wait_until(lambda: not [p for p in site.remote.queued(student.name) if p.suffix == ".job"]):
        return "got through: not all is graded"
    graded = [r.commit for r in site.remote.records(student.name)]
    tip = (site.remote.server.repository(student.name) / "refs" / "heads" / "main").read_text().strip()
    if len(graded) != len(set(graded)) or tip not in graded:
        return f"got through: {len(graded)} records, {len(set(graded))} of them different, the branch's own {'among them' if tip in graded else 'missing'}"
    return "held: each commit that was taken has one record, the branch's last one too"


def _hangs_up(site: Site) -> str:
    student = site.join()
    student.commit(notebook(site.material, WRONG, before=SLOW))
    push = Pushing(student)
    push.until("grading")
    push.cut_off()
    if not wait_until(lambda: bool(site.remote.records(student.name))):
        return "got through: it was never graded"
    return _held(site, student, "60 of 100 points", "60 of 100 points", scores=[60.0])


def _flood(site: Site) -> str:
    """Write jobs past the hook, each of them one that it could have written; the next student waits for one of them."""
    student = site.join()
    student.commit(notebook(site.material, WRONG))
    spool = site.remote.server.spool(student.name)
    header = f'{{"unit": "{UNIT}", "commit": "{"0" * 40}", "ref": "r", "path": "p", "problem": "flood", "sizes": []}}\n'
    for n in range(_FLOOD):
        path = spool / f"{n:032x}.job"
        path.write_text(header)
        if site.remote.user is not None:
            os.chown(path, site.remote.user, -1)
    honest = site.join()
    started = time.monotonic()
    said = site.honest(honest)
    took = time.monotonic() - started
    if "100 of 100 points" not in said or took > 10:
        return f"got through: the next student waited {took:.0f} s: {said[-200:]}"
    wait_until(lambda: not site.remote.queued(student.name))
    return _held(site, student, said, "100 of 100 points", scores=[None] * _FLOOD)


def _by_hand(site: Site) -> str:
    """Send what is no push to the program that receives one."""
    student = site.join()
    repository = site.remote.server.repository(student.name)
    for data in (b"", b"0000", b"ffff" + b"x" * 100, b"00a5" + b"0" * 40 + b" " + b"1" * 40 + b" refs/heads/../../hooks/x\0report-status\n0000PACK", random.Random(0).randbytes(100_000)):
        done = subprocess.run(["git", "receive-pack", str(repository)], input=data, user=site.remote.user, capture_output=True, check=False, timeout=60)
        if said_wrong(done.stderr.decode("utf-8", "replace")):
            return "got through: the terminal was given orders"
    student.commit(notebook(site.material, WRONG))
    return _held(site, student, student.push(), "60 of 100 points", scores=[60.0])


_ACCOUNTS: tuple[Row, ...] = (  # of students with accounts of their own, which only root can play
    _row("another student's repository, queue and hook", "push for somebody else", _tested(test_isolation.test_another_students_repository_and_queue_are_closed), category="escape"),
    _row("another student's grades", "read somebody else's grade", _tested(test_isolation.test_another_students_grades_are_not_told), category="leak"),
    _row("another student's job by its id", "read somebody else's grade", _tested(test_isolation.test_job_of_another_student_is_not_told_by_its_id), category="leak"),
    _row("queue files that are links, pipes, huge or forged", "crash the daemon or have it read another file", _tested(test_isolation.test_hostile_queue_files_harm_nobody), category="forge", listed=(119,)),
    _row("hostile repository configuration", "run a program as the grader", _tested(test_isolation.test_hostile_repository_runs_nothing_as_the_grader, own=True), category="escape", slow=True),
    _row("200 idle connections", "keep others from being graded", _tested(test_isolation.test_idle_connections_do_not_keep_others_out), category="exhaust"),
)  # fmt: skip

SERVER: tuple[Row, ...] = (
    *(
        _row(f"folder named {shown}", "write outside of the repository", _bad_path(name), listed=(121,))
        for shown, name in {"..": b"..", ".": b".", ".git": b".git", ".GIT": b".GIT", "git~1": b"git~1", ".git and an invisible letter": b".git\xe2\x80\x8c", "a/b": b"../../hooks"}.items()
    ),
    _row("one name twice in a folder", "have the better one of two count", _twice, listed=(101,)),
    _row("two notebooks of a unit", "have the better one of two count", _tested(test_push.test_two_notebooks_of_one_unit_are_refused)),
    _row("submodule named as the notebook", "have another repository read", _submodule, listed=(119,)),
    _row("submodule and links out of the tree", "have another file read", _tested(test_push.test_submodule_and_links_are_not_followed), listed=(119,)),
    _row("notebook of 100 MB", "fill the grader's memory or disk", _tested(test_push.test_huge_notebook_gets_a_clear_answer), category="exhaust", listed=(118,), slow=True),
    _row("150 000 files", "hold the hook", _with_folder(_many_files, "The commit cannot be read: it is too large", ()), category="exhaust", slow=True),
    _row("folders 2 000 deep", "overflow the stack of git", _with_folder(_deep, "100 of 100 points|The commit cannot be read|remote rejected", (100.0,)), category="exhaust", listed=(104,), slow=True),
    _row("10^12 files in a few small folders", "hold the hook", _with_folder(lambda s: endless(s, leaf=b"x"), "The commit cannot be read: it is too large", ()), category="exhaust", listed=(118,)),
    _row("10^12 empty folders", "hold the hook for ever", _tested(test_hook.test_folders_without_end_are_given_up), category="exhaust", listed=(118,)),
    _row("10^12 empty folders, found when the daemon starts", "keep the daemon from starting", _tested(test_hook.test_start_passes_over_what_was_given_up), category="exhaust", listed=(118,)),
    _row("commit message of 10 MB", "fill the queue", _long_message, category="exhaust"),
    _row("replaced commit", "have another commit graded than the one that is shown", _tested(test_push.test_replaced_commit_is_graded_as_it_is), category="forge"),
    _row("hooks, filters and programs in the tree", "run a program", _programs_in_the_tree, category="escape"),
    _row("terminal codes in outputs, errors, names and the commit", "rewrite what the student's terminal shows", _terminal, category="report", listed=(44,)),
    _row("terminal codes in names of folders and branches", "rewrite what the student's terminal shows", _tested(test_push.test_strange_names_are_shown_harmlessly), category="report", listed=(44,)),
    _row("names that become long when they are shown", "have the queue's file refused", _tested(test_push.test_many_notebooks_with_unprintable_names_are_refused_with_a_reason), category="report"),
    _row("2 000 branches", "flood the answer", _branches, category="exhaust"),
    _row("branches, tags and a deleted branch", "be graded on another branch", _tested(test_push.test_other_branches_are_stored_only)),
    _row("branch named as a folder of the graded one", "break the branch", _branch_as_a_folder),
    _row("force-push over a grade", "hide an earlier grade", _tested(test_push.test_force_push_is_graded_and_hides_nothing), category="tamper"),
    _row("push options", "change how a push is graded", _options, category="tamper"),
    _row("bytes that are no push", "crash what receives", _by_hand, category="forge"),
    _row("backdated commit", "hand in after the deadline", _backdated, category="forge"),
    _row("another's name as the author", "hand in for somebody else", _somebody_elses_name, category="forge"),
    _row("variables of the environment", "choose student, repository or hook", _environment, category="tamper"),
    _row("another's repository by the own key", "push for somebody else", _by_another_key, category="escape"),
    *_ACCOUNTS,
    _row("queue is full", "fill the queue", _tested(test_down.test_too_many_waiting_are_not_queued), category="exhaust"),
    _row("queue filled past the hook", "keep others from being graded", _flood, category="exhaust"),
    _row("job that was graded put back", "be graded twice", _tested(test_down.test_recorded_job_that_is_still_queued_is_not_graded_again), category="forge", slow=True),
    _row("results beyond the limit of attempts", "learn by trying", _tested(test_down.test_attempts_are_limited), category="leak", listed=(146,), slow=True),
    _row("eight pushes of one student at once", "be graded twice, or not", _at_once, category="exhaust"),
    _row("hanging up while it is graded", "leave the daemon waiting", _hangs_up, category="exhaust"),
)  # fmt: skip


def attack_server(rows: Sequence[Row], level: Level, user: str) -> list[Result]:
    """Return what came of each attack on one server; after each an honest student pushes."""
    results: list[tuple[Row, str, Callable[[], list[str]]]] = []
    with site_of(level, user, ["small"]) as (site, general):
        for row in rows:
            if row in _ACCOUNTS and os.geteuid() != 0:
                continue
            assert row.push is not None
            processes = site.processes()
            try:
                said = row.push(site)
            except Exception as error:  # a push that fails, too, is a result
                said = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            replaced = site.processes() != processes or not processes
            results.append((row, "the grader or its worker was replaced" if replaced else said, site.next_one()))
        judged = [(row, said, wrong()) for row, said, wrong in results]
    return [_result(row, said, [*general, *wrong]) for row, said, wrong in judged]


def _result(row: Row, said: str, wrong: Sequence[str]) -> Result:
    bad = [*([] if said.startswith("held: ") else [said]), *wrong]
    return Result(row=row.id, where=WHERE, held=not bad, how="; ".join(bad) or said.removeprefix("held: "))

