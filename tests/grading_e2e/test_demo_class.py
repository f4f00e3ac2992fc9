"""The demo's class through the command line, once: every submission gets what it deserves, and the pages are harmless."""

from __future__ import annotations

import ast
import csv
import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from autograder import records
from autograder.course import Course
from autograder.demo import Role, cast, write_class
from autograder.grading.journal import NAME, read_records
from autograder.grading.material import Material
from autograder.records import SubmissionRecord
from autograder.submissions.names import slug
from tests.grading_e2e.command import PROJECT, run

UNIT = "u03_backprop"
SECRET = "0123456789-secret-of-the-test"
LIMITS = "\n[limits]\ncall_seconds = 2.0\ncell_seconds = 3.0\n"
FULL = 100.0


class Graded(msgspec.Struct, frozen=True):
    """The class, what came of it, and what the command said."""

    material: Material
    roles: dict[str, Role]
    records: dict[str, SubmissionRecord]
    out: Path
    said: subprocess.CompletedProcess[str]

    def texts(self) -> dict[str, str]:
        """Return every file that was written, as text."""
        return {str(p.relative_to(self.out)): p.read_bytes().decode("utf-8") for p in sorted(self.out.rglob("*")) if p.is_file()}


@pytest.fixture(scope="module")
def graded(needs_sandbox: None, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class graded in a copy of the course, with shorter limits."""
    root = tmp_path_factory.mktemp("demo")
    for part in (f"solutions/{UNIT}", f"tests/units/{UNIT}", f"assignments/{UNIT}"):
        if (PROJECT / part).is_dir():
            shutil.copytree(PROJECT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    toml = root / "solutions" / UNIT / "unit.toml"
    if "[limits]" not in (text := toml.read_text(encoding="utf-8")):
        toml.write_text(text + LIMITS, encoding="utf-8")
    (root / ".autograder").mkdir()
    (root / ".autograder" / "secret").write_text(SECRET + "\n", encoding="utf-8")
    material = Material(Course(root), UNIT)
    folder, out = root / "submitted", root / "grades"
    count = write_class(material, folder)
    said = run("grade", UNIT, folder, "--out", out, course=root)
    assert said.returncode == 0, said.stderr
    roles = {role.student: role for role in cast(material)}
    assert count == len(roles)
    return Graded(material, roles, {r.student: r for r in read_records(out)}, out, said)


def told(record: SubmissionRecord) -> list[str]:
    """Return everything a record says in words."""
    return [record.reason, *record.messages, *(t.message for e in record.exercises for t in e.tests)]


def earned(record: SubmissionRecord) -> str:
    """Return in one word what a submission got."""
    if record.status != "graded":
        return record.status
    return "full" if record.score == FULL else "zero" if record.score == 0 else "less"


def test_class_is_large_and_always_the_same(graded: Graded, tmp_path: Path) -> None:
    """The class has at least 32 students of every expectation, and a second writing gives the same bytes."""
    assert len(graded.roles) >= 32
    assert {role.expectation for role in graded.roles.values()} == {"full", "less", "zero", "ungradable"}
    write_class(graded.material, tmp_path)
    for student, role in graded.roles.items():
        assert (tmp_path / student / UNIT / f"{UNIT}.ipynb").read_bytes() == role.notebook


def test_every_submission_has_one_record(graded: Graded) -> None:
    """There is exactly one line for each student, and none for anybody else."""
    lines = [json.loads(line) for line in (graded.out / NAME).read_text(encoding="utf-8").splitlines()]
    assert sorted(line["student"] for line in lines) == sorted(graded.roles)


def test_every_submission_earns_what_it_deserves(graded: Graded) -> None:
    """Right answers get the full score, wrong ones less, hostile and untouched ones nothing, broken files no grade."""
    got = {f"{s} ({role.kind})": earned(graded.records[s]) for s, role in graded.roles.items()}
    assert got == {f"{s} ({role.kind})": role.expectation for s, role in graded.roles.items()}


def test_misconceptions_are_named(graded: Graded) -> None:
    """A student with known misconceptions reads their hints, and no other misconception's."""
    hints = {m.id: m.hint for m in graded.material.misconceptions}
    for student, role in graded.roles.items():
        if role.misconceptions:
            tests = [t for e in graded.records[student].exercises for t in e.tests if t.misconception]
            assert {t.misconception for t in tests} == set(role.misconceptions), role.kind
            assert {t.hint for t in tests} == {hints[m] for m in role.misconceptions}


def test_right_answers_are_named_nothing(graded: Graded) -> None:
    """Nobody with the full score has a failed test, a hint or a misconception."""
    for student, role in graded.roles.items():
        if role.expectation == "full":
            assert {(t.outcome, t.misconception, t.hint) for e in graded.records[student].exercises for t in e.tests} == {
                ("passed", "", "")
            }


def test_records_say_why(graded: Graded) -> None:
    """Broken, looping, crashing and unreadable submissions say so in words."""
    missing = {
        f"{student} ({role.kind})": told(graded.records[student])[:3]
        for student, role in graded.roles.items()
        if role.says and not any(role.says in text for text in told(graded.records[student]))
    }
    assert not missing


def test_one_loop_or_crash_costs_one_exercise(graded: Graded) -> None:
    """A submission that loops, crashes or takes all memory in one exercise keeps the points of all others."""
    for kind in (
        "endless loop in a function",
        "endless loop in a cell",
        "memory hog",
        "exits while a cell runs",
        "syntax error in one cell",
    ):
        record = next(graded.records[s] for s, role in graded.roles.items() if role.kind == kind)
        assert sum(e.points == e.max_points for e in record.exercises) == len(record.exercises) - 1, kind


def test_records_follow_the_schema(graded: Graded) -> None:
    """Every line validates against the committed JSON Schema, or the one of the package where none is committed."""
    jsonschema = pytest.importorskip("jsonschema")
    committed = [p for p in PROJECT.rglob("*.schema.json") if ".venv" not in p.parts]
    schema = json.loads(committed[0].read_text(encoding="utf-8")) if committed else records.json_schema()
    validator = jsonschema.Draft202012Validator(schema)
    for line in (graded.out / NAME).read_text(encoding="utf-8").splitlines():
        validator.validate(json.loads(line))


def test_grades_have_one_row_each(graded: Graded) -> None:
    """``grades.csv`` has a row for each student; an ungradable one has no score."""
    with (graded.out / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert sorted(rows) == sorted(graded.roles)
    for student, row in rows.items():
        expected = "" if graded.roles[student].expectation == "ungradable" else graded.records[student].score
        assert row["score"] == "" if expected == "" else float(row["score"]) == expected


def test_everybody_has_a_page(graded: Graded) -> None:
    """Each student has a feedback page, and the class page links to all of them."""
    report = (graded.out / "report.html").read_text(encoding="utf-8")
    for student in graded.roles:
        page = Path("feedback", slug(student), f"{UNIT}.html")
        assert (graded.out / page).is_file(), student
        assert page.as_posix() in report


def test_nothing_hostile_is_unescaped(graded: Graded) -> None:
    """No file and no line of the terminal holds a script, a control character, reversed text or an unpaired surrogate."""
    odd = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
    for name, text in {**graded.texts(), "stdout": graded.said.stdout, "stderr": graded.said.stderr}.items():
        assert not (found := odd.search(text)), (name, found)
        if name.endswith(".html"):
            assert not re.search(r"<\s*script|<img src=x|onerror=alert\(2\)>", text), name


def test_hostile_text_did_arrive(graded: Graded) -> None:
    """The text that the pages escape is really in the records, so the test above can fail."""
    record = next(graded.records[s] for s, role in graded.roles.items() if role.kind.startswith("odd"))
    page = (graded.out / "feedback" / slug(record.student) / f"{UNIT}.html").read_text(encoding="utf-8")
    assert any("<script>alert" in text for text in told(record))
    assert "&lt;script&gt;alert" in page


def hidden_lines(folder: Path) -> set[str]:
    """Return lines of test files that are long enough to be recognised; docstrings and messages are for students."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
        public = {line for n in nodes if "\n" in str(n.value) for line in range(n.lineno, (n.end_lineno or n.lineno) + 1)}
        found |= {line.strip() for number, line in enumerate(source.splitlines(), 1) if number not in public and len(line.strip()) >= 30}
    return {line for line in found if not line.startswith(('"""', "import ", "from "))}


def test_nothing_hidden_is_told(graded: Graded) -> None:
    """No output holds a line of a hidden test or the course's secret."""
    course = graded.material.course
    secret_lines = hidden_lines(course.tests(UNIT) / "hidden") - hidden_lines(course.tests(UNIT) / "visible")
    assert len(secret_lines) > 20
    for name, text in {**graded.texts(), "stdout": graded.said.stdout, "stderr": graded.said.stderr}.items():
        plain = html.unescape(text)
        assert SECRET not in plain, name
        assert not [line for line in secret_lines if line in plain], name


def test_explanations_are_for_those_who_answered_right(graded: Graded) -> None:
    """A question's explanation stands on no page of a student who did not answer it."""
    questions = {q.id: q.explanation for q in graded.material.unit.questions}
    for student, record in graded.records.items():
        page = html.unescape((graded.out / "feedback" / slug(student) / f"{UNIT}.html").read_text(encoding="utf-8"))
        right = {e.id for e in record.exercises if e.points > 0}
        assert not [id_ for id_, explanation in questions.items() if id_ not in right and explanation in page], student


def test_no_solution_is_told_to_those_who_have_none(graded: Graded) -> None:
    """What students without a solution read holds no line that only the reference has."""
    notebook = graded.material.notebook
    ids = [e.id for e in graded.material.unit.exercises]
    stubs = "\n".join(notebook.stub(id_) for id_ in ids)
    own = {line.strip() for id_ in ids for line in notebook.solution(id_).splitlines()}
    own = {line for line in own if len(line) >= 20 and line not in stubs}
    assert len(own) > 20
    for student, role in graded.roles.items():
        if role.expectation in ("zero", "ungradable"):
            page = html.unescape((graded.out / "feedback" / slug(student) / f"{UNIT}.html").read_text(encoding="utf-8"))
            assert not [line for line in own if line in page or line in "\n".join(told(graded.records[student]))], role.kind


def test_command_says_what_it_did(graded: Graded) -> None:
    """The command prints the number of submissions, a row of each that has no grade, and the report's path."""
    out = graded.said.stdout
    assert f"grading {len(graded.roles)} submissions" in out
    assert "report: " in out
    assert "Traceback" not in out + graded.said.stderr
    for student, role in graded.roles.items():
        if role.expectation == "ungradable":
            assert student in out
