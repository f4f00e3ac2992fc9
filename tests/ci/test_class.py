"""Tests of collecting, grading and answering a class of real git repositories."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder import records as lines
from autograder.ci.collect import Collected, collect_class, nobody_yet, parse_deadlines, read_collected, sentence
from autograder.ci.github import GitHub
from autograder.ci.post import Result, Results, class_summary, post_statuses, write_results
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.journal import stored_records
from autograder.grading.run import grade
from autograder.stored import Stored
from autograder.submissions.collect import collect
from tests.ci.conftest import Host, at, git, push
from tests.conftest import TINY

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WRONG = {"scale": "def scale(x, k):\n    return k + x\n"}


class Class:
    """A class of students with repositories, a roster, and a clock."""

    def __init__(self, root: Path) -> None:
        self.root, self.time = root, NOON
        self.lines = ["student,remote"]

    def student(self, name: str, notebook: bytes | None, address: str = "") -> Path:
        """Add a student whose repository has a notebook, or has none."""
        folder = self.root / "repositories" / name
        push(folder, at(notebook) if notebook is not None else {"README": b"x"})
        self.lines.append(f'"{name}",{address or folder}')
        return folder

    def collect(self, hours: float, units: tuple[str, ...] = (TINY,), **more: object) -> dict[str, Collected]:
        """Collect so many hours after noon, the deadline, and return what was collected by student."""
        self.time = NOON + timedelta(hours=hours)
        roster = self.root / "roster.csv"
        roster.write_text("\n".join(self.lines) + "\n", encoding="utf-8")
        found = collect_class(roster, units, self.root / "submitted", deadlines=dict.fromkeys(units, NOON), now=lambda: self.time, **more)  # type: ignore[arg-type]
        assert read_collected(self.root / "submitted") == found
        return {c.student: c for c in found}


@pytest.fixture
def course_class(tmp_path: Path) -> Class:
    """A class without students yet."""
    return Class(tmp_path)


def test_notebooks_are_laid_out_for_grading(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """Each notebook lies where grading and nbgrader look, with the time that counts; whoever has none is known as such."""
    course_class.student("Ada Lovelace", tiny_notebook())
    course_class.student("bob", None)
    course_class.lines.append(f"carol,{course_class.root / 'absent'}")
    found = course_class.collect(-1)
    submitted = course_class.root / "submitted"
    ada = found["Ada Lovelace"]
    assert (submitted / ada.folder / TINY / f"{TINY}.ipynb").read_bytes() == tiny_notebook()
    assert (submitted / ada.folder / TINY / "timestamp.txt").read_text() == "2026-11-20 11:00:00.000000 UTC\n"
    assert "0 notebooks" in found["bob"].problem
    assert "git fetch failed" in found["carol"].problem
    seen = {s.student: s.data is not None for s in collect([submitted], TINY)}
    assert seen == {ada.folder: True, "bob": False, "carol": False}


def test_late_is_by_the_servers_time_and_marked(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """A commit dated years ago but first seen after a run past the deadline is late, and its notebook is taken."""
    ada = course_class.student("ada", tiny_notebook(WRONG))
    course_class.student("bob", tiny_notebook())
    course_class.collect(-1)
    assert course_class.collect(0.5)["ada"].late_seconds == 0
    push(ada, at(tiny_notebook()), date="2001-01-01T00:00:00Z")
    found = course_class.collect(5)
    assert found["ada"].late_seconds == 1800
    assert found["bob"].late_seconds == 0
    assert (course_class.root / "submitted" / "ada" / TINY / f"{TINY}.ipynb").read_bytes() == tiny_notebook()


def test_a_late_commit_that_leaves_the_notebook_alone_is_not_late(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """What is dated is the notebook's content: a late commit to another file changes nothing."""
    ada = course_class.student("ada", tiny_notebook())
    course_class.collect(-1)
    course_class.collect(1)
    push(ada, {"README": b"later"})
    assert course_class.collect(2)["ada"].late_seconds == 0


