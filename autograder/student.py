"""What a student's notebook imports."""


def check(exercise: str) -> None:
    """Placeholder until the student's side lands."""


def milestone(name, run, needs=()):
    """Placeholder until the student's side lands."""
    return run()
