"""Grading in continuous integration: visible checks of a student's push, hidden tests for a whole class of repositories."""
