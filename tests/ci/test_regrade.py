"""Tests of grading a class again after a test was mended, at commits of the course."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.ci.regrade import course_at, regrade
from autograder.course import Course
from autograder.errors import UsageError
from autograder.grading.journal import read_records
from autograder.grading.run import grade
from tests.ci.conftest import git
from tests.conftest import TINY

BROKEN = 'reference.linear_backward(dout, (x, w))[1] * 2.0, "dw")'
MENDED = 'reference.linear_backward(dout, (x, w))[1], "dw")'
WRONG = {"linear_backward": "def linear_backward(dout, cache):\n    x, w = cache\n    return dout @ w.T, 2.0 * (x.T @ dout)\n"}


@pytest.fixture
def course(own_course: Course, tiny_notebook: Callable[..., bytes]) -> Course:
    """A course whose first commit has a wrong hidden test and whose second has it mended, with two submissions graded at the first."""
    root = own_course.root
    (root / ".gitignore").write_text(".autograder/\nsubmitted/\nold/\n__pycache__/\n")
    test = own_course.tests(TINY) / "hidden" / "test_tiny.py"
    right = test.read_text("utf-8")
    assert MENDED in right
    test.write_text(right.replace(MENDED, BROKEN), encoding="utf-8")
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    for student, notebook in (("ada", tiny_notebook()), ("bob", tiny_notebook(WRONG))):
        path = root / "submitted" / student / TINY / f"{TINY}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(notebook)
    grade(own_course, TINY, [root / "submitted"], root / "old", jobs=1)
    test.write_text(right, encoding="utf-8")
    git(root, "commit", "-q", "-a", "-m", "mend the test of dw")
    return own_course


def scores(folder: Path) -> dict[str, float]:
    """Return the scores in a folder of records."""
    return {r.student: r.score for r in read_records(folder)}


def test_a_mended_test_gives_points_back_and_takes_them(course: Course) -> None:
    """The right answer gains, the one that matched the wrong test loses, and the report says by which test and why."""
    root = course.root
    assert scores(root / "old") == {"ada": 75.0, "bob": 100.0}
    done = regrade(course, root / "old", [root / "submitted"], root / "new", jobs=1)
    assert scores(root / "new") == {"ada": 100.0, "bob": 75.0}
    changes = {c.student: c for c in done.comparison.changes}
    assert [t.sentence() for t in changes["ada"].tests] == ["test_dw failed and now passed"]
    assert [t.sentence() for t in changes["bob"].tests] == ["test_dw passed and now failed"]
    assert changes["ada"].difference > 0 > changes["bob"].difference
    assert changes["ada"].causes == ("the unit's tests, reference or limits were changed",)
    assert json.loads((root / "new" / "compare.json").read_text())["same"] == 0
    assert "test\\_dw failed and now passed" in (root / "new" / "compare.md").read_text("utf-8")


def test_both_ends_of_a_range_are_graded(course: Course) -> None:
    """With A..B the class is graded with the tests of both commits, whatever the working tree holds."""
    root = course.root
    (course.tests(TINY) / "hidden" / "test_tiny.py").write_text("raise RuntimeError('the working tree is not looked at')\n")
    done = regrade(course, root / "old", [root / "submitted"], root / "new", tests="HEAD~1..HEAD", jobs=1)
    assert scores(root / "new" / "before") == scores(root / "old")
    assert {c.student for c in done.comparison.changes} == {"ada", "bob"}


def test_the_same_commit_gives_the_same_grades(course: Course) -> None:
    """Grading with the first commit's tests again changes nothing: secret, examples and hashes are the same."""
    root = course.root
    done = regrade(course, root / "old", [root / "submitted"], root / "new", tests="HEAD~1", jobs=1)
    assert done.comparison.changes == ()
    assert done.comparison.same == 2
    assert [r.tests_sha256 for r in read_records(root / "new")] == [r.tests_sha256 for r in read_records(root / "old")]


def test_a_course_of_a_commit_keeps_the_secret_to_itself(course: Course) -> None:
    """The earlier course has the same secret in a file for its owner only, and is removed with it."""
    with course_at(course, "HEAD~1") as then:
        assert then.secret() == course.secret()
        assert (then.private / "secret").stat().st_mode & 0o077 == 0
        assert then.tests_sha256(TINY) != course.tests_sha256(TINY)
        root = then.root
    assert not root.exists()


@pytest.mark.parametrize(("tests", "said"), [("no-such", "expected a commit"), ("..", "COMMIT..COMMIT"), ("HEAD..", "COMMIT..COMMIT"), ("--output=x", "expected a commit")])
def test_a_wrong_commit_is_wrong_use(course: Course, tests: str, said: str) -> None:
    """What is no commit of the course is told, and nothing is graded."""
    with pytest.raises(UsageError, match=said):
        regrade(course, course.root / "old", [course.root / "submitted"], course.root / "new", tests=tests)
    assert not (course.root / "new" / "results.jsonl").exists()


def test_old_records_are_not_overwritten(course: Course) -> None:
    """The old folder cannot be the new one."""
    with pytest.raises(UsageError, match="these are the old records"):
        regrade(course, course.root / "old", [course.root / "submitted"], course.root / "old")
