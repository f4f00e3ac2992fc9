"""Tests of the modules that a confined child pretends to have."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.channel.stand_ins import INERT, Inert

INSTALL = "from autograder.channel import stand_ins; stand_ins.install()\n"


def run(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a new interpreter with the stand-ins installed."""
    return subprocess.run([sys.executable, "-c", INSTALL + code], capture_output=True, text=True, timeout=60, check=False)


def test_plotting_code_runs_and_does_nothing() -> None:
    """Imports, figures, axes by unpacking, ``with``, items and arithmetic-free calls all work; the real library is not imported."""
    done = run("""
import matplotlib
import matplotlib.pyplot as plt
from matplotlib.animation import FuncAnimation
from IPython.display import display, HTML
import seaborn, plotly.express
matplotlib.use("Agg")
fig, ax = plt.subplots(2, 3, figsize=(3, 3))
ax[0, 1].plot([1, 2], "r--", label="x")
ax[0] = 3
with plt.style.context("dark"):
    plt.imshow([[1]]); plt.show()
plt.rcParams["x"] = 1
from tqdm import tqdm
assert list(tqdm(range(3))) == [0, 1, 2]
assert list(tqdm([4, 5], desc="d")) == [4, 5]
import sys
assert "matplotlib.figure" not in sys.modules
print("fine")
""")
    assert done.stdout == "fine\n", done.stderr


def test_autograder_is_a_shell() -> None:
    """``from autograder import check, milestone`` gives functions that do nothing; nothing else of the package can be had."""
    done = run("""
from autograder import check, milestone
assert check("x") is None and milestone("m", lambda: 1 / 0, needs=["x"]) is None
import sys, autograder
assert not [n for n in sys.modules if n.startswith("autograder.")]
for name in ("records", "grading", "testing", "channel.server"):
    try:
        __import__(f"autograder.{name}")
    except ModuleNotFoundError:
        continue
    raise SystemExit(name)
print("fine")
""")
    assert done.stdout == "fine\n", done.stderr


def test_other_absent_modules_stay_absent() -> None:
    """Only the listed modules are made up."""
    done = run("try:\n    import no_such_module\nexcept ModuleNotFoundError:\n    print('absent')\nimport json, numpy\n")
    assert done.stdout == "absent\n", done.stderr
    assert "numpy" not in INERT
    assert "torch" not in INERT


def test_inert_objects_end_loops() -> None:
    """An inert object unpacks into two and does not pretend to have Python's private protocols."""
    first, second = Inert()
    assert isinstance(first, Inert)
    assert isinstance(second.anything.at["all"](1), Inert)
    with pytest.raises(AttributeError):
        Inert().__array_interface__  # noqa: B018
