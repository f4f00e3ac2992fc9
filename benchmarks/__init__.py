"""Benchmarks: how much the grader costs, as ratios to named peers and limits measured in the same run."""

import os

for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # before NumPy is imported
    os.environ.setdefault(_variable, "1")
