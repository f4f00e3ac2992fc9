"""Whose a file in a learning platform's download is: the plug-in of ``nbgrader zip_collect``; ``nbgrader_config.py`` names it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.errors import UsageError
from autograder.gradebook.bulk import student_id
from autograder.gradebook.library import FileNameCollectorPlugin
from autograder.submissions.collect import collect


class DownloadedNames(FileNameCollectorPlugin):
    """Finds students as ``autograder grade`` does on the same download; a ``named_regexp`` of the course's own goes first.

    A notebook of any name becomes the unit's.  Of a student with several different notebooks none is collected, and the log says so.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._owners: dict[Path, str] | None = None

    def collect(self, submitted_file: str) -> dict[str, str] | None:
        """Return the student and the notebook's name; None for a file that is no submission."""
        if self.named_regexp:
            found: dict[str, str] | None = super().collect(submitted_file)
            return found
        if self._owners is None:
            self._owners = self._found()
        student = self._owners.get(Path(submitted_file).resolve())
        return None if student is None else {"student_id": student, "file_id": f"{self.parent.coursedir.assignment_id}.ipynb"}

    def _found(self) -> dict[Path, str]:
        """Return the student of each notebook that counts: found below the unpacked archives' folders, or lying beside them."""
        extracted = Path(self.parent._format_collect_path(self.parent.extracted_directory))
        holding = [path for path in sorted(extracted.iterdir()) if path.suffix == ".ipynb" or (path.is_dir() and any(path.rglob("*.ipynb")))]
        try:
            submissions = collect(holding, self.parent.coursedir.assignment_id)
        except UsageError as error:
            self.log.warning("%s", error)
            return {}
        for submission in submissions:
            if submission.problem:
                self.log.error("Not collected: %s: %s", submission.student, submission.problem)
        return {s.path.resolve(): student_id(s.student) for s in submissions if s.path is not None and not s.problem}
