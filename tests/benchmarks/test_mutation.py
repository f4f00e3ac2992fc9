"""Tests of the mutation run: each operator makes its mutants, no program appears twice, and reasons are never out of date unnoticed."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autograder.course import Course
from autograder.errors import CHECK_FAILED, OK, WRONG_USE, AuthorError, GraderError
from autograder.grading.material import Material
from benchmarks.mutation.__main__ import PAGE, main
from benchmarks.mutation.equivalents import FILE, Equivalent, load_equivalents, sort_survivors
from benchmarks.mutation.mutants import Mutant, cell_mutants, unit_mutants
from benchmarks.mutation.trial import Trial, survivors

TINY = "u99_tiny"
EXPLAINED = '[[equivalent]]\nexercise = "scale"\nreason = "The same number."\nmutants = ["scale: y = k * x → y = x * k"]\n'


def after(body: str, parameters: str = "a, b, c") -> set[str]:
    """Return what becomes of the one statement of a function."""
    return {m.after for m in cell_mutants("f", f"def f({parameters}):\n    {body}") if m.before == body}


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("return a + b", {"return a - b", "return a * b", "return a", "return b", "return -a + b", "return np.add(a, b, out=a)", "return None", "pass"}),
        ("return a - b", {"return a + b", "return b - a"}),
        ("return a @ b", {"return b @ a", "return a", "return -a @ b"}),
        ("a += b", {"a -= b", "a *= b", "a = b", "pass"}),
        ("return a < b", {"return a <= b", "return a > b"}),
        ("return a is None", {"return a is not None"}),
        ("return a and b", {"return a or b", "return a", "return b"}),
        ("return a if b else c", {"return a if not b else c", "return a if True else c", "return a if False else c"}),
        ("return [x for x in a if x]", {"return [x for x in a]", "return [x for x in a if not x]"}),
        ("return -a", {"return a"}),
        ("return 3", {"return 4", "return 2", "return 1", "return 0"}),
        ("return 0.5", {"return 1.5", "return -0.5", "return 0.0", "return 1.0"}),
        ("return a", {"return b", "return c", "return -a"}),
        ("return a['x'] + a['y']", {"return a['y'] + a['y']", "return a['x'] + a['x']"}),
        ("return np.sum(a, axis=1, keepdims=True)", {
            "return np.mean(a, axis=1, keepdims=True)", "return np.sum(a, axis=0, keepdims=True)", "return np.sum(a, axis=2, keepdims=True)",
            "return np.sum(a, keepdims=True)", "return np.sum(a, axis=1)", "return np.sum(a, axis=1, keepdims=False)", "return a",
        }),
        ("return g(a, b)", {"return g(b, a)", "return g(a)", "return a", "return b", "return -g(a, b)"}),
        ("return a.T.copy()", {"return a.copy()", "return a.T"}),
        ("return a[1:b]", {"return a[:b]", "return a[1:]", "return a[0:b]", "return a[2:b]", "return a[1:b + 1]", "return a[1:b - 1]", "return a[1:b:-1]"}),
        ("return a[:]", {"return a[1:]", "return a[:-1]", "return a[::-1]"}),
        ("return (a, b)", {"return (b, a)", "return None"}),
        ("a, b = c", {"b, a = c", "a, b = -c", "pass"}),
    ],
)  # fmt: skip
def test_operators(statement: str, expected: set[str]) -> None:
    """Each kind of expression and statement gets the changes of its operator."""
    assert expected <= after(statement)


def test_branches_and_jumps() -> None:
    """A condition is turned round and fixed both ways; a break becomes a continue, a loop disappears."""
    cell = "def f(a):\n    for x in a:\n        if x:\n            break\n    return a"
    changes = {(m.before, m.after) for m in cell_mutants("f", cell)}
    assert {
        ("if x:", "if not x:"),
        ("if x:", "if False:"),
        ("if x:", "if True:"),
        ("break", "continue"),
        ("for x in a:", "pass"),
    } <= changes


def test_sign_changes_that_say_nothing_are_left_out() -> None:
    """What is squared, measured for its length or already has a minus gets no other sign."""
    assert not {"return (-a) ** 2", "return --a"} & (after("return a ** 2") | after("return -a"))
    assert "return len(-a)" not in after("return len(a)")


def test_no_program_appears_twice() -> None:
    """Mutants differ from the cell and from each other as programs, and all of them compile."""
    cell = "def f(a, b):\n    '''Text 1.'''\n    x = (a + 1) * 0\n    return x, b"
    found = cell_mutants("f", cell)
    programs = [ast.dump(ast.parse(m.source)) for m in found]
    assert len(set(programs)) == len(programs) > 20
    assert ast.dump(ast.parse(cell)) not in programs
    assert all("'''" in m.source or '"""' in m.source for m in found)


