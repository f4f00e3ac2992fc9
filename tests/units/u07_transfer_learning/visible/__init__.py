"""Checks that students run in their notebook."""
