"""Run the hidden tests on mutants, in processes that are forked once and report one outcome at a time."""

from __future__ import annotations

import multiprocessing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from multiprocessing.connection import Connection, wait

import msgspec
import numpy as np

from autograder import runtimes
from autograder.channel.client import Student
from autograder.channel.harness import load_cell
from autograder.errors import AuthorError, GraderError
from autograder.grading.material import Material
from autograder.testing.cases import Case, load_cases
from autograder.testing.examples import Example, derive, generate
from autograder.testing.runner import first_failure
from benchmarks.mutation.mutants import Mutant

SECRET = "mutation"  # noqa: S105 - a seed: the same examples everywhere, so that figures can be compared
CALL_SECONDS, SETUP_SECONDS = 2.0, 60.0


class Trial(msgspec.Struct, frozen=True):
    """A unit's hidden tests with their examples, ready for any version of its cells."""

    material: Material
    cases: tuple[Case, ...]
    examples: dict[str, tuple[Example, ...]]

    @classmethod
    def of(cls, material: Material, secret: str = SECRET) -> Trial:
        """Return the trial of a unit, with examples from ``secret``.

        Raises:
            AuthorError: the reference itself fails.
        """
        runtimes.prepare(material.unit)
        cases = load_cases(material.course.tests(material.name) / "hidden", f"mutated.{material.name}.hidden", material.name, kind="hidden")
        examples = {case.name: generate(case, derive(secret.encode(), material.name, "hidden", case.name)) for case in cases}
        trial = cls(material, cases, examples)
        for exercise in material.unit.exercises:
            if failed := trial.killer(exercise.id, {}, list(trial.of_exercise(exercise.id))):
                raise AuthorError(f"the reference fails {failed}", unit=material.name)
        return trial

    def of_exercise(self, exercise: str) -> tuple[Case, ...]:
        """Return the tests that decide an exercise."""
        return tuple(case for case in self.cases if case.exercise == exercise)

    def killer(self, exercise: str, replace: Mapping[str, str], order: list[Case]) -> str:
        """Return what notices a version of an exercise: the first failing test, ``loading``, or nothing.

        Args:
            exercise: whose tests run.
            replace: sources by exercise, instead of the reference's.
            order: the tests; the one that fails moves to the front, for the next version.
        """
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                student = self._student(replace)
            except Exception:  # whatever a mutant raises while it is defined, its tests cannot pass
                return "loading"
            for case in order:
                if first_failure(case, student, self.material.oracle, self.examples[case.name]) is not None:
                    order.insert(0, order.pop(order.index(case)))
                    return case.name
        return ""

    def _student(self, replace: Mapping[str, str]) -> Student:
        student = Student.local({"__name__": "__main__"}, self.material.unit.signatures, CALL_SECONDS)
        for cell in self.material.notebook.cells:
            if cell.kind == "setup":
                load_cell(student, cell.id, cell.source, SETUP_SECONDS)
            elif cell.exercise is not None:
                load_cell(student, cell.id, replace.get(cell.exercise) or self.material.notebook.solution(cell.exercise), CALL_SECONDS)
        return student


def survivors(trial: Trial, mutants: Sequence[Mutant], jobs: int) -> tuple[Mutant, ...]:
    """Return the mutants that pass all tests of their exercise, in their order.

    Args:
        trial: the unit.
        mutants: of its exercises.
        jobs: processes; each takes every ``jobs``-th mutant.

    Raises:
        GraderError: a process died; the message names the mutant it was running.
    """
    context = multiprocessing.get_context("fork")  # the trial crosses by the fork: tests are functions, which cannot be sent
    pending: dict[Connection, Iterator[int]] = {}
    workers = []
    for part in range(min(jobs, len(mutants))):
        ours, theirs = context.Pipe(duplex=False)
        worker = context.Process(target=_work, args=(trial, mutants[part::jobs], theirs), daemon=True)
        worker.start()
        theirs.close()
        pending[ours] = iter(range(part, len(mutants), jobs))
        workers.append(worker)
    killers: dict[int, str] = {}
    try:
        while pending:
            for pipe in wait(list(pending)):
                assert isinstance(pipe, Connection)
                position = next(pending[pipe], None)
                if position is None:
                    del pending[pipe]
                else:
                    killers[position] = _received(pipe, mutants[position])
    finally:
        for worker in workers:
            worker.terminate() if pending else worker.join()
    return tuple(mutant for position, mutant in enumerate(mutants) if not killers[position])


def _received(pipe: Connection, mutant: Mutant) -> str:
    try:
        killer: str = pipe.recv()
    except EOFError:
        raise GraderError(f"exercise={mutant.exercise!r} line={mutant.line}: a process died while it ran {mutant.text!r}") from None
    return killer


def _work(trial: Trial, mutants: Sequence[Mutant], pipe: Connection) -> None:
    orders = {exercise.id: list(trial.of_exercise(exercise.id)) for exercise in trial.material.unit.exercises}
    for mutant in mutants:
        pipe.send(trial.killer(mutant.exercise, {mutant.exercise: mutant.source}, orders[mutant.exercise]))
    pipe.close()
