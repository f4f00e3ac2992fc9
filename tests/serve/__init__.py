"""Tests of the push server, with real git repositories."""
