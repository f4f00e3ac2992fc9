"""Wrong answers of this unit."""

from autograder.authoring.variants import Misconception

MISCONCEPTIONS: tuple[Misconception, ...] = ()
