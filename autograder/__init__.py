"""An auto-graded deep-learning course: notebooks, checks, a sandboxed grader and feedback that names the mistake."""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["check", "milestone"]

if TYPE_CHECKING:
    from autograder.student import check, milestone


def __getattr__(name: str) -> Any:
    """Import what notebooks use when they ask for it, so that a command starts fast."""
    if name in __all__:
        from autograder import student

        return getattr(student, name)
    raise AttributeError(f"module 'autograder' has no attribute {name!r}")
