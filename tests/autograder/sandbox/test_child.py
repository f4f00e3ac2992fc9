"""Steps of the confinement that can be tried alone; the whole is tried by ``test_attacks``."""

from __future__ import annotations

import os
import resource
import sys
import threading

import pytest

from autograder.sandbox import child
from autograder.sandbox.model import Bounds
from tests.autograder.sandbox import throwaway

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
    pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning"),
]
BOUNDS = Bounds(cpu_seconds=7.4, memory_mb=64, processes=5, open_files=20, file_mb=2, tmp_mb=1, output_kb=1)


def plan(processes: int | None) -> child.Plan:
    """Return a plan that only limits."""
    return child.Plan("ll", BOUNDS, 1 << 30, None, 0, processes, b"", None, False, None, "/", print)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have all limits")
def test_limits_are_set_for_good() -> None:
    """Each limit has its value, and soft and hard limits are equal, so that none can be raised."""

    def limit() -> object:
        child._limit(plan(5))
        return [
            resource.getrlimit(name)
            for name in (resource.RLIMIT_CPU, resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE, resource.RLIMIT_NPROC)
        ]

    values = (7, (1 << 30) + (64 << 20), 2 << 20, 20, 5)
    assert throwaway.run(limit) == str([(v, v) for v in values])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not have all limits")
def test_limits_never_rise() -> None:
    """A limit that is lower already stays as it is."""

    def limit() -> object:
        resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
        child._limit(plan(None))
        return resource.getrlimit(resource.RLIMIT_NOFILE)

    assert throwaway.run(limit) == "(12, 12)"


def test_threads_are_seen() -> None:
    """A second thread is noticed."""
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    assert not child.is_single_threaded()
    stop.set()
    thread.join()


def test_a_forked_child_has_one_thread() -> None:
    """A fresh fork has one thread, whatever its parent had."""
    assert throwaway.run(child.is_single_threaded) == "True"
