"""What hostile submissions of the small unit try, as one cell each, and what the answers in it deserve.

A cell that wants to read or write something leaves what came of it in ``OUTCOME``, which starts with ``refused`` or with
``DONE``; its functions raise that as an exception, so that it stands in the record.
"""

from __future__ import annotations

import msgspec

PREAMBLE = """
import builtins, ctypes, gc, os, signal, socket, struct, sys, threading, time
import numpy as np

def attempt(action):
    try:
        return f"DONE {action()!r}"[:300]
    except Exception as error:
        return f"refused {type(error).__name__} {error}"[:300]

def frame(op, number, body):
    return struct.pack("<IHBBI", len(body), 0x4E32, op, 0, number) + body

def of_type(name):
    return next(o for o in gc.get_objects() if type(o).__name__ == name)

"""
TELL = """

def double(x):
    raise RuntimeError(OUTCOME)
"""


class Attack(msgspec.Struct, frozen=True):
    """One attack.

    Args:
        id, category: names.
        cell: what the student adds to the untouched notebook; paths in braces are filled in by the test.
        deserved: points that its answers deserve.
        open_without: whether it gets through with ``sandbox=none``, which shows that the test can fail.
    """

    id: str
    category: str
    cell: str
    deserved: float = 0.0
    open_without: bool = False


def _reach(id_: str, action: str, *, open_without: bool = True) -> Attack:
    return Attack(id_, "reach", f"OUTCOME = attempt(lambda: {action})" + TELL, open_without=open_without)


REACH = (
    _reach("hidden tests", "open('{hidden}').read(60)"),
    _reach("reference", "open('{reference}').read()[-300:]"),
    _reach("misconceptions", "open('{misconceptions}').read(100)"),
    _reach("secret", "open('{secret}').read()"),
    _reach("records", "open('{records}').read()"),
    _reach("another submission", "open('{other}').read()[:400]"),
    _reach("course folder", "os.listdir('{course}')"),
    _reach("grader's code", "open('{grader}').read(100)"),
    _reach("write a hidden test", "os.close(os.open('{hidden}', os.O_WRONLY | os.O_APPEND))"),
    _reach("write the records", "os.close(os.open('{records}', os.O_WRONLY | os.O_APPEND))"),
    _reach("write beside the records", "os.close(os.open('{records}.mine', os.O_WRONLY | os.O_CREAT))"),
    _reach("write another submission", "os.close(os.open('{other}', os.O_WRONLY))"),
    _reach("write NumPy", "os.close(os.open(np.__file__, os.O_WRONLY | os.O_APPEND))", open_without=False),
    _reach(
        "link to a hidden test", "(os.symlink('{hidden}', '/tmp/l-{port}'), open('/tmp/l-{port}').read(60), os.unlink('/tmp/l-{port}'))"
    ),
    _reach("memory map of the grader", "open('/proc/{pid}/maps').read(100)"),
    _reach("command line of the grader", "open('/proc/{pid}/cmdline').read(100)"),
    _reach("signal to the grader", "os.kill({pid}, 0)"),
    _reach("network", "socket.create_connection(('127.0.0.1', {port}), 1).recv(100)"),
    _reach("own environment", "dict(os.environ) or 1 / 0", open_without=False),
    _reach("C environment", "ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')[0] or 1 / 0", open_without=False),
    _reach(
        "other descriptors", "[d for d in range(4, 4096) if attempt(lambda: os.fstat(d)).startswith('DONE')] or 1 / 0", open_without=False
    ),
    _reach(
        "secrets in memory",
        "[o for o in gc.get_objects() if isinstance(o, (dict, list, tuple)) and "
        "any(isinstance(v, str) and v.startswith(chr(67) + 'ANARY') for v in (o.values() if isinstance(o, dict) else o))] or 1 / 0",
        open_without=False,
    ),
    _reach(
        "import the grader",
        "(sys.modules.pop('autograder'), sys.path.insert(0, '{project}'), __import__('autograder.sandbox.wire'))",
    ),
    Attack(
        "inside of a test's function",
        "reach",
        """
def apply_twice(f, x):
    import inspect
    seen = [attempt(lambda: inspect.getsource(f)), attempt(lambda: f.__closure__), attempt(lambda: f.__globals__), attempt(lambda: f.__wrapped__)]
    try:
        f(object())
    except Exception as error:
        seen.append(repr(error))
    raise RuntimeError("refused" if all(s[0] in "rC" for s in seen) else " ".join(seen))
""",
    ),
)

_ALL = """
def double(x):
    return ANSWER

def apply_twice(f, x):
    return ANSWER

def moments(x):
    return ANSWER

half_of_ten = ANSWER
"""


def _answer(id_: str, answer: str, before: str = "") -> Attack:
    return Attack(id_, "forge", before + _ALL.replace("ANSWER", answer))


