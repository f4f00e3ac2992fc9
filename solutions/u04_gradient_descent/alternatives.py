"""Right answers of this unit, written differently."""

from autograder.authoring.variants import Alternative

ALTERNATIVES: tuple[Alternative, ...] = ()
