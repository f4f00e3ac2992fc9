"""Tests of the unit on linear algebra."""
