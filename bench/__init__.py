"""Benchmarks: ratios of two programs in one run, on the same data and the same work."""
