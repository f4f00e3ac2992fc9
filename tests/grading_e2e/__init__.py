"""End to end: whole classes and hostile submissions through the real grader and its sandbox."""
