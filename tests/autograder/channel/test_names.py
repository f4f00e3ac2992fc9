"""Tests of IPython syntax and of the names that a cell mentions."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.channel.names import names_by_definition, without_magics

BODY = "def f(x):\n    return x\n"


def dotted_names(source: str) -> list[str]:
    """Return all names that a source mentions, of whatever definition."""
    return sorted({name for names in names_by_definition(source).values() for name in names})


@pytest.mark.parametrize(
    "line", ["%matplotlib inline", "!pip install numpy", "%timeit f(1)", "?f", "f?", "np.dot??", "files = !ls -l", "t = %timeit -o f(1)", "    ", "# a smiley :(", "%load_ext autoreload"]
)
@pytest.mark.parametrize("before", ["", "x = 1\n", "# (\n", "s = ')('\n", "if True:\n    pass\n"])
def test_magic_lines_do_not_cost_the_cell(before: str, line: str) -> None:
    """Magics, shell escapes and questions about a name, anywhere in a cell, leave the function below them defined."""
    namespace: dict[str, object] = {}
    exec(compile(without_magics(before + line + "\n" + BODY), "cell", "exec"), namespace)
    assert callable(namespace["f"])


@pytest.mark.parametrize("magic", ["%%time", "%%timeit -n 1", "%%capture out", "%%prun"])
def test_cell_magics_that_run_python_keep_the_cell(magic: str) -> None:
    """A timed or captured cell is run; its lines keep their numbers."""
    source = without_magics(f"{magic}\n{BODY}")
    assert [node.lineno for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)] == [2]


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%javascript", "%%writefile x.py"])
def test_other_cell_magics_drop_the_cell(magic: str) -> None:
    """A cell in another language is not run as Python."""
    source = without_magics(f"{magic}\nrm -rf (\ndef f(): pass")
    assert "f" not in dotted_names(source)
    assert len(source.split("\n")) == 3


@pytest.mark.parametrize("source", ['s = """\n%time\n!ls\nfoo?\n"""', "x = (5\n% 3)", "x = [1,\n  2\n  % 3]", "x = 5 \\\n% 3", BODY, ""])
def test_python_is_left_as_it_is(source: str) -> None:
    """A per cent sign that is Python, in an expression or a text, is not touched."""
    assert without_magics(source) == source


def test_a_magic_inside_a_function_becomes_a_statement() -> None:
    """An indented magic keeps its block."""
    namespace: dict[str, object] = {}
    exec(without_magics("def f():\n    %time g()\n"), namespace)
    assert callable(namespace["f"])


@given(source=st.text(alphabet="%!?xf= \n()'\"#:", max_size=40))
def test_line_numbers_stay(source: str) -> None:
    """Whatever a cell holds, replacing magics neither fails nor moves a line."""
    assert without_magics(source).count("\n") == source.count("\n")


# ---------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("import numpy\nnumpy.multiply(a, b)", "numpy.multiply"),
        ("np.multiply(a, b)", "numpy.multiply"),
        ("import numpy as banana\nbanana.multiply(a, b)", "numpy.multiply"),
        ("from numpy import multiply", "numpy.multiply"),
        ("from numpy import multiply as m\nm(a, b)", "numpy.multiply"),
        ("from numpy import linalg as L\nL.inv(a)", "numpy.linalg.inv"),
        ("import numpy.linalg as L\nL.inv(a)", "numpy.linalg.inv"),
        ("import numpy.linalg\nnumpy.linalg.inv(a)", "numpy.linalg.inv"),
        ("f = np.multiply", "numpy.multiply"),
        ("def g():\n    import numpy as q\n    return q.multiply", "numpy.multiply"),
        ("ｎｐ.ｍｕｌｔｉｐｌｙ(a, b)", "numpy.multiply"),  # Python reads full-width letters as the plain ones
        ("𝓷𝓹.multiply(a, b)", "numpy.multiply"),
        ("y = a @ b", "@"),
        ("x.sum().dot(y)", ".dot"),
        ("lambda: [np.multiply for _ in x]", "numpy.multiply"),
        ("sum(x)", "sum"),
    ],
)
def test_names_are_found_in_the_syntax_tree(source: str, name: str) -> None:
    """Imports, aliases, attributes, operators and look-alike letters lead to the dotted name."""
    assert name in dotted_names(source)


@pytest.mark.parametrize("source", ["# np.multiply", "'np.multiply'", 'def f():\n    """Like np.multiply."""', "multiply = 3", "x.multiply", "np.multiply_all"])
def test_what_only_looks_like_the_name_is_not_it(source: str) -> None:
    """Comments, texts and other objects' attributes are not the forbidden function."""
    assert "numpy.multiply" not in dotted_names(source)


def test_names_are_told_by_definition() -> None:
    """Functions, classes, assignments and imports at the margin are definitions; the rest stands under an empty name."""
    found = names_by_definition("import numpy as np\nf = np.dot\ndef g(x):\n    return f(x) @ x\nclass C:\n    y: int = h\nk: int = g(1)\nprint(C)")
    assert found == {
        "np": ["numpy"], "f": ["f", "numpy", "numpy.dot"], "g": ["@", "f", "x"], "C": ["h", "int", "y"], "k": ["g", "int", "k"], "": ["C", "print"],
    }  # fmt: skip


def test_a_cell_that_does_not_parse_raises() -> None:
    """A source that is no Python has no names."""
    with pytest.raises(SyntaxError):
        dotted_names("def")


def test_names_are_sorted_and_bounded() -> None:
    """The list is deterministic; of more names than anybody writes, or definitions, none are told, rather than all but the last."""
    names = dotted_names("\n".join(f"a{i}" for i in range(4000)))
    assert names == sorted(names)
    assert len(names) == 4000
    for line in ("a{0} = z{0}", "a{0} = 0", "z{0}"):
        with pytest.raises(OverflowError):
            names_by_definition("\n".join(line.format(i) for i in range(6000)) + "\ndef f(x): return x @ x")
