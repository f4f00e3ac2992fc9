"""What the zygote imports once, so that a child never has to, and the names that a child must not find."""

from __future__ import annotations

import contextlib
import importlib
import importlib.abc
import importlib.machinery
import os
import sys
from collections.abc import Iterable, Sequence
from types import ModuleType

# Used by student code or imported late by NumPy; loading them here costs nothing per child.
STANDARD = """
abc bisect cmath collections collections.abc contextlib copy csv dataclasses datetime decimal enum fractions functools
heapq importlib.util inspect io itertools json math numbers operator pathlib pprint queue random re statistics string
struct tempfile textwrap threading time timeit traceback types typing unicodedata warnings ast linecache tokenize pickle hashlib
""".split()  # noqa: SIM905 - words are easier to read and to change than a list of this length
NUMPY = ["numpy.random", "numpy.linalg", "numpy.fft", "numpy.ma", "numpy.polynomial", "numpy.lib.stride_tricks", "numpy.testing"]


def warm(modules: Iterable[str]) -> None:
    """Import the standard modules and ``modules``; run once what NumPy and torch set up on first use."""
    for name in STANDARD:
        importlib.import_module(name)
    for name in modules:
        importlib.import_module(name)
        if name == "numpy":
            _warm_numpy()
        if name == "torch":
            _warm_torch()


def _warm_numpy() -> None:
    for name in NUMPY:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    import numpy as np

    square = np.eye(3)
    np.linalg.svd(square @ square)
    np.einsum("ij,jk->ik", square, square)
    np.random.default_rng(0).normal(size=3)
    np.array2string(square)


def _warm_torch() -> None:
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.ReLU())
    optimizer = torch.optim.Adam(model.parameters())
    torch.nn.functional.cross_entropy(model(torch.ones(2, 4)), torch.tensor([0, 1])).backward()
    optimizer.step()


class NotInstalled(importlib.abc.MetaPathFinder):
    """Makes an installed package that the profile leaves out look as if it were not installed.

    This is for a helpful message and the same behaviour at every level; the view is what keeps the files away.
    """

    def __init__(self, sites: Iterable[str], allowed: Iterable[str]) -> None:
        names = {entry.partition(".")[0] for site in sites if os.path.isdir(site) for entry in os.listdir(site)}
        self._hidden = frozenset(names - set(allowed) - sys.stdlib_module_names)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None, /
    ) -> importlib.machinery.ModuleSpec | None:
        """Refuse a hidden name, leave every other to the usual finders."""
        if path is None and fullname in self._hidden:
            raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
        return None


def resolve(dotted: str) -> object:
    """Return the object named ``module:attribute``."""
    module, _, attribute = dotted.partition(":")
    return getattr(importlib.import_module(module), attribute)