def test_the_host_dates_pushes(course_class: Class, tiny_notebook: Callable[..., bytes], host: Host, tmp_path: Path) -> None:
    """With a token the code host's own time is taken, and what it does not tell falls back to the ledger."""
    late = course_class.student("ada", tiny_notebook(), "https://code.example/ada/course.git")
    course_class.student("bob", tiny_notebook(), "https://code.example/bob/course.git")
    (tmp_path / "home" / ".gitconfig").write_text(f'[url "file://{tmp_path}/repositories/ada"]\n insteadOf = https://code.example/ada/course.git\n[url "file://{tmp_path}/repositories/bob"]\n insteadOf = https://code.example/bob/course.git\n')
    host.answer("GET", "/repos/ada/course/activity", [{"after": git(late, "rev-parse", "HEAD"), "activity_type": "push", "timestamp": "2026-11-20T12:00:10Z"}])
    github = GitHub("t", api=host.address, server="https://code.example", pause=0.0)
    found = course_class.collect(8, github=github)
    assert (found["ada"].late_seconds, found["ada"].source, found["ada"].repository) == (10, "host", "ada/course")
    assert (found["bob"].late_seconds, found["bob"].uncertain, found["bob"].source) == (0, True, "first-seen")
    assert "404" in found["bob"].problem


