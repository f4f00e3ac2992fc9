"""Whole notebooks, run in a real kernel."""
