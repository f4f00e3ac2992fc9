"""The trusted side of grading: material, sessions with confined children, workers, the pool and its journal."""
