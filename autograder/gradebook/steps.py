"""The steps of nbgrader's commands that are ours; ``nbgrader_config.py`` names them.

``nbgrader autograde`` reads a submission (:class:`SubmissionReader`), restores its cells (:class:`RestoreCells`), grades it
outside of any kernel (:class:`GradeInSandbox`) and lets nbgrader save the scores; :class:`FlagUngradable` takes back the
zeros of what nobody could read.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any, cast

import msgspec
import nbformat
from traitlets import Enum
from traitlets.log import get_logger

from autograder.course import Course
from autograder.gradebook.cells import restored_notebook, show_outcomes
from autograder.gradebook.layout import refuse_other_layout
from autograder.gradebook.library import NbGraderPreprocessor, NotebookExporter, be_patient, open_gradebook
from autograder.grading.material import Material
from autograder.grading.worker import Grader
from autograder.sandbox import Level, choose_level
from autograder.submissions.collect import Submission
from autograder.submissions.files import Problem, notebook_entry, read_regular

Result = tuple[Any, Any]
be_patient()  # of the whole process: nbgrader opens the gradebook anew in each step


class _Kept:
    """Units and graders of this process, warm from one submission to the next; renewed when a unit's files change."""

    def __init__(self) -> None:
        self._materials: dict[tuple[Path, str], tuple[str, Material]] = {}
        self._graders: dict[tuple[Path, str, Level], tuple[Material, Grader]] = {}
        atexit.register(self.close)

    def material(self, root: Path, unit: str) -> Material:
        """Return a unit of the course in ``root``."""
        course = Course(root)
        digest, material = self._materials.get((root, unit), ("", None))
        if material is None or digest != course.tests_sha256(unit):
            material = Material(course, unit)
            self._materials[root, unit] = (material.tests_sha256, material)
        return material

    def grader(self, material: Material, level: Level) -> Grader:
        """Return the warm grader of a unit."""
        key = (material.course.root, material.name, level)
        known, grader = self._graders.get(key, (None, None))
        if grader is None or known is not material:
            if grader is not None:
                grader.close()
            grader = Grader(material, level)
            self._graders[key] = (material, grader)
        return grader

    def close(self) -> None:
        """End all graders."""
        while self._graders:
            self._graders.popitem()[1][1].close()


_kept = _Kept()


class _Place(msgspec.Struct, frozen=True):
    """What nbgrader is converting: the course's folder, the unit, the student, and the submitted file."""

    root: Path
    unit: str
    student: str
    path: Path
    url: str

    @classmethod
    def of(cls, exporter: Any, resources: Any) -> _Place:
        """Return the place that an exporter of nbgrader's is at."""
        names, folders = resources["nbgrader"], exporter.parent.coursedir
        folder = Path(folders.format_path(folders.submitted_directory, names["student"], names["assignment"]))
        return cls(Path(folders.root).resolve(), names["assignment"], names["student"], folder / f"{names['notebook']}.ipynb", names["db_url"])

    def submission(self) -> Submission:
        """Return the submitted file, read within bounds."""
        entry = notebook_entry(self.path, (self.path.name,))
        return Submission(self.student, self.path, entry.data, entry.problem)

    def material(self) -> Material:
        """Return the unit."""
        return _kept.material(self.root, self.unit)


class SubmissionReader(NotebookExporter):
    """Starts from an empty notebook when the file is a submission, so that one nobody can read stops nothing; ``RestoreCells`` fills it."""

    def from_filename(self, filename: str, resources: Any = None, **kw: Any) -> Result:
        """Return the notebook as it is after all steps."""
        if Path(filename) == _Place.of(self, resources).path:
            return cast("Result", self.from_notebook_node(nbformat.v4.new_notebook(), resources, **kw))
        return cast("Result", super().from_filename(filename, resources, **kw))


def adopt_renamed(notebooks: list[str], **_names: object) -> None:
    """Hook before a submission is converted: a student's only notebook is graded whatever it is called, as ``autograder grade`` does.

    nbgrader looks for the released name; a copy under that name is put beside the student's file.

    Args:
        notebooks: nbgrader's list of the submission's notebooks; changed in place.
    """
    folders = {Path(path).parent for path in notebooks}
    if len(folders) != 1 or not notebooks:
        return
    folder = folders.pop()
    wanted = folder / f"{folder.name}.ipynb"
    if str(wanted) in notebooks:
        return
    if len(notebooks) > 1:
        names = " and ".join(sorted(Path(path).name for path in notebooks))
        get_logger().warning("%s: none of %s is called %s; keep one, or rename one", folder, names, wanted.name)
        return
    try:
        wanted.write_bytes(read_regular(Path(notebooks[0])))
    except Problem as problem:
        get_logger().warning("%s: not graded: %s", notebooks[0], problem)
        return
    get_logger().warning("%s: graded as %s", notebooks[0], wanted.name)
    notebooks[:] = [str(wanted)]


class AsBuilt(NbGraderPreprocessor):
    """Last step of ``generate_assignment``: the released notebook is what ``autograder build`` made, byte for byte."""

    def preprocess(self, nb: Any, resources: Any) -> Result:
        """Drop what the steps that fill the gradebook added to the cells."""
        for cell in nb.cells:
            for name in ("checksum", "cell_type"):
                cell.metadata.get("nbgrader", {}).pop(name, None)
        return nb, resources


class RestoreCells(NbGraderPreprocessor):
    """First step of sanitizing: the student's cells with the unit's metadata, whatever the submission claims."""

    def preprocess(self, nb: Any, resources: Any) -> Result:
        """Return the restored notebook; raises ``UsageError`` when the gradebook has another version of the unit."""
        place = _Place.of(self.parent, resources)
        material = place.material()
        with open_gradebook(place.url) as gradebook:
            refuse_other_layout(gradebook, material)
        return nbformat.from_dict(restored_notebook(place.submission().data, material)), resources


class GradeInSandbox(NbGraderPreprocessor):
    """In place of ``Execute``: grades the submitted file as ``autograder grade`` does and writes the outcome into its check cells."""

    sandbox = Enum(("", "ns", "ll", "none"), default_value="", help="Sandbox level; the best there is by default.").tag(config=True)

    def preprocess(self, nb: Any, resources: Any) -> Result:
        """Return the notebook with outcomes; raises ``SandboxError`` when this machine cannot grade, and nothing is scored then."""
        place = _Place.of(self.parent, resources)
        material = place.material()
        level = choose_level(cast("Level | None", self.sandbox or None))
        try:
            record = _kept.grader(material, level).grade(place.submission())
        except BaseException:  # the formgrader's server lives on: a grader that failed once is not used again
            _kept.close()
            raise
        show_outcomes(nb.cells, record, material)
        nb.cells[:] = [nbformat.from_dict(cell) for cell in nb.cells]
        resources["autograder"] = {"record": record}
        return nb, resources


class FlagUngradable(NbGraderPreprocessor):
    """After ``SaveAutoGrades``: a submission that could not be graded has no automatic score and waits for a person."""

    def preprocess(self, nb: Any, resources: Any) -> Result:
        """Take the zeros back and say why."""
        record = resources["autograder"]["record"]
        if record.status == "ungradable":
            from autograder.gradebook.book import flag_ungradable

            place = _Place.of(self.parent, resources)
            with open_gradebook(place.url) as gradebook:
                notebook = gradebook.find_submission_notebook(place.unit, place.unit, place.student)
                flag_ungradable(notebook, record)
                gradebook.db.commit()
        return nb, resources
