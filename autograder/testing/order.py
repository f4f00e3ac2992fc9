"""Sees when a function returned the right values in another order."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograder.channel.codec import as_array
from autograder.channel.events import Event
from autograder.unit import Signature

_RTOL = 1e-4  # of the largest entry: wide enough for a numerical gradient, narrow enough for no coincidence
_PLACES = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NAME = re.compile(r"[A-Za-z_]\w*")


def one_of_several(signatures: Mapping[str, Signature], name: str) -> bool:
    """Return whether what was compared is called like one of several results of a function."""
    found = _NAME.match(name)
    return found is not None and any(len(s.returns) > 1 and found[0] in s.returns for s in signatures.values())


def other_order(events: Sequence[Event], signatures: Mapping[str, Signature], name: str, expected: Any) -> str:
    """Return a sentence when what was expected as one of a function's results is another one of them; else nothing.

    Args:
        events: the failing run, as recorded.
        signatures: give the names of returned values.
        name: what was compared; its first word is the result's name.
        expected: array or number that the comparison wanted.
    """
    found = _NAME.match(name)
    for event in reversed(events):
        signature = signatures.get(event.name) if event.kind == "call" else None
        if found is None or signature is None or len(signature.returns) < 2 or found[0] not in signature.returns:
            continue
        if not isinstance(event.result, (tuple, list)) or len(event.result) != len(signature.returns):
            continue
        place = signature.returns.index(found[0])
        for other, value in enumerate(event.result[: len(_PLACES)]):
            if other != place and _same(value, expected):
                order = ", ".join(signature.returns)
                return f"The right {found[0]} is the {_PLACES[other]} value that {event.name} returned: return {order}, in this order."
        return ""
    return ""


def _same(value: Any, expected: Any) -> bool:
    got, want = _numbers(value), _numbers(expected)
    if got is None or want is None or got.shape != want.shape or got.dtype.kind not in "biuf" or want.dtype.kind not in "biuf" or not want.size:
        return False
    got, want = got.astype(float), want.astype(float)
    largest = float(np.abs(want).max())
    with np.errstate(all="ignore"):
        return bool(np.isfinite(largest) and largest > 0 and np.all(np.abs(got - want) <= _RTOL * largest))


def _numbers(value: Any) -> np.ndarray | None:
    """Return an array, a tensor or a number as an array; of anything else, such as a cache that stays beside the student, nothing is asked."""
    if isinstance(value, (np.ndarray, np.generic, float, int)):
        return np.asarray(value)
    torch = sys.modules.get("torch")
    return as_array(value) if torch is not None and isinstance(value, torch.Tensor) else None


__all__ = ["one_of_several", "other_order"]
