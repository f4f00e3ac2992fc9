"""A course of one tiny unit with a NumPy exercise and a PyTorch exercise."""

from __future__ import annotations

import textwrap
from pathlib import Path

from autograder.course import Course

UNIT = "u91_mixed"

_FILES = {
    f"solutions/{UNIT}/unit.toml": """
        title = "Mixed"
        summary = "One exercise without torch and one with it."
        feedback = "example"

        [[exercise]]
        id = "double"
        title = "Twice"
        points = 40
        minutes = 1
        difficulty = 1
        functions = ["double(x) -> y"]

        [[exercise]]
        id = "train_step"
        title = "One training step"
        points = 50
        minutes = 5
        difficulty = 1
        functions = ["train_step(model, x, y, optimizer) -> loss"]
        runtime = "torch"

        [[question]]
        id = "half_of_ten"
        title = "Half of ten"
        points = 10
        kind = "number"
        answer = 5.0
        explanation = "Five and five."

        [limits]
        call_seconds = 1.0
        cell_seconds = 2.0
        submission_seconds = 20.0
    """,
    f"solutions/{UNIT}/{UNIT}.py": '''
        # %% [markdown]
        # # Mixed

        # %% tags=["setup"]
        import numpy as np

        from autograder import check

        # %% exercise="double"
        def double(x):
            """Return 2·x."""
            ### BEGIN SOLUTION
            return 2.0 * x
            ### END SOLUTION

        # %% tags=["setup"]
        import torch
        from torch import nn

        # %% exercise="train_step"
        def train_step(model, x, y, optimizer):
            """Do one step of gradient descent on the mean squared error and return the loss before it, a float."""
            ### BEGIN SOLUTION
            optimizer.zero_grad()
            loss = nn.functional.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            return loss.item()
            ### END SOLUTION

        # %% question="half_of_ten"
        ### BEGIN SOLUTION
        #| half_of_ten = None
        half_of_ten = 5
        ### END SOLUTION
    ''',
    f"solutions/{UNIT}/misconceptions.py": '''
        """Wrong answers."""

        from autograder.authoring.variants import Misconception

        MISCONCEPTIONS = (
            Misconception(id="adds_two", exercise="double", hint="You add 2.", edits=(("2.0 * x", "2.0 + x"),)),
            Misconception(id="no_zero_grad", exercise="train_step", hint="Old gradients add up: clear them.", edits=(("optimizer.zero_grad()", "pass"),)),
            Misconception(id="no_step", exercise="train_step", hint="The optimizer never steps.", edits=(("optimizer.step()", "pass"),)),
        )
    ''',
    f"solutions/{UNIT}/alternatives.py": '''
        """Right answers."""

        from autograder.authoring.variants import Alternative

        ALTERNATIVES = (
            Alternative(id="sum", note="another way", exercise="double", edits=(("2.0 * x", "x + x"),)),
            Alternative(id="right", note="another way", exercise="double", edits=(("2.0 * x", "x * 2.0"),)),
            Alternative(id="by_hand", note="another way", exercise="train_step", edits=(("nn.functional.mse_loss(model(x), y)", "((model(x) - y) ** 2).mean()"),)),
            Alternative(id="late_zero", note="another way", exercise="train_step", edits=(("optimizer.zero_grad()\\n", "model.zero_grad()\\n"),)),
        )
    ''',
    f"tests/units/{UNIT}/__init__.py": "",
    f"tests/units/{UNIT}/visible/__init__.py": "",
    f"tests/units/{UNIT}/hidden/__init__.py": "",
    f"tests/units/{UNIT}/visible/test_mixed.py": '''
        """What students run."""

        from hypothesis import given

        from autograder.testing import Draw, Driver, assert_close, exercise, seeds

        STEP = Driver("""
            def after_two_steps(w, x, y):
                model = nn.Linear(3, 1).double()
                with torch.no_grad():
                    model.weight.copy_(torch.from_numpy(w))
                    model.bias.zero_()
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                losses = [train_step(model, torch.from_numpy(x), torch.from_numpy(y), optimizer) for _ in range(2)]
                return [float(loss) for loss in losses], model.weight.detach().numpy()
        """)


        @exercise("double")
        @given(seed=seeds())
        def test_double_seen(student, seed):
            """double(x) is twice x."""
            x = Draw(seed).normal(4)
            assert_close(student.double(x), 2 * x, "double(x)")


        @exercise("train_step", examples=2)
        @given(seed=seeds())
        def test_first_loss(student, seed):
            """The loss is that of the weights before the step."""
            draw = Draw(seed)
            w, x, y = draw.normal(1, 3), draw.normal(5, 3), draw.normal(5, 1)
            losses, _ = STEP(student, w, x, y)
            assert_close(losses[0], float(((x @ w.T - y) ** 2).mean()), "the loss")
    ''',
    f"tests/units/{UNIT}/hidden/test_mixed.py": '''
        """What decides the grade."""

        from hypothesis import given

        from autograder.testing import Draw, Driver, assert_close, exercise, seeds

        STEP = Driver("""
            def after_two_steps(w, x, y):
                model = nn.Linear(3, 1).double()
                with torch.no_grad():
                    model.weight.copy_(torch.from_numpy(w))
                    model.bias.zero_()
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                losses = [train_step(model, torch.from_numpy(x), torch.from_numpy(y), optimizer) for _ in range(2)]
                return [float(loss) for loss in losses], model.weight.detach()
        """)


        @exercise("double")
        @given(seed=seeds())
        def test_double(student, reference, seed):
            """double(x) is twice x."""
            x = Draw(seed).normal(4)
            assert_close(student.double(x), reference.double(x), "double(x)")


        @exercise("train_step", examples=3)
        @given(seed=seeds())
        def test_two_steps(student, reference, seed):
            """Two steps give the losses and the weights of gradient descent."""
            draw = Draw(seed)
            data = draw.normal(1, 3), draw.normal(5, 3), draw.normal(5, 1)
            (losses, weight), (want_losses, want_weight) = STEP(student, *data), STEP(reference, *data)
            for got, want in zip(losses, want_losses, strict=True):
                assert_close(got, want, "a loss")
            assert_close(weight, want_weight, "the weight after two steps")
    ''',
}


def write_torch_course(folder: Path) -> Course:
    """Write the course's files and return it."""
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    (folder / ".autograder").mkdir(exist_ok=True)
    (folder / ".autograder" / "secret").write_text("secret of the mixed course\n", encoding="utf-8")
    return Course(folder)
