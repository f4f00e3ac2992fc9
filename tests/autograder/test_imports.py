"""Tests of the package's import graph: it flows one way, and few modules know of few things."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import autograder
import autograder.testing

PACKAGE = Path(autograder.__file__).parent
HEAVY = ("torch", "nbgrader", "distributed", "sklearn", "scipy")


def module_name(path: Path) -> str:
    """Return the dotted name of a file of the package."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(tree: ast.AST, *, lazy: bool, typing: bool) -> Iterator[str]:
    """Yield what is imported; with ``lazy`` also inside functions, with ``typing`` also under TYPE_CHECKING."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "the package imports itself by its full name"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield full if full in MODULES else node.module or ""
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) and not typing:
            continue
        elif lazy or not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield from imports(node, lazy=lazy, typing=typing)


@cache
def imported(module: str, *, lazy: bool = True, typing: bool = True) -> frozenset[str]:
    """Return what a module of the package imports."""
    return frozenset(imports(ast.parse(MODULES[module].read_text("utf-8")), lazy=lazy, typing=typing))


def ours(module: str, **kinds: bool) -> set[str]:
    """Return the modules of the package that a module imports, with the packages they lie in."""
    direct = {name for name in imported(module, **kinds) if name.split(".")[0] == "autograder"}
    unknown = direct - set(MODULES)
    assert not unknown, f"{module} imports {unknown}"
    around = {parent for name in direct for parent in parents(name)}
    return {name for name in direct | around if name != module and name not in parents(module)}


def parents(module: str) -> Iterator[str]:
    """Yield the packages that a module lies in, except the outermost."""
    while (module := module.rpartition(".")[0]) and module != "autograder":
        yield module


def users(*roots: str, **kinds: bool) -> set[str]:
    """Return the modules that import one of some top-level packages."""
    return {m for m in MODULES if any(name.split(".")[0] in roots for name in imported(m, **kinds))}


def reach(module: str, **kinds: bool) -> set[str]:
    """Return all modules of the package that importing a module imports."""
    seen: set[str] = set()
    waiting = [module]
    while waiting:
        for name in ours(waiting.pop(), **kinds) - seen:
            seen.add(name)
            waiting.append(name)
    return seen


def in_package(package: str) -> list[str]:
    """Return the modules of a package."""
    return [m for m in MODULES if m == f"autograder.{package}" or m.startswith(f"autograder.{package}.")]


@pytest.mark.parametrize(("lazy", "typing"), [(False, False), (True, False)], ids=["at the top", "anywhere"])
def test_there_is_no_cycle(lazy: bool, typing: bool) -> None:
    """No module imports, through any chain, itself: neither when it is loaded nor later inside a function."""
    graph = {m: ours(m, lazy=lazy, typing=typing) - {"autograder"} for m in MODULES if m != "autograder"}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_a_cycle_would_be_found() -> None:
    """The check can fail."""
    with pytest.raises(CycleError):
        TopologicalSorter({"a": {"b"}, "b": {"a"}}).prepare()
    assert "autograder.errors" in ours("autograder.unit")
    assert len(MODULES) > 40


@pytest.mark.parametrize("package", ["channel", "testing"])
def test_tests_and_channel_know_nothing_of_grading(package: str) -> None:
    """The channel and the test library reach neither grading nor authoring nor reports nor the sandbox, in any way."""
    for module in in_package(package):
        for upper in ("grading", "authoring", "report", "sandbox", "submissions", "feedback", "demo"):
            assert not any(name.split(".")[1:2] == [upper] for name in reach(module)), f"{module} reaches {upper}"


def test_the_channel_does_not_know_the_test_library() -> None:
    """The channel carries; it knows no test."""
    for module in in_package("channel"):
        assert not any(name.startswith("autograder.testing") for name in reach(module))


@pytest.mark.parametrize(("module", "below"), [("errors", set()), ("records", set()), ("unit", {"autograder.errors"}), ("questions", {"autograder.errors", "autograder.records", "autograder.unit"})])
def test_the_vocabulary_stands_at_the_bottom(module: str, below: set[str]) -> None:
    """Errors, records and units import nothing above them."""
    assert reach(f"autograder.{module}") == below


def test_what_a_child_runs_is_small() -> None:
    """The student's process imports the channel's own modules, signatures and errors, and nothing else of the package."""
    allowed = {"autograder.errors", "autograder.unit", *in_package("channel")}
    assert reach("autograder.channel.server", lazy=False, typing=False) <= allowed
    assert reach("autograder.sandbox.zygote_main", lazy=True, typing=False) <= {*in_package("sandbox"), "autograder.errors"}


def test_the_sandbox_stands_alone() -> None:
    """Only the sandbox speaks to the kernel, and it knows nothing of units, tests and records."""
    assert {m.split(".")[1] for m in users("ctypes")} == {"sandbox"}
    allowed = {*in_package("sandbox"), "autograder.errors"}
    for module in in_package("sandbox"):
        assert reach(module, lazy=False, typing=False) <= allowed
        assert reach(module, lazy=True, typing=False) <= allowed | {"autograder.unit"}  # the probe makes default limits


def test_one_module_parses_arguments() -> None:
    """Only the command line imports typer; only the modules that own processes start them."""
    assert users("typer", "click", "argparse") == {"autograder.cli"}
    assert users("multiprocessing") <= {"autograder.grading.pool", "autograder.checkall"}


def test_one_module_knows_each_optional_thing() -> None:
    """One module imports nbgrader, and is itself imported only when asked for; other optional packages are imported inside functions."""
    knows = users("nbgrader")
    assert len(knows) <= 1
    assert len(users("distributed", "dask")) <= 1
    for module in set(MODULES) - knows:
        assert not {name.split(".")[0] for name in imported(module, lazy=False, typing=False)} & set(HEAVY), module
        if not module.startswith("autograder.gradebook"):
            assert not reach(module, lazy=False, typing=False) & knows, module


def test_nothing_unpickles() -> None:
    """No module imports pickle or one of its kin; student data crosses as plain data only."""
    assert users("pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib") == set()
    for module, path in MODULES.items():
        assert "allow_pickle=True" not in path.read_text("utf-8"), module


def test_grading_does_not_know_who_asks_for_it() -> None:
    """Grading reaches none of those who have something graded: the push server, CI, gradebooks, the demo, the command line."""
    for module in in_package("grading"):
        for upper in ("serve", "ci", "gradebook", "publish", "demo", "cli"):
            assert not any(name.split(".")[1:2] == [upper] for name in reach(module)), f"{module} reaches {upper}"


def test_renderers_are_pure() -> None:
    """Reports and feedback are made of records alone: they reach neither tests nor channel nor sandbox."""
    for module in (*in_package("report"), *in_package("feedback")):
        assert {n for n in reach(module) if n.startswith("autograder.submissions.")} <= {"autograder.submissions.names"}, module
        for other in ("channel", "testing", "grading", "sandbox", "authoring"):
            assert not any(name.split(".")[1:2] == [other] for name in reach(module)), f"{module} reaches {other}"


def test_submissions_are_read_without_running_anything() -> None:
    """What reads untrusted files reaches neither channel nor sandbox nor tests, and compiles nothing."""
    for module in in_package("submissions"):
        assert not any(name.split(".")[1:2] in (["channel"], ["testing"], ["grading"], ["sandbox"]) for name in reach(module)), module
        assert not imported(module) & {"ast", "importlib", "runpy", "code"}, module


def test_public_names_are_pinned() -> None:
    """What notebooks and unit tests import is exactly this."""
    assert autograder.__all__ == ["check", "milestone"]
    assert autograder.testing.__all__ == [
        "Draw", "Driver", "Function", "assert_array_equal", "assert_close", "assert_depends", "assert_equal_int", "assert_gradient", "assert_no_loop", "assert_same", "assert_shape", "assert_unchanged", "comparing", "dims", "either", "exercise", "fail", "numeric_gradient", "raises",
        "same_object", "seeds",
    ]  # fmt: skip
    for name in autograder.testing.__all__:
        assert getattr(autograder.testing, name).__doc__, name


def test_units_import_only_what_they_may() -> None:
    """Tests that students or submissions meet import NumPy, Hypothesis, the test library and their siblings; visible ones import no hidden one."""
    units = PACKAGE.parent / "tests" / "units"
    for path in sorted(units.glob("*/*/*.py")):
        kind = path.parent.name
        if kind == "gpu":  # ordinary tests of the project: they run the reference on a GPU
            continue
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level:
                target = node.module or ""
                assert node.level == 1 or (kind == "hidden" and target.split(".")[0] == "visible"), f"{path.name} imports {'.' * node.level}{target}"
            elif isinstance(node, ast.Import | ast.ImportFrom):
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
                for name in names:
                    free = name in ("autograder.testing", "__future__") or name.split(".")[0] in ("numpy", "hypothesis") or name.split(".")[0] in sys.stdlib_module_names
                    late = name.split(".")[0] == "torch" and node not in tree.body  # inside a function: the module loads without it
                    assert free or late, f"{path.relative_to(units)} imports {name}"
