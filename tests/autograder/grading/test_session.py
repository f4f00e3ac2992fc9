"""Tests of sessions: each cell's trouble stays its own, and a usable child is at hand while there is time."""

from __future__ import annotations

import msgspec
import pytest

from autograder.channel.events import StudentError
from autograder.channel.transport import StudentDied, StudentTimeout
from autograder.grading import session as module
from autograder.grading.material import Material
from autograder.unit import Unit

from .conftest import MakeSession
from .zygotes import ForkingZygote

OK = ("scale", "def scale(x, k): return k * x")
LOOP = ("loop", "while True: pass")
CRASH = ("crash", "import os; os._exit(3)")
FAIL = ("fail", "y = 1\nraise ValueError('no')")


def limited(unit: Unit, **limits: float) -> Unit:
    """Return the unit with other limits."""
    return msgspec.structs.replace(unit, limits=msgspec.structs.replace(unit.limits, **limits))


def asking(unit: Unit, *ids: str) -> Unit:
    """Return the unit with exercises of these ids, each of which asks to do without something."""
    return msgspec.structs.replace(unit, exercises=tuple(msgspec.structs.replace(unit.exercises[0], id=id_) for id_ in ids))


def test_cells_are_loaded_once_and_the_child_is_kept(session: MakeSession, zygote: ForkingZygote) -> None:
    """All calls of a healthy submission are served by one child."""
    made = session(OK, ("why", "n = 0\ndef count():\n    global n\n    n += 1\n    return n"))
    assert [made.student().count() for _ in range(3)] == [1, 2, 3]  # type: ignore[union-attr]
    assert made.student().scale(2.0, 3.0) == 6.0  # type: ignore[union-attr]
    assert len(zygote.pids) == 1
    assert made.problems == {}


def test_a_failing_cell_keeps_to_itself(session: MakeSession, zygote: ForkingZygote) -> None:
    """A cell that raises leaves what it did, is told with its line, and the cells below it run, in the same child."""
    made = session(FAIL, OK)
    student = made.student()
    assert student is not None
    assert student.value("y") == 1
    assert student.scale(2.0, 3.0) == 6.0
    assert made.problems == {"fail": "stops with ValueError: no in line 2: raise ValueError('no')"}
    assert len(zygote.pids) == 1


@pytest.mark.parametrize(("bad", "words"), [(LOOP, "did not finish within 0.3 s"), (CRASH, "ended the process (exit, crash, or too much memory)")])
def test_a_cell_that_ends_the_child_is_skipped(session: MakeSession, zygote: ForkingZygote, tiny: Material, bad: tuple[str, str], words: str) -> None:
    """An endless or crashing cell costs itself only: a new child runs all other cells, before and behind it."""
    made = session(("before", "b = 1"), bad, OK, unit=limited(tiny.unit, cell_seconds=0.3))
    student = made.student()
    assert student is not None
    assert student.value("b") == 1
    assert student.scale(2.0, 3.0) == 6.0
    assert made.problems == {bad[0]: words}
    assert len(zygote.pids) == 2


def test_a_cell_that_breaks_the_protocol_is_skipped(session: MakeSession) -> None:
    """A cell that writes rubbish to the socket is skipped and told."""
    rubbish = "import os, stat\nfor fd in range(3, 64):\n    try:\n        if stat.S_ISSOCK(os.fstat(fd).st_mode): os.write(fd, b'x' * 50)\n    except OSError: pass"
    made = session(("odd", rubbish), OK)
    assert made.student().scale(2.0, 3.0) == 6.0  # type: ignore[union-attr]
    assert made.problems["odd"].startswith("broke the grader's protocol")


def test_a_call_that_ends_the_child_gets_a_new_one(session: MakeSession, zygote: ForkingZygote) -> None:
    """After a timeout or a death the next student is a new child with the cells loaded; a raised exception keeps the child."""
    made = session(OK, ("hang", "def hang():\n    while True: pass\ndef die():\n    import os; os._exit(1)\ndef fail(): raise KeyError"))
    for name, error, children in (("fail", StudentError, 1), ("hang", StudentTimeout, 2), ("die", StudentDied, 3)):
        with pytest.raises(error):
            getattr(made.student(), name)()
        assert made.student().scale(2.0, 3.0) == 6.0  # type: ignore[union-attr]
        assert len(zygote.pids) == children


