"""The benchmark of concurrent pushes measures what it says."""

from __future__ import annotations

import pytest

from autograder.grading.material import Material
from autograder.sandbox import choose_level
from benchmarks.pushes import measure


@pytest.mark.usefixtures("needs_sandbox")
def test_concurrent_pushes_are_all_counted(material: Material) -> None:
    """Every student's push has its time, none is lost, and the line says so."""
    pushes = measure(material, choose_level(None), students=4, jobs=2)
    assert len(pushes.seconds) == 4
    assert min(pushes.seconds) > 0
    assert pushes.lost == 0
    assert pushes.sentence().startswith("4 pushes at once")
    assert pushes.sentence().endswith("0 lost or doubled")
