"""Mutation testing of the hidden tests: break the reference in every small way, and see which breaks no test notices."""
