"""Benchmarks: one module per claim. Each prints its figures beside a floor measured in the same run.

`python -m benchmarks` runs them all; `python -m benchmarks ingest` one. RESULTS.md keeps figures with date and commit.
"""