_YES = """
def yes(*a, **k):
    return True

class Yes:
    shape, dtype, ndim, size = (3,), np.dtype(float), 1, 3
    __eq__ = __ne__ = __lt__ = __gt__ = __le__ = __ge__ = __bool__ = __contains__ = __call__ = yes
    __hash__ = object.__hash__
    def __array__(self, *a, **k): return np.ones(3)
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
    def __float__(self): return 5.0
    def __getattr__(self, name): return self
    def __iter__(self): return iter((self, self))
"""
_SUBCLASS = """
class Sub(np.ndarray):
    def __array_function__(self, *a, **k): return True
    def __array_ufunc__(self, *a, **k): return True
    def __eq__(self, other): return True
    def all(self, *a, **k): return True
"""
_RAISE = """
def fails(*a):
    RAISING

double = apply_twice = moments = fails
"""


def _raising(id_: str, statement: str, before: str = "") -> Attack:
    return Attack(id_, "leave", before + _RAISE.replace("RAISING", statement))


FORGE = (
    _answer(
        "patched NumPy",
        "np.zeros(3)",
        "import numpy.testing as t\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
        "for n in dir(t):\n    n.startswith('assert') and setattr(t, n, lambda *a, **k: None)\n",
    ),
    _answer(
        "patched builtins",
        "0.0",
        "builtins.AssertionError = Exception\nbuiltins.all = builtins.any = builtins.isinstance = lambda *a: True\nbuiltins.abs = lambda x: 0\n",
    ),
    _answer("equal to everything", "Yes()", _YES),
    _answer("a pair equal to everything", "(Yes(), Yes())", _YES),
    _answer("array subclass", "np.ones(3).view(Sub)", _SUBCLASS),
    _answer("array of objects", "np.array([Yes(), Yes(), Yes()], dtype=object)", _YES),
    _answer(
        "float that equals everything", "F(1.0)", "class F(float):\n    __eq__ = __lt__ = lambda *a: True\n    __hash__ = float.__hash__\n"
    ),
    _answer("the test's own function", "SEEN[0] if SEEN else 0", "SEEN = []\n"),
    _answer("text of an answer", "'np.array(5.0)'"),
    _answer("huge integer", "10**1000"),
    _answer("NaN", "np.full(3, np.nan)"),
    _answer("masked array", "np.ma.masked_all(3)"),
    _answer("huge array", "np.zeros(1 << 28)"),
    _answer("endless list", "L()", "class L(list):\n    __len__ = lambda s: 1 << 40\n    __iter__ = lambda s: iter(lambda: 1, 0)\n"),
    _answer("long list", "[0] * 20000"),
    _answer("deep list", "DEEP", "DEEP = []\nfor _ in range(10000):\n    DEEP = [DEEP]\n"),
    _answer("list in itself", "LOOP", "LOOP = []\nLOOP.append(LOOP)\n"),
    _answer("code to unpickle", "P()", "class P:\n    def __reduce__(self): return (os.system, ('id',))\n"),
    _answer("keys that are no keys", "{Yes(): 1, (1, 2.5): 2}", _YES),
    Attack(
        "frames sent beforehand",
        "frames",
        "for n in range(3000):\n    os.write(3, frame(9, n, b'TN') + frame(9, n, b'T'))\n" + _ALL.replace("ANSWER", "True"),
    ),
    Attack("frames sent in a call", "frames", "double = lambda x: [os.write(3, frame(9, n, b'Tt' + bytes(4))) for n in range(500)]\n"),
    Attack("frame of another kind", "frames", "double = lambda x: os.write(3, frame(6, 1, b'N'))\n"),
    Attack("frame of 4 GB", "frames", "double = lambda x: os.write(3, struct.pack('<IHBBI', 0xFFFFFFFF, 0x4E32, 9, 0, 1))\n"),
    Attack("frame of an unknown kind", "frames", "double = lambda x: os.write(3, struct.pack('<IHBBI', 0, 0x4E32, 255, 0, 1))\n"),
    Attack("pickle as a frame", "frames", "import pickle\ndouble = lambda x: os.write(3, pickle.dumps(print) * 9)\n"),
    Attack("list of four billion", "frames", "double = lambda x: [os.write(3, frame(9, n, b'l' + b'\\xff' * 4)) for n in range(500)]\n"),
    Attack(
        "array that overflows",
        "frames",
        "double = lambda x: [os.write(3, frame(9, n, b'a' + bytes((11, 2, 0)) + struct.pack('<QQ', 0, 1 << 63))) for n in range(500)]\n",
    ),
    Attack("closed channel", "frames", "double = lambda x: os.close(3)\n"),
    Attack("channel replaced by a file", "frames", "double = lambda x: os.dup2(1, 3)\n"),
    Attack(
        "forged callbacks",
        "frames",
        "def apply_twice(f, x):\n    [os.write(3, frame(11, n, b'i' + bytes(8) + b'td')) for n in range(500)]\n",
    ),
    Attack("callback that does not exist", "frames", "def apply_twice(f, x):\n    f._server.call_back(10**6, (x,), {})\n    return x\n"),
    Attack("callback with odd arguments", "frames", "def apply_twice(f, x):\n    return f(*[object()] * 50, **{'x' * 1000: f})\n"),
    Attack(
        "callback in a callback",
        "frames",
        "class E:\n    def __rmul__(s, o): return F(s)\n    __mul__ = __rmul__\ndef apply_twice(f, x):\n    global F\n    F = f\n    return f(E())\n",
    ),
    Attack(
        "server patched",
        "frames",
        "type(of_type('Server')).dispatch = lambda *a: (9, b'T' + b't' + bytes(4))\n" + _ALL.replace("ANSWER", "1"),
    ),
    Attack(
        "script replies forged",
        "frames",
        "S = type(of_type('Server'))\nS._script = lambda s, body: b'l' + struct.pack('<I', 12) + 12 * (b't' + struct.pack('<I', 2) + b'i' + struct.pack('<q', 9) + b'b' + struct.pack('<I', 2) + b'TT')\n",
    ),
    Attack(
        "lies about changed arguments",
        "frames",
        "S = type(of_type('Server'))\nS._run = lambda s, *a: (2 * a[1][0], ('<script>alert(1)</script>', 'x' * 10**6))\n\ndef double(x):\n    return 2 * x\n",
        deserved=20.0,  # values right; the test that its input is kept believes the report
    ),
    Attack("right answer, patched NumPy", "honest", "np.allclose = lambda *a: False\n\ndef double(x):\n    return 2 * x\n", deserved=40.0),
)

