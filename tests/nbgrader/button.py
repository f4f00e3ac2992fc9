"""Grades one submission as the formgrader's button does; run as a program in the course's folder: unit, student."""

from __future__ import annotations

import json
import sys

from nbgrader.apps import NbGrader
from nbgrader.apps.api import NbGraderAPI

app = NbGrader()
app.load_config_file()
api = NbGraderAPI(config=app.config)
print("\n" + json.dumps(api.autograde(sys.argv[1], sys.argv[2], force=True)))
