"""Benchmarks: how much the grader costs, as ratios to named peers and limits measured in the same run."""
