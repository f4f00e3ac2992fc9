"""One submission's sessions: NumPy exercises run where there is no torch, PyTorch exercises where there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.grading.material import Material
from autograder.grading.session import Session
from autograder.sandbox import Zygote
from autograder.submissions.read import StudentCell
from autograder.unit import Runtime


class Sessions:
    """The sessions of one submission, one per runtime, opened when the first exercise needs it.

    Args:
        material: the unit.
        zygote: gives the zygote of a runtime.
        cells: the submission's cells in the order they run.
    """

    def __init__(self, material: Material, zygote: Callable[[Runtime], Zygote], cells: Sequence[StudentCell]) -> None:
        self._unit, self._zygote, self._cells = material.unit, zygote, cells
        self._runtime_of = {e.id: material.unit.runtime_of(e) for e in material.unit.exercises}
        self._set_up = {cell.id: cell.runtime for cell in material.notebook.cells if cell.kind == "setup"}
        self._sessions: dict[Runtime, Session] = {}

    def of(self, runtime: Runtime) -> Session:
        """Return the session of a runtime, its cells loaded."""
        if runtime not in self._sessions:
            self._sessions[runtime] = Session(self._zygote(runtime), self._unit, self._run_in(runtime))
            self._sessions[runtime].student()  # so that the cells' problems are known
        return self._sessions[runtime]

    def _run_in(self, runtime: Runtime) -> tuple[StudentCell, ...]:
        """Return the cells of a session: without torch, after the first cell that needs it only NumPy exercises and questions run."""
        first = next((i for i, cell in enumerate(self._cells) if self._needs(cell) == "torch"), len(self._cells))
        if runtime == "torch":
            return tuple(self._cells)
        return (*self._cells[:first], *(c for c in self._cells[first:] if c.kind in ("exercise", "question") and self._needs(c) == "numpy"))

    def _needs(self, cell: StudentCell) -> Runtime:
        if cell.kind == "setup":
            return self._set_up.get(cell.id, "numpy")
        return self._runtime_of.get(cell.exercise or "", self._unit.runtime)

    @property
    def problems(self) -> dict[str, str]:
        """By cell id, why a cell did not run to its end; where it ran twice, what the first session says."""
        found: dict[str, str] = {}
        for session in reversed(self._sessions.values()):  # those of an earlier session go over those of a later one
            found |= session.problems
        order = {cell.id: number for number, cell in enumerate(self._cells)}
        return dict(sorted(found.items(), key=lambda item: order[item[0]]))

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of all children so far."""
        return sum(session.cpu_seconds for session in self._sessions.values())

    @property
    def undisturbed(self) -> bool:
        """Whether no child was killed by the machine, as it does when memory runs out; a student's code cannot send that signal."""
        return not any(death.reason == "memory?" for session in self._sessions.values() for death in session.deaths)

    def close(self) -> None:
        """Kill the children that live."""
        for session in self._sessions.values():
            session.close()


__all__ = ["Sessions"]
