"""What hostile and careless students write; the loops that make processes and threads are bounded, whatever the sandbox."""

from __future__ import annotations

LOOP_IN_FUNCTION = """
def NAME(*args, **kwargs):
    steps = 0
    while True:  # "it converges, just wait"
        steps += 1
"""

LOOP_IN_CELL = """

attempts = 0
while attempts < 10:
    print("trying again")  # attempts never grows
"""

MEMORY_HOG = """
def NAME(*args, **kwargs):
    blocks = []
    while True:
        blocks.append(np.zeros(1 << 25))  # 256 MB each
"""

LOUD = """
for _ in range(100):
    print("debug " * 170_000)
"""

EXIT = """

import os

os._exit(0)  # nothing to see here
"""

FORGER_TOOLS = '''
import builtins
import os
import struct
import sys

import numpy as np
import numpy.testing


def yes(*args, **kwargs):
    """Agree with everything."""
    return True


np.allclose = np.array_equal = np.isclose = np.array_equiv = yes
for name in [n for n in dir(numpy.testing) if n.startswith("assert")]:
    setattr(numpy.testing, name, yes)
builtins.AssertionError = Exception
builtins.all = yes


class Yes:
    """Equal to everything, close to everything, of any shape and type."""

    shape, dtype, ndim, size = (1,), np.dtype(float), 1, 1
    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __contains__ = __call__ = yes

    def __hash__(self):
        return 0

    def __array__(self, *args, **kwargs):
        return np.ones(1)

    def __array_function__(self, *args, **kwargs):
        return True

    def __array_ufunc__(self, *args, **kwargs):
        return True

    def __getattr__(self, name):
        return self

    def __float__(self):
        return 0.0


def forge():
    """Write replies that say "right" to every open descriptor, numbered as the next questions may be."""
    for number in range(2000):
        for body in (b"T", b"TN", b"N" + b"t" + struct.pack("<I", 0)):
            frame = struct.pack("<IHBBI", len(body), 0x4E32, 9, 0, number) + body
            for descriptor in (3, 4, 5):
                try:
                    os.write(descriptor, frame)
                except OSError:
                    break


def skip():
    """Pretend that the test was skipped."""
    kind = type("Skipped", (BaseException,), {"__module__": "_pytest.outcomes"})
    raise kind("passed")
'''

FORGERIES = (
    "    return Yes()",
    "    return tuple(Yes() for _ in range(COUNT))",
    "    forge()\n    return True",
    "    sys.exit(0)",
    "    skip()",
    "    os.write(1, b'PASSED\\n100 passed in 0.01s\\n')\n    return [True] * COUNT",
    "    os._exit(0)",
)

READER_TOOLS = '''
import os
import socket
import sys
import time

found = []
LOOKED_FOR = ("secret", "hidden", "solutions", "misconceptions", "results.jsonl", "grades.csv", ".autograder")


def note(what, action):
    """Try something and keep what it gives."""
    try:
        gained = action()
    except Exception:
        return
    if gained:
        found.append(f"{what}: {str(gained)[:300]}")


def look_around(seconds=1.0):
    """Walk through all folders, for a while."""
    end = time.monotonic() + seconds
    for root in ("/", os.getcwd(), os.path.expanduser("~"), "..", "../..", "/home", "/root", "/srv", "/tmp", "/var/tmp", "/mnt"):
        for folder, folders, files in os.walk(root):
            for name in [*folders, *files]:
                if any(word in name for word in LOOKED_FOR) and "python" not in folder:
                    path = os.path.join(folder, name)
                    note(path, lambda path=path: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(200))
            if time.monotonic() > end:
                return


look_around()
note("environment", lambda: dict(os.environ))
note("arguments of the parent", lambda: open(f"/proc/{os.getppid()}/cmdline").read())
note("environment of the parent", lambda: open(f"/proc/{os.getppid()}/environ").read())
note("memory of the parent", lambda: open(f"/proc/{os.getppid()}/maps").read())
note("other processes", lambda: [n for n in os.listdir("/proc") if n.isdigit()])
note("grader", lambda: [n for n in sys.modules if n.startswith("autograder.") and n != "autograder.errors"])
note("test library", lambda: __import__("pytest"))
note("network", lambda: socket.create_connection(("192.0.2.1", 80), timeout=0.5))
note("name service", lambda: socket.getaddrinfo("example.org", 80))
note("container daemon", lambda: socket.socket(socket.AF_UNIX).connect("/var/run/docker.sock") or "connected")
note("parent's descriptors", lambda: [d for d in range(4, 256) if os.path.exists(f"/proc/self/fd/{d}")])
print(found)
'''

READER = '''
def NAME(*args, **kwargs):
    """Send home what was found."""
    int("found " + (" ".join(found) or "nothing"))
'''

BOMBS = """
import os
import threading
import time

started = 0
try:
    for _ in range(100):
        if os.fork() == 0:
            time.sleep(1)
            os._exit(0)
        started += 1
except OSError as error:
    print("no more processes:", error)

try:
    for _ in range(1000):
        threading.Thread(target=time.sleep, args=(20,), daemon=True).start()
        started += 1
except RuntimeError as error:
    print("no more threads:", error)
print(started, "started")
"""

_ODD = "\x1b[2J\x1b]0;pwned\x07\x1b[31m<script>alert(1)</script><img src=x onerror=alert(2)>\u202egnp.exe\u200b\ud800\x00&amp;'\"|=1+1"
ODD_TEXT = _ODD
ODD_CELL = f"""
# {_ODD.replace(chr(0), "")}
note = {_ODD!r}
print(note)
raise type("<script>alert(4)</script>", (ValueError,), {{}})(note * 3)
"""
ODD_FUNCTION = f"""
def NAME(*args, **kwargs):
    raise ValueError({_ODD!r} * 20)  # <script>alert(3)</script>
"""
ODD_ANSWER = f"""
def NAME(*args, **kwargs):
    return {_ODD!r}
"""

CARELESS = """

def _careless(function):
    def wrapped(*args, **kwargs):
        return _spoilt(function(*args, **kwargs), args)

    return function if isinstance(function, type) else wrapped
"""
WRAP = "\nNAME = _careless(NAME)\n"

CARELESS_NAN = """
import numpy as np


def _spoilt(value, args):
    if isinstance(value, tuple):
        return tuple(_spoilt(v, args) for v in value)
    if isinstance(value, (float, np.floating)):
        return float("nan")
    return np.full_like(value, np.nan) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value
"""

CARELESS_MUTATION = """
import numpy as np


def _spoilt(value, args):
    for item in args:
        for array in item.values() if isinstance(item, dict) else [item]:
            if isinstance(array, np.ndarray) and array.dtype.kind == "f" and array.flags.writeable:
                array *= 0.5  # "saves memory"
    return value
"""

CARELESS_LISTS = """
import numpy as np


def _spoilt(value, args):
    if isinstance(value, tuple):
        return [_spoilt(v, args) for v in value]
    return value.tolist() if isinstance(value, np.ndarray) else value
"""

HELPERS = '''
def describe(name, value):
    """Print what a value is."""
    print(name, type(value).__name__, getattr(value, "shape", ""))
'''
EXPERIMENT = """
import matplotlib.pyplot as plt

describe("a test", np.arange(3.0))
plt.plot(np.arange(3.0))
%timeit np.arange(3.0)
"""

LOGIN_PAGE = b"""<!DOCTYPE html>
<html lang="en"><head><title>Sign in to continue</title></head>
<body><form action="/login" method="post"><input name="user"><input name="password" type="password"></form></body></html>
"""