def test_default_arguments_are_mutated_and_given_functions_are_not() -> None:
    """A default counts as code of the cell; a function that the stub holds complete is nobody's answer."""
    given = "def helper(a):\n    return a + 1"
    found = cell_mutants("f", f"{given}\n\n\ndef f(a, h=2):\n    return a", f"{given}\n\n\ndef f(a, h=2):\n    raise NotImplementedError")
    assert {m.where for m in found} == {"f"}
    assert "def f(a, h=3):" in {m.after for m in found}


def test_lines_are_those_of_the_reference(tiny: Material) -> None:
    """A mutant's line is where its statement stands in the reference's file, behind markers and stub lines."""
    lines = (tiny.course.solutions(TINY) / f"{TINY}.py").read_text().splitlines()
    found = [m for e in tiny.unit.exercises for m in unit_mutants(tiny.notebook, e.id)]
    assert {lines[m.line - 1].strip() for m in found if "dw" in m.before} >= {"dw = x.T @ dout", "return dx, dw"}
    assert all(ast.unparse(ast.parse(m.before + (" pass" if m.before.endswith(":") else ""))).startswith(m.before) for m in found)


# ---------------------------------------------------------------------- reasons
def mutant(change: str, exercise: str = "scale") -> Mutant:
    """Return a mutant of which only the text matters."""
    before, _, changed = change.partition(" → ")
    return Mutant(exercise, 7, "f", before, changed, "")


def test_survivors_are_sorted() -> None:
    """An entry explains the survivor of its exercise and text, also twice; other survivors are open, other entries stale."""
    groups = (Equivalent("scale", "same", ("f: a → b", "f: gone → b")), Equivalent("other", "same", ("f: c → d",)))
    found = sort_survivors((mutant("a → b"), mutant("a → b"), mutant("c → d")), groups)
    assert found.explained == ((groups[0], (mutant("a → b"), mutant("a → b"))),)
    assert found.open == (mutant("c → d"),)
    assert found.stale == ("scale: f: gone → b", "other: f: c → d")


def test_reasons_are_read_strictly(tmp_path: Path) -> None:
    """No file means no reasons; an unknown field, a broken file and a mutant listed twice are errors."""
    path = tmp_path / FILE
    assert load_equivalents(path, TINY) == ()
    for text, words in (("[[equivalent]]\nmutant = 1", "unknown field"), ("[", FILE), (EXPLAINED + EXPLAINED, "listed twice")):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(AuthorError, match=words):
            load_equivalents(path, TINY)


# ---------------------------------------------------------------------- runs
def changed(source: str) -> Mutant:
    """Return a version of the cell ``scale``."""
    return Mutant("scale", 7, "scale", "y = k * x", source, f"def scale(x, k):\n    {source}")


def test_wrong_mutants_are_killed_and_right_ones_survive(tiny: Material) -> None:
    """Wrong numbers, exceptions, endless loops and cells that do not run are killed; a right answer in other words survives."""
    wrong = [changed(s) for s in ("return k + x", "return 1 / 0")]
    broken = Mutant("scale", 7, "scale", "", "", "raise SystemExit")
    right = changed("return x * k")
    trial = Trial.of(tiny)
    assert survivors(trial, [*wrong, right, broken, right], 1) == (right, right)
    assert survivors(trial, [*wrong, changed("while True: pass"), right], 3) == (right,)


def test_a_process_that_dies_is_reported(tiny: Material) -> None:
    """When a mutant ends its process, the run stops and names it."""
    with pytest.raises(GraderError, match="os._exit"):
        survivors(Trial.of(tiny), [changed("return k + x"), changed("__import__('os')._exit(1)  # os._exit")], 1)


def test_the_command_fails_until_every_survivor_has_a_reason(
    own_course: Course, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit code is 1 for an open survivor and for a stale reason, 0 when all are explained; the page holds figures and reasons."""
    monkeypatch.setenv("AUTOGRADER_COURSE", str(own_course.root))
    reference, reasons = own_course.solutions(TINY) / f"{TINY}.py", own_course.solutions(TINY) / FILE
    assert main([TINY]) == OK
    reasons.write_text(EXPLAINED, encoding="utf-8")
    assert main([TINY]) == CHECK_FAILED
    assert "stale, killed or gone: scale: scale: y = k * x → y = x * k" in capsys.readouterr().out
    reasons.unlink()
    reference.write_text(reference.read_text().replace("y = k * x", "y = np.multiply(k, x)"), encoding="utf-8")
    assert main([TINY]) == CHECK_FAILED
    assert "survives, scale line 22: scale: y = np.multiply(k, x) → y = np.multiply(x, k)" in capsys.readouterr().out
    reasons.write_text(EXPLAINED.replace("k * x", "np.multiply(k, x)").replace("x * k", "np.multiply(x, k)"), encoding="utf-8")
    assert main([TINY, "--write", "--explained"]) == OK
    assert "(The same number.)" in capsys.readouterr().out
    page = (own_course.root / PAGE).read_text()
    assert "**scale:** The same number.\n\n- `scale: y = np.multiply(k, x) → y = np.multiply(x, k)`\n" in page
    assert f"| {TINY} | " in page
    assert "| 1 | 0 | 100.0% |" in page
    assert main(["u98_other"]) == WRONG_USE
