"""Fixtures for all tests: a quiet environment and a tiny course in a folder of its own."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # before NumPy starts threads that a forked child would not have
for _variable in ("AUTOGRADER_SECRET", "AUTOGRADER_COURSE"):
    os.environ.pop(_variable, None)

import pytest
from hypothesis import HealthCheck, settings

from autograder.authoring.build import render_assignment, render_reference
from autograder.course import Course
from autograder.grading.material import Material

settings.register_profile("tests", deadline=None, derandomize=True, database=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("tests")

TINY = "u99_tiny"
TINY_FILES = {
    f"solutions/{TINY}/unit.toml": """
        title = "Tiny"
        summary = "Two exercises and a question."
        feedback = "example"
        provided = ["linear_forward(x, w) -> out, cache"]

        [[exercise]]
        id = "scale"
        title = "Scale an array"
        points = 40
        minutes = 5
        difficulty = 1
        functions = ["scale(x, k) -> y"]
        forbidden = ["numpy.multiply"]

        [[exercise]]
        id = "linear_backward"
        title = "Backward through a linear layer"
        points = 50
        minutes = 10
        difficulty = 2
        functions = ["linear_backward(dout, cache) -> dx, dw"]

        [[question]]
        id = "why_transpose"
        title = "Why is w transposed?"
        points = 10
        kind = "choice"
        choices = ["a", "b", "c"]
        answer = "b"
        explanation = "The shapes leave no other product."
        hints = { a = "Speed has nothing to do with it." }

        [limits]
        call_seconds = 1.0
        cell_seconds = 1.0
        submission_seconds = 30.0
    """,
    f"solutions/{TINY}/{TINY}.py": '''
        # %% [markdown]
        # # Tiny

        # %% tags=["setup"]
        import numpy as np

        from autograder import check, milestone


        def linear_forward(x, w):
            """Return x·w, (N, M), and a cache."""
            return x @ w, (x, w)


        # %% [markdown]
        # ## Scale

        # %% exercise="scale"
        def scale(x, k):
            """Return k·x."""
            ### BEGIN SOLUTION
            y = k * x
            return y
            ### END SOLUTION


        # %% [markdown]
        # ## Backward

        # %% exercise="linear_backward"
        def linear_backward(dout, cache):
            """Return dx (N, D) and dw (D, M)."""
            ### BEGIN SOLUTION
            x, w = cache
            dx = dout @ w.T
            dw = x.T @ dout
            return dx, dw
            ### END SOLUTION


        # %% [markdown]
        # ## Why

        # %% question="why_transpose"
        ### BEGIN SOLUTION
        #| why_transpose = None  # "a", "b" or "c"
        why_transpose = "b"
        ### END SOLUTION

        # %% tags=["milestone"]
        def grow():
            """Scale ones by three."""
            return {"total": float(scale(np.ones(4), 3.0).sum()), "parts": scale(np.ones(2), 3.0)}


        grown = milestone("growth", grow, needs=["scale"])
    ''',
    f"solutions/{TINY}/misconceptions.py": '''
        """Wrong answers of the tiny unit."""

        from autograder.authoring.variants import Misconception

        MISCONCEPTIONS = (
            Misconception(id="scale_adds", exercise="scale", hint="You add k where you should multiply.", edits=(("k * x", "k + x"),)),
            Misconception(id="scale_squares", exercise="scale", hint="Your k counts twice.", source="def scale(x, k):\\n    return k * k * x\\n"),
            Misconception(id="dw_averaged", exercise="linear_backward", hint="Your dw is N times too small.", edits=(("x.T @ dout", "x.T @ dout / len(x)"),)),
            Misconception(id="dx_negated", exercise="linear_backward", hint="Your dx has the wrong sign.", edits=(("dout @ w.T", "-dout @ w.T"),)),
        )
    ''',
    f"solutions/{TINY}/alternatives.py": '''
        """Right answers of the tiny unit, written differently."""

        from autograder.authoring.variants import Alternative

        ALTERNATIVES = (
            Alternative(id="scale_divides", exercise="scale", note="a division", source="def scale(x, k):\\n    return x / (1.0 / k) if k else 0.0 * x\\n"),
            Alternative(id="scale_swapped", exercise="scale", note="the other order", edits=(("k * x", "x * k"),)),
            Alternative(id="einsum", exercise="linear_backward", note="einsum", edits=(("dout @ w.T", 'np.einsum("nm,dm->nd", dout, w)'),)),
            Alternative(id="dot", exercise="linear_backward", note="np.dot", edits=(("x.T @ dout", "np.dot(x.T, dout)"),)),
        )
    ''',
    f"tests/units/{TINY}/__init__.py": "",
    f"tests/units/{TINY}/visible/__init__.py": "",
    f"tests/units/{TINY}/visible/cases.py": '''
        """Inputs that several tests share."""

        from autograder.testing import Draw


        def layer(seed, shape):
            """Return x (N, D), w (D, M) and dout (N, M)."""
            n, d, m = shape
            draw = Draw(seed)
            return draw.normal(n, d), draw.normal(d, m), draw.normal(n, m)
    ''',
    f"tests/units/{TINY}/visible/test_tiny.py": '''
        """Visible checks of the tiny unit."""

        import numpy as np
        from autograder.testing import Draw, assert_close, assert_gradient, dims, exercise, numeric_gradient, seeds
        from hypothesis import given

        from .cases import layer


        @exercise("scale")
        def test_scale_by_two(student):
            """scale([1, 2], 2) is [2, 4]."""
            assert_close(student.scale(np.array([1.0, 2.0]), 2.0), np.array([2.0, 4.0]), "y")


        @exercise("scale", examples=4)
        @given(seed=seeds(), shape=dims("N D"))
        def test_scale_by_three(student, seed, shape):
            """Scaling by 3 is adding three times."""
            x = Draw(seed).normal(*shape)
            assert_close(student.scale(x, 3.0), x + x + x, "y")


        @exercise("linear_backward", examples=4)
        @given(seed=seeds(), shape=dims("N D M", hi=4))
        def test_gradients(student, seed, shape):
            """dx and dw agree with central differences."""
            x, w, dout = layer(seed, shape)
            _, cache = student.linear_forward(x, w)
            dx, dw = student.linear_backward(dout, cache)
            assert_gradient(dx, numeric_gradient(student.linear_forward, [x, w], wrt=0, dout=dout), "dx")
            assert_gradient(dw, numeric_gradient(student.linear_forward, [x, w], wrt=1, dout=dout), "dw")
    ''',
    f"tests/units/{TINY}/hidden/__init__.py": "",
    f"tests/units/{TINY}/hidden/test_tiny.py": '''
        """Hidden tests of the tiny unit."""

        from autograder.testing import Draw, assert_close, dims, exercise, seeds
        from hypothesis import given

        from ..visible.cases import layer


        @exercise("scale", weight=3, examples=5)
        @given(seed=seeds(), shape=dims("N D"))
        def test_scale(student, reference, seed, shape):
            """scale(x, k) multiplies every entry by k."""
            draw = Draw(seed)
            x, k = draw.normal(*shape), draw.normal()
            assert_close(student.scale(x, k), reference.scale(x, k), "y")


        @exercise("scale", examples=3)
        @given(seed=seeds(), shape=dims("N D"))
        def test_scale_twice(student, reference, seed, shape):
            """Scaling twice multiplies by both numbers."""
            x = Draw(seed).normal(*shape)
            assert_close(student.scale(student.scale(x, 2.0), 3.0), reference.scale(reference.scale(x, 2.0), 3.0), "y")


        @exercise("linear_backward", examples=5)
        @given(seed=seeds(), shape=dims("N D M", hi=4))
        def test_dx(student, reference, seed, shape):
            """dx is dout·wᵀ."""
            x, w, dout = layer(seed, shape)
            _, cache = student.linear_forward(x, w)
            assert_close(student.linear_backward(dout, cache)[0], reference.linear_backward(dout, (x, w))[0], "dx")


        @exercise("linear_backward", examples=5)
        @given(seed=seeds(), shape=dims("N D M", lo=2, hi=5))
        def test_dw(student, reference, seed, shape):
            """dw is xᵀ·dout."""
            x, w, dout = layer(seed, shape)
            _, cache = student.linear_forward(x, w)
            assert_close(student.linear_backward(dout, cache)[1], reference.linear_backward(dout, (x, w))[1], "dw")
    ''',
    ".autograder/secret": "6f1d0c55\n",
}  # fmt: skip


def write_tiny_course(root: Path) -> Course:
    """Write the tiny course below ``root`` and return it."""
    for name, text in TINY_FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    (root / "assignments").mkdir(exist_ok=True)
    return Course(root.resolve())


@pytest.fixture(scope="session")
def tiny_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with one unit, ``u99_tiny``; shared by all tests, which must not change it."""
    return write_tiny_course(tmp_path_factory.mktemp("course"))


@pytest.fixture
def own_course(tmp_path: Path) -> Course:
    """The tiny course in a folder that one test may change."""
    root = tmp_path / "course"
    root.mkdir()
    return write_tiny_course(root)


@pytest.fixture(scope="session")
def tiny(tiny_course: Course) -> Material:
    """The tiny unit as the grader knows it; shared by all tests."""
    return Material(tiny_course, TINY)


@pytest.fixture(scope="session")
def tiny_notebook(tiny: Material) -> Callable[..., bytes]:
    """A function that returns a submission: the reference's answers, with some cells replaced; ``stub=True`` for the untouched notebook."""

    def notebook(replace: Mapping[str, str] | None = None, *, stub: bool = False) -> bytes:
        if stub:
            return render_assignment(tiny.notebook, tiny.unit).encode()
        return render_reference(tiny.notebook, tiny.unit, replace or {}).encode()

    return notebook
