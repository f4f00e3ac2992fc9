"""Tests of everything trusted about a unit."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from autograder.channel.codec import encode
from autograder.course import Course
from autograder.errors import AuthorError, UsageError
from autograder.grading import material as module
from autograder.grading.material import LiveExplainer, Material
from autograder.testing.examples import fingerprint
from autograder.testing.judge import Suite
from autograder.testing.runner import fingerprints
from autograder.testing.trace import same_numbers

TINY = "u99_tiny"
Edit = Callable[[str, str, str], None]


@pytest.fixture
def edit(own_course: Course) -> Edit:
    """A function that replaces text in a file of the course."""

    def replace(path: str, old: str, new: str) -> None:
        file = own_course.root / path.replace("UNIT", TINY)
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))

    return replace


def packed(suite: Suite) -> dict[str, bytes]:
    """Return a suite's examples as bytes."""
    return {name: encode(list(found)) for name, found in suite.examples.items()}


def test_what_a_unit_consists_of(tiny: Material) -> None:
    """Exercises, questions, variants, tests, examples and scripts are all there."""
    assert tiny.unit.ids == ("scale", "linear_backward", "why_transpose")
    assert [m.id for m in tiny.misconceptions] == ["scale_adds", "scale_squares", "dw_averaged", "dx_negated"]
    assert [a.id for a in tiny.alternatives] == ["scale_divides", "scale_swapped", "einsum", "dot"]
    assert [c.name for c in tiny.hidden.of("scale")] == ["test_scale", "test_scale_twice"]
    assert [c.name for c in tiny.visible.of("linear_backward")] == ["test_gradients"]
    assert [len(tiny.hidden.examples[c.name]) for c in tiny.hidden.cases] == [5, 3, 5, 5]
    assert set(tiny.hidden.scripts) == {c.name for c in tiny.hidden.cases}
    assert all(not s.requests for s in tiny.visible.scripts.values())


def test_the_reference_runs(tiny: Material) -> None:
    """The reference as a student answers through the channel, as an oracle directly."""
    assert tiny.reference.scale(np.ones(2), 3.0).tolist() == [3, 3]
    assert tiny.oracle.scale(np.ones(2), 3.0).tolist() == [3, 3]
    assert tiny.reference.value("why_transpose") == "b"


def test_cells_are_replaced_one_by_one(tiny: Material) -> None:
    """A variant's cell replaces the reference's cell; all other cells stay; milestones and demos are not run."""
    student = tiny.student({"scale": "def scale(x, k): return -x"})
    assert student.scale(np.ones(2), 3.0).tolist() == [-1, -1]
    assert student.value("why_transpose") == "b"
    assert "grown" not in tiny.namespace()
    assert "raise NotImplementedError" in tiny.stub["scale"]
    assert set(tiny.stub) == set(tiny.unit.ids)


def test_namespaces_are_separate(tiny: Material) -> None:
    """Two students share nothing."""
    one, two = tiny.namespace(), tiny.namespace()
    one["scale"] = None
    assert callable(two["scale"])


