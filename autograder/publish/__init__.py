"""The repository students get: assignments, a wheel of the package, checks on push, and a proof that nothing hidden is in it."""