LEAVE = (
    _raising("sys.exit", "sys.exit(0)"),
    _raising("os._exit", "os._exit(0)"),
    _raising("abort", "os.abort()"),
    _raising("SIGKILL to itself", "os.kill(os.getpid(), signal.SIGKILL)"),
    _raising("segmentation fault", "ctypes.string_at(0)"),
    _raising("KeyboardInterrupt", "raise KeyboardInterrupt"),
    _raising("GeneratorExit", "raise GeneratorExit"),
    _raising("StopIteration", "raise StopIteration"),
    _raising(
        "a skipped test", "raise Skipped('all good')", "Skipped = type('Skipped', (BaseException,), dict(__module__='_pytest.outcomes'))\n"
    ),
    _raising("success as an exception", "raise TestPassed", "class TestPassed(Exception): pass\n"),
    _raising("grader's own exceptions", "raise StudentTimeout", "class StudentTimeout(Exception): pass\n"),
    _raising(
        "exception that cannot be printed", "raise E", "class E(Exception):\n    def __str__(self): raise self\n    __repr__ = __str__\n"
    ),
    _raising("exception of a megabyte", "raise ValueError('<script>alert(1)</script>' * 50000)"),
    _raising("exception with a forged place", "exec(compile('raise ValueError', '<cell <script>alert(2)</script>>', 'exec'))"),
    _raising("terminal codes and reversed text", "raise ValueError('\\x1b[2J\\x1b]0;x\\x07\\u202e\\ud800\\x00<script>alert(3)</script>')"),
    Attack("exit while a cell runs", "leave", "os._exit(0)"),
    Attack("exit with right answers before it", "leave", "def double(x):\n    return 2 * x\n\nos._exit(0)"),
)

EXHAUST = (
    Attack(
        "endless loop that ignores signals",
        "exhaust",
        "for s in range(1, 65):\n    attempt(lambda: signal.signal(s, signal.SIG_IGN))\n\ndef double(x):\n    while True:\n        attempt(lambda: time.sleep(9))\n",
    ),
    Attack("endless cell", "exhaust", "while True:\n    pass\n"),
    Attack("memory", "exhaust", "def double(x):\n    return [np.zeros(1 << 25) for _ in range(100)]\n"),
    Attack("recursion", "exhaust", "sys.setrecursionlimit(10**8)\ndouble = lambda x: double(x)\n"),
    Attack("callback flood", "exhaust", "def apply_twice(f, x):\n    while True:\n        f(x)\n"),
    Attack(
        "threads",
        "exhaust",
        "double = lambda x: [threading.Thread(target=time.sleep, args=(9,), daemon=True).start() for _ in range(1000)]\n",
    ),
    Attack("descriptors", "exhaust", "double = lambda x: [os.dup(0) for _ in range(10**5)]\n"),
    Attack(
        "100 MB of text",
        "exhaust",
        "for _ in range(100):\n    print('x' * 10**6)\n\ndef double(x):\n    print('x' * 10**6)\n    return 2 * x\n",
        deserved=40.0,
    ),
    Attack(
        "text to its own descriptors",
        "exhaust",
        "def double(x):\n    for fd in (1, 2):\n        attempt(lambda: os.write(fd, b'x' * 10**6))\n    return 2 * x\n",
        deserved=40.0,
    ),
    Attack(
        "a thread that talks on the channel",
        "exhaust",
        "threading.Thread(target=lambda: [os.write(3, b'x') for _ in range(10**5)], daemon=True).start()\ntime.sleep(0.1)\n",
    ),
    Attack("parser: brackets", "parse", "(" * 10**5),
    Attack("parser: minus signs", "parse", "-" * 10**5 + "1"),
    Attack("parser: a long sum", "parse", "1" + "+1" * 10**5),
    Attack("parser: zero byte", "parse", "x = 1\0"),
    Attack("parser: power", "parse", "x = 9**9**9"),
)

ATTACKS = {attack.id: attack for attack in (*REACH, *FORGE, *LEAVE, *EXHAUST)}
