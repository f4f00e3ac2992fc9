"""Who is in the class: what each student hands in, and what it should earn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

import msgspec

from autograder.authoring.variants import Misconception
from autograder.demo import hostile
from autograder.demo.notebooks import Draft, function_names, with_footer
from autograder.demo.people import NAMES
from autograder.grading.material import Material
from autograder.unit import Exercise

Expectation = Literal["full", "less", "zero", "ungradable"]
_RIGHT, _ALTERNATIVES, _MISCONCEPTIONS = 3, 6, 10


class Role(msgspec.Struct, frozen=True):
    """One student of the class.

    Args:
        student: name of the folder.
        kind: what is special about the submission, in a few words.
        expectation: ``full`` score, ``less`` than that but something, ``zero``, or ``ungradable``.
        notebook: the file's bytes.
        misconceptions: ids that feedback should name.
        says: what the record's reason or messages should contain.
    """

    student: str
    kind: str
    expectation: Expectation
    notebook: bytes
    misconceptions: tuple[str, ...] = ()
    says: str = ""


def cast(material: Material) -> tuple[Role, ...]:
    """Return the class of a unit, sorted by student; the same every time."""
    roles = [*_learners(material), *_unlucky(material), *_careless(material), *_hostile(material), *_unreadable(material)]
    # 7 and 60 have no common factor: neighbours in the list of names get different kinds of roles.
    named = [msgspec.structs.replace(role, student=NAMES[7 * i % len(NAMES)]) for i, role in enumerate(roles)]
    return tuple(sorted(named, key=lambda role: role.student))


def _role(kind: str, expectation: Expectation, notebook: Draft | bytes, misconceptions: Sequence[str] = (), says: str = "") -> Role:
    return Role("", kind, expectation, notebook if isinstance(notebook, bytes) else notebook.data(), tuple(misconceptions), says)


def _spread(variants: Sequence[Misconception], count: int) -> list[Misconception]:
    """Return some misconceptions, the first of each exercise before the second of any."""
    groups: dict[str, list[Misconception]] = {}
    for variant in variants:
        groups.setdefault(variant.exercise, []).append(variant)
    turns = [[group[turn] for group in groups.values() if turn < len(group)] for turn in range(count)]
    return [variant for turn in turns for variant in turn][:count]


def _learners(material: Material) -> Iterator[Role]:
    for _ in range(_RIGHT):
        yield _role("right", "full", Draft(material))
    first: dict[str, str] = {}
    for alternative in material.alternatives:
        if alternative.exercise not in first and len(first) < _ALTERNATIVES:
            first[alternative.exercise] = alternative.id
            yield _role(f"alternative {alternative.id}", "full", Draft(material, {alternative.exercise: material.source(alternative)}))
    chosen = _spread(material.misconceptions, _MISCONCEPTIONS)
    for one in chosen:
        yield _role(f"misconception {one.id}", "less", Draft(material, {one.exercise: material.source(one)}), [one.id])
    if len(pair := chosen[:3:2]) == 2:
        both = {one.exercise: material.source(one) for one in pair}
        yield _role("two misconceptions", "less", Draft(material, both), [one.id for one in pair])
    ids = [cell.id for cell in material.notebook.cells if cell.is_solution]
    for part in (3, 2):
        late = {id_: material.stub[id_] for id_ in ids[len(ids) // part :]}
        yield _role(f"solved the first 1/{part}", "less", Draft(material, late), says="Not written yet")
    yield _role("untouched", "zero", Draft(material, material.stub), says="Not written yet")


def _unlucky(material: Material) -> Iterator[Role]:
    """Yield notebooks that were damaged on the way, though not beyond reading."""
    exercises = material.unit.exercises
    first, second, last = exercises[0], exercises[min(1, len(exercises) - 1)], exercises[-1]
    broken = material.notebook.solution(second.id) + "\nprint('done'))\n"
    yield _role("syntax error in one cell", "less", Draft(material, {second.id: broken}), says="SyntaxError")

    draft = Draft(material)
    draft.remove([first.id, last.id, *[f"check-{e.id}" for e in exercises]])
    yield _role("deleted cells", "less", draft, says="has no cell")

    draft = Draft(material, {first.id: material.stub[first.id]})
    again = draft.insert(draft.position(first.id) + 1, material.notebook.solution(first.id), first.id)
    again["metadata"] = dict(draft.cell(first.id)["metadata"])
    yield _role("doubled cell id, the second try is right", "full", draft, says="has 2 cells")

    draft = Draft(material)
    for cell in draft.cells:
        cell["metadata"] = {}
        del cell["id"]
    yield _role("lost metadata and ids", "full", draft, says="has lost its id")

    draft = Draft(material)
    draft.cells.insert(draft.position(first.id), draft.cells.pop(draft.position(second.id)))
    draft.insert(draft.position(first.id), hostile.HELPERS, "my-helper")
    draft.insert(len(draft.cells), hostile.EXPERIMENT, "my-experiment")
    yield _role("moved cells, own helpers and plots", "full", draft)


def _careless(material: Material) -> Iterator[Role]:
    """Yield code that takes too much, and answers of the wrong kind."""
    first, last = material.unit.exercises[0], material.unit.exercises[-1]
    yield _role("endless loop in a function", "less", _redefined(material, last, hostile.LOOP_IN_FUNCTION), says="ran out of time")
    looping = material.notebook.solution(last.id) + hostile.LOOP_IN_CELL
    yield _role("endless loop in a cell", "less", Draft(material, {last.id: looping}), says="did not finish within")
    yield _role("memory hog", "less", _redefined(material, last, hostile.MEMORY_HOG), says="memory")
    yield _role("prints 100 MB", "full", _with_cell(Draft(material), 0, hostile.LOUD))
    leaving = material.notebook.solution(first.id) + hostile.EXIT
    yield _role("exits while a cell runs", "less", Draft(material, {first.id: leaving}), says="ended the process")
    for kind, spoil in (
        ("returns NaN", hostile.CARELESS_NAN),
        ("changes its inputs", hostile.CARELESS_MUTATION),
        ("returns lists", hostile.CARELESS_LISTS),
    ):
        draft = Draft(material, with_footer(material, hostile.WRAP))
        yield _role(kind, "less", _with_cell(draft, 0, spoil + hostile.CARELESS))


def _hostile(material: Material) -> Iterator[Role]:
    yield _role("forges results", "zero", _with_cell(Draft(material, material.stub | _forged(material)), 0, hostile.FORGER_TOOLS))
    reading = {e.id: _definitions(e, hostile.READER) for e in material.unit.exercises}
    yield _role(
        "reads hidden files", "zero", _with_cell(Draft(material, material.stub | reading), 0, hostile.READER_TOOLS), says="found nothing"
    )
    yield _role("starts processes and threads", "full", _with_cell(Draft(material), 0, hostile.BOMBS))
    yield _role("odd characters everywhere", "less", _odd(material), says="<script>")


def _unreadable(material: Material) -> Iterator[Role]:
    whole = Draft(material).data()
    yield _role("cut off in the middle", "ungradable", whole[: len(whole) // 2], says="in the middle")
    yield _role("empty file", "ungradable", b"", says="empty")
    yield _role("login page", "ungradable", hostile.LOGIN_PAGE, says="web page")
    others = [name for name in material.course.units() if name != material.name]
    other = others[0] if others else "u00_other"
    foreign = Draft(material)
    foreign.cells.clear()
    foreign.insert(0, f"# {other}\nimport numpy as np\n", "setup-other")
    foreign.insert(1, "def exercise_of_another_unit(x):\n    return x + 1\n", "exercise_of_another_unit")
    foreign.metadata["autograder"] = {"unit": other}
    yield _role("notebook of another unit", "ungradable", foreign, says=other)


# ---------------------------------------------------------------------- cells
def _definitions(exercise: Exercise, template: str) -> str:
    return "\n\n".join(template.strip("\n").replace("NAME", name) for name in function_names(exercise)) + "\n"


def _redefined(material: Material, exercise: Exercise, template: str) -> Draft:
    return Draft(material, {exercise.id: material.notebook.solution(exercise.id) + "\n\n" + _definitions(exercise, template)})


def _with_cell(draft: Draft, position: int, source: str) -> Draft:
    draft.insert(position, source, "added-by-student")
    return draft


def _forged(material: Material) -> dict[str, str]:
    """Return a forged cell for each exercise, each of another kind."""
    cells = {}
    for number, exercise in enumerate(material.unit.exercises):
        body = hostile.FORGERIES[number % len(hostile.FORGERIES)]
        functions = []
        for name in function_names(exercise):
            count = len(material.unit.signatures[name].returns)
            functions.append(f"def {name}(*args, **kwargs):\n{body.replace('COUNT', str(count))}\n")
        cells[exercise.id] = "\n\n".join(functions)
    return cells


def _odd(material: Material) -> Draft:
    """Return a notebook with unpaired surrogates, terminal codes, HTML and reversed text wherever a student can put text."""
    exercises = material.unit.exercises
    spoilt = {exercises[-1].id: _definitions(exercises[-1], hostile.ODD_FUNCTION)}
    if len(exercises) > 2:
        spoilt[exercises[-2].id] = _definitions(exercises[-2], hostile.ODD_ANSWER)
    draft = Draft(material, spoilt)
    for cell in draft.cells:
        if cell["cell_type"] == "code":
            cell["outputs"] = [
                {"name": "stdout", "output_type": "stream", "text": [hostile.ODD_TEXT]},
                {"data": {"text/html": [hostile.ODD_TEXT]}, "metadata": {}, "output_type": "display_data"},
            ]
            cell["id"] = hostile.ODD_TEXT + str(cell["id"])
    added = draft.insert(0, hostile.ODD_CELL, hostile.ODD_TEXT)
    added["metadata"] = {"nbgrader": {"grade_id": hostile.ODD_TEXT, "grade": True, "points": 1000}, "tags": [hostile.ODD_TEXT]}
    return draft
