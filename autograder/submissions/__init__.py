"""Finds submissions and turns untrusted notebooks into source cells, without executing or parsing student code."""
