"""What a student's notebook imports: ``check`` for an exercise, ``milestone`` for what is trained with one's own functions."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.checking import RUN_ABOVE, Checks, checks_in
from autograder.errors import AutograderError, UsageError
from autograder.feedback.html import render_exercise_html, render_overview_html
from autograder.feedback.text import count_sentence, mark, render_exercise_text, render_overview_text, unrun
from autograder.records import ExerciseRecord

STORE_VARIABLE = "AUTOGRADER_STORE_MILESTONES"


class CheckResult:
    """What a check cell shows: HTML in Jupyter, plain text elsewhere.

    Args:
        record: the outcome; ``passed`` tells whether every test passed.
    """

    def __init__(self, record: ExerciseRecord) -> None:
        self.record = record
        self.passed = all(t.outcome == "passed" for t in record.tests)

    def __repr__(self) -> str:
        """Return the outcome as plain text."""
        return render_exercise_text(self.record)

    def _repr_html_(self) -> str:
        return render_exercise_html(self.record)


class Problem:
    """A message instead of a result, when a check cannot be run.

    Args:
        text: what is wrong and what to do.
    """

    passed = False

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        """Return the message."""
        return self.text


class Overview:
    """What ``check()`` shows: a line for each exercise and question of the notebook.

    Args:
        records: the outcomes; ``passed`` tells whether every test passed.
        closing: what follows the list.
    """

    def __init__(self, records: tuple[ExerciseRecord, ...], closing: str) -> None:
        self.records, self._closing = records, closing
        self.passed = all(t.outcome == "passed" for e in records for t in e.tests)

    def __repr__(self) -> str:
        """Return the outcomes as plain text."""
        return render_overview_text(self.records, self._closing)

    def _repr_html_(self) -> str:
        return render_overview_html(self.records, self._closing)


_EVERYTHING = object()


def check(exercise: object = _EVERYTHING) -> CheckResult | Overview | Problem:
    """Run the visible checks of an exercise or question on this notebook's own functions; without a name, of all of them.

    Args:
        exercise: its id, the name in the check cell; or one of the exercise's functions.

    Returns:
        What happened, test by test; shown when it is the last line of a cell.
    """
    namespace = sys._getframe(1).f_globals
    try:
        checks = _checks(namespace)
        if exercise is _EVERYTHING:
            return _overview(checks, namespace)
        return CheckResult(checks.run(_id(checks, exercise), namespace, live=True))
    except AutograderError as error:
        return Problem(str(error))


def _overview(checks: Checks, namespace: dict[str, Any]) -> Overview:
    records = tuple(checks.run(id_, namespace, live=True) for id_ in checks.ids)
    left_out = [id_ for id_ in checks.ids if checks.lacking(id_)]
    reasons = {unrun(e).endswith(RUN_ABOVE): unrun(e) for e in reversed(records) if e.id not in left_out and unrun(e)}  # one of each kind
    begun = next((e.id for e in records if mark(e) == "failed"), "")
    words = [f"{count_sentence((e, e.id in checks.questions, e.id in left_out) for e in records)}."]
    words += [f'For details: check("{begun}").'] if begun else []
    return Overview(records, "\n".join(filter(None, (*reasons.values(), checks.note(left_out), " ".join(words)))))


def _id(checks: Checks, exercise: object) -> str:
    """Return the id of an exercise that is given by its name, or by a function or class of that name."""
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", None)
    if type(name) is not str:
        example = checks.ids[0]
        raise UsageError(f'write the name of the exercise in quotes, such as check("{example}"); {checks.name} has {", ".join(checks.ids)}')
    return checks.id_of(name)


def milestone(name: str, run: Callable[[], dict[str, Any]], needs: Sequence[str] = ()) -> dict[str, Any]:
    """Run an experiment with the student's own functions, or return the reference's stored numbers when they are not right yet.

    Args:
        name: of the stored numbers, ``data/<name>.npz``.
        run: the experiment; returns arrays and numbers by name.
        needs: exercises whose visible checks must pass.

    Returns:
        What ``run`` returned, or the same names with the reference's numbers.
    """
    namespace = sys._getframe(1).f_globals
    stored = Path("data") / f"{name}.npz"
    failing = [id_ for id_ in needs if not _passes(id_, namespace)]
    if failing:
        listed = " and ".join(filter(None, (", ".join(failing[:-1]), failing[-1])))
        checks = "its check passes" if len(failing) == 1 else "their checks pass"
        print(f"Not yet right: {listed}.\nUntil {checks}, this cell shows the numbers of the course's own solution.")
        with np.load(stored, allow_pickle=False) as numbers:
            return {key: numbers[key][()] if numbers[key].ndim == 0 else numbers[key] for key in numbers.files}
    started = time.perf_counter()
    result = run()
    print(f"{name}: {time.perf_counter() - started:.1f} s")
    if folder := os.environ.get(STORE_VARIABLE):
        _store(Path(folder) / f"{name}.npz", result)
    return result


def _store(path: Path, result: dict[str, Any]) -> None:
    """Write numbers, unless the file has the same already: an archive's dates would make it another one."""
    if path.exists():
        with np.load(path, allow_pickle=False) as old:
            if list(old.files) == list(result) and all(_same(old[key], np.asarray(value)) for key, value in result.items()):
                return
    np.savez_compressed(path, **result)


def _same(first: np.ndarray, second: np.ndarray) -> bool:
    return first.dtype == second.dtype and first.shape == second.shape and first.tobytes() == second.tobytes()


def _passes(exercise: str, namespace: dict[str, Any]) -> bool:
    return all(t.outcome == "passed" for t in _checks(namespace).run(exercise, namespace).tests)


def _checks(namespace: dict[str, Any]) -> Checks:
    """Find the checks beside the notebook: in the working folder, or where the editor says the notebook is."""
    folders = [Path.cwd()]
    if isinstance(place := namespace.get("__vsc_ipynb_file__"), str):
        folders.append(Path(place).parent)
    for folder in folders:
        if (folder / "checks" / "unit.json").is_file():
            return checks_in((folder / "checks").resolve())
    raise UsageError(f"there is no folder 'checks' in {folders[0].name!r}; open the notebook in its assignment's folder, with 'checks' and 'data' beside it")
