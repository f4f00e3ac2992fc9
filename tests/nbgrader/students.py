"""The students' side of nbgrader's exchange, many students in one process; run as a program.

Arguments: ``fetch_assignment``, ``submit`` or ``fetch_feedback``; the unit; a folder that holds a folder per student; students.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import ExchangeFactory
from traitlets.config import Config

ACTIONS = {"fetch_assignment": "FetchAssignment", "submit": "Submit", "fetch_feedback": "FetchFeedback"}


def act(action: str, unit: str, home: Path) -> None:
    """Do what ``nbgrader fetch_assignment``, ``submit`` or ``fetch_feedback`` does, as the student whose folder this is."""
    config = Config()
    config.Exchange.root = str(home.parent.parent / "exchange")
    config.Exchange.cache = str(home / ".cache")
    config.Exchange.assignment_dir = str(home)
    config.CourseDirectory.course_id = "default_course"
    config.CourseDirectory.student_id = home.name
    config.CourseDirectory.assignment_id = unit
    os.chdir(home)
    folder, login = CourseDirectory(config=config), Authenticator(config=config)
    getattr(ExchangeFactory(config=config), ACTIONS[action])(coursedir=folder, authenticator=login, config=config).start()


if __name__ == "__main__":
    for student in sys.argv[4:]:
        own = Path(sys.argv[3], student)
        own.mkdir(parents=True, exist_ok=True)
        act(sys.argv[1], sys.argv[2], own)