# ---------------------------------------------------------------------- examples and their cache
def test_hidden_examples_come_from_the_secret(own_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same secret gives the same examples, another one others; visible examples are the same for everybody."""
    first = Material(own_course, TINY)
    hidden, visible, mark = packed(first.hidden), packed(first.visible), first.seed_fingerprint
    monkeypatch.setenv("AUTOGRADER_SECRET", "another")
    second = Material(own_course, TINY)
    assert packed(second.hidden).keys() == hidden.keys()
    assert all(packed(second.hidden)[name] != hidden[name] for name in hidden)
    assert packed(second.visible) == visible
    assert second.seed_fingerprint == fingerprint(b"another") != mark


def test_the_cache_is_used_and_private(own_course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples are generated once; the file that keeps them is readable by its owner only, in a folder of the same kind."""
    first = packed(Material(own_course, TINY).hidden)
    folder = own_course.private / "examples"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(module, "generate", never)
    monkeypatch.setattr(module, "script", never)
    again = Material(own_course, TINY).hidden
    assert packed(again) == first
    assert sum(bool(s.requests) for s in again.scripts.values()) == 3


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        ("tests/units/UNIT/hidden/test_tiny.py", "weight=3, examples=5", "weight=3, examples=6"),
        ("tests/units/UNIT/visible/cases.py", "draw = Draw(seed)", "draw = Draw(seed + 1)"),
        ("solutions/UNIT/UNIT.py", "y = k * x", "y = x * k"),
        ("solutions/UNIT/unit.toml", "minutes = 5", "minutes = 6"),
        ("solutions/UNIT/misconceptions.py", "counts twice", "counts two times"),
    ],
)
def test_an_edit_makes_the_cache_stale(own_course: Course, edit: Edit, path: str, old: str, new: str) -> None:
    """Tests, helpers, reference, misconceptions and unit.toml decide grades: changing one changes the hash, and the old cache is replaced."""
    first = Material(own_course, TINY)
    _ = first.hidden
    (before,) = (own_course.private / "examples").iterdir()
    edit(path, old, new)
    second = Material(own_course, TINY)
    assert second.tests_sha256 != first.tests_sha256
    _ = second.hidden
    (after,) = (own_course.private / "examples").iterdir()
    assert after.name != before.name


