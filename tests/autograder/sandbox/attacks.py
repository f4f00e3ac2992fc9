"""What hostile student code tries, as small programs for a confined child; each leaves its outcome in ``result``.

An outcome starts with ``refused``, or with ``DONE`` when the attack worked.
"""

from __future__ import annotations

from collections.abc import Callable

from autograder.sandbox import syscalls
from tests.autograder.sandbox import forbidden

PREAMBLE = """
import ctypes, errno, fcntl, mmap, os, resource, signal, socket, struct, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)

def system_call(number, *arguments):
    values = [ctypes.c_char_p(a) if isinstance(a, bytes) else ctypes.c_long(a) for a in arguments]
    ctypes.set_errno(0)
    answer = libc.syscall(ctypes.c_long(number), *values)
    return f"refused {errno.errorcode[ctypes.get_errno()]}" if answer == -1 else f"DONE {answer}"

def attempt(action):
    try:
        return f"DONE {action()!r}"[:300]
    except (OSError, MemoryError, RuntimeError, ValueError) as error:
        return f"refused {type(error).__name__} {error}"

def write(path, mode="w"):
    with open(path, mode) as file:
        file.write("x")
    return path
"""

# Paths in braces are filled in by the test: all of them exist and are readable outside the sandbox.
FILES = {
    "read a hidden file": "result = attempt(lambda: open({hidden!r}).read())",
    "read the grader": "result = attempt(lambda: open({grader!r}).read())",
    "list the project": "result = attempt(lambda: [n for n in os.listdir({project!r}) if n != '.venv'] or open({project!r} + '/pyproject.toml').read())",
    "list the processes": "result = attempt(lambda: os.listdir('/proc'))",
    "read the memory map": "result = attempt(lambda: open('/proc/self/maps').read())",
    "read the environment of process 1": "result = attempt(lambda: open('/proc/1/environ').read())",
    "write memory through /proc": "result = attempt(lambda: open('/proc/self/mem', 'r+b'))",
    "read passwords": "result = attempt(lambda: open('/etc/passwd').read())",
    "list home folders": "result = attempt(lambda: os.listdir('/home') + os.listdir('/root'))",
    "list shared memory": "result = attempt(lambda: os.listdir('/dev/shm'))",
    "write to the library": "result = attempt(lambda: write(os.path.dirname(os.__file__) + '/evil.py'))",
    "write to NumPy": "import numpy; result = attempt(lambda: write(numpy.__file__, 'a'))",
    "truncate NumPy while reading": "import numpy; result = attempt(lambda: os.open(numpy.__file__, os.O_RDONLY | os.O_TRUNC))",
    "write to the working folder": "result = attempt(lambda: write('evil'))",
    "write to data": "result = attempt(lambda: write('data/numbers.txt', 'a'))",
    "write to shared memory": "result = attempt(lambda: write('/dev/shm/evil'))",
    "symbolic link out of /tmp": "os.path.lexists('/tmp/l') or attempt(lambda: os.symlink({hidden!r}, '/tmp/l')); result = attempt(lambda: open('/tmp/l').read())",
    "hard link": "result = attempt(lambda: os.link(os.__file__, '/tmp/hard'))",
    "other descriptors": "result = 'refused' if [d for d in range(4096) if not attempt(lambda: os.fstat(d)).startswith('refused')] == [0, 1, 2, 3] else 'DONE'",
    "read standard input": "result = 'refused' if os.read(0, 10) == b'' else 'DONE'",
    "environment": "p = ctypes.POINTER(ctypes.c_char_p).in_dll(libc, 'environ'); result = 'DONE' if os.environ or (p and p[0]) else 'refused'",
    "import another package": "\ntry:\n    import scipy\n    result = 'DONE'\nexcept ImportError as error:\n    result = f'refused {{error}}'",
    "read another package": "import numpy; result = attempt(lambda: open(os.path.dirname(numpy.__path__[0]) + '/pytest/__init__.py').read())",
    "grader's secrets in memory": "result = 'refused' if not {{m for m in sys.modules if m.startswith('autograder.')}} - {{'autograder.errors'}} else 'DONE'",
}

PROCESSES = {
    "fork": "result = attempt(lambda: os.fork() or os._exit(0))",
    "daemonise": "result = attempt(lambda: (os.fork() and os._exit(0), os.setsid(), os.fork()))",
    "run a program": "result = attempt(lambda: os.execv('/bin/sh', ['sh', '-c', 'exit']))",
    "run a child program": "import subprocess; result = attempt(lambda: subprocess.run(['/bin/true']))",
    "kill everything": "result = attempt(lambda: os.kill(-1, 9))",
    "kill the parent": "result = attempt(lambda: os.kill(os.getppid() or 1, 9))",
    "become root": "result = attempt(lambda: os.setuid(0)) if os.getuid() else 'refused'",
    "root without capabilities cannot change user": "result = attempt(lambda: os.setuid(12345))",
    "map shared memory between processes": "import multiprocessing.shared_memory as m; result = attempt(lambda: m.SharedMemory(create=True, size=9))",
    "raise own limits": "result = attempt(lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 45, 1 << 45)))",
    "raise a soft limit": "result = 'refused' if all(a == b for a, b in map(resource.getrlimit, range(10))) else 'DONE'",
    "lock a shared file": "import numpy; result = attempt(lambda: fcntl.flock(open(numpy.__file__), fcntl.LOCK_EX))",
    "lock a range of a shared file": "import numpy; result = attempt(lambda: fcntl.lockf(open(numpy.__file__), fcntl.LOCK_SH))",
    "query locks of a shared file": "import numpy; result = attempt(lambda: fcntl.fcntl(open(numpy.__file__), fcntl.F_GETLK, b' ' * 32))",
    "lease": "import numpy; result = attempt(lambda: fcntl.fcntl(open(numpy.__file__), fcntl.F_SETLEASE, fcntl.F_RDLCK))",
    "pipe size": "result = attempt(lambda: fcntl.fcntl(os.pipe()[0], 1031, 1 << 20))",
    "type into a terminal": "result = attempt(lambda: fcntl.ioctl(0, 0x5412, b'x'))",
    "connect to a container daemon": "result = attempt(lambda: socket.socket(socket.AF_UNIX).connect('/var/run/docker.sock'))",
}

