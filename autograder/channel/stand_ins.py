"""Modules that student code may import but that grading does not need: they accept anything and do nothing.

A confined child has no matplotlib; a solution cell that imports it for a debugging plot must still define its function.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any, Self

INERT = ("matplotlib", "mpl_toolkits", "IPython", "ipywidgets", "seaborn", "plotly", "tqdm", "graphviz")


class Inert:
    """Accepts calls, attributes, items, arithmetic, ``with`` and unpacking into two; does nothing."""

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def __call__(self, *args: Any, **_: Any) -> Any:
        """Return the first argument when it can be iterated over (``tqdm(batches)``), else itself."""
        return args[0] if args and hasattr(args[0], "__iter__") and not isinstance(args[0], (str, Inert)) else self

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _: Any) -> Inert:
        return self

    def __setitem__(self, _: Any, __: Any) -> None:
        pass

    def __iter__(self) -> Iterator[Inert]:
        return iter((self, self))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _InertModule(types.ModuleType):
    __path__ = []  # noqa: RUF012 - every import system reads it, nobody writes it

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Inert()


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname.split(".", maxsplit=1)[0] in INERT:
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def _nothing(*_: Any, **__: Any) -> None:
    return None


def install() -> None:
    """Put the stand-ins first on the import path, and a do-nothing ``autograder`` in place of the real package."""
    sys.meta_path.insert(0, _Finder())
    for name in [n for n in sys.modules if n == "autograder" or n.startswith("autograder.")]:
        del sys.modules[name]
    package = types.ModuleType("autograder")
    package.__dict__.update(check=_nothing, milestone=_nothing)
    sys.modules["autograder"] = package
