"""Records of a small class: right, misconceived, broken, not run, ungradable and hostile submissions."""

from __future__ import annotations

import hashlib
import math
import random

from autograder.records import Difference, ExerciseRecord, SubmissionRecord, TestRecord

HOSTILE = (
    "<script>alert(1)</script>",
    "</td></table><img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    "\x1b[2J\x1b]0;pwned\x07\x1b[31mred\x1b[0m",
    "abc\u202egnp.exe\u2066\u200b\u2069",
    "lone \ud800 surrogate \udfff",
    "=cmd|' /C calc'!A0",
    "```\n# heading\n::error file=x::owned\n##[set-env name=A]b\n![](http://evil.example/?x)",
    "{{ 7*7 }} {% raw %} [red]rich[/red] [link=http://evil.example]x[/link]",
    "\x00\x01\x7f\x85\u2028\u2029\ufeff\uffff\r\n]]> &amp; <!-- -->",
    "Z" + "\u0335\u0336\u0337" * 40,
    "N" * 300,
)
DB_HINT = "Your db is exactly N times too small: the loss already averages over the batch, so sum here."
ORDER_HINT = "Your dx has the right size but is the gradient with respect to w: look at which of the two is transposed."


def difference(name: str, got: list[float], expected: list[float], shape: tuple[int, ...]) -> Difference:
    """Return the difference of two arrays given as flat lists; NaN and infinities become None as in a record."""
    sizes = [abs(g - e) if math.isfinite(g) else math.inf for g, e in zip(got, expected, strict=True)]
    flat = sizes.index(max(sizes))
    index = (flat,) if len(shape) == 1 else (flat // shape[1], flat % shape[1])
    return Difference(
        name=name,
        got=f"{got[flat]:.6g}",
        expected=f"{expected[flat]:.6g}",
        index=index,
        relative_error=sizes[flat] / max(abs(expected[flat]), 1e-12) if math.isfinite(sizes[flat]) else None,
        got_shape=shape,
        expected_shape=shape,
        got_values=tuple(g if math.isfinite(g) else None for g in got),
        expected_values=tuple(expected),
    )


def numbers(seed: int, count: int) -> list[float]:
    """Return ``count`` normal numbers with two decimals."""
    rng = random.Random(seed)
    return [round(rng.gauss(0, 1), 2) for _ in range(count)]


def averaged_bias() -> Difference:
    """Return a one-dimensional answer that is a quarter of the right one."""
    right = numbers(1, 5)
    return difference("db", [v / 4 for v in right], right, (5,))


def one_wrong_row() -> Difference:
    """Return a labelled matrix of which one row is wrong."""
    right = numbers(2, 24)
    return difference("dw", [v + (0.6 if 12 <= i < 18 else 0) for i, v in enumerate(right)], right, (4, 6))


def large_matrix() -> Difference:
    """Return a 20 by 20 matrix with a wrong lower triangle."""
    right = numbers(3, 400)
    return difference("attention", [v if i % 20 <= i // 20 else 0.4 * v + 0.3 for i, v in enumerate(right)], right, (20, 20))


def with_nan() -> Difference:
    """Return a matrix with an overflow in one row."""
    right = [abs(v) for v in numbers(4, 15)]
    return difference("probs", [math.nan if i // 5 == 1 else v for i, v in enumerate(right)], right, (3, 5))


def long_row() -> Difference:
    """Return a one-dimensional answer with 200 entries, some of them infinite."""
    right = [math.sin(i / 12) * (1 + i / 90) for i in range(200)]
    return difference("loss_history", [math.inf if 90 < i < 100 else v + i * 0.004 for i, v in enumerate(right)], right, (200,))


def upright_row() -> Difference:
    """Return a one-dimensional answer with 30 entries, whose labels stand upright."""
    right = numbers(6, 30)
    return difference("running_mean", [-v for v in right], right, (30,))


def wrong_shape(got: tuple[int, ...] = (3, 4), expected: tuple[int, ...] = (4, 3), name: str = "dw") -> Difference:
    """Return an answer of another shape."""
    return Difference(name=name, got_shape=got, expected_shape=expected)


def scalar() -> Difference:
    """Return a wrong scalar."""
    return Difference(name="loss", got="2.3979", expected="2.30259", relative_error=0.0414)


def tested(name: str, sentence: str, outcome: str = "passed", **more: object) -> TestRecord:
    """Return a test record with weight 1 unless given."""
    return TestRecord(name=name, description=sentence, outcome=outcome, **{"weight": 1.0, **more})  # type: ignore[arg-type]


EXAMPLE = (
    "import numpy as np\nx = np.array([[0.5, -1.25], [2.0, 0.75]])\nw = np.array([[1.0, -0.5, 0.25], [0.0, 0.75, -2.0]])\nb = np.zeros(3)\n"
    "dout = np.array([[0.1, -0.2, 0.3], [1.5, 0.0, -0.7]])\n_, cache = affine_forward(x, w, b)\ndx, dw, db = affine_backward(dout, cache)"
)


def exercises(rng: random.Random, level: int) -> tuple[ExerciseRecord, ...]:
    """Return the exercises of one submission; ``level`` 0 is all right, 3 is mostly wrong."""
    forward = [
        tested("test_values", "The output is x·w + b for inputs of any number of axes."),
        tested("test_batch_of_one", "A batch of one works."),
    ]
    db = tested("test_db", "db is the sum of dout over the batch.")
    dw = tested("test_dw", "dw is xᵀ·dout, with x flattened to (N, D).", weight=2.0)
    dx = tested("test_dx", "dx is dout·wᵀ in the shape of x.", weight=2.0)
    keep = tested("test_inputs_kept", "dout and the cache are left as they were.")
    soft = [
        tested("test_large_scores", "Scores of a thousand neither overflow nor give NaN."),
        tested("test_loss", "The loss is the mean of −log p(correct class)."),
        tested("test_gradient", "The gradient is (p − one-hot)/N."),
    ]
    if level >= 1 and rng.random() < 0.75:
        db = tested(
            "test_db",
            db.description,
            "failed",
            message="db: values differ",
            difference=averaged_bias(),
            misconception="db_averaged",
            hint=DB_HINT,
            example=EXAMPLE,
        )
    if level >= 2:
        soft[0] = tested(
            "test_large_scores", soft[0].description, "failed", message="probs: 5 of 15 entries are NaN", difference=with_nan()
        )
        dx = tested(
            "test_dx",
            dx.description,
            "failed",
            message="dx: wrong shape",
            difference=wrong_shape(name="dx"),
            misconception="dx_order",
            hint=ORDER_HINT,
        )
    if level >= 3:
        trace = "ValueError in your cell 7, line 4: matmul: mismatch in dimension 0\n    dw = x @ dout\n         ~~^~~~~~"
        dw = tested("test_dw", dw.description, "failed", weight=2.0, message=trace)
        soft[1] = tested("test_loss", soft[1].description, "failed", message="loss: values differ", difference=scalar())
        soft[2] = tested(
            "test_gradient", soft[2].description, "not_run", message="softmax_loss used up its 60 seconds, so this test did not run."
        )
    specs = (
        ("affine_forward", "Affine layer, forward", 20.0, forward),
        ("affine_backward", "Affine layer, backward", 35.0, [dx, dw, db, keep]),
        ("softmax_loss", "Softmax loss that does not overflow", 35.0, soft),
        (
            "why_db_sums",
            "Why does db sum over the batch?",
            10.0,
            [tested("answer", "Why does db sum over the batch?", "passed" if level < 2 else "not_run")],
        ),
    )
    return tuple(_exercise(*spec) for spec in specs)


def _exercise(id_: str, title: str, points: float, tests: list[TestRecord]) -> ExerciseRecord:
    share = sum(t.weight for t in tests if t.outcome == "passed") / sum(t.weight for t in tests)
    return ExerciseRecord(id=id_, title=title, points=round(points * share, 4), max_points=points, tests=tuple(tests))


def submission(student: str, level: int, seed: int = 0, **more: object) -> SubmissionRecord:
    """Return a graded record."""
    rng = random.Random(f"{student.encode('utf-8', 'backslashreplace')!r}{seed}")
    done = exercises(rng, level)
    fields: dict[str, object] = {
        "unit": "u03_backprop",
        "student": student,
        "path": f"submitted/{student}/u03_backprop/u03_backprop.ipynb",
        "sha256": hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest(),
        "status": "graded",
        "score": sum(e.points for e in done),
        "max_score": 100.0,
        "seconds": 1.9 + rng.random(),
        "cpu_seconds": 0.6 + rng.random() * (1 + level),
        "sandbox": "ns",
        "grader_version": "0.1.0",
        "tests_sha256": "9f" * 32,
        "seed_fingerprint": "5b1c-77d0",
        "started_at": "2026-03-02T09:15:00Z",
        "exercises": done,
    }
    return SubmissionRecord(**{**fields, **more})  # type: ignore[arg-type]


def ungradable(student: str, reason: str) -> SubmissionRecord:
    """Return the record of a submission that could not be read."""
    return submission(student, 0, status="ungradable", score=0.0, reason=reason, exercises=(), cpu_seconds=0.0, seconds=0.01)


def hostile(text: str) -> SubmissionRecord:
    """Return a record in which every text a student may have written is ``text``."""
    bad = Difference(
        name=text,
        got=text,
        expected="1.0",
        index=(0,),
        got_shape=(2,),
        expected_shape=(2,),
        got_values=(None, 1.0),
        expected_values=(1.0, 2.0),
    )
    tests = (
        tested("test_a", text, "failed", message=text, example=text, difference=bad, misconception=text, hint=text),
        tested("test_b", text, "not_run", message=text),
    )
    odd = ExerciseRecord(id="relu", title=text, points=0.0, max_points=100.0, tests=tests)
    return submission(
        text, 0, score=0.0, messages=(text,), exercises=(odd,), path=text, grader_version=text, sandbox=text, seed_fingerprint=text
    )


NAMES = (
    "Ada Lovelace",
    "Blaise Pascal",
    "Chien-Shiung Wu",
    "Dorothy Vaughan",
    "Emmy Noether",
    "Friedrich Gauß",
    "Grace Hopper",
    "Hypatia",
    "Иван Петров",
    "Joan Clarke",
    "Katherine Johnson",
    "Leonhard Euler",
    "María Íñigo-Ruiz",
    "王小云",
)


def small_class() -> list[SubmissionRecord]:
    """Return a friendly class with two ungradable submissions."""
    out = [submission(name, (i * 7 + 1) % 4) for i, name in enumerate(NAMES)]
    out[0] = submission("Ada Lovelace", 0, messages=("Cell 12 had been duplicated; the first copy was graded.",))
    out.append(ungradable("Oliver Heaviside", "The file is not a notebook: line 1 column 1 is not JSON (it looks like an HTML page)."))
    out.append(ungradable("Paul Dirac", "No submitted file is called u03_backprop.ipynb; found: Untitled3.ipynb."))
    return out


def hostile_class() -> list[SubmissionRecord]:
    """Return one record for each hostile text, one ungradable record with each as its reason, and a friendly student."""
    return [hostile(t) for t in HOSTILE] + [ungradable(f"s{i}", t) for i, t in enumerate(HOSTILE)] + [submission("Ada Lovelace", 3)]
