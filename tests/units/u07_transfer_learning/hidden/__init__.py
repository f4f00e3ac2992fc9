"""Tests that decide the grade."""
