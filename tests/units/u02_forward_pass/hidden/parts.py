"""Comparison of an answer that is put together from functions of earlier exercises."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder.testing import assert_close, either, fail


def assert_right(got: Any, right: Any, own: Callable[[], Any], name: str, *, atol: float | None = None, varied: bool = False) -> None:
    """Fail unless an answer is the reference's, or else what the student's own earlier functions give.

    A mistake in an earlier exercise has cost its points there; what is put together rightly from its parts is right.

    Args:
        got, right: the student's answer and the reference's.
        own: puts the answer together from the student's functions.  What is not finite does not count.
        name: what is compared.
        atol: absolute floor, as for ``assert_close``.
        varied: whether an answer of the student's functions that is one number throughout does not count either; every test
            has an example that shows more than that, or functions that do nothing would make all that follows right.
    """

    def of_own_parts() -> None:
        parts = own()
        if not np.all(np.isfinite(parts)) or (varied and np.ptp(parts) == 0):
            fail("What the earlier functions give says nothing.")
        assert_close(got, parts if isinstance(parts, np.ndarray) else float(parts), name, atol=atol)

    either(lambda: assert_close(got, right, name, atol=atol), of_own_parts)
