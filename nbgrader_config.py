"""nbgrader's configuration of this course: every command as usual, scores from our sandbox.  See docs/nbgrader.md."""

import os
import sys
import warnings
from pathlib import Path

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # before NumPy starts threads: one submission is graded on one core

_root = Path(__file__).parent.resolve()
_bin = str(Path(sys.executable).parent)
if _bin not in os.environ.get("PATH", "").split(os.pathsep):  # nbgrader runs the bare command alembic
    os.environ["PATH"] = _bin + os.pathsep + os.environ.get("PATH", os.defpath)

warnings.filterwarnings("ignore", message=r"Object of type <Submitted\w+> not in session")  # nbgrader 0.9 with SQLAlchemy 2, on every submission

c = get_config()  # noqa: F821 - traitlets defines it

# Folders: what `autograder build` made is what is released; solutions and hidden tests never enter a notebook.
c.CourseDirectory.root = str(_root)
c.CourseDirectory.course_id = "default_course"  # the course's folder in the exchange; PostgreSQL refuses nbgrader's empty one
c.CourseDirectory.source_directory = "assignments"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.db_url = os.environ.get("AUTOGRADER_GRADEBOOK") or f"sqlite:///{_root / 'gradebook.db'}"

# generate_assignment: fills the gradebook; the stubs are in the built notebook already.
c.GenerateAssignment.preprocessors = [
    "nbgrader.preprocessors.CheckCellMetadata",
    "nbgrader.preprocessors.ComputeChecksums",
    "nbgrader.preprocessors.SaveCells",
    "autograder.gradebook.steps.AsBuilt",
]

# autograde: no kernel; the cells are restored from the unit, graded in the sandbox, and saved by nbgrader's own steps.
c.Autograde.exporter_class = "autograder.gradebook.steps.SubmissionReader"
c.Autograde.sanitize_preprocessors = [
    "autograder.gradebook.steps.RestoreCells",
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.Autograde.autograde_preprocessors = [
    "autograder.gradebook.steps.GradeInSandbox",
    "nbgrader.preprocessors.SaveAutoGrades",
    "autograder.gradebook.steps.FlagUngradable",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
c.OverwriteCells.add_missing_cells = True
c.Autograde.pre_convert_hook = "autograder.gradebook.steps.adopt_renamed"  # a student's only notebook, whatever it is called

# zip_collect: students as `autograder grade` finds them in a learning platform's download.
c.ZipCollectApp.collector_plugin = "autograder.gradebook.downloads.DownloadedNames"