def test_a_broken_child_is_not_asked_again(session: MakeSession) -> None:
    """Within a test, a student whose process broke the rules is dead, whatever it still sends."""
    student = session(("hang", "def hang():\n    while True: pass\ndef one(): return 1")).student()
    assert student is not None
    with pytest.raises(StudentTimeout):
        student.hang()
    with pytest.raises(StudentDied):
        student.one()


def test_the_budget_ends(session: MakeSession, zygote: ForkingZygote, tiny: Material) -> None:
    """When a submission's seconds are used up there is no student and no further child."""
    made = session(OK, ("hang", "def hang():\n    while True: pass"), unit=limited(tiny.unit, submission_seconds=0.4, call_seconds=30.0))
    with pytest.raises(StudentTimeout):
        made.student().hang()  # type: ignore[union-attr]
    assert made.left() <= 0
    assert made.student() is None
    assert len(zygote.pids) == 1


def test_the_number_of_children_is_bounded(session: MakeSession, zygote: ForkingZygote, monkeypatch: pytest.MonkeyPatch) -> None:
    """A submission that kills every child gets a few and no more."""
    monkeypatch.setattr(module, "_CHILDREN_PER_EXERCISE", 1)
    made = session(("die", "def die():\n    import os; os._exit(1)"))
    count = 0
    while (student := made.student()) is not None and count < 50:
        with pytest.raises(StudentDied):
            student.die()
        count += 1
    assert 4 <= count < 10
    assert len(zygote.pids) == count


def test_names_are_known_where_something_is_forbidden(session: MakeSession, tiny: Material) -> None:
    """What the cells of such an exercise mention is collected before any of it runs, also of cells that fail; one that does not parse mentions nothing."""
    cells = ("a", "import numpy as np\nnp.multiply(1, 2)\n1 / 0"), ("b", "def"), ("c", "import numpy\nnumpy.dot"), ("free", "import numpy\nnumpy.dot")
    made = session(*cells, unit=asking(tiny.unit, "a", "b", "c"))
    made.student()
    assert "numpy.multiply" in made.names["a"][""]
    assert made.names["b"] == {}
    assert "numpy.dot" in made.names["c"][""]
    assert "free" not in made.names
    assert set(made.problems) == {"a", "b"}
    assert "SyntaxError" in made.problems["b"]


def test_a_cell_that_hides_among_names_is_not_run(session: MakeSession, tiny: Material) -> None:
    """A cell with more names than can be looked through counts as none, in place of one that uses nothing forbidden."""
    many = "\n".join(f"a{i} = int" for i in range(6000))
    made = session(("bad", f"{many}\nf = 1"), ("last", "g = 2"), unit=asking(tiny.unit, "bad", "last"))
    student = made.student()
    assert student is not None
    assert student.value("g") == 2
    assert made.problems == {"bad": "mentions too many names to be looked through"}
    with pytest.raises(StudentError):
        student.value("f")


def test_a_cell_that_crashes_the_parser_costs_itself_only(session: MakeSession, tiny: Material, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell whose analysis kills the child is skipped; the cells around it run, and the names behind it are still found."""
    real = module.cell_names

    def crashing(student: object, source: str) -> dict[str, tuple[str, ...]]:
        if "bomb" in source:
            with pytest.raises(StudentDied):
                module.load_cell(student, "x", "import os; os._exit(1)", 5.0)  # type: ignore[arg-type]
            raise StudentDied
        return real(student, source)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "cell_names", crashing)
    made = session(("first", "f = 1"), ("bad", "bomb"), ("last", "import numpy\nnumpy.multiply"), unit=asking(tiny.unit, "first", "bad", "last"))
    student = made.student()
    assert student is not None
    assert student.value("f") == 1
    assert made.problems == {"bad": "cannot be parsed by Python"}
    assert "numpy.multiply" in made.names["last"][""]


def test_closing_takes_the_account(session: MakeSession, zygote: ForkingZygote) -> None:
    """CPU seconds of all children add up, the largest memory counts, and closing twice is one closing."""
    made = session(("die", "def die():\n    import os; os._exit(1)"))
    with pytest.raises(StudentDied):
        made.student().die()  # type: ignore[union-attr]
    made.student()
    made.close()
    made.close()
    assert made.cpu_seconds == 0.5
    assert made.max_rss_kb == 1002
    assert len(made.deaths) == 2
    assert not zygote.live
