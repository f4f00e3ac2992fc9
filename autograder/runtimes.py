"""What a unit's code runs on: NumPy alone, or PyTorch beside it."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import os

from autograder.errors import UsageError
from autograder.unit import Runtime, Unit

PACKAGES: dict[Runtime, tuple[str, ...]] = {"numpy": ("numpy",), "torch": ("numpy", "torch", "safetensors")}


def lacking(unit: Unit) -> str:
    """Return the package that a unit needs and this machine lacks, empty when there is none; none is imported to find out."""
    return next((name for runtime in unit.runtimes for name in missing(runtime)), "")


def missing(runtime: Runtime) -> tuple[str, ...]:
    """Return the packages of a runtime that this machine lacks; none is imported to find out."""
    return tuple(name for name in PACKAGES[runtime] if importlib.util.find_spec(name) is None)


def require(unit: Unit) -> None:
    """Raise ``UsageError`` when this machine lacks a package that a unit needs."""
    if name := lacking(unit):
        raise UsageError(
            f"unit={unit.name}: its exercises need {name}, which is not installed; install it with: pip install 'autograder[torch]'"
        )


def prepare(unit: Unit) -> None:
    """Make the trusted process ready to run a unit's code.

    torch gets one thread before its first operation: a process with its threads cannot be forked safely, and workers are forks.
    """
    if "torch" not in unit.runtimes:
        return
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(variable, "1")
    importlib.import_module("torch").set_num_threads(1)
    warm_torch()


@functools.cache
def warm_torch() -> None:
    """Make an optimizer, once: the first one of a process imports a second's worth of modules, which no call should be charged with."""
    with contextlib.suppress(ImportError):
        torch = importlib.import_module("torch")
        torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