def test_an_edit_to_the_grader_makes_the_cache_stale(own_course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples drawn by other code are not taken from the cache, though no test and no version has changed."""
    package = tmp_path / "autograder"
    for name in ("testing", "channel"):
        shutil.copytree(Path(module.__file__).parents[1] / name, package / name)
    _ = Material(own_course, TINY).hidden
    (before,) = (own_course.private / "examples").iterdir()
    monkeypatch.setattr(module, "__file__", str(package / "grading" / "material.py"))
    monkeypatch.setattr(module, "_made_by", module._made_by.__wrapped__)
    examples = package / "testing" / "examples.py"
    for text, same in ((examples.read_text(), True), ("# another way to choose\n", False)):
        examples.write_text(text)
        _ = Material(own_course, TINY).hidden
        (after,) = (own_course.private / "examples").iterdir()
        assert (after.name == before.name) is same


def test_other_files_do_not_decide_grades(own_course: Course) -> None:
    """A compiled file or a data file changes no hash, and the hash does not depend on the course's place."""
    before = Material(own_course, TINY).tests_sha256
    (own_course.tests(TINY) / "hidden" / "__pycache__").mkdir()
    (own_course.tests(TINY) / "hidden" / "__pycache__" / "x.py").write_text("1")
    (own_course.solutions(TINY) / "notes.md").write_text("1")
    assert Material(own_course, TINY).tests_sha256 == before


@pytest.mark.parametrize("damage", [b"", b"rubbish", b"x\x9c\x03\x00\x00\x00\x00\x01"])
def test_a_damaged_cache_is_made_again(own_course: Course, damage: bytes) -> None:
    """A cache that cannot be read is as good as none."""
    first = packed(Material(own_course, TINY).hidden)
    (file,) = (own_course.private / "examples").iterdir()
    file.write_bytes(damage)
    assert packed(Material(own_course, TINY).hidden) == first
    assert file.read_bytes() != damage


def test_a_cache_that_cannot_be_written_is_no_failure(own_course: Course) -> None:
    """Where the private folder takes no cache, grading goes on without one."""
    (own_course.private / "examples").write_text("a file in the way")
    assert packed(Material(own_course, TINY).hidden)


# ---------------------------------------------------------------------- misconceptions' numbers
def test_the_explainer_knows_each_misconceptions_numbers(tiny: Material) -> None:
    """Hints come by exercise, in order; numbers are those of the misconception's code, and differ from the reference's."""
    explainer = LiveExplainer(tiny)
    assert dict(explainer.hints("scale")) == {"scale_adds": "You add k where you should multiply.", "scale_squares": "Your k counts twice."}
    assert explainer.hints("why_transpose") == {}
    case = tiny.hidden.cases[0]
    example = tiny.hidden.examples[case.name][0]
    (right,) = fingerprints(case, tiny.reference, tiny.oracle, [example])
    (adds,) = fingerprints(case, tiny.student({"scale": "def scale(x, k): return k + x"}), tiny.oracle, [example])
    found = explainer.fingerprint("scale_adds", case, 0, example)
    assert found is not None
    assert same_numbers(found, adds)
    assert not same_numbers(found, right)
    assert explainer.fingerprint("scale_adds", case, 0, {}) is found  # remembered by the example's index


def test_a_misconception_that_does_not_load_names_nothing(own_course: Course, edit: Edit) -> None:
    """An author's mistake in a misconception costs no student anything; its numbers are unknown."""
    edit("solutions/UNIT/misconceptions.py", '("k * x", "k + x")', '("not there", "k + x")')
    broken = Material(own_course, TINY)
    case = broken.hidden.cases[0]
    assert broken.hidden.explainer.fingerprint("scale_adds", case, 0, broken.hidden.examples[case.name][0]) is None


# ---------------------------------------------------------------------- what authors are told
@pytest.mark.parametrize(
    ("path", "old", "new", "words"),
    [
        ("solutions/UNIT/misconceptions.py", "MISCONCEPTIONS = (", "OTHERS = (", "MISCONCEPTIONS is not a tuple of Misconception"),
        ("solutions/UNIT/misconceptions.py", 'id="scale_squares"', 'id="scale_adds"', "id='scale_adds' appears twice"),
        ("solutions/UNIT/misconceptions.py", 'exercise="scale", hint="Your', 'exercise="scales", hint="Your', "exercise='scales' is not in unit.toml"),
        ("solutions/UNIT/misconceptions.py", "from autograder", "from nowhere", "misconceptions.py cannot be imported: ModuleNotFoundError"),
        ("solutions/UNIT/alternatives.py", "Alternative(id=", "dict(id=", "ALTERNATIVES is not a tuple of Alternative"),
        ("tests/units/UNIT/hidden/test_tiny.py", '@exercise("scale", weight=3', '@exercise("scales", weight=3', "exercise='scales' is not in unit.toml"),
        ("tests/units/UNIT/hidden/test_tiny.py", '"""dw is xᵀ·dout."""', "", "test=test_dw has no docstring"),
        ("solutions/UNIT/UNIT.py", "y = k * x", "y = k *", "does not parse"),
    ],
)
def test_contradictions_are_author_errors(own_course: Course, edit: Edit, path: str, old: str, new: str, words: str) -> None:
    """Whatever contradicts itself in a unit is reported with the unit's name and the thing."""
    edit(path, old, new)
    with pytest.raises(AuthorError) as caught:
        everything(Material(own_course, TINY))
    assert words in str(caught.value)
    assert caught.value.unit == TINY


def everything(material: Material) -> None:
    """Load all that is loaded late."""
    _ = material.misconceptions, material.alternatives, material.visible, material.hidden


def test_a_reference_cell_that_fails_names_cell_and_line(own_course: Course, edit: Edit) -> None:
    """The author sees which cell of the reference does not run."""
    edit("solutions/UNIT/UNIT.py", "def scale(x, k):", "missing()\ndef scale(x, k):")
    with pytest.raises(AuthorError, match=r"unit=u99_tiny cell=scale line=\d+: the cell fails: NameError"):
        _ = Material(own_course, TINY).reference


def test_missing_files(own_course: Course) -> None:
    """A unit without misconceptions.py is an author error; an unknown unit a usage error that lists those there are."""
    (own_course.solutions(TINY) / "misconceptions.py").unlink()
    with pytest.raises(AuthorError, match=r"misconceptions\.py is missing"):
        _ = Material(own_course, TINY).misconceptions
    with pytest.raises(UsageError, match="unit='u98' does not exist; this course has u99_tiny"):
        Material(own_course, "u98")
    Path(own_course.solutions(TINY) / f"{TINY}.py").unlink()
    with pytest.raises(UsageError, match="cannot read"):
        Material(own_course, TINY)