RESOURCES = {
    "100 GB of private memory": "result = attempt(lambda: bytearray(100 << 30))",
    "100 GB of shared memory": "result = attempt(lambda: mmap.mmap(-1, 100 << 30))",
    "100 GB mapped in parts": """
parts = []
def grow():
    for _ in range(100):
        parts.append(mmap.mmap(-1, 1 << 30))
result = attempt(grow)
parts.clear()
""",
    "many descriptors": """
opened = []
def grow():
    for _ in range(10000):
        opened.append(os.dup(0))
result = attempt(grow)
[os.close(fd) for fd in opened]
""",
    "one big file": """
def grow():
    with open('/tmp/big', 'wb', 0) as file:
        for _ in range(1000):
            file.write(bytes(1 << 20))
result = attempt(grow)
""",
    "many files": """
def grow():
    for i in range(20000):
        open(f'/tmp/{i}', 'w').close()
result = attempt(grow)
""",
    "big output": """
def grow():
    for _ in range(1000):
        os.write(1, bytes(1 << 20))
result = attempt(grow)
""",
    "thread bomb": """
stop = threading.Event()
threading.stack_size(32768)
def grow():
    for _ in range(5000):
        threading.Thread(target=stop.wait, daemon=True).start()
result = attempt(grow)
stop.set()
""",
}

# A few calls that a course needs, which must go on working: an outcome of DONE is right.
ORDINARY = {
    "threads work": "t = threading.Thread(target=int); t.start(); t.join(); result = attempt(lambda: t.is_alive())",
    "data is readable": "result = attempt(lambda: open('data/numbers.txt').read())",
    "NumPy works": "import numpy as np; result = attempt(lambda: float(np.linalg.svd(np.random.default_rng(0).normal(size=(20, 20)))[1].sum()))",
    "NumPy's late modules load": "import numpy.ctypeslib, numpy.f2py; result = attempt(lambda: 1)",
    "the library's late modules load": "import sqlite3, ssl, lzma, xml.dom.minidom, asyncio, unittest.mock; result = attempt(lambda: 1)",
    "the null device": "result = attempt(lambda: write(os.devnull))",
    "time passes": "result = attempt(lambda: (time.sleep(0.001), time.time(), time.localtime()))",
    "random bytes": "result = attempt(lambda: len(os.urandom(8)))",
    "recursion": "sys.setrecursionlimit(20000); f = lambda n: n and 1 + f(n - 1); result = attempt(lambda: f(15000))",
}


def call_numbers() -> dict[str, int]:
    """Return the forbidden calls of this machine."""
    return {"x86_64": forbidden.X86_64, "aarch64": forbidden.AARCH64}[syscalls.machine()]


def system_calls() -> dict[str, str]:
    """Return one attack for each forbidden call, and for those that are refused by their arguments."""
    known = syscalls.numbers()
    attacks = {f"call {name}": f"result = system_call({number}, 0, 0, 0, 0, 0)" for name, number in call_numbers().items()}
    families = {"UNIX": 1, "INET": 2, "INET6": 10, "NETLINK": 16, "PACKET": 17, "BLUETOOTH": 31, "ALG": 38, "VSOCK": 40}
    attacks |= {f"socket AF_{n}": f"result = system_call({call_numbers()['socket']}, {f}, 1, 0)" for n, f in families.items()}
    attacks |= {
        "clone without a thread": f"result = system_call({known['clone']}, 17, 0, 0, 0, 0)",
        "clone of memory": f"result = system_call({known['clone']}, 0x4111, 0, 0, 0, 0)",
        "clone into a user namespace": f"result = system_call({known['clone']}, 0x10010100, 0, 0, 0, 0)",
        "clone3": f"result = system_call({known['clone3']}, 0, 0)",
        "openat2": f"result = system_call({known['openat2']}, 0, b'x', 0, 0)",
        "limits of process 1": f"result = system_call({known['prlimit64']}, 1, 0, 0, 0)",
        "prlimit64 that sets": f"result = system_call({known['prlimit64']}, 0, 0, b'0' * 16, 0)",
        "become another user": f"result = system_call({call_numbers()['setuid']}, 0)",
    }
    return attacks


def outcomes(run: Callable[[str], str], places: dict[str, str]) -> dict[str, str]:
    """Run everything in one child through ``run`` and return the outcomes by name."""
    run(PREAMBLE)
    programs = ORDINARY | {name: code.format(**places) for name, code in FILES.items()} | PROCESSES | system_calls() | RESOURCES
    return {name: run(code).strip("'\"") for name, code in programs.items()}
