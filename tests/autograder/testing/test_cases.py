"""Tests of unit tests as cases: how they are found, and what authors are told."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from autograder.errors import AuthorError
from autograder.testing.cases import DEFAULT_EXAMPLES, Case, load_cases

HEAD = "from autograder.testing import exercise, seeds\nfrom hypothesis import given\n"


def cases(folder: Path, text: str, *, kind: str = "hidden", file: str = "test_a.py") -> tuple[Case, ...]:
    """Write a test file and load the folder."""
    folder.mkdir(exist_ok=True)
    (folder / file).write_text(HEAD + textwrap.dedent(text))
    return load_cases(folder, f"cases_of_{abs(hash(folder))}", "u99", kind=kind)


GOOD = '''
    @exercise("f", weight=2, examples=3)
    @given(seed=seeds())
    def test_drawn(student, reference, seed):
        """The first
        sentence, on two lines.

        More that nobody reads.
        """

    @exercise("g")
    def test_plain(student):
        """Plain."""

    @given(seed=seeds())
    @exercise("g")
    def test_other_order(student, seed):
        """The marks stand in the other order."""

    def helper(student):
        return 1
'''


def test_a_case_holds_what_the_marks_say(tmp_path: Path) -> None:
    """Exercise, weight, examples, strategies, the wish for a reference and the docstring's first paragraph are read."""
    drawn, plain, other = cases(tmp_path, GOOD)
    assert (drawn.name, drawn.exercise, drawn.weight, drawn.examples, drawn.wants_reference) == ("test_drawn", "f", 2, 3, True)
    assert drawn.description == "The first sentence, on two lines."
    assert list(drawn.strategies) == ["seed"]
    assert (plain.name, plain.weight, plain.strategies, plain.wants_reference) == ("test_plain", 1.0, {}, False)
    assert (other.exercise, list(other.strategies)) == ("g", ["seed"])


def test_a_case_can_be_called_without_hypothesis(tmp_path: Path) -> None:
    """The function of a case takes drawn values as plain arguments."""
    (case,) = cases(tmp_path, '@exercise("f")\n@given(seed=seeds())\ndef test_x(student, seed):\n    """X."""\n    student.append(seed)\n')
    seen: list[int] = []
    case.function(student=seen, seed=17)
    assert seen == [17]


@pytest.mark.parametrize("kind", ["visible", "hidden"])
def test_the_number_of_examples_has_a_default(tmp_path: Path, kind: str) -> None:
    """A check at home, which costs the grader nothing, has more examples than a hidden test."""
    (case,) = cases(tmp_path, '@exercise("f")\ndef test_x(student):\n    """X."""\n', kind=kind)
    assert case.examples == DEFAULT_EXAMPLES[kind]
    assert DEFAULT_EXAMPLES["visible"] > DEFAULT_EXAMPLES["hidden"]


def test_order_is_that_of_files_and_lines(tmp_path: Path) -> None:
    """Tests come file by file, as written; imported tests and other files do not count."""
    body = '@exercise("f")\ndef {}(student):\n    """X."""\n'
    (tmp_path / "helper.py").write_text(HEAD + body.format("test_no"))
    (tmp_path / "test_b.py").write_text(HEAD + "from .test_a import test_z\nfrom .helper import test_no\n" + body.format("test_c"))
    found = cases(tmp_path, body.format("test_z") + body.format("test_y"))
    assert [c.name for c in found] == ["test_z", "test_y", "test_c"]


def test_relative_imports_reach_siblings_and_the_other_folder(tmp_path: Path) -> None:
    """A hidden test may import helpers beside it and those of the visible tests."""
    (tmp_path / "u99" / "visible").mkdir(parents=True)
    (tmp_path / "u99" / "visible" / "shared.py").write_text("WORD = 'shared'\n")
    hidden = tmp_path / "u99" / "hidden"
    hidden.mkdir()
    (hidden / "own.py").write_text("WORD = 'own'\n")
    (hidden / "test_a.py").write_text(HEAD + 'from .own import WORD as a\nfrom ..visible.shared import WORD as b\n@exercise("f")\ndef test_x(student):\n    """X."""\n    student += [a, b]\n')
    (case,) = load_cases(hidden, "units_abc.u99.hidden", "u99", kind="hidden")
    seen: list[str] = []
    case.function(student=seen)
    assert seen == ["own", "shared"]


def test_a_folder_is_read_anew(tmp_path: Path) -> None:
    """Loading again after an edit, helpers included, sees the edit."""
    (tmp_path / "h.py").write_text("A = 1\n")
    text = '@exercise("f")\ndef test_x(student):\n    """X."""\n    from .h import A\n    student.append(A)\n'
    seen: list[int] = []
    cases(tmp_path, text)[0].function(student=seen)
    (tmp_path / "h.py").write_text("A = 22\n")
    cases(tmp_path, text)[0].function(student=seen)
    assert seen == [1, 22]


BAD = {
    "no mark": ('def test_x(student):\n    """X."""\n', "test_a.py: test=test_x has no @exercise"),
    "no docstring": ('@exercise("f")\ndef test_x(student):\n    pass\n', "test=test_x has no docstring"),
    "blank docstring": ('@exercise("f")\ndef test_x(student):\n    """ """\n', "test=test_x has no docstring"),
    "no student": ('@exercise("f")\ndef test_x():\n    """X."""\n', "expected student"),
    "fixture": ('@exercise("f")\ndef test_x(student, tmp_path):\n    """X."""\n', "tmp_path"),
    "undrawn": ('@exercise("f")\n@given(seed=seeds())\ndef test_x(student, seed, n):\n    """X."""\n', "'n'"),
    "syntax": ("def test_x(:\n", "cannot be imported: SyntaxError"),
    "import": ("import no_such_module\n", "cannot be imported: ModuleNotFoundError"),
    "crash": ("1 / 0\n", "cannot be imported: ZeroDivisionError"),
}


@pytest.mark.parametrize(("text", "words"), BAD.values(), ids=BAD.keys())
def test_authors_are_told_file_and_test(tmp_path: Path, text: str, words: str) -> None:
    """Whatever is wrong with a test file is an author error that names unit, kind or test."""
    with pytest.raises(AuthorError) as caught:
        cases(tmp_path, text)
    assert words in str(caught.value)
    assert caught.value.unit == "u99"


def test_a_visible_test_cannot_have_the_reference(tmp_path: Path) -> None:
    """Students do not have the reference, so a visible test that wants it is refused."""
    with pytest.raises(AuthorError, match="wants the reference"):
        cases(tmp_path, '@exercise("f")\ndef test_x(student, reference):\n    """X."""\n', kind="visible")


def test_two_tests_of_one_name_are_refused(tmp_path: Path) -> None:
    """A name is unique in a unit, because records and examples are kept by it."""
    body = '@exercise("f")\ndef test_x(student):\n    """X."""\n'
    (tmp_path / "test_b.py").write_text(HEAD + body)
    with pytest.raises(AuthorError, match="test=test_x appears twice"):
        cases(tmp_path, body)
