"""Run Python as an ordinary user who can read the interpreter: ``as_user.py USER ARGUMENT...``."""

from __future__ import annotations

import os
import sys

from tests.autograder.sandbox.inside import switch_user

if __name__ == "__main__":
    switch_user(int(sys.argv[1]))
    os.execv(sys.executable, [sys.executable, *sys.argv[2:]])
