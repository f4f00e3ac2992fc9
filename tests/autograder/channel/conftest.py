"""The channel's two ways: a plain call in this process, and a socket to a child."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .worlds import Make, local, served


@pytest.fixture(params=["local", "socket"])
def make(request: pytest.FixtureRequest) -> Iterator[Make]:
    """A function that returns a student with some source loaded, by either way."""
    if request.param == "local":
        yield local
        return
    if not hasattr(os, "fork"):
        pytest.skip("this system cannot fork")
    with served() as make:
        yield make