def test_our_own_server_dates_pushes(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """A push server's time of a student's commit is exact."""
    ada = course_class.student("ada", tiny_notebook())
    commit = git(ada, "rev-parse", "HEAD")
    found = course_class.collect(8, served={("ada", commit): NOON + timedelta(seconds=3), ("bob", commit): NOON})
    assert (found["ada"].late_seconds, found["ada"].source) == (3, "host")


def test_the_class_as_it_was(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """With ``until``, what was newest then is laid out again, also after a force-push; ``commits`` takes what is named."""
    ada = course_class.student("ada", tiny_notebook(WRONG))
    first = course_class.collect(-1)["ada"].commit
    course_class.collect(1)
    git(ada, "commit", "-q", "--amend", "-m", "rewritten")
    push(ada, at(tiny_notebook()))
    second = course_class.collect(2)["ada"].commit
    notebook = course_class.root / "submitted" / "ada" / TINY / f"{TINY}.ipynb"
    assert notebook.read_bytes() == tiny_notebook()
    then = course_class.collect(3, until=NOON)["ada"]
    assert (then.commit, then.late_seconds) == (first, 0)
    assert notebook.read_bytes() == tiny_notebook(WRONG)
    again = course_class.collect(4, commits={"ada": second})["ada"]
    assert (again.commit, again.late_seconds) == (second, 3600)
    assert notebook.read_bytes() == tiny_notebook()


def test_a_notebook_that_was_removed_is_removed(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """What the newest commit no longer has is not graded; a remote that fails once keeps what was collected."""
    ada = course_class.student("ada", tiny_notebook())
    course_class.collect(-2)
    notebook = course_class.root / "submitted" / "ada" / TINY / f"{TINY}.ipynb"
    ada.rename(ada.with_name("away"))
    assert course_class.collect(-1)["ada"].problem
    assert notebook.is_file()
    ada.with_name("away").rename(ada)
    git(ada, "rm", "-q", "-r", "assignments")
    push(ada, {})
    course_class.collect(-0.5)
    assert not notebook.exists()


def test_names_of_students_stay_apart(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """Names with slashes, with a learning platform's pattern, of special folders, and those that differ in case only get folders of their own."""
    names = ["alice/course", "alice_12345_678_x", "alice_1_assignsubmission_file_", "alice", "Bob", "bob", "x/../../etc", TINY, "submitted", "node_modules"]
    for number, name in enumerate(names):
        folder = course_class.root / "repositories" / str(number)
        push(folder, at(tiny_notebook()))
        course_class.lines.append(f'"{name}",{folder}')
    found = course_class.collect(-1)
    assert set(found) == set(names)
    folders = [found[name].folder for name in names]
    assert len({folder.casefold() for folder in folders}) == len(names)
    assert sorted(s.student for s in collect([course_class.root / "submitted"], TINY)) == sorted(folders)
    assert not (course_class.root.parent / "etc").exists()


def test_nobody_yet(course_class: Class, tiny_notebook: Callable[..., bytes]) -> None:
    """Nobody has a unit's notebook when repositories were looked into for it and there is none, however some could not be fetched."""
    submitted = course_class.root / "submitted"
    course_class.student("ada", None)
    course_class.lines.append(f"bob,{course_class.root / 'absent'}")
    assert not nobody_yet([submitted], TINY)
    course_class.collect(-1, (TINY, "u98"))
    assert nobody_yet([submitted], TINY)
    assert nobody_yet([submitted], TINY, "u98")
    assert not nobody_yet([], TINY)
    assert not nobody_yet([submitted], "u97")
    assert not nobody_yet([submitted, course_class.root], TINY)
    by_hand = submitted / "zed" / TINY / f"{TINY}.ipynb"
    by_hand.parent.mkdir(parents=True)
    by_hand.write_bytes(b"{")
    assert not nobody_yet([submitted], TINY)
    by_hand.unlink()
    (course_class.root / "repositories" / "ada").rename(course_class.root / "away")
    course_class.collect(0)
    assert not nobody_yet([submitted], TINY), "no repository could be fetched"
    (course_class.root / "away").rename(course_class.root / "repositories" / "ada")
    push(course_class.root / "repositories" / "ada", at(tiny_notebook()))
    course_class.collect(1)
    assert not nobody_yet([submitted], TINY)
    (submitted / "ada" / TINY / f"{TINY}.ipynb").unlink()
    assert not nobody_yet([submitted], TINY), "what was collected is lost"


def test_what_was_collected_in_one_line(course_class: Class, tiny_notebook: Callable[..., bytes], tmp_path: Path) -> None:
    """Notebooks that may be late, as all are that are first seen after the deadline, are not counted as on time without a word."""
    for name in ("ada", "bob"):
        course_class.student(name, tiny_notebook())
    course_class.student("carol", None)
    found = course_class.collect(1).values()
    assert sentence(list(found), Path("in")) == "2 of 3 notebooks collected in in, 0 late, 2 uncertain (first seen after the deadline; on time unless proved late)"
    assert "3 submissions, 0 late, 2 uncertain" in class_summary(Results(list(found), Stored(tmp_path / "absent", ())))
    push(course_class.root / "repositories" / "ada", at(tiny_notebook(WRONG)))
    assert sentence(list(course_class.collect(2).values()), Path("in")).endswith("in in, 1 late, 1 uncertain (first seen after the deadline; on time unless proved late)")
    assert sentence([], Path("in")) == "0 of 0 notebooks collected in in, 0 late"


def test_a_student_with_two_lines_is_wrong_use(course_class: Class) -> None:
    """One student has one repository."""
    course_class.lines += ["ada,/srv/a", "ada,/srv/b"]
    with pytest.raises(UsageError, match="student='ada' has two lines"):
        course_class.collect(0)


def test_deadlines_are_per_unit_or_for_all() -> None:
    """A unit's own deadline wins; an unknown unit is told."""
    found = parse_deadlines(["u1=2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z"], ["u1", "u2"])
    assert found == {"u1": NOON, "u2": NOON + timedelta(days=1)}
    assert parse_deadlines([], ["u1"]) == {}
    with pytest.raises(UsageError, match="unit='u9' is not collected"):
        parse_deadlines(["u9=2026-11-20T12:00:00Z"], ["u1"])


# ---------------------------------------------------------------------- grade and answer
@pytest.fixture
def graded(course_class: Class, tiny_course: Course, tiny_notebook: Callable[..., bytes], tmp_path: Path) -> Class:
    """A class of a right, a late, a broken and an absent student, graded in a sandbox."""
    (tmp_path / "home" / ".gitconfig").write_text(f'[url "file://{tmp_path}/repositories/"]\n insteadOf = https://code.example/x/\n')
    for name, notebook in (("ada", tiny_notebook()), ("bob", None), ("carol", b"{")):
        course_class.student(name, notebook, f"https://code.example/x/{name}")
    course_class.lines.append("dan,https://code.example/x/dan")
    course_class.collect(1)
    push(course_class.root / "repositories" / "bob", at(tiny_notebook(WRONG)))
    github = GitHub("t", api="http://127.0.0.1:9", server="https://code.example", pause=0.0)
    course_class.collect(26, github=github)
    grade(tiny_course, TINY, [course_class.root / "submitted"], course_class.root / "grades", jobs=1)
    return course_class


def records(course_class: Class) -> Results:
    """Return the results as they are posted."""
    return Results(read_collected(course_class.root / "submitted"), stored_records(course_class.root / "grades"))


def test_results_go_back(graded: Class, host: Host) -> None:
    """Pages, table and statuses say score, lateness and reason; what is shown already is not sent again; failures are counted."""
    found = records(graded)
    out = graded.root / "grades"
    paths = write_results(found, out)
    rows = {r["student"]: r for r in csv.DictReader((out / "pushes.csv").read_text("utf-8").splitlines())}
    assert (rows["ada"]["status"], rows["ada"]["score"], rows["ada"]["late_seconds"]) == ("graded", "100", "0")
    assert (rows["bob"]["status"], rows["bob"]["score"], rows["bob"]["late_seconds"]) == ("graded", "60", "3600")
    assert (rows["carol"]["status"], rows["carol"]["score"]) == ("ungradable", "")
    assert (rows["dan"]["status"], rows["dan"]["commit"]) == ("ungradable", "")
    summaries = {p.stem: p.read_text("utf-8").replace("\\", "") for p in paths[1:]}
    assert "60 of 100 points, 2 of 3 exercises complete, late by 1.0 h" in summaries["bob"]
    assert "You add k where you should multiply" in summaries["bob"]
    assert "bob" not in summaries["ada"]
    assert "4 submissions, 1 late, 2 uncertain (" in class_summary(found)

    for name in ("ada", "bob"):
        host.answer("POST", f"/repos/x/{name}/statuses/{rows[name]['commit']}", {}, status=201)
    github = GitHub("t", api=host.address, server="https://code.example", pause=0.0)
    said: list[str] = []
    assert post_statuses(found, github, out, target="https://example.org/run", say=said.append) == 1
    assert said[0].startswith("carol: GitHub: POST")
    sent = {path.split("/")[3]: body for _, path, _, body in host.asked}
    assert sent["ada"] == {"state": "success", "context": f"grade/{TINY}", "description": "100 of 100 points, 3 of 3 exercises complete", "target_url": "https://example.org/run"}
    assert "late by 1.0 h" in sent["bob"]["description"]
    assert sent["carol"]["state"] == "error"
    before = len(host.asked)
    host.answer("POST", f"/repos/x/carol/statuses/{rows['carol']['commit']}", {}, status=201)
    assert post_statuses(found, github, out) == 0
    assert [path.split("/")[3] for _, path, _, _ in host.asked[before:]] == ["carol"]


def test_results_stay_on_disk_until_they_are_gone_through(graded: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making and grouping them decodes no record; each student's are together, in the order of the roster."""
    found = records(graded)
    decoded: list[bytes] = []
    real = lines.decode
    monkeypatch.setattr(lines, "decode", lambda line: decoded.append(line) or real(line))
    groups = list(found.by_folder())
    assert (len(found), decoded) == (4, [])
    assert [(folder, [r.collected.student for r in own]) for folder, own in groups] == [(name, [name]) for name in ("ada", "bob", "carol", "dan")]
    assert [r for _, own in groups for r in own] == list(found)
    assert next(iter(found)) in found
    assert Result(next(iter(found)).collected, None) not in found


def test_a_grade_of_another_notebook_is_not_posted(graded: Class, host: Host) -> None:
    """A record counts for a commit only when it is of the very notebook that was collected."""
    manifest = graded.root / "submitted" / "collected.json"
    rows = json.loads(manifest.read_text("utf-8"))
    next(r for r in rows if r["student"] == "ada")["sha256"] = "0" * 64
    manifest.write_text(json.dumps(rows))
    states = {r.collected.student: (r.state, r.record is None) for r in records(graded)}
    assert states["ada"] == ("error", True)
    assert states["bob"] == ("success", False)
    post_statuses(records(graded), GitHub("t", api=host.address, server="https://code.example", pause=0.0), graded.root / "grades")
    assert sorted({path.split("/")[3] for _, path, _, _ in host.asked}) == ["bob", "carol"]
    assert "not graded yet" in next(r.description for r in records(graded) if r.collected.student == "ada")
